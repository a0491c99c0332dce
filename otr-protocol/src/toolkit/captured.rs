//! Data messages that somebody has recorded.

use otr_traits::{AesCtr, AesKey, Hash, Result, Secret};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::mac_key;
use crate::data::counter_block;
use crate::wire::{Body, Data, Header, Message, Plaintext, Writer, armor, dearmor};

/// A recorded Data message.
#[derive(Clone)]
pub struct Captured(Vec<u8>);

/// Why a text is not a Data message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotData {
    /// It contains no message, or one that is damaged.
    #[error("no OTR message of version 2 or 3, or a damaged one")]
    Malformed,
    /// It is one of the four messages of the key exchange.
    #[error("a message of the key exchange, not a Data message")]
    KeyExchange,
}

impl Captured {
    /// Takes the first message in armour out of a text.
    ///
    /// # Errors
    /// [`NotData`] if there is none, or another kind of message.
    pub fn decode(text: &[u8]) -> Result<Self, NotData> {
        let bytes = dearmor(text).map_err(|_| NotData::Malformed)?;
        match Message::decode(&bytes).map_err(|_| NotData::Malformed)?.body {
            Body::Data(_) => Ok(Self(bytes)),
            _ => Err(NotData::KeyExchange),
        }
    }

    /// Decrypts the message: its text, without TLVs; none if the MAC does not verify, as with a wrong key.
    ///
    /// # Errors
    /// If the backend fails.
    pub fn read(
        &self,
        backend: &(impl Hash + AesCtr + ?Sized),
        aes_key: &AesKey,
    ) -> Result<Option<Zeroizing<Vec<u8>>>> {
        let Some((_, data)) = self.parts() else { return Ok(None) };
        if !self.verifies(backend, &mac_key(backend, aes_key)?)? {
            return Ok(None);
        }
        let mut plaintext = Zeroizing::new(data.encrypted.to_vec());
        backend.aes_ctr(aes_key, counter_block(u64::from_be_bytes(data.counter)), &mut plaintext)?;
        Ok(Some(Zeroizing::new(Plaintext::decode(&plaintext).text.to_vec())))
    }

    /// The same message with another text, in armour. It verifies, whether or not the original was made with this key.
    ///
    /// # Errors
    /// If the backend fails.
    pub fn forge(
        &self,
        backend: &(impl Hash + AesCtr + ?Sized),
        aes_key: &AesKey,
        text: &[u8],
    ) -> Result<Vec<u8>> {
        let Some((header, data)) = self.parts() else { return Ok(Vec::new()) };
        let mut encrypted = text.to_vec();
        backend.aes_ctr(aes_key, counter_block(u64::from_be_bytes(data.counter)), &mut encrypted)?;
        remac(backend, &mac_key(backend, aes_key)?, &header, &Data { encrypted: &encrypted, ..data })
    }

    /// The same message with `new` where `old` stands in its text, `offset` bytes from the start, in armour. Nobody need
    /// be able to read it: in counter mode a change of the ciphertext is the same change of the text. What lies beyond
    /// the end, and beyond the shorter of the two, is left alone. None if the MAC does not verify.
    ///
    /// # Errors
    /// If the backend fails.
    pub fn modify(
        &self,
        hash: &(impl Hash + ?Sized),
        mac_key: &Secret<20>,
        old: &[u8],
        new: &[u8],
        offset: usize,
    ) -> Result<Option<Vec<u8>>> {
        let Some((header, data)) = self.parts() else { return Ok(None) };
        if !self.verifies(hash, mac_key)? {
            return Ok(None);
        }
        let mut encrypted = data.encrypted.to_vec();
        for (byte, (old, new)) in encrypted.iter_mut().skip(offset).zip(old.iter().zip(new)) {
            *byte ^= old ^ new;
        }
        remac(hash, mac_key, &header, &Data { encrypted: &encrypted, ..data }).map(Some)
    }

    fn verifies(&self, hash: &(impl Hash + ?Sized), mac_key: &Secret<20>) -> Result<bool> {
        let Some((_, data)) = self.parts() else { return Ok(false) };
        let mut mac = [0; 20];
        hash.hmac_sha1(mac_key.expose(), &[data.authenticated], &mut mac)?;
        Ok(mac.ct_eq(&data.mac).into())
    }

    /// Always there: only [`decode`](Self::decode) makes one.
    fn parts(&self) -> Option<(Header, Data<'_>)> {
        match Message::decode(&self.0) {
            Ok(Message { header, body: Body::Data(data) }) => Some((header, data)),
            _ => None,
        }
    }
}

impl core::fmt::Debug for Captured {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Captured({} bytes)", self.0.len())
    }
}

/// A Data message of any content, with its MAC, in armour. `data.mac` and `data.authenticated` do not matter.
///
/// # Errors
/// If the backend fails.
pub fn remac(
    hash: &(impl Hash + ?Sized),
    mac_key: &Secret<20>,
    header: &Header,
    data: &Data<'_>,
) -> Result<Vec<u8>> {
    let mut message = Writer::default();
    data.encode_authenticated(header, &mut message);
    let mut mac = [0; 20];
    hash.hmac_sha1(mac_key.expose(), &[message.as_slice()], &mut mac)?;
    message.bytes(&mac).data(data.revealed);
    Ok(armor(message.as_slice()))
}
