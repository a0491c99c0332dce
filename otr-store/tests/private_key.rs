//! Reading and writing libotr's private keys, compared with what libotr was seen to do.
#![expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test that fails loudly is a good one")]

use std::collections::BTreeSet;

use otr_backend_rustcrypto::RustCrypto;
use otr_store::private_key::{Account, PrivateKeys, parse, print};
use otr_store::{MAX_FILE_SIZE, ParseError, Position, Reason, Syntax};
use otr_traits::{
    Digest, Dsa, Error, KeyFault, KeyGeneration, PublicKey, Result, SecretKey, Signature, Thoroughness,
};
use proptest::prelude::*;
use serde_json::Value;

/// What libotr was seen to do, see tests/data/README.md.
struct Recorded(Value);

impl Recorded {
    fn new() -> Self {
        Self(serde_json::from_str(include_str!("data/private_key.json")).unwrap())
    }

    fn number(&self, name: &str) -> &str {
        self.0["key"][name].as_str().unwrap()
    }

    /// The bytes of a string of the recording.
    fn bytes(&self, text: &Value) -> Vec<u8> {
        let mut text = text.as_str().unwrap().to_owned();
        for name in ["p", "q", "g", "y", "x"] {
            text = text.replace(&format!("{{{name}}}"), self.number(name));
        }
        text.chars().map(|char| u8::try_from(u32::from(char)).unwrap()).collect()
    }

    /// A file as libotr writes it, with one account.
    fn file(&self) -> String {
        String::from_utf8(self.bytes(&self.0["private_key"][0]["file"])).unwrap()
    }

    /// A file with the accounts `a` and `b`, whose keys differ, and that with `b` only.
    fn two_accounts(&self) -> (Vec<u8>, Vec<u8>) {
        let a = Account::new("a", "p", only(self.file().as_bytes()).into_key()).unwrap();
        let other = self.bytes(&self.0["text_like_x"][0]["file"]);
        let b = Account::new("b", "p", only(&other).into_key()).unwrap();
        let b_alone = Account::new("b", "p", b.key().duplicate()).unwrap();
        (print(&[a, b]).to_vec(), print(&[b_alone]).to_vec())
    }
}

/// Checks nothing and says what it is told to say.
struct Says(Result<()>);

impl Dsa for Says {
    fn generation(&self) -> Result<Box<dyn KeyGeneration>> {
        Err(Error::Rng)
    }
    fn sign(&self, _: &SecretKey, _: &Digest) -> Result<Signature> {
        Err(Error::Rng)
    }
    fn verify(&self, _: &PublicKey, _: &Digest, _: &Signature) -> Result<()> {
        Err(Error::Rng)
    }
    fn validate(&self, _: &PublicKey, _: Thoroughness) -> Result<()> {
        self.0.clone()
    }
    fn validate_secret(&self, _: &SecretKey) -> Result<()> {
        self.0.clone()
    }
}

/// The only account of a file without damage.
fn only(text: &[u8]) -> Account {
    let PrivateKeys { mut accounts, damaged } = parse(text, &RustCrypto).unwrap();
    assert_eq!((accounts.len(), damaged), (1, vec![]));
    accounts.pop().unwrap()
}

/// The only damage of a file without usable account.
fn only_damage(text: &[u8], dsa: &dyn Dsa) -> (usize, Reason) {
    let keys = parse(text, dsa).unwrap();
    assert!(keys.accounts.is_empty());
    assert_eq!(keys.damaged.len(), 1, "{:?}", keys.damaged);
    (keys.damaged[0].position.line, keys.damaged[0].reason)
}

fn is_same_key(a: &SecretKey, b: &SecretKey) -> bool {
    a.public() == b.public() && a.x() == b.x()
}

