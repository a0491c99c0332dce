//! The table of REQUIREMENTS 6.8: every event in every message state, with every state of an exchange beside it, in both
//! versions. What an exchange does by itself is in `ake/matrix.rs`.

use otr_protocol::AuthStateKind::{self, AwaitingDhKey, AwaitingRevealSig, AwaitingSig};
use otr_protocol::MessageState::{self, Encrypted, Finished, Plaintext};
use otr_protocol::traits::Element;
use otr_protocol::wire::{Tlv, Version, flags, whitespace_tag};
use otr_protocol::{Error, Event, Policy, Recipient};

use crate::data::with_peer;
use crate::support::party::{VERSIONS, only};
use crate::support::peer::{Peer, Said, public_opened};
use crate::support::wire::kind;
use crate::support::{Heard, Name, Party};

const MESSAGE_STATES: [MessageState; 3] = [Plaintext, Encrypted, Finished];
const AUTH_STATES: [AuthStateKind; 4] = [AuthStateKind::None, AwaitingDhKey, AwaitingRevealSig, AwaitingSig];

/// Bob in a state, and the peer whose session it is or was.
struct Stage {
    version: Version,
    bob: Party,
    peer: Peer,
    /// Bob's public value in the session.
    theirs: Element,
    counter: u64,
}

impl Stage {
    fn reach(version: Version, message_state: MessageState, auth_state: AuthStateKind) -> Self {
        let (bob, peer, theirs) = with_peer(version, 1);
        let mut stage = Self { version, bob, peer, theirs, counter: 0 };
        match message_state {
            Plaintext => stage.bob.session.abandon(stage.bob.now),
            Encrypted => {}
            Finished => {
                let farewell = stage.data(&[Tlv { kind: Tlv::DISCONNECTED, value: b"" }], 0);
                stage.bob.hear(&farewell);
            }
        }
        stage.bob.drain();
        let another = Peer::new(Name::Alice, version, Name::Bob);
        let query = format!("?OTRv{version}?").into_bytes();
        let texts = match auth_state {
            AuthStateKind::None => vec![],
            AwaitingDhKey => vec![query],
            AwaitingRevealSig => vec![another.commit()],
            AwaitingSig => vec![query, another.dh_key()],
        };
        for text in texts {
            stage.bob.hear(&text);
        }
        assert_eq!((stage.bob.state(), stage.auth_state()), (message_state, auth_state));
        // Errors have been sent before, perhaps: ERR-04.
        stage.bob.wait(20);
        stage
    }

    /// The state of the exchange with the peer; in version 3, of the commit to nobody in particular if there is none.
    fn auth_state(&self) -> AuthStateKind {
        match self.bob.auth(self.peer.header.sender.number()) {
            AuthStateKind::None => self.bob.auth(0),
            state => state,
        }
    }

    /// A message of the session, whether it still exists or not.
    fn data(&mut self, tlvs: &[Tlv<'static>], flags: u8) -> Vec<u8> {
        self.counter += 1;
        let said = Said { tlvs: tlvs.to_vec(), flags, counter: self.counter, ..self.peer.saying(b"text") };
        self.peer.data(0, &self.theirs, &said)
    }

    /// The same, with a MAC that is wrong.
    fn unreadable(&mut self, flags: u8) -> Vec<u8> {
        self.counter += 1;
        let said = Said { flags, counter: self.counter, ..self.peer.saying(b"") };
        self.peer.authenticate(&said, b"unreadable", &[0; 20])
    }

    /// The same, cut off in the middle.
    fn malformed(&mut self, flags: u8) -> Vec<u8> {
        let text = self.data(&[], flags);
        [&text[..b"?OTR:".len() + text.len() / 8 * 4], b"."].concat()
    }
}

/// What is sent, in letters: those of [`kind`], `Q` for a query, `E` for an Error, `P` for a text in clear.
fn sent(heard: &Heard) -> String {
    let letter = |text: &Vec<u8>| match kind(text) {
        '.' if text.starts_with(b"?OTRv") => 'Q',
        '.' if text.starts_with(b"?OTR Error") => 'E',
        '.' => 'P',
        letter => letter,
    };
    heard.sent.iter().map(letter).collect()
}

/// What the application is told, in words.
fn told(heard: &Heard) -> String {
    let word = |event: &Event| match event {
        Event::Plaintext { .. } => "plain".to_owned(),
        Event::Message { .. } => "message".to_owned(),
        Event::QueryReceived { .. } => "query".to_owned(),
        Event::WhitespaceTagReceived { .. } => "offer".to_owned(),
        Event::Problem { kind, .. } => format!("{kind:?}"),
        Event::Ended { by, .. } => format!("ended by {by:?}"),
        other => format!("{other:?}"),
    };
    heard.events.iter().map(word).collect::<Vec<_>>().join(", ")
}

/// In one message state: what is sent, what is told, and the state that follows.
type Cell = (&'static str, &'static str, MessageState);

/// What an event does to the exchange.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Exchange {
    Stays,
    /// It begins anew.
    Starts,
    /// It begins anew, unless there is a session.
    StartsUnlessEncrypted,
    /// That of the same slot is given up; the commit to nobody in particular lives in another.
    EndsInSlot,
    Ends,
}

