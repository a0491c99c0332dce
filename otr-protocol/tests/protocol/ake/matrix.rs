//! The table of REQUIREMENTS 5.9: every event in every state of the exchange, in both versions, and whether there is no
//! session yet, one, or one that the peer has ended.

use otr_protocol::AuthStateKind::{self, AwaitingDhKey, AwaitingRevealSig, AwaitingSig, None};
use otr_protocol::traits::Element;
use otr_protocol::wire::{Body, Message, Tlv, Version};
use otr_protocol::{MessageState, Problem};

use crate::data::with_peer;
use crate::support::party::VERSIONS;
use crate::support::peer::{Peer, Said, public_in, public_opened};
use crate::support::wire::{alter, binary, body, from_instance, kinds};
use crate::support::{Heard, Name, Party};

/// A party in some state of an exchange with a peer made by hand.
pub(crate) struct Stage {
    pub(crate) bob: Party,
    pub(crate) peer: Peer,
    pub(crate) state: AuthStateKind,
    version: Version,
    /// What the party has sent so far.
    pub(crate) sent: Vec<Vec<u8>>,
}

impl Stage {
    pub(crate) fn reach(version: Version, state: AuthStateKind) -> Self {
        Self::reach_beside(version, MessageState::Plaintext, state)
    }

    /// The same beside a session that there is, or was, with the same peer.
    fn reach_beside(version: Version, message_state: MessageState, state: AuthStateKind) -> Self {
        Self::of(party_in(version, message_state), version, state)
    }

    /// The same with a party of one's own.
    pub(crate) fn of(bob: Party, version: Version, state: AuthStateKind) -> Self {
        let peer = Peer::new(Name::Alice, version, Name::Bob);
        let mut stage = Self { bob, peer, state, version, sent: Vec::new() };
        match state {
            None => {}
            AwaitingDhKey => stage.hear_all(&[stage.query()]),
            AwaitingRevealSig => stage.hear_all(&[stage.peer.commit()]),
            AwaitingSig => stage.hear_all(&[stage.query(), stage.peer.dh_key()]),
        }
        assert_eq!(stage.now(), state);
        stage
    }

    fn hear_all(&mut self, texts: &[Vec<u8>]) {
        for text in texts {
            let sent = self.bob.hear(text).sent;
            self.sent.extend(sent);
        }
    }

    pub(crate) fn query(&self) -> Vec<u8> {
        format!("?OTRv{}?", self.version).into_bytes()
    }

    /// The state of the exchange with the peer; in version 3, of the commit to nobody in particular if there is
    /// none.
    pub(crate) fn now(&self) -> AuthStateKind {
        match self.bob.auth(self.peer.header.sender.number()) {
            None => self.bob.auth(0),
            state => state,
        }
    }

    /// A Reveal Signature for what the party sent, if that was a D-H Key; for something else otherwise.
    pub(crate) fn reveal(&self) -> Vec<u8> {
        match self.state {
            AwaitingRevealSig => self.peer.reveal(&self.sent[0]),
            _ => self.peer.reveal(&self.peer.dh_key_of(&Element::from_be_bytes(&[9]).unwrap())),
        }
    }

    /// The Signature for what the party sent, if that was a Reveal Signature; for something else otherwise.
    pub(crate) fn signature(&self) -> Vec<u8> {
        match self.state {
            AwaitingSig => self.peer.signature(&public_opened(&self.sent[0], &self.sent[1])),
            _ => self.peer.signature(&Element::from_be_bytes(&[9]).unwrap()),
        }
    }

    /// The message that the party waits for.
    pub(crate) fn next(&self) -> Vec<u8> {
        match self.state {
            None => self.peer.commit(),
            AwaitingDhKey => self.peer.dh_key(),
            AwaitingRevealSig => self.reveal(),
            AwaitingSig => self.signature(),
        }
    }