/// What is wrong in the files that libotr refuses, and in those in which this reader finds more than libotr does.
fn damage_expected(case: &str) -> Option<Reason> {
    Some(match case {
        "wrong token" | "empty" | "comment" => Reason::NotPrivateKeys,
        "missing name" => Reason::Missing("name"),
        "missing private key" => Reason::Missing("private-key"),
        "missing y" => Reason::Missing("y"),
        "rsa key" => Reason::Missing("dsa"),
        "truncated" => Reason::Syntax(Syntax::UnclosedAtom),
        // The account before is complete; libotr drops it.
        "unbalanced" => Reason::Syntax(Syntax::UnclosedList),
        // libotr loads the key and fails when it signs.
        "missing x" => Reason::Missing("x"),
        // libotr does not look at what follows. The account is usable here too.
        "trailing garbage" => Reason::Syntax(Syntax::TrailingText),
        _ => return None,
    })
}

#[test]
fn file_03_every_recorded_file_is_read_as_libotr_reads_it_or_better() {
    let recorded = Recorded::new();
    let key = only(recorded.file().as_bytes()).into_key();
    let cases = recorded.0["private_key"].as_array().unwrap();
    assert_eq!(cases.len(), 29);
    for case in cases {
        let name = case["name"].as_str().unwrap();
        let keys = match parse(&recorded.bytes(&case["file"]), &RustCrypto) {
            Ok(keys) => keys,
            Err(ParseError::Damaged(damage)) => PrivateKeys { accounts: vec![], damaged: vec![damage] },
            Err(error) => panic!("{name}: {error}"),
        };
        let damage: Vec<_> = keys.damaged.iter().map(|damage| damage.reason).collect();
        assert_eq!(damage, Vec::from_iter(damage_expected(name)), "{name}");

        let of_libotr = match (name, case["libotr"]["accounts"].as_array()) {
            ("missing x", _) => vec![],
            ("unbalanced", None) => vec![(b"alice@example.org".to_vec(), b"prpl-jabber".to_vec())],
            (_, None) => vec![],
            (_, Some(accounts)) => {
                accounts.iter().map(|pair| (recorded.bytes(&pair[0]), recorded.bytes(&pair[1]))).collect()
            }
        };
        let names: Vec<_> = keys
            .accounts
            .iter()
            .map(|account| (account.name().to_vec(), account.protocol().to_vec()))
            .collect();
        assert_eq!(names, of_libotr, "{name}");
        for account in &keys.accounts {
            assert!(is_same_key(account.key(), &key), "{name}");
        }
    }
}

/// FILE-01: names, order and spelling of the lists.
#[test]
fn file_02_what_is_printed_is_byte_for_byte_what_libotr_writes() {
    let recorded = Recorded::new();
    let mut compared = BTreeSet::new();
    for case in recorded.0["private_key"].as_array().unwrap() {
        let name = case["name"].as_str().unwrap();
        // In the one there is nothing to print; in the other libotr keeps the unusual order it has read.
        if case["libotr"].is_null() || ["missing x", "order q p g y x"].contains(&name) {
            continue;
        }
        let mut accounts = parse(&recorded.bytes(&case["file"]), &RustCrypto).unwrap().accounts;
        accounts.reverse();
        assert_eq!(*print(&accounts), recorded.bytes(&case["libotr"]["written"]), "{name}");
        compared.insert(name);
    }
    assert_eq!(compared.len(), 18);
}

#[test]
fn file_03_a_number_that_libotr_wrote_as_text_is_read_and_becomes_hexadecimal() {
    let recorded = Recorded::new();
    let cases = recorded.0["text_like_x"].as_array().unwrap();
    assert_eq!(cases.len(), 4);
    for case in cases {
        let account = only(&recorded.bytes(&case["file"]));
        let x = case["x"].as_str().unwrap();
        let found: String = account.key().x().expose().iter().map(|byte| format!("{byte:02X}")).collect();
        assert_eq!(found, x);

        let printed = String::from_utf8(print(&[account]).to_vec()).unwrap();
        assert!(printed.contains(&format!("\n  (x #{}#)\n", x.trim_start_matches('0'))), "{printed}");
        only(printed.as_bytes());
    }
}

