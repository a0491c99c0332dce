//! Powers against recorded ones, and the arithmetic of exponents against powers.

use otr_traits::{Base, ModExpExt, Power};

use super::*;
use crate::testing::hex;

// One exchange, computed in Python by code that also explains every recorded conversation of libotr.
const X: &str = "b84e38095728e6ac55aae560d75ea1bbf60c2fe4d0b81c854c008a125a79c56381b6581e702362e9";
const G_X: &str = "\
    7ed1e4f36cc049def8d6a93cf61f6717b49b33302579a3a23abbf1af6cb952298546671318c0cf5a466237457792c9a7\
    8a301957e6252a41df385163dd0aa15254310538389b5fc9f29d432f3a9c58c622de7926a4bdd0beab0adf099757b3d5\
    956584a4e954878f9a3a5f1c22826aff86f01acd77a6cf14ad4051edc8e0a16a9699e8fff4ab5e5437363bb067cdb4cd\
    8455383b183e45b196b1ddd496c2c904d5081aafddc390911292f99e1992b9265f5fa589ec9ceb4b03ffd2e930c6be78";
const G_Y: &str = "\
    b239dc5decb14aeb963cbf8c3a8fb1fa07a985255e6e48973eb5111dccefe0347c6a36866bca9e5c14646337af278619\
    2d970aa03c0f68136ed6d6cea24a8ba3bb94f97489002e4c62a1c2c395d1feb024284f9070557f65144767d6ad7a1af5\
    67509ece93d570d9f7807fbf5f9754363f08958740fc637251ce859e66ef397fa14d20b74503c1ff1f52b34ca2e24da3\
    3b833bd276c0e5989772f068ae7ea73361784bcae1fc4c021667c2793c41deb52b7ca247577ef91314fd8a1009223a39";
const S: &str = "\
    17289dd02ad0bde2c04384c9d009eee901d144873ee0bb6f4ab3e2440094719963ef610aa5174205f2b4d214ae97b061\
    5edcdc3896b8d52c013283d43e4c4f1ad3fc099e8a1a24d9e13c4e9eed7323112670b8ebc07bcc42e84563ccab57cbcf\
    ff9ee0ca86108a9649850f3ab400605de106ffc3b1297d8cde088a69943753ac54dd6834e83c2d5b5d77249aca7554c5\
    d24ee1c9bd104e2a83f32cfd7008c9a27737a2ff43911799f69d82934964ef72001a7dcff9da9e206086007e249d1325";

const B: RustCrypto = RustCrypto;

fn element_of(bytes: &[u8]) -> Element {
    Element::from_be_bytes(bytes).unwrap()
}

fn recorded(text: &str) -> Element {
    element_of(&hex::<192>(text))
}

fn exponent_of(bytes: &[u8]) -> Exponent {
    Exponent::from_be_bytes(bytes).unwrap()
}

/// p − `n`; −2 = p − 2 generates the whole group: its powers are equal only if the exponents are, mod p − 1.
fn minus(n: u8) -> Element {
    let mut bytes = PRIME;
    bytes[191] -= n;
    element_of(&bytes)
}

/// Exponents of every shape: none, zero, narrow, padded, q, p − 1, and the largest, far above both.
fn exponents() -> Vec<Exponent> {
    let p_minus_1 = minus(1);
    let slices: [&[u8]; 8] =
        [&[], &[0], &[1], &[0, 0, 7], &hex::<40>(X), &ORDER, p_minus_1.as_be_bytes(), &[0xff; 192]];
    slices.map(exponent_of).into()
}

#[test]
fn const_01_powers_are_those_of_libotr() {
    let x = exponent_of(&hex::<40>(X));
    assert_eq!(B.pow_g(&x).unwrap(), recorded(G_X));
    assert_eq!(B.pow(&recorded(G_Y), &x).unwrap(), recorded(S));
}

