//! A small world: `acme` owns `acme/hello.site`; ada administers it, nora may push, sam is a stranger. Whatever is asked
//! of it, GitHub's contract judges the request, the answer and each webhook.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use http::{Request, header::AUTHORIZATION};
use sandbox::world::{
    AccountId, Addresses, Answer, Effect, Form, Input, KeyPair, Kind, Moment, NewRepository, Output, Post,
    RepositoryId, Role, Target, World,
};
use serde_json::Value;

use crate::contract::{self, Contract};

pub struct Stage {
    pub world: World,
    pub now: Moment,
    pub acme: AccountId,
    pub site: RepositoryId,
    /// Personal tokens.
    pub ada: String,
    pub nora: String,
    pub sam: String,
    /// What was sent to webhooks, in order.
    pub posts: Vec<Post>,
    /// Other effects than deliveries, in order.
    pub effects: Vec<Effect>,
}

/// An answer, read.
#[derive(Debug)]
pub struct Told {
    pub status: u16,
    pub answer: Answer,
    pub json: Value,
}

impl Stage {
    pub fn new() -> Self {
        let addresses = Addresses { api: "http://127.0.0.1:8480/api/v3".into(), html: "http://127.0.0.1:8480".into() };
        let mut world = World::new(7, addresses);
        let acme = world.account("acme", Kind::Organization);
        let [ada, nora, sam] = ["ada", "nora", "sam"].map(|login| world.account(login, Kind::User));
        let site = world.repository(&NewRepository {
            owner: acme,
            name: "hello.site",
            private: false,
            files: &[("index.html", b"<h1>Hello!</h1>\n"), ("src/hello.js", b"export const hello = 'Hello!';\n")],
            collaborators: BTreeMap::from([(ada, Role::Admin), (nora, Role::Write)]),
        });
        let [ada, nora, sam] = [ada, nora, sam].map(|person| world.token(person));
        let now = Moment::from_millis(1_795_348_800_000);
        let mut stage = Self { world, now, acme, site, ada, nora, sam, posts: Vec::new(), effects: Vec::new() };
        stage.hook("*");
        stage.world.take_effects();
        stage
    }

    /// A webhook of the repository, for these events.
    pub fn hook(&mut self, events: &str) {
        let target = Target {
            url: "http://127.0.0.1:9/hook".into(),
            secret: Some("It's a Secret to Everybody".into()),
            form: Form::Json,
            insecure: false,
        };
        let events: BTreeSet<String> = events.split(',').map(ToOwned::to_owned).collect();
        self.world.hook(self.site, target, events);
    }

    pub fn get(&mut self, token: &str, path: &str) -> Told {
        self.ask("GET", token, path, None)
    }

    #[allow(clippy::needless_pass_by_value, reason = "reads better where it is called")]
    pub fn post(&mut self, token: &str, path: &str, body: Value) -> Told {
        self.ask("POST", token, path, Some(&body))
    }

    #[allow(clippy::needless_pass_by_value, reason = "reads better where it is called")]
    pub fn patch(&mut self, token: &str, path: &str, body: Value) -> Told {
        self.ask("PATCH", token, path, Some(&body))
    }

    #[allow(clippy::needless_pass_by_value, reason = "reads better where it is called")]
    pub fn put(&mut self, token: &str, path: &str, body: Value) -> Told {
        self.ask("PUT", token, path, Some(&body))
    }

    pub fn delete(&mut self, token: &str, path: &str) -> Told {
        self.ask("DELETE", token, path, None)
    }

