//! What one party of a conversation is started with.

use std::path::PathBuf;
use std::time::Duration;

use clap::ValueEnum;
use otr_protocol::traits::Dsa;
use otr_protocol::{Account, Config, InstanceTag, Policy};

use super::command;
use crate::backend::{Choice, Shared};
use crate::failure::Failure;
use crate::keys;

/// Be one party of a conversation: JSON commands in, JSON events out
///
/// For bots, bindings and tests in any language: one JSON object a line, UTF-8, both ways.
#[derive(clap::Args)]
#[command(after_long_help = include_str!("help.txt"))]
pub(crate) struct Options {
    #[command(flatten)]
    backend: Choice,
    /// A private-key file in libotr's format; without it a fresh key is made for this run
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// The account in the key file [default: its first]
    #[arg(long, value_name = "NAME", requires = "key")]
    account: Option<String>,
    /// Our instance tag, 8 hexadecimal digits with or without 0x [default: a random one]
    #[arg(long, value_name = "HEX", value_parser = command::client_tag)]
    instance_tag: Option<InstanceTag>,
    /// The versions of OTR that may be spoken
    #[arg(long, value_name = "VERSIONS", value_delimiter = ',', default_value = "v2,v3")]
    allow: Vec<Allowed>,
    /// Never send text in clear
    #[arg(long)]
    require_encryption: bool,
    /// Add an invisible offer of OTR to text in clear
    #[arg(long)]
    send_whitespace_tag: bool,
    /// Accept such an offer by starting a key exchange
    #[arg(long)]
    whitespace_start: bool,
    /// Answer an OTR error by asking for a new session
    #[arg(long)]
    error_start: bool,
    /// The longest text the transport carries; longer messages are sent in fragments
    #[arg(long, value_name = "BYTES")]
    max_size: Option<usize>,
    /// The least time between two texts to the peer
    #[arg(long, value_name = "MS", default_value_t = 0)]
    send_interval: u64,
    /// Answer a text after so long a silence of ours with a heartbeat; 0 for never
    #[arg(long, value_name = "MS", default_value_t = 60_000)]
    heartbeat: u64,
    /// End an encrypted session after so long a silence of both sides; 0 for never
    #[arg(long, value_name = "MS", default_value_t = 0)]
    idle_timeout: u64,
    /// Pad messages to a multiple of so many bytes, to hide their length
    #[arg(long, value_name = "BLOCK", default_value_t = 0)]
    padding: u16,
    /// Use the extra symmetric key in version 2 too, which does not define it
    #[arg(long)]
    v2_extra_key: bool,
    /// Take the time from "now" in each command, in milliseconds, instead of from a clock
    #[arg(long)]
    pub(super) manual_clock: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Allowed {
    V2,
    V3,
}

impl Options {
    /// The account to speak as.
    pub(super) fn account(self) -> Result<Account<Shared>, Failure> {
        let mut config = Config::default();
        config.policy = self.policy();
        config.max_message_size = self.max_size;
        config.send_interval = Duration::from_millis(self.send_interval);
        config.heartbeat = (self.heartbeat > 0).then(|| Duration::from_millis(self.heartbeat));
        config.idle_timeout = (self.idle_timeout > 0).then(|| Duration::from_millis(self.idle_timeout));
        config.padding = self.padding;
        config.extra_key_v2 = self.v2_extra_key;
        let backend = self.backend.chosen()?;
        let key = match &self.key {
            Some(file) => keys::load(file, self.account.as_deref(), &backend)?,
            None => backend.generate().map_err(Failure::start)?,
        };
        let tag = match self.instance_tag {
            Some(tag) => tag,
            None => InstanceTag::generate(&backend).map_err(Failure::start)?,
        };
        Account::new(backend, key, tag, config).map_err(Failure::start)
    }

    fn policy(&self) -> Policy {
        let allow = |version| match version {
            Allowed::V2 => Policy::ALLOW_V2,
            Allowed::V3 => Policy::ALLOW_V3,
        };
        let flags = [
            (self.require_encryption, Policy::REQUIRE_ENCRYPTION),
            (self.send_whitespace_tag, Policy::SEND_WHITESPACE_TAG),
            (self.whitespace_start, Policy::WHITESPACE_START_AKE),
            (self.error_start, Policy::ERROR_START_AKE),
        ];
        let set = flags.into_iter().filter_map(|(set, flag)| set.then_some(flag));
        self.allow.iter().copied().map(allow).chain(set).fold(Policy::NEVER, |all, flag| all | flag)
    }
}
