//! Key exchanges: which slot a message belongs to, and what a completed exchange changes.
//!
//! A commit of version 3 is sent to nobody in particular, from the base slot, and any number of the peer's
//! clients may answer it. Each gets its own slot and may use the commit once (INST-12).

use core::time::Duration;

use otr_traits::Backend;

use super::Session;
use crate::ake::{AuthState, AuthStateKind, AwaitingSig, Collision, Established, Fault, Outcome};
use crate::allowance::Allowance;
use crate::data::Encrypted;
use crate::instance::Channel;
use crate::logging::debug;
use crate::wire::{Body, DhCommit, DhKey, Header, InstanceTag, Message, Version, Versions};
use crate::{Account, Event, Instant, Problem, Result};

/// Queries within so long a time of a commit are one (AKE-24).
const COALESCE: Duration = Duration::from_secs(1);

impl<B: Backend> Session<B> {
    /// Starts an exchange of the best version that both sides allow (TAG-03, AKE-20); none if there is none.
    pub(super) fn start_exchange(&mut self, now: Instant, offered: Versions) -> Result<()> {
        let Some(version) = offered.and(self.config.policy.versions()).best() else { return Ok(()) };
        if let AuthState::AwaitingDhKey(ours) = &self.instances.base.auth
            && self.config.coalesce_queries
            && ours.version == version
            // Whoever has answered it could not do so again.
            && ours.used_by.is_empty()
            && self.instances.base.auth.since().is_some_and(|since| now.since(since) < COALESCE)
        {
            debug!("the query comes soon after our commit: the same once more");
            let commit = Body::DhCommit(ours.commit.message.clone()); // AKE-24
            return self.reply(version, InstanceTag::BASE, commit);
        }
        if let Err(problem) = self.outbox.check_room().and_then(|()| self.allowance.spend()) {
            self.outbox.event(Event::Problem { kind: problem, text: None, instance: None });
            return Ok(());
        }
        let commit = self.instances.base.auth.start(&self.account, version, now)?;
        self.reply(version, InstanceTag::BASE, commit)
    }

    /// Hands a message of an exchange to the slot it belongs to.
    pub(super) fn on_exchange_message(
        &mut self,
        now: Instant,
        header: &Header,
        body: Body<'_>,
    ) -> core::result::Result<(), Fault> {
        let (version, tag) = (header.version, header.sender);
        if !matches!(body, Body::Signature(_)) {
            self.outbox.check_room()?; // All others are answered.
        }
        let outcome = match body {
            Body::DhCommit(commit) => self.on_dh_commit(now, version, tag, commit)?,
            Body::DhKey(key) => self.on_dh_key(now, version, tag, &key)?,
            Body::RevealSignature(message) => match self.auth(version, tag) {
                Some((auth, account, allowance)) => auth.on_reveal_signature(account, allowance, &message)?,
                None => Outcome::Ignored,
            },
            Body::Signature(message) => match self.auth(version, tag) {
                Some((auth, account, _)) => auth.on_signature(account, &message)?,
                None => Outcome::Ignored,
            },
            Body::Data(_) => Outcome::Ignored,
        };
        debug!("the exchange of {version:?} with {tag} is now {:?}", self.auth_state(tag));
        match outcome {
            Outcome::Ignored => debug!("nothing in the exchange expects the message"),
            Outcome::Reply(reply) => self.reply(version, tag, reply).map_err(backend_fault)?,
            Outcome::Established { reply, session } => {
                if let Some(reply) = reply {
                    self.reply(version, tag, reply).map_err(backend_fault)?;
                }
                self.establish(now, tag, *session)?;
            }
        }
        Ok(())
    }

    fn on_dh_commit(
        &mut self,
        now: Instant,
        version: Version,
        tag: InstanceTag,
        commit: DhCommit,
    ) -> core::result::Result<Outcome, Fault> {
        let mut gives_way = false;
        if let AuthState::AwaitingDhKey(ours) = &self.instances.base.auth
            && ours.version == Version::V3
        {
            match version {
                // Somebody has answered in version 3: no way back to 2 (AKE-21).
                Version::V2 if !ours.used_by.is_empty() => return Ok(Outcome::Ignored),
                Version::V2 => {}
                // This instance cannot use our commit any more, so theirs is the only one.
                Version::V3 if ours.is_spent_for(tag) => {}
                Version::V3 => match ours.commit.collide(&commit) {
                    Collision::Reflected => return Err(Fault::Peer(Problem::Reflected)),
                    Collision::OursWins => {
                        return Ok(Outcome::Reply(Body::DhCommit(ours.commit.message.clone())));
                    }
                    Collision::TheirsWins => gives_way = true,
                },
            }
        }
        if self.instances.get(tag).is_none() {
            self.allowance.check()?; // No slot makes room for one that would come to nothing.
        }
        let slot = self.instances.get_or_create(tag).ok_or(Fault::Peer(Problem::Limit))?;
        let outcome = slot.auth.on_dh_commit(&self.account, &mut self.allowance, version, commit, now)?;
        if gives_way && let AuthState::AwaitingDhKey(ours) = &mut self.instances.base.auth {
            ours.used_by.push(tag);
        }
        Ok(outcome)
    }

