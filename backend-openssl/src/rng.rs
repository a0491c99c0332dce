//! Random bytes from OpenSSL's generator for private values.

use otr_traits::{Error, Purpose, Result, Rng};

use crate::OpenSsl;

impl Rng for OpenSsl {
    fn fill(&self, _: Purpose, buf: &mut [u8]) -> Result<()> {
        // OpenSSL counts lengths in 32 bits, with a sign.
        buf.chunks_mut(1 << 30).try_for_each(openssl::rand::rand_priv_bytes).map_err(|_| Error::Rng)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_filled_and_no_two_fills_are_alike() {
        let mut seen = [[0; 64]; 16];
        for buf in &mut seen {
            OpenSsl.fill(Purpose::R, buf).unwrap();
        }
        // A byte that is zero 16 times in a row: 2^-122.
        assert!((0..64).all(|at| seen.iter().any(|buf| buf[at] != 0)));
        seen.sort();
        assert!(seen.windows(2).all(|pair| pair[0] != pair[1]));
    }
}
