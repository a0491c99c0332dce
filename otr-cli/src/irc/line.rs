//! Lines of IRC: bytes of no particular encoding.

/// The most bytes of a line that a server relays, without its end.
pub(super) const MAX_LENGTH: usize = 510;

/// A line, taken apart.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// IRCv3's tags, without `@`; empty if there are none.
    pub(super) tags: Vec<u8>,
    /// Whom it comes from, as in `nick!user@host`; empty if it does not say.
    pub(super) source: Vec<u8>,
    /// In capitals.
    pub(super) command: String,
    pub(super) params: Vec<Vec<u8>>,
}

impl Line {
    /// Takes a line apart that has no end of line in it. None if two programs might understand it differently: such a
    /// line is to be thrown away, or one of them would take for a private message what the other does not.
    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
        if bytes.iter().any(|byte| matches!(byte, b'\0' | b'\r' | b'\n')) {
            return None;
        }
        // The parser wants text: it gets each byte as the character of that number, so that none is lost.
        let text: String = bytes.iter().copied().map(char::from).collect();
        let message = ircv3_parse::parse(&text).ok()?;
        let params = message.params();
        let middles = params.middles.as_str().split(' ').filter(|param| !param.is_empty());
        Some(Self {
            tags: message.tags().map(|tags| narrow(tags.as_str())).unwrap_or_default(),
            source: message.source().map(|source| narrow(source.as_str())).unwrap_or_default(),
            command: message.command().as_str().to_ascii_uppercase(),
            params: middles.chain(params.trailing.raw()).map(narrow).collect(),
        })
    }

    /// The nick, or the server, that it comes from.
    pub(super) fn nick(&self) -> &[u8] {
        nick(&self.source)
    }
}

/// The nick in `nick!user@host`.
pub(super) fn nick(source: &[u8]) -> &[u8] {
    source.split(|byte| *byte == b'!').next().unwrap_or_default()
}

/// The line with which `source` sends a text. Nothing is before the command if the source is empty.
pub(super) fn carry(tags: &[u8], source: &[u8], command: &str, target: &[u8], text: &[u8]) -> Vec<u8> {
    let prefix =
        |sign: &[u8], what: &[u8]| if what.is_empty() { Vec::new() } else { [sign, what, b" "].concat() };
    let (tags, source) = (prefix(b"@", tags), prefix(b":", source));
    [&tags, &source, command.as_bytes(), b" ", target, b" :", text].concat()
}

fn narrow(text: &str) -> Vec<u8> {
    text.chars().filter_map(|c| u8::try_from(c).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_taken_apart_whatever_its_encoding() {
        let line = Line::parse(b"@time=1;x :bob!b@h privmsg  alice :gr\xfc\xdfe : \xe2\x82\xac").unwrap();
        assert_eq!((line.tags.as_slice(), line.nick()), (b"time=1;x".as_slice(), b"bob".as_slice()));
        assert_eq!(line.command, "PRIVMSG");
        assert_eq!(line.params, [b"alice".as_slice(), b"gr\xfc\xdfe : \xe2\x82\xac"]);
        assert_eq!(Line::parse(b"PRIVMSG bob hello").unwrap().params, [b"bob".as_slice(), b"hello"]);
        assert_eq!(Line::parse(b"PRIVMSG bob :").unwrap().params, [b"bob".as_slice(), b""]);
        assert!(Line::parse(b"PING").unwrap().params.is_empty());
    }

    #[test]
    fn s_37_what_others_might_understand_differently_is_refused() {
        for bad in [
            b"".as_slice(),
            b" PRIVMSG bob :x",
            b":bob  PRIVMSG alice :x",
            b":bob",
            b"PRIVMSG\tbob :x",
            b"PRIV\0MSG bob :x",
            b"PRIVMSG bob :x\rQUIT",
            b"PRIVMSG bob :x\nQUIT",
        ] {
            assert_eq!(Line::parse(bad), None, "{}", String::from_utf8_lossy(bad));
        }
    }
}
