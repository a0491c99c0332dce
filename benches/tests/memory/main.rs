//! What a session holds while it is flooded: never more than `Config::memory_ceiling`, and a few times what has just
//! arrived. Whatever came before, the peer's next message is read.
//!
//! The names of the tests begin with what they show: an attack or a requirement.
#![cfg(feature = "rustcrypto")]
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "it is how a test fails")]

mod exchanges;
mod fragments;
mod own;
mod records;
mod support;

use std::sync::Arc;

use otr_benches::{Counting, Held};
use otr_protocol::traits::Element;
use otr_protocol::wire::{Tlv, Version};
use otr_protocol::{Config, RustCrypto};

use support::party::only;
use support::peer::{Peer, Said, public_in};
use support::{Name, Party};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Bob, in a session with Alice, who is made by hand and can say anything.
struct Flooded {
    bob: Party,
    alice: Peer,
    /// Bob's public value of the exchange.
    theirs: Element,
    /// How often Alice has spoken.
    said: u64,
    config: Config,
}

impl Flooded {
    fn new(change: impl FnOnce(&mut Config)) -> Self {
        let mut config = Config::default();
        config.policy = only(Version::V3);
        change(&mut config);
        let mut bob = Party::with(Name::Bob, config.clone(), Arc::new(RustCrypto));
        let alice = Peer::new(Name::Alice, Version::V3, Name::Bob);
        let key = bob.hear(&alice.commit());
        assert_eq!(bob.hear(&alice.reveal(key.only())).secured(), 1);
        Self { bob, theirs: public_in(key.only()), alice, said: 0, config }
    }

    /// A message of Alice's.
    fn says<'a>(&mut self, text: &'a [u8], tlvs: &[Tlv<'a>]) -> Vec<u8> {
        self.said += 1;
        let said = Said { counter: self.said, tlvs: tlvs.to_vec(), ..self.alice.saying(text) };
        self.alice.data(0, &self.theirs, &said)
    }

    /// Lets Bob hear all of a flood, and checks what he holds. The application polls after each text.
    fn hear(&mut self, texts: impl IntoIterator<Item = Vec<u8>>) -> Held {
        let mut longest = 0;
        let (held, ()) = Counting::held(|| {
            for text in texts {
                longest = longest.max(text.len());
                self.bob.hear(&text);
            }
        });
        self.check(held, longest);
        held
    }

    /// Never more than the ceiling, and while a text is worked on a few copies of that.
    #[track_caller]
    fn check(&self, Held { kept, peak }: Held, longest: usize) {
        let ceiling = self.config.memory_ceiling();
        assert!(kept <= ceiling, "{kept} bytes are kept, {ceiling} at most");
        assert!(
            peak <= ceiling + 8 * longest + 64 * 1024,
            "{peak} bytes at once, for texts of {longest} bytes"
        );
    }
}

/// The session is alive.
impl Drop for Flooded {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let text = self.says(b"still here", &[]);
            assert_eq!(self.bob.hear(&text).messages(), ["still here"]);
        }
    }
}
