//! The Socialist Millionaires' Protocol in a session: what the user asks for, and what arrives.

use otr_traits::Backend;

use super::Session;
use crate::ake::Fault;
use crate::instance::Channel;
use crate::logging::debug;
use crate::smp::{Context, Record, Smp, Step};
use crate::wire::{InstanceTag, Plaintext, Tlv, flags};
use crate::{Error, Event, Instant, Recipient, Result, Secured, SmpEvent};

/// One encrypted session in which secrets can be compared; see [`Session::smp`].
pub struct SmpHandle<'a, B: Backend> {
    session: &'a mut Session<B>,
    now: Instant,
    tag: InstanceTag,
    context: Context,
    allows_empty: bool,
}

impl<B: Backend> Session<B> {
    /// Compares secrets with one of the peer's clients, to find out whether it is really the peer (SMP-*).
    ///
    /// ```no_run
    /// # use otr_protocol::{Instant, Recipient, Result, Session, traits::Backend};
    /// # fn verify<B: Backend>(session: &mut Session<B>, now: Instant) -> Result<()> {
    /// session.smp(now, Recipient::Best)?.start("the red boat", Some("Where did we meet?"))
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error::NotEncrypted`] without a session; [`Error::NoSuchInstance`].
    pub fn smp(&mut self, now: Instant, with: Recipient) -> Result<SmpHandle<'_, B>> {
        let now = self.tick(now);
        let status = self.select(with)?;
        let Secured { fingerprint: theirs, session_id, .. } = status.secured.ok_or(Error::NotEncrypted)?;
        let context = Context { ours: self.account.fingerprint(), theirs, session_id };
        Ok(SmpHandle { session: self, now, tag: status.tag, context, allows_empty: false })
    }

    /// A TLV of types 2 to 7 that arrived.
    pub(super) fn on_smp(
        &mut self,
        now: Instant,
        tag: InstanceTag,
        tlv: &Tlv<'_>,
    ) -> core::result::Result<(), Fault> {
        let Some(smp) = self.smp_state(tag) else { return Ok(()) };
        let mut state = core::mem::take(smp);
        let was_active = state.is_active();
        let step = match state.receive(self.account.backend(), tlv) {
            Ok(step) => step,
            Err(error) => {
                // The run is over, and the user ought to know.
                if was_active {
                    self.smp_event(tag, SmpEvent::Aborted);
                }
                return Err(error.into());
            }
        };
        if let Some(smp) = self.smp_state(tag) {
            *smp = state;
        }
        match step {
            Step::Asked { question } => self.smp_event(tag, SmpEvent::Asked { question }),
            Step::Progress { reply } => {
                self.smp_event(tag, SmpEvent::Progress);
                self.send_record(now, tag, &reply)?;
            }
            Step::Finished { reply, equal, says_who } => {
                if let Some(reply) = reply {
                    self.send_record(now, tag, &reply)?;
                }
                if says_who {
                    self.judge(tag, equal);
                }
                self.smp_event(tag, if equal { SmpEvent::Succeeded } else { SmpEvent::Failed });
            }
            Step::Cheated => {
                self.send_record(now, tag, &Record::ABORT)?;
                self.smp_event(tag, SmpEvent::Cheated);
            }
            Step::Unexpected => {
                self.send_record(now, tag, &Record::ABORT)?;
                self.smp_event(tag, SmpEvent::Aborted);
            }
            Step::Aborted { active: true } => self.smp_event(tag, SmpEvent::Aborted),
            Step::Aborted { active: false } => {}
        }
        Ok(())
    }

    /// The trust that follows from a comparison, as libotr keeps it (SMP-25).
    fn judge(&mut self, tag: InstanceTag, equal: bool) {
        let secured = self.instances.get(tag).and_then(|slot| slot.channel.secured());
        if let Some(secured) = secured {
            self.known.set(secured.fingerprint, if equal { "smp" } else { "" });
        }
    }

    /// A comparison does not outlive its session (SMP-26).
    pub(super) fn drop_smp(&mut self, tag: InstanceTag) {
        if self.smp_state(tag).map(core::mem::take).is_some_and(|state| state.is_active()) {
            self.smp_event(tag, SmpEvent::Aborted);
        }
    }

    fn smp_state(&mut self, tag: InstanceTag) -> Option<&mut Smp> {
        match &mut self.instances.get(tag)?.channel {
            Channel::Encrypted(session) => Some(&mut session.smp),
            _ => None,
        }
    }

    /// Lets the run of a slot use the backend.
    fn with_smp<T>(
        &mut self,
        tag: InstanceTag,
        work: impl FnOnce(&mut Smp, &B) -> otr_traits::Result<T>,
    ) -> Result<T> {
        let mut state = self.smp_state(tag).map(core::mem::take).ok_or(Error::NotEncrypted)?;
        let result = work(&mut state, self.account.backend());
        if let Some(smp) = self.smp_state(tag) {
            *smp = state;
        }
        Ok(result?)
    }

    fn smp_event(&mut self, tag: InstanceTag, event: SmpEvent) {
        self.outbox.event(Event::Smp { event, instance: tag });
    }

    fn send_record(
        &mut self,
        now: Instant,
        tag: InstanceTag,
        record: &Record,
    ) -> core::result::Result<(), Fault> {
        self.send_tlv(now, tag, record).map_err(super::exchange::backend_fault)
    }

    fn send_tlv(&mut self, now: Instant, tag: InstanceTag, Record { kind, value }: &Record) -> Result<()> {
        let tlvs = vec![Tlv { kind: *kind, value }];
        self.send_encrypted(now, tag, flags::IGNORE_UNREADABLE, Plaintext { text: b"", tlvs })
    }
}

impl<B: Backend> SmpHandle<'_, B> {
    /// Starts a comparison: the peer is asked for the secret, with a question if there is one. A comparison under way
    /// is aborted first.
    ///
    /// The secret is taken byte for byte: agree on its spelling. It is used once; another guess needs another call
    /// (SMP-24).
    ///
    /// # Errors
    /// [`Error::Question`] if the question contains a NUL byte or is too long (SMP-05); [`Error::EmptySecret`].
    pub fn start(self, secret: impl AsRef<[u8]>, question: Option<&str>) -> Result<()> {
        // A TLV has 65535 bytes at most; the message takes six MPIs of 192 bytes, a count and a NUL.
        const MAX_QUESTION: usize = 65535 - 6 * 196 - 5;
        if question.is_some_and(|question| question.len() > MAX_QUESTION || question.contains('\0')) {
            return Err(Error::Question { limit: MAX_QUESTION });
        }
        self.check_secret(secret.as_ref())?;
        debug!("starts a comparison, {} a question", if question.is_some() { "with" } else { "without" });
        let Self { session, now, tag, context, .. } = self;
        let backend = session.account.backend();
        let (state, record) = Smp::start(backend, &context, secret.as_ref(), question.map(str::as_bytes))?;
        let was_active = session.smp_state(tag).is_some_and(|smp| smp.is_active());
        if was_active {
            session.send_tlv(now, tag, &Record::ABORT)?;
            if let Some(smp) = session.smp_state(tag) {
                *smp = Smp::default();
            }
        }
        session.send_tlv(now, tag, &record)?;
        // Only now: what was not sent has not been started.
        if let Some(smp) = session.smp_state(tag) {
            *smp = state;
        }
        Ok(())
    }

    /// Computes all of an answer that does not depend on the secret, while the user is still typing it:
    /// [`respond`](Self::respond) has little left to do then. Nothing is sent.
    ///
    /// # Errors
    /// [`Error::NobodyAsked`]. If the backend fails, the question stands as before.
    pub fn prepare_answer(self) -> Result<()> {
        let Self { session, tag, .. } = self;
        let prepared = session.with_smp(tag, |smp, backend| smp.prepare_answer(backend))?;
        if prepared { Ok(()) } else { Err(Error::NobodyAsked) }
    }

    /// Answers the peer, who has asked.
    ///
    /// # Errors
    /// [`Error::NobodyAsked`]; [`Error::EmptySecret`].
    pub fn respond(self, secret: impl AsRef<[u8]>) -> Result<()> {
        self.check_secret(secret.as_ref())?;
        let Self { session, now, tag, context, .. } = self;
        let record = session.with_smp(tag, |smp, backend| smp.respond(backend, &context, secret.as_ref()))?;
        session.send_tlv(now, tag, &record.ok_or(Error::NobodyAsked)?)
    }

    /// Lets the secret be empty, which is hardly ever meant (SMP-24).
    #[must_use]
    pub fn allow_empty_secret(mut self) -> Self {
        self.allows_empty = true;
        self
    }

    fn check_secret(&self, secret: &[u8]) -> Result<()> {
        if secret.is_empty() && !self.allows_empty { Err(Error::EmptySecret) } else { Ok(()) }
    }

    /// Aborts the comparison, and tells the peer, who may have one under way.
    ///
    /// # Errors
    /// If the backend fails.
    pub fn abort(self) -> Result<()> {
        let Self { session, now, tag, .. } = self;
        if let Some(smp) = session.smp_state(tag) {
            *smp = Smp::default();
        }
        session.send_tlv(now, tag, &Record::ABORT)
    }
}
