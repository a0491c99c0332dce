//! This backend and the pure-Rust one compute the same on random input.
#![expect(clippy::unwrap_used, reason = "a test that fails loudly is a good one")]

use otr_backend_openssl::OpenSsl;
use otr_backend_rustcrypto::RustCrypto;
use otr_traits::{
    AesKey, Backend, Base, Digest, Dsa, Element, Error, Exponent, ModExpExt, Power, Purpose, Result, Rng,
    Secret, Term, Thoroughness,
};

fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    RustCrypto.fill(Purpose::R, &mut bytes).unwrap();
    bytes
}

fn exponent(width: usize) -> Exponent {
    let mut exponent = Exponent::zeroed(width);
    RustCrypto.fill(Purpose::DhPrivate, exponent.expose_mut()).unwrap();
    exponent
}

/// What both backends make of the same input.
fn agreed<T: PartialEq + std::fmt::Debug>(compute: impl Fn(&dyn Backend) -> Result<T>) -> T {
    let [ours, theirs] = [&OpenSsl as &dyn Backend, &RustCrypto].map(|backend| compute(backend).unwrap());
    assert_eq!(ours, theirs);
    ours
}

#[test]
fn const_01_powers_agree_for_every_width() {
    for width in [0, 1, 7, 8, 9, 20, 32, 40, 192] {
        let (base, x) = (Element::from(bytes()), exponent(width));
        agreed(|b| b.pow_g(&x));
        agreed(|b| b.pow(&base, &x));
        agreed(|b| b.product(&[Term { base: Base::Generator, exponent: Power::Public(&x) }]));
    }
}

#[test]
fn products_and_quotients_agree() {
    for _ in 0..8 {
        let (g, h) = (Element::from(bytes()), Element::from(bytes()));
        let (x, y, z) = (exponent(40), exponent(192), exponent(32));
        let terms = [
            Term { base: Base::Generator, exponent: Power::Secret(&x) },
            Term { base: Base::Element(&g), exponent: Power::Public(&y) },
            Term { base: Base::Element(&h), exponent: Power::Secret(&z) },
        ];
        agreed(|b| b.product(&terms));
        agreed(|b| b.mul(&g, &h));
        agreed(|b| b.div(&g, &h));
    }
}

#[test]
fn responses_and_exponent_products_agree() {
    for width in [0, 1, 32, 40, 191, 192] {
        for _ in 0..8 {
            let (r, x, c) = (exponent(192), exponent(width), exponent(32));
            agreed(|b| b.response(&r, &x, &c));
            agreed(|b| b.exponent_product(&r, &x));
        }
    }
}

#[test]
fn key_05_each_verifies_what_the_other_signs() {
    let backends = [&OpenSsl as &dyn Backend, &RustCrypto];
    for key in [OpenSsl.generate().unwrap(), RustCrypto.generate().unwrap()] {
        agreed(|b| b.validate(key.public(), Thoroughness::Primality));
        agreed(|b| b.validate_secret(&key));
        for signer in backends {
            let digest = Digest::reduce(&bytes(), key.public().q());
            let signature = signer.sign(&key, &digest).unwrap();
            agreed(|b| b.verify(key.public(), &digest, &signature));
            let other = Digest::reduce(&bytes(), key.public().q());
            for verifier in backends {
                let verdict = verifier.verify(key.public(), &other, &signature);
                assert_eq!(verdict, Err(Error::InvalidSignature));
            }
        }
    }
}

#[test]
fn const_08_counters_carry_alike() {
    // Around every boundary at which a narrower counter would wrap.
    for ones in 0..16 {
        let (key, mut counter) = (AesKey::from(bytes()), bytes::<16>());
        counter[15 - ones..].fill(0xff);
        for length in [0, 1, 16, 17, 100, 1000] {
            agreed(|b| {
                let mut data = vec![0x5a; length];
                b.aes_ctr(&key, counter, &mut data).map(|()| data)
            });
        }
    }
}

#[test]
fn hashes_and_macs_agree_for_every_length_of_key() {
    let (data, key) = (bytes::<300>(), bytes::<200>());
    for length in [0, 1, 20, 55, 56, 63, 64, 65, 119, 128, 200] {
        let (parts, key): ([&[u8]; 3], _) = ([&data[..length], &[], &data[length..]], &key[..length]);
        agreed(|b| fill::<20>(|out| b.sha1(&parts[..1], out)));
        agreed(|b| fill::<32>(|out| b.sha256(&parts[..1], out)));
        agreed(|b| fill::<20>(|out| b.hmac_sha1(key, &parts, out)));
        agreed(|b| fill::<32>(|out| b.hmac_sha256(key, &parts, out)));
    }
}

fn fill<const N: usize>(hash: impl FnOnce(&mut [u8; N]) -> Result<()>) -> Result<Secret<N>> {
    let mut out = Secret::zeroed();
    hash(out.expose_mut()).map(|()| out)
}
