//! SHA-1, SHA-256 and their HMACs.

use digest::{FixedOutput, KeyInit, Output, Update};
use hmac::Hmac;
use otr_traits::{Error, Hash, PreparedKey, Result};
use sha1::Sha1;
use sha2::Sha256;

use crate::RustCrypto;

impl Hash for RustCrypto {
    fn sha1(&self, parts: &[&[u8]], out: &mut [u8; 20]) -> Result<()> {
        finish(Sha1::default(), parts, out.into());
        Ok(())
    }

    fn sha256(&self, parts: &[&[u8]], out: &mut [u8; 32]) -> Result<()> {
        finish(Sha256::default(), parts, out.into());
        Ok(())
    }

    fn hmac_sha1(&self, key: &[u8], parts: &[&[u8]], out: &mut [u8; 20]) -> Result<()> {
        finish(keyed::<Hmac<Sha1>>(key)?, parts, out.into());
        Ok(())
    }

    fn hmac_sha1_prepared(
        &self,
        key: &mut PreparedKey<20>,
        parts: &[&[u8]],
        out: &mut [u8; 20],
    ) -> Result<()> {
        key.with_kept(
            |key| Ok(Begun { start: keyed(key.expose())?, head: None }),
            |begun| {
                begun.hmac(parts, out);
                Ok(())
            },
        )
    }

    fn hmac_sha256(&self, key: &[u8], parts: &[&[u8]], out: &mut [u8; 32]) -> Result<()> {
        finish(keyed::<Hmac<Sha256>>(key)?, parts, out.into());
        Ok(())
    }
}

/// An HMAC-SHA-1 after its key, and after the head of the last message: one message of a session after another starts with
/// the same version, tags, ids and public key, more than half of what there is to hash in a short one. The outer hash is
/// kept after its key, too.
struct Begun {
    start: Hmac<Sha1>,
    head: Option<Head>,
}

/// Three blocks of the hash.
const HEAD: usize = 192;

struct Head {
    bytes: [u8; HEAD],
    after: Hmac<Sha1>,
}

impl Begun {
    /// What is authenticated is public, so that heads are compared in variable time.
    fn hmac(&mut self, parts: &[&[u8]], out: &mut [u8; 20]) {
        let head = parts.split_first().and_then(|(first, rest)| Some((first.split_first_chunk()?, rest)));
        let Some(((bytes, tail), rest)) = head else {
            return finish(self.start.clone(), parts, out.into());
        };
        let head = match &mut self.head {
            Some(head) if head.bytes == *bytes => head,
            other => {
                let after = self.start.clone().chain(bytes);
                other.insert(Head { bytes: *bytes, after })
            }
        };
        finish(head.after.clone().chain(tail), rest, out.into());
    }
}

/// HMAC takes keys of any length, but its type does not say so.
fn keyed<M: KeyInit>(key: &[u8]) -> Result<M> {
    M::new_from_slice(key)
        .map_err(|error| Error::Refused { operation: "HMAC key", reason: error.to_string() })
}

/// Writes the result in place: it may be a secret.
fn finish<S: Update + FixedOutput>(mut state: S, parts: &[&[u8]], out: &mut Output<S>) {
    for part in parts {
        state.update(part);
    }
    state.finalize_into(out);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::hex;

    /// The one buffer that `hash` fills.
    fn out<const N: usize>(hash: impl FnOnce(&mut [u8; N]) -> Result<()>) -> [u8; N] {
        let mut out = [0; N];
        hash(&mut out).unwrap();
        out
    }

    #[test]
    fn the_examples_of_fips_180() {
        // In parts, one of them empty: the parts are joined.
        let abc: [&[u8]; 3] = [b"a", b"", b"bc"];
        assert_eq!(out(|o| RustCrypto.sha1(&abc, o)), hex("a9993e364706816aba3e25717850c26c9cd0d89d"));
        assert_eq!(out(|o| RustCrypto.sha1(&[], o)), hex("da39a3ee5e6b4b0d3255bfef95601890afd80709"));
        assert_eq!(
            out(|o| RustCrypto.sha256(&abc, o)),
            hex("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        );
        assert_eq!(
            out(|o| RustCrypto.sha256(&[], o)),
            hex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        );
    }

    #[test]
    fn the_examples_of_rfc_2202_and_rfc_4231() {
        let jefe: [&[u8]; 2] = [b"what do ya want ", b"for nothing?"];
        let long: [&[u8]; 1] = [b"Test Using Larger Than Block-Size Key - Hash Key First"];
        assert_eq!(
            out(|o| RustCrypto.hmac_sha1(b"Jefe", &jefe, o)),
            hex("effcdf6ae5eb2fa2d27416d5f184df9c259a7c79")
        );
        assert_eq!(
            out(|o| RustCrypto.hmac_sha1(&[0xaa; 80], &long, o)),
            hex("aa4ae5e15272d00e95705637ce8a3b55ed402112")
        );
        assert_eq!(
            out(|o| RustCrypto.hmac_sha256(b"Jefe", &jefe, o)),
            hex("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
        );
        assert_eq!(
            out(|o| RustCrypto.hmac_sha256(&[0xaa; 131], &long, o)),
            hex("60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54")
        );
    }
}
