//! Random bytes. There is nothing to compare them with; what a sound source does, but for a chance that is stated.

use std::collections::BTreeSet;

use otr_traits::{Backend, Purpose, SmpExponent};

use crate::{Case, Unusable, Vectors};

/// Every purpose there is.
const PURPOSES: [Purpose; 16] = [
    Purpose::DhPrivate,
    Purpose::R,
    Purpose::InstanceTag,
    Purpose::DsaKey,
    Purpose::DsaNonce,
    Purpose::Saved,
    Purpose::Smp(SmpExponent::A2),
    Purpose::Smp(SmpExponent::A3),
    Purpose::Smp(SmpExponent::B2),
    Purpose::Smp(SmpExponent::B3),
    Purpose::Smp(SmpExponent::R2),
    Purpose::Smp(SmpExponent::R3),
    Purpose::Smp(SmpExponent::R4),
    Purpose::Smp(SmpExponent::R5),
    Purpose::Smp(SmpExponent::R6),
    Purpose::Smp(SmpExponent::R7),
];

/// How many bytes the statistics look at.
const SAMPLE: usize = 1 << 17;

/// Lengths, purposes and statistics. A sound source fails with a probability below 10^-20 in all.
pub(crate) fn cases(backend: &dyn Backend, _: &Vectors) -> Result<Vec<Case>, Unusable> {
    Ok(vec![lengths(backend), purposes(backend), ones(backend), changes(backend), bytes(backend)])
}

/// Draws of every length from 0 to 100 fill everything: in 128 draws every bit is 0 at least once, 1 at least once, and
/// at least once not what was there before. A sound source fails with a probability of 40,400 · 3 / 2^128.
fn lengths(backend: &dyn Backend) -> Case {
    let mut case = Case::new("rng/lengths");
    for length in 0..=100 {
        let (mut set, mut clear, mut changed) = (vec![0; length], vec![0; length], vec![0; length]);
        for round in 0..128_u8 {
            let before = if round.is_multiple_of(2) { 0x00 } else { 0xff };
            let mut draw = vec![before; length];
            if let Err(error) = backend.fill(Purpose::DhPrivate, &mut draw) {
                case.fail(None, format!("draw of {length} bytes"), "random bytes", error.to_string());
                return case;
            }
            set.iter_mut().zip(&draw).for_each(|(set, byte)| *set |= byte);
            clear.iter_mut().zip(&draw).for_each(|(clear, byte)| *clear |= !byte);
            changed.iter_mut().zip(&draw).for_each(|(changed, byte)| *changed |= byte ^ before);
        }
        case.bytes(&format!("bits of {length} bytes that were ever 1"), &vec![0xff; length], &set);
        case.bytes(&format!("bits of {length} bytes that were ever 0"), &vec![0xff; length], &clear);
        case.bytes(&format!("bits of {length} bytes that were ever changed"), &vec![0xff; length], &changed);
    }
    case
}

/// Every purpose is served, and no two draws of 16 bytes are equal, whatever they are for: 15,000 draws agree somewhere
/// with a probability below 2^-100.
fn purposes(backend: &dyn Backend) -> Case {
    let mut case = Case::new("rng/purposes");
    let mut seen = BTreeSet::new();
    for purpose in PURPOSES {
        let mut repeated = 0;
        for _ in 0..1000 {
            let mut draw = [0; 16];
            if let Err(error) = backend.fill(purpose, &mut draw) {
                case.fail(None, purpose.label(), "random bytes", error.to_string());
                break;
            }
            repeated += usize::from(!seen.insert(draw));
        }
        case.equal(&format!("draws for {purpose} that came before"), &0, &repeated);
    }
    case
}

/// About half of the bits are 1: of 2^20, 524,288, with a standard deviation of 512. Ten deviations away: below 10^-22.
fn ones(backend: &dyn Backend) -> Case {
    let mut case = Case::new("rng/ones");
    if let Some(sample) = sample(backend, &mut case) {
        let ones: u32 = sample.iter().map(|byte| byte.count_ones()).sum();
        between(&mut case, "bits that are 1, of 2^20", 519_168, 529_408, ones);
    }
    case
}

/// About half of the bits differ from the one before: as many as above, just as surely.
fn changes(backend: &dyn Backend) -> Case {
    let mut case = Case::new("rng/changes");
    if let Some(sample) = sample(backend, &mut case) {
        let (mut changes, mut before) = (0, 0);
        for byte in sample {
            changes += (byte ^ (byte >> 1 | before << 7)).count_ones();
            before = byte & 1;
        }
        between(&mut case, "bits that differ from the one before, of 2^20", 519_168, 529_408, changes);
    }
    case
}

