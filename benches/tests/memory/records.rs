//! What a peer can put into encrypted messages, which the session cannot refuse to read (S-12, S-16, S-36).

use otr_benches::{Allocated, Counting};
use otr_protocol::wire::{Tlv, Version};
use otr_protocol::{Config, Event, Recipient, SmpEvent};

use super::Flooded;
use super::support::Party;
use super::support::party::Pair;

/// What Bob allocates in all to read a message.
fn allocated(flooded: &mut Flooded, tlvs: &[Tlv<'_>]) -> (Allocated, usize, Vec<Event>) {
    let text = flooded.says(b"", tlvs);
    let (allocated, heard) = Counting::allocated(|| flooded.bob.hear(&text));
    (allocated, text.len(), heard.events)
}

/// 65 KiB of records that say nothing: the work is that of the bytes, not of the records.
#[test]
fn s_16_any_number_of_records_costs_what_their_bytes_do() {
    for (kind, value) in [
        (Tlv::PADDING, &b""[..]),
        (Tlv::PADDING, &[0; 100]),
        (Tlv::SMP_ABORT, b""),
        (Tlv::SMP_2, b""),
        (Tlv::EXTRA_KEY, b""),
        (Tlv::EXTRA_KEY, &[0; 4]),
        (99, b""),
        (99, &[0; 100]),
    ] {
        let mut flooded = Flooded::new(|_| {});
        allocated(&mut flooded, &[]);
        for bytes in [16, 64, 256].map(|kilobytes| kilobytes * 1024) {
            let tlvs = vec![Tlv { kind, value }; bytes / (4 + value.len())];
            let (allocated, length, _) = allocated(&mut flooded, &tlvs);
            // The message in binary, its text and records, and what the application is told of at most.
            let Allocated { times, bytes } = allocated;
            assert!(bytes <= 4 * length + 64 * 1024 && times < 300, "{kind}: {allocated:?}");
        }
    }
}

/// S-12: what a message claims to contain is not allocated. Each message of a comparison, where it is expected.
#[test]
fn s_12_counts_and_lengths_that_lie_allocate_nothing() {
    let number = |length: u32| [&length.to_be_bytes()[..], &[1; 8]].concat();
    let counts = [0, 1, 3, 6, 8, 11, 0xffff, 1 << 31, u32::MAX].map(u32::to_be_bytes);
    let lengths = [0, 8, 192, 193, 0xffff, 1 << 31, u32::MAX].map(number);
    for kind in [Tlv::SMP_1, Tlv::SMP_1Q, Tlv::SMP_2, Tlv::SMP_3, Tlv::SMP_4] {
        let mut flooded = Flooded::new(|_| {});
        for count in &counts {
            for length in &lengths {
                if kind == Tlv::SMP_2 {
                    start(&mut flooded.bob);
                }
                let question: &[u8] = if kind == Tlv::SMP_1Q { b"what?\0" } else { b"" };
                let value = [question, count, length].concat();
                let (allocated, text, events) = allocated(&mut flooded, &[Tlv { kind, value: &value }]);
                assert!(allocated.bytes <= 4 * text + 64 * 1024, "{allocated:?}");
                let is_over = |event: &Event| {
                    matches!(event, Event::Smp { event: SmpEvent::Cheated | SmpEvent::Aborted, .. })
                };
                assert!(events.iter().any(is_over), "{kind}: {events:?}");
            }
        }
    }
}

fn start(bob: &mut Party) {
    bob.session.smp(bob.now, Recipient::Best).unwrap().start("secret", None).unwrap();
    bob.drain();
}

/// SMP-05: a question belongs to the application once it is told.
#[test]
fn smp_05_long_questions_are_not_kept() {
    let question = "?".repeat(60_000);
    let mut pair = Pair::secured(Version::V3);
    let mut longest = 0;
    let (held, asked) = Counting::held(|| {
        let mut asked = 0;
        for _ in 0..20 {
            let alice = &mut pair.alice;
            let now = alice.now;
            alice.session.smp(now, Recipient::Best).unwrap().start("secret", Some(&question)).unwrap();
            for text in alice.drain().sent {
                longest = longest.max(text.len());
                let is_asked =
                    |event: &&Event| matches!(event, Event::Smp { event: SmpEvent::Asked { .. }, .. });
                asked += pair.bob.hear(&text).events.iter().filter(is_asked).count();
            }
        }
        asked
    });
    assert_eq!(asked, 20);
    assert!(held.kept < 16 * 1024 && held.peak < 8 * longest, "{held:?}");
    pair.check();
}

/// Texts without end, and signs of life, which are never answered (MSG-40).
#[test]
fn s_36_messages_and_signs_of_life_are_not_kept() {
    let mut flooded = Flooded::new(|_| {});
    let long = vec![b'a'; 50_000];
    for text in [&b""[..], &long] {
        let texts: Vec<_> = (0..200).map(|_| flooded.says(text, &[])).collect();
        let held = flooded.hear(texts);
        assert!(held.kept < 16 * 1024, "{held:?}");
    }
}

/// DATA-29: a peer whose keys rotate with every message, while nothing of ours goes out that would reveal the dead ones.
#[test]
fn data_29_keys_to_be_revealed_are_bounded_in_number() {
    let mut flooded = Flooded::new(|config: &mut Config| config.heartbeat = None);
    let public = |flooded: &Flooded, n: usize| flooded.alice.pairs[n % 3].public().clone();
    let mut texts = Vec::new();
    // Alice has three keys, and announces them in turn.
    for n in 0..600_usize {
        let said = super::Said {
            sender_keyid: u32::try_from(n + 1).unwrap(),
            next_y: public(&flooded, n + 1),
            ..flooded.alice.saying(b"")
        };
        texts.push(flooded.alice.data(n % 3, &flooded.theirs, &said));
    }
    let held = flooded.hear(texts);
    assert!(held.kept < 256 * 20 * 2 + 16 * 1024, "{held:?}");
    // What is left can be said.
    let sent = flooded.bob.say("hello");
    assert!(sent[0].len() < 8 * 1024);
    let next_y = public(&flooded, 601);
    let said = super::Said { sender_keyid: 601, next_y, ..flooded.alice.saying(b"still here") };
    let text = flooded.alice.data(0, &flooded.theirs, &said);
    assert_eq!(flooded.bob.hear(&text).messages(), ["still here"]);
    std::mem::forget(flooded);
}
