//! How atoms are spelled: read from every notation, written in the one that libgcrypt would choose. Digits are read and
//! written in constant time, since they may be those of a secret number; text in quotation marks is not.

use base64ct::{Base64Unpadded, Encoding};
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
                let mut byte = [0];
                bytes.extend(base16ct::mixed::decode([*high, *low], &mut byte).ok()?);
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
    let mut bytes = Zeroizing::new(vec![0; digits.len() / 2]);
    base16ct::mixed::decode(&digits, &mut bytes).ok()?;
    Some(bytes)
}

/// The bytes of `text`: base64, whose padding libgcrypt does not ask for.
pub(super) fn read_base64(mut text: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    while let [unpadded @ .., b'='] = text {
        text = unpadded;
    }
    let mut bytes = Zeroizing::new(vec![0; text.len()]);
    let length = Base64Unpadded::decode(text, &mut bytes).ok()?.len();
    bytes.truncate(length);
    Some(bytes)
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
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    let number = number.get(zeros..).unwrap_or_default();
    out.push(b'#');
    if number.first().is_some_and(|first| *first >= 0x80) {
        out.extend(b"00");
    }
    write_digits(number, out);
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
    write_digits(bytes, out);
    out.push(b'#');
}

/// Byte by byte into the buffer, so that no other one holds a secret.
fn write_digits(bytes: &[u8], out: &mut Vec<u8>) {
    for byte in bytes {
        out.extend(base16ct::upper::encode(&[*byte], &mut [0; 2]).unwrap_or_default());
    }
}
