//! A conversation, and all that can be printed of it.

use core::fmt::Debug;

use otr_protocol::traits::{Secret, SecretKey};
use otr_protocol::wire::{Message, Version, dearmor};
use otr_protocol::{Recipient, SavedSession};
use otr_wiping::{Talk, backends};

const TEXTS: [&str; 2] = ["a text that is nobody's business", "an answer that is nobody's business"];
const ASKED: [&str; 2] = ["what nobody else is to know", "a question that is nobody's business"];

/// What is printed, in every way.
fn printed(value: &dyn Debug) -> Vec<String> {
    vec![format!("{value:?}"), format!("{value:#?}"), format!("{value:x?}"), format!("{value:#04X?}")]
}

/// The bytes that all lists of numbers in it stand for: `[18, 52]`.
fn list(printed: &str, radix: u32) -> Vec<u8> {
    let numbers = printed.split([',', '[', ']', '(', ')']);
    numbers
        .filter_map(|number| u8::from_str_radix(number.trim().trim_start_matches("0x"), radix).ok())
        .collect()
}

/// What is printed, and what the lists in it stand for.
fn spellings(printed: &str) -> [Vec<u8>; 3] {
    [printed.as_bytes().to_vec(), list(printed, 10), list(printed, 16)]
}

#[track_caller]
fn hides(talk: &Talk, value: &dyn Debug) {
    for printed in printed(value) {
        for spelt in spellings(&printed) {
            let found = talk.find(&spelt);
            assert!(found.is_empty(), "{found:?} in {printed}");
        }
    }
}

/// Carries one text each way, and looks at whatever can be printed then.
#[track_caller]
fn turn(talk: &mut Talk) {
    let now = talk.alice.now;
    if let Some(text) = talk.alice.next_text() {
        hides(talk, &dearmor(&text).as_deref().map(Message::decode));
        talk.bob.session().receive(now, &text).unwrap();
    }
    if let Some(text) = talk.bob.next_text() {
        hides(talk, &dearmor(&text).as_deref().map(Message::decode));
        talk.alice.session().receive(now, &text).unwrap();
    }
    for party in [&talk.alice, &talk.bob] {
        hides(talk, &party.account);
        hides(talk, &party.session);
        hides(talk, &party.heard);
    }
}

#[test]
fn s_48_nothing_that_is_printed_in_a_conversation_contains_a_secret_or_a_text() {
    for backend in backends() {
        let mut talk = Talk::new(&backend, Version::V3);
        for secret in TEXTS.into_iter().chain(ASKED) {
            talk.note("text", secret.as_bytes());
        }
        let now = talk.alice.now;
        talk.alice.session().start(now).unwrap();
        until_silent(&mut talk);
        talk.alice.session().send(now, Recipient::Best, TEXTS[0]).unwrap();
        until_silent(&mut talk);
        talk.bob.session().send(now, Recipient::Best, TEXTS[1]).unwrap();
        until_silent(&mut talk);
        talk.alice.session().smp(now, Recipient::Best).unwrap().start(ASKED[0], Some(ASKED[1])).unwrap();
        until_silent(&mut talk);
        talk.bob.session().smp(now, Recipient::Best).unwrap().respond(ASKED[0]).unwrap();
        until_silent(&mut talk);
        let key = talk.alice.session().extra_key(now, Recipient::Best, 7, TEXTS[0].as_bytes()).unwrap();
        hides(&talk, &key);
        until_silent(&mut talk);
        assert_eq!((talk.alice.heard.len(), talk.bob.heard.len()), (4, 6));

        let account = talk.alice.account.take().unwrap();
        hides(&talk, &account.save());
        hides(&talk, &account.key());
        let saved = talk.alice.session.take().unwrap().save(now);
        hides(&talk, &saved);
        let key = Secret::from([7; 32]);
        let bytes = saved.session.encrypt(account.backend(), &key).unwrap();
        hides(&talk, &SavedSession::decrypt(account.backend(), &key, &bytes));
        let duplicate: SecretKey = account.key().duplicate();
        let file = [otr_store::private_key::Account::new("alice", "prpl-irc", duplicate).unwrap()];
        hides(&talk, &file);
        // As if it were another file.
        let text = otr_store::private_key::print(&file);
        hides(&talk, &otr_store::fingerprints::Fingerprints::parse(&text));
        hides(&talk, &otr_store::instance_tags::InstanceTags::parse(&text));
        hides(&talk, &otr_store::private_key::parse(&text[..text.len() - 20], account.backend()));
    }
}

fn until_silent(talk: &mut Talk) {
    for _ in 0..8 {
        turn(talk);
    }
}

#[test]
fn s_48_a_secret_that_is_printed_is_found() {
    let talk = Talk::new(&backends()[0], Version::V3);
    let secret: Vec<u8> = (b'a'..=b'z').collect();
    talk.note("secret", &secret);
    let is_hidden = |value: &dyn Debug| {
        let spelt = printed(value).into_iter().flat_map(|printed| spellings(&printed));
        spelt.flat_map(|spelt| talk.find(&spelt)).next().is_none()
    };
    assert!(is_hidden(&"nothing"));
    let text = String::from_utf8(secret.clone()).unwrap();
    let values: [&dyn Debug; 4] =
        [&secret, &Some(&secret[..20]), &text, &data_encoding::HEXLOWER.encode(&secret)];
    assert!(values.into_iter().all(|value| !is_hidden(value)));
}
