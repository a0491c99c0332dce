//! What the tests are played on.

pub(crate) mod folder;
pub(crate) mod svg;
pub(crate) mod terminal;
pub(crate) mod wire;

use std::time::Duration;

pub(crate) use folder::Folder;
pub(crate) use terminal::Terminal;
pub(crate) use wire::Wire;

/// Longer than anything here takes, even on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(90);

/// Bob, who listens, and Alice, who has connected to him, each with a folder; and what is between them.
pub(crate) struct Pair {
    pub(crate) alice: Terminal,
    pub(crate) bob: Terminal,
    pub(crate) wire: Wire,
    pub(crate) folders: [Folder; 2],
}

impl Pair {
    /// In an encrypted session.
    pub(crate) fn connected() -> Self {
        let pair = Self::started();
        pair.alice.wait_for("encrypted, unverified");
        pair.bob.wait_for("encrypted, unverified");
        pair
    }

    /// As soon as both run.
    pub(crate) fn started() -> Self {
        let folders = [Folder::with_key(0), Folder::with_key(1)];
        let bob = folders[1].chat(&["--with", "Alice", "--listen", "127.0.0.1:0"]);
        let wire = Wire::to(&bob.listens_on());
        let alice = folders[0].chat(&["--with", "Bob", &wire.address]);
        Self { alice, bob, wire, folders }
    }
}
