//! What a session tells, in words.

use otr_protocol::{EndedBy, Event, Fingerprint, NotSentReason, Policy, Problem, Trust};

use super::Engine;
use crate::chat::entry::{Entry, Kind};
use crate::chat::file_cipher::Sender;

impl Engine {
    pub(super) fn on_event(&mut self, event: Event) {
        if let Some(name) = event.file_name().map(str::to_owned) {
            return self.on_announcement(name, event);
        }
        match event {
            Event::Message { text, .. } => self.show(Entry::text(Kind::Theirs, &text)),
            Event::Plaintext { text } => self.show(Entry::text(Kind::TheirsInClear, &text)),
            Event::Secured { fingerprint, trust, own_key, refreshed, .. } => {
                self.on_secured(&fingerprint, trust, own_key, refreshed);
            }
            Event::Ended { by, .. } => self.on_ended(by),
            Event::Smp { event, .. } => self.on_smp(event),
            Event::Held { text } => {
                self.held += 1;
                self.show(Entry::notice("held until there is an encrypted session:"));
                self.show(Entry::text(Kind::Mine, &text));
            }
            Event::NotSent { text, reason } => {
                self.held = self.held.saturating_sub(1);
                self.show(Entry::warning(format!("{}:", not_sent(reason))));
                self.show(Entry::text(Kind::Mine, &text));
            }
            Event::Resent { text, .. } => {
                self.show(Entry::notice("sent again, because it could not be read:"));
                self.show(Entry::text(Kind::Mine, &text));
            }
            Event::Problem { kind: Problem::Unencrypted, text: Some(text), .. } => {
                self.show(Entry::warning("what follows came in clear: anybody can have written it"));
                self.show(Entry::text(Kind::TheirsInClear, &text));
            }
            Event::Problem { kind, text, .. } => {
                let words = text.filter(|_| kind == Problem::PeerError);
                let words = words.map(|text| format!(": {}", String::from_utf8_lossy(&text)));
                self.show(Entry::warning(format!("{}{}", problem(kind), words.unwrap_or_default())));
            }
            Event::QueryReceived { .. } | Event::WhitespaceTagReceived { .. } => {
                self.show(Entry::notice("they want an encrypted session"));
            }
            // They are neither said by anybody nor to be acted on.
            _ => {}
        }
    }

    fn on_secured(&mut self, fingerprint: &Fingerprint, trust: Trust, own_key: bool, refreshed: bool) {
        // From the first session on, nothing leaves in clear unless the user ends it.
        self.with_session(|session| session.set_policy(session.policy() | Policy::REQUIRE_ENCRYPTION));
        let what = if refreshed { "the keys are new" } else { "encrypted session" };
        let entry = match trust {
            Trust::Trusted => Entry::good(format!("{what}, with the verified key {fingerprint}")),
            Trust::Known => Entry::notice(format!("{what}, with {fingerprint}: seen before, never verified")),
            Trust::New => Entry::notice(format!("{what}, with {fingerprint}: never seen before")),
            Trust::Changed => Entry::warning(format!(
                "{what}, with {fingerprint}: NOT THE VERIFIED KEY; a new device, or somebody in between"
            )),
        };
        self.show(entry);
        if own_key {
            self.show(Entry::warning(
                "that is your own key: another client of yours, or somebody hands on what you say",
            ));
        }
        if matches!(trust, Trust::New | Trust::Known) {
            self.show(Entry::notice(
                "is it them? /smp compares a secret, /fingerprint shows what to compare",
            ));
        }
        self.remember();
    }

    fn on_ended(&mut self, by: EndedBy) {
        self.comparison.stop();
        self.drop_files("the session is over");
        self.show(match by {
            EndedBy::Us => Entry::notice("the encrypted session is over"),
            EndedBy::Peer => Entry::warning(
                "they have ended the encrypted session: nothing is sent until you /end it too, or start a new one with /otr",
            ),
            EndedBy::Idle => Entry::warning("the encrypted session has ended: nothing was said for long"),
            _ => Entry::warning("the encrypted session cannot go on safely and has ended: start a new one with /otr"),
        });
    }

    /// A file is announced: the offer follows.
    fn on_announcement(&mut self, name: String, event: Event) {
        let (Event::ExtraKey { key, instance, .. }, Some(session)) = (event, &self.session) else { return };
        let slot = session.instances().find(|slot| slot.tag == instance);
        if let Some(secured) = slot.and_then(|slot| slot.secured) {
            self.files.announce(name, key, Sender { fingerprint: secured.fingerprint, instance });
        }
    }
}

fn not_sent(reason: NotSentReason) -> &'static str {
    match reason {
        NotSentReason::Expired => "not sent: no encrypted session began in time",
        NotSentReason::TakenBack => "not sent: taken back",
        _ => "not sent: it could not be encrypted",
    }
}

fn problem(kind: Problem) -> &'static str {
    match kind {
        Problem::Fragment | Problem::Malformed | Problem::Unrecognized => {
            "a message came that makes no sense"
        }
        Problem::ForOtherInstance => "a message came for another program of yours",
        Problem::Limit => "too much came, and some of it was dropped",
        Problem::NoSession => "an encrypted message came that there is no session for; /otr starts one",
        Problem::PeerError => "an error is reported, by them or anybody on the way",
        Problem::Reflected => "a message of your own came back",
        Problem::SetupFailed => "the start of an encrypted session failed; /otr tries again",
        Problem::Unencrypted => "something came in clear",
        Problem::Unreadable => {
            "an encrypted message came that cannot be read: forged, repeated or out of order"
        }
        Problem::UnsupportedVersion => "a message came of a version of OTR that is not spoken here",
        _ => "something came that could not be used",
    }
}
