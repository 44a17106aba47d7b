//! `rig github setup`: a page on loopback that leads to GitHub and takes the codes that come back.
//!
//! What comes back is believed only with the word that went out with it. A key is written before anything names it, and
//! both without a moment in which half of a file stands there; signals are heard between two Apps, never inside one.

use std::{collections::VecDeque, net::Ipv4Addr, path::PathBuf, sync::Arc};

use axum::{
    Router,
    extract::{Query, State},
    http::StatusCode,
    response::{Html, IntoResponse as _, Response},
    routing::get,
};
use bus::accounts::Password;
use conductor::github::{
    manifest::{self, Made},
    principal::Principal,
};
use serde::Deserialize;
use serde_json::json;
use tokio::{
    net::TcpListener,
    sync::{Mutex, Notify},
};

use super::{
    Setup,
    page::{self, Asked},
    written::Written,
};
use crate::{
    context::Context,
    exit::{Failure, sentence},
    screen::{self, GOOD, NAME},
    up::Signals,
};

/// Where GitHub's deliveries are posted where nobody can post to us: a name that is promised never to lead anywhere. The
/// App must have a webhook all the same, since GitHub lists only what it tried to deliver.
const NOWHERE: &str = "https://rig.invalid/webhooks/github";

/// Everything on the way to the last App.
struct Course {
    /// Those still to be made, the next one first.
    left: Mutex<VecDeque<Principal>>,
    written: Written,
    /// The page's own address.
    here: String,
    api: String,
    web: String,
    organization: Option<String>,
    suffix: Option<String>,
    webhook: Option<String>,
    /// Goes out with each manifest and comes back with its code.
    word: String,
    json: bool,
    done: Notify,
}

/// Serves the page until each App is made.
pub(super) async fn run(args: Setup, context: &Context) -> Result<(), Failure> {
    let mut signals = Signals::listen()?;
    let written = Written::beside(context.config.as_deref())?;
    let roles = wanted(&args, &written)?;
    if roles.is_empty() {
        screen::say(&format!("{GOOD}✓{GOOD:#} all three Apps stand in {} already", written.config().display()));
        return Ok(());
    }
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, args.port)).await;
    let listener = listener.map_err(|error| Failure::failed("the page has no port to stand on").because(error))?;
    let course = Arc::new(Course::new(args, roles, written, &listener)?);
    course.announce()?;
    let router = Router::new().route("/", get(show)).route("/made", get(made)).with_state(Arc::clone(&course));
    let until = Arc::clone(&course);
    let serving = axum::serve(listener, router).with_graceful_shutdown(async move { until.done.notified().await });
    tokio::select! {
        served = serving.into_future() => served.map_err(|error| Failure::failed("the page broke off").because(error)),
        told = signals.next() => told.outcome(),
    }
}

/// The Apps to be made: those named, else those that are not there.
fn wanted(args: &Setup, written: &Written) -> Result<VecDeque<Principal>, Failure> {
    let there = |principal: &Principal| written.names(*principal);
    if args.roles.is_empty() {
        return Ok(Principal::ALL.into_iter().filter(|principal| !there(principal)).collect());
    }
    let mut named: Vec<Principal> = args.roles.iter().map(|role| Principal::from(*role)).collect();
    named.sort_unstable();
    named.dedup();
    if let Some(taken) = named.iter().copied().find(there) {
        let what = format!("{} names the {}'s App already, and it stays", written.config().display(), taken.name());
        return Err(Failure::refused(what).advice(format!("Take [github.{}] out first to make another.", taken.name())));
    }
    Ok(named.into())
}

async fn show(State(course): State<Arc<Course>>) -> Response {
    match course.left.lock().await.front() {
        Some(next) => Html(page::ask(&course.asked(*next))).into_response(),
        None => Html(page::told("Every App is made.", &[])).into_response(),
    }
}

/// What GitHub's page sends the browser back with.
#[derive(Deserialize)]
struct Back {
    #[serde(default)]
    code: String,
    #[serde(default)]
    state: String,
}

async fn made(State(course): State<Arc<Course>>, Query(back): Query<Back>) -> Response {
    match course.take(&back).await {
        Ok(page) => Html(page).into_response(),
        Err(why) => {
            screen::failure(&why, Some(&format!("The page {} asks again.", course.here)));
            let page = page::told("That did not make an App.", &[why, "Go back to the first page.".to_owned()]);
            (StatusCode::BAD_REQUEST, Html(page)).into_response()
        }
    }
}

