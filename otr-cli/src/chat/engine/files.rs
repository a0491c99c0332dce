//! Files: one at a time in each direction.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::Arc;

use indicatif::BinaryBytes;
use otr_protocol::traits::Secret;
use otr_protocol::{Instant, Recipient};

use super::Engine;
use crate::chat::entry::Entry;
use crate::chat::file_cipher::Sender;
use crate::chat::frame::{FileFrame, FileId, Word};
use crate::chat::status::Work;
use crate::chat::transfer::{Announced, Incoming, Outgoing, Source};
use crate::text::printable;

/// The most announcements whose offers are waited for.
const MAX_ANNOUNCED: usize = 4;

/// The files on their way.
#[derive(Default)]
pub(super) struct Files {
    outgoing: Option<Outgoing>,
    incoming: Option<Incoming>,
    announced: VecDeque<Announced>,
}

impl Files {
    /// A file was announced within OTR.
    pub(super) fn announce(&mut self, name: String, extra_key: Arc<Secret<32>>, by: Sender) {
        if self.announced.len() == MAX_ANNOUNCED {
            self.announced.pop_front();
        }
        self.announced.push_back(Announced { name, extra_key, by });
    }

    pub(super) fn are_under_way(&self) -> bool {
        self.outgoing.is_some() || self.incoming.is_some()
    }

    pub(super) fn work(&self) -> impl Iterator<Item = Work> {
        let outgoing = self.outgoing.as_ref().map(Outgoing::work);
        [outgoing, self.incoming.as_ref().map(Incoming::work)].into_iter().flatten()
    }
}

impl Engine {
    /// The next chunk of the file that we send goes out, if there is one.
    pub(crate) fn send_chunk(&mut self) -> bool {
        let Some(outgoing) = &mut self.files.outgoing else { return false };
        match outgoing.next() {
            Ok(Some(frame)) => {
                self.send(frame);
                return true;
            }
            Ok(None) => {}
            Err(error) => self.stop_sending(&error),
        }
        false
    }

    pub(super) fn offer_file(&mut self, now: Instant, path: &Path) {
        if self.files.outgoing.is_some() {
            return self.show(Entry::warning("a file is under way already: wait for it, or /cancel it"));
        }
        if !self.channel().is_open() {
            let what = "files are sent in an encrypted session only, and to no other than the verified key";
            return self.show(Entry::warning(what));
        }
        match self.announce(now, path) {
            Ok(()) => {
                self.show(Entry::notice(format!("offered: {}; they /accept or /decline it", path.display())))
            }
            Err(error) => self.show(Entry::warning(format!("not sent: {error}"))),
        }
    }

    pub(super) fn accept_file(&mut self) {
        let Some(incoming) = self.files.incoming.as_mut().filter(|file| !file.is_accepted()) else {
            return self.show(Entry::warning("no file is offered"));
        };
        match incoming.accept(&self.settings.downloads) {
            Ok(accepted) => self.send(accepted),
            Err(error) => self.stop_receiving(&error),
        }
    }

    pub(super) fn decline_file(&mut self) {
        if self.files.incoming.is_some() {
            self.stop_receiving("declined");
        } else {
            self.show(Entry::warning("no file is offered"));
        }
    }

    pub(super) fn cancel_file(&mut self) {
        if self.files.outgoing.is_some() {
            self.stop_sending("cancelled");
        } else {
            self.show(Entry::warning("no file is being sent"));
        }
    }

    /// Nothing goes on without the session.
    pub(super) fn drop_files(&mut self, why: &str) {
        self.files.announced.clear();
        self.stop_sending(why);
        self.stop_receiving(why);
    }

    pub(super) fn receive_file(&mut self, id: FileId, frame: FileFrame) {
        match frame {
            FileFrame::Offer(sealed) => self.on_offer(id, &sealed),
            FileFrame::Word(word, proof) => self.on_word(&id, word, &proof),
            FileFrame::Next(sealed) => {
                let Some(incoming) = self.files.incoming.as_mut().filter(|file| file.is(&id)) else { return };
                if let Err(error) = incoming.next(&sealed) {
                    self.stop_receiving(&error);
                }
            }
            FileFrame::Last(sealed) => self.on_last(&id, &sealed),
        }
    }

