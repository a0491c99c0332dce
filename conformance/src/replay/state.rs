//! The state of each slot: what the recorded party's was, what ours is.

use otr_protocol::{AuthStateKind, Half, InstanceStatus, KnownFingerprints, MessageState};

use super::difference::{About, Difference};
use crate::hex::show;
use crate::transcript::Context;

/// One slot, in the recordings' words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Slot {
    /// The peer's tag; 0 in the base slot.
    pub(super) tag: u32,
    pub(crate) message_state: String,
    pub(crate) auth_state: String,
    /// None unless the slot is ENCRYPTED.
    pub(super) session: Option<View>,
}

/// What is known of an encrypted session.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct View {
    pub(super) version: u8,
    pub(super) session_id: Vec<u8>,
    /// 1 or 2: the half that our side reads aloud; 0 if it is not recorded.
    pub(super) half: u8,
    pub(super) fingerprint: Vec<u8>,
    /// None if it is not recorded.
    pub(super) trust: Option<String>,
}

impl Slot {
    pub(super) fn recorded(context: &Context) -> Self {
        let bytes = |hex: &Option<crate::hex::Bytes>| hex.clone().unwrap_or_default().0;
        let session = (context.msgstate == "ENCRYPTED").then(|| View {
            version: context.version.unwrap_or_default(),
            session_id: bytes(&context.ssid),
            half: context.bold_half.unwrap_or_default(),
            fingerprint: bytes(&context.peer_fp),
            trust: context.trust.clone(),
        });
        Self {
            tag: context.their_instance,
            message_state: context.msgstate.clone(),
            auth_state: context.authstate.clone(),
            session,
        }
    }

    pub(crate) fn ours(status: &InstanceStatus, known: &KnownFingerprints) -> Self {
        let message_state = match status.message_state {
            MessageState::Plaintext => "PLAINTEXT",
            MessageState::Finished => "FINISHED",
            MessageState::Encrypted => "ENCRYPTED",
        };
        let auth_state = match status.auth_state {
            AuthStateKind::None => "NONE",
            AuthStateKind::AwaitingDhKey => "AWAITING_DHKEY",
            AuthStateKind::AwaitingRevealSig => "AWAITING_REVEALSIG",
            AuthStateKind::AwaitingSig => "AWAITING_SIG",
        };
        let session = status.secured.map(|secured| View {
            version: secured.version.number(),
            session_id: secured.session_id.as_bytes().to_vec(),
            half: half(secured.our_half),
            fingerprint: secured.fingerprint.as_bytes().to_vec(),
            trust: known.get(&secured.fingerprint).map(str::to_owned),
        });
        let tag = status.tag.number();
        Self { tag, message_state: message_state.into(), auth_state: auth_state.into(), session }
    }
}

/// 1 for the first, 2 for the second.
pub(super) fn half(half: Half) -> u8 {
    match half {
        Half::First => 1,
        Half::Second => 2,
    }
}

/// The slot of a tag. One that does not exist is in plaintext, and in no key exchange: libotr makes slots where we
/// make none (INST-11).
pub(super) fn slot(slots: &[Slot], tag: u32) -> Slot {
    slots.iter().find(|slot| slot.tag == tag).cloned().unwrap_or_else(|| Slot {
        tag,
        message_state: "PLAINTEXT".into(),
        auth_state: "NONE".into(),
        session: None,
    })
}

/// The slots with an encrypted session.
pub(super) fn encrypted(slots: &[Slot]) -> impl Iterator<Item = &Slot> {
    slots.iter().filter(|slot| slot.session.is_some())
}

/// What differs between the slots of the two.
pub(super) fn compare(recorded: &[Slot], ours: &[Slot]) -> Vec<Difference> {
    let mut tags: Vec<u32> = recorded.iter().chain(ours).map(|slot| slot.tag).collect();
    tags.sort_unstable();
    tags.dedup();
    let mut differences = Vec::new();
    for tag in tags {
        let (recorded, ours) = (slot(recorded, tag), slot(ours, tag));
        let mut check = |about, expected: String, got: String| {
            if expected != got {
                differences.push(Difference::new(about, expected, got));
            }
        };
        check(About::MessageState(tag), recorded.message_state, ours.message_state);
        check(About::AuthState(tag), recorded.auth_state, ours.auth_state);
        if let (Some(recorded), Some(ours)) = (recorded.session, ours.session) {
            // What is not recorded is not compared.
            let mut check = |what, is_recorded, expected: String, got: String| {
                if is_recorded && expected != got {
                    differences.push(Difference::new(About::Session(tag, what), expected, got));
                }
            };
            let View { version, session_id, half, fingerprint, trust } = &recorded;
            check("version", *version != 0, version.to_string(), ours.version.to_string());
            check("session id", !session_id.is_empty(), show(session_id), show(&ours.session_id));
            check("half", *half != 0, half.to_string(), ours.half.to_string());
            check("fingerprint", !fingerprint.is_empty(), show(fingerprint), show(&ours.fingerprint));
            check("trust", trust.is_some(), format!("{trust:?}"), format!("{:?}", ours.trust));
        }
    }
    differences
}
