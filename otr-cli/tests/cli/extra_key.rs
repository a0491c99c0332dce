//! `otr pipe`: the extra symmetric key (XKEY-01 … XKEY-04).

use serde_json::{Value, json};

use crate::driver::{Pipe, carry, find, names, secure};

/// XKEY-01, XKEY-02: both sides have the same key, and each is told which way it was asked for.
#[test]
fn xkey_02_both_sides_are_given_the_same_key() {
    let [mut alice, mut bob] = [Pipe::start(&[]), Pipe::start(&[])];
    secure(&mut alice, &mut bob);
    for (usage, field, data) in
        [(1, "data", json!("photo ü.jpg")), (u32::MAX, "data_bytes", json!("/wD+")), (0, "data", json!(""))]
    {
        let mut command = json!({"cmd": "extra_key", "use": usage});
        if data != "" {
            command[field] = data.clone();
        }
        let asked = alice.command(&command);
        let [to_alice, to_bob] = carry(&mut alice, &mut bob, asked);
        let key = to_alice[0]["key"].as_str().unwrap();
        assert!(key.len() == 64 && key.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f')));
        for (told, direction, peer) in [(&to_alice, "sent", &bob), (&to_bob, "received", &alice)] {
            let mut expected = json!({
                "event": "extra_key", "direction": direction, "use": usage, "key": key, "instance": peer.instance(),
            });
            expected[field] = data.clone();
            assert_eq!(told, &[expected]);
        }
    }
}

/// XKEY-03: version 2 does not define it.
#[test]
fn xkey_03_in_version_2_it_needs_an_option() {
    let command = json!({"cmd": "extra_key", "use": 1});
    for (option, outcome) in [(&[][..], "error"), (&["--v2-extra-key"], "extra_key")] {
        let arguments = [&["--allow", "v2"], option].concat();
        let [mut alice, mut bob] = [Pipe::start(&arguments), Pipe::start(&arguments)];
        secure(&mut alice, &mut bob);
        let answer = alice.command(&command);
        assert_eq!(answer[0]["event"], outcome);
        let [_, to_bob] = carry(&mut alice, &mut bob, answer.clone());
        if outcome == "error" {
            assert_eq!((answer.len(), to_bob), (1, vec![]));
        } else {
            let told = find(&to_bob, "extra_key");
            assert_eq!((&told["key"], &told["instance"]), (&answer[0]["key"], &json!("0x00000000")));
        }
    }
}

#[test]
fn xkey_01_without_a_session_it_is_the_applications_mistake() {
    let events = Pipe::start(&[]).command(&json!({"cmd": "extra_key", "use": 1, "data": "x"}));
    assert_eq!(names(&events), ["error"]);
    assert_eq!((&events[0]["command"], events[0].get("key")), (&json!("extra_key"), None::<&Value>));
}
