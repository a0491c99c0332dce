//! A chat over TCP, encrypted from end to end: one task, one session, one loop.
//!
//! ```sh
//! cargo run -p otr-examples --bin chat -- listen 127.0.0.1:7000
//! cargo run -p otr-examples --bin chat -- connect 127.0.0.1:7000
//! ```
//!
//! On the wire every text is a line. What you type goes to the other side; `/smp SECRET` compares secrets, and answers when
//! you are asked for one.
#![expect(clippy::print_stdout, reason = "a chat shows what is said")]

use std::error::Error;
use std::time::Duration;
use std::{env, io, thread};

use otr_protocol::traits::Dsa;
use otr_protocol::{
    Account, Config, DefaultBackend, Event, InstanceTag, Instant, Output, Policy, Recipient, Session,
    SmpEvent,
};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::tcp::OwnedWriteHalf;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{self, Receiver};
use tokio::time;

type Result<T> = core::result::Result<T, Box<dyn Error>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let stream = match *arguments {
        ["listen", address] => {
            let listener = TcpListener::bind(address).await?;
            println!("* listening on {}", listener.local_addr()?);
            listener.accept().await?.0
        }
        ["connect", address] => TcpStream::connect(address).await?,
        _ => return Err("chat listen ADDRESS, or chat connect ADDRESS".into()),
    };
    // A key takes some hundredths of a second to make: not on the thread that serves everybody else.
    let account = tokio::task::spawn_blocking(account).await??;
    println!("* our fingerprint: {}", account.fingerprint());
    chat(account.session(), stream).await
}

fn account() -> otr_protocol::Result<Account<DefaultBackend>> {
    let backend = DefaultBackend::default();
    let (key, tag) = (backend.generate()?, InstanceTag::generate(&backend)?);
    let mut config = Config::default();
    config.policy = Policy::V3_ONLY | Policy::REQUIRE_ENCRYPTION;
    Account::new(backend, key, tag, config)
}

// ANCHOR: loop
/// The loop: whatever happens goes in, whatever follows comes out, and then one waits for the next thing to happen.
async fn chat(mut session: Session<DefaultBackend>, stream: TcpStream) -> Result<()> {
    let start = time::Instant::now();
    let now = || Instant::from_millis(start.elapsed().as_millis() as u64);
    let (incoming, mut outgoing) = stream.into_split();
    let (mut arrived, mut typed) = (lines_of(incoming), lines_typed());
    session.start(now())?;
    loop {
        let deadline = settle(&mut session, now(), &mut outgoing).await?;
        let wait = deadline.map_or(Duration::MAX, |deadline| deadline.since(now()));
        tokio::select! {
            line = arrived.recv() => match line {
                Some(text) => session.receive(now(), &text)?,
                None => {
                    println!("* the connection is gone");
                    session.abandon(now());
                    return Ok(());
                }
            },
            line = typed.recv() => match line {
                Some(text) => if let Err(error) = say(&mut session, now(), &text) {
                    println!("* {error}"); // our mistake, or the backend's failure; the session is sound
                },
                None => {
                    session.end_all(now())?;
                    settle(&mut session, now(), &mut outgoing).await?;
                    return Ok(());
                }
            },
            () = time::sleep(wait) => {}
        }
    }
}

/// Sends and shows all there is; until when nothing more will happen by itself.
async fn settle(
    session: &mut Session<DefaultBackend>,
    now: Instant,
    outgoing: &mut OwnedWriteHalf,
) -> Result<Option<Instant>> {
    loop {
        match session.poll(now)? {
            Output::Send(message) => {
                outgoing.write_all(&message.text).await?;
                outgoing.write_all(b"\n").await?;
            }
            Output::Event(event) => show(&event),
            Output::Idle(deadline) => return Ok(deadline),
        }
    }
}
// ANCHOR_END: loop

fn say(session: &mut Session<DefaultBackend>, now: Instant, text: &str) -> otr_protocol::Result<()> {
    let Some(secret) = text.strip_prefix("/smp ") else {
        return session.send(now, Recipient::Best, text);
    };
    match session.smp(now, Recipient::Best)?.respond(secret) {
        Err(otr_protocol::Error::NobodyAsked) => session.smp(now, Recipient::Best)?.start(secret, None),
        answered => answered,
    }
}

fn show(event: &Event) {
    match event {
        Event::Message { text, .. } => println!("> {}", printable(text)),
        Event::Secured { fingerprint, trust, .. } => println!("* encrypted, with {fingerprint} ({trust:?})"),
        Event::Smp { event: SmpEvent::Asked { question }, .. } => match question {
            Some(question) => println!("* \"{}\" Answer with /smp SECRET", printable(question)),
            None => println!("* which secret do you share? Answer with /smp SECRET"),
        },
        Event::Smp { event: SmpEvent::Succeeded, .. } => println!("* the secrets are equal"),
        Event::Smp { event: SmpEvent::Failed, .. } => {
            println!("* the secrets differ: this may be somebody else")
        }
        event => println!("* {event:?}"), // without any text in it
    }
}

/// A peer may send anything, also what a terminal takes for commands.
fn printable(text: &[u8]) -> String {
    String::from_utf8_lossy(text).chars().filter(|c| !c.is_control()).collect()
}

/// The lines that arrive, of at most a megabyte: a peer must not be able to fill our memory.
fn lines_of(stream: impl AsyncRead + Unpin + Send + 'static) -> Receiver<Vec<u8>> {
    const LONGEST: u64 = 1 << 20;
    let (sender, receiver) = mpsc::channel(1);
    tokio::spawn(async move {
        let mut stream = BufReader::new(stream);
        loop {
            let mut line = Vec::new();
            let read = (&mut stream).take(LONGEST).read_until(b'\n', &mut line).await;
            let whole = read.is_ok() && line.pop_if(|last| *last == b'\n').is_some();
            if !whole || sender.send(line).await.is_err() {
                return;
            }
        }
    });
    receiver
}

/// The lines that are typed, on a thread of their own: nothing else can wait for a terminal.
fn lines_typed() -> Receiver<String> {
    let (sender, receiver) = mpsc::channel(1);
    thread::spawn(move || {
        for line in io::stdin().lines().map_while(core::result::Result::ok) {
            if sender.blocking_send(line).is_err() {
                return;
            }
        }
    });
    receiver
}
