//! Against num-bigint, on the edges and at random.

use num_bigint::BigUint;
use proptest::prelude::*;

use super::digits::Bits;
use super::window::{Fixed, Sliding};
use super::*;
use crate::{Exponent, ORDER, PRIME, Power};

fn number(bytes: &[u8]) -> BigUint {
    BigUint::from_bytes_be(bytes)
}

fn element(number: &BigUint) -> Element {
    Element::from_be_bytes(&number.to_bytes_be()).unwrap()
}

fn exponent(bytes: &[u8]) -> Exponent {
    Exponent::from_be_bytes(bytes).unwrap()
}

/// 0, 1, 2, what is around p, the greatest number of 1536 bits, digits of all zeros and all ones.
fn edges() -> Vec<BigUint> {
    let p = number(&PRIME);
    let one = BigUint::from(1_u8);
    let mixed: Vec<u8> = (0..192).map(|i| if i / 8 % 3 == 0 { 0xff } else { 0 }).collect();
    let mut edges: Vec<_> = (0_u8..3).map(BigUint::from).collect();
    edges.extend([
        &p - 2_u8,
        &p - 1_u8,
        p.clone(),
        &p + 1_u8,
        (&one << 1536) - 1_u8,
        one << 1535,
        number(&mixed),
    ]);
    edges
}

fn exponents() -> Vec<Vec<u8>> {
    let widths = [0, 1, 20, 32, 40, 192];
    let filled = widths.iter().flat_map(|width| [0x00, 0x01, 0x80, 0xff].map(|byte| vec![byte; *width]));
    filled.chain([vec![0; 191].into_iter().chain([5]).collect(), PRIME.to_vec()]).collect()
}

/// base^exponent in every way there is; `generator` for the base 2 only.
fn powers(base: &Element, exponent: &Exponent) -> Vec<Element> {
    let prepared = prepare(base, 3);
    let mut bases = vec![Base::Element(base), Base::Prepared(&prepared)];
    if *base == Element::generator() {
        bases.push(Base::Generator);
    }
    let both = [Power::Secret(exponent), Power::Public(exponent)];
    bases.iter().flat_map(|base| both.map(|exponent| product(&[Term { base: *base, exponent }]))).collect()
}

fn expected(terms: &[(&BigUint, &[u8])]) -> Element {
    let p = number(&PRIME);
    let product = terms.iter().fold(BigUint::from(1_u8), |product, (base, exponent)| {
        product * base.modpow(&number(exponent), &p) % &p
    });
    element(&product)
}

#[test]
fn products_on_the_edges() {
    for a in edges() {
        for b in edges() {
            let product = element(&(&a * &b % number(&PRIME)));
            assert_eq!(mul(&element(&a), &element(&b)), product, "{a:x} · {b:x}");
        }
        assert_eq!(to_element(&residue(&element(&a)).square()), mul(&element(&a), &element(&a)), "{a:x}²");
    }
}

#[test]
fn powers_on_the_edges() {
    for base in edges() {
        for bytes in exponents() {
            let expected = expected(&[(&base, &bytes)]);
            for power in powers(&element(&base), &exponent(&bytes)) {
                assert_eq!(power, expected, "{base:x} ^ {bytes:x?}");
            }
        }
    }
}

#[test]
fn no_terms_are_1() {
    assert_eq!(product(&[]), element(&BigUint::from(1_u8)));
}

#[test]
fn select_gives_the_entry_that_was_asked_for() {
    let entries: Vec<_> = (2_u8..33).map(|n| residue(&element(&BigUint::from(n)))).collect();
    for index in 0_u8..32 {
        let selected = to_element(&Residue::select(&entries, u32::from(index), &MODULUS));
        assert_eq!(selected, element(&BigUint::from(index + 1)));
    }
}

fn bytes(width: impl Strategy<Value = usize>) -> impl Strategy<Value = Vec<u8>> {
    width.prop_flat_map(|width| proptest::collection::vec(any::<u8>(), width))
}