    fn on_dh_key(
        &mut self,
        now: Instant,
        version: Version,
        tag: InstanceTag,
        key: &DhKey,
    ) -> core::result::Result<Outcome, Fault> {
        // An exchange that the instance began, and that we have answered, goes on (AKE-42).
        let is_answered = self.instances.is_answered(tag);
        if version == Version::V3
            && !is_answered
            && let AuthState::AwaitingDhKey(ours) = &mut self.instances.base.auth
            && ours.version == version
            && !ours.used_by.contains(&tag)
        {
            if ours.is_spent_for(tag) {
                return Err(Fault::Peer(Problem::Limit));
            }
            if ours.has_answered(&key.gy) {
                return Err(Fault::Peer(Problem::SetupFailed));
            }
            let (account, allowance) = (&self.account, &mut self.allowance);
            let next = AwaitingSig::reveal(account, allowance, version, &ours.commit, key, now)?;
            ours.used_by.push(tag);
            ours.answered.push(key.gy.clone());
            let slot = self.instances.get_or_create(tag).ok_or(Fault::Peer(Problem::Limit))?;
            let reply = Body::RevealSignature(next.message().clone());
            slot.auth = AuthState::AwaitingSig(next);
            return Ok(Outcome::Reply(reply));
        }
        match self.auth(version, tag) {
            Some((auth, account, allowance)) => auth.on_dh_key(account, allowance, key, now),
            None => Ok(Outcome::Ignored),
        }
    }

    /// The exchange of a slot that exists, if it is of this version (AKE-21, INST-11).
    fn auth(
        &mut self,
        version: Version,
        tag: InstanceTag,
    ) -> Option<(&mut AuthState, &Account<B>, &mut Allowance)> {
        let slot = self.instances.get(tag)?;
        (slot.auth.version() == Some(version)).then_some((&mut slot.auth, &self.account, &mut self.allowance))
    }

    /// The exchange of a slot; that of the base slot for one that does not exist yet.
    fn auth_state(&self, tag: InstanceTag) -> AuthStateKind {
        let slot = self.instances.iter().find(|slot| slot.tag == tag);
        slot.unwrap_or(&self.instances.base).auth.kind()
    }

    fn reply(&mut self, version: Version, tag: InstanceTag, body: Body<'static>) -> Result<()> {
        let header = match version {
            Version::V2 => Header::to_nobody(version),
            Version::V3 => Header { version, sender: self.account.instance_tag(), receiver: tag },
        };
        self.send_message(&header, &Message { header, body }.encode())
    }

    /// AKE-70: everything that a completed exchange changes, at once.
    fn establish(
        &mut self,
        now: Instant,
        tag: InstanceTag,
        established: Established,
    ) -> core::result::Result<(), Fault> {
        let Some(slot) = self.instances.get(tag) else { return Ok(()) };
        let previous = slot.channel.secured();
        // Both values are those of the session that exists: a replay, and nothing new (AKE-74).
        if previous.is_some_and(|previous| previous.session_id == established.session_id) {
            return Ok(());
        }
        self.drop_smp(tag);
        let Some(slot) = self.instances.get(tag) else { return Ok(()) };
        let mut previous_session = match core::mem::take(&mut slot.channel) {
            Channel::Encrypted(session) => Some(session),
            _ => None,
        };
        let unread = previous_session.as_mut().and_then(|session| session.last_text.take());
        let session = Encrypted::new(established, previous_session, now);
        let secured = session.secured;
        slot.channel = Channel::Encrypted(Box::new(session));
        self.instances.heard_of(tag);

        let is_refreshed = previous.is_some_and(|previous| previous.fingerprint == secured.fingerprint);
        let trust = self.known.classify(&secured.fingerprint);
        self.known.see(secured.fingerprint);
        match secured.version {
            Version::V3 => self.had_v3 = true,
            Version::V2 if self.had_v3 => self.outbox.event(Event::Downgraded { instance: tag }),
            Version::V2 => {}
        }
        self.outbox.event(Event::Secured {
            version: secured.version,
            fingerprint: secured.fingerprint,
            trust,
            session_id: secured.session_id,
            our_half: secured.our_half,
            own_key: secured.fingerprint == self.account.fingerprint(),
            refreshed: is_refreshed,
            instance: tag,
        });
        // Never to another key: who can forge an Error would be handed the text (MSG-52).
        match unread.filter(|_| is_refreshed) {
            Some(typed) => self.resend(now, tag, typed).map_err(backend_fault),
            None => Ok(()),
        }
    }
}

/// An answer to the peer cannot be too long for the transport: [`Config`](crate::Config) was checked, and the
/// messages of an exchange need some 700 fragments at most. What remains is the backend.
pub(super) fn backend_fault(error: crate::Error) -> Fault {
    match error {
        crate::Error::Backend(error) => Fault::Backend(error),
        _ => Fault::Peer(Problem::Limit),
    }
}
