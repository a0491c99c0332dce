//! The two and the network between them, and what must hold.

use std::collections::{HashSet, VecDeque};

use super::script::{Act, Fate, Script, Side, Step};

/// A correspondent.
pub(crate) trait Party {
    /// Does something; for [`Act::Say`] the text. Says what became of a text.
    fn act(&mut self, act: Act, text: &str) -> Said;

    /// Takes in a text.
    fn hear(&mut self, text: &[u8]);

    /// What is to be sent, and what has happened, since the last time.
    fn take(&mut self) -> (Vec<Vec<u8>>, Vec<Happened>);

    /// The session that there is, if there is one.
    fn secured(&self) -> Option<Secured>;

    /// This party's fingerprint, in hexadecimal.
    fn fingerprint(&self) -> String;

    /// Whether a message that was accepted once must be refused from then on. So it must be by us.
    fn is_under_test(&self) -> bool;
}

/// What became of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    /// It has left or will leave encrypted, or not at all.
    Protected,
    InClear,
    Refused,
    /// Nothing was said.
    Nothing,
}

/// What somebody is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Happened {
    /// A text arrived encrypted.
    Message(Vec<u8>),
    SmpSucceeded,
    SmpAsked,
    /// Whatever else, for the story.
    Other(String),
}

/// A session as one side sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Secured {
    pub(crate) session_id: String,
    pub(crate) their_fingerprint: String,
    pub(crate) reads_first_half: bool,
}

/// Texts on their way to one side.
#[derive(Default)]
struct Wire {
    waiting: VecDeque<Vec<u8>>,
    past: Vec<Vec<u8>>,
}

pub(crate) struct World {
    parties: [Box<dyn Party>; 2],
    wires: [Wire; 2],
    /// What each has said, protected.
    protected: [HashSet<String>; 2],
    /// What each has read as protected.
    read: [Vec<Vec<u8>>; 2],
    /// What each has been told since it was last looked at.
    told: [Vec<Happened>; 2],
    texts: usize,
    /// What has arrived since the network is sound: shown if that does not help.
    story: Vec<String>,
}

impl World {
    pub(crate) fn new(alice: Box<dyn Party>, bob: Box<dyn Party>) -> Self {
        Self {
            parties: [alice, bob],
            wires: Default::default(),
            protected: Default::default(),
            read: Default::default(),
            told: Default::default(),
            texts: 0,
            story: Vec::new(),
        }
    }

    /// The whole script, and then the proof that all is well.
    pub(crate) fn run(&mut self, script: &Script) {
        for step in &script.steps {
            match *step {
                Step::Do(side, act) => drop(self.act(side, act)),
                Step::Network(side, fate) => self.suffer(side, fate),
            }
            self.agree();
        }
        self.recover();
    }

    fn act(&mut self, side: Side, act: Act) -> Said {
        self.texts += 1;
        let text = format!("text number {}.", self.texts);
        let said = self.parties[side as usize].act(act, &text);
        if said == Said::Protected {
            self.protected[side as usize].insert(text);
        }
        self.collect(side);
        said
    }

    fn suffer(&mut self, side: Side, fate: Fate) {
        let wire = &mut self.wires[side as usize];
        match fate {
            Fate::Arrive => self.arrive(side),
            Fate::ArriveAll => {
                for _ in 0..wire.waiting.len() {
                    self.arrive(side);
                }
            }
            Fate::Lose => wire.past.extend(wire.waiting.pop_front()),
            Fate::Repeat => {
                if let Some(text) = wire.waiting.front().cloned() {
                    wire.waiting.push_front(text);
                    self.arrive(side);
                }
            }
            Fate::Swap if wire.waiting.len() > 1 => wire.waiting.swap(0, 1),
            Fate::Swap => {}
            Fate::Corrupt(at, by) => {
                if let Some(text) = wire.waiting.front_mut().filter(|text| !text.is_empty()) {
                    let at = usize::from(at) % text.len();
                    text[at] ^= by;
                }
            }
            Fate::Replay(which) => {
                if !wire.past.is_empty() {
                    let text = wire.past[usize::from(which) % wire.past.len()].clone();
                    wire.waiting.push_front(text);
                    self.arrive(side);
                }
            }
        }
    }

