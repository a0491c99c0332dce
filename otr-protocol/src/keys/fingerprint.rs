//! Fingerprints as bytes and as people read them (KEY-02).

use core::fmt;
use core::str::FromStr;

/// The fingerprint of a long-term key: 20 public bytes. It prints as people compare it:
///
/// ```
/// use otr_protocol::Fingerprint;
/// let fingerprint = Fingerprint::from_bytes([0xab; 20]);
/// assert_eq!(fingerprint.to_string(), "ABABABAB ABABABAB ABABABAB ABABABAB ABABABAB");
/// assert_eq!("abababab ABABABAB abababababababab ABABABAB".parse(), Ok(fingerprint));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint([u8; 20]);

impl Fingerprint {
    /// The fingerprint with these bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 20]) -> Self {
        Self(bytes)
    }

    /// The 20 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 20] {
        &self.0
    }

    /// 40 lower-case hexadecimal digits.
    #[must_use]
    pub fn to_hex(&self) -> String {
        base16ct::lower::encode_string(&self.0)
    }
}

/// Five groups of eight upper-case hexadecimal digits.
impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, byte) in self.0.iter().enumerate() {
            let gap = if index > 0 && index % 4 == 0 { " " } else { "" };
            write!(f, "{gap}{byte:02X}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({self})")
    }
}

/// As people type it: spaces and case do not matter.
impl FromStr for Fingerprint {
    type Err = ParseFingerprintError;

    fn from_str(text: &str) -> Result<Self, ParseFingerprintError> {
        let digits: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        let bytes = base16ct::mixed::decode_vec(digits).map_err(|_| ParseFingerprintError)?;
        bytes.try_into().map(Self).map_err(|_| ParseFingerprintError)
    }
}

/// The text is not a fingerprint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a fingerprint has 40 hexadecimal digits")]
pub struct ParseFingerprintError;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_02_people_may_type_spaces_and_either_case() {
        let fingerprint = Fingerprint::from_bytes(core::array::from_fn(|i| i as u8 * 13));
        assert_eq!(fingerprint.to_string().parse(), Ok(fingerprint));
        assert_eq!(fingerprint.to_hex().parse(), Ok(fingerprint));
        for bad in ["", "ab", &"g".repeat(40), &"a".repeat(41), &"a".repeat(42)] {
            assert_eq!(bad.parse::<Fingerprint>(), Err(ParseFingerprintError), "{bad}");
        }
    }
}
