//! The OpenSSL backend of the OTR library family, on OpenSSL 3.0 or newer.
//!
//! ```
//! use otr_backend_openssl::OpenSsl;
//! use otr_traits::{Exponent, ModExpExt, Purpose, Rng};
//!
//! # fn main() -> otr_traits::Result<()> {
//! let mut private = [Exponent::zeroed(40), Exponent::zeroed(40)];
//! for x in &mut private {
//!     OpenSsl.fill(Purpose::DhPrivate, x.expose_mut())?;
//! }
//! let [x, y] = private;
//! let (gx, gy) = (OpenSsl.pow_g(&x)?, OpenSsl.pow_g(&y)?);
//! assert_eq!(OpenSsl.pow(&gx, &y)?, OpenSsl.pow(&gy, &x)?);
//! # Ok(())
//! # }
//! ```
//!
//! The system's library is used; the feature `vendored` builds one from source. What the library refuses, as
//! OpenSSL does in FIPS mode, is [`Error::Refused`].
//!
//! # Time
//!
//! Constant in the secret: powers with a [`Power::Secret`](otr_traits::Power) exponent and `validate_secret`
//! (`BN_FLG_CONSTTIME`), `mul`, DSA signatures and AES as far as OpenSSL's own are, the hashes and their HMACs.
//!
//! Secret powers of an element that has no table are OpenSSL's. Those of the generator and of prepared bases, public
//! powers, and `mul` are [`otr_traits::group`]'s: OpenSSL has no tables, and its Montgomery multiplication cannot be
//! reached from safe Rust.
//!
//! OpenSSL's other multiplication and division of large numbers are *not* constant, and no flag makes them so: they
//! branch on digits. `div`, `response` and `exponent_product` therefore give them masked numbers only, as
//! OpenSSL's own DSA signatures do. The last subtraction of a secret product still depends on its sign, which is
//! a biased coin, tossed once; that of `response`, whose result is public, is masked too.
//!
//! OpenSSL drops leading zero words of a number, and so tells by its time *how many 64-bit words* a secret has:
//! fewer than its width gives for one uniform exponent in 2^64. It does not tell the number of bits in the first
//! word. Reading a number in tells, in nanoseconds, how many zero bytes it starts with.
//!
//! ## Variable time
//!
//! On purpose, because all they see is public:
//!
//! * powers with a [`Power::Public`](otr_traits::Power) exponent, and the divisor of `div`, which are sent;
//! * `verify` and `validate`, their primality tests included: of keys, digests and signatures that the peer knows;
//! * the generation of a DSA key, but for x: it takes as long as its primes are hard to find, and they are published;
//! * how often x is drawn until it is below q: what was thrown away is no secret.
//!
//! # Memory
//!
//! Every number made here is allocated as secure, which makes OpenSSL wipe it when it is freed, and on the secure heap if
//! the application has set one up. Contexts are wiped by OpenSSL when freed, or here before they are used again; those that are kept
//! with a [`PreparedKey`](otr_traits::PreparedKey), when it is dropped.
//!
//! # Speed
//!
//! Much of a call of OpenSSL's takes the same time whatever its input: to look a function up by name, to make a
//! context, to start it. So functions are looked up once, and every thread keeps a context for each hash. A
//! [`PreparedKey`](otr_traits::PreparedKey) keeps an AES context that needs nothing but its counter, or two contexts of
//! SHA-1 that have taken in the key of an HMAC and are copied. OpenSSL's own HMAC is reached by safe calls only through
//! a new key object each time. Its old functions for SHA-1 would be faster, but pass by its providers, so by what a
//! FIPS mode refuses.
#![forbid(unsafe_code)]

mod aes_ctr;
mod dsa;
mod hash;
mod modexp;
mod number;
mod rng;

use openssl::error::ErrorStack;
use otr_traits::{Backend, Error};

/// The backend. It has no state of its own; OpenSSL's is the process's.
#[derive(Clone, Copy, Debug, Default)]
pub struct OpenSsl;

impl Backend for OpenSsl {
    fn name(&self) -> &'static str {
        "openssl"
    }

    fn version(&self) -> String {
        openssl::version::version().into()
    }
}

/// What OpenSSL's errors mean: its source of random bytes failed, or it refuses `operation`, in its own words.
fn refused(operation: &'static str) -> impl FnOnce(ErrorStack) -> Error {
    /// `ERR_LIB_RAND`, which the `openssl` crate does not name.
    const RANDOM_NUMBER_GENERATOR: i32 = 36;
    move |stack| {
        if stack.errors().iter().any(|error| error.library_code() == RANDOM_NUMBER_GENERATOR) {
            return Error::Rng;
        }
        Error::Refused { operation, reason: stack.to_string() }
    }
}

#[cfg(test)]
mod testing {
    /// The `N` bytes that `text` writes in hexadecimal.
    pub(crate) fn hex<const N: usize>(text: &str) -> [u8; N] {
        let byte = |at| u8::from_str_radix(&text[at..at + 2], 16).unwrap();
        let bytes: Vec<u8> = (0..text.len()).step_by(2).map(byte).collect();
        bytes.try_into().unwrap()
    }
}
