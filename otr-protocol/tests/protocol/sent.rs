//! What leaves, and in which words: headers, offers, errors, and what no message may depend on.

use std::sync::Arc;

use otr_protocol::fragment::Fragment;
use otr_protocol::traits::{Error as BackendError, Purpose, Result, Rng};
use otr_protocol::wire::{Header, InstanceTag, Reader, Version, dearmor, whitespace_tag};
use otr_protocol::{Config, Event, MessageState, Policy, Problem, Recipient, RustCrypto};

use crate::support::backend::Dry;
use crate::support::party::{VERSIONS, only};
use crate::support::peer::Peer;
use crate::support::wire::{alter, from_instance, head, kinds};
use crate::support::{Heard, Name, Pair, Party};

fn header(text: &[u8]) -> Header {
    let bytes = dearmor(text).unwrap();
    Header::decode(&mut Reader::new(&bytes)).unwrap().0
}

/// INST-03: our tag as the sender; the peer's as the receiver, and 0 only in a commit to whoever may be there.
#[test]
fn inst_03_a_message_says_from_whom_and_to_whom_it_is() {
    let mut pair = Pair::new(Version::V3);
    pair.alice.session.start(pair.alice.now).unwrap();
    let (alice, bob) = pair.run();
    let sent =
        |heard: &Heard| heard.sent.iter().filter(|text| !text.starts_with(b"?OTRv")).cloned().collect();
    let (alice, mut bob): (Vec<Vec<u8>>, Vec<Vec<u8>>) = (sent(&alice), sent(&bob));
    bob.extend(pair.bob.say("hi"));
    bob.extend(pair.bob.end().sent);
    assert_eq!((kinds(&alice).as_str(), kinds(&bob).as_str()), ("KS", "CRDD"));
    let [alices, bobs] = [Name::Alice, Name::Bob].map(|name| InstanceTag::new(name.tag()));
    for text in alice {
        assert_eq!((header(&text).sender, header(&text).receiver), (alices, bobs));
    }
    for (index, text) in bob.iter().enumerate() {
        let receiver = if index == 0 { InstanceTag::BASE } else { alices };
        assert_eq!((header(text).sender, header(text).receiver), (bobs, receiver), "message {index}");
    }
}

/// FRAG-05: so does every piece of it.
#[test]
fn frag_05_pieces_carry_the_tags_of_their_message() {
    let mut config = Config::default();
    config.policy = only(Version::V3);
    config.max_message_size = Some(120);
    let mut bob = Party::with(Name::Bob, config, Arc::new(RustCrypto));
    let alice = Peer::new(Name::Alice, Version::V3, Name::Bob);
    let commit = bob.hear(b"?OTRv3?").sent;
    let reveal = bob.hear(&alice.dh_key()).sent;
    let [ours, theirs] = [Name::Bob, Name::Alice].map(|name| InstanceTag::new(name.tag()));
    for (pieces, receiver) in [(commit, InstanceTag::BASE), (reveal, theirs)] {
        let fragments: Vec<_> = pieces.iter().map(|piece| Fragment::parse(piece).unwrap()).collect();
        assert!(fragments.len() > 1);
        assert!(fragments.iter().all(|fragment| fragment.tags == Some((ours, receiver))));
        let whole: Vec<u8> = fragments.iter().flat_map(|fragment| fragment.piece).copied().collect();
        assert_eq!((header(&whole).sender, header(&whole).receiver), (ours, receiver));
    }
}

/// TAG-15: an offer is added to texts in clear, and to nothing else.
#[test]
fn tag_15_nothing_but_text_in_clear_carries_an_offer() {
    for version in VERSIONS {
        let tag = whitespace_tag(only(version).versions());
        let has_tag = |text: &Vec<u8>| text.windows(16).any(|window| tag.starts_with(window));
        let mut pair = Pair::new(version);
        let policy = only(version) | Policy::SEND_WHITESPACE_TAG;
        for party in [&mut pair.alice, &mut pair.bob] {
            party.session.set_policy(policy).unwrap();
        }
        assert!(pair.bob.say("hi").iter().all(has_tag));
        // A query, a held text and its query, an exchange, encrypted texts, an Error, the end.
        pair.bob.session.set_policy(policy | Policy::REQUIRE_ENCRYPTION).unwrap();
        pair.bob.session.send(pair.bob.now, Recipient::Best, "held").unwrap();
        let (alice, bob) = pair.run();
        assert_eq!(alice.messages(), ["held"]);
        let mut sent = [alice.sent, bob.sent].concat();
        sent.extend(pair.alice.say("encrypted"));
        pair.bob.wait(60);
        let unreadable = alter(sent.last().unwrap(), |message| {
            if let otr_protocol::wire::Body::Data(data) = &mut message.body {
                data.mac[0] ^= 1;
            }
        });
        let error = pair.bob.hear(&unreadable).sent;
        assert!(error.concat().starts_with(b"?OTR Error:"));
        sent.extend(error);
        sent.extend(pair.alice.end().sent);
        assert!(sent.len() > 7 && !sent.iter().any(has_tag));
        // FINISHED: nothing is sent at all.
        let farewell = sent.pop().unwrap();
        pair.bob.hear(&sent[sent.len() - 2]);
        pair.bob.hear(&farewell);
        assert_eq!(pair.bob.state(), MessageState::Finished);
        pair.bob.session.send(pair.bob.now, Recipient::Best, "no").unwrap_err();
        assert!(pair.bob.drain().is_silent());
    }
}

