//! One client, carried to the server and back.

use std::io;
use std::time::Duration;

use otr_store::FileTrust;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, copy, sink};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::time::{sleep, timeout};
use tokio_stream::{Stream, StreamExt};
use tokio_util::codec::{AnyDelimiterCodec, AnyDelimiterCodecError, FramedRead};

use super::proxy::{Next, Proxy};
use super::upstream::Upstream;
use crate::pipe::Clock;

/// The longest line that is read. A client may hand over a whole text of OTR's in one, though no server would take it.
const MAX_LINE: usize = 80 * 1024;

/// Carries a client until it or the server goes.
pub(super) async fn carry(
    client: TcpStream,
    upstream: &Upstream,
    mut proxy: Proxy<FileTrust>,
) -> io::Result<()> {
    let (client_in, mut client_out) = client.into_split();
    let server = match upstream.connect().await {
        Ok(server) => server,
        Err(error) => return refuse(client_in, client_out, &error).await,
    };
    let (server_in, mut server_out) = tokio::io::split(server);
    let clock = Clock::new(false);
    let result = relay(&mut proxy, &clock, (client_in, &mut client_out), (server_in, &mut server_out)).await;
    // The client may have gone without a word: the peers are told, and the server, if it is there.
    proxy.client_says(clock.now(), b"QUIT");
    settle(&mut proxy, &clock, &mut sink(), &mut server_out).await.ok();
    result
}

/// Carries lines until one of the two has gone.
async fn relay<C: AsyncWrite + Unpin, S: AsyncWrite + Unpin>(
    proxy: &mut Proxy<FileTrust>,
    clock: &Clock,
    (client_in, client_out): (impl AsyncRead + Unpin, &mut C),
    (server_in, server_out): (impl AsyncRead + Unpin, &mut S),
) -> io::Result<()> {
    const LONG: Duration = Duration::from_secs(3600);
    let (mut from_client, mut from_server) = (lines(client_in), lines(server_in));
    loop {
        let deadline = settle(proxy, clock, client_out, server_out).await?;
        tokio::select! {
            line = next(&mut from_client) => match line? {
                Some(line) => proxy.client_says(clock.now(), &line),
                None => return Ok(()),
            },
            line = next(&mut from_server) => match line? {
                Some(line) => proxy.server_says(clock.now(), &line),
                None => return Ok(()),
            },
            () = sleep(clock.until(deadline).unwrap_or(LONG)) => {}
        }
    }
}

/// Tells the client why there is no server, and lets it read that: what it has written meanwhile is thrown away.
async fn refuse(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, cause: &io::Error) -> io::Result<()> {
    const PATIENCE: Duration = Duration::from_secs(5);
    write(&mut to, format!("ERROR :otr cannot reach the server: {cause}").into_bytes()).await?;
    to.shutdown().await?;
    timeout(PATIENCE, copy(&mut from, &mut sink())).await?.map(drop)
}

/// Writes everything that is due; until when there is nothing more.
async fn settle(
    proxy: &mut Proxy<FileTrust>,
    clock: &Clock,
    client: &mut (impl AsyncWrite + Unpin),
    server: &mut (impl AsyncWrite + Unpin),
) -> io::Result<Option<otr_protocol::Instant>> {
    loop {
        match proxy.next(clock.now()) {
            Next::ToClient(line) => write(client, line).await?,
            Next::ToServer(line) => write(server, line).await?,
            Next::Idle(deadline) => return Ok(deadline),
        }
    }
}

async fn write(to: &mut (impl AsyncWrite + Unpin), mut line: Vec<u8>) -> io::Result<()> {
    const PATIENCE: Duration = Duration::from_secs(60);
    line.extend_from_slice(b"\r\n");
    timeout(PATIENCE, async {
        to.write_all(&line).await?;
        to.flush().await
    })
    .await?
}

/// Lines, however they end: what one program takes for the end of a line must not be the middle of one for another.
fn lines<R: AsyncRead>(from: R) -> FramedRead<R, AnyDelimiterCodec> {
    FramedRead::new(from, AnyDelimiterCodec::new_with_max_length(b"\r\n".to_vec(), Vec::new(), MAX_LINE))
}

/// The next line that is not empty; none at the end.
async fn next<S>(lines: &mut S) -> io::Result<Option<Vec<u8>>>
where
    S: Stream<Item = Result<tokio_util::bytes::Bytes, AnyDelimiterCodecError>> + Unpin,
{
    loop {
        match lines.next().await {
            Some(Ok(line)) if line.is_empty() => {}
            Some(Ok(line)) => return Ok(Some(line.to_vec())),
            None => return Ok(None),
            Some(Err(AnyDelimiterCodecError::Io(error))) if error.kind() == io::ErrorKind::UnexpectedEof => {
                return Ok(None);
            }
            Some(Err(AnyDelimiterCodecError::Io(error))) => return Err(error),
            Some(Err(AnyDelimiterCodecError::MaxChunkLengthExceeded)) => {
                return Err(io::Error::new(io::ErrorKind::InvalidData, "a line is too long"));
            }
        }
    }
}
