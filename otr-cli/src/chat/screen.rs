//! The screen: the state of the channel on top, the conversation, what is under way, and the line that is being typed.

use std::io;
use std::sync::mpsc::SyncSender;
use std::thread;

use ratatui::DefaultTerminal;
use ratatui::crossterm::event::{
    self, DisableBracketedPaste, EnableBracketedPaste, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers,
};
use ratatui::crossterm::execute;
use zeroize::Zeroizing;

use super::Input;
use super::commands::{common_start, completions};
use super::editor::Editor;
use super::entry::Entry;
use super::history::History;
use super::status::Status;

mod draw;

/// The screen. Dropped, it gives the terminal back as it was.
pub(crate) struct Screen {
    terminal: DefaultTerminal,
    editor: Editor,
    history: History,
    entries: Vec<Entry>,
    /// By how many lines the end of the conversation is below what is shown.
    scrolled: usize,
    /// What the line could become.
    candidates: Vec<String>,
    /// Whether the line is a secret.
    is_masked: bool,
    has_colours: bool,
}

/// What the user wants.
pub(crate) enum Wish {
    None,
    Line(Zeroizing<String>),
    Quit,
}

/// Reads what happens on the terminal.
pub(crate) fn read(inputs: SyncSender<Input>) {
    thread::spawn(move || {
        loop {
            let input = event::read().map_or_else(Input::Failed, Input::Terminal);
            let is_last = matches!(input, Input::Failed(_));
            if inputs.send(input).is_err() || is_last {
                return;
            }
        }
    });
}

impl Screen {
    pub(crate) fn open() -> io::Result<Self> {
        let terminal = ratatui::try_init()?;
        let screen = Self {
            terminal,
            editor: Editor::new(),
            history: History::default(),
            entries: Vec::new(),
            scrolled: 0,
            candidates: Vec::new(),
            is_masked: false,
            has_colours: std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
        };
        execute!(io::stdout(), EnableBracketedPaste)?;
        Ok(screen)
    }

    pub(crate) fn show(&mut self, entry: Entry) {
        /// The most that is kept, however much they write.
        const LIMIT: usize = 2000;
        if self.entries.len() == LIMIT {
            self.entries.remove(0);
        }
        self.entries.push(entry);
    }

    pub(crate) fn draw(&mut self, status: &Status) -> io::Result<()> {
        self.is_masked = status.prompt.is_some();
        let Self { terminal, editor, entries, scrolled, candidates, has_colours, .. } = self;
        let drawing = draw::Drawing { status, editor, entries, candidates, has_colours: *has_colours };
        terminal.draw(|frame| *scrolled = drawing.render(frame, *scrolled)).map(drop)
    }

    pub(crate) fn press(&mut self, event: Event) -> Wish {
        match event {
            Event::Key(key) if key.kind != KeyEventKind::Release => self.press_key(key),
            Event::Paste(text) => {
                let text = Zeroizing::new(text);
                self.candidates.clear();
                self.editor.insert(&text);
                Wish::None
            }
            _ => Wish::None,
        }
    }

    fn press_key(&mut self, key: KeyEvent) -> Wish {
        /// By how many lines the conversation is scrolled at once.
        const PAGE: usize = 10;
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        self.candidates.clear();
        match key.code {
            KeyCode::Char('c') if control => return Wish::Quit,
            KeyCode::Char('d') if control && self.editor.line().is_empty() => return Wish::Quit,
            KeyCode::Enter => return self.enter(),
            // An empty line gives up what is asked for.
            KeyCode::Esc if self.is_masked => {
                self.editor.take();
                return Wish::Line(Zeroizing::default());
            }
            KeyCode::Tab if !self.is_masked => self.complete(),
            KeyCode::Up if !self.is_masked => {
                if let Some(line) = self.history.older() {
                    self.editor.set(line);
                }
            }
            KeyCode::Down if !self.is_masked => {
                if let Some(line) = self.history.newer() {
                    self.editor.set(line);
                }
            }
            KeyCode::PageUp => self.scrolled = self.scrolled.saturating_add(PAGE),
            KeyCode::PageDown => self.scrolled = self.scrolled.saturating_sub(PAGE),
            _ => drop(self.editor.press(key)),
        }
        Wish::None
    }

    fn enter(&mut self) -> Wish {
        self.scrolled = 0;
        let line = self.editor.take();
        if !self.is_masked {
            self.history.push(&line);
        }
        Wish::Line(line)
    }

    /// Completes the line as far as is clear, and shows what it could become.
    fn complete(&mut self) {
        let all = completions(self.editor.before());
        let start = common_start(&all);
        if start.len() > self.editor.before().len() && self.editor.before() == self.editor.line() {
            self.editor.set(start);
        }
        if all.len() > 1 {
            self.candidates = all;
        }
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        execute!(io::stdout(), DisableBracketedPaste).ok();
        ratatui::restore();
    }
}
