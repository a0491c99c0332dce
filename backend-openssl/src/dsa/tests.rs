//! Signatures computed elsewhere, and keys that break one condition each.

use otr_traits::{Generated, Secret};

use super::*;
use crate::testing::hex;

// A key of libotr's.
const P: &str = "\
    817da47a1b2fd248a2a09e7229d471bee84a8016ac9bdfdb5c5217bbd5ea71b2b187d10302e84166362896b41e35fced\
    bcf35cfa8619bfdb25f613085cdf91dbca88d829ccdab3a4c3847a1f9ceb7b6cb4f7755754cfc09e6d64a180f28ff979\
    5a31379ad175c8f1d12b1636a77fda94bee98766dcb34d7993f8c5f8f03ba6e3";
const Q: &str = "a6e1033538f040cce2522a4fa525eeafa22882b9";
const G: &str = "\
    029c97c58389337fb98b9bb83329e56b27845f03ff658c84764fe59c0e7d056aa4b87017915033ad1ce568d05728fbfc\
    c4d68b76c913a41d642110581be58d1e7659301a3b22bea5b965487b5b1af983b6129fae241bac2b46797dffd14b79df\
    5c3dde209ff1a62a96e6720be831021ad8d97164d9ceea2d19868bf2d9df1d9d";
const Y: &str = "\
    0e23d0284b78288ccd304351f36d53338e809a0ef9a35e23d6b36bd8d0f587486b97c90b333f8532b783ca0e7e470f44\
    66490359bba77647659d33987b8e70a9c5be790d8a283213ed3367c29e9ed27b25cc24805071d847e95bbad37e35759f\
    266aef2b07385c2d0d5c804a4a1517f35e8bc2e4347559daad17f0a6470f43f0";
const X: &str = "618decf2c501be228f87883c56b1ed1324579e82";
/// The public half of a second key in the same group: 127 bytes.
const SHORT_Y: &str = "\
    00c11e69b42f89c6e4cc5a9ebb7006c47a3592ce0bf1819165a443b01b890d7f4a1d8c8a4e6e5293d16d3f67a0f5ae39\
    ec613b728cab020bb013bc4ce2e81b3ff7b0a1917ee4cc1929c438d7b1bb5b9f93ea1f5fa2e5b7903e564d56071775c0\
    f5058c89532577ca3f3e4c984195f0318bfef80b0971d699339aec58860df21a";

// Signatures by these keys, computed in Python, and what a truncated digest would have made of them.
struct Case {
    y: &'static str,
    mac: &'static str,
    r: &'static str,
    s: &'static str,
    s_if_truncated: &'static str,
}

const CASES: [Case; 3] = [
    Case {
        y: Y,
        mac: "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        r: "10eb255c94cc22ddcd36d5d3d4383a460a222f19",
        s: "20f576b9b9e62be421c00fffcb8f98dd8433247f",
        s_if_truncated: "849f399dae6ca8f8f39c85251e93cd952a767042",
    },
    Case {
        y: Y,
        mac: "000000000000000000000000a6e1033538f040cce2522a4fa525eeafa22882b9",
        r: "9d7bb55af47501fa33b24e7d17dca3277624e66f",
        s: "09d23f23858c64b68c300f4e30e879fa978a5e1a",
        s_if_truncated: "95a9450ec345aca28cdd93d8ff9116d7000094f4",
    },
    Case {
        y: SHORT_Y,
        mac: "6c4e9b6c7489a75469735e48e1e7ed157cdc537b628f0940a49dc71a85fd1d99",
        r: "10aede5459a51ed97e219124c48e1b397b27360f",
        s: "30cc6be0e84e82068941f1315805e2d1030cf845",
        s_if_truncated: "62156f39c090cfd81b1584ba318c46e7d7e99fc0",
    },
];

fn public(p: &str, q: &str, g: &str, y: &str) -> PublicKey {
    PublicKey::new(hex(p), hex(q), hex(g), hex(y)).unwrap()
}

fn secret() -> SecretKey {
    SecretKey::new(public(P, Q, G, Y), Secret::from(hex(X))).unwrap()
}

fn number(bytes: &[u8]) -> BigNum {
    crate::number::public(bytes).unwrap()
}

fn digest(byte: u8) -> Digest {
    Digest::reduce(&[byte; 32], &hex(Q))
}

/// S-27.
#[test]
fn key_05_signatures_are_over_the_reduced_mac() {
    for case in CASES {
        let (key, digest) = (public(P, Q, G, case.y), Digest::reduce(&hex(case.mac), &hex(Q)));
        let signature = Signature { r: hex(case.r), s: hex(case.s) };
        assert_eq!(OpenSsl.verify(&key, &digest, &signature), Ok(()));
        let truncated = Signature { s: hex(case.s_if_truncated), ..signature };
        assert_eq!(OpenSsl.verify(&key, &digest, &truncated), Err(Error::InvalidSignature));
    }
}

