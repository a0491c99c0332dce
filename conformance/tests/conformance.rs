//! Everything, for the backend that is at hand.
#![cfg(feature = "rustcrypto")]

use otr_backend_rustcrypto::RustCrypto;

otr_conformance::suite!(RustCrypto);
