//! Everything, for each backend that is at hand, and each with each other.

#[cfg(feature = "rustcrypto")]
mod rustcrypto {
    otr_conformance::suite!(otr_backend_rustcrypto::RustCrypto);
}

#[cfg(feature = "openssl")]
mod openssl {
    otr_conformance::suite!(otr_backend_openssl::OpenSsl);
}

#[test]
fn every_backend_talks_to_every_other() {
    let backends = otr_conformance::backends();
    for (index, first) in backends.iter().enumerate() {
        for second in backends.iter().skip(index + 1) {
            let report = otr_conformance::interop(first, second);
            assert!(report.passed(), "{report}");
        }
    }
}
