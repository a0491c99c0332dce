//! Comparisons, AES, hashes, and the keys that are derived with them.

use otr_backend_rustcrypto::RustCrypto;
use otr_protocol::keys::{AkeKeys, DataKeys, mac_key};
use otr_traits::{AesCtr, AesKey, Element, Exponent, Hash, PreparedKey, Secret};

use super::{Operation, bytes, publish};
use crate::memcheck::{conceal, reveal};

pub(super) const ALL: &[Operation] = &[
    Operation { name: "compare-secrets", id: "S-40", run: compare_secrets },
    Operation { name: "compare-elements", id: "S-40", run: compare_elements },
    Operation { name: "compare-exponents", id: "S-40", run: compare_exponents },
    Operation { name: "aes", id: "S-44", run: aes },
    Operation { name: "hashes", id: "S-44", run: hashes },
    Operation { name: "hmacs", id: "S-44", run: hmacs },
    Operation { name: "ake-keys", id: "S-44", run: ake_keys },
    Operation { name: "data-keys", id: "S-44", run: data_keys },
];

/// MACs and keys; and one so long that no compiler compares it in a single step.
fn compare_secrets() {
    compare::<20>();
    compare::<32>();
    compare::<256>();
}

fn compare<const N: usize>() {
    let secret = Secret::<N>::from(bytes(1));
    conceal(secret.expose());
    assert!(verdict(secret == Secret::from(bytes(1))));
    assert!(!verdict(secret == Secret::from(bytes(2))));
}

fn compare_elements() {
    let secret = Element::from(bytes(1));
    conceal(secret.as_be_bytes());
    assert!(verdict(secret == Element::from(bytes(1))));
    assert!(!verdict(secret == Element::from(bytes(2))));
}

fn compare_exponents() {
    let exponent = |seed| Exponent::from_be_bytes(&bytes::<32>(seed)).expect("at most 192 bytes");
    let secret = exponent(1);
    conceal(secret.expose());
    assert!(verdict(secret == exponent(1)));
    assert!(!verdict(secret == exponent(2)));
}

/// The one bit that a comparison publishes.
#[inline(never)]
fn verdict(is_equal: bool) -> bool {
    let [bit] = publish(&[u8::from(is_equal)]);
    bit == 1
}

/// Key and text are secret; the text is longer than what any implementation does at once.
fn aes() {
    let (key, mut text) = (AesKey::from(bytes(1)), bytes::<1000>(2));
    let mut expected = text;
    RustCrypto.aes_ctr(&key, [0; 16], &mut expected).expect("a ciphertext");
    conceal(key.expose());
    conceal(&text);
    let mut again = text;
    RustCrypto.aes_ctr(&key, [0; 16], &mut text).expect("a ciphertext");
    assert_eq!(publish(&text), expected);
    RustCrypto.aes_ctr_prepared(&mut PreparedKey::from(key), [0; 16], &mut again).expect("a ciphertext");
    assert_eq!(publish(&again), expected);
}

fn hashes() {
    let text: [u8; 200] = bytes(1);
    let compute = || {
        let (mut sha1, mut sha256) = ([0; 20], [0; 32]);
        RustCrypto.sha1(&[&text], &mut sha1).expect("a hash");
        RustCrypto.sha256(&[&text], &mut sha256).expect("a hash");
        (sha1, sha256)
    };
    let expected = compute();
    conceal(&text);
    let (sha1, sha256) = compute();
    assert_eq!((publish(&sha1), publish(&sha256)), expected);
}

fn hmacs() {
    let (key, text) = (Secret::<20>::from(bytes(1)), bytes::<200>(2));
    let mut prepared = PreparedKey::from(key.duplicate());
    let compute = |prepared: &mut PreparedKey<20>| {
        let (mut sha1, mut kept, mut sha256) = ([0; 20], [0; 20], [0; 32]);
        RustCrypto.hmac_sha1(key.expose(), &[&text], &mut sha1).expect("a MAC");
        RustCrypto.hmac_sha1_prepared(prepared, &[&text], &mut kept).expect("a MAC");
        RustCrypto.hmac_sha256(key.expose(), &[&text], &mut sha256).expect("a MAC");
        (sha1, kept, sha256)
    };
    let expected = compute(&mut PreparedKey::from(key.duplicate()));
    conceal(key.expose());
    conceal(prepared.key().expose());
    conceal(&text);
    let (sha1, kept, sha256) = compute(&mut prepared);
    assert_eq!((publish(&sha1), publish(&kept), publish(&sha256)), expected);
}

/// How many leading zero bytes a shared secret has, the keys' derivation tells: that is in the protocol. So the first byte,
/// which is not 0, is public here.
fn shared_secret() -> Element {
    let secret = Element::from(bytes(1));
    conceal(secret.as_be_bytes());
    reveal(&secret.as_be_bytes()[..1]);
    secret
}

fn ake_keys() {
    let expected = AkeKeys::derive(&RustCrypto, &Element::from(bytes(1))).expect("keys");
    let keys = AkeKeys::derive(&RustCrypto, &shared_secret()).expect("keys");
    assert_eq!(publish(keys.session_id.as_bytes()), *expected.session_id.as_bytes());
    for (keys, expected) in [(keys.reveal, expected.reveal), (keys.signature, expected.signature)] {
        assert_eq!(publish(keys.c.expose()), *expected.c.expose());
        assert_eq!(publish(keys.m1.expose()), *expected.m1.expose());
        assert_eq!(publish(keys.m2.expose()), *expected.m2.expose());
    }
}

fn data_keys() {
    let derive = |secret| {
        DataKeys::derive(&RustCrypto, &Element::from(bytes(2)), &Element::from(bytes(3)), secret)
            .expect("keys")
    };
    let (keys, expected) = (derive(&shared_secret()), derive(&Element::from(bytes(1))));
    // First, because what follows publishes the key.
    let mac = mac_key(&RustCrypto, &keys.sending_aes).expect("a key");
    assert_eq!(publish(mac.expose()), *expected.sending_mac.expose());
    assert_eq!(publish(keys.sending_aes.expose()), *expected.sending_aes.expose());
    assert_eq!(publish(keys.sending_mac.expose()), *expected.sending_mac.expose());
    assert_eq!(publish(keys.receiving_aes.expose()), *expected.receiving_aes.expose());
    assert_eq!(publish(keys.receiving_mac.expose()), *expected.receiving_mac.expose());
    assert_eq!(publish(keys.extra.expose()), *expected.extra.expose());
}
