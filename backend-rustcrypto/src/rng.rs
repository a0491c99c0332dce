//! Random bytes from the operating system.

use core::convert::Infallible;

use digest::{FixedOutput, Update};
use otr_traits::{Error, Purpose, Result, Rng, Secret};
use rand_core::{TryCryptoRng, TryRng};
use sha2::Sha256;

use crate::RustCrypto;

impl Rng for RustCrypto {
    fn fill(&self, _: Purpose, buf: &mut [u8]) -> Result<()> {
        getrandom::fill(buf).map_err(|_| Error::Rng)
    }
}

/// Endless random bytes from one seed: SHA-256 in counter mode.
///
/// The generators of primes and nonces panic when their source fails, or hide it. This one can fail only
/// where it is made.
pub(crate) struct Stream {
    key: Secret<32>,
    counter: u64,
}

impl Stream {
    /// Draws 32 bytes from `rng` and hashes them with the fixed-width `context`, so that what depends on
    /// `context` never repeats for another, even if `rng` does (KEY-07).
    pub(crate) fn new(rng: &(impl Rng + ?Sized), purpose: Purpose, context: &[&[u8]]) -> Result<Self> {
        let mut seed = Secret::<32>::zeroed();
        rng.fill(purpose, seed.expose_mut())?;
        let mut key = Secret::zeroed();
        let start = Sha256::default().chain(seed.expose());
        context.iter().fold(start, Update::chain).finalize_into(key.expose_mut().into());
        Ok(Self { key, counter: 0 })
    }
}

impl TryRng for Stream {
    type Error = Infallible;

    fn try_fill_bytes(&mut self, dst: &mut [u8]) -> Result<(), Infallible> {
        let mut block = Secret::<32>::zeroed();
        for chunk in dst.chunks_mut(32) {
            let input = Sha256::default().chain(self.key.expose()).chain(self.counter.to_be_bytes());
            input.finalize_into(block.expose_mut().into());
            self.counter += 1;
            for (to, from) in chunk.iter_mut().zip(block.expose()) {
                *to = *from;
            }
        }
        Ok(())
    }

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_be_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_be_bytes(bytes))
    }
}

impl TryCryptoRng for Stream {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Broken, Constant, hex};

    #[test]
    fn every_byte_is_filled_and_no_two_fills_are_alike() {
        let mut seen = [[0; 64]; 16];
        for buf in &mut seen {
            RustCrypto.fill(Purpose::R, buf).unwrap();
        }
        // A byte that is zero 16 times in a row: 2^-122.
        assert!((0..64).all(|at| seen.iter().any(|buf| buf[at] != 0)));
        seen.sort();
        assert!(seen.windows(2).all(|pair| pair[0] != pair[1]));
    }

    #[test]
    fn a_stream_is_sha_256_of_its_key_and_a_counter() {
        let mut stream = Stream::new(&Constant, Purpose::DsaKey, &[]).unwrap();
        let mut bytes = [0; 40];
        let Ok(()) = stream.try_fill_bytes(&mut bytes);
        // SHA-256(key || 0), SHA-256(key || 1) with key = SHA-256(32 zeros), computed in Python.
        assert_eq!(
            bytes,
            hex("cd9fefec45bb38884b43730fca9d289aa14fdb7f9479813b17640c0e361b7002dc48d4f9446a64c8")
        );
        // The rest of the second block is not used again.
        let Ok(next) = stream.try_next_u64();
        assert_ne!(next.to_be_bytes(), hex("c3792bcc49d91140"));
    }

    #[test]
    fn a_stream_depends_on_its_context_and_fails_only_when_made() {
        let first = |context: &[&[u8]]| {
            let Ok(number) = Stream::new(&Constant, Purpose::DsaNonce, context).unwrap().try_next_u64();
            number
        };
        assert_ne!(first(&[&[1], &[2]]), first(&[&[1], &[3]]));
        assert_eq!(Stream::new(&Broken, Purpose::DsaNonce, &[]).err(), Some(Error::Rng));
    }
}
