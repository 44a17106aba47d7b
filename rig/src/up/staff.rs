//! The roles of this process: each is started again when it ends though nobody asked it to.
//!
//! A role that ends is told on the screen once, comes back after a pause that grows, and is seen in the health for as
//! long as it has not worked steadily again. A panic is an end like any other.

use std::{convert::Infallible, error::Error, sync::Arc, time::Duration};

use servers::Lines;
use tokio::{
    sync::watch,
    task::{JoinError, JoinSet},
    time::{Instant, sleep, timeout},
};
use tokio_util::sync::CancellationToken;

use crate::exit::sentence;

const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// A role that worked this long has overcome what ended it.
const STEADY: Duration = Duration::from_secs(30);

/// How a role does.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Shift {
    /// Whether it works now, or pauses before it is started again.
    pub(crate) working: bool,
    /// How often it ended since it last worked steadily.
    pub(crate) deaths: u32,
    /// Why it ended last.
    pub(crate) reason: String,
}

/// Everybody who works in this process.
#[derive(Debug)]
pub(crate) struct Staff {
    working: JoinSet<()>,
    cancel: CancellationToken,
    lines: Lines,
}

impl Staff {
    /// Nobody yet.
    pub(crate) fn new(lines: Lines) -> Self {
        Self { working: JoinSet::new(), cancel: CancellationToken::new(), lines }
    }

    /// Starts a role with its settings and keeps it working; how it does can be watched.
    pub(crate) fn employ<S, W, F, E>(&mut self, name: &str, settings: S, work: W) -> watch::Receiver<Shift>
    where
        S: Send + Sync + 'static,
        W: Fn(Arc<S>, CancellationToken) -> F + Send + 'static,
        F: Future<Output = Result<(), E>> + Send + 'static,
        E: Error + Send + 'static,
    {
        let (shift, watched) = watch::channel(Shift::default());
        let role = Role { name: name.to_owned(), shift, lines: self.lines.clone(), cancel: self.cancel.clone() };
        let settings = Arc::new(settings);
        self.working.spawn(role.keep_working(move |cancel| work(Arc::clone(&settings), cancel)));
        watched
    }

    /// Keeps a watcher going, which would go on for good and may be cut anywhere.
    pub(crate) fn keep<S, W, F>(&mut self, name: &str, settings: S, work: W)
    where
        S: Send + Sync + 'static,
        W: Fn(Arc<S>) -> F + Send + 'static,
        F: Future<Output = ()> + Send + 'static,
    {
        self.employ(name, settings, move |settings, cancel| {
            let watching = work(settings);
            async move {
                cancel.run_until_cancelled(watching).await;
                Ok::<_, Infallible>(())
            }
        });
    }

    /// Asks everybody to finish, and ends who has not within this time.
    pub(crate) async fn dismiss(mut self, within: Duration) {
        self.cancel.cancel();
        let finished = async { while self.working.join_next().await.is_some() {} };
        if timeout(within, finished).await.is_err() {
            tracing::warn!(roles = self.working.len(), "not finished in time, and ended");
            self.working.shutdown().await;
        }
    }
}

struct Role {
    name: String,
    shift: watch::Sender<Shift>,
    lines: Lines,
    cancel: CancellationToken,
}

impl Role {
    async fn keep_working<W, F, E>(self, work: W)
    where
        W: Fn(CancellationToken) -> F,
        F: Future<Output = Result<(), E>> + Send + 'static,
        E: Error + Send + 'static,
    {
        let mut pause = FIRST_PAUSE;
        loop {
            let started = Instant::now();
            let ended = self.one_shift(work(self.cancel.clone())).await;
            if self.cancel.is_cancelled() {
                return;
            }
            if started.elapsed() >= STEADY {
                pause = FIRST_PAUSE;
            }
            self.tell(&ended, pause);
            if self.cancel.run_until_cancelled(sleep(pause)).await.is_none() {
                return;
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Lets the role work until it ends, in a task of its own so that its panic is its alone; says how it ended.
    async fn one_shift<F, E>(&self, work: F) -> String
    where
        F: Future<Output = Result<(), E>> + Send + 'static,
        E: Error + Send + 'static,
    {
        let mut task = JoinSet::new();
        task.spawn(work);
        self.shift.send_modify(|shift| shift.working = true);
        let ended = match timeout(STEADY, task.join_next()).await {
            Ok(ended) => ended,
            Err(_) => {
                self.shift.send_modify(|shift| *shift = Shift { working: true, ..Shift::default() });
                task.join_next().await
            }
        };
        let reason = in_words(ended);
        self.shift.send_modify(|shift| {
            *shift = Shift { working: false, deaths: shift.deaths + 1, reason: reason.clone() };
        });
        reason
    }

    /// On the screen once; the log has every time.
    fn tell(&self, reason: &str, pause: Duration) {
        let name = &self.name;
        tracing::error!(role = name, reason, ?pause, "the role ended and is started again");
        if self.shift.borrow().deaths == 1 {
            self.lines.tell(&format!("{name} stopped: {reason}. It is started again"));
        }
    }
}

fn in_words<E: Error>(ended: Option<Result<Result<(), E>, JoinError>>) -> String {
    match ended {
        Some(Ok(Err(error))) => sentence(&error),
        Some(Err(error)) if error.is_panic() => "a bug (it panicked; the log has more)".to_owned(),
        Some(Ok(Ok(())) | Err(_)) | None => "it ended, though nobody asked it to".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io,
        sync::{
            Mutex,
            atomic::{AtomicU32, Ordering},
        },
    };

    use super::*;

    fn noted() -> (Lines, Arc<Mutex<Vec<String>>>) {
        let told = Arc::new(Mutex::new(Vec::new()));
        let to = Arc::clone(&told);
        (Lines::to(move |line| to.lock().unwrap().push(line.to_owned())), told)
    }

    #[tokio::test(start_paused = true)]
    async fn a_role_that_ends_is_started_again_and_told_once() {
        let (lines, told) = noted();
        let mut staff = Staff::new(lines);
        let starts = Arc::new(AtomicU32::new(0));
        let counted = Arc::clone(&starts);
        let mut shift = staff.employ("projector", (), move |_, cancel| {
            let start = counted.fetch_add(1, Ordering::SeqCst);
            async move {
                match start {
                    0 => Err(io::Error::other("the table is gone")),
                    1 => panic!("a bug"),
                    2 => Ok(()),
                    _ => {
                        cancel.cancelled().await;
                        Ok(())
                    }
                }
            }
        });

        let flapping = shift.wait_for(|shift| shift.deaths == 3 && shift.working).await.unwrap().clone();
        assert_eq!(flapping.reason, "it ended, though nobody asked it to");
        shift.wait_for(|shift| shift.deaths == 0).await.unwrap();

        assert_eq!(starts.load(Ordering::SeqCst), 4);
        assert_eq!(*told.lock().unwrap(), ["projector stopped: the table is gone. It is started again"]);
        staff.dismiss(Duration::from_secs(1)).await;
    }

    #[tokio::test(start_paused = true)]
    async fn who_does_not_finish_in_time_is_ended() {
        let mut staff = Staff::new(Lines::none());
        staff.employ("deaf", (), |_, _| async { std::future::pending::<Result<(), io::Error>>().await });
        let asked = Instant::now();
        staff.dismiss(Duration::from_secs(2)).await;
        assert_eq!(asked.elapsed(), Duration::from_secs(2));
    }
}
