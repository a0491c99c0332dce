//! One client, carried to the server and back.

use std::io;
use std::time::Duration;

use otr_store::FileTrust;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, sink};
use tokio::net::TcpStream;
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
        Err(error) => {
            let line = format!("ERROR :otr cannot reach the server: {error}");
            return write(&mut client_out, line.into_bytes()).await;
        }
    };
    let (server_in, mut server_out) = tokio::io::split(server);
    let (mut from_client, mut from_server) = (lines(client_in), lines(server_in));
    let clock = Clock::new(false);
    loop {
        let deadline = settle(&mut proxy, &clock, &mut client_out, &mut server_out).await?;
        let wait = clock.until(deadline).unwrap_or(Duration::from_secs(3600));
        tokio::select! {
            line = next(&mut from_client) => match line? {
                Some(line) => proxy.from_client(clock.now(), &line),
                None => {
                    // Gone without a word: the peers are told, and the server.
                    proxy.from_client(clock.now(), b"QUIT");
                    return settle(&mut proxy, &clock, &mut sink(), &mut server_out).await.map(drop);
                }
            },
            line = next(&mut from_server) => match line? {
                Some(line) => proxy.from_server(clock.now(), &line),
                None => return Ok(()),
            },
            () = sleep(wait) => {}
        }
    }
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
