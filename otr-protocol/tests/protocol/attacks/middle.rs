//! S-01: somebody in between, who has a session with each side and carries everything over.

use std::collections::BTreeSet;

use otr_protocol::keys::DataKeys;
use otr_protocol::traits::{AesCtr, Element};
use otr_protocol::wire::{Body, Message, Tlv, Version};
use otr_protocol::{Event, Fingerprint, Recipient, RustCrypto, SmpEvent, Trust};

use crate::smp::told;
use crate::support::party::VERSIONS;
use crate::support::peer::{Peer, Said, public_in};
use crate::support::wire::binary;
use crate::support::{Heard, Name, Party};

/// One side of Mallory: a session with somebody who believes to talk with the other.
struct Leg {
    victim: Party,
    mallory: Peer,
    /// The victim's public key of the exchange. Mallory never uses her next key, so they go on using this one.
    theirs: Element,
    counter: u64,
    /// What the victim was told when the session began.
    secured: Heard,
}

impl Leg {
    fn new(name: Name, version: Version, known: Option<(Fingerprint, &str)>) -> Self {
        let mut victim = Party::new(name, version);
        if let Some((fingerprint, trust)) = known {
            victim.session.known_fingerprints_mut().set(fingerprint, trust);
        }
        let mallory = Peer::new(Name::Mallory, version, name);
        let key = victim.hear(&mallory.commit());
        let secured = victim.hear(&mallory.reveal(key.only()));
        Self { victim, mallory, theirs: public_in(key.only()), counter: 0, secured }
    }

    /// What the victim sent, decrypted.
    fn read(&self, text: &[u8]) -> Vec<u8> {
        let bytes = binary(text);
        let Body::Data(data) = Message::decode(&bytes).unwrap().body else { panic!() };
        let ours = &self.mallory.pairs[usize::try_from(data.recipient_keyid).unwrap() - 1];
        let shared_secret = ours.shared_secret(&RustCrypto, &self.theirs).unwrap();
        let keys = DataKeys::derive(&RustCrypto, ours.public(), &self.theirs, &shared_secret).unwrap();
        let mut plaintext = data.encrypted.to_vec();
        let mut block = [0; 16];
        block[..8].copy_from_slice(&data.counter);
        RustCrypto.aes_ctr(&keys.receiving_aes, block, &mut plaintext).unwrap();
        plaintext
    }

    /// Says the same to the victim.
    fn say(&mut self, plaintext: &[u8]) -> Heard {
        let (text, records) = plaintext.split_at(plaintext.iter().position(|byte| *byte == 0).unwrap());
        self.counter += 1;
        let said = Said { tlvs: record(&records[1..]), counter: self.counter, ..self.mallory.saying(text) };
        let message = self.mallory.data(0, &self.theirs, &said);
        self.victim.hear(&message)
    }
}

/// The one record of a message, if it has one.
fn record(bytes: &[u8]) -> Vec<Tlv<'_>> {
    let Some((kind, rest)) = bytes.split_first_chunk() else { return Vec::new() };
    let (length, value) = rest.split_first_chunk().unwrap();
    assert_eq!(usize::from(u16::from_be_bytes(*length)), value.len());
    vec![Tlv { kind: u16::from_be_bytes(*kind), value }]
}

fn fingerprint(name: Name) -> Fingerprint {
    Fingerprint::of(name.key().public(), &RustCrypto).unwrap()
}

/// The fingerprint that each side is told is that of whoever is in between, and never as one that is trusted: new to
/// whoever has met nobody, and a changed one to whoever has verified the right one.
#[test]
fn s_01_somebody_in_between_shows_a_fingerprint_of_their_own() {
    for version in VERSIONS {
        for (trust, expected) in
            [(None, Trust::New), (Some(""), Trust::New), (Some("verified"), Trust::Changed)]
        {
            let leg = Leg::new(Name::Alice, version, trust.map(|trust| (fingerprint(Name::Bob), trust)));
            let told = leg.secured.events.iter().find_map(|event| match event {
                Event::Secured { fingerprint, trust, .. } => Some((*fingerprint, *trust)),
                _ => None,
            });
            assert_eq!(told, Some((fingerprint(Name::Mallory), expected)));
        }
    }
}

