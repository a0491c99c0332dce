//! Making a key while the user watches (KEY-08).

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use otr_protocol::traits::{Dsa, Generated, SecretKey};

use crate::backend::Shared;
use crate::failure::Failure;

/// Makes a key. On a terminal, standard error shows how the search goes; Ctrl-C ends it, and nothing has been written.
pub(crate) fn generate(backend: &Shared) -> Result<SecretKey, Failure> {
    let bar = ProgressBar::new(100);
    if let Ok(style) = ProgressStyle::with_template("{spinner} looking for a prime: {msg} {bar:30}") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(100));
    let mut generation = backend.generation().map_err(Failure::start)?;
    loop {
        match generation.step().map_err(Failure::start)? {
            Generated::Not(progress) => {
                bar.set_message(progress.to_string());
                bar.set_position(progress.percent().into());
            }
            Generated::Key(key) => {
                bar.finish_and_clear();
                return Ok(key);
            }
        }
    }
}
