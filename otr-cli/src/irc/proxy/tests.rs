//! What passes, what is encrypted, and what goes nowhere.

mod world;

use otr_protocol::{Fingerprint, Policy};
use otr_store::MemoryTrust;
use proptest::prelude::*;

use super::*;
use world::{HOST, Side, World, from_bob};

#[test]
fn a_whitespace_tag_leads_to_an_encrypted_conversation() {
    let mut world = World::new([Policy::OPPORTUNISTIC; 2]);
    world.write(0, "PRIVMSG bob :hello");
    assert_eq!(world.read(1)[1..], [format!(":alice{HOST} PRIVMSG Bob :hello\x0f")]);
    let fingerprint = world.sides[0].proxy.account.fingerprint();
    assert!(
        world.sides[1].shown(&format!("their fingerprint is {fingerprint}, never seen before, NOT VERIFIED"))
    );
    assert_eq!(world.trust(1, 0, "alice"), Some(String::new()));
    world.forget();
    world.write(0, "PRIVMSG BOB :secret words");
    world.write(1, "PRIVMSG Alice :an answer");
    assert!(world.sides[1].shown(&format!(":alice{HOST} PRIVMSG Bob :secret words")));
    assert!(world.sides[0].shown(&from_bob("an answer")));
    assert!(!world.leaked("secret words") && !world.leaked("an answer"));
}

/// FRAG-02: the server cuts off what is too long, here with the longest names there are.
#[test]
fn frag_02_long_texts_arrive_whole_and_in_lines_that_fit() {
    let mut world = World::encrypted();
    let lines: Vec<_> = (0..50).map(|number| format!("{number}: {}", "größe ".repeat(50))).collect();
    for line in &lines {
        world.write(0, &format!("PRIVMSG Bob :{line}"));
    }
    let shown = |world: &World, whose| {
        let texts = world
            .read(whose)
            .into_iter()
            .filter_map(|line| line.split_once(" :").map(|(_, text)| text.to_owned()));
        texts.collect::<Vec<_>>().concat()
    };
    assert_eq!(shown(&world, 1), lines.concat());
    assert!(world.sides[1].seen.iter().all(|line| line.len() <= MAX_LENGTH));
    // A client that hands the whole text over in one line.
    world.forget();
    let whole = "0123456789€".repeat(1600);
    world.write(1, &format!("PRIVMSG alice :{whole}"));
    assert_eq!(shown(&world, 0), whole);
    assert!(world.wire.len() > 60 && world.wire.iter().all(|line| line.len() <= MAX_LENGTH));
}

#[test]
fn a_text_of_no_encoding_arrives_as_it_was() {
    let mut world = World::encrypted();
    let now = world.now;
    world.sides[0].proxy.client_says(now, b"PRIVMSG bob :gr\xfc\xdfe");
    while let Next::ToServer(line) = world.sides[0].proxy.next(now) {
        world.relay(0, &line);
    }
    let next = world.sides[1].proxy.next(now);
    assert!(matches!(next, Next::ToClient(line) if line.ends_with(b" :gr\xfc\xdfe")));
}

/// A comparison with a question: nothing of it goes to the server, and only the asker has learned anything (SMP-25).
#[test]
fn smp_25_commands_stay_here_and_the_asker_verifies() {
    let mut world = World::encrypted();
    world.write(0, "PRIVMSG *otr :auth bob [Which boat?] the red one");
    assert!(world.sides[1].shown("alice asks: Which boat? (say \"auth alice ANSWER\""));
    world.write(1, "PRIVMSG *OTR :auth alice the red one");
    assert!(
        world.sides[0].shown("Bob is verified") && world.sides[1].shown("alice knows now that it is you")
    );
    assert_eq!(
        (world.trust(0, 1, "bob").as_deref(), world.trust(1, 0, "alice").as_deref()),
        (Some("smp"), Some(""))
    );
    world.write(1, "NOTICE *otr :auth alice a secret");
    world.write(0, "PRIVMSG *otr,bob :auth bob another");
    assert!(world.sides[0].shown("DIFFER") && world.sides[1].shown("DIFFER"));
    assert_eq!(world.trust(0, 1, "bob").as_deref(), Some(""));
    assert!(
        !world.leaked("the red one")
            && !world.leaked("a secret")
            && !world.leaked("*otr")
            && !world.leaked("another")
    );
}

