//! Shows that secrets are wiped (S-45), and never printed (S-48).
//!
//! Two parties talk, over backends that note every secret they see: what is random, every key, what is computed of them.
//! The program's allocator keeps a copy of every block of memory at the moment it is given back. When all is over, no
//! secret may be in any of these copies, nor in a block that is still in use, in no spelling. Before that, none may be in
//! use any longer than the specification says.
//!
//! OpenSSL, which has an allocator of its own, is told to use this one.
//!
//! What this does not see: the stack (`cargo run -p otr-wiping --example stack` shows what is left there), registers, and
//! pages that the system has swapped out.
#![expect(clippy::expect_used, reason = "it is how a test fails")]

mod memory;
#[cfg(feature = "openssl")]
mod openssl;
mod recorder;
mod secrets;
mod talk;

use std::sync::Arc;

use otr_protocol::traits::Backend;

pub use memory::{Block, Watch, Watched, aside};
pub use recorder::Recorder;
pub use secrets::{Leak, Secrets};
pub use talk::{Party, Talk};

/// A backend chosen at run time.
pub type Shared = Arc<dyn Backend>;

/// Every backend this was built with. Ask for them here only: OpenSSL has to be told of the allocator before it is used.
#[must_use]
pub fn backends() -> Vec<Shared> {
    #[cfg(feature = "openssl")]
    openssl::use_rust_allocator();
    vec![
        #[cfg(feature = "rustcrypto")]
        Arc::new(otr_protocol::RustCrypto),
        #[cfg(feature = "openssl")]
        Arc::new(otr_protocol::OpenSsl),
    ]
}