    /// Tells the peer within OTR that there is a file, and then outside what it is.
    fn announce(&mut self, now: Instant, path: &Path) -> Result<(), String> {
        let source = Source::open(path)?;
        let (Some(session), Some(account)) = (&mut self.session, &self.account) else { return Ok(()) };
        let mut id = FileId::default();
        getrandom::fill(&mut id).map_err(|error| error.to_string())?;
        let us = Sender { fingerprint: account.fingerprint(), instance: account.instance_tag() };
        let extra_key =
            session.announce_file(now, Recipient::Best, &source.name).map_err(|error| error.to_string())?;
        let mut outgoing = Outgoing::new(source, id, &extra_key, us);
        let offer = outgoing.offer()?;
        // The announcement first.
        self.poll(now);
        self.send(offer);
        self.files.outgoing = Some(outgoing);
        Ok(())
    }

    fn on_offer(&mut self, id: FileId, sealed: &[u8]) {
        let announced = &mut self.files.announced;
        let found = announced
            .iter()
            .enumerate()
            .find_map(|(place, announced)| Some((place, Incoming::offered(announced, id, sealed)?)));
        let Some((place, file)) = found else {
            return self.show(Entry::warning(
                "a file was offered that nobody in the session has announced; ignored",
            ));
        };
        announced.remove(place);
        let about = format!("{} ({})", printable(file.name.as_bytes()), BinaryBytes(file.size));
        if self.files.incoming.is_some() || file.size > self.settings.max_file {
            let why = if file.size > self.settings.max_file { "too large" } else { "one at a time" };
            self.send(file.say(Word::Decline));
            return self.show(Entry::warning(format!("they offered {about}; declined: {why}")));
        }
        self.show(Entry::warning(format!("they offer {about}: /accept or /decline it")));
        self.files.incoming = Some(file);
    }

    fn on_word(&mut self, id: &FileId, word: Word, proof: &[u8; 16]) {
        let by_receiver = self.files.outgoing.as_mut().and_then(|file| file.hear(id, word, proof));
        match by_receiver {
            Some(Word::Accept) => self.show(Entry::notice("they take the file")),
            Some(Word::Decline) => {
                self.files.outgoing = None;
                self.show(Entry::warning("they do not want the file, or could not take it"));
            }
            Some(Word::Received) => {
                let file = self.files.outgoing.take_if(|file| file.is_complete());
                if let Some(file) = file {
                    self.show(Entry::good(format!("they have received all of {}", file.file.name)));
                }
            }
            Some(Word::Cancel) | None => {}
        }
        let by_sender = |file: &mut Incoming| file.is(id) && word == Word::Cancel && file.hears(word, proof);
        if let Some(file) = self.files.incoming.take_if(by_sender) {
            self.show(Entry::warning(format!("they have cancelled {}; nothing of it was kept", file.name)));
        }
    }

    fn on_last(&mut self, id: &FileId, sealed: &[u8]) {
        let Some(incoming) = self.files.incoming.take_if(|file| file.is(id)) else { return };
        let (received, declined) = (incoming.say(Word::Received), incoming.say(Word::Decline));
        match incoming.last(sealed) {
            Ok(path) => {
                self.send(received);
                self.show(Entry::good(format!("received: {}", path.display())));
            }
            Err(error) => {
                self.send(declined);
                self.show(Entry::warning(format!(
                    "the file was not received: {error}; nothing of it was kept"
                )));
            }
        }
    }

    fn stop_sending(&mut self, why: &str) {
        if let Some(outgoing) = self.files.outgoing.take() {
            self.send(outgoing.say(Word::Cancel));
            self.show(Entry::warning(format!("{} was not sent: {why}", outgoing.file.name)));
        }
    }

    fn stop_receiving(&mut self, why: &str) {
        if let Some(incoming) = self.files.incoming.take() {
            self.send(incoming.say(Word::Decline));
            self.show(Entry::warning(format!(
                "{} was not received: {why}; nothing of it was kept",
                incoming.name
            )));
        }
    }
}
