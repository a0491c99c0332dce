//! One bit of each field of each kind of message, flipped on its way: whoever receives it does something else than was
//! recorded, and the replay says in which step it first shows.

use super::{armored, bytes, failures, recording};

/// A kind of message.
struct Kind {
    /// Its first one, counted from 0.
    step: usize,
    name: &'static str,
    /// What follows the header, and how long it is.
    fields: &'static [(&'static str, usize)],
    /// The steps, counted from 1, in which damage may first show: that of its receiver, or, for a commit, that in which it
    /// is opened.
    shows: &'static [u32],
}

const KINDS: [Kind; 5] = [
    Kind {
        step: 1,
        name: "DH_COMMIT",
        fields: &[("length of encgx", 4), ("encgx", 196), ("length of hashgx", 4), ("hashgx", 32)],
        shows: &[3, 5],
    },
    Kind { step: 2, name: "DH_KEY", fields: &[("length of gy", 4), ("gy", 192)], shows: &[4] },
    Kind {
        step: 3,
        name: "REVEAL_SIG",
        fields: &[("length of r", 4), ("r", 16), ("length of encsig", 4), ("encsig", 466), ("mac", 20)],
        shows: &[5],
    },
    Kind {
        step: 4,
        name: "SIGNATURE",
        fields: &[("length of encsig", 4), ("encsig", 466), ("mac", 20)],
        shows: &[6],
    },
    Kind {
        step: 6,
        name: "DATA",
        fields: &[
            ("flags", 1),
            ("sender_keyid", 4),
            ("recipient_keyid", 4),
            ("length of next_y", 4),
            ("next_y", 192),
            ("ctr", 8),
            ("length of encmsg", 4),
            ("encmsg", 21),
            ("mac", 20),
            ("length of revealed", 4),
        ],
        shows: &[8],
    },
];

const HEADER: [(&str, usize); 4] = [("version", 2), ("type", 1), ("sender_tag", 4), ("receiver_tag", 4)];

#[test]
fn ake_data_a_flipped_bit_in_any_field_on_the_wire_is_noticed() {
    // Messages of version 2 have no instance tags.
    for (conversation, header) in [("v2_basic", &HEADER[..2]), ("v3_basic", &HEADER)] {
        let intact = recording(conversation);
        for Kind { step, name, fields, shows } in KINDS {
            let sent = &intact["steps"][step]["emitted"][0];
            assert_eq!(sent["decoded"]["type"], name);
            let message = bytes(&sent["wire"]);
            let mut end = 0;
            for (field, length) in header.iter().chain(fields) {
                end += length;
                let mut damaged = message.clone();
                damaged[end - 1] ^= 1;
                let mut recording = intact.clone();
                recording["steps"][step]["emitted"][0]["wire"] = armored(&damaged);
                let first = failures(&recording).iter().filter_map(|failure| failure.step).min();
                let is_noticed = match *field {
                    // That it is no such message any more is noticed where it is sent.
                    "type" => first == Some(step as u32 + 1),
                    _ => first.is_some_and(|first| shows.contains(&first)),
                };
                assert!(is_noticed, "{conversation}: {name}, {field}: {first:?}");
            }
            assert_eq!(end, message.len(), "{conversation}: {name} has other fields");
        }
    }
}

/// What the user has ended, libotr goes on waiting for, in the base slot (MSG-60). That explains nothing about the exchanges
/// that follow in another one.
#[test]
fn msg_60_an_exchange_after_one_that_was_given_up_is_compared() {
    let intact = recording("v3_disconnect");
    let fields = [("length of r", 14), ("r", 15), ("mac", 520)];
    for (kind, step, fields) in [("DH_COMMIT", 15, &[("encgx", 210)][..]), ("REVEAL_SIG", 17, &fields)] {
        let sent = &intact["steps"][step]["emitted"][0];
        assert_eq!(sent["decoded"]["type"], kind);
        for (field, place) in fields {
            let mut damaged = bytes(&sent["wire"]);
            damaged[*place] ^= 1;
            let mut recording = intact.clone();
            recording["steps"][step]["emitted"][0]["wire"] = armored(&damaged);
            let failures = failures(&recording);
            assert!(failures.iter().any(|failure| failure.step == Some(19)), "{kind}, {field}: {failures:?}");
        }
    }
}