/// All 256 bytes are about equally frequent, and not too equally, either: the sum of the squared deviations from 512,
/// over 512, has 255 degrees of freedom, a mean of 255 and a standard deviation of 23. Below 80 or above 600: below
/// 10^-25.
fn bytes(backend: &dyn Backend) -> Case {
    let mut case = Case::new("rng/bytes");
    if let Some(sample) = sample(backend, &mut case) {
        let mut counts = [0_i64; 256];
        for byte in sample {
            counts.iter_mut().skip(usize::from(byte)).take(1).for_each(|count| *count += 1);
        }
        let squares: i64 = counts.iter().map(|count| (count - 512).pow(2)).sum();
        between(&mut case, "chi squared of the bytes", 80, 600, squares / 512);
    }
    case
}

fn sample(backend: &dyn Backend, case: &mut Case) -> Option<Vec<u8>> {
    let mut sample = vec![0; SAMPLE];
    let filled = backend.fill(Purpose::DsaNonce, &mut sample);
    case.equal("draw", &Ok(()), &filled);
    filled.ok().map(|()| sample)
}

fn between<T: PartialOrd + std::fmt::Display>(case: &mut Case, what: &str, least: T, most: T, got: T) {
    if got < least || got > most {
        case.fail(None, what, format!("{least} to {most}"), got.to_string());
    }
}

#[cfg(test)]
#[cfg(feature = "rustcrypto")]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use otr_backend_rustcrypto::RustCrypto;
    use otr_traits::{Error, Result, Rng, delegate};

    use super::super::tests::failed;
    use super::*;

    #[derive(Clone, Copy, Debug, PartialEq)]
    enum Fault {
        Constant,
        Counter,
        TopBitSet,
        LastByteLeft,
        NinthDrawRepeated,
        LowNibbleOnly,
        NoTags,
    }

    struct Wrong(Fault, AtomicU64);

    impl Rng for Wrong {
        fn fill(&self, purpose: Purpose, buf: &mut [u8]) -> Result<()> {
            let draws = self.1.fetch_add(1, Ordering::Relaxed);
            let last = buf.len().saturating_sub(1);
            match self.0 {
                Fault::Constant => buf.fill(0x5a),
                Fault::Counter => {
                    let start = draws << 32;
                    let numbers = (start..).flat_map(u64::to_be_bytes);
                    buf.iter_mut().zip(numbers).for_each(|(to, from)| *to = from);
                }
                Fault::LastByteLeft => RustCrypto.fill(purpose, &mut buf[..last])?,
                Fault::NinthDrawRepeated if draws.is_multiple_of(9) => buf.fill(7),
                Fault::NoTags if purpose == Purpose::InstanceTag => return Err(Error::Rng),
                _ => RustCrypto.fill(purpose, buf)?,
            }
            match self.0 {
                Fault::TopBitSet => buf.iter_mut().take(1).for_each(|first| *first |= 0x80),
                Fault::LowNibbleOnly => {
                    buf.iter_mut().for_each(|byte| *byte = *byte & 15 | (*byte & 15) << 4)
                }
                _ => {}
            }
            Ok(())
        }
    }
    delegate! { impl[] ModExp, Dsa, AesCtr, Hash, Backend for Wrong => |self| RustCrypto }

    #[test]
    fn each_fault_is_caught() {
        for (fault, ids) in [
            (Fault::Constant, &["rng/lengths", "rng/purposes", "rng/bytes"][..]),
            (Fault::Counter, &["rng/lengths", "rng/ones", "rng/changes", "rng/bytes"]),
            (Fault::TopBitSet, &["rng/lengths"]),
            (Fault::LastByteLeft, &["rng/lengths"]),
            (Fault::NinthDrawRepeated, &["rng/purposes"]),
            (Fault::LowNibbleOnly, &["rng/bytes"]),
            (Fault::NoTags, &["rng/purposes"]),
        ] {
            let cases = cases(&Wrong(fault, AtomicU64::new(0)), &Vectors::default()).unwrap();
            let failed = failed(&cases);
            assert!(ids.iter().all(|id| failed.contains(id)), "{fault:?}: {failed:?}");
        }
    }
}
