//! Parties and a peer made by hand: those of the protocol's own tests.
#![expect(dead_code, reason = "they do more than is needed here")]

#[path = "../../../otr-protocol/tests/protocol/support/keys.rs"]
pub(crate) mod keys;
#[path = "../../../otr-protocol/tests/protocol/support/party.rs"]
pub(crate) mod party;
#[path = "../../../otr-protocol/tests/protocol/support/peer.rs"]
pub(crate) mod peer;
#[path = "../../../otr-protocol/tests/protocol/support/wire.rs"]
pub(crate) mod wire;

pub(crate) use keys::Name;
pub(crate) use party::Party;
