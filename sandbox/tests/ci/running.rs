//! Jobs that are left to run: what they find, and how they conclude.

use std::{collections::BTreeMap, fs, time::Duration};

use crate::bench::{self, BOTH, Bench, FAMILY, living, log};
use sandbox::{
    ci::{Ended, Runner, Settings, Walls},
    workflow::Conclusion,
};
use tokio_util::sync::CancellationToken;

async fn run(bench: &Bench, script: &str) -> Ended {
    bench.runner.run(bench.job(script), CancellationToken::new()).await
}

#[tokio::test]
async fn this_machine_allows_the_walls_that_are_tested() {
    assert_eq!(Walls::found(bench::PATH).await, Walls::Namespaces);
    assert_eq!(Walls::found("/nowhere").await, Walls::Group);
}

#[tokio::test]
async fn a_script_that_ends_well_succeeds_on_the_files_of_its_commit() {
    for walls in BOTH {
        let bench = Bench::new(walls);
        let ended = run(&bench, "cat greeting; ./tool; echo to standard error >&2; test ! -e .git").await;
        assert_eq!((ended.conclusion, ended.exit), (Conclusion::Success, Some(0)), "{}", log(&ended));
        assert_eq!(log(&ended), "hello\na tool\nto standard error\n");
        assert!(ended.took > Duration::ZERO && ended.took < Duration::from_secs(60));
        bench.is_cleared_away();
    }
}

#[tokio::test]
async fn folders_may_be_told_from_where_the_program_stands() {
    let bench = Bench::new(Walls::Namespaces);
    let up: std::path::PathBuf = std::env::current_dir().unwrap().iter().skip(1).map(|_| "..").collect();
    let relative = |name: &str| up.join(bench.file(name).strip_prefix("/").unwrap());
    let settings =
        Settings { at_once: 1, path: bench::PATH.into(), scratch: relative("scratch"), walls: Walls::Namespaces };
    let mut job = bench.job("cat greeting; cd /; echo neutral > \"$CI_CONCLUSION\"");
    job.checkout.repository = relative("bare");
    let ended = Runner::new(settings).run(job, CancellationToken::new()).await;
    assert_eq!((ended.conclusion, log(&ended).as_str()), (Conclusion::Neutral, "hello\n"));
}

#[tokio::test]
async fn a_script_that_ends_otherwise_fails() {
    for walls in BOTH {
        let bench = Bench::new(walls);
        for (script, status) in [("exit 3", 3), ("false\necho not reached", 1), ("kill -TERM $$", 143)] {
            let ended = run(&bench, script).await;
            assert_eq!((ended.conclusion, ended.exit), (Conclusion::Failure, Some(status)), "{}", log(&ended));
            assert!(log(&ended).ends_with(&format!("[ci] the script ended with exit status {status}\n")));
            assert!(!log(&ended).contains("not reached"));
        }
    }
}

#[tokio::test]
async fn a_script_may_say_what_else_it_concludes() {
    let bench = Bench::new(Walls::Namespaces);
    for (script, conclusion) in [
        ("echo neutral > \"$CI_CONCLUSION\"", Conclusion::Neutral),
        ("printf skipped > \"$CI_CONCLUSION\"", Conclusion::Skipped),
        ("echo action_required > \"$CI_CONCLUSION\"", Conclusion::ActionRequired),
        ("echo neutral > \"$CI_CONCLUSION\"; exit 1", Conclusion::Failure),
        ("echo stale > \"$CI_CONCLUSION\"", Conclusion::Failure),
        ("mkfifo \"$CI_CONCLUSION\"", Conclusion::Failure),
        ("echo neutral > it; ln -s \"$PWD/it\" \"$CI_CONCLUSION\"", Conclusion::Failure),
        ("head -c 100000 /dev/zero > \"$CI_CONCLUSION\"", Conclusion::Failure),
    ] {
        let ended = run(&bench, script).await;
        assert_eq!(ended.conclusion, conclusion, "{script}: {}", log(&ended));
    }
}

#[tokio::test]
async fn what_cannot_start_says_why() {
    let bench = Bench::new(Walls::Namespaces);
    let mut absent = bench.job("true");
    absent.checkout.commit = "1".repeat(40);
    let mut option = bench.job("true");
    option.checkout.commit = "--help".into();
    let mut nowhere = bench.job("true");
    nowhere.checkout.repository = "/nowhere".into();
    let mut unheard = bench.job("true");
    unheard.script.shell = "no-such-shell".into();
    for (job, why) in [
        (absent, format!("[ci] git cannot check out {}; its own words are above\n", "1".repeat(40))),
        (option, "[ci] \"--help\" is no commit's id in full\n".into()),
        (nowhere, "not a git repository".into()),
        (unheard, "[ci] there is no no-such-shell on the PATH".into()),
    ] {
        let ended = bench.runner.run(job, CancellationToken::new()).await;
        assert_eq!((ended.conclusion, ended.exit), (Conclusion::StartupFailure, None), "{}", log(&ended));
        assert!(log(&ended).contains(&why), "{}", log(&ended));
    }
    bench.is_cleared_away();
}