    fn arrive(&mut self, side: Side) {
        let wire = &mut self.wires[side as usize];
        let Some(text) = wire.waiting.pop_front() else { return };
        let start = text.get(..40).unwrap_or(&text).escape_ascii();
        self.story.push(format!("{side:?} hears {start}, {} bytes", text.len()));
        self.parties[side as usize].hear(&text);
        wire.past.push(text);
        self.collect(side);
    }

    /// Takes what somebody wants sent and was told, and looks at it.
    fn collect(&mut self, side: Side) {
        let (sent, told) = self.parties[side as usize].take();
        for text in &sent {
            let readable = String::from_utf8_lossy(text);
            if readable.contains("text number") {
                let leaked =
                    self.protected[side as usize].iter().find(|text| readable.contains(text.as_str()));
                assert_eq!(leaked, None, "left in clear");
            }
        }
        self.wires[side.other() as usize].waiting.extend(sent);
        for happened in &told {
            self.story.push(format!("{side:?} is told {happened:?}"));
            if let Happened::Message(text) = happened {
                self.check_message(side, text);
            }
        }
        self.told[side as usize].extend(told);
    }

    /// A text that `side` takes for protected was sent so by the other, and is new.
    fn check_message(&mut self, side: Side, text: &[u8]) {
        let readable = String::from_utf8(text.to_vec()).unwrap();
        let said = readable.trim_start_matches("[resent] ");
        // libotr says again what it sent last, and that may have been a message without text (LIBOTR-21).
        let is_libotrs = said.is_empty() && !self.parties[side.other() as usize].is_under_test();
        let was_said = self.protected[side.other() as usize].contains(said);
        assert!(was_said || is_libotrs, "not said so: {readable}");
        if is_libotrs {
            return;
        }
        if self.parties[side as usize].is_under_test() {
            assert!(!self.read[side as usize].iter().any(|read| read == text), "read twice: {readable}");
        }
        self.read[side as usize].push(text.to_vec());
    }

    /// Who says that there is a session with the same id says the same about all of it.
    fn agree(&self) -> bool {
        let [Some(ours), Some(theirs)] = [0, 1].map(|side: usize| self.parties[side].secured()) else {
            return false;
        };
        if ours.session_id != theirs.session_id {
            return false;
        }
        assert_ne!(ours.reads_first_half, theirs.reads_first_half);
        assert_eq!(ours.their_fingerprint, self.parties[1].fingerprint());
        assert_eq!(theirs.their_fingerprint, self.parties[0].fingerprint());
        true
    }

    /// From now on everything arrives, in order, until nothing is on its way.
    fn settle(&mut self) {
        for _ in 0..500 {
            for side in Side::BOTH {
                self.suffer(side, Fate::ArriveAll);
            }
            if self.wires.iter().all(|wire| wire.waiting.is_empty()) {
                return;
            }
        }
        panic!("they never fall silent");
    }

    /// Once nothing goes wrong any more, a query leads to a session in which both can speak and compare secrets. What
    /// libotr was told before may spoil its next exchange, but not for ever.
    fn recover(&mut self) {
        let are_ours = self.parties.iter().all(|party| party.is_under_test());
        let queries = if are_ours { 1 } else { 4 };
        self.settle();
        for query in 1..=queries {
            for side in Side::BOTH {
                self.act(side, Act::Wait(61));
            }
            self.settle();
            self.story.clear();
            match self.converse() {
                Ok(()) => return,
                Err(what) => assert!(query < queries, "{what}: {:#?}", self.story),
            }
        }
    }

    fn converse(&mut self) -> Result<(), &'static str> {
        self.act(Side::Alice, Act::Query);
        self.settle();
        self.agree().then_some(()).ok_or("no session")?;
        for side in [Side::Alice, Side::Bob, Side::Bob, Side::Alice] {
            let before = self.read[side.other() as usize].len();
            let said = self.act(side, Act::Say);
            self.settle();
            let is_heard = self.read[side.other() as usize].len() == before + 1;
            (said == Said::Protected && is_heard).then_some(()).ok_or("somebody cannot be heard")?;
        }
        self.act(Side::Alice, Act::SmpAbort);
        self.settle();
        self.told = Default::default();
        self.act(Side::Alice, Act::SmpStart);
        self.settle();
        self.told[1].contains(&Happened::SmpAsked).then_some(()).ok_or("nobody is asked")?;
        self.act(Side::Bob, Act::SmpAnswer);
        self.settle();
        let succeeded = self.told.iter().all(|told| told.contains(&Happened::SmpSucceeded));
        succeeded.then_some(()).ok_or("no comparison")
    }
}
