//! Programs of subscribers, run as a stranger runs them: with PATH and nothing else.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use super::{
    Rig,
    process::{self, Ended, Process},
    start::RIG,
};

/// The clients in `.cache`, which `make tools` installs.
fn cache() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join(".cache")
}

/// A subscriber's program, over its lives.
pub struct Program {
    pub folder: PathBuf,
    line: String,
    lives: Vec<Process>,
}

impl Program {
    /// What its folder's program is started with.
    pub fn new(rig: &Rig, name: &str, line: &str) -> Self {
        Self::in_folder(rig.folder().join("subscribers").join(name), line)
    }

    pub fn in_folder(folder: PathBuf, line: &str) -> Self {
        let modules = cache().join("node/node_modules");
        assert!(modules.is_dir(), "{} is missing: run `make tools`", modules.display());
        let _ = std::os::unix::fs::symlink(modules, folder.join("node_modules"));
        Self { folder, line: line.to_owned(), lives: Vec::new() }
    }

    /// Starts it.
    pub fn start(&mut self, rig: &Rig) {
        let process = rig.process_of(&mut self.command());
        self.lives.push(process);
    }

    /// kill -9, and whatever it started.
    pub async fn kill(&mut self) {
        let life = self.lives.last_mut().expect("it was not started");
        for child in process::children(life.pid()) {
            process::kill(child);
        }
        process::kill(life.pid());
        life.ended().await;
    }

    /// Runs it to its end.
    pub async fn run(&mut self, rig: &Rig) -> Ended {
        self.start(rig);
        self.lives.last_mut().expect("it was started").ended().await
    }

    /// What it printed, a text a life.
    pub fn texts(&self) -> Vec<String> {
        self.lives.iter().map(Process::printed).collect()
    }

    /// The whole lines that it printed, in all its lives.
    pub fn printed(&self) -> Vec<String> {
        let whole = |text: String| {
            let end = text.rfind('\n').map_or(0, |end| end + 1);
            text[..end].lines().map(str::to_owned).collect::<Vec<_>>()
        };
        self.texts().into_iter().flat_map(whole).collect()
    }

    /// What it said on the screen, in all its lives.
    pub fn said(&self) -> String {
        self.lives.iter().map(Process::said).collect()
    }

    fn command(&self) -> Command {
        let python = cache().join("python");
        assert!(python.is_dir(), "{} is missing: run `make tools`", python.display());
        let tools = cache().join("tools/bin");
        let rig = Path::new(RIG).parent().unwrap();
        let path = format!("{}:{}:{}", rig.display(), tools.display(), std::env::var("PATH").unwrap());
        let mut command = Command::new("sh");
        command.args(["-c", &format!("exec {}", self.line)]).current_dir(&self.folder).stdin(Stdio::null());
        command.env_clear().env("PATH", path).env("PYTHONPATH", python);
        command
    }
}

/// Changes a program, as its owner would.
pub fn edit(file: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(file).unwrap();
    assert!(text.contains(from), "{from:?} is not in {}", file.display());
    fs::write(file, text.replace(from, to)).unwrap();
}
