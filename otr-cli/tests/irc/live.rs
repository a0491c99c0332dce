//! A plain client behind the proxy talks with irssi and its OTR plugin, through ngircd. They need Debian's packages, and so
//! the feature `live-peers`: `apt-get install ngircd irssi irssi-plugin-otr tmux`, then
//! `cargo test -p otr-cli --features live-peers --test irc live`.

use std::fs;
use std::path::PathBuf;

use crate::client::Client;
use crate::irssi::Irssi;
use crate::ngircd::Ngircd;
use crate::program::{Proxy, folder};

/// Alice behind the proxy, irssi as Bob.
struct Scene {
    alice: Client,
    bob: Irssi,
    proxy: Proxy,
    server: Ngircd,
    folder: PathBuf,
}

impl Scene {
    fn new(name: &str, arguments: &[&str]) -> Self {
        let folder = folder(name);
        let server = Ngircd::start(&folder);
        let proxy = Proxy::start(&folder.join("profile"), &server.address.to_string(), arguments);
        let alice = Client::join(proxy.address, "alice");
        let bob = Irssi::with_plugin(&folder, server.address, "bob", "alice");
        Self { alice, bob, proxy, server, folder }
    }

    /// One in which Alice has started an encrypted conversation.
    fn encrypted(name: &str) -> Self {
        let mut scene = Self::new(name, &[]);
        scene.alice.write("PRIVMSG *otr :start bob");
        scene.meet();
        scene
    }

    /// Waits until both have seen the fingerprint of the other.
    fn meet(&mut self) {
        let Self { alice, bob, proxy, .. } = self;
        let notice = alice.expect("is encrypted (OTR 3");
        assert!(notice.contains(&bob.fingerprint()), "{notice}");
        bob.expect("Session secured");
        bob.expect(&proxy.fingerprint);
    }

    fn messages_both_ways(&mut self) {
        self.alice.write("PRIVMSG bob :größer als gedacht");
        self.bob.expect("<alice> größer als gedacht");
        self.bob.say("kleiner €");
        assert!(self.alice.expect("PRIVMSG").ends_with(" PRIVMSG alice :kleiner €"));
    }
}

#[test]
fn we_start_and_end() {
    let mut scene = Scene::encrypted("we-start");
    scene.messages_both_ways();
    scene.alice.write("PRIVMSG *otr :end bob");
    scene.alice.expect("what you write now goes in clear");
    scene.bob.expect("alice has finished the OTR session");
}

#[test]
fn they_start_and_end() {
    let mut scene = Scene::new("they-start", &[]);
    scene.bob.say("/otr init");
    scene.meet();
    scene.messages_both_ways();
    scene.bob.say("/otr finish");
    scene.alice.expect("bob has ended the encrypted conversation");
    scene.alice.write("PRIVMSG bob :psst");
    scene.alice.expect("not sent");
    scene.alice.write("PRIVMSG *otr :end bob");
    scene.alice.expect("in clear");
    scene.alice.write("PRIVMSG bob :aloud");
    scene.bob.expect("<alice> aloud");
    assert!(!scene.bob.log().contains("psst"));
}

#[test]
fn a_whitespace_tag_starts_it() {
    let mut scene = Scene::new("tag", &[]);
    scene.alice.write("PRIVMSG bob :hello");
    scene.bob.expect("<alice> hello");
    scene.meet();
    scene.messages_both_ways();
}

#[test]
fn a_text_waits_where_encryption_is_required() {
    let mut scene = Scene::new("require", &["--require"]);
    scene.alice.write("PRIVMSG bob :only for you");
    scene.meet();
    scene.bob.expect("<alice> only for you");
}

#[test]
fn actions_both_ways() {
    let mut scene = Scene::encrypted("actions");
    scene.alice.write("PRIVMSG bob :\x01ACTION waves\x01");
    scene.bob.expect("* alice waves");
    scene.bob.say("/me nods");
    assert!(scene.alice.expect("nods").ends_with(":\x01ACTION nods\x01"));
}

