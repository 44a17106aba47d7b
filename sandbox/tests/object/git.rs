//! Git itself, in a bare repository of its own that ends with the test.

use proptest::test_runner::Config;
use sandbox::object::{Kind, Objects, Oid};
use std::{
    io::Write,
    process::{Command, Output, Stdio},
};
use tempfile::TempDir;

pub(crate) struct Git {
    folder: TempDir,
}

/// Every case starts git many times, so there are not many cases.
pub(crate) fn cases(cases: u32) -> Config {
    Config { cases, failure_persistence: None, max_shrink_iters: 200, ..Config::default() }
}

impl Git {
    pub(crate) fn new() -> Self {
        let git = Self { folder: tempfile::tempdir().unwrap() };
        git.run(&["init", "-q", "--bare", "."], b"");
        git
    }

    /// A repository that holds the same objects; git gives each the id that we gave it.
    pub(crate) fn mirror(objects: &Objects) -> Self {
        let git = Self::new();
        for kind in [Kind::Blob, Kind::Tree, Kind::Commit] {
            let (oids, files): (Vec<Oid>, String) = objects
                .iter()
                .filter(|(_, of, _)| *of == kind)
                .map(|(oid, _, bytes)| {
                    let file = git.folder.path().join(format!("raw-{oid}"));
                    std::fs::write(&file, bytes).unwrap();
                    (oid, format!("{}\n", file.display()))
                })
                .unzip();
            let args = ["hash-object", "-w", "--no-filters", "-t", kind.name(), "--stdin-paths"];
            let theirs = String::from_utf8(git.run(&args, files.as_bytes())).unwrap();
            assert_eq!(theirs.lines().map(|oid| oid.parse().unwrap()).collect::<Vec<Oid>>(), oids);
        }
        git
    }

    pub(crate) fn run(&self, args: &[&str], input: &[u8]) -> Vec<u8> {
        let output = self.output(args, input);
        assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    }

    pub(crate) fn text(&self, args: &[&str]) -> String {
        String::from_utf8(self.run(args, b"")).unwrap()
    }

    pub(crate) fn oid(&self, args: &[&str], input: &[u8]) -> Oid {
        std::str::from_utf8(&self.run(args, input)).unwrap().trim().parse().unwrap()
    }

    pub(crate) fn oids(&self, args: &[&str]) -> Vec<Oid> {
        self.text(args).split_whitespace().map(|oid| oid.parse().unwrap()).collect()
    }

    pub(crate) fn output(&self, args: &[&str], input: &[u8]) -> Output {
        let mut child = self.command(args).spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        std::thread::scope(|scope| {
            scope.spawn(move || stdin.write_all(input));
            child.wait_with_output().unwrap()
        })
    }

    /// Nothing of the machine's or the person's configuration reaches it.
    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new("git");
        command
            .args(args)
            .current_dir(self.folder.path())
            .env_clear()
            .env("PATH", env!("PATH"))
            .envs([("HOME", "/nonexistent"), ("GIT_CONFIG_GLOBAL", "/dev/null"), ("GIT_CONFIG_NOSYSTEM", "1")])
            .envs([("GIT_AUTHOR_NAME", "Ada"), ("GIT_AUTHOR_EMAIL", "ada@example.com")])
            .envs([("GIT_COMMITTER_NAME", "Nora"), ("GIT_COMMITTER_EMAIL", "nora@example.com")])
            .envs([("GIT_AUTHOR_DATE", "1700000000 +0200"), ("GIT_COMMITTER_DATE", "1700000060 -0330")])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }
}
