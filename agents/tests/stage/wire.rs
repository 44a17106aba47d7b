//! A wire to the channel that can be cut: nothing comes through, either way, and nobody is told so. What was sent
//! meanwhile arrives once it is mended, as on a network that comes back.

use std::net::SocketAddr;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::watch,
    task::JoinSet,
};

pub struct Wire {
    pub address: SocketAddr,
    whole: watch::Sender<bool>,
    _task: JoinSet<()>,
}

impl Wire {
    pub async fn to(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (whole, is_whole) = watch::channel(true);
        let mut task = JoinSet::new();
        task.spawn(async move {
            let mut ends = JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                let Ok(server) = TcpStream::connect(server).await else { return };
                let ((hears, tells), (answers, asks)) = (client.into_split(), server.into_split());
                ends.spawn(carry(hears, asks, is_whole.clone()));
                ends.spawn(carry(answers, tells, is_whole.clone()));
            }
        });
        Self { address, whole, _task: task }
    }

    pub fn cut(&self) {
        self.whole.send_replace(false);
    }

    pub fn mend(&self) {
        self.whole.send_replace(true);
    }
}

async fn carry(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut is_whole: watch::Receiver<bool>) {
    let mut bytes = vec![0; 1 << 16];
    while let Ok(count @ 1..) = from.read(&mut bytes).await {
        if is_whole.wait_for(|whole| *whole).await.is_err() || to.write_all(&bytes[..count]).await.is_err() {
            return;
        }
    }
}
