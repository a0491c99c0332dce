//! SHA-1, SHA-256 and their HMACs.

use std::cell::Cell;
use std::thread::LocalKey;

use openssl::hash::{self, MessageDigest};
use openssl::md::Md;
use openssl::md_ctx::MdCtx;
use otr_traits::{Error, Hash, PreparedKey, Result};
use zeroize::Zeroizing;

use crate::{OpenSsl, number, refused};

impl Hash for OpenSsl {
    fn sha1(&self, parts: &[&[u8]], out: &mut [u8; 20]) -> Result<()> {
        with(&SHA1, "SHA1", |hasher| hasher.hash(parts, out))
    }

    fn sha256(&self, parts: &[&[u8]], out: &mut [u8; 32]) -> Result<()> {
        with(&SHA256, "SHA256", |hasher| hasher.hash(parts, out))
    }

    fn hmac_sha1(&self, key: &[u8], parts: &[&[u8]], out: &mut [u8; 20]) -> Result<()> {
        with(&SHA1, "SHA1", |hasher| hasher.hmac(key, parts, out))
    }

    fn hmac_sha1_prepared(
        &self,
        key: &mut PreparedKey<20>,
        parts: &[&[u8]],
        out: &mut [u8; 20],
    ) -> Result<()> {
        key.with_kept(
            |key| Begun::with(key.expose()).map_err(refused("SHA1")),
            |begun| begun.hmac(parts, out).map_err(refused("SHA1")),
        )
    }

    fn hmac_sha256(&self, key: &[u8], parts: &[&[u8]], out: &mut [u8; 32]) -> Result<()> {
        with(&SHA256, "SHA256", |hasher| hasher.hmac(key, parts, out))
    }
}

/// A hash function, looked up, and a context to compute it in. To make both anew takes longer than to hash 100
/// bytes, so every thread keeps one.
struct Hasher {
    function: Md,
    context: MdCtx,
}

type Kept = Cell<Option<Hasher>>;

thread_local! {
    static SHA1: Kept = const { Cell::new(None) };
    static SHA256: Kept = const { Cell::new(None) };
}

/// Does `work` with the thread's hasher, if it has one, and keeps it if all went well.
fn with(
    kept: &'static LocalKey<Kept>,
    name: &'static str,
    work: impl FnOnce(&mut Hasher) -> number::Result<()>,
) -> Result<()> {
    let attempt = |kept: &Kept| {
        let mut hasher = kept.take().map_or_else(|| Hasher::fetch(name), Ok)?;
        work(&mut hasher)?;
        // Wipes what the context still knows of the result.
        hasher.start()?;
        kept.set(Some(hasher));
        Ok(())
    };
    match kept.try_with(attempt) {
        Ok(result) => result.map_err(refused(name)),
        Err(error) => Err(Error::Refused { operation: name, reason: error.to_string() }),
    }
}

impl Hasher {
    fn fetch(name: &str) -> number::Result<Self> {
        Ok(Self { function: Md::fetch(None, name, None)?, context: MdCtx::new()? })
    }

    fn start(&mut self) -> number::Result<()> {
        self.context.digest_init(&self.function)
    }

    /// The hash of the joined `parts`.
    fn hash(&mut self, parts: &[&[u8]], out: &mut [u8]) -> number::Result<()> {
        self.start()?;
        self.finish(parts, out)
    }

    /// RFC 2104, for functions that take blocks of 64 bytes. OpenSSL's own HMAC is safely reached only through a
    /// new key object each time, which takes more than ten times as long for 100 bytes.
    fn hmac(&mut self, key: &[u8], parts: &[&[u8]], out: &mut [u8]) -> number::Result<()> {
        let mut block = if key.len() > BLOCK {
            self.hash(&[key], out)?;
            block(out)
        } else {
            block(key)
        };
        block.iter_mut().for_each(|byte| *byte ^= INNER);
        self.start()?;
        self.context.digest_update(&*block)?;
        self.finish(parts, out)?;
        block.iter_mut().for_each(|byte| *byte ^= INNER ^ OUTER);
        self.start()?;
        self.context.digest_update(&*block)?;
        self.context.digest_update(out)?;
        self.finish(&[], out)
    }

    fn finish(&mut self, parts: &[&[u8]], out: &mut [u8]) -> number::Result<()> {
        for part in parts {
            self.context.digest_update(part)?;
        }
        self.context.digest_final(out).map(drop)
    }
}

/// The two hashes of an HMAC-SHA-1 after the block that each of them starts with: its key. To copy them takes less
/// time than to start anew and hash those blocks.
struct Begun {
    inner: hash::Hasher,
    outer: hash::Hasher,
}

impl Begun {
    fn with(key: &[u8; 20]) -> number::Result<Self> {
        let begun = |pad: u8| {
            let mut block = block(key);
            block.iter_mut().for_each(|byte| *byte ^= pad);
            let mut hasher = hash::Hasher::new(MessageDigest::sha1())?;
            hasher.update(&*block).map(|()| hasher)
        };
        Ok(Self { inner: begun(INNER)?, outer: begun(OUTER)? })
    }

    fn hmac(&self, parts: &[&[u8]], out: &mut [u8]) -> number::Result<()> {
        let (mut inner, mut outer) = (self.inner.clone(), self.outer.clone());
        parts.iter().try_for_each(|part| inner.update(part))?;
        outer.update(&inner.finish()?)?;
        fill(out, &outer.finish()?);
        Ok(())
    }
}

/// The bytes that SHA-1 and SHA-256 take at a time.
const BLOCK: usize = 64;
const INNER: u8 = 0x36;
const OUTER: u8 = 0x5c;

/// A key of up to 64 bytes as a block.
fn block(key: &[u8]) -> Zeroizing<[u8; BLOCK]> {
    let mut block = Zeroizing::new([0; BLOCK]);
    fill(&mut *block, key);
    block
}

fn fill(to: &mut [u8], from: &[u8]) {
    for (to, from) in to.iter_mut().zip(from) {
        *to = *from;
    }
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
        assert_eq!(out(|o| OpenSsl.sha1(&abc, o)), hex("a9993e364706816aba3e25717850c26c9cd0d89d"));
        assert_eq!(out(|o| OpenSsl.sha1(&[], o)), hex("da39a3ee5e6b4b0d3255bfef95601890afd80709"));
        assert_eq!(
            out(|o| OpenSsl.sha256(&abc, o)),
            hex("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        );
        assert_eq!(
            out(|o| OpenSsl.sha256(&[], o)),
            hex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        );
    }

    #[test]
    fn the_examples_of_rfc_2202_and_rfc_4231() {
        let jefe: [&[u8]; 2] = [b"what do ya want ", b"for nothing?"];
        let long: [&[u8]; 1] = [b"Test Using Larger Than Block-Size Key - Hash Key First"];
        assert_eq!(
            out(|o| OpenSsl.hmac_sha1(b"Jefe", &jefe, o)),
            hex("effcdf6ae5eb2fa2d27416d5f184df9c259a7c79")
        );
        assert_eq!(
            out(|o| OpenSsl.hmac_sha1(&[0xaa; 80], &long, o)),
            hex("aa4ae5e15272d00e95705637ce8a3b55ed402112")
        );
        assert_eq!(
            out(|o| OpenSsl.hmac_sha256(b"Jefe", &jefe, o)),
            hex("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
        );
        assert_eq!(
            out(|o| OpenSsl.hmac_sha256(&[0xaa; 131], &long, o)),
            hex("60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54")
        );
    }
}
