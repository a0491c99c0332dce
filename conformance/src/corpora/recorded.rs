//! Every recorded message, read and written again (WIRE-21).

use otr_protocol::wire::{Message, armor, dearmor};
use otr_traits::Backend;

use crate::{Case, Unusable, Vectors};

/// One case for each conversation: its messages are the same bytes after our parser and our writer.
pub(crate) fn messages(_: &dyn Backend, vectors: &Vectors) -> Result<Vec<Case>, Unusable> {
    let mut cases = Vec::new();
    for transcript in vectors.transcripts() {
        let (name, transcript) = transcript?;
        let mut case = Case::new(format!("{name}/messages"));
        for step in &transcript.steps {
            let messages = step
                .emitted
                .iter()
                .filter(|emitted| emitted.decoded.as_ref().is_some_and(|decoded| !decoded.is_fragment()));
            for emitted in messages {
                let bytes = dearmor(emitted.wire.as_bytes()).unwrap_or_default();
                let again =
                    Message::decode(&bytes).map(|message| armor(&message.encode())).unwrap_or_default();
                if again != emitted.wire.as_bytes() {
                    let got = String::from_utf8_lossy(&again).into_owned();
                    let what = format!("{}, read and written again", emitted.id);
                    case.fail(Some(step.n), what, emitted.wire.as_str(), got);
                }
            }
        }
        cases.push(case);
    }
    Ok(cases)
}
