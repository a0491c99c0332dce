//! What a conversation may and must do.

use core::fmt;
use core::ops::{BitOr, BitOrAssign};

use crate::wire::{Version, Versions};

/// The flags of a conversation, with libotr's bit values (POL-01).
///
/// ```
/// use otr_protocol::Policy;
/// let policy = Policy::V3_ONLY | Policy::REQUIRE_ENCRYPTION;
/// assert!(policy.contains(Policy::ALLOW_V3) && !policy.contains(Policy::ALLOW_V2));
/// assert_eq!(policy.bits(), 0x0c);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Policy(u8);

impl Policy {
    /// Version 2 may be used.
    pub const ALLOW_V2: Self = Self(0x02);
    /// Version 3 may be used.
    pub const ALLOW_V3: Self = Self(0x04);
    /// Text is never sent in clear.
    pub const REQUIRE_ENCRYPTION: Self = Self(0x08);
    /// Text sent in clear carries an invisible offer of OTR, until the peer shows that it has none.
    pub const SEND_WHITESPACE_TAG: Self = Self(0x10);
    /// Such an offer from the peer starts a key exchange.
    pub const WHITESPACE_START_AKE: Self = Self(0x20);
    /// An Error message from the peer is answered with a query. Anyone on the way can forge one.
    pub const ERROR_START_AKE: Self = Self(0x40);

    /// No OTR: every text passes unchanged in both directions (POL-03).
    pub const NEVER: Self = Self(0);
    /// OTR when somebody asks for it: the default (POL-06).
    pub const MANUAL: Self = Self(0x06);
    /// OTR whenever the peer has it.
    pub const OPPORTUNISTIC: Self = Self(0x76);
    /// OTR or nothing.
    pub const ALWAYS: Self = Self(0x6e);
    /// As [`MANUAL`](Self::MANUAL), but an attacker cannot talk the two down to version 2 (POL-04).
    pub const V3_ONLY: Self = Self(0x04);

    /// The flags in libotr's bits. Version 1 (0x01) is dropped: this library never speaks it.
    #[must_use]
    pub const fn from_bits(bits: u8) -> Self {
        Self(bits & 0x7e)
    }

    /// The flags in libotr's bits.
    #[must_use]
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// Whether all of `flags` are set.
    #[must_use]
    pub const fn contains(self, flags: Self) -> bool {
        self.0 & flags.0 == flags.0
    }

    /// The same without `flags`.
    #[must_use]
    pub const fn without(self, flags: Self) -> Self {
        Self(self.0 & !flags.0)
    }

    /// The versions that may be used; none makes a conversation transparent (POL-03).
    #[must_use]
    pub fn versions(self) -> Versions {
        let mut versions = Versions::NONE;
        for (flag, version) in [(Self::ALLOW_V2, Version::V2), (Self::ALLOW_V3, Version::V3)] {
            if self.contains(flag) {
                versions.insert(version);
            }
        }
        versions
    }
}

/// [`MANUAL`](Policy::MANUAL): both versions, every other flag off (POL-06).
impl Default for Policy {
    fn default() -> Self {
        Self::MANUAL
    }
}

impl BitOr for Policy {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitOrAssign for Policy {
    fn bitor_assign(&mut self, other: Self) {
        self.0 |= other.0;
    }
}

impl fmt::Debug for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = [
            (Self::ALLOW_V2, "ALLOW_V2"),
            (Self::ALLOW_V3, "ALLOW_V3"),
            (Self::REQUIRE_ENCRYPTION, "REQUIRE_ENCRYPTION"),
            (Self::SEND_WHITESPACE_TAG, "SEND_WHITESPACE_TAG"),
            (Self::WHITESPACE_START_AKE, "WHITESPACE_START_AKE"),
            (Self::ERROR_START_AKE, "ERROR_START_AKE"),
        ];
        let set: Vec<_> =
            names.iter().filter(|(flag, _)| self.contains(*flag)).map(|(_, name)| *name).collect();
        write!(f, "Policy({})", if set.is_empty() { "NEVER".to_owned() } else { set.join(" | ") })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pol_01_the_flags_have_libotrs_bits() {
        let flags = [
            Policy::ALLOW_V2,
            Policy::ALLOW_V3,
            Policy::REQUIRE_ENCRYPTION,
            Policy::SEND_WHITESPACE_TAG,
            Policy::WHITESPACE_START_AKE,
            Policy::ERROR_START_AKE,
        ];
        assert_eq!(flags.map(|flag| flag.bits()), [0x02, 0x04, 0x08, 0x10, 0x20, 0x40]);
        // Version 1 is never allowed.
        assert_eq!(Policy::from_bits(0x01), Policy::NEVER);
    }

    /// POL-02.
    #[test]
    fn pol_02_presets_have_libotrs_bits() {
        assert_eq!(Policy::MANUAL, Policy::ALLOW_V2 | Policy::ALLOW_V3);
        let starts = Policy::WHITESPACE_START_AKE | Policy::ERROR_START_AKE;
        assert_eq!(Policy::OPPORTUNISTIC, Policy::MANUAL | Policy::SEND_WHITESPACE_TAG | starts);
        assert_eq!(Policy::ALWAYS, Policy::MANUAL | Policy::REQUIRE_ENCRYPTION | starts);
        assert_eq!(Policy::from_bits(0xff).bits(), 0x7e);
        assert_eq!(Policy::NEVER.versions(), Versions::NONE);
    }

    #[test]
    fn pol_06_the_default_allows_both_versions_and_nothing_else() {
        assert_eq!(Policy::default(), Policy::MANUAL);
        assert_eq!(format!("{:?}", Policy::default()), "Policy(ALLOW_V2 | ALLOW_V3)");
        assert_eq!(format!("{:?}", Policy::NEVER), "Policy(NEVER)");
    }
}
