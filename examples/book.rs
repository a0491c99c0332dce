//! The pages of the book that show Rust, so that `cargo test` compiles and runs what they show.
//!
//! The backend guide is not among them: its pieces make one crate, which is the example `num_bigint` of
//! `otr-conformance`.

/// Makes a module of each page.
macro_rules! pages {
    ($($page:ident $path:literal)+) => {
        $(
            #[cfg(doctest)]
            #[doc = include_str!($path)]
            mod $page {}
        )+
    };
}

pages! {
    readme "../README.md"
    readme_of_otr_protocol "../otr-protocol/README.md"
    integration "../docs/integration.md"
    from_libotr "../docs/from-libotr.md"
    from_otrjs "../docs/from-otrjs.md"
}
