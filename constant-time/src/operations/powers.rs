//! Powers in the group, and arithmetic on exponents.

use otr_backend_rustcrypto::RustCrypto;
use otr_traits::{Base, Element, Exponent, ModExp, Power, Term};

use super::{Operation, bytes, publish};
use crate::memcheck::conceal;

/// Exponents have 256 bits (the secret of a comparison, a challenge), 320 (a Diffie-Hellman private), or 1536.
pub(super) const ALL: &[Operation] = &[
    Operation { name: "power-of-element-256", id: "S-41", run: power_of_element::<32> },
    Operation { name: "power-of-element-320", id: "S-41", run: power_of_element::<40> },
    Operation { name: "power-of-element-1536", id: "S-41", run: power_of_element::<192> },
    Operation { name: "power-of-generator-256", id: "S-41", run: power_of_generator::<32> },
    Operation { name: "power-of-generator-320", id: "S-41", run: power_of_generator::<40> },
    Operation { name: "power-of-generator-1536", id: "S-41", run: power_of_generator::<192> },
    Operation { name: "power-of-prepared-256", id: "S-41", run: power_of_prepared::<32> },
    Operation { name: "power-of-prepared-320", id: "S-41", run: power_of_prepared::<40> },
    Operation { name: "power-of-prepared-1536", id: "S-41", run: power_of_prepared::<192> },
    Operation { name: "power-of-secret-element", id: "S-41", run: power_of_secret_element },
    Operation { name: "product-of-powers", id: "S-41", run: product_of_powers },
    Operation { name: "mul", id: "S-43", run: mul },
    Operation { name: "div", id: "S-43", run: div },
    Operation { name: "response", id: "S-43", run: response },
    Operation { name: "exponent-product", id: "S-43", run: exponent_product },
];

fn power_of_element<const WIDTH: usize>() {
    power::<WIDTH>(Base::Element(&Element::from(bytes(1))));
}

fn power_of_generator<const WIDTH: usize>() {
    power::<WIDTH>(Base::Generator);
}

fn power_of_prepared<const WIDTH: usize>() {
    let prepared = RustCrypto.prepare(&Element::from(bytes(1)), 4).expect("a table");
    power::<WIDTH>(Base::Prepared(&prepared));
}

fn power<const WIDTH: usize>(base: Base<'_>) {
    let (secret, public) = (secret_exponent::<WIDTH>(2), exponent::<WIDTH>(2));
    let power = product(&[Term { base, exponent: Power::Secret(&secret) }]);
    let expected = product(&[Term { base, exponent: Power::Public(&public) }]);
    assert_eq!(publish(power.as_be_bytes()), *expected.as_be_bytes());
}

/// A base that is secret itself, as Rab is, which is computed from one that may be.
fn power_of_secret_element() {
    let (base, secret, public) = (secret_element(1), secret_exponent::<192>(2), exponent::<192>(2));
    let power = product(&[Term { base: Base::Element(&base), exponent: Power::Secret(&secret) }]);
    let base = Element::from(bytes(1));
    let expected = product(&[Term { base: Base::Element(&base), exponent: Power::Public(&public) }]);
    assert_eq!(publish(power.as_be_bytes()), *expected.as_be_bytes());
}

/// Secret powers of every kind of base, and a public one among them.
fn product_of_powers() {
    let prepared = RustCrypto.prepare(&Element::from(bytes(1)), 4).expect("a table");
    let element = Element::from(bytes(2));
    let bases = [Base::Generator, Base::Prepared(&prepared), Base::Element(&element)];
    let c = exponent::<32>(6);
    let last = Term { base: Base::Element(&element), exponent: Power::Public(&c) };
    let secret = [secret_exponent::<192>(3), secret_exponent::<192>(4), secret_exponent::<40>(5)];
    let public = [exponent::<192>(3), exponent::<192>(4), exponent::<40>(5)];
    let terms = |powers: [Power<'_>; 3]| {
        let terms = bases.into_iter().zip(powers).map(|(base, exponent)| Term { base, exponent });
        product(&terms.chain([last]).collect::<Vec<_>>())
    };
    let result = terms(secret.each_ref().map(Power::Secret));
    let expected = terms(public.each_ref().map(Power::Public));
    assert_eq!(publish(result.as_be_bytes()), *expected.as_be_bytes());
}

fn mul() {
    let product = RustCrypto.mul(&secret_element(1), &secret_element(2)).expect("a product");
    let expected = RustCrypto.mul(&Element::from(bytes(1)), &Element::from(bytes(2))).expect("a product");
    assert_eq!(publish(product.as_be_bytes()), *expected.as_be_bytes());
}

/// The divisor is public.
fn div() {
    let (divisor, dividend) = (Element::from(bytes(2)), Element::from(bytes(1)));
    let quotient = RustCrypto.div(&secret_element(1), &divisor).expect("an inverse");
    let expected = RustCrypto.div(&dividend, &divisor).expect("an inverse");
    assert_eq!(publish(quotient.as_be_bytes()), *expected.as_be_bytes());
}

/// The challenge is public, as it is in every proof.
fn response() {
    let challenge = exponent::<32>(3);
    let (r, x) = (secret_exponent::<192>(1), secret_exponent::<192>(2));
    let answer = RustCrypto.response(&r, &x, &challenge).expect("an answer");
    let (r, x) = (exponent::<192>(1), exponent::<192>(2));
    let expected = RustCrypto.response(&r, &x, &challenge).expect("an answer");
    assert_eq!(publish(&wide(&answer)), wide(&expected));
}

fn exponent_product() {
    let (a, b) = (secret_exponent::<192>(1), secret_exponent::<192>(2));
    let product = RustCrypto.exponent_product(&a, &b).expect("a product");
    let (a, b) = (exponent::<192>(1), exponent::<192>(2));
    let expected = RustCrypto.exponent_product(&a, &b).expect("a product");
    assert_eq!(publish(&wide(&product)), wide(&expected));
}

fn product(terms: &[Term<'_>]) -> Element {
    RustCrypto.product(terms).expect("a product")
}

fn exponent<const WIDTH: usize>(seed: u8) -> Exponent {
    Exponent::from_be_bytes(&bytes::<WIDTH>(seed)).expect("at most 192 bytes")
}

fn secret_exponent<const WIDTH: usize>(seed: u8) -> Exponent {
    let exponent = exponent::<WIDTH>(seed);
    conceal(exponent.expose());
    exponent
}

fn secret_element(seed: u8) -> Element {
    let element = Element::from(bytes(seed));
    conceal(element.as_be_bytes());
    element
}

fn wide(exponent: &Exponent) -> [u8; 192] {
    exponent.expose().try_into().expect("192 bytes")
}
