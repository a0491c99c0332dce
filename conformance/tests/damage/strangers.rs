//! Recordings as others may make them: other names, fields more or fewer, in another order.

use serde_json::{Value, json};

use super::{failures, find, is_noticed, number, recording, replay};

/// Replaces a string everywhere.
fn rename(recording: &Value, from: &str, to: &str) -> Value {
    let quoted = |name: &str| json!(name).to_string();
    serde_json::from_str(&recording.to_string().replace(&quoted(from), &quoted(to))).unwrap()
}

fn steps(recording: &mut Value) -> impl Iterator<Item = &mut Value> {
    recording["steps"].as_array_mut().unwrap().iter_mut()
}

#[test]
fn the_parties_may_have_any_names() {
    let renamed = rename(&recording("v3_smp_success"), "alice", "Zo\u{eb} \"Z\" Zimmer");
    let ids: Vec<_> = replay(&renamed).unwrap().into_iter().map(|case| case.id).collect();
    assert_eq!(ids, ["v3_smp_success/Zo\u{eb} \"Z\" Zimmer", "v3_smp_success/bob"]);
    assert_eq!(failures(&renamed), vec![]);
}

#[test]
fn what_is_not_known_is_left_aside() {
    let mut recording = recording("v3_extra_symmetric_key");
    recording["recorded_by"] = json!({"program": "another"});
    for step in steps(&mut recording) {
        step["colour"] = json!(["green"]);
        step["events"].as_array_mut().unwrap().push(json!({"callback": "rang_the_bell", "times": 3}));
    }
    assert_eq!(failures(&recording), vec![]);
}

#[test]
fn what_is_not_recorded_is_not_compared() {
    let mut recording = recording("v3_smp_success");
    for party in recording["parties"].as_object_mut().unwrap().values_mut() {
        for field in ["fingerprint", "max_message_size", "account"] {
            party.as_object_mut().unwrap().remove(field).unwrap();
        }
    }
    for step in steps(&mut recording) {
        for field in ["keys_used", "events", "result", "state", "instance", "signatures"] {
            step.as_object_mut().unwrap().remove(field);
        }
    }
    assert_eq!(failures(&recording), vec![]);
    // But what was sent is.
    let place = find(&recording, |step| step["op"] == "smp_resp");
    recording["steps"].as_array_mut().unwrap().truncate(place + 1);
    recording["steps"][place]["emitted"] = json!([]);
    is_noticed(&recording, number(&recording, place), "sent");
}

#[test]
fn of_another_program_little_is_known() {
    let mut recording = recording("cross_potr_v2_libotr_commits");
    let bob = &mut recording["parties"]["bob"];
    bob["dsa"].as_object_mut().unwrap().remove("x").unwrap();
    for field in ["instance_tag", "policy", "max_message_size"] {
        bob[field] = json!(null);
    }
    recording["parties"]["alice"].as_object_mut().unwrap().remove("instance_tag").unwrap();
    for step in steps(&mut recording).filter(|step| step["actor"] == "bob") {
        step["op"] = json!("waved a flag");
        step["state"] = json!("fine");
    }
    assert_eq!(failures(&recording), vec![]);
}

#[test]
fn random_values_may_stand_in_another_order() {
    let mut recording = recording("v3_smp_success");
    for step in steps(&mut recording) {
        step["randoms"].as_array_mut().unwrap().reverse();
    }
    assert_eq!(failures(&recording), vec![]);
}

#[test]
fn replay_10_what_is_missing_is_named() {
    let without = |op: &str, field: &str| {
        let mut recording = recording("v3_smp_question_success");
        let step = steps(&mut recording).find(|step| step["op"] == op).unwrap();
        step.as_object_mut().unwrap().remove(field).unwrap();
        replay(&recording).unwrap_err().to_string()
    };
    for (op, field) in [("smp_initq", "question"), ("smp_initq", "secret"), ("smp_resp", "secret")] {
        let error = without(op, field);
        assert!(error.starts_with("v3_smp_question_success: step "), "{error}");
        assert!(error.ends_with(&format!("`{op}` without `{field}`")), "{error}");
    }
    assert!(without("recv", "msg").contains("`recv` without `msg` or `injected`"));

    let mut broken = recording("v3_smp_success");
    broken["steps"][3]["randoms"] = json!("none");
    let error = replay(&broken).unwrap_err().to_string();
    assert!(error.starts_with("v3_smp_success: step 4: "), "{error}");

    let mut nobody = recording("v3_smp_success");
    nobody["steps"][2]["actor"] = json!("carol");
    assert_eq!(replay(&nobody).unwrap_err().to_string(), "v3_smp_success: step 3: no party \"carol\"");

    let mut nothing = recording("v3_smp_success");
    nothing["steps"] = json!([]);
    let error = replay(&nothing).unwrap_err().to_string();
    assert_eq!(error, "v3_smp_success: no step of a party that can be put under test");

    let cross = rename(&recording("cross_potr_v2_peer_commits"), "alice", "carol");
    assert_eq!(replay(&cross).unwrap_err().to_string(), "potr_v2_peer_commits: no party \"alice\"");
}

