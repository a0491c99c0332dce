//! A file, encrypted under the extra symmetric key: announced within OTR, carried by whatever the two have.
//!
//! ```sh
//! cargo run -p otr-examples --bin file -- letter.txt letter.encrypted letter.received
//! ```
//!
//! Alice reads the first file and writes the second, Bob reads the second and writes the third. Both are in this one
//! process; between two machines the second file travels as it likes, and everything else through the session.
#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use std::error::Error;
use std::path::Path;
use std::{env, fs};

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{Key, KeyInit, XChaCha20Poly1305, XNonce};
use otr_protocol::traits::{Hash, Purpose, Rng, Secret};
use otr_protocol::{Account, DefaultBackend, Event, Fingerprint, Instant, Output, Recipient, Session};

type Result<T> = core::result::Result<T, Box<dyn Error>>;

/// Nothing here has to wait.
const NOW: Instant = Instant::from_millis(0);

fn main() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [input, encrypted, received] = arguments.as_slice() else {
        return Err("file INPUT ENCRYPTED RECEIVED".into());
    };
    let (alices, bobs) =
        (Account::generate(DefaultBackend::default())?, Account::generate(DefaultBackend::default())?);
    let (mut alice, mut bob) = (alices.session(), bobs.session());
    alice.start(NOW)?;
    carry(&mut alice, &mut bob)?;

    // Alice's side. Only the name of the file goes with it, not where it is.
    let name = Path::new(input).file_name().and_then(|name| name.to_str()).ok_or("a file without a name")?;
    let key = alice.announce_file(NOW, Recipient::Best, name)?;
    let key = file_key(alices.backend(), &key, alices.fingerprint())?;
    fs::write(encrypted, seal(alices.backend(), &key, name, &fs::read(input)?)?)?;

    // Bob's side. He writes where he wishes, whatever path Alice may have put into the name.
    for event in carry(&mut alice, &mut bob)? {
        if let (Some(name), Event::ExtraKey { key, .. }) = (event.file_name(), &event) {
            let key = file_key(bobs.backend(), key, alices.fingerprint())?;
            fs::write(received, open(&key, name, &fs::read(encrypted)?)?)?;
            println!("{:?} has arrived, as Alice sent it", name);
        }
    }
    Ok(())
}

/// The key of the files that `sender` sends. The extra key is the same in both directions and for every purpose (XKEY-04),
/// so that each needs a key of its own.
fn file_key(hash: &impl Hash, extra_key: &Secret<32>, sender: Fingerprint) -> Result<Secret<32>> {
    let mut key = Secret::zeroed();
    hash.hmac_sha256(extra_key.expose(), &[b"file from ", sender.as_bytes()], key.expose_mut())?;
    Ok(key)
}

/// A random nonce, and the encrypted file. Two files may have the same key: nonces of 24 bytes never meet.
fn seal(rng: &impl Rng, key: &Secret<32>, name: &str, file: &[u8]) -> Result<Vec<u8>> {
    let mut nonce = [0; 24];
    rng.fill(Purpose::Saved, &mut nonce)?;
    let payload = Payload { msg: file, aad: name.as_bytes() };
    let sealed = cipher(key).encrypt(&XNonce::from(nonce), payload).map_err(|_| "the file is too long")?;
    Ok([nonce.as_slice(), &sealed].concat())
}

/// The reverse. The name is authenticated too: no file can be put in the place of another.
fn open(key: &Secret<32>, name: &str, sealed: &[u8]) -> Result<Vec<u8>> {
    let (nonce, sealed) = sealed.split_first_chunk::<24>().ok_or("this is no encrypted file")?;
    let payload = Payload { msg: sealed, aad: name.as_bytes() };
    let file = cipher(key).decrypt(&XNonce::from(*nonce), payload);
    Ok(file.map_err(|_| "the file is not the one that was announced, or has been changed")?)
}

fn cipher(key: &Secret<32>) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(&Key::from(*key.expose()))
}

type Party = Session<DefaultBackend>;

/// Carries what the two have to say until both are silent; what happened on Bob's side.
fn carry(alice: &mut Party, bob: &mut Party) -> Result<Vec<Event>> {
    let mut events = Vec::new();
    while deliver(alice, bob, |_| ())? | deliver(bob, alice, |event| events.push(event))? {}
    Ok(events)
}

fn deliver(from: &mut Party, to: &mut Party, mut tell: impl FnMut(Event)) -> Result<bool> {
    let mut busy = false;
    loop {
        match from.poll(NOW)? {
            Output::Send(message) => to.receive(NOW, &message.text)?,
            Output::Event(event) => tell(event),
            Output::Idle(_) => return Ok(busy),
        }
        busy = true;
    }
}
