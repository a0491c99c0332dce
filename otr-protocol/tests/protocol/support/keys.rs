//! Three long-term keys, made once, so that no test waits for primes.

use std::sync::LazyLock;

use data_encoding::HEXLOWER;
use otr_protocol::traits::{PublicKey, Secret, SecretKey};

/// Whose key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Name {
    Alice,
    Bob,
    /// Somebody in between, with a key of their own.
    Mallory,
}

impl Name {
    /// The key pair.
    pub(crate) fn key(self) -> SecretKey {
        static KEYS: LazyLock<[SecretKey; 3]> = LazyLock::new(|| [ALICE, BOB, MALLORY].map(key));
        KEYS[self as usize].duplicate()
    }

    /// An instance tag.
    pub(crate) fn tag(self) -> u32 {
        match self {
            Self::Alice => 0xa11ce,
            Self::Bob => 0xb0b,
            Self::Mallory => 0x3a110,
        }
    }
}

fn key([p, q, g, y, x]: [&str; 5]) -> SecretKey {
    let public = PublicKey::new(hex(p), hex(q), hex(g), hex(y)).unwrap();
    SecretKey::new(public, Secret::from(hex(x))).unwrap()
}

/// The bytes that `text` writes in hexadecimal, blanks left out.
fn hex<const N: usize>(text: &str) -> [u8; N] {
    let digits: String = text.split_whitespace().collect();
    HEXLOWER.decode(digits.as_bytes()).unwrap().try_into().unwrap()
}

/// p, q, g, y, x.
const ALICE: [&str; 5] = [
    "a1fb9b989566b05ddc33e5bd7d5176aaa944b43fc45b1ee3afaa720a4f3e009d0459b3f61f7e37c908e5eff8d6f85705 \
     da54d4101d2f9b1d2f7202e7e8748df9765161741f7b8c1aa01b0ad62d8da915ced167c2d7d485975a1766631d7a9a0f \
     473b78e0728aea033c7aba9b9b8cbb6daf5c1a581a0536fdfb8abb72959cae1f",
    "d8aec8a046d806c2d09eaff625b304c96c6436fb",
    "0cb7c0d8eb8399bcd4e84f3f66111547591040463ca49b6c4b8b83c3cd181ad32f0c749ac28f5fb90bf8d5a24b23b13e \
     c22567b6ceb1c550fa4c293fa6cc3a17b26e9ae35d96cbb9a68e6422e069c7bcabc45a583a508bf6cf080bfdf4556b5a \
     b797a061e82aeb9151c1ba89bd80c7f873d5c208370a148f6967e87f8869812b",
    "32c7e0d4704892a200223bb20c8e335b098d1c8650752613c006772b57a7d0e7dac100e1a5402aba2d4cb5d8bf6453b0 \
     06558d0c2ef9dfb3d09a18c6bd798aad383bb4d87f20fb8a4dc3234074204979d30c128b7d46e1a82ab0634e75a2852e \
     b064263179c0a1c2c94129c774ad79f9abc77de18def787ef1acf6a8be137ed7",
    "4f5387e427b8ee873f89574565e045a7e456d3a8",
];

/// p, q, g, y, x.
const BOB: [&str; 5] = [
    "a1ccca7cbcdc93658cba52af55f920e8bda85af7d45b032a74d3f6bc12229ff771dff53b7191f0a0e00e218bfbf7c3a9 \
     c9973fbb734273e2ce6e48ca420b07c6f2b19670aeb6e34c3372f20037570ab0e8de413bdb7d71ed2a2e904eb7d5dda2 \
     9607c510be27ebd99f03fa443e51925ce1897deadb6095f8779233eeb452299b",
    "ffd24e8e31edca8fde06a44f46c67ae06a403f6d",
    "053b02aac39b37fb7b79808522c2005aa966ee28a0f6ba105c34605e74eca764a7df5ca8cd11ffa84d04136d82f7af8a \
     72d30cd9c49c178a64b4902f7d4ec2ef116667900a9355b7b621de6a208dbec15f36d1e07615c1ae13121460872f2fe8 \
     2af116320bf5e3734c5a4159c36fd59ee9362390c01bf263f2432a09488afc9d",
    "2d317de7ab227e007945e28a5a4579e6081ca604a3d412cfe8e8f2c18432c9b4f26953109ef0a7fd0495514d0ddf2688 \
     7d5e52ed543104c50bf71a31ae3fd6525fa7a5806fa14d168faf98700c97cda272071ec9d19426de2a3b4074ee6a95f0 \
     cb41965ed7c0c290d54213b6295e45659a1206c69b76872b6e4548ee019ce2b5",
    "6935f42d10fa0f987266682bec0c97bb1d0b4d48",
];

/// p, q, g, y, x.
const MALLORY: [&str; 5] = [
    "db42026e6ac92a01566f41a518e11cac1ccd94b47bf7aa9421fd6dbfe6d371fd66864e62484f3300b943a6e47bc94103 \
     f67b67e835da398d79b811b815fae692daecc0f764a568ce2d3dc685b9eaf792641b4d6ff60b6df75e99787069c7a247 \
     640f52aaa50ec575f5ed3af086e2dc669905ad59f2804192201b89ca22b9dd2b",
    "fdf32047f0d213d9ef86ff2be8e43fa470782b87",
    "09349e69a966597ef63e4fd2a7f53ea7e47cce0b018b723744163e5aae19fa2b13b7455a1fd696ef330002daced6c320 \
     a71c7e8cd11a7bba9ac1fe99cc3934eaf9cfda8c4a20a82a2d33be2e9d2bc602d69816067a561d53fdacc270d1a2f38a \
     16f64896c2d4785aa4b9b8da23b36df1dbf8698a63ac08cf607f4104db9df2eb",
    "cfdc5b92f0e9c7cc3c3d9f59a02d1d4725861c222a4a0323ba55059ad7593b7d59ef5b34b88104475a879e3a66dca1f8 \
     3c3f9828be32bc493d1f6c5563ae00e18a643bbdd9ae6dcc592445b28cc8d501f9908527e8fdf2938d89267da160bb28 \
     e9c072ae091bffc06f629dadeb1a25f058adbd87b6170a9ad018fa260cdb00eb",
    "890a722f229e20136a489c9ccad6c0db5102512d",
];
