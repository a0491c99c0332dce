//! Data messages: an encrypted session, and what passes through it (DATA-*).

mod ring;
#[cfg(feature = "serde")]
mod saved;

use otr_traits::{Backend, Element, Secret};
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, Zeroizing};

use ring::{Receiving, Ring, Sending};

use crate::ake::{Established, Fault};
use crate::keys::is_same_but_for_the_sign;
use crate::resend::LastText;
use crate::smp::Smp;
use crate::wire::{Data, Header, Plaintext, Tlv, Version, Writer, text_length};
use crate::{Error, Fingerprint, Half, Instant, Problem, Result, SessionId};

/// What an encrypted session is known by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Secured {
    /// The version of the protocol.
    pub version: Version,
    /// The fingerprint of the peer's long-term key.
    pub fingerprint: Fingerprint,
    /// The session id (KEY-10).
    pub session_id: SessionId,
    /// The half of the session id that our side reads aloud.
    pub our_half: Half,
}

/// An encrypted session in one slot.
#[derive(Debug)]
pub(crate) struct Encrypted {
    pub(crate) secured: Secured,
    pub(crate) smp: Smp,
    pub(crate) last_text: LastText,
    /// When we last sent anything in it, and received anything.
    pub(crate) last_sent: Instant,
    pub(crate) last_received: Instant,
    ring: Ring,
}

/// A message that was authentic.
pub(crate) struct Opened {
    /// The text: everything before the first NUL.
    pub(crate) text: Vec<u8>,
    /// The records after it, to be parsed.
    pub(crate) records: Zeroizing<Vec<u8>>,
    /// The keys could not be rotated, so the session must end (DATA-30, DATA-32).
    pub(crate) must_end: bool,
    /// The extra symmetric key of the pair that encrypted the message, if a record in it asks for that.
    pub(crate) extra_key: Option<Secret<32>>,
}

impl Encrypted {
    /// The session that a key exchange has established (AKE-72). `previous` is the one it replaces, whose used
    /// MAC keys are dead now and will be revealed.
    pub(crate) fn new(session: Established, previous: Option<Box<Self>>, now: Instant) -> Self {
        let Established { version, fingerprint, session_id, our_half, .. } = session;
        let dead_keys = previous.map(|previous| previous.ring.into_dead_keys()).unwrap_or_default();
        let ring =
            Ring::new(session.pair, session.next_pair, session.their_public, session.their_keyid, dead_keys);
        // A comparison does not survive a new session (SMP-26).
        Self {
            secured: Secured { version, fingerprint, session_id, our_half },
            smp: Smp::default(),
            last_text: LastText::default(),
            last_sent: now,
            last_received: now,
            ring,
        }
    }

    /// When anything last passed through it.
    pub(crate) fn last_used(&self) -> Instant {
        self.last_sent.max(self.last_received)
    }

    /// Encrypts a message (DATA-10 … DATA-14); the result is to be armoured.
    pub(crate) fn seal(
        &mut self,
        backend: &impl Backend,
        header: &Header,
        flags: u8,
        plaintext: &Plaintext<'_>,
    ) -> Result<Vec<u8>> {
        let mut message = self.encrypt(backend, header, flags, plaintext)?;
        reveal(&self.ring.take_dead_keys(), &mut message);
        Ok(message.into_vec())
    }

    /// Encrypts the last message of the session. All keys die with it, so every MAC key that was used is revealed
    /// (MSG-62).
    pub(crate) fn seal_last(
        mut self,
        backend: &impl Backend,
        header: &Header,
        flags: u8,
        plaintext: &Plaintext<'_>,
    ) -> Result<Vec<u8>> {
        let mut message = self.encrypt(backend, header, flags, plaintext)?;
        reveal(&self.ring.into_dead_keys(), &mut message);
        Ok(message.into_vec())
    }

    /// The extra symmetric key of the pair that the next message will be sent with (XKEY-01).
    pub(crate) fn sending_extra_key(&mut self, backend: &impl Backend) -> otr_traits::Result<Secret<32>> {
        Ok(self.ring.sending(backend)?.keys.extra.duplicate())
    }

    /// The most bytes that a message with a plaintext of `length` bytes can take, before armour (WIRE-21).
    pub(crate) fn sealed_length(&self, length: usize) -> usize {
        252 + length + 20 * self.ring.dead_keys()
    }

