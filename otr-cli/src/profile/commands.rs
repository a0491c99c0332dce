//! `otr keys`: what is in a profile, and what is done to it.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use clap::Subcommand;
use otr_protocol::Fingerprint;
use otr_store::atomic::{self, Contents};
use otr_store::fingerprints::{self, Correspondent};
use otr_store::otrjs;
use otr_store::private_key::{self, Account};

use super::{Profile, ProfileChoice, load_keys, warn_of_exposure};
use crate::backend::{self, Shared};
use crate::failure::Failure;
use crate::generate::generate;
use crate::text::{printable, qr};

/// Manage the keys and fingerprints of a profile
///
/// A profile is a folder with libotr's files, so Pidgin, irssi, WeeChat and others can share it.
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Options {
    #[command(flatten)]
    profile: ProfileChoice,
    #[command(flatten)]
    backend: backend::Choice,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Show our keys, and the fingerprints of others with their trust
    List,
    /// Make a key for an account that has none
    Generate(Name),
    /// Take over keys from a file of libotr, or one key of otr.js (packPrivate)
    Import {
        /// The file; - for standard input
        file: PathBuf,
        #[command(flatten)]
        name: Name,
    },
    /// Write the secret key of an account to a new file
    Export {
        #[command(flatten)]
        name: Name,
        /// For which program
        #[arg(long, value_enum, default_value = "libotr")]
        format: Format,
        /// The file to be created
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Show the fingerprint of an account, for others to compare
    Fingerprint {
        #[command(flatten)]
        name: Name,
        /// As a QR code too, to be read from the screen
        #[arg(long)]
        qr: bool,
    },
    /// Trust a fingerprint of somebody: after it was compared, not before
    Trust {
        /// Who they are
        user: String,
        /// 40 hexadecimal digits; spaces do not matter
        fingerprint: Fingerprint,
        #[command(flatten)]
        name: Name,
        /// How it was verified; an empty text takes the trust away
        #[arg(long = "as", value_name = "TEXT", default_value = "verified")]
        trust: String,
    },
    /// Forget a fingerprint of somebody
    Forget {
        /// Who they are
        user: String,
        /// 40 hexadecimal digits; spaces do not matter
        fingerprint: Fingerprint,
        #[command(flatten)]
        name: Name,
    },
}

/// Which of our accounts is meant.
#[derive(clap::Args)]
struct Name {
    /// The account, as in alice@example.org
    #[arg(long, value_name = "NAME", default_value = "default")]
    account: String,
    /// The network that the account is on, as in prpl-jabber
    #[arg(long, value_name = "NAME", default_value = "otr")]
    protocol: String,
}

/// Whose format a key is written in.
#[derive(Clone, Copy, clap::ValueEnum)]
enum Format {
    /// A private-key file of libotr
    Libotr,
    /// A line for DSA.parsePrivate of otr.js
    Otrjs,
}

/// Runs one of the commands.
pub(crate) fn run(options: Options, out: &mut impl Write) -> Result<(), Failure> {
    let (profile, backend) = (options.profile.chosen()?, options.backend.chosen()?);
    match options.command {
        Command::List => list(&profile, &backend, out),
        Command::Generate(Name { account, protocol }) => {
            if profile.load_keys(&backend)?.find(&account, &protocol).is_some() {
                let path = profile.private_keys();
                return Err(Failure::Start(format!("{}: {account:?} has a key already", path.display())));
            }
            let account = Account::new(account, protocol, generate(&backend)?).map_err(Failure::start)?;
            let line = line(&account, &backend)?;
            add(&profile, account, &backend)?;
            Ok(writeln!(out, "{line}")?)
        }
        Command::Import { file, name } => {
            for account in read(&file, name, &backend)? {
                let line = line(&account, &backend)?;
                add(&profile, account, &backend)?;
                writeln!(out, "{line}")?;
            }
            Ok(())
        }
        Command::Export { name, format, out: file } => {
            let account = find(&profile, &name, &backend)?;
            match format {
                Format::Libotr => private_key::create(&file, &[account]).map_err(Failure::start),
                Format::Otrjs => {
                    // At once: a text that grows leaves a copy of the secret behind.
                    let text =
                        zeroize::Zeroizing::new([otrjs::print(account.key()).as_bytes(), b"\n"].concat());
                    let explain = |error| Failure::Start(format!("{}: {error}", file.display()));
                    atomic::create(&file, &text).map_err(explain)
                }
            }
        }
        Command::Fingerprint { name, qr: with_qr } => {
            let account = find(&profile, &name, &backend)?;
            let fingerprint = Fingerprint::of(account.key().public(), &backend).map_err(Failure::start)?;
            writeln!(out, "{fingerprint}")?;
            if with_qr {
                writeln!(out, "{}", qr(&fingerprint.to_hex())?)?;
            }
            Ok(())
        }
        Command::Trust { user, fingerprint, name, trust } => {
            profile.create()?;
            let whose = correspondent(user, name)?;
            let set = fingerprints::update(profile.fingerprints(), |all| all.set(&whose, fingerprint, trust));
            set.map_err(Failure::start)?.map_err(Failure::start)
        }
        Command::Forget { user, fingerprint, name } => {
            let whose = correspondent(user, name)?;
            let path = profile.fingerprints();
            if fingerprints::update(&path, |all| all.forget(&whose, &fingerprint)).map_err(Failure::start)? {
                return Ok(());
            }
            Err(Failure::Start(format!(
                "{}: there is no such fingerprint of theirs; see otr keys list",
                path.display()
            )))
        }
    }
}

fn list(profile: &Profile, backend: &Shared, out: &mut impl Write) -> Result<(), Failure> {
    let (keys, tags) = (profile.load_keys(backend)?, profile.load_instance_tags()?);
    for account in &keys.accounts {
        let tag = tags.find(account.name(), account.protocol()).map(|tag| tag.to_string());
        writeln!(out, "{}\t{}", line(account, backend)?, tag.as_deref().unwrap_or("no instance tag yet"))?;
    }
    for record in profile.load_fingerprints()?.records() {
        let trust = if record.trust.is_empty() { "not verified".into() } else { printable(&record.trust) };
        let (user, account) = (printable(record.whose.user()), printable(record.whose.account()));
        let protocol = printable(record.whose.protocol());
        writeln!(out, "{}\t{user}\tof {account}\t{protocol}\t{trust}", record.fingerprint)?;
    }
    Ok(())
}

/// Fingerprint, account and protocol, with tabs in between.
fn line(account: &Account, backend: &Shared) -> Result<String, Failure> {
    let fingerprint = Fingerprint::of(account.key().public(), backend).map_err(Failure::start)?;
    Ok(format!("{fingerprint}\t{}\t{}", printable(account.name()), printable(account.protocol())))
}

/// Adds an account to the profile; one that has a key keeps it.
fn add(profile: &Profile, account: Account, backend: &Shared) -> Result<(), Failure> {
    profile.create()?;
    let path = profile.private_keys();
    let added = if path.exists() {
        private_key::add(&path, account, backend)
    } else {
        private_key::create(&path, &[account])
    };
    added.map_err(Failure::start)
}

fn find(profile: &Profile, name: &Name, backend: &Shared) -> Result<Account, Failure> {
    let keys = profile.load_keys(backend)?;
    let found = keys.find(&name.account, &name.protocol).map(|account| account.key().duplicate());
    let key = found.ok_or_else(|| {
        let (path, Name { account, protocol }) = (profile.private_keys(), name);
        let what = format!("there is no key for {account:?} on {protocol:?}; see otr keys list");
        Failure::Start(format!("{}: {what}", path.display()))
    })?;
    Account::new(name.account.as_str(), name.protocol.as_str(), key).map_err(Failure::start)
}

fn correspondent(user: String, name: Name) -> Result<Correspondent, Failure> {
    Correspondent::new(user, name.account, name.protocol).map_err(Failure::start)
}

/// The accounts of a file of libotr's, which begins with a parenthesis, or the one key of otr.js in it.
fn read(file: &Path, name: Name, backend: &Shared) -> Result<Vec<Account>, Failure> {
    let explain = |error: &dyn std::fmt::Display| Failure::Start(format!("{}: {error}", file.display()));
    let Contents { bytes, exposure } = if file == Path::new("-") {
        let mut bytes = zeroize::Zeroizing::new(Vec::with_capacity(otr_store::MAX_FILE_SIZE));
        std::io::stdin().lock().take(otr_store::MAX_FILE_SIZE as u64).read_to_end(&mut bytes)?;
        Contents { bytes, exposure: None }
    } else {
        atomic::read(file).map_err(|error| explain(&error))?
    };
    if bytes.trim_ascii_start().starts_with(b"(") {
        let keys = if file == Path::new("-") {
            private_key::parse(&bytes, backend).map_err(|error| explain(&error))?
        } else {
            load_keys(file, backend).map_err(Failure::start)?
        };
        return Ok(keys.accounts);
    }
    warn_of_exposure(file, exposure);
    let text = std::str::from_utf8(&bytes).map_err(|error| explain(&error))?;
    let key = otrjs::parse(text, backend).map_err(|error| explain(&error))?;
    Ok(vec![Account::new(name.account, name.protocol, key).map_err(Failure::start)?])
}
