//! The armour: `?OTR:`, base64, `.` (WIRE-10 … WIRE-12).

use base64::Engine;
use memchr::{memchr, memmem};

use super::Malformed;

const PREFIX: &[u8] = b"?OTR:";

/// `?OTR:`, the base64 of `message`, and a dot.
///
/// ```
/// assert_eq!(otr_protocol::wire::armor(b"ABC"), b"?OTR:QUJD.");
/// ```
#[must_use]
pub fn armor(message: &[u8]) -> Vec<u8> {
    let length = armored_length(message.len());
    let mut text = Vec::with_capacity(length);
    text.extend_from_slice(PREFIX);
    text.resize(length, b'.');
    if let Some((_, base64)) = text.get_mut(PREFIX.len()..).and_then(<[u8]>::split_last_mut) {
        // There is exactly as much room as it takes, so it cannot fail.
        let _ = engine::BASE64.encode_slice(message, base64);
    }
    text
}

/// The length in armour of a message of `length` bytes.
pub(crate) const fn armored_length(length: usize) -> usize {
    const AROUND: usize = PREFIX.len() + 1;
    length.div_ceil(3).saturating_mul(4).saturating_add(AROUND)
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
    let base64 = base64_of(text)?;
    let end = memchr(b'.', base64).ok_or(Malformed)?;
    let base64 = base64.get(..end).ok_or(Malformed)?;
    // Blanks are rare, and the decoder stops at the first one: so it looks for them.
    decode(base64).or_else(|Malformed| {
        if !base64.iter().any(is_blank) {
            return Err(Malformed);
        }
        let joined: Vec<u8> = base64.iter().copied().filter(|byte| !is_blank(byte)).collect();
        decode(&joined)
    })
}

/// The first twelve bytes of the message in `text`, if it has so many and they are sound; the rest is not looked at.
pub(crate) fn start_of(text: &[u8]) -> Option<[u8; 12]> {
    let mut characters = base64_of(text).ok()?.iter().copied().filter(|byte| !is_blank(byte));
    let mut base64 = [0; 16];
    for character in &mut base64 {
        *character = characters.next()?;
    }
    decode(&base64).ok()?.try_into().ok()
}

/// The base64 of `text`, and whatever follows it.
fn base64_of(text: &[u8]) -> Result<&[u8], Malformed> {
    after(text, PREFIX).ok_or(Malformed)
}

fn is_blank(byte: &u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

fn decode(base64: &[u8]) -> Result<Vec<u8>, Malformed> {
    let mut bytes = vec![0; (base64.len() / 4).saturating_mul(3)];
    let length = engine::BASE64.decode_slice(base64, &mut bytes).map_err(|_| Malformed)?;
    bytes.truncate(length);
    Ok(bytes)
}

/// What follows the first `needle` in `haystack`.
pub(crate) fn after<'a>(haystack: &'a [u8], needle: &[u8]) -> Option<&'a [u8]> {
    haystack.get(find(haystack, needle)?.checked_add(needle.len())?..)
}

/// Where `needle` first occurs in `haystack`.
pub(crate) fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    // Messages start with what is looked for in them.
    if haystack.starts_with(needle) { Some(0) } else { memmem::find(haystack, needle) }
}

/// The decoder that takes canonical base64 only: padded, no bits set beyond the last byte (WIRE-11).
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
mod engine {
    use std::sync::LazyLock;

    use base64::engine::Simd;
    use base64::engine::general_purpose::PAD;

    /// With the vector instructions that the processor has.
    pub(super) static BASE64: LazyLock<Simd> = LazyLock::new(|| Simd::standard(PAD));
}
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
mod engine {
    pub(super) use base64::engine::general_purpose::STANDARD as BASE64;
}

#[cfg(test)]
mod tests {
    use super::*;

    /// S-14.
    #[test]
    fn wire_11_only_canonical_base64_is_accepted() {
        for bad in ["QUI", "QQ", "Q", "QUJD=", "QQ==QQ==", "QR==", "QU!D", "QU-D", "====", "===", "QUJDQ"] {
            assert_eq!(dearmor(format!("?OTR:{bad}.").as_bytes()), Err(Malformed), "{bad}");
        }
        for (good, bytes) in [("QQ==", "A"), ("QUI=", "AB"), (" Q U\tJ\r\nD ", "ABC"), ("", "")] {
            assert_eq!(dearmor(format!("x?OTR:{good}.y").as_bytes()), Ok(bytes.into()), "{good}");
        }
    }

    /// Long ones too: these go through the decoder's vector instructions, short ones do not.
    #[test]
    fn wire_11_a_long_base64_is_read_as_strictly_as_a_short_one() {
        for length in [96, 97, 98, 500] {
            let bytes: Vec<u8> = (0..length).map(|index| index as u8).collect();
            let text = armor(&bytes);
            assert_eq!(text, [b"?OTR:", data_encoding::BASE64.encode(&bytes).as_bytes(), b"."].concat());
            assert_eq!(dearmor(&text), Ok(bytes.clone()));
            for at in PREFIX.len()..text.len() - 1 {
                for bad in [0, b'!', b'-', b'_', b'=', 0x80 | text[at], 0xff] {
                    let mut text = text.clone();
                    if bad != core::mem::replace(&mut text[at], bad) {
                        assert_eq!(dearmor(&text), Err(Malformed), "{bad:#04x} at {at} of {}", text.len());
                    }
                }
                for blank in [b' ', b'\t', b'\r', b'\n'] {
                    let text = [&text[..at], &[blank], &text[at..]].concat();
                    assert_eq!(dearmor(&text), Ok(bytes.clone()), "{blank:#04x} at {at} of {}", text.len());
                }
            }
            let end = text.len() - 1;
            for cut in 1..4 {
                assert_eq!(dearmor(&[&text[..end - cut], b"."].concat()), Err(Malformed), "{cut} cut off");
                let more = [&text[..end], &b"==="[..cut], b"."].concat();
                assert_eq!(dearmor(&more), Err(Malformed), "{cut} too many");
            }
        }
    }

    /// S-14.
    #[test]
    fn wire_12_padding_alone_is_malformed() {
        for padding in ["=", "==", "===", "====", "====="] {
            assert_eq!(dearmor(format!("?OTR:{padding}.").as_bytes()), Err(Malformed), "{padding}");
        }
    }
}
