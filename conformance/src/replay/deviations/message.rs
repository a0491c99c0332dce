//! Texts in clear and encrypted, and the ends of sessions.

use otr_protocol::wire::{Kind, Text, Tlv};
use otr_protocol::{Direction, Error, Event, Problem, Trust};
use otr_traits::Element;

use crate::hex::Number;
use crate::replay::Scene;
use crate::replay::difference::{About, Reveal};
use crate::replay::sent::{Content, Sort};
use crate::replay::state;
use crate::replay::told::{Notice, Protection};
use crate::transcript::Operation;

pub(super) fn data_20(scene: &Scene<'_>, about: &About) -> bool {
    let is_data = matches!(Text::classify(&scene.whole, false), Text::Encoded(_, Kind::Data));
    is_data && scene.message.is_none() && *about == About::ToldToo(Notice::Problem(Problem::Malformed))
}

/// libotr knows an Error by a blank after the colon, and shows any other as text.
pub(super) fn err_01(scene: &Scene<'_>, about: &About) -> bool {
    let is_error = matches!(Text::classify(&scene.whole, false), Text::Error(_));
    let has_blank = scene.whole.windows(12).any(|window| window == b"?OTR Error: ");
    let is_about = matches!(
        about,
        About::NotTold(Notice::Text(Protection::Plain | Protection::Unencrypted, _))
            | About::ToldToo(Notice::Problem(Problem::PeerError))
    );
    is_error && !has_blank && is_about
}

pub(super) fn msg_11(scene: &Scene<'_>, about: &About) -> bool {
    let is_under_way = scene.before.iter().any(|slot| slot.auth_state != "NONE");
    let is_held = scene.observed.events.iter().any(|event| matches!(event, Event::Held { .. }));
    *about == About::NotSent(Sort::Query) && is_held && is_under_way
}

/// libotr sends a query instead of any text with a query in it, and every other text as it is.
pub(super) fn msg_15(scene: &Scene<'_>, about: &About) -> bool {
    let Operation::Send { text, .. } = scene.operation else { return false };
    let is_like_otr = text.contains("?OTR");
    is_like_otr
        && match about {
            About::NotSent(Sort::Query) | About::ToldToo(Notice::Held) => true,
            About::NotSent(_) | About::ToldToo(Notice::Refused(Error::LooksLikeOtr)) => {
                scene.observed.refusal == Some(Error::LooksLikeOtr)
            }
            About::SentToo(Sort::Data(content)) => content.text == text.as_bytes(),
            _ => false,
        }
}

pub(super) fn msg_22(scene: &Scene<'_>, about: &About) -> bool {
    let Some(message) = &scene.message else { return false };
    *about == About::SentToo(Sort::Error)
        && (message.kind, message.version) == (Kind::Data, 3)
        && message.int("flags") & 1 == 0
        && scene.was(message.sender()).session.is_none()
}

/// As without a session; and no slot is made for it.
pub(super) fn msg_23(scene: &Scene<'_>, about: &About) -> bool {
    let Some(message) = &scene.message else { return false };
    let is_unknown = scene.before.iter().all(|slot| slot.tag != message.sender());
    *about == About::ToldToo(Notice::Problem(Problem::NoSession)) && message.kind == Kind::Data && is_unknown
}

/// libotr takes the first record of each type.
pub(super) fn msg_30(scene: &Scene<'_>, about: &About) -> bool {
    let records = scene.decoded.as_ref().map(|decoded| decoded.records()).unwrap_or_default();
    let keys = records.iter().filter(|(kind, _)| *kind == Tlv::EXTRA_KEY).count();
    matches!(about, About::ToldToo(Notice::ExtraKey(..))) && keys > 1
}

