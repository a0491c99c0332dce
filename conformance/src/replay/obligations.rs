//! What must hold in every step, whatever the recorded party does: where a requirement forbids what libotr does, to do
//! as it does is a failure too.

use std::collections::{BTreeMap, BTreeSet};

use otr_protocol::wire::{Kind, Text, Tlv};
use otr_protocol::{EndedBy, Event, Policy, Problem, SmpEvent};

use super::Scene;
use super::difference::{About, Difference};
use super::mac_keys::session_id;
use super::runs::has_tail;
use super::sent::{Content, Sort};
use super::state;
use crate::anatomy::Anatomy;
use crate::transcript::Operation;

/// What has to be known of the steps before.
#[derive(Default)]
pub(super) struct Obligations {
    /// Session, ids of the keys, and counter of each Data message that we have sent.
    counters: BTreeSet<(Vec<u8>, u32, u32, Vec<u8>)>,
    /// The hash in our last commit.
    commit: Option<Vec<u8>>,
    /// The session in which the comparison of each slot began.
    runs: BTreeMap<u32, Vec<u8>>,
}

/// An id, and what was not done as it demands.
type Breach = (&'static str, &'static str);

impl Obligations {
    /// What has not been done, or should not have been.
    pub(super) fn broken(&mut self, scene: &Scene<'_>) -> Vec<Difference> {
        let mut breaches = Vec::new();
        breaches.extend(states(scene));
        breaches.extend(in_clear(scene));
        breaches.extend(resent(scene));
        breaches.extend(comparison(scene));
        breaches.extend(arrived(scene));
        breaches.extend(self.counted(scene));
        breaches.extend(self.compared(scene));
        breaches.extend(self.collided(scene));
        let difference = |(id, what)| Difference::new(About::Obligation(id), format!("{id} fulfilled"), what);
        breaches.into_iter().map(difference).collect()
    }

    /// No counter is used twice (DATA-11, AKE-73).
    fn counted(&mut self, scene: &Scene<'_>) -> Option<Breach> {
        let mut is_repeated = false;
        for message in sent(scene).filter(|message| message.kind == Kind::Data) {
            let keys = (message.int("sender_keyid"), message.int("recipient_keyid"));
            let counter = message.bytes("ctr").to_vec();
            is_repeated |= !self.counters.insert((session_id(scene, &message), keys.0, keys.1, counter));
        }
        is_repeated.then_some(("DATA-11", "a counter was used once more"))
    }

    /// A comparison ends with the session that it began in (SMP-26).
    fn compared(&mut self, scene: &Scene<'_>) -> Option<Breach> {
        for event in &scene.observed.events {
            if let Event::Smp { event: SmpEvent::Asked { .. }, instance } = event {
                self.begin(scene, instance.number());
            }
        }
        let mut breach = None;
        for (sort, sent) in scene.sorts.iter().zip(&scene.observed.sent) {
            let (Sort::Data(content), Some(message)) = (sort, Anatomy::of_text(&sent.text)) else { continue };
            let given = matches!(scene.operation, Operation::SendRecords { .. });
            match content.records.as_slice() {
                _ if given => {}
                [Tlv::SMP_1 | Tlv::SMP_1Q, ..] => self.begin(scene, message.receiver()),
                [Tlv::SMP_2 | Tlv::SMP_3 | Tlv::SMP_4, ..]
                    if self.runs.get(&message.receiver()) != Some(&session_id(scene, &message)) =>
                {
                    breach = Some(("SMP-26", "a comparison went on in another session"));
                }
                _ => {}
            }
        }
        breach
    }

    fn begin(&mut self, scene: &Scene<'_>, tag: u32) {
        let session = scene.is(tag).session.map(|session| session.session_id);
        self.runs.insert(tag, session.unwrap_or_default());
    }