#[test]
fn key_06_only_what_was_signed_verifies() {
    let (key, digest) = (public(P, Q, G, Y), digest(0xff));
    let good = Signature { r: hex(CASES[0].r), s: hex(CASES[0].s) };
    let refused = |key: &PublicKey, digest: &Digest, signature: Signature| {
        assert_eq!(OpenSsl.verify(key, digest, &signature), Err(Error::InvalidSignature), "{signature:?}");
    };
    refused(&key, &self::digest(0xfe), good.clone());
    refused(&public(P, Q, G, SHORT_Y), &digest, good.clone());
    refused(&key, &digest, Signature { r: good.s, s: good.r });
    for byte in 0..20 {
        let (mut r, mut s) = (good.clone(), good.clone());
        r.r[byte] ^= 1;
        s.s[byte] ^= 1;
        refused(&key, &digest, r);
        refused(&key, &digest, s);
    }
}

#[test]
fn key_06_r_and_s_lie_between_0_and_q() {
    let (key, digest) = (public(P, Q, G, Y), digest(0xff));
    let good = Signature { r: hex(CASES[0].r), s: hex(CASES[0].s) };
    // r + q and s + q are the same numbers mod q, and here they fit into 20 bytes.
    let plus_q = |n: &[u8; 20]| -> [u8; 20] {
        let sum = &number(n) + &number(&hex::<20>(Q));
        *to_bytes(&sum).unwrap()
    };
    for r in [[0; 20], hex(Q), [0xff; 20], plus_q(&good.r)] {
        let signature = Signature { r, s: good.s };
        assert_eq!(OpenSsl.verify(&key, &digest, &signature), Err(Error::InvalidSignature));
    }
    for s in [[0; 20], hex(Q), [0xff; 20], plus_q(&good.s)] {
        let signature = Signature { r: good.r, s };
        assert_eq!(OpenSsl.verify(&key, &digest, &signature), Err(Error::InvalidSignature));
    }
}

#[test]
fn key_07_nonces_are_spread_over_all_of_1_to_q() {
    let key = secret();
    let q = number(&hex::<20>(Q));
    let mut mod_q = Modulus::new(&hex::<20>(Q)).unwrap();
    let mut nonces = Vec::new();
    for n in 0..=255 {
        let digest = digest(n);
        let signature = OpenSsl.sign(&key, &digest).unwrap();
        assert_eq!(OpenSsl.verify(key.public(), &digest, &signature), Ok(()));
        // k = (z + x r) / s
        let xr = &number(key.x().expose()) * &number(&signature.r);
        let inverse = mod_q.inverse(&number(&signature.s)).unwrap();
        let k = &(&(&number(digest.as_bytes()) + &xr) * &inverse) % &q;
        nonces.push(k);
    }
    // 16 equal parts with 16 of 256 on average: outside 1..=45 about once in a million runs.
    let width = &q >> 4;
    let mut parts = [0; 16];
    for nonce in &nonces {
        let part = (1..16).position(|i| *nonce < &width * &BigNum::from_u32(i).unwrap()).unwrap_or(15);
        parts[part] += 1;
    }
    assert!(parts.iter().all(|count| (1..=45).contains(count)), "{parts:?}");
    nonces.sort();
    nonces.dedup();
    assert_eq!(nonces.len(), 256);
}

#[test]
fn key_08_a_key_is_generated_step_by_step_and_signs() {
    let (mut generation, mut tried) = (OpenSsl.generation().unwrap(), 0);
    let key = loop {
        match generation.step().unwrap() {
            Generated::Key(key) => break key,
            Generated::Not(progress) => {
                assert!(progress.candidates() == tried || progress.candidates() == tried + 1);
                tried = progress.candidates();
            }
        }
    };
    // Another one, in other parameters.
    assert_ne!(OpenSsl.generate().unwrap().public().q(), key.public().q());
    assert_eq!(OpenSsl.validate(key.public(), Thoroughness::Primality), Ok(()));
    assert_eq!(OpenSsl.validate_secret(&key), Ok(()));
    let digest = Digest::reduce(&[0xff; 32], key.public().q());
    let signature = OpenSsl.sign(&key, &digest).unwrap();
    assert_eq!(OpenSsl.verify(key.public(), &digest, &signature), Ok(()));
}

/// A product of two primes of 512 bits, both 1 mod Q.
const COMPOSITE_P: &str = "\
    ddf2e05491972ec83f372dba32e7e3f8ea94a0a7dbb815d41c734c258f70d142b033239f506798b16ebffbbe2e8142af\
    dcecc307dde4f4c9ba6c12652c7cb50baefe95493f89629bff83099e01404a413195fa8fbee721905864678008522a17\
    c81bdeb8fb43f944679af2e6d3a618ed2a4566e547b42d936dfca120ee774613";
/// An element of order Q.
const G_MOD_COMPOSITE_P: &str = "\
    2be6aaac167bee2c5c27fb607972e1438afe532540b2f804e3dd6c7cfb7c330c8500069fc256cf54a36198844c49f6e7\
    a321a2c1ba83da2f96f5f7edd6b92d782b9a42605984b57a3da5c5a467bfd8d2a2bf3d57dd244cdcdee47a3e4cf56665\
    5c50097d0fddbffd2b6197de730ffafabea1a90c3bd5159b59b17023e409c473";

