//! libotr's file of fingerprints, `otr.fingerprints`: whose keys have been seen, and which of them are trusted
//! (FILE-10 to FILE-13).
//!
//! ```text
//! bob@example.org⇥alice@example.org⇥prpl-jabber⇥0123456789abcdef0123456789abcdef01234567⇥verified
//! ```
//!
//! Trust is a free text, empty while a fingerprint is not verified. libotr writes `smp` after a comparison of secrets,
//! Pidgin and others write `verified` when the user says so; whatever else stands there is kept as it is.
//!
//! ```
//! use otr_protocol::Fingerprint;
//! use otr_store::fingerprints::{Correspondent, Fingerprints};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let bob = Correspondent::new("bob@example.org", "alice@example.org", "prpl-jabber")?;
//! let mut fingerprints = Fingerprints::parse(b"")?;
//! fingerprints.set(&bob, Fingerprint::from_bytes([0xab; 20]), "verified")?;
//! assert_eq!(fingerprints.known(&bob).get(&Fingerprint::from_bytes([0xab; 20])), Some("verified"));
//! # Ok(())
//! # }
//! ```

use std::fmt;
use std::path::Path;

use otr_protocol::{Fingerprint, KnownFingerprints};

use crate::lines::{self, Lines, fits};
use crate::{Damage, Error, ParseError, Reason, Unwritable};

/// One correspondent of one account: whose keys are meant. All three names are compared as bytes (FILE-13).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Correspondent {
    user: Vec<u8>,
    account: Vec<u8>,
    protocol: Vec<u8>,
}

impl Correspondent {
    /// The correspondent `user` of our account `account`, as in `alice@example.org`, of `protocol`, as in
    /// `prpl-jabber`.
    ///
    /// # Errors
    /// A name contains what separates names: a tab, a line end or a zero byte.
    pub fn new(
        user: impl Into<Vec<u8>>,
        account: impl Into<Vec<u8>>,
        protocol: impl Into<Vec<u8>>,
    ) -> Result<Self, Unwritable> {
        let (user, account, protocol) = (user.into(), account.into(), protocol.into());
        if [&user, &account, &protocol].into_iter().all(|name| fits(name)) {
            Ok(Self { user, account, protocol })
        } else {
            Err(Unwritable::Name)
        }
    }

    /// The correspondent's name.
    #[must_use]
    pub fn user(&self) -> &[u8] {
        &self.user
    }

    /// The name of our account.
    #[must_use]
    pub fn account(&self) -> &[u8] {
        &self.account
    }

    /// The name of the protocol.
    #[must_use]
    pub fn protocol(&self) -> &[u8] {
        &self.protocol
    }
}

impl fmt::Debug for Correspondent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [user, account, protocol] =
            [&self.user, &self.account, &self.protocol].map(|name| name.escape_ascii());
        write!(f, "Correspondent(\"{user}\" of \"{account}\", \"{protocol}\")")
    }
}

/// One line of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Record {
    /// Whose fingerprint.
    pub whose: Correspondent,
    /// The fingerprint.
    pub fingerprint: Fingerprint,
    /// How far it is trusted; empty while it is not.
    pub trust: Vec<u8>,
}

/// The content of a fingerprint file.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct Fingerprints {
    lines: Lines<Record>,
    damaged: Vec<Damage>,
}

impl Fingerprints {
    /// Reads the text of a fingerprint file. A line that cannot be read is reported in [`damaged`](Self::damaged), and
    /// stays in the file when it is written. libotr takes digits that are none for zeros; here such a line is damaged
    /// (FILE-11).
    ///
    /// # Errors
    /// The text is longer than [`MAX_FILE_SIZE`](crate::MAX_FILE_SIZE).
    pub fn parse(text: &[u8]) -> Result<Self, ParseError> {
        let (lines, damaged) = Lines::parse(text, read)?;
        Ok(Self { lines, damaged })
    }

    /// Writes the text of a fingerprint file, line by line as libotr does (FILE-10); lines that could not be read are
    /// written as they were.
    #[must_use]
    pub fn print(&self) -> Vec<u8> {
        self.lines.print(|Record { whose, fingerprint, trust }, text| {
            let digits = fingerprint.to_hex();
            let fields = [&whose.user, &whose.account, &whose.protocol, digits.as_bytes(), trust];
            text.extend(fields.join(&b'\t'));
        })
    }

