//! Arithmetic in the one Diffie-Hellman group of OTR.

use core::any::Any;
use core::cmp::Ordering;
use core::fmt;

use subtle::ConstantTimeEq;
use zeroize::Zeroize;

use crate::Result;

/// Products of powers modulo the 1536-bit prime p of RFC 3526, and arithmetic on their exponents.
///
/// One fixed group, so that a backend may compute tables beforehand. One verb, [`product`](Self::product), for
/// plain powers, fixed bases and simultaneous powers alike: a naive backend multiplies plain powers and is
/// right, a fast one shares their squarings.
pub trait ModExp {
    /// The product of all terms, mod p; 1 for none.
    ///
    /// Constant time in each secret exponent; its width in bytes is public. Variable time in public ones.
    ///
    /// # Errors
    /// [`Error::Refused`](crate::Error::Refused) if the library fails.
    fn product(&self, terms: &[Term<'_>]) -> Result<Element>;

    /// Whatever makes about `uses` later powers of `base` cheaper; it may hold just the base. The powers that count are those
    /// of a comparison, with exponents of 1536 bits.
    ///
    /// # Errors
    /// [`Error::Refused`](crate::Error::Refused) if the library fails.
    fn prepare(&self, base: &Element, uses: u8) -> Result<Prepared>;

    /// a · b mod p.
    ///
    /// # Errors
    /// [`Error::Refused`](crate::Error::Refused) if the library fails.
    fn mul(&self, a: &Element, b: &Element) -> Result<Element>;

    /// a · b⁻¹ mod p. `b` is public.
    ///
    /// # Errors
    /// [`Error::NoInverse`](crate::Error::NoInverse) if b is a multiple of p.
    fn div(&self, a: &Element, b: &Element) -> Result<Element>;

    /// r − x · c mod q, the answer of a zero-knowledge proof; 192 bytes wide, below q. Constant time.
    ///
    /// # Errors
    /// [`Error::Refused`](crate::Error::Refused) if the library fails.
    fn response(&self, r: &Exponent, x: &Exponent, c: &Exponent) -> Result<Exponent>;

    /// a · b mod p − 1, for powers of powers of any element; 192 bytes wide. Constant time.
    ///
    /// # Errors
    /// [`Error::Refused`](crate::Error::Refused) if the library fails.
    fn exponent_product(&self, a: &Exponent, b: &Exponent) -> Result<Exponent>;
}

/// Products of one term, for every backend.
pub trait ModExpExt: ModExp {
    /// base^exponent mod p, constant time in the exponent.
    ///
    /// # Errors
    /// As [`ModExp::product`].
    fn pow(&self, base: &Element, exponent: &Exponent) -> Result<Element> {
        self.product(&[Term { base: Base::Element(base), exponent: Power::Secret(exponent) }])
    }

    /// g^exponent mod p, g = 2, constant time in the exponent.
    ///
    /// # Errors
    /// As [`ModExp::product`].
    fn pow_g(&self, exponent: &Exponent) -> Result<Element> {
        self.product(&[Term { base: Base::Generator, exponent: Power::Secret(exponent) }])
    }
}

impl<M: ModExp + ?Sized> ModExpExt for M {}

/// One power in a product.
#[derive(Clone, Copy, Debug)]
pub struct Term<'a> {
    /// What is raised.
    pub base: Base<'a>,
    /// To what power.
    pub exponent: Power<'a>,
}

/// The base of a power.
#[derive(Clone, Copy, Debug)]
pub enum Base<'a> {
    /// g = 2.
    Generator,
    /// Any element.
    Element(&'a Element),
    /// An element that [`ModExp::prepare`] has worked on.
    Prepared(&'a Prepared),
}

impl Base<'_> {
    /// The base as an element, whatever has been prepared.
    #[must_use]
    pub fn to_element(&self) -> Element {
        match self {
            Self::Generator => Element::generator(),
            Self::Element(element) => (*element).clone(),
            Self::Prepared(prepared) => prepared.base().clone(),
        }
    }
}

/// An exponent, and whether the time may depend on it.
#[derive(Clone, Copy, Debug)]
pub enum Power<'a> {
    /// The time must not depend on it, but for its width.
    Secret(&'a Exponent),
    /// Anyone may know it.
    Public(&'a Exponent),
}

impl<'a> Power<'a> {
    /// The exponent, secret or not.
    #[must_use]
    pub fn exponent(&self) -> &'a Exponent {
        match self {
            Self::Secret(exponent) | Self::Public(exponent) => exponent,
        }
    }
}

/// A number of 192 bytes, big-endian: an element of the group, or a candidate for one.
///
/// Often public (g^x), sometimes secret (g^xy): so it is boxed, wiped and never printed in any case, and
/// compared in constant time.
///
/// ```
/// use otr_traits::{Element, PRIME};
/// let two = Element::from_be_bytes(&[2]).unwrap(); // shorter ones are padded
/// assert_eq!(two, Element::generator());
/// assert!(two.is_in_range() && !Element::from(PRIME).is_in_range());
/// assert!(Element::from_be_bytes(&[0; 193]).is_none());
/// ```
#[derive(Clone)]
pub struct Element(Box<[u8; 192]>);

impl Element {
    /// The generator g = 2 of the subgroup of order q.
    #[must_use]
    pub fn generator() -> Self {
        let mut bytes = [0; 192];
        if let Some(last) = bytes.last_mut() {
            *last = GENERATOR;
        }
        Self::from(bytes)
    }

