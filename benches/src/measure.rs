//! How contenders of `peers/` measure.

use std::time::Duration;

use cpu_time::ProcessTime;

/// Prints the nanoseconds of CPU time that `operation` takes, again and again until `time` has passed.
#[expect(clippy::print_stdout, reason = "that is where the figures go")]
pub fn measure(time: Duration, mut operation: impl FnMut()) {
    let mut batch = |times: u32| {
        let start = ProcessTime::now();
        (0..times).for_each(|_| operation());
        start.elapsed()
    };
    let mut times = 1;
    while batch(times) < Duration::from_millis(1) {
        times *= 2;
    }
    let start = ProcessTime::now();
    loop {
        println!("{}", batch(times).as_nanos() / u128::from(times));
        if start.elapsed() >= time {
            return;
        }
    }
}