#[tokio::test]
async fn walls_that_cannot_be_put_up_are_no_fault_of_the_script() {
    let programs = tempfile::tempdir().unwrap();
    for program in ["git", "sh", "setsid"] {
        std::os::unix::fs::symlink(bench::program(program), programs.path().join(program)).unwrap();
    }
    let unshare = programs.path().join("unshare");
    fs::write(&unshare, "#!/bin/sh\necho unshare: not permitted >&2\nexit 1\n").unwrap();
    fs::set_permissions(&unshare, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let path = programs.path().to_str().unwrap();
    assert_eq!(Walls::found(path).await, Walls::Group);
    let bench = Bench::with_path(Walls::Namespaces, path);
    let ended = run(&bench, "true").await;
    assert_eq!((ended.conclusion, ended.exit), (Conclusion::StartupFailure, None));
    assert!(log(&ended).starts_with("unshare: not permitted\n[ci] the walls round the script"), "{}", log(&ended));
}

#[tokio::test]
async fn another_shell_runs_the_script() {
    let bench = Bench::new(Walls::Namespaces);
    let mut job = bench.job("words=(one two)\necho ${words[1]}\nfalse\necho not reached");
    job.script.shell = "bash".into();
    let ended = bench.runner.run(job, CancellationToken::new()).await;
    assert_eq!((ended.exit, log(&ended).lines().next()), (Some(1), Some("two")));
}

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "the test must know that there is something to hide")]
async fn the_environment_is_what_was_declared_and_nothing_of_ours() {
    for walls in BOTH {
        let bench = Bench::new(walls);
        let mut job = bench.job("env; ls -A \"$HOME\" \"$TMPDIR\"");
        job.environment = BTreeMap::from([("MODE".into(), "a b\nc".into()), ("CI".into(), "no".into())]);
        let ended = bench.runner.run(job, CancellationToken::new()).await;
        let said = log(&ended);
        let names: Vec<_> = said.lines().filter_map(|line| Some(line.split_once('=')?.0)).collect();
        for name in &names {
            let ours = ["PATH", "HOME", "TMPDIR", "CI", "CI_COMMIT", "CI_CONCLUSION", "MODE", "PWD", "OLDPWD"];
            assert!(ours.contains(name) || ["SHLVL", "_"].contains(name), "{name} in {said}");
        }
        assert!(said.contains("MODE=a b\nc\n") && said.contains("CI=true\n"), "{said}");
        assert!(said.contains(&format!("CI_COMMIT={}\n", bench.commit)));
        assert!(std::env::var_os("CARGO_MANIFEST_DIR").is_some());
        assert!(!said.contains("CARGO_MANIFEST_DIR"));
    }
}

#[tokio::test]
async fn our_environment_cannot_be_read_from_proc_behind_the_walls() {
    let bench = Bench::new(Walls::Namespaces);
    let ended = run(&bench, "cat /proc/[0-9]*/environ | tr '\\0' '\\n'; ls -d /proc/[0-9]* | wc -l").await;
    assert_eq!(ended.conclusion, Conclusion::Success, "{}", log(&ended));
    assert!(!log(&ended).contains("CARGO_MANIFEST_DIR"));
}

#[tokio::test]
async fn behind_the_walls_there_is_a_loopback_and_no_network() {
    let bench = Bench::new(Walls::Namespaces);
    let ended = run(&bench, "tail -n +3 /proc/net/dev | cut -d: -f1; tail -n +2 /proc/net/route").await;
    assert_eq!(log(&ended).split_whitespace().collect::<Vec<_>>(), ["lo"]);
}

#[tokio::test]
async fn standard_input_is_at_its_end() {
    for walls in BOTH {
        let bench = Bench::new(walls);
        let ended = run(&bench, "cat; read -r line || echo nothing to read").await;
        assert_eq!(log(&ended), "nothing to read\n");
    }
}

#[tokio::test]
async fn of_much_output_the_beginning_and_the_end_are_kept() {
    let bench = Bench::new(Walls::Namespaces);
    let mut job = bench.job("echo first; head -c 3000000 /dev/zero | tr '\\0' x; echo; echo last");
    job.limits.output = 1000;
    let ended = bench.runner.run(job, CancellationToken::new()).await;
    assert_eq!(ended.conclusion, Conclusion::Success);
    let said = log(&ended);
    assert!(said.starts_with("first\nxxx") && said.ends_with("xxx\nlast\n"), "{said}");
    assert!(said.contains("\n[ci] 2999012 bytes of output cut here; 1000 are kept\n"), "{said}");
    assert!(said.len() < 1100);
}

