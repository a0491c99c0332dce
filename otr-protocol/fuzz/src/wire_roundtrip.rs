//! What is read is what was written.
//!
//! An input is a text as it arrives, and a message without its armour, and what stands in a message; each parser gets
//! all of it. What must hold (§16 property 7; WIRE-01 … WIRE-14, TAG-12, MSG-30, KEY-01, S-11, S-14, S-16 … S-18):
//!
//! * a message that parses has one spelling: written again it is the same bytes;
//! * base64 is accepted where a strict decoder accepts it, once blanks are left out, and nowhere else;
//! * a text is of the class that the table of WIRE-13 gives it, here looked up once more in the plainest way;
//! * a whitespace tag is cut out of a text, and nothing else is;
//! * records are found as often as their lengths allow; written again they are the same;
//! * a public key that parses has one spelling.

use data_encoding::BASE64;
use otr_protocol::keys::{decode_public_key, encode_public_key};
use otr_protocol::wire::{
    Body, Data, Header, Kind, Message, Plaintext, Reader, Text, Version, Writer, armor, dearmor,
};

pub fn run(data: &[u8]) {
    message(data);
    if let Ok(bytes) = dearmored(data) {
        message(&bytes);
    }
    classified(data);
    plaintext(data);
    numbers(data);
    public_key(data);
}

/// A message, out of its armour.
fn message(bytes: &[u8]) {
    let armored = armor(bytes);
    assert_eq!(dearmor(&armored).as_deref(), Ok(bytes));
    assert_eq!(armored, [b"?OTR:", BASE64.encode(bytes).as_bytes(), b"."].concat());
    let Ok(message) = Message::decode(bytes) else { return };
    assert_eq!(message.encode(), bytes);
    if let Body::Data(data) = &message.body {
        let mut covered = Writer::default();
        data.encode_authenticated(&message.header, &mut covered);
        assert_eq!(covered.as_slice(), data.authenticated);
        assert_eq!(Data::peek_flags(bytes), Some(data.flags));
    }
    assert_eq!(Header::decode(&mut Reader::new(bytes)).unwrap().0, message.header);
    // What is shortened or prolonged is no message any more (WIRE-06).
    assert!(Message::decode(&[bytes, &[0]].concat()).is_err());
    assert!(Message::decode(&bytes[..bytes.len() - 1]).is_err());
}

/// Takes the armour off, and checks that a strict decoder does the same (WIRE-11).
fn dearmored(text: &[u8]) -> Result<Vec<u8>, ()> {
    let start = position(text, b"?OTR:").map(|start| &text[start + 5..]);
    let base64 = start.and_then(|start| Some(&start[..start.iter().position(|byte| *byte == b'.')?]));
    let expected = base64.and_then(|base64| {
        let joined: Vec<u8> = base64.iter().copied().filter(|byte| !b" \t\r\n".contains(byte)).collect();
        // It takes several pieces, each with its padding: an encoder makes one.
        BASE64.decode(&joined).ok().filter(|bytes| BASE64.encode(bytes).as_bytes() == joined)
    });
    assert_eq!(dearmor(text).ok(), expected);
    expected.ok_or(())
}

/// The table of WIRE-13.
fn classified(text: &[u8]) {
    let class = Text::classify(text, false);
    let Some(at) = position(text, b"?OTR") else {
        return without_marker(text, &class);
    };
    let after = &text[at + 4..];
    let base64: Vec<u8> = after.iter().skip(1).copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let is_right = match after.first() {
        Some(b'|') => class == Text::Fragment(Version::V3),
        Some(b',') => class == Text::Fragment(Version::V2),
        Some(b'?' | b'v') => matches!(class, Text::Query(_)),
        Some(b':') => match (base64.get(..3), base64.get(3)) {
            (Some(b"AAI"), Some(kind)) => class == encoded(Version::V2, *kind),
            (Some(b"AAM"), Some(kind)) => class == encoded(Version::V3, *kind),
            (Some(b"AAE"), Some(_)) => class == Text::UnsupportedVersion,
            _ => class == Text::Unknown,
        },
        Some(b' ') if after.starts_with(b" Error:") => matches!(class, Text::Error(_)),
        _ => class == Text::Unknown,
    };
    assert!(is_right, "{class:?}");
    strict(text, &class);
}

