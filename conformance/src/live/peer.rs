//! A peer's program: lines on its stdin and stdout, described in `conformance/peers/libotr/README.md`.

use std::io::{self, BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use data_encoding::BASE64;

/// A running peer. It is stopped when dropped.
pub struct Peer {
    child: Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
    fingerprint: String,
    wire: Vec<Vec<u8>>,
    events: Vec<PeerEvent>,
}

/// What a peer reports: the words of a line, the last of which may be a text in base64.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerEvent {
    words: Vec<String>,
    text: Option<Vec<u8>>,
}

impl Peer {
    /// Starts a peer and reads its `ready` line.
    ///
    /// # Errors
    /// If it cannot be started or says anything else.
    pub fn spawn(command: &mut Command) -> io::Result<Self> {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().map_err(|error| {
            let program = command.get_program().to_string_lossy();
            io::Error::new(
                error.kind(),
                format!("{program} cannot be started ({error}); see its README to build it"),
            )
        })?;
        let (Some(stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(io::Error::other("no pipes to the peer"));
        };
        let mut peer = Self {
            child,
            stdin,
            stdout: BufReader::new(stdout),
            fingerprint: String::new(),
            wire: Vec::new(),
            events: Vec::new(),
        };
        match peer.read_words()?.as_slice() {
            [ready, fingerprint, ..] if ready == "ready" => peer.fingerprint.clone_from(fingerprint),
            other => return Err(io::Error::other(format!("expected `ready`, got {other:?}"))),
        }
        Ok(peer)
    }

    /// The fingerprint of its key, 40 lower-case hexadecimal digits.
    #[must_use]
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// Gives a command and reads everything it leads to.
    ///
    /// # Errors
    /// If the peer has gone, or calls the command an error: then it can be given others nevertheless.
    pub fn command(&mut self, command: &str) -> io::Result<()> {
        writeln!(self.stdin, "{command}")?;
        self.stdin.flush()?;
        let mut refusal = None;
        loop {
            let words = self.read_words()?;
            let text = words.last().and_then(|word| BASE64.decode(word.as_bytes()).ok());
            match words.first().map(String::as_str) {
                Some("done") => return refusal.map_or(Ok(()), Err),
                Some("wire") => self.wire.push(text.unwrap_or_default()),
                Some("error") => {
                    let reason = String::from_utf8_lossy(text.as_deref().unwrap_or_default()).into_owned();
                    refusal = Some(io::Error::other(format!("`{command}`: {reason}")));
                }
                Some(_) => self.events.push(PeerEvent { words, text }),
                None => return Err(io::ErrorKind::UnexpectedEof.into()),
            }
        }
    }

    /// Hands it a text from us.
    ///
    /// # Errors
    /// If the peer has gone.
    pub fn receive(&mut self, text: &[u8]) -> io::Result<()> {
        self.command(&format!("receive {}", encode(text)))
    }

    /// What it wants sent to us, since the last call.
    pub fn take_wire(&mut self) -> Vec<Vec<u8>> {
        core::mem::take(&mut self.wire)
    }

    /// What it has reported, since the last call.
    pub fn take_events(&mut self) -> Vec<PeerEvent> {
        core::mem::take(&mut self.events)
    }

    fn read_words(&mut self) -> io::Result<Vec<String>> {
        let mut line = String::new();
        self.stdout.read_line(&mut line)?;
        Ok(line.split_whitespace().map(str::to_owned).collect())
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // It may have gone by itself; there is nothing to be done about a failure here.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl PeerEvent {
    /// Version, fingerprint, session id and half, if this says that a session is established.
    #[must_use]
    pub fn secured(&self) -> Option<(u8, String, String, String)> {
        match self.words.as_slice() {
            [kind, version, fingerprint, session_id, half, ..] if kind == "secured" => {
                Some((version.parse().ok()?, fingerprint.clone(), session_id.clone(), half.clone()))
            }
            _ => None,
        }
    }

    /// The text, if this is a message that arrived encrypted.
    #[must_use]
    pub fn encrypted_text(&self) -> Option<&[u8]> {
        match self.words.as_slice() {
            [kind, how, _] if kind == "message" && how == "encrypted" => self.text.as_deref(),
            _ => None,
        }
    }

    /// What it says of a comparison of secrets, if it does: libotr's names, as `SUCCESS`.
    #[must_use]
    pub fn smp(&self) -> Option<&str> {
        match self.words.as_slice() {
            [kind, name, ..] if kind == "smp" => Some(name),
            _ => None,
        }
    }

    /// The question of a comparison, none without, if this says that its user is asked for a secret.
    #[must_use]
    pub fn smp_question(&self) -> Option<Option<Vec<u8>>> {
        match self.smp()? {
            "ASK_FOR_SECRET" => Some(None),
            "ASK_FOR_ANSWER" => Some(self.text.clone()),
            _ => None,
        }
    }

    /// Whether our side has ended the session, as the peer sees it.
    #[must_use]
    pub fn is_end(&self) -> bool {
        self.words.first().is_some_and(|kind| kind == "ended")
    }
}

/// A text as a word of a command.
pub(super) fn encode(text: &[u8]) -> String {
    if text.is_empty() { "-".to_owned() } else { BASE64.encode(text) }
}
