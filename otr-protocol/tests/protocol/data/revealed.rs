//! MAC keys that are revealed.

use otr_protocol::wire::{Body, Version};
use otr_protocol::{MessageState, Problem};

use super::with_peer;
use crate::support::party::VERSIONS;
use crate::support::peer::{Peer, Said};
use crate::support::wire::{alter, binary, forge, head};
use crate::support::{Name, Pair, Side};

/// A receiving MAC key of Bob's, by the peer who sends with it.
fn sending_mac(peer: &Peer, pair: usize, theirs: &otr_protocol::traits::Element) -> [u8; 20] {
    use otr_protocol::keys::DataKeys;
    let ours = &peer.pairs[pair];
    let shared_secret = ours.shared_secret(&otr_protocol::RustCrypto, theirs).unwrap();
    let keys = DataKeys::derive(&otr_protocol::RustCrypto, ours.public(), theirs, &shared_secret).unwrap();
    *keys.sending_mac.expose()
}

/// S-04.
#[test]
fn data_29_a_revealed_key_was_for_receiving_and_opens_nothing_any_more() {
    for version in VERSIONS {
        let (mut bob, peer, theirs) = with_peer(version, 1);
        let first = peer.data(0, &theirs, &peer.saying(b"first"));
        bob.hear(&first);
        assert_eq!(head(&bob.say("nothing to reveal yet")[0]).3.len(), 0);
        // The next key of ours is used, and ours and theirs of the exchange die.
        let reply = bob.say("here is my next key").remove(0);
        let mut next = None;
        alter(&reply, |message| {
            if let Body::Data(data) = &message.body {
                next = otr_protocol::traits::Element::from_be_bytes(data.next_y);
            }
        });
        let said = Said {
            sender_keyid: 2,
            recipient_keyid: 2,
            next_y: peer.pairs[2].public().clone(),
            ..peer.saying(b"second")
        };
        assert_eq!(bob.hear(&peer.data(1, &next.unwrap(), &said)).messages(), ["second"]);
        let revealed = head(&bob.say("revealing")[0]).3;
        assert_eq!(revealed, [sending_mac(&peer, 0, &theirs)]);
        assert_eq!(head(&bob.say("nothing twice")[0]).3.len(), 0);
        // DATA-31: with it anyone can forge what was said then, but nobody believes it now.
        let forged = forge(&first, &revealed[0], |data| data.counter = [0xff; 8]);
        assert_eq!(bob.hear(&forged).problems(), [Problem::Unreadable]);
    }
}

#[test]
fn data_23_a_key_that_verified_only_a_replay_is_revealed_too() {
    let (mut bob, peer, theirs) = with_peer(Version::V3, 1);
    let zero = Said { counter: 0, ..peer.saying(b"never accepted") };
    bob.hear(&peer.data(0, &theirs, &zero));
    let farewell = bob.end();
    assert_eq!(head(farewell.only()).3, [sending_mac(&peer, 0, &theirs)]);
}

/// S-04.
#[test]
fn data_23_a_key_that_verified_nothing_is_not_revealed() {
    let (mut bob, peer, theirs) = with_peer(Version::V3, 1);
    let text = peer.data(0, &theirs, &peer.saying(b"hi"));
    bob.hear(&forge(&text, &[7; 20], |_| {}));
    assert_eq!(head(bob.end().only()).3.len(), 0);
}

#[test]
fn msg_62_the_last_message_reveals_all_keys_that_were_used() {
    for version in VERSIONS {
        let mut pair = Pair::secured(version);
        for _ in 0..3 {
            pair.tell(Side::Alice, "to and");
            pair.tell(Side::Bob, "fro");
        }
        let keys: Vec<_> = pair.alice.end().sent.iter().flat_map(|text| head(text).3).collect();
        assert_eq!(keys.len(), 2, "one that waited and one of the window");
        assert_eq!(pair.alice.state(), MessageState::Plaintext);
    }
}

#[test]
fn ake_72_what_a_refresh_kills_is_revealed_in_the_new_session() {
    for version in VERSIONS {
        let (mut bob, peer, theirs) = with_peer(version, 1);
        bob.hear(&peer.data(0, &theirs, &peer.saying(b"first")));
        let again = Peer::new(Name::Alice, version, Name::Bob);
        let key = bob.hear(&again.commit());
        assert_eq!(bob.hear(&again.reveal(key.only())).secured(), 1);
        assert_eq!(head(&bob.say("revealing")[0]).3, [sending_mac(&peer, 0, &theirs)]);
        assert_eq!(head(&bob.say("nothing twice")[0]).3.len(), 0);
    }
}

/// S-35: a peer whose keys rotate with every message, while we say nothing, does not make our next message grow until it
/// cannot be sent.
#[test]
fn data_29_no_more_than_256_keys_wait_to_be_revealed() {
    let (mut bob, peer, theirs) = with_peer(Version::V3, 1);
    for n in 0..300_u32 {
        let [pair, next] = [n % 3, (n + 1) % 3].map(|index| usize::try_from(index).unwrap());
        let next_y = peer.pairs[next].public().clone();
        let said = Said { sender_keyid: n + 1, next_y, ..peer.saying(b"hi") };
        assert_eq!(bob.hear(&peer.data(pair, &theirs, &said)).messages(), ["hi"]);
    }
    assert_eq!(head(&bob.say("revealing")[0]).3.len(), 256);
    assert_eq!(head(&bob.say("nothing twice")[0]).3.len(), 0);
    let farewell = bob.end();
    assert_eq!(head(farewell.only()).3.len(), 1, "the last message's");
}

/// Nothing depends on what a peer reveals (DATA-13).
#[test]
fn data_13_the_revealed_field_may_hold_anything() {
    let mut pair = Pair::secured(Version::V3);
    let text = pair.alice.say("hi").remove(0);
    let strange = alter(&text, |message| {
        if let Body::Data(data) = &mut message.body {
            data.revealed = b"not a multiple of twenty";
        }
    });
    assert_ne!(binary(&strange), binary(&text));
    assert_eq!(pair.bob.hear(&strange).messages(), ["hi"]);
    pair.check();
}
