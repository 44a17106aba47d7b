//! What a value may be, and what to write where it is not.

use std::{fs, net::SocketAddr, path::Path};

use conductor::github::signature::Secrets;
use tracing_subscriber::EnvFilter;

/// A port as configured.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Port {
    /// Any free one, another at each start.
    Free,
    /// This one and no other.
    Fixed(u16),
}

impl Port {
    pub(crate) const fn fixed(self) -> Option<u16> {
        match self {
            Self::Free => None,
            Self::Fixed(port) => Some(port),
        }
    }
}

/// An address to listen on; port 0 is any free one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Listen(SocketAddr);

impl From<Listen> for SocketAddr {
    fn from(Listen(address): Listen) -> Self {
        address
    }
}

pub(super) fn speaker(text: &str) -> Result<String, String> {
    let name = text.trim();
    let fits = !name.is_empty() && name.chars().count() <= 64 && !name.chars().any(char::is_control);
    fits.then(|| name.to_owned()).ok_or_else(|| "a name of 1 to 64 characters is needed, as people call you".to_owned())
}

pub(super) fn port(text: &str) -> Result<Port, String> {
    match text.parse() {
        Ok(0) => Ok(Port::Free),
        Ok(port) => Ok(Port::Fixed(port)),
        Err(_) => Err(format!("`{text}` is no port; write 1 to 65535, or 0 for any that is free")),
    }
}

pub(super) fn listen(text: &str) -> Result<Listen, String> {
    text.parse()
        .map(Listen)
        .map_err(|_| format!("`{text}` is no address; write one like 127.0.0.1:8420 (port 0 takes any that is free)"))
}

/// `10GB`, `512 MiB`, or plain bytes.
pub(super) fn size(text: &str) -> Result<u64, String> {
    let split = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, unit) = text.split_at(split);
    let factor: Option<u64> = match unit.trim().to_ascii_uppercase().as_str() {
        "" | "B" => Some(1),
        "MB" => Some(1_000_000),
        "GB" => Some(1_000_000_000),
        "TB" => Some(1_000_000_000_000),
        "MIB" => Some(1 << 20),
        "GIB" => Some(1 << 30),
        "TIB" => Some(1 << 40),
        _ => None,
    };
    let bytes = digits.parse::<u64>().ok().zip(factor).and_then(|(count, factor)| count.checked_mul(factor));
    bytes
        .filter(|bytes| *bytes >= LEAST_LOG)
        .ok_or_else(|| format!("`{text}` is no size of a log; write bytes or one like \"20GB\", at least \"64MiB\""))
}

/// The biggest webhook fits in twice, with room for the alarm before the end.
const LEAST_LOG: u64 = 64 << 20;

pub(super) fn filter(text: &str) -> Result<String, String> {
    EnvFilter::try_new(text)
        .map(|_| text.to_owned())
        .map_err(|error| format!("`{text}` is no filter ({error}); write one like \"info\" or \"warn,store=debug\""))
}

pub(super) fn program(path: &Path) -> Result<(), String> {
    if path.is_file() {
        Ok(())
    } else {
        Err(format!("there is no program {}; take the key out to use the pinned one", path.display()))
    }
}

pub(super) fn folder(path: &Path) -> Result<(), String> {
    if path.is_dir() {
        Ok(())
    } else {
        Err(format!("there is no folder {}; take the key out to use the pinned programs", path.display()))
    }
}

/// A file with one line, which is a secret GitHub may sign with. The text itself is in no message.
pub(super) fn secret(path: &Path) -> Result<(), String> {
    let text = fs::read_to_string(path).map_err(|error| format!("{} cannot be read: {error}", path.display()))?;
    match Secrets::new(text.trim()) {
        Ok(_) => Ok(()),
        Err(unusable) => Err(format!("{}: {unusable}", path.display())),
    }
}
