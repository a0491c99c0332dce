//! `otr irc-proxy` between clients and servers: one made for these tests always; ngircd, and irssi at the other end, with the
//! feature `live-peers`.
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test states what must hold; failing loudly there is the point"
)]

mod client;
#[cfg(feature = "live-peers")]
mod irssi;
#[cfg(feature = "live-peers")]
mod live;
#[cfg(feature = "live-peers")]
mod ngircd;
mod program;
mod relay;
mod server;
mod tls;
