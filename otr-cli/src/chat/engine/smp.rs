//! Comparing secrets: the user's part.

use otr_protocol::{Instant, Recipient, SmpEvent};
use zeroize::Zeroizing;

use super::Engine;
use crate::chat::entry::Entry;
use crate::chat::status::{Channel, Work};
use crate::text::printable;

/// How a comparison stands.
#[derive(Default)]
pub(super) struct Comparison {
    /// What the next line is an answer to.
    pub(super) prompt: Option<Prompt>,
    pub(super) work: Option<Work>,
    /// Whether an answer can be prepared while the user types.
    is_answer_due: bool,
}

/// What the next line is an answer to.
pub(super) enum Prompt {
    /// What to ask for, with a question if there is one.
    Ask(Option<String>),
    Answer,
    /// Something that is not asked for, or no more. It stays until the user has typed the line: a secret never becomes a text
    /// because nobody asked, or the comparison was over a moment before.
    Void,
}

impl Prompt {
    pub(super) fn words(&self) -> String {
        let words = match self {
            Self::Ask(None) => "the secret that both of you know",
            Self::Ask(Some(_)) => "the answer that you expect",
            Self::Answer => "your answer",
            Self::Void => "a secret is not asked for (Enter to go on)",
        };
        words.to_owned()
    }
}

impl Comparison {
    pub(super) fn stop(&mut self) {
        let prompt = self.prompt.take().map(|_| Prompt::Void);
        *self = Self { prompt, ..Self::default() };
    }

    fn is_at(&mut self, percent: u8) {
        self.work = Some(Work { what: "comparing secrets".to_owned(), percent });
    }
}

impl Engine {
    pub(super) fn ask_for_secret(&mut self, question: Option<String>) {
        if !self.channel().is_open() && self.channel() != Channel::OtherKey {
            return self
                .refuse_secret("secrets are compared in an encrypted session only: start one with /otr");
        }
        self.prompt(Prompt::Ask(question));
    }

    /// The answer to their question, or the wish to give it.
    pub(super) fn answer(&mut self, now: Instant, answer: Option<Zeroizing<String>>) {
        const NOT_ASKED: &str = "they have not asked for a secret";
        match answer {
            Some(_) if self.comparison.work.is_none() => self.show(Entry::warning(NOT_ASKED)),
            Some(answer) => self.respond(now, &answer),
            None if self.comparison.work.is_none() => self.refuse_secret(NOT_ASKED),
            None => self.prompt(Prompt::Answer),
        }
    }

    /// What was asked for; nothing means that the user does not want to.
    pub(super) fn secret(&mut self, now: Instant, secret: &str) {
        match self.comparison.prompt.take() {
            Some(Prompt::Void) if secret.is_empty() => {}
            Some(Prompt::Void) => self.show(Entry::warning("no secret is asked for; nothing was sent")),
            Some(_) if secret.is_empty() => self.show(Entry::notice("never mind: nothing was sent")),
            Some(Prompt::Ask(question)) => {
                let begun = self.with_session(|session| {
                    session.smp(now, Recipient::Best)?.start(secret, question.as_deref())
                });
                if begun {
                    self.comparison.is_at(10);
                    self.show(Entry::notice(match question {
                        Some(question) => format!("you ask: {question}"),
                        None => "you ask for the secret that both of you know".to_owned(),
                    }));
                }
            }
            Some(Prompt::Answer) => self.respond(now, secret),
            None => {}
        }
    }

    pub(super) fn abort(&mut self, now: Instant) {
        self.comparison.stop();
        if self.with_session(|session| session.smp(now, Recipient::Best)?.abort()) {
            self.show(Entry::notice("no secrets are compared any more"));
        }
    }

    /// Does what can wait until the user has seen the rest: computes what an answer will need. Whether there was anything.
    pub(crate) fn prepare(&mut self, now: Instant) {
        if std::mem::take(&mut self.comparison.is_answer_due) {
            self.with_session(|session| session.smp(now, Recipient::Best)?.prepare_answer());
        }
    }

    pub(super) fn on_smp(&mut self, event: SmpEvent) {
        let percent = event.percent();
        match event {
            SmpEvent::Asked { question } => {
                self.comparison.stop();
                self.comparison.is_answer_due = true;
                self.show(Entry::warning(match question {
                    Some(question) => format!("they ask: {}", printable(&question)),
                    None => "they ask for the secret that both of you know".to_owned(),
                }));
                self.show(Entry::notice("/answer if you know it; /abort if you do not want to"));
                self.comparison.is_at(percent);
            }
            SmpEvent::Progress => self.comparison.is_at(percent),
            SmpEvent::Succeeded => {
                self.comparison.stop();
                let result = match self.channel() {
                    Channel::Verified => {
                        "the secrets are equal: it is them, and their fingerprint is verified"
                    }
                    _ => {
                        "the secrets are equal: they know now that it is you; to know whether it is them, ask too"
                    }
                };
                self.show(Entry::good(result));
                self.remember();
            }
            SmpEvent::Failed => {
                self.end_comparison("the secrets differ: it may be somebody else, or a misspelling")
            }
            SmpEvent::Cheated => {
                self.end_comparison("the comparison failed: they sent what nobody honest sends")
            }
            _ => self.end_comparison("the comparison was stopped before there was a result"),
        }
    }

    fn end_comparison(&mut self, what: &str) {
        self.comparison.stop();
        self.show(Entry::warning(what));
        self.remember();
    }

    fn respond(&mut self, now: Instant, answer: &str) {
        if self.with_session(|session| session.smp(now, Recipient::Best)?.respond(answer)) {
            self.comparison.is_at(50);
            self.comparison.is_answer_due = false;
            self.show(Entry::notice("your answer is being compared; it is never sent itself"));
        }
    }

    /// Says why no secret is asked for. Who has typed it already, or goes on typing, must not send it as a text.
    fn refuse_secret(&mut self, why: &str) {
        self.show(Entry::warning(why));
        self.comparison.prompt = Some(Prompt::Void);
    }

    fn prompt(&mut self, prompt: Prompt) {
        self.show(Entry::notice(format!(
            "type {} (not shown, not kept); an empty line gives up",
            prompt.words()
        )));
        self.comparison.prompt = Some(prompt);
    }
}
