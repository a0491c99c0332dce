//! Parties, the wire between them, and backends that watch or fail.

pub(crate) mod backend;
pub(crate) mod counting;
pub(crate) mod keys;
pub(crate) mod party;
pub(crate) mod peer;
#[cfg(feature = "log")]
pub(crate) mod recording;
pub(crate) mod short;
pub(crate) mod wire;

pub(crate) use backend::{Failing, Watching};
pub(crate) use keys::Name;
pub(crate) use party::{Heard, Pair, Party, Side};
