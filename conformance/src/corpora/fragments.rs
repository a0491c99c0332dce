//! `corpus_fragments`: how libotr cuts messages and puts pieces together (FRAG-*).

use otr_protocol::Instant;
use otr_protocol::fragment::{Fragment, Reassembler, Step, split};
use otr_protocol::wire::{Header, InstanceTag, Version};
use otr_traits::Backend;
use serde::Deserialize;

use crate::{Case, Deviation, Unusable, Vectors};

const NAME: &str = "corpus_fragments";
const FRAG_10: Deviation = Deviation { id: "FRAG-10", what: "no blanks, no 0x, no number that wraps" };
const FRAG_13: Deviation = Deviation { id: "FRAG-13", what: "each sender has a buffer of its own" };
const FRAG_14: Deviation =
    Deviation { id: "FRAG-14", what: "what has no tags empties no buffer of version 3" };

#[derive(Deserialize)]
struct Corpus {
    create: Vec<Create>,
    reassemble: Vec<Reassemble>,
}

#[derive(Deserialize)]
struct Create {
    version: u8,
    max_message_size: usize,
    #[serde(default)]
    our_tag: u32,
    #[serde(default)]
    their_tag: u32,
    /// The message; where only the length matters, that is all there is.
    message: Option<String>,
    message_length: Option<usize>,
    /// None where libotr refuses.
    fragments: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct Reassemble {
    name: String,
    steps: Vec<Arrival>,
}

#[derive(Deserialize)]
struct Arrival {
    #[serde(rename = "in")]
    text: String,
    /// INCOMPLETE, COMPLETE or UNFRAGMENTED.
    result: String,
    message: Option<String>,
}

pub(crate) fn cases(_: &dyn Backend, vectors: &Vectors) -> Result<Vec<Case>, Unusable> {
    let corpus: Corpus = vectors.corpus(NAME)?;
    let mut cases = Vec::new();
    for (index, create) in corpus.create.iter().enumerate() {
        cases.push(created(index, create)?);
    }
    cases.extend(corpus.reassemble.iter().map(reassembled));
    Ok(cases)
}

fn created(index: usize, create: &Create) -> Result<Case, Unusable> {
    let mut case = Case::new(format!("{NAME}/create/{index}"));
    let version = match create.version {
        2 => Version::V2,
        3 => Version::V3,
        other => return Err(Unusable::new(NAME, format!("unknown version {other}"))),
    };
    let (sender, receiver) = (InstanceTag::new(create.our_tag), InstanceTag::new(create.their_tag));
    let message = match (&create.message, create.message_length) {
        (Some(message), _) => message.clone(),
        (None, Some(length)) => "A".repeat(length),
        (None, None) => return Err(Unusable::new(NAME, format!("create/{index} without a message"))),
    };
    let fragments = split(message.as_bytes(), &Header { version, sender, receiver }, create.max_message_size);
    let fragments = fragments.ok().map(|pieces| pieces.iter().map(|piece| text(piece)).collect());
    case.equal("fragments", &create.fragments, &fragments);
    Ok(case)
}

fn reassembled(recorded: &Reassemble) -> Case {
    let mut case = Case::new(format!("{NAME}/reassemble/{}", recorded.name));
    let mut reassembler = Reassembler::default();
    let mut earlier = Vec::new();
    for (number, arrival) in (1..).zip(&recorded.steps) {
        let ours = match Fragment::parse(arrival.text.as_bytes()) {
            None => "no fragment".to_owned(),
            Some(fragment) => match reassembler.accept(Instant::default(), &fragment, 1 << 18) {
                Step::Complete(message) => format!("complete: {}", text(&message)),
                Step::Incomplete => "incomplete".to_owned(),
                Step::TooLong => "too long".to_owned(),
            },
        };
        let libotr = match &arrival.message {
            Some(message) => format!("complete: {message}"),
            None => "incomplete".to_owned(),
        };
        let expected = match decided(arrival, &earlier) {
            Some((deviation, decided)) => {
                if decided.starts_with("complete") != arrival.message.is_some() {
                    case.deviates(deviation);
                }
                decided
            }
            None => libotr,
        };
        if ours != expected {
            case.fail(Some(number), arrival.text.as_str(), expected, ours);
        }
        earlier.push(arrival);
    }
    case
}

/// What we make of a text where libotr's answer does not decide, and the requirement that says so.
fn decided(arrival: &Arrival, earlier: &[&Arrival]) -> Option<(Deviation, String)> {
    if !is_legal(&arrival.text) {
        // What is no fragment changes nothing: that shows in what follows (FRAG-11).
        return Some((FRAG_10, "no fragment".to_owned()));
    }
    // libotr has one buffer in this corpus; we have one for each sender.
    let same_sender = |other: &&&Arrival| sender(&other.text) == sender(&arrival.text);
    if earlier.iter().any(|other| is_legal(&other.text) && !same_sender(&other)) {
        return Some((FRAG_13, "incomplete".to_owned()));
    }
    // What comes without a tag does not empty a buffer of version 3, so that the pieces around it still fit.
    if sender(&arrival.text).is_some() && earlier.iter().any(|other| other.result == "UNFRAGMENTED") {
        let pieces =
            earlier.iter().copied().chain([arrival]).filter_map(|other| other.text.split(',').nth(3));
        return Some((FRAG_14, format!("complete: {}", pieces.collect::<String>())));
    }
    None
}

/// The grammar of FRAG-10 and the bounds of FRAG-11, spelled out once more.
fn is_legal(text: &str) -> bool {
    let Some((_, fragment)) = text.split_once("?OTR") else { return false };
    let mut parts = fragment.splitn(5, ',');
    let (tags, k, n, piece, rest) = (parts.next(), parts.next(), parts.next(), parts.next(), parts.next());
    let is_tag =
        |tag: &str| (1..=8).contains(&tag.len()) && tag.bytes().all(|digit| digit.is_ascii_hexdigit());
    let tags_are_legal = match tags.unwrap_or_default().split('|').collect::<Vec<_>>().as_slice() {
        [""] => true,
        ["", sender, receiver] => is_tag(sender) && is_tag(receiver),
        _ => false,
    };
    let number = |digits: Option<&str>| {
        let digits = digits.filter(|digits| digits.bytes().all(|digit| digit.is_ascii_digit()))?;
        digits.parse().ok().filter(|number: &u16| digits.len() <= 10 && *number > 0)
    };
    let in_order = number(k).zip(number(n)).is_some_and(|(k, n)| k <= n);
    tags_are_legal && in_order && piece.is_some_and(|piece| !piece.is_empty()) && rest.is_some()
}

/// The sender's tag; none in version 2.
fn sender(text: &str) -> Option<u32> {
    u32::from_str_radix(text.split_once("?OTR|")?.1.split('|').next()?, 16).ok()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
