//! Signatures: those of the corpus, and every one of the recordings.

use otr_traits::{Backend, Digest, Error, PublicKey, Signature, Thoroughness};

use super::{Corpus, NAME, unusable};
use crate::hex::{Bytes, Number};
use crate::{Case, Unusable, Vectors};

/// Signatures over the *reduced* 32 bytes (KEY-05, KEY-06), and every signature of the recordings.
pub(crate) fn cases(backend: &dyn Backend, vectors: &Vectors) -> Result<Vec<Case>, Unusable> {
    let corpus: Corpus = vectors.corpus(NAME)?;
    let mut cases = Vec::new();
    for (name, key) in &corpus.keys {
        let mut case = Case::new(format!("{NAME}/{name}"));
        let secret = key.dsa.secret().map_err(unusable)?;
        case.equal("orders", &Ok(()), &backend.validate(secret.public(), Thoroughness::Orders));
        case.equal("y = g^x", &Ok(()), &backend.validate_secret(&secret));
        let digest = Digest::reduce(&[0xa5; 32], secret.public().q());
        let own =
            backend.sign(&secret, &digest).and_then(|own| backend.verify(secret.public(), &digest, &own));
        case.equal("own signature", &Ok(()), &own);
        cases.push(case);
    }
    for (index, signed) in corpus.dsa.iter().enumerate() {
        let mut case = Case::new(format!("{NAME}/signature/{index}"));
        let key = corpus.keys.get(&signed.key).ok_or_else(|| unusable("a signature by an unknown key"))?;
        let key = key.dsa.public().map_err(unusable)?;
        case.equal("signature", &Ok(()), &verify(backend, &key, &signed.m, &signed.sig)?);
        if signed.wrong_if_truncated != signed.sig {
            let wrong = verify(backend, &key, &signed.m, &signed.wrong_if_truncated)?;
            case.equal("signature over a truncated digest", &Err(Error::InvalidSignature), &wrong);
        }
        cases.push(case);
    }
    for transcript in vectors.transcripts() {
        let (name, transcript) = transcript?;
        let mut case = Case::new(format!("{name}/signatures"));
        for step in &transcript.steps {
            for signature in &step.signatures {
                let damaged = |reason: &str| Unusable::new(name, format!("step {}: {reason}", step.n));
                let party = transcript.parties.get(&step.actor).ok_or_else(|| damaged("unknown party"))?;
                let key = party.dsa.public().map_err(|error| damaged(&error.0))?;
                let (Some(r), Some(s)) = (signature.r.padded::<20>(), signature.s.padded::<20>()) else {
                    return Err(damaged("a signature with too long a number"));
                };
                let verdict = verify(backend, &key, &signature.z, &Bytes([r, s].concat()))?;
                case.equal(&format!("signature in step {}", step.n), &Ok(()), &verdict);
            }
        }
        cases.push(case);
    }
    Ok(cases)
}

fn verify(
    backend: &dyn Backend,
    key: &PublicKey,
    mac: &Number,
    signature: &Bytes,
) -> Result<otr_traits::Result<()>, Unusable> {
    let mac = mac.padded().ok_or_else(|| unusable("more than 32 bytes to be signed"))?;
    let (r, s) = signature.0.split_at(signature.0.len() / 2);
    let (Ok(r), Ok(s)) = (r.try_into(), s.try_into()) else {
        return Err(unusable("a signature that has not 40 bytes"));
    };
    Ok(backend.verify(key, &Digest::reduce(&mac, key.q()), &Signature { r, s }))
}