#[test]
fn a_product_multiplies_powers_of_every_kind_of_base_and_exponent() {
    let (x, short) = (exponent_of(&hex::<40>(X)), exponent_of(&[3]));
    let gy = recorded(G_Y);
    // The table is of a type that this backend does not know.
    let prepared = Prepared::with_table(gy.clone(), "a table");
    let terms = [
        Term { base: Base::Generator, exponent: Power::Public(&x) },
        Term { base: Base::Element(&gy), exponent: Power::Public(&short) },
        Term { base: Base::Prepared(&prepared), exponent: Power::Secret(&x) },
    ];
    let cube = B.mul(&B.mul(&gy, &gy).unwrap(), &gy).unwrap();
    let expected = B.mul(&B.mul(&recorded(G_X), &cube).unwrap(), &recorded(S)).unwrap();
    assert_eq!(B.product(&terms).unwrap(), expected);
    assert_eq!(B.product(&[]).unwrap(), element_of(&[1]));
    assert_eq!(B.prepare(&gy, 9).unwrap().base(), &gy);
}

#[test]
fn powers_with_secret_and_public_exponents_agree() {
    for base in [element_of(&[0]), element_of(&[5]), minus(2), element_of(&[0xff; 192])] {
        for exponent in exponents() {
            let power = |exponent| B.product(&[Term { base: Base::Element(&base), exponent }]).unwrap();
            assert_eq!(power(Power::Secret(&exponent)), power(Power::Public(&exponent)), "{exponent:?}");
        }
    }
}

#[test]
fn what_is_not_below_p_is_reduced() {
    let (zero, one) = (element_of(&[0]), element_of(&[1]));
    let mut p_plus_5 = PRIME;
    // p ends in …ff: p + 5 carries through its eight low bytes.
    p_plus_5[184..].copy_from_slice(&[0, 0, 0, 0, 0, 0, 0, 4]);
    p_plus_5[183] += 1;
    let p_plus_5 = element_of(&p_plus_5);
    assert_eq!(B.mul(&minus(0), &element_of(&[7])).unwrap(), zero);
    assert_eq!(B.mul(&p_plus_5, &one).unwrap(), element_of(&[5]));
    assert_eq!(B.div(&one, &p_plus_5).unwrap(), B.div(&one, &element_of(&[5])).unwrap());
    assert_eq!(B.pow(&p_plus_5, &exponent_of(&[2])).unwrap(), element_of(&[25]));
}

#[test]
fn division_undoes_multiplication_and_refuses_multiples_of_p() {
    let (a, b) = (recorded(G_X), recorded(G_Y));
    assert_eq!(B.div(&B.mul(&a, &b).unwrap(), &b).unwrap(), a);
    assert_eq!(B.div(&minus(0), &b).unwrap(), element_of(&[0]));
    for multiple in [element_of(&[0]), minus(0)] {
        assert_eq!(B.div(&a, &multiple), Err(Error::NoInverse));
    }
}

#[test]
fn a_response_answers_its_challenge() {
    for r in [&[], &ORDER[..], &[0xff; 192]].map(exponent_of) {
        let commitment = B.pow_g(&r).unwrap();
        for x in exponents() {
            let gx = B.pow_g(&x).unwrap();
            for c in exponents() {
                let d = B.response(&r, &x, &c).unwrap();
                assert_eq!(d.expose().len(), 192);
                assert!(d.expose() < ORDER.as_slice());
                // g^d · (g^x)^c = g^r, and g has order q.
                let answer = B.mul(&B.pow_g(&d).unwrap(), &B.pow(&gx, &c).unwrap()).unwrap();
                assert_eq!(answer, commitment, "{r:?} {x:?} {c:?}");
            }
        }
    }
}

#[test]
fn a_product_of_exponents_is_the_power_of_a_power() {
    for a in exponents() {
        let power = B.pow(&minus(2), &a).unwrap();
        for b in exponents() {
            let ab = B.exponent_product(&a, &b).unwrap();
            assert_eq!(ab.expose().len(), 192);
            assert!(ab.expose() < minus(1).as_be_bytes().as_slice());
            assert_eq!(B.pow(&minus(2), &ab).unwrap(), B.pow(&power, &b).unwrap(), "{a:?} {b:?}");
        }
    }
}
