//! A backend for very many conversations that are nearly the same.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex};

use otr_protocol::RustCrypto;
use otr_protocol::traits::{
    AesCtr, AesKey, Digest, Dsa, Element, Exponent, KeyGeneration, ModExp, Prepared, PublicKey, Purpose,
    Result, Rng, SecretKey, Signature, Term, Thoroughness, delegate,
};

/// Computes as RustCrypto does, but each power and each signature only once for the whole process, and draws the same
/// random bytes in every conversation. So an exchange costs hardly more than its hashes, and a finding comes again.
pub(crate) struct Repeated {
    party: u8,
    /// How often bytes were drawn for each purpose.
    drawn: Mutex<HashMap<Purpose, u64>>,
    /// What was last given to AES: of an encryption, the plaintext.
    last: Mutex<Vec<u8>>,
}

impl Repeated {
    /// The backend of one party; another number draws other bytes.
    pub(crate) fn new(party: u8) -> Arc<Self> {
        Arc::new(Self { party, drawn: Mutex::default(), last: Mutex::default() })
    }

    /// The plaintext of what was encrypted last.
    pub(crate) fn last_plaintext(&self) -> Vec<u8> {
        self.last.lock().unwrap().clone()
    }
}

/// Results that are kept, up to a limit.
struct Kept<V>(Mutex<HashMap<Vec<u8>, V>>);

impl<V: Clone> Kept<V> {
    /// What is kept under the parts of `key`; computed if nothing is.
    fn once(&self, key: &[&[u8]], compute: impl FnOnce() -> V) -> V {
        const MOST: usize = 1 << 15;
        let key = key.concat();
        let mut kept = self.0.lock().unwrap();
        if let Some(value) = kept.get(&key) {
            return value.clone();
        }
        if kept.len() == MOST {
            kept.clear();
        }
        let value = compute();
        kept.insert(key, value.clone());
        value
    }
}

static POWERS: LazyLock<Kept<Result<Element>>> = LazyLock::new(|| Kept(Mutex::default()));
static QUOTIENTS: LazyLock<Kept<Result<Element>>> = LazyLock::new(|| Kept(Mutex::default()));
static SIGNATURES: LazyLock<Kept<Result<Signature>>> = LazyLock::new(|| Kept(Mutex::default()));
static VERDICTS: LazyLock<Kept<Result<()>>> = LazyLock::new(|| Kept(Mutex::default()));

impl Rng for Repeated {
    fn fill(&self, purpose: Purpose, buf: &mut [u8]) -> Result<()> {
        let mut drawn = self.drawn.lock().unwrap();
        let count = drawn.entry(purpose).or_default();
        *count += 1;
        let label = purpose.label().bytes().fold(0, |sum: u64, byte| sum * 31 + u64::from(byte));
        let mut state = (label << 24) ^ (u64::from(self.party) << 16) ^ *count;
        for chunk in buf.chunks_mut(8) {
            chunk.copy_from_slice(&split_mix(&mut state).to_le_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}

/// SplitMix64: not random, but different.
fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mixed = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

impl ModExp for Repeated {
    fn product(&self, terms: &[Term<'_>]) -> Result<Element> {
        let bases: Vec<_> = terms.iter().map(|term| term.base.to_element()).collect();
        let pairs = bases.iter().zip(terms);
        let key: Vec<&[u8]> =
            pairs.flat_map(|(base, term)| [base.as_be_bytes(), term.exponent.exponent().expose()]).collect();
        POWERS.once(&key, || RustCrypto.product(terms))
    }

    /// No table: what is computed once needs none.
    fn prepare(&self, base: &Element, _: u8) -> Result<Prepared> {
        Ok(Prepared::plain(base.clone()))
    }

    fn mul(&self, a: &Element, b: &Element) -> Result<Element> {
        RustCrypto.mul(a, b)
    }

    fn div(&self, a: &Element, b: &Element) -> Result<Element> {
        QUOTIENTS.once(&[a.as_be_bytes(), b.as_be_bytes()], || RustCrypto.div(a, b))
    }

    fn response(&self, r: &Exponent, x: &Exponent, c: &Exponent) -> Result<Exponent> {
        RustCrypto.response(r, x, c)
    }

    fn exponent_product(&self, a: &Exponent, b: &Exponent) -> Result<Exponent> {
        RustCrypto.exponent_product(a, b)
    }
}

impl Dsa for Repeated {
    fn generation(&self) -> Result<Box<dyn KeyGeneration>> {
        RustCrypto.generation()
    }

    fn sign(&self, key: &SecretKey, digest: &Digest) -> Result<Signature> {
        let public = key.public();
        SIGNATURES.once(&[public.p(), public.y(), digest.as_bytes()], || RustCrypto.sign(key, digest))
    }

    fn verify(&self, key: &PublicKey, digest: &Digest, signature: &Signature) -> Result<()> {
        let parts: [&[u8]; 7] =
            [key.p(), key.q(), key.g(), key.y(), digest.as_bytes(), &signature.r, &signature.s];
        VERDICTS.once(&parts, || RustCrypto.verify(key, digest, signature))
    }

    fn validate(&self, key: &PublicKey, thoroughness: Thoroughness) -> Result<()> {
        let how = [thoroughness as u8];
        VERDICTS.once(&[key.p(), key.q(), key.g(), key.y(), &how], || RustCrypto.validate(key, thoroughness))
    }

    fn validate_secret(&self, key: &SecretKey) -> Result<()> {
        let public = key.public();
        let parts: [&[u8]; 5] = [public.p(), public.q(), public.g(), public.y(), key.x().expose()];
        VERDICTS.once(&parts, || RustCrypto.validate_secret(key))
    }
}

impl AesCtr for Repeated {
    fn aes_ctr(&self, key: &AesKey, counter: [u8; 16], data: &mut [u8]) -> Result<()> {
        data.clone_into(&mut self.last.lock().unwrap());
        RustCrypto.aes_ctr(key, counter, data)
    }
}

delegate! { impl[] Hash, Backend for Repeated => |self| RustCrypto }
