//! What the proxy is started with.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use otr_protocol::{Account, Config, Policy};
use otr_store::FileTrust;

use super::proxy::Settings;
use crate::backend::{self, Shared};
use crate::failure::{Failure, warn};
use crate::profile::ProfileChoice;

/// Give any IRC client OTR: stand between it and its server
///
/// The client connects to the proxy instead of the server. Private messages are encrypted where the peer has OTR;
/// all else passes. Commands are messages to the user *otr, who is nobody but the proxy: /msg *otr help
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Options {
    /// Where clients connect to; the way to there is not encrypted, so it should be this machine
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:6667")]
    pub(super) listen: SocketAddr,
    /// The IRC server
    #[arg(long, value_name = "HOST:PORT", value_parser = Server::parse)]
    pub(super) server: Server,
    /// Speak TLS with the server
    #[arg(long)]
    pub(super) tls: bool,
    /// Trust only the authorities in this PEM file to name the server [default: those of the system]
    #[arg(long, value_name = "FILE", requires = "tls")]
    pub(super) ca: Option<PathBuf>,
    /// Never send a private message in clear: it waits until the conversation is encrypted
    #[arg(long)]
    require: bool,
    /// The time that each line costs on the way to the server, which punishes floods; five may go at once
    #[arg(long, value_name = "MS", default_value_t = 2000)]
    send_interval: u64,
    /// To whom private messages always go in clear, with commas in between
    #[arg(
        long,
        value_name = "NICKS",
        value_delimiter = ',',
        default_value = "NickServ,ChanServ,MemoServ,HostServ,OperServ,BotServ,SaslServ"
    )]
    services: Vec<String>,
    /// The name of the account that keys are kept for [default: the server's host]
    #[arg(long, value_name = "NAME")]
    account: Option<String>,
    #[command(flatten)]
    profile: ProfileChoice,
    #[command(flatten)]
    backend: backend::Choice,
}

/// A server by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Server {
    pub(super) host: String,
    pub(super) port: u16,
}

impl Server {
    fn parse(text: &str) -> Result<Self, String> {
        let explain = || "a server is HOST:PORT, as in irc.example.org:6697 or [::1]:6667".to_owned();
        let (host, port) = text.rsplit_once(':').ok_or_else(explain)?;
        let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        match port.parse() {
            Ok(port) if !host.is_empty() => Ok(Self { host: host.to_owned(), port }),
            _ => Err(explain()),
        }
    }
}

/// As whom the proxy speaks.
pub(super) struct Identity {
    pub(super) account: Account<Shared>,
    pub(super) trust: FileTrust,
    pub(super) settings: Settings,
}

impl Options {
    /// Loads the keys, or makes them.
    pub(super) fn identity(self) -> Result<Identity, Failure> {
        const PROTOCOL: &str = "IRC";
        if !self.listen.ip().is_loopback() {
            warn(
                "clients on other machines can connect, and speak under your key; the way from there is not encrypted",
            );
        }
        let mut config = Config::default();
        config.policy = if self.require { Policy::ALWAYS } else { Policy::OPPORTUNISTIC };
        // Nothing wraps texts on IRC: a marker further on is somebody's talk of it.
        config.strict_markers = true;
        config.coalesce_queries = true;
        let name = self.account.unwrap_or(self.server.host);
        let (profile, backend) = (self.profile.chosen()?, self.backend.chosen()?);
        let (key, tag) = profile.identity(&name, PROTOCOL, &backend)?;
        Ok(Identity {
            account: Account::new(backend, key, tag, config).map_err(Failure::start)?,
            trust: FileTrust::new(profile.fingerprints()),
            settings: Settings {
                account: name,
                protocol: PROTOCOL.into(),
                services: self.services,
                interval: Duration::from_millis(self.send_interval),
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_has_a_name_and_a_port() {
        let server = |host: &str, port| Ok(Server { host: host.to_owned(), port });
        assert_eq!(Server::parse("irc.example.org:6697"), server("irc.example.org", 6697));
        assert_eq!(Server::parse("[::1]:6667"), server("::1", 6667));
        for bad in ["irc.example.org", ":6667", "irc.example.org:", "irc.example.org:70000"] {
            assert!(Server::parse(bad).is_err(), "{bad}");
        }
    }
}
