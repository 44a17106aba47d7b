//! Jobs that are ended: nothing that they started is left.

use std::{
    fs,
    time::{Duration, Instant},
};

use crate::bench::{self, BOTH, Bench, FAMILY, living, log, until};
use sandbox::{ci::Walls, workflow::Conclusion};
use tokio_util::sync::CancellationToken;

#[tokio::test]
async fn a_job_that_takes_too_long_ends_with_all_that_it_started() {
    for walls in BOTH {
        let bench = Bench::new(walls);
        let mut job = bench.job(FAMILY);
        job.limits.time = Duration::from_secs(4);
        let running = bench.runner.start(job, &CancellationToken::new());
        let family = bench.family().await;
        let ended = running.ended().await;
        assert_eq!((ended.conclusion, ended.exit), (Conclusion::TimedOut, None));
        assert_eq!(living(&family), Vec::<i32>::new());
        assert!(log(&ended).starts_with("before\n") && log(&ended).ends_with("[ci] stopped: it may take 4s\n"));
        assert!(ended.took < Duration::from_secs(9), "{:?}", ended.took);
        bench.is_cleared_away();
    }
}

#[tokio::test]
async fn a_job_that_is_cancelled_ends_with_all_that_it_started() {
    for walls in BOTH {
        let bench = Bench::new(walls);
        let cancel = CancellationToken::new();
        let running = bench.runner.start(bench.job(FAMILY), &cancel);
        let family = bench.family().await;
        cancel.cancel();
        let ended = running.ended().await;
        assert_eq!((ended.conclusion, ended.exit), (Conclusion::Cancelled, None));
        assert_eq!(living(&family), Vec::<i32>::new());
        assert!(log(&ended).starts_with("before\n") && log(&ended).ends_with("[ci] cancelled\n"), "{}", log(&ended));
        bench.is_cleared_away();
    }
}

#[tokio::test]
async fn a_job_that_nobody_waits_for_any_more_ends_with_all_that_it_started() {
    for walls in BOTH {
        let bench = Bench::new(walls);
        let running = bench.runner.start(bench.job(FAMILY), &CancellationToken::new());
        let family = bench.family().await;
        drop(running);
        bench.runner.drain().await;
        assert_eq!(living(&family), Vec::<i32>::new());
        bench.is_cleared_away();
    }
}

/// This test runs itself a second time, as the program that dies.
#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "the second time is told by its environment that it is that")]
async fn a_job_ends_when_the_program_that_runs_it_is_killed() {
    const NAME: &str = "endings::a_job_ends_when_the_program_that_runs_it_is_killed";
    const FAMILY_IN_ONE_GROUP: &str = "sleep 1000 & touch \"$READY\"; sleep 1000";
    let script = |walls| if walls == Walls::Namespaces { FAMILY } else { FAMILY_IN_ONE_GROUP };
    if let (Ok(folder), Ok(walls)) = (std::env::var("DYING_FOLDER"), std::env::var("DYING_WALLS")) {
        let walls = if walls == "Namespaces" { Walls::Namespaces } else { Walls::Group };
        bench::work_until_killed(folder.as_ref(), walls, script(walls)).await;
    }
    for walls in BOTH {
        let bench = Bench::new(walls);
        let mut dying = tokio::process::Command::new(std::env::current_exe().unwrap())
            .args([NAME, "--exact"])
            .envs([("DYING_FOLDER", bench.file("").to_str().unwrap()), ("DYING_WALLS", &format!("{walls:?}"))])
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let family = bench.family().await;
        assert!(living(&family).len() > 1);
        dying.kill().await.unwrap();
        until(|| living(&family).is_empty()).await;
    }
}

#[tokio::test]
async fn what_a_script_leaves_behind_ends_with_it() {
    for walls in BOTH {
        let bench = Bench::new(walls);
        let script = "
            (setsid sleep 1000 &) ; setsid sleep 1000 >/dev/null 2>&1 & sleep 1000 &
            touch \"$READY\"; while test ! -e \"$GO\"; do sleep 0.01; done; echo done";
        let running = bench.runner.start(bench.job(script), &CancellationToken::new());
        let family = bench.family().await;
        fs::write(bench.go(), "").unwrap();
        let ended = running.ended().await;
        assert_eq!((ended.conclusion, log(&ended).as_str()), (Conclusion::Success, "done\n"));
        assert_eq!(living(&family), Vec::<i32>::new());
    }
}

#[tokio::test]
async fn a_script_that_leaves_its_group_ends_at_once_all_the_same() {
    for walls in BOTH {
        let bench = Bench::new(walls);
        let cancel = CancellationToken::new();
        let script = "touch \"$READY\"; exec setsid sh -c 'sleep 1000 & sleep 1000' >/dev/null 2>&1";
        let running = bench.runner.start(bench.job(script), &cancel);
        let family = bench.family().await;
        cancel.cancel();
        let cancelled = Instant::now();
        assert_eq!(running.ended().await.conclusion, Conclusion::Cancelled);
        assert!(cancelled.elapsed() < Duration::from_secs(4), "{:?}", cancelled.elapsed());
        assert_eq!(living(&family), Vec::<i32>::new());
    }
}

#[tokio::test]
async fn a_script_that_never_stops_writing_is_stopped() {
    for walls in BOTH {
        let bench = Bench::new(walls);
        let mut job = bench.job("yes");
        job.limits.time = Duration::from_secs(1);
        job.limits.output = 2000;
        let ended = bench.runner.run(job, CancellationToken::new()).await;
        assert_eq!(ended.conclusion, Conclusion::TimedOut);
        assert!(log(&ended).contains("bytes of output cut here") && ended.log.len() < 2200);
    }
}

#[tokio::test]
async fn a_checkout_that_takes_too_long_is_ended_too() {
    let programs = tempfile::tempdir().unwrap();
    let git = programs.path().join("git");
    fs::write(&git, "#!/bin/sh\necho slow\nsleep 1000\n").unwrap();
    fs::set_permissions(&git, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let bench = Bench::with_path(Walls::Namespaces, &format!("{}:{}", programs.path().display(), bench::PATH));
    let mut job = bench.job("echo not reached");
    job.limits.time = Duration::from_secs(1);
    let ended = bench.runner.run(job, CancellationToken::new()).await;
    assert_eq!(ended.conclusion, Conclusion::TimedOut);
    assert_eq!(log(&ended), "slow\n[ci] stopped: it may take 1s\n");
    bench.is_cleared_away();
}
