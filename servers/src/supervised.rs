//! A server that is started again when it dies.

use std::{convert::Infallible, ops::Deref, path::Path, sync::Arc, time::Duration};

use tokio::{
    task::JoinSet,
    time::{Instant, MissedTickBehavior, interval_at, sleep},
};

use crate::{Lines, error::Result, log_file};

/// How often a running server is asked whether it is well, and its log is kept small.
const LOOK_EVERY: Duration = Duration::from_secs(5);

const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// A server that lived this long is started again at once.
const STEADY: Duration = Duration::from_secs(30);

/// A server that can be watched.
pub trait Server: Send + Sync + 'static {
    /// What people call it.
    fn name(&self) -> &'static str;

    /// Its log.
    fn log(&self) -> &Path;

    /// Waits for the end of the process that runs now.
    fn died(&self) -> impl Future<Output = Died> + Send;

    /// Starts it again if the process that died is still the last one; whether it did so.
    fn revive(&self, died: &Died) -> impl Future<Output = Result<bool>> + Send;

    /// Whether it answers, and well.
    fn healthy(&self) -> impl Future<Output = Result<()>> + Send;

    /// Stops it: asked first, killed when the time is over.
    fn stop(&self, within: Duration) -> impl Future<Output = ()> + Send;
}

/// A process that ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Died {
    /// Its id.
    pub pid: u32,
    /// How, in words: `signal 9`.
    pub how: String,
}

/// A server with a watcher: when it dies it is started again, with growing pauses, and a line says so.
///
/// Dropped, the watcher goes first and the server is killed.
#[derive(Debug)]
pub struct Supervised<S> {
    watcher: JoinSet<()>,
    server: Arc<S>,
}

impl<S: Server> Supervised<S> {
    /// Watches a running server; what happens to it is told in lines.
    #[must_use]
    pub fn watch(server: S, lines: Lines) -> Self {
        let server = Arc::new(server);
        let mut watcher = JoinSet::new();
        watcher.spawn(keep_alive(Arc::clone(&server), lines));
        Self { watcher, server }
    }

    /// Stops the watcher, with a start that may be under way, then the server.
    pub async fn stop(mut self, within: Duration) {
        self.watcher.shutdown().await;
        self.server.stop(within).await;
    }
}

impl<S> Deref for Supervised<S> {
    type Target = S;

    fn deref(&self) -> &S {
        &self.server
    }
}

async fn keep_alive<S: Server>(server: Arc<S>, lines: Lines) {
    let mut pause = FIRST_PAUSE;
    loop {
        let alive = Instant::now();
        let died = tokio::select! {
            died = server.died() => died,
            never = look_after(&*server, &lines) => match never {},
        };
        if alive.elapsed() > STEADY {
            pause = FIRST_PAUSE;
        }
        revive(&*server, &died, &mut pause, &lines).await;
    }
}

async fn revive<S: Server>(server: &S, died: &Died, pause: &mut Duration, lines: &Lines) {
    let started = Instant::now();
    let (name, how) = (server.name(), &died.how);
    loop {
        match server.revive(died).await {
            Ok(false) => return,
            Ok(true) => break,
            Err(error) => lines.tell(&format!("{name} died ({how}) and cannot be started yet: {error}")),
        }
        sleep(*pause).await;
        *pause = (*pause * 2).min(LONGEST_PAUSE);
    }
    lines.tell(&format!("{name} died ({how}); started again in {:.1} s", started.elapsed().as_secs_f32()));
    sleep(*pause).await;
    *pause = (*pause * 2).min(LONGEST_PAUSE);
}

/// Tells when a running server stops answering well and when it does again. It is not killed for that: nats-server
/// answers so while it reads a big store. One bad answer is not told: a restart on purpose gives one too.
async fn look_after<S: Server>(server: &S, lines: &Lines) -> Infallible {
    let mut unwell = 0_u32;
    let mut looks = interval_at(Instant::now() + LOOK_EVERY, LOOK_EVERY);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        looks.tick().await;
        if let Err(error) = log_file::put_aside_if_long(server.log()) {
            lines.tell(&format!("{} cannot be put aside: {error}", server.log().display()));
        }
        match server.healthy().await {
            Ok(()) => {
                if unwell > 1 {
                    lines.tell(&format!("{} is well again", server.name()));
                }
                unwell = 0;
            }
            Err(error) => {
                unwell += 1;
                if unwell == 2 {
                    lines.tell(&error.to_string());
                }
            }
        }
    }
}
