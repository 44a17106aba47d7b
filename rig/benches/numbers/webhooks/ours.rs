//! Our door, as `rig up` opens it.

use bus::connect::connect_in_background;
use conductor::github::{
    ingest::{Ingest, Options},
    signature::Secrets,
};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::Ground;

pub async fn serve() {
    let (ground, ended) = Ground::told().await;
    let connection = connect_in_background(&ground.nats_url, "ingest").await.unwrap();
    let ingest = Ingest::new(&connection, Secrets::new(&ground.secret).unwrap(), Options::default());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    println!("{}", listener.local_addr().unwrap().port());
    tokio::select! {
        () = ingest.serve(listener, CancellationToken::new()) => {}
        () = ended => {}
    }
}
