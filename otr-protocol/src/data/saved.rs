//! Saving an encrypted session, and restoring it.

use otr_traits::Backend;

use super::{Encrypted, Secured};
use crate::data::ring::Ring;
use crate::keys::SessionId;
use crate::resend::LastText;
use crate::saved::{SavedEncrypted, SavedError, fingerprint};
use crate::smp::Smp;
use crate::wire::Version;
use crate::{Half, Instant};

impl Encrypted {
    pub(crate) fn save(&self) -> SavedEncrypted {
        let Secured { version, fingerprint, session_id, our_half } = self.secured;
        SavedEncrypted {
            version: version.number(),
            fingerprint: fingerprint.as_bytes().into(),
            session_id: session_id.as_bytes().into(),
            reads_first_half: our_half == Half::First,
            ring: self.ring.save(),
        }
    }

    pub(crate) fn restore(
        backend: &impl Backend,
        saved: &SavedEncrypted,
        now: Instant,
    ) -> Result<Self, SavedError> {
        let version = match saved.version {
            2 => Version::V2,
            3 => Version::V3,
            _ => return Err(SavedError::Content("the version is 2 or 3")),
        };
        let session_id = saved.session_id.array().ok_or(SavedError::Content("a session id has 8 bytes"))?;
        let secured = Secured {
            version,
            fingerprint: fingerprint(&saved.fingerprint)?,
            session_id: SessionId::from_bytes(session_id),
            our_half: if saved.reads_first_half { Half::First } else { Half::Second },
        };
        Ok(Self {
            secured,
            smp: Smp::default(),
            last_text: LastText::default(),
            last_sent: now,
            last_received: now,
            ring: Ring::restore(backend, &saved.ring)?,
        })
    }
}
