//! What the benchmarks share: the backends that are compared, and two parties to talk.
#![expect(clippy::expect_used, reason = "there is nothing to measure where something fails")]

mod counting;
mod keys;
mod measure;
mod pair;
mod repeated;

use std::sync::Arc;
use std::time::Duration;

use criterion::Criterion;
use otr_protocol::traits::Backend;

pub use counting::{Allocated, Counting, Held};
pub use keys::keys;
pub use measure::measure;
pub use pair::{Pair, STEPS, accounts};
pub use repeated::Repeated;

/// A backend chosen at run time, as programs have it that offer a choice.
pub type Shared = Arc<dyn Backend>;

/// Every backend this was built with.
#[must_use]
pub fn backends() -> Vec<Shared> {
    vec![
        #[cfg(feature = "rustcrypto")]
        Arc::new(otr_protocol::RustCrypto),
        #[cfg(feature = "openssl")]
        Arc::new(otr_protocol::OpenSsl),
    ]
}

/// Measures `operation` and reports. Times are short, a second or so for each number: `--measurement-time 10`
/// and the other options of criterion do better.
pub fn run(operation: impl FnOnce(&mut Criterion)) {
    let mut criterion = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1))
        .configure_from_args();
    operation(&mut criterion);
    criterion.final_summary();
}
