//! A conductor as a process of its own, for the tests that kill it.
//!
//!     led WINDOW < the channel's address
//!
//! It says in a line how it ended.
#![allow(clippy::unwrap_used, reason = "it is part of the tests")]

use bus::connect::connect_in_background;
use conductor::{
    driver::{Driver, Report, Role, Settings},
    machine::rules::Skill,
    reading, testing,
};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

#[tokio::main]
async fn main() {
    let window = std::env::args().nth(1).unwrap().parse().unwrap();
    let mut url = String::new();
    std::io::stdin().read_line(&mut url).unwrap();
    let connection = connect_in_background(url.trim(), "conductor").await.unwrap();
    let rules = testing::rules().only(Skill::Implementer).window(window).build();
    let driver = Driver::new(&connection, rules, Settings::default(), reading::read);
    let mut report = driver.report();
    let ended = driver.run(CancellationToken::new());
    tokio::pin!(ended);
    let ended = tokio::select! {
        ended = &mut ended => ended,
        () = leading(&mut report) => ended.await,
    };
    println!("ended {}", ended.err().map(|error| error.to_string()).unwrap_or_default());
}

async fn leading(report: &mut watch::Receiver<Report>) {
    let term = report.wait_for(|report| report.role == Role::Leading).await.unwrap().term;
    println!("leads {term}");
}
