//! The line that is being typed. It may be a secret, so whatever held it is wiped: that is why it is our own.

use otr_protocol::governs_display;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};
use zeroize::Zeroizing;

/// The longest line, in bytes: less than OTR carries. The buffer has it from the start and never moves.
pub(crate) const MAX_LINE: usize = 16 * 1024;

/// A line, and a cursor in it.
pub(crate) struct Editor {
    line: Zeroizing<String>,
    /// In bytes.
    cursor: usize,
}

impl Editor {
    pub(crate) fn new() -> Self {
        Self { line: Zeroizing::new(String::with_capacity(MAX_LINE)), cursor: 0 }
    }

    pub(crate) fn line(&self) -> &str {
        &self.line
    }

    /// What stands before the cursor.
    pub(crate) fn before(&self) -> &str {
        self.line.get(..self.cursor).unwrap_or_default()
    }

    /// Takes the line; the editor is empty afterwards.
    pub(crate) fn take(&mut self) -> Zeroizing<String> {
        self.cursor = 0;
        std::mem::replace(&mut self.line, Zeroizing::new(String::with_capacity(MAX_LINE)))
    }

    /// Replaces the line; the cursor goes to its end.
    pub(crate) fn set(&mut self, line: &str) {
        self.take();
        self.insert(line);
    }

    /// Inserts a text at the cursor: as much of it as there is room for, and without what would govern the terminal.
    pub(crate) fn insert(&mut self, text: &str) {
        for c in text.chars() {
            let c = if matches!(c, '\n' | '\t') { ' ' } else { c };
            if !governs_display(c) && self.line.len() + c.len_utf8() <= MAX_LINE {
                self.line.insert(self.cursor, c);
                self.cursor += c.len_utf8();
            }
        }
    }

    /// Does what a key means; whether it meant anything.
    pub(crate) fn press(&mut self, key: KeyEvent) -> bool {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            KeyCode::Char('a') if control => self.cursor = 0,
            KeyCode::Char('e') if control => self.cursor = self.line.len(),
            KeyCode::Char('u') if control => self.cut(0, self.cursor),
            KeyCode::Char('k') if control => self.cut(self.cursor, self.line.len()),
            KeyCode::Char('w') if control => self.cut(self.word_start(), self.cursor),
            KeyCode::Char('b') if control => self.cursor = self.left(),
            KeyCode::Char('f') if control => self.cursor = self.right(),
            KeyCode::Char(c) if !control => self.insert(c.encode_utf8(&mut [0; 4])),
            KeyCode::Home => self.cursor = 0,
            KeyCode::End => self.cursor = self.line.len(),
            KeyCode::Left => self.cursor = self.left(),
            KeyCode::Right => self.cursor = self.right(),
            KeyCode::Backspace => self.cut(self.left(), self.cursor),
            KeyCode::Delete => self.cut(self.cursor, self.right()),
            _ => return false,
        }
        true
    }

    /// The part of the line to be shown in so many columns, and the column of the cursor; with `masked`, a point for each
    /// character.
    pub(crate) fn view(&self, columns: usize, masked: bool) -> (String, usize) {
        let shown = |text: &str| if masked { "•".repeat(text.chars().count()) } else { text.to_owned() };
        let before = shown(self.before());
        // What is too much stays out on the left.
        let mut start = 0;
        let mut width = before.width();
        for c in before.chars() {
            if width < columns {
                break;
            }
            width -= c.width().unwrap_or_default();
            start += c.len_utf8();
        }
        let after = shown(self.line.get(self.cursor..).unwrap_or_default());
        (before.get(start..).unwrap_or_default().to_owned() + &after, width)
    }

    fn cut(&mut self, start: usize, end: usize) {
        self.line.replace_range(start..end, "");
        self.cursor = start;
    }

    /// Where the character before the cursor starts.
    fn left(&self) -> usize {
        self.before().char_indices().next_back().map_or(0, |(place, _)| place)
    }

    /// Where the character after the cursor ends.
    fn right(&self) -> usize {
        let next = self.line.get(self.cursor..).and_then(|rest| rest.chars().next());
        self.cursor + next.map_or(0, char::len_utf8)
    }

    /// Where the word before the cursor starts.
    fn word_start(&self) -> usize {
        let trimmed = self.before().trim_end();
        trimmed.rfind(' ').map_or(0, |space| space + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn editor(line: &str) -> Editor {
        let mut editor = Editor::new();
        editor.insert(line);
        editor
    }

    fn press(editor: &mut Editor, code: KeyCode, modifiers: KeyModifiers) {
        assert!(editor.press(KeyEvent::new(code, modifiers)));
    }

    #[test]
    fn keys_edit_by_characters_and_words() {
        let mut editor = editor("grüße an alle");
        press(&mut editor, KeyCode::Char('w'), KeyModifiers::CONTROL);
        assert_eq!(editor.line(), "grüße an ");
        press(&mut editor, KeyCode::Home, KeyModifiers::NONE);
        for _ in 0..3 {
            press(&mut editor, KeyCode::Right, KeyModifiers::NONE);
        }
        press(&mut editor, KeyCode::Backspace, KeyModifiers::NONE);
        press(&mut editor, KeyCode::Char('ö'), KeyModifiers::NONE);
        assert_eq!((editor.line(), editor.before()), ("größe an ", "grö"));
        press(&mut editor, KeyCode::Delete, KeyModifiers::NONE);
        press(&mut editor, KeyCode::Left, KeyModifiers::NONE);
        press(&mut editor, KeyCode::Char('k'), KeyModifiers::CONTROL);
        assert_eq!(editor.line(), "gr");
        press(&mut editor, KeyCode::Char('u'), KeyModifiers::CONTROL);
        press(&mut editor, KeyCode::Backspace, KeyModifiers::NONE);
        assert_eq!(editor.line(), "");
    }

    #[test]
    fn nothing_that_is_pasted_governs_the_terminal() {
        assert_eq!(editor("a\nb\u{1b}[31m\u{202e}").line(), "a b[31m");
    }

    #[test]
    fn the_line_never_outgrows_its_buffer() {
        let mut editor = editor(&"x".repeat(MAX_LINE + 7));
        let buffer = editor.line().as_ptr();
        editor.insert("ä");
        assert_eq!((editor.line().len(), editor.line().as_ptr()), (MAX_LINE, buffer));
        assert_eq!(editor.take().len(), MAX_LINE);
        assert_eq!(editor.line(), "");
    }

    #[test]
    fn a_long_line_is_shown_around_the_cursor_and_a_secret_by_points() {
        assert_eq!(editor("abc").view(10, false), ("abc".into(), 3));
        assert_eq!(editor("abcdef").view(4, false), ("def".into(), 3));
        assert_eq!(editor("日本語").view(5, false), ("本語".into(), 4));
        assert_eq!(editor("abc").view(10, true), ("•••".into(), 3));
    }
}
