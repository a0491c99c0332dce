//! The authenticated key exchange (AKE-*): one state machine for each slot of a conversation.
//!
//! ```text
//!    committer                                         responder
//!
//!    NONE                                              NONE
//!     │ start()          ── D-H Commit ──────────────▶  │ on_dh_commit()
//!    AWAITING_DHKEY      ◀───────────── D-H Key ──     AWAITING_REVEALSIG
//!     │ on_dh_key()      ── Reveal Signature ────────▶  │ on_reveal_signature()
//!    AWAITING_SIG        ◀─────────── Signature ──     NONE, established
//!     │ on_signature()
//!    NONE, established
//! ```
//!
//! Every event is defined in every state. The table of REQUIREMENTS 5.9, one column a state:
//!
//! ```text
//!                      NONE      AWAITING_DHKEY          AWAITING_REVEALSIG    AWAITING_SIG
//! start                commit    new commit              new commit            new commit
//! D-H Commit           answer    higher hash wins        same key, new commit  answer anew
//! D-H Key              –         reveal                  – (v2: see AKE-34)    same key: reveal again
//! Reveal Signature     –         –                       established           –
//! Signature            –         –                       –                     established
//! 60 s, user ends      –         → NONE                  → NONE                → NONE
//! ```
//!
//! A transition computes everything that can fail first and then replaces the state in one assignment. So a
//! forged message or a failing backend leaves the state as it was (AKE-51), and what a state does not carry over
//! is dropped there, hence wiped (AKE-73).

mod commit;
mod identity;

use std::sync::Arc;

use otr_traits::{Backend, Element};

pub(crate) use commit::{Collision, Commit};
use identity::Identity;

use crate::allowance::Allowance;
use crate::instance::Instances;
use crate::keys::{AkeKeys, DhPair, HalfKeys, is_same_but_for_the_sign};
use crate::wire::{Body, DhCommit, DhKey, InstanceTag, RevealSignature, Signature, Version};
use crate::{Account, Fingerprint, Instant, Problem, SessionId};

/// The state of one exchange.
#[derive(Debug, Default)]
pub(crate) enum AuthState {
    #[default]
    None,
    AwaitingDhKey(AwaitingDhKey),
    AwaitingRevealSig(AwaitingRevealSig),
    AwaitingSig(AwaitingSig),
}

/// We have sent a D-H Commit.
#[derive(Debug)]
pub(crate) struct AwaitingDhKey {
    pub(crate) version: Version,
    pub(crate) commit: Arc<Commit>,
    /// The instances that a commit to nobody in particular cannot serve any more: each may use it once, so that no
    /// replay re-creates a session with old values (AKE-73, INST-12).
    pub(crate) used_by: Vec<InstanceTag>,
    /// The values that a commit to nobody in particular was opened for: each once. Tags are not authenticated, and
    /// another instance with the same value would have the same keys, with counters from 1 again (AKE-73).
    pub(crate) answered: Vec<Element>,
    since: Instant,
}

/// We have sent a D-H Key.
#[derive(Debug)]
pub(crate) struct AwaitingRevealSig {
    version: Version,
    pair: Arc<DhPair>,
    their_commit: DhCommit,
    /// Our own commit, which gave way in a collision (AKE-34). Version 2 only.
    set_aside: Option<Arc<Commit>>,
    since: Instant,
}

/// We have sent a Reveal Signature.
#[derive(Debug)]
pub(crate) struct AwaitingSig {
    version: Version,
    pub(crate) commit: Arc<Commit>,
    gy: Element,
    session_id: SessionId,
    keys: HalfKeys,
    message: RevealSignature,
    since: Instant,
}