    /// Of two commits the higher one stands (AKE-33).
    fn collided(&mut self, scene: &Scene<'_>) -> Option<Breach> {
        let ours = self.commit.take();
        let commits = sent(scene).filter(|message| message.kind == Kind::DhCommit);
        self.commit = commits.last().map(|commit| commit.bytes("hashgx").to_vec()).or_else(|| ours.clone());
        let message = scene.message.as_ref().filter(|message| message.kind == Kind::DhCommit)?;
        let is_open = scene.was(0).auth_state == "AWAITING_DHKEY" && message.sender() != 0
            || scene.was(message.sender()).auth_state == "AWAITING_DHKEY";
        let is_higher = ours.is_some_and(|ours| ours.as_slice() > message.bytes("hashgx"));
        // An instance that has answered our commit cannot answer it again: its own is the only one then (INST-12).
        let is_spent = scene.was(message.sender()).message_state != "PLAINTEXT";
        let gave_way = scene.sorts.contains(&Sort::Message(Kind::DhKey));
        (is_open && is_higher && gave_way && !is_spent).then_some(("AKE-33", "the higher commit gave way"))
    }
}

/// The message state changes on three events (MSG section), and slots are not made for anything (INST-11).
fn states(scene: &Scene<'_>) -> Option<Breach> {
    let has_told = |tag: u32, is_it: fn(&Event) -> bool| {
        scene.observed.events.iter().any(|event| is_it(event) && event_tag(event) == Some(tag))
    };
    let may_be_new =
        matches!(scene.message.as_ref().map(|message| message.kind), Some(Kind::DhCommit | Kind::DhKey));
    for is in &scene.after {
        let was = scene.was(is.tag);
        let may_change = match (was.message_state.as_str(), is.message_state.as_str()) {
            (was, is) if was == is => true,
            (_, "PLAINTEXT") => scene.operation == Operation::Disconnect,
            (_, "ENCRYPTED") => has_told(is.tag, |event| matches!(event, Event::Secured { .. })),
            _ => has_told(is.tag, |event| {
                matches!(event, Event::Ended { by: EndedBy::Peer | EndedBy::Error, .. })
            }),
        };
        if !may_change {
            return Some(("AKE-43", "the message state changed for no reason"));
        }
        if scene.before.iter().all(|slot| slot.tag != is.tag) && !may_be_new {
            return Some(("INST-11", "a slot was made"));
        }
        if scene.operation == Operation::Disconnect && is.auth_state != "NONE" {
            return Some(("MSG-60", "a key exchange goes on"));
        }
        let entered_again = was.session.is_some() && was.session == is.session;
        if entered_again && has_told(is.tag, |event| matches!(event, Event::Secured { .. })) {
            return Some(("AKE-74", "the same session was established once more"));
        }
    }
    None
}

/// What is to be secret does not leave in clear (MSG-11, MSG-12, MSG-15).
fn in_clear(scene: &Scene<'_>) -> Option<Breach> {
    let Operation::Send { instance, text } = scene.operation else { return None };
    let has_left = scene.observed.sent.iter().any(|sent| sent.text.starts_with(text.as_bytes()));
    let is_secret = scene.before.iter().any(|slot| slot.message_state != "PLAINTEXT");
    let is_any = instance.is_none_or(|instance| instance == 1);
    let is_transparent = scene.policy.versions().is_empty();
    if !has_left || text.is_empty() {
        None
    } else if scene.policy.contains(Policy::REQUIRE_ENCRYPTION) {
        Some(("MSG-11", "a text left in clear"))
    } else if is_secret && is_any {
        Some(("MSG-14", "a text left in clear"))
    } else if !is_transparent && text.contains("?OTR") {
        Some(("MSG-15", "a text with a marker left in clear"))
    } else {
        None
    }
}

/// A text goes to no other fingerprint than before (MSG-52).
fn resent(scene: &Scene<'_>) -> Option<Breach> {
    let is_resent =
        |sort: &Sort| matches!(sort, Sort::Data(content) if content.text.starts_with(b"[resent] "));
    let is_typed = matches!(scene.operation, Operation::Send { .. } | Operation::SendRecords { .. });
    let to_another = scene.after.iter().any(|slot| {
        let before = scene.was(slot.tag).session;
        let has_changed = |is: &state::View| before.is_none_or(|was| was.fingerprint != is.fingerprint);
        slot.session.as_ref().is_some_and(has_changed)
    });
    (scene.sorts.iter().any(is_resent) && !is_typed && to_another)
        .then_some(("MSG-52", "a text was sent again to another fingerprint"))
}

