//! A browser as far as `rig github setup` needs one: it reads a page's form, sends it, and goes where it is sent.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    dead_code,
    missing_docs,
    unreachable_pub,
    reason = "shared by tests"
)]

use std::{
    ffi::OsString,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, ChildStderr, ChildStdout, Command, Stdio},
};

use reqwest::{Client, StatusCode, redirect::Policy};
use sandbox::{
    git,
    played::{Played, Settings},
    world::{Kind, NewRepository, Role},
};
use serde_json::Value;
use tempfile::TempDir;
use tokio::net::TcpListener;

pub const RIG: &str = env!("CARGO_BIN_EXE_rig");

/// A world with acme, nora, and acme/hello.site.
pub struct World {
    pub played: Played,
    folder: PathBuf,
    /// Gone with the world, where it is the world's own.
    _own: Option<TempDir>,
    /// Nora's token.
    pub nora: String,
    browser: Client,
}

/// A page that was answered.
pub struct Page {
    pub status: StatusCode,
    pub text: String,
    action: String,
    fields: Vec<(String, String)>,
}

impl World {
    pub async fn new() -> Self {
        let own = tempfile::tempdir().unwrap();
        let mut world = Self::at(own.path()).await;
        world._own = Some(own);
        world
    }

    /// A world whose person works in this folder.
    pub async fn at(folder: &Path) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let git = git::Settings { path: std::env::var_os("PATH").unwrap(), ..git::Settings::default() };
        let repositories = folder.join("repositories");
        let played = Played::start(Settings { listener, folder: repositories, seed: 7, git }).await.unwrap();
        let nora = settle(&played);
        let browser = Client::builder().no_proxy().redirect(Policy::none()).build().unwrap();
        Self { played, folder: folder.to_path_buf(), _own: None, nora, browser }
    }

    /// Where its person works.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// `rig.toml`, with where GitHub is.
    pub fn configure(&self, more: &str) {
        let addresses = self.played.addresses();
        let text = format!(
            "[operator]\nname = \"nora\"\n[github]\napi = \"{}\"\nweb = \"{}\"\n{more}",
            addresses.api, addresses.html
        );
        std::fs::write(self.folder.join("rig.toml"), text).unwrap();
    }

    pub fn config(&self) -> String {
        std::fs::read_to_string(self.folder.join("rig.toml")).unwrap()
    }

    /// Runs the program to its end.
    pub fn rig(&self, args: &[&str]) -> std::process::Output {
        command(&self.folder).args(args).stdin(Stdio::null()).output().unwrap()
    }

    /// Makes every App that is asked for, on the pages, as a person who clicks.
    pub async fn make_apps(&self, args: &[&str]) -> Vec<Value> {
        let mut setup = Running::start(&self.folder, &[&["github", "setup", "--json"], args].concat());
        let page = setup.line()["page"].as_str().unwrap().to_owned();
        let mut apps = Vec::new();
        loop {
            let Some(last) = self.make_an_app(&page).await else { break };
            apps.push(setup.line());
            if last {
                break;
            }
        }
        let (code, said) = setup.end();
        assert_eq!(code, Some(0), "{said}");
        apps
    }

    /// From the first page to GitHub and back; whether that was the last one.
    async fn make_an_app(&self, page: &str) -> Option<bool> {
        let made = self.brought_back(page, |address| address).await;
        assert_eq!(made.status, 200, "{}", made.text);
        Some(made.text.contains("That was the last one"))
    }

    /// Where GitHub sends the browser back, changed on its way.
    pub async fn brought_back(&self, page: &str, change: impl FnOnce(String) -> String) -> Page {
        let first = self.get(page).await;
        let asked = self.post(&first.action, "cross-site", &first.fields).await;
        assert_eq!(asked.status, 200, "{}", asked.text);
        let html = &self.played.addresses().html;
        let agreed = self.send(&format!("{html}{}", asked.action), "same-origin", &asked.fields).await;
        assert_eq!(agreed.status(), 302);
        let back = agreed.headers()["location"].to_str().unwrap().to_owned();
        self.get(&change(back)).await
    }

    pub async fn get(&self, address: &str) -> Page {
        Page::read(self.browser.get(address).send().await.unwrap()).await
    }

    async fn post(&self, address: &str, from: &str, fields: &[(String, String)]) -> Page {
        Page::read(self.send(address, from, fields).await).await
    }

    async fn send(&self, address: &str, from: &str, fields: &[(String, String)]) -> reqwest::Response {
        let pairs = fields.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value)));
        let body = pairs.collect::<Vec<_>>().join("&");
        let request = self.browser.post(address).header("sec-fetch-site", from);
        request.header("content-type", "application/x-www-form-urlencoded").body(body).send().await.unwrap()
    }

    /// Nora asks GitHub's API.
    pub async fn api(&self, method: &str, path: &str, body: &Value) -> Value {
        let address = format!("{}{path}", self.played.addresses().api);
        let request = self.browser.request(method.parse().unwrap(), address).bearer_auth(&self.nora);
        let request = if body.is_null() { request } else { request.json(body) };
        let answer = request.send().await.unwrap();
        let (status, text) = (answer.status(), answer.text().await.unwrap());
        assert!(status.is_success(), "{method} {path}: {status} {text}");
        serde_json::from_str(&text).unwrap_or_default()
    }

    /// Installs every App that was made, as its owner does on GitHub's page.
    pub fn install(&self, apps: &[Value]) {
        self.played.with(|world| {
            let acme = world.account("acme", Kind::Organization);
            for app in apps {
                let id = app["app"].as_u64().unwrap();
                world.install(sandbox::world::AppId(id), acme).unwrap();
            }
        });
    }
}

