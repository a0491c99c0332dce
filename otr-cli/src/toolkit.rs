//! `otr toolkit`: forging transcripts, as libotr's six toolkit programs do, with the same arguments and the same output.

use std::io::{self, IsTerminal, Read, Write};

use clap::Subcommand;
use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use otr_protocol::InstanceTag;
use otr_protocol::toolkit::{self, Captured, PairKeys};
use otr_protocol::traits::{AesKey, Element, Exponent, Secret};
use otr_protocol::wire::{Data, Header, Version};

use crate::backend::{Choice, Shared};
use crate::failure::{Failure, warn};
use crate::text::printable;

/// Read, change and forge recorded messages, which is why a transcript proves nothing
///
/// Messages are authenticated with keys that both sides have, and that are published when they are dead. Whoever has
/// one can make any transcript verify.
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Options {
    #[command(flatten)]
    backend: Choice,
    #[command(subcommand)]
    tool: Tool,
}

#[derive(Subcommand)]
enum Tool {
    /// Show the fields of all messages on standard input
    Parse,
    /// Show what follows from one private and one public Diffie-Hellman value
    Sesskeys {
        /// Our private value, in hex
        #[arg(value_parser = any_hex)]
        our_privkey: Bytes,
        /// Their public value, in hex
        #[arg(value_parser = public)]
        their_pubkey: Element,
    },
    /// Show the MAC key that goes with an AES key
    Mackey {
        /// 32 hex digits
        #[arg(value_parser = hex::<16>)]
        aeskey: [u8; 16],
    },
    /// Decrypt the Data message on standard input, and write it again with another text
    Readforge {
        /// 32 hex digits; without the right key the message cannot be read, but still be forged
        #[arg(value_parser = hex::<16>)]
        aeskey: [u8; 16],
        /// What the message is to say instead
        new_message: Option<String>,
    },
    /// Replace a text that is guessed in the Data message on standard input, without being able to read it
    Modify {
        /// 40 hex digits
        #[arg(value_parser = hex::<20>)]
        mackey: [u8; 20],
        /// What stands there
        old_text: String,
        /// What shall stand there, of the same length
        new_text: String,
        /// Where it stands, in bytes from the start
        offset: usize,
    },
    /// Make a Data message of version 3 from its parts
    Remac(Box<Parts>),
}

/// The parts of a Data message: hex, but for the numbers, which are decimal.
#[derive(clap::Args)]
struct Parts {
    /// 40 hex digits
    #[arg(value_parser = hex::<20>)]
    mackey: [u8; 20],
    sender_instance: u32,
    receiver_instance: u32,
    flags: u8,
    snd_keyid: u32,
    rcp_keyid: u32,
    /// The sender's next public value
    #[arg(value_parser = public)]
    pubkey: Element,
    /// 16 hex digits
    #[arg(value_parser = hex::<8>)]
    counter: [u8; 8],
    /// The encrypted text
    #[arg(value_parser = any_hex)]
    encdata: Bytes,
    /// The MAC keys it reveals, one after the other
    #[arg(value_parser = any_hex)]
    revealed_mackeys: Bytes,
}

/// Runs one of the tools.
pub(crate) fn run(options: Options, out: &mut impl Write) -> Result<(), Failure> {
    let backend = options.backend.chosen()?;
    match options.tool {
        Tool::Parse => parse(out)?,
        Tool::Sesskeys { our_privkey, their_pubkey } => {
            session_keys(&backend, &our_privkey, &their_pubkey, out)?;
        }
        Tool::Mackey { aeskey } => {
            let mac = toolkit::mac_key(&backend, &AesKey::from(aeskey)).map_err(Failure::run)?;
            writeln!(
                out,
                "AES key: {}\nMAC key: {}",
                HEXLOWER.encode(&aeskey),
                HEXLOWER.encode(mac.expose())
            )?;
        }
        Tool::Readforge { aeskey, new_message } => {
            read_forge(&backend, &AesKey::from(aeskey), new_message.as_deref(), out)?;
        }
        Tool::Modify { mackey, old_text, new_text, offset } => {
            if old_text.len() != new_text.len() {
                return Err(Failure::Start("the old and the new text must be of the same length".into()));
            }
            let (old, new, mac_key) = (old_text.as_bytes(), new_text.as_bytes(), Secret::from(mackey));
            let modified = captured()?.modify(&backend, &mac_key, old, new, offset).map_err(Failure::run)?;
            let modified =
                modified.ok_or_else(|| Failure::Run("MAC does not verify: wrong MAC key?".into()))?;
            print(&modified, out)?;
        }
        Tool::Remac(parts) => {
            let header = Header {
                version: Version::V3,
                sender: InstanceTag::new(parts.sender_instance),
                receiver: InstanceTag::new(parts.receiver_instance),
            };
            let data = Data {
                flags: parts.flags,
                sender_keyid: parts.snd_keyid,
                recipient_keyid: parts.rcp_keyid,
                next_y: parts.pubkey.as_be_bytes(),
                counter: parts.counter,
                encrypted: &parts.encdata,
                authenticated: &[],
                mac: [0; 20],
                revealed: &parts.revealed_mackeys,
            };
            let message = toolkit::remac(&backend, &Secret::from(parts.mackey), &header, &data);
            print(&message.map_err(Failure::run)?, out)?;
        }
    }
    Ok(())
}

