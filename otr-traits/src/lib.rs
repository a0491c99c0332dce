//! The contract between the OTR protocol and the cryptographic library beneath it.
//!
//! OTR needs five things of a library: powers in one fixed 1536-bit group ([`ModExp`]), DSA with 1024/160-bit
//! keys ([`Dsa`]), AES-128 in counter mode ([`AesCtr`]), SHA-1 and SHA-256 with their HMACs ([`Hash`]), and
//! random bytes ([`Rng`]). A [`Backend`] is a value that does all five.
//!
//! Everything crosses this boundary as bytes of a fixed width: no big-integer type leaks, no backend decides
//! what a leading zero means, every trait is dyn-compatible, and `Arc<dyn Backend>` is itself a backend:
//!
//! ```
//! # use std::sync::Arc;
//! # use otr_traits::Backend;
//! fn describe(backend: Arc<dyn Backend>) -> String {
//!     format!("{} {}", backend.name(), backend.version())
//! }
//! fn accepts_any_backend(_: impl Backend) {}
//! # fn compiles(backend: Arc<dyn Backend>) {
//! accepts_any_backend(backend);
//! # }
//! ```
//!
//! A backend that wraps another one (a random generator on tape, a counter of operations) implements the
//! traits it changes and hands on the rest with [`delegate!`], the only place that lists the methods.
#![forbid(unsafe_code)]

mod aes_ctr;
mod backend;
mod dsa;
mod error;
pub mod group;
mod hash;
mod modexp;
mod prepared_key;
mod rng;
mod secret;

pub use aes_ctr::{AesCtr, AesKey};
pub use backend::Backend;
pub use dsa::{
    Digest, Dsa, Generated, KeyFault, KeyGeneration, Progress, PublicKey, SecretKey, Sieve, Signature,
    Thoroughness,
};
pub use error::{Error, Result};
pub use hash::Hash;
pub use modexp::{
    Base, Element, Exponent, GENERATOR, ModExp, ModExpExt, ORDER, PRIME, Power, Prepared, Term,
};
pub use prepared_key::PreparedKey;
pub use rng::{Purpose, Rng, SmpExponent};
pub use secret::Secret;
