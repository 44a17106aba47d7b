//! The settings PostgreSQL is started with.

use std::net::Ipv4Addr;

/// What a commit is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// Committed is on the disk.
    Flushed,
    /// For tests whose data nobody will miss: faster, and lost with the power.
    Forgotten,
}

/// What may differ between servers.
pub(super) struct Settings<'a> {
    pub(super) port: u16,
    pub(super) title: &'a str,
    pub(super) max_connections: u16,
    pub(super) durability: Durability,
    pub(super) lz4: bool,
}

impl Settings<'_> {
    /// `name=value`, each for a `-c`.
    pub(super) fn list(&self) -> Vec<String> {
        let mut list = vec![
            format!("port={}", self.port),
            format!("listen_addresses={}", Ipv4Addr::LOCALHOST),
            // A socket in a folder is one more thing that a long path or a foreign owner can break.
            "unix_socket_directories=".to_owned(),
            format!("cluster_name={}", self.title),
            format!("max_connections={}", self.max_connections),
            "shared_buffers=64MB".to_owned(),
            "max_wal_size=1GB".to_owned(),
            // In the data folder instead of /dev/shm, which containers keep small.
            "dynamic_shared_memory_type=mmap".to_owned(),
            "log_line_prefix=%m [%p] ".to_owned(),
            "log_checkpoints=off".to_owned(),
        ];
        if self.lz4 {
            list.push("default_toast_compression=lz4".to_owned());
        }
        let durability: &[&str] = match self.durability {
            Durability::Flushed if cfg!(target_os = "macos") => {
                &["fsync=on", "synchronous_commit=on", "wal_sync_method=fsync_writethrough"]
            }
            Durability::Flushed => &["fsync=on", "synchronous_commit=on"],
            Durability::Forgotten => &[
                "fsync=off",
                "synchronous_commit=off",
                "full_page_writes=off",
                "wal_level=minimal",
                "max_wal_senders=0",
            ],
        };
        list.extend(durability.iter().map(|setting| (*setting).to_owned()));
        list
    }
}
