//! What the live tests have in common: another implementation, and many exchanges with it.
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests, which may fail"
)]

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use otr_conformance::live::{Conversation, Failure, Outcome, Peer, Scenario, Side, Tap};
use otr_protocol::traits::Backend;
use otr_protocol::{Account, SmpEvent, Version};

/// Another implementation of OTR.
pub(crate) struct Implementation {
    /// The name of its folder in `conformance/peers`; the README there says how it is installed.
    pub(crate) name: &'static str,
    /// What starts its program, given the folder.
    pub(crate) command: fn(&Path) -> Command,
    /// How many exchanges there are to be in each scenario.
    pub(crate) exchanges: usize,
    /// Whether one process takes part in all of them; otherwise each has its own.
    pub(crate) one_process: bool,
    /// Whether, asked for a secret that differs, it aborts instead of sending the last message (SMP-22).
    pub(crate) aborts_on_mismatch: bool,
    /// Whether the wire shows a fault that this implementation is known for, with which no key exchange can succeed.
    pub(crate) is_at_fault: fn(&Tap) -> bool,
}

impl Implementation {
    /// A new process, and a new session of ours. The process has its key from a file, which belongs to one test.
    pub(crate) fn meet(
        &self,
        account: &Account<Arc<dyn Backend>>,
        scenario: Scenario,
        test: &str,
    ) -> Conversation<Arc<dyn Backend>> {
        let policy = match scenario.version {
            Version::V2 => "02",
            Version::V3 => "06",
        };
        let key = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{}-{test}.key", self.name));
        let mut command =
            (self.command)(&Path::new(env!("CARGO_MANIFEST_DIR")).join("peers").join(self.name));
        command.arg("--key").arg(key).args(["--account", "peer", "--protocol", "test", "--policy", policy]);
        if let Some(size) = scenario.max_size {
            command.args(["--max-size", &size.to_string()]);
        }
        let peer = Peer::spawn(&mut command).expect("a peer, installed as its README says");
        Conversation::new(account, peer, scenario).unwrap()
    }

    /// Exchanges with each of our backends until enough have succeeded. None may fail but for the known fault, and with
    /// it each must.
    pub(crate) fn converse(&self, scenario: Scenario, test: &str) {
        for account in accounts() {
            self.converse_with(&account, scenario, test);
        }
    }

    /// Comparisons of secrets in both roles: with a question and without, of equal and of different secrets, one after the
    /// other in one session, and given up by either side.
    pub(crate) fn compare(&self, scenario: Scenario, test: &str) {
        for account in accounts() {
            let mut conversation = self.meet(&account, scenario, test);
            loop {
                let talked = conversation.converse(1);
                if !(self.is_at_fault)(conversation.tap()) {
                    break talked.unwrap();
                }
                conversation = self.meet(&account, scenario, test);
            }
            let mut trust = String::new();
            for asker in [Side::Us, Side::Peer] {
                for question in [None, Some("Where did we meet?")] {
                    for equal in [true, false] {
                        let outcome = conversation.compare(asker, question, equal);
                        let Outcome { ours, theirs, trust: now } = outcome.unwrap();
                        let what = format!("{asker:?} {question:?} {equal}");
                        let is_told = asker == Side::Peer || !self.aborts_on_mismatch;
                        let expected = match (equal, is_told) {
                            (true, _) => SmpEvent::Succeeded,
                            (false, true) => SmpEvent::Failed,
                            (false, false) => SmpEvent::Aborted,
                        };
                        // SMP-25: who answers a question does not learn whom they answer.
                        if (asker, question) != (Side::Peer, Some("Where did we meet?"))
                            && expected != SmpEvent::Aborted
                        {
                            trust = if equal { "smp".to_owned() } else { String::new() };
                        }
                        assert_eq!((ours, now), (Some(expected), trust.clone()), "{what}");
                        let theirs = theirs.unwrap_or_default();
                        let names = if equal { ["SUCCESS", "SUCCESS"] } else { ["FAILURE", "ABORT"] };
                        assert!(names.contains(&theirs.as_str()), "{what}: {theirs}");
                    }
                }
                for aborter in [Side::Us, Side::Peer] {
                    let outcome = conversation.abort_comparison(asker, aborter).unwrap();
                    if aborter == Side::Peer {
                        assert_eq!(outcome.ours, Some(SmpEvent::Aborted), "{asker:?} asks, the peer aborts");
                    } else {
                        assert_eq!(outcome.theirs.as_deref(), Some("ABORT"), "{asker:?} asks, we abort");
                    }
                }
            }
            conversation.end_session(Side::Us).unwrap();
        }
    }

    fn converse_with(&self, account: &Account<Arc<dyn Backend>>, scenario: Scenario, test: &str) {
        let mut conversation = self.meet(account, scenario, test);
        let (mut exchanges, mut faults) = (0, 0);
        while exchanges < self.exchanges {
            let ended_by = if exchanges % 2 == 0 { Side::Us } else { Side::Peer };
            match (conversation.exchange(5, ended_by), (self.is_at_fault)(conversation.tap())) {
                (Ok(()), false) => exchanges += 1,
                (Err(Failure::Differs { step: "key exchange", .. }), true) => faults += 1,
                (Ok(()), true) => panic!("{scenario:?}: an exchange succeeds that cannot"),
                (Err(failure), _) => panic!("exchange {exchanges} of {scenario:?}: {failure}"),
            }
            assert!(faults <= self.exchanges, "{scenario:?}: {faults} faults, {exchanges} exchanges");
            if !self.one_process {
                conversation = self.meet(account, scenario, test);
            }
        }
        let (name, backend) = (self.name, account.backend().name());
        report(&format!("{name} {scenario:?} {backend}: {exchanges} exchanges, {faults} known faults"));
    }
}

/// An account of ours on each backend.
pub(crate) fn accounts() -> Vec<Account<Arc<dyn Backend>>> {
    let backends = otr_conformance::backends();
    assert!(!backends.is_empty(), "built without a backend");
    backends.into_iter().map(|backend| Account::generate(backend).unwrap()).collect()
}

#[expect(clippy::print_stdout, reason = "the count is shown by --nocapture")]
fn report(line: &str) {
    println!("{line}");
}

/// Makes one test of each scenario, for comparisons of secrets: its name, the version.
macro_rules! comparisons {
    ($implementation:ident; $($name:ident: $version:ident;)+) => {
        $(
            #[test]
            fn $name() {
                let scenario = otr_conformance::live::Scenario {
                    starter: otr_conformance::live::Side::Us,
                    version: otr_protocol::Version::$version,
                    max_size: None,
                };
                $implementation.compare(scenario, stringify!($name));
            }
        )+
    };
}

pub(crate) use comparisons;

/// Makes one test of each scenario: its name, who starts, the version, the maximum size.
macro_rules! conversations {
    ($implementation:ident; $($name:ident: $starter:ident, $version:ident, $max_size:expr;)+) => {
        $(
            #[test]
            fn $name() {
                let scenario = otr_conformance::live::Scenario {
                    starter: otr_conformance::live::Side::$starter,
                    version: otr_protocol::Version::$version,
                    max_size: $max_size,
                };
                $implementation.converse(scenario, stringify!($name));
            }
        )+
    };
}

pub(crate) use conversations;
