//! This backend and the pure-Rust one do the same with random and with awkward input: equal results, equal errors.
//! CONST-01, CONST-08, KEY-04, KEY-05, KEY-06, KEY-09.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that fails loudly is a good one")]

use std::fmt::Debug;
use std::sync::LazyLock;
use std::thread;

use otr_backend_openssl::OpenSsl;
use otr_backend_rustcrypto::RustCrypto;
use otr_traits::{
    AesKey, Backend, Base, Digest, Dsa, Element, Exponent, Generated, Hash, ModExp, ModExpExt, ORDER, PRIME,
    Power, Prepared, PublicKey, Result, Secret, SecretKey, Signature, Term, Thoroughness,
};
use proptest::array::{uniform16, uniform20, uniform32};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

const BOTH: [&dyn Backend; 2] = [&OpenSsl, &RustCrypto];

/// What both backends make of the same input, be it an error.
fn agreed<T: PartialEq + Debug>(compute: impl Fn(&dyn Backend) -> Result<T>) -> Result<T> {
    let [ours, theirs] = BOTH.map(compute);
    assert_eq!(ours, theirs);
    ours
}

fn filled<const N: usize>(hash: impl FnOnce(&mut [u8; N]) -> Result<()>) -> Result<Secret<N>> {
    let mut out = Secret::zeroed();
    hash(out.expose_mut()).map(|()| out)
}

/// The numbers around those at which something changes, 192 bytes wide: 0, q, p and 2^1536.
fn awkward() -> impl Strategy<Value = Vec<u8>> {
    (select(vec![[0; 192], ORDER, PRIME]), -2..=2_i8).prop_map(|(mut number, offset)| {
        let mut carry = i16::from(offset);
        for byte in number.iter_mut().rev() {
            let sum = i16::from(*byte) + carry;
            *byte = sum.rem_euclid(256) as u8;
            carry = sum.div_euclid(256);
        }
        number.into()
    })
}

/// Any width, mostly odd ones; often with leading zeros.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let any_width = || vec(any::<u8>(), 0..=192);
    let padded = (any_width(), any::<Index>()).prop_map(|(mut bytes, zeros)| {
        let zeros = zeros.index(bytes.len() + 1);
        bytes.iter_mut().take(zeros).for_each(|byte| *byte = 0);
        bytes
    });
    prop_oneof![awkward(), any_width(), padded, vec(any::<u8>(), 192)]
}

fn element() -> impl Strategy<Value = Element> {
    bytes().prop_map(|bytes| Element::from_be_bytes(&bytes).unwrap())
}

fn exponent() -> impl Strategy<Value = Exponent> {
    bytes().prop_map(|bytes| Exponent::from_be_bytes(&bytes).unwrap())
}

fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(cases(24))]

    /// Every kind of base with every kind of exponent, and each backend with what the other has prepared.
    #[test]
    fn const_01_products_agree(factors in vec((0..4_u8, any::<bool>(), element(), exponent()), 0..4)) {
        for preparing in BOTH {
            let prepared: Vec<Prepared> =
                factors.iter().map(|(.., base, _)| preparing.prepare(base, 2).unwrap()).collect();
            let terms: Vec<Term<'_>> = factors.iter().zip(&prepared).map(|((kind, secret, base, x), prepared)| Term {
                base: match kind {
                    0 => Base::Generator,
                    1 => Base::Element(base),
                    _ => Base::Prepared(prepared),
                },
                exponent: if *secret { Power::Secret(x) } else { Power::Public(x) },
            }).collect();
            prop_assert!(agreed(|b| b.product(&terms)).is_ok());
        }
    }

    /// And that their secrecy changes nothing.
    #[test]
    fn const_01_powers_agree(base in element(), x in exponent()) {
        let power = agreed(|b| b.pow(&base, &x));
        let public = [Term { base: Base::Element(&base), exponent: Power::Public(&x) }];
        prop_assert_eq!(agreed(|b| b.product(&public)), power);
        prop_assert!(agreed(|b| b.pow_g(&x)).is_ok());
    }
}

