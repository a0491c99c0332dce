//! Encrypting a file with the extra symmetric key (XKEY-04).
//!
//! Both sides of an OTR session have the extra symmetric key, and it is the same in both directions and for all files that
//! are announced before the keys rotate. So nothing is encrypted with it: keys for one file are derived from it with HKDF
//! (RFC 5869), over a random id of the transfer and the name of the side that sends. The file goes in chunks through the
//! STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár 2015) over ChaCha20-Poly1305 (RFC 8439): chunks that were changed,
//! left out, swapped or repeated are noticed, and so is a stream that breaks off before its last chunk.
//!
//! Whoever has the key can make any file verify, as it is with messages: the transfer is as deniable as OTR.

use aead_stream::{DecryptorBE32, EncryptorBE32};
use chacha20poly1305::{ChaCha20Poly1305, Key, KeyInit};
use hkdf::Hkdf;
use otr_protocol::traits::Secret;
use otr_protocol::{Fingerprint, InstanceTag};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::frame::{FileId, Word};

/// The most bytes of the file in one chunk; the last may have fewer, all others have exactly so many.
pub(crate) const CHUNK: usize = 32 * 1024;

/// Which side sends the file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sender {
    pub(crate) fingerprint: Fingerprint,
    pub(crate) instance: InstanceTag,
}

/// The keys for one file, in one direction.
pub(crate) struct FileKeys {
    cipher: Zeroizing<[u8; 32]>,
    /// One for each word.
    proofs: [Zeroizing<[u8; 16]>; Word::ALL.len()],
}

/// What was sealed does not open: it was changed, or is out of its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not authentic")]
pub(crate) struct Forged;

impl FileKeys {
    /// From the extra symmetric key.
    pub(crate) fn derive(extra_key: &Secret<32>, id: &FileId, sender: Sender) -> Self {
        let keys = Hkdf::<Sha256>::new(Some(id), extra_key.expose());
        let instance = sender.instance.number().to_be_bytes();
        let expand = |purpose: &str, output: &mut [u8]| {
            let info =
                [b"otr chat file 1", sender.fingerprint.as_bytes().as_slice(), &instance, purpose.as_bytes()];
            // HKDF gives up to 255 hashes; this is one.
            keys.expand_multi_info(&info, output).ok();
        };
        let mut cipher = Zeroizing::new([0; 32]);
        expand("chunks", &mut *cipher);
        let proofs = Word::ALL.map(|word| {
            let mut proof = Zeroizing::new([0; 16]);
            expand(word.name(), &mut *proof);
            proof
        });
        Self { cipher, proofs }
    }

    /// Shows that a word about the transfer is by who has the key. Each word is said once at most.
    pub(crate) fn proof(&self, word: Word) -> [u8; 16] {
        let found = Word::ALL.iter().zip(&self.proofs).find(|(known, _)| **known == word);
        found.map(|(_, proof)| **proof).unwrap_or_default()
    }

    /// Whether that is the proof of the word: compared in constant time.
    pub(crate) fn verify(&self, word: Word, proof: &[u8; 16]) -> bool {
        Secret::from(self.proof(word)) == Secret::from(*proof)
    }

    /// To seal the chunks, in order.
    pub(crate) fn sealer(&self) -> Sealer {
        // The key is for this stream alone, so the part of the nonce that would tell streams apart is zero.
        Sealer(EncryptorBE32::from_aead(self.aead(), &Default::default()))
    }

    /// To open the chunks, in the same order.
    pub(crate) fn opener(&self) -> Opener {
        Opener(DecryptorBE32::from_aead(self.aead(), &Default::default()))
    }

    fn aead(&self) -> ChaCha20Poly1305 {
        ChaCha20Poly1305::new(&Key::from(*self.cipher))
    }
}

/// Seals chunks.
pub(crate) struct Sealer(EncryptorBE32<ChaCha20Poly1305>);

impl Sealer {
    /// A chunk that others follow.
    pub(crate) fn next(&mut self, chunk: &[u8]) -> Result<Vec<u8>, Forged> {
        self.0.encrypt_next(chunk).map_err(|_| Forged)
    }

    /// The last chunk.
    pub(crate) fn last(self, chunk: &[u8]) -> Result<Vec<u8>, Forged> {
        self.0.encrypt_last(chunk).map_err(|_| Forged)
    }
}

/// Opens chunks.
pub(crate) struct Opener(DecryptorBE32<ChaCha20Poly1305>);

