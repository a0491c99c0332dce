#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| otr_fuzz::private_key_file::run(data));
