//! Two texts of the same sort, compared field by field (REPLAY 5, 6).

use otr_protocol::wire::{Kind, Text, Versions};
use otr_traits::{Backend, Digest, PublicKey, Secret, Signature};

use super::difference::{About, Difference};
use super::sent::{Expected, Sent};
use crate::anatomy::Anatomy;
use crate::hex::{Number, show, show_both};
use crate::transcript::{Damaged, Decoded};

/// Who checks what is not simply compared: computations, and the key that signs for our party.
pub(super) struct Witness<'a> {
    pub(super) backend: &'a dyn Backend,
    pub(super) key: PublicKey,
}

/// What differs between two texts of the same sort.
///
/// `ahead` is how far our counter is ahead of the recorded one.
pub(super) fn compare(
    witness: &Witness<'_>,
    expected: &Expected,
    ours: &Sent,
    ahead: u64,
) -> Result<Vec<Difference>, Damaged> {
    let mut fields = Fields { id: &expected.id, differences: Vec::new() };
    match (Text::classify(&expected.sent.text, false), Text::classify(&ours.text, false)) {
        // The words are everyone's own (ERR-05).
        (Text::Error(_), _) => {}
        (Text::Query(recorded), Text::Query(ours)) => {
            fields.check("versions offered", offered(recorded), offered(ours));
        }
        (Text::Tagged { text, versions }, Text::Tagged { text: our_text, versions: our_versions }) => {
            fields.bytes("text", &text, &our_text);
            fields.check("versions offered", offered(versions), offered(our_versions));
        }
        (Text::Plain, Text::Tagged { text, versions }) => {
            fields.bytes("text", &expected.sent.text, &text);
            fields.check("whitespace tag", "none".to_owned(), offered(versions));
        }
        (Text::Encoded(..), _) => {
            compare_pieces(&mut fields, &expected.sent, ours);
            let decoded = expected.decoded.as_ref();
            let decoded = decoded.ok_or_else(|| Damaged(format!("{} is not decoded", expected.id)))?;
            match Anatomy::of_text(&ours.text) {
                Some(message) if is_bare(&ours.text) => {
                    compare_message(&mut fields, witness, decoded, &message, ahead)?
                }
                _ => fields.check("whole", "a message".into(), ours.text.escape_ascii().to_string()),
            }
        }
        _ => fields.bytes("text", &expected.sent.text, &ours.text),
    }
    Ok(fields.differences)
}

/// Nobody is offered version 1 by us (TAG-02, TAG-11).
fn offered(versions: Versions) -> String {
    format!("{:?}", versions.numbers().filter(|number| *number != 1).collect::<Vec<_>>())
}

/// Where libotr cuts a message, so do we, in pieces of the same size (FRAG-02). A message that reveals other keys is
/// longer or shorter: only its last pieces may differ then.
fn compare_pieces(fields: &mut Fields<'_>, expected: &Sent, ours: &Sent) {
    let (Some((_, all_but_last)), Some(size)) = (ours.pieces.split_last(), expected.pieces.first()) else {
        return;
    };
    let is_cut = expected.pieces.len() > 1;
    if is_cut && expected.text.len() == ours.text.len() && expected.pieces != ours.pieces
        || is_cut && all_but_last.iter().any(|piece| piece != size)
    {
        let (expected, got) = (format!("{:?}", expected.pieces), format!("{:?}", ours.pieces));
        fields.check("sizes of fragments", expected, got);
    }
}

/// Whether there is nothing before the armour and nothing after it (WIRE-10).
fn is_bare(text: &[u8]) -> bool {
    text.starts_with(b"?OTR:") && text.iter().position(|byte| *byte == b'.') == text.len().checked_sub(1)
}

fn compare_message(
    fields: &mut Fields<'_>,
    witness: &Witness<'_>,
    decoded: &Decoded,
    ours: &Anatomy,
    ahead: u64,
) -> Result<(), Damaged> {
    fields.int("version", decoded, ours.version)?;
    if let Some((sender, receiver)) = ours.tags {
        fields.int("sender_tag", decoded, sender)?;
        fields.int("receiver_tag", decoded, receiver)?;
    }
    if ours.has_padded_number() {
        fields.check("numbers", "without leading zero bytes".into(), "a padded one".into());
    }
    if decoded.is_header_only() {
        return Ok(());
    }
    match ours.kind {
        Kind::DhCommit => {
            fields.bytes("encgx", &decoded.bytes("encgx")?, ours.bytes("encgx"));
            fields.bytes("hashgx", &decoded.bytes("hashgx")?, ours.bytes("hashgx"));
        }
        Kind::DhKey => fields.number("gy", decoded, ours)?,
        Kind::RevealSignature => {
            fields.bytes("r", &decoded.bytes("r")?, ours.bytes("r"));
            let keys = [decoded.bytes("c")?, decoded.bytes("m2")?];
            compare_signed(fields, witness, decoded, ours, &keys)?;
        }
        Kind::Signature => {
            let keys = [decoded.bytes("c_prime")?, decoded.bytes("m2_prime")?];
            compare_signed(fields, witness, decoded, ours, &keys)?;
        }
        Kind::Data => {
            fields.int("flags", decoded, ours.int("flags"))?;
            fields.int("sender_keyid", decoded, ours.int("sender_keyid"))?;
            fields.int("recipient_keyid", decoded, ours.int("recipient_keyid"))?;
            fields.number("next_y", decoded, ours)?;
            let recorded: [u8; 8] = decoded
                .bytes("ctr")?
                .try_into()
                .map_err(|_| Damaged("a counter that has not 8 bytes".to_owned()))?;
            let counter = u64::from_be_bytes(recorded).wrapping_add(ahead).to_be_bytes();
            fields.bytes("ctr", &counter, ours.bytes("ctr"));
            let plaintext = witness.decrypt(&decoded.bytes("aes_key")?, &counter, ours)?;
            fields.bytes("plaintext", &decoded.bytes("plaintext")?, &plaintext);
            let mac = match ahead {
                0 => decoded.bytes("mac")?,
                _ => witness.data_mac(&decoded.bytes("mac_key")?, ours)?,
            };
            fields.bytes("mac", &mac, ours.bytes("mac"));
        }
    }
    Ok(())
}

