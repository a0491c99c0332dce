//! Powers modulo the 1536-bit prime, and arithmetic on exponents.

use openssl::bn::BigNum;
use otr_traits::{Element, Error, Exponent, ModExp, ORDER, PRIME, Power, Prepared, Result, Term};

use crate::number::{self, Modulus, public, secret, to_bytes};
use crate::{OpenSsl, refused};

impl ModExp for OpenSsl {
    fn product(&self, terms: &[Term<'_>]) -> Result<Element> {
        product(terms).map_err(refused("product of powers"))
    }

    fn prepare(&self, base: &Element, _uses: u8) -> Result<Prepared> {
        Ok(Prepared::plain(base.clone()))
    }

    fn mul(&self, a: &Element, b: &Element) -> Result<Element> {
        mul(a, b).map_err(refused("multiplication"))
    }

    fn div(&self, a: &Element, b: &Element) -> Result<Element> {
        div(a, b).map_err(refused("division"))?.ok_or(Error::NoInverse)
    }

    fn response(&self, r: &Exponent, x: &Exponent, c: &Exponent) -> Result<Exponent> {
        response(r, x, c).map_err(refused("response to a challenge"))
    }

    fn exponent_product(&self, a: &Exponent, b: &Exponent) -> Result<Exponent> {
        exponent_product(a, b).map_err(refused("multiplication of exponents"))
    }
}

fn product(terms: &[Term<'_>]) -> number::Result<Element> {
    let mut p = Modulus::new(&PRIME)?;
    let mut product = None;
    for term in terms {
        let power = power(&mut p, term)?;
        product = Some(match product {
            Some(product) => p.product(&product, &power)?,
            None => power,
        });
    }
    product.map_or_else(|| public(&[1]), Ok).and_then(element)
}

fn mul(a: &Element, b: &Element) -> number::Result<Element> {
    let mut p = Modulus::new(&PRIME)?;
    element(p.product(&secret(a.as_be_bytes())?, &secret(b.as_be_bytes())?)?)
}

/// None if `b` has no inverse.
fn div(a: &Element, b: &Element) -> number::Result<Option<Element>> {
    let mut p = Modulus::new(&PRIME)?;
    let b = p.remainder(&public(b.as_be_bytes())?)?;
    if b.num_bits() == 0 {
        return Ok(None);
    }
    let inverse = p.inverse(&b)?;
    element(p.product(&secret(a.as_be_bytes())?, &inverse)?).map(Some)
}

fn response(r: &Exponent, x: &Exponent, c: &Exponent) -> number::Result<Exponent> {
    let mut q = Modulus::new(&ORDER)?;
    exponent(q.rest(&secret(r.expose())?, &secret(x.expose())?, &secret(c.expose())?)?)
}

fn exponent_product(a: &Exponent, b: &Exponent) -> number::Result<Exponent> {
    let mut p_minus_1 = Modulus::new(&P_MINUS_1)?;
    exponent(p_minus_1.product(&secret(a.expose())?, &secret(b.expose())?)?)
}

/// Its last byte is odd.
const P_MINUS_1: [u8; 192] = {
    let mut bytes = PRIME;
    bytes[191] -= 1;
    bytes
};

fn power(p: &mut Modulus, term: &Term<'_>) -> number::Result<BigNum> {
    let base = public(term.base.to_element().as_be_bytes())?;
    let exponent = match term.exponent {
        Power::Secret(exponent) => secret(exponent.expose())?,
        Power::Public(exponent) => public(exponent.expose())?,
    };
    p.power(&base, &exponent)
}

fn element(number: BigNum) -> number::Result<Element> {
    to_bytes(&number).map(|bytes| Element::from(*bytes))
}

fn exponent(number: BigNum) -> number::Result<Exponent> {
    let bytes = to_bytes::<{ Exponent::MAX_BYTES }>(&number)?;
    let mut exponent = Exponent::zeroed(Exponent::MAX_BYTES);
    exponent.expose_mut().copy_from_slice(bytes.as_slice());
    Ok(exponent)
}

#[cfg(test)]
mod tests;
