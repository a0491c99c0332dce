//! Data messages.

mod ends;
mod ratchet;
mod revealed;
mod schedule;

use otr_protocol::traits::Element;
use otr_protocol::wire::Version;

use crate::support::peer::{Peer, public_in};
use crate::support::{Name, Party};

/// A party in a session with a peer made by hand, and the party's public value of the exchange.
pub(crate) fn with_peer(version: Version, keyid: u32) -> (Party, Peer, Element) {
    with_peer_of(Party::new(Name::Bob, version), version, keyid)
}

pub(crate) fn with_peer_of(mut bob: Party, version: Version, keyid: u32) -> (Party, Peer, Element) {
    let mut peer = Peer::new(Name::Alice, version, Name::Bob);
    peer.keyid = keyid;
    let key = bob.hear(&peer.commit());
    assert_eq!(bob.hear(&peer.reveal(key.only())).secured(), 1);
    let theirs = public_in(key.only());
    (bob, peer, theirs)
}
