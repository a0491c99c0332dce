//! What a cheat may send: each number of a message out of range, or wrong.

use otr_protocol::traits::{Backend, Element, Exponent, Hash, ModExp, ModExpExt, ORDER, PRIME, Purpose, Rng};
use otr_protocol::wire::{Tlv, Version, Writer};
use otr_protocol::{RustCrypto, SmpEvent};

use super::told;
use crate::support::Name;
use crate::support::party::{Party, VERSIONS};
use crate::support::peer::{Peer, public_in};
use crate::support::wire::kinds;

/// A peer in a session with Bob, and Bob's public value in it.
fn session(version: Version) -> (Party, Peer, Element) {
    let mut bob = Party::new(Name::Bob, version);
    let alice = Peer::new(Name::Alice, version, Name::Bob);
    let dh_key = bob.hear(&alice.commit()).only().to_vec();
    let heard = bob.hear(&alice.reveal(&dh_key));
    assert_eq!(heard.secured(), 1);
    (bob, alice, public_in(&dh_key))
}

/// The six numbers of a valid message 1, computed here.
pub(crate) fn smp1() -> Vec<Vec<u8>> {
    let draw = || {
        let mut drawn = Exponent::zeroed(Exponent::MAX_BYTES);
        RustCrypto.fill(Purpose::R, drawn.expose_mut()).unwrap();
        drawn
    };
    let proof = |version: u8, a: &Exponent| {
        let (r, mut input, mut hash) = (draw(), Writer::default(), [0; 32]);
        input.byte(version).element(&RustCrypto.pow_g(&r).unwrap());
        RustCrypto.sha256(&[input.as_slice()], &mut hash).unwrap();
        let c = Exponent::from_be_bytes(&hash).unwrap();
        let d = RustCrypto.response(&r, a, &c).unwrap();
        [RustCrypto.pow_g(a).unwrap().as_be_bytes().to_vec(), hash.to_vec(), d.expose().to_vec()]
    };
    let (a2, a3) = (draw(), draw());
    [proof(1, &a2), proof(2, &a3)].concat()
}

/// The value of a TLV with these numbers.
pub(crate) fn value(numbers: &[Vec<u8>]) -> Vec<u8> {
    let mut writer = Writer::default();
    writer.int(u32::try_from(numbers.len()).unwrap());
    for number in numbers {
        writer.mpi(number);
    }
    writer.into_vec()
}

/// What Bob says to a TLV that arrives in a session, and the kinds of what he sends.
fn reaction(version: Version, kind: u16, value: &[u8]) -> (Vec<SmpEvent>, String) {
    let (mut bob, alice, theirs) = session(version);
    let mut said = alice.saying(b"");
    said.tlvs = vec![Tlv { kind, value }];
    let heard = bob.hear(&alice.data(0, &theirs, &said));
    assert!(heard.problems().is_empty(), "{heard:?}");
    (told(&heard), kinds(&heard.sent))
}

fn plus(number: &[u8], change: i8) -> Vec<u8> {
    let (mut number, mut carry) = (number.to_vec(), i16::from(change));
    for digit in number.iter_mut().rev() {
        let sum = i16::from(*digit) + carry;
        (*digit, carry) = (sum.rem_euclid(256) as u8, sum.div_euclid(256));
    }
    number
}

/// CONST-02, CONST-03, SMP-14: out of range is refused, whatever the proof says; SMP-16: a cheat is told apart, and answered
/// by an abort.
/// S-22.
#[test]
fn smp_10_each_wrong_number_of_message_1_is_cheating() {
    let good = smp1();
    let question = SmpEvent::Asked { question: None };
    for version in VERSIONS {
        assert_eq!(reaction(version, Tlv::SMP_1, &value(&good)), (vec![question.clone()], String::new()));
    }
    let element = [vec![0], vec![1], plus(&PRIME, -1), PRIME.to_vec(), vec![0xff; 192]];
    let challenge = [vec![0], [&[1], &[0; 32][..]].concat()];
    let response = [vec![0], ORDER.to_vec(), plus(&ORDER, 1), vec![0xff; 192]];
    for (place, number) in good.iter().enumerate() {
        let out_of_range: &[Vec<u8>] = match place % 3 {
            0 => &element,
            1 => &challenge,
            _ => &response,
        };
        let near = [plus(number, 1), plus(number, -1), good[(place + 3) % 6].clone()];
        for wrong in out_of_range.iter().chain(&near) {
            let mut bad = good.clone();
            bad[place] = wrong.clone();
            let (events, sent) = reaction(VERSIONS[1], Tlv::SMP_1, &value(&bad));
            assert_eq!(
                (events.as_slice(), sent.as_str()),
                ([SmpEvent::Cheated].as_slice(), "D"),
                "{place}: {wrong:?}"
            );
        }
    }
}

