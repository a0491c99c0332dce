//! A peer made by hand: it follows the protocol as far as a test wants it to.

use otr_protocol::RustCrypto;
use otr_protocol::keys::{AkeKeys, DataKeys, DhPair, HalfKeys, encode_public_key};
use otr_protocol::traits::{AesCtr, Digest, Dsa, Element, Hash, SecretKey};
use otr_protocol::wire::{
    Body, Data, DhCommit, DhKey, Header, InstanceTag, Message, Plaintext, RevealSignature, Signature, Tlv,
    Version, Writer, armor,
};

use super::Name;
use super::wire::binary;

/// A peer that speaks one version to one party.
pub(crate) struct Peer {
    pub(crate) header: Header,
    pub(crate) key: SecretKey,
    /// The pair of the exchange, and those after it.
    pub(crate) pairs: Vec<DhPair>,
    /// The keyid of the first of them.
    pub(crate) keyid: u32,
    pub(crate) r: [u8; 16],
}

/// How a data message deviates from the ordinary.
#[derive(Clone)]
pub(crate) struct Said<'a> {
    pub(crate) text: &'a [u8],
    pub(crate) tlvs: Vec<Tlv<'a>>,
    pub(crate) flags: u8,
    pub(crate) sender_keyid: u32,
    pub(crate) recipient_keyid: u32,
    pub(crate) counter: u64,
    pub(crate) next_y: Element,
}

impl Peer {
    pub(crate) fn new(name: Name, version: Version, to: Name) -> Self {
        let (sender, receiver) = match version {
            Version::V2 => (0, 0),
            Version::V3 => (name.tag(), to.tag()),
        };
        let header =
            Header { version, sender: InstanceTag::new(sender), receiver: InstanceTag::new(receiver) };
        let pairs = (0..4).map(|_| DhPair::generate(&RustCrypto).unwrap()).collect();
        Self { header, key: name.key(), pairs, keyid: 1, r: [7; 16] }
    }

    /// The public value of the exchange.
    pub(crate) fn public(&self) -> &Element {
        self.pairs[0].public()
    }

    pub(crate) fn text(&self, body: Body<'_>) -> Vec<u8> {
        armor(&Message { header: self.header, body }.encode())
    }

    pub(crate) fn commit(&self) -> Vec<u8> {
        self.commit_to(self.public())
    }

    /// A commit to any value.
    pub(crate) fn commit_to(&self, gx: &Element) -> Vec<u8> {
        let mut encrypted_gx = Writer::default();
        encrypted_gx.element(gx);
        let mut encrypted_gx = encrypted_gx.into_vec();
        let mut hash = [0; 32];
        RustCrypto.sha256(&[&encrypted_gx], &mut hash).unwrap();
        RustCrypto.aes_ctr(&self.r.into(), [0; 16], &mut encrypted_gx).unwrap();
        self.text(Body::DhCommit(DhCommit { encrypted_gx, hash }))
    }

    pub(crate) fn dh_key(&self) -> Vec<u8> {
        self.dh_key_of(self.public())
    }

    pub(crate) fn dh_key_of(&self, gy: &Element) -> Vec<u8> {
        self.text(Body::DhKey(DhKey { gy: gy.clone() }))
    }

    /// The answer to a D-H Key.
    pub(crate) fn reveal(&self, dh_key: &[u8]) -> Vec<u8> {
        let theirs = public_in(dh_key);
        let Signature { encrypted, mac } = self.identity(&self.ake_keys(&theirs).reveal, &theirs);
        self.text(Body::RevealSignature(RevealSignature { r: self.r, encrypted, mac }))
    }

    /// The answer to a Reveal Signature whose sender has this public value.
    pub(crate) fn signature(&self, theirs: &Element) -> Vec<u8> {
        self.text(Body::Signature(self.identity(&self.ake_keys(theirs).signature, theirs)))
    }

    pub(crate) fn ake_keys(&self, theirs: &Element) -> AkeKeys {
        let shared_secret = self.pairs[0].shared_secret(&RustCrypto, theirs).unwrap();
        AkeKeys::derive(&RustCrypto, &shared_secret).unwrap()
    }