/// Mallory carries every message of a comparison from one session to the other. Both know the secret, and yet it fails:
/// what is compared is the secret together with both fingerprints and the session (SMP-02).
#[test]
fn s_01_a_comparison_that_is_carried_over_fails() {
    for version in VERSIONS {
        let [mut alice, mut bob] = [Name::Alice, Name::Bob].map(|name| Leg::new(name, version, None));

        // Ordinary texts pass; nothing but a comparison shows that somebody reads them.
        let text = alice.victim.say("hello").remove(0);
        assert_eq!(alice.read(&text), b"hello\0");
        assert_eq!(bob.say(b"hello\0").messages(), ["hello"]);

        let smp = alice.victim.session.smp(alice.victim.now, Recipient::Best).unwrap();
        smp.start("the red boat", Some("Where did we meet?")).unwrap();
        let first = alice.victim.drain();
        assert_eq!(told(&bob.say(&alice.read(first.only()))).len(), 1);
        bob.victim.session.smp(bob.victim.now, Recipient::Best).unwrap().respond("the red boat").unwrap();
        let second = bob.victim.drain();
        let third = alice.say(&bob.read(second.only()));
        assert_eq!(told(&third), [SmpEvent::Progress]);
        let fourth = bob.say(&alice.read(third.only()));
        assert_eq!(told(&fourth), [SmpEvent::Failed]);
        assert_eq!(told(&alice.say(&bob.read(fourth.only()))), [SmpEvent::Failed]);
        for leg in [&alice, &bob] {
            assert_eq!(leg.victim.session.known_fingerprints().get(&fingerprint(Name::Mallory)), Some(""));
        }
    }
}

/// S-24: with exponents much shorter than the order q of the group, an answer D = r - a c would be q less a short number, and
/// a would follow from it by division. So no D may begin as q does, with ones; and none as another.
#[test]
fn s_24_answers_of_a_comparison_are_reduced() {
    let mut starts = BTreeSet::new();
    for _ in 0..8 {
        let [mut alice, mut bob] = [Name::Alice, Name::Bob].map(|name| Leg::new(name, Version::V3, None));
        let smp = alice.victim.session.smp(alice.victim.now, Recipient::Best).unwrap();
        smp.start("s", None).unwrap();
        let sent = alice.victim.drain();
        let first = alice.read(sent.only());
        bob.say(&first);
        bob.victim.session.smp(bob.victim.now, Recipient::Best).unwrap().respond("s").unwrap();
        let sent = bob.victim.drain();
        let second = bob.read(sent.only());
        // D2 and D3 in both; D5 and D6 in the second.
        for (message, places) in [(first, [2, 5].as_slice()), (second, &[2, 5, 9, 10])] {
            let numbers = mpis(record(&message[1..])[0].value);
            starts.extend(places.iter().map(|place| {
                let answer = &numbers[*place];
                let mut padded = vec![0; 192 - answer.len()];
                padded.extend_from_slice(answer);
                u64::from_be_bytes(padded[..8].try_into().unwrap())
            }));
        }
    }
    assert_eq!(starts.len(), 8 * 6, "of uniform numbers, no two begin with the same 64 bits");
    assert!(starts.iter().all(|start| start >> 16 != 0x7fff_ffff_ffff), "{starts:x?}");
}

/// The numbers of a message of a comparison.
fn mpis(value: &[u8]) -> Vec<Vec<u8>> {
    let (count, mut rest) = value.split_first_chunk().unwrap();
    let numbers = (0..u32::from_be_bytes(*count)).map(|_| {
        let (length, after) = rest.split_first_chunk().unwrap();
        let (number, after) = after.split_at(u32::from_be_bytes(*length).try_into().unwrap());
        rest = after;
        number.to_vec()
    });
    numbers.collect()
}
