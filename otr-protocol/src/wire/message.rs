//! The five messages (WIRE-21, WIRE-22).

use otr_traits::Element;

use super::{Header, Malformed, Reader, Writer};

/// A message with its header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message<'a> {
    /// Version and tags.
    pub header: Header,
    /// What it says.
    pub body: Body<'a>,
}

/// The body of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body<'a> {
    /// Type 0x02.
    DhCommit(DhCommit),
    /// Type 0x0a.
    DhKey(DhKey),
    /// Type 0x11.
    RevealSignature(RevealSignature),
    /// Type 0x12.
    Signature(Signature),
    /// Type 0x03.
    Data(Data<'a>),
}

impl<'a> Message<'a> {
    /// Parses a message, decoded from base64.
    ///
    /// # Errors
    /// [`Malformed`] if it is not exactly one message of version 2 or 3.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        let (header, message_type) = Header::decode(&mut reader)?;
        let body = match message_type {
            DhCommit::TYPE => Body::DhCommit(DhCommit::decode(&mut reader)?),
            DhKey::TYPE => Body::DhKey(DhKey { gy: reader.element()? }),
            RevealSignature::TYPE => Body::RevealSignature(RevealSignature::decode(&mut reader)?),
            Signature::TYPE => Body::Signature(Signature::decode(&mut reader)?),
            Data::TYPE => Body::Data(Data::decode(&mut reader)?),
            _ => return Err(Malformed),
        };
        reader.finish()?;
        Ok(Self { header, body })
    }

    /// The bytes of the message, to be [armoured](super::armor).
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::default();
        match &self.body {
            Body::DhCommit(commit) => {
                self.header.encode(DhCommit::TYPE, &mut writer);
                writer.data(&commit.encrypted_gx).data(&commit.hash);
            }
            Body::DhKey(key) => {
                self.header.encode(DhKey::TYPE, &mut writer);
                writer.element(&key.gy);
            }
            Body::RevealSignature(reveal) => {
                self.header.encode(RevealSignature::TYPE, &mut writer);
                writer.data(&reveal.r).data(&reveal.encrypted).bytes(&reveal.mac);
            }
            Body::Signature(signature) => {
                self.header.encode(Signature::TYPE, &mut writer);
                writer.data(&signature.encrypted).bytes(&signature.mac);
            }
            Body::Data(data) => {
                data.encode_authenticated(&self.header, &mut writer);
                writer.bytes(&data.mac).data(data.revealed);
            }
        }
        writer.into_vec()
    }
}

/// D-H Commit: the committer promises g^x without showing it (AKE-02).
#[derive(Clone, PartialEq, Eq)]
pub struct DhCommit {
    /// MPI(g^x), encrypted under r.
    pub encrypted_gx: Vec<u8>,
    /// SHA-256 of MPI(g^x).
    pub hash: [u8; 32],
}

impl DhCommit {
    const TYPE: u8 = 0x02;

    fn decode(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let encrypted_gx = reader.data()?;
        // An MPI of 1 to 192 bytes; libotr would store any length until the Reveal Signature (WIRE-22).
        if !(5..=196).contains(&encrypted_gx.len()) {
            return Err(Malformed);
        }
        let hash = reader.data()?.try_into().map_err(|_| Malformed)?;
        Ok(Self { encrypted_gx: encrypted_gx.to_vec(), hash })
    }
}

impl core::fmt::Debug for DhCommit {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "DhCommit {{ encrypted_gx: {} bytes, .. }}", self.encrypted_gx.len())
    }
}

/// D-H Key: the responder's g^y. Its range is not checked here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DhKey {
    /// g^y.
    pub gy: Element,
}

impl DhKey {
    const TYPE: u8 = 0x0a;
}

/// Reveal Signature: the committer opens the commitment and proves who they are (AKE-03).
#[derive(Clone, PartialEq, Eq)]
pub struct RevealSignature {
    /// The key that opens the D-H Commit.
    pub r: [u8; 16],
    /// X_B, encrypted under c.
    pub encrypted: Vec<u8>,
    /// The first 20 bytes of HMAC-SHA-256 under m2 over DATA(encrypted).
    pub mac: [u8; 20],
}

impl RevealSignature {
    const TYPE: u8 = 0x11;

