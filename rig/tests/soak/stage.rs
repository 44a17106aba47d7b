//! A rig whose every role is a process of its own, over servers that `rig up` starts again when they die.

use std::{
    fmt::Write as _,
    fs,
    net::{Ipv4Addr, TcpListener},
    path::Path,
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::{
    Plan,
    town::{REPOSITORY, Town},
    world::{
        PATIENCE, Rig, Start,
        process::{self, Process},
    },
};

/// What the agents play.
const PLAYBOOK: &str = include_str!("playbook.toml");

/// Everybody who works. Two conductors: one leads, the other follows.
const ROLES: [&str; 9] =
    ["ingest", "projector", "chat", "conductor", "conductor", "github", "probe", "dev-e", "review-e"];

/// Who can be killed.
#[derive(Clone, Copy)]
pub enum Victim {
    /// The one at this place of the crew.
    Role(usize),
    Nats,
    Postgres,
    /// `rig up`, which starts the servers again when they die.
    Up,
}

/// Everything that is up.
pub struct Stage {
    // In the order in which they end when they are dropped.
    crew: Vec<(&'static str, Process)>,
    pub town: Town,
    pub rig: Rig,
}

impl Stage {
    /// Starts everything.
    pub async fn set(plan: Plan) -> Self {
        let mut rig = Rig::down(Start::new());
        let [webhooks, nats, monitor, postgres] = free_ports();
        let secret = rig.scratch().join("webhook_secret");
        fs::write(&secret, "what GitHub signs with in a soak\n").unwrap();
        let webhook = format!("http://127.0.0.1:{webhooks}/webhooks/github");
        let town = Town::begin(&rig, &webhook, &secret, plan).await;
        characters(rig.scratch());
        let config = rig.scratch().join("rig.toml");
        fs::write(&config, configuration(&town, webhooks)).unwrap();
        // Who is started again finds the servers where they were, and GitHub finds ingest.
        let port = |port: u16| port.to_string();
        rig.start_with(|start| {
            start
                .arg("--servers-only")
                .env("RIG_CONFIG", config)
                .without("RIG__INGEST__LISTEN")
                .env("RIG__SERVERS__NATS_PORT", port(nats))
                .env("RIG__SERVERS__NATS_MONITOR_PORT", port(monitor))
                .env("RIG__SERVERS__POSTGRES_PORT", port(postgres))
        });
        rig.start().await;
        let crew = ROLES.into_iter().map(|role| (role, begin(&rig, role))).collect();
        Self { crew, town, rig }
    }

    /// Everything that can be killed.
    pub fn victims(&self) -> Vec<Victim> {
        let roles = (0..self.crew.len()).map(Victim::Role);
        roles.chain([Victim::Nats, Victim::Postgres, Victim::Up]).collect()
    }

    /// kill -9; a role and `rig up` are started again here, a server by `rig up`. Says who it was.
    pub async fn kill(&mut self, victim: Victim) -> &'static str {
        self.rig.until_servers_run().await;
        match victim {
            Victim::Role(place) => self.kill_role(place).await,
            Victim::Nats => {
                self.rig.kill_nats();
                "nats-server"
            }
            Victim::Postgres => {
                self.rig.kill_postgres();
                "PostgreSQL"
            }
            Victim::Up => {
                self.rig.kill().await;
                self.rig.start().await;
                "rig up"
            }
        }
    }

    async fn kill_role(&mut self, place: usize) -> &'static str {
        let (role, process) = &mut self.crew[place];
        assert!(!process.has_ended(), "{role} ended by itself: {}", process.said());
        process::kill(process.pid());
        process.ended().await;
        *process = begin(&self.rig, role);
        role
    }

    /// Asks each role how it is, whoever was killed before.
    pub async fn everybody_is_well(&self) {
        for (role, process) in &self.crew {
            is_well(role, process).await;
        }
    }

    /// Everybody but the projector goes home; nothing is stored any more, and what is stored becomes rows. The servers
    /// must be well then, and end in order.
    pub async fn finish(self) {
        let Self { mut crew, town, rig } = self;
        for (role, process) in crew.iter_mut().filter(|(role, _)| *role != "projector") {
            process.terminate();
            let ended = process.ended().await;
            assert_eq!(ended.code, Some(0), "{role}: {}", ended.stderr);
        }
        rig.finish().await;
        drop((crew, town));
    }
}

