//! `rig sandbox` as it is met: started, asked, cloned from, pushed to, refused, stopped.
#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

#[path = "sandbox/site.rs"]
mod site;
mod world;

use std::{
    fs::{self, File},
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    time::Duration,
};

use serde_json::{Value, json};
use tempfile::TempDir;
use world::{
    process::{Ended, Process},
    start::RIG,
    until,
};

const FIVE_SECONDS: Duration = Duration::from_secs(5);

/// A sandbox in a scratch folder.
struct Sandbox {
    process: Process,
    scratch: TempDir,
}

impl Sandbox {
    /// Started and ready.
    async fn up(seed: Option<&str>) -> (Self, Value) {
        let scratch = tempfile::tempdir().unwrap();
        let mut args = vec!["--port", "0", "--json"];
        if let Some(seed) = seed {
            fs::write(scratch.path().join("world.toml"), seed).unwrap();
            args.extend(["--seed", "world.toml"]);
        }
        let sandbox = Self::start(scratch, &args);
        let told = sandbox.told().await;
        (sandbox, told)
    }

    fn start(scratch: TempDir, args: &[&str]) -> Self {
        let [stdout, stderr] = ["stdout", "stderr"].map(|name| scratch.path().join(name));
        let child = command(scratch.path(), args)
            .stdin(Stdio::null())
            .stdout(File::create(&stdout).unwrap())
            .stderr(File::create(&stderr).unwrap())
            .spawn()
            .unwrap();
        Self { process: Process::new(child, stdout, stderr), scratch }
    }

    /// What it tells a program.
    async fn told(&self) -> Value {
        let line = || self.process.printed().lines().next().map(str::to_owned);
        until("the sandbox is ready", async || line().and_then(|line| serde_json::from_str(&line).ok())).await
    }

    async fn stop(&mut self) -> Ended {
        self.process.interrupt();
        self.process.ended().await
    }
}

fn command(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(RIG);
    command.arg("sandbox").args(args).current_dir(folder).env("NO_COLOR", "1").env("HOOK_SECRET", "hush-hush");
    command
}

/// To its end, which is to come at once.
fn refused(folder: &Path, args: &[&str]) -> (Option<i32>, String) {
    let Output { status, stderr, .. } = command(folder, args).stdin(Stdio::null()).output().unwrap();
    (status.code(), String::from_utf8(stderr).unwrap())
}

fn path(told: &Value, pointer: &str) -> PathBuf {
    told.pointer(pointer).unwrap().as_str().unwrap().into()
}

fn line(path: &Path) -> String {
    assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600, "{}", path.display());
    let text = fs::read_to_string(path).unwrap();
    assert_eq!(text.lines().count(), 1);
    text.trim_end().to_owned()
}

fn client() -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::new()
}

/// Asks the API as somebody.
async fn ask(told: &Value, who: &str, method: &str, path: &str, body: Option<Value>) -> (u16, Value) {
    let url = format!("{}{path}", told["api"].as_str().unwrap());
    let token = line(&self::path(told, &format!("/tokens/{who}")));
    let request = client().request(method.parse().unwrap(), url).bearer_auth(token);
    let request = if let Some(body) = body { request.json(&body) } else { request };
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap_or_default())
}

