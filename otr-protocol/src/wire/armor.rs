//! The armour: `?OTR:`, base64, `.` (WIRE-10 … WIRE-12).

use data_encoding::BASE64;

use super::Malformed;

const PREFIX: &[u8] = b"?OTR:";

/// `?OTR:`, the base64 of `message`, and a dot.
///
/// ```
/// assert_eq!(otr_protocol::wire::armor(b"ABC"), b"?OTR:QUJD.");
/// ```
#[must_use]
pub fn armor(message: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(PREFIX.len() + BASE64.encode_len(message.len()) + 1);
    text.extend_from_slice(PREFIX);
    let start = text.len();
    text.resize(start + BASE64.encode_len(message.len()), 0);
    if let Some(base64) = text.get_mut(start..) {
        BASE64.encode_mut(message, base64);
    }
    text.push(b'.');
    text
}

/// The bytes between the first `?OTR:` of `text` and the next dot. Text around them is ignored, and so are
/// spaces, tabs and line ends among the base64; nothing else is.
///
/// ```
/// # use otr_protocol::wire::{Malformed, dearmor};
/// assert_eq!(dearmor(b"<b>?OTR:QU\nJD.</b>"), Ok(b"ABC".to_vec()));
/// assert_eq!(dearmor(b"?OTR:QUJD"), Err(Malformed));
/// ```
///
/// # Errors
/// [`Malformed`] without marker or dot, or if the base64 is not canonical (WIRE-11).
pub fn dearmor(text: &[u8]) -> Result<Vec<u8>, Malformed> {
    let start = find(text, PREFIX).ok_or(Malformed)? + PREFIX.len();
    let rest = text.get(start..).ok_or(Malformed)?;
    let end = rest.iter().position(|byte| *byte == b'.').ok_or(Malformed)?;
    let base64 = rest.get(..end).ok_or(Malformed)?;
    let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n');
    if base64.iter().any(is_blank) {
        let joined: Vec<u8> = base64.iter().copied().filter(|byte| !is_blank(byte)).collect();
        decode(&joined)
    } else {
        decode(base64)
    }
}

/// The decoder takes joined pieces, each with its padding: a second way to write the same bytes.
fn decode(base64: &[u8]) -> Result<Vec<u8>, Malformed> {
    let end = base64.len().saturating_sub(2);
    if base64.iter().take(end).any(|byte| *byte == b'=') {
        return Err(Malformed);
    }
    BASE64.decode(base64).map_err(|_| Malformed)
}

/// Where `needle` first occurs in `haystack`.
pub(super) fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wire_11_only_canonical_base64_is_accepted() {
        for bad in ["QUI", "QQ", "Q", "QUJD=", "QQ==QQ==", "QR==", "QU!D", "QU-D", "====", "===", "QUJDQ"] {
            assert_eq!(dearmor(format!("?OTR:{bad}.").as_bytes()), Err(Malformed), "{bad}");
        }
        for (good, bytes) in [("QQ==", "A"), ("QUI=", "AB"), (" Q U\tJ\r\nD ", "ABC"), ("", "")] {
            assert_eq!(dearmor(format!("x?OTR:{good}.y").as_bytes()), Ok(bytes.into()), "{good}");
        }
    }

    #[test]
    fn wire_12_padding_alone_is_malformed() {
        for padding in ["=", "==", "===", "====", "====="] {
            assert_eq!(dearmor(format!("?OTR:{padding}.").as_bytes()), Err(Malformed), "{padding}");
        }
    }
}
