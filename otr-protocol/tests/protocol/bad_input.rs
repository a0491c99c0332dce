//! Any bytes lead to events: never to a panic, an error, or a change that they have no right to.

use otr_protocol::AuthStateKind::{AwaitingDhKey, AwaitingRevealSig, AwaitingSig, None};
use otr_protocol::wire::{Message, Version, armor};
use otr_protocol::{MessageState, Problem};
use proptest::prelude::*;

use crate::ake::matrix::Stage;
use crate::support::party::VERSIONS;
use crate::support::wire::binary;
use crate::support::{Heard, Pair, Side};

/// Where the length fields of a message stand, and whether an MPI follows.
fn lengths(message: &[u8]) -> Vec<(usize, bool)> {
    let mut at = if message[1] == 3 { 11 } else { 3 };
    let fields: &[(usize, bool)] = match message[2] {
        0x02 => &[(0, false), (0, false)],
        0x0a => &[(0, true)],
        0x11 => &[(0, false), (0, false)],
        0x12 => &[(0, false)],
        // Flags and keyids; the counter; the MAC.
        _ => &[(9, true), (8, false), (20, false)],
    };
    let mut found = Vec::new();
    for (gap, is_mpi) in fields {
        at += gap;
        found.push((at, *is_mpi));
        let length = u32::from_be_bytes(message[at..at + 4].try_into().unwrap());
        at += 4 + usize::try_from(length).unwrap();
    }
    found
}

/// Every truncation, every length field with every strange value, every MPI with a zero byte before it (WIRE-04), a
/// byte too many, and every byte in turn altered.
fn mutants(message: &[u8]) -> Vec<Vec<u8>> {
    let mut all: Vec<Vec<u8>> = (0..message.len()).map(|length| message[..length].to_vec()).collect();
    all.push([message, &[0]].concat());
    for (at, is_mpi) in lengths(message) {
        let length = u32::from_be_bytes(message[at..at + 4].try_into().unwrap());
        let with = |length: u32| [&message[..at], &length.to_be_bytes(), &message[at + 4..]].concat();
        let strange = [0, 1, length.wrapping_sub(1), length + 1, i32::MAX as u32, 1 << 31, u32::MAX];
        all.extend(strange.into_iter().filter(|strange| *strange != length).map(with));
        if is_mpi {
            all.push([&message[..at], &(length + 1).to_be_bytes(), &[0], &message[at + 4..]].concat());
        }
    }
    all.extend((0..message.len()).filter(|at| *at < 32 || at % 7 == 0 || message.len() - at < 50).map(
        |at| {
            let mut mutant = message.to_vec();
            mutant[at] ^= 1 << (at % 8);
            mutant
        },
    ));
    all
}

/// Feeds all mutants; what does not parse changes nothing, and nothing establishes a session.
fn feed(stage: &mut Stage, genuine: &[u8], skip_if_it_parses: bool) {
    let bytes = binary(genuine);
    assert!(lengths(&bytes).iter().all(|(at, _)| *at + 4 <= bytes.len()));
    for mutant in mutants(&bytes) {
        let parses = Message::decode(&mutant).is_ok();
        if parses && skip_if_it_parses {
            continue;
        }
        let before = stage.now();
        let heard = stage.bob.hear(&armor(&mutant));
        assert_eq!((heard.secured(), heard.messages().len()), (0, 0));
        if !parses {
            assert!(
                heard.problems().len() <= 1 && heard.sent.iter().all(|text| text.starts_with(b"?OTR Error"))
            );
            assert_eq!(stage.now(), before);
        }
    }
}

/// S-11.
#[test]
fn wire_02_04_06_no_mutant_of_the_next_message_does_harm() {
    for version in VERSIONS {
        for state in [None, AwaitingDhKey, AwaitingRevealSig, AwaitingSig] {
            let mut stage = Stage::reach(version, state);
            let genuine = stage.next();
            // Any value may stand in a D-H Key: an attacker who is faster is answered.
            feed(&mut stage, &genuine, state == AwaitingDhKey);
            stage.bob.wait(10); // So many exchanges were more than a conversation works on at once (S-33).
            stage.go_on();
        }
    }
}

/// S-11.
#[test]
fn wire_02_ake_81_no_malformed_message_does_harm_in_any_state() {
    for version in VERSIONS {
        let all: Vec<_> = [None, AwaitingDhKey, AwaitingRevealSig, AwaitingSig]
            .map(|state| Stage::reach(version, state).next())
            .into_iter()
            .chain(Pair::secured(version).alice.say("data"))
            .collect();
        for state in [None, AwaitingDhKey, AwaitingRevealSig, AwaitingSig] {
            let mut stage = Stage::reach(version, state);
            for genuine in &all {
                feed(&mut stage, genuine, true);
            }
            stage.go_on();
        }
    }
}