    /// Asks; a request that succeeds, each answer and each webhook must fit GitHub's contract.
    pub fn ask(&mut self, method: &str, token: &str, path: &str, body: Option<&Value>) -> Told {
        let bytes = body.map_or_else(Bytes::new, |body| serde_json::to_vec(body).unwrap().into());
        let mut request = Request::builder().method(method).uri(path).body(bytes.clone()).unwrap();
        if !token.is_empty() {
            request.headers_mut().insert(AUTHORIZATION, format!("Bearer {token}").parse().unwrap());
        }
        let answer = self.step(&Input::Request(request)).answer.expect("a request is answered");
        let status = answer.status().as_u16();
        let (route, query) = path.split_once('?').unwrap_or((path, ""));
        if status < 400 {
            fits(&format!("{method} {path}: the request"), Contract::load().request(method, route, query, &bytes));
        }
        let content_type = answer.headers().get("content-type").map(|value| value.to_str().unwrap());
        let judged = contract::Answer { status, content_type, body: answer.body() };
        fits(&format!("{method} {path}: the answer {status}"), Contract::load().answer(method, route, judged));
        let json = serde_json::from_slice(answer.body()).unwrap_or(Value::Null);
        Told { status, answer, json }
    }

    /// Steps until nothing is unknown; a second passes each time.
    pub fn step(&mut self, input: &Input) -> Output {
        self.now = Moment::from_millis(self.now.millis() + 1000);
        loop {
            let mut output = self.world.step(self.now, input);
            self.carry_out(std::mem::take(&mut output.effects));
            if let Some(app) = output.unpaired {
                let (private, public) = crate::played_app::TWO;
                self.world.step(self.now, &Input::Paired(app, KeyPair::new(private, public).unwrap()));
                continue;
            }
            let Some(question) = output.unknown else { return output };
            let merged = self.world.merge_by_path(question);
            self.world.step(self.now, &Input::Learned(question, merged));
        }
    }

    /// Judges what is sent. Questions that are asked in passing stay open until a test answers them.
    fn carry_out(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Deliver(id) => {
                    let post = self.world.post(id).expect("a delivery that is to be sent is there");
                    let event = post.headers["x-github-event"].to_str().unwrap();
                    fits(&format!("the webhook {event}"), Contract::load().webhook(event, &payload(&post)));
                    self.posts.push(post);
                }
                other => self.effects.push(other),
            }
        }
    }

    /// Carries out what came of something that was done to the world itself.
    pub fn carry(&mut self) {
        let effects = self.world.take_effects();
        self.carry_out(effects);
    }

    /// Answers all questions that were asked in passing.
    pub fn learn(&mut self) {
        let asked: Vec<Effect> = self.effects.extract_if(.., |effect| matches!(effect, Effect::Ask(_))).collect();
        for effect in asked {
            if let Effect::Ask(question) = effect {
                let merged = self.world.merge_by_path(question);
                self.step(&Input::Learned(question, merged));
            }
        }
    }

    /// What was sent since the last time, as `event.action`.
    pub fn told(&mut self) -> Vec<String> {
        self.posts.drain(..).map(|post| name(&post)).collect()
    }
}

/// The JSON of a delivery, in whichever form it was sent.
pub fn payload(post: &Post) -> Vec<u8> {
    let kind = post.headers["content-type"].to_str().unwrap();
    if kind == "application/json" {
        return post.body.to_vec();
    }
    let fields: Vec<(String, String)> = serde_urlencoded::from_bytes(&post.body).unwrap();
    fields.into_iter().find(|(name, _)| name == "payload").unwrap().1.into_bytes()
}

fn name(post: &Post) -> String {
    let event = post.headers["x-github-event"].to_str().unwrap();
    let payload: Value = serde_json::from_slice(&payload(post)).unwrap();
    payload["action"].as_str().map_or_else(|| event.to_owned(), |action| format!("{event}.{action}"))
}

fn fits(what: &str, verdict: contract::Verdict) {
    if let Err(faults) = verdict {
        panic!("{what} breaks GitHub's contract:\n  {}", faults.join("\n  "));
    }
}

impl Told {
    /// The status was this; the body is handed on.
    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", String::from_utf8_lossy(self.answer.body()));
        self.json
    }
}
