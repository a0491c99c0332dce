//! The data types of the specification: BYTE, SHORT, INT, DATA, MPI (WIRE-01 … WIRE-06).

use otr_traits::{Element, Exponent};
use zeroize::Zeroizing;

/// The bytes do not parse. No more is said (ERR-05).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("malformed message")]
pub struct Malformed;

/// Reads a message from its start to its end, checking every length against what is left (WIRE-02).
#[derive(Clone)]
pub struct Reader<'a> {
    all: &'a [u8],
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// A reader at the start of `bytes`.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { all: bytes, rest: bytes }
    }

    /// The next `length` bytes.
    ///
    /// # Errors
    /// [`Malformed`] if fewer are left.
    pub fn bytes(&mut self, length: usize) -> Result<&'a [u8], Malformed> {
        let (bytes, rest) = self.rest.split_at_checked(length).ok_or(Malformed)?;
        self.rest = rest;
        Ok(bytes)
    }

    /// The next `N` bytes.
    ///
    /// # Errors
    /// [`Malformed`] if fewer are left.
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        self.bytes(N)?.try_into().map_err(|_| Malformed)
    }

    /// A BYTE.
    ///
    /// # Errors
    /// [`Malformed`] at the end.
    pub fn byte(&mut self) -> Result<u8, Malformed> {
        self.array().map(u8::from_be_bytes)
    }

    /// A SHORT: two bytes, big-endian.
    ///
    /// # Errors
    /// [`Malformed`] if fewer are left.
    pub fn short(&mut self) -> Result<u16, Malformed> {
        self.array().map(u16::from_be_bytes)
    }

    /// An INT: four bytes, big-endian.
    ///
    /// # Errors
    /// [`Malformed`] if fewer are left.
    pub fn int(&mut self) -> Result<u32, Malformed> {
        self.array().map(u32::from_be_bytes)
    }

    /// DATA: an INT, then as many bytes (WIRE-05).
    ///
    /// # Errors
    /// [`Malformed`] if fewer are left.
    pub fn data(&mut self) -> Result<&'a [u8], Malformed> {
        let length = self.int()?;
        self.bytes(usize::try_from(length).map_err(|_| Malformed)?)
    }

    /// The magnitude of an MPI: big-endian, at most `max` bytes, without leading zero byte (WIRE-04).
    ///
    /// # Errors
    /// [`Malformed`] if it is longer, starts with a zero byte, or is cut short.
    pub fn mpi(&mut self, max: usize) -> Result<&'a [u8], Malformed> {
        let magnitude = self.data()?;
        if magnitude.len() > max || magnitude.first() == Some(&0) { Err(Malformed) } else { Ok(magnitude) }
    }

    /// An MPI as `N` bytes, padded on the left.
    ///
    /// # Errors
    /// [`Malformed`] as [`mpi`](Self::mpi).
    pub fn padded_mpi<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        let magnitude = self.mpi(N)?;
        let mut padded = [0; N];
        let start = N.checked_sub(magnitude.len()).ok_or(Malformed)?;
        padded.get_mut(start..).ok_or(Malformed)?.copy_from_slice(magnitude);
        Ok(padded)
    }

    /// An MPI of at most 192 bytes as a candidate for a group element; its range is not checked here.
    ///
    /// # Errors
    /// [`Malformed`] as [`mpi`](Self::mpi).
    pub fn element(&mut self) -> Result<Element, Malformed> {
        Element::from_be_bytes(self.mpi(192)?).ok_or(Malformed)
    }

    /// An MPI of at most 192 bytes as an exponent; its range is not checked here.
    ///
    /// # Errors
    /// [`Malformed`] as [`mpi`](Self::mpi).
    pub fn exponent(&mut self) -> Result<Exponent, Malformed> {
        Exponent::from_be_bytes(self.mpi(Exponent::MAX_BYTES)?).ok_or(Malformed)
    }

    /// All bytes read so far, from the start.
    #[must_use]
    pub fn consumed(&self) -> &'a [u8] {
        let length = self.all.len().saturating_sub(self.rest.len());
        self.all.get(..length).unwrap_or_default()
    }

    /// Everything that is left.
    pub fn rest(&mut self) -> &'a [u8] {
        core::mem::take(&mut self.rest)
    }

    /// Checks that nothing is left (WIRE-06).
    ///
    /// # Errors
    /// [`Malformed`] if something is.
    pub fn finish(self) -> Result<(), Malformed> {
        if self.rest.is_empty() { Ok(()) } else { Err(Malformed) }
    }
}

/// Without the bytes: they may have been decrypted (S-48).
impl core::fmt::Debug for Reader<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Reader({} of {} bytes left)", self.rest.len(), self.all.len())
    }
}

/// Writes a message. The buffer is wiped when dropped, because it may hold an MPI of a shared secret.
#[derive(Clone, Default)]
pub struct Writer(Zeroizing<Vec<u8>>);