    /// The lines that could not be read. Show them to the user.
    #[must_use]
    pub fn damaged(&self) -> &[Damage] {
        &self.damaged
    }

    /// All lines that could be read, in the order of the file. Of several about one fingerprint, the last counts.
    pub fn records(&self) -> impl DoubleEndedIterator<Item = &Record> {
        self.lines.iter()
    }

    /// The fingerprints of one correspondent, for [`Session`](otr_protocol::Session). A trust that is not UTF-8 is
    /// changed to be; in the file it stays as it is.
    #[must_use]
    pub fn known(&self, whose: &Correspondent) -> KnownFingerprints {
        let mut known = KnownFingerprints::default();
        for record in self.lines.iter().filter(|record| record.whose == *whose) {
            known.set(record.fingerprint, &String::from_utf8_lossy(&record.trust));
        }
        known
    }

    /// Adds a fingerprint or changes its trust; `""` means not verified.
    ///
    /// # Errors
    /// The trust contains what separates fields: a tab, a line end or a zero byte (FILE-12). Nothing has changed then.
    pub fn set(
        &mut self,
        whose: &Correspondent,
        fingerprint: Fingerprint,
        trust: impl AsRef<[u8]>,
    ) -> Result<(), Unwritable> {
        let trust = trust.as_ref();
        if !fits(trust) {
            return Err(Unwritable::Trust);
        }
        let is_it = |record: &&mut Record| record.whose == *whose && record.fingerprint == fingerprint;
        let mut is_new = true;
        for record in self.lines.iter_mut().filter(is_it) {
            trust.clone_into(&mut record.trust);
            is_new = false;
        }
        if is_new {
            self.lines.push(Record { whose: whose.clone(), fingerprint, trust: trust.to_vec() });
        }
        Ok(())
    }

    /// Takes over what a session has learned since it was `given` what this file said: new fingerprints, and trust that
    /// has changed. What has not changed there stays as it is here, whatever other programs have made of it.
    ///
    /// # Errors
    /// As [`set`](Self::set); what came before it has been taken over.
    pub fn remember(
        &mut self,
        whose: &Correspondent,
        given: &KnownFingerprints,
        learned: &KnownFingerprints,
    ) -> Result<(), Unwritable> {
        let known = self.known(whose);
        for (fingerprint, trust) in learned.iter() {
            let is_news = match given.get(fingerprint) {
                Some(before) => before != trust,
                None => known.get(fingerprint).is_none() || !trust.is_empty(),
            };
            if is_news && known.get(fingerprint) != Some(trust) {
                self.set(whose, *fingerprint, trust)?;
            }
        }
        Ok(())
    }

    /// Forgets a fingerprint, and whether it was known.
    pub fn forget(&mut self, whose: &Correspondent, fingerprint: &Fingerprint) -> bool {
        let before = self.lines.iter().count();
        self.lines.retain(|record| record.whose != *whose || record.fingerprint != *fingerprint);
        self.lines.iter().count() < before
    }
}

/// Reads a fingerprint file; one that does not exist is empty.
///
/// # Errors
/// The file cannot be read, or is too large.
pub fn load(path: impl AsRef<Path>) -> Result<Fingerprints, Error> {
    lines::load(path.as_ref(), Fingerprints::parse)
}

/// Changes a fingerprint file, or makes one with mode 0600. Nobody who uses this function too can change it in the
/// meantime.
///
/// # Errors
/// The file cannot be read or written. It is then as it was.
pub fn update<T>(path: impl AsRef<Path>, change: impl FnOnce(&mut Fingerprints) -> T) -> Result<T, Error> {
    lines::update(path.as_ref(), Fingerprints::parse, Fingerprints::print, change)
}

fn read(line: &[u8]) -> Result<Record, Reason> {
    let mut fields = line.splitn(5, |byte| *byte == b'\t');
    let mut next = || fields.next().ok_or(Reason::FingerprintFields);
    let whose = Correspondent::new(next()?, next()?, next()?).map_err(|_| Reason::FingerprintFields)?;
    let digits = base16ct::mixed::decode_vec(next()?).ok().and_then(|digits| digits.try_into().ok());
    let fingerprint = Fingerprint::from_bytes(digits.ok_or(Reason::FingerprintDigits)?);
    // Further tabs belong to the trust (FILE-11).
    Ok(Record { whose, fingerprint, trust: fields.next().unwrap_or_default().to_vec() })
}
