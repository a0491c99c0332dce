//! What must not be found, and where it is found.

use std::collections::{HashMap, HashSet};
use std::fmt;

use data_encoding::{BASE64_NOPAD, HEXLOWER, HEXUPPER};

/// Secrets, by name.
///
/// One is found by any 16 bytes of it that begin at a multiple of eight, or are its last, in whatever spelling. So one that
/// is only overwritten in part is found, too; one that stands there by chance is not.
#[derive(Default)]
pub struct Secrets {
    secrets: Vec<Secret>,
    /// Parts of all spellings, with the number of the secret.
    parts: HashMap<Part, (usize, &'static str)>,
    /// Which first bytes a part may have: most places are passed over by this alone.
    starts: HashSet<[u8; 3]>,
}

struct Secret {
    name: String,
    bytes: Vec<u8>,
}

type Part = [u8; 16];

/// A secret in a block of memory.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Leak {
    /// Which secret.
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
    /// Another secret, of 16 bytes at least. One that is known keeps its name.
    pub fn note(&mut self, name: impl Into<String>, bytes: &[u8]) {
        if self.secrets.iter().any(|secret| secret.bytes == bytes) {
            return;
        }
        let number = self.secrets.len();
        self.secrets.push(Secret { name: name.into(), bytes: bytes.to_vec() });
        for (spelling, spelt) in spellings(bytes) {
            for part in parts(&spelt) {
                self.starts.extend(part.first_chunk::<3>());
                self.parts.insert(part, (number, spelling));
            }
        }
    }

    /// Everybody knows this now: it is sent in clear.
    pub fn publish(&mut self, bytes: &[u8]) {
        self.publish_those(|secret| secret.bytes == bytes);
    }

    /// Everybody knows all of that name now.
    pub fn publish_all(&mut self, name: &str) {
        self.publish_those(|secret| secret.name == name);
    }

    fn publish_those(&mut self, is_public: impl Fn(&Secret) -> bool) {
        let Self { secrets, parts, .. } = self;
        parts.retain(|_, (number, _)| !secrets.get(*number).is_some_and(&is_public));
    }

    /// The name of a secret.
    #[must_use]
    pub fn name(&self, bytes: &[u8]) -> Option<&str> {
        self.secrets.iter().find(|secret| secret.bytes == bytes).map(|secret| secret.name.as_str())
    }

    /// The names of all.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.secrets.iter().map(|secret| secret.name.as_str())
    }

    /// The secrets in a block.
    pub fn find(&self, block: &[u8]) -> impl Iterator<Item = Leak> {
        block.windows(16).enumerate().filter_map(|(offset, window)| {
            self.starts.get(window.first_chunk::<3>()?)?;
            let (number, spelling) = self.parts.get(window)?;
            let secret = self.secrets.get(*number)?.name.clone();
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
