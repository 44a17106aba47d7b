//! What a value may be, and what to write where it is not.

use std::{fs, net::SocketAddr, path::Path};

use conductor::{github::signature::Secrets, machine::rules::Autonomy};
use reqwest::Url;
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

impl Listen {
    /// Reads an address.
    ///
    /// # Errors
    /// With what to write.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        listen(text)
    }
}

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

/// A file with a private key. Whether it is one is found out when it is used; what stands in it is in no message.
pub(super) fn key(path: &Path) -> Result<(), String> {
    let text = fs::read_to_string(path).map_err(|error| format!("{} cannot be read: {error}", path.display()))?;
    if text.contains("PRIVATE KEY") {
        Ok(())
    } else {
        Err(format!("{} holds no private key; download one on the App's settings page", path.display()))
    }
}

pub(super) fn number(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("`{text}` is no App's number; its settings page has it as \"App ID\""))
}

pub(super) fn login(text: &str) -> Result<String, String> {
    let name = text.strip_suffix("[bot]").unwrap_or(text);
    let fits = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    fits.then(|| format!("{}[bot]", name.to_lowercase()))
        .ok_or_else(|| format!("`{text}` is no App's login; write one like dev-e[bot]"))
}

/// An address of the web, without the slash at its end.
pub(super) fn address(text: &str) -> Result<String, String> {
    let is_web = |url: &Url| matches!(url.scheme(), "http" | "https") && url.has_host();
    let plain = |url: &Url| url.username().is_empty() && url.password().is_none();
    match Url::parse(text).ok().filter(is_web) {
        Some(url) if plain(&url) => Ok(text.trim_end_matches('/').to_owned()),
        Some(_) => Err("an address with a name or a password in it is shown to many; take them out".to_owned()),
        None => Err(format!("`{text}` is no address; write one like https://www.acme.dev")),
    }
}

pub(super) fn repository(text: &str) -> Result<String, String> {
    let fits = |part: &str| {
        !matches!(part, "" | "." | "..")
            && part.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
    };
    match text.split_once('/') {
        Some((owner, name)) if fits(owner) && fits(name) => Ok(text.to_owned()),
        _ => Err(format!("`{text}` is no repository; write one like acme/hello.site")),
    }
}

pub(super) fn autonomy(text: &str) -> Result<Autonomy, String> {
    match text {
        "watch" => Ok(Autonomy::Watch),
        "propose" => Ok(Autonomy::Propose),
        "land" => Ok(Autonomy::Land),
        _ => Err(format!(
            "`{text}` is no autonomy; write watch (says what it would do), propose (all but the merge) or land"
        )),
    }
}

/// A few words in one line.
pub(super) fn words(text: &str) -> Result<String, String> {
    let words = text.trim();
    let fits = !words.is_empty() && words.chars().count() <= 200 && !words.chars().any(char::is_control);
    fits.then(|| words.to_owned()).ok_or_else(|| "1 to 200 characters in one line are needed".to_owned())
}
