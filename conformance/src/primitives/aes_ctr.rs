//! AES-128 in counter mode.

use otr_traits::{AesKey, Backend, PreparedKey};
use serde::Deserialize;

use super::{List, array, files, gives, parse};
use crate::hex::Bytes;
use crate::{Case, Unusable, Vectors};

#[derive(Deserialize)]
struct Vector {
    name: String,
    key: Bytes,
    counter: Bytes,
    data: Bytes,
    out: Bytes,
}

/// The cases of NIST SP 800-38A and RFC 3686, and carries into every part of the counter (CONST-08).
pub(crate) fn cases(backend: &dyn Backend, _: &Vectors) -> Result<Vec<Case>, Unusable> {
    let mut cases = Vec::new();
    for file in files!["imported_aes_ctr", "generated_aes_ctr"] {
        for Vector { name, key, counter, data, out } in parse::<List<Vector>>(file)?.cases {
            let (key, counter) = (AesKey::from(array(&key)?), array(&counter)?);
            let apply = |data: &Bytes| {
                let mut data = data.0.clone();
                backend.aes_ctr(&key, counter, &mut data).map(|()| data)
            };
            let mut case = Case::new(format!("aes_ctr/{name}"));
            gives(&mut case, "encrypted", &out.0, apply(&data));
            gives(&mut case, "decrypted", &data.0, apply(&out));
            // After something else, and again: what is kept with the key depends on the key only.
            let mut prepared = PreparedKey::from(key.duplicate());
            let mut apply = |counter, data: &[u8]| {
                let mut data = data.to_vec();
                backend.aes_ctr_prepared(&mut prepared, counter, &mut data).map(|()| data)
            };
            let encrypted = apply([0xa5; 16], &[0; 21]).and_then(|_| apply(counter, &data.0));
            gives(&mut case, "encrypted, key prepared", &out.0, encrypted);
            gives(&mut case, "decrypted, key prepared", &data.0, apply(counter, &out.0));
            cases.push(case);
        }
    }
    Ok(cases)
}

#[cfg(test)]
#[cfg(feature = "rustcrypto")]
mod tests {
    use otr_backend_rustcrypto::RustCrypto;
    use otr_traits::{AesCtr, Result, delegate};

    use super::super::tests::failed;
    use super::*;

    /// Counts in the low bits only.
    struct Narrow(u32);

    impl AesCtr for Narrow {
        fn aes_ctr(&self, key: &AesKey, counter: [u8; 16], data: &mut [u8]) -> Result<()> {
            let (mut counter, low) = (u128::from_be_bytes(counter), (1 << self.0) - 1);
            for block in data.chunks_mut(16) {
                RustCrypto.aes_ctr(key, counter.to_be_bytes(), block)?;
                counter = counter & !low | counter.wrapping_add(1) & low;
            }
            Ok(())
        }
    }
    delegate! { impl[] ModExp, Dsa, Hash, Rng, Backend for Narrow => |self| RustCrypto }

    /// Counts from where the first message with a key counted.
    struct Stuck;

    impl AesCtr for Stuck {
        fn aes_ctr(&self, key: &AesKey, counter: [u8; 16], data: &mut [u8]) -> Result<()> {
            RustCrypto.aes_ctr(key, counter, data)
        }
        fn aes_ctr_prepared(
            &self,
            key: &mut PreparedKey<16>,
            counter: [u8; 16],
            data: &mut [u8],
        ) -> Result<()> {
            let first = key.with_kept(|_| Ok(counter), |first| Ok(*first))?;
            self.aes_ctr(key.key(), first, data)
        }
    }
    delegate! { impl[] ModExp, Dsa, Hash, Rng, Backend for Stuck => |self| RustCrypto }

    #[test]
    fn a_counter_kept_with_a_key_is_caught() {
        let cases = cases(&Stuck, &Vectors::default()).unwrap();
        assert!(!failed(&cases).is_empty());
    }

    #[test]
    fn const_08_a_counter_of_32_or_64_bits_is_caught_by_its_carry() {
        for bits in [32, 64] {
            let cases = cases(&Narrow(bits), &Vectors::default()).unwrap();
            let failed = failed(&cases);
            assert!(failed.contains(&format!("aes_ctr/carry-into-bit-{bits}").as_str()), "{failed:?}");
            assert!(!failed.contains(&format!("aes_ctr/carry-into-bit-{}", bits / 2).as_str()), "{failed:?}");
        }
    }
}