/// Numbers with long runs of zeros and ones, where carries run far.
fn runs() -> impl Strategy<Value = Vec<u8>> {
    let digit = prop_oneof![Just([0; 8]), Just([0xff; 8]), any::<[u8; 8]>()];
    proptest::collection::vec(digit, 24).prop_map(|digits| digits.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn products_at_random(a in runs(), b in runs()) {
        let (a, b) = (number(&a), number(&b));
        prop_assert_eq!(mul(&element(&a), &element(&b)), element(&(&a * &b % number(&PRIME))));
        let square = to_element(&residue(&element(&a)).square());
        prop_assert_eq!(square, element(&(&a * &a % number(&PRIME))));
    }

    #[test]
    fn squares_at_random(a in runs()) {
        let (a, p) = (number(&a), number(&PRIME));
        let one = BigUint::from(1_u8);
        prop_assert_eq!(is_square(&element(&a)), a.modpow(&number(&ORDER), &p) == one);
        prop_assert!(is_square(&element(&(&a * &a % &p))) || &a % &p == BigUint::ZERO);
    }

    #[test]
    fn powers_at_random(base in runs(), bytes in bytes(0..=192_usize)) {
        let base = number(&base);
        for power in powers(&element(&base), &exponent(&bytes)) {
            prop_assert_eq!(power, expected(&[(&base, &bytes)]));
        }
    }

    /// All kinds of terms at once, each with an exponent of its own width.
    #[test]
    fn products_of_powers_at_random(
        terms in proptest::collection::vec((runs(), bytes(0..=192_usize), 0..3_u8, any::<bool>()), 0..5),
    ) {
        let generator = BigUint::from(2_u8);
        let elements: Vec<_> = terms.iter().map(|(base, ..)| element(&number(base))).collect();
        let prepared: Vec<_> = elements.iter().map(|element| prepare(element, 2)).collect();
        let exponents: Vec<_> = terms.iter().map(|(_, bytes, ..)| exponent(bytes)).collect();
        let numbers: Vec<_> = terms
            .iter()
            .map(|(base, _, kind, _)| if *kind == 0 { generator.clone() } else { number(base) })
            .collect();
        let product_terms: Vec<_> = terms
            .iter()
            .enumerate()
            .map(|(i, (_, _, kind, secret))| Term {
                base: match kind {
                    0 => Base::Generator,
                    1 => Base::Element(&elements[i]),
                    _ => Base::Prepared(&prepared[i]),
                },
                exponent: if *secret { Power::Secret(&exponents[i]) } else { Power::Public(&exponents[i]) },
            })
            .collect();
        let expected_terms: Vec<_> =
            numbers.iter().zip(&terms).map(|(base, (_, bytes, ..))| (base, bytes.as_slice())).collect();
        prop_assert_eq!(product(&product_terms), expected(&expected_terms));
    }
}

/// CONST-02: by Euler's criterion, a square is what is 1 to the power of q.
#[test]
fn const_02_squares_are_what_eulers_criterion_says() {
    let (p, q) = (number(&PRIME), number(&ORDER));
    let is_square = |a: &BigUint| is_square(&element(a));
    let one = BigUint::from(1_u8);
    for shift in [0_u32, 1, 63, 64, 65, 127, 128, 1471, 1472, 1535] {
        let power: BigUint = &one << shift;
        for a in [power.clone(), &power + 1_u8, &p - &power % &p, &power * 5_u8 % &p, &power * 11_u8 % &p] {
            assert_eq!(is_square(&a), a.modpow(&q, &p) == one, "{a}");
        }
    }
    for a in edges() {
        assert_eq!(is_square(&a), a.modpow(&q, &p) == one, "{a}");
    }
}

/// S-45: a table that grew would leave residues behind in the memory it had before.
#[test]
fn s_45_tables_have_their_final_size_from_the_start() {
    let base = residue(&Element::generator());
    for width in [20, 192] {
        let exponent = exponent(&vec![0xff; width]);
        assert!(Fixed::new(base.clone(), 8 * width).is_full());
        assert!(Sliding::new(base.clone(), Bits::of(&exponent)).is_full());
    }
    for shape in [GENERATOR, RECEIVED] {
        assert!(Comb::new(base.clone(), shape).is_full());
    }
}