#[track_caller]
fn check(
    name: &str,
    event: impl Fn(&mut Stage) -> Heard,
    exchange: Exchange,
    row: impl Fn(Version) -> [Cell; 3],
) {
    for version in VERSIONS {
        for (before, (sends, tells, after)) in MESSAGE_STATES.into_iter().zip(row(version)) {
            for auth in AUTH_STATES {
                let mut stage = Stage::reach(version, before, auth);
                let heard = event(&mut stage);
                let place = format!("{name}, version {version}, {before:?}, {auth:?}");
                assert_eq!((sent(&heard).as_str(), told(&heard).as_str()), (sends, tells), "{place}");
                assert_eq!(stage.bob.state(), after, "{place}");
                let slot = stage.peer.header.sender.number();
                let (is, expected) = match exchange {
                    Exchange::Stays => (stage.auth_state(), auth),
                    Exchange::StartsUnlessEncrypted if before == Encrypted => (stage.auth_state(), auth),
                    Exchange::Starts | Exchange::StartsUnlessEncrypted => (stage.bob.auth(0), AwaitingDhKey),
                    Exchange::EndsInSlot if after == before => (stage.auth_state(), auth),
                    Exchange::EndsInSlot => (stage.bob.auth(slot), AuthStateKind::None),
                    Exchange::Ends => (stage.auth_state(), AuthStateKind::None),
                };
                assert_eq!(is, expected, "{place}");
            }
        }
    }
}

fn hear(text: &[u8]) -> impl Fn(&mut Stage) -> Heard {
    move |stage| stage.bob.hear(text)
}

/// The same in every state: what is sent, and what is told.
fn everywhere(sends: &'static str, tells: &'static str) -> impl Fn(Version) -> [Cell; 3] {
    move |_| MESSAGE_STATES.map(|state| (sends, tells, state))
}

