//! Connections that are lost, and come back.

use std::io::{Read, Write};
use std::net::TcpStream;

use crate::support::{Folder, Pair};

#[test]
fn a_lost_connection_is_reported_and_the_next_begins_a_new_session() {
    let pair = Pair::connected();
    pair.alice.line("/trust");
    pair.alice.wait_for("encrypted, verified");
    pair.wire.cut();
    pair.alice.wait_for("connection lost");
    pair.bob.wait_for("connection lost");
    pair.alice.wait_for(" plaintext ");
    pair.alice.line("said in between");
    pair.alice.wait_for("held until there is an encrypted session");
    pair.wire.mend();
    pair.bob.wait_for("Alice: said in between");
    pair.alice.wait_for("with the verified key");
    pair.alice.wait_for("encrypted, verified");
    pair.bob.line("welcome back");
    pair.alice.wait_for("Bob: welcome back");
    assert!(!pair.wire.saw("said in between"));
}

#[test]
fn a_program_that_starts_again_is_recognized_and_somebody_else_is_too() {
    let Pair { alice, bob, wire, folders } = Pair::connected();
    alice.line("/trust");
    alice.wait_for("encrypted, verified");
    let address = alice_sees_end(bob, &alice);
    let bob = folders[1].chat(&["--listen", &address]);
    alice.wait_until("a new session", |contents| contents.contains("with the verified key"));
    bob.line("here I am again");
    alice.wait_for("Bob: here I am again");
    drop(bob);
    alice.wait_until("another loss", |contents| contents.matches("connection lost").count() >= 2);
    let mallory = Folder::with_key(2);
    let mallory = mallory.chat(&["--listen", &address]);
    alice.wait_for("ANOTHER KEY");
    alice.line("are you Bob?");
    alice.wait_for("not sent: this is another key");
    assert!(!mallory.shows("are you Bob?") && !wire.saw("are you Bob?"));
}

/// Ends a listener: the address that it had.
fn alice_sees_end(bob: crate::support::Terminal, alice: &crate::support::Terminal) -> String {
    let address = bob.listens_on();
    drop(bob);
    alice.wait_for("connection lost");
    address
}

#[test]
fn whoever_comes_later_is_told_that_the_listener_is_busy() {
    let pair = Pair::connected();
    let mut third = TcpStream::connect(pair.bob.listens_on()).unwrap();
    let mut told = String::new();
    third.read_to_string(&mut told).unwrap();
    assert_eq!(told, "\\:busy\n");
    pair.alice.line("undisturbed");
    pair.bob.wait_for("Alice: undisturbed");
}

#[test]
fn garbage_on_the_connection_is_reported_and_does_no_harm() {
    let folder = Folder::with_key(0);
    let terminal = folder.chat(&["--listen", "127.0.0.1:0"]);
    let mut stream = TcpStream::connect(terminal.listens_on()).unwrap();
    stream.write_all(b"\\:nonsense\n\\x\n?OTR:AAMC\nhello\x1b[2J\n").unwrap();
    stream.write_all(&vec![b'x'; 300_000]).unwrap();
    stream.write_all(b"\n\\:ping\n").unwrap();
    terminal.wait_for("a message came that makes no sense");
    terminal.wait_for("peer?, in clear: hello");
    terminal.wait_until("three complaints", |contents| contents.matches("of no known kind").count() == 3);
    drop(stream);
    terminal.wait_for("connection lost");
    terminal.wait_until("waiting again", |contents| contents.matches("waiting for somebody").count() >= 2);
}
