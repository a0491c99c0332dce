//! Texts of others on a screen.

/// Whether a character is not shown but changes how others are: control characters, separators of lines, embeddings,
/// overrides and isolates of the bidirectional algorithm, and tags. Texts that arrive may contain any of them; a program that
/// shows one on a terminal, or within a line of its own, leaves them out or shows a mark instead.
///
/// ```
/// let shown: String = "a\u{202e}b\x1b[2J".chars().filter(|c| !otr_protocol::governs_display(*c)).collect();
/// assert_eq!(shown, "ab[2J");
/// ```
#[must_use]
pub fn governs_display(c: char) -> bool {
    let hidden = ['\u{2028}'..='\u{202e}', '\u{2066}'..='\u{2069}', '\u{e0000}'..='\u{e007f}'];
    c.is_control() || hidden.iter().any(|range| range.contains(&c))
}