/// MSG-01, MSG-02.
#[test]
fn msg_01_02_text_in_clear() {
    let row =
        |tells: [&'static str; 3]| move |_| core::array::from_fn(|at| ("", tells[at], MESSAGE_STATES[at]));
    check("plaintext", hear(b"hi"), Exchange::Stays, row(["plain", "Unencrypted", "Unencrypted"]));
    let tagged = |stage: &mut Stage| {
        let tag = whitespace_tag(only(stage.version).versions());
        stage.bob.hear(&[b"hi".as_slice(), &tag].concat())
    };
    let row = row(["plain, offer", "Unencrypted, offer", "Unencrypted, offer"]);
    check("tagged plaintext", tagged, Exchange::Stays, row);
}

/// The event under the policies that it depends on.
fn under(flags: Policy, event: impl Fn(&mut Stage) -> Heard) -> impl Fn(&mut Stage) -> Heard {
    move |stage| {
        stage.bob.session.set_policy(only(stage.version) | flags).unwrap();
        event(stage)
    }
}

/// MSG-01, TAG-13, ERR-02: the cells in which the policy decides.
#[test]
fn msg_01_tag_13_err_02_what_the_policy_decides() {
    let required = under(Policy::REQUIRE_ENCRYPTION, hear(b"hi"));
    check("plaintext, not wanted", required, Exchange::Stays, everywhere("", "Unencrypted"));

    let tagged = |stage: &mut Stage| {
        let tag = whitespace_tag(only(stage.version).versions());
        stage.bob.hear(&[b"hi".as_slice(), &tag].concat())
    };
    let row = |_| {
        let warned = "Unencrypted, offer";
        [("C", "plain, offer", Plaintext), ("", warned, Encrypted), ("C", warned, Finished)]
    };
    let accepted = under(Policy::WHITESPACE_START_AKE, tagged);
    check("an offer, accepted", accepted, Exchange::StartsUnlessEncrypted, row);
    let row = |_| {
        let warned = "Unencrypted, offer";
        [("C", warned, Plaintext), ("", warned, Encrypted), ("C", warned, Finished)]
    };
    let both = under(Policy::WHITESPACE_START_AKE | Policy::REQUIRE_ENCRYPTION, tagged);
    check("an offer, needed", both, Exchange::StartsUnlessEncrypted, row);

    let error = under(Policy::ERROR_START_AKE, hear(b"?OTR Error: what?"));
    check("Error, answered", error, Exchange::Stays, everywhere("Q", "PeerError"));
}

/// MSG-11, MSG-12, MSG-13: what the user types where nothing may leave in clear.
#[test]
fn msg_11_the_user_types_where_encryption_is_required() {
    for version in VERSIONS {
        for state in MESSAGE_STATES {
            for auth in AUTH_STATES {
                let mut stage = Stage::reach(version, state, auth);
                let types = |stage: &mut Stage| {
                    let typed = stage.bob.session.send(stage.bob.now, Recipient::Best, "hi");
                    assert_eq!(typed.err(), (state == Finished).then_some(Error::Finished));
                    stage.bob.drain()
                };
                let heard = under(Policy::REQUIRE_ENCRYPTION, types)(&mut stage);
                let expected = match (state, auth) {
                    // An exchange that is under way already need not be asked for.
                    (Plaintext, AuthStateKind::None) => ("Q", "Held { 2 bytes }"),
                    (Plaintext, _) => ("", "Held { 2 bytes }"),
                    (Encrypted, _) => ("D", ""),
                    (Finished, _) => ("", ""),
                };
                let place = format!("version {version}, {state:?}, {auth:?}");
                assert_eq!((sent(&heard).as_str(), told(&heard).as_str()), expected, "{place}");
                assert_eq!((stage.bob.state(), stage.auth_state()), (state, auth), "{place}");
            }
        }
    }
}

/// MSG-13, MSG-50, MSG-52: what leaves by itself when an exchange completes, whoever began it: a held text; the last text
/// of a session that an Error came back to; and, of a session that the peer has ended, nothing.
#[test]
fn msg_50_52_what_a_new_session_releases() {
    for version in VERSIONS {
        for we_commit in [false, true] {
            for (state, releases) in [(Plaintext, "D"), (Encrypted, "D"), (Finished, "")] {
                let mut stage = Stage::reach(version, state, AuthStateKind::None);
                stage.bob.session.set_policy(only(version) | Policy::REQUIRE_ENCRYPTION).unwrap();
                let typed = stage.bob.session.send(stage.bob.now, Recipient::Best, "typed");
                assert_eq!(typed.is_err(), state == Finished);
                stage.bob.hear(b"?OTR Error: what?");
                let peer = Peer::new(Name::Alice, version, Name::Bob);
                let done = if we_commit {
                    let query = format!("?OTRv{version}?");
                    let commit = stage.bob.hear(query.as_bytes()).only().to_vec();
                    let reveal = stage.bob.hear(&peer.dh_key());
                    stage.bob.hear(&peer.signature(&public_opened(&commit, reveal.only())))
                } else {
                    let key = stage.bob.hear(&peer.commit());
                    stage.bob.hear(&peer.reveal(key.only()))
                };
                let last = if we_commit { "" } else { "S" };
                let place = format!("version {version}, {state:?}, we commit: {we_commit}");
                assert_eq!(sent(&done), [last, releases].concat(), "{place}");
                let resent = done.events.iter().any(|event| matches!(event, Event::Resent { .. }));
                assert_eq!((done.secured(), resent), (1, state == Encrypted), "{place}");
            }
        }
    }
}

/// MSG-03, MSG-04, MSG-05, WIRE-13.
#[test]
fn msg_03_to_05_what_is_no_message() {
    let query = |stage: &mut Stage| stage.bob.hear(format!("?OTRv{}?", stage.version).as_bytes());
    check("query", query, Exchange::Starts, everywhere("C", "query"));
    check("query for version 4", hear(b"?OTRv4?"), Exchange::Stays, everywhere("", "query"));
    check("Error", hear(b"?OTR Error: what?"), Exchange::Stays, everywhere("", "PeerError"));
    check("unknown", hear(b"?OTR is nice"), Exchange::Stays, everywhere("", "Unrecognized"));
    check("version 1", hear(b"?OTR:AAEDAAAA."), Exchange::Stays, everywhere("", "UnsupportedVersion"));
    let first = |stage: &mut Stage| match stage.version {
        Version::V2 => stage.bob.hear(b"?OTR,1,2,?OTR:AA,"),
        Version::V3 => stage.bob.hear(b"?OTR|00000777|00000000,1,2,?OTR:AA,"),
    };
    check("fragment", first, Exchange::Stays, everywhere("", ""));
}

/// MSG-20 … MSG-22, MSG-32.
#[test]
fn msg_20_to_22_data_messages() {
    let no_session = |version, state| match version {
        Version::V2 => ("", "NoSession", state),
        Version::V3 => ("E", "NoSession", state),
    };
    let unless_encrypted =
        |cell| move |version| [no_session(version, Plaintext), cell, no_session(version, Finished)];

    let valid = |stage: &mut Stage| {
        let text = stage.data(&[], 0);
        stage.bob.hear(&text)
    };
    check("data", valid, Exchange::Stays, unless_encrypted(("", "message", Encrypted)));
    let farewell = |stage: &mut Stage| {
        let text = stage.data(&[Tlv { kind: Tlv::DISCONNECTED, value: b"" }], 0);
        stage.bob.hear(&text)
    };
    let row = unless_encrypted(("", "message, ended by Peer", Finished));
    check("the peer's end", farewell, Exchange::EndsInSlot, row);
    let unreadable = |stage: &mut Stage| {
        let text = stage.unreadable(0);
        stage.bob.hear(&text)
    };
    check("unreadable", unreadable, Exchange::Stays, unless_encrypted(("E", "Unreadable", Encrypted)));
    let silent = |stage: &mut Stage| {
        let text = stage.unreadable(flags::IGNORE_UNREADABLE);
        stage.bob.hear(&text)
    };
    check("unreadable and of no weight", silent, Exchange::Stays, everywhere("", ""));
    let malformed = |stage: &mut Stage| {
        let text = stage.malformed(0);
        stage.bob.hear(&text)
    };
    let row = |_| [("", "Malformed", Plaintext), ("E", "Malformed", Encrypted), ("", "Malformed", Finished)];
    check("malformed", malformed, Exchange::Stays, row);
    let malformed = |stage: &mut Stage| {
        let text = stage.malformed(flags::IGNORE_UNREADABLE);
        stage.bob.hear(&text)
    };
    check("malformed and of no weight", malformed, Exchange::Stays, everywhere("", "Malformed"));
}

/// MSG-10, MSG-12, MSG-13, AKE-22, MSG-60.
#[test]
fn msg_10_to_13_60_the_user() {
    let types = |stage: &mut Stage| {
        let result = stage.bob.session.send(stage.bob.now, Recipient::Best, "hi");
        let refused = stage.bob.state() == Finished;
        assert_eq!(result, if refused { Err(Error::Finished) } else { Ok(()) });
        stage.bob.drain()
    };
    check("types", types, Exchange::Stays, |_| {
        [("P", "", Plaintext), ("D", "", Encrypted), ("", "", Finished)]
    });
    let starts = |stage: &mut Stage| {
        stage.bob.session.start(stage.bob.now).unwrap();
        stage.bob.drain()
    };
    check("asks for OTR", starts, Exchange::Stays, everywhere("Q", ""));
    let ends = |stage: &mut Stage| {
        stage.bob.session.end_all(stage.bob.now).unwrap();
        stage.bob.drain()
    };
    let row = |_| [("", "", Plaintext), ("D", "ended by Us", Plaintext), ("", "ended by Us", Plaintext)];
    check("ends", ends, Exchange::Ends, row);
    let waits = |stage: &mut Stage| {
        stage.bob.wait(60);
        stage.bob.drain()
    };
    check("waits", waits, Exchange::Ends, everywhere("", ""));
}

/// SMP-20, XKEY-01: nothing of it without a session.
#[test]
fn smp_20_xkey_01_the_user_without_a_session() {
    for version in VERSIONS {
        for state in [Plaintext, Finished] {
            for auth in AUTH_STATES {
                let mut bob = Stage::reach(version, state, auth).bob;
                assert_eq!(bob.session.smp(bob.now, Recipient::Best).err(), Some(Error::NotEncrypted));
                let key = bob.session.extra_key(bob.now, Recipient::Best, 1, b"");
                assert_eq!(key.err(), Some(Error::NotEncrypted));
                let beat = bob.session.send_heartbeat(bob.now, Recipient::Best);
                assert_eq!(beat, Err(Error::NotEncrypted));
                assert!(bob.drain().is_silent());
            }
        }
    }
}

/// AKE-70, AKE-75: an exchange that does not complete leaves the session alone; one that does replaces it.
#[test]
fn ake_70_75_an_exchange_beside_every_message_state() {
    for version in VERSIONS {
        for state in MESSAGE_STATES {
            let mut stage = Stage::reach(version, state, AuthStateKind::None);
            let peer = Peer::new(Name::Alice, version, Name::Bob);
            let key = stage.bob.hear(&peer.commit());
            assert_eq!((sent(&key).as_str(), told(&key).as_str()), ("K", ""));
            assert_eq!(stage.bob.state(), state);
            let done = stage.bob.hear(&peer.reveal(key.only()));
            assert_eq!((sent(&done).as_str(), done.secured()), ("S", 1));
            assert_eq!(stage.bob.state(), Encrypted);
            // The keys are the new ones: the old session is gone.
            let old = stage.data(&[], 0);
            assert_eq!(told(&stage.bob.hear(&old)), "Unreadable");
        }
    }
}
