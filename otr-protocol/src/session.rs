//! A conversation with one correspondent.

mod data;
mod exchange;
mod extra_key;
mod held;
mod outbox;
mod receive;
#[cfg(feature = "serde")]
mod saved;
mod send;
mod smp;
mod timers;

use std::sync::Arc;

use otr_traits::Backend;

pub(crate) use outbox::MAX_ANSWERS;
pub use smp::SmpHandle;

use outbox::Outbox;
use timers::Clock;

use crate::ake::AuthState;
use crate::allowance::Allowance;
use crate::fragment::Reassembler;
use crate::instance::{Channel, Instances};
use crate::resend::Held;
use crate::wire::{self, InstanceTag};
use crate::{
    Account, Config, EndedBy, Error, Event, Id, InstanceStatus, Instant, KnownFingerprints, MessageState,
    Output, Policy, Recipient, Result,
};

/// A conversation with one correspondent, any number of their clients.
///
/// Inputs carry the time; what they lead to waits in one queue until [`poll`](Self::poll) hands it out. Dropping a
/// session wipes its keys without telling the peer.
///
/// # Memory
///
/// What a session keeps is bounded, whatever arrives: [`Config::memory_ceiling`] says by how much and of what it is made. What
/// waits to be polled is not: poll after every input. Where a bound was reached and something dropped, the application hears
/// of [`Problem::Limit`](crate::Problem::Limit).
///
/// # Work
///
/// Everything takes time in proportion to its length, and these messages cost powers modulo the prime of OTR and operations
/// with long-term keys besides. Whatever is not in the table, or not in its place there, costs none.
///
/// | message | where | powers | long-term keys |
/// |---|---|---|---|
/// | query, whitespace tag | if the policy lets it start an exchange | 1 | |
/// | D-H Commit | a lower one than ours, or AWAITING_REVEALSIG | 0 | |
/// | | elsewhere | 1 | |
/// | D-H Key | AWAITING_DHKEY | 1 | sign |
/// | Reveal Signature | AWAITING_REVEALSIG | 2 | verify, validate, sign |
/// | | the same, if it opens the commit but is forged | 1 | |
/// | Signature | AWAITING_SIG | 1 | verify, validate |
/// | Data | a session | up to 2 | |
/// | | the same, forged | up to 4 in all until keys rotate | |
/// | with SMP message 1 | when none is under way | 4 more | |
/// | with SMP message 2 | EXPECT2 | 18 more, with the answer | |
/// | with SMP message 3 | EXPECT3 | 13 more, with the answer | |
/// | with SMP message 4 | EXPECT4 | 5 more | |
///
/// A message that is answered by an encrypted one costs another power if we have not sent anything since keys rotated. A Data
/// message may carry any number of records; one message of a comparison is worked on, no more than 64 records are told to the
/// application. A peer's long-term key is validated once per account. Exchanges are limited in number besides:
/// [`Config::exchange_steps`].
///
/// The application decides what one correspondent is, and must name them canonically: a name in another spelling
/// is another conversation, in plaintext (S-53).
pub struct Session<B: Backend> {
    account: Account<B>,
    /// The account's, until the conversation gets its own.
    config: Arc<Config>,
    known: KnownFingerprints,
    instances: Instances,
    fragments: Reassembler,
    offer: Offer,
    outbox: Outbox,
    held: Held,
    clock: Clock,
    /// What key exchanges may still cost (S-33).
    allowance: Allowance,
    /// Whether there has been a session of version 3 (POL-04).
    had_v3: bool,
    /// When an Error was last sent, and a query because of one (ERR-04).
    last_error: Option<Instant>,
    last_error_query: Option<Instant>,
}

/// What became of our whitespace tags (TAG-14).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Offer {
    NotSent,
    Sent,
    Rejected,
    Accepted,
}

