//! Many conversations at once, for a long time, over a network that loses, repeats, delays and damages, between programs that
//! are restarted and crash.
//!
//! Each conversation is carried by a TCP connection over the loopback interface, and its time is its own. Every text has to
//! come to one of few ends: it is read, exactly once and as it was sent; or the network lost it; or it arrived damaged, too
//! late or after its session, and the receiver was told. And the program must not grow.
//!
//! What is done is drawn from the seed; the keys are random in every run.

mod conversation;
mod counts;
mod link;
mod memory;
mod network;
mod party;
mod report;

use std::io;
use std::num::NonZero;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::{self, available_parallelism};
use std::time::{Duration, Instant};

use otr_protocol::{Account, Config, InstanceTag, Policy};
use otr_traits::{Backend, SecretKey};

pub use counts::Counts;
pub use report::{Report, Sample};

use conversation::Conversation;
use link::Link;
use party::Shared;

/// What is to be done.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// How many conversations there are, all at the same time.
    pub conversations: u32,
    /// How many texts are said in all of them.
    pub texts: u64,
    /// How many connections carry them: two sockets each. If there are fewer, conversations share them.
    pub connections: u32,
    /// What is done, and what the network does, is drawn from this.
    pub seed: u64,
}

/// Lets conversations happen, and reports. `watch` sees how the memory goes meanwhile.
///
/// # Errors
/// If there are no sockets, or the backend fails.
pub fn run(backend: &Shared, settings: &Settings, mut watch: impl FnMut(&Sample)) -> io::Result<Report> {
    let begun = Instant::now();
    let generate = || backend.generate().map_err(io::Error::other);
    let keys = [generate()?, generate()?];
    let threads = u32::try_from(available_parallelism().map_or(1, NonZero::get)).unwrap_or(1);
    let (said, running) = (AtomicU64::new(0), AtomicU64::new(threads.into()));
    let mut memory = Vec::new();
    let mut sample = |force: bool| {
        let now = Sample { texts: said.load(Ordering::Relaxed), resident: memory::resident() };
        let is_due = memory.last().is_none_or(|last: &Sample| now.texts >= last.texts + settings.texts / 20);
        if is_due || force {
            watch(&now);
            memory.push(now);
        }
    };
    let counts = thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|worker| {
                let work = Work { backend, keys: &keys, settings, worker, threads, said: &said };
                let running = &running;
                scope.spawn(move || {
                    let done = work.run();
                    running.fetch_sub(1, Ordering::Relaxed);
                    done
                })
            })
            .collect();
        while running.load(Ordering::Relaxed) > 0 {
            thread::sleep(Duration::from_millis(20));
            sample(false);
        }
        let done: Vec<_> = workers
            .into_iter()
            .map(|worker| worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect();
        // While all conversations are still there.
        sample(true);
        let mut counts = Counts::default();
        for conversations in done {
            conversations?.into_iter().for_each(|conversation| counts += conversation.counts);
        }
        io::Result::Ok(counts)
    })?;
    let seconds = begun.elapsed().as_secs_f64();
    Ok(Report::new(backend.name(), settings, counts, memory, seconds))
}

/// The conversations of one thread.
struct Work<'a> {
    backend: &'a Shared,
    keys: &'a [SecretKey; 2],
    settings: &'a Settings,
    worker: u32,
    threads: u32,
    said: &'a AtomicU64,
}

impl Work<'_> {
    fn run(self) -> io::Result<Vec<Conversation>> {
        let Settings { conversations, connections, .. } = *self.settings;
        let share = |all: u32| (self.worker..all).step_by(self.threads as usize);
        let mut links =
            share(connections.max(self.threads)).map(|_| Link::new()).collect::<io::Result<Vec<_>>>()?;
        let mut all = share(conversations).map(|id| self.conversation(id)).collect::<io::Result<Vec<_>>>()?;
        let (mut is_over, shared) = (false, links.len().max(1));
        while !is_over {
            is_over = true;
            for (index, conversation) in all.iter_mut().enumerate().filter(|(_, one)| !one.is_over()) {
                let before = conversation.counts.said;
                if let Some(link) = links.get_mut(index % shared) {
                    conversation.turn(link)?;
                }
                self.said.fetch_add(conversation.counts.said - before, Ordering::Relaxed);
                is_over = false;
            }
        }
        for (index, conversation) in all.iter_mut().enumerate() {
            if let Some(link) = links.get_mut(index % shared) {
                conversation.finish(link)?;
            }
        }
        Ok(all)
    }

    /// Versions, sizes and policies differ from one to the next.
    fn conversation(&self, id: u32) -> io::Result<Conversation> {
        let Settings { conversations, texts, seed, .. } = *self.settings;
        let versions = match id % 3 {
            0 => Policy::ALLOW_V2,
            1 => Policy::ALLOW_V3,
            _ => Policy::ALLOW_V2 | Policy::ALLOW_V3,
        };
        let mut config = Config::default();
        config.policy = versions | Policy::REQUIRE_ENCRYPTION;
        if id.is_multiple_of(2) {
            config.policy |= Policy::ERROR_START_AKE;
        }
        if id.is_multiple_of(5) {
            config.max_message_size = Some(400);
        }
        let account = |side: u32, key: &SecretKey| {
            let tag = InstanceTag::new(0x1000 + 2 * id + side);
            Account::new(Arc::clone(self.backend), key.duplicate(), tag, config.clone())
                .map_err(io::Error::other)
        };
        let [alice, bob] = self.keys;
        let accounts = [account(0, alice)?, account(1, bob)?];
        let (number, all) = (u64::from(id), u64::from(conversations));
        let texts = texts / all + u64::from(number < texts % all);
        // Seeds of neighbours are far apart.
        let seed = (seed ^ number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        Ok(Conversation::new(id, seed, accounts, texts))
    }
}
