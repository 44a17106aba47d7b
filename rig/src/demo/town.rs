//! The played GitHub of the demo, as a person with a token uses it.

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use bus::{RecordId, commit::Oid};
use reqwest::{Client, Method, Response, header::LINK};
use sandbox::{
    git,
    played::{Played, Settings},
    seed_file::{Outside, Seed, unguessable},
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};
use tokio::process::Command;

use crate::{
    config::search_path,
    exit::{Failure, sentence},
    home::{Home, make_private, write_private},
    sandbox::listen,
};

/// The demo's repository: with a dot, as many have.
pub(super) const REPOSITORY: &str = "acme/hello.site";

/// Who files.
const PERSON: &str = "you";

/// What the demo's world begins with.
const SEED: &str = include_str!("hello-site.toml");

/// How long GitHub's answer may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// An issue that is filed.
pub(super) struct Act {
    /// Its title, by which the playbook knows it.
    pub(super) title: &'static str,
    body: &'static str,
    /// What people are told of it beside its title.
    pub(super) note: &'static str,
    /// Where its change is best looked at.
    pub(super) page: &'static str,
}

/// The demo's issues, in the order in which they are filed.
pub(super) const ACTS: [Act; 2] = [
    Act {
        title: "Greet the visitor by name",
        body: "?name=Ada says \"Hello, Ada!\"; who gives no name is greeted as before.",
        note: "",
        page: "/?name=Ada",
    },
    Act {
        title: "Remember the name",
        body: "Who once gave a name is greeted by it the next time.\n\nDepends on #1",
        note: " (after #1)",
        page: "/",
    },
];

/// The played GitHub, with what lets a person in.
pub(super) struct Town {
    played: Played,
    /// GitHub's REST.
    pub(super) api: String,
    /// Its pages.
    pub(super) web: String,
    /// Where the repository's site is.
    pub(super) site: String,
    /// Our Apps: id and key file, by slug.
    pub(super) apps: BTreeMap<String, (u64, PathBuf)>,
    token: String,
    /// The number of our webhook there.
    hook: Option<u64>,
    client: Client,
}

#[derive(Deserialize)]
struct Hook {
    id: u64,
}

#[derive(Deserialize)]
struct Delivery {
    guid: String,
}

#[derive(Deserialize)]
struct Comment {
    user: Person,
}

#[derive(Deserialize)]
struct Person {
    login: String,
}

/// What the site tells of itself.
#[derive(Deserialize)]
struct Told {
    commit: Oid,
}

#[derive(Deserialize)]
struct Numbered {
    number: u64,
}

impl Town {
    /// Begins the world and serves it.
    ///
    /// # Errors
    /// When no port or folder can be had, or the world refuses its own seed.
    pub(super) async fn begin(home: &Home) -> Result<Self, Failure> {
        find_git().await?;
        let seed = seed().await?;
        let random = unguessable().map_err(|error| Failure::failed("no token could be drawn").because(error))?;
        let git = git::Settings { path: search_path(), ..Default::default() };
        let settings = Settings { listener: listen(None)?, folder: home.path().join("github"), seed: random, git };
        let played = Played::start(settings).await.map_err(|error| Failure::failed(sentence(&error)))?;
        let residents = seed.settle(&played).await.map_err(|error| Failure::failed(sentence(&error)))?;
        let keys = home.path().join("keys");
        make_private(&keys)
            .map_err(|error| Failure::failed(format!("{} cannot be made", keys.display())).because(error))?;
        let mut apps = BTreeMap::new();
        for app in residents.apps {
            let file = keys.join(format!("{}.pem", app.slug));
            write_private(&file, &app.private_key.unwrap_or_default())?;
            apps.insert(app.slug, (app.id.0, file));
        }
        let of = |map: &BTreeMap<String, String>, key: &str| map.get(key).cloned().unwrap_or_default();
        Ok(Self {
            api: played.addresses().api.clone(),
            web: played.addresses().html.clone(),
            site: of(&residents.sites, REPOSITORY).trim_end_matches('/').to_owned(),
            token: of(&residents.tokens, PERSON),
            hook: None,
            apps,
            played,
            client: Client::new(),
        })
    }

    /// Has GitHub tell the rig what happens.
    ///
    /// # Errors
    /// When GitHub refuses.
    pub(super) async fn hook(&mut self, url: &str, home: &Home) -> Result<(), Failure> {
        let secret = home.secrets().webhook()?;
        let config = json!({ "url": url, "content_type": "json", "secret": secret.reveal() });
        let made = self.ask(Method::POST, "hooks", &json!({ "config": config, "events": ["*"] })).await?;
        self.hook = Some(made.json::<Hook>().await.map_err(away)?.id);
        Ok(())
    }

    /// Files an issue that an agent may take; its number.
    ///
    /// # Errors
    /// When GitHub refuses.
    pub(super) async fn file(&self, act: &Act) -> Result<u64, Failure> {
        let new = json!({ "title": act.title, "body": act.body, "labels": ["agent-ready"] });
        let filed: Numbered = self.ask(Method::POST, "issues", &new).await?.json().await.map_err(away)?;
        Ok(filed.number)
    }

