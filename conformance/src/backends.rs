//! The backends this crate was built with, by feature.

use std::sync::Arc;

use otr_traits::Backend;

/// All of them; the default one first.
#[must_use]
pub fn backends() -> Vec<Arc<dyn Backend>> {
    vec![
        #[cfg(feature = "rustcrypto")]
        Arc::new(otr_backend_rustcrypto::RustCrypto),
        #[cfg(feature = "openssl")]
        Arc::new(otr_backend_openssl::OpenSsl),
    ]
}