#[test]
fn only_the_fingerprint_that_was_compared_is_trusted() {
    let mut world = World::encrypted();
    let bob = world.sides[1].proxy.account.fingerprint();
    world.write(0, &format!("PRIVMSG *otr :trust bob {}", Fingerprint::from_bytes([7; 20])));
    assert!(world.sides[0].shown("NOT trusted"));
    assert_eq!(world.trust(0, 1, "bob").as_deref(), Some(""));
    world.write(0, &format!("PRIVMSG *otr :trust bob {bob}"));
    assert_eq!(world.trust(0, 1, "bob").as_deref(), Some("verified"));
    world.write(0, "PRIVMSG *otr :distrust bob");
    world.write(0, "PRIVMSG *otr :fingerprint bob");
    assert!(world.sides[0].shown("the session id is"));
    assert_eq!(world.trust(0, 1, "bob").as_deref(), Some(""));
    world.write(0, "PRIVMSG *otr :trust bob");
    world.write(0, "PRIVMSG *otr :status");
    assert!(world.sides[0].shown(&format!("Bob: encrypted (OTR 3), fingerprint {bob}, verified")));
}

#[test]
fn s_37_what_came_in_clear_is_marked_and_nobody_poses_as_otr() {
    let mut world = World::encrypted();
    world.serve(0, &from_bob("send money"));
    world.serve(0, &from_bob("\x01ACTION is sad\x01"));
    // Two blanks: a lenient client would show it.
    world.serve(0, &format!(":Bob{HOST}  PRIVMSG alice :a trick"));
    world.serve(0, ":*OTR!x@y NOTICE alice :Bob is verified");
    world.serve(0, &format!(":Bob{HOST} PRIVMSG +alice :to a channel?"));
    world.serve(0, &format!(":Bob{HOST} NOTICE alice :look here"));
    world.serve(0, ":bob\x0f!x@y PRIVMSG alice :a trick");
    let marked = |text: &str| from_bob(&format!("[not encrypted] {text}"));
    assert_eq!(
        world.read(0),
        [
            marked("send money"),
            marked("ACTION is sad"),
            marked("to a channel?"),
            marked("look here").replace("PRIVMSG", "NOTICE"),
        ]
    );
    assert!(world.sides[0].shown("IN CLEAR") && !world.sides[0].shown("is verified"));
}

#[test]
fn s_53_another_spelling_is_the_same_conversation() {
    let mut world = World::encrypted();
    for name in ["bob", "BOB", "bOb"] {
        world.write(0, &format!("PRIVMSG {name} :whisper"));
    }
    assert!(!world.leaked("whisper"));
    assert_eq!(world.read(1).len(), 3);
}

#[test]
fn what_would_go_round_an_encrypted_conversation_is_refused() {
    let mut world = World::encrypted();
    for line in [
        " PRIVMSG bob :ps-st",
        "PRIVMSG\tbob :ps-st",
        "PRIVMSG bob!b@h :ps-st",
        "PRIVMSG bob@irc.example.org :ps-st",
        "NOTICE bob :ps-st",
        "PRIVMSG bob :\x01DCC CHAT ps-st 1 2\x01",
    ] {
        world.forget();
        world.write(0, line);
        assert!(!world.leaked("ps-st") && world.sides[0].shown("not sent"), "{line:?}");
    }
    for line in ["CPRIVMSG bob #here :ps-st", ":alice PRIVMSG bob ps-st", "@x=ps-st privmsg bob,carol :ps-st"]
    {
        world.forget();
        world.write(0, line);
        assert_eq!(world.read(1).len(), 1, "{line:?}");
        assert!(
            world.wire.iter().all(|line| !line.contains("ps-st") || line.contains(" carol ")),
            "{:?}",
            world.wire
        );
    }
}