impl<B: Backend> Session<B> {
    pub(crate) fn new(account: Account<B>) -> Self {
        let config = account.shared_config();
        Self {
            outbox: Outbox::new(config.send_interval),
            allowance: Allowance::new(if config.damping { config.exchange_steps } else { 0 }),
            config,
            account,
            known: KnownFingerprints::default(),
            instances: Instances::new(),
            fragments: Reassembler::default(),
            offer: Offer::NotSent,
            held: Held::default(),
            clock: Clock::default(),
            had_v3: false,
            last_error: None,
            last_error_query: None,
        }
    }

    /// Asks the peer for OTR, by a query (AKE-22). Whoever has OTR answers with a key exchange.
    ///
    /// # Errors
    /// [`Error::NoVersionAllowed`] if the policy allows none (TAG-02).
    pub fn start(&mut self, now: Instant) -> Result<()> {
        self.tick(now);
        let query = wire::query(self.config.policy.versions()).ok_or(Error::NoVersionAllowed)?;
        self.outbox.send(query.into_bytes());
        Ok(())
    }

    /// Sends a text: encrypted where there is a session, in clear otherwise if the policy allows that (MSG-10 …
    /// MSG-14). Without a particular [`Recipient`] the text goes to the best instance, so that it never leaves in
    /// clear while any session exists.
    ///
    /// ```
    /// # use otr_protocol::{Account, DefaultBackend, Error, Event, Instant, Output, Policy, Recipient};
    /// # fn main() -> otr_protocol::Result<()> {
    /// # let mut session = Account::generate(DefaultBackend::default())?.session();
    /// # let now = Instant::from_millis(0);
    /// assert_eq!(session.send(now, Recipient::Best, "a\0b"), Ok(())); // in clear anything passes …
    /// # let _ = session.poll(now)?;
    /// assert_eq!(session.send(now, Recipient::Best, "?OTRv3?"), Err(Error::LooksLikeOtr)); // … but this
    ///
    /// session.set_policy(Policy::V3_ONLY | Policy::REQUIRE_ENCRYPTION)?;
    /// session.send(now, Recipient::Best, "hello")?;
    /// assert_eq!(session.poll(now)?, Output::Event(Event::Held { text: b"hello".to_vec() })); // until there is a session
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error::Finished`] after the peer has ended the session; [`Error::LooksLikeOtr`] in clear; [`Error::ContainsNul`]
    /// of a text to be encrypted; [`Error::TooLong`]; [`Error::HeldQueueFull`]; [`Error::NoVersionAllowed`] where encryption
    /// is required and none is allowed; [`Error::NoSuchInstance`]; [`Error::CounterExhausted`]; or if the backend fails.
    /// Nothing of the text was sent then.
    pub fn send(&mut self, now: Instant, to: Recipient, text: impl AsRef<[u8]>) -> Result<()> {
        let text = text.as_ref();
        let now = self.tick(now);
        if text.len() > self.config.max_text_size {
            return Err(Error::TooLong { length: text.len(), limit: self.config.max_text_size });
        }
        if self.is_transparent() {
            self.outbox.send(text.to_vec());
            return Ok(());
        }
        let slot = self.select(to)?;
        match slot.message_state {
            MessageState::Encrypted if self.queue_behind_held(now, slot.tag, text)? => Ok(()),
            MessageState::Encrypted => self.send_text(now, slot.tag, text),
            MessageState::Finished => Err(Error::Finished),
            MessageState::Plaintext => self.send_plaintext(now, to, text),
        }
    }

    /// Sends a message without text: a sign of life, with which keys can rotate although nobody has anything to say
    /// (DATA-35).
    ///
    /// # Errors
    /// [`Error::NotEncrypted`] without a session; [`Error::NoSuchInstance`].
    pub fn send_heartbeat(&mut self, now: Instant, to: Recipient) -> Result<()> {
        let now = self.tick(now);
        let status = self.select(to)?;
        status.secured.ok_or(Error::NotEncrypted)?;
        self.heartbeat(now, status.tag)
    }

    /// Ends the session with one of the peer's clients: tells them, wipes the keys, and goes on in plaintext
    /// (MSG-60). Without a session there is nothing to tell; a key exchange under way is given up.
    ///
    /// # Errors
    /// [`Error::NoSuchInstance`]. A failing backend keeps the message from being sent, not the session from
    /// ending.
    pub fn end(&mut self, now: Instant, with: Recipient) -> Result<()> {
        self.tick(now);
        let tag = self.select(with)?.tag;
        self.end_slot(tag, true)
    }

    /// Ends the sessions with all of the peer's clients, as [`end`](Self::end) does (MSG-61).
    ///
    /// # Errors
    /// The first error; all sessions have ended nevertheless.
    pub fn end_all(&mut self, now: Instant) -> Result<()> {
        self.tick(now);
        let tags: Vec<_> = self.instances.iter().map(|instance| instance.tag).collect();
        let mut result = Ok(());
        for tag in tags {
            result = result.and(self.end_slot(tag, true));
        }
        result
    }

    /// Ends all sessions without telling the peer, because the transport is gone.
    pub fn abandon(&mut self, now: Instant) {
        self.tick(now);
        let tags: Vec<_> = self.instances.iter().map(|instance| instance.tag).collect();
        for tag in tags {
            // Nothing is sent, so nothing can fail.
            let _ = self.end_slot(tag, false);
        }
    }

    /// The next thing to do. Call it after every input until it says [`Output::Idle`], and again when the moment
    /// it gives has come.
    ///
    /// # Errors
    /// If the backend fails.
    pub fn poll(&mut self, now: Instant) -> Result<Output> {
        self.hand_out(now, |output, _| output)
    }

    /// The same, for applications that name their inputs: with the id of the input that it comes of.
    ///
    /// # Errors
    /// As [`poll`](Self::poll).
    pub fn poll_with_id(&mut self, now: Instant) -> Result<(Output, Option<Id>)> {
        self.hand_out(now, |output, id| (output, id))
    }

    /// What comes next, as `form` makes it: without an id, it need not be copied once more to drop the id.
    fn hand_out<T>(&mut self, now: Instant, form: impl FnOnce(Output, Option<Id>) -> T) -> Result<T> {
        let now = self.tick(now);
        self.end_idle(now)?;
        if let Some((output, id)) = self.outbox.next(now) {
            return Ok(form(output, id));
        }
        // Only now: the application has seen whom it would send held texts to, and may have changed the trust.
        self.release(now)?;
        Ok(match self.outbox.next(now) {
            Some((output, id)) => form(output, id),
            None => form(Output::Idle(self.deadline()), None),
        })
    }

    /// Names the inputs that `input` gives: all that comes of them, at once or later, carries this id. A text that is held
    /// keeps it until it is sent or given back, a text that is sent again until then.
    ///
    /// ```
    /// # use otr_protocol::{Account, DefaultBackend, Instant, Output, Outgoing, Recipient, Result};
    /// # fn main() -> Result<()> {
    /// # let now = Instant::from_millis(0);
    /// # let mut session = Account::generate(DefaultBackend::default())?.session();
    /// session.with_id("message 7", |session| session.send(now, Recipient::Best, "hello"))?;
    /// let (output, id) = session.poll_with_id(now)?;
    /// assert_eq!(output, Output::Send(Outgoing { text: b"hello".to_vec(), last: true }));
    /// assert_eq!(id.ok_or("no id").unwrap().as_str(), "message 7");
    /// # Ok(())
    /// # }
    /// ```
    pub fn with_id<T>(&mut self, id: impl Into<Id>, input: impl FnOnce(&mut Self) -> T) -> T {
        self.with_cause(Some(id.into()), input)
    }

