//! Comparisons of secrets with a peer (SMP-*).

use otr_protocol::traits::Backend;
use otr_protocol::{Event, Recipient, SmpEvent};

use super::{Conversation, Failure, Side, check, peer};

/// How a comparison ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// What our side was told last.
    pub ours: Option<SmpEvent>,
    /// What the peer's program was told last: `SUCCESS`, `FAILURE`, `ABORT` …
    pub theirs: Option<String>,
    /// The trust that we have in the peer's fingerprint afterwards.
    pub trust: String,
}

/// The secret that both sides agree on.
const SECRET: &str = "the red boat";

impl<B: Backend> Conversation<B> {
    /// One side asks, with a question or without, and the other answers rightly or wrongly.
    ///
    /// # Errors
    /// If the one who is asked is not told so, with the question.
    pub fn compare(&mut self, asker: Side, question: Option<&str>, equal: bool) -> Result<Outcome, Failure> {
        self.ask_for_secret(asker, question)?;
        let answer = if equal { SECRET } else { "The red boat" };
        match asker {
            Side::Peer => self.session.smp(self.now(), Recipient::Best)?.respond(answer)?,
            Side::Us => self.ask(&format!("smp_answer {}", peer::encode(answer.as_bytes())))?,
        }
        self.carry()?;
        Ok(self.outcome())
    }

    /// One side asks, and one of the two aborts instead of an answer.
    ///
    /// # Errors
    /// If the one who is asked is not told so.
    pub fn abort_comparison(&mut self, asker: Side, aborter: Side) -> Result<Outcome, Failure> {
        self.ask_for_secret(asker, None)?;
        match aborter {
            Side::Us => self.session.smp(self.now(), Recipient::Best)?.abort()?,
            Side::Peer => self.ask("smp_abort")?,
        }
        self.carry()?;
        Ok(self.outcome())
    }

    fn ask_for_secret(&mut self, asker: Side, question: Option<&str>) -> Result<(), Failure> {
        match asker {
            Side::Us => self.session.smp(self.now(), Recipient::Best)?.start(SECRET, question)?,
            Side::Peer => {
                let words = [Some(SECRET), question].into_iter().flatten();
                let words: Vec<_> = words.map(|word| peer::encode(word.as_bytes())).collect();
                self.ask(&format!("smp_start {}", words.join(" ")))?;
            }
        }
        self.carry()?;
        let asked = question.map(|question| question.as_bytes().to_vec());
        match asker {
            Side::Us => {
                let told = self.peer_events.iter().find_map(|event| event.smp_question());
                check("what the peer is asked", &Some(asked), &told)
            }
            Side::Peer => {
                let expected = Some(SmpEvent::Asked { question: asked });
                check("what we are asked", &expected, &self.our_smp_events().next())
            }
        }
    }

    fn outcome(&self) -> Outcome {
        let known = self.session.known_fingerprints().iter();
        Outcome {
            ours: self.our_smp_events().last(),
            theirs: self.peer_events.iter().filter_map(|event| event.smp()).next_back().map(str::to_owned),
            trust: known.map(|(_, trust)| trust).collect(),
        }
    }

    fn our_smp_events(&self) -> impl Iterator<Item = SmpEvent> {
        self.our_events.iter().filter_map(|event| match event {
            Event::Smp { event, .. } => Some(event.clone()),
            _ => None,
        })
    }
}
