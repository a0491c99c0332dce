//! Messages of exchanges, from ever new clients (INST-11, S-32), and what is in them (S-18).

use core::time::Duration;

use otr_protocol::wire::{Body, RevealSignature, Signature, Version, Writer, armor};
use otr_protocol::{InstanceTag, Problem};

use super::Flooded;
use super::support::Name;
use super::support::peer::{Peer, public_in, seal_identity};
use super::support::wire::binary;

/// The same text from `count` clients.
fn from_all(text: &[u8], count: u32) -> impl Iterator<Item = Vec<u8>> {
    let mut bytes = binary(text);
    (0..count).map(move |n| {
        bytes[3..7].copy_from_slice(&(0x1000 + n).to_be_bytes());
        armor(&bytes)
    })
}

/// One of each type.
fn each_type() -> [(&'static str, Vec<u8>); 5] {
    let peer = Peer::new(Name::Mallory, Version::V3, Name::Bob);
    [
        ("D-H Commit", peer.commit()),
        ("D-H Key", peer.dh_key()),
        ("Reveal Signature", peer.reveal(&peer.dh_key())),
        ("Signature", peer.signature(peer.public())),
        ("Data", peer.data(0, peer.public(), &peer.saying(b"hello"))),
    ]
}

#[test]
fn s_32_a_flood_of_clients_is_bounded_whatever_they_send() {
    for (name, text) in each_type() {
        let mut flooded = Flooded::new(|_| {});
        flooded.hear([b"?OTRv3?".to_vec()]);
        flooded.hear(from_all(&text, 100_000));
        assert!(flooded.bob.session.instances().count() <= 33, "{name}");
    }
}

/// Without damping all are answered.
#[test]
fn s_32_as_many_clients_as_there_may_be_are_answered_in_bounded_memory() {
    let mut flooded = Flooded::new(|config| config.damping = false);
    for (name, text) in each_type() {
        flooded.hear(from_all(&text, 500));
        // Our own commit keeps others from making slots, if its hash is higher.
        flooded.hear([b"?OTRv3?".to_vec()]);
        flooded.hear(from_all(&text, 500));
        assert_eq!(flooded.bob.session.instances().count(), 33, "{name}");
    }
}

/// S-33, S-34: queries, errors, tagged and other texts in clear, over days. The application may not send as fast as it is
/// asked to.
#[test]
fn s_33_what_anyone_can_write_is_answered_in_bounded_memory() {
    for interval in [Duration::ZERO, Duration::from_secs(1)] {
        for damping in [true, false] {
            let mut flooded = Flooded::new(|config| {
                config.send_interval = interval;
                config.damping = damping;
                config.policy |= otr_protocol::Policy::ERROR_START_AKE;
            });
            let tag = otr_protocol::wire::whitespace_tag(flooded.bob.session.policy().versions());
            let tagged = [b"hello", tag.as_slice()].concat();
            let texts = [b"?OTRv3?".to_vec(), b"?OTR Error: no".to_vec(), tagged, b"?OTR what".to_vec()];
            let count = if damping { 100_000 } else { 2000 };
            flooded.hear(texts.iter().cycle().take(count).cloned());
            // Whatever waits to be sent goes out in its time.
            flooded.bob.wait(60);
            while !flooded.bob.drain().sent.is_empty() {
                flooded.bob.wait(1);
            }
        }
    }
}

/// KEY-04: numbers of a key that nobody could work with are refused by their length.
#[test]
fn s_18_keys_with_giant_numbers_take_no_more_than_their_message() {
    let mut flooded = Flooded::new(|config| config.damping = false);
    for length in [129, 385, 3000, 1_000_000] {
        for place in 0..4 {
            let peer = Peer::new(Name::Mallory, Version::V3, Name::Bob);
            let heard = flooded.bob.hear(&peer.commit());
            let key = public_in(heard.only());
            let mut x = Writer::default();
            x.short(0);
            for number in 0..4 {
                x.data(&vec![0xff; if number == place { length } else { 20 }]);
            }
            x.int(1).bytes(&[1; 40]);
            let Signature { encrypted, mac } = seal_identity(&peer.ake_keys(&key).reveal, x.into_vec());
            let text = peer.text(Body::RevealSignature(RevealSignature { r: peer.r, encrypted, mac }));
            let (held, heard) = otr_benches::Counting::held(|| flooded.bob.hear(&text));
            assert_eq!(heard.problems(), [Problem::SetupFailed]);
            flooded.check(held, text.len());
        }
    }
}

/// CONST-02, WIRE-04: a number of any length in place of a public value.
#[test]
fn s_18_public_values_of_any_length_are_not_kept() {
    let mut flooded = Flooded::new(|config| config.damping = false);
    flooded.hear([b"?OTRv3?".to_vec()]);
    let mut texts = Vec::new();
    for (message_type, length) in [(0x0a, 193), (0x0a, 1 << 20), (0x02, 197), (0x02, 1 << 20)] {
        let mut message = Writer::default();
        message.short(3).byte(message_type).int(0x1000).int(Name::Bob.tag());
        message.data(&vec![0xff; length]).data(&[1; 32]);
        texts.push(armor(message.as_slice()));
    }
    let held = flooded.hear(texts.iter().cycle().take(40).cloned());
    assert!(held.kept < 1024, "{held:?}");
    assert!(flooded.bob.session.instances().all(|slot| slot.tag != InstanceTag::new(0x1000)));
}
