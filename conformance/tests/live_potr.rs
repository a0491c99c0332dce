//! Conversations with potr 1.0.2, live: each side starts, in version 2, with and without fragments.
//!
//! They need potr, and so the feature `live-peers`: `conformance/peers/potr/install.sh`, then
//! `cargo test --release -p otr-conformance --features live-peers --test live_potr`.

#[path = "live/shared.rs"]
mod shared;

use std::process::Command;

use shared::{Implementation, conversations};

const POTR: Implementation = Implementation {
    name: "potr",
    command: |folder| {
        let mut python = Command::new(folder.join("venv/bin/python"));
        python.arg(folder.join("peer.py"));
        python
    },
    exchanges: 50,
    one_process: true,
    is_at_fault: |_| false,
};

conversations! { POTR;
    we_start_v2: Us, V2, None;
    we_start_v2_in_fragments: Us, V2, Some(140);
    they_start_v2: Peer, V2, None;
    they_start_v2_in_fragments: Peer, V2, Some(140);
}
