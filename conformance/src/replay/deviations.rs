//! Where the requirements decide otherwise than libotr.
//!
//! Each rule is a predicate on the state and the message of one step, written once and named by the requirement
//! that makes it. It explains a difference only where it says so; whatever no rule explains fails. No rule knows the
//! name of a recording.

use otr_protocol::wire::{Kind, Text, Tlv};
use otr_protocol::{Error, Event, Problem, SmpEvent};

use super::{Scene, state};
use super::difference::{About, Difference, Reveal};
use super::sent::{Content, Sort};
use super::told::{Comparison, Notice};
use crate::Deviation;
use crate::hex::show;
use crate::transcript::Operation;

type Rule = (Deviation, fn(&Scene<'_>, &About) -> bool);

const RULES: [Rule; 25] = [
    (Deviation { id: "AKE-43", what: "a D-H Key does not change the message state" }, ake_43),
    (Deviation { id: "AKE-72", what: "MAC keys of a replaced session are revealed at once" }, ake_72),
    (Deviation { id: "AKE-73", what: "a replay does not re-enter the session it once made" }, ake_73),
    (Deviation { id: "DATA-20", what: "a malformed Data message is told of, whatever its flag" }, data_20),
    (Deviation { id: "INST-12", what: "an instance takes over a commit when it can use it" }, inst_12),
    (Deviation { id: "LIBOTR-06", what: "a commit that does not open is told of" }, libotr_06),
    (Deviation { id: "MSG-11", what: "a text waits without a second query while a key exchange is under way" }, msg_11),
    (Deviation { id: "MSG-15", what: "a typed text with a marker is encrypted, or refused" }, msg_15),
    (Deviation { id: "MSG-22", what: "a Data message of version 3 without session is answered" }, msg_22),
    (Deviation { id: "MSG-33", what: "what needs a session is refused without one" }, msg_33),
    (Deviation { id: "MSG-50", what: "all texts that wait are sent or given back, not only the last" }, msg_50),
    (Deviation { id: "MSG-52", what: "a text is sent again in the session it belongs to, to the same fingerprint" }, msg_52),
    (Deviation { id: "MSG-60", what: "the user's end gives up every key exchange" }, msg_60),
    (Deviation { id: "MSG-62", what: "the last message of a session reveals all used MAC keys" }, msg_62),
    (Deviation { id: "SMP-16", what: "a message that does not hold is answered with an abort" }, smp_16),
    (Deviation { id: "SMP-20", what: "a message out of turn ends the comparison, with an abort" }, smp_20),
    (Deviation { id: "SMP-21", what: "an abort is told of only if there is something to abort" }, smp_21),
    (Deviation { id: "SMP-23", what: "a comparison under way is aborted before the next one" }, smp_23),
    (Deviation { id: "SMP-26", what: "a comparison does not outlive its session" }, smp_26),
    (Deviation { id: "TAG-02", what: "no query is sent that offers nothing" }, tag_02),
    (Deviation { id: "TAG-13", what: "a whitespace tag starts nothing while a slot is ENCRYPTED" }, tag_13),
    (Deviation { id: "WIRE-04", what: "a number with a leading zero byte is malformed" }, wire_04),
    (Deviation { id: "WIRE-13", what: "a message of version 1 is told of" }, wire_13),
    (Deviation { id: "WIRE-22", what: "a commit to no number that could be g^x is malformed" }, wire_22),
    (Deviation { id: "WIRE-23", what: "a message of a version that is not allowed is told of" }, wire_23),
];

/// The rule that explains a difference.
pub(super) fn explain(scene: &Scene<'_>, difference: &Difference) -> Option<Deviation> {
    let explains = |(_, rule): &&Rule| rule(scene, &difference.about);
    RULES.iter().find(explains).map(|(deviation, _)| *deviation)
}

/// The rule by which the two are in different sessions after this step, so that nothing more can be compared
/// (REPLAY 8).
pub(super) fn parted(scene: &Scene<'_>) -> Option<Deviation> {
    const AKE_01: Deviation = Deviation { id: "AKE-01", what: "a private below 2^256 is drawn again" };
    let is_small = |bytes: &[u8]| bytes.iter().take(8).all(|byte| *byte == 0);
    let mut privates = scene.observed.log.draws.iter().filter(|draw| draw.label == "dh_private");
    privates.any(|draw| is_small(&draw.bytes)).then_some(AKE_01)
}

/// libotr takes over PLAINTEXT from the base slot when a D-H Key arrives in version 3, and so does not know at the
/// end that the session was refreshed.
fn ake_43(scene: &Scene<'_>, about: &About) -> bool {
    let was_lost = |tag: &u32| {
        let (was, recorded) = (scene.was(*tag), scene.was_recorded(*tag));
        was.message_state != "PLAINTEXT" && recorded.message_state == "PLAINTEXT"
    };
    match about {
        About::MessageState(tag) => {
            let (was, is, recorded) = (scene.was(*tag), scene.is(*tag), scene.is_recorded(*tag));
            let at_dh_key = recorded.message_state == "PLAINTEXT" && recorded.auth_state == "AWAITING_SIG";
            *tag != 0
                && at_dh_key
                && was.message_state != "PLAINTEXT"
                && is.message_state == was.message_state
        }
        About::NotTold(Notice::Secured { instance, refreshed: false, .. })
        | About::ToldToo(Notice::Secured { instance, refreshed: true, .. }) => was_lost(instance),
        _ => false,
    }
}

fn ake_72(_: &Scene<'_>, about: &About) -> bool {
    *about == About::Revealed(Reveal::OfOldSession)
}

/// libotr answers the D-H Key of the session it is in once more, and then takes the Signature once more: the same
/// session again, its counters at their start.
fn ake_73(scene: &Scene<'_>, about: &About) -> bool {
    let Some(message) = &scene.message else { return false };
    let Some(session) = scene.was(message.sender()).session else { return false };
    let is_replayed = |expected: &super::sent::Expected| {
        expected
            .decoded
            .as_ref()
            .is_some_and(|decoded| decoded.bytes("ssid").as_ref() == Ok(&session.session_id))
    };
    match about {
        About::NotSent(Sort::Message(Kind::RevealSignature)) => scene.expected.iter().any(is_replayed),
        About::AuthState(tag) => *tag == message.sender() && scene.expected.iter().any(is_replayed),
        About::NotTold(Notice::Secured { session_id, .. }) => *session_id == show(&session.session_id),
        _ => false,
    }
}

fn data_20(scene: &Scene<'_>, about: &About) -> bool {
    let is_data = matches!(Text::classify(scene.text, false), Text::Encoded(_, Kind::Data));
    is_data && scene.message.is_none() && *about == About::ToldToo(Notice::Problem(Problem::Malformed))
}

/// libotr copies its commit into the slot of an instance as soon as any D-H Key comes from there, even one that is
/// out of range.
fn inst_12(scene: &Scene<'_>, about: &About) -> bool {
    let Some(message) = &scene.message else { return false };
    let (base, recorded) = (scene.is(0), scene.is_recorded(message.sender()));
    *about == About::AuthState(message.sender())
        && message.kind == Kind::DhKey
        && scene.is(message.sender()) == scene.was(message.sender())
        && (base.auth_state, recorded.auth_state) == ("AWAITING_DHKEY".into(), "AWAITING_DHKEY".into())
}

fn libotr_06(scene: &Scene<'_>, about: &About) -> bool {
    let Some(message) = &scene.message else { return false };
    let was = scene.was(message.sender());
    *about == About::ToldToo(Notice::Problem(Problem::SetupFailed))
        && message.kind == Kind::RevealSignature
        && was.auth_state == "AWAITING_REVEALSIG"
        && was == scene.is(message.sender())
}

fn msg_11(scene: &Scene<'_>, about: &About) -> bool {
    let is_under_way = scene.before.iter().any(|slot| slot.auth_state != "NONE");
    let is_held = scene.observed.events.iter().any(|event| matches!(event, Event::Held { .. }));
    *about == About::NotSent(Sort::Query) && is_held && is_under_way
}

/// libotr sends a query instead of any text with a query in it, and every other text as it is.
fn msg_15(scene: &Scene<'_>, about: &About) -> bool {
    let Operation::Send { text, .. } = scene.operation else { return false };
    let is_like_otr = text.contains("?OTR");
    is_like_otr
        && match about {
            About::NotSent(Sort::Query) => true,
            About::NotSent(_) | About::ToldToo(Notice::Refused(Error::LooksLikeOtr)) => {
                scene.observed.refusal == Some(Error::LooksLikeOtr)
            }
            About::SentToo(Sort::Data(content)) => content.text == text.as_bytes(),
            _ => false,
        }
}

fn msg_22(scene: &Scene<'_>, about: &About) -> bool {
    let Some(message) = &scene.message else { return false };
    *about == About::SentToo(Sort::Error)
        && (message.kind, message.version) == (Kind::Data, 3)
        && message.int("flags") & 1 == 0
        && scene.was(message.sender()).session.is_none()
}

/// libotr does nothing, and says nothing.
fn msg_33(scene: &Scene<'_>, about: &About) -> bool {
    let needs_session = matches!(
        scene.operation,
        Operation::SmpStart { .. }
            | Operation::SmpRespond { .. }
            | Operation::SmpAbort { .. }
            | Operation::ExtraKey { .. }
    );
    let has_session = state::encrypted(&scene.before).next().is_some();
    *about == About::ToldToo(Notice::Refused(Error::NotEncrypted)) && needs_session && !has_session
}

/// libotr keeps one text only, for as long as it takes, and does not say that it was not sent.
fn msg_50(scene: &Scene<'_>, about: &About) -> bool {
    match about {
        About::SentToo(Sort::Data(content)) => scene.held.contains(&content.text),
        About::ToldToo(Notice::NotSent(_)) => !scene.held.is_empty(),
        _ => false,
    }
}

/// libotr does not look whose key the new session is with, and does not see in version 3 that an Error message was
/// about a session (LIBOTR-18, LIBOTR-19).
fn msg_52(scene: &Scene<'_>, about: &About) -> bool {
    let mut refreshed = scene.after.iter().filter_map(|slot| {
        let (was, is) = (scene.was(slot.tag).session?, slot.session.clone()?);
        (was.session_id != is.session_id).then_some((was.fingerprint == is.fingerprint, is.version))
    });
    let Some((is_same_key, version)) = refreshed.next() else { return false };
    let is_resent = |content: &Content| content.text.starts_with(b"[resent] ");
    match about {
        About::NotSent(Sort::Data(content)) => is_resent(content) && !is_same_key,
        About::NotTold(Notice::Resent) => !is_same_key,
        About::SentToo(Sort::Data(content)) => is_resent(content) && is_same_key && version == 3,
        About::ToldToo(Notice::Resent) => is_same_key && version == 3,
        _ => false,
    }
}

fn msg_60(scene: &Scene<'_>, about: &About) -> bool {
    let About::AuthState(tag) = about else { return false };
    scene.operation == Operation::Disconnect && scene.is(*tag).auth_state == "NONE"
}

fn msg_62(_: &Scene<'_>, about: &About) -> bool {
    *about == About::Revealed(Reveal::AtTheEnd)
}

/// libotr leaves the abort to its application.
fn smp_16(scene: &Scene<'_>, about: &About) -> bool {
    is_abort(about) && has_told(scene, &SmpEvent::Cheated)
}

/// The same; and libotr goes on with the comparison.
fn smp_20(scene: &Scene<'_>, about: &About) -> bool {
    is_abort(about) && has_told(scene, &SmpEvent::Aborted)
}

fn smp_21(scene: &Scene<'_>, about: &About) -> bool {
    let was_abort = scene.decoded.as_ref().and_then(|decoded| decoded.content());
    let was_abort = was_abort.is_some_and(|(_, records)| records.contains(&Tlv::SMP_ABORT));
    *about == About::NotTold(Notice::Smp(Comparison::Aborted)) && was_abort && scene.observed.sent.is_empty()
}

/// libotr begins anew without a word.
fn smp_23(scene: &Scene<'_>, about: &About) -> bool {
    is_abort(about) && matches!(scene.operation, Operation::SmpStart { .. })
}

/// libotr goes on, and the comparison fails, because the two have different session ids in it. What it does with a
/// comparison that we have ended, for this reason or another, we do not.
fn smp_26(scene: &Scene<'_>, about: &About) -> bool {
    let is_smp = |content: &Content| content.records.iter().any(|kind| (Tlv::SMP_1..=Tlv::SMP_1Q).contains(kind));
    !scene.lost_runs.is_empty()
        && match about {
            About::NotSent(Sort::Data(content)) => content.text.is_empty() && is_smp(content),
            About::NotTold(Notice::Smp(_)) | About::ToldToo(Notice::Smp(_)) => true,
            About::ToldToo(Notice::Refused(Error::NobodyAsked)) => true,
            About::Session(tag, "trust") => scene.lost_runs.contains(tag),
            _ => is_abort(about),
        }
}

/// libotr lets the user's query through as text, because the policy makes it transparent.
fn tag_02(scene: &Scene<'_>, about: &About) -> bool {
    let refused = About::ToldToo(Notice::Refused(Error::NoVersionAllowed));
    let is_about = *about == refused || *about == About::NotSent(Sort::Query);
    is_about && scene.operation == Operation::Start && scene.policy.versions().is_empty()
}

/// libotr looks at the base slot, which version 3 never encrypts.
fn tag_13(scene: &Scene<'_>, about: &About) -> bool {
    let is_tagged = matches!(Text::classify(scene.text, false), Text::Tagged { .. });
    let is_encrypted = scene.before.iter().any(|slot| slot.session.is_some());
    let is_about = matches!(about, About::NotSent(Sort::Message(Kind::DhCommit)) | About::AuthState(0));
    is_about && is_tagged && is_encrypted && scene.is(0) == scene.was(0)
}

fn wire_04(scene: &Scene<'_>, about: &About) -> bool {
    let Some(message) = &scene.message else { return false };
    message.has_padded_number() && is_refusal(scene, about, message.sender())
}

fn wire_13(scene: &Scene<'_>, about: &About) -> bool {
    let is_version_1 = Text::classify(scene.text, false) == Text::UnsupportedVersion;
    is_version_1 && *about == About::ToldToo(Notice::Problem(Problem::UnsupportedVersion))
}

fn wire_22(scene: &Scene<'_>, about: &About) -> bool {
    let Some(message) = &scene.message else { return false };
    message.kind == Kind::DhCommit
        && !(5..=196).contains(&message.bytes("encgx").len())
        && is_refusal(scene, about, message.sender())
}

fn wire_23(scene: &Scene<'_>, about: &About) -> bool {
    let Text::Encoded(version, _) = Text::classify(scene.text, false) else { return false };
    !scene.policy.versions().contains(version)
        && *about == About::ToldToo(Notice::Problem(Problem::UnsupportedVersion))
}

/// Whether only we have sent an abort of a comparison, and nothing else with it.
fn is_abort(about: &About) -> bool {
    let abort = Content { text: Vec::new(), records: vec![Tlv::SMP_ABORT] };
    *about == About::SentToo(Sort::Data(abort))
}

fn has_told(scene: &Scene<'_>, outcome: &SmpEvent) -> bool {
    let is_it = |event: &Event| matches!(event, Event::Smp { event, .. } if event == outcome);
    scene.observed.events.iter().any(is_it)
}

/// Whether a difference is what must be seen when libotr accepts a message of a key exchange and we do not: it
/// answers and goes on, we say so and stay where we were.
fn is_refusal(scene: &Scene<'_>, about: &About, sender: u32) -> bool {
    let stays = scene.is(sender) == scene.was(sender);
    stays
        && match about {
            About::NotSent(Sort::Message(_)) => true,
            About::ToldToo(notice) => *notice == Notice::Problem(Problem::SetupFailed),
            About::AuthState(tag) => *tag == sender,
            _ => false,
        }
}
