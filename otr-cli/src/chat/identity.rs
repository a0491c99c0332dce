//! Who we are: a key, an instance tag and the known fingerprints, from a profile.

use std::sync::mpsc::SyncSender;
use std::thread;
use std::time::Duration;

use otr_protocol::traits::SecretKey;
use otr_protocol::{Account, Config, KnownFingerprints, Policy};
use otr_store::fingerprints::Correspondent;
use otr_store::{FileTrust, TrustStore, private_key};

use super::Input;
use crate::backend::Shared;
use crate::failure::Failure;
use crate::generate;
use crate::profile::{Name, Profile};

/// Who we are, and whom we talk to.
pub(crate) struct Identity {
    profile: Profile,
    name: Name,
    backend: Shared,
    peer: Correspondent,
    trust: FileTrust,
}

/// How the making of the key goes.
pub(crate) enum KeyNews {
    /// In percent.
    Progress(u8),
    Made(SecretKey),
    /// In words.
    Failed(String),
}

impl Identity {
    /// The account `name` of a profile, in a conversation with `peer`.
    pub(crate) fn new(profile: Profile, name: Name, backend: Shared, peer: &str) -> Result<Self, Failure> {
        let peer = Correspondent::new(peer, name.account.as_str(), name.protocol.as_str())
            .map_err(Failure::start)?;
        profile.create()?;
        let trust = FileTrust::new(profile.fingerprints());
        Ok(Self { profile, name, backend, peer, trust })
    }

    /// What is known of the peer's keys.
    pub(crate) fn known(&mut self) -> Result<KnownFingerprints, Failure> {
        self.trust.known(&self.peer).map_err(Failure::start)
    }

    /// Keeps what is known of the peer's keys.
    pub(crate) fn remember(&mut self, known: &KnownFingerprints) -> Result<(), Failure> {
        self.trust.remember(&self.peer, known).map_err(Failure::run)
    }

    /// The key, if there is one.
    pub(crate) fn key(&self) -> Result<Option<SecretKey>, Failure> {
        let keys = self.profile.load_keys(&self.backend)?;
        Ok(keys.find(&self.name.account, &self.name.protocol).map(|account| account.key().duplicate()))
    }

    /// Makes a key in the background, and tells how that goes.
    pub(crate) fn make_key(&self, inputs: SyncSender<Input>) {
        let backend = self.backend.clone();
        thread::spawn(move || {
            let tell = |news| inputs.send(Input::Key(news)).is_ok();
            let made = generate::search(&backend, |progress| tell(KeyNews::Progress(progress.percent())));
            match made {
                Ok(Some(key)) => tell(KeyNews::Made(key)),
                Ok(None) => false,
                Err(failure) => tell(KeyNews::Failed(failure.to_string())),
            }
        });
    }

    /// Keeps a key that was made.
    pub(crate) fn keep(&self, key: &SecretKey) -> Result<(), Failure> {
        let (account, protocol) = (self.name.account.as_str(), self.name.protocol.as_str());
        let account =
            private_key::Account::new(account, protocol, key.duplicate()).map_err(Failure::start)?;
        self.profile.add(account, &self.backend)
    }

    /// The account to speak as; `policy` says what may be sent.
    pub(crate) fn account(&self, key: SecretKey, policy: Policy) -> Result<Account<Shared>, Failure> {
        let mut config = Config::default();
        config.policy = policy;
        // Both sides may ask at once.
        config.coalesce_queries = true;
        // Somebody may come only later.
        config.hold_for = Duration::from_secs(600);
        let tag = self.profile.tag(&self.name.account, &self.name.protocol, &self.backend)?;
        Account::new(self.backend.clone(), key, tag, config).map_err(Failure::start)
    }
}
