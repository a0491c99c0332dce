//! Conversations with libotr 4.1.1, live: each side starts, both versions, with and without fragments.
//!
//! They need libotr, and so the feature `live-peers`: `make -C conformance/peers/libotr`, then
//! `cargo test --release -p otr-conformance --features live-peers --test live_libotr`.
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests, which may fail"
)]

use std::path::Path;
use std::process::Command;

use otr_conformance::live::{Conversation, Peer, Scenario, Side};
use otr_protocol::{Account, DefaultBackend, Version};

/// Enough key exchanges that some value with a leading zero byte occurs among the many of each (WIRE-03).
const EXCHANGES: usize = 50;

fn converse(starter: Side, version: Version, max_size: Option<usize>) {
    let peers = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers/libotr");
    let scenario = Scenario { starter, version, max_size };
    let policy = match version {
        Version::V2 => "02",
        Version::V3 => "06",
    };
    let mut command = Command::new(peers.join("libotr-peer"));
    let key = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("libotr-{scenario:?}.key"));
    command.arg("--key").arg(key).args(["--account", "peer", "--protocol", "test", "--policy", policy]);
    if let Some(size) = max_size {
        command.args(["--max-size", &size.to_string()]);
    }
    let peer = Peer::spawn(&mut command).expect("the peer is built: make -C conformance/peers/libotr");
    let account = Account::generate(DefaultBackend::default()).unwrap();
    let mut conversation = Conversation::new(&account, peer, scenario).unwrap();
    for exchange in 0..EXCHANGES {
        let ended_by = if exchange % 2 == 0 { Side::Us } else { Side::Peer };
        if let Err(failure) = conversation.exchange(5, ended_by) {
            panic!("exchange {exchange} of {scenario:?}: {failure}");
        }
    }
}

macro_rules! conversations {
    ($($name:ident: $starter:ident, $version:ident, $max_size:expr;)+) => {
        $(
            #[test]
            fn $name() {
                converse(Side::$starter, Version::$version, $max_size);
            }
        )+
    };
}

conversations! {
    we_start_v2: Us, V2, None;
    we_start_v2_in_fragments: Us, V2, Some(140);
    we_start_v3: Us, V3, None;
    we_start_v3_in_fragments: Us, V3, Some(140);
    they_start_v2: Peer, V2, None;
    they_start_v2_in_fragments: Peer, V2, Some(140);
    they_start_v3: Peer, V3, None;
    they_start_v3_in_fragments: Peer, V3, Some(140);
}
