//! Where the requirements decide otherwise than libotr.
//!
//! Each rule is a predicate on the state and the message of one step, written once and named by the requirement
//! that makes it. It explains a difference only where it says so; whatever no rule explains fails. No rule knows the
//! name of a recording.

mod comparison;
mod exchange;
mod message;
mod wire;

use super::Scene;
use super::difference::{About, Difference};
use crate::Deviation;

/// Whether a rule explains a difference.
type Explains = fn(&Scene<'_>, &About) -> bool;

const RULES: [(Deviation, Explains); 47] = [
    (Deviation { id: "AKE-33", what: "the lower commit gives way, in version 3 too" }, exchange::ake_33),
    (
        Deviation { id: "AKE-34", what: "a lost collision of version 2 is rescued by a D-H Key" },
        exchange::ake_34,
    ),
    (Deviation { id: "AKE-42", what: "a D-H Key out of turn is not answered" }, exchange::ake_42),
    (Deviation { id: "AKE-43", what: "a D-H Key does not change the message state" }, exchange::ake_43),
    (
        Deviation { id: "AKE-72", what: "MAC keys of a replaced session are revealed at once" },
        exchange::ake_72,
    ),
    (
        Deviation { id: "AKE-73", what: "a replay does not re-enter the session it once made" },
        exchange::ake_73,
    ),
    (Deviation { id: "AKE-80", what: "a key exchange is given up after a minute" }, exchange::ake_80),
    (
        Deviation { id: "DATA-20", what: "a malformed Data message is told of, whatever its flag" },
        message::data_20,
    ),
    (
        Deviation { id: "DATA-25", what: "a next key that is out of range makes a message unreadable" },
        message::data_25,
    ),
    (Deviation { id: "ERR-01", what: "an Error without a blank is an Error" }, message::err_01),
    (
        Deviation { id: "FRAG-11", what: "a fragment that does not parse is told of, and not answered" },
        wire::frag_11,
    ),
    (Deviation { id: "FRAG-14", what: "what comes between the pieces of a message ends it" }, wire::frag_14),
    (Deviation { id: "INST-04", what: "a receiver that is no tag is malformed" }, wire::inst_04),
    (Deviation { id: "INST-05", what: "a sender that is no tag is not answered" }, wire::inst_05),
    (
        Deviation { id: "INST-06", what: "what comes from ourselves is told of, and not answered" },
        wire::inst_06,
    ),
    (
        Deviation { id: "INST-12", what: "an instance takes over a commit when it can use it" },
        exchange::inst_12,
    ),
    (Deviation { id: "INST-13", what: "an instance that is not known is no recipient" }, message::inst_13),
    (Deviation { id: "LIBOTR-06", what: "a commit that does not open is told of" }, exchange::libotr_06),
    (
        Deviation { id: "MSG-11", what: "a text waits without another query while an exchange is under way" },
        message::msg_11,
    ),
    (
        Deviation { id: "MSG-15", what: "a typed text with a marker is encrypted, or refused" },
        message::msg_15,
    ),
    (Deviation { id: "MSG-16", what: "what cannot be sent whole is refused" }, message::msg_16),
    (
        Deviation { id: "MSG-22", what: "a Data message of version 3 without session is answered" },
        message::msg_22,
    ),
    (Deviation { id: "MSG-23", what: "a Data message from an unknown instance is told of" }, message::msg_23),
    (Deviation { id: "MSG-30", what: "every record counts" }, message::msg_30),
    (Deviation { id: "MSG-33", what: "what needs a session is refused without one" }, message::msg_33),
    (Deviation { id: "MSG-40", what: "a heartbeat is for those who have been silent" }, message::msg_40),
    (
        Deviation { id: "MSG-50", what: "all texts that wait are sent or given back, not only the last" },
        message::msg_50,
    ),
    (
        Deviation { id: "MSG-51", what: "a text that waits does not go to a changed fingerprint" },
        message::msg_51,
    ),
    (
        Deviation { id: "MSG-52", what: "a text is sent again to the same fingerprint, within a minute" },
        message::msg_52,
    ),
    (Deviation { id: "MSG-60", what: "the user's end gives up every key exchange" }, message::msg_60),
    (Deviation { id: "MSG-61", what: "the user's end is for finished sessions too" }, message::msg_61),
    (
        Deviation { id: "MSG-62", what: "the last message of a session reveals all used MAC keys" },
        message::msg_62,
    ),
    (Deviation { id: "POL-05", what: "a policy takes no protection away" }, message::pol_05),
    (
        Deviation { id: "SMP-16", what: "a message that does not hold is answered with an abort" },
        comparison::smp_16,
    ),
    (
        Deviation { id: "SMP-20", what: "a message out of turn ends the comparison, with an abort" },
        comparison::smp_20,
    ),
    (
        Deviation { id: "SMP-21", what: "an abort is told of only if there is something to abort" },
        comparison::smp_21,
    ),
    (
        Deviation { id: "SMP-23", what: "a comparison under way is aborted before the next one" },
        comparison::smp_23,
    ),
    (Deviation { id: "SMP-26", what: "a comparison does not outlive its session" }, comparison::smp_26),
    (Deviation { id: "TAG-02", what: "no query is sent that offers nothing" }, message::tag_02),
    (
        Deviation { id: "TAG-13", what: "a whitespace tag starts nothing while a slot is ENCRYPTED" },
        message::tag_13,
    ),
    (Deviation { id: "TAG-14", what: "a tag is offered anew after the end of a session" }, message::tag_14),
    (Deviation { id: "WIRE-04", what: "a number with a leading zero byte is malformed" }, wire::wire_04),
    (
        Deviation { id: "WIRE-06", what: "nothing may follow the numbers of a comparison" },
        comparison::wire_06,
    ),
    (
        Deviation { id: "WIRE-11", what: "base64 that no encoder makes is malformed, and a missing dot" },
        wire::wire_11,
    ),
    (Deviation { id: "WIRE-13", what: "a message of version 1 is told of" }, wire::wire_13),
    (
        Deviation { id: "WIRE-22", what: "a commit to no number that could be g^x is malformed" },
        wire::wire_22,
    ),
    (
        Deviation { id: "WIRE-23", what: "a message of a version that is not allowed is told of" },
        wire::wire_23,
    ),
];

/// Those after which the two may go different ways: one of them has accepted what the other has not.
const STRAYING: [&str; 7] = ["AKE-33", "AKE-34", "AKE-42", "DATA-25", "FRAG-14", "INST-06", "WIRE-11"];

/// The rule that explains a difference.
pub(super) fn explain(scene: &Scene<'_>, difference: &Difference) -> Option<Deviation> {
    let explains = |(_, rule): &&(Deviation, Explains)| rule(scene, &difference.about);
    RULES.iter().find(explains).map(|(deviation, _)| *deviation)
}

/// Whether what follows may differ because of a deviation (REPLAY 8).
pub(super) fn strays(deviation: Deviation) -> bool {
    STRAYING.contains(&deviation.id)
}

/// The rule by which the two are in different sessions after this step, so that nothing more can be compared
/// (REPLAY 8).
pub(super) fn parted(scene: &Scene<'_>) -> Option<Deviation> {
    const AKE_01: Deviation = Deviation { id: "AKE-01", what: "a private below 2^256 is drawn again" };
    let is_small = |bytes: &[u8]| bytes.iter().take(8).all(|byte| *byte == 0);
    let mut privates = scene.observed.log.draws.iter().filter(|draw| draw.label == "dh_private");
    privates.any(|draw| is_small(&draw.bytes)).then_some(AKE_01)
}
