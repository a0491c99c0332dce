//! How the screen is laid out.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Position, Rect};
use ratatui::style::{Color, Modifier, Style, Stylize};
use ratatui::text::{Line, Span};
use ratatui::widgets::{LineGauge, Paragraph};
use unicode_width::UnicodeWidthStr;

use crate::chat::editor::Editor;
use crate::chat::entry::{Entry, Kind};
use crate::chat::status::{Channel, Status, Work};
use crate::text::printable;

/// What is drawn.
pub(super) struct Drawing<'a> {
    pub(super) status: &'a Status,
    pub(super) editor: &'a Editor,
    pub(super) entries: &'a [Entry],
    pub(super) candidates: &'a [String],
    pub(super) has_colours: bool,
}

impl Drawing<'_> {
    /// Draws it, scrolled up by so many lines, or as many as there are: returns that.
    pub(super) fn render(&self, frame: &mut Frame<'_>, scrolled: usize) -> usize {
        let work = u16::try_from(self.status.work.len()).unwrap_or(u16::MAX);
        let candidates = u16::from(!self.candidates.is_empty());
        let areas = Layout::vertical([
            Constraint::Length(1),
            Constraint::Min(1),
            Constraint::Length(work),
            Constraint::Length(candidates),
            Constraint::Length(1),
        ]);
        let [top, middle, under_way, possible, bottom] = areas.areas(frame.area());
        frame.render_widget(self.header(), top);
        let (lines, scrolled) = self.conversation(middle, scrolled);
        frame.render_widget(Paragraph::new(lines), middle);
        for (work, area) in self.status.work.iter().zip(under_way.rows()) {
            frame.render_widget(self.gauge(work), area);
        }
        frame.render_widget(Paragraph::new(printable(self.candidates.join("  ").as_bytes())).dim(), possible);
        self.input(frame, bottom);
        scrolled
    }

    /// The state of the channel, then who is connected.
    fn header(&self) -> Paragraph<'_> {
        let Status { peer, connection, channel, .. } = self.status;
        let state = Span::styled(format!(" {} ", channel.words()), self.channel_style(*channel));
        let rest = Span::raw(format!(" {peer} · {connection}"));
        let bar = if self.has_colours {
            Style::new().fg(Color::White).bg(Color::DarkGray)
        } else {
            Style::new().reversed()
        };
        Paragraph::new(Line::from(vec![state, rest])).style(bar)
    }

    /// As many of the last lines as there is room for, and by how many lines it is scrolled.
    fn conversation(&self, area: Rect, scrolled: usize) -> (Vec<Line<'_>>, usize) {
        let (width, height) = (usize::from(area.width), usize::from(area.height));
        let mut blocks = Vec::new();
        let mut count = 0;
        for entry in self.entries.iter().rev() {
            if count >= height + scrolled {
                break;
            }
            let block = self.wrap(entry, width);
            count += block.len();
            blocks.push(block);
        }
        let scrolled = scrolled.min(count.saturating_sub(height));
        let lines: Vec<_> = blocks.into_iter().rev().flatten().collect();
        let end = lines.len() - scrolled;
        let start = end.saturating_sub(height);
        (lines.into_iter().skip(start).take(end - start).collect(), scrolled)
    }

    fn wrap(&self, entry: &Entry, width: usize) -> Vec<Line<'_>> {
        if entry.kind == Kind::Block {
            return entry.lines.iter().map(|line| Line::raw(line.clone())).collect();
        }
        let style = self.kind_style(entry.kind);
        let mut label = entry.label(&self.status.peer);
        let mut wrapped = Vec::new();
        for line in &entry.lines {
            let options = textwrap::Options::new(width.max(1)).subsequent_indent(entry.continuation());
            for part in textwrap::wrap(&format!("{label}{line}"), options) {
                let (start, rest) = match part.strip_prefix(&label) {
                    Some(rest) => (label.clone(), rest.to_owned()),
                    None => (String::new(), part.into_owned()),
                };
                wrapped.push(Line::from(vec![Span::styled(start, style.bold()), Span::styled(rest, style)]));
            }
            entry.continuation().clone_into(&mut label);
        }
        wrapped
    }

    fn gauge(&self, work: &Work) -> LineGauge<'_> {
        let style = if self.has_colours { Style::new().fg(Color::Cyan) } else { Style::new() };
        LineGauge::default()
            .label(format!("{} {:>3} %", work.what, work.percent))
            .ratio(f64::from(work.percent.min(100)) / 100.0)
            .filled_style(style.bold())
            .unfilled_style(Style::new().dim())
            .filled_symbol("━")
            .unfilled_symbol("─")
    }

    fn input(&self, frame: &mut Frame<'_>, area: Rect) {
        let prompt = match &self.status.prompt {
            Some(what) => format!("{what}: "),
            None => "> ".to_owned(),
        };
        let columns = usize::from(area.width).saturating_sub(prompt.width()).max(2);
        let (line, cursor) = self.editor.view(columns, self.status.prompt.is_some());
        let column = u16::try_from(prompt.width() + cursor).unwrap_or(u16::MAX);
        frame
            .render_widget(Paragraph::new(Line::from(vec![Span::raw(prompt).bold(), Span::raw(line)])), area);
        frame.set_cursor_position(Position::new(area.x.saturating_add(column), area.y));
    }

    fn channel_style(&self, channel: Channel) -> Style {
        if !self.has_colours {
            return Style::new().add_modifier(Modifier::BOLD);
        }
        let (text, ground) = match channel {
            Channel::NoKey | Channel::Finished => (Color::White, Color::Blue),
            Channel::Plaintext => (Color::White, Color::Red),
            Channel::Unverified => (Color::Black, Color::Yellow),
            Channel::Verified => (Color::Black, Color::Green),
            Channel::OtherKey => (Color::White, Color::Magenta),
        };
        Style::new().fg(text).bg(ground).bold()
    }

    fn kind_style(&self, kind: Kind) -> Style {
        if !self.has_colours {
            return Style::new();
        }
        match kind {
            Kind::Mine => Style::new().fg(Color::Cyan),
            Kind::Theirs | Kind::Block => Style::new(),
            Kind::MineInClear | Kind::TheirsInClear => Style::new().fg(Color::Red),
            Kind::Notice => Style::new().fg(Color::Gray),
            Kind::Good => Style::new().fg(Color::Green),
            Kind::Warning => Style::new().fg(Color::Yellow),
        }
    }
}
