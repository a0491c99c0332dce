//! What is known about a correspondent's fingerprints.

use crate::keys::Fingerprint;

/// What is known about a fingerprint when a session with it is established (AKE-71). Seeing one is never a
/// reason to trust it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Trust {
    /// Never seen before with this correspondent.
    New,
    /// Seen before, not verified.
    Known,
    /// Verified by the user.
    Trusted,
    /// Not verified, while *another* fingerprint of this correspondent is: a new device, or somebody in between.
    Changed,
}

/// The fingerprints of one correspondent, each with its trust: a free text, empty while it is not verified
/// (FILE-12).
///
/// ```
/// use otr_protocol::{Fingerprint, KnownFingerprints, Trust};
/// let [old, new] = [Fingerprint::from_bytes([1; 20]), Fingerprint::from_bytes([2; 20])];
/// let mut known = KnownFingerprints::default();
/// assert_eq!(known.classify(&old), Trust::New);
/// known.set(old, ""); // seen
/// assert_eq!(known.classify(&old), Trust::Known);
/// known.set(old, "verified"); // by the user
/// assert_eq!(known.classify(&old), Trust::Trusted);
/// assert_eq!(known.classify(&new), Trust::Changed); // a new device, or somebody in between
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KnownFingerprints(Vec<(Fingerprint, String)>);

impl KnownFingerprints {
    /// The most fingerprints that a session adds by itself, because it was established with them.
    pub(crate) const MAX_UNVERIFIED: usize = 256;

    /// Adds a fingerprint or changes its trust; `""` means not verified.
    pub fn set(&mut self, fingerprint: Fingerprint, trust: &str) {
        match self.0.iter_mut().find(|(known, _)| *known == fingerprint) {
            Some((_, old)) => trust.clone_into(old),
            None => {
                // One is the rule.
                self.0.reserve_exact(1);
                self.0.push((fingerprint, trust.to_owned()));
            }
        }
    }

    /// Adds a fingerprint that a session was established with, if it has not been seen (AKE-71). Anyone can make keys, so
    /// only so many that nobody verified are kept: the one seen last makes room, since what was seen before a flood is worth more
    /// than what came with it. None that was verified is ever forgotten.
    pub(crate) fn see(&mut self, fingerprint: Fingerprint) {
        if self.get(&fingerprint).is_some() {
            return;
        }
        let is_unverified = |(_, trust): &(Fingerprint, String)| trust.is_empty();
        if self.0.iter().filter(|known| is_unverified(known)).count() >= Self::MAX_UNVERIFIED
            && let Some(last) = self.0.iter().rposition(is_unverified)
        {
            self.0.remove(last);
        }
        self.set(fingerprint, "");
    }

    /// The trust of a fingerprint, if it has been seen.
    #[must_use]
    pub fn get(&self, fingerprint: &Fingerprint) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == fingerprint).map(|(_, trust)| trust.as_str())
    }

    /// All fingerprints with their trust, in the order in which they were first seen.
    pub fn iter(&self) -> impl Iterator<Item = (&Fingerprint, &str)> {
        self.0.iter().map(|(fingerprint, trust)| (fingerprint, trust.as_str()))
    }

    /// Classifies a fingerprint, without adding it.
    #[must_use]
    pub fn classify(&self, fingerprint: &Fingerprint) -> Trust {
        match self.get(fingerprint) {
            Some(trust) if !trust.is_empty() => Trust::Trusted,
            _ if self.0.iter().any(|(_, trust)| !trust.is_empty()) => Trust::Changed,
            Some(_) => Trust::Known,
            None => Trust::New,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ake_71_new_known_trusted_and_changed_are_told_apart() {
        let [a, b] = [Fingerprint::from_bytes([1; 20]), Fingerprint::from_bytes([2; 20])];
        let mut known = KnownFingerprints::default();
        assert_eq!(known.classify(&a), Trust::New);
        known.set(a, "");
        assert_eq!(known.classify(&a), Trust::Known);
        known.set(a, "verified");
        assert_eq!((known.classify(&a), known.classify(&b)), (Trust::Trusted, Trust::Changed));
        known.set(b, "");
        assert_eq!(known.classify(&b), Trust::Changed);
        known.set(a, "");
        assert_eq!((known.classify(&a), known.classify(&b)), (Trust::Known, Trust::Known));
    }

    /// S-32.
    #[test]
    fn ake_71_a_flood_of_keys_is_bounded_and_makes_none_forgotten_that_was_verified() {
        let nth = |n: u16| Fingerprint::from_bytes(core::array::from_fn(|at| n.to_be_bytes()[at % 2]));
        let mut known = KnownFingerprints::default();
        known.see(nth(0));
        known.set(nth(1), "verified");
        for n in 2..2000 {
            known.see(nth(n));
            known.see(nth(n));
            assert_eq!(known.get(&nth(n)), Some(""));
            assert!(known.iter().count() <= 1 + KnownFingerprints::MAX_UNVERIFIED);
        }
        assert_eq!((known.get(&nth(0)), known.get(&nth(1))), (Some(""), Some("verified")));
        assert_eq!(known.iter().count(), 1 + KnownFingerprints::MAX_UNVERIFIED);
    }
}
