//! What is shown of a conversation.

use std::fmt;

use crate::text::printable;

/// Something that was said or happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) kind: Kind,
    /// Free of what would govern the terminal; one line of a text each.
    pub(crate) lines: Vec<String>,
}

/// Who says it, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Mine,
    MineInClear,
    Theirs,
    TheirsInClear,
    /// By the program.
    Notice,
    /// By the program: it went well.
    Good,
    /// By the program: look here.
    Warning,
    /// By the program: not to be wrapped, such as a QR code.
    Block,
}

impl Entry {
    /// A text of somebody, with as many lines as it has.
    pub(crate) fn text(kind: Kind, text: &[u8]) -> Self {
        let lines = text.split(|byte| *byte == b'\n');
        let lines = lines.map(|line| printable(line.strip_suffix(b"\r").unwrap_or(line))).collect();
        Self { kind, lines }
    }

    pub(crate) fn notice(text: impl fmt::Display) -> Self {
        Self::by_program(Kind::Notice, text)
    }

    pub(crate) fn good(text: impl fmt::Display) -> Self {
        Self::by_program(Kind::Good, text)
    }

    pub(crate) fn warning(text: impl fmt::Display) -> Self {
        Self::by_program(Kind::Warning, text)
    }

    /// One line: what others wrote may stand in it, and must not look like another one.
    fn by_program(kind: Kind, text: impl fmt::Display) -> Self {
        Self { kind, lines: vec![printable(text.to_string().as_bytes())] }
    }

    /// What stands before the first line.
    pub(crate) fn label(&self, peer: &str) -> String {
        match self.kind {
            Kind::Mine => "you: ".to_owned(),
            Kind::MineInClear => "you, in clear: ".to_owned(),
            Kind::Theirs => format!("{peer}: "),
            Kind::TheirsInClear => format!("{peer}?, in clear: "),
            Kind::Notice => "* ".to_owned(),
            Kind::Good => "+ ".to_owned(),
            Kind::Warning => "! ".to_owned(),
            Kind::Block => String::new(),
        }
    }

    /// What stands before all other lines, so that none looks like a first one.
    pub(crate) fn continuation(&self) -> &'static str {
        if self.kind == Kind::Block { "" } else { "   | " }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_writes_what_looks_like_another_line() {
        let entry = Entry::text(Kind::Theirs, b"hi\r\n! verified\x1b[2J\nyou: ok");
        assert_eq!(entry.lines, ["hi", "! verified\u{fffd}[2J", "you: ok"]);
        assert!(!entry.continuation().is_empty());
        assert_eq!(Entry::notice("is named a\nb").lines, ["is named a\u{fffd}b"]);
    }
}
