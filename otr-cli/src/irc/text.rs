//! Texts, and the lines that they fit into.

/// How a text in clear is marked where one would expect an encrypted one.
pub(super) const MARK: &[u8] = b"[not encrypted] ";

/// What a client means by a text.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Meant<'a> {
    Words,
    /// What the user does: `/me waves`.
    Action(&'a [u8]),
    /// A request to the other client, such as for its version or to take a file.
    Request,
}

/// What a client means by a text: CTCP tells requests from words by a control character.
pub(super) fn meant(text: &[u8]) -> Meant<'_> {
    match text.strip_prefix(b"\x01") {
        None => Meant::Words,
        Some(request) => match request.strip_prefix(b"ACTION ") {
            Some(action) => Meant::Action(action.strip_suffix(b"\x01").unwrap_or(action)),
            None => Meant::Request,
        },
    }
}

/// How actions are written inside encrypted texts, by convention of the OTR plugins for IRC.
pub(super) fn written(action: &[u8]) -> Vec<u8> {
    [b"/me ", action].concat()
}

/// The lines that show a decrypted text: of `room` bytes at most, none empty. It can be no request, and contains nothing that
/// would end a line.
pub(super) fn shown(text: &[u8], room: usize) -> Vec<Vec<u8>> {
    // CTCP, as some send it inside too.
    let action = match meant(text) {
        Meant::Action(action) => Some(action),
        _ => text.strip_prefix(b"/me "),
    };
    let Some(action) = action else { return lines(&without_requests(text), room) };
    let frame = |line: Vec<u8>| [b"\x01ACTION ".as_slice(), &line, b"\x01"].concat();
    lines(&without_requests(action), room.saturating_sub(9)).into_iter().map(frame).collect()
}

/// The lines that show a text in clear where one would expect an encrypted one.
pub(super) fn marked(text: &[u8], room: usize) -> Vec<Vec<u8>> {
    let lines = lines(&without_requests(text), room.saturating_sub(MARK.len()));
    lines.into_iter().map(|line| [MARK, &line].concat()).collect()
}

/// A text as lines of `room` bytes at most, none empty: cut where it has ends of lines, and between characters.
pub(super) fn lines(text: &[u8], room: usize) -> Vec<Vec<u8>> {
    let mut lines = Vec::new();
    for paragraph in text.split(|byte| matches!(byte, b'\r' | b'\n')) {
        let paragraph: Vec<u8> = paragraph.iter().copied().filter(|byte| *byte != 0).collect();
        let mut rest = paragraph.as_slice();
        while let Some((line, following)) =
            rest.split_at_checked(cut(rest, room)).filter(|(line, _)| !line.is_empty())
        {
            lines.push(line.to_vec());
            rest = following;
        }
    }
    lines
}

/// Where to cut off at most `room` bytes, at least one: not inside a character of UTF-8.
fn cut(text: &[u8], room: usize) -> usize {
    const LONGEST_CHARACTER: usize = 4;
    let room = room.max(1);
    if text.len() <= room {
        return text.len();
    }
    let continues = |at: &usize| text.get(*at).is_some_and(|byte| byte & 0xc0 == 0x80);
    let earliest = room.saturating_sub(LONGEST_CHARACTER - 1).max(1);
    (earliest..=room).rev().find(|at| !continues(at)).unwrap_or(room)
}

fn without_requests(text: &[u8]) -> Vec<u8> {
    text.iter().copied().filter(|byte| *byte != b'\x01').collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s_37_a_decrypted_text_injects_no_line_and_no_request() {
        let evil = b"hi\r\nQUIT :bye\0\r\x01VERSION\x01\n\n";
        assert_eq!(shown(evil, 400), [b"hi".as_slice(), b"QUIT :bye", b"VERSION"]);
        assert_eq!(shown(b"\x01DCC SEND x 1 2 3\x01", 400), [b"DCC SEND x 1 2 3"]);
    }

    #[test]
    fn an_action_is_one_however_it_was_written() {
        let action = [b"\x01ACTION waves\x01".to_vec()];
        assert_eq!(shown(b"/me waves", 400), action);
        assert_eq!(shown(b"\x01ACTION waves\x01", 400), action);
        assert_eq!(meant(b"\x01ACTION waves\x01"), Meant::Action(b"waves"));
        assert_eq!(written(b"waves"), b"/me waves");
        assert_eq!(shown(b"/me abcd", 12), [b"\x01ACTION abc\x01".as_slice(), b"\x01ACTION d\x01"]);
    }

    #[test]
    fn s_37_every_line_in_clear_is_marked() {
        assert_eq!(
            marked(b"\x01ACTION a\x01\nb", 400),
            [b"[not encrypted] ACTION a".as_slice(), b"[not encrypted] b"]
        );
        assert!(marked(&[b'x'; 1000], 100).iter().all(|line| line.len() <= 100 && line.starts_with(MARK)));
    }

    #[test]
    fn lines_are_cut_between_characters_and_nothing_is_lost() {
        let text = "aé€😀".repeat(50);
        for room in 4..20 {
            let cut = lines(text.as_bytes(), room);
            assert!(cut.iter().all(|line| line.len() <= room && std::str::from_utf8(line).is_ok()), "{room}");
            assert_eq!(cut.concat(), text.as_bytes());
        }
        // Of no encoding, or without room: still complete.
        assert_eq!(lines(&[0x80; 10], 4).concat(), [0x80; 10]);
        assert_eq!(lines(b"ab", 0), [b"a", b"b"]);
    }
}
