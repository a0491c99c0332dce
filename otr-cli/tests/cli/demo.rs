//! `otr demo`.

use crate::driver::{otr, run};

fn demo(arguments: &[&str]) -> String {
    let (code, out, complaints) = run(&[&["demo"], arguments].concat());
    assert_eq!((code, complaints.as_str()), (0, ""), "{out}");
    out
}

/// What `line` says after `before`.
fn after<'a>(line: &'a str, before: &str) -> &'a str {
    line.split_once(before).unwrap().1
}

#[test]
fn both_sides_agree_in_both_versions_and_with_fragments() {
    for (arguments, version) in [(&[][..], 3), (&["--v2"], 2), (&["--fragment-size", "200"], 3)] {
        let out = demo(arguments);
        let ids: Vec<_> = out.lines().filter(|line| line.contains("session id: ")).collect();
        assert_eq!(ids.len(), 4, "{out}");
        let id = |index: usize| after(ids[index], "session id: ").get(..17).unwrap();
        assert!(id(0) == id(1) && id(2) == id(3) && id(0) != id(2), "{ids:?}");
        let keys: Vec<_> = out.lines().filter(|line| line.contains("has the key ")).collect();
        for key in &keys {
            assert_eq!(out.matches(after(key, "has the key ")).count(), 3, "{key} {out}");
        }
        assert_eq!(out.matches(&format!("is secured by OTR {version}")).count(), 4, "{out}");
        assert_eq!(out.matches("nobody sits in between").count(), 2, "{out}");
        assert_eq!(out.matches("the peer has ended the session").count(), 1, "{out}");
    }
}

#[test]
fn all_kinds_of_messages_are_shown_and_the_keys_change() {
    let out = demo(&[]);
    for kind in ["whitespace tag", "Query", "D-H Commit", "D-H Key", "Reveal Signature", "Signature"] {
        assert!(out.contains(kind), "{kind}: {out}");
    }
    for keys in ["keys 1→1", "keys 1→2", "keys 2→2"] {
        assert!(out.contains(&format!("Data, {keys}")), "{keys}: {out}");
    }
    assert!(out.lines().count() < 70 && out.lines().all(|line| line.chars().count() <= 110), "{out}");
}

#[test]
fn fragments_fit() {
    let out = demo(&["--fragment-size", "200"]);
    let fragments: Vec<_> = out.lines().filter(|line| line.contains(" fragment ")).collect();
    assert!(fragments.len() > 20, "{out}");
    for line in fragments {
        let (start, _) = line.split_once(" bytes").unwrap();
        let length: usize = start.rsplit(' ').next().unwrap().parse().unwrap();
        assert!(length <= 200, "{line}");
    }
    assert!(out.contains("together: D-H Commit"), "{out}");
}

#[test]
fn decode_shows_the_fields() {
    let fields = ["hash of g^x", "g^y", "revealed key", "encrypted sig", "next D-H key", "old mac keys"];
    let (brief, long) = (demo(&[]), demo(&["--decode"]));
    for field in fields {
        assert!(long.contains(field) && !brief.contains(field), "{field}: {long}");
    }
}

#[test]
fn colour_is_for_terminals() {
    assert!(!demo(&[]).contains('\x1b'));
    let forced = otr(&["demo"]).env("CLICOLOR_FORCE", "1").env_remove("NO_COLOR").output().unwrap();
    assert!(forced.stdout.contains(&0x1b));
    let refused = otr(&["demo"]).env("CLICOLOR_FORCE", "1").env("NO_COLOR", "1").output().unwrap();
    assert!(!refused.stdout.contains(&0x1b));
}
