//! The cryptographic backends this program was built with.

use std::sync::Arc;

use otr_protocol::traits::Backend;

use crate::failure::Failure;

/// A backend chosen at run time.
pub(crate) type Shared = Arc<dyn Backend>;

/// The option `--backend`.
#[derive(clap::Args)]
pub(crate) struct Choice {
    /// The cryptographic backend [default: the first this program was built with]
    #[arg(long = "backend", value_name = "NAME", value_parser = by_name)]
    backend: Option<Shared>,
}

impl Choice {
    /// The backend asked for, or the first there is.
    pub(crate) fn chosen(self) -> Result<Shared, Failure> {
        let first = || AVAILABLE.first().map(|(_, make)| make());
        let none =
            "this program was built without a cryptographic backend: build it with --features rustcrypto";
        self.backend.or_else(first).ok_or_else(|| Failure::Start(none.into()))
    }
}

type Maker = fn() -> Shared;

/// By feature; the first is the default.
const AVAILABLE: &[(&str, Maker)] = &[
    #[cfg(feature = "rustcrypto")]
    ("rustcrypto", || Arc::new(otr_protocol::RustCrypto)),
    #[cfg(feature = "openssl")]
    ("openssl", || Arc::new(otr_protocol::OpenSsl)),
];

fn by_name(name: &str) -> Result<Shared, String> {
    let found = AVAILABLE.iter().find(|(known, _)| *known == name);
    found.map(|(_, make)| make()).ok_or_else(|| {
        let known: Vec<_> = AVAILABLE.iter().map(|(known, _)| *known).collect();
        let how = "build with --features rustcrypto,openssl for both";
        format!("no such backend; this program was built with: {}; {how}", known.join(", "))
    })
}
