//! Files of saved sessions.

use std::path::PathBuf;

use otr_store::{Error, saved};

fn take(path: &PathBuf) -> Result<Vec<u8>, Error> {
    saved::take(path, |bytes| Ok(bytes.to_vec()))
}

fn path(name: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::remove_file(&path).ok();
    path
}

#[test]
fn a_session_is_taken_once() {
    let path = path("taken");
    for content in [b"first".as_slice(), b"the second one"] {
        saved::store(&path, b"before").unwrap();
        saved::store(&path, content).unwrap();
        assert_eq!(saved::read(&path).unwrap(), content);
        assert_eq!(take(&path).unwrap(), content);
        assert!(!path.exists());
        let error = take(&path).unwrap_err().to_string();
        assert!(error.contains("taken"), "{error}");
    }
}

/// A wrong key costs nothing.
#[test]
fn what_cannot_be_restored_stays_where_it_is() {
    let path = path("refused");
    saved::store(&path, b"content").unwrap();
    let refuse = |_: &[u8]| Err::<(), Box<dyn std::error::Error>>("the key is wrong".into());
    assert_eq!(saved::take(&path, refuse).unwrap_err().to_string(), "the key is wrong");
    assert_eq!(take(&path).unwrap(), b"content");
    assert!(!path.exists());
}

#[cfg(unix)]
#[test]
fn a_saved_file_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let path = path("private");
    saved::store(&path, b"content").unwrap();
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}

/// Of those who take at the same moment, one gets it.
#[test]
fn of_many_takers_one_succeeds() {
    let path = path("contended");
    saved::store(&path, b"content").unwrap();
    let takers: Vec<_> = (0..8)
        .map(|_| {
            let path = path.clone();
            std::thread::spawn(move || take(&path).is_ok())
        })
        .collect();
    let taken: Vec<_> = takers.into_iter().map(|taker| taker.join().unwrap()).collect();
    assert_eq!(taken.iter().filter(|taken| **taken).count(), 1);
}

/// Who keeps their sessions on another disk, by a symbolic link, keeps them there.
#[cfg(unix)]
#[test]
fn a_session_behind_a_symbolic_link_is_stored_there_again_after_it_was_taken() {
    let [target, middle, link] = ["behind", "between", "in_front"].map(path);
    std::os::unix::fs::symlink(target.file_name().unwrap(), &middle).unwrap();
    std::os::unix::fs::symlink(&middle, &link).unwrap();
    for content in [b"first".as_slice(), b"second"] {
        saved::store(&link, content).unwrap();
        assert_eq!(std::fs::read(&target).unwrap(), content);
        assert_eq!(take(&link).unwrap(), content);
        assert!(link.is_symlink() && middle.is_symlink() && !target.exists());
    }
}
