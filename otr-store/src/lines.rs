//! Files of records, a line each: what `otr.fingerprints` and `otr.instance_tags` have in common.

use std::fmt;
use std::path::Path;

use crate::{Damage, Error, MAX_FILE_SIZE, ParseError, Position, Reason, atomic};

/// The lines of a file. Those that are no records stay where they are, so that writing the file loses nothing.
#[derive(Clone)]
pub(crate) struct Lines<T>(Vec<Line<T>>);

#[derive(Clone)]
enum Line<T> {
    Record(T),
    Other(Vec<u8>),
}

/// Without the lines: if it is another file, with secrets in it, they are these (S-48).
impl<T> fmt::Debug for Lines<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Lines({})", self.0.len())
    }
}

impl<T> Default for Lines<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Lines<T> {
    /// Reads each line with `read`, without its line end, LF or CRs and LF; the last one needs none (FILE-11). A line that
    /// is no record is no damage either if it is empty or begins with `#`.
    pub(crate) fn parse(
        text: &[u8],
        read: impl Fn(&[u8]) -> Result<T, Reason>,
    ) -> Result<(Self, Vec<Damage>), ParseError> {
        /// No line that a program writes is as long.
        const LONGEST: usize = 4096;
        if text.len() > MAX_FILE_SIZE {
            return Err(ParseError::TooLarge);
        }
        let (mut lines, mut damaged) = (Vec::new(), Vec::new());
        for (index, line) in text.split_inclusive(|byte| *byte == b'\n').enumerate() {
            let content = line.strip_suffix(b"\n").unwrap_or(line);
            // All of them: what is written must be read again as the same.
            let length = content.iter().rposition(|byte| *byte != b'\r').map_or(0, |last| last + 1);
            let content = content.get(..length).unwrap_or_default();
            let is_remark = content.is_empty() || content.starts_with(b"#");
            match if line.len() > LONGEST { Err(Reason::LongLine) } else { read(content) } {
                Ok(record) => lines.push(Line::Record(record)),
                Err(reason) => {
                    if !is_remark {
                        damaged.push(Damage { position: Position { line: index + 1, column: 1 }, reason });
                    }
                    lines.push(Line::Other(content.to_vec()));
                }
            }
        }
        Ok((Self(lines), damaged))
    }

    /// Writes each record with `write`, and all other lines as they were read.
    pub(crate) fn print(&self, write: impl Fn(&T, &mut Vec<u8>)) -> Vec<u8> {
        let mut text = Vec::new();
        for line in &self.0 {
            match line {
                Line::Record(record) => write(record, &mut text),
                Line::Other(content) => text.extend(content),
            }
            text.push(b'\n');
        }
        text
    }

    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.0.iter().filter_map(|line| match line {
            Line::Record(record) => Some(record),
            Line::Other(_) => None,
        })
    }

    pub(crate) fn iter_mut(&mut self) -> impl DoubleEndedIterator<Item = &mut T> {
        self.0.iter_mut().filter_map(|line| match line {
            Line::Record(record) => Some(record),
            Line::Other(_) => None,
        })
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn push(&mut self, record: T) {
        self.0.push(Line::Record(record));
    }

    pub(crate) fn push_remark(&mut self, remark: &[u8]) {
        self.0.push(Line::Other(remark.to_vec()));
    }

    /// Removes records; other lines stay.
    pub(crate) fn retain(&mut self, keep: impl Fn(&T) -> bool) {
        self.0.retain(|line| match line {
            Line::Record(record) => keep(record),
            Line::Other(_) => true,
        });
    }
}

/// Reads a file; one that does not exist is empty.
pub(crate) fn load<F>(path: &Path, parse: fn(&[u8]) -> Result<F, ParseError>) -> Result<F, Error> {
    let bytes = atomic::read_or_empty(path).map_err(Error::io(path, "read"))?;
    parse(&bytes).map_err(Error::content(path))
}

/// Changes a file, or makes one with mode 0600, while nobody else can.
pub(crate) fn update<F, T>(
    path: &Path,
    parse: fn(&[u8]) -> Result<F, ParseError>,
    print: fn(&F) -> Vec<u8>,
    change: impl FnOnce(&mut F) -> T,
) -> Result<T, Error> {
    let _lock = atomic::lock(path).map_err(Error::io(path, "lock"))?;
    let mut file = load(path, parse)?;
    let result = change(&mut file);
    atomic::store(path, &print(&file)).map_err(Error::io(path, "replace"))?;
    Ok(result)
}

/// Whether a name can stand in a line: it has no tab, no line end, and no zero byte, where libotr would cut it off.
pub(crate) fn fits(name: &[u8]) -> bool {
    !name.iter().any(|byte| matches!(byte, b'\t' | b'\n' | b'\r' | 0))
}
