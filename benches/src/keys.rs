//! Two DSA keys in one group, made for these benchmarks and published with them: so good for nothing else.

use data_encoding::HEXLOWER;
use otr_protocol::traits::{PublicKey, Secret, SecretKey};

/// Alice's key and Bob's, always the same, because a key takes up to a second to make.
#[must_use]
pub fn keys() -> [SecretKey; 2] {
    KEYS.map(|(x, y)| {
        let public = PublicKey::new(bytes(P), bytes(Q), bytes(G), bytes(y)).expect("a sound public key");
        SecretKey::new(public, Secret::from(bytes(x))).expect("x is below q")
    })
}

fn bytes<const N: usize>(hex: &str) -> [u8; N] {
    let bytes = HEXLOWER.decode(hex.as_bytes()).expect("hexadecimal digits");
    bytes.try_into().expect("the right number of digits")
}

const P: &str = "\
    a929082c2e78e690c2bae2bae4dddb8b4a2006b8baf8f719882e38ced57b0fccac25c9b1843b808d7209072196ebf0bb\
    02eec6a0dd97fdd6a3faa346c57c26dcb8e2374a919d6e891cc53675383fc5dc68b570a6b6902bfd4df89a2ef13d5d0f\
    77553065a5f96e820d02bb99bae4c4e9ffa531e77041c7eccddac10467696b9f";
const Q: &str = "970e9816fafb7bc453a85e82c102b31b206a26fb";
const G: &str = "\
    75ee95e86803177d6ba195810a1532c4d8fd3c4452206effaaa5aea065d807cd091bd6d6f32bd7a0ddf7660e10176974\
    dc0e99c8c862df99f84fd4266d4cb9f0dcf9c77c12e904e4867d63aca52c5a5f1c4ffac68e7c0a24a320fce72851f3f2\
    d8ec0d363533d6fb7c6d47e3e6060c4cf1b6bc298c0df6b3ede6650d1a5e4007";
/// x and y.
const KEYS: [(&str, &str); 2] = [
    (
        "01baec9d7bf809724398f8f297b4b86bbfc85389",
        "\
        47d34f93ac4cdd088824097069eca15f23cb8a5086cf755b03336c9da499536c874827162c2d4f43e096785e9dca25f9\
        88dbef9a16d0f87548ca73f4ea30f83060c34d06940c416dd2b48a8ed8c152acf135b206267437f6ed1a0c7805ea700c\
        e41826328797890eff3a9427f6081329ec81a9ee4ed4335e4a48d10315b481f2",
    ),
    (
        "6ce9a62d92ad54909786d11d2243534e2d710fb7",
        "\
        58c0b817711411e8662b1faaa08c765e084bf21aceb81841d698b5bb652c1aa7e0d3ad0e832385f02f3ade1ac38dc393\
        37b81fd806fcac7311bbcfd28562a3f92b682801e19839c90ab7138b3ada2ee60fe1835852ae5feee0471c3c439d7a37\
        c54818ccaabb3f4cf998d7cf3a05a61a8bc56985059d42dbf88cbe04534d1002",
    ),
];