/// What a transition leads to, besides the new state.
#[derive(Debug)]
pub(crate) enum Outcome {
    Ignored,
    Reply(Body<'static>),
    Established { reply: Option<Body<'static>>, session: Box<Established> },
}

/// The result of a completed exchange.
#[derive(Debug)]
pub(crate) struct Established {
    pub(crate) version: Version,
    pub(crate) fingerprint: Fingerprint,
    pub(crate) session_id: SessionId,
    pub(crate) our_half: Half,
    /// The pair used in the exchange, whose keyid is [`OUR_KEYID`].
    pub(crate) pair: Arc<DhPair>,
    /// The one after it.
    pub(crate) next_pair: DhPair,
    pub(crate) their_public: Element,
    pub(crate) their_keyid: u32,
}

/// The keyid that we enter every exchange with (AKE-05): each has a Diffie-Hellman pair of its own.
pub(crate) const OUR_KEYID: u32 = 1;

/// Why something received was not used: the peer's fault, or the backend's.
#[derive(Debug)]
pub(crate) enum Fault {
    Peer(Problem),
    Backend(otr_traits::Error),
}

impl From<otr_traits::Error> for Fault {
    fn from(error: otr_traits::Error) -> Self {
        Self::Backend(error)
    }
}

impl From<Problem> for Fault {
    fn from(problem: Problem) -> Self {
        Self::Peer(problem)
    }
}

impl AuthState {
    /// Begins an exchange, whatever was going on before (AKE-20).
    pub(crate) fn start<B: Backend>(
        &mut self,
        account: &Account<B>,
        version: Version,
        now: Instant,
    ) -> otr_traits::Result<Body<'static>> {
        let commit = Arc::new(Commit::new(account.backend())?);
        let message = commit.message.clone();
        let (used_by, answered) = (Vec::new(), Vec::new());
        *self = Self::AwaitingDhKey(AwaitingDhKey { version, commit, used_by, answered, since: now });
        Ok(Body::DhCommit(message))
    }

    /// AKE-30 … AKE-33. In version 3 the caller has settled a collision with a commit to nobody in particular.
    pub(crate) fn on_dh_commit<B: Backend>(
        &mut self,
        account: &Account<B>,
        allowance: &mut Allowance,
        version: Version,
        their_commit: DhCommit,
        now: Instant,
    ) -> Result<Outcome, Fault> {
        let mut set_aside = None;
        match self {
            Self::None | Self::AwaitingSig(_) => {}
            Self::AwaitingRevealSig(state) => {
                state.their_commit = their_commit;
                state.since = now;
                return Ok(Outcome::Reply(dh_key(&state.pair)));
            }
            // A commit of version 2 supersedes ours of version 3 (AKE-21).
            Self::AwaitingDhKey(state) if state.version != version => {}
            Self::AwaitingDhKey(state) => match state.commit.collide(&their_commit) {
                Collision::Reflected => return Ok(Outcome::Ignored),
                Collision::OursWins => {
                    return Ok(Outcome::Reply(Body::DhCommit(state.commit.message.clone())));
                }
                Collision::TheirsWins if version == Version::V2 => {
                    set_aside = Some(Arc::clone(&state.commit))
                }
                Collision::TheirsWins => {}
            },
        }
        allowance.spend()?;
        let pair = Arc::new(DhPair::generate(account.backend())?);
        let reply = dh_key(&pair);
        *self =
            Self::AwaitingRevealSig(AwaitingRevealSig { version, pair, their_commit, set_aside, since: now });
        Ok(Outcome::Reply(reply))
    }

    /// AKE-40 … AKE-42, and AKE-34.
    pub(crate) fn on_dh_key<B: Backend>(
        &mut self,
        account: &Account<B>,
        allowance: &mut Allowance,
        key: &DhKey,
        now: Instant,
    ) -> Result<Outcome, Fault> {
        let (version, commit) = match &*self {
            Self::AwaitingDhKey(state) => (state.version, &state.commit),
            Self::AwaitingRevealSig(AwaitingRevealSig { version, set_aside: Some(commit), .. }) => {
                (*version, commit)
            }
            Self::AwaitingSig(state) if state.gy == key.gy => {
                return Ok(Outcome::Reply(Body::RevealSignature(state.message.clone())));
            }
            Self::None | Self::AwaitingRevealSig(_) | Self::AwaitingSig(_) => return Ok(Outcome::Ignored),
        };
        let next = AwaitingSig::reveal(account, allowance, version, commit, key, now)?;
        let reply = Body::RevealSignature(next.message.clone());
        *self = Self::AwaitingSig(next);
        Ok(Outcome::Reply(reply))
    }

    /// AKE-50 … AKE-52.
    pub(crate) fn on_reveal_signature<B: Backend>(
        &mut self,
        account: &Account<B>,
        allowance: &mut Allowance,
        message: &RevealSignature,
    ) -> Result<Outcome, Fault> {
        let Self::AwaitingRevealSig(state) = self else { return Ok(Outcome::Ignored) };
        let backend = account.backend();
        let (ours, gy) = (&state.pair, state.pair.public());
        let gx = commit::open(backend, &state.their_commit, &message.r)?;
        check_public(&gx, gy)?;
        allowance.spend()?;
        let keys = AkeKeys::derive(backend, &ours.shared_secret(backend, &gx)?)?;
        let theirs = Identity::open(account, &keys.reveal, &gx, gy, &message.encrypted, &message.mac)?;
        let reply = identity::seal(account, &keys.signature, gy, &gx)?;
        let session = Box::new(Established {
            version: state.version,
            fingerprint: theirs.fingerprint,
            session_id: keys.session_id,
            our_half: Half::Second,
            pair: Arc::clone(ours),
            next_pair: DhPair::generate(backend)?,
            their_public: gx,
            their_keyid: theirs.keyid,
        });
        *self = Self::None;
        Ok(Outcome::Established { reply: Some(Body::Signature(reply)), session })
    }

    /// AKE-60. Takes nothing of the allowance: before its MAC has been checked it costs no power, and afterwards the exchange
    /// is over.
    pub(crate) fn on_signature<B: Backend>(
        &mut self,
        account: &Account<B>,
        message: &Signature,
    ) -> Result<Outcome, Fault> {
        let Self::AwaitingSig(state) = self else { return Ok(Outcome::Ignored) };
        let gx = state.commit.pair.public();
        let theirs = Identity::open(account, &state.keys, &state.gy, gx, &message.encrypted, &message.mac)?;
        let session = Box::new(Established {
            version: state.version,
            fingerprint: theirs.fingerprint,
            session_id: state.session_id,
            our_half: Half::First,
            pair: Arc::clone(&state.commit.pair),
            next_pair: DhPair::generate(account.backend())?,
            their_public: state.gy.clone(),
            their_keyid: theirs.keyid,
        });
        *self = Self::None;
        Ok(Outcome::Established { reply: None, session })
    }

    /// Whether it may yet lead to a session by itself. A commit that some instance has used is kept for others,
    /// who may not exist.
    pub(crate) fn is_under_way(&self) -> bool {
        match self {
            Self::None => false,
            Self::AwaitingDhKey(state) => state.used_by.is_empty(),
            Self::AwaitingRevealSig(_) | Self::AwaitingSig(_) => true,
        }
    }

    /// The version of the exchange under way.
    pub(crate) fn version(&self) -> Option<Version> {
        match self {
            Self::None => None,
            Self::AwaitingDhKey(AwaitingDhKey { version, .. })
            | Self::AwaitingRevealSig(AwaitingRevealSig { version, .. })
            | Self::AwaitingSig(AwaitingSig { version, .. }) => Some(*version),
        }
    }

    /// When the last message of the exchange was sent (AKE-80).
    pub(crate) fn since(&self) -> Option<Instant> {
        match self {
            Self::None => None,
            Self::AwaitingDhKey(AwaitingDhKey { since, .. })
            | Self::AwaitingRevealSig(AwaitingRevealSig { since, .. })
            | Self::AwaitingSig(AwaitingSig { since, .. }) => Some(*since),
        }
    }

    pub(crate) fn kind(&self) -> AuthStateKind {
        match self {
            Self::None => AuthStateKind::None,
            Self::AwaitingDhKey(_) => AuthStateKind::AwaitingDhKey,
            Self::AwaitingRevealSig(_) => AuthStateKind::AwaitingRevealSig,
            Self::AwaitingSig(_) => AuthStateKind::AwaitingSig,
        }
    }
}

impl AwaitingDhKey {
    /// Whether this commit was opened for this value, or for one that may make the same keys.
    pub(crate) fn has_answered(&self, gy: &Element) -> bool {
        self.answered.iter().any(|answered| is_same_but_for_the_sign(answered, gy))
    }

