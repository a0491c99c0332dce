//! Powers modulo the 1536-bit prime, and arithmetic on exponents.

use crypto_bigint::modular::{ConstMontyForm, ConstMontyParams, FixedMontyParams};
use crypto_bigint::{NonZero, U1536};
use otr_traits::{Element, Error, Exponent, ModExp, ORDER, PRIME, Prepared, Result, Term, group};
use zeroize::{Zeroize, Zeroizing};

use crate::RustCrypto;

impl ModExp for RustCrypto {
    fn product(&self, terms: &[Term<'_>]) -> Result<Element> {
        Ok(group::product(terms))
    }

    fn prepare(&self, base: &Element, uses: u8) -> Result<Prepared> {
        Ok(group::prepare(base, uses))
    }

    fn mul(&self, a: &Element, b: &Element) -> Result<Element> {
        Ok(group::mul(a, b))
    }

    fn div(&self, a: &Element, b: &Element) -> Result<Element> {
        let inverse = residue(b).invert_vartime().into_option_copied().ok_or(Error::NoInverse)?;
        Ok(element(&Zeroizing::new(residue(a).mul(&inverse))))
    }

    fn response(&self, r: &Exponent, x: &Exponent, c: &Exponent) -> Result<Exponent> {
        let xc = Zeroizing::new(exponent_number(x).mul_mod_vartime(&exponent_number(c), &Q));
        let r = Zeroizing::new(exponent_number(r).rem_vartime(&Q));
        Ok(exponent(r.sub_mod(&xc, &Q)))
    }

    fn exponent_product(&self, a: &Exponent, b: &Exponent) -> Result<Exponent> {
        Ok(exponent(exponent_number(a).mul_mod_vartime(&exponent_number(b), &P_MINUS_1)))
    }
}

/// Arithmetic modulo p in Montgomery form.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Group;

impl ConstMontyParams<{ U1536::LIMBS }> for Group {
    const LIMBS: usize = U1536::LIMBS;
    const PARAMS: FixedMontyParams<{ U1536::LIMBS }> =
        FixedMontyParams::new_vartime(P.to_odd().expect_copied("p is odd"));
}

type Residue = ConstMontyForm<Group, { U1536::LIMBS }>;

const P: U1536 = U1536::from_be_slice(&PRIME);

// Where the methods below say "vartime", they mean in the modulus, and these two are public.
const P_MINUS_1: NonZero<U1536> = NonZero::<U1536>::new_unwrap(P.wrapping_sub(&U1536::ONE));
const Q: NonZero<U1536> = NonZero::<U1536>::new_unwrap(U1536::from_be_slice(&ORDER));

/// Reduces what is not below p.
fn residue(element: &Element) -> Zeroizing<Residue> {
    let number = Zeroizing::new(U1536::from_be_slice(element.as_be_bytes()));
    Zeroizing::new(Residue::new(&number))
}

fn element(residue: &Residue) -> Element {
    let number = Zeroizing::new(residue.retrieve());
    Element::from(<[u8; 192]>::from(number.to_be_bytes()))
}

fn exponent_number(exponent: &Exponent) -> Zeroizing<U1536> {
    let mut padded = Zeroizing::new([0; Exponent::MAX_BYTES]);
    for (to, from) in padded.iter_mut().rev().zip(exponent.expose().iter().rev()) {
        *to = *from;
    }
    Zeroizing::new(U1536::from_be_slice(padded.as_slice()))
}

fn exponent(number: U1536) -> Exponent {
    let number = Zeroizing::new(number);
    let mut bytes = number.to_be_bytes();
    let mut exponent = Exponent::zeroed(Exponent::MAX_BYTES);
    exponent.expose_mut().copy_from_slice(bytes.as_slice());
    bytes.as_mut_slice().zeroize();
    exponent
}

#[cfg(test)]
mod tests;
