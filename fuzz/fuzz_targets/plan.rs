#![no_main]

use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};

fuzz_target!(|data: &[u8]| keytrail_fuzz::plan::run(data));

fuzz_mutator!(|data: &mut [u8], size: usize, most: usize, seed: u32| {
    keytrail_fuzz::mutate::json(data, size, most, seed, 0, fuzzer_mutate)
});
