//! Key exchanges, and the sessions that come of them.

use otr_protocol::Problem;
use otr_protocol::wire::Kind;

use crate::hex::show;
use crate::replay::Scene;
use crate::replay::difference::{About, Reveal};
use crate::replay::sent::{Expected, Sort};
use crate::replay::state;
use crate::replay::told::Notice;
use crate::transcript::Operation;

/// libotr gives way in every collision, in version 3 too if its commit was sent to nobody in particular (LIBOTR-01).
pub(super) fn ake_33(scene: &Scene<'_>, about: &About) -> bool {
    let Some(message) = scene.message.as_ref().filter(|message| message.kind == Kind::DhCommit) else {
        return false;
    };
    let is_waiting = |slot: state::Slot| slot.auth_state == "AWAITING_DHKEY";
    (is_waiting(scene.was(0)) || is_waiting(scene.was(message.sender())))
        && match about {
            About::NotSent(Sort::Message(Kind::DhKey)) | About::SentToo(Sort::Message(Kind::DhCommit)) => {
                true
            }
            About::AuthState(tag) => scene.is(*tag) == scene.was(*tag),
            _ => false,
        }
}

/// libotr, which has given way too, waits for ever.
pub(super) fn ake_34(scene: &Scene<'_>, about: &About) -> bool {
    let is_key =
        scene.message.as_ref().is_some_and(|message| (message.kind, message.version) == (Kind::DhKey, 2));
    let is_rescued =
        scene.was(0).auth_state == "AWAITING_REVEALSIG" && scene.is(0).auth_state == "AWAITING_SIG";
    is_key
        && is_rescued
        && matches!(
            about,
            About::SentToo(Sort::Message(Kind::RevealSignature)) | About::AuthState(0) | About::Key
        )
}

/// A commit is used once for each instance (INST-12), and no D-H Key is answered in another state.
pub(super) fn ake_42(scene: &Scene<'_>, about: &About) -> bool {
    let is_key = |message: &&crate::anatomy::Anatomy| (message.kind, message.version) == (Kind::DhKey, 3);
    let Some(message) = scene.message.as_ref().filter(is_key) else { return false };
    let was = scene.was(message.sender());
    matches!(was.auth_state.as_str(), "AWAITING_REVEALSIG" | "AWAITING_SIG")
        && scene.is(message.sender()) == was
        && match about {
            About::NotSent(sort) => *sort == Sort::Message(Kind::RevealSignature),
            About::AuthState(tag) => *tag == message.sender(),
            _ => false,
        }
}

/// Anyone can send a D-H Key. Our message state is what it was, and protects what the user types, whatever the
/// recorded one is; at the end of the exchange we know that the session was refreshed.
pub(super) fn ake_43(scene: &Scene<'_>, about: &About) -> bool {
    let was_lost = |tag: &u32| {
        let (was, recorded) = (scene.was(*tag), scene.was_recorded(*tag));
        was.message_state != "PLAINTEXT" && recorded.message_state == "PLAINTEXT"
    };
    let is_typed = matches!(scene.operation, Operation::Send { .. });
    let is_secret = state::encrypted(&scene.before).next().is_some()
        && state::encrypted(&scene.recorded_before).next().is_none();
    match about {
        About::MessageState(tag) => {
            let (was, is, recorded) = (scene.was(*tag), scene.is(*tag), scene.is_recorded(*tag));
            let at_dh_key = recorded.message_state == "PLAINTEXT" && recorded.auth_state == "AWAITING_SIG";
            *tag != 0
                && at_dh_key
                && was.message_state != "PLAINTEXT"
                && is.message_state == was.message_state
        }
        About::NotSent(Sort::Text) => is_typed && is_secret,
        About::SentToo(Sort::Data(content)) => is_typed && is_secret && !content.text.is_empty(),
        About::NotTold(Notice::Secured { instance, refreshed: false, .. })
        | About::ToldToo(Notice::Secured { instance, refreshed: true, .. }) => was_lost(instance),
        _ => false,
    }
}

pub(super) fn ake_72(_: &Scene<'_>, about: &About) -> bool {
    *about == About::Revealed(Reveal::OfOldSession)
}

/// What belongs to the exchange that made the session we are in changes nothing any more, and is not answered.
pub(super) fn ake_73(scene: &Scene<'_>, about: &About) -> bool {
    let Some(message) = &scene.message else { return false };
    let Some(session) = scene.was(message.sender()).session else { return false };
    let is_replayed = |expected: &Expected| {
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

/// libotr waits until its application calls the timer function (LIBOTR-42), and in version 2 for ever.
pub(super) fn ake_80(scene: &Scene<'_>, about: &About) -> bool {
    let About::AuthState(tag) = about else { return false };
    scene.is(*tag).auth_state == "NONE" && scene.memory.is_stale(*tag)
}

/// The slot changes with the Reveal Signature, not before.
pub(super) fn inst_12(scene: &Scene<'_>, about: &About) -> bool {
    let Some(message) = &scene.message else { return false };
    let (base, recorded) = (scene.is(0), scene.is_recorded(message.sender()));
    *about == About::AuthState(message.sender())
        && message.kind == Kind::DhKey
        && scene.is(message.sender()) == scene.was(message.sender())
        && (base.auth_state, recorded.auth_state) == ("AWAITING_DHKEY".into(), "AWAITING_DHKEY".into())
}

pub(super) fn libotr_06(scene: &Scene<'_>, about: &About) -> bool {
    let Some(message) = &scene.message else { return false };
    let was = scene.was(message.sender());
    *about == About::ToldToo(Notice::Problem(Problem::SetupFailed))
        && message.kind == Kind::RevealSignature
        && was.auth_state == "AWAITING_REVEALSIG"
        && was == scene.is(message.sender())
}