/// irssi without the plugin, behind the proxy.
#[test]
fn a_client_that_people_use_knows_nothing_of_it() {
    let scene = Scene::new("client", &[]);
    let Scene { mut bob, proxy, folder, .. } = scene;
    let mut carol = Irssi::without_plugin(&folder, proxy.address, "carol", "bob");
    carol.say("/msg *otr start bob");
    carol.expect("the conversation with bob is encrypted (OTR 3)");
    carol.say("hello");
    carol.expect("<carol> hello");
    bob.expect("<carol> hello");
    bob.say("/msg carol welcome");
    carol.expect("<bob> welcome");
    carol.say("/me sits down");
    bob.expect("* carol sits down");
    carol.say("/quit");
    bob.expect("carol has finished the OTR session");
}

#[test]
fn comparisons_with_a_question_both_ways() {
    let mut scene = Scene::encrypted("smp");
    let Scene { alice, bob, .. } = &mut scene;
    alice.write("PRIVMSG *otr :auth bob [Which boat?] the red one");
    bob.expect("Question: Which boat?");
    bob.say("/otr auth \"the red one\"");
    alice.expect("bob is verified");
    bob.expect("Authentication with alice successful");

    bob.say("/otr authq \"Whose hat?\" \"my sister's\"");
    alice.expect("bob asks: Whose hat?");
    alice.write("PRIVMSG *otr :auth bob my sister's");
    alice.expect("the secrets of you and bob are equal");
    bob.expect("Authentication with alice successful");

    bob.say("/otr auth nonsense");
    alice.expect("bob wants to compare a secret");
    alice.write("PRIVMSG *otr :auth bob sense");
    alice.expect("DIFFER");
    bob.expect("Authentication with alice failed");
}

#[test]
fn twenty_kilobytes_both_ways() {
    let mut scene = Scene::encrypted("long");
    let Scene { alice, bob, folder, .. } = &mut scene;
    // As any client sends it: line by line.
    let lines: Vec<_> = (0..60).map(|number| format!("{number:02} {}", "abcdefgh ".repeat(38))).collect();
    for line in &lines {
        alice.write(&format!("PRIVMSG bob :{line}"));
    }
    for line in &lines {
        bob.expect(&format!("<alice> {}", line.trim_end()));
    }
    // As one message of OTR, in some seventy fragments.
    let whole = "0123456789".repeat(2000);
    alice.write(&format!("PRIVMSG bob :{whole}"));
    bob.expect(&whole);
    // irssi cuts a long line itself, and each piece is a message.
    let file = folder.join("long");
    fs::write(&file, format!("{whole}\n")).unwrap();
    bob.say(&format!("/exec -msg alice cat {}", file.display()));
    assert_eq!(alice.expect_text("bob!", whole.len()), whole);
}

/// The plugin does not read its instance tag again, so to us it is another client of Bob's, and to it, what we send to the
/// client before is nothing to complain of.
#[test]
fn a_peer_who_restarts_is_spoken_to_again() {
    let mut scene = Scene::encrypted("restart");
    scene.messages_both_ways();
    let bob = scene.bob.restart(&scene.folder, scene.server.address, "alice");
    bob.say("back again");
    assert!(scene.alice.expect("back again").ends_with(" PRIVMSG alice :[not encrypted] back again"));
    scene.alice.write("PRIVMSG *otr :start bob");
    scene.bob = bob;
    scene.meet();
    scene.messages_both_ways();

    scene.bob = scene.bob.restart(&scene.folder, scene.server.address, "alice");
    scene.bob.say("/otr init");
    scene.meet();
    scene.messages_both_ways();
}

#[test]
fn our_end_restarts() {
    let mut scene = Scene::encrypted("we-restart");
    let Scene { alice, bob, proxy, server, folder } = &mut scene;
    let address = server.address.to_string();
    *proxy = Proxy::start(&folder.join("profile"), &address, &[]);
    *alice = Client::join(proxy.address, "alice");
    bob.say("are you there?");
    alice.expect("there is no encrypted conversation");
    bob.expect("Error");
    alice.write("PRIVMSG *otr :start bob");
    alice.expect("is encrypted (OTR 3");
    alice.write("PRIVMSG bob :I am");
    bob.expect("<alice> I am");
}

/// FRAG-04, S-33: with the usual interval between lines a key exchange takes seconds, and works.
#[test]
fn frag_04_slowly_as_on_a_strict_server() {
    let mut scene = Scene::new("slow", &["--send-interval", "1000"]);
    scene.alice.write("PRIVMSG *otr :start bob");
    scene.meet();
    scene.messages_both_ways();
}
