//! What must not be found, and where it is found.

use std::collections::{HashMap, HashSet};
use std::fmt;

use data_encoding::{BASE64_NOPAD, HEXLOWER, HEXUPPER};

/// Secrets: whose, what and, of several, which.
///
/// One is found by any 16 bytes of it that begin at a multiple of eight, or are its last, in whatever spelling. So one that
/// is only overwritten in part is found, too; one that stands there by chance is not.
#[derive(Default)]
pub struct Secrets {
    secrets: Vec<Secret>,
    /// Parts of all spellings, with the place of the secret.
    parts: HashMap<Part, (usize, &'static str)>,
    /// Which first bytes a part may have: most places are passed over by this alone.
    starts: HashSet<[u8; 3]>,
}

struct Secret {
    whose: &'static str,
    what: &'static str,
    /// The how manieth this is of the same owner and kind.
    number: usize,
    bytes: Vec<u8>,
}

type Part = [u8; 16];

/// A secret in a block of memory.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Leak {
    /// Which secret: `Alice's AES key 2`.
    pub secret: String,
    /// How it is spelt there.
    pub spelling: &'static str,
    /// The length of the block, in bytes.
    pub block: usize,
    /// Where in the block the part that was found begins.
    pub offset: usize,
}

impl fmt::Display for Leak {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { secret, spelling, block, offset } = self;
        write!(f, "{secret} ({spelling}) at {offset} in a block of {block} bytes")
    }
}

impl Secrets {
    /// Another secret, of 16 bytes at least: whose and what. One that is known keeps its name.
    pub fn note(&mut self, whose: &'static str, what: &'static str, bytes: &[u8]) {
        if self.what(bytes).is_some() {
            return;
        }
        let is_alike = |secret: &&Secret| (secret.whose, secret.what) == (whose, what);
        let number = self.secrets.iter().filter(is_alike).count() + 1;
        let place = self.secrets.len();
        self.secrets.push(Secret { whose, what, number, bytes: bytes.to_vec() });
        for (spelling, spelt) in spellings(bytes) {
            for part in parts(&spelt) {
                self.starts.extend(part.first_chunk::<3>());
                self.parts.insert(part, (place, spelling));
            }
        }
    }

    /// Everybody knows this now: it is sent in clear.
    pub fn publish(&mut self, bytes: &[u8]) {
        self.publish_those(|secret| secret.bytes == bytes);
    }

    /// Everybody knows all of somebody's secrets of this kind now.
    pub fn publish_all(&mut self, whose: &str, what: &str) {
        self.publish_those(|secret| (secret.whose, secret.what) == (whose, what));
    }

    fn publish_those(&mut self, is_public: impl Fn(&Secret) -> bool) {
        let Self { secrets, parts, .. } = self;
        parts.retain(|_, (place, _)| !secrets.get(*place).is_some_and(&is_public));
    }

    /// What a secret is.
    #[must_use]
    pub fn what(&self, bytes: &[u8]) -> Option<&'static str> {
        self.secrets.iter().find(|secret| secret.bytes == bytes).map(|secret| secret.what)
    }

    /// What there is.
    pub fn kinds(&self) -> impl Iterator<Item = &'static str> {
        self.secrets.iter().map(|secret| secret.what)
    }

    /// The secrets in a block.
    pub fn find(&self, block: &[u8]) -> impl Iterator<Item = Leak> {
        block.windows(16).enumerate().filter_map(|(offset, window)| {
            self.starts.get(window.first_chunk::<3>()?)?;
            let (place, spelling) = self.parts.get(window)?;
            let Secret { whose, what, number, .. } = self.secrets.get(*place)?;
            let secret = format!("{whose}'s {what} {number}");
            Some(Leak { secret, spelling, block: block.len(), offset })
        })
    }
}

/// How a secret may be written: as it is; as a number in digits of 64 bits, the lowest first; in hexadecimal; in base64,
/// wherever in a text it begins.
fn spellings(bytes: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let reversed = bytes.iter().rev().copied().collect();
    let mut spellings = vec![
        ("as it is", bytes.to_vec()),
        ("as digits", reversed),
        ("in hexadecimal", HEXLOWER.encode(bytes).into_bytes()),
        ("in hexadecimal", HEXUPPER.encode(bytes).into_bytes()),
    ];
    for before in 0..3 {
        // The first and the last character depend on what stands around them.
        let text = BASE64_NOPAD.encode(&[&vec![0; before], bytes].concat());
        let inner = text.as_bytes().get(before + 1..text.len() - 1).unwrap_or_default();
        spellings.push(("in base64", inner.to_vec()));
    }
    spellings
}

fn parts(bytes: &[u8]) -> impl Iterator<Item = Part> {
    let at = |start: usize| bytes.get(start..)?.first_chunk::<16>().copied();
    let last = bytes.last_chunk::<16>().copied();
    let is_constant = |part: &Part| part.iter().all(|byte| Some(byte) == part.first());
    (0..bytes.len()).step_by(8).filter_map(at).chain(last).filter(move |part| !is_constant(part))
}
