//! Two backends talk to each other, each in either role: whole conversations through the public interface.

use otr_protocol::{
    Account, Error, Event, Instant, MessageState, Output, Policy, Recipient, Session, SmpEvent, Version,
};
use otr_traits::Backend;

use crate::{Case, GroupReport, Unusable, Vectors};

/// Puts two backends to conversations with each other: each side begins, in both versions, whole and in fragments, with
/// messages through several changes of keys, comparisons of equal and of different secrets, the extra symmetric key, and
/// the end.
#[must_use]
pub fn interop(first: &dyn Backend, second: &dyn Backend) -> GroupReport {
    let mut cases = Vec::new();
    for (starter, other) in [(first, second), (second, first)] {
        for version in [Version::V2, Version::V3] {
            for max_size in [None, Some(200)] {
                let size = if max_size.is_some() { "-in-fragments" } else { "" };
                let (starter_name, other_name) = (starter.name(), other.name());
                let mut case =
                    Case::new(format!("interop/{starter_name}-asks-{other_name}/v{version}{size}"));
                if let Err(error) = converse(&mut case, [starter, other], version, max_size) {
                    case.fail(None, "conversation", "no error", error.to_string());
                }
                cases.push(case);
            }
        }
        if core::ptr::addr_eq(first, second) {
            break;
        }
    }
    GroupReport { name: "interop", cases }
}

/// A backend with itself.
pub(crate) fn cases(backend: &dyn Backend, _: &Vectors) -> Result<Vec<Case>, Unusable> {
    Ok(interop(backend, backend).cases)
}

/// One party, and what it was told since it was last asked.
struct Party<'a> {
    session: Session<&'a dyn Backend>,
    events: Vec<Event>,
}

impl<'a> Party<'a> {
    fn new(backend: &'a dyn Backend, version: Version, max_size: Option<usize>) -> Result<Self, Error> {
        let mut session = Account::generate(backend)?.session();
        session.set_policy(match version {
            Version::V2 => Policy::ALLOW_V2,
            Version::V3 => Policy::ALLOW_V3,
        })?;
        session.set_max_message_size(max_size)?;
        Ok(Self { session, events: Vec::new() })
    }

    /// The first thing of a kind that it was told; everything else is forgotten.
    fn told<T>(&mut self, find: impl Fn(&Event) -> Option<T>) -> Option<T> {
        core::mem::take(&mut self.events).iter().find_map(find)
    }
}

const NOW: Instant = Instant::from_millis(0);

fn converse(
    case: &mut Case,
    backends: [&dyn Backend; 2],
    version: Version,
    max_size: Option<usize>,
) -> Result<(), Error> {
    let [alice, bob] = backends.map(|backend| Party::new(backend, version, max_size));
    let (mut alice, mut bob) = (alice?, bob?);
    alice.session.start(NOW)?;
    carry(&mut alice, &mut bob)?;
    let secured = |event: &Event| match event {
        Event::Secured { version, session_id, our_half, .. } => {
            Some((*version, session_id.to_hex(), *our_half))
        }
        _ => None,
    };
    let (ours, theirs) = (alice.told(secured), bob.told(secured));
    let (Some(ours), Some(theirs)) = (ours, theirs) else {
        case.fail(None, "key exchange", "a session on both sides", "none");
        return Ok(());
    };
    case.equal("version", &version, &ours.0);
    case.equal("session id", &ours.1, &theirs.1);
    case.equal("different halves of the session id", &true, &(ours.2 != theirs.2));

    for round in 0..3 {
        let text = format!("round {round}: {}", "päckchen ".repeat(round * 40));
        say(case, &mut alice, &mut bob, &text)?;
        say(case, &mut bob, &mut alice, &text.to_uppercase())?;
        say(case, &mut bob, &mut alice, "twice in a row")?;
    }
    compare(case, &mut alice, &mut bob, "the same", true)?;
    compare(case, &mut bob, &mut alice, "another", false)?;
    if version == Version::V3 {
        extra_key(case, &mut alice, &mut bob)?;
    }

    alice.session.end_all(NOW)?;
    carry(&mut alice, &mut bob)?;
    let state = bob.session.instances().map(|slot| slot.message_state).max();
    case.equal("message state after the peer's end", &Some(MessageState::Finished), &state);
    Ok(())
}

fn say(case: &mut Case, from: &mut Party<'_>, to: &mut Party<'_>, text: &str) -> Result<(), Error> {
    from.session.send(NOW, Recipient::Best, text)?;
    carry(from, to)?;
    let heard = to.told(|event| match event {
        Event::Message { text, .. } => Some(text.clone()),
        _ => None,
    });
    case.bytes("text", text.as_bytes(), heard.as_deref().unwrap_or_default());
    Ok(())
}

/// Compares "the same" with `answer` by the Socialist Millionaires' Protocol.
fn compare(
    case: &mut Case,
    asker: &mut Party<'_>,
    asked: &mut Party<'_>,
    answer: &str,
    equal: bool,
) -> Result<(), Error> {
    const QUESTION: &str = "Which one?";
    asker.session.smp(NOW, Recipient::Best)?.start("the same", Some(QUESTION))?;
    carry(asker, asked)?;
    let question = asked.told(|event| match event {
        Event::Smp { event: SmpEvent::Asked { question }, .. } => question.clone(),
        _ => None,
    });
    case.bytes("question", QUESTION.as_bytes(), question.as_deref().unwrap_or_default());
    asked.session.smp(NOW, Recipient::Best)?.respond(answer)?;
    carry(asked, asker)?;
    let outcome = |event: &Event| match event {
        Event::Smp { event: SmpEvent::Succeeded, .. } => Some(true),
        Event::Smp { event: SmpEvent::Failed, .. } => Some(false),
        _ => None,
    };
    case.equal("the secrets are equal, says the asker", &Some(equal), &asker.told(outcome));
    case.equal("the secrets are equal, says the asked", &Some(equal), &asked.told(outcome));
    Ok(())
}

fn extra_key(case: &mut Case, from: &mut Party<'_>, to: &mut Party<'_>) -> Result<(), Error> {
    let ours = from.session.extra_key(NOW, Recipient::Best, 7, b"data")?;
    carry(from, to)?;
    let theirs = to.told(|event| match event {
        Event::ExtraKey { usage: 7, data, key, .. } if data == b"data" => Some(key.expose().to_vec()),
        _ => None,
    });
    case.bytes("extra symmetric key", ours.expose(), theirs.as_deref().unwrap_or_default());
    Ok(())
}

/// Carries texts to and fro until neither side has any.
fn carry(first: &mut Party<'_>, second: &mut Party<'_>) -> Result<(), Error> {
    while hand_over(first, second)? | hand_over(second, first)? {}
    Ok(())
}

fn hand_over(from: &mut Party<'_>, to: &mut Party<'_>) -> Result<bool, Error> {
    let mut busy = false;
    loop {
        match from.session.poll(NOW)? {
            Output::Send(message) => to.session.receive(NOW, &message.text)?,
            Output::Event(event) => from.events.push(event),
            Output::Idle(_) => return Ok(busy),
        }
        busy = true;
    }
}
