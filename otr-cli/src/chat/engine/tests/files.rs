//! Files, and those who interfere.

use std::path::PathBuf;

use super::*;
use crate::chat::file_cipher::CHUNK;
use crate::chat::frame::{FileFrame, Word};

impl Pair {
    /// A file of so many bytes, which Alice offers.
    fn offer(&mut self, size: usize) -> Vec<u8> {
        let content: Vec<u8> = (0..size).map(|number| (number % 251) as u8).collect();
        let path = self._folder.path().join("photo 1.jpg");
        std::fs::write(&path, &content).unwrap();
        self.alice_types(&format!("/file {}", path.display()));
        content
    }

    /// What is in Bob's folder.
    fn received(&self) -> Vec<PathBuf> {
        let Ok(files) = std::fs::read_dir(self._folder.path().join("bob")) else { return Vec::new() };
        let mut files: Vec<_> = files.map(|file| file.unwrap().path()).collect();
        files.sort();
        files
    }
}

#[test]
fn a_file_arrives_as_it_was() {
    for size in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 5 * CHUNK + 7] {
        let mut pair = Pair::connected();
        let content = pair.offer(size);
        assert!(pair.bob.saw("they offer photo 1.jpg (") && pair.received().is_empty());
        pair.bob_types("/accept");
        let [file] = pair.received().try_into().unwrap();
        assert_eq!(std::fs::read(&file).unwrap(), content);
        assert!(file.ends_with("photo 1.jpg"));
        assert!(pair.bob.saw("received: ") && pair.alice.saw("they have received all of photo 1.jpg"));
        assert!(pair.alice.engine.status().work.is_empty() && pair.bob.engine.status().work.is_empty());
        assert!(!pair.leaked("photo"));
    }
}

#[test]
fn a_file_can_be_declined_cancelled_and_offered_again() {
    let mut pair = Pair::connected();
    pair.offer(10);
    pair.bob_types("/decline");
    assert!(pair.alice.saw("they do not want the file") && pair.received().is_empty());
    pair.offer(10);
    pair.offer(10);
    assert!(pair.alice.saw("a file is under way already"));
    pair.alice_types("/cancel");
    assert!(pair.bob.saw("they have cancelled photo 1.jpg"));
    pair.bob_types("/accept");
    assert!(pair.bob.saw("no file is offered") && pair.received().is_empty());
    pair.offer(10);
    pair.bob_types("/accept");
    assert_eq!(pair.received().len(), 1);
    for line in ["/decline", "/cancel", "/accept"] {
        pair.bob_types(line);
    }
    assert!(pair.bob.saw("no file is being sent"));
}

#[test]
fn what_is_too_large_is_declined_at_once() {
    let mut pair = Pair::connected();
    pair.offer((1 << 20) + 1);
    assert!(pair.bob.saw("declined: too large") && pair.alice.saw("they do not want the file"));
}

#[test]
fn a_chunk_that_was_changed_or_left_out_ends_the_transfer() {
    for is_left_out in [false, true] {
        let mut pair = Pair::connected();
        pair.offer(3 * CHUNK);
        pair.bob.type_line(pair.now, "/accept");
        let mut number = 0;
        pair.carry_changed(|frame| match frame {
            Frame::File(id, FileFrame::Next(mut sealed)) => {
                number += 1;
                if number == 2 {
                    sealed[100] ^= 1;
                }
                Some(Frame::File(id, FileFrame::Next(sealed))).filter(|_| number != 2 || !is_left_out)
            }
            frame => Some(frame),
        });
        assert!(pair.bob.saw("not authentic; nothing of it was kept"), "{:?}", pair.bob.shown);
        assert!(pair.alice.saw("they do not want the file, or could not take it"));
        assert!(pair.received().is_empty());
    }
}

#[test]
fn a_file_that_breaks_off_is_not_kept() {
    let mut pair = Pair::connected();
    pair.offer(3 * CHUNK);
    pair.bob.type_line(pair.now, "/accept");
    pair.carry_changed(|frame| match frame {
        Frame::File(_, FileFrame::Last(_)) => None,
        frame => Some(frame),
    });
    assert_eq!(pair.received().len(), 1);
    assert!(!pair.received()[0].ends_with("photo 1.jpg"));
    pair.lose();
    assert!(pair.received().is_empty());
    assert!(pair.bob.saw("photo 1.jpg was not received: the connection is lost"));
    assert!(pair.alice.saw("photo 1.jpg was not sent: the connection is lost"));
}

#[test]
fn words_and_offers_of_others_are_ignored() {
    let mut pair = Pair::connected();
    pair.offer(10);
    let id = offered_id(&pair);
    for word in Word::ALL {
        let forged = || Some(Frame::File(id, FileFrame::Word(word, [7; 16])));
        pair.alice.engine.receive(pair.now, forged());
        pair.bob.engine.receive(pair.now, forged());
    }
    pair.carry();
    assert!(pair.alice.engine.files.are_under_way() && pair.bob.engine.files.are_under_way());
    assert!(!pair.alice.saw("they take the file"));
    // Nobody announced it within the session.
    pair.bob.engine.receive(pair.now, Some(Frame::File([1; 16], FileFrame::Offer(vec![0; 40]))));
    pair.carry();
    assert!(pair.bob.saw("ignored"));
    // What Alice sent comes back to her.
    let file_lines = pair.wire.split(|byte| *byte == b'\n').filter(|line| line.starts_with(br"\:file"));
    for frame in file_lines.map(Frame::decode).collect::<Vec<_>>() {
        pair.alice.engine.receive(pair.now, frame);
    }
    pair.carry();
    assert!(!pair.alice.saw("they offer"));
}

#[test]
fn files_need_a_session_and_do_not_outlive_it() {
    let mut pair = Pair::apart(policy(false));
    pair.offer(10);
    assert!(pair.alice.saw("files are sent in an encrypted session only"));
    pair.connect();
    pair.offer(10);
    pair.alice_types("/end");
    assert!(pair.alice.saw("photo 1.jpg was not sent: the session ends"));
    pair.bob_types("/accept");
    assert!(pair.bob.saw("no file is offered"));
}

fn offered_id(pair: &Pair) -> [u8; 16] {
    let lines = pair.wire.split(|byte| *byte == b'\n').rev();
    let offer = lines.filter_map(Frame::decode).find_map(|frame| match frame {
        Frame::File(id, FileFrame::Offer(_)) => Some(id),
        _ => None,
    });
    offer.unwrap()
}
