//! What an incoming text is, and the texts that are not messages: queries, whitespace tags, errors
//! (WIRE-13, TAG-*, ERR-01).

use super::armor::{after, find};
use super::{Version, Versions};

const MARKER: &[u8] = b"?OTR";

/// What our Error messages start with (ERR-01).
pub const ERROR_PREFIX: &str = "?OTR Error: ";

/// An incoming text, classified by what follows the first `?OTR` in it (WIRE-13).
#[derive(Clone, PartialEq, Eq)]
pub enum Text<'a> {
    /// A message in armour.
    Encoded(Version, Kind),
    /// An Error message, with what it says.
    Error(&'a [u8]),
    /// A piece of a message, in the form of version 2 or 3.
    Fragment(Version),
    /// No marker and no tag.
    Plain,
    /// A query for OTR, with the versions it offers.
    Query(Versions),
    /// Text with a whitespace tag.
    Tagged {
        /// The text without the tag.
        text: Vec<u8>,
        /// The versions offered.
        versions: Versions,
    },
    /// A marker followed by anything else.
    Unknown,
    /// A message of version 1.
    UnsupportedVersion,
}

/// The kind of a message, as far as its first three bytes tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the specification's own names")]
pub enum Kind {
    DhCommit,
    DhKey,
    RevealSignature,
    Signature,
    Data,
}

/// Without the texts (S-48).
impl core::fmt::Debug for Text<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Encoded(version, kind) => write!(f, "Encoded({version:?}, {kind:?})"),
            Self::Error(words) => write!(f, "Error({} bytes)", words.len()),
            Self::Fragment(version) => write!(f, "Fragment({version:?})"),
            Self::Plain => f.write_str("Plain"),
            Self::Query(versions) => write!(f, "Query({versions:?})"),
            Self::Tagged { text, versions } => {
                write!(f, "Tagged {{ {} bytes, versions: {versions:?} }}", text.len())
            }
            Self::Unknown => f.write_str("Unknown"),
            Self::UnsupportedVersion => f.write_str("UnsupportedVersion"),
        }
    }
}

impl<'a> Text<'a> {
    /// Classifies a text. `strict`: the marker counts at the start only, after optional white space (WIRE-14).
    ///
    /// ```
    /// use otr_protocol::wire::{Text, Version};
    /// let Text::Query(versions) = Text::classify(b"Do you have OTR? ?OTRv23?", false) else { panic!() };
    /// assert_eq!(versions.best(), Some(Version::V3));
    /// assert!(matches!(Text::classify(b"Do you have OTR? ?OTRv23?", true), Text::Plain));
    /// ```
    #[must_use]
    pub fn classify(text: &'a [u8], strict: bool) -> Self {
        let marked = if strict { text.trim_ascii_start().strip_prefix(MARKER) } else { after(text, MARKER) };
        match marked {
            Some(after) => Self::classify_marked(after),
            None => Self::tagged(text).unwrap_or(Self::Plain),
        }
    }

    fn classify_marked(after: &'a [u8]) -> Self {
        match after {
            [b'|', ..] => Self::Fragment(Version::V3),
            [b',', ..] => Self::Fragment(Version::V2),
            [b'?' | b'v', ..] => Self::Query(offered(after)),
            [b':', base64 @ ..] => Self::classify_base64(base64),
            _ => match after.strip_prefix(b" Error:") {
                Some(words) => Self::Error(words.strip_prefix(b" ").unwrap_or(words)),
                None => Self::Unknown,
            },
        }
    }

    /// The first four characters of base64 are exactly the version SHORT and the type BYTE.
    fn classify_base64(base64: &[u8]) -> Self {
        let mut start = base64.iter().copied().filter(|byte| !byte.is_ascii_whitespace());
        let start: [Option<u8>; 4] = core::array::from_fn(|_| start.next());
        let version = match start {
            [Some(b'A'), Some(b'A'), Some(b'I'), _] => Version::V2,
            [Some(b'A'), Some(b'A'), Some(b'M'), _] => Version::V3,
            [Some(b'A'), Some(b'A'), Some(b'E'), Some(_)] => return Self::UnsupportedVersion,
            _ => return Self::Unknown,
        };
        let [.., kind] = start;
        let kind = match kind {
            Some(b'C') => Kind::DhCommit,
            Some(b'K') => Kind::DhKey,
            Some(b'R') => Kind::RevealSignature,
            Some(b'S') => Kind::Signature,
            Some(b'D') => Kind::Data,
            _ => return Self::Unknown,
        };
        Self::Encoded(version, kind)
    }

    /// Cuts the first whitespace tag out of a text: the base, then all complete groups of eight blanks
    /// (TAG-12). Unknown groups are consumed too; an incomplete one stays.
    fn tagged(text: &[u8]) -> Option<Self> {
        let (before, rest) = text.split_at_checked(find(text, &TAG_BASE)?)?;
        let mut versions = Versions::NONE;
        let mut rest = rest.strip_prefix(&TAG_BASE)?;
        while let Some((group, after)) = rest.split_first_chunk::<8>() {
            if !group.iter().all(|byte| matches!(byte, b' ' | b'\t')) {
                break;
            }
            if let Some((number, _)) = TAG_VERSIONS.iter().find(|(_, tag)| tag == group) {
                versions.insert_number(*number);
            }
            rest = after;
        }
        Some(Self::Tagged { text: [before, rest].concat(), versions })
    }
}