#[tokio::test]
async fn a_script_has_no_more_memory_and_writes_no_larger_file_than_it_may() {
    for walls in BOTH {
        let bench = Bench::new(walls);
        let mut greedy = bench.job("head -c 1000000 /dev/zero > small; echo small; head -c 3000000 /dev/zero > large");
        greedy.limits.file_size = Some(2_000_000);
        let ended = bench.runner.run(greedy, CancellationToken::new()).await;
        assert_eq!(ended.conclusion, Conclusion::Failure);
        assert!(log(&ended).starts_with("small\n"), "{}", log(&ended));
        let mut greedy = bench.job("python3 -c 'b\"x\" * 10_000_000'; echo small; python3 -c 'b\"x\" * 900_000_000'");
        greedy.limits.memory = Some(500_000_000);
        let ended = bench.runner.run(greedy, CancellationToken::new()).await;
        assert_eq!(ended.conclusion, Conclusion::Failure);
        assert!(log(&ended).starts_with("small\n") && log(&ended).contains("MemoryError"), "{}", log(&ended));
    }
}

#[tokio::test]
async fn a_script_that_closes_its_folders_is_cleared_away_all_the_same() {
    let bench = Bench::new(Walls::Namespaces);
    let ended = run(&bench, "mkdir -p a/b; touch a/b/c; chmod 0 a/b a \"$HOME\"").await;
    assert_eq!(log(&ended), "");
    bench.is_cleared_away();
}

#[tokio::test]
async fn one_at_a_time_means_one_after_the_other_in_the_order_of_their_start() {
    let bench = Bench::new(Walls::Namespaces);
    let cancel = CancellationToken::new();
    let history = bench.file("history");
    let script = |name: &str| {
        let history = history.display();
        format!(
            "echo {name} begins >> {history}; touch \"$READY\"
             while test ! -e \"$GO\"; do sleep 0.01; done; echo {name} ends >> {history}"
        )
    };
    let first = bench.runner.start(bench.job(&script("first")), &cancel);
    let others: Vec<_> = (0..5).map(|n| bench.runner.start(bench.job(&script(&n.to_string())), &cancel)).collect();
    bench.family().await;
    assert_eq!(fs::read_to_string(&history).unwrap(), "first begins\n");
    fs::write(bench.go(), "").unwrap();
    first.ended().await;
    for running in others {
        assert_eq!(running.ended().await.conclusion, Conclusion::Success);
    }
    let expected = "first begins\nfirst ends\n".to_owned()
        + &(0..5).map(|n| format!("{n} begins\n{n} ends\n")).collect::<String>();
    assert_eq!(fs::read_to_string(&history).unwrap(), expected);
}

#[tokio::test]
async fn a_job_in_the_queue_is_cancelled_at_once_and_the_others_keep_their_turn() {
    let bench = Bench::new(Walls::Namespaces);
    let (everyone, one) = (CancellationToken::new(), CancellationToken::new());
    let first = bench.runner.start(bench.job(FAMILY), &everyone);
    let second = bench.runner.start(bench.job("echo second"), &one);
    let third = bench.runner.start(bench.job("echo third"), &CancellationToken::new());
    let family = bench.family().await;
    one.cancel();
    let ended = second.ended().await;
    assert_eq!((ended.conclusion, log(&ended).as_str()), (Conclusion::Cancelled, "[ci] cancelled before it began\n"));
    assert!(!living(&family).is_empty(), "the first still runs");
    everyone.cancel();
    assert_eq!(first.ended().await.conclusion, Conclusion::Cancelled);
    assert_eq!(log(&third.ended().await), "third\n");
}

#[tokio::test]
async fn several_at_once_run_at_once() {
    let bench = Bench::at_once(Walls::Namespaces, 2);
    let (here, there) = (bench.file("here"), bench.file("there"));
    let script = |mine: &std::path::Path, other: &std::path::Path| {
        format!("touch {}; while test ! -e {}; do sleep 0.01; done", mine.display(), other.display())
    };
    let one = bench.runner.run(bench.job(&script(&here, &there)), CancellationToken::new());
    let other = bench.runner.run(bench.job(&script(&there, &here)), CancellationToken::new());
    let (one, other) = tokio::join!(one, other);
    assert_eq!((one.conclusion, other.conclusion), (Conclusion::Success, Conclusion::Success));
}

#[tokio::test]
async fn a_runner_that_is_drained_ends_what_has_begun_and_begins_nothing_more() {
    let bench = Bench::new(Walls::Namespaces);
    let cancel = CancellationToken::new();
    let script = "touch \"$READY\"; while test ! -e \"$GO\"; do sleep 0.01; done";
    let mut unlimited = bench.job(script);
    unlimited.limits.time = Duration::MAX;
    let begun = bench.runner.start(unlimited, &cancel);
    let queued = bench.runner.start(bench.job("true"), &cancel);
    bench.family().await;
    let opened = async {
        assert_eq!(queued.ended().await.conclusion, Conclusion::Cancelled);
        fs::write(bench.go(), "").unwrap();
    };
    tokio::join!(bench.runner.drain(), opened);
    assert_eq!(begun.ended().await.conclusion, Conclusion::Success);
    assert_eq!(run(&bench, "true").await.conclusion, Conclusion::Cancelled);
}
