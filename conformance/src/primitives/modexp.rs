//! Arithmetic in the group of RFC 3526.

use otr_traits::{Backend, Base, Element, Error, Exponent, GENERATOR, ORDER, PRIME, Power, Prepared, Term};
use serde::Deserialize;

use super::{files, gives, parse};
use crate::hex::{Bytes, Number};
use crate::{Case, Unusable, Vectors};

#[derive(Deserialize)]
struct File {
    group: Group,
    product: Vec<Product>,
    mul: Vec<Binary>,
    div: Vec<Binary>,
    response: Vec<Response>,
    exponent_product: Vec<ExponentProduct>,
}

#[derive(Deserialize)]
struct Group {
    p: Number,
    q: Number,
    g: Number,
}

#[derive(Deserialize)]
struct Product {
    name: String,
    terms: Vec<Factor>,
    out: Number,
}

#[derive(Deserialize)]
struct Factor {
    base: Number,
    /// In its width.
    exponent: Bytes,
}

#[derive(Deserialize)]
struct Binary {
    name: String,
    a: Number,
    b: Number,
    /// Nothing where there is none.
    out: Option<Number>,
}

#[derive(Deserialize)]
struct Response {
    name: String,
    r: Bytes,
    x: Bytes,
    c: Bytes,
    out: Number,
}

#[derive(Deserialize)]
struct ExponentProduct {
    name: String,
    a: Bytes,
    b: Bytes,
    out: Number,
}

/// Edges of every operation; each product with its terms handed over in every way there is.
pub(crate) fn cases(backend: &dyn Backend, _: &Vectors) -> Result<Vec<Case>, Unusable> {
    let [file] = files!["generated_modexp"];
    let file: File = parse(file)?;
    let mut cases = vec![group(&file.group)?];
    for (index, vector) in file.product.iter().enumerate() {
        cases.push(product(backend, index, vector)?);
    }
    for Binary { name, a, b, out } in &file.mul {
        let mut case = Case::new(format!("modexp/mul/{name}"));
        let expected = out.as_ref().ok_or_else(|| unusable("a product without value"))?;
        let got = backend.mul(&element(a)?, &element(b)?);
        gives(&mut case, "a · b", &wide(expected)?, got.map(|got| *got.as_be_bytes()));
        cases.push(case);
    }
    for Binary { name, a, b, out } in &file.div {
        let mut case = Case::new(format!("modexp/div/{name}"));
        let got = backend.div(&element(a)?, &element(b)?);
        match out {
            Some(out) => gives(&mut case, "a / b", &wide(out)?, got.map(|got| *got.as_be_bytes())),
            None => case.equal("a / b", &Some(Error::NoInverse), &got.err()),
        }
        cases.push(case);
    }
    for Response { name, r, x, c, out } in &file.response {
        let mut case = Case::new(format!("modexp/response/{name}"));
        let got = backend.response(&exponent(r)?, &exponent(x)?, &exponent(c)?);
        gives(&mut case, "r - x c, 192 bytes wide", &wide(out)?, got.map(|got| got.expose().to_vec()));
        cases.push(case);
    }
    for ExponentProduct { name, a, b, out } in &file.exponent_product {
        let mut case = Case::new(format!("modexp/exponent_product/{name}"));
        let got = backend.exponent_product(&exponent(a)?, &exponent(b)?);
        gives(&mut case, "a b, 192 bytes wide", &wide(out)?, got.map(|got| got.expose().to_vec()));
        cases.push(case);
    }
    Ok(cases)
}

/// The constants of the contract, against p computed by the RFC's formula from pi (CONST-01).
fn group(group: &Group) -> Result<Case, Unusable> {
    let mut case = Case::new("modexp/group/rfc-3526");
    case.bytes("p", &wide(&group.p)?, &PRIME);
    case.bytes("q", &wide(&group.q)?, &ORDER);
    case.bytes("g", group.g.magnitude(), &[GENERATOR]);
    Ok(case)
}

/// A term in every form it can take.
struct Forms {
    element: Element,
    prepared: Prepared,
    /// As another backend would have prepared it: with a table that this one cannot know.
    foreign: Prepared,
    exponent: Exponent,
}

impl Forms {
    /// The term in one of its forms, and that form in words.
    fn hand_over(&self, secrecy: usize, position: usize, shift: usize) -> (String, Term<'_>) {
        let is_generator = self.element == Element::generator();
        let (form, base) = match (shift + position) % 4 {
            0 => ("element", Base::Element(&self.element)),
            1 => ("prepared", Base::Prepared(&self.prepared)),
            2 if is_generator => ("generator", Base::Generator),
            _ => ("prepared by another backend", Base::Prepared(&self.foreign)),
        };
        let secret = match secrecy {
            0 => true,
            1 => false,
            mixed => (mixed + position).is_multiple_of(2),
        };
        let (word, exponent) = match secret {
            true => ("secret", Power::Secret(&self.exponent)),
            false => ("public", Power::Public(&self.exponent)),
        };
        (format!("{form} to a {word} power"), Term { base, exponent })
    }
}

