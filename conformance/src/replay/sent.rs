//! What was sent: texts put together from fragments, and paired with the recorded ones.

use otr_protocol::wire::{Kind, Text};

use super::difference::{About, Difference};
use crate::transcript::{Decoded, Emitted, Step, Transcript};

/// A whole text, and the lengths of the pieces it was cut into.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Sent {
    pub(super) text: Vec<u8>,
    pub(super) pieces: Vec<usize>,
}

/// A text that the recorded party sent.
#[derive(Clone, Debug)]
pub(super) struct Expected {
    /// The id of its last piece.
    pub(super) id: String,
    pub(super) sent: Sent,
    /// None if it is no message.
    pub(super) decoded: Option<Decoded>,
}

/// What a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sort {
    Error,
    Message(Kind),
    Query,
    /// For the user to read, with a whitespace tag or without.
    Text,
}

impl Sent {
    /// The text that pieces make together; a single one is the text itself.
    pub(super) fn joined(pieces: Vec<Vec<u8>>) -> Self {
        match pieces.as_slice() {
            [text] => Self { text: text.clone(), pieces: vec![text.len()] },
            _ => Self {
                text: pieces.iter().flat_map(|piece| content(piece)).copied().collect(),
                pieces: pieces.iter().map(Vec::len).collect(),
            },
        }
    }

    pub(super) fn sort(&self) -> Sort {
        match Text::classify(&self.text, false) {
            Text::Query(_) => Sort::Query,
            Text::Error(_) => Sort::Error,
            Text::Encoded(_, kind) => Sort::Message(kind),
            _ => Sort::Text,
        }
    }
}

/// What stands in a fragment: `?OTR|tag|tag,k,n,` and a last comma around it.
fn content(fragment: &[u8]) -> &[u8] {
    let content = fragment.splitn(4, |byte| *byte == b',').nth(3).unwrap_or_default();
    content.strip_suffix(b",").unwrap_or(content)
}

/// What the recorded party sent in a step, put together from fragments.
pub(super) fn expected(step: &Step) -> Vec<Expected> {
    let (mut expected, mut pieces) = (Vec::new(), Vec::new());
    for emitted in &step.emitted {
        let whole = match &emitted.decoded {
            Some(piece) if piece.is_fragment() => {
                pieces.push(emitted);
                match piece.completes() {
                    Some(whole) => Some(whole),
                    None => continue,
                }
            }
            whole => {
                flush(&mut pieces, &mut expected);
                pieces.push(emitted);
                whole.clone()
            }
        };
        let sent = Sent::joined(pieces.drain(..).map(text).collect());
        // Of a text that is no message there is nothing to decode.
        let decoded = whole.filter(|_| matches!(sent.sort(), Sort::Message(_)));
        expected.push(Expected { id: emitted.id.clone(), sent, decoded });
    }
    flush(&mut pieces, &mut expected);
    expected
}

/// Pieces that nothing completes, such as a user may type, are texts of their own.
fn flush(pieces: &mut Vec<&Emitted>, expected: &mut Vec<Expected>) {
    expected.extend(pieces.drain(..).map(|emitted| Expected {
        id: emitted.id.clone(),
        sent: Sent::joined(vec![text(emitted)]),
        decoded: None,
    }));
}

fn text(emitted: &Emitted) -> Vec<u8> {
    emitted.wire.clone().into_bytes()
}

/// The text that is complete with the message of this id.
pub(super) fn completed_by(transcript: &Transcript, id: &str) -> Option<Expected> {
    transcript.steps.iter().flat_map(expected).find(|expected| expected.id == id)
}

/// Pairs, in order, what both sent; the rest are differences.
pub(super) fn pair<'a>(
    recorded: &'a [Expected],
    ours: &'a [Sent],
) -> (Vec<(&'a Expected, &'a Sent)>, Vec<Difference>) {
    let (mut pairs, mut differences) = (Vec::new(), Vec::new());
    let mut ours = ours.iter();
    let sent_too = |sent: &Sent| {
        Difference::new(About::SentToo(sent.sort()), "no such message", sent.text.escape_ascii().to_string())
    };
    for expected in recorded {
        let sort = expected.sent.sort();
        if !ours.clone().any(|sent| sent.sort() == sort) {
            let text = format!("{}: {}", expected.id, expected.sent.text.escape_ascii());
            differences.push(Difference::new(About::NotSent(sort), text, "nothing"));
            continue;
        }
        for sent in ours.by_ref() {
            if sent.sort() == sort {
                pairs.push((expected, sent));
                break;
            }
            differences.push(sent_too(sent));
        }
    }
    differences.extend(ours.map(sent_too));
    (pairs, differences)
}
