//! Altering messages on their way.

use otr_protocol::RustCrypto;
use otr_protocol::traits::{Element, Hash, PRIME};
use otr_protocol::wire::{Body, Data, InstanceTag, Message, Writer, armor, dearmor};

/// The message in an armoured text.
pub(crate) fn binary(text: &[u8]) -> Vec<u8> {
    dearmor(text).unwrap()
}

/// The text after a change to the message in it.
pub(crate) fn alter(text: &[u8], change: impl FnOnce(&mut Message<'_>)) -> Vec<u8> {
    let bytes = binary(text);
    let mut message = Message::decode(&bytes).unwrap();
    change(&mut message);
    armor(&message.encode())
}

/// The same message from another instance.
pub(crate) fn from_instance(text: &[u8], sender: u32) -> Vec<u8> {
    alter(text, |message| message.header.sender = InstanceTag::new(sender))
}

/// The kind of a message, in one letter; `.` for any other text.
pub(crate) fn kind(text: &[u8]) -> char {
    let Ok(bytes) = dearmor(text) else { return '.' };
    match Message::decode(&bytes).map(|message| message.body) {
        Ok(Body::DhCommit(_)) => 'C',
        Ok(Body::DhKey(_)) => 'K',
        Ok(Body::RevealSignature(_)) => 'R',
        Ok(Body::Signature(_)) => 'S',
        Ok(Body::Data(_)) => 'D',
        Err(_) => '.',
    }
}

/// The kinds of several texts.
pub(crate) fn kinds<T: AsRef<[u8]>>(texts: &[T]) -> String {
    texts.iter().map(|text| kind(text.as_ref())).collect()
}

/// The head of a data message: sender keyid, recipient keyid, counter, and the keys that it reveals.
pub(crate) fn head(text: &[u8]) -> (u32, u32, u64, Vec<[u8; 20]>) {
    let bytes = binary(text);
    match Message::decode(&bytes).unwrap().body {
        Body::Data(data) => {
            let revealed = data.revealed.chunks(20).map(|key| key.try_into().unwrap()).collect();
            (data.sender_keyid, data.recipient_keyid, u64::from_be_bytes(data.counter), revealed)
        }
        other => panic!("{other:?}"),
    }
}

/// A data message made anew with another text and a MAC by `key`.
pub(crate) fn forge(text: &[u8], key: &[u8; 20], change: impl FnOnce(&mut Data<'_>)) -> Vec<u8> {
    let bytes = binary(text);
    let mut message = Message::decode(&bytes).unwrap();
    let header = message.header;
    let Body::Data(data) = &mut message.body else { panic!() };
    change(data);
    let mut covered = Writer::default();
    data.encode_authenticated(&header, &mut covered);
    RustCrypto.hmac_sha1(key, &[covered.as_slice()], &mut data.mac).unwrap();
    armor(&message.encode())
}

/// p minus an element: the same but for the sign, and so are its powers, or not even for that.
pub(crate) fn negative(element: &Element) -> Element {
    let mut difference = PRIME;
    let mut borrow = false;
    for (digit, other) in difference.iter_mut().zip(element.as_be_bytes()).rev() {
        (*digit, borrow) = digit.borrowing_sub(*other, borrow);
    }
    Element::from(difference)
}

/// The body of a message, without its header: what must be the same in a retransmission (AKE-23).
pub(crate) fn body(text: &[u8]) -> Vec<u8> {
    let bytes = binary(text);
    let header = if bytes[1] == 3 { 11 } else { 3 };
    bytes[header..].to_vec()
}
