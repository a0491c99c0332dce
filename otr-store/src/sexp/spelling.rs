//! How atoms are spelled: read from every notation, written in the one that libgcrypt would choose.

use data_encoding::{BASE64_NOPAD, Encoding, HEXLOWER_PERMISSIVE};
use zeroize::Zeroizing;

use super::{is_space, is_token};

/// The characters that have a name after `\`, and those names.
const ESCAPES: [(u8, u8); 9] = [
    (0x08, b'b'),
    (b'\t', b't'),
    (0x0b, b'v'),
    (b'\n', b'n'),
    (0x0c, b'f'),
    (b'\r', b'r'),
    (b'"', b'"'),
    (b'\'', b'\''),
    (b'\\', b'\\'),
];

/// What a quoted string means: `text` is what stands between the quotation marks.
pub(super) fn read_quoted(text: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    // Nothing gets longer by being unescaped, so that the buffer never has to move.
    let mut bytes = Zeroizing::new(Vec::with_capacity(text.len()));
    let mut rest = text;
    loop {
        rest = match rest {
            [] => return Some(bytes),
            [b'\\', b'x', high, low, rest @ ..] => {
                bytes.push(hex_digit(*high)? << 4 | hex_digit(*low)?);
                rest
            }
            [b'\\', a @ b'0'..=b'3', b @ b'0'..=b'7', c @ b'0'..=b'7', rest @ ..] => {
                bytes.push((a & 7) << 6 | (b & 7) << 3 | c & 7);
                rest
            }
            // The string goes on in the next line.
            [b'\\', b'\r', b'\n', rest @ ..] | [b'\\', b'\n', b'\r', rest @ ..] => rest,
            [b'\\', b'\r' | b'\n', rest @ ..] => rest,
            [b'\\', name, rest @ ..] => {
                let (byte, _) = ESCAPES.iter().find(|(_, known)| known == name)?;
                bytes.push(*byte);
                rest
            }
            [byte, rest @ ..] => {
                bytes.push(*byte);
                rest
            }
        };
    }
}

/// The bytes of `text`: pairs of hexadecimal digits, with white space anywhere.
pub(super) fn read_hex(text: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let mut digits = Zeroizing::new(Vec::with_capacity(text.len()));
    digits.extend(text.iter().filter(|byte| !is_space(**byte)));
    decode(&HEXLOWER_PERMISSIVE, &digits)
}

/// The bytes of `text`: base64, whose padding libgcrypt does not ask for.
pub(super) fn read_base64(mut text: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    while let [unpadded @ .., b'='] = text {
        text = unpadded;
    }
    decode(&BASE64_NOPAD, text)
}

fn decode(encoding: &Encoding, digits: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(vec![0; encoding.decode_len(digits.len()).ok()?]);
    encoding.decode_mut(digits, &mut bytes).ok()?;
    Some(bytes)
}

fn hex_digit(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

/// Writes a text as libgcrypt does: as a token, else as a quoted string, else in hexadecimal (FILE-02).
pub(crate) fn write_text(text: &[u8], out: &mut Vec<u8>) {
    let is_printable = |byte: &u8| {
        matches!(byte, b' '..=b'~' | 0xa1..=0xff) || ESCAPES.iter().any(|(escaped, _)| escaped == byte)
    };
    match text {
        // What begins with the top bit set is a negative number to libgcrypt, even if it is UTF-8.
        [0x80..=0xff, ..] => write_hex(text, out),
        [first, ..] if !first.is_ascii_digit() && text.iter().all(|byte| is_token(*byte)) => out.extend(text),
        _ if text.iter().all(is_printable) => write_quoted(text, out),
        _ => write_hex(text, out),
    }
}

/// The most bytes that [`write_text`] writes for `length` bytes.
pub(crate) fn longest_text(length: usize) -> usize {
    2 * length + 2
}

/// Writes a big-endian number without the zeros it begins with, but with one if its top bit is set: libgcrypt
/// would read a negative number (FILE-02).
///
/// Always in hexadecimal. libgcrypt writes a number whose bytes happen to be printable as text, which is the lot
/// of one private key in several hundred; it reads both, while otr.js reads hexadecimal only.
pub(crate) fn write_number(number: &[u8], out: &mut Vec<u8>) {
    out.push(b'#');
    let mut digits = number.iter().skip_while(|byte| **byte == 0).peekable();
    if digits.peek().is_some_and(|first| **first >= 0x80) {
        out.extend(b"00");
    }
    digits.for_each(|byte| write_byte(*byte, out));
    out.push(b'#');
}

fn write_quoted(text: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    for byte in text {
        match ESCAPES.iter().find(|(escaped, _)| escaped == byte) {
            Some((_, name)) => out.extend([b'\\', *name]),
            None => out.push(*byte),
        }
    }
    out.push(b'"');
}

fn write_hex(bytes: &[u8], out: &mut Vec<u8>) {
    out.push(b'#');
    bytes.iter().for_each(|byte| write_byte(*byte, out));
    out.push(b'#');
}

/// Digit by digit into the buffer, so that no other one holds a secret.
fn write_byte(byte: u8, out: &mut Vec<u8>) {
    out.extend([byte >> 4, byte & 15].map(|digit| if digit < 10 { b'0' + digit } else { b'A' + digit - 10 }));
}
