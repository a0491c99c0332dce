//! otrr as a contender: both sides of a conversation in one process. `../README.md` describes what it is asked and what
//! it prints.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::env;
use std::rc::Rc;
use std::time::Duration;

use otrr::crypto::{dsa, ed448};
use otrr::instancetag::InstanceTag;
use otrr::session::Account;
use otrr::{Host, Policy, UserMessage};

use counting::Counting;
use measure::measure;

#[path = "../../../src/counting.rs"]
#[expect(dead_code, reason = "not all of it is needed here")]
mod counting;
#[path = "../../../src/measure.rs"]
mod measure;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const SECRET: &[u8] = b"the same on both sides";
const PAIRS_FOR_HEAP: usize = 100;

/// The application around one side.
struct Application {
    key: dsa::Keypair,
    /// For version 4, which is not used.
    identity: ed448::EdDSAKeyPair,
    forging: ed448::EdDSAKeyPair,
    outgoing: RefCell<VecDeque<Vec<u8>>>,
    max_size: usize,
    asked: Cell<usize>,
}

impl Host for Application {
    fn message_size(&self) -> usize {
        self.max_size
    }

    fn inject(&self, _: &[u8], message: &[u8]) {
        self.outgoing.borrow_mut().push_back(message.to_vec());
    }

    fn keypair(&self) -> Option<&dsa::Keypair> {
        Some(&self.key)
    }

    fn keypair_identity(&self) -> &ed448::EdDSAKeyPair {
        &self.identity
    }

    fn keypair_forging(&self) -> &ed448::EdDSAKeyPair {
        &self.forging
    }

    fn query_smp_secret(&self, _: &[u8]) -> Option<Vec<u8>> {
        self.asked.set(self.asked.get() + 1);
        Some(SECRET.to_vec())
    }

    fn client_profile(&self) -> Vec<u8> {
        Vec::new()
    }

    fn update_client_profile(&self, _: Vec<u8>) {}
}

struct Side {
    application: Rc<Application>,
    account: Account,
}

impl Side {
    fn new(name: &str, max_size: usize) -> Self {
        let application = Rc::new(Application {
            key: dsa::Keypair::generate(),
            identity: ed448::EdDSAKeyPair::generate(),
            forging: ed448::EdDSAKeyPair::generate(),
            outgoing: RefCell::default(),
            max_size,
            asked: Cell::new(0),
        });
        let host = Rc::clone(&application) as Rc<dyn Host>;
        let account = Account::new(name.into(), Policy::ALLOW_V3, host).expect("an account");
        Self { application, account }
    }
}

/// The two sides, and how often they have met: each time under another name, as strangers.
struct Pair {
    sides: [Side; 2],
    met: u64,
    name: Vec<u8>,
    writer: usize,
}

/// What has come of a delivery.
#[derive(Default)]
struct Outcome {
    secured: usize,
    equal: usize,
    read: usize,
}

impl Pair {
    fn connected(max_size: usize) -> Self {
        let sides = ["alice", "bob"].map(|name| Side::new(name, max_size));
        let mut pair = Self { sides, met: 0, name: Vec::new(), writer: 0 };
        pair.connect();
        pair
    }

    fn connect(&mut self) {
        self.met += 1;
        self.name = self.met.to_string().into_bytes();
        self.sides[0].account.session(&self.name).query().expect("a query");
        assert_eq!(self.carry().secured, 2, "a key exchange secures both");
    }

    fn compare(&mut self) {
        let tag = self.tag(1);
        self.sides[0].account.session(&self.name).start_smp(tag, SECRET, b"").expect("a question");
        let asked = self.sides[1].application.asked.get();
        assert_eq!(self.carry().equal, 2, "the secrets are equal");
        assert_eq!(self.sides[1].application.asked.get(), asked + 1, "Bob is asked");
    }

    fn write(&mut self, text: &[u8]) {
        let tag = self.tag(1 - self.writer);
        let side = &mut self.sides[self.writer];
        let messages = side.account.session(&self.name).send(tag, text).expect("a text that can be sent");
        side.application.outgoing.borrow_mut().extend(messages);
        assert_eq!(self.carry().read, text.len(), "the other side reads all of it");
    }

    fn tag(&self, side: usize) -> InstanceTag {
        self.sides[side].account.instance_tag()
    }

    fn carry(&mut self) -> Outcome {
        let mut outcome = Outcome::default();
        while let Some((to, message)) = self.next() {
            match self.sides[to]
                .account
                .session(&self.name)
                .receive(&message)
                .expect("a message that is taken")
            {
                UserMessage::ConfidentialSessionStarted(_) => outcome.secured += 1,
                UserMessage::Confidential(_, text, _) => outcome.read += text.len(),
                UserMessage::SMPSucceeded(_) => outcome.equal += 1,
                _ => {}
            }
        }
        outcome
    }

    /// Who receives next, and what.
    fn next(&self) -> Option<(usize, Vec<u8>)> {
        (0..2).find_map(|from| {
            let message = self.sides[from].application.outgoing.borrow_mut().pop_front()?;
            Some((1 - from, message))
        })
    }
}

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [operation, milliseconds] = arguments.as_slice() else {
        panic!("usage: contender OPERATION MILLISECONDS");
    };
    let time =
        Duration::from_secs_f64(milliseconds.parse::<f64>().expect("a number of milliseconds") / 1000.0);
    let write = |max_size, bytes| {
        let mut pair = Pair::connected(max_size);
        let text = vec![b'a'; bytes];
        measure(time, || pair.write(&text));
    };
    match operation.as_str() {
        "keygen" => measure(time, || drop(dsa::Keypair::generate())),
        "ake" => {
            let mut pair = Pair::connected(usize::MAX);
            measure(time, || pair.connect());
        }
        "smp" => {
            let mut pair = Pair::connected(usize::MAX);
            measure(time, || pair.compare());
        }
        "ping-pong-100" => {
            let mut pair = Pair::connected(usize::MAX);
            measure(time, || {
                pair.write(&[b'a'; 100]);
                pair.writer = 1 - pair.writer;
            });
        }
        "one-way-100" => write(usize::MAX, 100),
        "one-way-1k" => write(usize::MAX, 1024),
        "one-way-64k" => write(usize::MAX, 64 * 1024),
        "fragments" => write(140, 64 * 1024),
        "heap" => {
            let mut pair = Pair::connected(usize::MAX);
            let before = Counting::live();
            (0..PAIRS_FOR_HEAP).for_each(|_| pair.connect());
            println!("{}", (Counting::live() - before) / (2 * PAIRS_FOR_HEAP));
        }
        _ => panic!("unknown operation: {operation}"),
    }
}