/// X up to the signature is compared; the signature, and the MAC over it, are verified (REPLAY 5).
fn compare_signed(
    fields: &mut Fields<'_>,
    witness: &Witness<'_>,
    decoded: &Decoded,
    ours: &Anatomy,
    [c, m2]: &[Vec<u8>; 2],
) -> Result<(), Damaged> {
    const SIGNATURE: usize = 40;
    let (expected, x) = (decoded.bytes("X")?, witness.decrypt(c, &[], ours)?);
    fields.check("length of X", expected.len().to_string(), x.len().to_string());
    let (Some((expected, _)), Some((x, signature))) = (
        expected.split_at_checked(expected.len().saturating_sub(SIGNATURE)),
        x.split_at_checked(x.len().saturating_sub(SIGNATURE)),
    ) else {
        return Ok(());
    };
    fields.bytes("X, before the signature", expected, x);
    if !witness.verifies(&decoded.bytes("M")?, signature)? {
        fields.check("signature", "one over M under our party's key".into(), show(signature));
    }
    fields.bytes("mac", &witness.mac(m2, ours.bytes("encrypted"))?, ours.bytes("mac"));
    Ok(())
}

impl Witness<'_> {
    /// Decrypts the encrypted part of a message; `counter` is the upper part of the counter block.
    fn decrypt(&self, key: &[u8], counter: &[u8], message: &Anatomy) -> Result<Vec<u8>, Damaged> {
        let key =
            Secret::from_slice(key).ok_or_else(|| Damaged("an AES key that has not 16 bytes".into()))?;
        let mut block = [0; 16];
        for (to, from) in block.iter_mut().zip(counter) {
            *to = *from;
        }
        let mut data = message.bytes("encrypted").to_vec();
        self.backend.aes_ctr(&key, block, &mut data).map_err(|error| Damaged(error.to_string()))?;
        Ok(data)
    }

    fn verifies(&self, m: &[u8], signature: &[u8]) -> Result<bool, Damaged> {
        let m = m.try_into().map_err(|_| Damaged("an M that has not 32 bytes".into()))?;
        let (Some((r, s)), digest) = (signature.split_at_checked(20), Digest::reduce(m, self.key.q())) else {
            return Ok(false);
        };
        let (Ok(r), Ok(s)) = (r.try_into(), s.try_into()) else { return Ok(false) };
        Ok(self.backend.verify(&self.key, &digest, &Signature { r, s }).is_ok())
    }

    /// The MAC of a Data message (DATA-10).
    fn data_mac(&self, key: &[u8], message: &Anatomy) -> Result<Vec<u8>, Damaged> {
        let mut mac = [0; 20];
        let made = self.backend.hmac_sha1(key, &[message.authenticated()], &mut mac);
        made.map_err(|error| Damaged(error.to_string()))?;
        Ok(mac.to_vec())
    }

    /// The MAC of a signed message: 20 bytes of HMAC-SHA-256 over the encrypted part and its length (AKE-03).
    fn mac(&self, m2: &[u8], encrypted: &[u8]) -> Result<Vec<u8>, Damaged> {
        let length = u32::try_from(encrypted.len()).unwrap_or(u32::MAX).to_be_bytes();
        let mut mac = [0; 32];
        let made = self.backend.hmac_sha256(m2, &[&length, encrypted], &mut mac);
        made.map_err(|error| Damaged(error.to_string()))?;
        Ok(mac.into_iter().take(20).collect())
    }
}

/// The differences of one message.
struct Fields<'a> {
    id: &'a str,
    differences: Vec<Difference>,
}

impl Fields<'_> {
    fn check(&mut self, field: &'static str, expected: String, got: String) {
        if expected != got {
            self.differences.push(Difference::new(About::Field(self.id.to_owned(), field), expected, got));
        }
    }

    fn bytes(&mut self, field: &'static str, expected: &[u8], got: &[u8]) {
        if expected != got {
            let (expected, got) = show_both(expected, got);
            self.differences.push(Difference::new(About::Field(self.id.to_owned(), field), expected, got));
        }
    }

    fn int(&mut self, field: &'static str, decoded: &Decoded, got: u32) -> Result<(), Damaged> {
        self.check(field, decoded.int(field)?.to_string(), got.to_string());
        Ok(())
    }

    fn number(&mut self, field: &'static str, decoded: &Decoded, ours: &Anatomy) -> Result<(), Damaged> {
        let (expected, got): (Number, Number) = (decoded.number(field)?, ours.number(field));
        self.bytes(field, expected.magnitude(), got.magnitude());
        Ok(())
    }
}
