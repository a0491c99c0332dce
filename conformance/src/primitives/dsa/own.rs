//! What a backend signs and generates itself. Nobody knows the values beforehand: what must hold of them is checked.

use std::collections::BTreeSet;

use otr_traits::{Backend, Digest, Generated, Result, SecretKey, Signature, Thoroughness};

use super::order::{Number, nonce};
use crate::Case;

/// So many nonces are looked at.
const NONCES: u32 = 2048;

/// Signatures over digests of every size verify. That the verifier can be trusted, the vectors have shown.
pub(super) fn signatures(backend: &dyn Backend, name: &str, key: &SecretKey) -> Case {
    let mut case = Case::new(format!("dsa/sign/{name}"));
    let q = {
        let mut mac = [0; 32];
        mac.iter_mut().rev().zip(key.public().q().iter().rev()).for_each(|(to, from)| *to = *from);
        mac
    };
    let q_minus_1 = {
        let mut mac = q;
        mac.iter_mut().rev().take(1).for_each(|last| *last -= 1); // q is odd
        mac
    };
    let fixed = [("0", [0; 32]), ("q", q), ("q - 1", q_minus_1), ("ones", [0xff; 32])];
    for (what, mac) in fixed {
        let digest = Digest::reduce(&mac, key.public().q());
        case.equal(&format!("signature over {what}"), &Ok(()), &sign_and_verify(backend, key, &digest));
    }
    // Enough that r or s has a leading zero byte now and then.
    for index in 0..32 {
        let verdict = sign_and_verify(backend, key, &digest(key, index));
        case.equal(&format!("signature over digest {index}"), &Ok(()), &verdict);
    }
    case
}

/// Nonces are uniform in 1..q, and no two digests share one (KEY-07).
///
/// The keys are known, so the nonces are, too. Of 2048, each quarter of 1..q gets 512; a count outside 355..=669 (eight
/// standard deviations) has a probability below 10^-12 if they are uniform. Numbers of 160 bits that are reduced
/// modulo q instead of drawn again give the first quarter half as many again, nonces that are some bits shorter give
/// it all. That a bit is the same in all 2048 has a probability below 10^-300, but for the uppermost two, which q
/// makes uneven: below 10^-190.
pub(super) fn nonces(backend: &dyn Backend, key: &SecretKey) -> Case {
    let mut case = Case::new("dsa/sign/nonces");
    let q = Number::from_be_bytes(key.public().q());
    let (mut quarters, mut firsts) = ([0_u32; 4], BTreeSet::new());
    let mut bits = [[false; 2]; 160];
    for index in 0..NONCES {
        let digest = digest(key, index);
        let signature = match backend.sign(key, &digest) {
            Ok(signature) => signature,
            Err(error) => {
                case.fail(None, format!("signature {index}"), "a signature", error.to_string());
                return case;
            }
        };
        let Some(nonce) = nonce(key, &digest, &signature) else {
            case.fail(None, format!("signature {index}"), "s with an inverse", "s without");
            return case;
        };
        quarters.iter_mut().skip(nonce.quarter(q)).take(1).for_each(|count| *count += 1);
        for (bit, position) in bits.iter_mut().zip(0..) {
            bit.iter_mut().skip(usize::from(nonce.bit(position))).take(1).for_each(|seen| *seen = true);
        }
        firsts.insert(signature.r);
    }
    for (quarter, count) in (1..).zip(quarters) {
        if !(355..=669).contains(&count) {
            let what = format!("nonces in quarter {quarter} of 1..q");
            case.fail(None, what, format!("355 to 669 of {NONCES}"), count.to_string());
        }
    }
    let fixed: Vec<usize> =
        (0..).zip(bits).filter(|(_, seen)| *seen != [true; 2]).map(|(bit, _)| bit).collect();
    case.equal("bits that are the same in every nonce", &Vec::new(), &fixed);
    case.equal("different r", &(NONCES as usize), &firsts.len());
    case
}

/// Signing one digest again gives the same signature each time, as RFC 6979 does, or another nonce each time.
pub(super) fn same_digest(backend: &dyn Backend, key: &SecretKey) -> Case {
    let mut case = Case::new("dsa/sign/same-digest");
    let digest = digest(key, 0);
    let signatures: Result<Vec<Signature>> = (0..8).map(|_| backend.sign(key, &digest)).collect();
    match signatures {
        Ok(signatures) => {
            let firsts: BTreeSet<_> = signatures.iter().map(|signature| signature.r).collect();
            let seconds: BTreeSet<_> = signatures.iter().map(|signature| signature.s).collect();
            if !matches!((firsts.len(), seconds.len()), (1, 1) | (8, 8)) {
                let got = format!("{} different r, {} different s", firsts.len(), seconds.len());
                case.fail(
                    None,
                    "eight signatures of one digest",
                    "all alike, or no two with a number in common",
                    got,
                );
            }
        }
        Err(error) => case.fail(None, "signatures", "eight signatures", error.to_string()),
    }
    case
}

/// A generated key is sound, works, and is no other's (KEY-08).
pub(super) fn generated(backend: &dyn Backend) -> Case {
    let mut case = Case::new("dsa/generate");
    let keys = [backend.generate(), backend.generate(), step_by_step(backend)];
    for key in &keys {
        match key {
            Ok(key) => {
                case.equal("public key", &Ok(()), &backend.validate(key.public(), Thoroughness::Primality));
                case.equal("y = g^x", &Ok(()), &backend.validate_secret(key));
                case.equal("own signature", &Ok(()), &sign_and_verify(backend, key, &digest(key, 0)));
            }
            Err(error) => case.fail(None, "key", "a key", error.to_string()),
        }
    }
    let sound: Vec<_> = keys.iter().flatten().collect();
    for (index, one) in sound.iter().enumerate() {
        for other in sound.iter().skip(index + 1) {
            case.equal("keys with the same x", &false, &(one.x() == other.x()));
            case.equal("keys with the same y", &false, &(one.public().y() == other.public().y()));
        }
    }
    case
}

fn step_by_step(backend: &dyn Backend) -> Result<SecretKey> {
    let mut generation = backend.generation()?;
    loop {
        if let Generated::Key(key) = generation.step()? {
            return Ok(key);
        }
    }
}

fn sign_and_verify(backend: &dyn Backend, key: &SecretKey, digest: &Digest) -> Result<()> {
    let signature = backend.sign(key, digest)?;
    backend.verify(key.public(), digest, &signature)
}

/// The digest with this number: all are different.
fn digest(key: &SecretKey, index: u32) -> Digest {
    let mut mac = [0x5a; 32];
    mac.iter_mut().zip(index.to_be_bytes()).for_each(|(to, from)| *to = from);
    Digest::reduce(&mac, key.public().q())
}
