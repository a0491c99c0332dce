//! `otr chat` as its users meet it: in pseudo-terminals, over TCP, with somebody on the way.
#![cfg(unix)]
#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test states what must hold; failing loudly there is the point"
)]

mod connection;
mod files;
mod manual;
mod plain;
mod screen;
mod screenshots;
mod secrets;
mod support;