impl Opener {
    /// A chunk that others follow.
    pub(crate) fn next(&mut self, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Forged> {
        self.0.decrypt_next(sealed).map(Zeroizing::new).map_err(|_| Forged)
    }

    /// The last chunk.
    pub(crate) fn last(self, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Forged> {
        self.0.decrypt_last(sealed).map(Zeroizing::new).map_err(|_| Forged)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALICE: Sender = sender(1, 0x100);

    const fn sender(fingerprint: u8, instance: u32) -> Sender {
        Sender {
            fingerprint: Fingerprint::from_bytes([fingerprint; 20]),
            instance: InstanceTag::new(instance),
        }
    }

    fn keys(extra: u8, id: u8, sender: Sender) -> FileKeys {
        FileKeys::derive(&Secret::from([extra; 32]), &[id; 16], sender)
    }

    fn sealed() -> [Vec<u8>; 3] {
        let mut sealer = keys(1, 2, ALICE).sealer();
        let [first, second] = [&b"first"[..], b"second"].map(|chunk| sealer.next(chunk).unwrap());
        [first, second, sealer.last(b"").unwrap()]
    }

    #[test]
    fn what_is_sealed_opens_in_its_order_only() {
        let [first, second, last] = sealed();
        let open = || keys(1, 2, ALICE).opener();
        let mut opener = open();
        assert_eq!(**opener.next(&first).unwrap(), b"first"[..]);
        // One left out, one repeated.
        assert_eq!(opener.next(&first), Err(Forged));
        let mut opener = open();
        assert_eq!(opener.next(&second), Err(Forged));
        let mut opener = open();
        opener.next(&first).unwrap();
        assert_eq!(**opener.next(&second).unwrap(), b"second"[..]);
        assert_eq!(**opener.last(&last).unwrap(), b""[..]);
    }

    #[test]
    fn a_stream_that_breaks_off_is_noticed() {
        let [first, second, last] = sealed();
        // The last chunk cannot pass for one in between, nor one in between for the last.
        let mut opener = keys(1, 2, ALICE).opener();
        opener.next(&first).unwrap();
        assert_eq!(opener.last(&second), Err(Forged));
        let mut opener = keys(1, 2, ALICE).opener();
        opener.next(&first).unwrap();
        opener.next(&second).unwrap();
        assert_eq!(opener.next(&last), Err(Forged));
    }

    #[test]
    fn every_bit_is_authenticated() {
        let [first, ..] = sealed();
        for place in 0..first.len() {
            let mut changed = first.clone();
            changed[place] ^= 1;
            assert_eq!(keys(1, 2, ALICE).opener().next(&changed), Err(Forged), "{place}");
        }
        assert_eq!(keys(1, 2, ALICE).opener().next(b"short"), Err(Forged));
    }

    #[test]
    fn xkey_04_directions_and_transfers_have_keys_of_their_own() {
        let [first, ..] = sealed();
        for other in
            [keys(9, 2, ALICE), keys(1, 9, ALICE), keys(1, 2, sender(9, 0x100)), keys(1, 2, sender(1, 0x999))]
        {
            assert_eq!(other.opener().next(&first), Err(Forged));
            assert!(!other.verify(Word::Accept, &keys(1, 2, ALICE).proof(Word::Accept)));
        }
    }

    #[test]
    fn a_proof_is_for_one_word() {
        let keys = keys(1, 2, ALICE);
        for said in Word::ALL {
            for understood in Word::ALL {
                assert_eq!(keys.verify(understood, &keys.proof(said)), said == understood);
            }
        }
    }

    /// Computed with Python's cryptography package (HKDF, ChaCha20Poly1305) from the description in docs/chat.md.
    #[test]
    fn the_keys_and_the_chunks_are_those_of_the_description() {
        let hex = |text: &str| data_encoding::HEXLOWER.decode(text.as_bytes()).unwrap();
        let [first, _, last] = sealed();
        assert_eq!(first, hex(FIRST));
        assert_eq!(last, hex(LAST));
        assert_eq!(keys(1, 2, ALICE).proof(Word::Received).to_vec(), hex(RECEIVED));
    }

    const FIRST: &str = "4cb8109e1cac5fc575b26bd5e8e0adb287205a02dc";
    const LAST: &str = "c46d81f935f8f58d76b49566309583c4";
    const RECEIVED: &str = "2ee8b38a366c260fb271e6dad29d18e6";
}
