//! Off-the-Record Messaging, versions 2 and 3, without I/O.
//!
//! An [`Account`] holds a long-term key and a cryptographic [backend](traits::Backend); each correspondent gets
//! a [`Session`] of it. What arrives is fed to [`Session::receive`]; what the session wants sent and what it has
//! to tell comes out of [`Session::poll`], in order. Nothing here opens a socket, starts a thread or reads a
//! clock.
//!
//! ```
//! use otr_protocol::{Account, DefaultBackend, Event, Instant, Output, Recipient, Session};
//! # use otr_protocol::traits::Backend;
//!
//! /// Hands everything that `from` wants sent to `to`, and shows what happened.
//! fn pump<B: Backend>(from: &mut Session<B>, to: &mut Session<B>) -> otr_protocol::Result<bool> {
//!     let now = Instant::from_millis(0);
//!     let mut busy = false;
//!     loop {
//!         match from.poll(now)? {
//!             Output::Send(message) => to.receive(now, &message.text)?,
//!             Output::Event(Event::Message { text, .. }) => println!("{}", String::from_utf8_lossy(&text)),
//!             Output::Event(event) => println!("{event:?}"),
//!             Output::Idle(_) => return Ok(busy),
//!         }
//!         busy = true;
//!     }
//! }
//!
//! # fn main() -> otr_protocol::Result<()> {
//! let (alice, bob) = (Account::generate(DefaultBackend::default())?, Account::generate(DefaultBackend::default())?);
//! let (mut alice, mut bob) = (alice.session(), bob.session());
//! let now = Instant::from_millis(0);
//! alice.start(now)?;
//! while pump(&mut alice, &mut bob)? | pump(&mut bob, &mut alice)? {}
//! alice.send(now, Recipient::Best, "hello")?;
//! while pump(&mut alice, &mut bob)? | pump(&mut bob, &mut alice)? {}
//! # Ok(())
//! # }
//! ```
//!
//! A peer causes events, never errors; the application causes errors, never events. Ids such as AKE-33 in the
//! documentation name the requirements of this project.
#![forbid(unsafe_code)]

mod account;
mod ake;
mod allowance;
mod config;
mod data;
mod display;
mod error;
mod event;
pub mod fragment;
mod id;
mod instance;
mod instant;
pub mod keys;
mod logging;
mod policy;
mod resend;
#[cfg(feature = "serde")]
pub mod saved;
mod session;
mod smp;
pub mod toolkit;
mod trust;
pub mod wire;

pub use account::Account;
pub use ake::{AuthStateKind, Half};
pub use config::Config;
pub use data::Secured;
pub use display::governs_display;
pub use error::{Error, Result};
pub use event::{Direction, EndedBy, Event, NotSentReason, Outgoing, Output, Problem, SmpEvent};
pub use id::Id;
pub use instance::{InstanceStatus, MessageState, Recipient};
pub use instant::Instant;
pub use keys::{Fingerprint, SessionId};
#[cfg(feature = "openssl")]
pub use otr_backend_openssl::OpenSsl;
#[cfg(feature = "rustcrypto")]
pub use otr_backend_rustcrypto::RustCrypto;
pub use otr_traits as traits;
pub use policy::Policy;
#[cfg(feature = "serde")]
pub use saved::{Saved, SavedAccount, SavedError, SavedSession};
pub use session::{Session, SmpHandle};
pub use trust::{KnownFingerprints, Trust};
pub use wire::{InstanceTag, Version, Versions};

/// The backend for those who have no reason to choose: pure Rust where it is available, else OpenSSL.
#[cfg(feature = "rustcrypto")]
pub type DefaultBackend = RustCrypto;

/// The backend for those who have no reason to choose: pure Rust where it is available, else OpenSSL.
#[cfg(all(feature = "openssl", not(feature = "rustcrypto")))]
pub type DefaultBackend = OpenSsl;