/// Git, as a person runs it.
async fn git(folder: &Path, args: &[&str]) -> (bool, String) {
    let mut git = Command::new("git");
    git.args(["-c", "user.name=nora", "-c", "user.email=nora@example.org", "-c", "credential.helper="])
        .args(args)
        .current_dir(folder)
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_SYSTEM", "/dev/null")
        .stdin(Stdio::null());
    let output = tokio::task::spawn_blocking(move || git.output().unwrap()).await.unwrap();
    (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[tokio::test]
async fn a_small_world_is_up_at_once_and_down_within_five_seconds() {
    let (mut sandbox, told) = Sandbox::up(None).await;
    assert_eq!((&told["version"], &told["played"]), (&json!(1), &json!(true)));
    assert_eq!(told["pid"], sandbox.process.pid());
    let (status, user) = ask(&told, "ada", "GET", "/user", None).await;
    assert_eq!((status, &user["login"]), (200, &json!("ada")));
    let (status, issue) =
        ask(&told, "sam", "POST", "/repos/acme/hello.site/issues", Some(json!({"title": "Greet by name"}))).await;
    assert_eq!((status, &issue["number"]), (201, &json!(1)));

    let site = told.pointer("/repositories/0/site").unwrap().as_str().unwrap();
    let commit = ask(&told, "ada", "GET", "/repos/acme/hello.site/commits/main", None).await.1["sha"].clone();
    let page = client().get(format!("{site}?name=Ada")).send().await.unwrap();
    assert_eq!(page.headers()["x-commit"], commit.as_str().unwrap());
    assert!(page.text().await.unwrap().contains("<title>Hello</title>"));
    let said = sandbox.process.said();
    assert!(said.contains(site), "{site} in {said}");
    for what in ["played on this machine", "/api/v3", "acme/hello.site", "tokens/ada", "Ctrl-C here stops it"] {
        assert!(said.contains(what), "{what} in {said}");
    }
    let ended = sandbox.stop().await;
    assert_eq!(ended.code, Some(130), "{}", ended.stderr);
    assert!(ended.took < FIVE_SECONDS, "{:?}", ended.took);
    for who in ["ada", "nora", "sam"] {
        let token = line(&path(&told, &format!("/tokens/{who}")));
        assert!(!format!("{}{}", ended.stdout, ended.stderr).contains(&token), "{who}'s token is on the screen");
    }
}

#[tokio::test]
async fn git_clones_and_pushes_with_a_persons_token() {
    let (mut sandbox, told) = Sandbox::up(None).await;
    let folder = sandbox.scratch.path().to_owned();
    let url = told["repositories"][0]["clone_url"].as_str().unwrap();
    let (cloned, said) = git(&folder, &["clone", "-q", url, "site"]).await;
    assert!(cloned, "{said}");
    let site = folder.join("site");
    fs::write(site.join("new.txt"), "new\n").unwrap();
    git(&site, &["add", "new.txt"]).await;
    git(&site, &["commit", "-qm", "Add a file"]).await;

    let address = |who: &str| {
        let token = line(&path(&told, &format!("/tokens/{who}")));
        url.replace("http://", &format!("http://x-access-token:{token}@"))
    };
    let (pushed, said) = git(&site, &["push", "-q", &address("sam"), "HEAD:main"]).await;
    assert!(!pushed, "sam may not push: {said}");
    let (pushed, said) = git(&site, &["push", "-q", &address("nora"), "HEAD:main"]).await;
    assert!(pushed, "{said}");
    let (status, branch) = ask(&told, "ada", "GET", "/repos/acme/hello.site/branches/main", None).await;
    assert_eq!((status, &branch["commit"]["commit"]["message"]), (200, &json!("Add a file")));
    sandbox.stop().await;
}

#[tokio::test]
async fn the_example_runs_and_its_people_act() {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("sandbox.example.toml");
    let (mut sandbox, told) = Sandbox::up(Some(&fs::read_to_string(example).unwrap())).await;
    let key = path(&told, "/apps/0/key_file");
    assert_eq!(fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(fs::read_to_string(&key).unwrap().starts_with("-----BEGIN RSA PRIVATE KEY-----"));
    let said = until("sam has spoken", async || sandbox.process.said_line("sam ")).await;
    let said = if said.contains("token") {
        until("sam has commented", async || sandbox.process.said_line("comments on #2")).await
    } else {
        said
    };
    assert!(said.contains("comments on #2: Please follow"), "{said}");
    let (status, issue) = ask(&told, "ada", "GET", "/repos/acme/hello.site/issues/2", None).await;
    assert_eq!((status, &issue["user"]["login"], &issue["comments"]), (200, &json!("nora"), &json!(1)));
    sandbox.stop().await;
}

#[tokio::test]
async fn tokens_are_drawn_anew_unless_a_number_is_named() {
    let mut tokens = Vec::new();
    for args in [&["--port", "0", "--json"][..], &["--port", "0", "--json", "--random", "7"]] {
        for _ in 0..2 {
            let mut sandbox = Sandbox::start(tempfile::tempdir().unwrap(), args);
            let told = sandbox.told().await;
            tokens.push(line(&path(&told, "/tokens/ada")));
            sandbox.stop().await;
        }
    }
    assert_ne!(tokens[0], tokens[1]);
    assert_eq!(tokens[2], tokens[3]);
}

#[tokio::test]
async fn trouble_of_the_seed_file_strikes() {
    let fault = "[[fault]]\non = 'request'\npath = '/user'\nwhat = { status = 502 }\n";
    let (mut sandbox, told) = Sandbox::up(Some(&format!("people = ['ada']\n{fault}"))).await;
    assert_eq!(ask(&told, "ada", "GET", "/user", None).await.0, 502);
    assert_eq!(ask(&told, "ada", "GET", "/user", None).await.0, 200);
    sandbox.stop().await;
}

#[tokio::test]
async fn without_a_port_it_takes_another_where_the_usual_one_is_taken() {
    // Whoever has it: this test, or somebody on this machine.
    let _taken = std::net::TcpListener::bind("127.0.0.1:8480");
    let mut sandbox = Sandbox::start(tempfile::tempdir().unwrap(), &["--json"]);
    let told = sandbox.told().await;
    assert!(!told["api"].as_str().unwrap().contains(":8480/"), "{told}");
    assert_eq!(ask(&told, "ada", "GET", "/user", None).await.0, 200);
    sandbox.stop().await;
}

#[tokio::test]
async fn a_port_that_is_taken_is_named_with_its_holder() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let folder = tempfile::tempdir().unwrap();
    let (code, said) = refused(folder.path(), &["--port", &port]);
    assert_eq!(code, Some(1));
    assert!(said.contains(&format!("port {port} is taken: process {} ", std::process::id())), "{said}");
    assert!(!folder.path().join(".rig-sandbox").exists(), "nothing was made");
}

#[tokio::test]
async fn every_fault_of_a_seed_file_is_said_at_once_and_no_secret() {
    let folder = tempfile::tempdir().unwrap();
    let seed = r#"
        people = ["ada"]
        town = 1
        [repository."eve/site"]
        [[repository."eve/site".hook]]
        url = "http://127.0.0.1:1/"
        secret = "hush-hush"
    "#;
    fs::write(folder.path().join("world.toml"), seed).unwrap();
    let (code, said) = refused(folder.path(), &["--port", "0", "--seed", "world.toml"]);
    assert_eq!(code, Some(2), "{said}");
    for what in ["world.toml cannot be used", "town: this key is unknown", "\"eve\" is nobody", "secret_file"] {
        assert!(said.contains(what), "{what} in {said}");
    }
    assert!(!said.contains("hush-hush"), "{said}");
}

#[tokio::test]
async fn a_folder_with_other_things_and_one_in_use_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let precious = folder.path().join("thesis.txt");
    fs::write(&precious, "years of work").unwrap();
    let (code, said) = refused(folder.path(), &["--port", "0", "--folder", "."]);
    assert_eq!(code, Some(4), "{said}");
    assert!(said.contains("not a sandbox's folder") && precious.exists(), "{said}");

    let (mut sandbox, _) = Sandbox::up(None).await;
    let (code, said) = refused(sandbox.scratch.path(), &["--port", "0"]);
    assert_eq!(code, Some(4), "{said}");
    assert!(said.contains(&format!("already, as process {}", sandbox.process.pid())), "{said}");
    assert_eq!(sandbox.stop().await.code, Some(130));
}

#[tokio::test]
async fn what_happened_is_not_kept() {
    let (mut sandbox, told) = Sandbox::up(None).await;
    ask(&told, "sam", "POST", "/repos/acme/hello.site/issues", Some(json!({"title": "Forget me"}))).await;
    sandbox.process.terminate();
    assert_eq!(sandbox.process.ended().await.code, Some(0), "a stop was ordered and done");
    let Sandbox { process, scratch } = sandbox;
    drop(process);
    let mut sandbox = Sandbox::start(scratch, &["--port", "0", "--json"]);
    let told = sandbox.told().await;
    let (status, issues) = ask(&told, "sam", "GET", "/repos/acme/hello.site/issues", None).await;
    assert_eq!((status, issues), (200, json!([])));
    sandbox.stop().await;
}