fn settle(played: &Played) -> String {
    played.with(|world| {
        let acme = world.account("acme", Kind::Organization);
        let nora = world.account("nora", Kind::User);
        world.repository(&NewRepository {
            owner: acme,
            name: "hello.site",
            private: false,
            files: &[
                ("index.html", b"<h1>Hello!</h1>\n"),
                (".ci.toml", b"[check.test]\nrun = \"true\"\non = [\"pull_request\"]\n"),
            ],
            collaborators: [(nora, Role::Admin)].into(),
        });
        world.token(nora)
    })
}

fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric();
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

/// The program, with none of this process's configuration.
pub fn command(folder: &Path) -> Command {
    let mut command = Command::new(RIG);
    let kept = |name: &OsString| {
        let name = name.to_string_lossy();
        !name.starts_with("RIG_") || name == "RIG_CACHE"
    };
    command.current_dir(folder).env_clear().envs(std::env::vars_os().filter(|(name, _)| kept(name)));
    command
}

/// The program while it runs; ended with the test.
pub struct Running {
    child: Child,
    stdout: BufReader<ChildStdout>,
    stderr: ChildStderr,
}

impl Running {
    pub fn start(folder: &Path, args: &[&str]) -> Self {
        let mut command = command(folder);
        command.args(args).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (stdout, stderr) = (BufReader::new(child.stdout.take().unwrap()), child.stderr.take().unwrap());
        Self { child, stdout, stderr }
    }

    /// Its next line.
    pub fn line(&mut self) -> Value {
        let mut line = String::new();
        self.stdout.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap_or_else(|error| {
            self.child.kill().unwrap();
            let mut said = String::new();
            std::io::Read::read_to_string(&mut self.stderr, &mut said).unwrap();
            panic!("{line:?}: {error}\n{said}")
        })
    }

    /// Ctrl-C.
    pub fn interrupt(&self) {
        let pid = nix::unistd::Pid::from_raw(i32::try_from(self.child.id()).unwrap());
        nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGINT).unwrap();
    }

    /// How it ended, and what it said.
    pub fn end(mut self) -> (Option<i32>, String) {
        let mut said = String::new();
        std::io::Read::read_to_string(&mut self.stderr, &mut said).unwrap();
        (self.child.wait().unwrap().code(), said)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
    }
}

impl Page {
    async fn read(answer: reqwest::Response) -> Self {
        let status = answer.status();
        let text = answer.text().await.unwrap();
        let form = text.split_once("<form").map(|(_, form)| form.to_owned());
        let action = form.as_deref().and_then(|form| attribute(form, "action")).unwrap_or_default();
        let fields = form.iter().flat_map(|form| fields(form)).collect();
        Self { status, text, action, fields }
    }
}

/// What a form would send as it stands: hidden fields, and of a choice the first.
fn fields(form: &str) -> Vec<(String, String)> {
    let inputs = form.split("<input").skip(1);
    let hidden = inputs.filter_map(|input| Some((attribute(input, "name")?, attribute(input, "value")?)));
    let chosen = form
        .split("<select")
        .skip(1)
        .filter_map(|select| Some((attribute(select, "name")?, attribute(select.split_once("<option")?.1, "value")?)));
    hidden.chain(chosen).collect()
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = tag.split_once(&format!("{name}=\""))?;
    let (value, _) = rest.split_once('"')?;
    Some(
        value
            .replace("&quot;", "\"")
            .replace("&#39;", "'")
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&amp;", "&"),
    )
}
