//! A library that refuses is an error, not a panic: OpenSSL, configured to have nothing to offer.
#![expect(clippy::unwrap_used, reason = "a test that fails loudly is a good one")]

use std::path::Path;
use std::process::Command;

use otr_backend_openssl::OpenSsl;
use otr_backend_rustcrypto::RustCrypto;
use otr_traits::{
    AesCtr, AesKey, Digest, Dsa, Element, Error, Exponent, Hash, ModExp, ModExpExt, Purpose, Result, Rng,
    Thoroughness,
};

/// Whether `configuration` is OpenSSL's in this process. If not, runs `test` in one where it is, since OpenSSL
/// reads its configuration only once.
fn configured(test: &str, configuration: &str) -> bool {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(configuration);
    if std::env::var_os("OPENSSL_CONF").is_some_and(|file| file == path) {
        return true;
    }
    let mut again = Command::new(std::env::current_exe().unwrap());
    let output = again.args(["--exact", test]).env("OPENSSL_CONF", path).output().unwrap();
    let report = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && report.contains("1 passed"), "{report}");
    false
}

fn is_refused<T: std::fmt::Debug>(result: Result<T>) -> bool {
    matches!(result, Err(Error::Refused { ref reason, .. }) if reason.contains("unsupported"))
}

#[test]
fn s_47_a_library_without_algorithms_refuses_and_does_not_panic() {
    if !configured("s_47_a_library_without_algorithms_refuses_and_does_not_panic", "no-algorithms.cnf") {
        return;
    }
    let key = RustCrypto.generate().unwrap();
    let digest = Digest::reduce(&[0xff; 32], key.public().q());
    let signature = RustCrypto.sign(&key, &digest).unwrap();
    let mut data = *b"attack at dawn";
    // Twice: what has failed once is not kept.
    for _ in 0..2 {
        assert!(is_refused(OpenSsl.aes_ctr(&AesKey::zeroed(), [0; 16], &mut data)));
        assert!(is_refused(OpenSsl.sha1(&[], &mut [0; 20])));
        assert!(is_refused(OpenSsl.hmac_sha256(&[1], &[], &mut [0; 32])));
        assert!(is_refused(OpenSsl.sign(&key, &digest)));
        assert!(is_refused(OpenSsl.verify(key.public(), &digest, &signature)));
        assert!(OpenSsl.generate().is_err());
    }
    assert_eq!(&data, b"attack at dawn");
    // Bare numbers are not an algorithm.
    assert_eq!(OpenSsl.pow_g(&Exponent::zeroed(40)), Ok(Element::from_be_bytes(&[1]).unwrap()));
}

#[test]
fn key_07_without_random_bytes_there_is_no_signature_and_no_key() {
    if !configured("key_07_without_random_bytes_there_is_no_signature_and_no_key", "no-randomness.cnf") {
        return;
    }
    let key = RustCrypto.generate().unwrap();
    let digest = Digest::reduce(&[0xff; 32], key.public().q());
    let signature = RustCrypto.sign(&key, &digest).unwrap();
    assert_eq!(OpenSsl.fill(Purpose::R, &mut [0; 16]), Err(Error::Rng));
    assert_eq!(OpenSsl.sign(&key, &digest), Err(Error::Rng));
    assert_eq!(OpenSsl.generate().unwrap_err(), Error::Rng);
    assert_eq!(OpenSsl.validate(key.public(), Thoroughness::Primality), Err(Error::Rng));
    // No mask, no product.
    let two = Element::generator();
    assert_eq!(OpenSsl.div(&two, &two), Err(Error::Rng));
    let x = Exponent::zeroed(40);
    assert_eq!(OpenSsl.response(&x, &x, &x), Err(Error::Rng));
    assert_eq!(OpenSsl.exponent_product(&x, &x), Err(Error::Rng));
    // What needs none still works.
    assert_eq!(OpenSsl.mul(&two, &two), Ok(Element::from_be_bytes(&[4]).unwrap()));
    assert_eq!(OpenSsl.verify(key.public(), &digest, &signature), Ok(()));
    assert_eq!(OpenSsl.validate(key.public(), Thoroughness::Orders), Ok(()));
}
