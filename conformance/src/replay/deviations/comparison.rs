//! Comparisons of secrets.

use otr_protocol::wire::Tlv;
use otr_protocol::{Error, Event, SmpEvent};

use crate::replay::Scene;
use crate::replay::difference::About;
use crate::replay::runs::has_tail;
use crate::replay::sent::{Content, Sort};
use crate::replay::told::{Comparison, Notice};
use crate::transcript::Operation;

/// libotr leaves the abort to its application.
pub(super) fn smp_16(scene: &Scene<'_>, about: &About) -> bool {
    is_abort(about) && has_told(scene, &SmpEvent::Cheated)
}

/// The same; and libotr goes on with the comparison.
pub(super) fn smp_20(scene: &Scene<'_>, about: &About) -> bool {
    is_abort(about) && has_told(scene, &SmpEvent::Aborted)
}

pub(super) fn smp_21(scene: &Scene<'_>, about: &About) -> bool {
    let was_abort = scene.decoded.as_ref().and_then(|decoded| decoded.content());
    let was_abort = was_abort.is_some_and(|(_, records)| records.contains(&Tlv::SMP_ABORT));
    *about == About::NotTold(Notice::Smp(Comparison::Aborted)) && was_abort && scene.observed.sent.is_empty()
}

/// libotr begins anew without a word.
pub(super) fn smp_23(scene: &Scene<'_>, about: &About) -> bool {
    is_abort(about) && matches!(scene.operation, Operation::SmpStart { .. })
}

/// libotr goes on, and the comparison fails, because the two have different session ids in it. What it does with a
/// comparison that we have ended, for this reason or another, we do not.
pub(super) fn smp_26(scene: &Scene<'_>, about: &About) -> bool {
    let is_smp =
        |content: &Content| content.records.iter().any(|kind| (Tlv::SMP_1..=Tlv::SMP_1Q).contains(kind));
    !scene.lost_runs.is_empty()
        && match about {
            About::NotSent(Sort::Data(content)) => content.text.is_empty() && is_smp(content),
            About::NotTold(Notice::Smp(_)) | About::ToldToo(Notice::Smp(_)) => true,
            About::ToldToo(Notice::Refused(Error::NobodyAsked)) => true,
            About::Session(tag, "trust") => scene.lost_runs.contains(tag),
            _ => is_abort(about),
        }
}

/// libotr does not look at what follows the numbers (LIBOTR-28).
pub(super) fn wire_06(scene: &Scene<'_>, about: &About) -> bool {
    has_tail(scene)
        && match about {
            About::NotSent(Sort::Data(content)) => content.text.is_empty(),
            About::NotTold(Notice::Smp(_)) => true,
            About::ToldToo(Notice::Smp(comparison)) => *comparison == Comparison::Cheated,
            _ => false,
        }
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
