//! Two people behind two proxies.

use crate::client::Client;
use crate::program::{Proxy, folder};
use crate::server::Server;

#[test]
fn two_plain_clients_talk_encrypted() {
    let (server, address) = Server::start();
    let folder = folder("relay");
    let start = |name| Proxy::start(&folder.join(name), &address.to_string(), &[]);
    let (alices, bobs) = (start("alice"), start("bob"));
    let (mut alice, mut bob) = (Client::join(alices.address, "alice"), Client::join(bobs.address, "bob"));

    alice.write("PRIVMSG *otr :start bob");
    assert!(alice.expect("is encrypted (OTR 3)").contains(&bobs.fingerprint));
    assert!(bob.expect("is encrypted (OTR 3)").contains(&alices.fingerprint));
    alice.write("PRIVMSG bob :whispered");
    assert_eq!(bob.expect("whispered"), ":alice!alice@localhost PRIVMSG bob :whispered");
    let long = "0123456789".repeat(2000);
    bob.write(&format!("PRIVMSG alice :{long}"));
    assert_eq!(alice.expect_text("bob!", long.len()), long);
    alice.write(&format!("PRIVMSG *otr :trust bob {}", bobs.fingerprint));
    alice.expect("trusted: bob");
    assert!(!server.has_seen("whispered") && !server.has_seen("0123456789") && !server.has_seen("*otr"));

    // The client is gone without a word: the peer is told.
    drop(bobs);
    drop(bob);
    let bobs = start("bob");
    let mut bob = Client::join(bobs.address, "bob");
    bob.write("PRIVMSG *otr :start alice");
    alice.expect("which you have verified");
    bob.expect("seen before, NOT VERIFIED");
    drop(alice);
    alice = Client::join(alices.address, "alice");
    bob.expect("alice has ended the encrypted conversation");
    bob.write("PRIVMSG alice :ps-st");
    bob.expect("not sent");
    alice.write("PRIVMSG *otr :status");
    alice.expect("no conversation is encrypted");
    assert!(!server.has_seen("ps-st"));
}

#[test]
fn a_client_is_told_that_there_is_no_server() {
    // Nobody listens on port 1.
    let proxy = Proxy::start(&folder("unreachable"), "127.0.0.1:1", &[]);
    let mut client = Client::connect(proxy.address);
    client.write("NICK alice");
    client.expect("ERROR :otr cannot reach the server");
}
