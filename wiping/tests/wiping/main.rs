//! Nothing secret stays in memory.

#[cfg(test)]
mod comparison;
#[cfg(test)]
mod control;
#[cfg(test)]
mod ends;
#[cfg(test)]
mod exchange;
#[cfg(test)]
mod files;
#[cfg(test)]
mod held;
#[cfg(test)]
mod messages;
#[cfg(test)]
mod saved;

use std::collections::BTreeSet;

use otr_protocol::wire::Version;
use otr_wiping::{Shared, Talk, Watched, backends};

#[global_allocator]
static ALLOCATOR: Watched = Watched;

/// With every backend, in both versions.
fn each(check: impl Fn(&Shared, Version)) {
    for backend in backends() {
        for version in [Version::V2, Version::V3] {
            check(&backend, version);
        }
    }
}

/// Nothing but the long-term keys is in use.
#[track_caller]
fn only_long_term_keys(talk: &Talk) {
    assert_eq!(talk.in_use(), names(&["Alice's x 1", "Bob's x 1"]));
}

/// The secrets in use with these words in their names.
fn in_use(talk: &Talk, words: &[&str]) -> BTreeSet<String> {
    talk.in_use().into_iter().filter(|name| words.iter().any(|word| name.contains(word))).collect()
}

fn names(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}
