//! `otr keygen` and `otr fingerprint`.

use std::fs;

use crate::driver::{Pipe, fresh_path, run};

/// Runs it well: what it prints.
pub(crate) fn print(arguments: &[&str]) -> String {
    let (code, out, complaints) = run(arguments);
    assert_eq!((code, complaints.as_str()), (0, ""), "{arguments:?}");
    out
}

/// Runs it badly: what it complains about.
pub(crate) fn complaint(arguments: &[&str]) -> String {
    let (code, out, complaints) = run(arguments);
    assert_eq!((code, out.as_str()), (2, ""), "{arguments:?}: {complaints}");
    complaints
}

/// Lower case, without spaces.
fn hex(fingerprint: &str) -> String {
    fingerprint.replace(' ', "").to_lowercase()
}

#[test]
fn a_key_that_was_made_is_found_again() {
    let path = fresh_path("made");
    let made =
        print(&["keygen", "--out", &path, "--account", "alice@example.org", "--protocol", "prpl-jabber"]);
    assert_eq!(made, print(&["fingerprint", &path]));
    let fields: Vec<_> = made.trim_end().split('\t').collect();
    assert_eq!(fields[1..], ["alice@example.org", "prpl-jabber"]);
    assert_eq!(fields[0].len(), 44);
    let pipe = Pipe::start_with_key(&path, &["--account", "alice@example.org"]);
    assert_eq!(pipe.ready["fingerprint"], hex(fields[0]));
}

#[test]
fn an_existing_file_is_never_overwritten() {
    let path = fresh_path("kept");
    print(&["keygen", "--out", &path]);
    let before = fs::read(&path).unwrap();
    let complaint = complaint(&["keygen", "--out", &path, "--account", "other"]);
    assert!(complaint.contains(&path) && complaint.contains("--add"), "{complaint}");
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn an_account_is_added_on_demand_and_the_first_stays_first() {
    let path = fresh_path("two");
    let first = print(&["keygen", "--out", &path, "--account", "one"]);
    let second = print(&["keygen", "--out", &path, "--account", "two", "--add"]);
    assert_eq!(print(&["fingerprint", &path]), format!("{first}{second}"));
    let fingerprint = |arguments: &[&str]| {
        Pipe::start_with_key(&path, arguments).ready["fingerprint"].as_str().unwrap().to_owned()
    };
    assert_eq!(fingerprint(&[]), hex(&first[..44]));
    assert_eq!(fingerprint(&["--account", "two"]), hex(&second[..44]));
    let before = fs::read(&path).unwrap();
    let complaint = complaint(&["keygen", "--out", &path, "--account", "two", "--add"]);
    assert!(complaint.contains("two"), "{complaint}");
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn an_account_can_be_added_to_a_file_that_is_not_there_yet() {
    let path = fresh_path("added");
    let made = print(&["keygen", "--out", &path, "--add"]);
    assert_eq!(print(&["fingerprint", &path]), made);
}

#[cfg(unix)]
#[test]
fn file_05_nobody_else_may_read_the_key() {
    use std::os::unix::fs::PermissionsExt;
    let path = fresh_path("mode");
    print(&["keygen", "--out", &path]);
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}

#[cfg(unix)]
#[test]
fn s_49_a_file_that_others_can_read_works_but_is_complained_about() {
    use std::os::unix::fs::PermissionsExt;
    let path = fresh_path("open");
    let made = print(&["keygen", "--out", &path]);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let (code, out, warning) = run(&["fingerprint", &path]);
    assert_eq!((code, out), (0, made));
    assert!(warning.contains(&path) && warning.contains("0644"), "{warning}");
}

#[test]
fn nobody_speaks_under_another_name_because_theirs_is_damaged() {
    let path = fresh_path("damaged");
    print(&["keygen", "--out", &path, "--account", "one"]);
    let second = print(&["keygen", "--out", &path, "--account", "two", "--add"]);
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replacen("(x #", "(z #", 1)).unwrap();
    let (code, out, warning) = run(&["fingerprint", &path]);
    assert_eq!((code, &out), (0, &second));
    assert!(warning.contains("line "), "{warning}");
    let refused = complaint(&["pipe", "--key", &path]);
    assert!(refused.contains("choose one with --account from: two"), "{refused}");
    let pipe = Pipe::start_with_key(&path, &["--account", "two"]);
    assert_eq!(pipe.ready["fingerprint"], hex(&second[..44]));
}

#[test]
fn files_that_are_not_there_or_hold_no_keys_are_named() {
    let missing = complaint(&["fingerprint", "no/such/file"]);
    assert!(missing.contains("no/such/file"), "{missing}");
    let unwritable = complaint(&["keygen", "--out", "no/such/folder/key"]);
    assert!(unwritable.contains("no/such/folder"), "{unwritable}");
    let path = fresh_path("garbage");
    fs::write(&path, "not a key").unwrap();
    assert!(complaint(&["fingerprint", &path]).contains(&path));
    assert!(complaint(&["pipe", "--key", &path]).contains(&path));
    assert!(complaint(&["keygen", "--out", &path, "--add"]).contains(&path));
    assert_eq!(fs::read(&path).unwrap(), b"not a key");
}
