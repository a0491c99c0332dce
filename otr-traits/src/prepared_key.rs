//! Keys that are used more than once.

use core::any::Any;
use core::fmt;

use crate::{Result, Secret};

/// A key of `N` bytes for more than one message. A backend may keep with it what it has computed from the key,
/// so that the next message costs less. Opaque, but it always gives its key back: so any backend can use a key that
/// another has kept something with, and a naive one keeps nothing.
pub struct PreparedKey<const N: usize> {
    key: Secret<N>,
    kept: Option<Box<dyn Any + Send + Sync>>,
}

impl<const N: usize> PreparedKey<N> {
    /// The key itself.
    #[must_use]
    pub fn key(&self) -> &Secret<N> {
        &self.key
    }

    /// The key itself, without what was kept with it.
    #[must_use]
    pub fn into_key(self) -> Secret<N> {
        self.key
    }

    /// Does `work` with what was kept with the key, and keeps it again if all goes well. If that is nothing of type
    /// `T`, one is made from the key. It must wipe itself when dropped, because the key can be told from it.
    ///
    /// # Errors
    /// Those of `make` and `work`; nothing is kept then.
    pub fn with_kept<T: Any + Send + Sync, R>(
        &mut self,
        make: impl FnOnce(&Secret<N>) -> Result<T>,
        work: impl FnOnce(&mut T) -> Result<R>,
    ) -> Result<R> {
        let mut kept = match self.kept.take().map(Box::<dyn Any + Send + Sync>::downcast) {
            Some(Ok(kept)) => kept,
            _ => Box::new(make(&self.key)?),
        };
        let result = work(&mut kept)?;
        self.kept = Some(kept);
        Ok(result)
    }
}

/// The key, with nothing kept yet.
impl<const N: usize> From<Secret<N>> for PreparedKey<N> {
    fn from(key: Secret<N>) -> Self {
        Self { key, kept: None }
    }
}

impl<const N: usize> fmt::Debug for PreparedKey<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PreparedKey<{N}>(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Error;

    #[test]
    fn what_is_kept_is_made_once_for_each_type_and_lost_with_a_failure() {
        let mut key = PreparedKey::from(Secret::from([7; 16]));
        let mut made = 0;
        let mut add = |key: &mut PreparedKey<16>, fails: bool| {
            let make = |key: &Secret<16>| {
                made += 1;
                Ok(u32::from(key.expose()[0]))
            };
            let result = key.with_kept(make, |sum| {
                *sum += 1;
                if fails { Err(Error::Rng) } else { Ok(*sum) }
            });
            (result, made)
        };
        assert_eq!(add(&mut key, false), (Ok(8), 1));
        assert_eq!(add(&mut key, false), (Ok(9), 1));
        assert_eq!(add(&mut key, true), (Err(Error::Rng), 1));
        assert_eq!(add(&mut key, false), (Ok(8), 2));
        assert_eq!(key.with_kept(|_| Ok('a'), |c| Ok(*c)), Ok('a'), "another backend's");
        assert_eq!(add(&mut key, false), (Ok(8), 3));
        assert_eq!(key.key(), &Secret::from([7; 16]));
        assert_eq!(format!("{key:?}"), "PreparedKey<16>(..)");
    }
}
