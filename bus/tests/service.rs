//! Questions on a real server.
#![allow(clippy::unwrap_used, reason = "tests")]

mod channel;

use std::time::{Duration, Instant};

use bus::service;
use channel::Channel;

/// The server dies with a question on its way: the next connection is asked, and nobody waits until the answer is late.
#[tokio::test]
async fn a_question_that_died_with_its_connection_is_asked_over_the_next() {
    const LATE: Duration = Duration::from_secs(60);
    let channel = Channel::new().await;
    let conductor = channel.connect("conductor").await;
    let mut questions = service::serve(&conductor, "run", Some("next")).await.unwrap();
    let (subject, began) = (service::subject("run", "next"), Instant::now());
    let asking = service::ask::<_, u64>(&conductor, &subject, &1, LATE);
    let serving = async {
        let unanswered = questions.next().await.unwrap();
        channel.nats.kill().await;
        channel.nats.restart().await.unwrap();
        questions.next().await.unwrap().answer(2).await;
        drop(unanswered);
    };
    let (answer, ()) = tokio::join!(asking, serving);
    assert_eq!(answer.unwrap(), 2);
    assert!(began.elapsed() < LATE / 2, "{:?}", began.elapsed());
}
