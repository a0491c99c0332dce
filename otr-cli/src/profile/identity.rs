//! The key and the instance tag that an account speaks with.

use otr_protocol::InstanceTag;
use otr_protocol::traits::SecretKey;
use otr_store::instance_tags;
use otr_store::private_key::Account;

use super::Profile;
use crate::backend::Shared;
use crate::failure::Failure;
use crate::generate::generate;

impl Profile {
    /// The key and the instance tag of an account, which are made where they are missing.
    pub(crate) fn identity(
        &self,
        name: &str,
        protocol: &str,
        backend: &Shared,
    ) -> Result<(SecretKey, InstanceTag), Failure> {
        let stored = self.load_keys(backend)?.find(name, protocol).map(|account| account.key().duplicate());
        let key = match stored {
            Some(key) => key,
            None => {
                let key = generate(backend)?;
                let account = Account::new(name, protocol, key.duplicate()).map_err(Failure::start)?;
                self.add(account, backend)?;
                key
            }
        };
        Ok((key, self.tag(name, protocol, backend)?))
    }

    /// The instance tag of an account on this machine: made once (INST-02).
    pub(crate) fn tag(&self, name: &str, protocol: &str, backend: &Shared) -> Result<InstanceTag, Failure> {
        if let Some(tag) = self.load_instance_tags()?.find(name, protocol) {
            return Ok(tag);
        }
        let fresh = InstanceTag::generate(backend).map_err(Failure::start)?;
        // Another process may have been quicker.
        let set = instance_tags::update(self.instance_tags(), |tags| match tags.find(name, protocol) {
            Some(tag) => Ok(tag),
            None => tags.set(name, protocol, fresh).map(|()| fresh),
        });
        set.map_err(Failure::start)?.map_err(Failure::start)
    }
}
