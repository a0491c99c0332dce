//! A conversation with one person.

use otr_protocol::{
    Account, AuthStateKind, Event, Fingerprint, Instant, KnownFingerprints, MessageState, Output, Policy,
    Recipient, Result, Secured, Session, Trust,
};
use otr_store::fingerprints::Correspondent;

use crate::backend::Shared;

/// A conversation with one person, under the name they have at the moment.
pub(super) struct Conversation {
    pub(super) session: Session<Shared>,
    /// By this name their keys are known: the canonical one.
    pub(super) whose: Correspondent,
    /// The name as it was last seen.
    pub(super) nick: Vec<u8>,
    /// The same as the server writes it, `nick!user@host`; only the nick if it has not written yet.
    pub(super) source: Vec<u8>,
    /// IRCv3's tags of the line that is being dealt with.
    pub(super) tags: Vec<u8>,
    /// The encrypted conversation under this name went on under another: whoever has this name now may be somebody else.
    pub(super) moved_to: Option<Vec<u8>>,
    /// The peer has asked for a secret.
    pub(super) is_asked: bool,
    /// How many texts wait for a session.
    pub(super) held: usize,
    /// When something is to be done without an input.
    pub(super) deadline: Option<Instant>,
    /// When it was last used, in the order of things.
    pub(super) used: u64,
}

impl Conversation {
    pub(super) fn new(
        account: &Account<Shared>,
        whose: Correspondent,
        known: KnownFingerprints,
        nick: &[u8],
    ) -> Self {
        let mut session = account.session();
        *session.known_fingerprints_mut() = known;
        Self {
            session,
            whose,
            nick: nick.to_vec(),
            source: nick.to_vec(),
            tags: Vec::new(),
            moved_to: None,
            is_asked: false,
            held: 0,
            deadline: None,
            used: 0,
        }
    }

    /// All that the session has to say now.
    pub(super) fn drain(&mut self, now: Instant) -> Result<Vec<Output>> {
        let mut outputs = Vec::new();
        loop {
            match self.session.poll(now)? {
                Output::Idle(deadline) => {
                    self.deadline = deadline;
                    return Ok(outputs);
                }
                Output::Event(event) => {
                    self.note(&event);
                    outputs.push(Output::Event(event));
                }
                output @ Output::Send(_) => outputs.push(output),
            }
        }
    }

    fn note(&mut self, event: &Event) {
        match event {
            Event::Held { .. } => self.held += 1,
            Event::NotSent { .. } => self.held = self.held.saturating_sub(1),
            Event::Secured { .. } => {
                // Either it is sent now, or there is a session that keeps the conversation from being dropped.
                self.held = 0;
                self.moved_to = None;
                self.is_asked = false;
            }
            Event::Smp { event, .. } => self.is_asked = matches!(event, otr_protocol::SmpEvent::Asked { .. }),
            Event::Ended { .. } => self.is_asked = false,
            _ => {}
        }
    }

    /// Whether a text that is sent now leaves in clear.
    pub(super) fn is_clear(&self) -> bool {
        !self.session.policy().contains(Policy::REQUIRE_ENCRYPTION) && !self.has_session()
    }

    /// Whether there is an encrypted session, or one that the peer has ended.
    pub(super) fn has_session(&self) -> bool {
        self.session.instances().any(|client| client.message_state != MessageState::Plaintext)
    }

    /// Whether nothing would be lost with it.
    pub(super) fn is_idle(&self) -> bool {
        let is_under_way = |state| state != AuthStateKind::None;
        !self.has_session()
            && self.held == 0
            && self.moved_to.is_none()
            && !self.session.instances().any(|client| is_under_way(client.auth_state))
    }

    /// The session that texts go to.
    pub(super) fn secured(&mut self) -> Option<Secured> {
        let best = self.session.resolve(Recipient::Best).ok()?;
        self.session.instances().find(|client| client.tag == best)?.secured
    }

    /// The fingerprints that the peer has in its encrypted sessions.
    pub(super) fn fingerprints(&self) -> Vec<Fingerprint> {
        self.session
            .instances()
            .filter_map(|client| client.secured)
            .map(|secured| secured.fingerprint)
            .collect()
    }

    /// Whether the person who is in these sessions would be a stranger among those known by another name.
    pub(super) fn would_be_changed(&self, known: &KnownFingerprints) -> bool {
        self.fingerprints().iter().any(|fingerprint| known.classify(fingerprint) == Trust::Changed)
    }

    /// Whether texts wait for an encrypted session, or go in clear as long as there is none.
    pub(super) fn require(&mut self, requires: bool) -> Result<()> {
        let policy = self.session.policy();
        self.session.set_policy(match requires {
            true => policy | Policy::REQUIRE_ENCRYPTION,
            false => policy.without(Policy::REQUIRE_ENCRYPTION),
        })
    }

    /// Sends a text in clear without the invisible offer of OTR, or with it as the policy has it.
    pub(super) fn send(&mut self, now: Instant, text: &[u8], with_offer: bool) -> Result<()> {
        let policy = self.session.policy();
        if !with_offer {
            self.session.set_policy(policy.without(Policy::SEND_WHITESPACE_TAG))?;
        }
        let result = self.session.send(now, Recipient::Best, text);
        self.session.set_policy(policy)?;
        result
    }
}
