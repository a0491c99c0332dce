//! `otr demo`: two parties talk, and everything on the wire between them is shown.

mod observer;
mod stage;

use std::io::Write;

use otr_protocol::{Account, Config, Error, InstanceTag, Policy, traits::Dsa};

use crate::backend::{Choice, Shared};
use crate::failure::Failure;
use stage::Side::{Alice, Bob};
use stage::{Party, Stage};

/// Watch two parties talk: what goes over the wire, and what each of them sees
#[derive(clap::Args)]
pub(crate) struct Options {
    #[command(flatten)]
    backend: Choice,
    /// Speak version 2 of OTR instead of 3
    #[arg(long)]
    v2: bool,
    /// Send messages that are longer in fragments of at most so many bytes
    #[arg(long, value_name = "BYTES")]
    fragment_size: Option<usize>,
    /// Show the fields of every message
    #[arg(long)]
    decode: bool,
}

/// Plays both conversations and checks that both sides agree about them.
pub(crate) fn run(options: Options, out: &mut impl Write) -> Result<(), Failure> {
    let mut config = Config::default();
    config.policy = if options.v2 { Policy::ALLOW_V2 } else { Policy::MANUAL };
    config.policy |= Policy::SEND_WHITESPACE_TAG | Policy::WHITESPACE_START_AKE;
    config.max_message_size = options.fragment_size;
    let backend = options.backend.chosen()?;
    let party = || account(&backend, config.clone()).map(|account| Party::new(&account));
    let (alice, bob) = (party().map_err(Failure::start)?, party().map_err(Failure::start)?);
    let mut stage = Stage::new(alice, bob, options.decode, out);

    stage.introduce()?;
    stage.heading("Alice's first text carries an invisible offer of OTR, which Bob accepts")?;
    stage.say(Alice, "Hello Bob, have you got OTR?")?;
    stage.agree()?;
    stage.verify(Alice)?;

    stage.heading("They talk; every change of direction brings new keys")?;
    stage.say(Bob, "Yes! Who can read this?")?;
    stage.say(Alice, "You and me.")?;
    stage.say(Alice, "And nobody can prove later who wrote it.")?;
    stage.say(Bob, "Not even you?")?;
    stage.say(Alice, "Not even me.")?;

    stage.heading("Alice leaves; Bob cannot send anything in clear by mistake")?;
    stage.end(Alice)?;
    stage.say_in_vain(Bob, "One more thing …")?;
    stage.end(Bob)?;

    stage.heading("Bob asks for OTR with a query; the keys are known now, the session is new")?;
    stage.start(Bob)?;
    stage.agree()?;
    stage.say(Bob, "One more thing: thank you.")?;
    stage.say(Alice, "See you.")?;
    stage.end(Bob)?;
    stage.end(Alice)
}

/// A fresh key and a fresh instance tag.
fn account(backend: &Shared, config: Config) -> Result<Account<Shared>, Error> {
    let tag = InstanceTag::generate(backend)?;
    Account::new(backend.clone(), backend.generate()?, tag, config)
}