/// Appends a step of alice, in which this is sent.
fn append(recording: &mut Value, mut step: Value, wires: &[&str]) {
    let steps = recording["steps"].as_array_mut().unwrap();
    let n = steps.len() + 1;
    step["n"] = json!(n);
    step["actor"] = json!("alice");
    step["events"] = json!([]);
    let emitted =
        wires.iter().enumerate().map(|(place, wire)| json!({"id": format!("x{n}.{place}"), "wire": wire}));
    step["emitted"] = emitted.collect();
    steps.push(step);
}

/// Asserts that nothing failed with alice, and that this deviation was counted.
fn deviates(recording: &Value, id: &str) {
    let cases = replay(recording).unwrap();
    let alice = cases.iter().find(|case| case.id.ends_with("/alice")).unwrap();
    assert_eq!(alice.failures, vec![], "{id}");
    assert!(alice.deviations.keys().any(|deviation| deviation.id == id), "{id}: {:?}", alice.deviations);
    assert_eq!(alice.stopped, None);
}

#[test]
fn inst_13_an_unknown_instance_is_no_recipient() {
    let mut recording = recording("v3_basic");
    append(&mut recording, json!({"op": "send", "instance": 0x999, "text": "hi"}), &["hi"]);
    deviates(&recording, "INST-13");
}

#[test]
fn msg_16_a_text_that_is_too_long_is_refused() {
    let mut recording = recording("v3_plaintext_state_events");
    let text = "long ".repeat(20_000);
    append(&mut recording, json!({"op": "send", "instance": 1, "text": text}), &[&text]);
    deviates(&recording, "MSG-16");
}

#[test]
fn tag_14_a_tag_is_offered_anew_after_the_end() {
    let mut recording = recording("v3_whitespace_rejected");
    append(&mut recording, json!({"op": "send", "text": "no tag"}), &["no tag"]);
    assert_eq!(failures(&recording), vec![]);
    append(&mut recording, json!({"op": "disconnect"}), &[]);
    append(&mut recording, json!({"op": "send", "text": "still no tag"}), &["still no tag"]);
    deviates(&recording, "TAG-14");
}

#[test]
fn pol_05_a_policy_takes_no_protection_away() {
    let mut recording = recording("v3_smp_success");
    append(&mut recording, json!({"op": "set", "what": "policy", "value": 0}), &[]);
    append(&mut recording, json!({"op": "send", "text": "in clear"}), &["in clear"]);
    deviates(&recording, "POL-05");
}

#[test]
fn inst_06_what_comes_from_ourselves_is_not_answered() {
    let mut recording = recording("v3_basic");
    let is_of_alice =
        |step: &Value| step["actor"] == "alice" && step["emitted"][0]["decoded"]["type"] == "DATA";
    let place = find(&recording, is_of_alice);
    let id = recording["steps"][place]["emitted"][0]["id"].clone();
    append(&mut recording, json!({"op": "recv", "msg": id}), &[]);
    deviates(&recording, "INST-06");
}

#[test]
fn replay_2_settings_change_on_the_way() {
    let mut recording = recording("v3_basic");
    append(&mut recording, json!({"op": "set", "what": "max_message_size", "value": 200}), &[]);
    append(&mut recording, json!({"op": "set", "what": "loggedin", "value": false}), &[]);
    append(&mut recording, json!({"op": "set", "what": "now", "value": 2_000_000_000}), &[]);
    append(&mut recording, json!({"op": "poll"}), &[]);
    append(&mut recording, json!({"op": "disconnect"}), &[]);
    assert_eq!(failures(&recording), vec![]);
    append(&mut recording, json!({"op": "set", "what": "mood", "value": 1}), &[]);
    assert!(replay(&recording).unwrap_err().to_string().ends_with("unknown setting `mood`"));
}

/// alice talks with bob and carol by turns: two sessions.
#[test]
fn a_party_may_talk_with_several_others() {
    let (mut both, other) = (recording("v3_smp_success"), recording("v3_basic"));
    let other = rename(&rename(&other, "bob", "carol"), "bob@example.org", "carol@example.org");
    both["parties"]["carol"] = other["parties"]["carol"].clone();
    let of_bob = std::mem::take(both["steps"].as_array_mut().unwrap());
    let mut of_carol = other["steps"].as_array().unwrap().iter().map(|step| {
        // Its own message ids.
        let mut step = step.clone();
        if let Some(id) = step["msg"].as_str() {
            step["msg"] = json!(format!("c{id}"));
        }
        for emitted in step["emitted"].as_array_mut().into_iter().flatten() {
            emitted["id"] = json!(format!("c{}", emitted["id"].as_str().unwrap()));
        }
        step
    });
    let mut mixed = Vec::new();
    for step in of_bob {
        mixed.push(step);
        mixed.extend(of_carol.next());
    }
    mixed.extend(of_carol);
    for (n, step) in (1..).zip(&mut mixed) {
        step["n"] = json!(n);
    }
    both["steps"] = json!(mixed);
    let ids: Vec<_> = replay(&both).unwrap().into_iter().map(|case| case.id).collect();
    let expected = ["alice/bob@example.org", "alice/carol@example.org", "bob", "carol"];
    assert_eq!(ids, expected.map(|role| format!("v3_smp_success/{role}")));
    assert_eq!(failures(&both), vec![]);
}
