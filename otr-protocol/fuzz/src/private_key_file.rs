//! Files and texts with private keys: libotr's `otr.private_key`, and otr.js's string.
//!
//! An input is such a file, such a string, and the names of an account that is written to such a file.
//!
//! What must hold (FILE-01 … FILE-04, FILE-30, FILE-32, S-19):
//!
//! * whatever is read leads to keys or to damage whose place is in the file; the backend that checks keys never fails;
//! * keys that were read and are written are read again as the same, under the same names;
//! * otr.js's string has one spelling.

use otr_protocol::traits::SecretKey;
use otr_store::private_key::{self, Account, PrivateKeys};
use otr_store::{Damage, ParseError, otrjs};

use crate::backend::Repeated;
use crate::support::Name;

pub fn run(data: &[u8]) {
    let backend = Repeated::new(0);
    match private_key::parse(data, &*backend) {
        Ok(PrivateKeys { accounts, damaged }) => {
            damaged.iter().for_each(|damage| is_in(data, damage));
            rewrite(&accounts, &backend);
        }
        Err(ParseError::Damaged(damage)) => is_in(data, &damage),
        Err(error) => panic!("{error}"),
    }
    otr_js(data, &backend);
    names(data, &backend);
}

/// The place of a damage is a place in the file, or its end.
fn is_in(file: &[u8], Damage { position, .. }: &Damage) {
    let line = file.split(|byte| *byte == b'\n').nth(position.line - 1).unwrap();
    assert!((1..=line.len() + 1).contains(&position.column));
}

/// Written and read, the accounts are the same; written again, so is the file.
fn rewrite(accounts: &[Account], backend: &Repeated) {
    let file = private_key::print(accounts);
    let again = private_key::parse(&file, backend).unwrap();
    assert!(again.damaged.is_empty());
    assert_eq!(again.accounts.len(), accounts.len());
    for (one, other) in accounts.iter().zip(&again.accounts) {
        assert_eq!((one.name(), one.protocol()), (other.name(), other.protocol()));
        assert!(are_equal(one.key(), other.key()));
        let last =
            accounts.iter().rfind(|each| (each.name(), each.protocol()) == (one.name(), one.protocol()));
        let found = again.find(one.name(), one.protocol()).unwrap();
        assert!(are_equal(found.key(), last.unwrap().key()));
    }
    assert_eq!(*private_key::print(&again.accounts), *file);
}

fn otr_js(text: &[u8], backend: &Repeated) {
    let Ok(text) = core::str::from_utf8(text) else { return };
    if let Ok(key) = otrjs::parse(text, backend) {
        assert_eq!(*otrjs::print(&key), text.trim());
    }
}

/// An account of any name.
fn names(data: &[u8], backend: &Repeated) {
    let (name, protocol) = data.split_at(data.len() / 2);
    match Account::new(name, protocol, Name::Alice.key()) {
        Ok(account) => rewrite(&[account], backend),
        Err(_) => assert!(data.contains(&0)),
    }
}

fn are_equal(one: &SecretKey, other: &SecretKey) -> bool {
    one.public() == other.public() && one.x() == other.x()
}