    /// The number in `bytes`, big-endian, at most 192 of them; shorter ones are padded on the left.
    #[must_use]
    pub fn from_be_bytes(bytes: &[u8]) -> Option<Self> {
        let mut element = Box::new([0; 192]);
        let start = element.len().checked_sub(bytes.len())?;
        element.get_mut(start..)?.copy_from_slice(bytes);
        Some(Self(element))
    }

    /// The full 192 bytes, big-endian.
    #[must_use]
    pub fn as_be_bytes(&self) -> &[u8; 192] {
        &self.0
    }

    /// Whether 2 ≤ v ≤ p − 2 (CONST-02): demanded of every value received from a peer, before any use.
    #[must_use]
    pub fn is_in_range(&self) -> bool {
        // v ≤ p − 2 is v + 1 < p; p is odd and does not end in …00, so p − 1 differs in the last byte only.
        let mut p_minus_1 = PRIME;
        if let Some(last) = p_minus_1.last_mut() {
            *last -= 1;
        }
        self.compare_public(&Self::generator()) != Ordering::Less && *self.0 < p_minus_1
    }

    /// Numeric comparison in variable time: for values that were on the wire (CONST-06).
    #[must_use]
    pub fn compare_public(&self, other: &Self) -> Ordering {
        self.0.cmp(&other.0)
    }
}

/// The number with these bytes, big-endian. The original is wiped.
impl From<[u8; 192]> for Element {
    fn from(mut bytes: [u8; 192]) -> Self {
        let element = Self(Box::new(bytes));
        bytes.zeroize();
        element
    }
}

/// In constant time.
impl PartialEq for Element {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_slice().ct_eq(other.0.as_slice()).into()
    }
}

impl Eq for Element {}

impl fmt::Debug for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Element(..)")
    }
}

impl Drop for Element {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

/// An exponent: up to 192 bytes, big-endian. Its width is public (40 bytes for a Diffie-Hellman private), its
/// value is not.
pub struct Exponent(Box<[u8]>);

impl Exponent {
    /// The widest exponent, in bytes.
    pub const MAX_BYTES: usize = 192;

    /// The number in `bytes`, big-endian, leading zeros and all: their number is the public width.
    #[must_use]
    pub fn from_be_bytes(bytes: &[u8]) -> Option<Self> {
        (bytes.len() <= Self::MAX_BYTES).then(|| Self(bytes.into()))
    }

    /// `width` zero bytes, at most 192, to be filled through [`expose_mut`](Self::expose_mut).
    #[must_use]
    pub fn zeroed(width: usize) -> Self {
        Self(vec![0; width.min(Self::MAX_BYTES)].into())
    }

    /// The bytes, big-endian.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// The bytes, to be written.
    pub fn expose_mut(&mut self) -> &mut [u8] {
        &mut self.0
    }

    /// The public bound on the exponent's bits: eight times its width in bytes.
    #[must_use]
    pub fn bits(&self) -> u32 {
        // At most 192 bytes, so it fits.
        self.0.len() as u32 * 8
    }

    /// Whether 1 ≤ D < q (CONST-03): demanded of every D received in the Socialist Millionaires' Protocol.
    /// In variable time: for values that were on the wire.
    #[must_use]
    pub fn is_in_range(&self) -> bool {
        Element::from_be_bytes(&self.0)
            .is_some_and(|value| value.as_be_bytes() < &ORDER && value.as_be_bytes() != &[0; 192])
    }
}

/// In constant time; exponents of different widths differ.
impl PartialEq for Exponent {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for Exponent {}

impl fmt::Debug for Exponent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Exponent({} bits, ..)", self.bits())
    }
}

