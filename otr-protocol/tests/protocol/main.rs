//! The protocol as a peer, an application and an attacker meet it: through the public interface only.
//!
//! The names of the tests start with the requirement that they show.
#![cfg(feature = "rustcrypto")]

#[cfg(test)]
mod support;

#[cfg(test)]
mod ake;
#[cfg(test)]
mod attacks;
#[cfg(test)]
mod bad_input;
#[cfg(test)]
mod data;
#[cfg(test)]
mod debug;
#[cfg(test)]
mod deniability;
#[cfg(test)]
mod extra_key;
#[cfg(test)]
mod failing;
#[cfg(test)]
mod fragments;
#[cfg(test)]
mod held;
#[cfg(test)]
mod lessons;
#[cfg(feature = "log")]
#[cfg(test)]
mod log;
#[cfg(test)]
mod message_matrix;
#[cfg(test)]
mod messages;
#[cfg(feature = "serde")]
#[cfg(test)]
mod saved;
#[cfg(feature = "serde")]
#[cfg(test)]
mod saved_copies;
#[cfg(test)]
mod sent;
#[cfg(test)]
mod smp;
#[cfg(test)]
mod timers;
#[cfg(test)]
mod work;
