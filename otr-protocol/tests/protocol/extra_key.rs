//! The extra symmetric key, heartbeats and padding: what Data messages carry besides text.

use core::time::Duration;

use otr_protocol::{Config, Direction, Error, Event, Recipient, Session, Version};
use std::sync::Arc;

use crate::support::party::{VERSIONS, only};
use crate::support::wire::{binary, kinds};
use crate::support::{Heard, Name, Pair, Party, Side};

type Shared = Arc<dyn otr_protocol::traits::Backend>;

fn pair(version: Version, change: impl Fn(&mut Config)) -> Pair {
    let mut pair = parties(version, change);
    pair.secure();
    pair
}

fn parties(version: Version, change: impl Fn(&mut Config)) -> Pair {
    let party = |name| {
        let mut config = Config::default();
        config.policy = only(version);
        change(&mut config);
        Party::with(name, config, Arc::new(otr_protocol::RustCrypto))
    };
    Pair::of(party(Name::Alice), party(Name::Bob))
}

/// The extra keys that arrived: usage, data and key.
fn extra_keys(heard: &Heard) -> Vec<(u32, Vec<u8>, Vec<u8>)> {
    let extra = |event: &Event| match event {
        Event::ExtraKey { usage, data, key, .. } => Some((*usage, data.clone(), key.expose().to_vec())),
        _ => None,
    };
    heard.events.iter().filter_map(extra).collect()
}

/// XKEY-02, XKEY-04, XKEY-05: the key is that of the pair of keys of the message, also while keys change.
#[test]
fn xkey_01_both_sides_have_the_same_key_and_it_changes_with_the_keys() {
    let mut pair = pair(Version::V3, |_| {});
    let mut keys = Vec::new();
    for round in 0..3 {
        let ask = |pair: &mut Pair, data: &[u8]| {
            let now = pair.alice.now;
            pair.alice.session.extra_key(now, Recipient::Best, 0xffff_fffe, data).unwrap()
        };
        let (ours, again) = (ask(&mut pair, b"data"), ask(&mut pair, b""));
        // Two requests under one pair give one key (XKEY-04).
        assert_eq!(ours, again);
        let (_, bob) = pair.run();
        let expected = |data: &[u8]| (0xffff_fffe, data.to_vec(), ours.expose().to_vec());
        assert_eq!(extra_keys(&bob), [expected(b"data"), expected(b"")]);
        assert!(bob.messages().is_empty());
        keys.push(ours.expose().to_vec());
        for _ in 0..=round {
            pair.tell(Side::Alice, "and so it goes on");
            pair.tell(Side::Bob, "and on, and on");
        }
    }
    keys.dedup();
    assert_eq!(keys.len(), 3);
}

/// A file is announced by its name; not every use of the key is a file, nor is every name text.
#[test]
fn xkey_01_a_file_is_announced_by_its_name() {
    let mut pair = pair(Version::V3, |_| {});
    let now = pair.alice.now;
    let key = pair.alice.session.announce_file(now, Recipient::Best, "Ö.txt").unwrap();
    pair.alice.session.extra_key(now, Recipient::Best, 2, b"no file").unwrap();
    pair.alice.session.extra_key(now, Recipient::Best, 1, b"\xff").unwrap();
    let (_, bob) = pair.run();
    assert_eq!(extra_keys(&bob)[0], (1, "Ö.txt".into(), key.expose().to_vec()));
    let names: Vec<_> = bob.events.iter().map(Event::file_name).collect();
    assert_eq!(names, [Some("Ö.txt"), None, None]);
}

#[test]
fn xkey_03_version_2_has_it_only_where_the_settings_say_so() {
    let ask = |session: &mut Session<Shared>, now| session.extra_key(now, Recipient::Best, 1, b"name");
    let mut with = pair(Version::V2, |config| config.extra_key_v2 = true);
    let ours = ask(&mut with.alice.session, with.alice.now).unwrap();
    let text = with.alice.drain();
    assert_eq!(extra_keys(&with.bob.hear(text.only())), [(1, b"name".to_vec(), ours.expose().to_vec())]);

    let mut without = pair(Version::V2, |_| {});
    assert_eq!(ask(&mut without.alice.session, without.alice.now).err(), Some(Error::ExtraKeyVersion));
    assert!(without.alice.drain().is_silent());

    let mut plain = Party::new(Name::Alice, Version::V3);
    assert_eq!(ask(&mut plain.session, plain.now).err(), Some(Error::NotEncrypted));
    let mut long = pair(Version::V3, |_| {});
    let too_long = long.alice.session.extra_key(long.alice.now, Recipient::Best, 1, &[0; 65_532]);
    assert_eq!(too_long.err(), Some(Error::TooLong { length: 65_532, limit: 65_531 }));
}