impl Drop for Exponent {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

/// A base that a backend has worked on. Opaque, but it always gives its base back, so that any backend can use
/// what any other has prepared.
pub struct Prepared {
    base: Element,
    table: Option<Box<dyn Any + Send + Sync>>,
}

impl Prepared {
    /// Just the base: what a naive backend prepares.
    #[must_use]
    pub fn plain(base: Element) -> Self {
        Self { base, table: None }
    }

    /// The base with a backend's own table.
    #[must_use]
    pub fn with_table(base: Element, table: impl Any + Send + Sync) -> Self {
        Self { base, table: Some(Box::new(table)) }
    }

    /// The base.
    #[must_use]
    pub fn base(&self) -> &Element {
        &self.base
    }

    /// The table, if it is of the type that this backend makes.
    #[must_use]
    pub fn table<T: Any>(&self) -> Option<&T> {
        self.table.as_ref()?.downcast_ref()
    }
}

impl fmt::Debug for Prepared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Prepared(..)")
    }
}

/// The generator g = 2 (CONST-01).
pub const GENERATOR: u8 = 2;

/// The prime p of RFC 3526, group 5: 1536 bits, big-endian (CONST-01).
pub const PRIME: [u8; 192] = from_hex(
    b"FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74\
      020BBEA63B139B22514A08798E3404DDEF9519B3CD3A431B302B0A6DF25F1437\
      4FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED\
      EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF05\
      98DA48361C55D39A69163FA8FD24CF5F83655D23DCA3AD961C62F356208552BB\
      9ED529077096966D670C354E4ABC9804F1746C08CA237327FFFFFFFFFFFFFFFF",
);

/// The order q = (p − 1) / 2 of the subgroup that g generates, big-endian (CONST-01).
pub const ORDER: [u8; 192] = half(&PRIME);

#[expect(clippy::indexing_slicing, reason = "evaluated at compile time only")]
const fn from_hex(hex: &[u8; 384]) -> [u8; 192] {
    const fn digit(c: u8) -> u8 {
        if c.is_ascii_digit() { c - b'0' } else { c - b'A' + 10 }
    }
    let mut bytes = [0; 192];
    let mut i = 0;
    while i < bytes.len() {
        bytes[i] = digit(hex[2 * i]) << 4 | digit(hex[2 * i + 1]);
        i += 1;
    }
    bytes
}

#[expect(clippy::indexing_slicing, reason = "evaluated at compile time only")]
const fn half(number: &[u8; 192]) -> [u8; 192] {
    let mut bytes = [0; 192];
    let mut i = 0;
    while i < bytes.len() {
        let carry = if i == 0 { 0 } else { number[i - 1] << 7 };
        bytes[i] = number[i] >> 1 | carry;
        i += 1;
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn element(bytes: [u8; 192]) -> Element {
        Element::from_be_bytes(&bytes).unwrap()
    }

    #[test]
    fn const_01_q_is_half_of_p_minus_1() {
        assert_eq!(ORDER[0], 0x7f);
        assert_eq!(ORDER[191], 0xff);
        assert_eq!(ORDER[8..12], [0xe4, 0x87, 0xed, 0x51]);
    }

    #[test]
    fn const_02_only_2_to_p_minus_2_is_in_range() {
        let mut p_minus = PRIME;
        assert!(!element(p_minus).is_in_range());
        p_minus[191] -= 1;
        assert!(!element(p_minus).is_in_range());
        p_minus[191] -= 1;
        assert!(element(p_minus).is_in_range());
        for (small, ok) in [(&[][..], false), (&[0], false), (&[1], false), (&[2], true), (&[3], true)] {
            assert_eq!(Element::from_be_bytes(small).unwrap().is_in_range(), ok, "{small:?}");
        }
        assert!(!element([0xff; 192]).is_in_range());
        assert!(Element::from_be_bytes(&[1; 193]).is_none());
    }

    #[test]
    fn const_03_only_1_to_q_minus_1_is_an_exponent() {
        let mut q = ORDER;
        let exponent = |bytes: &[u8]| Exponent::from_be_bytes(bytes).unwrap();
        assert!(!exponent(&q).is_in_range());
        q[191] -= 1;
        assert!(exponent(&q).is_in_range());
        assert!(!exponent(&[]).is_in_range());
        assert!(!exponent(&[0, 0]).is_in_range());
        assert!(exponent(&[0, 1]).is_in_range());
    }

    #[test]
    fn s_48_debug_shows_no_value() {
        assert_eq!(format!("{:?}", Element::generator()), "Element(..)");
        assert_eq!(format!("{:?}", Exponent::zeroed(40)), "Exponent(320 bits, ..)");
    }
}
