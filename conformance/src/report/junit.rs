//! A report for continuous integration: JUnit's XML, which most of it reads.

use std::fmt::Write as _;

use super::{Case, GroupReport, Report};

/// Reports as JUnit's XML: a suite for each backend and group, a test for each case.
#[must_use]
pub fn junit(reports: &[Report]) -> String {
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
    for report in reports {
        for group in &report.groups {
            write_suite(&mut xml, &report.backend, group);
        }
    }
    xml.push_str("</testsuites>\n");
    xml
}

fn write_suite(xml: &mut String, backend: &str, group: &GroupReport) {
    let (tests, failures) = (group.cases.len(), group.failed().count());
    let name = escape(&format!("{backend}: {}", group.name));
    line(xml, format_args!("  <testsuite name=\"{name}\" tests=\"{tests}\" failures=\"{failures}\">"));
    for case in &group.cases {
        write_case(xml, &name, case);
    }
    if group.cases.is_empty() {
        // A suite without tests would count as passed.
        line(xml, format_args!("    <testcase classname=\"{name}\" name=\"there is a case\">"));
        line(xml, format_args!("      <failure message=\"nothing was tried\"/>\n    </testcase>"));
    }
    xml.push_str("  </testsuite>\n");
}

fn write_case(xml: &mut String, class: &str, case: &Case) {
    let id = escape(&case.id);
    if case.failures.is_empty() {
        line(xml, format_args!("    <testcase classname=\"{class}\" name=\"{id}\"/>"));
        return;
    }
    line(xml, format_args!("    <testcase classname=\"{class}\" name=\"{id}\">"));
    for failure in &case.failures {
        let (message, text) = (escape(&failure.what), escape(&failure.to_string()));
        line(xml, format_args!("      <failure message=\"{message}\">{text}</failure>"));
    }
    xml.push_str("    </testcase>\n");
}

fn line(xml: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a string does not fail.
    let _ = writeln!(xml, "{text}");
}

/// What may stand in an attribute or an element. Control characters cannot be written in XML at all.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' | '\t' => escaped.push(char),
            control if control.is_control() => escaped.push(char::REPLACEMENT_CHARACTER),
            '\u{fffe}' | '\u{ffff}' => escaped.push(char::REPLACEMENT_CHARACTER),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_report_breaks_the_xml() {
        assert_eq!(
            escape("<a b=\"c\">&\u{1b}\u{0}\r\n"),
            "&lt;a b=&quot;c&quot;&gt;&amp;\u{fffd}\u{fffd}\u{fffd}\n"
        );
        let mut case = Case::new("a<b");
        case.fail(Some(3), "text", "\"x\"", "\u{7}");
        let groups = vec![
            GroupReport { name: "wire", cases: vec![case, Case::new("good")] },
            GroupReport { name: "keys", cases: vec![] },
        ];
        let xml = junit(&[Report { backend: "mine & yours".into(), groups }]);
        let expected = "\
<?xml version=\"1.0\" encoding=\"UTF-8\"?>
<testsuites>
  <testsuite name=\"mine &amp; yours: wire\" tests=\"2\" failures=\"1\">
    <testcase classname=\"mine &amp; yours: wire\" name=\"a&lt;b\">
      <failure message=\"text\">    step 3: text
      expected &quot;x&quot;
      got      \u{fffd}
</failure>
    </testcase>
    <testcase classname=\"mine &amp; yours: wire\" name=\"good\"/>
  </testsuite>
  <testsuite name=\"mine &amp; yours: keys\" tests=\"0\" failures=\"0\">
    <testcase classname=\"mine &amp; yours: keys\" name=\"there is a case\">
      <failure message=\"nothing was tried\"/>
    </testcase>
  </testsuite>
</testsuites>
";
        assert_eq!(xml, expected);
    }
}
