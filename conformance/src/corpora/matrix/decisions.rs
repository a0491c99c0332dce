//! Where the requirements decide otherwise than libotr: each turns what libotr does into what we must do.

use super::{Cell, Outcome};
use crate::Deviation;

type Decide = fn(&Cell, &mut Outcome);

const DECISIONS: [(Deviation, Decide); 8] = [
    rule("AKE-43", "a D-H Key does not change the message state", ake_43),
    rule("AKE-33", "the lower commit gives way, in version 3 too", ake_33),
    rule("AKE-41", "a D-H Key out of turn is answered with the same bytes, or not", ake_41),
    rule("INST-12", "an instance takes over a commit when it can use it", inst_12),
    rule("MSG-22", "a Data message of version 3 without session is answered", msg_22),
    rule("MSG-23", "a Data message from an unknown instance is told of", msg_23),
    rule("MSG-60", "the user's end gives up every key exchange", msg_60),
    rule("TAG-13", "a whitespace tag starts nothing while a slot is ENCRYPTED", tag_13),
];

const fn rule(id: &'static str, what: &'static str, decide: Decide) -> (Deviation, Decide) {
    (Deviation { id, what }, decide)
}

/// What we must do, and the decisions that differ from libotr's.
pub(super) fn decide(cell: &Cell, mut outcome: Outcome) -> (Outcome, Vec<Deviation>) {
    let mut deviations = Vec::new();
    for (deviation, decide) in DECISIONS {
        let before = outcome.clone();
        decide(cell, &mut outcome);
        deviations.extend((outcome != before).then_some(deviation));
    }
    (outcome, deviations)
}

fn ake_33(cell: &Cell, outcome: &mut Outcome) {
    if cell.event != "D-H Commit, hash lower than ours" {
        return;
    }
    let waiting = (cell.msgstate.clone(), "AWAITING_DHKEY".to_owned());
    if cell.version == 2 {
        outcome.sends = vec!["D-H Commit (same bytes as before)".to_owned()];
        outcome.after[0] = waiting;
    } else {
        // It now names its receiver (AKE-23).
        outcome.sends = vec!["D-H Commit".to_owned()];
        outcome.after[1] = (cell.msgstate.clone(), "NONE".to_owned());
    }
}

fn ake_41(cell: &Cell, outcome: &mut Outcome) {
    if cell.version == 3 && cell.authstate == "AWAITING_SIG" {
        match cell.event.as_str() {
            "D-H Key, new" => outcome.sends.clear(),
            "D-H Key, same again" => {
                outcome.sends = vec!["Reveal Signature (same bytes as before)".to_owned()];
            }
            _ => {}
        }
    }
}

/// Whoever waits for a Signature is still in the session from before, and so is whoever answers a D-H Key.
fn ake_43(cell: &Cell, outcome: &mut Outcome) {
    let is_after_key = cell.authstate == "AWAITING_SIG" || cell.event == "D-H Key, answer to our commit";
    if cell.version == 2 || cell.msgstate == "PLAINTEXT" || !is_after_key {
        return;
    }
    let is_encrypted = cell.msgstate == "ENCRYPTED";
    let Outcome { sends, events, display, after: [_, (message_state, auth_state)] } = outcome;
    let set = |list: &mut Vec<String>, values: &[&str]| {
        *list = values.iter().map(|value| (*value).to_owned()).collect();
    };
    match cell.event.as_str() {
        "user ends OTR" if is_encrypted => set(sends, &["Data"]),
        "user ends OTR" => {}
        "Signature, valid" if is_encrypted => set(events, &["still_secure"]),
        "Signature, valid" => {}
        "Data, valid, disconnected TLV" => {
            "FINISHED".clone_into(message_state);
            "NONE".clone_into(auth_state);
        }
        event => {
            message_state.clone_from(&cell.msgstate);
            match event {
                "plaintext" | "tagged plaintext" => {
                    *display = None;
                    set(events, &["RCVDMSG_UNENCRYPTED"]);
                }
                "Data, valid" => {
                    *display = Some("genuine".to_owned());
                    events.clear();
                }
                "Data, undecryptable" if is_encrypted => {
                    set(sends, &["Error"]);
                    set(events, &["RCVDMSG_UNREADABLE"]);
                }
                "user sends text" if is_encrypted => set(sends, &["Data"]),
                "user sends text" => {
                    sends.clear();
                    set(events, &["CONNECTION_ENDED"]);
                }
                _ => {}
            }
        }
    }
}

fn inst_12(cell: &Cell, outcome: &mut Outcome) {
    if cell.version == 3 && cell.event == "D-H Key, g^y = 1" {
        outcome.after[1] = (cell.msgstate.clone(), "NONE".to_owned());
    }
}

fn msg_22(cell: &Cell, outcome: &mut Outcome) {
    if cell.version == 3 && cell.event == "Data, undecryptable" && cell.msgstate != "ENCRYPTED" {
        outcome.sends = vec!["Error".to_owned()];
    }
}

fn msg_23(cell: &Cell, outcome: &mut Outcome) {
    if cell.version == 3 && cell.event == "Data, undecryptable" && cell.msgstate == "PLAINTEXT" {
        outcome.events = vec!["RCVDMSG_NOT_IN_PRIVATE".to_owned()];
    }
}

fn msg_60(cell: &Cell, outcome: &mut Outcome) {
    if cell.event == "user ends OTR" {
        for (_, auth_state) in &mut outcome.after {
            "NONE".clone_into(auth_state);
        }
    }
}

fn tag_13(cell: &Cell, outcome: &mut Outcome) {
    if cell.version == 3 && cell.event == "tagged plaintext" && cell.msgstate == "ENCRYPTED" {
        let is_waiting = matches!(cell.authstate.as_str(), "AWAITING_DHKEY" | "AWAITING_SIG");
        outcome.sends.clear();
        outcome.after[0].1 = if is_waiting { "AWAITING_DHKEY" } else { "NONE" }.to_owned();
    }
}
