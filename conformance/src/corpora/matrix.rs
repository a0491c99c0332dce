//! `corpus_state_matrix`: what libotr does in each state with each kind of event (sections 5.9 and 6.8 of the
//! requirements). Each cell is tried with two parties of ours.

mod decisions;
mod stage;

use otr_protocol::wire::{Kind, Text};
use otr_protocol::{Error, Event, Problem, Trust};
use otr_traits::Backend;
use serde::Deserialize;

use super::units;
use crate::{Case, Unusable, Vectors, workers};
use stage::Stage;

const NAME: &str = "corpus_state_matrix";

#[derive(Deserialize)]
struct Corpus {
    cells: Vec<Cell>,
}

/// What libotr did in a state with an event.
#[derive(Clone, Debug, Deserialize)]
struct Cell {
    version: u8,
    msgstate: String,
    authstate: String,
    event: String,
    sends: Vec<String>,
    events: Vec<String>,
    /// What is shown to the user: `(unchanged)` for what arrived.
    display: Option<String>,
    after: After,
}

/// Message state and state of the key exchange, in version 2 of the one slot that there is.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum After {
    One { msgstate: String, authstate: String },
    Two { master: (String, String), instance: Option<(String, String)> },
}

/// What came of an event: everything that is compared.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Outcome {
    sends: Vec<String>,
    events: Vec<String>,
    display: Option<String>,
    /// Of the base slot, and of the instance's.
    after: [(String, String); 2],
}

pub(crate) fn cases(backend: &dyn Backend, vectors: &Vectors) -> Result<Vec<Case>, Unusable> {
    if vectors.json(NAME).is_none() {
        return Ok(Vec::new());
    }
    let corpus: Corpus = vectors.corpus(NAME)?;
    let keys = units::key_pairs(vectors)?;
    workers::map(&corpus.cells, |cell| judge(backend, &keys, cell)).into_iter().collect()
}

fn judge(backend: &dyn Backend, keys: &[units::Pair; 2], cell: &Cell) -> Result<Case, Unusable> {
    let Cell { version, msgstate, authstate, event, .. } = cell;
    let id = format!("{NAME}/v{version}/{msgstate}/{authstate}/{event}");
    let mut case = Case::new(id.clone());
    let stage = Stage::set(backend, keys, cell).and_then(|stage| stage.play(&cell.event));
    let ours = match stage {
        Ok(Some(ours)) => ours,
        Ok(None) => return Err(Unusable::new(NAME, format!("unknown event {event:?}, or state of {id}"))),
        Err(error) => {
            case.fail(None, "cell", "an outcome", error.to_string());
            return Ok(case);
        }
    };
    let (expected, deviations) = decisions::decide(cell, cell.outcome());
    deviations.into_iter().for_each(|deviation| case.deviates(deviation));
    case.equal("outcome", &expected, &ours);
    Ok(case)
}

impl Cell {
    /// What libotr did, in the words of [`Outcome`].
    fn outcome(&self) -> Outcome {
        let nothing = || ("PLAINTEXT".to_owned(), "NONE".to_owned());
        let after = match &self.after {
            After::One { msgstate, authstate } => [(msgstate.clone(), authstate.clone()), nothing()],
            After::Two { master, instance } => [master.clone(), instance.clone().unwrap_or_else(nothing)],
        };
        // A query is the same text every time; heartbeats depend on the time, which is not recorded.
        let heartbeats = self.events.iter().filter(|event| *event == "LOG_HEARTBEAT_SENT").count();
        let sends = self.sends.iter().map(|send| send.replace("Query (same bytes as before)", "Query"));
        let sends = sends.take(self.sends.len().saturating_sub(heartbeats)).collect();
        let mut events: Vec<_> =
            self.events.iter().filter(|event| !event.starts_with("LOG_HEARTBEAT")).cloned().collect();
        events.sort();
        Outcome { sends, events, display: self.display.clone(), after }
    }
}

/// What a text is, in the words of the corpus.
fn sent(text: &[u8], before: &[Vec<u8>]) -> String {
    let what = match Text::classify(text, false) {
        Text::Query(_) => return "Query".to_owned(),
        Text::Error(_) => "Error",
        Text::Encoded(_, Kind::DhCommit) => "D-H Commit",
        Text::Encoded(_, Kind::DhKey) => "D-H Key",
        Text::Encoded(_, Kind::RevealSignature) => "Reveal Signature",
        Text::Encoded(_, Kind::Signature) => "Signature",
        Text::Encoded(_, Kind::Data) => "Data",
        Text::Tagged { .. } => "plaintext with tag",
        _ => "plaintext",
    };
    let again = if before.iter().any(|sent| sent == text) { " (same bytes as before)" } else { "" };
    format!("{what}{again}")
}

/// What the application was told, in libotr's words.
fn told(event: &Event) -> Vec<&'static str> {
    match event {
        Event::Secured { refreshed, trust, .. } => {
            let secured = if *refreshed { "still_secure" } else { "gone_secure" };
            if *trust == Trust::New { vec!["new_fingerprint", secured] } else { vec![secured] }
        }
        Event::Problem { kind, .. } => vec![match kind {
            Problem::Unencrypted => "RCVDMSG_UNENCRYPTED",
            Problem::PeerError => "RCVDMSG_GENERAL_ERR",
            Problem::SetupFailed | Problem::Malformed => "SETUP_ERROR",
            Problem::NoSession => "RCVDMSG_NOT_IN_PRIVATE",
            Problem::Unreadable => "RCVDMSG_UNREADABLE",
            _ => "another problem",
        }],
        _ => Vec::new(),
    }
}

fn refused(error: &Error) -> String {
    match error {
        Error::Finished => "CONNECTION_ENDED".to_owned(),
        other => other.to_string(),
    }
}
