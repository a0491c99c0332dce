//! Backends that are wrong in exactly one way: each must be caught, by the group that is there for it, with a message that
//! says where. A suite that passes everybody proves nothing.
//!
//! The groups have finer saboteurs of their own beside the code (`src/primitives`): there each must be caught by the very
//! case that was made for it.
#![cfg(feature = "rustcrypto")]
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "helpers of tests, which may fail"
)]

mod backend;

use backend::{Fault, Saboteur};
use otr_conformance::{Group, GroupReport, Vectors};
use otr_traits::Backend;

/// What concerns the backend, in the order in which the groups are tried.
const GROUPS: [&str; 8] = ["hash", "aes_ctr", "modexp", "dsa", "rng", "keys", "interop", "transcripts"];

/// Tries one group after the other; of the recorded conversations the plainest.
fn reports(backend: &dyn Backend) -> impl Iterator<Item = GroupReport> {
    let (embedded, mut vectors) = (Vectors::embedded().unwrap(), Vectors::default());
    for name in ["corpus_units", "v3_basic"] {
        vectors.add(&format!("{name}.json"), embedded.json(name).unwrap().to_vec()).unwrap();
    }
    GROUPS.iter().map(move |name| Group::named(name).unwrap().run(backend, &vectors).unwrap())
}

/// Asserts that this group is the first that catches it, with a case of this name and a message with these words.
fn is_caught(fault: Fault, group: &str, case: &str, words: &str) {
    let saboteur = Saboteur::new(fault);
    let report = reports(&saboteur).find(|report| !report.passed()).expect("not caught");
    let names: Vec<_> = report.failed().map(|failed| failed.id.as_str()).collect();
    assert_eq!(report.name, group, "{fault:?}: {names:?}");
    let caught = report.failed().find(|failed| failed.id.starts_with(case));
    let caught = caught.unwrap_or_else(|| report.failed().next().unwrap());
    assert!(caught.id.starts_with(case), "{fault:?}: {names:?}");
    assert!(caught.to_string().contains(words), "{fault:?}: {caught}");
    assert!(caught.failures.iter().all(|failure| failure.expected != failure.got), "{fault:?}: {caught}");
}

#[test]
fn a_sound_backend_of_the_same_make_passes() {
    for report in reports(&Saboteur::new(Fault::None)) {
        assert!(report.passed(), "{report}");
    }
}

/// One test for each, so that they run side by side.
macro_rules! saboteurs {
    ($($test:ident: $fault:ident, $group:literal, $case:literal, $words:literal;)+) => {
        $(
            #[test]
            fn $test() {
                is_caught(Fault::$fault, $group, $case, $words);
            }
        )+
    };
}

saboteurs! {
    sha_1_without_its_last_part: Sha1WithoutLastPart, "hash", "hash/sha1/", "sha1";
    hmac_with_a_long_key_cut: LongHmacKeyCut, "hash", "hash/hmac_sha1/", "hmac_sha1";
    hmac_sha_256_of_sha_1_length: HmacSha256Cut, "hash", "hash/hmac_sha256/", "hmac_sha256";
    hmac_of_blocks_twice_as_wide: HmacOfWideBlocks, "hash", "hash/hmac_sha1/", "hmac_sha1";
    a_counter_of_64_bits: Counter64, "aes_ctr", "aes_ctr/carry-into-bit-64", "encrypted";
    a_counter_of_32_bits: Counter32, "aes_ctr", "aes_ctr/carry-into-bit-32", "encrypted";
    a_product_without_its_second_term: SecondTermIgnored, "modexp", "modexp/product/two", "product of [";
    a_power_with_its_zeros_on_the_right: PowerTrimmed, "modexp", "modexp/product/", "product of [";
    a_prepared_base_that_is_forgotten: PreparedForgotten, "modexp", "modexp/product/", "prepared";
    one_table_for_all_bases: FirstTableForAll, "modexp", "modexp/product/", "prepared";
    a_comb_without_its_last_tooth: LastToothLost, "modexp", "modexp/product/g-to-bit-1472", "generator";
    a_window_without_its_top_digit: TopDigitForgotten, "modexp", "modexp/product/element-to-bit-1535", "element to a";
    a_public_term_taken_twice: PublicTwice, "modexp", "modexp/product/", "public power";
    secret_exponents_of_320_bits: SecretsCut, "modexp", "modexp/product/", "secret power";
    a_response_mod_p: ResponseModP, "modexp", "modexp/response/", "r - x c";
    exponents_mod_q: ExponentsModQ, "modexp", "modexp/exponent_product/", "a b";
    a_division_by_zero: NoInverseIgnored, "modexp", "modexp/div/by-p", "NoInverse";
    a_division_upside_down: DivisionSwapped, "modexp", "modexp/div/", "a / b";
    a_gullible_verifier: Gullible, "dsa", "dsa/verify/", "InvalidSignature";
    a_verifier_that_refuses_all: Suspicious, "dsa", "dsa/verify/", "signature";
    keys_that_are_not_validated: NotValidated, "dsa", "dsa/validate/", "orders";
    a_secret_that_is_not_validated: SecretNotValidated, "dsa", "dsa/pair/", "x and y";
    another_digest_that_is_signed: OtherDigestSigned, "dsa", "dsa/sign/", "signature";
    a_truncated_digest_signed_and_verified: DigestTruncated, "dsa", "dsa/verify/", "InvalidSignature";
    // Single operations do not show it, nor do conversations with itself: those with libotr do.
    a_truncated_mac_signed_and_verified: MacTruncated, "transcripts", "v3_basic/", "step 5: ";
    keys_with_the_secret_1: SecretIsOne, "dsa", "dsa/generate", "leading zero bytes";
    one_key_for_everybody: OneKeyForAll, "dsa", "dsa/generate", "keys with the same x";
    random_bytes_that_repeat: RngRepeats, "rng", "rng/purposes", "came before";
    random_bytes_that_end_early: RngStopsEarly, "rng", "rng/lengths", "ever changed";
    a_source_that_fails: RngFails, "rng", "rng/", "the source of random bytes failed";
}
