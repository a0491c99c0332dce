//! What the user reads of events.

use otr_protocol::{EndedBy, Event, Fingerprint, Half, Problem, Secured, SmpEvent, Trust};

use crate::text::printable;

/// What an event means to the user, if anything; texts of the peer's are shown otherwise.
pub(super) fn of_event(nick: &str, event: &Event) -> Option<String> {
    Some(match event {
        Event::Downgraded { .. } => {
            format!(
                "warning: {nick} speaks version 2 now and spoke version 3 before; somebody in between may have caused that"
            )
        }
        Event::Ended { by: EndedBy::Us, .. } => {
            format!("the encrypted conversation with {nick} has ended: what you write now goes in clear")
        }
        Event::Ended { by: EndedBy::Peer, .. } => format!(
            "{nick} has ended the encrypted conversation: nothing you write is sent until you say \"end {nick}\" or \"start {nick}\""
        ),
        Event::Ended { .. } => format!(
            "the encrypted conversation with {nick} could not go on: nothing you write is sent until you say \"start {nick}\""
        ),
        Event::ExtraKey { .. } => {
            format!("{nick} wants to share a key for another program, which is not supported here")
        }
        Event::Held { .. } => format!("your message to {nick} waits until the conversation is encrypted"),
        Event::NotSent { text, .. } => {
            format!("not sent to {nick}, for want of an encrypted conversation: {}", printable(text))
        }
        Event::Problem { kind, text, .. } => {
            return of_problem(nick, *kind, text.as_deref().unwrap_or_default());
        }
        Event::Resent { text, .. } => format!("sent to {nick} again: {}", printable(text)),
        Event::Secured { version, fingerprint, trust, own_key, refreshed, .. } => format!(
            "the conversation with {nick} is encrypted (OTR {}{}); their fingerprint is {fingerprint}, {}{}",
            version.number(),
            if *refreshed { ", with fresh keys" } else { "" },
            if *own_key {
                "YOUR OWN: another client of yours, or somebody hands on what you say; "
            } else {
                ""
            },
            of_trust(nick, *trust)
        ),
        Event::Smp { event, .. } => of_comparison(nick, event),
        _ => return None,
    })
}

fn of_trust(nick: &str, trust: Trust) -> String {
    let how =
        format!("compare it over another channel and say \"trust {nick}\", or say \"auth {nick} SECRET\"");
    match trust {
        Trust::Trusted => "which you have verified".into(),
        Trust::Known => format!("seen before, NOT VERIFIED: {how}"),
        Trust::New => format!("never seen before, NOT VERIFIED: {how}"),
        Trust::Changed => format!("NOT THE ONE YOU VERIFIED: a new device, or somebody in between; {how}"),
    }
}

fn of_comparison(nick: &str, event: &SmpEvent) -> String {
    match event {
        SmpEvent::Asked { question: None } => {
            format!(
                "{nick} wants to compare a secret with you: say \"auth {nick} SECRET\", or \"abort {nick}\""
            )
        }
        SmpEvent::Asked { question: Some(question) } => {
            format!("{nick} asks: {} (say \"auth {nick} ANSWER\", or \"abort {nick}\")", printable(question))
        }
        SmpEvent::Progress => format!("{nick} has answered"),
        SmpEvent::Succeeded => format!("the secrets of you and {nick} are equal"),
        SmpEvent::Failed => {
            format!("the secrets of you and {nick} DIFFER: a mistake in spelling, or somebody in between")
        }
        SmpEvent::Cheated => {
            format!("the comparison with {nick} was broken off: they did not keep to the protocol")
        }
        _ => format!("the comparison with {nick} was broken off"),
    }
}

/// Nothing about what need not worry the user; what came in clear is shown otherwise.
fn of_problem(nick: &str, kind: Problem, text: &[u8]) -> Option<String> {
    Some(match kind {
        Problem::Unencrypted => {
            format!("the next message from {nick} came IN CLEAR: anybody can have written it")
        }
        Problem::NoSession => format!(
            "{nick} has written something encrypted, but there is no encrypted conversation: say \"start {nick}\""
        ),
        Problem::Unreadable => format!("an encrypted message from {nick} cannot be read"),
        Problem::PeerError => {
            format!("{nick}, or somebody in between, reports an error: {}", printable(text))
        }
        Problem::SetupFailed => {
            format!("encrypting the conversation with {nick} failed; try \"start {nick}\"")
        }
        Problem::Malformed | Problem::Unrecognized | Problem::UnsupportedVersion => {
            format!("a message from {nick} that looks like OTR cannot be understood")
        }
        Problem::ForOtherInstance => {
            format!("a message from {nick} is for another program of yours, or an earlier one")
        }
        Problem::Limit => format!("a message from {nick} was too long and is lost"),
        Problem::Reflected => format!("a message of yours came back from {nick}"),
        _ => return None,
    })
}

/// The fingerprints on both sides, and the session id, to be compared.
pub(super) fn of_identity(
    nick: &str,
    ours: Fingerprint,
    secured: Option<Secured>,
    trust: Option<Trust>,
) -> Vec<String> {
    let mut lines = vec![format!("your fingerprint is {ours}")];
    if let (Some(secured), Some(trust)) = (secured, trust) {
        lines.push(format!(
            "the fingerprint of {nick} is {}, {}",
            secured.fingerprint,
            of_trust(nick, trust)
        ));
        let half = match secured.our_half {
            Half::First => "first",
            Half::Second => "second",
        };
        let id = secured.session_id.to_hex();
        lines.push(format!("the session id is {id}; you read its {half} half aloud, they the other"));
    } else {
        lines.push(format!("there is no encrypted conversation with {nick}"));
    }
    lines
}
