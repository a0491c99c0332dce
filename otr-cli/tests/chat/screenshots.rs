//! The pictures of docs/chat.md: `OTR_SCREENSHOTS=docs cargo test -p otr-cli --test chat screenshots` makes them anew.

use std::fs;
use std::path::Path;

use crate::support::{Pair, svg};

#[test]
fn both_sides_can_be_seen_in_the_pictures() {
    let pair = Pair::connected();
    fs::write(pair.folders[0].path("map.png"), vec![1; 40_000]).unwrap();
    pair.alice.line("Hello Bob! Who can read this?");
    pair.bob.wait_for("Who can read this?");
    pair.bob.line("You and me. But are you really Alice?");
    pair.alice.wait_for("really Alice?");
    pair.bob.line("/smp What did we eat on the red boat?");
    pair.bob.line("pancakes");
    pair.alice.wait_for("they ask");
    pair.alice.line("/answer");
    pair.alice.line("pancakes");
    pair.bob.wait_for("encrypted, verified");
    pair.bob.line("It is you. Send me the map.");
    pair.alice.wait_for("the map.");
    pair.alice.line("/file map.png");
    pair.bob.wait_for("they offer map.png");
    pair.bob.press("/accept");
    pair.bob.wait_for("> /accept");
    pair.alice.wait_for("offering map.png");
    pair.alice.press("/smp And you? What was th");
    pair.alice.wait_for("What was th");
    for (terminal, name) in [(&pair.alice, "alice"), (&pair.bob, "bob")] {
        let picture = terminal.look(svg::draw);
        assert!(
            picture.contains("encrypted, ") && picture.contains("map.png") && !picture.contains("pancakes")
        );
        if let Some(folder) = std::env::var_os("OTR_SCREENSHOTS") {
            // Tests run in the folder of the crate.
            fs::write(Path::new("..").join(folder).join(format!("chat-{name}.svg")), picture).unwrap();
        }
    }
}
