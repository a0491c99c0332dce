//! A conversation, and who judges it.

use std::collections::VecDeque;
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
struct Judge {
    /// The number of the last message that has arrived, whole or not.
    last: u64,
    /// The numbers of the last messages that were read.
    read: VecDeque<u64>,
}

impl Conversation {
    pub(super) fn new(id: u32, seed: u64, accounts: [Account<Shared>; 2], texts: u64) -> Self {
        Self {
            id,
            rng: Rng::with_seed(seed),
            parties: accounts.map(Party::new),
            ways: Default::default(),
            judges: [Judge::new(), Judge::new()],
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
        let pause = Duration::from_millis(self.rng.u64(pause));
        self.wait(pause)?;
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
            0..8 => Act::SmpStart,
            8..12 => Act::SmpAbort,
            12..32 => Act::ExtraKey,
            32..62 => Act::Heartbeat,
            62..72 => Act::End,
            72..80 => Act::Crash,
            80..110 => Act::Restart,
            110..120 => Act::Query,
            _ => return self.talk(who),
        };
        self.act(who, act)
    }

    /// Several texts in a row.
    fn talk(&mut self, who: usize) -> io::Result<()> {
        for _ in 0..self.rng.u64(1..=BURST).min(self.left) {
            self.say(who)?;
        }
        Ok(())
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
        let outcome = of(&mut self.parties, who).act(self.now, act, &mut self.counts)?;
        self.without_reading(who, outcome);
        Ok(())
    }

    fn wait(&mut self, pause: Duration) -> io::Result<()> {
        self.now = self.now.after(pause);
        for who in [0, 1] {
            let outcome = of(&mut self.parties, who).poll(self.now, &mut self.counts)?;
            self.without_reading(who, outcome);
        }
        Ok(())
    }

    /// Whoever has heard nothing reads nothing.
    fn without_reading(&mut self, who: usize, outcome: Outcome) {
        if !outcome.read.is_empty() {
            self.counts.fail(format!("conversation {}: {who} reads what did not arrive", self.id));
        }
        self.send(1 - who, outcome.units);
    }

    /// Hands messages to the network.
    fn send(&mut self, to: usize, units: Vec<Unit>) {
        for unit in units {
            let fate = if self.is_calm { Fate::Arrive } else { Fate::draw(&mut self.rng) };
            let is_text = u64::from(unit.text.is_some());
            self.counts.sent += is_text;
            if fate == Fate::Lose {
                self.counts.lost += is_text;
            }
            of(&mut self.ways, to).enter(unit, fate, self.turn, &mut self.rng);
        }
    }

    /// Everything that is to arrive in this turn, and all that comes of it.
    fn flow(&mut self, link: &mut Link) -> io::Result<()> {
        const MAX: u32 = 10_000;
        for _ in 0..MAX {
            let mut is_silent = true;
            for to in [0, 1] {
                if let Some(copy) = of(&mut self.ways, to).next(self.turn) {
                    self.deliver(link, to, &copy)?;
                    is_silent = false;
                }
            }
            if is_silent {
                return Ok(());
            }
        }
        self.counts.fail(format!("conversation {}: the two never fall silent", self.id));
        Ok(())
    }

    fn deliver(&mut self, link: &mut Link, to: usize, copy: &Copy) -> io::Result<()> {
        let frames = copy.frames();
        let receiver = of(&mut self.parties, to);
        let session = receiver.session_id();
        let mut heard = Outcome::default();
        for frame in &frames {
            self.counts.frames += 1;
            self.counts.bytes += frame.len() as u64;
            let arrived = link.carry(to, self.id, frame)?;
            let Outcome { units, read, is_told } = receiver.hear(self.now, arrived, &mut self.counts)?;
            heard.units.extend(units);
            heard.read.extend(read);
            heard.is_told |= is_told;
        }
        let is_in_session = session.is_some() && session == copy.unit.session;
        let may_be_silent = copy.may_be_silent(&frames);
        if let Err(what) =
            of(&mut self.judges, to).judge(copy, is_in_session, may_be_silent, &heard, &mut self.counts)
        {
            self.counts.fail(format!("conversation {}, turn {}: {what}", self.id, self.turn));
        }
        self.send(1 - to, heard.units);
        Ok(())
    }

    /// Whether the two have a session, the same one.
    fn agree(&self) -> bool {
        let [alice, bob] = &self.parties;
        alice.session_id().is_some() && alice.session_id() == bob.session_id()
    }
}

impl Judge {
    /// No copy comes later than three turns after the first.
    const REMEMBERED: usize = 4 * BURST as usize;

    /// As large as it will ever be: the memory is to show what the sessions take. No message has the number 0.
    fn new() -> Self {
        Self { last: 0, read: VecDeque::from(vec![0; Self::REMEMBERED]) }
    }

    /// Counts what has become of a message, if this is its first copy; or says what was wrong.
    fn judge(
        &mut self,
        copy: &Copy,
        is_in_session: bool,
        may_be_silent: bool,
        heard: &Outcome,
        counts: &mut Counts,
    ) -> Result<(), &'static str> {
        let Copy { unit, is_first, fault, .. } = copy;
        let is_next = unit.number > self.last;
        self.last = self.last.max(unit.number);
        let Some(number) = unit.text else {
            return if heard.read.is_empty() { Ok(()) } else { Err("a text is read that was not sent") };
        };
        let is_read = self.is_read(unit.number, number, &heard.read)?;
        let end = match (is_read, is_first, fault) {
            (true, true, _) => &mut counts.read,
            (true, false, _) => &mut counts.read_late,
            (_, false, _) => &mut counts.repeated,
            (_, _, Some(_)) => &mut counts.damaged,
            _ if is_in_session => &mut counts.overtaken,
            _ => &mut counts.without_session,
        };
        *end += 1;
        if is_read {
            return if is_in_session { Ok(()) } else { Err("a text of another session is read") };
        }
        if *is_first && fault.is_none() && is_in_session && is_next {
            return Err("a text that arrived whole and in its turn is not read");
        }
        if heard.is_told || may_be_silent { Ok(()) } else { Err("nobody is told of a text that is not read") }
    }

    /// Whether the text of a message was read, as it was sent and for the first time.
    fn is_read(&mut self, unit: u64, number: u64, read: &[Vec<u8>]) -> Result<bool, &'static str> {
        let read = match read {
            [] => return Ok(false),
            [read] => read,
            _ => return Err("two texts are read of one"),
        };
        if read.strip_prefix(b"[resent] ").unwrap_or(read) != text(number).as_bytes() {
            return Err("another text is read than was sent");
        }
        if self.read.contains(&unit) {
            return Err("a text is read twice");
        }
        self.read.pop_front();
        self.read.push_back(unit);
        Ok(true)
    }
}

/// What belongs to one of the two.
fn of<T>(both: &mut [T; 2], who: usize) -> &mut T {
    let [alice, bob] = both;
    if who == 0 { alice } else { bob }
}
