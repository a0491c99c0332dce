//! Private keys on the disk: what a program that creates, reads and extends them relies on.
#![expect(clippy::unwrap_used, reason = "a test that fails loudly is a good one")]

use std::fs;
use std::path::PathBuf;

use otr_backend_rustcrypto::RustCrypto;
use otr_store::private_key::{Account, add, create, load};
use otr_store::{Error, ParseError, Reason, Syntax};
use otr_traits::{Dsa, SecretKey};

/// A place for a file in a folder of its own, which is removed at the end of a test.
struct Place(PathBuf);

impl Place {
    fn new(name: &str) -> Self {
        let folder =
            PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()));
        fs::create_dir(&folder).unwrap();
        Self(folder.join("otr.private_key"))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let folder = self.0.parent().unwrap();
        let files = fs::read_dir(folder).unwrap().count();
        fs::remove_dir_all(folder).unwrap();
        assert!(files <= 1, "a temporary file was left behind");
    }
}

fn account(name: &str, key: &SecretKey) -> Account {
    Account::new(name, "prpl-jabber", key.duplicate()).unwrap()
}

#[test]
fn file_05_a_file_is_created_loaded_and_extended() {
    let place = Place::new("extended");
    let (first, second) = (RustCrypto.generate().unwrap(), RustCrypto.generate().unwrap());
    create(&place.0, &[account("alice", &first)]).unwrap();
    add(&place.0, account("bob", &second), &RustCrypto).unwrap();

    let loaded = load(&place.0, &RustCrypto).unwrap();
    assert_eq!((loaded.keys.damaged, loaded.exposure), (vec![], None));
    let names: Vec<_> = loaded.keys.accounts.iter().map(Account::name).collect();
    assert_eq!(names, [b"alice".as_slice(), b"bob"]);
    assert_eq!(loaded.keys.accounts[0].key().x(), first.x());
    assert_eq!(loaded.keys.accounts[1].key().x(), second.x());
    assert_eq!(loaded.keys.accounts[1].key().public(), second.public());
}

#[test]
fn no_key_is_ever_overwritten() {
    let place = Place::new("overwritten");
    let (first, second) = (RustCrypto.generate().unwrap(), RustCrypto.generate().unwrap());
    create(&place.0, &[account("alice", &first)]).unwrap();
    let before = fs::read(&place.0).unwrap();

    let error = create(&place.0, &[account("bob", &second)]).unwrap_err();
    assert!(matches!(error, Error::FileExists { .. }), "{error}");
    assert!(
        error
            .to_string()
            .ends_with("the file exists and is not overwritten; choose another name or add to it")
    );
    let error = add(&place.0, account("alice", &second), &RustCrypto).unwrap_err();
    assert!(matches!(error, Error::AccountExists { .. }), "{error}");
    assert_eq!(fs::read(&place.0).unwrap(), before);
}

#[test]
fn file_04_a_damaged_file_is_left_as_it_is() {
    let place = Place::new("damaged");
    let key = RustCrypto.generate().unwrap();
    create(&place.0, &[account("alice", &key), account("bob", &key)]).unwrap();
    let whole = fs::read(&place.0).unwrap();
    let cut = &whole[..whole.len() - 100];
    fs::write(&place.0, cut).unwrap();

    let keys = load(&place.0, &RustCrypto).unwrap().keys;
    assert_eq!((keys.accounts.len(), keys.damaged.len()), (1, 1));
    let error = add(&place.0, account("carol", &key), &RustCrypto).unwrap_err();
    let reason = Reason::Syntax(Syntax::UnclosedAtom);
    assert!(
        matches!(&error, Error::Content { cause: ParseError::Damaged(damage), .. } if damage.reason == reason),
        "{error}"
    );
    assert!(
        error
            .to_string()
            .contains("otr.private_key: line 23, column 6: the text that begins here has no end")
    );
    assert_eq!(fs::read(&place.0).unwrap(), cut);

    fs::write(&place.0, "").unwrap();
    let error = load(&place.0, &RustCrypto).unwrap_err();
    assert!(error.to_string().contains("line 1, column 1: not a private-key file"), "{error}");
}

#[test]
fn a_missing_file_is_told_by_its_name() {
    let place = Place::new("missing");
    let key = RustCrypto.generate().unwrap();
    for error in [
        load(&place.0, &RustCrypto).map(|_| ()).unwrap_err(),
        add(&place.0, account("alice", &key), &RustCrypto).unwrap_err(),
    ] {
        let Error::Io { path, action: "read", cause } = &error else { panic!("{error}") };
        assert_eq!((path, cause.kind()), (&place.0, std::io::ErrorKind::NotFound));
    }
    assert!(!place.0.exists());
}

#[cfg(unix)]
#[test]
fn s_49_loading_warns_of_a_file_that_others_can_read_and_adding_mends_it() {
    use std::os::unix::fs::PermissionsExt;

    let place = Place::new("exposed");
    let key = RustCrypto.generate().unwrap();
    create(&place.0, &[account("alice", &key)]).unwrap();
    fs::set_permissions(&place.0, fs::Permissions::from_mode(0o640)).unwrap();
    assert_eq!(load(&place.0, &RustCrypto).unwrap().exposure.unwrap().mode(), 0o640);
    add(&place.0, account("bob", &key), &RustCrypto).unwrap();
    assert_eq!(load(&place.0, &RustCrypto).unwrap().exposure, None);
    assert_eq!(fs::metadata(&place.0).unwrap().permissions().mode() & 0o777, 0o600);
}
