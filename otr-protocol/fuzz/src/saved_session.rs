//! Saved accounts and sessions that somebody has changed.
//!
//! An input is JSON of a saved session or account, as an application with a store of its own would read it, or the encrypted
//! form of one.
//!
//! What must hold (S-11, S-55 and what `otr_protocol::saved` says): whatever is read leads to an error or to a session that
//! works; saved again, it can be restored again.

use otr_protocol::traits::Secret;
use otr_protocol::{
    Account, Config, InstanceTag, Instant, Output, Recipient, SavedAccount, SavedError, SavedSession,
};

use crate::backend::Repeated;
use crate::support::Name;

pub fn run(data: &[u8]) {
    let backend = Repeated::new(1);
    let key = Secret::from([7; 32]);
    assert!(SavedSession::decrypt(&backend, &key, data).is_err());
    assert!(SavedAccount::decrypt(&backend, &key, data).is_err());
    if let Ok(saved) = serde_json::from_slice::<SavedAccount>(data)
        && let Ok(account) = saved.restore(backend.clone(), Config::default())
    {
        assert_eq!(account.save(), saved);
    }
    if let Ok(saved) = serde_json::from_slice::<SavedSession>(data) {
        let tag = InstanceTag::new(Name::Alice.tag());
        let account = Account::new(backend, Name::Alice.key(), tag, Config::default()).unwrap();
        restored(&account, saved);
    }
}

fn restored(account: &Account<std::sync::Arc<Repeated>>, saved: SavedSession) {
    let now = Instant::from_secs(1000);
    let Ok(mut session) = account.restore(now, saved) else { return };
    // What a policy or a maximum size does not allow is an error of the application's.
    let _ = session.send(now, Recipient::Best, "text");
    let _ = session.start(now);
    session.receive(now, b"?OTRv23?").unwrap();
    for _ in 0..200 {
        if let Ok(Output::Idle(_)) = session.poll(now) {
            break;
        }
    }
    let json = serde_json::to_vec(&session.save(now).session).unwrap();
    match account.restore(now, serde_json::from_slice(&json).unwrap()) {
        Ok(_) | Err(SavedError::Settings(_)) => {}
        Err(error) => panic!("{error}"),
    }
}