#[test]
fn file_03_the_last_of_several_equal_accounts_is_found() {
    let recorded = Recorded::new();
    let (two, b) = recorded.two_accounts();
    let two = String::from_utf8(two).unwrap();
    let keys = parse(two.replace("(name b)", "(name a)").as_bytes(), &RustCrypto).unwrap();
    assert_eq!(keys.accounts.len(), 2);
    assert!(is_same_key(keys.find("a", "p").unwrap().key(), only(&b).key()));
    assert!(keys.find("a", "q").is_none() && keys.find("b", "p").is_none());

    let keys = parse(two.as_bytes(), &RustCrypto).unwrap();
    assert!(is_same_key(keys.find("a", "p").unwrap().key(), only(recorded.file().as_bytes()).key()));
    assert!(is_same_key(keys.find("b", "p").unwrap().key(), only(&b).key()));
}

#[test]
fn s_19_a_damaged_account_is_reported_with_its_line_and_leaves_the_others() {
    let (two, _) = Recorded::new().two_accounts();
    let two = String::from_utf8(two).unwrap();
    // The second account begins in line 15.
    let (first, second) = two.split_at(two.match_indices(" (account").nth(1).unwrap().0);
    let first_is_left = |second: &str, others: usize| {
        let keys = parse(format!("{first}{second}").as_bytes(), &RustCrypto).unwrap();
        assert!(keys.find("a", "p").is_some());
        assert_eq!(keys.accounts.len(), 1 + others);
        let [damage] = keys.damaged.as_slice() else { panic!("{:?}", keys.damaged) };
        (damage.position.line, damage.position.column, damage.reason)
    };
    let changed = |from: &str, to: &str, line, column, reason| {
        let second = second.replacen(from, to, 1);
        assert_eq!(first_is_left(&second, 0), (line, column, reason), "{from} {to}");
        // An account after the damaged one is not lost either, as long as the lists are closed.
        let third =
            second.strip_suffix(")\n").unwrap().to_owned() + first.split_once('\n').unwrap().1 + ")\n";
        if !matches!(reason, Reason::Syntax(Syntax::UnclosedAtom | Syntax::Character)) {
            assert_eq!(first_is_left(&third, 1), (line, column, reason), "{from} {to}");
        }
    };
    changed("(account", "(acount", 15, 2, Reason::NotAnAccount);
    changed("(name b)", "", 15, 2, Reason::Missing("name"));
    changed("(name b)", "(name)", 16, 1, Reason::Missing("name"));
    changed("(name b)", "(name (b))", 16, 7, Reason::Syntax(Syntax::NotAnAtom));
    changed("(name b)", "(name \"\\q\")", 16, 7, Reason::Syntax(Syntax::Escape));
    changed("(name b)", "(name \"b\\000c\")", 15, 2, Reason::ZeroByte(otr_store::ZeroByte));
    changed("(protocol p)", "(protocol |!|)", 17, 11, Reason::Syntax(Syntax::Base64));
    changed("(private-key", "(public-key", 15, 2, Reason::Missing("private-key"));
    changed("(dsa", "(rsa", 18, 1, Reason::Missing("dsa"));
    changed("(p #", "(p #g", 20, 6, Reason::Syntax(Syntax::Hex));
    changed("(q #", "(q #0", 21, 6, Reason::Syntax(Syntax::Hex));
    changed("(x #41", "(x #42", 19, 2, Reason::Key(KeyFault::X));
    changed("(y #", "(y \"", 23, 6, Reason::Syntax(Syntax::UnclosedAtom));
    changed("(g #", "(g ; #", 22, 6, Reason::Syntax(Syntax::Character));
}