/// A prime of 1024 bits, 1 mod COMPOSITE_Q and 1 mod 61.
const OTHER_P: &str = "\
    9524f9f0750ae804cf09db6a4329e0c755c98e272f9dadd2f571e6690e7210bee395132f9119dbddefbf8f79138f5c1a\
    667be6bf588e603ac151f26a8006153c223be64e6fec05b326a19afb683d9bbae47fff1f97869f850e17737951f6d15c\
    337ca60128b454d4639fcba789a0beaf68eb4302595ca377d6e1afdb6e3c16af";
/// A product of two primes of 80 bits.
const COMPOSITE_Q: &str = "c9d61b47185618ef1068103ad9506c60ed3b4c91";
/// An element of order COMPOSITE_Q.
const G_OF_COMPOSITE_ORDER: &str = "\
    62fa5ac64ee23f49f4c0cd7e8963ab683deb0299eef03163867d03f512b5ec8a1d7e2a102d41b43de26ff63ba3daacf3\
    3eead51d2f2ae0e2ee685f658f1a8559afe1f63cf257224e03da46d8164bd7d135e8e773771f933513118e583686d3e6\
    6bef858a51d8b6b6e173e0f03e5001723debe4e148fe7ab39d36383d22541a68";

/// A multiple of 61 that does not divide OTHER_P - 1.
const STRANGE_Q: &str = "8000000000000000000000000000000000000055";
/// An element of order 61.
const G_OF_ORDER_61: &str = "\
    3778b019dcde237ff016cf7fffd32349fc1434f635c1c25d2584b0cc93fd5ea81ca81288b128662b6a1c783ee23be90c\
    e545afb0e1003b25667edcec48bca0de15b2f1617ba1e50a8e454611e33dcb7a5f6a63d5a5573614e95fe3e8c4396ef2\
    b9b334e7f07bcdc6e3206867943ad80cae23c680543b497d0aa6dd75455d662d";

#[test]
fn key_04_each_broken_condition_is_named() {
    let validate = |key: &PublicKey, thoroughness| OpenSsl.validate(key, thoroughness);
    let fault = |fault| Err(Error::InvalidKey(fault));
    let minus = |n: &str| -> [u8; 128] {
        let negative = &number(&hex::<128>(P)) - &number(&hex::<128>(n));
        *to_bytes(&negative).unwrap()
    };
    for good in [public(P, Q, G, Y), public(P, Q, G, SHORT_Y)] {
        assert_eq!(validate(&good, Thoroughness::Primality), Ok(()));
    }
    // −g and −y have order 2q.
    let wrong_g = PublicKey::new(hex(P), hex(Q), minus(G), hex(Y)).unwrap();
    let wrong_y = PublicKey::new(hex(P), hex(Q), hex(G), minus(Y)).unwrap();
    assert_eq!(validate(&wrong_g, Thoroughness::Orders), fault(KeyFault::G));
    assert_eq!(validate(&wrong_y, Thoroughness::Orders), fault(KeyFault::Y));
    // g^q = y^q = 1 here, but q does not divide p − 1.
    let strange = public(OTHER_P, STRANGE_Q, G_OF_ORDER_61, G_OF_ORDER_61);
    assert_eq!(validate(&strange, Thoroughness::Orders), fault(KeyFault::Q));
    // All orders are right.
    let p_composite = public(COMPOSITE_P, Q, G_MOD_COMPOSITE_P, G_MOD_COMPOSITE_P);
    let q_composite = public(OTHER_P, COMPOSITE_Q, G_OF_COMPOSITE_ORDER, G_OF_COMPOSITE_ORDER);
    for (key, culprit) in [(p_composite, KeyFault::P), (q_composite, KeyFault::Q)] {
        assert_eq!(validate(&key, Thoroughness::Orders), Ok(()));
        assert_eq!(validate(&key, Thoroughness::Primality), fault(culprit));
    }
}

#[test]
fn key_09_y_must_be_g_to_the_x() {
    assert_eq!(OpenSsl.validate_secret(&secret()), Ok(()));
    let mut x: [u8; 20] = hex(X);
    x[19] ^= 1;
    let other = SecretKey::new(public(P, Q, G, Y), Secret::from(x)).unwrap();
    assert_eq!(OpenSsl.validate_secret(&other), Err(Error::InvalidKey(KeyFault::X)));
}

/// 61 has no inverse modulo a multiple of 61, and OpenSSL says so with an error.
#[test]
fn key_06_what_goes_wrong_inside_a_peers_key_is_an_invalid_signature() {
    let strange = public(OTHER_P, STRANGE_Q, G_OF_ORDER_61, G_OF_ORDER_61);
    let digest = Digest::reduce(&[0xff; 32], strange.q());
    let (mut r, mut s) = ([0; 20], [0; 20]);
    (r[19], s[19]) = (1, 61);
    assert_eq!(OpenSsl.verify(&strange, &digest, &Signature { r, s }), Err(Error::InvalidSignature));
}
