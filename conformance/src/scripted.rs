//! A backend whose randomness comes from a recording, and which notes the keys it is given.

use std::sync::{Mutex, MutexGuard, PoisonError};

use otr_traits::{AesCtr, AesKey, Backend, Error, Hash, Purpose, Result, Rng, delegate};

/// A backend that draws what a recorded party drew (REPLAY 4), and computes with another one.
///
/// DSA is the other backend's own: each draws its nonces in its own way, so signatures are verified and not
/// compared (REPLAY 5).
pub struct Scripted<B> {
    inner: B,
    tape: Mutex<Tape>,
}

/// A value that the recorded party drew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draw {
    /// In which step.
    pub step: u32,
    /// What for: [`Purpose::label`].
    pub label: String,
    /// The value.
    pub bytes: Vec<u8>,
}

/// What happened since the last [`Scripted::take_log`].
#[derive(Clone, Debug, Default)]
pub struct Log {
    /// The keys given to AES and to the HMACs, in order.
    pub keys: Vec<Vec<u8>>,
    /// The values handed out.
    pub draws: Vec<Draw>,
    /// What no value was left for; the draw failed.
    pub exhausted: Vec<Purpose>,
}

struct Tape {
    step: u32,
    unused: Vec<Draw>,
    log: Log,
}

impl<B: Backend> Scripted<B> {
    /// A backend that hands out `draws`, which stand in the order of their steps.
    pub fn new(inner: B, draws: Vec<Draw>) -> Self {
        Self { inner, tape: Mutex::new(Tape { step: 0, unused: draws, log: Log::default() }) }
    }

    /// Goes on to a step of the recording.
    pub fn go_to(&self, step: u32) {
        self.tape().step = step;
    }

    /// What happened since this was last asked.
    pub fn take_log(&self) -> Log {
        core::mem::take(&mut self.tape().log)
    }

    fn tape(&self) -> MutexGuard<'_, Tape> {
        self.tape.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, key: &[u8]) {
        self.tape().log.keys.push(key.to_vec());
    }
}

impl Tape {
    /// An unused value with this label: of the same step; else the latest before; else the first after.
    fn take(&mut self, label: &str) -> Option<Draw> {
        let (label_matches, step) = (|draw: &Draw| draw.label == label, self.step);
        let same = self.unused.iter().position(|draw| label_matches(draw) && draw.step == step);
        let earlier = self.unused.iter().rposition(|draw| label_matches(draw) && draw.step < step);
        let later = self.unused.iter().position(|draw| label_matches(draw) && draw.step > step);
        same.or(earlier).or(later).map(|index| self.unused.remove(index))
    }
}

impl<B: Backend> Rng for Scripted<B> {
    fn fill(&self, purpose: Purpose, buf: &mut [u8]) -> Result<()> {
        let mut tape = self.tape();
        match tape.take(purpose.label()) {
            Some(draw) if draw.bytes.len() == buf.len() => {
                buf.copy_from_slice(&draw.bytes);
                tape.log.draws.push(draw);
                Ok(())
            }
            _ => {
                tape.log.exhausted.push(purpose);
                Err(Error::Rng)
            }
        }
    }
}

impl<B: Backend> AesCtr for Scripted<B> {
    fn aes_ctr(&self, key: &AesKey, counter: [u8; 16], data: &mut [u8]) -> Result<()> {
        self.note(key.expose());
        self.inner.aes_ctr(key, counter, data)
    }
}

impl<B: Backend> Hash for Scripted<B> {
    fn sha1(&self, parts: &[&[u8]], out: &mut [u8; 20]) -> Result<()> {
        self.inner.sha1(parts, out)
    }

    fn sha256(&self, parts: &[&[u8]], out: &mut [u8; 32]) -> Result<()> {
        self.inner.sha256(parts, out)
    }

    fn hmac_sha1(&self, key: &[u8], parts: &[&[u8]], out: &mut [u8; 20]) -> Result<()> {
        self.note(key);
        self.inner.hmac_sha1(key, parts, out)
    }

    fn hmac_sha256(&self, key: &[u8], parts: &[&[u8]], out: &mut [u8; 32]) -> Result<()> {
        self.note(key);
        self.inner.hmac_sha256(key, parts, out)
    }
}

delegate! { impl[B: Backend] ModExp, Dsa, Backend for Scripted<B> => |self| self.inner }

#[cfg(all(test, feature = "rustcrypto"))]
mod tests {
    use otr_backend_rustcrypto::RustCrypto;

    use super::*;

    fn drawn(steps: &[u32], at: &[u32]) -> Vec<Option<u8>> {
        let draw = |step: &u32| Draw { step: *step, label: "r".into(), bytes: vec![*step as u8; 16] };
        let scripted = Scripted::new(RustCrypto, steps.iter().map(draw).collect());
        let take = |step: &u32| {
            scripted.go_to(*step);
            let mut r = [0; 16];
            scripted.fill(Purpose::R, &mut r).ok().map(|()| r[0])
        };
        at.iter().map(take).collect()
    }

    #[test]
    fn replay_4_a_draw_takes_the_same_step_then_the_latest_before_then_the_next_after() {
        assert_eq!(drawn(&[1, 2, 4, 5], &[4, 4, 4, 4]), [Some(4), Some(2), Some(1), Some(5)]);
    }

    #[test]
    fn replay_4_without_a_value_the_draw_fails_and_is_noted() {
        assert_eq!(drawn(&[1], &[1, 2]), [Some(1), None]);
        let scripted = Scripted::new(RustCrypto, vec![]);
        assert_eq!(scripted.fill(Purpose::DhPrivate, &mut [0; 40]), Err(Error::Rng));
        assert_eq!(scripted.take_log().exhausted, [Purpose::DhPrivate]);
    }

    #[test]
    fn keys_given_to_aes_and_hmac_are_noted() {
        let scripted = Scripted::new(RustCrypto, vec![]);
        scripted.aes_ctr(&AesKey::from([7; 16]), [0; 16], &mut []).unwrap();
        scripted.hmac_sha1(&[8], &[], &mut [0; 20]).unwrap();
        scripted.sha1(&[b"no key"], &mut [0; 20]).unwrap();
        assert_eq!(scripted.take_log().keys, [vec![7; 16], vec![8]]);
        assert!(scripted.take_log().keys.is_empty());
    }
}
