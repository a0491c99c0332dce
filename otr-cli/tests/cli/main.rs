//! The program `otr`, as its users and the drivers of `otr pipe` meet it.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test states what must hold; failing loudly there is the point"
)]

mod arguments;
mod commands;
mod conversation;
mod demo;
mod driver;
mod extra_key;
mod held;
mod ids;
mod keys;
mod page;
mod profile;
mod smp;
mod time;
mod toolkit;
