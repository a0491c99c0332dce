//! Signatures and keys.

use otr_backend_rustcrypto::RustCrypto;
use otr_benches::keys;
use otr_traits::{Digest, Dsa, Secret, SecretKey, Signature};

use super::{Operation, bytes, publish};
use crate::memcheck::conceal;

pub(super) const ALL: &[Operation] = &[
    Operation { name: "sign", id: "S-42", run: sign },
    Operation { name: "reduce-digest", id: "S-42", run: reduce_digest },
    Operation { name: "join-key", id: "S-42", run: join_key },
    Operation { name: "validate-key", id: "S-42", run: validate_key },
];

/// The nonce is as secret as the key: it is drawn from a hash of random bytes, the key and the digest.
fn sign() {
    let [key, _] = keys();
    let digest = Digest::reduce(&bytes(1), key.public().q());
    conceal(key.x().expose());
    let signature = RustCrypto.sign(&key, &digest).expect("a signature");
    let signature = Signature { r: publish(&signature.r), s: publish(&signature.s) };
    RustCrypto.verify(key.public(), &digest, &signature).expect("a signature that verifies");
}

fn reduce_digest() {
    let [key, _] = keys();
    let mac: [u8; 32] = bytes(1);
    let expected = Digest::reduce(&mac, key.public().q());
    conceal(&mac);
    let digest = Digest::reduce(&mac, key.public().q());
    assert_eq!(publish(digest.as_bytes()), *expected.as_bytes());
}

fn join_key() {
    let [key, _] = keys();
    let x = key.x().duplicate();
    conceal(x.expose());
    let joined = SecretKey::new(key.public().clone(), x).expect("x is in range");
    assert_eq!(publish(joined.x().expose()), *key.x().expose());
    let too_large = Secret::from(*key.public().q());
    conceal(too_large.expose());
    assert!(SecretKey::new(key.public().clone(), too_large).is_err());
}

/// That is how y is computed when a key is generated, too, whose x no caller can get at beforehand.
fn validate_key() {
    let [key, other] = keys();
    conceal(key.x().expose());
    RustCrypto.validate_secret(&key).expect("a key that belongs together");
    let wrong = SecretKey::new(key.public().clone(), other.x().duplicate()).expect("x is in range");
    conceal(wrong.x().expose());
    assert!(RustCrypto.validate_secret(&wrong).is_err());
}
