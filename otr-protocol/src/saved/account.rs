//! Accounts.

use otr_traits::{Backend, PublicKey, Secret, SecretKey, Thoroughness};
use serde::{Deserialize, Serialize};

use super::envelope::{Kind, open, seal};
use super::hex::Bytes;
use super::{FORMAT, SavedError, check_format};
use crate::{Account, Config, InstanceTag};

/// The long-term key and the instance tag of an account: all of it but the settings.
///
/// As JSON and in other formats it is *not* encrypted: [`encrypt`](Self::encrypt) is for that.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SavedAccount {
    format: u8,
    instance_tag: u32,
    p: Bytes,
    q: Bytes,
    g: Bytes,
    y: Bytes,
    x: Bytes,
}

impl<B: Backend> Account<B> {
    /// What [`SavedAccount::restore`] makes the account again from. Libotr's files, which otr-store writes, hold the same and can be
    /// shared with other programs; but they are not encrypted.
    ///
    /// ```
    /// # use otr_protocol::{Account, Config, DefaultBackend, SavedAccount, traits::Secret};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let account = Account::generate(DefaultBackend::default())?;
    /// # let key = Secret::from([7; 32]);
    /// let bytes = account.save().encrypt(account.backend(), &key)?;
    ///
    /// let backend = DefaultBackend::default();
    /// let restored = SavedAccount::decrypt(&backend, &key, &bytes)?.restore(backend, Config::default())?;
    /// assert_eq!(restored.fingerprint(), account.fingerprint());
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn save(&self) -> SavedAccount {
        let (key, public) = (self.key(), self.key().public());
        SavedAccount {
            format: FORMAT,
            instance_tag: self.instance_tag().number(),
            p: public.p().into(),
            q: public.q().into(),
            g: public.g().into(),
            y: public.y().into(),
            x: key.x().expose().into(),
        }
    }
}

impl SavedAccount {
    /// The account, with these settings.
    ///
    /// # Errors
    /// [`SavedError::Content`] if the key is none, or not sound (KEY-04, KEY-09); [`SavedError::Settings`].
    pub fn restore<B: Backend>(&self, backend: B, config: Config) -> Result<Account<B>, SavedError> {
        check_format(self.format)?;
        let unsound = SavedError::Content("the long-term key is not sound");
        let numbers = (|| Some((self.p.array()?, self.q.array()?, self.g.array()?, self.y.array()?)))();
        let (p, q, g, y) = numbers.ok_or_else(|| unsound.clone())?;
        let x = Secret::from_slice(self.x.as_slice()).ok_or_else(|| unsound.clone())?;
        let public = PublicKey::new(p, q, g, y).map_err(|_| unsound.clone())?;
        let key = SecretKey::new(public, x).map_err(|_| unsound.clone())?;
        for checked in [backend.validate(key.public(), Thoroughness::Orders), backend.validate_secret(&key)] {
            checked.map_err(|_| unsound.clone())?;
        }
        let tag = InstanceTag::new(self.instance_tag);
        if !tag.is_valid() {
            return Err(SavedError::Content("the instance tag is below 0x100"));
        }
        Account::new(backend, key, tag, config).map_err(SavedError::Settings)
    }

    /// Encrypts it: only the holder of `key`, 32 random bytes, can read or change it.
    ///
    /// # Errors
    /// If the backend fails.
    pub fn encrypt(&self, backend: &impl Backend, key: &Secret<32>) -> Result<Vec<u8>, SavedError> {
        seal(backend, key, Kind::Account, self)
    }

    /// The reverse.
    ///
    /// # Errors
    /// [`SavedError::Unrecognized`], [`SavedError::Format`], [`SavedError::Authentication`], [`SavedError::Content`].
    pub fn decrypt(backend: &impl Backend, key: &Secret<32>, bytes: &[u8]) -> Result<Self, SavedError> {
        open(backend, key, Kind::Account, bytes)
    }
}
