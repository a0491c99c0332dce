//! A file on its way: from a file here, or to one.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use otr_protocol::governs_display;
use otr_protocol::traits::Secret;
use tempfile::NamedTempFile;
use zeroize::Zeroizing;

use super::file_cipher::{CHUNK, FileKeys, Opener, Sealer, Sender};
use super::frame::{FileFrame, FileId, Frame, Word};
use super::status::Work;

/// A file that we send.
pub(crate) struct Outgoing {
    pub(crate) file: Source,
    id: FileId,
    keys: FileKeys,
    /// None after the last chunk.
    sealer: Option<Sealer>,
    is_accepted: bool,
    sent: u64,
}

/// A file to be sent.
pub(crate) struct Source {
    file: File,
    pub(crate) name: String,
    pub(crate) size: u64,
}

impl Source {
    /// Opens a file.
    ///
    /// # Errors
    /// It cannot be read, or is not a file; in words.
    pub(crate) fn open(path: &Path) -> Result<Self, String> {
        let explain = |error| format!("{}: {error}", path.display());
        // Before it is opened: a pipe would be waited for.
        let is_file = fs::metadata(path).map_err(explain)?.is_file();
        let name = path.file_name().and_then(|name| name.to_str());
        let Some(name) = name.filter(|_| is_file) else {
            return Err(format!("{}: this is not a file, or its name is not UTF-8", path.display()));
        };
        let file = File::open(path).map_err(explain)?;
        let size = file.metadata().map_err(explain)?.len();
        Ok(Self { file, name: name.to_owned(), size })
    }
}

impl Outgoing {
    pub(crate) fn new(file: Source, id: FileId, extra_key: &Secret<32>, us: Sender) -> Self {
        let keys = FileKeys::derive(extra_key, &id, us);
        Self { file, id, sealer: Some(keys.sealer()), keys, is_accepted: false, sent: 0 }
    }

    /// What offers it: its size and its name.
    pub(crate) fn offer(&mut self) -> Result<Frame, String> {
        let header = [&self.file.size.to_be_bytes(), self.file.name.as_bytes()].concat();
        let sealer = self.sealer.as_mut().ok_or("all of it has been sent")?;
        Ok(Frame::File(self.id, FileFrame::Offer(sealer.next(&header).map_err(|error| error.to_string())?)))
    }

    /// The next chunk; none unless it was accepted, or if there are no more.
    pub(crate) fn next(&mut self) -> Result<Option<Frame>, String> {
        let Some(sealer) = self.sealer.as_mut().filter(|_| self.is_accepted) else { return Ok(None) };
        let mut chunk = Zeroizing::new(Vec::with_capacity(CHUNK));
        let wanted = (self.file.size - self.sent).min(CHUNK as u64);
        let read =
            (&self.file.file).take(wanted).read_to_end(&mut chunk).map_err(|error| error.to_string())?;
        if read as u64 != wanted {
            return Err("the file has become shorter".to_owned());
        }
        self.sent += wanted;
        let frame = if self.sent < self.file.size {
            sealer.next(&chunk).map(FileFrame::Next)
        } else {
            self.sealer
                .take()
                .map_or(Err(super::file_cipher::Forged), |sealer| sealer.last(&chunk))
                .map(FileFrame::Last)
        };
        frame.map(|frame| Some(Frame::File(self.id, frame))).map_err(|error| error.to_string())
    }

    /// What the other side says about it, if it is really the other side.
    pub(crate) fn hear(&mut self, id: &FileId, word: Word, proof: &[u8; 16]) -> Option<Word> {
        if *id != self.id || !self.keys.verify(word, proof) {
            return None;
        }
        self.is_accepted |= word == Word::Accept;
        Some(word)
    }

    /// A word of ours about it.
    pub(crate) fn say(&self, word: Word) -> Frame {
        Frame::File(self.id, FileFrame::Word(word, self.keys.proof(word)))
    }

    /// Whether all of it has left.
    pub(crate) fn is_complete(&self) -> bool {
        self.sealer.is_none()
    }

    pub(crate) fn work(&self) -> Work {
        let what = if !self.is_accepted {
            "offering"
        } else if self.is_complete() {
            "sent, unconfirmed"
        } else {
            "sending"
        };
        Work { what: format!("{what} {}", self.file.name), percent: percent(self.sent, self.file.size) }
    }
}

/// A file that we are offered.
pub(crate) struct Incoming {
    /// The name that it may have here.
    pub(crate) name: String,
    pub(crate) size: u64,
    id: FileId,
    keys: FileKeys,
    opener: Option<Opener>,
    /// Where it is collected, once it was accepted.
    collected: Option<NamedTempFile>,
    received: u64,
}

/// A file that was announced within OTR: the name, and the key.
pub(crate) struct Announced {
    pub(crate) name: String,
    pub(crate) extra_key: Arc<Secret<32>>,
    pub(crate) by: Sender,
}

impl Incoming {
    /// The offer of a file that was announced so; none if it is not.
    pub(crate) fn offered(announced: &Announced, id: FileId, sealed: &[u8]) -> Option<Self> {
        let keys = FileKeys::derive(&announced.extra_key, &id, announced.by);
        let mut opener = keys.opener();
        let header = opener.next(sealed).ok()?;
        let (size, name) = header.split_first_chunk()?;
        if name != announced.name.as_bytes() {
            return None;
        }
        let (name, size) = (harmless(&announced.name), u64::from_be_bytes(*size));
        Some(Self { name, size, id, keys, opener: Some(opener), collected: None, received: 0 })
    }

