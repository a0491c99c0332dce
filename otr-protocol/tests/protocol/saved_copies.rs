//! Old copies of a saved session, restored more than once.

use std::sync::Arc;

use otr_protocol::traits::Backend;
use otr_protocol::{Account, Config, Instant};

use crate::support::party::{VERSIONS, only};
use crate::support::wire::head;
use crate::support::{Name, Pair, Party, Side, Watching};

/// A message that the peer sent after the copy was made reaches both copies: once from the peer, and once from somebody who
/// has recorded it. It brings a new key of theirs, and both copies answer under it and the same key of ours, with different
/// texts of the same length.
#[test]
fn data_11_copies_that_receive_the_same_message_repeat_no_key_stream() {
    for version in VERSIONS {
        // How far keys have rotated, and which side spoke last, decides which of ours the new one meets.
        for rounds in 0..4 {
            for speaks_last in [Side::Alice, Side::Bob] {
                let watching = Arc::<Watching>::default();
                let mut config = Config::default();
                config.policy = only(version);
                let bob = Party::with(Name::Bob, config.clone(), watching.clone());
                let mut pair = Pair::of(Party::new(Name::Alice, version), bob);
                pair.secure();
                for _ in 0..rounds {
                    pair.check();
                }
                pair.tell(speaks_last, "the copy is made after this");

                let account = Account::new(
                    watching.clone() as Arc<dyn Backend>,
                    Name::Bob.key(),
                    otr_protocol::InstanceTag::new(Name::Bob.tag()),
                    config,
                )
                .unwrap();
                let saved = serde_json::to_vec(&pair.bob.session.save(pair.bob.now).session).unwrap();
                let restored = || {
                    let saved = serde_json::from_slice(&saved).unwrap();
                    let now = Instant::from_secs(1000);
                    Party { session: account.restore(now, saved).unwrap(), now, name: Name::Bob }
                };
                let (mut one, mut two) = (restored(), restored());
                let recorded = pair.alice.say("news");
                let mut rotated = 0;
                for (copy, text) in [(&mut one, "attack at dawn"), (&mut two, "attack at noon")] {
                    assert_eq!(copy.hear(&recorded[0]).messages(), ["news"]);
                    let sent = copy.say(text);
                    rotated = rotated.max(head(&sent[0]).1);
                }
                assert_eq!(
                    watching.reused_key_streams(),
                    0,
                    "{version}, {rounds} rounds, {speaks_last:?} last"
                );
                assert!(rounds == 0 || rotated > 1, "their key has not changed");
                // The peer accepts the counter, and the conversation goes on until all keys are new.
                pair.bob = two;
                for _ in 0..4 {
                    pair.check();
                }
                // Keys that only this copy has count from the start again, so that counters do not run out.
                let sent = pair.bob.say("last");
                assert!(head(&sent[0]).2 < 10, "{sent:?}");
            }
        }
    }
}