proptest! {
    #![proptest_config(cases(128))]

    /// An element without inverse is the same error.
    #[test]
    fn products_and_quotients_of_elements_agree(a in element(), b in element()) {
        prop_assert!(agreed(|backend| backend.mul(&a, &b)).is_ok());
        let quotient = agreed(|backend| backend.div(&a, &b));
        let multiple_of_p = [&[0; 192], &PRIME].contains(&b.as_be_bytes());
        prop_assert_eq!(quotient.is_err(), multiple_of_p);
    }

    #[test]
    fn responses_and_exponent_products_agree(r in exponent(), x in exponent(), c in exponent()) {
        prop_assert!(agreed(|b| b.response(&r, &x, &c)).is_ok());
        prop_assert!(agreed(|b| b.exponent_product(&x, &c)).is_ok());
    }

    /// With keys on both sides of a block, and any division into parts.
    #[test]
    fn hashes_and_macs_agree(key in vec(any::<u8>(), 0..200), parts in vec(vec(any::<u8>(), 0..150), 0..5)) {
        let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
        for parts in [&parts[..], &[&parts.concat()]] {
            prop_assert!(agreed(|b| filled(|out| b.sha1(parts, out))).is_ok());
            prop_assert!(agreed(|b| filled(|out| b.sha256(parts, out))).is_ok());
            prop_assert!(agreed(|b| filled(|out| b.hmac_sha1(&key, parts, out))).is_ok());
            prop_assert!(agreed(|b| filled(|out| b.hmac_sha256(&key, parts, out))).is_ok());
        }
    }

    /// From shortly before every boundary at which a narrower counter would wrap.
    #[test]
    fn const_08_counters_carry_alike(
        key in uniform16(any::<u8>()),
        start in any::<u128>(),
        width in select(vec![8_u32, 16, 32, 64, 96, 127, 128]),
        before in 0..20_u128,
        data in vec(any::<u8>(), 0..400),
    ) {
        let ones = u128::MAX >> (128 - width);
        let counter = ((start | ones) - before).to_be_bytes();
        let encrypt = |b: &dyn Backend, mut data: Vec<u8>| {
            b.aes_ctr(&AesKey::from(key), counter, &mut data).map(|()| data)
        };
        let encrypted = agreed(|b| encrypt(b, data.clone())).unwrap();
        prop_assert_eq!(agreed(|b| encrypt(b, encrypted.clone())).unwrap(), data);
    }
}

/// A key of each backend's making.
static KEYS: LazyLock<[SecretKey; 2]> = LazyLock::new(|| BOTH.map(|backend| backend.generate().unwrap()));

fn less<const N: usize>(from: &[u8; N], number: &[u8; N]) -> [u8; N] {
    let (mut difference, mut borrow) = (*from, 0);
    for (byte, less) in difference.iter_mut().zip(number).rev() {
        let rest = i16::from(*byte) - i16::from(*less) - borrow;
        *byte = rest.rem_euclid(256) as u8;
        borrow = i16::from(rest < 0);
    }
    difference
}

/// A sound key with one number damaged, or replaced by one of the wrong order; none if it is not even in range.
fn damaged(key: &PublicKey, kind: u8, at: Index, flip: u8) -> Option<PublicKey> {
    let (mut p, mut q, mut g, mut y) = (*key.p(), *key.q(), *key.g(), *key.y());
    match kind {
        0 => p[at.index(128)] ^= flip,
        1 => q[at.index(20)] ^= flip,
        2 => g[at.index(128)] ^= flip,
        3 => y[at.index(128)] ^= flip,
        4 => g = less(&p, &g),
        5 => y = less(&p, &y),
        _ => (g, y) = (y, g),
    }
    PublicKey::new(p, q, g, y).ok()
}