    fn identity(&self, keys: &HalfKeys, theirs: &Element) -> Signature {
        let public = self.key.public();
        let mut signed = Writer::default();
        signed.element(self.public()).element(theirs);
        encode_public_key(public, &mut signed);
        signed.int(self.keyid);
        let mut m = [0; 32];
        RustCrypto.hmac_sha256(keys.m1.expose(), &[signed.as_slice()], &mut m).unwrap();
        let signature = RustCrypto.sign(&self.key, &Digest::reduce(&m, public.q())).unwrap();

        let mut x = Writer::default();
        encode_public_key(public, &mut x);
        x.int(self.keyid).bytes(&signature.r).bytes(&signature.s);
        seal_identity(keys, x.into_vec())
    }

    /// An ordinary first message of a session.
    pub(crate) fn saying<'a>(&self, text: &'a [u8]) -> Said<'a> {
        Said {
            text,
            tlvs: Vec::new(),
            flags: 0,
            sender_keyid: self.keyid,
            recipient_keyid: 1,
            counter: 1,
            next_y: self.pairs[1].public().clone(),
        }
    }

    /// A data message to the holder of `theirs`, whatever its keyid says, with our pair of this index.
    pub(crate) fn data(&self, pair: usize, theirs: &Element, said: &Said<'_>) -> Vec<u8> {
        let ours = &self.pairs[pair];
        let shared_secret = ours.shared_secret(&RustCrypto, theirs).unwrap();
        let keys = DataKeys::derive(&RustCrypto, ours.public(), theirs, &shared_secret).unwrap();
        let mut encrypted = Plaintext { text: said.text, tlvs: said.tlvs.clone() }.encode();
        let mut block = [0; 16];
        block[..8].copy_from_slice(&said.counter.to_be_bytes());
        RustCrypto.aes_ctr(&keys.sending_aes, block, &mut encrypted).unwrap();
        self.authenticate(said, &encrypted, keys.sending_mac.expose())
    }

    /// A data message with any encrypted text, authenticated with any key.
    pub(crate) fn authenticate(&self, said: &Said<'_>, encrypted: &[u8], mac_key: &[u8]) -> Vec<u8> {
        let mut data = Data {
            flags: said.flags,
            sender_keyid: said.sender_keyid,
            recipient_keyid: said.recipient_keyid,
            next_y: said.next_y.as_be_bytes(),
            counter: said.counter.to_be_bytes(),
            encrypted,
            authenticated: &[],
            mac: [0; 20],
            revealed: &[],
        };
        let mut covered = Writer::default();
        data.encode_authenticated(&self.header, &mut covered);
        RustCrypto.hmac_sha1(mac_key, &[covered.as_slice()], &mut data.mac).unwrap();
        self.text(Body::Data(data))
    }
}

/// Encrypts and authenticates X, whatever it is.
pub(crate) fn seal_identity(keys: &HalfKeys, mut x: Vec<u8>) -> Signature {
    RustCrypto.aes_ctr(&keys.c, [0; 16], &mut x).unwrap();
    let length = u32::try_from(x.len()).unwrap().to_be_bytes();
    let mut mac = [0; 32];
    RustCrypto.hmac_sha256(keys.m2.expose(), &[&length, &x], &mut mac).unwrap();
    Signature { encrypted: x, mac: mac[..20].try_into().unwrap() }
}

/// The value in a D-H Key.
pub(crate) fn public_in(dh_key: &[u8]) -> Element {
    match Message::decode(&binary(dh_key)).unwrap().body {
        Body::DhKey(DhKey { gy }) => gy,
        other => panic!("{other:?}"),
    }
}

/// The value that a D-H Commit hid and a Reveal Signature opens.
pub(crate) fn public_opened(commit: &[u8], reveal: &[u8]) -> Element {
    let (commit, reveal) = (binary(commit), binary(reveal));
    let (commit, reveal) = (Message::decode(&commit).unwrap().body, Message::decode(&reveal).unwrap().body);
    let (Body::DhCommit(commit), Body::RevealSignature(reveal)) = (commit, reveal) else { panic!() };
    let mut gx = commit.encrypted_gx;
    RustCrypto.aes_ctr(&reveal.r.into(), [0; 16], &mut gx).unwrap();
    Element::from_be_bytes(&gx[4..]).unwrap()
}
