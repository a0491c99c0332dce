//! Powers modulo the 1536-bit prime, and arithmetic on exponents.

use openssl::bn::BigNum;
use otr_traits::{Element, Error, Exponent, ModExp, ORDER, PRIME, Power, Prepared, Result, Term, group};

use crate::number::{self, Modulus, public, secret, to_bytes};
use crate::{OpenSsl, refused};

impl ModExp for OpenSsl {
    fn product(&self, terms: &[Term<'_>]) -> Result<Element> {
        product(terms).map_err(refused("product of powers"))
    }

    fn prepare(&self, base: &Element, uses: u8) -> Result<Prepared> {
        Ok(group::prepare(base, uses))
    }

    fn mul(&self, a: &Element, b: &Element) -> Result<Element> {
        Ok(group::mul(a, b))
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

/// OpenSSL's secret powers of a new base are the fastest there are. For all else tables gain more, and it has none.
fn product(terms: &[Term<'_>]) -> number::Result<Element> {
    let (powers, rest): (Vec<_>, Vec<_>) = terms
        .iter()
        .partition(|term| matches!(term.exponent, Power::Secret(_)) && !group::has_table(&term.base));
    let mut product = (!rest.is_empty()).then(|| group::product(&rest));
    for term in powers {
        let power = power(&term)?;
        product = Some(product.map_or_else(|| power.clone(), |product| group::mul(&product, &power)));
    }
    Ok(product.unwrap_or_else(|| group::product(&[])))
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

fn power(term: &Term<'_>) -> number::Result<Element> {
    let base = public(term.base.to_element().as_be_bytes())?;
    let exponent = secret(term.exponent.exponent().expose())?;
    element(Modulus::new(&PRIME)?.power(&base, &exponent)?)
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
