//! The policy that a party starts with.
//!
//! A recording states the policy that was in force at its end. Where it was changed on the way, what the party did
//! before tells what it was.

use otr_protocol::Policy;
use otr_protocol::wire::{Kind, Text};

use crate::transcript::{self, Damaged, Incoming, Operation, Step, Transcript};

/// The policy of a party before its first step.
pub(super) fn at_the_start(
    transcript: &Transcript,
    role: &str,
    party: &transcript::Party,
) -> Result<Policy, Damaged> {
    let bits = party.policy.ok_or_else(|| Damaged(format!("{role}: no policy")))?;
    let stated = Policy::from_bits(bits);
    let steps: Vec<_> = transcript.steps.iter().filter(|step| step.actor == role).collect();
    let sets_policy = |step: &&Step| matches!(step.operation(), Ok(Operation::Set { what: "policy", value }) if value == u64::from(bits));
    let Some(changed) = steps.iter().position(sets_policy) else { return Ok(stated) };
    let mut bits = bits;
    for step in steps.into_iter().take(changed) {
        for (flag, is_set) in evidence(transcript, step)? {
            bits = if is_set { bits | flag.bits() } else { bits & !flag.bits() };
        }
    }
    Ok(Policy::from_bits(bits))
}

/// The flags that a step shows to be set, or not.
fn evidence(transcript: &Transcript, step: &Step) -> Result<Vec<(Policy, bool)>, Damaged> {
    let operation = step.operation()?;
    let sent: Vec<_> =
        step.emitted.iter().map(|emitted| Text::classify(emitted.wire.as_bytes(), false)).collect();
    let has_sent = |is_it: fn(&Text<'_>) -> bool| sent.iter().any(is_it);
    let text = match operation {
        Operation::Receive(Incoming::Injected(text)) => text,
        Operation::Receive(Incoming::Recorded(id)) => {
            transcript.emitted(id).map(|emitted| emitted.wire.as_str()).unwrap_or_default()
        }
        Operation::Send { .. } => {
            let is_required =
                step.events.iter().flatten().any(|event| {
                    event.name.as_deref().is_some_and(|name| name.ends_with("ENCRYPTION_REQUIRED"))
                });
            let mut evidence = vec![(Policy::REQUIRE_ENCRYPTION, is_required)];
            if has_sent(|text| matches!(text, Text::Tagged { .. })) {
                evidence.push((Policy::SEND_WHITESPACE_TAG, true));
            }
            return Ok(evidence);
        }
        _ => return Ok(Vec::new()),
    };
    Ok(match Text::classify(text.as_bytes(), false) {
        Text::Error(_) => vec![(Policy::ERROR_START_AKE, has_sent(|text| matches!(text, Text::Query(_))))],
        Text::Tagged { .. } => {
            let has_started = has_sent(|text| matches!(text, Text::Encoded(_, Kind::DhCommit)));
            if has_started { vec![(Policy::WHITESPACE_START_AKE, true)] } else { Vec::new() }
        }
        _ => Vec::new(),
    })
}