/// The query that offers `versions`, without further text: `?OTRv23?` (TAG-02). Nothing for no version.
///
/// ```
/// # use otr_protocol::{Policy, wire};
/// assert_eq!(wire::query(Policy::MANUAL.versions()).as_deref(), Some("?OTRv23?"));
/// assert_eq!(wire::query(Policy::NEVER.versions()), None);
/// ```
#[must_use]
pub fn query(versions: Versions) -> Option<String> {
    versions.best()?;
    let spoken = versions.numbers().filter(|number| *number > 1);
    let digits: String = spoken.filter_map(|number| char::from_digit(number.into(), 10)).collect();
    Some(format!("?OTRv{digits}?"))
}

/// The whitespace tag that offers `versions`, to be appended to a text (TAG-11): 16 bytes, and 8 for each version.
///
/// ```
/// # use otr_protocol::{Policy, wire};
/// let tagged = [b"hello".as_slice(), &wire::whitespace_tag(Policy::V3_ONLY.versions())].concat();
/// assert_eq!(tagged.len(), 5 + 16 + 8);
/// let wire::Text::Tagged { text, versions } = wire::Text::classify(&tagged, false) else { panic!() };
/// assert_eq!((text.as_slice(), versions), (b"hello".as_slice(), Policy::V3_ONLY.versions()));
/// ```
#[must_use]
pub fn whitespace_tag(versions: Versions) -> Vec<u8> {
    let mut tag = TAG_BASE.to_vec();
    for (number, group) in TAG_VERSIONS {
        if number > 1 && versions.numbers().any(|offered| offered == number) {
            tag.extend_from_slice(&group);
        }
    }
    tag
}

/// The versions that a query offers, by what follows its marker: `[?][v…?]` (TAG-01).
fn offered(after: &[u8]) -> Versions {
    let mut versions = Versions::NONE;
    let list = match after.strip_prefix(b"?") {
        Some(list) => {
            versions.insert_number(1);
            list
        }
        None => after,
    };
    for digit in list.strip_prefix(b"v").unwrap_or_default().iter().take_while(|byte| **byte != b'?') {
        versions.insert_number(digit.wrapping_sub(b'0'));
    }
    versions
}

const TAG_BASE: [u8; 16] = *b" \t  \t\t\t\t \t \t \t  ";
const TAG_VERSIONS: [(u8, [u8; 8]); 3] = [(1, *b" \t \t  \t "), (2, *b"  \t\t  \t "), (3, *b"  \t\t  \t\t")];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tag_01_a_query_lists_versions_and_ignores_what_it_does_not_know() {
        for (text, expected) in [
            ("?OTR?", &[1][..]),
            ("?OTRv23?", &[2, 3]),
            ("?OTR?v32x2?", &[1, 2, 3]),
            ("?OTRv2", &[2]),
            ("?OTRv?", &[]),
            ("?OTRv2?3?", &[2]),
            ("a ?OTR?OTRv3?", &[1]),
        ] {
            match Text::classify(text.as_bytes(), false) {
                Text::Query(versions) => {
                    assert_eq!(versions.numbers().collect::<Vec<_>>(), expected, "{text}")
                }
                other => panic!("{text}: {other:?}"),
            }
        }
    }

    /// TAG-10.
    #[test]
    fn tag_10_the_tag_has_the_bytes_of_the_specification() {
        assert_eq!(TAG_BASE, [0x20, 9, 0x20, 0x20, 9, 9, 9, 9, 0x20, 9, 0x20, 9, 0x20, 9, 0x20, 0x20]);
        let both = crate::Policy::MANUAL.versions();
        assert_eq!(whitespace_tag(both)[16..], *b"  \t\t  \t   \t\t  \t\t");
    }

    #[test]
    fn tag_12_base_and_complete_groups_are_cut_out() {
        let both = crate::Policy::MANUAL.versions();
        let text = [b"before", whitespace_tag(both).as_slice(), b"\t\t\t\t\t\t\t\t  \tafter"].concat();
        let expected = Text::Tagged { text: b"before  \tafter".to_vec(), versions: both };
        assert_eq!(Text::classify(&text, false), expected);
    }

    /// S-17.
    #[test]
    fn wire_14_in_strict_mode_a_marker_inside_a_text_is_text() {
        assert_eq!(Text::classify(b"have you seen ?OTRv3? before", true), Text::Plain);
        assert!(matches!(Text::classify(b" \n?OTRv3?", true), Text::Query(_)));
    }

    #[test]
    fn err_01_one_space_after_the_colon_is_not_part_of_the_words() {
        assert_eq!(Text::classify(b"x?OTR Error:  words", false), Text::Error(b" words"));
        assert_eq!(Text::classify(b"?OTR Error:words", false), Text::Error(b"words"));
        assert_eq!(Text::classify(b"?OTR Error", false), Text::Unknown);
    }
}
