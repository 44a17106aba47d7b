//! A program as a brain.
//!
//! It starts in the working tree, with the assignment as one JSON document on its standard input, and tells on its
//! standard output what happens, a JSON object a line: `{"say": "…"}` on the way, `{"state": …}` for what it wants to be
//! given back, one with an `outcome` at the end. What it tells comes before how it exits; where it tells nothing, it has
//! done nothing.
//!
//! Its environment holds a `PATH`, a home of its own, and who stands in commits. Nothing of the assignment is ever part of
//! a command line.

use std::{
    path::PathBuf,
    process::{ExitStatus, Stdio},
};

use serde_json::Value;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWriteExt},
    process::{Child, ChildStdin, Command as Process},
    time::{Instant, sleep_until},
};

use super::{Answer, Desk};
use crate::process_tree::{MARK, Tree};

/// The longest line that is read as one.
const LONGEST_LINE: usize = 4 << 20;

/// Where its environment names the file of what people say to it.
const SAID: &str = "RIG_SAID";

/// How much of what it says beside is kept, for whoever mends it.
const LAST_WORDS: usize = 2000;

/// A program, and its arguments.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Command {
    /// The program.
    pub program: PathBuf,
    /// Its arguments.
    pub args: Vec<String>,
}

impl Command {
    pub(super) async fn turn(&self, desk: &Desk<'_>) -> Answer {
        let mut child = match self.start(desk) {
            Ok(child) => child,
            Err(error) => return Answer::Broken { error: format!("cannot start {}: {error}", self.program.display()) },
        };
        let tree = Tree::led_by(child.id(), desk.tree.folder());
        let feed = feed(child.stdin.take(), serde_json::to_vec(desk.assignment).unwrap_or_default());
        let (answer, ()) = tokio::join!(self.listen(desk, &mut child, &tree), feed);
        answer
    }

    fn start(&self, desk: &Desk<'_>) -> std::io::Result<Child> {
        Process::new(&self.program)
            .args(&self.args)
            .current_dir(desk.tree.path())
            .env_clear()
            .envs(desk.tree.environment())
            .env("HOME", desk.tree.home())
            .env(MARK, desk.tree.folder())
            .env(SAID, desk.tree.words())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
    }

    async fn listen(&self, desk: &Desk<'_>, child: &mut Child, tree: &Tree<'_>) -> Answer {
        let (mut out, mut beside) = (Stream::of(child.stdout.take()), Stream::of(child.stderr.take()));
        let (mut answer, mut asked) = (None, false);
        let mut quiet = Instant::now() + desk.limits.quiet;
        let status = loop {
            tokio::select! {
                biased;
                true = out.read() => quiet = Instant::now() + desk.limits.quiet,
                true = beside.read() => quiet = Instant::now() + desk.limits.quiet,
                status = child.wait() => break status,
                () = sleep_until(desk.at(desk.limits.soft)), if !asked => {
                    tree.ask();
                    asked = true;
                }
                () = sleep_until(quiet) => {
                    let error = format!("{} said nothing for {:?} and was ended", self.program.display(), desk.limits.quiet);
                    return Answer::Broken { error };
                }
            }
            for line in out.lines() {
                take(desk, &line, &mut answer).await;
            }
            beside.keep_last(LAST_WORDS);
        };
        tree.end();
        out.rest().await;
        beside.rest().await;
        for line in out.lines().into_iter().chain([out.buffer.clone()]) {
            take(desk, &line, &mut answer).await;
        }
        beside.keep_last(LAST_WORDS);
        desk.talked(String::from_utf8_lossy(&beside.buffer).into_owned());
        answer.unwrap_or_else(|| self.untold(status, asked, &beside.buffer))
    }

    /// How it ended, where it does not say so itself.
    fn untold(&self, status: std::io::Result<ExitStatus>, asked: bool, beside: &[u8]) -> Answer {
        match status {
            _ if asked => Answer::Incomplete,
            Ok(status) if status.success() => Answer::Nothing,
            Ok(status) => {
                let words = String::from_utf8_lossy(beside);
                Answer::Broken { error: format!("{} ended with {status}: {}", self.program.display(), words.trim()) }
            }
            Err(error) => {
                Answer::Broken { error: format!("{} could not be waited for: {error}", self.program.display()) }
            }
        }
    }
}

async fn feed(stdin: Option<ChildStdin>, assignment: Vec<u8>) {
    if let Some(mut stdin) = stdin {
        // A program that does not want to hear it says by its end what that means.
        stdin.write_all(&assignment).await.ok();
    }
}

/// Takes one line. What is no JSON object of ours is talk.
async fn take(desk: &Desk<'_>, line: &[u8], answer: &mut Option<Answer>) {
    let Ok(told) = serde_json::from_slice::<Value>(line) else { return };
    if told.get("outcome").is_some() {
        let unreadable = |error| Answer::Broken { error: format!("its outcome cannot be read: {error}") };
        *answer = Some(serde_json::from_value(told).unwrap_or_else(unreadable));
    } else if let Some(words) = told.get("say").and_then(Value::as_str) {
        desk.say(words).await;
    } else if let Some(state) = told.get("state") {
        desk.notes.keeps(state.clone()).await;
    }
}

/// What comes out of a process.
struct Stream<R> {
    from: Option<R>,
    buffer: Vec<u8>,
}

impl<R: AsyncRead + Unpin> Stream<R> {
    const fn of(from: Option<R>) -> Self {
        Self { from, buffer: Vec::new() }
    }

    /// Whether something came; waits for it. May be dropped while it waits.
    async fn read(&mut self) -> bool {
        let Some(from) = &mut self.from else { return false };
        let mut chunk = [0; 8192];
        match from.read(&mut chunk).await {
            Ok(count) if count > 0 => {
                self.buffer.extend(chunk.iter().take(count));
                true
            }
            _ => {
                self.from = None;
                false
            }
        }
    }

    async fn rest(&mut self) {
        while self.buffer.len() < LONGEST_LINE && self.read().await {}
    }

    /// The lines that are whole; what is too long for one is left out.
    fn lines(&mut self) -> Vec<Vec<u8>> {
        let mut lines = Vec::new();
        while let Some(end) = self.buffer.iter().position(|byte| *byte == b'\n') {
            lines.push(self.buffer.drain(..=end).collect());
        }
        if self.buffer.len() > LONGEST_LINE {
            self.buffer.clear();
        }
        lines
    }

    fn keep_last(&mut self, count: usize) {
        let surplus = self.buffer.len().saturating_sub(count);
        self.buffer.drain(..surplus);
    }
}
