//! Conversations with libotr 4.1.1, live: each side starts, both versions, with and without fragments.
//!
//! They need libotr, and so the feature `live-peers`: `make -C conformance/peers/libotr`, then
//! `cargo test --release -p otr-conformance --features live-peers --test live_libotr`.

#[path = "live/shared.rs"]
mod shared;

use std::process::Command;

use shared::{Implementation, conversations};

const LIBOTR: Implementation = Implementation {
    name: "libotr",
    command: |folder| Command::new(folder.join("libotr-peer")),
    // Enough that some value with a leading zero byte occurs among the many of each (WIRE-03).
    exchanges: 50,
    one_process: true,
    is_at_fault: |_| false,
};

conversations! { LIBOTR;
    we_start_v2: Us, V2, None;
    we_start_v2_in_fragments: Us, V2, Some(140);
    we_start_v3: Us, V3, None;
    we_start_v3_in_fragments: Us, V3, Some(140);
    they_start_v2: Peer, V2, None;
    they_start_v2_in_fragments: Peer, V2, Some(140);
    they_start_v3: Peer, V3, None;
    they_start_v3_in_fragments: Peer, V3, Some(140);
}
