//! Splits a text into lists and atoms, on a stack of its own and up to a limit.

use super::{Content, Fault, MAX_DEPTH, Node, Notation, Syntax, is_space, is_token};
use crate::Position;

/// Reads the members of a text's outermost list one by one, so that those before a fault are not lost. After a
/// fault nothing follows: where the next member would begin is anybody's guess.
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
    position: Position,
    start: Position,
    has_ended: bool,
}

impl<'a> Reader<'a> {
    /// Goes to the first member of the outermost list; nothing if the text does not begin with a list.
    pub(crate) fn new(text: &'a [u8]) -> Option<Self> {
        let first = Position { line: 1, column: 1 };
        let mut reader = Self { rest: text, position: first, start: first, has_ended: false };
        reader.skip_space();
        reader.start = reader.position;
        (reader.advance(1) == b"(").then_some(reader)
    }

    /// The next member, or nothing after the last one.
    fn read(&mut self) -> Result<Option<Node<'a>>, Fault> {
        // The lists that are open inside the outermost one.
        let mut open: Vec<(Position, Vec<Node<'a>>)> = Vec::new();
        loop {
            self.skip_space();
            let here = self.position;
            let node = match self.rest.first() {
                None => {
                    let position = open.last().map_or(self.start, |(position, _)| *position);
                    return Err(Fault { position, syntax: Syntax::UnclosedList });
                }
                Some(b'(') if open.len() + 2 > MAX_DEPTH => {
                    return Err(Fault { position: here, syntax: Syntax::TooDeep });
                }
                Some(b'(') => {
                    self.advance(1);
                    open.push((here, Vec::new()));
                    continue;
                }
                Some(b')') => {
                    self.advance(1);
                    match open.pop() {
                        Some((position, members)) => Node { position, content: Content::List(members) },
                        None => return Ok(None),
                    }
                }
                Some(_) => {
                    let atom = self.atom().map_err(|syntax| Fault { position: here, syntax })?;
                    Node { position: here, content: atom }
                }
            };
            match open.last_mut() {
                Some((_, members)) => members.push(node),
                None => return Ok(Some(node)),
            }
        }
    }

    /// What follows the outermost list: white space only.
    fn end(&mut self) -> Result<(), Fault> {
        self.skip_space();
        if self.rest.is_empty() {
            return Ok(());
        }
        Err(Fault { position: self.position, syntax: Syntax::TrailingText })
    }

    fn atom(&mut self) -> Result<Content<'a>, Syntax> {
        let digits = self.take_while(|byte| byte.is_ascii_digit());
        // A length can stand before every notation. libgcrypt heeds it only where nothing else tells the end.
        match self.rest.first() {
            Some(b'"') => self.delimited(Notation::Quoted),
            Some(b'#') => self.delimited(Notation::Hex),
            Some(b'|') => self.delimited(Notation::Base64),
            Some(b':') if !digits.is_empty() => self.counted(digits),
            Some(byte) if digits.is_empty() && is_token(*byte) => {
                Ok(Content::Atom(Notation::Verbatim, self.take_while(is_token)))
            }
            _ => Err(Syntax::Character),
        }
    }

    /// `:` and as many bytes as `digits` say.
    fn counted(&mut self, digits: &[u8]) -> Result<Content<'a>, Syntax> {
        self.advance(1);
        let length = str::from_utf8(digits).ok().and_then(|digits| digits.parse().ok());
        match length {
            Some(length) if length <= self.rest.len() => {
                Ok(Content::Atom(Notation::Verbatim, self.advance(length)))
            }
            _ => Err(Syntax::UnclosedAtom),
        }
    }

    /// What stands between two equal characters. In a quoted string, `\` takes the next one's meaning away.
    fn delimited(&mut self, notation: Notation) -> Result<Content<'a>, Syntax> {
        let delimiter = self.advance(1).first();
        let mut is_escaped = false;
        let is_end = |byte: &u8| {
            let is_end = Some(byte) == delimiter && !is_escaped;
            is_escaped = matches!(notation, Notation::Quoted) && *byte == b'\\' && !is_escaped;
            is_end
        };
        let end = self.rest.iter().position(is_end).ok_or(Syntax::UnclosedAtom)?;
        let text = self.advance(end);
        self.advance(1);
        Ok(Content::Atom(notation, text))
    }

    fn skip_space(&mut self) {
        self.take_while(is_space);
    }

    fn take_while(&mut self, belongs: impl Fn(u8) -> bool) -> &'a [u8] {
        let length = self.rest.iter().take_while(|byte| belongs(**byte)).count();
        self.advance(length)
    }

    /// The next `length` bytes, or all that are left.
    fn advance(&mut self, length: usize) -> &'a [u8] {
        let (taken, rest) = self.rest.split_at_checked(length).unwrap_or((self.rest, &[]));
        for byte in taken {
            self.position.column += 1;
            if *byte == b'\n' {
                self.position = Position { line: self.position.line + 1, column: 1 };
            }
        }
        self.rest = rest;
        taken
    }
}

impl<'a> Iterator for Reader<'a> {
    type Item = Result<Node<'a>, Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.has_ended {
            return None;
        }
        let item = match self.read() {
            Ok(None) => self.end().err().map(Err),
            item => item.transpose(),
        };
        self.has_ended = !matches!(item, Some(Ok(_)));
        item
    }
}
