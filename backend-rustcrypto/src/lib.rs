//! The pure-Rust backend of the OTR library family, on RustCrypto's crates.
//!
//! ```
//! use otr_backend_rustcrypto::RustCrypto;
//! use otr_traits::{Exponent, ModExpExt, Purpose, Rng};
//!
//! # fn main() -> otr_traits::Result<()> {
//! let mut private = [Exponent::zeroed(40), Exponent::zeroed(40)];
//! for x in &mut private {
//!     RustCrypto.fill(Purpose::DhPrivate, x.expose_mut())?;
//! }
//! let [x, y] = private;
//! let (gx, gy) = (RustCrypto.pow_g(&x)?, RustCrypto.pow_g(&y)?);
//! assert_eq!(RustCrypto.pow(&gx, &y)?, RustCrypto.pow(&gy, &x)?);
//! # Ok(())
//! # }
//! ```
//!
//! # Time
//!
//! Constant in the secret, though not in its width: powers with a [`Power::Secret`](otr_traits::Power) exponent,
//! `mul`, `response`, `exponent_product`, DSA signatures, `validate_secret`, AES, the hashes and their HMACs.
//!
//! ## Variable time
//!
//! On purpose, because all they see is public:
//!
//! * powers with a [`Power::Public`](otr_traits::Power) exponent, and the divisor of `div`, which are sent;
//! * `verify` and `validate`, their primality tests included: of keys, digests and signatures that the peer knows;
//! * the generation of a DSA key, but for x: it takes as long as its primes are hard to find, and they are published. The
//!   sieve, the tests and the generator see nothing else;
//! * what `crypto-bigint` calls `vartime` in names such as `rem_vartime`: in the modulus, which is public.
//!
//! One bit each is told of what is computed from secrets, because it is the result: whether a signature has a 0 in it, whether
//! its nonce has an inverse, and whether x is in range and belongs to y.
//!
//! With `overflow-checks` on, `crypto-bigint` checks sums of secret words for overflow: jumps that are never taken, because
//! none overflows, and so tell nothing. A release has them off by default.
//!
//! # Memory
//!
//! What this crate holds of a secret is wiped. Beyond its reach are the temporaries inside its dependencies:
//! `crypto-bigint` leaves intermediate results on the stack.
#![forbid(unsafe_code)]

mod aes_ctr;
mod dsa;
mod hash;
mod modexp;
mod rng;

use otr_traits::Backend;

/// The backend. It has no state: powers, signatures and random bytes all start from nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct RustCrypto;

impl Backend for RustCrypto {
    fn name(&self) -> &'static str {
        "rustcrypto"
    }

    fn version(&self) -> String {
        "crypto-bigint 0.7, crypto-primes 0.7, aes 0.9, sha1 0.11, sha2 0.11, hmac 0.13, getrandom 0.4".into()
    }
}

#[cfg(test)]
mod testing {
    use otr_traits::{Error, Purpose, Result, Rng};

    /// A source that fails.
    pub(crate) struct Broken;

    impl Rng for Broken {
        fn fill(&self, _: Purpose, _: &mut [u8]) -> Result<()> {
            Err(Error::Rng)
        }
    }

    /// A source that always gives zeros.
    pub(crate) struct Constant;

    impl Rng for Constant {
        fn fill(&self, _: Purpose, buf: &mut [u8]) -> Result<()> {
            buf.fill(0);
            Ok(())
        }
    }

    /// The `N` bytes that `text` writes in hexadecimal.
    pub(crate) fn hex<const N: usize>(text: &str) -> [u8; N] {
        let byte = |at| u8::from_str_radix(&text[at..at + 2], 16).unwrap();
        let bytes: Vec<u8> = (0..text.len()).step_by(2).map(byte).collect();
        bytes.try_into().unwrap()
    }
}
