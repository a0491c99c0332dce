//! Texts, the state of the channel, and the loss of the connection.

use super::*;

#[test]
fn whoever_connects_asks_for_otr_and_texts_travel_encrypted() {
    let mut pair = Pair::connected();
    pair.alice_types("the red boat");
    pair.bob_types("//on the lake");
    assert!(pair.alice.saw("you: the red boat") && pair.bob.saw("them: the red boat"));
    assert!(pair.alice.saw("them: /on the lake"));
    assert!(!pair.leaked("red boat") && !pair.leaked("lake") && pair.leaked("?OTR:"));
}

#[test]
fn without_a_key_nothing_can_be_sent_and_the_making_of_one_is_shown() {
    let folder = tempfile::tempdir().unwrap();
    let mut side = Side::new("alice", true, folder.path());
    side.engine.key_progress(42);
    let status = side.engine.status();
    assert_eq!((status.channel, status.work[0].percent), (Channel::NoKey, 42));
    for line in ["hello", "/otr", "/fingerprint", "/end", "/abort"] {
        side.shown.clear();
        side.type_line(Instant::from_secs(1), line);
        assert!(side.settle(Instant::from_secs(1)).is_empty());
        assert!(side.saw("your key is still being made"), "{line}");
    }
    side.engine.key_ready(account(0, policy(false)));
    assert_eq!(side.channel(), Channel::Plaintext);
    assert!(side.engine.status().work.is_empty());
}

#[test]
fn what_is_typed_too_early_is_held_and_sent_when_there_is_a_session() {
    let mut pair = Pair::apart(policy(false));
    pair.alice_types("too early");
    pair.bob_types("me too");
    assert!(pair.alice.saw("held until there is an encrypted session"));
    pair.connect();
    assert!(pair.bob.saw("them: too early") && pair.alice.saw("them: me too"));
    assert!(pair.alice.saw("what was held has been sent") && !pair.leaked("early") && !pair.leaked("me too"));
}

#[test]
fn whoever_types_no_more_leaves_when_all_has_been_sent() {
    let mut pair = Pair::apart(policy(false));
    pair.alice_types("last words");
    pair.alice.engine.leave_when_idle();
    pair.carry();
    assert!(!pair.alice.has_quit);
    pair.connect();
    assert!(pair.alice.has_quit && pair.bob.saw("them: last words"));
    assert_eq!(pair.bob.channel(), Channel::Finished);
}

#[test]
fn msg_13_after_their_end_nothing_is_sent_until_the_user_acts() {
    let mut pair = Pair::connected();
    pair.alice_types("/end");
    assert_eq!(pair.channels(), [Channel::Plaintext, Channel::Finished]);
    pair.bob_types("not for everybody");
    assert!(pair.bob.saw("not sent: the peer has ended the session") && !pair.leaked("everybody"));
    pair.bob_types("/otr");
    assert_eq!(pair.channels(), [Channel::Unverified; 2]);
    pair.bob_types("for you");
    assert!(pair.alice.saw("them: for you"));
}

#[test]
fn either_side_can_begin_anew_after_the_end() {
    for begins in [Pair::alice_types, Pair::bob_types] {
        let mut pair = Pair::connected();
        pair.alice_types("/end");
        begins(&mut pair, "/otr");
        assert_eq!(pair.channels(), [Channel::Unverified; 2]);
    }
}

#[test]
fn msg_11_clear_text_needs_to_be_allowed_and_ends_with_the_first_session() {
    let mut pair = Pair::apart(policy(true));
    pair.alice_types("to nobody");
    assert!(pair.alice.saw("not sent: nobody is connected"));
    pair.alice.engine.settings.starts = false;
    pair.connect();
    assert_eq!(pair.channels(), [Channel::Plaintext; 2]);
    // The offer in it starts a session.
    pair.alice_types("in clear");
    assert!(pair.alice.saw("you, in clear: in clear") && pair.bob.saw("them?, in clear: in clear"));
    assert_eq!(pair.channels(), [Channel::Unverified; 2]);
    pair.lose();
    pair.alice_types("held back");
    assert!(pair.alice.saw("held until") && !pair.leaked("held back"));
    // Not until the user ends it.
    pair.bob_types("/end");
    pair.connect();
    pair.bob_types("clear again");
    assert!(pair.leaked("clear again"));
}