#[test]
fn channels_notices_services_and_all_else_pass_untouched() {
    let mut world = World::new([Policy::OPPORTUNISTIC; 2]);
    world.forget();
    for line in [
        "PRIVMSG #rust :hello all",
        "NOTICE bob :\x01VERSION none\x01",
        "PRIVMSG nickserv :identify secret",
        "PRIVMSG *status :help",
        "NOTICE bob :by the way",
        "JOIN #rust",
        "PASS secret:word",
        "AUTHENTICATE AGFsaWNl",
        "PRIVMSG bob",
    ] {
        world.sides[0].proxy.client_says(world.now, line.as_bytes());
        assert_eq!(world.sides[0].proxy.next(world.now), Next::ToServer(line.into()), "{line}");
    }
    for line in [
        "PING :x",
        ":irc.example.org 372 alice :- \x02motd\x02  with  blanks ",
        ":carol!c@h PRIVMSG #rust :hello",
        ":carol!c@h PRIVMSG alice :\x01VERSION\x01",
        ":carol!c@h NOTICE alice :hello",
        "@time=2026-01-01T00:00:00Z :carol!c@h PRIVMSG alice :hello",
        ":alice!a@h PRIVMSG carol :an echo",
        ":*status!znc@znc.in PRIVMSG alice :help",
    ] {
        world.sides[0].proxy.server_says(world.now, line.as_bytes());
        assert_eq!(world.sides[0].proxy.next(world.now), Next::ToClient(line.into()), "{line}");
    }
    world.serve(
        0,
        ":irc.example.org CAP alice LS * :sasl=PLAIN echo-message server-time draft/multiline=max-bytes=1",
    );
    assert!(world.sides[0].shown(":irc.example.org CAP alice LS * :sasl=PLAIN server-time"));
    assert!(!world.sides[0].shown("echo-message"));
}

#[test]
fn an_offer_never_costs_a_text_its_end() {
    let mut world = World::new([Policy::OPPORTUNISTIC, Policy::NEVER]);
    world.forget();
    let long = "x".repeat(world.sides[0].proxy.room_for(b"bob"));
    world.write(0, &format!("PRIVMSG bob :{long}"));
    world.write(0, "PRIVMSG bob :\x01ACTION waves\x01");
    world.write(0, &format!("PRIVMSG bob :{long}y"));
    let read: Vec<_> = world
        .read(1)
        .iter()
        .map(|line| line.split_once(" :").unwrap().1)
        .map(|text| text.trim_end_matches([' ', '\t', '\x0f']))
        .collect();
    assert_eq!(read, [&long, "\x01ACTION waves\x01", &long, "y"]);
}

/// MSG-50: whoever has asked for encryption does not mean to write in clear meanwhile.
#[test]
fn msg_50_what_is_written_after_start_waits() {
    let mut world = World::new([Policy::OPPORTUNISTIC, Policy::NEVER]);
    world.write(0, "PRIVMSG *otr :start bob");
    world.write(0, "PRIVMSG bob :ps-st");
    assert!(world.sides[0].shown("your message to bob waits"));
    world.write(0, "PRIVMSG *otr :end bob");
    assert!(world.sides[0].shown("not sent to bob, for want of an encrypted conversation: ps-st"));
    assert!(!world.leaked("ps-st"));
    world.write(0, "PRIVMSG bob :aloud");
    assert!(world.leaked("aloud"));
}

#[test]
fn actions_are_actions_on_both_sides() {
    let mut world = World::encrypted();
    world.write(0, "PRIVMSG bob :\x01ACTION waves\x01");
    world.write(1, "PRIVMSG alice :/me nods");
    assert_eq!(world.read(1), [format!(":alice{HOST} PRIVMSG Bob :\x01ACTION waves\x01")]);
    assert_eq!(world.read(0), [from_bob("\x01ACTION nods\x01")]);
    assert!(!world.leaked("waves"));
}

/// MSG-13: what the user writes after the peer has ended the session stays here.
#[test]
fn msg_13_the_end_comes_from_either_side_and_nothing_slips_out() {
    let mut world = World::encrypted();
    world.write(0, "PRIVMSG *otr :end bob");
    assert!(world.sides[0].shown("what you write now goes in clear"));
    assert!(world.sides[1].shown("alice has ended the encrypted conversation"));
    world.write(1, "PRIVMSG alice :ps-st");
    assert!(!world.leaked("ps-st") && world.sides[1].shown("not sent"));
    world.write(1, "PRIVMSG *otr :end alice");
    world.write(1, "PRIVMSG alice :aloud");
    assert!(world.leaked("aloud"));
}

