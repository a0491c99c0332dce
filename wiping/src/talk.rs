//! Two parties whose memory is watched.

use core::time::Duration;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use otr_protocol::traits::{Backend, Dsa, SecretKey};
use otr_protocol::wire::{Body, InstanceTag, Message, Version, dearmor};
use otr_protocol::{Account, Config, Event, Instant, Output, Policy, Recipient, Session};

use crate::{Leak, Recorder, Secrets, Shared, Watch, aside, backends};

/// Alice and Bob, and what they must not leave behind. Every method panics where something fails.
pub struct Talk {
    /// The one who asks for OTR, so that the other one commits.
    pub alice: Party,
    /// The other one.
    pub bob: Party,
    secrets: Arc<Mutex<Secrets>>,
    watch: Watch,
    backend: &'static str,
}

/// One of them.
pub struct Party {
    /// The account, until it is dropped.
    pub account: Option<Account<Recorder>>,
    /// The session, until it is dropped.
    pub session: Option<Session<Recorder>>,
    /// What has been told. Kept aside: what the application does with it is the application's business.
    pub heard: Vec<Event>,
    /// The time.
    pub now: Instant,
}

impl Talk {
    /// Two parties that have not met, and speak one version only.
    #[must_use]
    pub fn new(backend: &Shared, version: Version) -> Self {
        let mut config = Config::default();
        config.heartbeat = None;
        config.policy = match version {
            Version::V2 => Policy::ALLOW_V2,
            Version::V3 => Policy::ALLOW_V3,
        };
        Self::with(backend, &config)
    }

    /// Two parties with these settings.
    #[must_use]
    pub fn with(backend: &Shared, config: &Config) -> Self {
        let secrets = Arc::default();
        let keys = keys();
        let watch = Watch::begin();
        let [alice, bob] = [("Alice", 0x0a11_ce00), ("Bob", 0xb0b)].map(|(name, tag)| {
            let recorder = Recorder::new(Arc::clone(backend), name, Arc::clone(&secrets));
            let key = if name == "Alice" { &keys[0] } else { &keys[1] };
            recorder.note("x", key.x().expose());
            Party::new(recorder, key.duplicate(), InstanceTag::new(tag), config.clone())
        });
        Self { alice, bob, secrets, watch, backend: backend.name() }
    }

    /// The same two, with a session.
    #[must_use]
    pub fn secured(backend: &Shared, version: Version) -> Self {
        let mut talk = Self::new(backend, version);
        talk.secure();
        talk
    }

    /// A whole key exchange.
    pub fn secure(&mut self) {
        let secured = |party: &Party| party.count(|event| matches!(event, Event::Secured { .. }));
        let before = (secured(&self.alice), secured(&self.bob));
        let now = self.alice.now;
        self.alice.session().start(now).expect("a query");
        self.run();
        assert_eq!((secured(&self.alice), secured(&self.bob)), (before.0 + 1, before.1 + 1));
    }

    /// Carries texts to and fro, until both are silent.
    pub fn run(&mut self) {
        while self.turn() {}
    }

    /// Carries what Alice wants sent to Bob, then what Bob wants sent to Alice. Whether there was anything.
    pub fn turn(&mut self) -> bool {
        self.to_bob() | self.to_alice()
    }

    /// Carries what Alice wants sent to Bob.
    pub fn to_bob(&mut self) -> bool {
        deliver(&mut self.alice, &mut self.bob, &self.secrets)
    }

    /// Carries what Bob wants sent to Alice.
    pub fn to_alice(&mut self) -> bool {
        deliver(&mut self.bob, &mut self.alice, &self.secrets)
    }

    /// Time passes for both of them.
    pub fn wait(&mut self, seconds: u64) {
        for party in [&mut self.alice, &mut self.bob] {
            party.now = party.now.after(Duration::from_secs(seconds));
        }
        self.run();
    }

    /// Whatever is to be sent is lost.
    pub fn lose(&mut self) {
        for party in [&mut self.alice, &mut self.bob] {
            while let Some(text) = party.next_text() {
                aside(|| publish(&text, &mut lock(&self.secrets)));
            }
        }
    }

    /// Alice says something, and Bob hears it.
    pub fn alice_says(&mut self, text: &'static str) {
        say(&mut self.alice, &mut self.bob, &self.secrets, text);
    }

    /// Bob says something, and Alice hears it.
    pub fn bob_says(&mut self, text: &'static str) {
        say(&mut self.bob, &mut self.alice, &self.secrets, text);
    }

    /// Something that must not be found either.
    pub fn note(&self, what: &'static str, bytes: &[u8]) {
        aside(|| lock(&self.secrets).note("somebody", what, bytes));
    }

