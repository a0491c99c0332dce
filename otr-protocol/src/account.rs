//! Who we are: a long-term key on one installation.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use otr_traits::{Backend, PublicKey, Purpose, Rng, SecretKey, Thoroughness};

use crate::wire::InstanceTag;
use crate::{Config, Fingerprint, Result, Session};

/// A long-term key, the backend it is used with, and the settings its sessions start with.
///
/// Cloning it is cheap, and all clones are one account. There should be one instance tag for each account *and
/// installation*: keep it, and do not copy it to another machine (INST-02).
pub struct Account<B: Backend>(Arc<Inner<B>>);

struct Inner<B> {
    backend: B,
    key: SecretKey,
    fingerprint: Fingerprint,
    tag: InstanceTag,
    config: Arc<Config>,
    validated: Mutex<HashSet<Fingerprint>>,
}

impl<B: Backend> Account<B> {
    /// A new account: a fresh key, a fresh instance tag, default settings.
    ///
    /// # Errors
    /// If the backend fails.
    pub fn generate(backend: B) -> Result<Self> {
        let key = backend.generate()?;
        let tag = InstanceTag::generate(&backend)?;
        Self::new(backend, key, tag, Config::default())
    }

    /// An account with a key from elsewhere; [`Dsa::validate_secret`](otr_traits::Dsa::validate_secret) and
    /// [`Dsa::validate`](otr_traits::Dsa::validate) say whether it is sound (KEY-09).
    ///
    /// ```
    /// use otr_protocol::traits::{Dsa, Thoroughness};
    /// use otr_protocol::{Account, Config, DefaultBackend, InstanceTag};
    ///
    /// # fn main() -> otr_protocol::Result<()> {
    /// let backend = DefaultBackend::default();
    /// let (key, tag) = (backend.generate()?, InstanceTag::generate(&backend)?); // or from a file: see otr-store
    /// backend.validate(key.public(), Thoroughness::Primality)?;
    /// backend.validate_secret(&key)?;
    /// let account = Account::new(backend, key, tag, Config::default())?;
    /// println!("{}", account.fingerprint());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// If the settings contradict themselves, or the backend fails.
    pub fn new(backend: B, key: SecretKey, tag: InstanceTag, config: Config) -> Result<Self> {
        config.check()?;
        let fingerprint = Fingerprint::of(key.public(), &backend)?;
        let validated = Mutex::default();
        let config = Arc::new(config);
        Ok(Self(Arc::new(Inner { backend, key, fingerprint, tag, config, validated })))
    }

    /// A conversation with one correspondent, whatever the number of their clients.
    #[must_use]
    pub fn session(&self) -> Session<B> {
        Session::new(self.clone())
    }

    /// The backend.
    #[must_use]
    pub fn backend(&self) -> &B {
        &self.0.backend
    }

    /// The long-term key.
    #[must_use]
    pub fn key(&self) -> &SecretKey {
        &self.0.key
    }

    /// The fingerprint of the long-term key.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        self.0.fingerprint
    }

    /// The tag of this client.
    #[must_use]
    pub fn instance_tag(&self) -> InstanceTag {
        self.0.tag
    }

    /// The settings that sessions start with.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.0.config
    }

    /// The same, for a session to hold.
    pub(crate) fn shared_config(&self) -> Arc<Config> {
        Arc::clone(&self.0.config)
    }

    /// Checks the orders of a peer's key, once for each fingerprint (KEY-04).
    pub(crate) fn validate(&self, key: &PublicKey, fingerprint: Fingerprint) -> otr_traits::Result<()> {
        const MAX_REMEMBERED: usize = 4096;
        if self.validated().contains(&fingerprint) {
            return Ok(());
        }
        self.0.backend.validate(key, Thoroughness::Orders)?;
        let mut validated = self.validated();
        if validated.len() == MAX_REMEMBERED {
            validated.clear();
        }
        validated.insert(fingerprint);
        Ok(())
    }

    fn validated(&self) -> std::sync::MutexGuard<'_, HashSet<Fingerprint>> {
        self.0.validated.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<B: Backend> Clone for Account<B> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<B: Backend> core::fmt::Debug for Account<B> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Account {{ fingerprint: {}, tag: {} }}", self.0.fingerprint, self.0.tag)
    }
}

impl InstanceTag {
    /// A fresh tag: random, at least [`MIN`](Self::MIN) (INST-02).
    ///
    /// # Errors
    /// [`otr_traits::Error::Rng`].
    pub fn generate(rng: &(impl Rng + ?Sized)) -> otr_traits::Result<Self> {
        loop {
            let mut bytes = [0; 4];
            rng.fill(Purpose::InstanceTag, &mut bytes)?;
            let tag = Self::new(u32::from_be_bytes(bytes));
            if tag.is_valid() {
                return Ok(tag);
            }
        }
    }
}
