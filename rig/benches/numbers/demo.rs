//! All roles at work: how soon an issue is live, and what they keep in memory when nothing is to do.

use std::{
    fmt::Write as _,
    fs::{self, File},
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use serde_json::Value;
use servers::testing::{self, Home};
use tokio::{
    process::{Child, Command},
    time::{Instant, sleep},
};

use crate::{
    Scale,
    row::{Bound, Row, median},
    webhooks::memory,
};

/// What takes longer is not slow but wrong.
const PATIENCE: Duration = Duration::from_secs(120);

const LOOK_EVERY: Duration = Duration::from_millis(5);

/// The world in which all roles idle: the demo's own.
const WORLD: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/demo/hello-site.toml");

pub async fn run(scale: Scale) -> Vec<Row> {
    let mut lives = Vec::new();
    for _ in 0..scale.pairs().min(3) {
        lives.push(first_issue().await);
    }
    let resident = resident(scale).await;
    vec![
        Row::of_value("rig demo, an issue from filed to live", median(lives.into_iter()), "s", Bound::AtMost(5.0)),
        Row::of_value("all roles in one process, resident, idle", resident, "MB", Bound::AtMost(80.0)),
    ]
}

/// The seconds from filed to live of the demo's first issue, CI script, site and one round of changes included.
async fn first_issue() -> f64 {
    let home = testing::home();
    let output = program(home.path()).args(["demo", "--json", "--home"]).arg(home.path().join("demo")).output();
    let output = tokio::time::timeout(PATIENCE, output).await.unwrap().unwrap();
    let told: Value = serde_json::from_slice(&output.stdout).expect("the demo says how it went");
    assert_eq!(told["ok"], true, "{told}");
    told["items"][0]["seconds"].as_f64().unwrap()
}

/// The memory of a rig whose roles all run, beside a world in a process of its own.
async fn resident(scale: Scale) -> f64 {
    let home = testing::home();
    let folder = home.path().join("world");
    let mut world = program(home.path());
    let told = home.path().join("world.json");
    world.args(["sandbox", "--port", "0", "--json", "--seed", WORLD, "--folder"]).arg(&folder);
    let mut world = world.stdout(File::create(&told).unwrap()).spawn().unwrap();
    let about: Value = until(&mut world, || serde_json::from_slice(&fs::read(&told).ok()?).ok()).await;
    let rig = rig(&home, &about);
    let mut process =
        program(home.path()).args(["up", "--home"]).arg(&rig.0).arg("--config").arg(&rig.1).spawn().unwrap();
    let up = rig.0.join("up.json");
    until(&mut process, || up.exists().then_some(())).await;
    sleep(if scale.is_full() { Duration::from_secs(60) } else { Duration::from_secs(1) }).await;
    let resident = memory(process.id().unwrap(), "VmRSS:");
    for mut child in [process, world] {
        let pid = nix::unistd::Pid::from_raw(child.id().unwrap().cast_signed());
        nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGTERM).unwrap();
        tokio::time::timeout(PATIENCE, child.wait()).await.unwrap().unwrap();
    }
    resident
}

/// Its home, and its configuration: three Apps of that world, its repository, two agents.
fn rig(home: &Home, world: &Value) -> (PathBuf, PathBuf) {
    let mut text = format!("[operator]\nname = \"nora\"\n[github]\napi = {}\nweb = {}\n", world["api"], world["html"]);
    for app in world["apps"].as_array().unwrap() {
        let slug = app["slug"].as_str().unwrap();
        let role = match slug {
            "dev-e" => "implementer",
            "review-e" => "reviewer",
            _ => "conductor",
        };
        let (id, key) = (&app["id"], &app["key_file"]);
        write!(text, "[github.{role}]\napp = {id}\nkey_file = {key}\nlogin = \"{slug}[bot]\"\n").unwrap();
    }
    let repository = &world["repositories"][0];
    let (name, site) = (&repository["name"], &repository["site"]);
    write!(text, "[[repository]]\nname = {name}\nsite = {site}\nchecks = [\"test\"]\nautonomy = \"land\"\n").unwrap();
    text.push_str("[[agent]]\ncharacter = \"dev-e\"\n[[agent]]\ncharacter = \"review-e\"\n");
    let config = home.path().join("rig.toml");
    fs::write(&config, text).unwrap();
    (home.path().join("rig"), config)
}

/// Waits for something that a process makes; fails when it ends instead.
async fn until<T>(process: &mut Child, mut made: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(made) = made() {
            return made;
        }
        assert!(process.try_wait().unwrap().is_none() && Instant::now() < deadline, "it did not begin");
        sleep(LOOK_EVERY).await;
    }
}

fn program(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rig"));
    command.current_dir(folder).kill_on_drop(true);
    for port in ["NATS_PORT", "NATS_MONITOR_PORT", "POSTGRES_PORT"] {
        command.env(format!("RIG__SERVERS__{port}"), "0");
    }
    command.env("RIG__HEALTH__LISTEN", "127.0.0.1:0");
    command.env_remove("RIG_HOME").env_remove("RIG_CONFIG");
    command.stdin(Stdio::null()).stderr(Stdio::null());
    command
}
