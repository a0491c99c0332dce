//! Texts that are made to be read slowly, each in two lengths: the longer one must not take longer for each byte (S-13,
//! S-14, S-17).

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput};
use otr_benches::run;
use otr_protocol::fragment::Fragment;
use otr_protocol::wire::{Plaintext, Text, dearmor};

fn main() {
    run(parsing);
}

fn parsing(criterion: &mut Criterion) {
    // Beginnings of the marker and of the whitespace tag, at every offset.
    let searched: [(&str, &[u8]); 4] =
        [("?OT?OT", b"?OT"), ("??????", b"?"), ("blanks", b" "), ("half a tag", b" \t  \t\t\t\t \t \t \t ")];
    for (name, part) in searched {
        each(
            criterion,
            name,
            |length| repeated(b"", part, length),
            |text| {
                black_box(Text::classify(text, false));
            },
        );
    }
    each(
        criterion,
        "versions of a query",
        |length| repeated(b"?OTRv", b"3", length),
        |text| {
            black_box(Text::classify(text, false));
        },
    );
    // Canonical, and with a blank after each quarter of it: the decoder stops at the first, and all are taken out.
    let blanks =
        |length| [repeated(b"?OTR:", b"AAMD\r\n", length - length % 6 + 4).as_slice(), b"."].concat();
    each(criterion, "base64 and blanks", blanks, |text| {
        black_box(dearmor(text).is_ok());
    });
    each(
        criterion,
        "fragment without an end",
        |length| repeated(b"?OTR,1,2,", b"a", length),
        |text| {
            black_box(Fragment::parse(text));
        },
    );
    each(
        criterion,
        "empty records",
        |length| repeated(b"", b"\0", length),
        |text| {
            black_box(Plaintext::decode(text));
        },
    );
}

fn repeated(start: &[u8], part: &[u8], length: usize) -> Vec<u8> {
    start.iter().chain(part.iter().cycle()).take(length).copied().collect()
}

fn each(criterion: &mut Criterion, name: &str, make: impl Fn(usize) -> Vec<u8>, read: impl Fn(&[u8])) {
    let mut group = criterion.benchmark_group(name);
    for length in [4 * 1024, 256 * 1024] {
        let text = make(length);
        group.throughput(Throughput::Bytes(length as u64));
        group.bench_function(BenchmarkId::from_parameter(length), |bencher| bencher.iter(|| read(&text)));
    }
}
