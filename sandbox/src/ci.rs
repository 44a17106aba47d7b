//! Runs a repository's script as a job of its CI, in a child that is walled off as far as the machine allows.
//!
//! What ends with a job: its script, whatever the script started, also what forked away from it, and the job's folders.
//! A job ends with its script; what the script leaves behind is killed, as on GitHub. A job also ends when the [`Running`]
//! is dropped, and when this process dies, however it dies: see `keeper.sh`.
//!
//! The walls keep a script from our secrets, from the network and from outliving its job. They are no defence against a
//! script that means harm: it reads and writes files as the user who runs this program.

mod attempt;
mod checkout;
mod child;
mod job;
mod log;
mod scratch;
mod script;
mod stop;
mod strays;
mod walls;

use std::{
    path::PathBuf,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use tokio::{
    sync::{AcquireError, OwnedSemaphorePermit, Semaphore, oneshot},
    task::JoinHandle,
};
use tokio_util::{
    sync::{CancellationToken, DropGuard},
    task::TaskTracker,
};

pub use job::{Checkout, Ended, Job, Limits};
pub use script::CONCLUSION;
pub use walls::Walls;

/// What a runner is given.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How many jobs may run at once.
    pub at_once: usize,
    /// The `PATH` of the jobs, on which git and their shells are found.
    pub path: String,
    /// The folder in which each job gets a folder of its own, for as long as it runs.
    pub scratch: PathBuf,
    /// What stands between a job and the machine.
    pub walls: Walls,
}

/// Runs jobs, some at once, the others in the order in which they were started.
#[derive(Debug)]
pub struct Runner {
    settings: Arc<Settings>,
    places: Arc<Semaphore>,
    tasks: TaskTracker,
}

impl Runner {
    /// A runner that has nothing to do yet.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        let places = Arc::new(Semaphore::new(settings.at_once.max(1)));
        Self { settings: Arc::new(settings), places, tasks: TaskTracker::new() }
    }

    /// Starts a job, or queues it behind those that were started before. Needs a tokio runtime.
    #[must_use = "a job whose Running is dropped is cancelled"]
    pub fn start(&self, job: Job, cancel: &CancellationToken) -> Running {
        let cancel = cancel.child_token();
        let turn = queued(&self.places);
        let settings = Arc::clone(&self.settings);
        let guard = cancel.clone().drop_guard();
        let (begins, begun) = oneshot::channel();
        let task = self.tasks.spawn(async move {
            match cancel.run_until_cancelled(turn).await {
                Some(Ok(_place)) => {
                    // Nobody need wait for it.
                    begins.send(()).ok();
                    attempt::attempt(&settings, &job, &cancel).await
                }
                Some(Err(_)) | None => Ended::unbegun(),
            }
        });
        Running { task, begun, _cancelled_on_drop: guard }
    }

    /// Runs a job to its end, or until it is cancelled. Dropping the future cancels it too.
    pub async fn run(&self, job: Job, cancel: CancellationToken) -> Ended {
        self.start(job, &cancel).ended().await
    }

    /// Cancels the jobs that have not begun, and waits until all others have ended and have been cleared away.
    pub async fn drain(&self) {
        self.places.close();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

/// A job that was started. Dropping it cancels the job.
#[derive(Debug)]
pub struct Running {
    task: JoinHandle<Ended>,
    begun: oneshot::Receiver<()>,
    _cancelled_on_drop: DropGuard,
}

impl Running {
    /// Waits until the job begins. False where it never will, because it was cancelled in the queue.
    pub async fn begun(&mut self) -> bool {
        (&mut self.begun).await.is_ok()
    }

    /// Waits for the job's end.
    pub async fn ended(self) -> Ended {
        let Self { task, begun: _, _cancelled_on_drop } = self;
        task.await.unwrap_or_else(|error| Ended::lost(&error))
    }
}

type Turn = Pin<Box<dyn Future<Output = Result<OwnedSemaphorePermit, AcquireError>> + Send>>;

/// A place in the queue, taken now: a semaphore queues whoever asks at the first poll, and the tasks that wait would be
/// polled in any order. Unconstrained, because a caller that has used up its budget would not be queued.
fn queued(places: &Arc<Semaphore>) -> Turn {
    let mut turn: Turn = Box::pin(tokio::task::unconstrained(Arc::clone(places).acquire_owned()));
    match turn.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(place) => Box::pin(std::future::ready(place)),
        Poll::Pending => turn,
    }
}
