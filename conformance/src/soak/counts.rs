//! What is counted, and what went wrong.

use std::ops::AddAssign;

use serde::Serialize;

/// Everything that happened, in numbers.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Counts {
    /// Texts that the users said.
    pub said: u64,
    /// … that were refused at once, with an error.
    pub refused: u64,
    /// … that were held for a session, and given back.
    pub given_back: u64,
    /// … that were held when their program crashed, or are held still.
    pub held: u64,
    /// Messages with a text that entered the network: those that are said once more in a new session count again.
    pub sent: u64,
    /// … that are such repetitions (MSG-52).
    pub resent: u64,
    /// … that were read.
    pub read: u64,
    /// … that the network lost.
    pub lost: u64,
    /// … that the network damaged, and of which the receiver was told if they were not pieces.
    pub damaged: u64,
    /// … that arrived after later ones, under keys or with a number that had passed, of which the receiver was told.
    pub overtaken: u64,
    /// … that arrived in no session or another one, of which the receiver was told.
    pub without_session: u64,
    /// Second copies of messages with a text, which were not read, and of which the receiver was told.
    pub repeated: u64,
    /// … which were read, because there was no session yet when the first copy arrived.
    pub read_late: u64,
    /// Sessions that began, counted on both sides.
    pub secured: u64,
    /// Comparisons that succeeded, counted on both sides.
    pub compared: u64,
    /// Programs that saved their session and went on with it.
    pub restarts: u64,
    /// Programs that lost their session.
    pub crashes: u64,
    /// Texts on the wire: messages and fragments of all kinds.
    pub frames: u64,
    /// Bytes in them.
    pub bytes: u64,
    /// What must not happen: how often.
    pub failed: u64,
    /// … and the first few times in words.
    pub failures: Vec<String>,
}

impl Counts {
    /// Notes what must not happen.
    pub(super) fn fail(&mut self, what: String) {
        self.failed += 1;
        self.keep(what);
    }

    /// Whether every text and every message has come to one end.
    pub(super) fn is_complete(&self) -> bool {
        let Self { said, refused, given_back, held, sent, resent, .. } = *self;
        let Self { read, lost, damaged, overtaken, without_session, .. } = *self;
        said + resent == refused + given_back + held + sent
            && sent == read + lost + damaged + overtaken + without_session
    }

    /// The numbers, with what they mean.
    pub(super) fn lines(&self) -> [(&'static str, u64); 19] {
        [
            ("texts said", self.said),
            ("  refused with an error", self.refused),
            ("  held, and given back", self.given_back),
            ("  held when their program crashed", self.held),
            ("messages with a text sent", self.sent),
            ("  of them said again in a new session", self.resent),
            ("  read", self.read),
            ("  lost by the network", self.lost),
            ("  damaged", self.damaged),
            ("  overtaken by later ones", self.overtaken),
            ("  for no session, or another", self.without_session),
            ("repetitions refused", self.repeated),
            ("repetitions read, the first copy having come too early", self.read_late),
            ("sessions begun, on both sides", self.secured),
            ("comparisons succeeded, on both sides", self.compared),
            ("restarts", self.restarts),
            ("crashes", self.crashes),
            ("texts on the wire", self.frames),
            ("bytes on the wire", self.bytes),
        ]
    }

    fn keep(&mut self, what: String) {
        const MAX: usize = 20;
        if self.failures.len() < MAX {
            self.failures.push(what);
        }
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.said += other.said;
        self.refused += other.refused;
        self.given_back += other.given_back;
        self.held += other.held;
        self.sent += other.sent;
        self.resent += other.resent;
        self.read += other.read;
        self.lost += other.lost;
        self.damaged += other.damaged;
        self.overtaken += other.overtaken;
        self.without_session += other.without_session;
        self.repeated += other.repeated;
        self.read_late += other.read_late;
        self.secured += other.secured;
        self.compared += other.compared;
        self.restarts += other.restarts;
        self.crashes += other.crashes;
        self.frames += other.frames;
        self.bytes += other.bytes;
        self.failed += other.failed;
        other.failures.into_iter().for_each(|what| self.keep(what));
    }
}