/// MSG-41, MSG-42: a heartbeat is no message; DATA-35: it lets the keys change.
#[test]
fn msg_40_a_text_after_a_long_silence_of_ours_is_answered_by_a_heartbeat() {
    for version in VERSIONS {
        let mut pair = pair(version, |_| {});
        pair.bob.wait(60);
        let text = pair.alice.say("hello").remove(0);
        assert_eq!(kinds(&pair.bob.hear(&text).sent), "");
        pair.bob.wait(1);
        let text = pair.alice.say("hello?").remove(0);
        let heard = pair.bob.hear(&text);
        let sent = |direction| matches!(heard.events.last(), Some(Event::Heartbeat { direction: d, .. }) if *d == direction);
        assert!(sent(Direction::Sent), "{heard:?}");
        // A heartbeat is not answered, however long the silence.
        pair.alice.wait(1000);
        let heard = pair.alice.hear(heard.only());
        assert_eq!((heard.sent.len(), heard.messages().len()), (0, 0));
        assert!(matches!(heard.events.as_slice(), [Event::Heartbeat { direction: Direction::Received, .. }]));
    }
    let mut never = pair(Version::V3, |config| config.heartbeat = None);
    never.bob.wait(100_000);
    let text = never.alice.say("hello").remove(0);
    assert!(never.bob.hear(&text).sent.is_empty());
    never.bob.session.send_heartbeat(never.bob.now, Recipient::Best).unwrap();
    assert_eq!(kinds(&never.bob.drain().sent), "D");
}

/// S-51, MSG-31: padding is not seen by the peer; MSG-35: lengths are multiples of the block.
#[test]
fn msg_35_padding_hides_the_length_of_a_text() {
    let mut pair = pair(Version::V3, |config| config.padding = 256);
    let lengths: Vec<_> = ["", "a", &"b".repeat(200), &"c".repeat(251), &"d".repeat(252)]
        .iter()
        .map(|text| {
            let sent = pair.alice.say(text).remove(0);
            let heard = pair.bob.hear(&sent);
            assert!(heard.messages().concat() == **text && heard.problems().is_empty(), "{heard:?}");
            binary(&sent).len()
        })
        .collect();
    assert!(lengths[..4].iter().all(|length| *length == lengths[0]), "{lengths:?}");
    assert_eq!(lengths[4], lengths[0] + 256);
}

/// A send interval spaces separate texts too, and the end is confirmed after its last piece.
#[test]
fn frag_04_the_end_is_confirmed_after_its_last_fragment() {
    const INTERVAL: Duration = Duration::from_millis(100);
    let mut pair = parties(Version::V3, |config| {
        config.send_interval = INTERVAL;
        config.max_message_size = Some(200);
    });
    pair.alice.session.start(pair.alice.now).unwrap();
    let mut secured = 0;
    while secured < 2 {
        let (alice, bob) = pair.run();
        secured += alice.secured() + bob.secured();
        for party in [&mut pair.alice, &mut pair.bob] {
            party.now = party.now.after(INTERVAL);
        }
    }
    pair.alice.session.end_all(pair.alice.now).unwrap();
    let mut order = String::new();
    for _ in 0..20 {
        let heard = pair.alice.drain();
        assert!(heard.sent.len() <= 1, "{heard:?}");
        order.extend(heard.sent.iter().map(|_| 'f'));
        order.extend(heard.events.iter().filter(|event| matches!(event, Event::Ended { .. })).map(|_| 'e'));
        pair.alice.now = pair.alice.now.after(INTERVAL);
    }
    assert!(order.len() > 2 && order.ends_with("fe"), "{order}");
}