fn product(backend: &dyn Backend, index: usize, vector: &Product) -> Result<Case, Unusable> {
    let mut case = Case::new(format!("modexp/product/{}", vector.name));
    let mut terms = Vec::new();
    // Whatever a backend makes of the number of expected uses, the powers are the same.
    let uses = [0, 1, 2, 3, 8, 32, 128, u8::MAX].get(index % 8).copied().unwrap_or(1);
    for Factor { base, exponent: power } in &vector.terms {
        let element = element(base)?;
        let prepared = match backend.prepare(&element, uses) {
            Ok(prepared) => prepared,
            Err(error) => {
                case.fail(None, "prepare", "a prepared base", error.to_string());
                return Ok(case);
            }
        };
        let foreign = Prepared::with_table(element.clone(), "another backend's table");
        terms.push(Forms { element, prepared, foreign, exponent: exponent(power)? });
    }

    let expected = wide(&vector.out)?;
    // All secret and all public; with several terms also mixed, either way.
    for secrecy in 0..if terms.len() > 1 { 4 } else { 2 } {
        for shift in 0..4 {
            let handed =
                terms.iter().zip(0..).map(|(forms, position)| forms.hand_over(secrecy, position, shift));
            let (words, handed): (Vec<_>, Vec<_>) = handed.unzip();
            let what = format!("product of [{}]", words.join(", "));
            let got = backend.product(&handed);
            gives(&mut case, &what, &expected, got.map(|got| *got.as_be_bytes()));
        }
    }
    Ok(case)
}

fn element(number: &Number) -> Result<Element, Unusable> {
    wide(number).map(Element::from)
}

fn wide(number: &Number) -> Result<[u8; 192], Unusable> {
    number.padded().ok_or_else(|| unusable("a number of more than 192 bytes"))
}

fn exponent(bytes: &Bytes) -> Result<Exponent, Unusable> {
    Exponent::from_be_bytes(&bytes.0).ok_or_else(|| unusable("an exponent of more than 192 bytes"))
}

fn unusable(reason: &str) -> Unusable {
    Unusable::new("generated_modexp", reason)
}

#[cfg(test)]
#[cfg(feature = "rustcrypto")]
mod tests {
    use otr_backend_rustcrypto::RustCrypto;
    use otr_traits::{ModExp, Result, delegate};

    use super::super::tests::failed;
    use super::*;

    #[derive(Clone, Copy, PartialEq)]
    enum Fault {
        SecondTermForgotten,
        PreparedIsGenerator,
        PublicExponentOfAtMost40Bytes,
        ResponseTrimmed,
        ResponseNotReduced,
        ExponentsModQ,
        ZeroWithoutInverse,
    }

    impl ModExp for Fault {
        fn product(&self, terms: &[Term<'_>]) -> Result<Element> {
            let mut terms = terms.to_vec();
            if *self == Self::SecondTermForgotten && terms.len() == 2 {
                terms.truncate(1);
            }
            let short = Exponent::from_be_bytes(&[0, 7]).unwrap();
            for term in &mut terms {
                match (*self, term.base, term.exponent) {
                    (Self::PreparedIsGenerator, Base::Prepared(_), _) => term.base = Base::Generator,
                    (Self::PublicExponentOfAtMost40Bytes, _, Power::Public(e)) if e.expose().len() > 40 => {
                        term.exponent = Power::Public(&short);
                    }
                    _ => {}
                }
            }
            RustCrypto.product(&terms)
        }
        fn prepare(&self, base: &Element, uses: u8) -> Result<Prepared> {
            RustCrypto.prepare(base, uses)
        }
        fn mul(&self, a: &Element, b: &Element) -> Result<Element> {
            RustCrypto.mul(a, b)
        }
        fn div(&self, a: &Element, b: &Element) -> Result<Element> {
            match RustCrypto.div(a, b) {
                Err(Error::NoInverse) if *self == Self::ZeroWithoutInverse => Ok(Element::from([0; 192])),
                result => result,
            }
        }
        fn response(&self, r: &Exponent, x: &Exponent, c: &Exponent) -> Result<Exponent> {
            match *self {
                Self::ResponseTrimmed => {
                    let d = RustCrypto.response(r, x, c)?;
                    let start = d.expose().iter().position(|byte| *byte != 0).unwrap_or(192);
                    Ok(Exponent::from_be_bytes(&d.expose()[start..]).unwrap())
                }
                Self::ResponseNotReduced if x.expose().iter().all(|byte| *byte == 0) => {
                    let mut wide = Exponent::zeroed(192);
                    let start = 192 - r.expose().len();
                    wide.expose_mut()[start..].copy_from_slice(r.expose());
                    Ok(wide)
                }
                _ => RustCrypto.response(r, x, c),
            }
        }
        fn exponent_product(&self, a: &Exponent, b: &Exponent) -> Result<Exponent> {
            let product = RustCrypto.exponent_product(a, b)?;
            let zero = Exponent::zeroed(1);
            if *self == Self::ExponentsModQ {
                RustCrypto.response(&product, &zero, &zero)
            } else {
                Ok(product)
            }
        }
    }
    delegate! { impl[] Dsa, AesCtr, Hash, Rng, Backend for Fault => |self| RustCrypto }

    #[test]
    fn each_fault_is_caught_by_the_case_made_for_it_and_by_no_other_kind() {
        for (fault, kind, id) in [
            (Fault::SecondTermForgotten, "product/two-terms-", "product/two-terms-dh"),
            (Fault::PreparedIsGenerator, "product/", "product/element-to-320-bits"),
            (Fault::PublicExponentOfAtMost40Bytes, "product/", "product/g-to-leading-zeros-40-of-192"),
            (Fault::ResponseTrimmed, "response/", "response/leading-zero-8"),
            (Fault::ResponseNotReduced, "response/", "response/r-ones-alone"),
            (Fault::ExponentsModQ, "exponent_product/", "exponent_product/q-q"),
            (Fault::ZeroWithoutInverse, "div/", "div/by-p"),
        ] {
            let cases = cases(&fault, &Vectors::default()).unwrap();
            let failed: Vec<&str> =
                failed(&cases).iter().filter_map(|id| id.strip_prefix("modexp/")).collect();
            assert!(failed.iter().all(|id| id.starts_with(kind)), "{failed:?}");
            assert!(failed.contains(&id), "{id}: {failed:?}");
        }
    }
}