    /// Whether an instance cannot use this commit any more (INST-11, INST-12).
    pub(crate) fn is_spent_for(&self, tag: InstanceTag) -> bool {
        self.used_by.contains(&tag) || self.used_by.len() == Instances::MAX
    }
}

impl AwaitingSig {
    /// Answers a D-H Key (AKE-40).
    pub(crate) fn reveal<B: Backend>(
        account: &Account<B>,
        allowance: &mut Allowance,
        version: Version,
        commit: &Arc<Commit>,
        DhKey { gy }: &DhKey,
        now: Instant,
    ) -> Result<Self, Fault> {
        let backend = account.backend();
        let gx = commit.pair.public();
        check_public(gy, gx)?;
        allowance.spend()?;
        let keys = AkeKeys::derive(backend, &commit.pair.shared_secret(backend, gy)?)?;
        let Signature { encrypted, mac } = identity::seal(account, &keys.reveal, gx, gy)?;
        Ok(Self {
            version,
            commit: Arc::clone(commit),
            gy: gy.clone(),
            session_id: keys.session_id,
            keys: keys.signature,
            message: RevealSignature { r: *commit.r.expose(), encrypted, mac },
            since: now,
        })
    }

    pub(crate) fn message(&self) -> &RevealSignature {
        &self.message
    }
}

/// A value received must be in range, and not our own come back (CONST-02, AKE-08).
fn check_public(theirs: &Element, ours: &Element) -> Result<(), Fault> {
    if !theirs.is_in_range() {
        return Err(Fault::Peer(Problem::SetupFailed));
    }
    if theirs == ours { Err(Fault::Peer(Problem::Reflected)) } else { Ok(()) }
}

fn dh_key(pair: &DhPair) -> Body<'static> {
    Body::DhKey(DhKey { gy: pair.public().clone() })
}

/// The state of a key exchange, without its secrets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the specification's own names")]
pub enum AuthStateKind {
    None,
    AwaitingDhKey,
    AwaitingRevealSig,
    AwaitingSig,
}

/// The half of the session id that our side reads aloud (KEY-10).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Half {
    /// The first four bytes: we sent the Reveal Signature.
    First,
    /// The last four bytes: we sent the Signature.
    Second,
}
