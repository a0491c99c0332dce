//! A picture of a screen.

use std::fmt::Write;

use vt100::{Cell, Color, Screen};

/// The size of a character, in pixels.
const WIDTH: u16 = 9;
const HEIGHT: u16 = 19;

/// Draws the screen as an SVG image.
pub(crate) fn draw(screen: &Screen) -> String {
    let (rows, columns) = screen.size();
    let (rows, columns) = (rows.get(), columns.get());
    let (width, height) = ((columns + 2) * WIDTH, (rows + 1) * HEIGHT);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
         font-family=\"DejaVu Sans Mono, Menlo, Consolas, monospace\" font-size=\"15\">\n\
         <rect width=\"{width}\" height=\"{height}\" rx=\"6\" fill=\"#16181d\"/>\n"
    );
    for row in 0..rows {
        let mut column = 0;
        while column < columns {
            let look = look(screen.cell(row, column).unwrap());
            let start = column;
            let mut text = String::new();
            while let Some(cell) = screen.cell(row, column).filter(|cell| self::look(cell) == look) {
                if !cell.is_wide_continuation() {
                    text.push_str(if cell.has_contents() { cell.contents() } else { " " });
                }
                column += 1;
            }
            draw_run(&mut svg, row, start..column, &text, look);
        }
    }
    svg + "</svg>\n"
}

/// Text, ground, and whether it is bold.
type Look = (&'static str, Option<&'static str>, bool);

fn look(cell: &Cell) -> Look {
    let text = colour(cell.fgcolor()).unwrap_or(if cell.dim() { "#7d8590" } else { "#e6edf3" });
    let ground = colour(cell.bgcolor());
    let (text, ground) =
        if cell.inverse() { (ground.unwrap_or("#16181d"), Some(text)) } else { (text, ground) };
    (text, ground, cell.bold())
}

fn draw_run(
    svg: &mut String,
    row: u16,
    columns: std::ops::Range<u16>,
    text: &str,
    (colour, ground, bold): Look,
) {
    let (x, y) = ((columns.start + 1) * WIDTH, row * HEIGHT + HEIGHT / 2);
    let width = (columns.end - columns.start) * WIDTH;
    if let Some(ground) = ground {
        writeln!(svg, "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{HEIGHT}\" fill=\"{ground}\"/>")
            .unwrap();
    }
    let trimmed = text.trim_end();
    if trimmed.is_empty() {
        return;
    }
    let length = u16::try_from(trimmed.chars().count()).unwrap() * WIDTH;
    let weight = if bold { " font-weight=\"bold\"" } else { "" };
    let text = trimmed.replace('&', "&amp;").replace('<', "&lt;");
    writeln!(
        svg,
        "<text x=\"{x}\" y=\"{}\" fill=\"{colour}\"{weight} textLength=\"{length}\" xml:space=\"preserve\">{text}</text>",
        y + 14
    )
    .unwrap();
}

fn colour(colour: Color) -> Option<&'static str> {
    const PALETTE: [&str; 16] = [
        "#16181d", "#c9372c", "#3fb950", "#d4a72c", "#3b6fd4", "#a855c7", "#39a7b8", "#c9d1d9", "#3d444d",
        "#ff7b72", "#56d364", "#e3b341", "#79c0ff", "#d2a8ff", "#56d4dd", "#ffffff",
    ];
    match colour {
        Color::Idx(index) => PALETTE.get(usize::from(index)).copied(),
        Color::Default | Color::Rgb(..) => None,
    }
}
