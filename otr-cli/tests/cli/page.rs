//! What `docs/pipe.md` shows is what the program does.
//!
//! In a block marked `pipe`, `→` is a line that goes in, `←` one that comes out, and `…` stands for anything. Where there are two
//! parties, each line begins with a name, and what one is to receive with `…` in it is what the other one had for the wire.

use std::collections::{BTreeMap, VecDeque};

use serde_json::Value;

use crate::driver::{Pipe, key_file, other_key_file};

const PAGE: &str = include_str!("../../../docs/pipe.md");

/// One party: what it has said that nobody has looked at yet, and what it had for the wire.
struct Party {
    pipe: Pipe,
    said: VecDeque<String>,
    wire: VecDeque<String>,
}

#[test]
fn the_page_shows_what_the_program_does() {
    let blocks: Vec<_> =
        PAGE.split("```pipe\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    assert_eq!(blocks.len(), 2);
    for block in blocks {
        let mut parties = BTreeMap::new();
        for line in block.lines() {
            let [name, sign, rest] = ["$ ", "→ ", "← "]
                .iter()
                .find_map(|sign| line.split_once(sign).map(|(name, rest)| [name, sign, rest]))
                .unwrap_or_else(|| panic!("neither in nor out: {line}"));
            perform(&mut parties, name, sign, rest);
        }
        for (name, party) in parties {
            assert_eq!(party.said, [""; 0], "{name} says more than the page shows");
        }
    }
}

fn perform<'a>(parties: &mut BTreeMap<&'a str, Party>, name: &'a str, sign: &str, rest: &str) {
    match sign {
        "$ " => {
            let arguments: Vec<_> = rest.strip_prefix("otr pipe").unwrap().split_whitespace().collect();
            let key = if parties.is_empty() { key_file() } else { other_key_file() };
            let pipe = Pipe::start_with_key(key, &arguments);
            let said = [pipe.ready_line.clone()].into();
            parties.insert(name, Party { pipe, said, wire: VecDeque::new() });
        }
        "→ " => {
            let others = parties.iter_mut().filter(|(other, _)| **other != name);
            let is_receipt = rest.contains(r#""cmd":"receive""#);
            let carried = is_receipt.then(|| others.flat_map(|(_, other)| other.wire.pop_front()).next());
            let line = match carried.flatten() {
                Some(text) => format!(r#"{{"cmd":"receive","text":"{text}"}}"#),
                None => rest.to_owned(),
            };
            assert!(matches(rest, &line), "the page has {rest}, the wire {line}");
            let party = parties.get_mut(name).unwrap();
            party.pipe.write(format!("{line}\n").as_bytes());
            loop {
                let line = party.pipe.next_line();
                let event: Value = serde_json::from_str(&line).unwrap();
                party.said.push_back(line);
                match event["event"].as_str().unwrap() {
                    "wire" => party.wire.push_back(event["text"].as_str().unwrap().to_owned()),
                    "idle" => break,
                    _ => {}
                }
            }
        }
        _ => {
            let said = parties.get_mut(name).unwrap().said.pop_front();
            let said = said.unwrap_or_else(|| panic!("{name} does not say {rest}"));
            assert!(matches(rest, &said), "{name}: the page has {rest}, the program says {said}");
        }
    }
}

/// Whether the text is the pattern, `…` being anything.
fn matches(pattern: &str, text: &str) -> bool {
    let mut pieces = pattern.split('…');
    let Some(mut rest) = pieces.next().and_then(|first| text.strip_prefix(first)) else { return false };
    let Some(last) = pattern.contains('…').then(|| pieces.next_back()).flatten() else {
        return rest.is_empty();
    };
    for piece in pieces {
        let Some((_, after)) = rest.split_once(piece) else { return false };
        rest = after;
    }
    rest.ends_with(last)
}

#[test]
fn a_pattern_matches_what_it_shows_and_nothing_else() {
    let good = [("a", "a"), ("a…", "a"), ("a…c", "abc"), ("a…c…e", "abcde"), ("…", "x")];
    assert_eq!(good.map(|(pattern, text)| matches(pattern, text)), [true; 5]);
    let bad = [("a", "ab"), ("a…c", "ab"), ("a…b", "a"), ("a…c…e", "abce!"), ("b…", "ab")];
    assert_eq!(bad.map(|(pattern, text)| matches(pattern, text)), [false; 5]);
}