    /// What has been noted.
    #[must_use]
    pub fn kinds(&self) -> BTreeSet<&'static str> {
        aside(|| lock(&self.secrets).kinds().collect())
    }

    /// The secrets in something else.
    #[must_use]
    pub fn find(&self, bytes: &[u8]) -> Vec<Leak> {
        aside(|| lock(&self.secrets).find(bytes).collect())
    }

    /// The secrets in the blocks that are in use, by name.
    #[must_use]
    pub fn in_use(&self) -> BTreeSet<String> {
        aside(|| self.leaks(self.watch.in_use()).into_iter().map(|leak| leak.secret).collect())
    }

    /// The secrets in the blocks that were given back.
    #[must_use]
    pub fn freed(&self) -> Vec<Leak> {
        aside(|| self.leaks(self.watch.freed()))
    }

    /// The secrets left on the stack by what has returned.
    #[must_use]
    pub fn on_stack(&self) -> BTreeSet<String> {
        let leaks = aside(|| self.leaks(vec![self.watch.stack()]));
        leaks.into_iter().map(|leak| format!("{} ({})", leak.secret, leak.spelling)).collect()
    }

    /// Drops what is left, sessions first. Then no secret may be anywhere.
    pub fn check(mut self) {
        for party in [&mut self.alice, &mut self.bob] {
            party.session = None;
            party.heard.clear();
        }
        let long_term: Vec<_> = self.in_use().into_iter().filter(|name| !name.ends_with(" x 1")).collect();
        assert!(long_term.is_empty(), "in use after the sessions: {long_term:?}");
        for party in [&mut self.alice, &mut self.bob] {
            party.account = None;
        }
        assert_eq!(self.in_use(), BTreeSet::new(), "in use after the accounts");
        let freed = self.freed();
        let list: Vec<_> = freed.iter().map(Leak::to_string).collect();
        assert!(freed.is_empty(), "{}: in freed memory:\n{}", self.backend, list.join("\n"));
    }

    fn leaks(&self, blocks: Vec<Vec<u8>>) -> Vec<Leak> {
        let secrets = lock(&self.secrets);
        let found: BTreeSet<_> = blocks.iter().flat_map(|block| secrets.find(block)).collect();
        found.into_iter().collect()
    }
}

impl Party {
    fn new(recorder: Recorder, key: SecretKey, tag: InstanceTag, config: Config) -> Self {
        let account = Account::new(recorder, key, tag, config).expect("an account");
        let session = Some(account.session());
        Self { account: Some(account), session, heard: Vec::new(), now: Instant::from_secs(1000) }
    }

    /// The session.
    pub fn session(&mut self) -> &mut Session<Recorder> {
        self.session.as_mut().expect("a session that has not been dropped")
    }

    /// How many of what has been told are like that.
    pub fn count(&self, is_like_that: impl Fn(&Event) -> bool) -> usize {
        self.heard.iter().filter(|event| is_like_that(event)).count()
    }

    /// The next text to be sent; until then, events are heard.
    pub fn next_text(&mut self) -> Option<Vec<u8>> {
        loop {
            let now = self.now;
            match self.session().poll(now).expect("a backend that works") {
                Output::Send(message) => return Some(message.text),
                // The event is the application's from now on.
                Output::Event(event) => aside(|| {
                    self.heard.push(event.clone());
                    drop(event);
                }),
                Output::Idle(_) => return None,
            }
        }
    }
}

impl Drop for Talk {
    fn drop(&mut self) {
        // Allocated aside.
        aside(|| drop((std::mem::take(&mut self.alice.heard), std::mem::take(&mut self.bob.heard))));
    }
}

fn deliver(from: &mut Party, to: &mut Party, secrets: &Mutex<Secrets>) -> bool {
    let mut any = false;
    while let Some(text) = from.next_text() {
        aside(|| publish(&text, &mut lock(secrets)));
        let now = to.now;
        to.session().receive(now, &text).expect("a backend that works");
        any = true;
    }
    any
}

/// Old MAC keys are sent in clear, and no secrets any more.
fn publish(text: &[u8], secrets: &mut Secrets) {
    let bytes = dearmor(text).unwrap_or_default();
    if let Ok(Message { body: Body::Data(data), .. }) = Message::decode(&bytes) {
        data.revealed.chunks(20).for_each(|key| secrets.publish(key));
    }
}

fn say(from: &mut Party, to: &mut Party, secrets: &Mutex<Secrets>, text: &'static str) {
    aside(|| lock(secrets).note("somebody", "text", text.as_bytes()));
    let now = from.now;
    from.session().send(now, Recipient::Best, text).expect("a text that can be sent");
    deliver(from, to, secrets);
    assert_eq!(to.next_text(), None, "a text is not answered");
    let is_it =
        |event: &Event| matches!(event, Event::Message { text: heard, .. } if heard == text.as_bytes());
    assert_eq!(to.count(is_it), 1);
}

/// Alice's key and Bob's, made once.
fn keys() -> &'static [SecretKey; 2] {
    static KEYS: OnceLock<[SecretKey; 2]> = OnceLock::new();
    let backend = backends().into_iter().next().expect("a backend");
    KEYS.get_or_init(|| [(); 2].map(|()| backend.generate().expect("a key")))
}

fn lock(secrets: &Mutex<Secrets>) -> MutexGuard<'_, Secrets> {
    secrets.lock().unwrap_or_else(PoisonError::into_inner)
}