#[test]
fn key_09_and_key_04_are_checked_when_a_key_is_loaded() {
    let recorded = Recorded::new();
    let fault_with = |name: &str, number: &str| {
        let old = format!("({name} #{}#)", recorded.number(name));
        let file = recorded.file().replace(&old, &format!("({name} #{number}#)"));
        assert_ne!(file, recorded.file());
        match only_damage(file.as_bytes(), &RustCrypto) {
            (6, Reason::Key(fault)) => fault,
            other => panic!("{name} {number}: {other:?}"),
        }
    };
    let [p, q, g, y, x] = ["p", "q", "g", "y", "x"].map(|name| recorded.number(name));
    let with_last_digit = |number: &str, digit| format!("{}{digit}", &number[..number.len() - 1]);
    for bad in [with_last_digit(p, '2'), p[4..].into(), format!("01{}", &p[2..]), String::new()] {
        assert_eq!(fault_with("p", &bad), KeyFault::P);
    }
    for bad in [with_last_digit(q, '8'), q[4..].into(), format!("01{}", &q[2..]), with_last_digit(q, 'B')] {
        assert_eq!(fault_with("q", &bad), KeyFault::Q);
    }
    for bad in ["00", "01", "02", p, &format!("01{p}"), &with_last_digit(g, 'E')] {
        assert_eq!(fault_with("g", bad), KeyFault::G);
    }
    // The last one has the right order but is not g^x.
    for bad in ["00", "01", "02", p, &format!("01{p}"), &with_last_digit(y, '1')] {
        assert_eq!(fault_with("y", bad), KeyFault::Y);
    }
    assert_eq!(fault_with("y", g), KeyFault::X);
    for bad in ["00", "01", q, &format!("01{x}"), &with_last_digit(x, '3')] {
        assert_eq!(fault_with("x", bad), KeyFault::X);
    }
}

#[test]
fn a_number_may_be_padded_with_zeros() {
    let recorded = Recorded::new();
    let padded = recorded.file().replace('#', "\u{1}").replace(" \u{1}", " #000000").replace('\u{1}', "#");
    assert_eq!(padded.len(), recorded.file().len() + 30);
    assert!(is_same_key(only(padded.as_bytes()).key(), only(recorded.file().as_bytes()).key()));
}

#[test]
fn a_failing_library_is_not_taken_for_a_damaged_key() {
    let refused = Error::Refused { operation: "DSA", reason: "not approved".into() };
    let file = Recorded::new().file();
    let error = parse(file.as_bytes(), &Says(Err(refused.clone()))).unwrap_err();
    assert_eq!(error, ParseError::Backend(refused));
}

#[test]
fn file_04_a_large_text_is_refused_and_deep_lists_are_damage() {
    let file = Recorded::new().file();
    let padded = |length: usize| format!("{file}{}", " ".repeat(length - file.len()));
    assert_eq!(only(padded(MAX_FILE_SIZE).as_bytes()).name(), b"alice@example.org");
    assert_eq!(parse(padded(MAX_FILE_SIZE + 1).as_bytes(), &RustCrypto).unwrap_err(), ParseError::TooLarge);

    let deep = format!("(privkeys\n{}", "(".repeat(MAX_FILE_SIZE - 10));
    assert_eq!(only_damage(deep.as_bytes(), &RustCrypto), (2, Reason::Syntax(Syntax::TooDeep)));
    let many = "(privkeys\n".to_owned() + &"()".repeat((MAX_FILE_SIZE - 10) / 2);
    assert_eq!(parse(many.as_bytes(), &RustCrypto).unwrap().damaged.len(), (MAX_FILE_SIZE - 10) / 2 + 1);
}

#[test]
fn s_19_a_file_cut_anywhere_keeps_the_accounts_before_the_cut() {
    let (file, _) = Recorded::new().two_accounts();
    let ends: Vec<usize> =
        String::from_utf8(file.clone()).unwrap().match_indices("\n )\n )\n").map(|(at, _)| at + 6).collect();
    assert_eq!(ends.len(), 2);
    for cut in 0..file.len() - 1 {
        match parse(&file[..cut], &Says(Ok(()))) {
            Ok(keys) => {
                let complete = ends.iter().filter(|end| **end <= cut).count();
                assert_eq!((keys.accounts.len(), keys.damaged.len()), (complete, 1), "{cut}");
            }
            Err(error) => {
                assert!(cut < "(privkeys".len() && matches!(error, ParseError::Damaged(_)), "{cut}");
            }
        }
    }
}

