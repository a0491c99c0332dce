//! What `{:?}` shows, and what may cross threads.

use core::fmt::Debug;

use otr_protocol::fragment::{Fragment, Reassembler, Step};
use otr_protocol::keys::{AkeKeys, DataKeys, DhPair, secret_bytes};
use otr_protocol::traits::Exponent;
use otr_protocol::wire::{
    InstanceTag, Message, Plaintext, Reader, Text, Tlv, Version, Writer, whitespace_tag,
};
use otr_protocol::{
    Account, Config, Error, Event, Fingerprint, InstanceStatus, Instant, KnownFingerprints, Outgoing, Output,
    Policy, Recipient, RustCrypto, Session,
};

use crate::support::wire::binary;
use crate::support::{Name, Pair};

/// Twelve bytes that nothing else prints by chance.
const SECRET: &[u8] = b"zq\x81xsecret!~";

/// Neither as text nor as numbers, decimal or hexadecimal.
#[track_caller]
fn hides(value: &impl Debug, secret: &[u8]) {
    for printed in
        [format!("{value:?}"), format!("{value:#?}"), format!("{value:x?}"), format!("{value:02X?}")]
    {
        let compact: String =
            printed.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_lowercase();
        let forms = [
            secret.iter().map(|byte| format!("{byte},")).collect::<String>(),
            secret.iter().map(|byte| format!("{byte:x},")).collect::<String>(),
            secret.iter().map(|byte| format!("{byte:02x},")).collect::<String>(),
            secret.iter().map(|byte| format!("{byte:02x}")).collect::<String>(),
        ];
        assert!(forms.iter().all(|form| !compact.contains(form.trim_end_matches(','))), "{printed}");
        assert!(!compact.contains("secret!"), "{printed}");
    }
}

#[test]
fn s_48_no_public_type_prints_a_text() {
    let instance = InstanceTag::BASE;
    let text = SECRET.to_vec();
    for event in [
        Event::Message { text: text.clone(), instance },
        Event::Plaintext { text: text.clone() },
        Event::Problem { kind: otr_protocol::Problem::Unencrypted, text: Some(text.clone()), instance: None },
    ] {
        hides(&event, SECRET);
        hides(&Output::Event(event), SECRET);
    }
    hides(&Outgoing { text: text.clone(), last: true }, SECRET);
    hides(&Plaintext { text: SECRET, tlvs: vec![Tlv { kind: 7, value: SECRET }] }, SECRET);
    hides(&Reader::new(SECRET), SECRET);
    let mut writer = Writer::default();
    writer.bytes(SECRET);
    hides(&writer, SECRET);
    let tagged = [SECRET, &whitespace_tag(Policy::MANUAL.versions())].concat();
    hides(&Text::classify(&tagged, false), SECRET);
    hides(&Text::classify(&[b"?OTR Error: ", SECRET].concat(), false), SECRET);
    let piece = [b"?OTR,1,1,", SECRET, b","].concat();
    let fragment = Fragment::parse(&piece).unwrap();
    hides(&fragment, SECRET);
    let step = Reassembler::default().accept(Instant::default(), &fragment, 100);
    assert_eq!(step, Step::Complete(SECRET.to_vec()));
    hides(&step, SECRET);
}

#[test]
fn s_48_no_public_type_prints_a_key() {
    let private: Vec<u8> = (100..140).collect();
    let pair = DhPair::from_private(&RustCrypto, Exponent::from_be_bytes(&private).unwrap()).unwrap();
    hides(&pair, &private);
    let other = DhPair::generate(&RustCrypto).unwrap();
    let shared = pair.shared_secret(&RustCrypto, other.public()).unwrap();
    hides(&shared, &shared.as_be_bytes()[..16]);
    hides(&secret_bytes(&shared), &shared.as_be_bytes()[..16]);
    let keys = AkeKeys::derive(&RustCrypto, &shared).unwrap();
    for half in [&keys.reveal, &keys.signature] {
        for secret in [&half.c.expose()[..], &half.m1.expose()[..], &half.m2.expose()[..]] {
            hides(&keys, secret);
        }
    }
    hides(&keys, keys.session_id.as_bytes());
    let keys = DataKeys::derive(&RustCrypto, pair.public(), other.public(), &shared).unwrap();
    let secrets: [&[u8]; 4] = [
        keys.sending_aes.expose(),
        keys.sending_mac.expose(),
        keys.receiving_mac.expose(),
        keys.extra.expose(),
    ];
    secrets.into_iter().for_each(|secret| hides(&keys, secret));

    let mut pair = Pair::secured(Version::V3);
    let session_id = pair.bob.session.instances().find_map(|slot| slot.secured).unwrap().session_id;
    let x = Name::Bob.key();
    for secret in [&x.x().expose()[..], session_id.as_bytes()] {
        hides(&pair.bob.session, secret);
        hides(&pair.bob.session.instances().collect::<Vec<_>>(), secret);
    }
    let account =
        Account::new(RustCrypto, Name::Bob.key(), InstanceTag::new(0x100), Config::default()).unwrap();
    hides(&account, &x.x().expose()[..]);
    // What reveals r is secret until it is sent.
    pair.alice.session.start(pair.alice.now).unwrap();
    let (_, bob) = pair.run();
    let reveal = bob.sent.iter().find(|text| crate::support::wire::kind(text) == 'R').unwrap();
    let bytes = binary(reveal);
    hides(&Message::decode(&bytes).unwrap(), &bytes[15..31]);
}

#[test]
fn everything_may_cross_threads() {
    fn check<T: Send + Sync>() {}
    check::<Account<RustCrypto>>();
    check::<Session<RustCrypto>>();
    check::<(Config, Error, Event, Fingerprint, InstanceStatus, Instant, KnownFingerprints, Output, Recipient)>(
    );
    check::<(DhPair, AkeKeys, DataKeys, Reassembler, Writer)>();
}