/// DATA-14: keys exist before they are announced; sending draws nothing and moves no keyid.
#[test]
fn data_14_sending_needs_no_random_bytes_and_no_new_keys() {
    for version in VERSIONS {
        let mut config = Config::default();
        config.policy = only(version);
        let backend = Arc::<Dry>::default();
        let alice = Party::with(Name::Alice, config, backend.clone());
        let mut pair = Pair::of(alice, Party::new(Name::Bob, version));
        pair.secure();
        backend.dry_up();
        let heads: Vec<_> = (0..3).map(|_| head(&pair.alice.say("hi")[0])).collect();
        let keyids = heads.iter().map(|(sender, recipient, counter, _)| (*sender, *recipient, *counter));
        assert!(keyids.eq([(1, 1, 1), (1, 1, 2), (1, 1, 3)]));
    }
}

/// ERR-03: nothing but an unreadable Data message for us is answered with an Error.
#[test]
fn err_03_what_is_not_a_data_message_for_us_is_never_answered_with_an_error() {
    let mut stranger = Peer::new(Name::Mallory, Version::V3, Name::Bob);
    let malformed = |text: &[u8]| [&text[..text.len() / 8 * 4], b"."].concat();
    let mut to_others = Peer::new(Name::Alice, Version::V3, Name::Mallory);
    to_others.header.receiver = InstanceTag::new(Name::Bob.tag() + 1);
    stranger.header.sender = InstanceTag::new(Name::Mallory.tag());
    let theirs = stranger.public().clone();
    for encrypted in [false, true] {
        let mut pair = Pair::new(Version::V3);
        if encrypted {
            pair.secure();
        }
        let said = to_others.saying(b"hi");
        for text in [
            malformed(&stranger.commit()),
            malformed(&stranger.dh_key()),
            b"?OTR:AAMR.".to_vec(),
            b"?OTR:AAMS.".to_vec(),
            to_others.data(0, &theirs, &said),
            b"?OTR what is this".to_vec(),
            b"?OTR Error: yours".to_vec(),
            b"?OTR|1|2,3".to_vec(),
            b"?OTR|00000100|00000101,2,1,abc,".to_vec(),
            b"?OTR:AAEDzzzz.".to_vec(),
        ] {
            let heard = pair.bob.hear(&text);
            assert!(!heard.problems().is_empty(), "{}", text.escape_ascii());
            assert_eq!(kinds(&heard.sent), "", "{}", text.escape_ascii());
        }
    }
}

/// S-10, INST-15, MSG-23: no message of another instance makes a held text leave, but an exchange with it.
#[test]
fn inst_15_nothing_but_an_exchange_releases_a_held_text() {
    let mut pair = Pair::secured(Version::V3);
    let sent = pair.alice.say("hi");
    let mut bob = Party::new(Name::Bob, Version::V3);
    bob.session.set_policy(only(Version::V3) | Policy::REQUIRE_ENCRYPTION).unwrap();
    bob.session.send(bob.now, Recipient::Best, "held").unwrap();
    bob.drain();
    for sender in [Name::Alice.tag(), 0x777] {
        let heard = bob.hear(&from_instance(&sent[0], sender));
        assert_eq!(heard.problems(), [Problem::NoSession]);
        assert!(!kinds(&heard.sent).contains('D') && !heard.events.iter().any(is_not_sent), "{heard:?}");
    }
    let peer = Peer::new(Name::Alice, Version::V3, Name::Bob);
    let key = bob.hear(&peer.commit());
    assert_eq!(kinds(&bob.hear(&peer.reveal(key.only())).sent), "SD");
}

fn is_not_sent(event: &Event) -> bool {
    matches!(event, Event::NotSent { .. })
}

/// WIRE-15, MSG-25: bytes arrive as bytes, whatever a string would make of them.
#[test]
fn wire_15_texts_are_bytes() {
    let mut pair = Pair::secured(Version::V3);
    let text = b"<b>\xff\xfe\x01 not UTF-8\r\n";
    pair.alice.session.send(pair.alice.now, Recipient::Best, text).unwrap();
    let (_, bob) = pair.run();
    let message = |event: &Event| matches!(event, Event::Message { text: heard, .. } if heard == text);
    assert!(bob.events.iter().any(message));
    let clear = [b"\0clear\xff\0".as_slice(), text].concat();
    let mut bob = Party::new(Name::Bob, Version::V3);
    assert_eq!(bob.hear(&clear).events, [Event::Plaintext { text: clear.clone() }]);
    // A marker behind a NUL is a marker.
    assert_eq!(kinds(&bob.hear(b"\0\xff?OTRv3?").sent), "C");
}

/// Gives instance tags from a list.
struct Tags(std::sync::Mutex<Vec<u32>>);

impl Rng for Tags {
    fn fill(&self, purpose: Purpose, buf: &mut [u8]) -> Result<()> {
        assert_eq!(purpose, Purpose::InstanceTag);
        let tag = self.0.lock().unwrap().pop().ok_or(BackendError::Rng)?;
        buf.copy_from_slice(&tag.to_be_bytes());
        Ok(())
    }
}

/// INST-01, INST-02.
/// S-29.
#[test]
fn inst_02_a_tag_is_drawn_until_it_is_valid() {
    for (valid, tag) in [(false, 0), (false, 1), (false, 0xff), (true, 0x100), (true, u32::MAX)] {
        assert_eq!(InstanceTag::new(tag).is_valid(), valid, "{tag:#x}");
    }
    let tags = Tags(vec![0x7777, 0x100, 0xff, 100, 1, 0].into());
    assert_eq!(InstanceTag::generate(&tags).unwrap().number(), 0x100);
    assert_eq!(InstanceTag::generate(&tags).unwrap().number(), 0x7777);
    assert_eq!(InstanceTag::generate(&tags), Err(BackendError::Rng));
}
