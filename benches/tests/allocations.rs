//! What messages allocate.
#![expect(clippy::unwrap_used, clippy::panic, reason = "it is how a test fails")]

use otr_benches::{Allocated, Counting, Shared, accounts, backends};
use otr_protocol::{Event, Instant, Output, Recipient, Session};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const NOW: Instant = Instant::from_millis(0);

/// Alice and Bob, who have just met.
fn secured(backend: &Shared, max_size: Option<usize>) -> [Session<Shared>; 2] {
    let mut pair = accounts([backend, backend], max_size).map(|account| account.session());
    pair[0].start(NOW).unwrap();
    for _ in 0..6 {
        let [alice, bob] = &mut pair;
        for text in texts(alice) {
            bob.receive(NOW, &text).unwrap();
        }
        pair.swap(0, 1);
    }
    assert!(pair.iter().all(|party| party.instances().any(|slot| slot.secured.is_some())));
    pair
}

/// What a party wants sent.
fn texts(party: &mut Session<Shared>) -> Vec<Vec<u8>> {
    let mut texts = Vec::new();
    loop {
        match party.poll(NOW).unwrap() {
            Output::Send(message) => texts.push(message.text),
            Output::Event(_) => {}
            Output::Idle(_) => return texts,
        }
    }
}

/// Until `poll` has nothing more: the only text to be sent, or the only one that has arrived.
fn only(party: &mut Session<Shared>) -> Vec<u8> {
    let mut only = None;
    loop {
        let text = match party.poll(NOW).unwrap() {
            Output::Send(message) => message.text,
            Output::Event(Event::Message { text, .. }) => text,
            Output::Event(other) => panic!("{other:?}"),
            Output::Idle(_) => return only.unwrap(),
        };
        assert!(only.replace(text).is_none());
    }
}

#[test]
fn a_message_takes_one_allocation_beside_its_text_in_each_direction() {
    for backend in backends() {
        let [mut alice, mut bob] = secured(&backend, None);
        for length in [1, 100, 1024, 64 * 1024] {
            let text = vec![b'a'; length];
            let mut say = || {
                let (sent, armored) = Counting::allocated(|| {
                    alice.send(NOW, Recipient::Best, &text).unwrap();
                    only(&mut alice)
                });
                let (received, read) = Counting::allocated(|| {
                    bob.receive(NOW, &armored).unwrap();
                    only(&mut bob)
                });
                assert_eq!(read, text);
                (sent, received, armored.len())
            };
            // The first of this length makes room for it where the last text is remembered.
            say();
            for _ in 0..3 {
                let (sent, received, armored) = say();
                let name = backend.name();
                assert_eq!((sent.times, received.times), (2, 2), "{name}, {length} B");
                // The message in binary and in armour; the same in binary, and the text.
                assert!(sent.bytes <= armored + armored * 3 / 4 + 300, "{name}, {length} B: {sent:?}");
                assert!(received.bytes <= armored * 3 / 4 + length + 300, "{name}, {length} B: {received:?}");
            }
        }
    }
}

/// S-13, FRAG-17: work linear in the length of what arrives. Fragments of a message four times as long are four times
/// as many, and no copy of the whole is made for each.
#[test]
fn frag_17_what_fragments_allocate_grows_with_their_length_only() {
    for backend in backends() {
        let [mut alice, mut bob] = secured(&backend, Some(140));
        let mut say = |length: usize| {
            let text = vec![b'a'; length];
            let (sent, fragments) = Counting::allocated(|| {
                alice.send(NOW, Recipient::Best, &text).unwrap();
                texts(&mut alice)
            });
            let (received, read) = Counting::allocated(|| {
                for fragment in &fragments {
                    bob.receive(NOW, fragment).unwrap();
                }
                only(&mut bob)
            });
            assert_eq!(read, text);
            [sent, received].map(|Allocated { bytes, .. }| bytes)
        };
        for length in [16, 64, 256, 1024].map(|kilobytes| kilobytes * 1024) {
            let [sent, received] = say(length);
            // The parts: a text of n bytes takes 4/3 n in armour, and 140/103 of that in fragments.
            assert!(sent < 8 * length, "{}: {sent} bytes allocated for {length}", backend.name());
            assert!(received < 8 * length, "{}: {received} bytes allocated for {length}", backend.name());
        }
    }
}
