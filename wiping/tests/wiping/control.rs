//! What is not wiped is found. Without this, the rest would show nothing.

use otr_protocol::traits::Secret;
use otr_protocol::wire::Version;
use otr_wiping::{Secrets, Talk, Watch, aside, backends};

const SECRET: &[u8; 40] = b"forty bytes that are a secret of someone";

const NOTHING: [Vec<&str>; 2] = [vec![], vec![]];

/// The spellings found in what was given back, and in what is in use.
fn found<T>(work: impl FnOnce() -> T) -> [Vec<&'static str>; 2] {
    let mut secrets = Secrets::default();
    secrets.note("somebody", "secret", SECRET);
    let watch = Watch::begin();
    let kept = work();
    let found = [watch.freed(), watch.in_use()].map(|blocks| {
        let leaks = blocks.iter().flat_map(|block| secrets.find(block));
        let mut spellings: Vec<_> = leaks.map(|leak| leak.spelling).collect();
        spellings.dedup();
        spellings
    });
    drop((watch, kept));
    found
}

#[test]
fn s_45_what_is_not_wiped_is_found() {
    assert_eq!(found(|| ()), NOTHING);
    assert_eq!(found(|| SECRET.to_vec()), [vec![], vec!["as it is"]]);
    assert_eq!(found(|| drop(SECRET.to_vec())), [vec!["as it is"], vec![]]);
    assert_eq!(found(|| drop(Secret::from(*SECRET))), NOTHING);
}

#[test]
fn s_45_a_buffer_that_grew_leaves_a_copy_behind() {
    let grown = || {
        let mut buffer = SECRET.to_vec();
        buffer.reserve_exact(1);
        buffer.fill(0);
    };
    assert_eq!(found(grown), [vec!["as it is"], vec![]]);
}

#[test]
fn s_45_a_secret_wiped_in_part_or_spelt_otherwise_is_found() {
    let in_part = || {
        let mut buffer = SECRET.to_vec();
        buffer[..24].fill(0);
        buffer
    };
    assert_eq!(found(in_part), [vec![], vec!["as it is"]]);
    assert_eq!(found(|| SECRET.iter().rev().copied().collect::<Vec<_>>()), [vec![], vec!["as digits"]]);
    let hexadecimal = || SECRET.iter().map(|byte| format!("{byte:02X}")).collect::<String>();
    assert_eq!(found(hexadecimal)[1], ["in hexadecimal"]);
    for before in ["", "1", "12", "123"] {
        let text = [before.as_bytes(), SECRET, b"after"].concat();
        assert_eq!(found(|| data_encoding::BASE64.encode(&text))[1], ["in base64"], "{before}");
    }
}

#[test]
fn s_45_what_is_done_aside_is_not_watched() {
    assert_eq!(found(|| aside(|| SECRET.to_vec())), NOTHING);
    assert_eq!(found(|| aside(|| drop(SECRET.to_vec()))), NOTHING);
}

/// Every kind of secret there is, and OpenSSL's memory too.
#[test]
fn s_45_every_secret_of_a_conversation_is_noted_and_would_be_found() {
    for backend in backends() {
        let mut talk = Talk::secured(&backend, Version::V3);
        talk.alice_says("a text from Alice to Bob");
        talk.bob_says("a text from Bob to Alice");
        crate::comparison::compare(&mut talk, ["the same on both sides"; 2]);
        let noted = talk.kinds();
        for kind in [
            "D-H private",
            "r",
            "shared secret",
            "AES key",
            "MAC key",
            "extra key",
            "c and c'",
            "m1",
            "m2",
            "m1'",
            "m2'",
            "M",
            "z",
            "nonce",
            "inverse of the nonce",
            "x",
            "secret of a comparison",
            "product with the secret",
            "product of exponents",
            "g1^r4",
            "g2^secret",
            "Rab",
            "a2",
            "a3",
            "b2",
            "b3",
            "r2",
            "r3",
            "r4",
            "r5",
            "r6",
            "r7",
        ] {
            assert!(noted.contains(kind), "{}: {kind}", backend.name());
        }
        talk.check();
    }
}

/// Its allocator is this program's.
#[cfg(feature = "openssl")]
#[test]
fn s_45_what_openssl_does_not_wipe_is_found() {
    use std::ffi::{CStr, c_char, c_int, c_void};

    #[expect(unsafe_code, reason = "the functions are OpenSSL's")]
    unsafe extern "C" {
        fn CRYPTO_malloc(length: usize, file: *const c_char, line: c_int) -> *mut c_void;
        fn CRYPTO_realloc(block: *mut c_void, length: usize, file: *const c_char, line: c_int)
        -> *mut c_void;
        fn CRYPTO_free(block: *mut c_void, file: *const c_char, line: c_int);
        fn CRYPTO_clear_free(block: *mut c_void, length: usize, file: *const c_char, line: c_int);
    }

    const FILE: &CStr = c"control.rs";
    assert!(!backends().is_empty());
    #[expect(unsafe_code, reason = "the functions are OpenSSL's")]
    // SAFETY: the block has so many bytes.
    let new = || unsafe {
        let block = CRYPTO_malloc(SECRET.len(), FILE.as_ptr(), 1);
        block.cast::<[u8; 40]>().write(*SECRET);
        block
    };
    #[expect(unsafe_code, reason = "the functions are OpenSSL's")]
    // SAFETY: each block is given back once.
    let [freed, grown, wiped] = unsafe {
        [
            found(|| CRYPTO_free(new(), FILE.as_ptr(), 1)),
            found(|| {
                let block = CRYPTO_realloc(new(), 50, FILE.as_ptr(), 1);
                CRYPTO_clear_free(block, 50, FILE.as_ptr(), 1);
            }),
            found(|| CRYPTO_clear_free(new(), SECRET.len(), FILE.as_ptr(), 1)),
        ]
    };
    assert_eq!([freed, grown], [(); 2].map(|()| [vec!["as it is"], vec![]]));
    assert_eq!(wiped, NOTHING);
}
