//! Random bytes, and what they are for.

use core::fmt;

use crate::Result;

/// Random bytes from a cryptographically secure source.
pub trait Rng {
    /// Fills `buf` with uniformly random bytes.
    ///
    /// `purpose` says what they become. A real backend ignores it; a backend that replays a recorded
    /// conversation finds the right bytes by it.
    ///
    /// # Errors
    /// [`Error::Rng`](crate::Error::Rng) if the source fails. There is no fallback: `buf` must not be used then.
    fn fill(&self, purpose: Purpose, buf: &mut [u8]) -> Result<()>;
}

/// What random bytes are drawn for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Purpose {
    /// A Diffie-Hellman private: 40 bytes, used as they are (AKE-01).
    DhPrivate,
    /// The key `r` of a D-H Commit: 16 bytes (AKE-01).
    R,
    /// An instance tag: 4 bytes, drawn again if below 0x100 (INST-02).
    InstanceTag,
    /// Anything inside a DSA key generation (KEY-08).
    DsaKey,
    /// The nonce of a DSA signature (KEY-07).
    DsaNonce,
    /// What is saved: the salt it is encrypted with, and how far counters go ahead when it is restored. No recording
    /// lists such bytes.
    Saved,
    /// An exponent of the Socialist Millionaires' Protocol: 192 bytes (SMP-03).
    Smp(SmpExponent),
}

/// The exponents of the Socialist Millionaires' Protocol, by the specification's names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the specification's own names")]
pub enum SmpExponent {
    A2,
    A3,
    B2,
    B3,
    R2,
    R3,
    R4,
    R5,
    R6,
    R7,
}

impl Purpose {
    /// The label under which recorded conversations list such bytes: `dh_private`, `r`, `smp_a2` …
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::DhPrivate => "dh_private",
            Self::R => "r",
            Self::InstanceTag => "instance_tag",
            Self::DsaKey => "dsa_key",
            Self::DsaNonce => "dsa_nonce",
            Self::Saved => "saved",
            Self::Smp(exponent) => match exponent {
                SmpExponent::A2 => "smp_a2",
                SmpExponent::A3 => "smp_a3",
                SmpExponent::B2 => "smp_b2",
                SmpExponent::B3 => "smp_b3",
                SmpExponent::R2 => "smp_r2",
                SmpExponent::R3 => "smp_r3",
                SmpExponent::R4 => "smp_r4",
                SmpExponent::R5 => "smp_r5",
                SmpExponent::R6 => "smp_r6",
                SmpExponent::R7 => "smp_r7",
            },
        }
    }
}

impl fmt::Display for Purpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.label())
    }
}
