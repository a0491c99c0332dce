//! Comparing secrets, on the screen.

use crate::support::Pair;
use crate::support::terminal::{CONTROL_U, UP};

#[test]
fn smp_25_a_question_tells_the_asker_who_it_is() {
    let pair = Pair::connected();
    pair.alice.line("/smp Where did we meet?");
    pair.alice.wait_for("the answer that you expect: ");
    pair.alice.press("lighthouse");
    pair.alice.wait_for("••••••••••");
    pair.alice.line("");
    pair.bob.wait_for("they ask: Where did we meet?");
    pair.bob.wait_for("comparing secrets  25 %");
    pair.alice.wait_for("comparing secrets");
    pair.bob.line("/answer");
    pair.bob.wait_for("your answer: ");
    pair.bob.line("lighthouse");
    pair.alice.wait_for("it is them, and their fingerprint is verified");
    pair.alice.wait_for("encrypted, verified");
    pair.bob.wait_for("they know now that it is you");
    pair.bob.wait_for("encrypted, unverified");
    // S-28: it was never shown, and is not kept.
    for (terminal, newest) in [(&pair.alice, "> /smp Where did we meet?"), (&pair.bob, "> .")] {
        terminal.press(UP);
        terminal.press(".");
        terminal.wait_for(newest);
        assert!(!terminal.shows("lighthouse"));
        terminal.press(CONTROL_U);
    }
    assert!(pair.folders[0].otr(&["keys", "list"]).1.contains("Bob\tof default\totr\tsmp"));
    pair.bob.line("/smp");
    pair.bob.line("swordfish");
    pair.alice.wait_for("they ask for the secret");
    pair.alice.line("/answer swordfish");
    pair.bob.wait_for("encrypted, verified");
}

#[test]
fn secrets_that_differ_are_told_to_both() {
    let pair = Pair::connected();
    pair.alice.line("/smp Where did we meet?");
    pair.alice.line("here");
    pair.bob.wait_for("they ask: Where");
    pair.bob.line("/answer");
    pair.bob.line("there");
    pair.alice.wait_for("the secrets differ");
    pair.bob.wait_for("the secrets differ");
    assert!(pair.alice.shows("encrypted, unverified"));
    pair.alice.line("/smp");
    pair.alice.line("once more");
    pair.bob.wait_for("they ask for the secret");
    pair.bob.line("/abort");
    pair.alice.wait_for("stopped before there was a result");
}
