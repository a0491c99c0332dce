//! The lines that were typed before. They are kept in memory only.

use super::commands;

/// The most lines that are kept.
const LIMIT: usize = 500;

/// The lines that were typed before, the last one last.
#[derive(Debug, Default)]
pub(crate) struct History {
    lines: Vec<String>,
    /// Which of them is shown; none is the line that is being typed.
    shown: Option<usize>,
}

impl History {
    /// Adds a line, unless it is the last one again or may contain a secret.
    pub(crate) fn push(&mut self, line: &str) {
        self.shown = None;
        if line.is_empty() || commands::is_secret(line) || self.lines.last().is_some_and(|last| last == line)
        {
            return;
        }
        if self.lines.len() == LIMIT {
            self.lines.remove(0);
        }
        self.lines.push(line.to_owned());
    }

    /// The line before the one shown.
    pub(crate) fn older(&mut self) -> Option<&str> {
        let older = self.shown.unwrap_or(self.lines.len()).checked_sub(1)?;
        self.shown = Some(older);
        self.lines.get(older).map(String::as_str)
    }

    /// The line after the one shown; empty after the last.
    pub(crate) fn newer(&mut self) -> Option<&str> {
        let newer = self.shown? + 1;
        self.shown = Some(newer).filter(|newer| *newer < self.lines.len());
        Some(self.shown.and_then(|newer| self.lines.get(newer)).map_or("", String::as_str))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_back_in_both_directions() {
        let mut history = History::default();
        assert_eq!(history.older(), None);
        assert_eq!(history.newer(), None);
        for line in ["one", "two", "two", ""] {
            history.push(line);
        }
        assert_eq!(history.older(), Some("two"));
        assert_eq!(history.older(), Some("one"));
        assert_eq!(history.older(), None);
        assert_eq!(history.newer(), Some("two"));
        assert_eq!(history.newer(), Some(""));
        assert_eq!(history.newer(), None);
        assert_eq!(history.older(), Some("two"));
    }

    #[test]
    fn s_28_an_answer_is_not_kept_and_the_rest_not_for_ever() {
        let mut history = History::default();
        history.push("/answer the red boat");
        assert_eq!(history.older(), None);
        for number in 0..LIMIT + 5 {
            history.push(&number.to_string());
        }
        assert_eq!(history.lines.len(), LIMIT);
        assert_eq!(history.lines[0], "5");
    }
}
