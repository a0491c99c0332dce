//! What memcheck reports.

use std::fmt;
use std::path::{Path, PathBuf};

use otr_constant_time::operations::VERDICTS;

/// A jump, or an address, that depends on a secret.
pub(crate) struct Report {
    kind: String,
    /// Where, from the inside out; inlined functions are frames, too.
    frames: Vec<Frame>,
}

struct Frame {
    function: String,
    file: PathBuf,
    line: usize,
}

impl Report {
    /// The reports in valgrind's XML, which has each element in a line of its own.
    pub(crate) fn read_all(xml: &str) -> Vec<Self> {
        assert!(xml.contains("</valgrindoutput>"), "valgrind was interrupted");
        let errors = xml.split("<error>").skip(1);
        errors.map(|error| Self { kind: element(error, "kind"), frames: frames(error) }).collect()
    }

    /// Whether it is a jump at a verdict. Only what takes an option apart may have been inlined there.
    pub(crate) fn is_verdict(&self) -> bool {
        let is_ours = |frame: &Frame| frame.file.starts_with(repository());
        let inlined = self.frames.iter().take_while(|frame| !is_ours(frame));
        let is_direct = inlined.clone().all(|frame| frame.function.starts_with("into_option_copied"));
        let Some(place) = self.frames.get(inlined.count()) else { return false };
        let source = place.source();
        self.kind == "UninitCondition"
            && is_direct
            && VERDICTS.iter().any(|verdict| source.contains(verdict.line))
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.kind)?;
        for Frame { function, file, line } in self.frames.iter().take(6) {
            write!(f, "\n    {function} ({}:{line})", file.display())?;
        }
        Ok(())
    }
}

impl Frame {
    /// The line of source.
    fn source(&self) -> String {
        let text = std::fs::read_to_string(&self.file).expect("a file of this repository");
        text.lines().nth(self.line - 1).unwrap_or_default().into()
    }
}

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("this crate is a folder of the repository")
}

/// Those of the place itself; further stacks say where the secret came from.
fn frames(error: &str) -> Vec<Frame> {
    let stack = error.split("</stack>").next().unwrap_or_default();
    let frame = |text: &str| Frame {
        function: element(text, "fn"),
        file: Path::new(&element(text, "dir")).join(element(text, "file")),
        line: element(text, "line").parse().unwrap_or(0),
    };
    stack.split("<frame>").skip(1).map(frame).collect()
}

/// The text of the first element of this name; empty if there is none.
fn element(xml: &str, name: &str) -> String {
    let start = xml.split_once(&format!("<{name}>")).map_or("", |(_, rest)| rest);
    start.split_once("</").map_or("", |(text, _)| text).into()
}
