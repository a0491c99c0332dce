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

/// A decision, and whether it explains a difference.
type Rule = (Deviation, Explains);
type Explains = fn(&Scene<'_>, &About) -> bool;

const RULES: [Rule; 47] = [
    rule("AKE-33", "the lower commit gives way, in version 3 too", exchange::ake_33),
    rule("AKE-34", "a lost collision of version 2 is rescued by a D-H Key", exchange::ake_34),
    rule("AKE-42", "a D-H Key out of turn is not answered", exchange::ake_42),
    rule("AKE-43", "a D-H Key does not change the message state", exchange::ake_43),
    rule("AKE-72", "MAC keys of a replaced session are revealed at once", exchange::ake_72),
    rule("AKE-73", "a replay does not re-enter the session it once made", exchange::ake_73),
    rule("AKE-80", "a key exchange is given up after a minute", exchange::ake_80),
    rule("DATA-20", "a malformed Data message is told of, whatever its flag", message::data_20),
    rule("DATA-25", "a next key that is out of range makes a message unreadable", message::data_25),
    rule("ERR-01", "an Error without a blank is an Error", message::err_01),
    rule("FRAG-11", "a fragment that does not parse is told of, and not answered", wire::frag_11),
    rule("FRAG-14", "what comes between the pieces of a message ends it", wire::frag_14),
    rule("INST-04", "a receiver that is no tag is malformed", wire::inst_04),
    rule("INST-05", "a sender that is no tag is not answered", wire::inst_05),
    rule("INST-06", "what comes from ourselves is told of, and not answered", wire::inst_06),
    rule("INST-12", "an instance takes over a commit when it can use it", exchange::inst_12),
    rule("INST-13", "an instance that is not known is no recipient", message::inst_13),
    rule("LIBOTR-06", "a commit that does not open is told of", exchange::libotr_06),
    rule("MSG-11", "a text waits without another query while an exchange is under way", message::msg_11),
    rule("MSG-15", "a typed text with a marker is encrypted, or refused", message::msg_15),
    rule("MSG-16", "what cannot be sent whole is refused", message::msg_16),
    rule("MSG-22", "a Data message of version 3 without session is answered", message::msg_22),
    rule("MSG-23", "a Data message from an unknown instance is told of", message::msg_23),
    rule("MSG-30", "every record counts", message::msg_30),
    rule("MSG-33", "what needs a session is refused without one", message::msg_33),
    rule("MSG-40", "a heartbeat is for those who have been silent", message::msg_40),
    rule("MSG-50", "all texts that wait are sent or given back, not only the last", message::msg_50),
    rule("MSG-51", "a text that waits does not go to a changed fingerprint", message::msg_51),
    rule("MSG-52", "a text is sent again to the same fingerprint, within a minute", message::msg_52),
    rule("MSG-60", "the user's end gives up every key exchange", message::msg_60),
    rule("MSG-61", "the user's end is for finished sessions too", message::msg_61),
    rule("MSG-62", "the last message of a session reveals all used MAC keys", message::msg_62),
    rule("POL-05", "a policy takes no protection away", message::pol_05),
    rule("SMP-16", "a message that does not hold is answered with an abort", comparison::smp_16),
    rule("SMP-20", "a message out of turn ends the comparison, with an abort", comparison::smp_20),
    rule("SMP-21", "an abort is told of only if there is something to abort", comparison::smp_21),
    rule("SMP-23", "a comparison under way is aborted before the next one", comparison::smp_23),
    rule("SMP-26", "a comparison does not outlive its session", comparison::smp_26),
    rule("TAG-02", "no query is sent that offers nothing", message::tag_02),
    rule("TAG-13", "a whitespace tag starts nothing while a slot is ENCRYPTED", message::tag_13),
    rule("TAG-14", "a tag is offered anew after the end of a session", message::tag_14),
    rule("WIRE-04", "a number with a leading zero byte is malformed", wire::wire_04),
    rule("WIRE-06", "nothing may follow the numbers of a comparison", comparison::wire_06),
    rule("WIRE-11", "base64 that no encoder makes is malformed, and a missing dot", wire::wire_11),
    rule("WIRE-13", "a message of version 1 is told of", wire::wire_13),
    rule("WIRE-22", "a commit to no number that could be g^x is malformed", wire::wire_22),
    rule("WIRE-23", "a message of a version that is not allowed is told of", wire::wire_23),
];

/// Those after which the two may go different ways: one of them has accepted what the other has not.
const STRAYING: [&str; 7] = ["AKE-33", "AKE-34", "AKE-42", "DATA-25", "FRAG-14", "INST-06", "WIRE-11"];

const fn rule(id: &'static str, what: &'static str, explains: Explains) -> Rule {
    (Deviation { id, what }, explains)
}

/// The rule that explains a difference.
pub(super) fn explain(scene: &Scene<'_>, difference: &Difference) -> Option<Deviation> {
    let explains = |(_, rule): &&Rule| rule(scene, &difference.about);
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
