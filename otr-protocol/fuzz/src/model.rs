//! The model of two correspondents, which the conformance suite runs with scripts at random, and with libotr.

#[path = "../../../conformance/tests/model/ours.rs"]
pub(crate) mod ours;
#[path = "../../../conformance/tests/model/script.rs"]
pub(crate) mod script;
#[path = "../../../conformance/tests/model/world.rs"]
pub(crate) mod world;