fn encoded(version: Version, kind: u8) -> Text<'static> {
    let kind = match kind {
        b'C' => Kind::DhCommit,
        b'K' => Kind::DhKey,
        b'R' => Kind::RevealSignature,
        b'S' => Kind::Signature,
        b'D' => Kind::Data,
        _ => return Text::Unknown,
    };
    Text::Encoded(version, kind)
}

/// Where markers count at the start only, a text has the same class or none (WIRE-14).
fn strict(text: &[u8], class: &Text<'_>) {
    let strict = Text::classify(text, true);
    if text.trim_ascii_start().starts_with(b"?OTR") {
        assert_eq!(strict, *class);
    } else {
        assert!(matches!(strict, Text::Plain | Text::Tagged { .. }));
    }
}

/// TAG-12.
fn without_marker(text: &[u8], class: &Text<'_>) {
    const BASE: &[u8] = b" \t  \t\t\t\t \t \t \t  ";
    assert_eq!(Text::classify(text, true), *class);
    match (position(text, BASE), class) {
        (None, class) => assert_eq!(*class, Text::Plain),
        (Some(start), Text::Tagged { text: rest, versions }) => {
            let groups = text[start + BASE.len()..].chunks_exact(8);
            let is_blank = |group: &&[u8]| group.iter().all(|byte| b" \t".contains(byte));
            let groups: Vec<_> = groups.take_while(is_blank).collect();
            let end = start + BASE.len() + 8 * groups.len();
            assert_eq!(*rest, [&text[..start], &text[end..]].concat());
            for (number, tag) in [(1, b" \t \t  \t "), (2, b"  \t\t  \t "), (3, b"  \t\t  \t\t")] {
                assert_eq!(versions.numbers().any(|offered| offered == number), groups.contains(&&tag[..]));
            }
        }
        (Some(_), class) => panic!("a tag was not seen: {class:?}"),
    }
}

/// Text, and the records that follow it (MSG-30, MSG-34).
fn plaintext(bytes: &[u8]) {
    let parsed = Plaintext::decode(bytes);
    let end = position(bytes, &[0]).unwrap_or(bytes.len());
    assert_eq!(parsed.text, &bytes[..end]);
    let mut rest = bytes.get(end + 1..).unwrap_or_default();
    let mut records = parsed.tlvs.iter();
    while let [a, b, c, d, after @ ..] = rest {
        let length = usize::from(u16::from_be_bytes([*c, *d]));
        let Some((value, after)) = after.split_at_checked(length) else { break };
        let record = records.next().unwrap();
        assert_eq!((record.kind, record.value), (u16::from_be_bytes([*a, *b]), value));
        rest = after;
    }
    assert_eq!(records.next(), None);
    let encoded = parsed.encode();
    assert_eq!(encoded.len(), parsed.encoded_length());
    assert_eq!(Plaintext::decode(&encoded), parsed);
    // But for the NUL that is always written, and for what is incomplete.
    assert!(bytes.starts_with(&encoded) || parsed.tlvs.is_empty() && encoded.starts_with(bytes));
}

/// Numbers of any width: read and written they are the same (WIRE-03, WIRE-04).
fn numbers(bytes: &[u8]) {
    let mut reader = Reader::new(bytes);
    while let Ok(number) = reader.mpi(192) {
        let mut writer = Writer::default();
        writer.mpi(number);
        assert!(reader.consumed().ends_with(writer.as_slice()));
        let element = Reader::new(writer.as_slice()).element().unwrap();
        let mut again = Writer::default();
        again.element(&element);
        assert_eq!(again.as_slice(), writer.as_slice());
    }
}

fn public_key(bytes: &[u8]) {
    let mut reader = Reader::new(bytes);
    if let Ok(key) = decode_public_key(&mut reader) {
        let mut writer = Writer::default();
        encode_public_key(&key, &mut writer);
        assert_eq!(writer.as_slice(), reader.consumed());
    }
}

/// Where `needle` first stands, found in the plainest way.
fn position(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}
