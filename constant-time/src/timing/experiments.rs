//! What is measured.

use std::hint::black_box;
use std::sync::Arc;

use otr_backend_rustcrypto::RustCrypto;
use otr_benches::{Shared, keys};
use otr_traits::{Base, Digest, Element, Exponent, Power, Prepared, Secret, SecretKey, Term};

use super::Kind;

/// An operation, to be done with secrets of both kinds.
pub(super) struct Experiment {
    pub(super) name: String,
    pub(super) is_control: bool,
    /// How many times it is measured in a round.
    pub(super) samples: usize,
    /// Makes the secret, which is not measured; what is returned is.
    pub(super) prepare: Prepare,
}

type Prepare = Box<dyn Fn(Kind) -> Box<dyn FnMut()>>;

pub(super) fn all() -> Vec<Experiment> {
    let mut all = vec![comparison(true), comparison(false)];
    #[cfg(feature = "openssl")]
    all.extend(of_backend(&(Arc::new(otr_backend_openssl::OpenSsl) as Shared), openssl_control()));
    let rustcrypto: Shared = Arc::new(RustCrypto);
    let control = public_power(&rustcrypto);
    all.extend(of_backend(&rustcrypto, control));
    all
}

fn of_backend(backend: &Shared, control: Experiment) -> Vec<Experiment> {
    vec![
        control,
        power_of_element::<192>(backend),
        power_of_element::<40>(backend),
        power_of_generator(backend),
        power_of_prepared(backend),
        response(backend),
        exponent_product(backend),
        div(backend),
        sign(backend),
    ]
}

/// How long a comparison takes that finds a difference at once, or none. Very short, so many times.
fn comparison(is_control: bool) -> Experiment {
    let name = if is_control { "control: comparison with early exit" } else { "comparison" };
    experiment(name.into(), is_control, 4000, move |kind| {
        let secret = Secret::from(bytes::<64>(kind));
        let guess = Secret::from(bytes::<64>(Kind::Sparse));
        Box::new(move || {
            for _ in 0..200 {
                let (a, b) = (black_box(&secret), black_box(&guess));
                let equal =
                    if is_control { a.expose().iter().zip(b.expose()).all(|(a, b)| a == b) } else { a == b };
                black_box(equal);
            }
        })
    })
}

/// OpenSSL's power without the flag that ours has.
#[cfg(feature = "openssl")]
fn openssl_control() -> Experiment {
    use openssl::bn::{BigNum, BigNumContext};
    experiment("openssl control: power without BN_FLG_CONSTTIME".into(), true, 1000, |kind| {
        let number = |bytes: &[u8]| BigNum::from_slice(bytes).expect("a number");
        let (base, exponent) = (number(base().as_be_bytes()), number(&bytes::<192>(kind)));
        let p = number(&otr_traits::PRIME);
        let (mut power, mut context) =
            (BigNum::new().expect("a number"), BigNumContext::new().expect("a context"));
        Box::new(move || power.mod_exp(&base, &exponent, &p, &mut context).expect("a power"))
    })
}

/// With the exponent handed over as a public one, the windows slide.
fn public_power(backend: &Shared) -> Experiment {
    let backend = Shared::clone(backend);
    let name = format!("{} control: public power of a secret exponent", backend.name());
    experiment(name, true, 1000, move |kind| {
        let (backend, exponent) = (Shared::clone(&backend), exponent::<192>(kind));
        let base = base();
        Box::new(move || {
            let term = Term { base: Base::Element(&base), exponent: Power::Public(&exponent) };
            black_box(backend.product(&[term]).expect("a power"));
        })
    })
}

fn power_of_element<const WIDTH: usize>(backend: &Shared) -> Experiment {
    secret(backend, &format!("power of an element, {} bits", 8 * WIDTH), 1000, move |backend, kind| {
        let exponent = exponent::<WIDTH>(kind);
        let base = base();
        Box::new(move || raise(&backend, Base::Element(&base), &exponent))
    })
}