proptest! {
    #![proptest_config(cases(64))]

    /// The same fault, whatever is wrong. Nor do they differ about signatures under such keys.
    #[test]
    fn key_04_the_same_keys_are_refused_for_the_same_reason(
        kind in 0..7_u8, at in any::<Index>(), flip in 1..=255_u8, of in 0..2_usize, mac in uniform32(any::<u8>()),
    ) {
        let good = &KEYS[of];
        if let Some(key) = damaged(good.public(), kind, at, flip) {
            let orders = agreed(|b| b.validate(&key, Thoroughness::Orders));
            let primality = agreed(|b| b.validate(&key, Thoroughness::Primality));
            // g and y in each other's place are a sound key.
            prop_assert_eq!((orders.is_ok(), primality.is_ok()), (kind == 6, kind == 6));

            let digest = Digest::reduce(&mac, key.q());
            let signature = OpenSsl.sign(good, &digest).unwrap();
            // -g and -y are as good as g and y where the exponent is even.
            let verdict = agreed(|b| b.verify(&key, &digest, &signature));
            prop_assert!(verdict.is_err() || [4, 5].contains(&kind));
        }
    }

    /// Each verifies what either signs, and refuses everything else; r and s out of range included.
    #[test]
    fn key_05_key_06_each_verifies_what_the_other_signs(
        mac in uniform32(any::<u8>()), other in uniform32(any::<u8>()), random in uniform20(any::<u8>()),
    ) {
        for key in KEYS.iter() {
            let (public, q) = (key.public(), key.public().q());
            let digest = Digest::reduce(&mac, q);
            for signer in BOTH {
                let good = signer.sign(key, &digest).unwrap();
                prop_assert_eq!(agreed(|b| b.verify(public, &digest, &good)), Ok(()));
                let refused = |digest: &Digest, r, s| {
                    agreed(|b| b.verify(public, digest, &Signature { r, s })).is_err()
                };
                prop_assert!(refused(&Digest::reduce(&other, q), good.r, good.s));
                let mut one = [0; 20];
                one[19] = 1;
                for bad in [[0; 20], one, *q, less(q, &one), [0xff; 20], random] {
                    prop_assert!(refused(&digest, bad, good.s) && refused(&digest, good.r, bad));
                }
                // (r, q - s) is a signature in ECDSA, but not in DSA.
                prop_assert!(refused(&digest, good.r, less(q, &good.s)));
            }
        }
    }

    #[test]
    fn key_09_a_secret_belongs_to_its_public_half_alone(x in uniform20(any::<u8>())) {
        for key in KEYS.iter() {
            prop_assert_eq!(agreed(|b| b.validate_secret(key)), Ok(()));
            if let Ok(other) = SecretKey::new(key.public().clone(), Secret::from(x)) {
                prop_assert!(agreed(|b| b.validate_secret(&other)).is_err());
            }
        }
    }
}

/// What a thread keeps, it keeps for itself.
#[test]
fn threads_do_not_disturb_each_other() {
    thread::scope(|scope| {
        for thread in 0..4_u8 {
            scope.spawn(move || {
                let (base, x) =
                    (Element::from([thread; 192]), Exponent::from_be_bytes(&[thread; 40]).unwrap());
                let power = RustCrypto.pow(&base, &x).unwrap();
                let sum: Secret<32> =
                    filled(|out| RustCrypto.hmac_sha256(&[thread; 80], &[&[thread]], out)).unwrap();
                for _ in 0..50 {
                    assert_eq!(OpenSsl.pow(&base, &x).unwrap(), power);
                    assert_eq!(
                        OpenSsl.mul(&power, &OpenSsl.div(&base, &power).unwrap()),
                        OpenSsl.mul(&base, &Element::from_be_bytes(&[1]).unwrap())
                    );
                    assert_eq!(
                        filled(|out| OpenSsl.hmac_sha256(&[thread; 80], &[&[thread]], out)).unwrap(),
                        sum
                    );
                }
            });
        }
    });
}

/// KEY-08: with progress that never goes back, on a thread of its own, and given up by being dropped.
#[test]
fn key_08_a_generation_moves_between_threads_and_is_cancelled_by_dropping_it() {
    for dsa in BOTH {
        // A lucky one is done after one step, but not eight of them.
        let started = || {
            let mut generation = dsa.generation().unwrap();
            matches!(generation.step(), Ok(Generated::Not(_))).then_some(generation)
        };
        let mut generation = (0..8).find_map(|_| started()).expect("one step is not a whole key");
        let thread = thread::spawn(move || {
            let mut last = 0;
            loop {
                match generation.step().unwrap() {
                    Generated::Not(progress) => {
                        assert!((last..100).contains(&progress.percent()));
                        last = progress.percent();
                    }
                    Generated::Key(key) => return key,
                }
            }
        });
        let key = thread.join().unwrap();
        assert_eq!(dsa.validate_secret(&key), Ok(()));

        let mut given_up = dsa.generation().unwrap();
        given_up.step().unwrap();
        drop(given_up);
        assert!(dsa.generate().is_ok());
    }
}
