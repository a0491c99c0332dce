//! Sessions.

use otr_traits::{Backend, Secret};
use serde::{Deserialize, Serialize};

use super::envelope::{Kind, open, seal};
use super::hex::Bytes;
use super::{FORMAT, SavedError, check_format};
use crate::{Account, Fingerprint, Id, InstanceTag, Output};

/// A session that has been taken apart, and what it still had to say.
#[derive(Debug)]
pub struct Saved {
    /// The session.
    pub session: SavedSession,
    /// What [`Session::poll`](crate::Session::poll) would have handed out, with the ids of the inputs that it comes of: texts that were waiting for
    /// the send interval, and the end of a comparison that was under way. It is not saved: deal with it as always.
    pub outputs: Vec<(Output, Option<Id>)>,
}

/// All of a session that outlives a restart.
///
/// As JSON and in other formats it is *not* encrypted: [`encrypt`](Self::encrypt) is for that. It can be restored once; see
/// the module about old copies.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SavedSession {
    pub(crate) format: u8,
    /// Whose session it is: the account's fingerprint and the tag of the client.
    pub(crate) fingerprint: Bytes,
    pub(crate) instance_tag: u32,
    pub(crate) policy: u8,
    pub(crate) max_message_size: Option<usize>,
    pub(crate) known: Vec<(Bytes, String)>,
    pub(crate) offer: u8,
    pub(crate) had_v3: bool,
    pub(crate) held: Vec<SavedText>,
    /// The base slot first.
    pub(crate) slots: Vec<SavedSlot>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SavedText {
    pub(crate) text: Bytes,
    pub(crate) id: Option<String>,
    /// For which instance, if for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) to: Option<u32>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SavedSlot {
    pub(crate) tag: u32,
    /// When something was last received and sent, in the order of things.
    pub(crate) received: u64,
    pub(crate) sent: u64,
    pub(crate) channel: SavedChannel,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SavedChannel {
    Plaintext,
    Finished,
    Encrypted(Box<SavedEncrypted>),
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SavedEncrypted {
    pub(crate) version: u8,
    pub(crate) fingerprint: Bytes,
    pub(crate) session_id: Bytes,
    pub(crate) reads_first_half: bool,
    pub(crate) ring: SavedRing,
}

/// The keys themselves; what is derived from them is derived again.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SavedRing {
    pub(crate) our_keyid: u32,
    pub(crate) our_previous: Bytes,
    pub(crate) our_current: Bytes,
    pub(crate) their_keyid: u32,
    pub(crate) their_previous: Option<Bytes>,
    pub(crate) their_current: Bytes,
    /// By our key, then by theirs, the previous one first.
    pub(crate) usage: [[SavedUsage; 2]; 2],
    pub(crate) dead_keys: Vec<Bytes>,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SavedUsage {
    pub(crate) sent: u64,
    pub(crate) received: u64,
    pub(crate) mac_used: bool,
}

impl SavedSession {
    /// Encrypts it: only the holder of `key`, 32 random bytes, can read or change it.
    ///
    /// # Errors
    /// If the backend fails.
    pub fn encrypt(&self, backend: &impl Backend, key: &Secret<32>) -> Result<Vec<u8>, SavedError> {
        seal(backend, key, Kind::Session, self)
    }

    /// The reverse.
    ///
    /// # Errors
    /// [`SavedError::Unrecognized`], [`SavedError::Format`], [`SavedError::Authentication`], [`SavedError::Content`].
    pub fn decrypt(backend: &impl Backend, key: &Secret<32>, bytes: &[u8]) -> Result<Self, SavedError> {
        open(backend, key, Kind::Session, bytes)
    }

    /// Whether it was saved in this format, by this account.
    pub(crate) fn check_owner<B: Backend>(&self, account: &Account<B>) -> Result<(), SavedError> {
        check_format(self.format)?;
        let fingerprint = fingerprint(&self.fingerprint)?;
        let tag = InstanceTag::new(self.instance_tag);
        if (fingerprint, tag) == (account.fingerprint(), account.instance_tag()) {
            return Ok(());
        }
        Err(SavedError::OtherAccount { fingerprint, tag })
    }

    /// The format that is written.
    pub(crate) const FORMAT: u8 = FORMAT;
}

pub(crate) fn fingerprint(bytes: &Bytes) -> Result<Fingerprint, SavedError> {
    bytes.array().map(Fingerprint::from_bytes).ok_or(SavedError::Content("a fingerprint has 20 bytes"))
}
