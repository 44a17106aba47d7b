//! A door in a process of its own.

use std::{
    fs,
    net::{Ipv4Addr, SocketAddr},
    process::Stdio,
};

use serde::{Deserialize, Serialize};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    process::{Child, Command},
};

/// What a door stands on: told on its standard input, since an argument could be read by everybody.
#[derive(Serialize, Deserialize)]
pub struct Ground {
    pub nats_url: String,
    pub secret: String,
}

impl Ground {
    /// What this process was told.
    pub async fn told() -> (Self, impl Future<Output = ()>) {
        let mut input = BufReader::new(tokio::io::stdin());
        let mut line = String::new();
        input.read_line(&mut line).await.unwrap();
        let ended = async move {
            let _ = input.read_to_end(&mut Vec::new()).await;
        };
        (serde_json::from_str(&line).unwrap(), ended)
    }
}

/// A door that is open. It ends with this, whichever way this ends: its input does.
pub struct Door {
    child: Child,
    pub address: SocketAddr,
}

impl Door {
    pub async fn open(mut command: Command, ground: &Ground) -> Self {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().unwrap();
        let told = serde_json::to_string(ground).unwrap() + "\n";
        child.stdin.as_mut().unwrap().write_all(told.as_bytes()).await.unwrap();
        let mut port = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut port).await.unwrap();
        Self { child, address: (Ipv4Addr::LOCALHOST, port.trim().parse().unwrap()).into() }
    }

    /// The most memory it ever held, in MB.
    pub fn most_memory(&self) -> f64 {
        memory(self.child.id().unwrap(), "VmHWM:")
    }
}

/// A process's memory in MB, as the system counts it under this name.
pub fn memory(pid: u32, name: &str) -> f64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    let kib: f64 = line.trim().trim_end_matches(" kB").parse().unwrap();
    kib * 1024.0 / 1e6
}
