//! S-expressions in the notations of libgcrypt: nested lists of atoms, which are byte strings (FILE-03).
//!
//! An atom is written in one of five ways, here the same one five times: `alice`, `"\x61lice"`, `#616C696365#`,
//! `|YWxpY2U=|`, `5:alice`. The last is all that the canonical form consists of.
//!
//! Reading splits the text into lists and atoms but leaves each atom as it is spelled. It is decoded when it is
//! asked for, so that a wrong digit spoils one atom and not the file, and a secret is copied only by whoever
//! wants it.

mod reader;
mod spelling;

pub(crate) use reader::Reader;
pub(crate) use spelling::{longest_text, write_number, write_text};
use zeroize::Zeroizing;

use crate::Position;

/// How deep lists may be nested, the outermost one included (FILE-04).
pub(crate) const MAX_DEPTH: usize = 16;

/// How a text breaks the rules of S-expressions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Syntax {
    /// The text ends inside a list.
    #[error("the list that begins here is not closed by \")\"")]
    UnclosedList,
    /// The text ends inside an atom.
    #[error("the text that begins here has no end")]
    UnclosedAtom,
    /// Lists are nested more than 16 deep.
    #[error("the lists are nested more than {} deep", MAX_DEPTH)]
    TooDeep,
    /// A character that begins neither a list nor an atom. There are no comments.
    #[error("this character cannot stand here")]
    Character,
    /// A list stands where an atom should.
    #[error("a list stands where a text or a number should")]
    NotAnAtom,
    /// A quoted string contains an unknown escape.
    #[error("the quoted string contains an unknown \"\\\" escape")]
    Escape,
    /// `#…#` contains something else than pairs of hexadecimal digits and white space.
    #[error("\"#…#\" must contain pairs of hexadecimal digits")]
    Hex,
    /// `|…|` contains something else than base64.
    #[error("\"|…|\" must contain base64")]
    Base64,
    /// Something follows the outermost list.
    #[error("something follows the end of the outermost list")]
    TrailingText,
}

/// A breach of the rules and where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) position: Position,
    pub(crate) syntax: Syntax,
}

/// A list or an atom.
pub(crate) struct Node<'a> {
    /// Where its first character stands.
    pub(crate) position: Position,
    content: Content<'a>,
}

enum Content<'a> {
    List(Vec<Node<'a>>),
    Atom(Notation, &'a [u8]),
}

/// What the bytes of an atom mean.
#[derive(Clone, Copy)]
enum Notation {
    /// Themselves: a bare token, or counted bytes.
    Verbatim,
    /// What stands between two `"`.
    Quoted,
    /// What stands between two `#`.
    Hex,
    /// What stands between two `|`.
    Base64,
}

impl<'a> Node<'a> {
    /// The members of a list; none if this is an atom.
    pub(crate) fn members(&self) -> &[Node<'a>] {
        match &self.content {
            Content::List(members) => members,
            Content::Atom(..) => &[],
        }
    }

    /// Whether this is a list whose first member is the atom `name`.
    pub(crate) fn is_list(&self, name: &str) -> bool {
        self.members().first().is_some_and(|first| first.is_atom(name))
    }

    /// Whether this is the atom `text`.
    pub(crate) fn is_atom(&self, text: &str) -> bool {
        self.bytes().is_ok_and(|bytes| bytes.as_slice() == text.as_bytes())
    }

    /// The first member of this list that is a list called `name`.
    pub(crate) fn find(&self, name: &str) -> Option<&Node<'a>> {
        self.members().iter().find(|member| member.is_list(name))
    }

    /// What an atom stands for. The buffer is allocated once, so that no copy of a secret is left behind.
    ///
    /// # Errors
    /// This is a list, or the atom is misspelled.
    pub(crate) fn bytes(&self) -> Result<Zeroizing<Vec<u8>>, Fault> {
        match self.content {
            Content::List(_) => Err(Syntax::NotAnAtom),
            Content::Atom(Notation::Verbatim, text) => Ok(Zeroizing::new(text.to_vec())),
            Content::Atom(Notation::Quoted, text) => spelling::read_quoted(text).ok_or(Syntax::Escape),
            Content::Atom(Notation::Hex, text) => spelling::read_hex(text).ok_or(Syntax::Hex),
            Content::Atom(Notation::Base64, text) => spelling::read_base64(text).ok_or(Syntax::Base64),
        }
        .map_err(|syntax| Fault { position: self.position, syntax })
    }
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t'..=b'\r')
}

/// Whether `byte` can stand in a bare token.
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-./_:*+=".contains(&byte)
}

#[cfg(test)]
mod tests;