fn begin(rig: &Rig, role: &str) -> Process {
    rig.begin(&["run", role, "--health", "127.0.0.1:0"])
}

/// Waits until a role answers that it is well, and tells what it did.
async fn is_well(role: &str, process: &Process) {
    let said = process.said_line("/health").unwrap();
    let health = said.split_whitespace().find(|word| word.starts_with("http://")).unwrap();
    // Without its rows' server the projector does nothing.
    let parts = if role == "projector" { 2 } else { 1 };
    let deadline = Instant::now() + PATIENCE;
    loop {
        let report: Value = reqwest::get(health).await.unwrap().json().await.unwrap();
        if report["status"] == "up" && report["parts"].as_object().unwrap().len() == parts {
            break;
        }
        assert!(Instant::now() < deadline, "{role} is not well within {PATIENCE:?}: {report}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let metrics = reqwest::get(health.replace("/health", "/metrics")).await.unwrap().text().await.unwrap();
    let counts = match role {
        "ingest" | "projector" => "rig_part_up{",
        "conductor" => "rig_conductor_decided_total{",
        _ => "rig_deliveries_done_total{",
    };
    assert!(metrics.contains(counts), "{role} does not tell {counts}: {metrics}");
}

fn free_ports() -> [u16; 4] {
    let listeners = [(); 4].map(|()| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap());
    listeners.map(|listener| listener.local_addr().unwrap().port())
}

/// The characters that come along, with this soak's playbook.
fn characters(folder: &Path) {
    let playbook = folder.join("playbook.toml");
    fs::write(&playbook, PLAYBOOK).unwrap();
    let rehearsal = format!("kind = \"rehearsal\"\nplaybook = \"{}\"", playbook.display());
    for (name, ours) in [("dev-e", agents::character::DEV_E), ("review-e", agents::character::REVIEW_E)] {
        let ours = ours.replace("kind = \"rehearsal\"", &rehearsal);
        fs::write(folder.join(format!("{name}.toml")), ours).unwrap();
    }
}

fn configuration(town: &Town, port: u16) -> String {
    let mut text = format!(
        "[operator]\nname = \"nora\"\n\n\
         [ingest]\nlisten = \"127.0.0.1:{port}\"\nwebhook_secret_file = \"webhook_secret\"\n\n\
         [github]\napi = \"{}\"\nweb = \"{}\"\nwebhook = \"http://127.0.0.1:{port}/webhooks/github\"\n\
         look_every = \"3s\"\nlist_every = \"2s\"\n",
        town.told("/api"),
        town.told("/html"),
    );
    for (slug, id, key) in town.apps() {
        let role = match slug {
            "dev-e" => "implementer",
            "review-e" => "reviewer",
            _ => "conductor",
        };
        write!(text, "\n[github.{role}]\napp = {id}\nkey_file = \"{key}\"\nlogin = \"{slug}[bot]\"\n").unwrap();
    }
    let site = town.told("/repositories/0/site").trim_end_matches('/');
    write!(
        text,
        "\n[[repository]]\nname = \"{REPOSITORY}\"\nautonomy = \"land\"\nchecks = [\"test\"]\nsite = \"{site}\"\n\
         smoke = [{{ name = \"hello\", path = \"/\", says = \"Hello\" }}]\n\n\
         [[agent]]\ncharacter = \"dev-e.toml\"\n\n[[agent]]\ncharacter = \"review-e.toml\"\n",
    )
    .unwrap();
    text
}
