//! The corpora and what is recorded of single operations, damaged in many places at once: the group that reads a place says
//! so in the case that is about it, and every other case passes.

use std::collections::BTreeMap;

use otr_backend_rustcrypto::RustCrypto;
use otr_conformance::{Group, Vectors};
use serde_json::{Value, json};

use super::{armored, bytes, flip};

/// A file, a place in it, what becomes of that, and what is said: the case and a few words.
type Damage = (&'static str, &'static str, fn(&mut Value), &'static str, &'static str);

fn are_noticed(group: &str, damages: &[Damage]) {
    let embedded = Vectors::embedded().unwrap();
    let names =
        ["units", "base64", "classify", "tlv", "fragments", "files"].map(|name| format!("corpus_{name}"));
    let mut files: BTreeMap<&str, Value> = names
        .iter()
        .map(String::as_str)
        .chain(["v3_basic"])
        .map(|name| (name, serde_json::from_slice(embedded.json(name).unwrap()).unwrap()))
        .collect();
    for (file, place, change, ..) in damages {
        let value = files.get_mut(file).unwrap().pointer_mut(place).unwrap_or_else(|| panic!("no {place}"));
        let before = value.clone();
        change(value);
        assert_ne!(*value, before, "{file}: {place}");
    }
    let mut vectors = Vectors::default();
    for (name, content) in files {
        vectors.add(&format!("{name}.json"), serde_json::to_vec(&content).unwrap()).unwrap();
    }
    let report = Group::named(group).unwrap().run(&RustCrypto, &vectors).unwrap();
    for (file, place, _, id, words) in damages {
        let case = report.failed().find(|case| case.id == *id);
        let case = case.unwrap_or_else(|| panic!("{file}: {place}: {report}"));
        assert!(case.to_string().contains(words), "{file}: {place}: {case}");
    }
    let others = report.failed().filter(|case| damages.iter().all(|(.., id, _)| case.id != *id));
    assert_eq!(others.map(ToString::to_string).collect::<Vec<_>>(), [""; 0]);
}

#[test]
fn numbers_powers_and_comparisons() {
    are_noticed(
        "modexp",
        &[
            ("corpus_units", "/q", flip, "corpus_units/group", "    q\n"),
            ("corpus_units", "/dh/0/gx", flip, "corpus_units/powers/0", "    g^x\n"),
            ("corpus_units", "/dh/1/x", flip, "corpus_units/powers/1", "(g^y)^x"),
            ("corpus_units", "/dh/2/s", flip, "corpus_units/powers/2", "(g^x)^y"),
            ("corpus_units", "/smp/0/messages/2", flip, "corpus_units/smp/equal", "of message 3"),
            ("corpus_units", "/smp/0/initiator/r4", flip, "corpus_units/smp/equal", "of message 3"),
            (
                "corpus_units",
                "/smp/1/equal",
                |equal| *equal = json!(true),
                "corpus_units/smp/different",
                "secrets",
            ),
        ],
    );
}

#[test]
fn key_05_key_06_key_09_keys_and_signatures() {
    are_noticed(
        "dsa",
        &[
            ("corpus_units", "/keys/bob/x", flip, "corpus_units/bob", "y = g^x"),
            ("corpus_units", "/dsa/0/sig", flip, "corpus_units/signature/0", "    signature\n"),
            ("corpus_units", "/dsa/1/m", flip, "corpus_units/signature/1", "InvalidSignature"),
            ("v3_basic", "/steps/3/signatures/0/r", flip, "v3_basic/signatures", "signature in step 4"),
            ("v3_basic", "/steps/4/signatures/0/z", flip, "v3_basic/signatures", "signature in step 5"),
        ],
    );
}

/// CONST-05, CONST-06: each key and each direction is a place of its own.
#[test]
fn const_05_const_06_keys_derived_from_a_secret() {
    are_noticed(
        "keys",
        &[
            ("corpus_units", "/dh/0/secbytes", flip, "corpus_units/keys/0", "secbytes"),
            ("corpus_units", "/dh/0/ssid", flip, "corpus_units/keys/0", "ssid"),
            ("corpus_units", "/dh/1/c", flip, "corpus_units/keys/1", "    c\n"),
            ("corpus_units", "/dh/1/m2p", flip, "corpus_units/keys/1", "m2'"),
            ("corpus_units", "/dh/2/x_send_mac", flip, "corpus_units/keys/2", "sending MAC key"),
            ("corpus_units", "/dh/2/extra", flip, "corpus_units/keys/2", "extra key"),
            ("corpus_units", "/dh/3", swap_ends, "corpus_units/keys/3", "sending AES key"),
            ("corpus_units", "/keys/bob/fingerprint", flip, "corpus_units/bob/public", "fingerprint"),
            ("corpus_units", "/keys/alice/pubkey", flip, "corpus_units/alice/public", "PUBKEY"),
        ],
    );
}

/// The high and the low end of a conversation, exchanged.
fn swap_ends(exchange: &mut Value) {
    let (sending, receiving) = (exchange["x_send_aes"].take(), exchange["x_recv_aes"].take());
    (exchange["x_send_aes"], exchange["x_recv_aes"]) = (receiving, sending);
}

#[test]
fn wire_03_wire_21_numbers_and_messages_on_the_wire() {
    are_noticed(
        "wire",
        &[
            (
                "corpus_units",
                "/mpi/3/mpi",
                |mpi| *mpi = json!("000000020080"),
                "corpus_units/mpi/3",
                "written",
            ),
            ("corpus_base64", "/armored/0/decoded", flip, "corpus_base64/armored/0", "?OTR:QUJD."),
            ("corpus_classify", "/cases/5/type", |kind| *kind = json!("DATA"), "corpus_classify/5", "?OTRv?"),
            ("corpus_tlv", "/cases/5/tlvs/0/0", flip, "corpus_tlv/5", "records"),
            (
                "v3_basic",
                "/steps/2/emitted/0/wire",
                pad_number,
                "v3_basic/messages",
                "step 3: m3, read and written",
            ),
        ],
    );
}

/// g^y of a D-H Key message, with a zero byte in front.
fn pad_number(wire: &mut Value) {
    let mut message = bytes(wire);
    // After version, type and instance tags: a length of four bytes, and the number.
    message[14] += 1;
    message.insert(15, 0);
    *wire = armored(&message);
}

#[test]
fn pieces() {
    are_noticed(
        "fragments",
        &[
            (
                "corpus_fragments",
                "/create/5/max_message_size",
                flip,
                "corpus_fragments/create/5",
                "fragments",
            ),
            (
                "corpus_fragments",
                "/reassemble/0/steps/2/message",
                |message| *message = json!("acb"),
                "corpus_fragments/reassemble/in order v2",
                "step 3: ?OTR,3,3,c,",
            ),
        ],
    );
}

#[test]
fn files_of_libotr() {
    are_noticed(
        "store",
        &[
            (
                "corpus_files",
                "/private_key/0/keys/0/2",
                flip,
                "corpus_files/private_key/as written by libotr",
                "83c35018",
            ),
            (
                "corpus_files",
                "/instance_tags/0/result/0/2",
                flip,
                "corpus_files/instance_tags/as written",
                "257",
            ),
        ],
    );
}