    /// Whether what landed is what the site shows now: the commit that it tells is that one, or has it in its past.
    ///
    /// # Errors
    /// When site or GitHub do not answer.
    pub(super) async fn shows(&self, landed: Oid) -> Result<bool, Failure> {
        let told = self.client.get(format!("{}/.well-known/commit", self.site)).timeout(PATIENCE);
        let told: Told =
            told.send().await.and_then(Response::error_for_status).map_err(away)?.json().await.map_err(away)?;
        let path = format!("compare/{landed}...{}", told.commit);
        let compared: Value = self.ask(Method::GET, &path, &Value::Null).await?.json().await.map_err(away)?;
        let status = compared.get("status").and_then(Value::as_str);
        Ok(matches!(status, Some("identical" | "ahead")))
    }

    /// The records that GitHub's deliveries should be: all that it lists.
    ///
    /// # Errors
    /// When GitHub refuses.
    pub(super) async fn delivered(&self) -> Result<Vec<RecordId>, Failure> {
        let Some(hook) = self.hook else { return Ok(Vec::new()) };
        let mut all = Vec::new();
        let mut next = Some(self.address(&format!("hooks/{hook}/deliveries?per_page=100")));
        while let Some(address) = next {
            let answer = self.client.get(address).bearer_auth(&self.token).timeout(PATIENCE).send().await;
            let answer = answer.and_then(Response::error_for_status).map_err(away)?;
            next = answer.headers().get(LINK).and_then(|links| next_page(links.to_str().ok()?));
            let page: Vec<Delivery> = answer.json().await.map_err(away)?;
            all.extend(page.iter().map(|delivery| RecordId::of_delivery(&delivery.guid)));
        }
        Ok(all)
    }

    /// The pull requests, whatever became of them.
    ///
    /// # Errors
    /// When GitHub refuses.
    pub(super) async fn pull_requests(&self) -> Result<Vec<u64>, Failure> {
        let pulls: Vec<Numbered> = self.get("pulls?state=all&per_page=100").await?;
        Ok(pulls.into_iter().map(|pull| pull.number).collect())
    }

    /// How many comments of the conductor's an issue or a pull request has.
    ///
    /// # Errors
    /// When GitHub refuses.
    pub(super) async fn comments(&self, thread: u64) -> Result<usize, Failure> {
        let comments: Vec<Comment> = self.get(&format!("issues/{thread}/comments?per_page=100")).await?;
        Ok(comments.iter().filter(|comment| comment.user.login == "conductor-e[bot]").count())
    }

    async fn get<T: DeserializeOwned>(&self, rest: &str) -> Result<T, Failure> {
        self.ask(Method::GET, rest, &Value::Null).await?.json().await.map_err(away)
    }

    async fn ask(&self, method: Method, rest: &str, body: &Value) -> Result<Response, Failure> {
        let mut request = self.client.request(method, self.address(rest)).bearer_auth(&self.token).timeout(PATIENCE);
        if !body.is_null() {
            request = request.json(body);
        }
        request.send().await.and_then(Response::error_for_status).map_err(away)
    }

    fn address(&self, rest: &str) -> String {
        format!("{}/repos/{REPOSITORY}/{rest}", self.api)
    }

    /// Stops serving.
    pub(super) async fn end(self) {
        self.played.stop().await;
    }
}

/// The played repositories are git's, and so is what agents do in them.
async fn find_git() -> Result<(), Failure> {
    let asked = Command::new("git").arg("--version").env("PATH", search_path()).output().await;
    match asked {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => Err(Failure::failed(format!("git does not start: {}", output.status))),
        Err(error) => Err(Failure::failed("git is not found").because(error).advice("Install git 2.38 or later.")),
    }
}

/// A key takes its time to draw, and Ctrl-C must be heard meanwhile.
async fn seed() -> Result<Seed, Failure> {
    let drawing = tokio::task::spawn_blocking(|| {
        let outside = Outside { folder: "".as_ref(), variable: &|_| None };
        let mut seed = Seed::parse(SEED, outside)
            .map_err(|faults| Failure::failed(faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")))?;
        seed.draw_keys().map_err(|error| Failure::failed(sentence(&error)))?;
        Ok(seed)
    });
    drawing.await.map_err(|error| Failure::failed("no key could be drawn").because(error))?
}

/// The address of the next page, as GitHub's `Link` names it.
fn next_page(links: &str) -> Option<String> {
    let next = links.split(',').find(|link| link.contains("rel=\"next\""))?;
    let (_, rest) = next.split_once('<')?;
    rest.split_once('>').map(|(address, _)| address.to_owned())
}

fn away(error: reqwest::Error) -> Failure {
    Failure::failed("the played GitHub does not do what was asked").because(error)
}