fn power_of_generator(backend: &Shared) -> Experiment {
    secret(backend, "power of the generator, 1536 bits", 2000, |backend, kind| {
        let exponent = exponent::<192>(kind);
        Box::new(move || raise(&backend, Base::Generator, &exponent))
    })
}

fn power_of_prepared(backend: &Shared) -> Experiment {
    let prepared: Arc<Prepared> = Arc::new(backend.prepare(&base(), 4).expect("a table"));
    secret(backend, "power of a prepared base, 1536 bits", 1000, move |backend, kind| {
        let (exponent, prepared) = (exponent::<192>(kind), Arc::clone(&prepared));
        Box::new(move || raise(&backend, Base::Prepared(&prepared), &exponent))
    })
}

fn raise(backend: &Shared, base: Base<'_>, exponent: &Exponent) {
    let term = Term { base, exponent: Power::Secret(exponent) };
    black_box(backend.product(&[term]).expect("a power"));
}

/// Of the two secrets in it, the one that is used more than once.
fn response(backend: &Shared) -> Experiment {
    secret(backend, "response", 4000, |backend, kind| {
        let (x, c) = (exponent::<192>(kind), exponent::<32>(Kind::Dense));
        let r = Exponent::from_be_bytes(base().as_be_bytes()).expect("at most 192 bytes");
        Box::new(move || drop(black_box(backend.response(&r, &x, &c).expect("a response"))))
    })
}

fn exponent_product(backend: &Shared) -> Experiment {
    secret(backend, "product of exponents", 4000, |backend, kind| {
        let a = exponent::<192>(kind);
        let b = Exponent::from_be_bytes(base().as_be_bytes()).expect("at most 192 bytes");
        Box::new(move || drop(black_box(backend.exponent_product(&a, &b).expect("a product"))))
    })
}

/// The divisor is public.
fn div(backend: &Shared) -> Experiment {
    secret(backend, "division", 4000, |backend, kind| {
        let (dividend, divisor) = (Element::from(bytes(kind)), base());
        Box::new(move || drop(black_box(backend.div(&dividend, &divisor).expect("a quotient"))))
    })
}

fn sign(backend: &Shared) -> Experiment {
    let [own, _] = keys();
    secret(backend, "signature", 1000, move |backend, kind| {
        let key = SecretKey::new(own.public().clone(), Secret::from(bytes(kind))).expect("x is below q");
        let digest = Digest::reduce(&[0x5a; 32], key.public().q());
        Box::new(move || {
            black_box(backend.sign(&key, &digest).expect("a signature"));
        })
    })
}

fn secret(
    backend: &Shared,
    operation: &str,
    samples: usize,
    prepare: impl Fn(Shared, Kind) -> Box<dyn FnMut()> + 'static,
) -> Experiment {
    let backend = Shared::clone(backend);
    let name = format!("{}: {operation}", backend.name());
    experiment(name, false, samples, move |kind| prepare(Shared::clone(&backend), kind))
}

fn experiment(
    name: String,
    is_control: bool,
    samples: usize,
    prepare: impl Fn(Kind) -> Box<dyn FnMut()> + 'static,
) -> Experiment {
    Experiment { name, is_control, samples, prepare: Box::new(prepare) }
}

/// All secrets have the same length in bits, which OpenSSL tells, in words. The others are below p, q or the
/// order of the key, too.
fn bytes<const N: usize>(kind: Kind) -> [u8; N] {
    let mut bytes = match kind {
        Kind::Sparse => [0; N],
        Kind::Dense => [0xff; N],
    };
    bytes[0] = match kind {
        Kind::Sparse => 0x40,
        Kind::Dense => 0x7f,
    };
    bytes
}

fn exponent<const N: usize>(kind: Kind) -> Exponent {
    Exponent::from_be_bytes(&bytes::<N>(kind)).expect("at most 192 bytes")
}

/// Some element without a pattern: a power of the generator.
fn base() -> Element {
    use otr_traits::ModExpExt;
    static BASE: std::sync::OnceLock<Element> = std::sync::OnceLock::new();
    BASE.get_or_init(|| RustCrypto.pow_g(&exponent::<192>(Kind::Dense)).expect("a power")).clone()
}
