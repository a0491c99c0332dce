//! The extra symmetric key: 32 bytes that both sides have, for whatever lies outside OTR (XKEY-*).

use otr_traits::{Backend, Secret};
use zeroize::Zeroizing;

use super::Session;
use crate::instance::Channel;
use crate::wire::{InstanceTag, Plaintext, Tlv, Version, flags};
use crate::{Error, Event, Instant, Recipient, Result};

impl<B: Backend> Session<B> {
    /// Tells the peer to use the extra symmetric key, and what for; gives that key. `usage` and `data` mean whatever the
    /// two applications have agreed on; by convention 1 is a file to be transferred, and `data` its name in UTF-8
    /// ([`FILE_TRANSFER`](Self::FILE_TRANSFER)).
    ///
    /// The key is that of the pair of keys in use, the **same in both directions** and the same for two requests
    /// before the keys rotate: derive a key for each direction and purpose from it (XKEY-04).
    ///
    /// # Errors
    /// [`Error::NotEncrypted`] without a session; [`Error::ExtraKeyVersion`] in version 2, unless the settings allow
    /// it there (XKEY-03); [`Error::TooLong`] if `data` is longer than 65531 bytes.
    pub fn extra_key(
        &mut self,
        now: Instant,
        with: Recipient,
        usage: u32,
        data: &[u8],
    ) -> Result<Secret<32>> {
        const LIMIT: usize = 65531;
        let now = self.tick(now);
        let status = self.select(with)?;
        let secured = status.secured.ok_or(Error::NotEncrypted)?;
        if !self.has_extra_key(secured.version) {
            return Err(Error::ExtraKeyVersion);
        }
        if data.len() > LIMIT {
            return Err(Error::TooLong { length: data.len(), limit: LIMIT });
        }
        let value = Zeroizing::new([&usage.to_be_bytes(), data].concat());
        let tlvs = vec![Tlv { kind: Tlv::EXTRA_KEY, value: &value }];
        let tag = status.tag;
        let key = match self.instances.get(tag).map(|slot| &mut slot.channel) {
            Some(Channel::Encrypted(session)) => session.sending_extra_key(self.account.backend())?,
            _ => return Err(Error::NotEncrypted),
        };
        self.send_encrypted(now, tag, flags::IGNORE_UNREADABLE, Plaintext { text: b"", tlvs })?;
        Ok(key)
    }

    /// The usage by which programs announce a file: otr.js and others (XKEY-01).
    pub const FILE_TRANSFER: u32 = crate::event::FILE_TRANSFER;

    /// Announces a file to be transferred, encrypted by what is derived from the key given, over whatever channel the
    /// applications have: [`extra_key`](Self::extra_key) with [`FILE_TRANSFER`](Self::FILE_TRANSFER) and the name.
    ///
    /// # Errors
    /// As [`extra_key`](Self::extra_key).
    pub fn announce_file(&mut self, now: Instant, with: Recipient, name: &str) -> Result<Secret<32>> {
        self.extra_key(now, with, Self::FILE_TRANSFER, name.as_bytes())
    }

    /// A TLV of type 8 that arrived in a message with this key (XKEY-02).
    pub(super) fn on_extra_key(&mut self, tag: InstanceTag, value: &[u8], key: Option<&Secret<32>>) {
        let version =
            self.instances.get(tag).and_then(|slot| slot.channel.secured()).map(|secured| secured.version);
        if let (Some((usage, data)), Some(version), Some(key)) = (value.split_first_chunk(), version, key)
            && self.has_extra_key(version)
        {
            self.outbox.event(Event::ExtraKey {
                usage: u32::from_be_bytes(*usage),
                data: data.to_vec(),
                key: key.duplicate().into(),
                instance: tag,
            });
        }
    }

    fn has_extra_key(&self, version: Version) -> bool {
        version == Version::V3 || self.config.extra_key_v2
    }
}
