//! `otr keygen` and `otr fingerprint`: files of long-term keys, in libotr's format.

use std::io::Write;
use std::path::{Path, PathBuf};

use otr_protocol::Fingerprint;
use otr_protocol::traits::SecretKey;
use otr_store::private_key::{self, Account, PrivateKeys};

use crate::backend::{Choice, Shared};
use crate::failure::Failure;
use crate::generate::generate;
use crate::profile::load_keys;
use crate::text::printable;

/// Make a long-term key, and print its fingerprint
///
/// The file has the format of libotr's otr.private_key, which Pidgin, irssi, WeeChat and others keep. Nobody but
/// its owner can read it. A key that is there already is never replaced.
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct KeygenOptions {
    #[command(flatten)]
    backend: Choice,
    /// The file to be created
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Add the key to the file if it exists
    #[arg(long)]
    add: bool,
    /// The account that the key is for, as in alice@example.org
    #[arg(long, value_name = "NAME", default_value = "default")]
    account: String,
    /// The network that the account is on, as in prpl-jabber
    #[arg(long, value_name = "NAME", default_value = "otr")]
    protocol: String,
}

/// Print the fingerprints of the keys in a file
///
/// One line for each account, in the order of the file: fingerprint, account and protocol, with tabs in between.
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct FingerprintOptions {
    #[command(flatten)]
    backend: Choice,
    /// A private-key file in libotr's format
    file: PathBuf,
}

/// Makes a key.
pub(crate) fn keygen(options: KeygenOptions, out: &mut impl Write) -> Result<(), Failure> {
    let KeygenOptions { backend, out: file, add, account, protocol } = options;
    let backend = backend.chosen()?;
    let key = generate(&backend)?;
    let account = Account::new(account, protocol, key).map_err(Failure::start)?;
    let line = line(&account, &backend)?;
    let stored = if add && file.exists() {
        private_key::add(&file, account, &backend)
    } else {
        private_key::create(&file, &[account])
    };
    stored.map_err(|error| match error {
        otr_store::Error::FileExists { .. } => Failure::Start(format!("{error} with --add")),
        error => Failure::start(error),
    })?;
    Ok(writeln!(out, "{line}")?)
}

/// Prints the fingerprints in a file.
pub(crate) fn fingerprint(options: FingerprintOptions, out: &mut impl Write) -> Result<(), Failure> {
    let backend = options.backend.chosen()?;
    for account in read(&options.file, &backend)?.accounts {
        writeln!(out, "{}", line(&account, &backend)?)?;
    }
    Ok(())
}

/// The key of an account in a file: of its first if no name is given.
pub(crate) fn load(file: &Path, name: Option<&str>, backend: &Shared) -> Result<SecretKey, Failure> {
    let keys = read(file, backend)?;
    let names: Vec<_> = keys.accounts.iter().map(|account| printable(account.name())).collect();
    let (file, names) = (file.display(), names.join(", "));
    let first = match name {
        Some(name) => keys.accounts.iter().find(|account| account.name() == name.as_bytes()),
        // Nobody must speak under another name because theirs is damaged.
        None if !keys.damaged.is_empty() => {
            let which = "which account comes first is not clear; choose one with --account";
            return Err(Failure::Start(format!("{file}: {which} from: {names}")));
        }
        None => keys.accounts.first(),
    };
    // Of several keys for the same account the last counts (FILE-03).
    let account = first.and_then(|first| keys.find(first.name(), first.protocol()));
    account.map(|account| account.key().duplicate()).ok_or_else(|| {
        let name = name.unwrap_or_default();
        Failure::Start(format!("{file}: there is no account {name:?}; choose from: {names}"))
    })
}

/// Reads a file with at least one account, and warns of what is wrong with it.
fn read(file: &Path, backend: &Shared) -> Result<PrivateKeys, Failure> {
    let keys = load_keys(file, backend).map_err(Failure::start)?;
    if keys.accounts.is_empty() {
        return Err(Failure::Start(format!(
            "{}: there is no usable key; make one with otr keygen",
            file.display()
        )));
    }
    Ok(keys)
}

fn line(account: &Account, backend: &Shared) -> Result<String, Failure> {
    let fingerprint = Fingerprint::of(account.key().public(), backend).map_err(Failure::start)?;
    Ok(format!("{fingerprint}\t{}\t{}", printable(account.name()), printable(account.protocol())))
}
