//! `otr keys`: a folder of libotr's files.

use std::fs;
use std::path::Path;

use crate::driver::fresh_path;
use crate::keys::{complaint, print};

const ALICE: [&str; 4] = ["--account", "alice", "--protocol", "prpl-irc"];
const BOB: &str = "0123456789012345678901234567890123456789";

/// An empty profile.
fn profile(name: &str) -> String {
    let path = fresh_path(&format!("profile-{name}"));
    fs::remove_dir_all(&path).ok();
    path
}

fn keys<'a>(profile: &'a str, arguments: &[&'a str]) -> Vec<&'a str> {
    [&["keys", "--profile", profile], arguments].concat()
}

#[test]
fn a_key_moves_through_otrjs_and_libotr_and_back() {
    let (first, second, third) = (profile("first"), profile("second"), profile("third"));
    let made = print(&keys(&first, &[&["generate"], &ALICE[..]].concat()));
    let fingerprint = made.split('\t').next().unwrap();
    for (format, from, to) in [("otrjs", &first, &second), ("libotr", &second, &third)] {
        let file = fresh_path(format);
        let export = [&["export", "--format", format, "--out", &file], &ALICE[..]].concat();
        assert_eq!(print(&keys(from, &export)), "");
        let imported = print(&keys(to, &[&["import", &file], &ALICE[..]].concat()));
        assert_eq!(imported, made);
        // Whoever holds a secret key does not overwrite another.
        assert!(complaint(&keys(from, &export)).contains(&file));
        assert!(complaint(&keys(to, &[&["import", &file], &ALICE[..]].concat())).contains("not replaced"));
    }
    assert_eq!(print(&keys(&third, &[&["fingerprint"], &ALICE[..]].concat())).trim_end(), fingerprint);
    assert!(complaint(&keys(&third, &["fingerprint"])).contains("otr keys list"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(Path::new(&first)), 0o700);
        assert_eq!(mode(&Path::new(&first).join("otr.private_key")), 0o600);
    }
}

#[cfg(unix)]
#[test]
fn s_49_whoever_imports_a_key_that_others_can_read_is_told() {
    use std::os::unix::fs::PermissionsExt;
    let (first, second) = (profile("open-first"), profile("open-second"));
    let made = print(&keys(&first, &[&["generate"], &ALICE[..]].concat()));
    for format in ["otrjs", "libotr"] {
        let file = fresh_path(&format!("open-{format}"));
        print(&keys(&first, &[&["export", "--format", format, "--out", &file], &ALICE[..]].concat()));
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        fs::remove_dir_all(&second).ok();
        let import = keys(&second, &["import", &file, "--account", "alice", "--protocol", "prpl-irc"]);
        let (code, out, warning) = crate::driver::run(&import);
        assert_eq!((code, &out), (0, &made));
        assert!(warning.contains(&file) && warning.contains("0640"), "{warning}");
    }
}

#[test]
fn trust_is_given_shown_and_taken_away() {
    let profile = profile("trust");
    let with = |arguments: &[&str]| print(&keys(&profile, &[arguments, &ALICE[..]].concat()));
    assert_eq!(print(&keys(&profile, &["list"])), "");
    with(&["trust", "bob", BOB]);
    let listed = "01234567 89012345 67890123 45678901 23456789\tbob\tof alice\tprpl-irc\t";
    assert_eq!(print(&keys(&profile, &["list"])), format!("{listed}verified\n"));
    with(&["trust", "bob", BOB, "--as", ""]);
    assert_eq!(print(&keys(&profile, &["list"])), format!("{listed}not verified\n"));
    // Bob of another account is somebody else.
    assert!(complaint(&keys(&profile, &["forget", "bob", BOB])).contains("no such fingerprint"));
    with(&["forget", "bob", BOB]);
    assert_eq!(print(&keys(&profile, &["list"])), "");
    assert!(complaint(&keys(&profile, &["trust", "bob", "0123"])).contains("40 hexadecimal digits"));
}

#[test]
fn a_damaged_file_is_named_and_left_alone() {
    let profile = profile("damaged");
    fs::create_dir(&profile).unwrap();
    let (private, fingerprints) =
        (format!("{profile}/otr.private_key"), format!("{profile}/otr.fingerprints"));
    fs::write(&private, "(privkeys").unwrap();
    fs::write(&fingerprints, "bob\talice\n").unwrap();
    let (code, out, complaints) = crate::driver::run(&keys(&profile, &["list"]));
    assert_eq!((code, out.as_str()), (0, ""));
    assert!(complaints.contains(&format!("{fingerprints}: line 1, column 1: ")), "{complaints}");
    assert!(complaints.contains(&format!("{private}: line 1, column ")), "{complaints}");
    let (code, ..) = crate::driver::run(&keys(&profile, &["generate"]));
    assert_eq!((code, fs::read(&private).unwrap().as_slice()), (2, b"(privkeys".as_slice()));
}
