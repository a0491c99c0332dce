//! What a conversation is started with.

use std::io::IsTerminal;
use std::net::TcpListener;
use std::path::PathBuf;

use otr_protocol::Policy;

use super::engine::Settings;
use super::identity::Identity;
use super::net::Place;
use crate::backend;
use crate::failure::Failure;
use crate::profile::{Name, ProfileChoice};

/// Talk with somebody over TCP, encrypted
///
/// One side listens, the other connects; whoever connects asks for an encrypted session at once. Until there is one, what
/// you type is held. /help shows the commands, and Tab completes them.
#[derive(clap::Args)]
#[command(verbatim_doc_comment, after_long_help = include_str!("help.txt"))]
pub(crate) struct Options {
    #[command(flatten)]
    profile: ProfileChoice,
    #[command(flatten)]
    backend: backend::Choice,
    #[command(flatten)]
    name: Name,
    /// Whom to connect to, as in 127.0.0.1:7000
    #[arg(required_unless_present = "listen", conflicts_with = "listen")]
    address: Option<String>,
    /// Wait for somebody to connect to this address, as in 127.0.0.1:7000
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<String>,
    /// What you call the other side: their keys are remembered under this name
    #[arg(long, value_name = "NAME", default_value = "peer")]
    with: String,
    /// Send in clear what is typed before the first encrypted session
    #[arg(long)]
    allow_plaintext: bool,
    /// The folder for files that you accept
    #[arg(long, value_name = "DIR", default_value = "otr-downloads")]
    downloads: PathBuf,
    /// Decline files that are larger, in MiB
    #[arg(long, value_name = "SIZE", default_value_t = 1024)]
    max_file: u32,
    /// One line after the other instead of a screen: for pipes and screen readers
    #[arg(long)]
    plain: bool,
}

impl Options {
    /// How the peer is found.
    pub(super) fn place(&self) -> Result<Place, Failure> {
        if let Some(address) = &self.listen {
            let explain = |error| Failure::Start(format!("cannot listen on {address}: {error}"));
            return Ok(Place::Listen(TcpListener::bind(address).map_err(explain)?));
        }
        Ok(Place::Connect(self.address.clone().unwrap_or_default()))
    }

    /// Whether there is no screen.
    pub(super) fn is_plain(&self) -> bool {
        self.plain || !std::io::stdin().is_terminal() || !std::io::stdout().is_terminal()
    }

    /// What may be sent.
    pub(super) fn policy(&self) -> Policy {
        policy(self.allow_plaintext)
    }

    pub(super) fn settings(&self) -> Settings {
        Settings {
            peer: self.with.clone(),
            starts: self.listen.is_none(),
            downloads: self.downloads.clone(),
            max_file: u64::from(self.max_file) << 20,
        }
    }

    /// Who we are, and whom we talk to.
    pub(super) fn identity(self) -> Result<Identity, Failure> {
        Identity::new(self.profile.chosen()?, self.name, self.backend.chosen()?, &self.with)
    }
}

/// Version 3 alone: nobody on the way can talk the two down to less.
pub(super) fn policy(allow_plaintext: bool) -> Policy {
    let clear = Policy::SEND_WHITESPACE_TAG | Policy::WHITESPACE_START_AKE;
    Policy::V3_ONLY | if allow_plaintext { clear } else { Policy::REQUIRE_ENCRYPTION }
}