impl Writer {
    /// An empty buffer that can take `capacity` bytes without moving, which would leave a copy behind.
    #[must_use]
    pub fn with_capacity(capacity: usize) -> Self {
        Self(Zeroizing::new(Vec::with_capacity(capacity)))
    }

    /// Bytes as they are.
    pub fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.extend_from_slice(bytes);
        self
    }

    /// A BYTE.
    pub fn byte(&mut self, byte: u8) -> &mut Self {
        self.bytes(&[byte])
    }

    /// A SHORT.
    pub fn short(&mut self, short: u16) -> &mut Self {
        self.bytes(&short.to_be_bytes())
    }

    /// An INT.
    pub fn int(&mut self, int: u32) -> &mut Self {
        self.bytes(&int.to_be_bytes())
    }

    /// DATA: the length as an INT, then the bytes.
    pub fn data(&mut self, data: &[u8]) -> &mut Self {
        self.length(data.len()).bytes(data)
    }

    /// The length of DATA whose bytes follow. None of ours comes near 4 GiB.
    pub(crate) fn length(&mut self, length: usize) -> &mut Self {
        self.int(u32::try_from(length).unwrap_or(u32::MAX))
    }

    /// An MPI of a number of any width, big-endian: its leading zero bytes are left out (WIRE-03).
    pub fn mpi(&mut self, number: &[u8]) -> &mut Self {
        let zeros = number.iter().take_while(|byte| **byte == 0).count();
        self.data(number.get(zeros..).unwrap_or_default())
    }

    /// An MPI of a group element.
    pub fn element(&mut self, element: &Element) -> &mut Self {
        self.mpi(element.as_be_bytes())
    }

    /// What has been written.
    #[must_use]
    pub fn as_slice(&self) -> &[u8] {
        &self.0
    }

    /// The last `length` bytes written, to be encrypted where they are.
    pub(crate) fn last_mut(&mut self, length: usize) -> &mut [u8] {
        let start = self.0.len().saturating_sub(length);
        self.0.get_mut(start..).unwrap_or_default()
    }

    /// What has been written, no longer wiped when dropped.
    #[must_use]
    pub fn into_vec(mut self) -> Vec<u8> {
        core::mem::take(&mut *self.0)
    }
}

impl core::fmt::Debug for Writer {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Writer({} bytes)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wire_01_integers_are_big_endian() {
        let mut writer = Writer::default();
        writer.byte(0x01).short(0x0203).int(0x0405_0607);
        assert_eq!(writer.as_slice(), [1, 2, 3, 4, 5, 6, 7]);
        let mut reader = Reader::new(writer.as_slice());
        assert_eq!((reader.byte(), reader.short(), reader.int()), (Ok(1), Ok(0x0203), Ok(0x0405_0607)));
        assert_eq!(reader.finish(), Ok(()));
    }

    #[test]
    fn wire_02_a_length_beyond_the_end_is_malformed() {
        for length in [1, 2, i32::MAX as u32, 1 << 31, u32::MAX] {
            let bytes = length.to_be_bytes();
            assert_eq!(Reader::new(&bytes).data(), Err(Malformed));
            assert_eq!(Reader::new(&bytes).mpi(192), Err(Malformed));
        }
        assert_eq!(Reader::new(&[0, 0, 0]).int(), Err(Malformed));
    }

    /// S-25.
    #[test]
    fn wire_03_an_mpi_has_no_leading_zero_and_zero_is_empty() {
        let encoded = |number: &[u8]| {
            let mut writer = Writer::default();
            writer.mpi(number);
            writer.into_vec()
        };
        assert_eq!(encoded(&[0, 0, 1, 0]), [0, 0, 0, 2, 1, 0]);
        assert_eq!(encoded(&[0, 0]), [0, 0, 0, 0]);
        assert_eq!(encoded(&[]), [0, 0, 0, 0]);
    }

    #[test]
    fn wire_04_an_mpi_with_a_leading_zero_or_too_long_is_malformed() {
        assert_eq!(Reader::new(&[0, 0, 0, 2, 0, 1]).mpi(192), Err(Malformed));
        assert_eq!(Reader::new(&[0, 0, 0, 1, 0]).mpi(192), Err(Malformed));
        assert_eq!(Reader::new(&[0, 0, 0, 0]).mpi(192), Ok(&[][..]));
        let mut long = Writer::default();
        long.data(&[1; 193]);
        assert!(Reader::new(long.as_slice()).element().is_err());
        assert_eq!(Reader::new(&[0, 0, 0, 1, 7]).padded_mpi(), Ok([0, 0, 7]));
    }

    #[test]
    fn wire_05_data_may_be_empty() {
        assert_eq!(Reader::new(&[0, 0, 0, 0]).data(), Ok(&[][..]));
    }

    #[test]
    fn wire_06_nothing_may_be_left() {
        assert_eq!(Reader::new(&[0]).finish(), Err(Malformed));
    }
}
