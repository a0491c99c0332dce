//! libotr's file of private keys, `otr.private_key`: the DSA keys of a user's accounts (FILE-01 to FILE-05).
//!
//! ```text
//! (privkeys
//!  (account
//! (name "alice@example.org")
//! (protocol prpl-jabber)
//! (private-key
//!  (dsa
//!   (p #00C0FF…#)
//!   …
//! ```
//!
//! [`parse`] and [`print`](print()) are pure functions; [`load`], [`create`] and [`add`] do the same with a file.

use std::fmt;

use otr_traits::{Dsa, KeyFault, PublicKey, Secret, SecretKey, Thoroughness};
use zeroize::Zeroizing;

use crate::sexp::{Fault, Node, Reader, longest_text, write_number, write_text};
use crate::{Damage, MAX_FILE_SIZE, ParseError, Position, Reason, ZeroByte};

mod file;

pub use file::{Loaded, add, create, load};

/// An account and its key.
pub struct Account {
    name: Vec<u8>,
    protocol: Vec<u8>,
    key: SecretKey,
}

impl Account {
    /// Gives `key` to the account `name`, as in `alice@example.org`, of `protocol`, as in `prpl-jabber`. Both are
    /// UTF-8 by custom and bytes by definition: that is how libotr compares them (FILE-13).
    ///
    /// # Errors
    /// One of the names contains a zero byte.
    pub fn new(
        name: impl Into<Vec<u8>>,
        protocol: impl Into<Vec<u8>>,
        key: SecretKey,
    ) -> Result<Self, ZeroByte> {
        let (name, protocol) = (name.into(), protocol.into());
        if name.contains(&0) || protocol.contains(&0) {
            return Err(ZeroByte);
        }
        Ok(Self { name, protocol, key })
    }

    /// The account's name.
    #[must_use]
    pub fn name(&self) -> &[u8] {
        &self.name
    }

    /// The protocol's name, which tells libotr's accounts of equal name apart.
    #[must_use]
    pub fn protocol(&self) -> &[u8] {
        &self.protocol
    }

    /// The key.
    #[must_use]
    pub fn key(&self) -> &SecretKey {
        &self.key
    }

    /// The key, without the rest.
    #[must_use]
    pub fn into_key(self) -> SecretKey {
        self.key
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, protocol) = (self.name.escape_ascii(), self.protocol.escape_ascii());
        write!(f, "Account(\"{name}\", \"{protocol}\", {:?})", self.key)
    }
}

/// What a private-key file contains.
#[derive(Debug, Default)]
#[must_use]
pub struct PrivateKeys {
    /// The accounts that can be used, in the order of the file.
    pub accounts: Vec<Account>,
    /// The parts of the file that cannot, in the order of the file. Show them to the user.
    pub damaged: Vec<Damage>,
}

impl PrivateKeys {
    /// The account `name` of `protocol`; the last of several, as in libotr (FILE-03).
    #[must_use]
    pub fn find(&self, name: impl AsRef<[u8]>, protocol: impl AsRef<[u8]>) -> Option<&Account> {
        let (name, protocol) = (name.as_ref(), protocol.as_ref());
        self.accounts.iter().rfind(|account| account.name == name && account.protocol == protocol)
    }
}

/// Reads the text of a private-key file. Every key is checked with `dsa`: that y is g^x (KEY-09), and sizes,
/// ranges and orders (KEY-04), though not that p and q are prime.
///
/// An account that is damaged does not take the others with it: it is left out and reported in
/// [`PrivateKeys::damaged`]. If the text breaks off or is garbled, the accounts before that place remain.
/// Elements that are not known are skipped.
///
/// # Errors
/// The text is too long or not a private-key file at all, or `dsa` failed.
pub fn parse(text: &[u8], dsa: &dyn Dsa) -> Result<PrivateKeys, ParseError> {
    if text.len() > MAX_FILE_SIZE {
        return Err(ParseError::TooLarge);
    }
    let mut reader = Reader::new(text).ok_or_else(other_kind_of_file)?;
    match reader.next() {
        Some(Ok(first)) if first.is_atom("privkeys") => {}
        _ => return Err(other_kind_of_file()),
    }
    let mut keys = PrivateKeys::default();
    for node in reader {
        match node.map_err(Rejection::from).and_then(|node| read_account(&node, dsa)) {
            Ok(account) => keys.accounts.push(account),
            Err(Rejection::Damaged(damage)) => keys.damaged.push(damage),
            Err(Rejection::Backend(error)) => return Err(ParseError::Backend(error)),
        }
    }
    Ok(keys)
}

/// Writes the text of a private-key file, byte for byte as libotr does (FILE-02); save that libotr writes a number
/// as text if all its bytes happen to be printable, which otr.js cannot read.
#[must_use]
pub fn print(accounts: &[Account]) -> Zeroizing<Vec<u8>> {
    // Allocated once and for all: a buffer that grows leaves copies of the secrets behind.
    let mut text = Zeroizing::new(Vec::with_capacity(longest_print(accounts)));
    text.extend(b"(privkeys\n");
    for Account { name, protocol, key } in accounts {
        text.extend(b" (account\n(name ");
        write_text(name, &mut text);
        text.extend(b")\n(protocol ");
        write_text(protocol, &mut text);
        text.extend(b")\n(private-key \n (dsa \n");
        let public = key.public();
        let numbers: [(u8, &[u8]); 5] = [
            (b'p', public.p()),
            (b'q', public.q()),
            (b'g', public.g()),
            (b'y', public.y()),
            (b'x', key.x().expose()),
        ];
        for (name, number) in numbers {
            text.extend([b' ', b' ', b'(', name, b' ']);
            write_number(number, &mut text);
            text.extend(b")\n");
        }
        text.extend(b"  )\n )\n )\n");
    }
    text.extend(b")\n");
    text
}

