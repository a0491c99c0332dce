//! `otr demo`.

use std::collections::BTreeSet;

use crate::driver::{otr, run};

fn demo(arguments: &[&str]) -> String {
    let (code, out, complaints) = run(&[&["demo"], arguments].concat());
    assert_eq!((code, complaints.as_str()), (0, ""), "{out}");
    out
}

#[test]
fn both_sides_agree_in_both_versions_and_with_fragments() {
    for (arguments, version) in [(&[][..], 3), (&["--v2"], 2), (&["--fragment-size", "200"], 3)] {
        let out = demo(arguments);
        // Version 2 knows no instances: Bob has one client, and two sessions instead of four.
        let (sessions, own, bobs) = if version == 3 { (4, 5, 6) } else { (2, 3, 3) };
        let ids = out.lines().filter_map(|line| line.split_once("session id: "));
        let ids: Vec<_> = ids.map(|(_, id)| id.get(..17).unwrap()).collect();
        let distinct: BTreeSet<_> = ids.iter().collect();
        assert_eq!((ids.len(), distinct.len()), (2 * sessions, sessions), "{out}");
        for id in distinct {
            assert_eq!(out.matches(&format!("session id: {id}")).count(), 2, "{out}");
            assert_eq!(out.matches(&format!("session id {id}: nobody sits in between")).count(), 1, "{out}");
        }
        for (name, count) in [("alice          has the key ", own), ("bob  has the key ", bobs)] {
            let key = out.lines().find_map(|line| line.split_once(name)).unwrap().1;
            assert_eq!(out.matches(key).count(), count, "{key} {out}");
        }
        assert_eq!(out.matches(&format!("is secured by OTR {version}")).count(), 2 * sessions, "{out}");
        assert_eq!(out.matches("(FINISHED)").count(), sessions, "{out}");
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
    assert!(out.lines().count() < 150 && out.lines().all(|line| line.chars().count() <= 110), "{out}");
}

/// SMP-25, SMP-27: with a question and with success, and without one and in vain.
#[test]
fn smp_25_secrets_are_compared_and_trust_follows() {
    for arguments in [&[][..], &["--v2"]] {
        let out = demo(arguments);
        let told = |line: &str| out.matches(line).count();
        assert_eq!(told("alice          is asked: Where did we meet? (25 %)"), 1, "{out}");
        assert_eq!(told("bob  is asked for the secret (25 %)"), 1, "{out}");
        assert_eq!(told("has an answer (60 %)"), 2, "{out}");
        for (result, trust) in [("are equal", "verified"), ("differ", "seen before, not verified")] {
            assert_eq!(told(&format!("learns that the secrets {result} (100 %)")), 2, "{out}");
            assert_eq!(told(&format!("has bob's key as {trust}")), 1, "{out}");
            assert_eq!(told(&format!("has alice's key as {trust}")), 1, "{out}");
        }
    }
}

/// XKEY-01 … XKEY-03.
#[test]
fn xkey_02_both_sides_have_the_extra_key() {
    for arguments in [&[][..], &["--v2"]] {
        let out = demo(arguments);
        assert!(out.contains("bob  is told to take the extra key for photo.jpg"), "{out}");
        assert!(out.contains("have the same key of 32 bytes"), "{out}");
    }
}

/// INST-13: a text goes to the client that it is meant for.
#[test]
fn inst_13_each_of_two_clients_reads_what_is_for_it() {
    for arguments in [&[][..], &["--fragment-size", "200"]] {
        let out = demo(arguments);
        let (_, scene) = out.split_once("Bob turns on his phone").unwrap();
        for (reader, other, text) in
            [("bob ", "bob2", "This is for your computer."), ("bob2", "bob ", "And this for your phone.")]
        {
            assert_eq!(scene.matches(text).count(), 1, "{out}");
            assert!(scene.contains(&format!("{reader} reads, encrypted: {text}")), "{out}");
            assert!(scene.contains(&format!("{other} sees what is for Bob's other client")), "{out}");
        }
    }
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