    /// Goes on as if nothing had happened; a session must come of it (S-31).
    #[track_caller]
    pub(crate) fn go_on(&mut self) {
        let (bob, peer) = (&mut self.bob, &self.peer);
        let last = match self.state {
            None => {
                let key = bob.hear(&peer.commit());
                bob.hear(&peer.reveal(key.only()))
            }
            AwaitingDhKey => {
                let reveal = bob.hear(&peer.dh_key());
                bob.hear(&peer.signature(&public_opened(&self.sent[0], reveal.only())))
            }
            AwaitingRevealSig => bob.hear(&peer.reveal(&self.sent[0])),
            AwaitingSig => bob.hear(&peer.signature(&public_opened(&self.sent[0], &self.sent[1]))),
        };
        assert_eq!(last.secured(), 1, "{last:?}");
    }
}

fn party_in(version: Version, message_state: MessageState) -> Party {
    if message_state == MessageState::Plaintext {
        return Party::new(Name::Bob, version);
    }
    let (mut bob, peer, theirs) = with_peer(version, 1);
    if message_state == MessageState::Finished {
        let tlvs = vec![Tlv { kind: Tlv::DISCONNECTED, value: b"" }];
        bob.hear(&peer.data(0, &theirs, &Said { tlvs, ..peer.saying(b"") }));
    }
    assert_eq!(bob.state(), message_state);
    bob
}

const MESSAGE_STATES: [MessageState; 3] =
    [MessageState::Plaintext, MessageState::Encrypted, MessageState::Finished];
pub(crate) const STATES: [AuthStateKind; 4] = [None, AwaitingDhKey, AwaitingRevealSig, AwaitingSig];

