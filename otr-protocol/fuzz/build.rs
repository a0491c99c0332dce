//! Compiles the few functions by which the target `differential` reaches libotr.

fn main() {
    println!("cargo::rerun-if-changed=shim/libotr.c");
    #[cfg(feature = "libotr")]
    {
        cc::Build::new().file("shim/libotr.c").warnings_into_errors(true).compile("otr-fuzz-shim");
        println!("cargo::rustc-link-lib=otr");
        println!("cargo::rustc-link-lib=gcrypt");
    }
}
