//! Bytes that must not be printed, copied or left behind.

use core::fmt;

use subtle::ConstantTimeEq;
use zeroize::Zeroize;

/// `N` secret bytes: boxed, so that moving them leaves no copy behind; wiped when dropped; compared in
/// constant time; never printed (KEY-11).
///
/// ```
/// use otr_traits::Secret;
/// let key = Secret::from([7; 16]);
/// assert_eq!(format!("{key:?}"), "Secret<16>(..)");
/// assert_eq!(key, Secret::from([7; 16]));
/// ```
pub struct Secret<const N: usize>(Box<[u8; N]>);

impl<const N: usize> Secret<N> {
    /// `N` zero bytes, to be filled through [`expose_mut`](Self::expose_mut).
    #[must_use]
    pub fn zeroed() -> Self {
        Self(Box::new([0; N]))
    }

    /// The bytes `slice`, if there are exactly `N` of them.
    #[must_use]
    pub fn from_slice(slice: &[u8]) -> Option<Self> {
        let mut secret = Self::zeroed();
        if slice.len() != N {
            return None;
        }
        secret.0.copy_from_slice(slice);
        Some(secret)
    }

    /// The secret bytes. Search for `expose` to find every place that reads a secret.
    #[must_use]
    pub fn expose(&self) -> &[u8; N] {
        &self.0
    }

    /// The secret bytes, to be written.
    pub fn expose_mut(&mut self) -> &mut [u8; N] {
        &mut self.0
    }

    /// A second copy, wiped on its own. There is no `Clone`, so that no copy is made by accident.
    #[must_use]
    pub fn duplicate(&self) -> Self {
        Self(self.0.clone())
    }
}

/// Takes over an array and wipes the original.
impl<const N: usize> From<[u8; N]> for Secret<N> {
    fn from(mut bytes: [u8; N]) -> Self {
        let mut secret = Self::zeroed();
        secret.0.copy_from_slice(&bytes);
        bytes.zeroize();
        secret
    }
}

/// In constant time.
impl<const N: usize> PartialEq for Secret<N> {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_slice().ct_eq(other.0.as_slice()).into()
    }
}

impl<const N: usize> Eq for Secret<N> {}

impl<const N: usize> fmt::Debug for Secret<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret<{N}>(..)")
    }
}

impl<const N: usize> Drop for Secret<N> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_11_a_secret_compares_by_value_and_never_prints() {
        assert_eq!(Secret::from([1, 2, 3]), Secret::from([1, 2, 3]));
        assert_ne!(Secret::from([1, 2, 3]), Secret::from([1, 2, 4]));
        assert_eq!(format!("{:?}", Secret::from([0xab; 20])), "Secret<20>(..)");
    }

    #[test]
    fn only_a_slice_of_the_right_length_becomes_a_secret() {
        assert!(Secret::<3>::from_slice(&[1, 2]).is_none());
        assert!(Secret::<3>::from_slice(&[1, 2, 3, 4]).is_none());
        assert_eq!(Secret::<3>::from_slice(&[1, 2, 3]).unwrap().expose(), &[1, 2, 3]);
    }
}
