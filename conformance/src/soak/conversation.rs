//! A conversation, and who judges it.

use std::collections::BTreeSet;
use std::io;
use std::time::Duration;

use fastrand::Rng;
use otr_protocol::{Account, Instant};

use super::counts::Counts;
use super::link::Link;
use super::network::{Copy, Fate, Unit, Way};
use super::party::{Act, Outcome, Party, Shared, text};

/// The most texts that somebody says in a row.
const BURST: u64 = 20;

pub(super) struct Conversation {
    id: u32,
    rng: Rng,
    parties: [Party; 2],
    /// To each of the two.
    ways: [Way; 2],
    judges: [Judge; 2],
    now: Instant,
    turn: u64,
    /// Whether the network does no harm any more.
    is_calm: bool,
    /// How many texts are still to be said.
    left: u64,
    pub(super) counts: Counts,
}

/// What somebody has heard of the other.
#[derive(Default)]
struct Judge {
    /// The number of the last message that has arrived, whole or not.
    last: u64,
    /// The numbers of the last messages that were read.
    read: BTreeSet<u64>,
}

impl Conversation {
    pub(super) fn new(id: u32, seed: u64, accounts: [Account<Shared>; 2], texts: u64) -> Self {
        Self {
            id,
            rng: Rng::with_seed(seed),
            parties: accounts.map(Party::new),
            ways: Default::default(),
            judges: Default::default(),
            now: Instant::from_secs(1_000_000),
            turn: 0,
            is_calm: false,
            left: texts,
            counts: Counts::default(),
        }
    }

    /// Whether all that was to be said is said.
    pub(super) fn is_over(&self) -> bool {
        self.left == 0
    }

    /// Somebody does something, and the network what it likes.
    pub(super) fn turn(&mut self, link: &mut Link) -> io::Result<()> {
        self.turn += 1;
        let pause = if self.rng.u32(..50) == 0 { 61_000..200_000 } else { 100..5_000 };
        self.wait(Duration::from_millis(self.rng.u64(pause)))?;
        let who = self.rng.usize(..2);
        if let Some(asked) = self.parties.iter().position(|party| party.is_asked)
            && self.rng.u32(..10) > 0
        {
            self.act(asked, Act::SmpAnswer)?;
        } else if !self.agree() {
            self.without_session(who)?;
        } else {
            self.in_session(who)?;
        }
        self.flow(link)
    }

    /// The network is sound again. Whatever has happened, a query leads to a session, and in it both can be heard.
    pub(super) fn finish(&mut self, link: &mut Link) -> io::Result<()> {
        const LONG: u64 = 1_000_000;
        self.is_calm = true;
        self.turn += LONG;
        self.flow(link)?;
        self.wait(Duration::from_secs(61))?;
        self.flow(link)?;
        self.act(0, Act::Query)?;
        self.flow(link)?;
        if !self.agree() {
            self.counts.fail(format!("conversation {}: a query leads to no session", self.id));
        }
        for from in [0, 1] {
            let before = self.counts.read;
            self.left += 1;
            self.say(from)?;
            self.flow(link)?;
            if self.counts.read != before + 1 {
                self.counts.fail(format!("conversation {}: {from} cannot be heard", self.id));
            }
        }
        self.counts.held += self.parties.iter().map(Party::holding).sum::<u64>();
        if !self.ways.iter().all(Way::is_empty) {
            self.counts.fail(format!("conversation {}: something is on its way for ever", self.id));
        }
        Ok(())
    }

    fn in_session(&mut self, who: usize) -> io::Result<()> {
        let act = match self.rng.u32(..1000) {
            0..3 => Act::SmpStart,
            3..5 => Act::SmpAbort,
            5..15 => Act::ExtraKey,
            15..30 => Act::Heartbeat,
            30..34 => Act::End,
            34..37 => Act::Crash,
            37..50 => Act::Restart,
            50..54 => Act::Query,
            _ => {
                for _ in 0..self.rng.u64(1..=BURST).min(self.left) {
                    self.say(who)?;
                }
                return Ok(());
            }
        };
        self.act(who, act)
    }

    fn without_session(&mut self, who: usize) -> io::Result<()> {
        match self.rng.u32(..10) {
            0..7 => self.act(who, Act::Query),
            7 => self.act(who, Act::End),
            _ => self.say(who),
        }
    }

    fn say(&mut self, who: usize) -> io::Result<()> {
        let number = self.counts.said;
        self.left = self.left.saturating_sub(1);
        self.act(who, Act::Say(number))
    }

    fn act(&mut self, who: usize, act: Act) -> io::Result<()> {
        let [alice, bob] = &mut self.parties;
        let party = if who == 0 { alice } else { bob };
        let outcome = party.act(self.now, act, &mut self.counts)?;
        self.unheard(who, &outcome);
        self.send(1 - who, outcome.units);
        Ok(())
    }

    fn wait(&mut self, pause: Duration) -> io::Result<()> {
        self.now = self.now.after(pause);
        for (who, party) in self.parties.iter_mut().enumerate() {
            let outcome = party.poll(self.now, &mut self.counts)?;
            if let Some(way) = self.ways.get_mut(1 - who) {
                send(way, outcome.units, self.is_calm, self.turn, &mut self.rng, &mut self.counts);
            }
        }
        Ok(())
    }
}
