//! What was sent: texts put together from fragments, and paired with the recorded ones.

use otr_protocol::wire::{Kind, Plaintext, Text};
use otr_traits::{Backend, Secret};

use crate::anatomy::Anatomy;
use crate::transcript::{Decoded, Emitted, Step};

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
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Sort {
    /// A Data message, and what is in it.
    Data(Content),
    Error,
    /// A message of a key exchange.
    Message(Kind),
    Query,
    /// For the user to read, with a whitespace tag or without.
    Text,
}

/// What is in a Data message. Nothing at all is a heartbeat.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Content {
    pub(super) text: Vec<u8>,
    /// The types of its records.
    pub(super) records: Vec<u16>,
}

/// What became of a text.
pub(super) enum Pair<'a> {
    Both(&'a Expected, &'a Sent),
    /// Only the recorded party sent it.
    NotSent(&'a Sort, &'a Expected),
    /// Only we did.
    SentToo(&'a Sort, &'a Sent),
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

    /// What a text is that we have sent, with these keys.
    pub(super) fn sort(&self, backend: &dyn Backend, keys: &[Vec<u8>]) -> Sort {
        let content = |sent: &Self| opened(backend, keys, &Anatomy::of_text(&sent.text)?);
        self.sort_as(|| content(self).unwrap_or_default())
    }

    fn sort_as(&self, content: impl FnOnce() -> Content) -> Sort {
        match Text::classify(&self.text, false) {
            Text::Query(_) => Sort::Query,
            Text::Error(_) => Sort::Error,
            Text::Encoded(_, Kind::Data) => Sort::Data(content()),
            Text::Encoded(_, kind) => Sort::Message(kind),
            _ => Sort::Text,
        }
    }
}

impl Expected {
    pub(super) fn sort(&self) -> Sort {
        self.sent.sort_as(|| match self.decoded.as_ref().and_then(Decoded::content) {
            Some((text, records)) => Content { text: text.into_bytes(), records },
            None => Content::default(),
        })
    }
}

impl Sort {
    /// Whether two texts are compared with each other.
    fn is_like(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Data(a), Self::Data(b)) => {
                a.text.is_empty() == b.text.is_empty() && a.records == b.records
            }
            _ => self == other,
        }
    }
}

/// What is in a Data message that was made with one of these keys: the one whose MAC is right.
fn opened(backend: &dyn Backend, keys: &[Vec<u8>], message: &Anatomy) -> Option<Content> {
    keys.iter().find_map(|key| {
        let key = Secret::<16>::from_slice(key)?;
        let (mut mac_key, mut mac) = ([0; 20], [0; 20]);
        backend.sha1(&[key.expose()], &mut mac_key).ok()?;
        backend.hmac_sha1(&mac_key, &[message.authenticated()], &mut mac).ok()?;
        if mac != message.bytes("mac") {
            return None;
        }
        let mut block = [0; 16];
        block.first_chunk_mut::<8>()?.copy_from_slice(message.bytes("ctr").first_chunk::<8>()?);
        let mut plaintext = message.bytes("encrypted").to_vec();
        backend.aes_ctr(&key, block, &mut plaintext).ok()?;
        let Plaintext { text, tlvs } = Plaintext::decode(&plaintext);
        Some(Content { text: text.to_vec(), records: tlvs.iter().map(|tlv| tlv.kind).collect() })
    })
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
        let decoded = whole.filter(|_| matches!(Text::classify(&sent.text, false), Text::Encoded(..)));
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

/// Whom the first Data message is for.
pub(super) fn receiver(expected: &[Expected]) -> Option<u32> {
    let mut messages = expected.iter().filter_map(|expected| Anatomy::of_text(&expected.sent.text));
    messages.find(|message| message.kind == Kind::Data).map(|message| message.receiver())
}

/// Pairs what both sent, in order. Each text is paired with the next one that says the same, or else with the next
/// of its sort.
pub(super) fn pair<'a>(recorded: &'a [(Sort, &'a Expected)], ours: &'a [(Sort, &'a Sent)]) -> Vec<Pair<'a>> {
    let (mut pairs, mut rest) = (Vec::new(), ours);
    for (sort, expected) in recorded {
        let same = rest.iter().position(|(other, _)| other == sort);
        let Some(place) = same.or_else(|| rest.iter().position(|(other, _)| other.is_like(sort))) else {
            pairs.push(Pair::NotSent(sort, expected));
            continue;
        };
        let (before, from) = rest.split_at(place);
        pairs.extend(before.iter().map(|(sort, sent)| Pair::SentToo(sort, sent)));
        if let Some(((_, sent), after)) = from.split_first() {
            pairs.push(Pair::Both(expected, sent));
            rest = after;
        }
    }
    pairs.extend(rest.iter().map(|(sort, sent)| Pair::SentToo(sort, sent)));
    pairs
}
