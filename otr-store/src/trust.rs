//! Where programs keep whom they trust: one small trait, in memory or in libotr's file.
//!
//! A [`Session`](otr_protocol::Session) knows the fingerprints of its one correspondent
//! ([`KnownFingerprints`]). They come from a store when the session is made, and go back when an event says that a
//! fingerprint is new, or after the user or a comparison of secrets has changed the trust.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::path::PathBuf;

use otr_protocol::KnownFingerprints;

use crate::fingerprints::{self, Correspondent};
use crate::{Error, Unwritable};

/// Keeps the fingerprints of correspondents, with their trust.
///
/// ```
/// use otr_protocol::{Fingerprint, Trust};
/// use otr_store::fingerprints::Correspondent;
/// use otr_store::{MemoryTrust, TrustStore};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let mut store = MemoryTrust::default(); // or FileTrust::new("otr.fingerprints")
/// let bob = Correspondent::new("bob@example.org", "alice@example.org", "prpl-jabber")?;
/// let mut known = store.known(&bob)?; // for `session.known_fingerprints_mut()`
/// known.set(Fingerprint::from_bytes([1; 20]), "verified");
/// store.remember(&bob, &known)?; // what has become of it
/// assert_eq!(store.known(&bob)?.classify(&Fingerprint::from_bytes([1; 20])), Trust::Trusted);
/// # Ok(())
/// # }
/// ```
pub trait TrustStore {
    /// What can go wrong.
    type Error;

    /// What is known about a correspondent; nothing about one that has never been seen.
    ///
    /// # Errors
    /// The store cannot be read.
    fn known(&mut self, whose: &Correspondent) -> Result<KnownFingerprints, Self::Error>;

    /// Takes over new fingerprints, and trust that has changed since [`known`](Self::known) told it. It forgets nothing.
    ///
    /// # Errors
    /// The store cannot be written; it is then as it was.
    fn remember(&mut self, whose: &Correspondent, learned: &KnownFingerprints) -> Result<(), Self::Error>;
}

/// Keeps them as long as the program runs.
#[derive(Clone, Debug, Default)]
pub struct MemoryTrust(BTreeMap<Correspondent, KnownFingerprints>);

impl TrustStore for MemoryTrust {
    type Error = Infallible;

    fn known(&mut self, whose: &Correspondent) -> Result<KnownFingerprints, Infallible> {
        Ok(self.0.get(whose).cloned().unwrap_or_default())
    }

    fn remember(&mut self, whose: &Correspondent, learned: &KnownFingerprints) -> Result<(), Infallible> {
        let known = self.0.entry(whose.clone()).or_default();
        for (fingerprint, trust) in learned.iter() {
            known.set(*fingerprint, trust);
        }
        Ok(())
    }
}

/// Keeps them in a file that libotr can read, and that other programs may change at the same time: it is read whenever
/// something is asked, and what this program has not changed since stays as others have made it.
#[derive(Clone, Debug)]
pub struct FileTrust {
    path: PathBuf,
    /// What was last told, or taken over.
    told: BTreeMap<Correspondent, KnownFingerprints>,
}

impl FileTrust {
    /// The file; it need not exist.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), told: BTreeMap::new() }
    }
}

/// Why a file of fingerprints could not be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FileTrustError {
    /// The file could not be read or written.
    #[error(transparent)]
    File(#[from] Error),
    /// The trust cannot stand in it.
    #[error("{}: {cause}", path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// Why.
        cause: Unwritable,
    },
}

impl TrustStore for FileTrust {
    type Error = FileTrustError;

    fn known(&mut self, whose: &Correspondent) -> Result<KnownFingerprints, FileTrustError> {
        let known = fingerprints::load(&self.path)?.known(whose);
        // Nothing is what is told of whoever is not in there: strangers take no memory.
        if known == KnownFingerprints::default() {
            self.told.remove(whose);
        } else {
            self.told.insert(whose.clone(), known.clone());
        }
        Ok(known)
    }

    fn remember(&mut self, whose: &Correspondent, learned: &KnownFingerprints) -> Result<(), FileTrustError> {
        let Self { path, told } = self;
        let told = told.entry(whose.clone()).or_default();
        fingerprints::update(&*path, |file| file.remember(whose, told, learned))?
            .map_err(|cause| FileTrustError::Unwritable { path: path.clone(), cause })?;
        learned.clone_into(told);
        Ok(())
    }
}