#[test]
fn the_server_learns_of_the_farewell_before_the_end() {
    let mut world = World::encrypted();
    world.write(0, "QUIT :bye");
    assert!(world.wire.last().unwrap().starts_with("QUIT"));
    assert!(world.sides[1].shown("alice has ended the encrypted conversation"));
}

/// MSG-50: with `--require` a text waits, and comes back if nothing comes of it.
#[test]
fn msg_50_with_require_nothing_leaves_in_clear() {
    let mut world = World::new([Policy::ALWAYS, Policy::MANUAL]);
    world.write(0, "PRIVMSG bob :ps-st");
    world.write(0, "PRIVMSG bob :\x01ACTION hides\x01");
    assert!(world.sides[1].shown("PRIVMSG Bob :ps-st") && world.sides[1].shown("\x01ACTION hides\x01"));
    world.write(0, "PRIVMSG carol :ps-st");
    world.write(0, "NOTICE carol :ps-st");
    world.forget();
    world.now = Instant::from_secs(61);
    world.run();
    assert!(world.sides[0].shown("not sent to carol, for want of an encrypted conversation: ps-st"));
    assert!(!world.leaked("ps-st"));
    world.serve(0, ":carol!c@h PRIVMSG alice :hello");
    assert!(world.sides[0].shown(":carol!c@h PRIVMSG alice :[not encrypted] hello"));
}

/// MSG-22, MSG-52: Bob has lost his keys, and the text is said again in a new session.
#[test]
fn msg_52_a_peer_who_restarts_reads_on() {
    let mut world = World::encrypted();
    let trust = world.sides[1].proxy.trust.clone();
    world.sides[1] = Side::new(1, "Bob", Policy::OPPORTUNISTIC, trust);
    world.run();
    world.write(0, "PRIVMSG bob :are you there?");
    assert!(world.sides[1].shown("PRIVMSG Bob :[resent] are you there?"), "{:?}", world.sides[1].seen);
    world.write(1, "PRIVMSG alice :I am");
    assert!(world.sides[0].shown(&from_bob("I am")) && !world.leaked("you there"));
}

#[test]
fn a_conversation_follows_a_new_name_and_the_old_one_is_guarded() {
    let mut world = World::encrypted();
    world.write(0, "PRIVMSG *otr :trust bob");
    world.serve(0, &format!(":Bob{HOST} NICK Robert"));
    world.sides[1].nick = "Robert".into();
    world.serve(1, &format!(":Bob{HOST} NICK Robert"));
    world.forget();
    world.write(0, "PRIVMSG robert :ps-st");
    world.write(1, "PRIVMSG alice :hu-sh");
    assert_eq!(world.read(1).len(), 1);
    assert!(world.sides[0].shown(&format!(":Robert{HOST} PRIVMSG alice :hu-sh")));
    world.write(0, "PRIVMSG bob :ps-st");
    assert!(world.sides[0].shown("not sent: bob is called Robert now"));
    assert!(!world.leaked("ps-st") && !world.leaked("hu-sh"));
    // Whoever comes under the old name is not taken for Bob.
    world.serve(0, ":bob!other@host PRIVMSG alice :hello");
    assert!(world.sides[0].shown("[not encrypted] hello"));
    // What was verified is Bob, not Robert.
    assert_eq!(world.trust(0, 1, "robert").as_deref(), Some(""));
    world.write(0, "PRIVMSG *otr :end bob");
    world.write(0, "PRIVMSG bob :aloud");
    assert!(world.leaked("aloud"));
}

#[test]
fn who_leaves_takes_no_protection_along() {
    let mut world = World::encrypted();
    world.serve(0, &format!(":Bob{HOST} QUIT :ping timeout"));
    assert!(world.sides[0].shown("Bob has left without ending the encrypted conversation"));
    world.write(0, "PRIVMSG bob :ps-st");
    assert!(!world.leaked("ps-st"));
}

