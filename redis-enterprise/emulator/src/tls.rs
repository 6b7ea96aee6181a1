//! HTTPS with a certificate that the node signs itself.

use std::{fs, net::SocketAddr, sync::Arc, time::Duration};

use anyhow::Context;
use axum::{Router, serve::Listener};
use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair};
use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use tokio::{
    io,
    net::{TcpListener, TcpStream},
    sync::mpsc,
    time::timeout,
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

use crate::{app::App, identity::write_private, settings::PRODUCT};

const HANDSHAKE: Duration = Duration::from_secs(5);

/// The TLS settings of the node; the certificate is made when there is none.
pub(crate) fn server_config(app: &App) -> anyhow::Result<Arc<ServerConfig>> {
    let dir = &app.settings.config;
    let (cert, key) = (dir.join("cert.pem"), dir.join("key.pem"));
    if !cert.exists() || !key.exists() {
        let mut name = DistinguishedName::new();
        name.push(DnType::CommonName, PRODUCT);
        let names = vec!["localhost".to_owned(), app.settings.own_address().to_string()];
        let mut params = CertificateParams::new(names)?;
        params.distinguished_name = name;
        let pair = KeyPair::generate()?;
        let signed = params.self_signed(&pair)?;
        write_private(&key, pair.serialize_pem().as_bytes())?;
        write_private(&cert, signed.pem().as_bytes())?;
    }
    let chain = vec![CertificateDer::from_pem_slice(&fs::read(&cert)?)?];
    let key = PrivateKeyDer::from_pem_slice(&fs::read(&key)?)?;
    let mut config = ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// Serves `router` over HTTPS on `port` until the node stops.
pub(crate) async fn serve(
    app: &Arc<App>,
    port: u16,
    config: Arc<ServerConfig>,
    router: Router,
) -> anyhow::Result<()> {
    let listener = TcpListener::bind(("0.0.0.0", port)).await;
    let listener = listener.with_context(|| format!("listen on port {port}"))?;
    let at = listener.local_addr()?;
    let (send, shaken) = mpsc::channel(64);
    app.spawn(shake_hands(listener, TlsAcceptor::from(config), send));
    let stop = app.stop.clone();
    app.tasks.spawn(async move {
        let serve = axum::serve(TlsListener { at, shaken }, router);
        if let Err(error) = serve.with_graceful_shutdown(stop.cancelled_owned()).await {
            tracing::error!(%error, "no longer serving");
        }
    });
    Ok(())
}

/// Accepts, each handshake in a task of its own: a slow client holds up nobody.
async fn shake_hands(
    listener: TcpListener,
    acceptor: TlsAcceptor,
    send: mpsc::Sender<(TlsStream<TcpStream>, SocketAddr)>,
) {
    loop {
        let (stream, peer) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::debug!(%error, "accept");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let (acceptor, send) = (acceptor.clone(), send.clone());
        tokio::spawn(async move {
            if let Ok(Ok(stream)) = timeout(HANDSHAKE, acceptor.accept(stream)).await {
                let _ = send.send((stream, peer)).await;
            }
        });
    }
}

struct TlsListener {
    at: SocketAddr,
    shaken: mpsc::Receiver<(TlsStream<TcpStream>, SocketAddr)>,
}

impl Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        match self.shaken.recv().await {
            Some(accepted) => accepted,
            // The node stops.
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        Ok(self.at)
    }
}
