//! People at terminals, and programs at pipes.

use std::{
    fs::File,
    io::{Read as _, Write as _},
    process::{Child, Stdio},
    sync::{Arc, Mutex},
    thread,
    time::Instant,
};

use nix::{
    pty::{Winsize, openpty},
    sys::termios::{LocalFlags, tcgetattr},
};

use super::{
    PATIENCE, Rig,
    process::{Ended, Process},
    until,
};

/// A person at a terminal, in which the program runs.
pub struct Terminal {
    child: Child,
    keys: File,
    shown: Arc<Mutex<Vec<u8>>>,
}

impl Terminal {
    /// Types these keys; `\r` is Enter.
    pub fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
    }

    /// Everything that was sent to the screen so far.
    pub fn raw(&self) -> String {
        String::from_utf8_lossy(&self.shown.lock().unwrap()).into_owned()
    }

    /// What a person can read of it.
    pub fn screen(&self) -> String {
        anstream::adapter::strip_str(&self.raw()).to_string()
    }

    /// How often the screen has shown this.
    pub fn times(&self, text: &str) -> usize {
        self.screen().matches(text).count()
    }

    /// Waits until the screen has shown this.
    pub async fn until_shown(&self, text: &str) {
        let deadline = Instant::now() + PATIENCE;
        while self.times(text) == 0 {
            assert!(Instant::now() < deadline, "waited {PATIENCE:?} for {text:?} on:\n{}", self.screen());
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    }

    /// Waits until the program ended; its exit code.
    pub async fn ended(mut self) -> i32 {
        until("the program to end", async || self.child.try_wait().unwrap()).await.code().unwrap()
    }

    /// Waits until the program ended with this code; the terminal stays.
    pub async fn ended_with(mut self, code: i32) -> Self {
        let status = until("the program to end", async || self.child.try_wait().unwrap()).await;
        assert_eq!(status.code(), Some(code), "{}", self.screen());
        self
    }

    /// Its process.
    pub fn pid(&self) -> i32 {
        i32::try_from(self.child.id()).unwrap()
    }

    /// Whether it echoes and takes lines, as a shell needs it.
    pub fn is_cooked(&self) -> bool {
        let settings = tcgetattr(&self.keys).unwrap();
        settings.local_flags.contains(LocalFlags::ICANON | LocalFlags::ECHO)
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        if let Ok(None) = self.child.try_wait() {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

impl Rig {
    /// Somebody who types `rig …` in a terminal.
    pub fn terminal(&self, args: &[&str]) -> Terminal {
        self.terminal_with(args, &[])
    }

    /// The same, with these variables.
    pub fn terminal_with(&self, args: &[&str], variables: &[(&str, &str)]) -> Terminal {
        let size = Winsize { ws_row: 24, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0 };
        let pty = openpty(&size, None).unwrap();
        let side = || Stdio::from(pty.slave.try_clone().unwrap());
        let mut command = self.start.prepared(&self.folder(), self.scratch());
        command.args(args).env("TERM", "xterm").envs(variables.iter().copied());
        let child = command.stdin(side()).stdout(side()).stderr(side()).spawn().unwrap();
        let keys = File::from(pty.master);
        let shown = Arc::default();
        watch(keys.try_clone().unwrap(), Arc::clone(&shown));
        Terminal { child, keys, shown }
    }

    /// A command that is started and goes on, its output in files.
    pub fn begin(&self, args: &[&str]) -> Process {
        let mut command = self.start.prepared(&self.folder(), self.scratch());
        command.args(args);
        self.process_of(command.stdin(Stdio::null()))
    }

    /// A command that reads this on stdin, to its end.
    pub async fn piped(&self, args: &[&str], input: &str) -> Ended {
        let mut command = self.start.prepared(&self.folder(), self.scratch());
        command.args(args).stdin(Stdio::piped());
        let mut process = self.process_of(&mut command);
        process.feed(input.to_owned());
        process.ended().await
    }

    /// A started program whose output goes to files, so that nobody has to listen.
    pub fn process_of(&self, command: &mut std::process::Command) -> Process {
        let folder = tempfile::Builder::new().tempdir_in(self.scratch()).unwrap().keep();
        let [stdout, stderr] = ["stdout", "stderr"].map(|name| folder.join(name));
        command.stdout(File::create(&stdout).unwrap()).stderr(File::create(&stderr).unwrap());
        Process::new(command.spawn().unwrap(), stdout, stderr)
    }
}

/// A terminal that nobody reads stops its program.
fn watch(mut screen: File, shown: Arc<Mutex<Vec<u8>>>) {
    thread::spawn(move || {
        let mut bytes = [0; 4096];
        while let Ok(count @ 1..) = screen.read(&mut bytes) {
            shown.lock().unwrap().extend(&bytes[..count]);
        }
    });
}