#[test]
fn s_01_nobody_takes_the_place_of_somebody_verified_by_a_new_name() {
    let mut world = World::encrypted();
    world.write(0, "PRIVMSG *otr :trust bob");
    world.sides.push(Side::new(2, "mallory", Policy::OPPORTUNISTIC, MemoryTrust::default()));
    world.run();
    world.write(0, "PRIVMSG *otr :start mallory");
    assert!(world.sides[2].shown("is encrypted"));
    world.serve(0, &format!(":mallory{HOST} NICK Bob"));
    assert!(world.sides[0].shown("mallory is called Bob now, who is somebody else to you"));
    world.forget();
    world.write(0, "PRIVMSG bob :ps-st");
    world.write(0, "PRIVMSG mallory :ps-st");
    assert_eq!((world.read(1).len(), world.read(2).len(), world.leaked("ps-st")), (1, 0, false));
}

#[test]
fn s_32_conversations_are_bounded_and_an_encrypted_one_survives() {
    let mut world = World::encrypted();
    for number in 0..10_000 {
        world.sides[0]
            .proxy
            .server_says(world.now, format!(":n{number}!u@h PRIVMSG alice :hello").as_bytes());
    }
    assert_eq!(world.sides[0].proxy.conversations.len(), MAX_CONVERSATIONS);
    world.forget();
    world.run();
    world.write(0, "PRIVMSG bob :still here");
    assert!(world.sides[1].shown("still here") && !world.leaked("still here"));
}

/// S-33: a peer who makes us answer without end fills no memory.
#[test]
fn s_33_what_waits_to_be_sent_is_bounded() {
    let mut world = World::new([Policy::OPPORTUNISTIC; 2]);
    world.sides[0].proxy.pace = Pace::new(Duration::from_secs(2));
    for number in 0..10_000 {
        let nick = number % 200;
        world.sides[0]
            .proxy
            .server_says(world.now, format!(":n{nick}!u@h PRIVMSG alice :?OTRv23?").as_bytes());
    }
    assert_eq!(world.sides[0].proxy.pace.len(), 2 * MAX_WAITING);
    world.write(0, "PRIVMSG bob :hello");
    assert!(world.sides[0].shown("not sent to bob: too much is waiting"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// S-47, S-37: whatever clients and servers write, nothing panics, no line has another in it, and *otr is nobody else.
    #[test]
    fn s_47_whatever_comes_goes_on_as_lines(
        lines in prop::collection::vec((any::<bool>(), any_line()), 1..40),
    ) {
        let mut side = Side::new(0, "alice", Policy::OPPORTUNISTIC, MemoryTrust::default());
        for (number, (is_clients, line)) in (0..).zip(lines) {
            let now = Instant::from_secs(number);
            let is_posing = !is_clients && line.starts_with(b":*otr");
            let before = side.proxy.to_client.len();
            match is_clients {
                true => side.proxy.client_says(now, &line),
                false => side.proxy.server_says(now, &line),
            }
            prop_assert!(!is_posing || side.proxy.to_client.len() == before);
            while let Next::ToClient(line) | Next::ToServer(line) = side.proxy.next(now) {
                prop_assert!(Line::parse(&line).is_some(), "{}", String::from_utf8_lossy(&line));
            }
        }
    }
}

/// Lines like those of IRC, of pieces that mean something, and bytes that do not.
fn any_line() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        Just(" ".to_owned()),
        Just(" :".to_owned()),
        "(:(bob|alice|\\*otr|srv\\.org)(!b@h)? |@a=b )?(PRIVMSG|NOTICE|NICK|QUIT|001|005|CAP|CPRIVMSG|JOIN)",
        "(alice|bob|#c|\\*otr|CASEMAPPING=ascii|LS|,)",
        "(start|end|auth|abort|trust|status|fingerprint|help) bob",
        "\\?OTR(v23\\?|:AAM|,1,2,|\\|| Error: )",
        "[ -~]{0,20}",
        "\\PC{0,20}",
    ]
    .prop_map(String::into_bytes);
    let piece = prop_oneof![9 => piece, 1 => prop::collection::vec(any::<u8>(), 0..20)];
    prop::collection::vec(piece, 1..8).prop_map(|pieces| pieces.concat())
}