/// libotr does nothing, and says nothing.
pub(super) fn msg_33(scene: &Scene<'_>, about: &About) -> bool {
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

/// Who has sent something in the last minute needs no heartbeat, and one of the two has not.
pub(super) fn msg_40(scene: &Scene<'_>, about: &About) -> bool {
    let heartbeat = Sort::Data(Content::default());
    let sent = Notice::Heartbeat(Direction::Sent);
    let memory = &scene.memory;
    let (not_sent, sent_too) = (memory.is_recent(memory.sent_too), memory.is_recent(memory.not_sent));
    not_sent && (*about == About::NotSent(heartbeat.clone()) || *about == About::NotTold(sent.clone()))
        || sent_too && (*about == About::SentToo(heartbeat) || *about == About::ToldToo(sent))
}

/// libotr keeps one text only, sends it however old it is, and does not say that it was not sent.
pub(super) fn msg_50(scene: &Scene<'_>, about: &About) -> bool {
    match about {
        About::SentToo(Sort::Data(content)) => scene.memory.held.contains(&content.text),
        About::NotSent(Sort::Data(content)) => {
            let is_it = |event: &Event| matches!(event, Event::NotSent { text, .. } if *text == content.text);
            scene.memory.given_back.contains(&content.text) || scene.observed.events.iter().any(is_it)
        }
        About::ToldToo(Notice::NotSent(_)) => !scene.memory.held.is_empty(),
        _ => false,
    }
}

/// To the same fingerprint, within a minute after it was typed, once (LIBOTR-19, LIBOTR-21).
pub(super) fn msg_52(scene: &Scene<'_>, about: &About) -> bool {
    const PREFIX: &[u8] = b"[resent] ";
    let mut refreshed = scene.after.iter().filter_map(|slot| {
        let (was, is) = (scene.was(slot.tag).session?, slot.session.clone()?);
        (was.session_id != is.session_id).then_some(was.fingerprint == is.fingerprint)
    });
    let Some(is_same_key) = refreshed.next() else { return false };
    let mut sent = scene.expected.iter().map(|expected| expected.sort());
    let resent = sent.find_map(|sort| match sort {
        Sort::Data(content) => content.text.strip_prefix(PREFIX).map(<[u8]>::to_vec),
        _ => None,
    });
    let is_resent = |content: &Content| content.text.starts_with(PREFIX);
    // libotr forgets it when it sends anything else, and in version 3 does not see what an Error was about.
    let is_lost = |content: &Content| {
        content.text.strip_prefix(PREFIX).is_some_and(|text| scene.memory.may_be_lost(text))
    };
    let is_resent_too = |sort: &Sort| matches!(sort, Sort::Data(content) if is_lost(content));
    let is_old = resent.is_some_and(|text| scene.memory.is_old(&text));
    match about {
        About::NotSent(Sort::Data(content)) => is_resent(content) && (!is_same_key || is_old),
        About::NotTold(Notice::Resent) => !is_same_key || is_old,
        About::SentToo(Sort::Data(content)) => is_same_key && is_lost(content),
        About::ToldToo(Notice::Resent) => is_same_key && scene.sorts.iter().any(is_resent_too),
        _ => false,
    }
}

/// A trusted fingerprint is there, and the session is with another one.
pub(super) fn msg_51(scene: &Scene<'_>, about: &About) -> bool {
    let About::NotSent(Sort::Data(content)) = about else { return false };
    let is_untrusted = |slot: &state::Slot| {
        slot.session.as_ref().is_some_and(|session| session.trust.as_deref() == Some(""))
    };
    let changed = |event: &Event| matches!(event, Event::Secured { trust: Trust::Changed, .. });
    scene.memory.held.contains(&content.text)
        && scene.after.iter().any(is_untrusted)
        && scene.observed.events.iter().any(changed)
}

pub(super) fn msg_60(scene: &Scene<'_>, about: &About) -> bool {
    let About::AuthState(tag) = about else { return false };
    scene.operation == Operation::Disconnect && scene.is(*tag).auth_state == "NONE"
}

/// libotr leaves a session that the peer has ended as it is, if another one is there.
pub(super) fn msg_61(scene: &Scene<'_>, about: &About) -> bool {
    let About::MessageState(tag) = about else { return false };
    let is_finished =
        scene.was(*tag).message_state == "FINISHED" && scene.is_recorded(*tag).message_state == "FINISHED";
    scene.operation == Operation::Disconnect && is_finished && scene.is(*tag).message_state == "PLAINTEXT"
}

pub(super) fn msg_62(_: &Scene<'_>, about: &About) -> bool {
    *about == About::Revealed(Reveal::AtTheEnd)
}

/// libotr has no limit, and cuts a text off at a NUL.
pub(super) fn msg_16(scene: &Scene<'_>, about: &About) -> bool {
    let is_refused =
        matches!(scene.observed.refusal, Some(Error::TooLong { .. } | Error::ContainsNul { .. }));
    is_refused && matches!(about, About::ToldToo(Notice::Refused(_)) | About::NotSent(_))
}

/// libotr sends in clear what is for an instance it does not know.
pub(super) fn inst_13(scene: &Scene<'_>, about: &About) -> bool {
    let is_refused = matches!(scene.observed.refusal, Some(Error::NoSuchInstance(_)));
    is_refused && matches!(about, About::ToldToo(Notice::Refused(_)) | About::NotSent(_))
}

/// Without a version everything passes as it is, but not while there is a session.
pub(super) fn pol_05(scene: &Scene<'_>, about: &About) -> bool {
    let is_secret = scene.before.iter().any(|slot| slot.message_state != "PLAINTEXT");
    is_secret
        && scene.policy.versions().is_empty()
        && matches!(
            about,
            About::NotSent(Sort::Text)
                | About::SentToo(Sort::Data(_))
                | About::NotTold(Notice::Text(..))
                | About::ToldToo(_)
        )
}

/// The end of a session is a new beginning (LIBOTR-16).
pub(super) fn tag_14(scene: &Scene<'_>, about: &About) -> bool {
    matches!(about, About::Field(_, "whitespace tag")) && scene.memory.has_ended
}

/// libotr does not look at the next key (LIBOTR-22).
pub(super) fn data_25(scene: &Scene<'_>, about: &About) -> bool {
    let next_y = scene.message.as_ref().map(|message| message.number("next_y"));
    let is_bad = next_y.is_some_and(|next_y| !is_in_range(&next_y));
    is_bad
        && scene.has_told_problem(Problem::Unreadable)
        && matches!(
            about,
            About::NotTold(_) | About::NotSent(_) | About::ToldToo(_) | About::SentToo(Sort::Error)
        )
}

/// CONST-02.
fn is_in_range(number: &Number) -> bool {
    Element::from_be_bytes(number.magnitude()).is_some_and(|element| element.is_in_range())
}

/// libotr lets the user's query through as text, because the policy makes it transparent.
pub(super) fn tag_02(scene: &Scene<'_>, about: &About) -> bool {
    let refused = About::ToldToo(Notice::Refused(Error::NoVersionAllowed));
    let is_about = *about == refused || *about == About::NotSent(Sort::Query);
    is_about && scene.operation == Operation::Start && scene.policy.versions().is_empty()
}

/// libotr looks at the base slot, which version 3 never encrypts.
pub(super) fn tag_13(scene: &Scene<'_>, about: &About) -> bool {
    let is_tagged = matches!(Text::classify(&scene.whole, false), Text::Tagged { .. });
    let is_encrypted = scene.before.iter().any(|slot| slot.session.is_some());
    let is_about = matches!(about, About::NotSent(Sort::Message(Kind::DhCommit)) | About::AuthState(0));
    is_about && is_tagged && is_encrypted && scene.is(0) == scene.was(0)
}