#[test]
fn file_32_no_error_and_no_debug_output_shows_a_secret_or_repeats_the_file() {
    let recorded = Recorded::new();
    let file = recorded.file();
    let keys = parse(file.replacen("(y #", "(y #02", 1).as_bytes(), &RustCrypto).unwrap();
    let damage = &keys.damaged[0];
    assert_eq!(damage.position, Position { line: 6, column: 2 });
    assert_eq!(
        ParseError::Damaged(damage.clone()).to_string(),
        "line 6, column 2: the DSA key is invalid: y must lie between 1 and p and have order q; \
         mend the file or restore a copy of it"
    );
    let shown = format!("{:?}", only(file.as_bytes()));
    assert_eq!(
        shown,
        "Account(\"alice@example.org\", \"prpl-jabber\", \
         SecretKey { public: PublicKey(y = 0e23d028…), x: Secret<20>(..) })"
    );
}

/// Pieces of files, most of them harmless, in any order.
fn pieces() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        prop::sample::select(vec![
            "(",
            ")",
            ")",
            " ",
            "\n",
            "(account",
            "(name ",
            "a",
            "(protocol p)",
            "(private-key",
            "(dsa",
            "(p #",
            "(q #",
            "(g #",
            "(y #",
            "(x #",
            "#",
            "00FF",
            "|",
            "QUFB",
            "\"",
            "\\",
            "\\x4",
            "\\00",
            "5:",
            "3:abc",
            "99:",
        ])
        .prop_map(|text| text.as_bytes().to_vec()),
        prop::collection::vec(any::<u8>(), 0..4),
    ];
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn file_32_any_bytes_are_read_without_a_panic(text in prop::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(parse(&text, &Says(Ok(()))).is_err());
    }

    #[test]
    fn file_32_any_pieces_of_files_are_read_without_a_panic(pieces in pieces()) {
        let text = [b"(privkeys ".as_slice(), &pieces].concat();
        let keys = parse(&text, &Says(Ok(()))).unwrap();
        prop_assert!(keys.accounts.is_empty(), "no numbers of the right size were there");
    }

    #[test]
    fn key_09_a_changed_byte_never_gives_another_key(at in 0_usize..1000, byte: u8) {
        let mut file = Recorded::new().file().into_bytes();
        let key = only(&file).into_key();
        prop_assert_eq!(file.len(), 1000);
        file[at] = byte;
        if let Ok(keys) = parse(&file, &RustCrypto) {
            prop_assert!(keys.accounts.len() + keys.damaged.len() > 0);
            prop_assert!(keys.accounts.iter().all(|account| is_same_key(account.key(), &key)));
        }
    }

    #[test]
    fn file_02_what_is_printed_can_be_read(
        names in prop::collection::vec((prop::collection::vec(1_u8.., 0..30), "[ -~é]{0,20}"), 0..4),
    ) {
        let key = only(Recorded::new().file().as_bytes()).into_key();
        let accounts: Vec<_> = names
            .iter()
            .map(|(name, protocol)| Account::new(name.clone(), protocol.clone(), key.duplicate()).unwrap())
            .collect();
        let keys = parse(&print(&accounts), &RustCrypto).unwrap();
        prop_assert_eq!(keys.damaged, vec![]);
        prop_assert_eq!(keys.accounts.len(), names.len());
        for (account, (name, protocol)) in keys.accounts.iter().zip(&names) {
            prop_assert_eq!(account.name(), name.as_slice());
            prop_assert_eq!(account.protocol(), protocol.as_bytes());
            prop_assert!(is_same_key(account.key(), &key));
        }
    }
}
