//! One child process.
//!
//! A signal is sent only while the child has not been reaped, under the lock that reaping needs: so a signal never hits
//! a stranger who was given the same process id.

use std::{
    io,
    os::unix::process::ExitStatusExt,
    process::{Child, Command, ExitStatus},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::watch,
    task::JoinSet,
    time::{sleep, timeout},
};

/// A child that is killed when this is dropped.
#[derive(Debug)]
pub(crate) struct Process {
    pid: u32,
    child: Arc<Mutex<Child>>,
    ended: watch::Receiver<Option<ExitStatus>>,
    _watch: JoinSet<()>,
}

impl Process {
    /// Starts the command and watches for its end.
    pub(crate) fn spawn(command: &mut Command) -> io::Result<Self> {
        // Before the child exists, so that its end cannot be missed.
        let mut children = signal(SignalKind::child())?;
        let child = command.spawn()?;
        let pid = child.id();
        let child = Arc::new(Mutex::new(child));
        let (tell, ended) = watch::channel(None);
        let mut watch = JoinSet::new();
        let watched = Arc::clone(&child);
        watch.spawn(async move {
            while let Ok(None) = reap(&watched, &tell) {
                children.recv().await;
            }
        });
        Ok(Self { pid, child, ended, _watch: watch })
    }

    pub(crate) const fn pid(&self) -> u32 {
        self.pid
    }

    /// Sends a signal; nothing happens if the process has ended.
    pub(crate) fn signal(&self, signal: Signal) {
        let mut child = self.child.lock().unwrap_or_else(PoisonError::into_inner);
        if let Ok(None) = child.try_wait() {
            // The pid is a child of ours that has not been reaped, so it can only fail for a child that is ending.
            let _ = kill(Pid::from_raw(self.pid.cast_signed()), signal);
        }
    }

    /// Waits for its end.
    pub(crate) async fn ended(&self) -> ExitStatus {
        let mut ended = self.ended.clone();
        loop {
            if let Some(status) = *ended.borrow_and_update() {
                return status;
            }
            if ended.changed().await.is_err() {
                return self.ended_unwatched().await;
            }
        }
    }

    /// How it ended, if it has.
    pub(crate) fn has_ended(&self) -> Option<ExitStatus> {
        self.child.lock().unwrap_or_else(PoisonError::into_inner).try_wait().ok().flatten()
    }

    /// Sends each signal in turn and gives it its time; whether the process has ended by then.
    pub(crate) async fn end(&self, steps: &[(Signal, Duration)]) -> bool {
        for (signal, within) in steps {
            self.signal(*signal);
            if timeout(*within, self.ended()).await.is_ok() {
                return true;
            }
        }
        false
    }

    /// Signals, waits without yielding, and kills when the time is over: for a drop.
    #[expect(clippy::disallowed_methods, reason = "a drop cannot be async; this polls for an end, with a deadline")]
    pub(crate) fn end_now(&self, signal: Signal, within: Duration) {
        let deadline = Instant::now() + within;
        self.signal(signal);
        while self.has_ended().is_none() && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(5));
        }
        self.signal(Signal::SIGKILL);
    }

    /// The runtime that watched is gone (a test's, say) while another still asks.
    async fn ended_unwatched(&self) -> ExitStatus {
        loop {
            if let Some(status) = self.has_ended() {
                return status;
            }
            sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let mut child = self.child.lock().unwrap_or_else(PoisonError::into_inner);
        if child.kill().is_ok() {
            let _ = child.wait();
        }
    }
}

fn reap(child: &Mutex<Child>, tell: &watch::Sender<Option<ExitStatus>>) -> io::Result<Option<ExitStatus>> {
    let status = child.lock().unwrap_or_else(PoisonError::into_inner).try_wait()?;
    if status.is_some() {
        tell.send_replace(status);
    }
    Ok(status)
}

/// How a process ended, in words.
pub(crate) fn in_words(status: ExitStatus) -> String {
    match (status.signal(), status.code()) {
        (Some(signal), _) => format!("signal {signal}"),
        (None, Some(code)) => format!("exit code {code}"),
        (None, None) => "for no known reason".to_owned(),
    }
}