/// One row: what is sent in each state, and the state that follows (`None` for the same as before).
type Row = [(&'static str, Option<AuthStateKind>); 4];
const IGNORED: Row = [("", Option::None); 4];

/// Every version, message state and state of an exchange.
fn everywhere() -> impl Iterator<Item = (Version, MessageState, AuthStateKind)> {
    VERSIONS.into_iter().flat_map(|version| {
        MESSAGE_STATES.into_iter().flat_map(move |message| STATES.map(|state| (version, message, state)))
    })
}

/// What the event does to the exchange is the same in every message state, and does not change that (AKE-43, AKE-75).
#[track_caller]
fn check(name: &str, event: impl Fn(&mut Stage) -> Heard, row: Row) {
    for message_state in MESSAGE_STATES {
        check_beside(message_state, name, &event, row);
    }
}

#[track_caller]
fn check_beside(message_state: MessageState, name: &str, event: impl Fn(&mut Stage) -> Heard, row: Row) {
    for version in VERSIONS {
        for (state, (sent, next)) in STATES.into_iter().zip(row) {
            let mut stage = Stage::reach_beside(version, message_state, state);
            let heard = event(&mut stage);
            let place = format!("{name}, version {version}, {message_state:?}, {state:?}");
            assert_eq!(kinds(&heard.sent), sent, "{place}");
            assert_eq!(stage.now(), next.unwrap_or(state), "{place}");
            assert_eq!((heard.secured(), stage.bob.state()), (0, message_state), "{place}");
            if sent.is_empty() && next.is_none() {
                stage.go_on();
            }
        }
    }
}

#[test]
fn ake_20_a_query_starts_anew_in_every_state() {
    for (version, message_state, state) in everywhere() {
        let mut stage = Stage::reach_beside(version, message_state, state);
        let heard = stage.bob.hear(&stage.query());
        assert_eq!(kinds(&heard.sent), "C");
        assert!(stage.sent.iter().all(|old| old != heard.only()));
        assert_eq!((stage.bob.auth(0), stage.bob.state()), (AwaitingDhKey, message_state));
    }
}

/// AKE-30, AKE-31, AKE-32.
#[test]
fn ake_30_to_32_a_commit_is_answered_in_every_state_but_after_our_own() {
    let row = [
        ("K", Some(AwaitingRevealSig)),
        ("K", Some(AwaitingRevealSig)),
        ("K", Option::None),
        ("K", Some(AwaitingRevealSig)),
    ];
    check("D-H Commit", |stage| hear_commit(stage, true), row);
    let row = [row[0], ("C", Option::None), row[2], row[3]];
    check("a lower D-H Commit", |stage| hear_commit(stage, false), row);
}

/// A commit whose hash is higher or lower than that of ours, if there is one.
pub(crate) fn hear_commit(stage: &mut Stage, higher: bool) -> Heard {
    if stage.state == AwaitingDhKey {
        let ours = hash(&stage.sent[0]);
        while (hash(&stage.peer.commit()) > ours) != higher {
            stage.peer = Peer::new(Name::Alice, stage.version, Name::Bob);
        }
    }
    stage.bob.hear(&stage.peer.commit())
}

fn hash(commit: &[u8]) -> [u8; 32] {
    match Message::decode(&binary(commit)).unwrap().body {
        Body::DhCommit(commit) => commit.hash,
        other => panic!("{other:?}"),
    }
}

#[test]
fn ake_40_to_42_a_dh_key_counts_after_a_commit_only() {
    let row = [("", Option::None), ("R", Some(AwaitingSig)), ("", Option::None), ("R", Option::None)];
    check("D-H Key", |stage| stage.bob.hear(&stage.peer.dh_key()), row);
}

#[test]
fn ake_41_another_dh_key_is_ignored_while_a_signature_is_awaited() {
    for version in VERSIONS {
        let mut stage = Stage::reach(version, AwaitingSig);
        let other = stage.peer.dh_key_of(stage.peer.pairs[2].public());
        assert!(stage.bob.hear(&other).sent.is_empty());
        stage.go_on();
    }
}

#[test]
fn ake_40_a_value_out_of_range_is_ignored() {
    let mut p_minus_1 = otr_protocol::traits::PRIME;
    p_minus_1[191] -= 1;
    for bad in [&[][..], &[1], &p_minus_1, &otr_protocol::traits::PRIME, &[0xff; 192]] {
        let bad = Element::from_be_bytes(bad).unwrap();
        check("D-H Key out of range", |stage| stage.bob.hear(&stage.peer.dh_key_of(&bad)), IGNORED);
    }
}

#[test]
fn ake_50_to_52_a_reveal_signature_counts_after_a_dh_key_only() {
    for (version, message_state, state) in everywhere() {
        let mut stage = Stage::reach_beside(version, message_state, state);
        let heard = stage.bob.hear(&stage.reveal());
        if state == AwaitingRevealSig {
            assert_eq!((kinds(&heard.sent).as_str(), heard.secured(), stage.now()), ("S", 1, None));
            assert_eq!(stage.bob.state(), MessageState::Encrypted);
        } else {
            assert!(heard.is_silent(), "{message_state:?}, {state:?}: {heard:?}");
            assert_eq!(stage.bob.state(), message_state);
            stage.go_on();
        }
    }
}

#[test]
fn ake_51_an_invalid_reveal_signature_changes_nothing() {
    type Change = fn(&mut Message<'_>);
    let changes: [Change; 3] = [
        |message| {
            if let Body::RevealSignature(reveal) = &mut message.body {
                reveal.r[0] ^= 1
            }
        },
        |message| {
            if let Body::RevealSignature(reveal) = &mut message.body {
                reveal.encrypted[9] ^= 1
            }
        },
        |message| {
            if let Body::RevealSignature(reveal) = &mut message.body {
                reveal.mac[19] ^= 1
            }
        },
    ];
    for change in changes {
        let event = |stage: &mut Stage| {
            let heard = stage.bob.hear(&alter(&stage.reveal(), change));
            let expected: &[_] = if stage.state == AwaitingRevealSig { &[Problem::SetupFailed] } else { &[] };
            assert_eq!(heard.problems(), expected);
            heard
        };
        check("invalid Reveal Signature", event, IGNORED);
    }
}

/// AKE-07: and only one that is what it should be.
#[test]
fn ake_60_a_signature_counts_after_a_reveal_signature_only() {
    for (version, message_state, state) in everywhere() {
        let mut stage = Stage::reach_beside(version, message_state, state);
        let heard = stage.bob.hear(&stage.signature());
        assert!(heard.sent.is_empty());
        if state == AwaitingSig {
            assert_eq!((heard.secured(), stage.bob.state()), (1, MessageState::Encrypted));
            assert_eq!(stage.bob.auth(stage.peer.header.sender.number()), None);
        } else {
            assert!(heard.is_silent(), "{message_state:?}, {state:?}: {heard:?}");
            assert_eq!(stage.bob.state(), message_state);
            stage.go_on();
        }
    }
    let forge = |stage: &mut Stage| {
        let change = |message: &mut Message<'_>| {
            if let Body::Signature(signature) = &mut message.body {
                signature.encrypted[400] ^= 1;
            }
        };
        stage.bob.hear(&alter(&stage.signature(), change))
    };
    check("invalid Signature", forge, IGNORED);
}

/// AKE-81.
#[test]
fn ake_81_a_malformed_message_changes_nothing() {
    for make in [Peer::commit, Peer::dh_key] {
        let event = |stage: &mut Stage| {
            let mut bytes = binary(&make(&stage.peer));
            bytes.push(0);
            let heard = stage.bob.hear(&otr_protocol::wire::armor(&bytes));
            assert_eq!(heard.problems(), [Problem::Malformed]);
            heard
        };
        check("malformed", event, IGNORED);
    }
}

#[test]
fn ake_80_an_exchange_is_given_up_by_its_user_and_after_a_minute() {
    let given_up = [("", Option::None), ("", Some(None)), ("", Some(None)), ("", Some(None))];
    let wait = |stage: &mut Stage| {
        stage.bob.wait(60);
        stage.bob.drain()
    };
    check("60 s", wait, given_up);
    let not_yet = |stage: &mut Stage| {
        stage.bob.wait(59);
        stage.bob.drain()
    };
    check("59 s", not_yet, IGNORED);
    let end = |stage: &mut Stage| {
        stage.bob.session.end_all(stage.bob.now).unwrap();
        stage.bob.drain()
    };
    // Beside a session the user's end is more than this: `message_matrix.rs`.
    check_beside(MessageState::Plaintext, "the user ends", end, given_up);
}

#[test]
fn ake_23_a_repeated_answer_has_the_same_body() {
    for version in VERSIONS {
        let mut stage = Stage::reach(version, AwaitingRevealSig);
        let commit = Peer::new(Name::Alice, version, Name::Bob).commit();
        assert_eq!(body(stage.bob.hear(&commit).only()), body(&stage.sent[0]));
        let mut stage = Stage::reach(version, AwaitingSig);
        let key = stage.peer.dh_key();
        assert_eq!(body(stage.bob.hear(&key).only()), body(&stage.sent[1]));
        let mut stage = Stage::reach(version, AwaitingDhKey);
        assert_eq!(body(hear_commit(&mut stage, false).only()), body(&stage.sent[0]));
    }
}

#[test]
fn ake_08_our_own_value_come_back_is_refused() {
    for version in VERSIONS {
        let mut stage = Stage::reach(version, AwaitingRevealSig);
        let ours = public_in(&stage.sent[0]);
        stage.bob.hear(&stage.peer.commit_to(&ours));
        let heard = stage.bob.hear(&stage.peer.reveal(&stage.sent[0]));
        assert_eq!((heard.problems(), heard.sent.len()), (vec![Problem::Reflected], 0));
    }
    // We hide our value in a commit; another instance can have it once the first has had it revealed.
    let mut stage = Stage::reach(Version::V3, AwaitingSig);
    let ours = public_opened(&stage.sent[0], &stage.sent[1]);
    let heard = stage.bob.hear(&from_instance(&stage.peer.dh_key_of(&ours), 0x100));
    assert_eq!((heard.problems(), heard.sent.len()), (vec![Problem::Reflected], 0));
}
