//! Texts on a terminal.

use otr_protocol::governs_display;
use qrcode::QrCode;
use qrcode::render::unicode::Dense1x2;

use crate::failure::Failure;

/// A text on one line: a tab as an arrow, every other character that governs the terminal or the order of characters as a
/// mark of replacement, and so bytes that are not UTF-8. What others wrote must not move the cursor or look like another
/// line.
pub(crate) fn printable(text: &[u8]) -> String {
    let show = |c| match c {
        '\t' => '⇥',
        c if governs_display(c) => char::REPLACEMENT_CHARACTER,
        c => c,
    };
    String::from_utf8_lossy(text).chars().map(show).collect()
}

/// A text as a QR code, for a terminal with a dark background.
pub(crate) fn qr(text: &str) -> Result<String, Failure> {
    let code = QrCode::new(text).map_err(Failure::run)?;
    Ok(code.render::<Dense1x2>().dark_color(Dense1x2::Light).light_color(Dense1x2::Dark).build())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_text_controls_the_terminal() {
        assert_eq!(
            printable(b"a\tb \x1b[31m\r\n\xff\xc2\x9b"),
            "a⇥b \u{fffd}[31m\u{fffd}\u{fffd}\u{fffd}\u{fffd}"
        );
        assert_eq!(printable("größer".as_bytes()), "größer");
        assert_eq!(printable("\u{202e}exe.\u{2066}\u{2028}".as_bytes()), "\u{fffd}exe.\u{fffd}\u{fffd}");
        assert_eq!(printable("שלום \u{200f}سلام".as_bytes()), "שלום \u{200f}سلام");
    }
}