    fn decode(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let r = reader.data()?.try_into().map_err(|_| Malformed)?;
        let Signature { encrypted, mac } = Signature::decode(reader)?;
        Ok(Self { r, encrypted, mac })
    }
}

/// `r` stays secret until the message is sent.
impl core::fmt::Debug for RevealSignature {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "RevealSignature {{ encrypted: {} bytes, .. }}", self.encrypted.len())
    }
}

/// Signature: the responder proves who they are (AKE-04).
#[derive(Clone, PartialEq, Eq)]
pub struct Signature {
    /// X_A, encrypted under c′.
    pub encrypted: Vec<u8>,
    /// The first 20 bytes of HMAC-SHA-256 under m2′ over DATA(encrypted).
    pub mac: [u8; 20],
}

impl Signature {
    const TYPE: u8 = 0x12;

    fn decode(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(Self { encrypted: reader.data()?.to_vec(), mac: reader.array()? })
    }
}

impl core::fmt::Debug for Signature {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Signature {{ encrypted: {} bytes, .. }}", self.encrypted.len())
    }
}

/// Data: an encrypted message (DATA-10).
#[derive(Clone, PartialEq, Eq)]
pub struct Data<'a> {
    /// See [`flags`].
    pub flags: u8,
    /// The id of the sender's key that this message is encrypted with.
    pub sender_keyid: u32,
    /// The id of the recipient's key that this message is encrypted with.
    pub recipient_keyid: u32,
    /// The sender's next public key: a number, big-endian, of at most 192 bytes. Its range is not checked here.
    pub next_y: &'a [u8],
    /// The upper half of the initial counter block.
    pub counter: [u8; 8],
    /// The encrypted text and TLVs.
    pub encrypted: &'a [u8],
    /// The bytes that the MAC covers, as received: from the version through `encrypted`. Empty in a message that
    /// was not received.
    pub authenticated: &'a [u8],
    /// HMAC-SHA-1 under the sending MAC key.
    pub mac: [u8; 20],
    /// Old MAC keys, 20 bytes each. Not authenticated: nothing may depend on it (DATA-13).
    pub revealed: &'a [u8],
}

/// Without the message itself (S-48).
impl core::fmt::Debug for Data<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let Self { flags, sender_keyid, recipient_keyid, counter, encrypted, revealed, .. } = self;
        write!(
            f,
            "Data {{ flags: {flags}, keyids: {sender_keyid} to {recipient_keyid}, counter: {}, encrypted: {} bytes, \
             revealed: {} bytes }}",
            u64::from_be_bytes(*counter),
            encrypted.len(),
            revealed.len()
        )
    }
}

/// The flags of a [`Data`] message.
pub mod flags {
    /// If the message cannot be read, nobody need be told (MSG-42). All other bits are ignored (MSG-24).
    pub const IGNORE_UNREADABLE: u8 = 0x01;
}

impl<'a> Data<'a> {
    const TYPE: u8 = 0x03;

    fn decode(reader: &mut Reader<'a>) -> Result<Self, Malformed> {
        Ok(Self {
            flags: reader.byte()?,
            sender_keyid: reader.int()?,
            recipient_keyid: reader.int()?,
            next_y: reader.mpi(192)?,
            counter: reader.array()?,
            encrypted: reader.data()?,
            authenticated: reader.consumed(),
            mac: reader.array()?,
            revealed: reader.data()?,
        })
    }

    /// Writes the part that the MAC covers: header, then everything up to the encrypted text.
    pub fn encode_authenticated(&self, header: &Header, writer: &mut Writer) {
        self.encode_head(header, writer);
        writer.data(self.encrypted);
    }

    /// Writes what precedes the encrypted text.
    pub(crate) fn encode_head(&self, header: &Header, writer: &mut Writer) {
        header.encode(Self::TYPE, writer);
        writer.byte(self.flags).int(self.sender_keyid).int(self.recipient_keyid);
        writer.mpi(self.next_y).bytes(&self.counter);
    }

    /// The flags of a Data message that may be malformed further on: unauthenticated, but an attacker can drop
    /// messages anyway (MSG-21).
    #[must_use]
    pub fn peek_flags(bytes: &[u8]) -> Option<u8> {
        let mut reader = Reader::new(bytes);
        match Header::decode(&mut reader) {
            Ok((_, Self::TYPE)) => reader.byte().ok(),
            _ => None,
        }
    }
}
