#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| otr_fuzz::two_parties::run(data));