/// CONST-02: with an even challenge, the proof of g^a holds for its negative too. A peer whose answer is made with it tells
/// whether the secret is even: a bit that no wrong guess costs.
/// S-22.
#[test]
fn const_02_a_number_that_is_no_square_is_cheating_although_its_proof_holds() {
    let minus_one = Element::from_be_bytes(&plus(&PRIME, -1)).unwrap();
    let good = std::iter::repeat_with(smp1)
        .find(|numbers| [1, 4].iter().all(|at| numbers[*at][31] % 2 == 0))
        .unwrap();
    for place in [0, 3] {
        let mut bad = good.clone();
        let square = Element::from_be_bytes(&bad[place]).unwrap();
        bad[place] = RustCrypto.mul(&square, &minus_one).unwrap().as_be_bytes().to_vec();
        for version in VERSIONS {
            assert_eq!(reaction(version, Tlv::SMP_1, &value(&bad)), (vec![SmpEvent::Cheated], "D".into()));
        }
    }
}

/// WIRE-04, WIRE-06, SMP-05 besides.
/// S-12.
#[test]
fn smp_04_a_malformed_message_is_cheating() {
    let good = smp1();
    let whole = value(&good);
    let padded = {
        // The first MPI with a leading zero.
        let mut bytes = whole.clone();
        let length = u32::from_be_bytes(bytes[4..8].try_into().unwrap()) + 1;
        bytes[4..8].copy_from_slice(&length.to_be_bytes());
        bytes.insert(8, 0);
        bytes
    };
    let counted = |count: u32| [&count.to_be_bytes(), &whole[4..]].concat();
    let cut = whole[..whole.len() - 1].to_vec();
    let bad = [
        vec![],
        counted(0),
        counted(5),
        counted(7),
        counted(u32::MAX),
        cut,
        [&whole[..], &[0]].concat(),
        padded,
    ];
    for value in &bad {
        assert_eq!(reaction(VERSIONS[0], Tlv::SMP_1, value), (vec![SmpEvent::Cheated], "D".into()));
    }
    // A question without its end.
    assert_eq!(reaction(VERSIONS[1], Tlv::SMP_1Q, b"where?").0, [SmpEvent::Cheated]);
    let asked = [b"\x1bwhere?\0", &whole[..]].concat();
    let question = SmpEvent::Asked { question: Some(b"\x1bwhere?".to_vec()) };
    assert_eq!(reaction(VERSIONS[1], Tlv::SMP_1Q, &asked), (vec![question], String::new()));
}

/// SMP-20, SMP-28: what nobody expects is answered by one abort, and costs nothing but that.
#[test]
fn smp_20_a_message_out_of_turn_is_answered_by_an_abort() {
    for kind in [Tlv::SMP_2, Tlv::SMP_3, Tlv::SMP_4] {
        assert_eq!(reaction(VERSIONS[1], kind, &[0; 4]), (vec![SmpEvent::Aborted], "D".into()));
    }
    // An abort out of the blue is neither answered nor told (SMP-21), and its value does not matter.
    assert_eq!(reaction(VERSIONS[0], Tlv::SMP_ABORT, b"value"), (vec![], String::new()));
}

/// The backend is what the suite proves; here only that this file and it mean the same group.
#[test]
fn const_01_the_group_of_these_tests_is_the_backends() {
    let backend: &dyn Backend = &RustCrypto;
    let q = Exponent::from_be_bytes(&ORDER).unwrap();
    assert_eq!(backend.pow_g(&q).unwrap(), Element::from_be_bytes(&[1]).unwrap());
}
