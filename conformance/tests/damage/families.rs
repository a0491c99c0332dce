//! What else the conversations contain: comparisons of secrets, extra keys, given records, texts that wait, other
//! programs.

use serde_json::{Value, json};

use super::{find, flip, is_noticed, number, recording, replay};

/// The place of the first step with such an event.
fn told(recording: &Value, name: &str) -> usize {
    let is_it = |event: &Value| event["name"] == name || event["callback"] == name;
    find(recording, |step| step["events"].as_array().is_some_and(|events| events.iter().any(is_it)))
}

fn event<'a>(recording: &'a mut Value, name: &str) -> (u64, &'a mut Value) {
    let place = told(recording, name);
    let number = number(recording, place);
    let events = recording["steps"][place]["events"].as_array_mut().unwrap();
    let event = events.iter_mut().find(|event| event["name"] == name || event["callback"] == name);
    (number, event.unwrap())
}

#[test]
fn replay_7_every_event_of_a_comparison_is_compared() {
    for (file, from, to) in [
        ("v3_smp_success", "ASK_FOR_SECRET", "ABORT"),
        ("v3_smp_success", "IN_PROGRESS", "CHEATED"),
        ("v3_smp_success", "SUCCESS", "FAILURE"),
        ("v3_smp_failure", "FAILURE", "SUCCESS"),
        ("v3_smp_cheat", "CHEATED", "SUCCESS"),
        ("v3_smp_abort", "ABORT", "CHEATED"),
    ] {
        let mut recording = recording(file);
        let (step, event) = event(&mut recording, from);
        event["name"] = json!(to);
        is_noticed(&recording, step, "event");
    }
    let mut recording = recording("v3_smp_question_success");
    let (step, event) = event(&mut recording, "ASK_FOR_ANSWER");
    event["question"] = json!("another one?");
    is_noticed(&recording, step, "event");
}

#[test]
fn replay_6_a_comparison_is_compared_value_by_value() {
    for op in ["smp_init", "smp_resp"] {
        let mut recording = recording("v3_smp_success");
        let place = find(&recording, |step| step["op"] == op);
        flip(&mut recording["steps"][place]["emitted"][0]["decoded"]["plaintext"]);
        is_noticed(&recording, number(&recording, place), "plaintext");
    }
    // Another secret: it first shows in what hides it.
    let mut other = recording("v3_smp_success");
    let place = find(&other, |step| step["op"] == "smp_resp");
    other["steps"][place]["secret"] = json!("wrong horse");
    is_noticed(&other, number(&other, place), "plaintext");
    // The last message, which the recorded party now does not send.
    let mut less = recording("v3_smp_success");
    let place = told(&less, "SUCCESS");
    less["steps"].as_array_mut().unwrap().truncate(place + 1);
    assert_eq!(less["steps"][place]["emitted"].as_array_mut().unwrap().drain(..).count(), 1);
    is_noticed(&less, number(&less, place), "sent");
}

/// SMP-25.
#[test]
fn smp_25_the_trust_that_follows_is_compared() {
    for file in ["v3_smp_success", "v3_smp_question_success"] {
        let mut recording = recording(file);
        let place = find(&recording, |step| step["state"].to_string().contains("\"smp\""));
        for slot in recording["steps"][place]["state"].as_array_mut().unwrap() {
            if slot["trust"] == "smp" {
                slot["trust"] = json!("");
            }
        }
        is_noticed(&recording, number(&recording, place), "trust");
    }
}

#[test]
fn replay_4_a_missing_exponent_is_noticed() {
    let mut recording = recording("v3_smp_success");
    let place = find(&recording, |step| step["op"] == "smp_resp");
    let randoms = recording["steps"][place]["randoms"].as_array_mut().unwrap();
    randoms.retain(|random| random["purpose"] != "smp_r4");
    is_noticed(&recording, number(&recording, place), "random bytes");
}

#[test]
fn replay_7_extra_keys_are_compared() {
    for name in ["symkey", "received_symkey"] {
        let mut recording = recording("v3_extra_symmetric_key");
        let (step, event) = event(&mut recording, name);
        flip(&mut event["key"]);
        is_noticed(&recording, step, "event");
    }
    let mut recording = recording("v3_extra_symmetric_key");
    let place = find(&recording, |step| step["op"] == "symkey");
    flip(&mut recording["steps"][place]["use"]);
    is_noticed(&recording, number(&recording, place), "plaintext");
}

#[test]
fn replay_2_given_records_and_flags_are_sent_as_they_are() {
    let damage = |change: fn(&mut Value), what| {
        let mut recording = recording("v3_tlvs");
        let place = find(&recording, |step| step["op"] == "tlvsend");
        change(&mut recording["steps"][place]);
        is_noticed(&recording, number(&recording, place), what);
    };
    damage(|step| flip(&mut step["flags"]), "flags");
    damage(|step| flip(&mut step["tlvs"][0][1]), "plaintext");
}

/// MSG-52.
#[test]
fn msg_52_a_text_that_is_sent_again_is_compared() {
    let mut recording = recording("v2_error_restart");
    let (step, event) = event(&mut recording, "MSG_RESENT");
    event["name"] = json!("SETUP_ERROR");
    is_noticed(&recording, step, "event");
}

/// We send more than was recorded there: the messages after it are compared nevertheless.
#[test]
fn replay_6_after_a_message_of_ours_alone_the_others_are_still_compared() {
    for (field, what) in [("ctr", "ctr"), ("mac_key", "mac"), ("plaintext", "plaintext"), ("flags", "flags")]
    {
        let mut recording = recording("v3_smp_cheat");
        let cheated = told(&recording, "CHEATED");
        let actor = recording["steps"][cheated]["actor"].clone();
        let answers = |step: &Value| step["op"] == "smp_abort" && step["actor"] == actor;
        let place = find(&recording, answers);
        assert!(place > cheated);
        flip(&mut recording["steps"][place]["emitted"][0]["decoded"][field]);
        is_noticed(&recording, number(&recording, place), what);
    }
}

#[test]
fn of_a_conversation_with_another_program_libotr_is_under_test() {
    let mut recording = recording("cross_otrjs_v3_libotr_commits");
    let cases = replay(&recording).unwrap();
    let ids: Vec<_> = cases.iter().map(|case| case.id.as_str()).collect();
    assert_eq!(ids, ["otrjs_v3_libotr_commits/alice"]);
    let sends = |step: &Value| step["actor"] == "alice" && step["op"] == "send";
    let place = find(&recording, sends);
    flip(&mut recording["steps"][place]["emitted"][0]["decoded"]["next_y"]);
    is_noticed(&recording, number(&recording, place), "next_y");
}
