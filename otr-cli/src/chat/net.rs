//! The connection: listening or connecting, again and again, one peer at a time.

use std::io::{self, BufReader, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::Input;
use super::frame::{Frame, MAX_LINE};
use crate::pipe::input;

/// After so long a silence of ours the peer is told that we are there; after three times as long a silence of theirs they
/// are not.
const PING: Duration = Duration::from_secs(30);
/// How long a peer who does not read is waited for.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long the next attempt to connect is waited for: at first, and at most.
const PAUSES: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(30));
/// How many lines may wait to be written. A peer that does not read is not waited for.
const QUEUE: usize = 256;

/// How the peer is found.
pub(crate) enum Place {
    /// They come to us.
    Listen(TcpListener),
    /// We go to them: host and port.
    Connect(String),
}

/// What happens to the connection.
pub(crate) enum NetEvent {
    /// Nobody is there yet, in words.
    Waiting(String),
    /// Somebody is there, at this address.
    Connected(Link, String),
    /// They sent this; none is a line of no known kind.
    Received(LinkId, Option<Frame>),
    /// One more line has been handed to the system.
    Written,
    /// They are gone, in words.
    Lost(LinkId, String),
}

/// Tells a connection from those before it.
pub(crate) type LinkId = u64;

/// A connection, to be written to. Dropped, it is closed after all that was to be written.
pub(crate) struct Link {
    pub(crate) id: LinkId,
    stream: TcpStream,
    lines: Option<SyncSender<Vec<u8>>>,
    /// How many of them have not been handed to the system yet.
    waiting: Arc<AtomicUsize>,
    writer: Option<JoinHandle<()>>,
}

impl Link {
    /// Writes it, soon. Whether the peer reads.
    pub(crate) fn send(&self, frame: &Frame) -> bool {
        self.waiting.fetch_add(1, Ordering::AcqRel);
        self.lines.as_ref().is_some_and(|lines| lines.try_send(frame.encode()).is_ok())
    }

    /// Whether what is sent now leaves soon.
    pub(crate) fn has_room(&self) -> bool {
        /// Few enough that a text does not wait behind a file.
        const AHEAD: usize = 4;
        self.waiting.load(Ordering::Acquire) < AHEAD
    }

    /// Closes it, whatever was still to be written.
    pub(crate) fn cut(self) {
        self.stream.shutdown(Shutdown::Both).ok();
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        drop(self.lines.take());
        if let Some(writer) = self.writer.take() {
            writer.join().ok();
        }
    }
}

/// Looks for the peer until nobody wants to know any more.
pub(crate) fn start(place: Place, inputs: SyncSender<Input>) {
    thread::spawn(move || match place {
        Place::Listen(listener) => listen(&listener, &inputs),
        Place::Connect(address) => connect(&address, &inputs),
    });
}

fn connect(address: &str, inputs: &SyncSender<Input>) {
    let (first, longest) = PAUSES;
    let mut pause = first;
    for id in 0.. {
        let why = match TcpStream::connect(address) {
            Ok(stream) => {
                if !talk(id, stream, inputs) {
                    return;
                }
                pause = first;
                "trying again".to_owned()
            }
            Err(error) => format!("cannot connect to {address}: {error}; trying again"),
        };
        if !tell(inputs, NetEvent::Waiting(format!("{why} in {} s", pause.as_secs()))) {
            return;
        }
        thread::sleep(pause);
        pause = longest.min(pause * 2);
    }
}

fn listen(listener: &TcpListener, inputs: &SyncSender<Input>) {
    let is_taken = Arc::new(AtomicBool::new(false));
    let address = listener.local_addr().map_or_else(|_| "?".to_owned(), |address| address.to_string());
    let waiting = move || NetEvent::Waiting(format!("waiting for somebody on {address}"));
    if !tell(inputs, waiting()) {
        return;
    }
    for (id, stream) in listener.incoming().enumerate() {
        let Ok(mut stream) = stream else {
            thread::sleep(PAUSES.0);
            continue;
        };
        if is_taken.swap(true, Ordering::AcqRel) {
            // Who is told so late is gone: there is nobody else to tell.
            stream.write_all(&Frame::Busy.encode()).ok();
            continue;
        }
        let (inputs, is_taken, waiting) = (inputs.clone(), Arc::clone(&is_taken), waiting.clone());
        thread::spawn(move || {
            talk(id as LinkId, stream, &inputs);
            is_taken.store(false, Ordering::Release);
            tell(&inputs, waiting());
        });
    }
}

/// Hands on what arrives until the connection ends. Whether anybody still wants to know.
fn talk(id: LinkId, stream: TcpStream, inputs: &SyncSender<Input>) -> bool {
    let (link, who) = match open(id, &stream, inputs) {
        Ok(opened) => opened,
        Err(error) => return tell(inputs, NetEvent::Waiting(error.to_string())),
    };
    if !tell(inputs, NetEvent::Connected(link, who)) {
        return false;
    }
    let mut reader = BufReader::new(&stream);
    let why = loop {
        let event = match input::read_line(&mut reader, MAX_LINE) {
            Ok(input::Input::Line(line)) => match Frame::decode(&line) {
                Some(Frame::Ping) => continue,
                Some(Frame::Busy) => break "they talk to somebody else".to_owned(),
                frame => NetEvent::Received(id, frame),
            },
            Ok(input::Input::TooLong) => NetEvent::Received(id, None),
            Ok(input::Input::End | input::Input::None) => break "the other side closed it".to_owned(),
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {
                break "nothing was heard for too long".to_owned();
            }
            Err(error) => break error.to_string(),
        };
        if !tell(inputs, event) {
            return false;
        }
    };
    stream.shutdown(Shutdown::Both).ok();
    tell(inputs, NetEvent::Lost(id, why))
}

fn open(id: LinkId, stream: &TcpStream, inputs: &SyncSender<Input>) -> io::Result<(Link, String)> {
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(PING * 3))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let who = stream.peer_addr()?.to_string();
    let (lines, queue) = mpsc::sync_channel(QUEUE);
    let waiting = Arc::new(AtomicUsize::new(0));
    let (to, inputs, unwritten) = (stream.try_clone()?, inputs.clone(), Arc::clone(&waiting));
    let writer = thread::spawn(move || {
        write(&to, &queue, &unwritten, &inputs).ok();
        // The reader learns of it, and tells.
        to.shutdown(Shutdown::Both).ok();
    });
    let link = Link { id, stream: stream.try_clone()?, lines: Some(lines), waiting, writer: Some(writer) };
    Ok((link, who))
}

fn write(
    mut stream: &TcpStream,
    queue: &Receiver<Vec<u8>>,
    unwritten: &AtomicUsize,
    inputs: &SyncSender<Input>,
) -> io::Result<()> {
    loop {
        match queue.recv_timeout(PING) {
            Ok(line) => {
                stream.write_all(&line)?;
                unwritten.fetch_sub(1, Ordering::AcqRel);
                // To wake who has more; if there is no room, they are awake.
                inputs.try_send(Input::Net(NetEvent::Written)).ok();
            }
            Err(RecvTimeoutError::Timeout) => stream.write_all(&Frame::Ping.encode())?,
            Err(RecvTimeoutError::Disconnected) => return Ok(()),
        }
    }
}

fn tell(inputs: &SyncSender<Input>, event: NetEvent) -> bool {
    inputs.send(Input::Net(event)).is_ok()
}
