//! What it means that a backend, and OTR on it, is right: it does what others do.
//!
//! Nothing here is computed by the code under test and then believed. Every expectation comes from outside:
//!
//! * *Corpora* (`vectors/corpus_*`): inputs with libotr's answers, and values that an independent program computed.
//! * *Recorded conversations* (`vectors/v2_*`, `v3_*`, `policy_*`, `cross_*`): libotr 4.1.1 with itself and with other
//!   programs, every random value included. Each is replayed once for each party that is libotr: the party's keys,
//!   settings and random values go into a [`Session`](otr_protocol::Session), what the recorded other party sent is
//!   what it receives, and what it sends, shows and knows after each step must be what was recorded, field by field.
//!
//! libotr is not always right. Where this project's requirements decide otherwise, one file lists the rule, a
//! predicate on state and message named by the requirement's id (`src/replay/deviations.rs`), and the report
//! counts how often each applied. A difference that no rule explains is a failure; and so is what a requirement forbids,
//! whether or not libotr does it (`src/replay/obligations.rs`).
//!
//! A backend of your own is put to all of it by one line in a test:
//!
//! ```no_run
//! # #[cfg(feature = "rustcrypto")] mod tests { use otr_backend_rustcrypto::RustCrypto as MyBackend;
//! otr_conformance::suite!(MyBackend);
//! # }
//! ```
//!
//! or, for a report to read:
//!
//! ```
//! # use otr_traits::Backend;
//! fn check(my_backend: &dyn Backend) -> Result<(), otr_conformance::Unusable> {
//!     let report = otr_conformance::run(my_backend)?;
//!     assert!(report.passed(), "{report}");
//!     Ok(())
//! }
//! ```
//! What no single conversation shows, many do: [`soak`] lets thousands of them happen over a bad network, and counts what
//! becomes of every text. The program `otr-soak` is for that.
#![forbid(unsafe_code)]

mod anatomy;
mod backends;
mod corpora;
mod hex;
mod interop;
pub mod live;
mod primitives;
mod replay;
mod report;
mod scripted;
pub mod soak;
mod transcript;
mod vectors;
mod workers;

use otr_traits::Backend;

pub use backends::backends;
pub use interop::interop;
pub use report::{Case, Deviation, Failure, GroupReport, Report, json, junit, table};
pub use scripted::{Draw, Log, Scripted};
pub use vectors::{Unusable, Vectors};

/// Some of what conformance means: the cases that concern one thing.
#[derive(Clone, Copy, Debug)]
pub struct Group {
    /// Its name.
    pub name: &'static str,
    parts: &'static [Part],
}

/// Tries some cases.
type Part = fn(&dyn Backend, &Vectors) -> Result<Vec<Case>, Unusable>;

/// All groups. What concerns the backend alone comes first: whatever fails there explains what fails below.
pub const GROUPS: [Group; 11] = [
    Group { name: "hash", parts: &[primitives::hash] },
    Group { name: "aes_ctr", parts: &[primitives::aes_ctr] },
    Group { name: "modexp", parts: &[primitives::modexp, corpora::units::modexp] },
    Group { name: "dsa", parts: &[primitives::dsa, corpora::units::dsa] },
    Group { name: "rng", parts: &[primitives::rng] },
    Group { name: "keys", parts: &[corpora::units::keys] },
    Group {
        name: "wire",
        parts: &[
            corpora::units::numbers,
            corpora::base64::cases,
            corpora::classify::cases,
            corpora::tlv::cases,
            corpora::recorded::messages,
        ],
    },
    Group { name: "fragments", parts: &[corpora::fragments::cases] },
    Group { name: "interop", parts: &[interop::cases] },
    Group { name: "store", parts: &[corpora::files::cases] },
    Group { name: "transcripts", parts: &[corpora::matrix::cases, replay::cases] },
];

impl Group {
    /// The group with this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        GROUPS.into_iter().find(|group| group.name == name)
    }

    /// Tries all cases of the group.
    ///
    /// # Errors
    /// [`Unusable`] if a vector is damaged, or asks for what this version does not know.
    pub fn run(&self, backend: &dyn Backend, vectors: &Vectors) -> Result<GroupReport, Unusable> {
        let mut cases = Vec::new();
        for part in self.parts {
            cases.extend(part(backend, vectors)?);
        }
        Ok(GroupReport { name: self.name, cases })
    }
}

/// Puts a backend to everything that comes with this crate.
///
/// # Errors
/// [`Unusable`] if a vector is damaged.
pub fn run(backend: &dyn Backend) -> Result<Report, Unusable> {
    run_with(backend, &Vectors::embedded()?)
}

/// Puts a backend to a set of vectors.
///
/// # Errors
/// [`Unusable`] if a vector is damaged, or asks for what this version does not know.
pub fn run_with(backend: &dyn Backend, vectors: &Vectors) -> Result<Report, Unusable> {
    let groups = GROUPS.iter().map(|group| group.run(backend, vectors)).collect::<Result<_, _>>()?;
    Ok(Report { backend: format!("{} ({})", backend.name(), backend.version()), groups })
}

/// Makes one `#[test]` of each group, for the backend that the expression gives.
///
/// The tests are named after the groups; for more than one backend, give each a module of its own.
#[macro_export]
macro_rules! suite {
    ($backend:expr) => {
        $crate::suite! { @tests $backend; hash aes_ctr modexp dsa rng keys wire fragments interop store transcripts }
    };
    (@tests $backend:expr; $($group:ident)+) => {
        $(
            #[test]
            fn $group() {
                let group = $crate::Group::named(stringify!($group)).expect("a group of this name");
                let vectors = $crate::Vectors::embedded().expect("sound vectors");
                let report = group.run(&$backend, &vectors).expect("sound vectors");
                assert!(report.passed(), "{report}");
            }
        )+

        #[test]
        fn the_suite_has_every_group() {
            assert_eq!($crate::GROUPS.map(|group| group.name).as_slice(), [$(stringify!($group)),+]);
        }
    };
}