    fn with_cause<T>(&mut self, cause: Option<Id>, input: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.outbox.set_cause(cause);
        let result = input(self);
        self.outbox.set_cause(before);
        result
    }

    /// The flags of this conversation.
    #[must_use]
    pub fn policy(&self) -> Policy {
        self.config.policy
    }

    /// Changes the flags, from the next message on. A session whose version is no longer allowed goes deaf: end
    /// it first (POL-05).
    ///
    /// # Errors
    /// [`Error::MessageSizeTooSmall`] if the maximum message size is too small for a version now allowed.
    pub fn set_policy(&mut self, policy: Policy) -> Result<()> {
        let config = Config { policy, ..Config::clone(&self.config) };
        config.check()?;
        self.config = Arc::new(config);
        Ok(())
    }

    /// Changes the longest text that the transport carries, in bytes (FRAG-02).
    ///
    /// # Errors
    /// [`Error::MessageSizeTooSmall`] if no fragment fits into it.
    pub fn set_max_message_size(&mut self, size: Option<usize>) -> Result<()> {
        let config = Config { max_message_size: size, ..Config::clone(&self.config) };
        config.check()?;
        self.config = Arc::new(config);
        Ok(())
    }

    /// The fingerprints seen in this conversation, with their trust.
    #[must_use]
    pub fn known_fingerprints(&self) -> &KnownFingerprints {
        &self.known
    }