#[test]
fn msg_01_what_comes_in_clear_is_not_presented_as_theirs() {
    let mut pair = Pair::connected();
    pair.bob.engine.receive(pair.now, Some(Frame::Text(b"send me your key".to_vec())));
    pair.carry();
    assert!(pair.bob.saw("anybody can have written it") && pair.bob.saw("them?, in clear: send me"));
    assert!(!pair.bob.saw("them: send me"));
}

#[test]
fn nothing_that_they_write_governs_the_terminal() {
    let mut pair = Pair::connected();
    pair.alice_types("\u{1b}]0;title\u{7}\u{202e}evil");
    pair.bob.engine.receive(pair.now, Some(Frame::Text(b"?OTR Error: \x1b[2J".to_vec())));
    pair.alice_types("/smp \u{1b}c?");
    pair.alice_types("secret");
    assert!(
        pair.bob.saw("]0;title")
            && pair.bob.saw("they ask: \u{fffd}c?")
            && pair.bob.saw("an error is reported")
    );
    assert!(
        pair.bob
            .shown
            .iter()
            .chain(&pair.alice.shown)
            .all(|line| !line.chars().any(otr_protocol::governs_display))
    );
}

#[test]
fn a_lost_connection_ends_the_session_and_the_next_begins_another() {
    let mut pair = Pair::connected();
    pair.lose();
    assert_eq!(pair.channels(), [Channel::Plaintext; 2]);
    assert!(pair.alice.saw("connection lost: gone; what was on its way may not have arrived"));
    pair.bob_types("still there?");
    assert!(pair.bob.saw("held until there is an encrypted session"));
    pair.connect();
    assert_eq!(pair.channels(), [Channel::Unverified; 2]);
    assert!(pair.alice.saw("them: still there?") && !pair.leaked("still there"));
    assert!(pair.alice.saw("seen before, never verified"));
}

#[test]
fn ake_71_somebody_else_who_comes_instead_is_told_nothing() {
    let mut pair = Pair::connected();
    pair.alice_types("/trust");
    assert_eq!(pair.channels(), [Channel::Verified, Channel::Unverified]);
    pair.lose();
    pair.alice_types("for Bob only");
    let folder = tempfile::tempdir().unwrap();
    pair.bob = Side::new("mallory", false, folder.path());
    pair.bob.engine.key_ready(account(2, policy(false)));
    pair.connect();
    assert_eq!(pair.alice.channel(), Channel::OtherKey);
    assert!(pair.alice.saw("NOT THE VERIFIED KEY"));
    pair.alice_types("nor this");
    assert!(pair.alice.saw("not sent: this is another key than the verified one"));
    pair.alice_types("/file Cargo.toml");
    assert!(!pair.bob.saw("for Bob only") && !pair.bob.saw("nor this") && !pair.bob.saw("offer"));
    // It is a new device of his, after all.
    pair.alice_types("/trust");
    assert_eq!(pair.alice.channel(), Channel::Verified);
    assert!(pair.bob.saw("them: for Bob only"));
}

#[test]
fn misspelt_commands_are_not_sent() {
    let mut pair = Pair::connected();
    for line in ["/emd", "/trust me", "/file", "/file no/such/file"] {
        pair.alice.shown.clear();
        let before = pair.bob.shown.len();
        pair.alice_types(line);
        assert!(pair.alice.shown.iter().any(|line| line.starts_with("! ")), "{line}");
        assert_eq!(pair.bob.shown.len(), before, "{line}");
    }
    pair.alice_types("/help");
    assert!(pair.alice.saw("/fingerprint"));
}

#[test]
fn fingerprints_are_shown_for_comparison() {
    let mut pair = Pair::connected();
    pair.alice_types("/fingerprint");
    let [alice, bob] = [0, 1].map(|number| account(number, policy(false)).fingerprint().to_string());
    assert!(pair.alice.saw(&format!("your fingerprint:  {alice}")));
    assert!(pair.alice.saw(&format!("their fingerprint: {bob} (encrypted, unverified)")));
    assert!(pair.alice.saw("█"));
}
