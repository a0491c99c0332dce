//! Two parties in one process: a query, a key exchange, a message each way, and the end.
//!
//! `cargo run --release -p otr-protocol --example conversation`

use otr_protocol::traits::Backend;
use otr_protocol::{Account, DefaultBackend, Event, Instant, Output, Recipient, Result, Session};

fn main() -> Result<()> {
    let now = Instant::from_millis(0);
    let mut alice = Account::generate(DefaultBackend::default())?.session();
    let mut bob = Account::generate(DefaultBackend::default())?.session();

    alice.start(now)?;
    carry(now, &mut alice, &mut bob)?;
    alice.send(now, Recipient::Best, "Are you there?")?;
    carry(now, &mut alice, &mut bob)?;
    bob.send(now, Recipient::Best, "Yes, and nobody else is.")?;
    carry(now, &mut alice, &mut bob)?;
    alice.end(now, Recipient::Best)?;
    carry(now, &mut alice, &mut bob)
}

/// Carries messages to and fro until both sides are silent.
fn carry<B: Backend>(now: Instant, alice: &mut Session<B>, bob: &mut Session<B>) -> Result<()> {
    while deliver(now, "alice", alice, bob)? | deliver(now, "bob", bob, alice)? {}
    Ok(())
}

fn deliver<B: Backend>(now: Instant, name: &str, from: &mut Session<B>, to: &mut Session<B>) -> Result<bool> {
    let mut sent = false;
    loop {
        match from.poll(now)? {
            Output::Send(message) => {
                sent = true;
                to.receive(now, &message.text)?;
            }
            Output::Event(Event::Message { text, .. }) => {
                show(&format!("{name} reads: {}", String::from_utf8_lossy(&text)))
            }
            Output::Event(event) => show(&format!("{name}: {event:?}")),
            Output::Idle(_) => return Ok(sent),
        }
    }
}

#[expect(clippy::print_stdout, reason = "an example shows what it does")]
fn show(line: &str) {
    println!("{line}");
}
