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

use otr_conformance::live::{Conversation, Failure, Peer, Scenario, Side, Tap};
use otr_protocol::traits::Backend;
use otr_protocol::{Account, Version};

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
