//! `otr irc-proxy`: OTR for any IRC client, between it and its server.
//!
//! ```text
//! client ⇄ connection ⇄ proxy ⇄ connection ⇄ server
//!                         ├ a conversation for each person: a session of OTR
//!                         └ *otr: commands
//! ```
//!
//! `proxy` and what it is made of do no input or output and read no clock; `connection` and `upstream` do.

mod command;
mod connection;
mod conversation;
mod incoming;
mod line;
mod names;
mod options;
mod outgoing;
mod pace;
mod proxy;
mod rename;
mod text;
mod upstream;
mod wording;

use std::io::Write;

use tokio::net::TcpListener;
use tokio::runtime::Builder;

pub(crate) use options::Options;

use crate::failure::Failure;
use options::Identity;
use proxy::Proxy;
use upstream::Upstream;

/// Runs until it is killed.
pub(crate) fn run(options: Options, out: &mut impl Write) -> Result<(), Failure> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(serve(options, out))
}

async fn serve(options: Options, out: &mut impl Write) -> Result<(), Failure> {
    let (listen, server) = (options.listen, options.server.clone());
    let upstream = match options.tls {
        true => Upstream::with_tls(server, options.ca.as_deref())?,
        false => Upstream::plain(server),
    };
    let Identity { account, trust, settings } = options.identity()?;
    let explain = |error| Failure::Start(format!("{listen}: {error}"));
    let listener = TcpListener::bind(listen).await.map_err(explain)?;
    writeln!(out, "listening on {}; your fingerprint is {}", listener.local_addr()?, account.fingerprint())?;
    out.flush()?;
    loop {
        let (client, _) = listener.accept().await.map_err(Failure::run)?;
        let proxy = Proxy::new(account.clone(), trust.clone(), settings.clone());
        let upstream = upstream.clone();
        tokio::spawn(async move {
            if let Err(error) = connection::carry(client, &upstream, proxy).await {
                crate::failure::warn(format_args!("a connection has ended: {error}"));
            }
        });
    }
}
