//! What is no message, or not for us.

use otr_protocol::Problem;
use otr_protocol::wire::{InstanceTag, Kind, Text};

use crate::replay::Scene;
use crate::replay::difference::About;
use crate::replay::sent::Sort;
use crate::replay::told::Notice;

/// libotr passes over such a fragment, or takes a bad tag for that of a malformed message and answers it.
pub(super) fn frag_11(scene: &Scene<'_>, about: &About) -> bool {
    let is_illegal = *about == About::ToldToo(Notice::Problem(Problem::Fragment));
    let is_told = scene.has_told_problem(Problem::Fragment);
    is_illegal
        || is_told
            && matches!(
                about,
                About::NotTold(Notice::Problem(Problem::Malformed)) | About::NotSent(Sort::Error)
            )
}

/// libotr lets texts in clear pass by the pieces of a message of version 2, and whole messages by those of version 3
/// (LIBOTR-35).
pub(super) fn frag_14(scene: &Scene<'_>, about: &About) -> bool {
    let is_silent = scene.observed.events.is_empty() && scene.observed.sent.is_empty();
    scene.memory.is_interrupted(scene.text)
        && is_silent
        && matches!(
            about,
            About::NotTold(_) | About::NotSent(_) | About::AuthState(_) | About::MessageState(_)
        )
}

/// libotr takes every other receiver for another instance.
pub(super) fn inst_04(scene: &Scene<'_>, about: &About) -> bool {
    let tags = tags(scene);
    let is_invalid = |receiver: u32| receiver != 0 && !InstanceTag::new(receiver).is_valid();
    tags.is_some_and(|(_, receiver)| is_invalid(receiver))
        && matches!(
            about,
            About::NotTold(Notice::Problem(Problem::ForOtherInstance))
                | About::ToldToo(Notice::Problem(Problem::Malformed))
        )
}

/// libotr looks for its own message at the end of an exchange only (LIBOTR-10).
pub(super) fn inst_06(scene: &Scene<'_>, about: &About) -> bool {
    scene.memory.is_ours(&scene.whole)
        && scene.has_told_problem(Problem::Reflected)
        && matches!(
            about,
            About::NotSent(_)
                | About::NotTold(_)
                | About::ToldToo(Notice::Problem(Problem::Reflected))
                | About::AuthState(_)
        )
}

/// libotr answers such a message (LIBOTR-37).
pub(super) fn inst_05(scene: &Scene<'_>, about: &About) -> bool {
    let is_invalid = tags(scene).is_some_and(|(sender, _)| !InstanceTag::new(sender).is_valid());
    is_invalid && *about == About::NotSent(Sort::Error)
}

pub(super) fn wire_04(scene: &Scene<'_>, about: &About) -> bool {
    let Some(message) = &scene.message else { return false };
    message.has_padded_number() && is_refusal(scene, about, message.sender())
}

/// libotr does without the dot after a Data message (LIBOTR-39), and skips what is no base64 (LIBOTR-38).
pub(super) fn wire_11(scene: &Scene<'_>, about: &About) -> bool {
    let is_data = matches!(Text::classify(&scene.whole, false), Text::Encoded(_, Kind::Data));
    is_data
        && scene.message.is_none()
        && scene.has_told_problem(Problem::Malformed)
        && matches!(
            about,
            About::NotTold(_) | About::NotSent(_) | About::MessageState(_) | About::SentToo(Sort::Error)
        )
}

pub(super) fn wire_13(scene: &Scene<'_>, about: &About) -> bool {
    let is_version_1 = Text::classify(&scene.whole, false) == Text::UnsupportedVersion;
    is_version_1 && *about == About::ToldToo(Notice::Problem(Problem::UnsupportedVersion))
}

pub(super) fn wire_22(scene: &Scene<'_>, about: &About) -> bool {
    let Some(message) = &scene.message else { return false };
    message.kind == Kind::DhCommit
        && !(5..=196).contains(&message.bytes("encgx").len())
        && is_refusal(scene, about, message.sender())
}

pub(super) fn wire_23(scene: &Scene<'_>, about: &About) -> bool {
    let Text::Encoded(version, _) = Text::classify(&scene.whole, false) else { return false };
    !scene.policy.versions().contains(version)
        && *about == About::ToldToo(Notice::Problem(Problem::UnsupportedVersion))
}

/// Whether a difference is what must be seen when libotr accepts a message of a key exchange and we do not: it
/// answers and goes on, we say so and stay where we were.
fn is_refusal(scene: &Scene<'_>, about: &About, sender: u32) -> bool {
    let stays = scene.is(sender) == scene.was(sender);
    stays
        && match about {
            About::NotSent(Sort::Message(_)) => true,
            About::ToldToo(Notice::Problem(problem)) => {
                matches!(problem, Problem::SetupFailed | Problem::Malformed)
            }
            About::AuthState(tag) => *tag == sender,
            _ => false,
        }
}

/// Sender and receiver of what arrived, a message or a fragment of version 3.
fn tags(scene: &Scene<'_>) -> Option<(u32, u32)> {
    let of_fragment = || {
        let text = core::str::from_utf8(scene.text).ok()?.split_once("?OTR|")?.1;
        let (sender, rest) = text.split_once('|')?;
        let tag = |hex: &str| u32::from_str_radix(hex, 16).ok();
        Some((tag(sender)?, tag(rest.split(',').next()?)?))
    };
    scene.message.as_ref().and_then(|message| message.tags).or_else(of_fragment)
}