/// S-11.
#[test]
fn wire_02_data_20_no_mutant_of_a_data_message_does_harm() {
    for version in VERSIONS {
        let mut pair = Pair::secured(version);
        pair.check();
        let genuine = pair.alice.say("genuine").remove(0);
        let revealed_from = binary(&genuine).len() - 24;
        for mutant in mutants(&binary(&genuine)) {
            let heard = pair.bob.hear(&armor(&mutant));
            // The revealed keys are the only part that no MAC covers: that message is the genuine one (DATA-13).
            let same = mutant.get(..revealed_from) == binary(&genuine).get(..revealed_from);
            if heard.messages() == ["genuine"] && same && Message::decode(&mutant).is_ok() {
                pair = Pair::secured(version);
                break;
            }
            assert!(heard.messages().is_empty());
            assert_eq!(pair.bob.state(), MessageState::Encrypted);
        }
        pair.check();
    }
}

/// S-14, S-17.
#[test]
fn wire_12_texts_that_broke_others() {
    let texts = [
        "?OTR",
        "?OTR:",
        "?OTR:.",
        "?OTR:=.",
        "?OTR:===.",
        "?OTR:====.",
        "?OTR:A.",
        "?OTR:AA.",
        "?OTR:AAM.",
        "?OTR:AAMD.",
        "?OTR:AAMC",
        "?OTR:AAID====.",
        "?OTRv",
        "?OTR?",
        "?OTR?v",
        "?OTRv?",
        "?OTR??",
        "?OTR Error",
        "?OTR Error:",
        "?OTR,",
        "?OTR|",
        "?OTR,1",
        "?OTR,1,",
        "?OTR,1,1,",
        "?OTR,1,1,,",
        "?OTR|||,,,,",
        "",
        "?OTR:AAMDAAAAAAAAAAAAAAAA.",
        "?OTR,00001,00001,?OTR,00001,00001,a,,",
        "\0",
        "?OTR\0",
        "?OTRv\0?",
    ];
    for version in VERSIONS {
        let mut pair = Pair::secured(version);
        for text in texts {
            for end in 0..=text.len() {
                pair.bob.hear(&text.as_bytes()[..end]);
            }
            pair.bob.hear(&[b"<b>\xff", text.as_bytes(), b"\xfe</b>"].concat());
        }
        assert_eq!(pair.bob.state(), MessageState::Encrypted);
        pair.tell(Side::Alice, "still here");
    }
}

/// MSG-05.
#[test]
fn wire_13_version_1_and_unknown_messages_are_reported_with_their_text() {
    for (text, problem) in [
        ("?OTR:AAEKAAAA.", Problem::UnsupportedVersion),
        ("?OTR:AAQKAAAA.", Problem::Unrecognized),
        ("look: ?OTR is a marker", Problem::Unrecognized),
        ("?OTR:AAMZAAAA.", Problem::Unrecognized),
    ] {
        let mut bob = Stage::reach(Version::V3, None).bob;
        let heard = bob.hear(text.as_bytes());
        assert!(heard.sent.is_empty());
        let expected = otr_protocol::Event::Problem {
            kind: problem,
            text: Some(text.as_bytes().to_vec()),
            instance: Option::None,
        };
        assert_eq!(heard.events, [expected]);
    }
}

/// Pieces of texts that mean something, and some that do not.
fn texts() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        prop::sample::select(vec![
            "?OTR",
            "?OTR:",
            "AAMD",
            "AAIC",
            "AAMK",
            "AAIS",
            "?OTR Error:",
            "?OTRv23?",
            "?OTR,",
            "?OTR|",
            ",",
            "|",
            "00001",
            "00002",
            "65535",
            "65536",
            "a11ce",
            "00000b0b",
            "b0b",
            ".",
            "=",
            "v",
            "?",
            " \t  \t\t\t\t \t \t \t  ",
            "  \t\t  \t ",
            "  \t\t  \t\t",
            "A",
            "\0",
        ])
        .prop_map(|text| text.as_bytes().to_vec()),
        prop::collection::vec(any::<u8>(), 0..20),
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

fn harmless(heard: &Heard) -> bool {
    heard.secured() == 0 && heard.messages().is_empty()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: Option::None, ..ProptestConfig::default() })]

    /// ERR-06.
    #[test]
    fn err_06_s_31_no_text_does_harm_in_any_state(
        v3 in any::<bool>(),
        state in 0..5usize,
        texts in prop::collection::vec(texts(), 1..80),
        bodies in prop::collection::vec((0..5u8, prop::collection::vec(any::<u8>(), 0..300)), 0..20),
    ) {
        let version = VERSIONS[usize::from(v3)];
        let mut pair = Pair::secured(version);
        let mut stage = Stage::reach(version, [None, AwaitingDhKey, AwaitingRevealSig, AwaitingSig][state % 4]);
        let header = match version {
            Version::V2 => vec![0, 2],
            Version::V3 => vec![0, 3],
        };
        let messages = bodies.into_iter().map(|(kind, body)| {
            let kind = [2, 10, 17, 18, 3][usize::from(kind)];
            let tags: &[u8] = if v3 { &[0, 0xa, 0x11, 0xce, 0, 0, 0x0b, 0x0b] } else { &[] };
            armor(&[&header[..], &[kind], tags, &body].concat())
        });
        for text in texts.into_iter().chain(messages) {
            let bob = if state == 4 { &mut pair.bob } else { &mut stage.bob };
            prop_assert!(harmless(&bob.hear(&text)));
        }
        prop_assert_eq!(pair.bob.state(), MessageState::Encrypted);
        pair.tell(Side::Alice, "still here");
    }
}
