#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| otr_fuzz::saved_session::run(data));
