//! Settings of an account, which each of its sessions starts with.

use core::time::Duration;

use crate::fragment::{self, Reassembler};
use crate::instance::Instances;
use crate::resend::Held;
use crate::session::MAX_ANSWERS;
use crate::wire::{Header, Version};
use crate::{Error, KnownFingerprints, Policy, Result};

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
    /// seconds (ERR-04), and no more of key exchanges than [`exchange_steps`](Self::exchange_steps). Default true; recorded
    /// conversations are replayed without.
    pub damping: bool,
    /// How many steps of key exchanges a conversation works on in a burst; after ten seconds it can do as many again. What
    /// arrives beyond them is ignored, and told as [`Problem::Limit`](crate::Problem::Limit) (S-33). A step is what costs
    /// powers before anybody has proven who they are: a query, a D-H Commit, a D-H Key or a Reveal Signature that the state of
    /// the exchange calls for. Whoever connects takes two. Default 20; 0 for no bound.
    pub exchange_steps: u32,
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
            exchange_steps: 20,
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
    /// The most memory that a session with these settings keeps once [`poll`](crate::Session::poll) has handed out all that
    /// could be handed out, in bytes: whatever the peer sends, and whoever writes in the peer's name. By default some 6 MB;
    /// a session that nobody attacks keeps a few kilobytes. While a text is worked on, a few times its length is needed besides.
    ///
    /// These are the parts, in the order of the sum:
    ///
    /// * eight messages of which fragments are missing (FRAG-17);
    /// * 33 slots, one for each of the peer's clients (INST-11), with the last text sent there (MSG-52) and at most 64 KiB of
    ///   keys: those of an exchange, four pairs of a session, 256 MAC keys that wait to be revealed, and the tables of a
    ///   comparison that the user takes part in;
    /// * texts that are held until a session begins (MSG-50);
    /// * 64 answers that wait for [`send_interval`](Self::send_interval);
    /// * 256 fingerprints that nobody has verified.
    ///
    /// What the application itself adds is not in it: fingerprints of its store, and texts that it sends faster than the
    /// interval allows. Nor is what it does not fetch: an application that does not poll keeps everything that arrives.
    #[must_use]
    pub fn memory_ceiling(&self) -> usize {
        const KEYS: usize = 64 * 1024;
        const ANSWER: usize = 12 * 1024;
        const FINGERPRINT: usize = 64;
        [
            (Reassembler::MAX_BUFFERS, self.max_reassembled_size),
            (Instances::MAX + 1, self.max_text_size.saturating_add(KEYS)),
            (1, Held::MAX_BYTES),
            (MAX_ANSWERS, ANSWER + 2 * usize::from(self.padding)),
            (KnownFingerprints::MAX_UNVERIFIED, FINGERPRINT),
        ]
        .iter()
        .fold(0, |sum: usize, (number, size)| sum.saturating_add(number.saturating_mul(*size)))
    }

    /// Checks what a peer must not be able to trip over later.
    pub(crate) fn check(&self) -> Result<()> {
        let Some(size) = self.max_message_size else { return Ok(()) };
        let version = self.policy.versions().best().unwrap_or(Version::V3);
        let least = fragment::overhead(&Header::to_nobody(version)) + 1;
        if size < least { Err(Error::MessageSizeTooSmall { size, least }) } else { Ok(()) }
    }
}
