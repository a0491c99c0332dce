//! Versions, instance tags and the header of a message (WIRE-20, INST-01).

use core::fmt;

use super::{Malformed, Reader, Writer};

/// A version of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Version {
    /// Version 2: one client per account.
    V2,
    /// Version 3: any number of clients, told apart by instance tags.
    V3,
}

impl Version {
    /// 2 or 3.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::V2 => 2,
            Self::V3 => 3,
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.number())
    }
}

/// A set of versions, as a query or a whitespace tag offers it.
///
/// ```
/// use otr_protocol::{Policy, Version, Versions};
/// let mut offered = Versions::NONE;
/// offered.insert(Version::V2);
/// offered.insert(Version::V3);
/// assert_eq!(offered.best(), Some(Version::V3));
/// assert!(offered.and(Policy::NEVER.versions()).is_empty());
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Versions(u8);

impl Versions {
    /// No version.
    pub const NONE: Self = Self(0);

    /// Adds a version.
    pub fn insert(&mut self, version: Version) {
        self.insert_number(version.number());
    }

    /// Adds version 1, 2 or 3; ignores any other number.
    pub fn insert_number(&mut self, number: u8) {
        self.0 |= Self::bit(number);
    }

    /// Whether a version is in the set.
    #[must_use]
    pub fn contains(self, version: Version) -> bool {
        self.0 & Self::bit(version.number()) != 0
    }

    /// The versions in both sets.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// The highest version in the set that this library speaks (TAG-03).
    #[must_use]
    pub fn best(self) -> Option<Version> {
        [Version::V3, Version::V2].into_iter().find(|version| self.contains(*version))
    }

    /// The numbers in the set, ascending; 1 may be among them.
    pub fn numbers(self) -> impl Iterator<Item = u8> {
        (1..=3).filter(move |number| self.0 & Self::bit(*number) != 0)
    }

    /// The bit of a version; none for a number that is no version's.
    const fn bit(number: u8) -> u8 {
        match number {
            1 => 0b0010,
            2 => 0b0100,
            3 => 0b1000,
            _ => 0,
        }
    }

    /// Whether the set is empty.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl fmt::Debug for Versions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.numbers()).finish()
    }
}

/// The tag of one client of an account (INST-01), in version 3.
///
/// ```
/// use otr_protocol::InstanceTag;
/// assert_eq!(InstanceTag::new(0xabcd).to_string(), "0x0000abcd");
/// assert!(!InstanceTag::BASE.is_valid()); // nobody's: the slot for plaintext and version 2
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InstanceTag(u32);

impl InstanceTag {
    /// 0: no particular client. Also names the slot for plaintext and version 2.
    pub const BASE: Self = Self(0);

    /// The smallest tag a client can have.
    pub const MIN: u32 = 0x100;

    /// A tag of any value; see [`is_valid`](Self::is_valid).
    #[must_use]
    pub const fn new(tag: u32) -> Self {
        Self(tag)
    }

    /// The tag as a number.
    #[must_use]
    pub const fn number(self) -> u32 {
        self.0
    }

    /// Whether a client can have this tag: 0x100 or more.
    #[must_use]
    pub const fn is_valid(self) -> bool {
        self.0 >= Self::MIN
    }
}

/// `0x` and eight lower-case hexadecimal digits.
impl fmt::Display for InstanceTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#010x}", self.0)
    }
}

impl fmt::Debug for InstanceTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Version, sender and receiver of a message (WIRE-20). The tags are [`InstanceTag::BASE`] in version 2, which
/// does not send them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// The version.
    pub version: Version,
    /// The sender's tag.
    pub sender: InstanceTag,
    /// The receiver's tag.
    pub receiver: InstanceTag,
}

impl Header {
    /// A header without tags.
    #[must_use]
    pub const fn to_nobody(version: Version) -> Self {
        Self { version, sender: InstanceTag::BASE, receiver: InstanceTag::BASE }
    }

    /// Reads the version, the message type, and in version 3 the tags.
    ///
    /// # Errors
    /// [`Malformed`] if the version is not 2 or 3 or the bytes end early.
    pub fn decode(reader: &mut Reader<'_>) -> Result<(Self, u8), Malformed> {
        let version = match reader.short()? {
            2 => Version::V2,
            3 => Version::V3,
            _ => return Err(Malformed),
        };
        let message_type = reader.byte()?;
        let mut header = Self::to_nobody(version);
        if version == Version::V3 {
            header.sender = InstanceTag(reader.int()?);
            header.receiver = InstanceTag(reader.int()?);
        }
        Ok((header, message_type))
    }

    /// Writes the version, the message type, and in version 3 the tags.
    pub fn encode(&self, message_type: u8, writer: &mut Writer) {
        writer.short(self.version.number().into()).byte(message_type);
        if self.version == Version::V3 {
            writer.int(self.sender.0).int(self.receiver.0);
        }
    }
}
