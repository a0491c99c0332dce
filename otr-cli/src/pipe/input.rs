//! Lines from standard input, waited for no longer than until a deadline.

use std::io::{self, BufRead, Read};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::Duration;

/// The longest line that is looked at, in bytes without its end.
pub(crate) const MAX_LINE: usize = 16 * 1024 * 1024;

/// What came in.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Input {
    /// A line, without its end.
    Line(Vec<u8>),
    /// A line of more bytes than the limit, which were thrown away.
    TooLong,
    /// Nothing within the time given.
    None,
    /// The end.
    End,
}

/// The lines of standard input, which a thread reads.
pub(crate) struct Lines(Receiver<io::Result<Input>>);

impl Lines {
    pub(crate) fn of_stdin() -> Self {
        // One line is read ahead: a driver that is too fast has to wait.
        let (sender, receiver) = mpsc::sync_channel(1);
        thread::spawn(move || {
            let mut stdin = io::stdin().lock();
            while sender.send(read_line(&mut stdin, MAX_LINE)).is_ok() {}
        });
        Self(receiver)
    }

    /// Waits for the next line, at most so long.
    pub(crate) fn next(&self, at_most: Option<Duration>) -> io::Result<Input> {
        let received = match at_most {
            Some(at_most) => self.0.recv_timeout(at_most),
            None => self.0.recv().map_err(|_| RecvTimeoutError::Disconnected),
        };
        match received {
            Ok(input) => input,
            Err(RecvTimeoutError::Timeout) => Ok(Input::None),
            Err(RecvTimeoutError::Disconnected) => Ok(Input::End),
        }
    }
}

/// Reads a line of at most `limit` bytes without its end.
pub(crate) fn read_line(input: &mut impl BufRead, limit: usize) -> io::Result<Input> {
    let mut line = Vec::new();
    // One byte more is its end, or one too many.
    input.by_ref().take(limit as u64 + 1).read_until(b'\n', &mut line)?;
    if line.is_empty() {
        return Ok(Input::End);
    }
    if line.pop_if(|last| *last == b'\n').is_none() && line.len() > limit {
        input.skip_until(b'\n')?;
        return Ok(Input::TooLong);
    }
    Ok(Input::Line(line))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_with_the_line_or_the_input_and_may_be_empty() {
        let mut input = b"one\n\ntwo\r\nlast".as_slice();
        for expected in ["one", "", "two\r", "last"] {
            assert_eq!(read_line(&mut input, MAX_LINE).unwrap(), Input::Line(expected.into()));
        }
        assert_eq!(read_line(&mut input, MAX_LINE).unwrap(), Input::End);
    }

    #[test]
    fn a_line_of_the_limit_is_read_and_a_longer_one_thrown_away() {
        let line = |length| [vec![b'x'; length], b"\n".to_vec()].concat();
        let input = [line(MAX_LINE), line(MAX_LINE + 1), line(2), line(3 * MAX_LINE)].concat();
        let mut input = input.as_slice();
        assert_eq!(read_line(&mut input, MAX_LINE).unwrap(), Input::Line(vec![b'x'; MAX_LINE]));
        assert_eq!(read_line(&mut input, MAX_LINE).unwrap(), Input::TooLong);
        assert_eq!(read_line(&mut input, MAX_LINE).unwrap(), Input::Line(b"xx".to_vec()));
        assert_eq!(read_line(&mut input, MAX_LINE).unwrap(), Input::TooLong);
        assert_eq!(read_line(&mut input, MAX_LINE).unwrap(), Input::End);
    }
}
