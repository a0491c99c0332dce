//! The toolkit: recorded messages described, read, changed and forged.
//!
//! An input is a transcript, and the parts of a Data message that is made of it, with keys and a text to forge.
//!
//! What must hold (S-11, and what `otr_protocol::toolkit` says of its functions):
//!
//! * anything can be described, and the messages of a transcript stand in it one after another;
//! * a message is read with the key it was made with, and with no other;
//! * what was forged or modified is read with the text that was asked for; the reverse change undoes a change.

use otr_protocol::RustCrypto;
use otr_protocol::toolkit::{Captured, describe, mac_key, messages, remac};
use otr_protocol::traits::AesKey;
use otr_protocol::wire::{Data, Header, InstanceTag, Version};

use crate::input::Input;

pub fn run(data: &[u8]) {
    transcript(data);
    made(&mut Input::new(data));
}

fn transcript(data: &[u8]) {
    let mut rest = data;
    assert!(describe(data).ends_with('\n'));
    for message in messages(data) {
        assert!(message.starts_with(b"?OTR:"));
        let start = rest.windows(message.len()).position(|window| window == message).unwrap();
        rest = &rest[start + message.len()..];
        assert!(message.ends_with(b".") || rest.is_empty());
        assert!(describe(message).ends_with('\n'));
        if let Ok(captured) = Captured::decode(message) {
            foreign(&captured);
        }
    }
    assert!(!rest.windows(5).any(|window| window == b"?OTR:"));
}

/// Nobody has the keys of a message that comes from anywhere, but one like it can be made with any.
fn foreign(captured: &Captured) {
    let key = AesKey::from([7; 16]);
    assert_eq!(captured.read(&RustCrypto, &key), Ok(None));
    let forged = captured.forge(&RustCrypto, &key, b"I never said that.").unwrap();
    let forged = Captured::decode(&forged).unwrap();
    assert_eq!(**forged.read(&RustCrypto, &key).unwrap().unwrap(), *b"I never said that.");
}

fn made(input: &mut Input<'_>) {
    let header = match input.flag() {
        true => Header::to_nobody(Version::V2),
        false => Header {
            version: Version::V3,
            sender: InstanceTag::new(input.int()),
            receiver: InstanceTag::new(input.int()),
        },
    };
    let key = AesKey::from([input.byte(); 16]);
    let mac = mac_key(&RustCrypto, &key).unwrap();
    let data = Data {
        flags: input.byte(),
        sender_keyid: input.int(),
        recipient_keyid: input.int(),
        next_y: &[2],
        counter: (u64::from(input.int()) << 32).to_be_bytes(),
        encrypted: input.bytes(),
        authenticated: &[],
        mac: [0; 20],
        revealed: input.bytes(),
    };
    let message = remac(&RustCrypto, &mac, &header, &data).unwrap();
    let captured = Captured::decode(&message).unwrap();
    let read = |message: &[u8]| {
        let captured = Captured::decode(message).unwrap();
        captured.read(&RustCrypto, &key).unwrap().unwrap().to_vec()
    };
    let original = read(&message);
    assert!(!original.contains(&0) && original.len() <= data.encrypted.len());
    let other = AesKey::from([key.expose()[0] ^ 1; 16]);
    assert_eq!(captured.read(&RustCrypto, &other), Ok(None));

    let text = input.bytes();
    let forged = captured.forge(&RustCrypto, &key, text).unwrap();
    assert_eq!(read(&forged), text.split(|byte| *byte == 0).next().unwrap_or_default());

    let (offset, new) = (usize::from(input.byte()), input.bytes());
    // Half of the time what stands there.
    let old = match original.get(offset..) {
        Some(text) if input.flag() => &text[..text.len().min(new.len())],
        _ => input.bytes(),
    };
    let modified = captured.modify(&RustCrypto, &mac, old, new, offset).unwrap().unwrap();
    let undone = Captured::decode(&modified).unwrap().modify(&RustCrypto, &mac, new, old, offset);
    assert_eq!(undone.unwrap().unwrap(), message);
    if original.get(offset..).is_some_and(|text| text.starts_with(old)) {
        let new = &new[..new.len().min(old.len())];
        let expected = [&original[..offset], new, &original[offset + new.len()..]].concat();
        assert_eq!(read(&modified).split(|byte| *byte == 0).next(), expected.split(|byte| *byte == 0).next());
    }
}
