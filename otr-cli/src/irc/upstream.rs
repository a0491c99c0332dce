//! The way to the server, with TLS or without.

use std::io;
use std::path::Path;
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto};

use super::options::Server;
use crate::failure::{Failure, warn};

/// How to reach the server.
#[derive(Clone)]
pub(super) struct Upstream {
    server: Server,
    tls: Option<(TlsConnector, ServerName<'static>)>,
}

/// A connection, whatever it is made of.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

impl Upstream {
    pub(super) fn plain(server: Server) -> Self {
        Self { server, tls: None }
    }

    /// With TLS; those who may name the server are in a file, or the system's.
    pub(super) fn with_tls(server: Server, ca: Option<&Path>) -> Result<Self, Failure> {
        let roots = match ca {
            Some(file) => of_file(file)?,
            None => of_system()?,
        };
        let provider = Arc::new(crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(Failure::start)?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let name = ServerName::try_from(server.host.clone())
            .map_err(|error| Failure::Start(format!("{}: {error}", server.host)))?;
        Ok(Self { server, tls: Some((TlsConnector::from(Arc::new(config)), name)) })
    }

    /// A new connection.
    pub(super) async fn connect(&self) -> io::Result<Box<dyn Stream>> {
        let Server { host, port } = &self.server;
        let stream = TcpStream::connect((host.as_str(), *port)).await?;
        stream.set_nodelay(true)?;
        Ok(match &self.tls {
            Some((connector, name)) => Box::new(connector.connect(name.clone(), stream).await?),
            None => Box::new(stream),
        })
    }
}

fn of_file(file: &Path) -> Result<RootCertStore, Failure> {
    let explain = |error: &dyn std::fmt::Display| Failure::Start(format!("{}: {error}", file.display()));
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(file).map_err(|error| explain(&error))? {
        let certificate = certificate.map_err(|error| explain(&error))?;
        roots.add(certificate).map_err(|error| explain(&error))?;
    }
    if roots.is_empty() { Err(explain(&"there is no certificate in it")) } else { Ok(roots) }
}

fn of_system() -> Result<RootCertStore, Failure> {
    let found = rustls_native_certs::load_native_certs();
    for error in found.errors {
        warn(error);
    }
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(found.certs);
    if roots.is_empty() {
        return Err(Failure::Start(
            "the system has no certificate authorities; name a file with --ca".into(),
        ));
    }
    Ok(roots)
}
