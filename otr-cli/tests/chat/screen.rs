//! What is on the screen, and the keys.

use vt100::Color;

use crate::support::terminal::{CONTROL_C, CONTROL_U, DOWN, ENTER, ESCAPE, PAGE_UP, TAB, UP};
use crate::support::{Folder, Pair};

#[test]
fn two_people_talk_and_the_state_of_the_channel_is_visible_in_words_and_colours() {
    let mut pair = Pair::connected();
    assert_eq!(state_colour(&pair.alice), Color::Idx(3));
    pair.alice.line("the red boat");
    pair.bob.wait_for("Alice: the red boat");
    pair.bob.line("größer 日本");
    pair.alice.wait_for("Bob: größer 日本");
    pair.alice.line("/trust");
    pair.alice.wait_for("encrypted, verified");
    assert_eq!(state_colour(&pair.alice), Color::Idx(2));
    assert!(pair.folders[0].otr(&["keys", "list"]).1.contains("Bob\tof default\totr\tverified"));
    pair.alice.line("/end");
    pair.alice.wait_for(" plaintext ");
    assert_eq!(state_colour(&pair.alice), Color::Idx(1));
    pair.bob.wait_for(" finished ");
    assert_eq!(state_colour(&pair.bob), Color::Idx(4));
    pair.bob.line("not for everybody");
    pair.bob.wait_for("not sent: the peer has ended the session");
    pair.alice.line("/otr");
    pair.bob.wait_until("a new session", |contents| contents.starts_with(" encrypted, unverified "));
    pair.alice.line("/quit");
    assert!(pair.alice.ends().success());
    pair.bob.wait_for("they have ended the encrypted session");
    for words in ["red boat", "not for everybody", "größer"] {
        assert!(!pair.wire.saw(words), "{words}");
    }
    assert!(pair.wire.saw("?OTRv3?") && pair.wire.saw("?OTR:AAMD"));
}

#[test]
fn fingerprints_are_shown_as_text_and_as_a_code() {
    let pair = Pair::connected();
    pair.alice.line("/fingerprint");
    let ours = pair.folders[0].otr(&["keys", "fingerprint"]).1;
    let theirs = pair.folders[1].otr(&["keys", "fingerprint"]).1;
    pair.alice.wait_for(&format!("their fingerprint: {}", theirs.trim()));
    assert!(pair.alice.shows("█████") && pair.alice.shows("▄"));
    pair.alice.press(PAGE_UP);
    pair.alice.wait_for(&format!("your fingerprint:  {}", ours.trim()));
}

#[test]
fn lines_are_completed_edited_and_found_again() {
    let pair = Pair::connected();
    pair.alice.press("/f");
    pair.alice.press(TAB);
    pair.alice.wait_for("/fingerprint  /file");
    pair.alice.press("n");
    pair.alice.press(TAB);
    pair.alice.wait_for("> /fingerprint");
    pair.alice.press(CONTROL_U);
    pair.alice.press("\x1b[200~pasted\ntext\x1b[201~");
    pair.alice.wait_for("> pasted text");
    pair.alice.press(ENTER);
    pair.bob.wait_for("Alice: pasted text");
    pair.alice.line("second");
    pair.bob.wait_for("Alice: second");
    pair.alice.press(UP);
    pair.alice.press(UP);
    pair.alice.wait_for("> pasted text");
    pair.alice.press(DOWN);
    pair.alice.wait_for("> second");
    pair.alice.line("!");
    pair.bob.wait_for("Alice: second!");
    pair.alice.line("/nonsense");
    pair.alice.wait_for("there is no command /nonsense");
    pair.alice.line("/help");
    pair.alice.wait_for("/quit             end the session and the program");
    assert!(!pair.bob.shows("nonsense"));
}

#[test]
fn the_key_is_made_in_the_background_and_how_that_goes_is_shown() {
    let (bob, alice) = (Folder::with_key(1), Folder::empty());
    let listener = bob.chat(&["--listen", "127.0.0.1:0"]);
    let newcomer = alice.chat(&[&listener.listens_on()]);
    newcomer.wait_for("no key yet");
    newcomer.wait_for("making a key");
    newcomer.line("/help");
    newcomer.wait_for("show both fingerprints");
    newcomer.wait_for("encrypted, unverified");
    listener.wait_for("encrypted, unverified");
    // It is kept.
    let (is_there, fingerprint) = alice.otr(&["keys", "fingerprint"]);
    assert!(is_there);
    newcomer.line("/fingerprint");
    newcomer.wait_for("their fingerprint");
    listener.line("/fingerprint");
    listener.wait_for(&format!("their fingerprint: {}", fingerprint.trim()));
}

#[test]
fn no_color_is_honoured_and_the_terminal_is_given_back() {
    let folder = Folder::with_key(0);
    let mut terminal = folder.chat_with(&[("NO_COLOR", "1")], &["--listen", "127.0.0.1:0"]);
    terminal.listens_on();
    terminal.wait_for(" plaintext ");
    let coloured = |screen: &vt100::Screen| {
        let (rows, columns) = screen.size();
        let (rows, columns) = (rows.get(), columns.get());
        let cells = (0..rows).flat_map(|row| (0..columns).map(move |column| (row, column)));
        let is_coloured =
            |cell: &vt100::Cell| (cell.fgcolor(), cell.bgcolor()) != (Color::Default, Color::Default);
        cells.filter_map(|(row, column)| screen.cell(row, column)).any(is_coloured)
    };
    assert!(!terminal.look(coloured));
    assert!(terminal.look(vt100::Screen::alternate_screen));
    terminal.press(ESCAPE);
    terminal.press(CONTROL_C);
    assert!(terminal.ends().success());
    terminal.wait_until("the other screen", |contents| !contents.contains("plaintext"));
    assert!(!terminal.look(vt100::Screen::alternate_screen));
    let in_colour = folder.chat(&["--listen", "127.0.0.1:0"]);
    in_colour.listens_on();
    assert!(in_colour.look(coloured));
}

/// The ground of the state, which is the first thing on the screen.
fn state_colour(terminal: &crate::support::Terminal) -> Color {
    terminal.look(|screen| screen.cell(0, 1).unwrap().bgcolor())
}
