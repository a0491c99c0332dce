//! The way to the server with TLS.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread;

use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{ServerConfig, ServerConnection, StreamOwned, crypto};

use crate::client::Client;
use crate::program::{Proxy, folder};

/// For `localhost`; made for these tests, by `openssl req -x509`. One is in use; the other is of somebody else.
const CERTIFICATE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/irc/tls/certificate.pem");
const STRANGER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/irc/tls/stranger.pem");
const KEY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/irc/tls/key.pem");

/// A server that welcomes whoever says anything.
fn start() -> SocketAddr {
    let certificate = CertificateDer::from_pem_file(CERTIFICATE).unwrap();
    let key = PrivateKeyDer::from_pem_file(KEY).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut lines = BufReader::new(StreamOwned::new(connection, stream.unwrap()));
            let mut line = String::new();
            while lines.read_line(&mut line).is_ok_and(|length| length > 0) {
                lines.get_mut().write_all(b":toy 001 alice :Welcome\r\n").unwrap();
                line.clear();
            }
        }
    });
    address
}

#[test]
fn a_server_is_spoken_to_whose_certificate_is_good() {
    let proxy = Proxy::start(
        &folder("tls"),
        &format!("localhost:{}", start().port()),
        &["--tls", "--ca", CERTIFICATE],
    );
    Client::join(proxy.address, "alice");
}

#[test]
fn no_server_is_spoken_to_whose_certificate_is_not() {
    // By another name than the certificate's.
    refused("127.0.0.1", &["--tls", "--ca", CERTIFICATE]);
    // By one whom nobody in the file vouches for.
    refused("localhost", &["--tls", "--ca", STRANGER]);
}

/// The same, where the system has authorities.
#[cfg(feature = "live-peers")]
#[test]
fn the_systems_authorities_vouch_for_no_stranger() {
    refused("localhost", &["--tls"]);
}

fn refused(name: &str, arguments: &[&str]) {
    let server = format!("{name}:{}", start().port());
    let folder = folder(&format!("refused-{name}-{}", arguments.len()));
    let proxy = Proxy::start(&folder, &server, arguments);
    Client::connect(proxy.address).expect("ERROR :otr cannot reach the server: invalid peer certificate");
}
