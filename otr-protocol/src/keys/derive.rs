//! Keys from a shared secret (CONST-04 … CONST-07).

use core::cmp::Ordering;
use core::fmt;

use otr_traits::{AesKey, Element, Hash, Result, Secret};

use crate::wire::Writer;

/// `secbytes` of the specification: the shared secret as an MPI (CONST-04).
#[must_use]
pub fn secret_bytes(shared_secret: &Element) -> Writer {
    let mut secbytes = Writer::with_capacity(4 + 192);
    secbytes.element(shared_secret);
    secbytes
}

/// The keys of an authenticated key exchange (CONST-05).
#[derive(Debug)]
pub struct AkeKeys {
    /// The session id.
    pub session_id: SessionId,
    /// c, m1 and m2: for the Reveal Signature.
    pub reveal: HalfKeys,
    /// c′, m1′ and m2′: for the Signature.
    pub signature: HalfKeys,
}

/// The keys of one of the two signed messages.
#[derive(Debug)]
pub struct HalfKeys {
    /// c or c′: encrypts X.
    pub c: AesKey,
    /// m1 or m1′: makes M, which is signed.
    pub m1: Secret<32>,
    /// m2 or m2′: authenticates the encrypted X.
    pub m2: Secret<32>,
}

impl AkeKeys {
    /// Derives them.
    ///
    /// # Errors
    /// If the backend fails.
    pub fn derive(hash: &(impl Hash + ?Sized), shared_secret: &Element) -> Result<Self> {
        let secbytes = secret_bytes(shared_secret);
        let h2 = |byte| h2(hash, byte, &secbytes);
        let half_key = |half: &[u8]| Secret::from_slice(half).unwrap_or_else(Secret::zeroed);
        let (id, c) = (h2(0x00)?, h2(0x01)?);
        let (first, second) = c.expose().split_at(16);
        let [a, b, c, d, e, f, g, h, ..] = *id.expose();
        Ok(Self {
            session_id: SessionId([a, b, c, d, e, f, g, h]),
            reveal: HalfKeys { c: half_key(first), m1: h2(0x02)?, m2: h2(0x03)? },
            signature: HalfKeys { c: half_key(second), m1: h2(0x04)?, m2: h2(0x05)? },
        })
    }
}

/// The keys of one pair of Diffie-Hellman keys, for data messages (CONST-06, CONST-07).
#[derive(Debug)]
pub struct DataKeys {
    /// Encrypts what we send.
    pub sending_aes: AesKey,
    /// Authenticates what we send. Never revealed (DATA-29).
    pub sending_mac: Secret<20>,
    /// Decrypts what we receive.
    pub receiving_aes: AesKey,
    /// Authenticates what we receive. Revealed when it is dead (DATA-27).
    pub receiving_mac: Secret<20>,
    /// The extra symmetric key, the same in both directions.
    pub extra: Secret<32>,
}

impl DataKeys {
    /// Derives them for the pair of our and their public value.
    ///
    /// # Errors
    /// If the backend fails.
    pub fn derive(
        hash: &(impl Hash + ?Sized),
        ours: &Element,
        theirs: &Element,
        shared_secret: &Element,
    ) -> Result<Self> {
        let secbytes = secret_bytes(shared_secret);
        let (send, receive) = match ours.compare_public(theirs) {
            Ordering::Greater => (0x01, 0x02), // the high end
            _ => (0x02, 0x01),                 // the low end
        };
        let (sending_aes, sending_mac) = one_direction(hash, send, &secbytes)?;
        let (receiving_aes, receiving_mac) = one_direction(hash, receive, &secbytes)?;
        let extra = h2(hash, 0xff, &secbytes)?;
        Ok(Self { sending_aes, sending_mac, receiving_aes, receiving_mac, extra })
    }
}

fn one_direction(hash: &(impl Hash + ?Sized), byte: u8, secbytes: &Writer) -> Result<(AesKey, Secret<20>)> {
    let mut h1 = Secret::<20>::zeroed();
    hash.sha1(&[&[byte], secbytes.as_slice()], h1.expose_mut())?;
    let mut aes = AesKey::zeroed();
    for (to, from) in aes.expose_mut().iter_mut().zip(h1.expose()) {
        *to = *from;
    }
    let mac = mac_key(hash, &aes)?;
    Ok((aes, mac))
}

/// The MAC key that goes with an AES key: its SHA-1 (CONST-06). So whoever can read a message can forge it.
///
/// # Errors
/// If the backend fails.
pub fn mac_key(hash: &(impl Hash + ?Sized), aes_key: &AesKey) -> Result<Secret<20>> {
    let mut mac = Secret::zeroed();
    hash.sha1(&[aes_key.expose()], mac.expose_mut())?;
    Ok(mac)
}

fn h2(hash: &(impl Hash + ?Sized), byte: u8, secbytes: &Writer) -> Result<Secret<32>> {
    let mut out = Secret::zeroed();
    hash.sha256(&[&[byte], secbytes.as_slice()], out.expose_mut())?;
    Ok(out)
}

/// The id of a session: 8 bytes that both sides share and that a man in the middle cannot make equal. It prints
/// as two groups of eight digits; which one our side reads aloud, [`Half`](crate::Half) says (KEY-10).
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SessionId([u8; 8]);

impl SessionId {
    #[cfg(feature = "serde")]
    pub(crate) const fn from_bytes(bytes: [u8; 8]) -> Self {
        Self(bytes)
    }

    /// The 8 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 8] {
        &self.0
    }

    /// 16 lower-case hexadecimal digits.
    #[must_use]
    pub fn to_hex(&self) -> String {
        base16ct::lower::encode_string(&self.0)
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, g, h, i] = self.0.map(u32::from);
        write!(f, "{:08x} {:08x}", a << 24 | b << 16 | c << 8 | d, e << 24 | g << 16 | h << 8 | i)
    }
}

impl fmt::Debug for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionId(..)")
    }
}
