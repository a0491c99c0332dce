//! Scripts at random.

use proptest::prelude::*;

use crate::script::{Act, Fate, Script, Side, Step};

pub(crate) fn scripts() -> impl Strategy<Value = Script> {
    let versions = prop_oneof![Just((true, false)), Just((false, true)), Just((true, true))];
    let size = prop_oneof![3 => Just(None), 1 => (120_usize..400).prop_map(Some)];
    // Most conversations begin with a session; otherwise little of a random script would be about one.
    let start = prop_oneof![
        1 => Just(vec![]),
        3 => Just([Step::Do(Side::Alice, Act::Query)].into_iter().chain(exchange()).collect()),
    ];
    (versions, [size.clone(), size], start, proptest::collection::vec(step(), 0..60)).prop_map(
        |(versions, max_size, start, steps): (_, _, Vec<Step>, _)| Script {
            versions,
            max_size,
            steps: start.into_iter().chain(steps).collect(),
        },
    )
}

/// Everything arrives, often enough for a key exchange.
fn exchange() -> impl Iterator<Item = Step> {
    (0..6).flat_map(|_| Side::BOTH.map(|side| Step::Network(side, Fate::ArriveAll)))
}

fn step() -> impl Strategy<Value = Step> {
    let side = prop_oneof![Just(Side::Alice), Just(Side::Bob)];
    prop_oneof![
        4 => (side.clone(), act()).prop_map(|(side, act)| Step::Do(side, act)),
        5 => (side, fate()).prop_map(|(side, fate)| Step::Network(side, fate)),
    ]
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        3 => Just(Act::Query),
        12 => Just(Act::Say),
        1 => Just(Act::Heartbeat),
        1 => Just(Act::ExtraKey),
        2 => Just(Act::SmpStart),
        2 => Just(Act::SmpAnswer),
        1 => Just(Act::SmpAbort),
        1 => Just(Act::End),
        1 => Just(Act::Abandon),
        1 => any::<bool>().prop_map(Act::RequireEncryption),
        2 => prop_oneof![Just(1), Just(30), Just(59), Just(61), 0_u32..1000].prop_map(Act::Wait),
    ]
}

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        10 => Just(Fate::Arrive),
        8 => Just(Fate::ArriveAll),
        1 => Just(Fate::Lose),
        1 => Just(Fate::Repeat),
        1 => Just(Fate::Swap),
        1 => any::<(u16, u8)>().prop_map(|(at, by)| Fate::Corrupt(at, by)),
        2 => any::<u16>().prop_map(Fate::Replay),
    ]
}