/// The most bytes that [`print()`] writes for these accounts.
fn longest_print(accounts: &[Account]) -> usize {
    /// The five numbers, 858 digits at most, and the words around them, 106 characters.
    const KEY: usize = 964;
    let account = |account: &Account| longest_text(account.name.len()) + longest_text(account.protocol.len());
    accounts.iter().map(|each| account(each) + KEY).sum::<usize>() + 12
}

/// Why an account is not taken.
enum Rejection {
    Damaged(Damage),
    Backend(otr_traits::Error),
}

impl Rejection {
    fn at(node: &Node<'_>, reason: impl Into<Reason>) -> Self {
        Self::Damaged(Damage { position: node.position, reason: reason.into() })
    }
}

impl From<Fault> for Rejection {
    fn from(fault: Fault) -> Self {
        Self::Damaged(Damage { position: fault.position, reason: fault.syntax.into() })
    }
}

fn other_kind_of_file() -> ParseError {
    let position = Position { line: 1, column: 1 };
    ParseError::Damaged(Damage { position, reason: Reason::NotPrivateKeys })
}

fn read_account(node: &Node<'_>, dsa: &dyn Dsa) -> Result<Account, Rejection> {
    if !node.is_list("account") {
        return Err(Rejection::at(node, Reason::NotAnAccount));
    }
    let name = value(node, "name")?;
    let protocol = value(node, "protocol")?;
    let key = read_key(element(element(node, "private-key")?, "dsa")?, dsa)?;
    Account::new(name.as_slice(), protocol.as_slice(), key).map_err(|fault| Rejection::at(node, fault))
}

fn read_key(node: &Node<'_>, dsa: &dyn Dsa) -> Result<SecretKey, Rejection> {
    let (mut p, mut q, mut g, mut y, mut x) = ([0; 128], [0; 20], [0; 128], [0; 128], Secret::zeroed());
    number(node, "p", KeyFault::P, &mut p)?;
    number(node, "q", KeyFault::Q, &mut q)?;
    number(node, "g", KeyFault::G, &mut g)?;
    number(node, "y", KeyFault::Y, &mut y)?;
    number(node, "x", KeyFault::X, x.expose_mut())?;
    let key = PublicKey::new(p, q, g, y).and_then(|public| checked(public, x, dsa));
    key.map_err(|error| match error {
        otr_traits::Error::InvalidKey(fault) => Rejection::at(node, Reason::Key(fault)),
        error => Rejection::Backend(error),
    })
}

/// Joins a public key and x, and checks the whole (KEY-09, and KEY-04 but for the primality).
pub(crate) fn checked(public: PublicKey, x: Secret<20>, dsa: &dyn Dsa) -> otr_traits::Result<SecretKey> {
    let key = SecretKey::new(public, x)?;
    dsa.validate(key.public(), Thoroughness::Orders)?;
    dsa.validate_secret(&key)?;
    Ok(key)
}

/// The list `(name …)` in the list `node`.
fn element<'n, 'a>(node: &'n Node<'a>, name: &'static str) -> Result<&'n Node<'a>, Rejection> {
    node.find(name).ok_or_else(|| Rejection::at(node, Reason::Missing(name)))
}

/// What the first atom after `name` stands for, in the list `(name …)` in the list `node`.
fn value(node: &Node<'_>, name: &'static str) -> Result<Zeroizing<Vec<u8>>, Rejection> {
    let element = element(node, name)?;
    let value = element.members().get(1).ok_or_else(|| Rejection::at(element, Reason::Missing(name)))?;
    Ok(value.bytes()?)
}

/// Reads a number into `to`, big-endian and padded; `fault` if it has more bytes than that.
fn number(node: &Node<'_>, name: &'static str, fault: KeyFault, to: &mut [u8]) -> Result<(), Rejection> {
    let value = value(node, name)?;
    let mut digits = value.iter().rev();
    for (to, digit) in to.iter_mut().rev().zip(&mut digits) {
        *to = *digit;
    }
    if digits.any(|digit| *digit != 0) {
        return Err(Rejection::at(node, Reason::Key(fault)));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_32_the_printed_secrets_fit_the_buffer_that_was_allocated_for_them() {
        // Numbers that need a leading zero byte, and names of which every character needs a backslash.
        let public = PublicKey::new([0xff; 128], [0xff; 20], [0xfe; 128], [0xfe; 128]).unwrap();
        let key = SecretKey::new(public, Secret::from([0xfe; 20])).unwrap();
        let account = || Account::new("\"".repeat(300), "\\".repeat(70), key.duplicate()).unwrap();
        for accounts in [vec![], vec![account()], vec![account(), account(), account()]] {
            assert_eq!(print(&accounts).len(), longest_print(&accounts));
        }
    }
}
