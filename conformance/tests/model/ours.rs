//! A correspondent of ours.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use otr_protocol::traits::{AesCtr, AesKey, Backend, Result, SecretKey, delegate};
use otr_protocol::{
    Account, Config, Error, Event, Half, InstanceTag, Instant, MessageState, Output, Policy, Recipient,
    Session, SmpEvent,
};

use super::script::{Act, Script};
use super::world::{Happened, Party, Said, Secured};

/// A key, and the counter that its stream starts with.
type KeyStream = ([u8; 16], [u8; 16]);

/// A backend that remembers which key streams were used, and for what.
pub(crate) struct Watching<B> {
    inner: B,
    streams: Mutex<HashMap<KeyStream, Vec<u8>>>,
    is_reused: AtomicBool,
}

impl<B: Backend> AesCtr for Watching<B> {
    fn aes_ctr(&self, key: &AesKey, counter: [u8; 16], data: &mut [u8]) -> Result<()> {
        // A commit is opened with whatever key the peer shows, more than once if commits are exchanged for others.
        let is_commit = counter == [0; 16];
        let mut streams = self.streams.lock().unwrap();
        let first = streams.entry((*key.expose(), counter)).or_insert_with(|| data.to_vec());
        if first != data && !is_commit {
            self.is_reused.store(true, Ordering::Relaxed);
        }
        self.inner.aes_ctr(key, counter, data)
    }
}

delegate! { impl[B: Backend] ModExp, Dsa, Hash, Rng, Backend for Watching<B> => |self| self.inner }

pub(crate) struct Ours<B: Backend> {
    session: Session<Arc<Watching<B>>>,
    backend: Arc<Watching<B>>,
    fingerprint: String,
    now: u64,
    is_asked: bool,
}

impl<B: Backend> Ours<B> {
    pub(crate) fn new(side: usize, script: &Script, backend: B, key: SecretKey) -> Self {
        let (v2, v3) = script.versions;
        let versions = [(v2, Policy::ALLOW_V2), (v3, Policy::ALLOW_V3)];
        let mut config = Config::default();
        config.policy = versions
            .into_iter()
            .filter(|(allowed, _)| *allowed)
            .fold(Policy::ERROR_START_AKE, |policy, (_, version)| policy | version);
        config.max_message_size = script.max_size[side];
        let backend =
            Watching { inner: backend, streams: Mutex::default(), is_reused: AtomicBool::new(false) };
        let backend = Arc::new(backend);
        let tag = InstanceTag::new(0x1000 + side as u32);
        let account = Account::new(backend.clone(), key, tag, config).unwrap();
        let fingerprint = account.fingerprint().to_hex();
        Self { session: account.session(), backend, fingerprint, now: 1_000_000, is_asked: false }
    }

    fn now(&self) -> Instant {
        Instant::from_millis(self.now)
    }

    fn state(&self) -> MessageState {
        self.session.instances().map(|slot| slot.message_state).max().unwrap()
    }

    fn say(&mut self, text: &str) -> Said {
        let state = self.state();
        let must_encrypt = self.session.policy().contains(Policy::REQUIRE_ENCRYPTION);
        match (self.session.send(self.now(), Recipient::Best, text), state) {
            (Ok(()), MessageState::Encrypted) => Said::Protected,
            (Ok(()), MessageState::Plaintext) if must_encrypt => Said::Protected,
            (Ok(()), MessageState::Plaintext) => Said::InClear,
            (Err(Error::HeldQueueFull), MessageState::Plaintext) if must_encrypt => Said::Refused,
            (Err(Error::Finished), MessageState::Finished) => Said::Refused,
            (result, state) => panic!("{result:?} in {state:?}"),
        }
    }

    /// What needs a session fails without, and does nothing then.
    fn with_session(&mut self, act: Act) -> otr_protocol::Result<()> {
        let now = self.now();
        match act {
            Act::Heartbeat => self.session.send_heartbeat(now, Recipient::Best),
            Act::ExtraKey => self.session.extra_key(now, Recipient::Best, 1, b"data").map(drop),
            Act::SmpStart => self.session.smp(now, Recipient::Best)?.start("secret", Some("question?")),
            Act::SmpAbort => self.session.smp(now, Recipient::Best)?.abort(),
            _ => self.session.smp(now, Recipient::Best)?.respond("secret"),
        }
    }
}

impl<B: Backend> Party for Ours<B> {
    fn act(&mut self, act: Act, text: &str) -> Said {
        let now = self.now();
        match act {
            Act::Say => return self.say(text),
            Act::Query => self.session.start(now).unwrap(),
            Act::End => self.session.end_all(now).unwrap(),
            Act::Abandon => self.session.abandon(now),
            Act::Wait(seconds) => self.now += 1000 * u64::from(seconds),
            Act::RequireEncryption(required) => {
                let policy = self.session.policy();
                let bits = policy.bits() & !Policy::REQUIRE_ENCRYPTION.bits();
                let flag = if required { Policy::REQUIRE_ENCRYPTION } else { Policy::NEVER };
                self.session.set_policy(Policy::from_bits(bits) | flag).unwrap();
            }
            Act::SmpAnswer if !self.is_asked => {}
            _ => {
                if act_needs_answer(act) {
                    self.is_asked = false;
                }
                match self.with_session(act) {
                    Ok(()) | Err(Error::NotEncrypted | Error::NobodyAsked | Error::ExtraKeyVersion) => {}
                    Err(error) => panic!("{act:?}: {error}"),
                }
            }
        }
        Said::Nothing
    }

    fn hear(&mut self, text: &[u8]) {
        self.session.receive(self.now(), text).unwrap();
    }

    fn take(&mut self) -> (Vec<Vec<u8>>, Vec<Happened>) {
        let (mut sent, mut told) = (Vec::new(), Vec::new());
        loop {
            match self.session.poll(self.now()).unwrap() {
                Output::Idle(_) => break,
                Output::Send(message) => sent.push(message.text),
                Output::Event(Event::Message { text, .. }) => told.push(Happened::Message(text)),
                Output::Event(Event::Smp { event: SmpEvent::Succeeded, .. }) => {
                    told.push(Happened::SmpSucceeded)
                }
                Output::Event(Event::Smp { event: SmpEvent::Asked { .. }, .. }) => {
                    self.is_asked = true;
                    told.push(Happened::SmpAsked);
                }
                Output::Event(event) => told.push(Happened::Other(format!("{event:?}"))),
            }
        }
        assert!(!self.backend.is_reused.load(Ordering::Relaxed), "a key stream was used twice");
        (sent, told)
    }

    fn secured(&self) -> Option<Secured> {
        let slots = self.session.instances().filter(|slot| slot.message_state == MessageState::Encrypted);
        let secured = slots.filter_map(|slot| slot.secured).last()?;
        Some(Secured {
            session_id: secured.session_id.to_hex(),
            their_fingerprint: secured.fingerprint.to_hex(),
            reads_first_half: secured.our_half == Half::First,
        })
    }

    fn fingerprint(&self) -> String {
        self.fingerprint.clone()
    }

    fn is_under_test(&self) -> bool {
        true
    }
}

fn act_needs_answer(act: Act) -> bool {
    matches!(act, Act::SmpAnswer | Act::SmpStart | Act::SmpAbort)
}
