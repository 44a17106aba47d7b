//! Being told to stop.

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::exit::Failure;

/// How this process was told to stop.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Told {
    /// By a person: Ctrl-C.
    Interrupt,
    /// By a supervisor, or by a terminal that was closed.
    Terminate,
}

impl Told {
    /// What the script is told: 130 after Ctrl-C, as every shell expects; 0 where a stop was ordered and done.
    pub(crate) fn outcome(self) -> Result<(), Failure> {
        match self {
            Self::Interrupt => Err(Failure::interrupted()),
            Self::Terminate => Ok(()),
        }
    }
}

/// Listens for both from the moment it is made.
pub(crate) struct Signals {
    interrupt: Signal,
    terminate: Signal,
    hang_up: Signal,
}

impl Signals {
    pub(crate) fn listen() -> Result<Self, Failure> {
        let on = |kind| signal(kind).map_err(|error| Failure::failed("signals cannot be heard").because(error));
        Ok(Self {
            interrupt: on(SignalKind::interrupt())?,
            terminate: on(SignalKind::terminate())?,
            hang_up: on(SignalKind::hangup())?,
        })
    }

    pub(crate) async fn next(&mut self) -> Told {
        tokio::select! {
            _ = self.interrupt.recv() => Told::Interrupt,
            _ = self.terminate.recv() => Told::Terminate,
            _ = self.hang_up.recv() => Told::Terminate,
        }
    }
}