impl Course {
    fn new(args: Setup, left: VecDeque<Principal>, written: Written, listener: &TcpListener) -> Result<Self, Failure> {
        let failed = |what: &str| Failure::failed(what.to_owned());
        let at = listener.local_addr().map_err(|error| failed("the page's port cannot be read").because(error))?;
        let word = Password::draw().map_err(|error| failed("no secret word could be drawn").because(error))?;
        let (api, web) = written.addresses();
        Ok(Self {
            left: Mutex::new(left),
            here: format!("http://{at}"),
            api,
            web,
            suffix: args.suffix.or_else(|| written.owner()),
            written,
            organization: args.organization,
            webhook: args.webhook,
            word: word.expose().to_owned(),
            json: args.json,
            done: Notify::new(),
        })
    }

    fn announce(&self) -> Result<(), Failure> {
        if self.json {
            screen::print(&json!({ "page": format!("{}/", self.here) }).to_string())?;
        }
        screen::say(&format!("Open {NAME}{}/{NAME:#} in the browser in which you are signed in at GitHub.", self.here));
        screen::say("It leads there and back, once an App. Ctrl-C stops; what is made until then is kept.");
        Ok(())
    }

    fn asked(&self, principal: Principal) -> Asked {
        let name = match &self.suffix {
            Some(suffix) => format!("{}-{suffix}", persona(principal)),
            None => persona(principal).to_owned(),
        };
        let permissions: serde_json::Map<_, _> =
            principal.needs().iter().map(|need| (need.permission.to_owned(), need.access.name().into())).collect();
        let mut manifest = json!({
            "name": name,
            "url": format!("{}/apps", self.web),
            "description": format!("Acts for the Rig as its {}", principal.name()),
            "redirect_url": format!("{}/made", self.here),
            "public": false,
            "default_permissions": permissions,
            "default_events": principal.events(),
        });
        if principal == Principal::Conductor {
            manifest["hook_attributes"] = json!({"url": self.webhook.as_deref().unwrap_or(NOWHERE), "active": true});
        }
        let whose = self.organization.as_ref().map(|name| format!("/organizations/{name}")).unwrap_or_default();
        Asked {
            role: principal.name(),
            action: format!("{}{whose}/settings/apps/new?state={}", self.web, self.word),
            manifest: manifest.to_string(),
        }
    }

    /// The next page, after the App for this code is written down.
    async fn take(&self, back: &Back) -> Result<String, String> {
        if back.state != self.word {
            return Err("what came back was not sent out from here".to_owned());
        }
        let mut left = self.left.lock().await;
        let Some(principal) = left.front().copied() else {
            return Err("every App is made already".to_owned());
        };
        let made = manifest::convert(&self.api, &back.code).await.map_err(|error| sentence(&error))?;
        let key = self.written.app(principal, &made, self.webhook.as_deref()).map_err(|failure| sentence(&failure))?;
        left.pop_front();
        self.tell(principal, &made, &key);
        let install = format!("{}/installations/new", made.html_url);
        if left.is_empty() {
            self.done.notify_one();
        }
        Ok(page::made(&made.login(), &install, left.front().map(|next| next.name())))
    }

    fn tell(&self, principal: Principal, made: &Made, key: &PathBuf) {
        let (login, page) = (made.login(), screen::clean_line(&made.html_url));
        screen::say(&format!("{GOOD}✓{GOOD:#} the {} is {NAME}{login}{NAME:#}: {}", principal.name(), key.display()));
        screen::say(&format!("  Install it on your repository: {page}/installations/new"));
        if self.json {
            let line = json!({"role": principal.name(), "app": made.id, "login": login, "key_file": key, "page": page});
            // Who started this and no longer reads has the same in rig.toml.
            let _ = screen::print(&line.to_string());
        }
    }
}

/// As the characters are called.
const fn persona(principal: Principal) -> &'static str {
    match principal {
        Principal::Implementer => "dev-e",
        Principal::Reviewer => "review-e",
        Principal::Conductor => "conductor-e",
    }
}
