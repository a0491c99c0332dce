//! The bundle of all five traits, and how one backend hands on to another.

use std::sync::Arc;

use crate::{AesCtr, Dsa, Hash, ModExp, Rng};

/// Everything OTR needs of a cryptographic library.
pub trait Backend: ModExp + Dsa + AesCtr + Hash + Rng + Send + Sync {
    /// A short name, as in `--backend NAME`: `"rustcrypto"`.
    fn name(&self) -> &'static str;

    /// The version of the library beneath, for reports.
    fn version(&self) -> String;
}

delegate! { impl[B: Backend + ?Sized] ModExp, Dsa, AesCtr, Hash, Rng, Backend for Arc<B> => |self| **self }
delegate! { impl[B: Backend + ?Sized] ModExp, Dsa, AesCtr, Hash, Rng, Backend for &B => |self| **self }

/// Implements traits of the contract for a wrapper by handing every call to the backend inside.
///
/// This is the only place that lists all methods, so no wrapper can forget one.
///
/// ```
/// use otr_traits::{Backend, Purpose, Result, Rng, delegate};
///
/// /// A backend whose randomness is all zeros: for tests, and only there.
/// struct Predictable<B>(B);
///
/// impl<B: Backend> Rng for Predictable<B> {
///     fn fill(&self, _: Purpose, buf: &mut [u8]) -> Result<()> {
///         buf.fill(0);
///         Ok(())
///     }
/// }
/// delegate! { impl[B: Backend] ModExp, Dsa, AesCtr, Hash, Backend for Predictable<B> => |self| self.0 }
/// ```
#[macro_export]
macro_rules! delegate {
    (impl[$($bound:tt)*] $($trait:ident),+ for $type:ty => |$self:ident| $inner:expr) => {
        $crate::delegate! { @each [$($bound)*] [$($trait)+] $type, $self, $inner }
    };
    (@each $bound:tt [$first:ident $($rest:ident)*] $type:ty, $self:ident, $inner:expr) => {
        $crate::delegate! { @$first $bound $type, $self, $inner }
        $crate::delegate! { @each $bound [$($rest)*] $type, $self, $inner }
    };
    (@each $bound:tt [] $type:ty, $self:ident, $inner:expr) => {};

    (@ModExp [$($bound:tt)*] $type:ty, $self:ident, $inner:expr) => {
        impl<$($bound)*> $crate::ModExp for $type {
            fn product(&$self, terms: &[$crate::Term<'_>]) -> $crate::Result<$crate::Element> {
                $inner.product(terms)
            }
            fn prepare(&$self, base: &$crate::Element, uses: u8) -> $crate::Result<$crate::Prepared> {
                $inner.prepare(base, uses)
            }
            fn mul(
                &$self, a: &$crate::Element, b: &$crate::Element,
            ) -> $crate::Result<$crate::Element> {
                $inner.mul(a, b)
            }
            fn div(
                &$self, a: &$crate::Element, b: &$crate::Element,
            ) -> $crate::Result<$crate::Element> {
                $inner.div(a, b)
            }
            fn response(
                &$self, r: &$crate::Exponent, x: &$crate::Exponent, c: &$crate::Exponent,
            ) -> $crate::Result<$crate::Exponent> {
                $inner.response(r, x, c)
            }
            fn exponent_product(
                &$self, a: &$crate::Exponent, b: &$crate::Exponent,
            ) -> $crate::Result<$crate::Exponent> {
                $inner.exponent_product(a, b)
            }
        }
    };
    (@Dsa [$($bound:tt)*] $type:ty, $self:ident, $inner:expr) => {
        impl<$($bound)*> $crate::Dsa for $type {
            fn generation(&$self) -> $crate::Result<Box<dyn $crate::KeyGeneration>> {
                $inner.generation()
            }
            fn generate(&$self) -> $crate::Result<$crate::SecretKey> {
                $inner.generate()
            }
            fn sign(
                &$self, key: &$crate::SecretKey, digest: &$crate::Digest,
            ) -> $crate::Result<$crate::Signature> {
                $inner.sign(key, digest)
            }
            fn verify(
                &$self, key: &$crate::PublicKey, digest: &$crate::Digest,
                signature: &$crate::Signature,
            ) -> $crate::Result<()> {
                $inner.verify(key, digest, signature)
            }
            fn validate(
                &$self, key: &$crate::PublicKey, thoroughness: $crate::Thoroughness,
            ) -> $crate::Result<()> {
                $inner.validate(key, thoroughness)
            }
            fn validate_secret(&$self, key: &$crate::SecretKey) -> $crate::Result<()> {
                $inner.validate_secret(key)
            }
        }
    };
    (@AesCtr [$($bound:tt)*] $type:ty, $self:ident, $inner:expr) => {
        impl<$($bound)*> $crate::AesCtr for $type {
            fn aes_ctr(
                &$self, key: &$crate::AesKey, counter: [u8; 16], data: &mut [u8],
            ) -> $crate::Result<()> {
                $inner.aes_ctr(key, counter, data)
            }
            fn aes_ctr_prepared(
                &$self, key: &mut $crate::PreparedKey<16>, counter: [u8; 16], data: &mut [u8],
            ) -> $crate::Result<()> {
                $inner.aes_ctr_prepared(key, counter, data)
            }
        }
    };
    (@Hash [$($bound:tt)*] $type:ty, $self:ident, $inner:expr) => {
        impl<$($bound)*> $crate::Hash for $type {
            fn sha1(&$self, parts: &[&[u8]], out: &mut [u8; 20]) -> $crate::Result<()> {
                $inner.sha1(parts, out)
            }
            fn sha256(&$self, parts: &[&[u8]], out: &mut [u8; 32]) -> $crate::Result<()> {
                $inner.sha256(parts, out)
            }
            fn hmac_sha1(&$self, key: &[u8], parts: &[&[u8]], out: &mut [u8; 20]) -> $crate::Result<()> {
                $inner.hmac_sha1(key, parts, out)
            }
            fn hmac_sha1_prepared(
                &$self, key: &mut $crate::PreparedKey<20>, parts: &[&[u8]], out: &mut [u8; 20],
            ) -> $crate::Result<()> {
                $inner.hmac_sha1_prepared(key, parts, out)
            }
            fn hmac_sha256(&$self, key: &[u8], parts: &[&[u8]], out: &mut [u8; 32]) -> $crate::Result<()> {
                $inner.hmac_sha256(key, parts, out)
            }
        }
    };
    (@Rng [$($bound:tt)*] $type:ty, $self:ident, $inner:expr) => {
        impl<$($bound)*> $crate::Rng for $type {
            fn fill(&$self, purpose: $crate::Purpose, buf: &mut [u8]) -> $crate::Result<()> {
                $inner.fill(purpose, buf)
            }
        }
    };
    (@Backend [$($bound:tt)*] $type:ty, $self:ident, $inner:expr) => {
        impl<$($bound)*> $crate::Backend for $type {
            fn name(&$self) -> &'static str {
                $inner.name()
            }
            fn version(&$self) -> String {
                $inner.version()
            }
        }
    };
}

use delegate;
