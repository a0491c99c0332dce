//! D-H Commit: a promise of g^x, and its opening (AKE-02, AKE-33).

use core::cmp::Ordering;
use std::sync::Arc;

use otr_traits::{AesCtr, AesKey, Backend, Element, Hash, Purpose};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::Fault;
use crate::Problem;
use crate::keys::DhPair;
use crate::wire::{DhCommit, Reader, Writer};

/// Our own commit, with what it hides.
#[derive(Debug)]
pub(crate) struct Commit {
    pub(crate) pair: Arc<DhPair>,
    pub(crate) r: AesKey,
    pub(crate) message: DhCommit,
}

/// Whose commit counts when two cross on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Collision {
    OursWins,
    TheirsWins,
    /// Equal: our own, come back.
    Reflected,
}

impl Commit {
    /// Draws x and r, and commits to g^x.
    pub(crate) fn new(backend: &impl Backend) -> otr_traits::Result<Self> {
        let pair = DhPair::generate(backend)?;
        let mut r = AesKey::zeroed();
        backend.fill(Purpose::R, r.expose_mut())?;
        let mut gx = Writer::default();
        gx.element(pair.public());
        let mut hash = [0; 32];
        backend.sha256(&[gx.as_slice()], &mut hash)?;
        let mut encrypted_gx = gx.into_vec();
        backend.aes_ctr(&r, [0; 16], &mut encrypted_gx)?;
        Ok(Self { pair: Arc::new(pair), r, message: DhCommit { encrypted_gx, hash } })
    }

    /// The higher hash wins, as an integer (AKE-33).
    pub(crate) fn collide(&self, theirs: &DhCommit) -> Collision {
        match self.message.hash.cmp(&theirs.hash) {
            Ordering::Greater => Collision::OursWins,
            Ordering::Less => Collision::TheirsWins,
            Ordering::Equal => Collision::Reflected,
        }
    }
}

/// Opens the peer's commit with the key they revealed: steps 2 to 4 of AKE-06. The range is not checked here.
pub(super) fn open(
    backend: &(impl AesCtr + Hash),
    commit: &DhCommit,
    r: &[u8; 16],
) -> Result<Element, Fault> {
    let mut gx = Zeroizing::new(commit.encrypted_gx.clone());
    backend.aes_ctr(&AesKey::from(*r), [0; 16], &mut gx)?;
    let mut hash = [0; 32];
    backend.sha256(&[&gx], &mut hash)?;
    let mut reader = Reader::new(&gx);
    match (reader.element(), reader.finish()) {
        (Ok(gx), Ok(())) if bool::from(hash.ct_eq(&commit.hash)) => Ok(gx),
        _ => Err(Fault::Peer(Problem::SetupFailed)),
    }
}