    /// Begins to collect it in a folder, which is made if need be.
    ///
    /// # Errors
    /// In words.
    pub(crate) fn accept(&mut self, folder: &Path) -> Result<Frame, String> {
        let explain = |error| format!("{}: {error}", folder.display());
        fs::create_dir_all(folder).map_err(explain)?;
        // For its owner only (mode 0600), removed unless it is given a name.
        let collected = tempfile::Builder::new().prefix(".otr-").suffix(".part").tempfile_in(folder);
        self.collected = Some(collected.map_err(explain)?);
        Ok(self.say(Word::Accept))
    }

    pub(crate) fn is_accepted(&self) -> bool {
        self.collected.is_some()
    }

    /// Whether that is about this transfer.
    pub(crate) fn is(&self, id: &FileId) -> bool {
        self.id == *id
    }

    /// Whether the sender says so.
    pub(crate) fn hears(&self, word: Word, proof: &[u8; 16]) -> bool {
        self.keys.verify(word, proof)
    }

    /// A word of ours about it.
    pub(crate) fn say(&self, word: Word) -> Frame {
        Frame::File(self.id, FileFrame::Word(word, self.keys.proof(word)))
    }

    /// A chunk that others follow.
    ///
    /// # Errors
    /// It is not authentic, too much, or cannot be written; in words.
    pub(crate) fn next(&mut self, sealed: &[u8]) -> Result<(), String> {
        let opener = self.opener.as_mut().ok_or("more came after the end")?;
        let chunk = opener.next(sealed).map_err(|error| error.to_string())?;
        self.write(&chunk)
    }

    /// The last chunk: where the file is now.
    ///
    /// # Errors
    /// As [`next`](Self::next), or it is not as long as was announced; in words.
    pub(crate) fn last(mut self, sealed: &[u8]) -> Result<PathBuf, String> {
        let opener = self.opener.take().ok_or("more came after the end")?;
        let chunk = opener.last(sealed).map_err(|error| error.to_string())?;
        self.write(&chunk)?;
        if self.received != self.size {
            return Err("it is shorter than announced".to_owned());
        }
        let collected = self.collected.ok_or("it was not accepted")?;
        collected.as_file().sync_all().map_err(|error| error.to_string())?;
        keep(collected, &self.name)
    }

    pub(crate) fn work(&self) -> Work {
        let what = if self.is_accepted() { "receiving" } else { "offered:" };
        Work { what: format!("{what} {}", self.name), percent: percent(self.received, self.size) }
    }

    fn write(&mut self, chunk: &[u8]) -> Result<(), String> {
        self.received = self.received.saturating_add(chunk.len() as u64);
        if self.received > self.size {
            return Err("it is longer than announced".to_owned());
        }
        let file = self.collected.as_mut().ok_or("it was not accepted")?;
        file.write_all(chunk).map_err(|error| error.to_string())
    }
}

/// Gives a file its name, or that name with a number: nothing is ever overwritten.
fn keep(mut file: NamedTempFile, name: &str) -> Result<PathBuf, String> {
    const ATTEMPTS: u32 = 1000;
    let folder = file.path().parent().unwrap_or(Path::new(".")).to_owned();
    let (stem, extension) = match name.rfind('.') {
        Some(dot) if dot > 0 => name.split_at(dot),
        _ => (name, ""),
    };
    for number in 1..ATTEMPTS {
        let name = if number == 1 { name.to_owned() } else { format!("{stem} ({number}){extension}") };
        let path = folder.join(name);
        match file.persist_noclobber(&path) {
            Ok(_) => return Ok(path),
            Err(error) if error.error.kind() == std::io::ErrorKind::AlreadyExists => file = error.file,
            Err(error) => return Err(format!("{}: {}", path.display(), error.error)),
        }
    }
    Err(format!("{}: there are too many files of that name", folder.join(name).display()))
}

/// The name that a file of this name may have here: no path, no hidden file, nothing that governs the terminal.
fn harmless(name: &str) -> String {
    /// In bytes: less than any system allows, with room for a number.
    const LONGEST: usize = 150;
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let mut name = String::new();
    for c in last.trim_start_matches(|c: char| c == '.' || c.is_whitespace()).chars() {
        if name.len() + c.len_utf8() > LONGEST {
            break;
        }
        // A colon would name a stream of a file on some systems, the others are wild cards and pipes of shells.
        name.push(if governs_display(c) || r#"<>:"|?*"#.contains(c) { '_' } else { c });
    }
    let name = name.trim_end_matches(|c: char| c == '.' || c.is_whitespace());
    if name.is_empty() { "file".to_owned() } else { name.to_owned() }
}

/// So much of the whole.
fn percent(part: u64, whole: u64) -> u8 {
    let percent = (u128::from(part) * 100).checked_div(u128::from(whole)).unwrap_or_default();
    u8::try_from(percent).unwrap_or(100)
}

#[cfg(test)]
mod tests;
