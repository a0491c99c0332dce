//! A model of two correspondents who do anything, over a network that loses, repeats, reorders and corrupts.
//!
//! Whatever happens, nothing panics, no text is taken for protected that was not sent so, none arrives twice, none leaves in
//! clear that must not, no key stream serves twice, and who has a session with the other agrees about it. And whatever
//! has happened: once the network is sound again, a query leads to a working conversation.
//!
//! The fuzz target `two_parties` (`otr-protocol/fuzz`) includes `script`, `world` and `ours`, and finds its scripts in other ways.
//!
//! `PROPTEST_CASES` sets how many conversations there are. With the feature `live-peers` one correspondent is libotr.

#[cfg(test)]
#[cfg(feature = "live-peers")]
mod libotr;
#[cfg(test)]
mod ours;
#[cfg(test)]
mod pair;
#[cfg(test)]
mod script;
#[cfg(test)]
mod scripts;
#[cfg(test)]
mod world;
