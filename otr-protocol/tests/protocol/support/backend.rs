//! Backends that watch what is done with them, or fail.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use otr_protocol::RustCrypto;
use otr_protocol::traits::{AesCtr, AesKey, Error, Purpose, Result, Rng, delegate};

/// A key, and the counter that its stream starts with.
type KeyStream = ([u8; 16], [u8; 16]);

/// Remembers under which key and counter what was encrypted or decrypted.
#[derive(Default)]
pub(crate) struct Watching {
    inner: RustCrypto,
    seen: Mutex<HashMap<KeyStream, Vec<u8>>>,
    /// The counters of those that have served twice.
    reused: Mutex<Vec<[u8; 16]>>,
}

impl Watching {
    /// How often a key stream has served twice, for different texts: each time, both are lost (DATA-11).
    pub(crate) fn reused_key_streams(&self) -> usize {
        self.reused.lock().unwrap().len()
    }

    /// The same for data messages alone, whose counters begin with 1.
    pub(crate) fn reused_for_data(&self) -> usize {
        self.reused.lock().unwrap().iter().filter(|counter| **counter != [0; 16]).count()
    }

    /// How many different key streams were used.
    pub(crate) fn key_streams(&self) -> usize {
        self.seen.lock().unwrap().len()
    }
}

impl AesCtr for Watching {
    fn aes_ctr(&self, key: &AesKey, counter: [u8; 16], data: &mut [u8]) -> Result<()> {
        let before = data.to_vec();
        // A commit is opened with whatever key the peer shows: more than once, if commits are exchanged for others.
        let is_commit = counter == [0; 16] && data.len() <= 196;
        let mut seen = self.seen.lock().unwrap();
        let first = seen.entry((*key.expose(), counter)).or_insert_with(|| before.clone());
        if *first != before && !is_commit {
            self.reused.lock().unwrap().push(counter);
        }
        self.inner.aes_ctr(key, counter, data)
    }
}

delegate! { impl[] ModExp, Dsa, Hash, Rng, Backend for Watching => |self| self.inner }

/// Fails once, at a given call; watches as well. The call that fails does what harm it can: half of the random bytes are there,
/// the key stream is spent, and nothing of it counts.
#[derive(Default)]
pub(crate) struct Failing {
    pub(crate) inner: Watching,
    calls: AtomicUsize,
    fail_at: AtomicUsize,
}

impl Failing {
    /// Makes the `n`-th call from now fail; 0 for none.
    pub(crate) fn fail_at(&self, n: usize) {
        self.calls.store(0, Ordering::Relaxed);
        self.fail_at.store(n, Ordering::Relaxed);
    }

    /// How many calls there were since [`fail_at`](Self::fail_at).
    pub(crate) fn calls(&self) -> usize {
        self.calls.load(Ordering::Relaxed)
    }

    fn turn(&self) -> Result<&Watching> {
        let call = self.calls.fetch_add(1, Ordering::Relaxed) + 1;
        if call == self.fail_at.load(Ordering::Relaxed) { Err(Error::Rng) } else { Ok(&self.inner) }
    }
}

impl AesCtr for Failing {
    fn aes_ctr(&self, key: &AesKey, counter: [u8; 16], data: &mut [u8]) -> Result<()> {
        self.inner.aes_ctr(key, counter, data)?;
        self.turn().map(drop)
    }
}

impl Rng for Failing {
    fn fill(&self, purpose: Purpose, buf: &mut [u8]) -> Result<()> {
        let half = buf.len() / 2;
        self.turn().inspect_err(|_| drop(self.inner.fill(purpose, &mut buf[..half])))?;
        self.inner.fill(purpose, buf)
    }
}

delegate! { impl[] ModExp, Dsa, Hash for Failing => |self| self.turn()? }
delegate! { impl[] Backend for Failing => |self| self.inner }

/// Draws one kind of random bytes from nowhere, from the moment it is told to.
#[derive(Default)]
pub(crate) struct Dry {
    inner: RustCrypto,
    is_dry: AtomicUsize,
}

impl Dry {
    /// No more random bytes.
    pub(crate) fn dry_up(&self) {
        self.is_dry.store(1, Ordering::Relaxed);
    }
}

impl Rng for Dry {
    fn fill(&self, purpose: Purpose, buf: &mut [u8]) -> Result<()> {
        if self.is_dry.load(Ordering::Relaxed) == 1 { Err(Error::Rng) } else { self.inner.fill(purpose, buf) }
    }
}

delegate! { impl[] ModExp, Dsa, AesCtr, Hash, Backend for Dry => |self| self.inner }
