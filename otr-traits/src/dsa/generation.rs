//! Making a key step by step (KEY-08).

use core::fmt;

use super::SecretKey;
use crate::Result;

/// A DSA key in the making: made by [`Dsa::generation`](super::Dsa::generation).
///
/// Most of the work is the search for a prime of 1024 bits: one candidate after the other, in no predictable number. Each
/// [`step`](Self::step) takes a few milliseconds at most, so a user interface can do one at a time, or a thread do them
/// all. To cancel is to drop it.
///
/// ```
/// # use otr_traits::{Dsa, Generated, SecretKey, Result};
/// fn generate(dsa: &dyn Dsa, mut show: impl FnMut(u8)) -> Result<SecretKey> {
///     let mut generation = dsa.generation()?;
///     loop {
///         match generation.step()? {
///             Generated::Not(progress) => show(progress.percent()),
///             Generated::Key(key) => return Ok(key),
///         }
///     }
/// }
/// ```
pub trait KeyGeneration: Send {
    /// Goes on for a moment. After the key there is nothing more to do: a further step begins another key.
    ///
    /// # Errors
    /// [`Error::Rng`](crate::Error::Rng), or [`Error::Refused`](crate::Error::Refused) if the library refuses keys of
    /// this size. There will be no key then.
    fn step(&mut self) -> Result<Generated>;
}

/// What a step has led to.
#[derive(Debug)]
pub enum Generated {
    /// Not to a key yet.
    Not(Progress),
    /// To the key.
    Key(SecretKey),
}

/// How long the search for a key has been going on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    candidates: u32,
}

impl Progress {
    /// So many candidates for the large prime have been tried, each with no small factor.
    #[must_use]
    pub const fn tried(candidates: u32) -> Self {
        Self { candidates }
    }

    /// How many candidates have been tried.
    #[must_use]
    pub const fn candidates(self) -> u32 {
        self.candidates
    }

    /// In percent, below 100, how many of all searches have found their prime by now. It grows fast at first and ever more
    /// slowly: as in any game of chance, nothing says when this one will end.
    #[must_use]
    pub fn percent(self) -> u8 {
        /// One in so many candidates is prime: of odd numbers near 2^1024, one in 355; of those without a factor below
        /// 2^14, eight times as many.
        const ONE_IN: f64 = 41.0;
        let lost = (-f64::from(self.candidates) / ONE_IN).exp();
        (100.0 * (1.0 - lost)).clamp(0.0, 99.0) as u8
    }
}

impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} candidates tried", self.candidates)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_08_progress_grows_and_never_says_done() {
        let percents: Vec<_> = (0..1000).map(|tried| Progress::tried(tried).percent()).collect();
        assert!(percents.is_sorted());
        assert_eq!((percents.first(), percents.last()), (Some(&0), Some(&99)));
        // Half of all searches end within 41 ln 2 candidates.
        assert_eq!(Progress::tried(28).percent(), 49);
    }
}
