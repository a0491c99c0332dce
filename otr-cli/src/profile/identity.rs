//! The key and the instance tag that an account speaks with.

use otr_protocol::InstanceTag;
use otr_protocol::traits::SecretKey;
use otr_store::instance_tags;
use otr_store::private_key::Account;

use super::Profile;
use super::commands::add;
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
                add(self, account, backend)?;
                key
            }
        };
        Ok((key, self.tag(name, protocol, backend)?))
    }

    fn tag(&self, name: &str, protocol: &str, backend: &Shared) -> Result<InstanceTag, Failure> {
        if let Some(tag) = self.load_instance_tags()?.find(name, protocol) {
            return Ok(tag);
        }
        let tag = InstanceTag::generate(backend).map_err(Failure::start)?;
        let set = instance_tags::update(self.instance_tags(), |tags| tags.set(name, protocol, tag));
        set.map_err(Failure::start)?.map_err(Failure::start)?;
        Ok(tag)
    }
}
