//! Our own contender: both sides of a conversation in one process. `benches/peers/README.md` describes what it is asked
//! and what it prints.
#![expect(clippy::expect_used, clippy::panic, reason = "there is nothing to measure where something fails")]
#![expect(clippy::print_stdout, reason = "that is where the figures go")]

use std::env;
use std::sync::Arc;
use std::time::Duration;

use otr_benches::{Counting, Pair, Repeated, Shared, accounts, backends, measure};
use otr_protocol::traits::Dsa;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const PAIRS_FOR_HEAP: usize = 100;

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [name, operation, milliseconds, count @ ..] = arguments.as_slice() else {
        panic!("usage: contender BACKEND OPERATION MILLISECONDS [COUNT]");
    };
    let backend =
        backends().into_iter().find(|backend| backend.name() == name).expect("a backend of this name");
    let time =
        Duration::from_secs_f64(milliseconds.parse::<f64>().expect("a number of milliseconds") / 1000.0);
    let connected = || Pair::connected(&backend, None);
    match operation.as_str() {
        "keygen" => measure(time, || drop(backend.generate().expect("a key"))),
        "ake" => measure(time, || drop(connected())),
        "smp" => {
            let mut pair = connected();
            measure(time, || pair.compare());
        }
        "ping-pong-100" => {
            let mut pair = connected();
            measure(time, || {
                pair.write(&[b'a'; 100]);
                pair.turn();
            });
        }
        "one-way-100" => write(time, connected(), 100),
        "one-way-1k" => write(time, connected(), 1024),
        "one-way-64k" => write(time, connected(), 64 * 1024),
        "fragments" => write(time, Pair::connected(&backend, Some(140)), 64 * 1024),
        "sessions" => {
            sessions(time, &backend, count.first().and_then(|count| count.parse().ok()).expect("a number"))
        }
        "heap" => heap(&backend),
        _ => panic!("unknown operation: {operation}"),
    }
}

fn write(time: Duration, mut pair: Pair, bytes: usize) {
    let text = vec![b'a'; bytes];
    measure(time, || pair.write(&text));
}

/// One of `count` sessions that two accounts have.
fn sessions(time: Duration, backend: &Shared, count: usize) {
    let repeated = [0x40, 0x80].map(|party| Arc::new(Repeated::new(backend, party)));
    let [alice, bob] = repeated.each_ref().map(|party| Arc::clone(party) as Shared);
    let accounts = accounts([&alice, &bob], None);
    let mut pairs: Vec<_> = (0..count)
        .map(|_| {
            repeated.iter().for_each(|party| party.restart());
            let mut pair = Pair::of(&accounts);
            pair.connect();
            pair
        })
        .collect();
    let pair = pairs.get_mut(count / 2).expect("at least one session");
    let text = [b'a'; 100];
    measure(time, || pair.write(&text));
}

/// Prints how many bytes a session holds.
fn heap(backend: &Shared) {
    let accounts = accounts([backend, backend], None);
    let connected = || {
        let mut pair = Pair::of(&accounts);
        pair.connect();
        pair
    };
    let _first = connected();
    let mut pairs = Vec::with_capacity(PAIRS_FOR_HEAP);
    let before = Counting::live();
    pairs.extend((0..PAIRS_FOR_HEAP).map(|_| connected()));
    println!("{}", (Counting::live() - before) / (2 * pairs.len()));
}
