//! `otr demo`: two parties talk, and everything on the wire between them is shown.

mod observer;
mod party;
mod stage;

use std::io::Write;

use otr_protocol::{Account, Config, Error, InstanceTag, Policy, SmpEvent, traits::Dsa};

use crate::backend::{Choice, Shared};
use crate::failure::Failure;
use party::Party;
use party::Side::{Alice, Bob, Phone};
use stage::Stage;

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

/// Plays the conversations and checks that both sides agree about them.
pub(crate) fn run(options: Options, out: &mut impl Write) -> Result<(), Failure> {
    let mut config = Config::default();
    config.policy = if options.v2 { Policy::ALLOW_V2 } else { Policy::MANUAL };
    config.policy |= Policy::SEND_WHITESPACE_TAG | Policy::WHITESPACE_START_AKE;
    config.max_message_size = options.fragment_size;
    // Version 2 does not define it, but it is there: libotr has it too.
    config.extra_key_v2 = options.v2;
    let backend = options.backend.chosen()?;
    let account = || account(&backend, config.clone()).map_err(Failure::start);
    let (alice, bob) = (account()?, account()?);
    let phone = second_client(&bob).map_err(Failure::start)?;
    let mut stage = Stage::new([&alice, &bob, &phone].map(Party::new), options.decode, out);

    stage.introduce()?;
    stage.heading("Alice's first text carries an invisible offer of OTR, which Bob accepts")?;
    stage.say(Alice, "Hello Bob, have you got OTR?")?;
    stage.agree(Bob)?;
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
    stage.agree(Bob)?;
    stage.say(Bob, "One more thing: thank you.")?;

    stage
        .heading("Is it really Alice? Bob asks what only she knows; the answer itself is never sent (SMP)")?;
    stage.compare(Bob, Some("Where did we meet?"), ["on the red boat"; 2], &SmpEvent::Succeeded)?;

    stage.heading("They compare a secret that is not the same; neither learns what the other had")?;
    stage.compare(Alice, None, ["swordfish", "sword fish"], &SmpEvent::Failed)?;

    stage.heading("Alice wants to send a file outside of OTR: both take the extra symmetric key for it")?;
    stage.share_key(Alice, "photo.jpg")?;
    stage.end(Bob)?;
    stage.end(Alice)?;

    if options.v2 {
        return Ok(stage.heading("Bob's phone stays off: version 2 cannot tell two clients apart")?);
    }
    stage.heading("Bob turns on his phone too; the server gives what Alice writes to both of his clients")?;
    stage.turn_on_phone()?;
    stage.start(Alice)?;
    stage.agree(Bob)?;
    stage.agree(Phone)?;
    stage.say_to(Bob, "This is for your computer.")?;
    stage.say_to(Phone, "And this for your phone.")?;
    stage.say(Phone, "Each of them has a session of its own.")?;
    stage.end(Alice)
}

/// The same key on another device: its own instance tag tells it apart.
fn second_client(first: &Account<Shared>) -> Result<Account<Shared>, Error> {
    let backend = first.backend();
    let tag = InstanceTag::generate(backend)?;
    Account::new(backend.clone(), first.key().duplicate(), tag, first.config().clone())
}

/// A fresh key and a fresh instance tag.
fn account(backend: &Shared, config: Config) -> Result<Account<Shared>, Error> {
    let tag = InstanceTag::generate(backend)?;
    Account::new(backend.clone(), backend.generate()?, tag, config)
}
