//! Encryption and authentication of what is saved.
//!
//! ```text
//! "OTRsaved" ‖ BYTE what ‖ BYTE format ‖ salt (16) ‖ AES-128-CTR(key', 0, JSON) ‖ HMAC-SHA-256(key'', all before) (32)
//! ```
//!
//! with key' = the first 16 bytes of HMAC-SHA-256(key, 1 ‖ salt), key'' = HMAC-SHA-256(key, 2 ‖ salt): one pair of keys
//! for each salt. All of it are functions that every backend has.

use otr_traits::{AesKey, Backend, Purpose, Secret};
use serde::Serialize;
use serde::de::DeserializeOwned;
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, Zeroizing};

use super::{FORMAT, SavedError, check_format};

const MAGIC: &[u8; 8] = b"OTRsaved";
const SALT: usize = 16;
const TAG: usize = 32;

/// What is saved.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    Account,
    Session,
}

impl Kind {
    const fn byte(self) -> u8 {
        match self {
            Self::Account => b'A',
            Self::Session => b'S',
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Session => "session",
        }
    }
}

pub(super) fn seal(
    backend: &impl Backend,
    key: &Secret<32>,
    kind: Kind,
    content: &impl Serialize,
) -> Result<Vec<u8>, SavedError> {
    let mut text = Text::default();
    serde_json::to_writer(&mut text, content).map_err(|_| SavedError::Content("it cannot be written"))?;
    let mut salt = [0; SALT];
    backend.fill(Purpose::Saved, &mut salt)?;
    let keys = Keys::derive(backend, key, &salt)?;
    backend.aes_ctr(&keys.encryption, [0; 16], &mut text.0)?;
    let mut sealed = [MAGIC.as_slice(), &[kind.byte(), FORMAT], &salt, &text.0].concat();
    let tag = keys.tag(backend, &sealed)?;
    sealed.extend_from_slice(&tag);
    Ok(sealed)
}

pub(super) fn open<T: DeserializeOwned>(
    backend: &impl Backend,
    key: &Secret<32>,
    kind: Kind,
    sealed: &[u8],
) -> Result<T, SavedError> {
    let unrecognized = SavedError::Unrecognized { expected: kind.name() };
    let rest = sealed.strip_prefix(MAGIC).and_then(|rest| rest.strip_prefix(&[kind.byte()]));
    let (format, rest) = rest.and_then(<[u8]>::split_first).ok_or(unrecognized)?;
    check_format(*format)?;
    let (salt, rest) = rest.split_first_chunk::<SALT>().ok_or(SavedError::Authentication)?;
    let (encrypted, tag) = rest.split_last_chunk::<TAG>().ok_or(SavedError::Authentication)?;
    let keys = Keys::derive(backend, key, salt)?;
    let (covered, _) = sealed.split_at(sealed.len() - TAG);
    if !bool::from(keys.tag(backend, covered)?.ct_eq(tag)) {
        return Err(SavedError::Authentication);
    }
    let mut text = Zeroizing::new(encrypted.to_vec());
    backend.aes_ctr(&keys.encryption, [0; 16], &mut text)?;
    serde_json::from_slice(&text).map_err(|_| SavedError::Content("a field is missing or of the wrong type"))
}

struct Keys {
    encryption: AesKey,
    authentication: Secret<32>,
}

impl Keys {
    fn derive(backend: &impl Backend, key: &Secret<32>, salt: &[u8; SALT]) -> Result<Self, SavedError> {
        let derive = |use_: u8| -> Result<Secret<32>, SavedError> {
            let mut derived = Secret::zeroed();
            backend.hmac_sha256(key.expose(), &[&[use_], salt], derived.expose_mut())?;
            Ok(derived)
        };
        let (first, authentication) = (derive(1)?, derive(2)?);
        let mut encryption = AesKey::zeroed();
        for (to, from) in encryption.expose_mut().iter_mut().zip(first.expose()) {
            *to = *from;
        }
        Ok(Self { encryption, authentication })
    }

    fn tag(&self, backend: &impl Backend, covered: &[u8]) -> Result<[u8; TAG], SavedError> {
        let mut tag = [0; TAG];
        backend.hmac_sha256(self.authentication.expose(), &[covered], &mut tag)?;
        Ok(tag)
    }
}

/// What has been written; wiped on drop, and where it was before it grew.
#[derive(Default)]
struct Text(Vec<u8>);

impl std::io::Write for Text {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if self.0.capacity() - self.0.len() < bytes.len() {
            let mut larger = Vec::with_capacity(2 * self.0.capacity().max(2048) + bytes.len());
            larger.extend_from_slice(&self.0);
            core::mem::replace(&mut self.0, larger).zeroize();
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Drop for Text {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}
