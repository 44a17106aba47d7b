//! A wire to the server that can be cut just behind a batch, so that its answer is lost.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

/// What the last message of a batch carries.
const COMMIT: &[u8] = b"Nats-Batch-Commit";

/// A wire to the server.
pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    cuts: Arc<AtomicUsize>,
    _task: JoinSet<()>,
}

impl Proxy {
    pub(crate) async fn to(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let cuts = Arc::<AtomicUsize>::default();
        let mut task = JoinSet::new();
        let to_cut = Arc::clone(&cuts);
        task.spawn(async move {
            let mut wires = JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                wires.spawn(carry(client, server, Arc::clone(&to_cut)));
            }
        });
        Self { address, cuts, _task: task }
    }

    /// Cuts the wire behind each of the next so many batches.
    pub(crate) fn cut_next(&self, batches: usize) {
        self.cuts.store(batches, Ordering::SeqCst);
    }

    /// How many are still to be cut.
    pub(crate) fn to_cut(&self) -> usize {
        self.cuts.load(Ordering::SeqCst)
    }
}

/// What the answer to a batch carries.
const ANSWER: &[u8] = b"\"seq\":";

async fn carry(mut client: TcpStream, server: SocketAddr, cuts: Arc<AtomicUsize>) {
    let Ok(mut server) = TcpStream::connect(server).await else { return };
    let (mut words, mut answers) = (Search::new(COMMIT), Search::new(ANSWER));
    let (mut asked, mut told) = (vec![0; 1 << 16], vec![0; 1 << 16]);
    let mut deaf = false;
    loop {
        let sent = tokio::select! {
            count = client.read(&mut asked) => {
                let Ok(count @ 1..) = count else { return };
                let takes = |left: usize| left.checked_sub(1);
                if !deaf && words.finds(&asked[..count]) {
                    deaf = cuts.fetch_update(Ordering::SeqCst, Ordering::SeqCst, takes).is_ok();
                }
                server.write_all(&asked[..count]).await
            }
            count = server.read(&mut told) => {
                let Ok(count @ 1..) = count else { return };
                if deaf && answers.finds(&told[..count]) {
                    return;
                }
                if deaf { Ok(()) } else { client.write_all(&told[..count]).await }
            }
        };
        if sent.is_err() {
            return;
        }
    }
}

/// Looks for some bytes in what goes by.
struct Search {
    bytes: &'static [u8],
    tail: Vec<u8>,
}

impl Search {
    fn new(bytes: &'static [u8]) -> Self {
        Self { bytes, tail: Vec::new() }
    }

    fn finds(&mut self, more: &[u8]) -> bool {
        self.tail.extend_from_slice(more);
        let found = self.tail.windows(self.bytes.len()).any(|window| window == self.bytes);
        let keep = if found { 0 } else { self.bytes.len() - 1 };
        self.tail.drain(..self.tail.len().saturating_sub(keep));
        found
    }
}
