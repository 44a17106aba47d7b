//! A pushed pack becomes objects, in quarantine.

use bytes::{Bytes, BytesMut};
use tokio::{io::AsyncWriteExt, process::Child};

use crate::git::{Error, Mirror, Raw, Settings, command, inflow::Inflow, quarantine::Quarantine, refusal::Refusal};

/// From how many objects on a pack is kept as it is, as git itself has it.
const MANY: u32 = 100;

/// A pack's signature, version and number of objects.
const HEADER: usize = 12;

/// Why a pack was not taken: git's own words.
#[derive(Debug)]
pub(super) struct Unpacked {
    /// The word for the report's first line.
    pub(super) reason: String,
    /// All that git said.
    pub(super) said: Vec<String>,
}

/// Unpacks into the quarantine. Git checks each object, and that everything it names is there.
pub(super) async fn unpack(
    mirror: &Mirror,
    quarantine: &Quarantine,
    begin: BytesMut,
    mut body: Inflow,
) -> Result<Result<Vec<Raw>, Unpacked>, Refusal> {
    let begin = header(begin, &mut body).await?;
    let name = if count(&begin) < MANY { "unpack-objects" } else { "index-pack" };
    let settings = mirror.settings();
    let mut git = quarantine.git(settings);
    git.arg(name);
    match name {
        "unpack-objects" => git.args(["-q", "--strict"]),
        _ => git.args(["--stdin", "--fix-thin", "--strict"]),
    };
    let child = git.spawn().map_err(|source| Error::Start { program: settings.program.clone(), source })?;
    let output = feed(child, begin, body, settings).await?;
    if !output.status.success() {
        return Ok(Err(Unpacked::by(name, &output)));
    }
    match quarantine.objects(settings).await {
        Ok(objects) => Ok(held(objects)),
        Err(error @ Error::TooMuch { .. }) => Ok(Err(Unpacked::not("pack exceeds maximum allowed size", &error))),
        Err(error) => Err(error.into()),
    }
}

/// What the world cannot hold is refused before it is asked.
fn held(objects: Vec<Raw>) -> Result<Vec<Raw>, Unpacked> {
    match objects.iter().find_map(|raw| raw.decode().err()) {
        Some(strange) => Err(Unpacked::not("strange object", &strange)),
        None => Ok(objects),
    }
}

async fn header(mut begin: BytesMut, body: &mut Inflow) -> Result<Bytes, Refusal> {
    while begin.len() < HEADER {
        match body.chunk().await? {
            Some(chunk) => begin.extend_from_slice(&chunk),
            None => break,
        }
    }
    Ok(begin.freeze())
}

/// How many objects the pack says it has. A pack that lies is found out by git.
fn count(begin: &[u8]) -> u32 {
    let bytes = begin.get(8..HEADER).and_then(|bytes| bytes.try_into().ok());
    bytes.map_or(0, u32::from_be_bytes)
}

/// The whole body is read even if git has heard enough, because the pusher hears nothing before it has sent it.
async fn feed(
    mut child: Child,
    begin: Bytes,
    mut body: Inflow,
    settings: &Settings,
) -> Result<command::Output, Refusal> {
    let mut stdin = child.stdin.take();
    let feed = async move {
        let mut next = Some(begin);
        while let Some(chunk) = next {
            if let Some(pipe) = &mut stdin
                && pipe.write_all(&chunk).await.is_err()
            {
                stdin = None;
            }
            next = body.chunk().await?;
        }
        Ok(())
    };
    let end = async {
        let started = |source| Error::Start { program: settings.program.clone(), source };
        child.wait_with_output().await.map_err(started).map_err(Refusal::from)
    };
    tokio::try_join!(feed, end).map(|((), output)| output)
}

impl Unpacked {
    fn not(reason: &str, error: &Error) -> Self {
        Self { reason: reason.to_owned(), said: vec![format!("error: {error}")] }
    }

    fn by(name: &str, output: &command::Output) -> Self {
        let said = String::from_utf8_lossy(&output.stderr).lines().take(20).map(str::to_owned).collect();
        Self { reason: format!("{name} abnormal exit"), said }
    }
}
