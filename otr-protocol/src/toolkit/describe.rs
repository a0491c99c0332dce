//! What stands in the messages of a transcript, for people to read.

use core::fmt::Write as _;

use base16ct::lower::encode_string as hex;
use otr_traits::Element;

use crate::governs_display;
use crate::wire::{Body, Data, Header, Message, Version, dearmor};

/// The messages in armour in a transcript, whatever is around them: each from its `?OTR:` through its dot, or to the end.
pub fn messages(transcript: &[u8]) -> impl Iterator<Item = &[u8]> {
    const MARKER: &[u8] = b"?OTR:";
    let mut rest = transcript;
    core::iter::from_fn(move || {
        let start = rest.windows(MARKER.len()).position(|window| window == MARKER)?;
        let message = rest.get(start..)?;
        let length = message.iter().position(|byte| *byte == b'.').map_or(message.len(), |dot| dot + 1);
        let (message, after) = message.split_at_checked(length)?;
        rest = after;
        Some(message)
    })
}

/// The fields of a message, a line each, as libotr's `otr_parse` shows them. Anything can be described, and nothing in it governs
/// the terminal.
#[must_use]
pub fn describe(message: &[u8]) -> String {
    let decoded = dearmor(message);
    let mut lines = String::new();
    match decoded.as_ref().map(|bytes| Message::decode(bytes)) {
        Ok(Ok(message)) => write_message(&mut lines, &message),
        _ => match claimed(message) {
            Some(kind) => line(&mut lines, format_args!("Invalid {kind} Message")),
            None => {
                let show = |c| if governs_display(c) { char::REPLACEMENT_CHARACTER } else { c };
                let text: String = String::from_utf8_lossy(message).chars().map(show).collect();
                line(&mut lines, format_args!("Unrecognized OTR message:\n\t{text}"));
            }
        },
    }
    lines.push('\n');
    lines
}

/// What a damaged message claims to be.
fn claimed(message: &[u8]) -> Option<&'static str> {
    let base64 = message.strip_prefix(b"?OTR:")?.get(..4)?;
    Some(match base64 {
        b"AAIC" | b"AAMC" => "D-H Commit",
        b"AAIK" | b"AAMK" => "D-H Key",
        b"AAIR" | b"AAMR" => "Reveal Signature",
        b"AAIS" | b"AAMS" => "Signature",
        b"AAID" | b"AAMD" | b"AAED" => "Data",
        b"AAEK" => "Key Exchange",
        _ => return None,
    })
}

fn write_message(to: &mut String, Message { header, body }: &Message<'_>) {
    match body {
        Body::DhCommit(commit) => {
            start(to, "D-H Commit", header);
            field(to, "Encrypted Key", &hex(&commit.encrypted_gx));
            field(to, "Hashed Key", &hex(&commit.hash));
        }
        Body::DhKey(key) => {
            start(to, "D-H Key", header);
            field(to, "D-H Key", &number(&key.gy));
        }
        Body::RevealSignature(reveal) => {
            start(to, "Reveal Signature", header);
            field(to, "Key", &hex(&reveal.r));
            field(to, "Encrypted Signature", &hex(&reveal.encrypted));
            field(to, "MAC", &hex(&reveal.mac));
        }
        Body::Signature(signature) => {
            start(to, "Signature", header);
            field(to, "Encrypted Signature", &hex(&signature.encrypted));
            field(to, "MAC", &hex(&signature.mac));
        }
        Body::Data(data) => write_data(to, header, data),
    }
}

fn write_data(to: &mut String, header: &Header, data: &Data<'_>) {
    line(to, format_args!("Data Message:"));
    version(to, header);
    field(to, "Flags", &data.flags.to_string());
    instances(to, header);
    field(to, "Sender keyid", &data.sender_keyid.to_string());
    field(to, "Rcpt keyid", &data.recipient_keyid.to_string());
    field(to, "DH y", &hex(data.next_y));
    field(to, "Counter", &hex(&data.counter));
    field(to, "Encrypted message", &hex(data.encrypted));
    field(to, "MAC", &hex(&data.mac));
    if !data.revealed.is_empty() {
        line(to, format_args!("\tRevealed MAC keys:"));
        for (index, key) in data.revealed.chunks_exact(20).enumerate() {
            line(to, format_args!("\t\tKey {}: {}", index + 1, hex(key)));
        }
    }
}

fn start(to: &mut String, kind: &str, header: &Header) {
    line(to, format_args!("{kind} Message:"));
    version(to, header);
    instances(to, header);
}

fn version(to: &mut String, header: &Header) {
    field(to, "Version", &format!("{:02}", header.version.number()));
}

fn instances(to: &mut String, header: &Header) {
    if header.version == Version::V3 {
        field(to, "Sender instance", &header.sender.number().to_string());
        field(to, "Receiver instance", &header.receiver.number().to_string());
    }
}

fn field(to: &mut String, name: &str, value: &str) {
    line(to, format_args!("\t{name}: {value}"));
}

/// A number without leading zero bytes.
fn number(element: &Element) -> String {
    let bytes = element.as_be_bytes();
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    hex(bytes.get(zeros..).unwrap_or_default())
}

fn line(to: &mut String, text: core::fmt::Arguments<'_>) {
    // Writing to a string does not fail.
    let _ = writeln!(to, "{text}");
}
