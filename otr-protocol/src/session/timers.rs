//! Time: the session's own clock, what has waited too long, and when the next thing will have.

use core::time::Duration;

use otr_traits::Backend;

use super::Session;
use crate::ake::AuthState;
use crate::instance::Channel;
use crate::logging::debug;
use crate::wire::{InstanceTag, Plaintext, Tlv, flags};
use crate::{Config, EndedBy, Instant, Result};

/// A clock that never goes back. It runs as the application's does, and where that one jumps back it stands still for
/// that moment: otherwise whatever was waiting would wait for as long as the jump was.
#[derive(Debug, Default)]
pub(super) struct Clock {
    /// What the application said last.
    told: Option<Instant>,
    /// What that was by this clock.
    now: Instant,
}

impl Clock {
    /// The time by this clock, when it is `told` by the application's.
    fn tick(&mut self, told: Instant) -> Instant {
        self.now = match self.told.replace(told) {
            Some(before) => self.now.after(told.since(before)),
            None => told,
        };
        self.now
    }

    /// What the application's clock will say at this moment of ours.
    fn tell(&self, moment: Instant) -> Instant {
        self.told.unwrap_or(moment).after(moment.since(self.now))
    }
}

impl<B: Backend> Session<B> {
    /// Every input begins with this: sets the clock, gives up what has waited too long, and says what time it is for all
    /// that follows.
    pub(super) fn tick(&mut self, told: Instant) -> Instant {
        let now = self.clock.tick(told);
        let Config { patience, resend_within, .. } = *self.config;
        for instance in self.instances.iter_mut() {
            // AKE-80.
            if instance.auth.since().is_some_and(|since| now.since(since) >= patience) {
                debug!("gives up the exchange with {}", instance.tag);
                instance.auth = AuthState::None;
            }
            if let Channel::Encrypted(session) = &mut instance.channel {
                session.last_text.expire(now, resend_within);
            }
        }
        self.allowance.tick(now);
        self.fragments.expire(now, patience);
        self.expire_held(now);
        now
    }

    /// When something will have waited too long, or may be sent at last: by the application's clock.
    pub(super) fn deadline(&self) -> Option<Instant> {
        let Config { patience, hold_for, resend_within, idle_timeout, .. } = *self.config;
        let slots = self.instances.iter().flat_map(|slot| {
            let exchange = slot.auth.since().map(|since| since.after(patience));
            let (last_text, idle) = match &slot.channel {
                Channel::Encrypted(session) => (
                    session.last_text.deadline(resend_within),
                    idle_timeout.map(|timeout| session.last_used().after(timeout)),
                ),
                _ => (None, None),
            };
            [exchange, last_text, idle]
        });
        let waiting =
            [self.fragments.deadline(patience), self.held.deadline(hold_for), self.outbox.deadline()];
        slots.chain(waiting).flatten().min().map(|moment| self.clock.tell(moment))
    }

    /// Ends the sessions in which nothing was said for too long, if the settings ask for it: the peer is told. They are not
    /// in clear afterwards but finished, since the user did not wish it.
    pub(super) fn end_idle(&mut self, now: Instant) -> Result<()> {
        let Some(timeout) = self.config.idle_timeout else { return Ok(()) };
        let is_idle = |channel: &Channel| match channel {
            Channel::Encrypted(session) => now.since(session.last_used()) >= timeout,
            _ => false,
        };
        let idle: Vec<InstanceTag> =
            self.instances.iter().filter(|slot| is_idle(&slot.channel)).map(|slot| slot.tag).collect();
        let mut result = Ok(());
        for tag in idle {
            let farewell = Plaintext { text: b"", tlvs: vec![Tlv { kind: Tlv::DISCONNECTED, value: b"" }] };
            let told = self.send_encrypted(now, tag, flags::IGNORE_UNREADABLE, farewell);
            self.finish(tag, EndedBy::Idle);
            result = result.and(told);
        }
        result
    }

    /// Whether a kind of answer that was `last` given then may be given again (ERR-04).
    pub(super) fn may_answer(&self, now: Instant, last: Option<Instant>) -> bool {
        const PAUSE: Duration = Duration::from_secs(10);
        !self.config.damping || last.is_none_or(|last| now.since(last) >= PAUSE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s_55_the_clock_follows_jumps_forward_and_ignores_jumps_back() {
        let mut clock = Clock::default();
        let second = Instant::from_secs;
        assert_eq!(clock.tick(second(100)), second(100));
        assert_eq!(clock.tick(second(103)), second(103));
        assert_eq!(clock.tick(second(3)), second(103));
        assert_eq!(clock.tick(second(5)), second(105));
        // In ten seconds by both clocks.
        assert_eq!(clock.tell(second(115)), second(15));
        // What is due is due now.
        assert_eq!(clock.tell(second(90)), second(5));
        let end = Instant::from_millis(u64::MAX);
        clock.tick(end);
        clock.tick(Instant::default());
        assert!(clock.tick(end) > end);
    }
}
