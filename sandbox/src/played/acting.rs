//! People act in a played world, when their moment has come.

use tokio::time::{Instant, sleep_until};

use super::Played;
use crate::people::{Done, Next, Play};

impl Played {
    /// Plays a script to its end, one act after the other, and tells of each as it is over. To drop it stops it between
    /// two requests.
    pub async fn act(&self, mut play: Play, mut told: impl FnMut(Done)) {
        let beginning = Instant::now();
        loop {
            match play.next(beginning.elapsed()) {
                Next::Wait(moment) => sleep_until(beginning + moment).await,
                Next::Ask(request) => {
                    let answer = self.request(request).await;
                    play.hear(&answer);
                }
                Next::Done(done) => told(done),
                Next::Over => return,
            }
        }
    }
}
