//! What goes over the connection: one line for each text of OTR, and lines of another kind for files.
//!
//! A text stands in its line as it is, save that `\` is written `\\`, a line feed `\n` and a carriage return `\r`. A line that
//! begins with `\:` can therefore be no text. `docs/chat.md` has the whole.

use data_encoding::{BASE64, HEXLOWER};

/// The longest line that is read, in bytes without its end: larger than any fragment or chunk.
pub(crate) const MAX_LINE: usize = 256 * 1024;

/// One line.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Frame {
    /// A text of OTR.
    Text(Vec<u8>),
    /// The connection is alive.
    Ping,
    /// The listener talks to somebody else.
    Busy,
    /// Part of the transfer of a file.
    File(FileId, FileFrame),
}

/// What a transfer of a file is called: random.
pub(crate) type FileId = [u8; 16];

/// Part of the transfer of a file.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum FileFrame {
    /// The first chunk, which says what the file is.
    Offer(Vec<u8>),
    /// A chunk that others follow.
    Next(Vec<u8>),
    /// The last chunk.
    Last(Vec<u8>),
    /// A word about the transfer, and the proof that it is by who has the key.
    Word(Word, [u8; 16]),
}

/// What is said about a transfer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Word {
    /// By the receiver: send it.
    Accept,
    /// By the receiver: do not send it, or no more of it.
    Decline,
    /// By the receiver: all of it is here.
    Received,
    /// By the sender: no more will come.
    Cancel,
}

impl Word {
    /// All of them.
    pub(crate) const ALL: [Self; 4] = [Self::Accept, Self::Decline, Self::Received, Self::Cancel];

    /// As it stands in the line.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Decline => "decline",
            Self::Received => "received",
            Self::Cancel => "cancel",
        }
    }
}

impl Frame {
    /// The line, with its end.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut line = match self {
            Self::Text(text) => escape(text),
            Self::Ping => br"\:ping".to_vec(),
            Self::Busy => br"\:busy".to_vec(),
            Self::File(id, frame) => {
                let (kind, rest) = match frame {
                    FileFrame::Offer(sealed) => ("offer", BASE64.encode(sealed)),
                    FileFrame::Next(sealed) => ("next", BASE64.encode(sealed)),
                    FileFrame::Last(sealed) => ("last", BASE64.encode(sealed)),
                    FileFrame::Word(word, proof) => (word.name(), HEXLOWER.encode(proof)),
                };
                format!(r"\:file {} {kind} {rest}", HEXLOWER.encode(id)).into_bytes()
            }
        };
        line.push(b'\n');
        line
    }

    /// Reads a line without its end; none if it is of no known kind.
    pub(crate) fn decode(line: &[u8]) -> Option<Self> {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        match line.strip_prefix(br"\:") {
            None => unescape(line).map(Self::Text),
            Some(b"ping") => Some(Self::Ping),
            Some(b"busy") => Some(Self::Busy),
            Some(other) => decode_file(std::str::from_utf8(other).ok()?),
        }
    }
}

fn decode_file(line: &str) -> Option<Frame> {
    let mut fields = line.split(' ');
    let (Some("file"), Some(id), Some(kind), Some(rest), None) =
        (fields.next(), fields.next(), fields.next(), fields.next(), fields.next())
    else {
        return None;
    };
    let bytes = || BASE64.decode(rest.as_bytes()).ok();
    let frame = match kind {
        "offer" => FileFrame::Offer(bytes()?),
        "next" => FileFrame::Next(bytes()?),
        "last" => FileFrame::Last(bytes()?),
        _ => {
            let word = Word::ALL.into_iter().find(|word| word.name() == kind)?;
            FileFrame::Word(word, digits(rest)?)
        }
    };
    Some(Frame::File(digits(id)?, frame))
}

fn digits(text: &str) -> Option<[u8; 16]> {
    HEXLOWER.decode(text.as_bytes()).ok()?.try_into().ok()
}

fn escape(text: &[u8]) -> Vec<u8> {
    let mut line = Vec::with_capacity(text.len() + 1);
    for byte in text {
        match byte {
            b'\\' => line.extend(br"\\"),
            b'\n' => line.extend(br"\n"),
            b'\r' => line.extend(br"\r"),
            other => line.push(*other),
        }
    }
    line
}

fn unescape(line: &[u8]) -> Option<Vec<u8>> {
    let mut text = Vec::with_capacity(line.len());
    let mut bytes = line.iter();
    while let Some(byte) = bytes.next() {
        text.push(match byte {
            b'\\' => match bytes.next()? {
                b'\\' => b'\\',
                b'n' => b'\n',
                b'r' => b'\r',
                _ => return None,
            },
            other => *other,
        });
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_otr_message_stays_readable_and_any_text_survives() {
        let line = |text: &[u8]| Frame::Text(text.to_vec()).encode();
        assert_eq!(line(b"?OTR:AAMD+/=."), b"?OTR:AAMD+/=.\n");
        assert_eq!(line(b"one\ntwo\r\\n"), b"one\\ntwo\\r\\\\n\n");
        for text in [&b""[..], b"\\:ping", b"a\nb", b"\r\n", b"\\", b"\xff\x00", "größer".as_bytes()] {
            let line = line(text);
            let (end, line) = line.split_last().unwrap();
            assert!(*end == b'\n' && !line.contains(&b'\n') && !line.starts_with(br"\:"), "{text:?}");
            assert_eq!(Frame::decode(line), Some(Frame::Text(text.to_vec())), "{text:?}");
        }
    }

    #[test]
    fn lines_of_files_are_of_another_kind() {
        let id = [0xab; 16];
        for frame in [
            Frame::Ping,
            Frame::Busy,
            Frame::File(id, FileFrame::Offer(vec![1, 2, 3])),
            Frame::File(id, FileFrame::Next(vec![0; 40_000])),
            Frame::File(id, FileFrame::Last(vec![])),
            Frame::File(id, FileFrame::Word(Word::Decline, [7; 16])),
        ] {
            let line = frame.encode();
            assert!(line.starts_with(br"\:") && line.len() < MAX_LINE);
            assert_eq!(Frame::decode(line.strip_suffix(b"\n").unwrap()), Some(frame));
        }
        let last = Frame::File(id, FileFrame::Last(b"xyz".to_vec())).encode();
        assert_eq!(last, b"\\:file abababababababababababababababab last eHl6\n");
    }

    #[test]
    fn what_is_of_no_known_kind_is_none() {
        for line in [
            r"\",
            r"a\x",
            r"\:",
            r"\:pong",
            r"\:file",
            r"\:file ab next eHl6",
            r"\:file abababababababababababababababab next !",
            r"\:file abababababababababababababababab next eHl6 more",
            r"\:file ABABABABABABABABABABABABABABABAB next eHl6",
            r"\:file abababababababababababababababab accept 00",
            r"\:file abababababababababababababababab fly eHl6",
        ] {
            assert_eq!(Frame::decode(line.as_bytes()), None, "{line}");
        }
    }
}
