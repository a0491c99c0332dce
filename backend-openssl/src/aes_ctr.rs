//! AES-128 in counter mode.

use std::sync::OnceLock;

use openssl::cipher::Cipher;
use openssl::cipher_ctx::CipherCtx;
use otr_traits::{AesCtr, AesKey, PreparedKey, Result};

use crate::{OpenSsl, number, refused};

impl AesCtr for OpenSsl {
    fn aes_ctr(&self, key: &AesKey, counter: [u8; 16], data: &mut [u8]) -> Result<()> {
        // A new context each time, so that the key is wiped.
        context(key, Some(&counter))
            .and_then(|mut context| apply(&mut context, data))
            .map_err(refused("AES-CTR"))
    }

    fn aes_ctr_prepared(&self, key: &mut PreparedKey<16>, counter: [u8; 16], data: &mut [u8]) -> Result<()> {
        key.with_kept(
            |key| context(key, None).map_err(refused("AES-CTR")),
            |context| {
                let started = context.encrypt_init(None, None, Some(&counter));
                started.and_then(|()| apply(context, data)).map_err(refused("AES-CTR"))
            },
        )
    }
}

fn context(key: &AesKey, counter: Option<&[u8; 16]>) -> number::Result<CipherCtx> {
    let mut context = CipherCtx::new()?;
    context.encrypt_init(Some(cipher()?), Some(key.expose()), counter.map(<[u8; 16]>::as_slice))?;
    Ok(context)
}

fn apply(context: &mut CipherCtx, data: &mut [u8]) -> number::Result<()> {
    // OpenSSL counts lengths in 32 bits, with a sign.
    for chunk in data.chunks_mut(1 << 30) {
        context.cipher_update_inplace(chunk, chunk.len())?;
    }
    Ok(())
}

/// AES-128-CTR, which counts through all 128 bits (CONST-08). To look it up by name takes longer than to encrypt
/// 100 bytes, so it is kept.
fn cipher() -> number::Result<&'static Cipher> {
    static CIPHER: OnceLock<Cipher> = OnceLock::new();
    if let Some(cipher) = CIPHER.get() {
        return Ok(cipher);
    }
    let cipher = Cipher::fetch(None, "AES-128-CTR", None)?;
    Ok(CIPHER.get_or_init(|| cipher))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::hex;

    const KEY: &str = "2b7e151628aed2a6abf7158809cf4f3c";

    fn encrypt<const N: usize>(counter: &str, mut data: [u8; N]) -> [u8; N] {
        OpenSsl.aes_ctr(&AesKey::from(hex(KEY)), hex(counter), &mut data).unwrap();
        data
    }

    #[test]
    fn the_example_of_sp_800_38a_f_5_1() {
        let plain: [u8; 64] = hex("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51\
             30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710");
        let cipher = hex("874d6191b620e3261bef6864990db6ce9806f66b7970fdff8617187bb9fffdff\
             5ae4df3edbd5d35e5b4f09020db03eab1e031dda2fbe03d1792170a0f3009cee");
        assert_eq!(encrypt("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff", plain), cipher);
    }

    #[test]
    fn const_08_the_carry_runs_through_all_128_bits() {
        // Made with the openssl command.
        assert_eq!(
            encrypt("0000000000000000ffffffffffffffff", [0; 32]),
            hex("ef8737b783c4fa88e687ee9467073f6edc0a3bc38609c26f6f2a63a39cf7ee93")
        );
        assert_eq!(
            encrypt("fffffffffffffffffffffffffffffffe", [0; 48]),
            hex(
                "d1b714b6fbf5fff1289aee2a4c4eeda38af2860142f786f409307c1a3f7eaaac7df76b0c1ab899b33e42f047b91b546f"
            )
        );
    }
}
