//! What anybody on the way can see of a conversation.

use data_encoding::HEXLOWER;
use otr_protocol::Instant;
use otr_protocol::fragment::{Fragment, Reassembler, Step};
use otr_protocol::wire::{Body, Header, Message, Text, Version, Versions, dearmor};

use crate::text::printable;

/// Somebody who reads along in one direction.
#[derive(Default)]
pub(super) struct Observer(Reassembler);

/// What a text is.
pub(super) struct Sight {
    /// Such as `D-H Commit`.
    pub(super) name: String,
    /// What it says, as names and values.
    pub(super) fields: Vec<(&'static str, String)>,
    /// The message of which this is the last fragment.
    pub(super) whole: Option<Box<Sight>>,
}

impl Observer {
    /// Sees a text pass.
    pub(super) fn see(&mut self, now: Instant, text: &[u8]) -> Sight {
        match Text::classify(text, false) {
            Text::Fragment(_) => self.fragment(now, text),
            Text::Encoded(..) => message(text),
            Text::Error(words) => Sight::new("Error", vec![("words", printable(words))]),
            Text::Plain => Sight::new("text in clear", vec![]),
            Text::Query(versions) => Sight::new("Query", vec![("offers", offer(versions))]),
            Text::Tagged { text, versions } => {
                let fields = vec![("text", printable(&text)), ("offers", offer(versions))];
                Sight::new("text, whitespace tag", fields)
            }
            Text::Unknown | Text::UnsupportedVersion => Sight::new("unknown", vec![]),
        }
    }

    fn fragment(&mut self, now: Instant, text: &[u8]) -> Sight {
        let Some(fragment) = Fragment::parse(text) else { return Sight::new("broken fragment", vec![]) };
        let mut fields = Vec::new();
        if let Some((sender, receiver)) = fragment.tags {
            fields.push(("header", format!("from {sender} to {receiver}")));
        }
        fields.push(("piece", format!("{} bytes", fragment.piece.len())));
        let mut sight = Sight::new(format!("fragment {}/{}", fragment.index, fragment.count), fields);
        if let Step::Complete(whole) = self.0.accept(now, &fragment, usize::MAX) {
            sight.whole = Some(Box::new(message(&whole)));
        }
        sight
    }
}

impl Sight {
    fn new(name: impl Into<String>, fields: Vec<(&'static str, String)>) -> Self {
        Self { name: name.into(), fields, whole: None }
    }
}

/// A message in armour.
fn message(text: &[u8]) -> Sight {
    let bytes = dearmor(text).unwrap_or_default();
    let Ok(Message { header, body }) = Message::decode(&bytes) else {
        return Sight::new("malformed", vec![]);
    };
    let (name, fields) = match body {
        Body::DhCommit(commit) => (
            "D-H Commit".to_owned(),
            vec![("encrypted g^x", hex(&commit.encrypted_gx)), ("hash of g^x", hex(&commit.hash))],
        ),
        Body::DhKey(key) => ("D-H Key".to_owned(), vec![("g^y", hex(key.gy.as_be_bytes()))]),
        Body::RevealSignature(reveal) => (
            "Reveal Signature".to_owned(),
            vec![
                ("revealed key", hex(&reveal.r)),
                ("encrypted sig", hex(&reveal.encrypted)),
                ("mac", hex(&reveal.mac)),
            ],
        ),
        Body::Signature(signature) => (
            "Signature".to_owned(),
            vec![("encrypted sig", hex(&signature.encrypted)), ("mac", hex(&signature.mac))],
        ),
        Body::Data(data) => (
            format!("Data, keys {}→{}", data.sender_keyid, data.recipient_keyid),
            vec![
                ("flags", format!("{:#04x}", data.flags)),
                ("next D-H key", hex(data.next_y)),
                ("counter", u64::from_be_bytes(data.counter).to_string()),
                ("encrypted text", hex(data.encrypted)),
                ("mac", hex(&data.mac)),
                ("old mac keys", hex(data.revealed)),
            ],
        ),
    };
    Sight::new(name, [("header", describe(&header))].into_iter().chain(fields).collect())
}

fn describe(header: &Header) -> String {
    match header.version {
        Version::V2 => "version 2".into(),
        Version::V3 => format!("version 3, from {} to {}", header.sender, header.receiver),
    }
}

/// Such as `OTR 2 and 3`.
pub(super) fn offer(versions: Versions) -> String {
    let numbers: Vec<_> = versions.numbers().map(|number| number.to_string()).collect();
    format!("OTR {}", numbers.join(" and "))
}

/// Short values whole, long ones by their start.
fn hex(bytes: &[u8]) -> String {
    match bytes.get(..SHOWN).filter(|start| start.len() < bytes.len()) {
        Some(start) => format!("{}… ({} bytes)", HEXLOWER.encode(start), bytes.len()),
        None if bytes.is_empty() => "none".into(),
        None => HEXLOWER.encode(bytes),
    }
}

/// The longest value that is shown whole, in bytes.
const SHOWN: usize = 20;
