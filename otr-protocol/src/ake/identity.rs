//! X: who somebody is, signed and encrypted, inside a Reveal Signature or a Signature (AKE-03, AKE-04).
//!
//! The two messages differ only in the keys and in whose Diffie-Hellman value comes first: the signer's.

use otr_traits::{Backend, Digest, Element, Hash, PublicKey, Secret, Signature as Dsa};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::{Fault, OUR_KEYID};
use crate::keys::{HalfKeys, decode_public_key, encode_public_key};
use crate::wire::{Malformed, Reader, Signature, Writer};
use crate::{Account, Fingerprint, Problem};

/// Who the peer has proven to be.
pub(super) struct Identity {
    pub(super) fingerprint: Fingerprint,
    pub(super) keyid: u32,
}

/// Signs our key and keyid, and encrypts them. `ours` and `theirs` are the Diffie-Hellman values.
pub(super) fn seal<B: Backend>(
    account: &Account<B>,
    keys: &HalfKeys,
    ours: &Element,
    theirs: &Element,
) -> otr_traits::Result<Signature> {
    let backend = account.backend();
    let public = account.key().public();
    let m = signed_mac(backend, &keys.m1, [ours, theirs], public, OUR_KEYID)?;
    let signature = backend.sign(account.key(), &Digest::reduce(m.expose(), public.q()))?;

    let mut x = Writer::default();
    encode_public_key(public, &mut x);
    x.int(OUR_KEYID).bytes(&signature.r).bytes(&signature.s);
    let mut encrypted = x.into_vec();
    backend.aes_ctr(&keys.c, [0; 16], &mut encrypted)?;
    let mac = outer_mac(backend, &keys.m2, &encrypted)?;
    Ok(Signature { encrypted, mac })
}

impl Identity {
    /// Checks and reads what the peer sealed: steps 8 to 10 of AKE-06. `theirs` and `ours` are the Diffie-Hellman
    /// values.
    pub(super) fn open<B: Backend>(
        account: &Account<B>,
        keys: &HalfKeys,
        theirs: &Element,
        ours: &Element,
        encrypted: &[u8],
        mac: &[u8; 20],
    ) -> Result<Self, Fault> {
        let backend = account.backend();
        if !bool::from(outer_mac(backend, &keys.m2, encrypted)?.ct_eq(mac)) {
            return Err(Fault::Peer(Problem::SetupFailed));
        }
        let mut x = Zeroizing::new(encrypted.to_vec());
        backend.aes_ctr(&keys.c, [0; 16], &mut x)?;
        let (public, keyid, signature) = decode(&x).map_err(|Malformed| Fault::Peer(Problem::SetupFailed))?;

        let fingerprint = Fingerprint::of(&public, backend)?;
        account.validate(&public, fingerprint).map_err(blame)?;
        let m = signed_mac(backend, &keys.m1, [theirs, ours], &public, keyid)?;
        let digest = Digest::reduce(m.expose(), public.q());
        backend.verify(&public, &digest, &signature).map_err(blame)?;
        Ok(Self { fingerprint, keyid })
    }
}

fn decode(x: &[u8]) -> Result<(PublicKey, u32, Dsa), Malformed> {
    let mut reader = Reader::new(x);
    let public = decode_public_key(&mut reader)?;
    let keyid = reader.int()?;
    let signature = Dsa { r: reader.array()?, s: reader.array()? };
    reader.finish()?;
    // 0 is no key, and after the last number there is no room to ratchet (AKE-05).
    if keyid == 0 || keyid == u32::MAX { Err(Malformed) } else { Ok((public, keyid, signature)) }
}

/// M: what is signed.
fn signed_mac(
    hash: &(impl Hash + ?Sized),
    m1: &Secret<32>,
    [signers, others]: [&Element; 2],
    public: &PublicKey,
    keyid: u32,
) -> otr_traits::Result<Secret<32>> {
    let mut signed = Writer::default();
    signed.element(signers).element(others);
    encode_public_key(public, &mut signed);
    signed.int(keyid);
    let mut m = Secret::zeroed();
    hash.hmac_sha256(m1.expose(), &[signed.as_slice()], m.expose_mut())?;
    Ok(m)
}

/// The MAC over DATA(encrypted X), its length included: the first 20 bytes (CONST-09).
fn outer_mac(hash: &(impl Hash + ?Sized), m2: &Secret<32>, encrypted: &[u8]) -> otr_traits::Result<[u8; 20]> {
    let length = u32::try_from(encrypted.len()).unwrap_or(u32::MAX).to_be_bytes();
    let mut mac = Secret::<32>::zeroed();
    hash.hmac_sha256(m2.expose(), &[&length, encrypted], mac.expose_mut())?;
    let mut truncated = [0; 20];
    for (to, from) in truncated.iter_mut().zip(mac.expose()) {
        *to = *from;
    }
    Ok(truncated)
}

/// A key or signature that does not hold is the peer's fault; anything else is the backend's.
fn blame(error: otr_traits::Error) -> Fault {
    if error.is_about_input() { Fault::Peer(Problem::SetupFailed) } else { Fault::Backend(error) }
}
