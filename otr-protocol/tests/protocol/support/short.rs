//! A source of random bytes that runs short, and a watch over who uses what it had left.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use otr_protocol::RustCrypto;
use otr_protocol::traits::{
    AesCtr, AesKey, Element, Error, Exponent, ModExp, Prepared, Purpose, Result, Rng, Term, delegate,
};

/// How much of a buffer is random after a draw that failed. The rest is as it was before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Left {
    #[default]
    Nothing,
    Half,
    /// All of it. Still the source has said that it failed.
    Everything,
}

/// Fails at one draw, and notices if what that left behind becomes a key or an exponent all the same.
#[derive(Default)]
pub(crate) struct Short {
    inner: RustCrypto,
    draws: AtomicUsize,
    plan: Mutex<(usize, Left)>,
    /// What the draw that failed was for, and what was in the buffer then.
    spoilt: Mutex<Option<(Purpose, Vec<u8>)>>,
    uses: AtomicUsize,
}

impl Short {
    /// Makes the `n`-th draw from now fail; 0 for none.
    pub(crate) fn fail_at(&self, n: usize, left: Left) {
        *self.plan.lock().unwrap() = (n, left);
        self.draws.store(0, Ordering::Relaxed);
    }

    /// How many draws there were since then.
    pub(crate) fn draws(&self) -> usize {
        self.draws.load(Ordering::Relaxed)
    }

    /// What the draw that failed was for.
    pub(crate) fn failed_for(&self) -> Option<Purpose> {
        self.spoilt.lock().unwrap().as_ref().map(|(purpose, _)| *purpose)
    }

    /// How often what a failed draw left was used.
    pub(crate) fn uses(&self) -> usize {
        self.uses.load(Ordering::Relaxed)
    }

    fn watch(&self, bytes: &[u8]) {
        let is_spoilt = self.spoilt.lock().unwrap().as_ref().is_some_and(|(_, spoilt)| spoilt == bytes);
        self.uses.fetch_add(usize::from(is_spoilt), Ordering::Relaxed);
    }
}

impl Rng for Short {
    fn fill(&self, purpose: Purpose, buf: &mut [u8]) -> Result<()> {
        let (n, left) = *self.plan.lock().unwrap();
        if self.draws.fetch_add(1, Ordering::Relaxed) + 1 != n {
            return self.inner.fill(purpose, buf);
        }
        let length = match left {
            Left::Nothing => 0,
            Left::Half => buf.len() / 2,
            Left::Everything => buf.len(),
        };
        self.inner.fill(purpose, &mut buf[..length])?;
        *self.spoilt.lock().unwrap() = Some((purpose, buf.to_vec()));
        Err(Error::Rng)
    }
}

impl AesCtr for Short {
    fn aes_ctr(&self, key: &AesKey, counter: [u8; 16], data: &mut [u8]) -> Result<()> {
        self.watch(key.expose());
        self.inner.aes_ctr(key, counter, data)
    }
}

impl ModExp for Short {
    fn product(&self, terms: &[Term<'_>]) -> Result<Element> {
        terms.iter().for_each(|term| self.watch(term.exponent.exponent().expose()));
        self.inner.product(terms)
    }

    fn prepare(&self, base: &Element, uses: u8) -> Result<Prepared> {
        self.inner.prepare(base, uses)
    }

    fn mul(&self, a: &Element, b: &Element) -> Result<Element> {
        self.inner.mul(a, b)
    }

    fn div(&self, a: &Element, b: &Element) -> Result<Element> {
        self.inner.div(a, b)
    }

    fn response(&self, r: &Exponent, x: &Exponent, c: &Exponent) -> Result<Exponent> {
        [r, x].iter().for_each(|exponent| self.watch(exponent.expose()));
        self.inner.response(r, x, c)
    }

    fn exponent_product(&self, a: &Exponent, b: &Exponent) -> Result<Exponent> {
        [a, b].iter().for_each(|exponent| self.watch(exponent.expose()));
        self.inner.exponent_product(a, b)
    }
}

delegate! { impl[] Dsa, Hash, Backend for Short => |self| self.inner }
