//! Two parties, and a wire that loses nothing.

use std::mem;
use std::time::{self, Duration};

use otr_protocol::{Account, Config, Event, InstanceTag, Instant, Output, Recipient, Session, SmpEvent};

use crate::{Shared, keys};

/// Alice and Bob, who have not met.
///
/// Every method panics where something fails.
pub struct Pair {
    alice: Session<Shared>,
    bob: Session<Shared>,
}

/// The steps of a comparison: Alice makes the first message; Bob reads it and is asked; he answers with the second;
/// Alice reads it and makes the third; Bob reads it, knows the result and makes the last; Alice reads that.
pub const STEPS: [&str; 6] = ["start", "ask", "answer", "compare", "last", "result"];

/// The time, which stands still.
const NOW: Instant = Instant::from_millis(0);

impl Pair {
    /// Two new accounts with keys that are always the same. Messages longer than `max_size` bytes go in fragments.
    #[must_use]
    pub fn new(backend: &Shared, max_size: Option<usize>) -> Self {
        Self::of(&accounts([backend, backend], max_size))
    }

    /// Two conversations of accounts that may have more.
    #[must_use]
    pub fn of([alice, bob]: &[Account<Shared>; 2]) -> Self {
        Self { alice: alice.session(), bob: bob.session() }
    }

    /// The same two, with an encrypted session.
    #[must_use]
    pub fn connected(backend: &Shared, max_size: Option<usize>) -> Self {
        let mut pair = Self::new(backend, max_size);
        pair.connect();
        pair
    }

    /// Alice asks for OTR: a query and a whole key exchange, until both are secured.
    pub fn connect(&mut self) {
        self.alice.start(NOW).expect("a query");
        let mut secured = 0;
        while self.carry(|event| secured += usize::from(matches!(event, Event::Secured { .. }))) {}
        assert_eq!(secured, 2, "a key exchange secures both");
    }

    /// Alice writes `text` and Bob reads it.
    pub fn write(&mut self, text: &[u8]) {
        self.alice.send(NOW, Recipient::Best, text).expect("a text that can be sent");
        let mut read = 0;
        self.carry(|event| {
            if let Event::Message { text, .. } = event {
                read += text.len();
            }
        });
        assert_eq!(read, text.len(), "Bob reads all of it");
    }

    /// Alice asks Bob for a secret, which is the same on both sides: a whole comparison.
    pub fn compare(&mut self) {
        self.compare_in_steps(false);
    }

    /// The same, and how long each of the [`STEPS`] took. If the answer is `prepared`, all that can be done before the
    /// secret is known was done before that step, and does not count.
    pub fn compare_in_steps(&mut self, prepared: bool) -> [Duration; STEPS.len()] {
        const SECRET: &str = "the same on both sides";
        let (mut asked, mut equal) = (0, 0);
        let mut on_event = |event| match event {
            Event::Smp { event: SmpEvent::Asked { .. }, .. } => asked += 1,
            Event::Smp { event: SmpEvent::Succeeded, .. } => equal += 1,
            _ => {}
        };
        let Self { alice, bob } = self;
        let mut begun = time::Instant::now();
        let mut lap = || {
            let now = time::Instant::now();
            now.duration_since(mem::replace(&mut begun, now))
        };
        alice.smp(NOW, Recipient::Best).and_then(|smp| smp.start(SECRET, None)).expect("a question");
        let start = lap();
        deliver(alice, bob, &mut on_event);
        let ask = lap();
        if prepared {
            bob.smp(NOW, Recipient::Best).and_then(|smp| smp.prepare_answer()).expect("a prepared answer");
            lap();
        }
        bob.smp(NOW, Recipient::Best).and_then(|smp| smp.respond(SECRET)).expect("an answer");
        let answer = lap();
        deliver(bob, alice, &mut on_event);
        let compare = lap();
        deliver(alice, bob, &mut on_event);
        let last = lap();
        deliver(bob, alice, &mut on_event);
        let result = lap();
        while self.carry(&mut on_event) {}
        assert_eq!((asked, equal), (1, 2), "Bob is asked, and the secrets are equal");
        [start, ask, answer, compare, last, result]
    }

    /// Alice and Bob change places: whoever has read writes next.
    pub fn turn(&mut self) {
        mem::swap(&mut self.alice, &mut self.bob);
    }

    /// Carries what Alice wants sent, then what Bob does. Whether there was anything.
    fn carry(&mut self, mut on_event: impl FnMut(Event)) -> bool {
        let Self { alice, bob } = self;
        deliver(alice, bob, &mut on_event) | deliver(bob, alice, &mut on_event)
    }
}

/// Alice's account and Bob's, with keys that are always the same, which take texts of up to 1 MB. Messages longer than
/// `max_size` bytes go in fragments.
#[must_use]
pub fn accounts([alice, bob]: [&Shared; 2], max_size: Option<usize>) -> [Account<Shared>; 2] {
    let mut config = Config::default();
    config.max_message_size = max_size;
    // Any number of exchanges at a moment that does not pass.
    config.damping = false;
    config.max_text_size = 1 << 20;
    config.max_reassembled_size = 2 << 20;
    let [for_alice, for_bob] = keys();
    [(alice, for_alice), (bob, for_bob)].map(|(backend, key)| {
        let tag = InstanceTag::generate(backend).expect("random bytes");
        Account::new(Shared::clone(backend), key, tag, config.clone()).expect("an account")
    })
}

fn deliver(from: &mut Session<Shared>, to: &mut Session<Shared>, on_event: &mut impl FnMut(Event)) -> bool {
    let mut sent = false;
    loop {
        match from.poll(NOW).expect("a backend that works") {
            Output::Send(message) => {
                to.receive(NOW, &message.text).expect("a backend that works");
                sent = true;
            }
            Output::Event(event) => on_event(event),
            Output::Idle(_) => return sent,
        }
    }
}
