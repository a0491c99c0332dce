//! Shows what of the secrets of a conversation is left on the stack, where nothing wipes it but the next call.
#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "it shows something, and cannot go on if that fails"
)]

use otr_protocol::Recipient;
use otr_protocol::wire::Version;
use otr_wiping::{Talk, backends};

type Step = (&'static str, fn(&mut Talk));

const STEPS: [Step; 4] = [
    ("key exchange", Talk::secure),
    ("text", |talk| talk.alice_says("a text from Alice to Bob")),
    ("answer", |talk| talk.bob_says("a text from Bob to Alice")),
    ("comparison", |talk| {
        let now = talk.alice.now;
        let smp = talk.alice.session().smp(now, Recipient::Best);
        smp.and_then(|smp| smp.start("the same on both sides", None)).expect("a question");
        talk.run();
        let smp = talk.bob.session().smp(now, Recipient::Best);
        smp.and_then(|smp| smp.respond("the same on both sides")).expect("an answer");
        talk.run();
    }),
];

fn main() {
    for backend in backends() {
        let mut talk = Talk::new(&backend, Version::V3);
        for (name, step) in STEPS {
            step(&mut talk);
            println!("{}, after a {name}: {:#?}", backend.name(), talk.on_stack());
        }
    }
}
