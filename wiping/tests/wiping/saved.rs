//! Accounts and sessions that are saved and restored.

use otr_protocol::saved::SavedAccount;
use otr_protocol::traits::Secret;
use otr_protocol::{Account, Config, Recipient, SavedSession};
use otr_wiping::{Party, Recorder, Talk, aside};

use crate::each;

const KEY: [u8; 32] = *b"the key that all is saved under.";

/// Through bytes and back.
fn restart(party: &mut Party) {
    let account: Account<Recorder> = party.account.take().unwrap();
    let key = Secret::from(KEY);
    let saved = party.session.take().unwrap().save(party.now);
    let session = saved.session.encrypt(account.backend(), &key).unwrap();
    let account_bytes = account.save().encrypt(account.backend(), &key).unwrap();
    drop(saved);
    let restored = SavedAccount::decrypt(account.backend(), &key, &account_bytes).unwrap();
    let account = restored.restore(account.backend().clone(), Config::default()).unwrap();
    let session = SavedSession::decrypt(account.backend(), &key, &session).unwrap();
    party.session = Some(account.restore(party.now, session).unwrap());
    party.account = Some(account);
}

#[test]
fn s_45_a_conversation_that_is_saved_and_restored() {
    each(|backend, version| {
        let mut talk = Talk::secured(backend, version);
        talk.note("the key for what is saved", &KEY);
        talk.alice_says("a text from before the restart");
        talk.bob_says("an answer from before the restart");
        talk.alice_says("another text from before it");
        restart(&mut talk.alice);
        restart(&mut talk.bob);
        talk.bob_says("an answer from after the restart");
        talk.alice_says("a text from after the restart");
        talk.check();
    });
}

/// With a text that has been decrypted and nobody has asked for.
#[test]
fn s_45_what_is_saved_and_never_restored() {
    each(|backend, version| {
        let mut talk = Talk::secured(backend, version);
        let text = "a text that nobody ever reads";
        talk.note("the text", text.as_bytes());
        let now = talk.alice.now;
        talk.alice.session().send(now, Recipient::Best, text).unwrap();
        assert!(talk.to_bob());
        let saved = talk.bob.session.take().unwrap().save(now);
        // These are the application's.
        aside(|| drop(saved.outputs));
        drop(saved.session);
        talk.check();
    });
}