fn parse(out: &mut impl Write) -> io::Result<()> {
    for message in toolkit::messages(&input()?) {
        out.write_all(toolkit::describe(message).as_bytes())?;
    }
    Ok(())
}

fn session_keys(
    backend: &Shared,
    private: &[u8],
    theirs: &Element,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let too_long = || Failure::Start("a private value has 192 bytes at most".into());
    let private = Exponent::from_be_bytes(private).ok_or_else(too_long)?;
    let pair = PairKeys::derive(backend, private, theirs).map_err(Failure::run)?;
    let end = if pair.is_high { "high" } else { "low" };
    let public = pair.public.as_be_bytes();
    let zeros = public.iter().take_while(|byte| **byte == 0).count();
    let public = HEXLOWER.encode(public.get(zeros..).unwrap_or_default());
    writeln!(out, "\nWe are the {end} end of this key exchange.\n\nOur public key: {public}\n")?;
    writeln!(out, "Session id: {}\n", HEXLOWER.encode(pair.session_id.expose()))?;
    writeln!(out, "Sending   AES key: {}", HEXLOWER.encode(pair.keys.sending_aes.expose()))?;
    writeln!(out, "Sending   MAC key: {}", HEXLOWER.encode(pair.keys.sending_mac.expose()))?;
    writeln!(out, "Receiving AES key: {}", HEXLOWER.encode(pair.keys.receiving_aes.expose()))?;
    writeln!(out, "Receiving MAC key: {}\n", HEXLOWER.encode(pair.keys.receiving_mac.expose()))?;
    Ok(())
}

fn read_forge(
    backend: &Shared,
    aes_key: &AesKey,
    new_text: Option<&str>,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let captured = captured()?;
    match captured.read(backend, aes_key).map_err(Failure::run)? {
        Some(text) => {
            out.write_all(b"Plaintext: ``")?;
            // For a person, what governs the terminal is a mark; for a program it is itself.
            if io::stdout().is_terminal() {
                out.write_all(printable(&text).as_bytes())?;
            } else {
                out.write_all(&text)?;
            }
            out.write_all(b"''\n")?;
        }
        None => warn("MAC does not verify: wrong AES key?"),
    }
    if let Some(text) = new_text {
        print(&captured.forge(backend, aes_key, text.as_bytes()).map_err(Failure::run)?, out)?;
    }
    Ok(())
}

fn print(message: &[u8], out: &mut impl Write) -> io::Result<()> {
    out.write_all(message)?;
    out.write_all(b"\n")
}

/// The first message on standard input.
fn captured() -> Result<Captured, Failure> {
    Captured::decode(&input()?).map_err(|fault| Failure::Run(format!("standard input: {fault}")))
}

fn input() -> io::Result<Vec<u8>> {
    let mut input = Vec::new();
    io::stdin().lock().read_to_end(&mut input)?;
    Ok(input)
}

type Bytes = Box<[u8]>;

fn any_hex(digits: &str) -> Result<Bytes, String> {
    let bytes = HEXLOWER_PERMISSIVE.decode(digits.as_bytes());
    bytes.map(Into::into).map_err(|_| "give an even number of hexadecimal digits".to_owned())
}

fn hex<const N: usize>(digits: &str) -> Result<[u8; N], String> {
    let bytes = HEXLOWER_PERMISSIVE.decode(digits.as_bytes()).ok();
    bytes.and_then(|bytes| bytes.try_into().ok()).ok_or_else(|| format!("give {} hexadecimal digits", 2 * N))
}

fn public(digits: &str) -> Result<Element, String> {
    let element = Element::from_be_bytes(&any_hex(digits)?);
    element.ok_or_else(|| "a public value has 192 bytes at most".to_owned())
}
