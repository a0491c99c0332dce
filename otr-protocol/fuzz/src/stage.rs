//! The states in which Bob hears something.

use otr_protocol::wire::Version;
use otr_protocol::{Config, Recipient};

use crate::backend::Repeated;
use crate::support::Name;
use crate::support::party::{Pair, Party, Side, only};

/// How far Alice and Bob have come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    Plaintext,
    AwaitingDhKey,
    AwaitingRevealSig,
    AwaitingSig,
    Encrypted,
    /// Encrypted, and a new exchange has begun.
    Refreshing,
    Finished,
    /// Alice has asked for a secret.
    SmpAsked,
    /// Bob has asked, and waits for Alice's answer.
    SmpExpect2,
    /// Bob has answered.
    SmpExpect3,
    /// Bob waits for the last message.
    SmpExpect4,
    /// Half of a message of Alice's has arrived.
    HalfMessage,
}

impl Stage {
    pub(crate) const ALL: [Self; 12] = [
        Self::Plaintext,
        Self::AwaitingDhKey,
        Self::AwaitingRevealSig,
        Self::AwaitingSig,
        Self::Encrypted,
        Self::Refreshing,
        Self::Finished,
        Self::SmpAsked,
        Self::SmpExpect2,
        Self::SmpExpect3,
        Self::SmpExpect4,
        Self::HalfMessage,
    ];

    /// Alice and Bob in this state; Bob has these settings, which allow `version`. What is on its way goes on waiting.
    pub(crate) fn reach(self, version: Version, bobs: Config) -> Pair {
        let mut alices = Config::default();
        alices.policy = only(version);
        alices.max_message_size = (self == Self::HalfMessage).then_some(200);
        let mut pair = Pair::of(
            Party::with(Name::Alice, alices, Repeated::new(1)),
            Party::with(Name::Bob, bobs, Repeated::new(2)),
        );
        match self {
            Self::Plaintext => {}
            Self::AwaitingDhKey | Self::AwaitingSig => {
                pair.alice.session.start(pair.alice.now).unwrap();
                pair.flush();
                deliver(&mut pair, Side::Bob);
                if self == Self::AwaitingSig {
                    deliver(&mut pair, Side::Alice);
                    deliver(&mut pair, Side::Bob);
                }
            }
            Self::AwaitingRevealSig => {
                pair.bob.session.start(pair.bob.now).unwrap();
                pair.flush();
                deliver(&mut pair, Side::Alice);
                deliver(&mut pair, Side::Bob);
            }
            _ => {
                pair.secure();
                self.go_on(&mut pair);
            }
        }
        pair
    }

    /// The way from a session to this state.
    fn go_on(self, pair: &mut Pair) {
        let now = pair.bob.now;
        match self {
            Self::Refreshing => {
                pair.alice.session.start(now).unwrap();
                pair.flush();
                deliver(pair, Side::Bob);
            }
            Self::Finished => {
                pair.alice.session.end(now, Recipient::Best).unwrap();
                pair.run();
            }
            Self::SmpAsked | Self::SmpExpect3 => {
                let smp = pair.alice.session.smp(now, Recipient::Best);
                smp.and_then(|smp| smp.start("secret", Some("question?"))).unwrap();
                pair.run();
                if self == Self::SmpExpect3 {
                    pair.bob.session.smp(now, Recipient::Best).and_then(|smp| smp.respond("secret")).unwrap();
                    pair.flush();
                    deliver(pair, Side::Alice);
                }
            }
            Self::SmpExpect2 | Self::SmpExpect4 => {
                let smp = pair.bob.session.smp(now, Recipient::Best);
                smp.and_then(|smp| smp.start("secret", None)).unwrap();
                pair.run();
                if self == Self::SmpExpect4 {
                    let smp = pair.alice.session.smp(now, Recipient::Best);
                    smp.and_then(|smp| smp.respond("secret")).unwrap();
                    pair.flush();
                    deliver(pair, Side::Bob);
                }
            }
            Self::HalfMessage => {
                pair.alice.session.send(now, Recipient::Best, HALF).unwrap();
                pair.flush();
                deliver(pair, Side::Bob);
            }
            _ => {}
        }
    }
}

/// What Alice says in [`Stage::HalfMessage`], if all of it arrives.
pub(crate) const HALF: &str = "a text that takes more than one fragment of two hundred bytes";

/// Delivers all that waits for one side.
pub(crate) fn deliver(pair: &mut Pair, to: Side) {
    let waiting = match to {
        Side::Alice => pair.to_alice.len(),
        Side::Bob => pair.to_bob.len(),
    };
    for _ in 0..waiting {
        pair.step(to);
    }
}
