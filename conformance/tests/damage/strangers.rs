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

    let cross = rename(&recording("cross_potr_v2_peer_commits"), "alice", "carol");
    assert_eq!(replay(&cross).unwrap_err().to_string(), "potr_v2_peer_commits: no party \"alice\"");
}
