//! Settings of an account, which each of its sessions starts with.

use core::time::Duration;

use crate::Policy;
use crate::wire::{Header, Version};
use crate::{Error, Result, fragment};

/// Settings of an account, which each of its sessions starts with.
///
/// ```
/// use otr_protocol::{Config, Policy};
/// let mut config = Config::default();
/// config.policy = Policy::OPPORTUNISTIC;
/// config.max_message_size = Some(400);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Config {
    /// What the conversation may and must do. Default [`Policy::MANUAL`].
    pub policy: Policy,
    /// The longest text the transport carries, in bytes; longer OTR messages are sent in fragments that fit,
    /// headers included (FRAG-02). Default none.
    pub max_message_size: Option<usize>,
    /// The least time between two texts handed to the transport, for networks that punish floods. Default 0.
    ///
    /// Only texts to be sent wait for it; events overtake them.
    pub send_interval: Duration,
    /// Whether floods are damped: at most one Error and one Error-triggered query per conversation in ten
    /// seconds (ERR-04). Default true; recorded conversations are replayed without.
    pub damping: bool,
    /// Whether queries that arrive within a second of our commit are answered with the same commit instead of a new one,
    /// which costs a power (AKE-24). It also keeps two sides that ask several times at once from giving way to old commits
    /// of each other, until somebody asks again. Default false.
    pub coalesce_queries: bool,
    /// Whether an encrypted message of version 2 that we have no session for is answered with an Error
    /// (MSG-22). Default false: it may be meant for another client of the same account.
    pub error_reply_v2: bool,
    /// The same for version 3, which names its addressee. Default true.
    pub error_reply_v3: bool,
    /// Whether OTR markers count at the start of a text only (WIRE-14). Default false: networks that wrap
    /// messages in HTML need them found anywhere.
    pub strict_markers: bool,
    /// The longest text that can be sent, in bytes (MSG-16). Default 64 KiB.
    pub max_text_size: usize,
    /// The longest message that is put together from fragments, in bytes (FRAG-17). Default 256 KiB.
    pub max_reassembled_size: usize,
    /// After how much silence of ours a text received is answered with a heartbeat, which lets keys rotate
    /// (MSG-40). Default 60 s; none for never.
    pub heartbeat: Option<Duration>,
    /// Encrypted messages are padded to a multiple of this many bytes, to hide their length; 0 for not at all
    /// (MSG-35). Default 0.
    pub padding: u16,
    /// Whether the extra symmetric key is used in version 2 too, which does not define it (XKEY-03). Default false.
    pub extra_key_v2: bool,
    /// How long a text is held until a session begins, before it is given back (MSG-50). Default 60 s.
    pub hold_for: Duration,
    /// Whether held texts wait for a *trusted* fingerprint. Default false: they go to any, unless another one of the
    /// same peer is trusted (MSG-51).
    pub hold_until_trusted: bool,
    /// How long after it was sent a text that the peer could not read is sent again, if a new session with the same
    /// fingerprint begins (MSG-52). Default 60 s; 0 for never.
    pub resend_within: Duration,
    /// After how much silence of both sides an encrypted session is ended, so that its keys do not lie about for ever: the
    /// peer is told, and nothing can be sent in it any more. Default none.
    pub idle_timeout: Option<Duration>,
    /// What precedes a text that is sent again. Default `[resent] `.
    pub resend_prefix: String,
    /// How long an unfinished key exchange or an incomplete fragmented message is kept (AKE-80, FRAG-17).
    /// Default 60 s.
    pub patience: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            policy: Policy::default(),
            max_message_size: None,
            send_interval: Duration::ZERO,
            damping: true,
            coalesce_queries: false,
            error_reply_v2: false,
            error_reply_v3: true,
            strict_markers: false,
            max_text_size: 64 * 1024,
            max_reassembled_size: 256 * 1024,
            heartbeat: Some(Duration::from_secs(60)),
            padding: 0,
            extra_key_v2: false,
            hold_for: Duration::from_secs(60),
            hold_until_trusted: false,
            resend_within: Duration::from_secs(60),
            idle_timeout: None,
            resend_prefix: "[resent] ".to_owned(),
            patience: Duration::from_secs(60),
        }
    }
}

impl Config {
    /// Checks what a peer must not be able to trip over later.
    pub(crate) fn check(&self) -> Result<()> {
        let Some(size) = self.max_message_size else { return Ok(()) };
        let version = self.policy.versions().best().unwrap_or(Version::V3);
        let least = fragment::overhead(&Header::to_nobody(version)) + 1;
        if size < least { Err(Error::MessageSizeTooSmall { size, least }) } else { Ok(()) }
    }
}
