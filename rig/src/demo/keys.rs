//! Keys that act at once, without Return.

use std::io::{self, IsTerminal as _, Read as _};

use nix::sys::termios::{LocalFlags, SetArg, Termios, tcgetattr, tcsetattr};
use tokio::sync::mpsc;

use super::plug::Plug;

/// The terminal as it was, restored when this is dropped.
pub(super) struct Keys(Option<Termios>);

impl Keys {
    /// Listens; where no person sits at a terminal, nobody presses anything.
    pub(super) fn listen(pulls: mpsc::Sender<Plug>) -> Self {
        let before = io::stdin().is_terminal().then(|| tcgetattr(io::stdin()).ok()).flatten();
        if let Some(before) = &before {
            let mut at_once = before.clone();
            at_once.local_flags.remove(LocalFlags::ICANON | LocalFlags::ECHO);
            let _ = tcsetattr(io::stdin(), SetArg::TCSANOW, &at_once);
            // A thread of its own: it waits for a key that may never come, and keeps nobody from ending.
            std::thread::spawn(move || {
                for key in io::stdin().lock().bytes().map_while(Result::ok) {
                    if let Some(plug) = Plug::of_key(key)
                        && pulls.blocking_send(plug).is_err()
                    {
                        return;
                    }
                }
            });
        }
        Self(before)
    }
}

impl Drop for Keys {
    fn drop(&mut self) {
        if let Some(before) = &self.0 {
            let _ = tcsetattr(io::stdin(), SetArg::TCSANOW, before);
        }
    }
}
