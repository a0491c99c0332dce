//! The files that say what is right: where they come from, and what kind each is.
//!
//! A file is JSON in one of the formats of `vectors/README.md`, or such JSON compressed with gzip. Its name without
//! `.json` or `.json.gz` is the name of the vector, and says which corpus it is; everything else is a recorded
//! conversation.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read as _;
use std::path::Path;

use flate2::read::GzDecoder;
use serde::de::DeserializeOwned;

use crate::transcript::Transcript;

static EMBEDDED: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/vectors.rs"));

/// The corpora that some group reads. Another one would be passed over in silence, so it is refused.
const CORPORA: [&str; 7] = [
    "corpus_base64",
    "corpus_classify",
    "corpus_files",
    "corpus_fragments",
    "corpus_state_matrix",
    "corpus_tlv",
    "corpus_units",
];

/// A set of vectors, each under its name. A later one replaces an earlier one of the same name.
#[derive(Clone, Debug, Default)]
pub struct Vectors(BTreeMap<String, Vec<u8>>);

/// A file that cannot be used. Nothing is ever passed over in silence (REPLAY 10).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {reason}")]
pub struct Unusable {
    /// The file or vector.
    pub file: String,
    /// What is wrong with it.
    pub reason: String,
}

impl Unusable {
    pub(crate) fn new(file: impl Into<String>, reason: impl ToString) -> Self {
        Self { file: file.into(), reason: reason.to_string() }
    }
}

impl Vectors {
    /// The vectors that come with this crate.
    ///
    /// # Errors
    /// [`Unusable`] if one is damaged.
    pub fn embedded() -> Result<Self, Unusable> {
        let mut vectors = Self::default();
        for (file, bytes) in EMBEDDED {
            vectors.add(file, bytes.to_vec())?;
        }
        Ok(vectors)
    }

    /// Adds every file `*.json` and `*.json.gz` of a folder.
    ///
    /// # Errors
    /// [`Unusable`] if the folder or a file in it cannot be read, if two files have the same name but for the ending, or
    /// if it has no such file.
    pub fn add_folder(&mut self, folder: &Path) -> Result<(), Unusable> {
        let unusable = |error| Unusable::new(folder.display().to_string(), error);
        let mut found = BTreeSet::new();
        for entry in fs::read_dir(folder).map_err(|error| unusable(error.to_string()))? {
            let path = entry.map_err(|error| unusable(error.to_string()))?.path();
            let Some(file) = path.file_name().and_then(|name| name.to_str()) else { continue };
            if file.ends_with(".json") || file.ends_with(".json.gz") {
                let bytes = fs::read(&path).map_err(|error| Unusable::new(file, error))?;
                self.add(file, bytes)?;
                if !found.insert(file.split_once(".json").map_or(file, |(name, _)| name).to_owned()) {
                    return Err(Unusable::new(
                        file,
                        "there is another file of this name, with another ending",
                    ));
                }
            }
        }
        if found.is_empty() {
            return Err(unusable("no vectors: no .json and no .json.gz".to_owned()));
        }
        Ok(())
    }

    /// Adds one file by its name and content, plain or compressed.
    ///
    /// # Errors
    /// [`Unusable`] if it cannot be decompressed, or is an unknown corpus.
    pub fn add(&mut self, file: &str, bytes: Vec<u8>) -> Result<(), Unusable> {
        let (name, json) = match file.strip_suffix(".json.gz") {
            Some(name) => {
                let mut json = Vec::new();
                let read = GzDecoder::new(bytes.as_slice()).read_to_end(&mut json);
                read.map_err(|error| Unusable::new(file, error))?;
                (name, json)
            }
            None => (file.strip_suffix(".json").unwrap_or(file), bytes),
        };
        if name.starts_with("corpus_") && !CORPORA.contains(&name) {
            return Err(Unusable::new(file, "no group reads this corpus"));
        }
        self.0.insert(name.to_owned(), json);
        Ok(())
    }

    /// The JSON of one vector.
    #[must_use]
    pub fn json(&self, name: &str) -> Option<&[u8]> {
        self.0.get(name).map(Vec::as_slice)
    }

    /// The names of the recorded conversations.
    pub(crate) fn conversations(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str).filter(|name| !name.starts_with("corpus_"))
    }

    /// One recorded conversation.
    pub(crate) fn transcript(&self, name: &str) -> Result<Transcript, Unusable> {
        let json = self.json(name).ok_or_else(|| Unusable::new(name, "missing"))?;
        Transcript::parse(json).map_err(|damaged| Unusable::new(name, damaged))
    }

    /// The recorded conversations, by name.
    pub(crate) fn transcripts(&self) -> impl Iterator<Item = Result<(&str, Transcript), Unusable>> {
        self.conversations().map(|name| Ok((name, self.transcript(name)?)))
    }

    /// One corpus; a set of vectors without it cannot be used.
    pub(crate) fn corpus<T: DeserializeOwned>(&self, name: &str) -> Result<T, Unusable> {
        self.parse(name)
    }

    fn parse<T: DeserializeOwned>(&self, name: &str) -> Result<T, Unusable> {
        let json = self.json(name).ok_or_else(|| Unusable::new(name, "missing"))?;
        serde_json::from_slice(json).map_err(|error| Unusable::new(name, error))
    }
}
