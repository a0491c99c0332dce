//! A backend of one's own, as `docs/backend-guide.md` builds it: arithmetic on num-bigint, everything else from the
//! pure-Rust backend. It is right, and it is a lesson: its time depends on its secrets, and it leaves them in memory.
//!
//! `cargo run --release -p otr-conformance --example num_bigint` reports on it; `cargo test -p otr-conformance --example
//! num_bigint` is what the guide ends with.

use num_bigint::BigUint;
use otr_backend_rustcrypto::RustCrypto;
use otr_traits::{Backend, Element, Error, Exponent, ModExp, ORDER, PRIME, Prepared, Result, Term, delegate};

/// A backend on num-bigint.
#[derive(Clone, Copy, Debug, Default)]
pub struct NumBigint;

impl ModExp for NumBigint {
    fn product(&self, terms: &[Term<'_>]) -> Result<Element> {
        let p = number(&PRIME);
        let power = |term: &Term<'_>| {
            let base = number(term.base.to_element().as_be_bytes());
            base.modpow(&number(term.exponent.exponent().expose()), &p)
        };
        Ok(element(&terms.iter().map(power).fold(BigUint::from(1_u8), |product, power| product * power % &p)))
    }

    fn prepare(&self, base: &Element, _uses: u8) -> Result<Prepared> {
        Ok(Prepared::plain(base.clone()))
    }

    fn mul(&self, a: &Element, b: &Element) -> Result<Element> {
        Ok(element(&(number(a.as_be_bytes()) * number(b.as_be_bytes()) % number(&PRIME))))
    }

    fn div(&self, a: &Element, b: &Element) -> Result<Element> {
        let p = number(&PRIME);
        let inverse = number(b.as_be_bytes()).modinv(&p).ok_or(Error::NoInverse)?;
        Ok(element(&(number(a.as_be_bytes()) * inverse % p)))
    }

    fn response(&self, r: &Exponent, x: &Exponent, c: &Exponent) -> Result<Exponent> {
        let q = number(&ORDER);
        let xc = number(x.expose()) * number(c.expose()) % &q;
        Ok(exponent(&((number(r.expose()) + &q - xc) % q)))
    }

    fn exponent_product(&self, a: &Exponent, b: &Exponent) -> Result<Exponent> {
        let order = number(&PRIME) - 1_u8;
        Ok(exponent(&(number(a.expose()) * number(b.expose()) % order)))
    }
}

impl Backend for NumBigint {
    fn name(&self) -> &'static str {
        "num-bigint"
    }

    fn version(&self) -> String {
        "num-bigint 0.4".into()
    }
}

delegate! { impl[] Dsa, AesCtr, Hash, Rng for NumBigint => |self| RustCrypto }

fn number(bytes: &[u8]) -> BigUint {
    BigUint::from_bytes_be(bytes)
}

fn element(number: &BigUint) -> Element {
    Element::from_be_bytes(&number.to_bytes_be()).unwrap_or_else(Element::generator)
}

/// Exponents have their full width, whatever their value.
fn exponent(number: &BigUint) -> Exponent {
    let (digits, mut exponent) = (number.to_bytes_be(), Exponent::zeroed(Exponent::MAX_BYTES));
    for (to, from) in exponent.expose_mut().iter_mut().rev().zip(digits.iter().rev()) {
        *to = *from;
    }
    exponent
}

#[expect(clippy::print_stdout, reason = "it is what the example is for")]
fn main() -> std::result::Result<(), otr_conformance::Unusable> {
    println!("{}", otr_conformance::run(&NumBigint)?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::NumBigint;

    otr_conformance::suite!(NumBigint);
}
