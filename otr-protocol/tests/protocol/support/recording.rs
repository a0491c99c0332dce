//! A backend that remembers every secret it sees.

use std::sync::Mutex;

use otr_protocol::RustCrypto;
use otr_protocol::traits::{AesCtr, AesKey, Hash, Purpose, Result, Rng, delegate};

#[derive(Default)]
pub(crate) struct Recording {
    inner: RustCrypto,
    secrets: Mutex<Vec<Vec<u8>>>,
}

impl Recording {
    /// Everything random, and every key.
    pub(crate) fn secrets(&self) -> Vec<Vec<u8>> {
        self.secrets.lock().unwrap().clone()
    }

    fn note(&self, secret: &[u8]) {
        self.secrets.lock().unwrap().push(secret.to_vec());
    }
}

impl AesCtr for Recording {
    fn aes_ctr(&self, key: &AesKey, counter: [u8; 16], data: &mut [u8]) -> Result<()> {
        self.note(key.expose());
        self.inner.aes_ctr(key, counter, data)
    }
}

impl Hash for Recording {
    fn sha1(&self, parts: &[&[u8]], out: &mut [u8; 20]) -> Result<()> {
        self.inner.sha1(parts, out)
    }

    fn sha256(&self, parts: &[&[u8]], out: &mut [u8; 32]) -> Result<()> {
        self.inner.sha256(parts, out)
    }

    fn hmac_sha1(&self, key: &[u8], parts: &[&[u8]], out: &mut [u8; 20]) -> Result<()> {
        self.note(key);
        self.inner.hmac_sha1(key, parts, out)
    }

    fn hmac_sha256(&self, key: &[u8], parts: &[&[u8]], out: &mut [u8; 32]) -> Result<()> {
        self.note(key);
        self.inner.hmac_sha256(key, parts, out)
    }
}

impl Rng for Recording {
    fn fill(&self, purpose: Purpose, buf: &mut [u8]) -> Result<()> {
        self.inner.fill(purpose, buf)?;
        self.note(buf);
        Ok(())
    }
}

delegate! { impl[] ModExp, Dsa, Backend for Recording => |self| self.inner }
