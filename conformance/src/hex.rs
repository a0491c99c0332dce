//! Binary values in JSON: lower-case hexadecimal.

use data_encoding::HEXLOWER;
use serde::Deserialize;

/// A string of bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Bytes(pub(crate) Vec<u8>);

/// A number: big-endian, without leading zero bytes; in JSON it may have an odd number of digits.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Number(Vec<u8>);

impl TryFrom<String> for Bytes {
    type Error = data_encoding::DecodeError;

    fn try_from(digits: String) -> Result<Self, Self::Error> {
        HEXLOWER.decode(digits.as_bytes()).map(Self)
    }
}

impl TryFrom<String> for Number {
    type Error = data_encoding::DecodeError;

    fn try_from(mut digits: String) -> Result<Self, Self::Error> {
        if digits.len() % 2 == 1 {
            digits.insert(0, '0');
        }
        Ok(Self::from_bytes(&HEXLOWER.decode(digits.as_bytes())?))
    }
}

impl Number {
    /// The number that big-endian bytes stand for.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Self {
        let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
        Self(bytes.get(zeros..).unwrap_or_default().to_vec())
    }

    /// The bytes, without leading zeros.
    pub(crate) fn magnitude(&self) -> &[u8] {
        &self.0
    }

    /// The bytes, padded on the left; none if there are more than `N`.
    pub(crate) fn padded<const N: usize>(&self) -> Option<[u8; N]> {
        let mut padded = [0; N];
        let start = N.checked_sub(self.0.len())?;
        padded.get_mut(start..)?.copy_from_slice(&self.0);
        Some(padded)
    }
}

/// Bytes for a report: at most the first 32 of them.
pub(crate) fn show(bytes: &[u8]) -> String {
    show_from(0, bytes)
}

/// Two different strings of bytes for a report: of long ones, what stands where they begin to differ.
pub(crate) fn show_both(expected: &[u8], got: &[u8]) -> (String, String) {
    let same = expected.iter().zip(got).take_while(|(a, b)| a == b).count();
    let start = if expected.len().max(got.len()) > SHOWN { same } else { 0 };
    (show_from(start, expected), show_from(start, got))
}

const SHOWN: usize = 32;

fn show_from(start: usize, bytes: &[u8]) -> String {
    let rest = bytes.get(start..).unwrap_or_default();
    let hex = HEXLOWER.encode(rest.get(..SHOWN).unwrap_or(rest));
    match (start, rest.len() > SHOWN) {
        (0, false) => hex,
        (0, true) => format!("{hex}… ({} bytes)", bytes.len()),
        (_, false) => format!("…{hex} from byte {start} ({} bytes)", bytes.len()),
        (_, true) => format!("…{hex}… from byte {start} ({} bytes)", bytes.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_values_are_shown_where_they_differ() {
        let (a, mut b) = ([7; 40], [7; 40]);
        b[38] = 8;
        assert_eq!(
            show_both(&a, &b),
            ("…0707 from byte 38 (40 bytes)".into(), "…0807 from byte 38 (40 bytes)".into())
        );
        assert_eq!(show_both(&[1, 2], &[1]), ("0102".into(), "01".into()));
    }

    #[test]
    fn a_number_may_have_an_odd_number_of_digits_and_leading_zeros() {
        let number = |digits: &str| Number::try_from(digits.to_owned()).unwrap();
        assert_eq!(number("00abc"), Number::from_bytes(&[0x0a, 0xbc]));
        assert_eq!(number("abc").padded::<3>(), Some([0, 0x0a, 0xbc]));
        assert_eq!(number("abc").padded::<1>(), None);
        assert!(Number::try_from("xy".to_owned()).is_err());
        assert!(Bytes::try_from("abc".to_owned()).is_err());
    }
}
