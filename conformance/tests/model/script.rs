//! What is done: by the two, and by the network.

/// One of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Alice,
    Bob,
}

impl Side {
    pub(crate) const BOTH: [Self; 2] = [Self::Alice, Self::Bob];

    pub(crate) fn other(self) -> Self {
        match self {
            Self::Alice => Self::Bob,
            Self::Bob => Self::Alice,
        }
    }
}

/// What somebody does.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Act {
    /// Asks for OTR.
    Query,
    /// Says something that nobody has said before.
    Say,
    /// A sign of life.
    Heartbeat,
    /// Uses the extra symmetric key.
    ExtraKey,
    SmpStart,
    /// Answers, if asked.
    SmpAnswer,
    SmpAbort,
    End,
    /// Ends without telling the other.
    Abandon,
    /// From now on, whether text may leave in clear.
    RequireEncryption(bool),
    /// Lets so many seconds pass.
    Wait(u32),
}

/// What the network does to the texts that are on their way to one side.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fate {
    /// The oldest arrives. Most of the time.
    Arrive,
    /// All arrive.
    ArriveAll,
    /// The oldest is lost.
    Lose,
    /// The oldest arrives, and goes on waiting.
    Repeat,
    /// The oldest two change places.
    Swap,
    /// One byte of the oldest changes.
    Corrupt(u16, u8),
    /// One that has arrived before, or was lost, arrives again.
    Replay(u16),
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Step {
    Do(Side, Act),
    Network(Side, Fate),
}

/// How a conversation is set up, and what happens in it.
#[derive(Clone, Debug)]
pub(crate) struct Script {
    /// Whether versions 2 and 3 are allowed; not neither.
    pub(crate) versions: (bool, bool),
    /// The longest text that each side may send.
    pub(crate) max_size: [Option<usize>; 2],
    pub(crate) steps: Vec<Step>,
}
