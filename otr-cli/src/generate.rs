//! Making a key while the user watches (KEY-08).

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use otr_protocol::traits::{Dsa, Generated, Progress, SecretKey};

use crate::backend::Shared;
use crate::failure::Failure;

/// Makes a key. On a terminal, standard error shows how the search goes; Ctrl-C ends it, and nothing has been written.
pub(crate) fn generate(backend: &Shared) -> Result<SecretKey, Failure> {
    let bar = ProgressBar::new(100);
    if let Ok(style) = ProgressStyle::with_template("{spinner} looking for a prime: {msg} {bar:30}") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(100));
    let key = search(backend, |progress| {
        bar.set_message(progress.to_string());
        bar.set_position(progress.percent().into());
        true
    })?;
    bar.finish_and_clear();
    key.ok_or_else(|| Failure::Start("no key was made".into()))
}

/// Makes a key, unless `watch` wants no more of it.
pub(crate) fn search(
    backend: &Shared,
    mut watch: impl FnMut(Progress) -> bool,
) -> Result<Option<SecretKey>, Failure> {
    let mut generation = backend.generation().map_err(Failure::start)?;
    loop {
        match generation.step().map_err(Failure::start)? {
            Generated::Not(progress) if watch(progress) => {}
            Generated::Not(_) => return Ok(None),
            Generated::Key(key) => return Ok(Some(key)),
        }
    }
}