/// What ends a comparison is answered with an abort, unless it is one (SMP-16, SMP-20, SMP-21).
fn comparison(scene: &Scene<'_>) -> Option<Breach> {
    let has_told = |outcome: &SmpEvent| {
        let is_it = |event: &Event| matches!(event, Event::Smp { event, .. } if event == outcome);
        scene.observed.events.iter().any(is_it)
    };
    let abort = Sort::Data(Content { text: Vec::new(), records: vec![Tlv::SMP_ABORT] });
    let has_aborted = scene.sorts.contains(&abort);
    let records = scene.decoded.as_ref().map(|decoded| decoded.records()).unwrap_or_default();
    let has = |kinds: &[u16]| records.iter().any(|(kind, _)| kinds.contains(kind));
    let is_message = has(&[Tlv::SMP_1, Tlv::SMP_1Q, Tlv::SMP_2, Tlv::SMP_3, Tlv::SMP_4]);
    let is_abort = has(&[Tlv::SMP_ABORT]) && !is_message;
    if is_abort && has_aborted {
        Some(("SMP-21", "an abort was answered with an abort"))
    } else if has_told(&SmpEvent::Cheated) && !has_aborted {
        Some(("SMP-16", "a message that does not hold was not answered with an abort"))
    } else if is_message && has_told(&SmpEvent::Aborted) && !has_aborted {
        Some(("SMP-20", "a message out of turn was not answered with an abort"))
    } else if has_tail(scene) && !has_told(&SmpEvent::Cheated) && !has_told(&SmpEvent::Aborted) {
        let was_read = scene.was(scene.message.as_ref()?.sender()).session.is_some()
            && !scene.has_told_problem(Problem::Unreadable);
        was_read.then_some(("WIRE-06", "what follows the numbers was left aside"))
    } else {
        None
    }
}

/// What is not to be accepted is not (WIRE-04, WIRE-22, TAG-13, INST-05).
fn arrived(scene: &Scene<'_>) -> Option<Breach> {
    let answers = |kind: Kind| scene.sorts.contains(&Sort::Message(kind));
    let has_answered = [Kind::DhKey, Kind::RevealSignature, Kind::Signature].into_iter().any(answers);
    if let Text::Tagged { .. } = Text::classify(&scene.whole, false)
        && state::encrypted(&scene.before).next().is_some()
        && answers(Kind::DhCommit)
    {
        return Some(("TAG-13", "a whitespace tag started a key exchange while a slot is ENCRYPTED"));
    }
    let message = scene.message.as_ref()?;
    let is_commit_to_nothing =
        message.kind == Kind::DhCommit && !(5..=196).contains(&message.bytes("encgx").len());
    if message.has_padded_number() && has_answered {
        Some(("WIRE-04", "a padded number was accepted"))
    } else if is_commit_to_nothing && answers(Kind::DhKey) {
        Some(("WIRE-22", "a commit to no number that could be g^x was accepted"))
    } else if message.tags.is_some_and(|(sender, _)| sender < 0x100) && !scene.sorts.is_empty() {
        Some(("INST-05", "a sender that is no tag was answered"))
    } else {
        None
    }
}

/// The messages that we have sent.
fn sent<'a>(scene: &'a Scene<'_>) -> impl Iterator<Item = Anatomy> + use<'a> {
    scene.observed.sent.iter().filter_map(|sent| Anatomy::of_text(&sent.text))
}

fn event_tag(event: &Event) -> Option<u32> {
    match event {
        Event::Secured { instance, .. } | Event::Ended { instance, .. } => Some(instance.number()),
        _ => None,
    }
}