    /// The same, to be filled from a store or changed by the user.
    pub fn known_fingerprints_mut(&mut self) -> &mut KnownFingerprints {
        &mut self.known
    }

    /// The slots of the conversation: the base slot first, then one for each of the peer's clients.
    ///
    /// ```
    /// use otr_protocol::{MessageState, Session, traits::Backend};
    ///
    /// /// Whether anything that is typed now leaves encrypted.
    /// fn is_encrypted<B: Backend>(session: &Session<B>) -> bool {
    ///     session.instances().any(|client| client.message_state == MessageState::Encrypted)
    /// }
    /// # let account = otr_protocol::Account::generate(otr_protocol::DefaultBackend::default()).unwrap();
    /// # assert!(!is_encrypted(&account.session()));
    /// ```
    pub fn instances(&self) -> impl Iterator<Item = InstanceStatus> {
        self.instances.iter().map(|instance| instance.status())
    }

    /// Which instance a recipient stands for at the moment.
    ///
    /// # Errors
    /// [`Error::NoSuchInstance`].
    pub fn resolve(&mut self, recipient: Recipient) -> Result<InstanceTag> {
        Ok(self.select(recipient)?.tag)
    }

    fn select(&mut self, recipient: Recipient) -> Result<InstanceStatus> {
        let known = &self.known;
        let is_trusted =
            |secured: &crate::Secured| known.get(&secured.fingerprint).is_some_and(|t| !t.is_empty());
        match (self.instances.select(recipient, is_trusted), recipient) {
            (Some(instance), _) => Ok(instance.status()),
            (None, Recipient::Instance(tag)) => Err(Error::NoSuchInstance(tag)),
            (None, _) => Err(Error::NoSuchInstance(InstanceTag::BASE)),
        }
    }

    /// Whether every text passes unchanged, because no version is allowed (POL-03). Not while a session exists, or
    /// where text must not leave in clear: a policy never takes protection away (POL-05).
    fn is_transparent(&self) -> bool {
        let policy = self.config.policy;
        policy.versions().is_empty()
            && !policy.contains(Policy::REQUIRE_ENCRYPTION)
            && self.instances.iter().all(|slot| slot.channel.state() == MessageState::Plaintext)
    }

    /// Wipes a session that did not end by our wish: nothing may be sent in clear instead of it (MSG-32).
    fn finish(&mut self, tag: InstanceTag, by: EndedBy) {
        self.drop_smp(tag);
        if let Some(slot) = self.instances.get(tag) {
            slot.auth = AuthState::None;
            slot.channel = Channel::Finished;
        }
        self.outbox.event(Event::Ended { by, instance: tag });
    }
}

impl<B: Backend> core::fmt::Debug for Session<B> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let instances: Vec<_> = self.instances().collect();
        f.debug_struct("Session").field("account", &self.account).field("instances", &instances).finish()
    }
}
