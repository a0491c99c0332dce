//! Two parties do anything, over a network that loses, repeats, reorders and corrupts.
//!
//! An input is a script: which versions and message sizes there are, whether it begins with a session, and then what the
//! two do and what the network does, a byte or a few for each step.
//!
//! What must hold is what `conformance/tests/model` says, whose parties and world these are (§16 properties 1, 2, 4, 6
//! and 9): nobody panics, no text is taken for protected that was not sent so, none arrives twice, none leaves in clear that
//! must not, no key stream serves twice (DATA-11), and who has a session with the other agrees about it. And whatever has
//! happened: once the network is sound again, a query leads to a conversation and a comparison of secrets that work.

use crate::backend::Repeated;
use crate::input::Input;
use crate::model::ours::Ours;
use crate::model::script::{Act, Fate, Script, Side, Step};
use crate::model::world::World;
use crate::support::Name;

pub fn run(data: &[u8]) {
    let script = script(&mut Input::new(data));
    let party = |side: Side, name: Name| {
        Box::new(Ours::new(side as usize, &script, Repeated::new(side as u8), name.key()))
    };
    let (alice, bob) = (party(Side::Alice, Name::Alice), party(Side::Bob, Name::Bob));
    World::new(alice, bob).run(&script);
}

fn script(input: &mut Input<'_>) -> Script {
    const MOST_STEPS: usize = 80;
    let versions = input.choose(&[(false, true), (true, false), (true, true)]);
    let max_size = [0, 1].map(|_| match input.byte() {
        0..=127 => None,
        size => Some(usize::from(size)),
    });
    let mut steps = Vec::new();
    if input.flag() {
        steps.push(Step::Do(Side::Alice, Act::Query));
        steps.extend([Side::Bob, Side::Alice].map(|side| Step::Network(side, Fate::ArriveAll)).repeat(3));
    }
    while !input.is_empty() && steps.len() < MOST_STEPS {
        steps.push(step(input));
    }
    Script { versions, max_size, steps }
}

/// The upper bit says whose step it is, the lower ones what it is.
fn step(input: &mut Input<'_>) -> Step {
    let byte = input.byte();
    let side = if byte < 128 { Side::Alice } else { Side::Bob };
    match byte % 20 {
        0 => Step::Do(side, Act::Query),
        1 => Step::Do(side, Act::Say),
        2 => Step::Do(side, Act::Heartbeat),
        3 => Step::Do(side, Act::ExtraKey),
        4 => Step::Do(side, Act::SmpStart),
        5 => Step::Do(side, Act::SmpAnswer),
        6 => Step::Do(side, Act::SmpAbort),
        7 => Step::Do(side, Act::End),
        8 => Step::Do(side, Act::Abandon),
        9 => Step::Do(side, Act::RequireEncryption(true)),
        10 => Step::Do(side, Act::RequireEncryption(false)),
        11 => Step::Do(side, Act::Wait(input.byte().into())),
        12 => Step::Do(side, Act::Wait(input.short().into())),
        13 => Step::Network(side, Fate::Arrive),
        14 => Step::Network(side, Fate::ArriveAll),
        15 => Step::Network(side, Fate::Lose),
        16 => Step::Network(side, Fate::Repeat),
        17 => Step::Network(side, Fate::Swap),
        18 => Step::Network(side, Fate::Corrupt(input.short(), input.byte())),
        _ => Step::Network(side, Fate::Replay(input.short())),
    }
}
