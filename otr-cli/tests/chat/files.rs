//! Files, on the screen.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::support::Pair;

#[test]
fn a_file_is_sent_encrypted_and_arrives_as_it_was() {
    let pair = Pair::connected();
    let content = content(700_000);
    fs::write(pair.folders[0].path("photo.jpg"), &content).unwrap();
    pair.alice.line("/file photo.jpg");
    pair.bob.wait_for("they offer photo.jpg (683.59 KiB)");
    pair.alice.wait_for("offering photo.jpg");
    assert!(pair.folders[1].downloads().is_empty());
    pair.bob.line("/accept");
    pair.bob.wait_for("/otr-downloads/photo.jpg");
    pair.alice.wait_for("they have received all of photo.jpg");
    let received = pair.folders[1].path("otr-downloads/photo.jpg");
    assert_eq!(fs::read(&received).unwrap(), content);
    assert_eq!(fs::metadata(&received).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(!pair.wire.saw("photo"));
    // Again, and the first one stays.
    pair.alice.line("/file photo.jpg");
    pair.bob.wait_until("two offers", |contents| contents.matches("they offer photo.jpg").count() == 2);
    pair.bob.line("/accept");
    pair.bob.wait_for("/otr-downloads/photo (2).jpg");
}

#[test]
fn a_file_that_is_declined_or_changed_on_the_way_is_not_kept() {
    let pair = Pair::connected();
    fs::write(pair.folders[0].path("photo.jpg"), content(200_000)).unwrap();
    pair.alice.line("/file photo.jpg");
    pair.bob.wait_for("they offer photo.jpg");
    pair.bob.line("/decline");
    pair.alice.wait_for("they do not want the file");
    pair.wire.change(|line| {
        if line.windows(6).any(|part| part == b" next ") && line.starts_with(br"\:file") {
            let middle = line.len() / 2;
            line[middle] = if line[middle] == b'A' { b'B' } else { b'A' };
        }
    });
    pair.alice.line("/file photo.jpg");
    pair.bob.wait_until("two offers", |contents| contents.matches("they offer photo.jpg").count() == 2);
    pair.bob.line("/accept");
    pair.bob.wait_for("not authentic; nothing of it was kept");
    pair.alice
        .wait_until("two refusals", |contents| contents.matches("they do not want the file").count() == 2);
    assert!(pair.folders[1].downloads().is_empty());
    // The session is as it was.
    pair.alice.line("still here");
    pair.bob.wait_for("Alice: still here");
}

fn content(size: usize) -> Vec<u8> {
    (0..size).map(|number| (number * 7 % 253) as u8).collect()
}
