//! libotr's file of instance tags, `otr.instance_tags`: by which number each of our accounts is told apart from other
//! clients of the same account (FILE-20, INST-02).
//!
//! ```text
//! alice@example.org⇥prpl-jabber⇥5a73a599
//! ```
//!
//! A tag belongs to an account *on one machine*: the file is not to be copied to another.
//!
//! ```no_run
//! use otr_protocol::InstanceTag;
//! use otr_store::instance_tags;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let path = "otr.instance_tags";
//! let tags = instance_tags::load(path)?;
//! let tag = match tags.find("alice@example.org", "prpl-jabber") {
//!     Some(tag) => tag,
//!     None => {
//!         let tag = InstanceTag::new(0x5a73_a599); // drawn at random
//!         instance_tags::update(path, |tags| tags.set("alice@example.org", "prpl-jabber", tag))??;
//!         tag
//!     }
//! };
//! # Ok(())
//! # }
//! ```

use std::path::Path;

use otr_protocol::InstanceTag;

use crate::lines::{self, Lines, fits};
use crate::{Damage, Error, ParseError, Reason, Unwritable};

/// The content of a file of instance tags.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct InstanceTags {
    lines: Lines<Record>,
    damaged: Vec<Damage>,
}

/// One line of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Record {
    /// The name of our account.
    pub account: Vec<u8>,
    /// The name of the protocol.
    pub protocol: Vec<u8>,
    /// The tag.
    pub tag: InstanceTag,
}

impl InstanceTags {
    /// Reads the text of a file of instance tags. A line that cannot be read is reported in
    /// [`damaged`](Self::damaged), and stays in the file when it is written.
    ///
    /// # Errors
    /// The text is longer than [`MAX_FILE_SIZE`](crate::MAX_FILE_SIZE).
    pub fn parse(text: &[u8]) -> Result<Self, ParseError> {
        let (lines, damaged) = Lines::parse(text, read)?;
        Ok(Self { lines, damaged })
    }

    /// Writes the text of a file of instance tags, as libotr does; lines that could not be read are written as they were.
    #[must_use]
    pub fn print(&self) -> Vec<u8> {
        self.lines.print(|Record { account, protocol, tag }, text| {
            let digits = format!("{:08x}", tag.number());
            text.extend([account, protocol, digits.as_bytes()].join(&b'\t'));
        })
    }

    /// The lines that could not be read. Show them to the user.
    #[must_use]
    pub fn damaged(&self) -> &[Damage] {
        &self.damaged
    }

    /// All lines that could be read, in the order of the file. Of several about one account, the last counts.
    pub fn records(&self) -> impl DoubleEndedIterator<Item = &Record> {
        self.lines.iter()
    }

    /// The tag of an account.
    #[must_use]
    pub fn find(&self, account: impl AsRef<[u8]>, protocol: impl AsRef<[u8]>) -> Option<InstanceTag> {
        let (account, protocol) = (account.as_ref(), protocol.as_ref());
        self.lines.iter().rfind(|record| record.is_of(account, protocol)).map(|record| record.tag)
    }

    /// Gives an account a tag.
    ///
    /// # Errors
    /// A name contains what separates names (a tab, a line end or a zero byte) or begins like a remark; or the tag is
    /// none that a client can have (INST-01). Nothing has changed then.
    pub fn set(
        &mut self,
        account: impl AsRef<[u8]>,
        protocol: impl AsRef<[u8]>,
        tag: InstanceTag,
    ) -> Result<(), Unwritable> {
        /// What libotr writes on top, word for word.
        const REMARK: &[u8] = b"# WARNING! You shouldn't copy this file to another computer. It is unnecessary and can cause problems.";
        let (account, protocol) = (account.as_ref(), protocol.as_ref());
        // A name that begins like a remark would be lost.
        if !fits(account) || !fits(protocol) || account.starts_with(b"#") {
            return Err(Unwritable::Name);
        }
        if !tag.is_valid() {
            return Err(Unwritable::Tag);
        }
        if self.lines.is_empty() {
            self.lines.push_remark(REMARK);
        }
        self.lines.retain(|record| !record.is_of(account, protocol));
        self.lines.push(Record { account: account.to_vec(), protocol: protocol.to_vec(), tag });
        Ok(())
    }
}

impl Record {
    fn is_of(&self, account: &[u8], protocol: &[u8]) -> bool {
        self.account == account && self.protocol == protocol
    }
}

/// Reads a file of instance tags; one that does not exist is empty.
///
/// # Errors
/// The file cannot be read, or is too large.
pub fn load(path: impl AsRef<Path>) -> Result<InstanceTags, Error> {
    lines::load(path.as_ref(), InstanceTags::parse)
}

/// Changes a file of instance tags, or makes one with mode 0600. Nobody who uses this function too can change it in the
/// meantime.
///
/// # Errors
/// The file cannot be read or written. It is then as it was.
pub fn update<T>(path: impl AsRef<Path>, change: impl FnOnce(&mut InstanceTags) -> T) -> Result<T, Error> {
    lines::update(path.as_ref(), InstanceTags::parse, InstanceTags::print, change)
}

fn read(line: &[u8]) -> Result<Record, Reason> {
    let mut fields = line.split(|byte| *byte == b'\t');
    let (Some(account), Some(protocol), Some(digits), None) =
        (fields.next(), fields.next(), fields.next(), fields.next())
    else {
        return Err(Reason::InstanceTagFields);
    };
    if !fits(account) || !fits(protocol) || account.starts_with(b"#") {
        return Err(Reason::InstanceTagFields);
    }
    // `0x` and six digits, a sign, a blank: libotr takes them, nobody writes them (FILE-20).
    let is_number = digits.len() == 8 && digits.iter().all(u8::is_ascii_hexdigit);
    let number = std::str::from_utf8(digits).ok().filter(|_| is_number);
    let number = number.and_then(|digits| u32::from_str_radix(digits, 16).ok());
    let tag = number.map(InstanceTag::new).filter(|tag| tag.is_valid()).ok_or(Reason::InstanceTagDigits)?;
    Ok(Record { account: account.to_vec(), protocol: protocol.to_vec(), tag })
}
