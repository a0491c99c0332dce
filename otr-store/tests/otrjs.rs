//! Keys of otr.js, compared with one whose every number libotr knows (tests/data/README.md).
#![expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test that fails loudly is a good one")]

use otr_backend_rustcrypto::RustCrypto;
use otr_store::otrjs::{OtrJsError, parse, print};
use otr_traits::KeyFault;
use serde_json::Value;

/// PUBKEY and the MPI of x, joined by hand from the numbers of the recorded key.
fn packed(change: impl Fn(&str, &mut Vec<u8>)) -> Vec<u8> {
    let recorded: Value = serde_json::from_str(include_str!("data/private_key.json")).unwrap();
    let mut bytes = vec![0, 0];
    for name in ["p", "q", "g", "y", "x"] {
        let digits = recorded["key"][name].as_str().unwrap();
        let mut number = data_encoding::HEXUPPER_PERMISSIVE.decode(digits.as_bytes()).unwrap();
        number.drain(..number.iter().take_while(|byte| **byte == 0).count());
        change(name, &mut number);
        bytes.extend(u32::try_from(number.len()).unwrap().to_be_bytes());
        bytes.extend(number);
    }
    bytes
}

fn encode(bytes: &[u8]) -> String {
    data_encoding::BASE64.encode(bytes)
}

#[test]
fn file_30_a_key_is_read_and_written_byte_for_byte() {
    let text = encode(&packed(|_, _| {}));
    let key = parse(&format!("  {text}\r\n"), &RustCrypto).unwrap();
    assert_eq!(*print(&key), text);
}

#[test]
fn file_30_a_damaged_key_is_refused_with_its_reason() {
    let good = packed(|_, _| {});
    let refused = |text: &str| parse(text, &RustCrypto).unwrap_err();
    for text in
        ["", "AA", "A", "====", &encode(&good[..good.len() - 1]), &encode(&[&good[..], &[0]].concat())]
    {
        let error = refused(text);
        assert!(matches!(error, OtrJsError::Base64 | OtrJsError::Malformed), "{text}: {error}");
    }
    // Two pieces, each with its padding.
    let (start, end) = good.split_at(1);
    assert_eq!(refused(&(encode(start) + &encode(end))), OtrJsError::Base64);
    assert_eq!(refused(&encode(&good).replace('=', "")), OtrJsError::Base64);
    assert_eq!(refused(&encode(&[&[1], &good[1..]].concat())), OtrJsError::Malformed);
    // Two pieces, of which the first has padding.
    assert_eq!(refused(&[encode(&good[..7]), encode(&good[7..])].concat()), OtrJsError::Base64);
    let bit = |which: &'static str| {
        refused(&encode(&packed(|name, number| {
            if name == which {
                *number.last_mut().unwrap() ^= 2;
            }
        })))
    };
    assert_eq!(bit("x"), OtrJsError::Key(KeyFault::X));
    assert_eq!(bit("y"), OtrJsError::Key(KeyFault::Y));
    assert_eq!(bit("q"), OtrJsError::Key(KeyFault::Q));
}
