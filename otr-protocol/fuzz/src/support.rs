//! What the library's own tests have too: parties, their keys, and messages taken apart.

#[path = "../../tests/protocol/support/keys.rs"]
#[expect(dead_code, reason = "nobody stands in between here")]
pub(crate) mod keys;
#[path = "../../tests/protocol/support/party.rs"]
#[expect(dead_code, reason = "the tests use more of it")]
pub(crate) mod party;

pub(crate) use keys::Name;
