//! What stands inside a Data message: text, a NUL, and TLV records (MSG-30 … MSG-34).

use memchr::memchr;
use zeroize::Zeroizing;

use super::{Malformed, Reader, Writer};

/// A decrypted Data message.
///
/// ```
/// use otr_protocol::wire::{Plaintext, Tlv};
/// let message = Plaintext { text: b"bye", tlvs: vec![Tlv { kind: Tlv::DISCONNECTED, value: b"" }] };
/// let bytes = message.encode();
/// assert_eq!(*bytes, b"bye\0\x00\x01\x00\x00");
/// let read = Plaintext::decode(&bytes);
/// assert_eq!((read.text, read.tlvs.len()), (b"bye".as_slice(), 1));
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Plaintext<'a> {
    /// The human-readable text: everything before the first NUL.
    pub text: &'a [u8],
    /// The records after it, up to the first incomplete one.
    pub tlvs: Vec<Tlv<'a>>,
}

/// One record.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Tlv<'a> {
    /// What it is: one of the constants, or unknown and to be ignored.
    pub kind: u16,
    /// Its value.
    pub value: &'a [u8],
}

impl Tlv<'_> {
    /// Type 0: bytes of no meaning, to hide a message's length.
    pub const PADDING: u16 = 0;
    /// Type 1: the sender has ended the session.
    pub const DISCONNECTED: u16 = 1;
    /// Type 2: the first message of the Socialist Millionaires' Protocol, without a question.
    pub const SMP_1: u16 = 2;
    /// Type 3: its second message.
    pub const SMP_2: u16 = 3;
    /// Type 4: its third message.
    pub const SMP_3: u16 = 4;
    /// Type 5: its fourth message.
    pub const SMP_4: u16 = 5;
    /// Type 6: the protocol is aborted.
    pub const SMP_ABORT: u16 = 6;
    /// Type 7: a question, a NUL, and its first message.
    pub const SMP_1Q: u16 = 7;
    /// Type 8: the extra symmetric key is to be used.
    pub const EXTRA_KEY: u16 = 8;
}

impl<'a> Plaintext<'a> {
    /// Splits decrypted bytes. Anything parses: what is incomplete at the end is left out (MSG-30).
    #[must_use]
    pub fn decode(bytes: &'a [u8]) -> Self {
        let (text, records) = bytes.split_at(text_length(bytes));
        Self { text, tlvs: Tlv::all(records.get(1..).unwrap_or_default()).collect() }
    }

    /// The bytes to be encrypted. The NUL is always there: it hides whether records follow (MSG-34).
    #[must_use]
    pub fn encode(&self) -> Zeroizing<Vec<u8>> {
        let mut writer = Writer::with_capacity(self.encoded_length());
        self.write(&mut writer);
        Zeroizing::new(writer.into_vec())
    }

    /// Writes the bytes to be encrypted.
    pub(crate) fn write(&self, writer: &mut Writer) {
        writer.bytes(self.text).byte(0);
        for tlv in &self.tlvs {
            // Values are ours, and checked where they are made: all shorter than 64 KiB.
            writer.short(tlv.kind).short(u16::try_from(tlv.value.len()).unwrap_or(u16::MAX)).bytes(tlv.value);
        }
    }

    /// Appends a record of type 0 that makes the length a multiple of `zeros`' (MSG-35). Nothing for none.
    pub(crate) fn padded(mut self, zeros: &'a [u8]) -> Self {
        let length = self.encoded_length().saturating_add(4);
        let padded = length.checked_next_multiple_of(zeros.len());
        let missing = padded.and_then(|padded| padded.checked_sub(length));
        if let Some(value) = missing.and_then(|missing| zeros.get(..missing)) {
            self.tlvs.push(Tlv { kind: Tlv::PADDING, value });
        }
        self
    }

    /// The length of what [`encode`](Self::encode) gives.
    #[must_use]
    pub fn encoded_length(&self) -> usize {
        let records = self.tlvs.iter().map(|tlv| tlv.value.len().saturating_add(4));
        records.fold(self.text.len().saturating_add(1), usize::saturating_add)
    }
}

/// How many bytes of a decrypted message are its text: those before the first NUL (MSG-30).
pub(crate) fn text_length(bytes: &[u8]) -> usize {
    memchr(0, bytes).unwrap_or(bytes.len())
}

impl<'a> Tlv<'a> {
    /// The records that follow the NUL, up to the first incomplete one.
    pub(crate) fn all(records: &'a [u8]) -> impl Iterator<Item = Self> {
        let mut reader = Reader::new(records);
        core::iter::from_fn(move || Self::decode(&mut reader).ok())
    }

    fn decode(reader: &mut Reader<'a>) -> Result<Self, Malformed> {
        let kind = reader.short()?;
        let length = reader.short()?;
        Ok(Self { kind, value: reader.bytes(length.into())? })
    }
}

impl core::fmt::Debug for Plaintext<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Plaintext {{ {} bytes, tlvs: {:?} }}", self.text.len(), self.tlvs)
    }
}

impl core::fmt::Debug for Tlv<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Tlv {{ kind: {}, {} bytes }}", self.kind, self.value.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// S-16.
    #[test]
    fn msg_30_parsing_stops_at_the_first_incomplete_record() {
        let parsed = Plaintext::decode(b"hi\0\0\x01\0\0\0\x07\0\x02ab\0\x08\0\x05abcd");
        assert_eq!(parsed.text, b"hi");
        let expected = [Tlv { kind: 1, value: b"" }, Tlv { kind: 7, value: b"ab" }];
        assert_eq!(parsed.tlvs, expected);
        assert_eq!(Plaintext::decode(b"no nul"), Plaintext { text: b"no nul", tlvs: vec![] });
        assert_eq!(Plaintext::decode(b""), Plaintext { text: b"", tlvs: vec![] });
    }

    #[test]
    fn msg_34_the_nul_is_always_there() {
        assert_eq!(*Plaintext { text: b"", tlvs: vec![] }.encode(), [0]);
        let ended = Plaintext { text: b"bye", tlvs: vec![Tlv { kind: Tlv::DISCONNECTED, value: b"" }] };
        assert_eq!(*ended.encode(), *b"bye\0\0\x01\0\0");
    }
}
