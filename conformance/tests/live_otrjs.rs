//! Conversations with otr.js 0.2.16, live: each side starts, both versions, with and without fragments.
//!
//! They need otr.js, and so the feature `live-peers`: `conformance/peers/otrjs/install.sh`, then
//! `cargo test --release -p otr-conformance --features live-peers --test live_otrjs`.
#![expect(clippy::expect_used, reason = "helpers of tests, which may fail")]

#[path = "live/shared.rs"]
mod shared;

use std::process::Command;

use otr_conformance::live::{Failure, Scenario, Side, Tap};
use otr_protocol::Version;
use shared::{Implementation, accounts, conversations};

const OTRJS: Implementation = Implementation {
    name: "otrjs",
    command: |folder| {
        let mut node = Command::new("node");
        node.arg(folder.join("peer.js"));
        node
    },
    exchanges: 10,
    one_process: false,
    is_at_fault: zeros_are_dropped,
};

conversations! { OTRJS;
    we_start_v2: Us, V2, None;
    we_start_v2_in_fragments: Us, V2, Some(140);
    we_start_v3: Us, V3, None;
    we_start_v3_in_fragments: Us, V3, Some(140);
    they_start_v2: Peer, V2, None;
    they_start_v2_in_fragments: Peer, V2, Some(140);
    they_start_v3: Peer, V3, None;
    they_start_v3_in_fragments: Peer, V3, Some(140);
}

const WE_START_V3: Scenario = Scenario { starter: Side::Us, version: Version::V3, max_size: None };

/// The `r` of a Reveal Signature is 16 bytes, which are the AES key of the D-H Commit (AKE-06). otr.js, on either
/// side, takes it for a number, whose leading zeros do not count: a first byte of zero it does not send, and with a
/// first hexadecimal digit of zero it uses other bytes as the key. One `r` in 16 begins so.
fn zeros_are_dropped(tap: &Tap) -> bool {
    let r = tap.revealed_key().expect("a Reveal Signature");
    assert!(r.len() == 16 || r.len() < 16 && r.first() != Some(&0), "neither 16 bytes nor the rest of them");
    r.len() < 16 || r.first().is_some_and(|byte| byte >> 4 == 0)
}

/// The id of the key that our latest data message is encrypted to.
fn named_key(tap: &Tap) -> u32 {
    tap.key_ids(Side::Us).last().expect("a data message").1
}

/// Without an end in between, otr.js enters an exchange with its latest key and that key's id (AKE-05, AKE-72).
#[test]
fn ake_05_a_refresh_begins_with_the_key_that_the_peer_announces() {
    let [account, ..] = &*accounts() else { panic!("built without a backend") };
    loop {
        let mut conversation = OTRJS.meet(account, WE_START_V3, "refresh");
        let outcome = conversation.converse(5);
        if zeros_are_dropped(conversation.tap()) {
            continue;
        }
        outcome.unwrap();
        let before = named_key(conversation.tap());
        let outcome = conversation.converse(5);
        if zeros_are_dropped(conversation.tap()) {
            continue;
        }
        outcome.unwrap();
        let first = conversation.tap().key_ids(Side::Us).next().unwrap().1;
        assert!(before > 1 && first >= before, "{first} comes after {before}");
        return;
    }
}

/// In the second session of one process otr.js announces its first key once more, as number 1, but counts on from
/// the first session: it refuses the first message that is encrypted to the key it announced. Therefore each
/// exchange above has a process of its own.
#[test]
fn a_second_session_needs_a_second_process() {
    let [account, ..] = &*accounts() else { panic!("built without a backend") };
    loop {
        let mut conversation = OTRJS.meet(account, WE_START_V3, "second_session");
        let outcome = conversation.exchange(5, Side::Us);
        if zeros_are_dropped(conversation.tap()) {
            continue;
        }
        outcome.unwrap();
        let before = named_key(conversation.tap());
        let outcome = conversation.exchange(5, Side::Us);
        if zeros_are_dropped(conversation.tap()) {
            continue;
        }
        let Err(Failure::Differs { step: "message", got, .. }) = outcome else { panic!("{outcome:?}") };
        assert!(got.contains("RCVDMSG_UNREADABLE"), "{got}");
        assert_eq!(conversation.tap().key_ids(Side::Us).collect::<Vec<_>>(), [(1, 1)]);
        assert!(before > 2, "{before}");
        return;
    }
}