    /// A message through its MAC.
    fn encrypt(
        &mut self,
        backend: &impl Backend,
        header: &Header,
        flags: u8,
        plaintext: &Plaintext<'_>,
    ) -> Result<Writer> {
        let length = plaintext.encoded_length();
        let mut message = Writer::with_capacity(self.sealed_length(length));
        let Sending { sender_keyid, recipient_keyid, next_y, keys, usage } = self.ring.sending(backend)?;
        // The counter goes first: whatever fails from here on, it is never used again (DATA-11).
        usage.sent = usage.sent.checked_add(1).ok_or(Error::CounterExhausted)?;
        let counter = usage.sent;

        let head = Data {
            flags,
            sender_keyid,
            recipient_keyid,
            next_y: next_y.as_be_bytes(),
            counter: counter.to_be_bytes(),
            encrypted: &[],
            authenticated: &[],
            mac: [0; 20],
            revealed: &[],
        };
        head.encode_head(header, &mut message);
        plaintext.write(message.length(length));
        backend.aes_ctr_prepared(&mut keys.sending_aes, counter_block(counter), message.last_mut(length))?;
        let mut mac = [0; 20];
        backend.hmac_sha1_prepared(&mut keys.sending_mac, &[message.as_slice()], &mut mac)?;
        message.bytes(&mac);
        Ok(message)
    }

    /// Checks and decrypts a message (DATA-20 … DATA-28). Nothing has changed if this fails, except that a MAC key
    /// which has verified something is marked as used (DATA-23).
    pub(crate) fn open(
        &mut self,
        backend: &impl Backend,
        data: &Data<'_>,
    ) -> core::result::Result<Opened, Fault> {
        const UNREADABLE: Fault = Fault::Peer(Problem::Unreadable);
        let (recipient_keyid, sender_keyid) = (data.recipient_keyid, data.sender_keyid);
        let pair = self.ring.receiving(backend, recipient_keyid, sender_keyid)?;
        let Receiving { announced, before, is_newest, keys, usage } = pair.ok_or(UNREADABLE)?;

        // The MAC comes before everything else (DATA-22).
        let mut mac = [0; 20];
        backend.hmac_sha1_prepared(&mut keys.receiving_mac, &[data.authenticated], &mut mac)?;
        if !bool::from(mac.ct_eq(&data.mac)) {
            return Err(UNREADABLE);
        }
        usage.mac_used = true;
        let counter = u64::from_be_bytes(data.counter);
        if counter <= usage.received {
            return Err(UNREADABLE); // DATA-24
        }
        let next_y = next_key(data.next_y, announced).ok_or(UNREADABLE)?;
        // A key that comes back would bring its key streams back, with counters from 1 (DATA-11), and MAC keys that have been
        // revealed (DATA-31).
        let comes_back = |next: &Element| {
            [Some(announced), before].into_iter().flatten().any(|old| is_same_but_for_the_sign(next, old))
        };
        if is_newest && next_y.as_ref().is_none_or(comes_back) {
            return Err(UNREADABLE);
        }
        let mut plaintext = Zeroizing::new(data.encrypted.to_vec());
        backend.aes_ctr_prepared(&mut keys.receiving_aes, counter_block(counter), &mut plaintext)?;

        let (text, records) = split(plaintext);
        let asks = |tlv: Tlv<'_>| tlv.kind == Tlv::EXTRA_KEY;
        let extra_key = Tlv::all(&records).any(asks).then(|| keys.extra.duplicate());

        usage.received = counter;
        let rotated = self.ring.rotate(backend, recipient_keyid, sender_keyid, next_y);
        Ok(Opened { text, records, must_end: rotated.is_err(), extra_key })
    }
}

/// Writes old MAC keys, one after the other.
fn reveal(keys: &[Secret<20>], message: &mut Writer) {
    message.length(20 * keys.len());
    for key in keys {
        message.bytes(key.expose());
    }
}

/// The key that a message announces, if it is in range (DATA-25). Inside, nothing if it is the one already known:
/// most messages announce what the one before did.
fn next_key(next_y: &[u8], announced: &Element) -> Option<Option<Element>> {
    let zeros = announced.as_be_bytes().strip_suffix(next_y);
    if zeros.is_some_and(|zeros| zeros.iter().all(|byte| *byte == 0)) {
        return Some(None);
    }
    Element::from_be_bytes(next_y).filter(Element::is_in_range).map(Some)
}

/// Text and records of a decrypted message. The text stays where it is, and nothing of the records beside it.
fn split(mut plaintext: Zeroizing<Vec<u8>>) -> (Vec<u8>, Zeroizing<Vec<u8>>) {
    let length = text_length(&plaintext);
    let records = Zeroizing::new(plaintext.get(length + 1..).unwrap_or_default().to_vec());
    plaintext.get_mut(length..).unwrap_or_default().zeroize();
    plaintext.truncate(length);
    (core::mem::take(&mut *plaintext), records)
}

/// The upper half is the message's counter, the lower half counts blocks (CONST-08).
pub(crate) fn counter_block(counter: u64) -> [u8; 16] {
    (u128::from(counter) << 64).to_be_bytes()
}
