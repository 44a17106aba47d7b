//! Ears in every account.

use std::sync::{Arc, Mutex};

use async_nats::ConnectOptions;
use bus::{
    accounts::User,
    connect::Connection,
    roles::Account,
    stream::{self, Overrides},
};
use bytes::Bytes;
use futures::StreamExt;
use tokio::task::JoinSet;

use crate::channel::{self, Channel, until};

/// A message that a witness heard.
#[derive(Clone, Debug)]
pub struct Heard {
    pub account: String,
    pub subject: String,
    pub body: Bytes,
}

/// One witness an account, each of whom hears everything there and says nothing to others.
pub struct Witnesses {
    heard: Arc<Mutex<Vec<Heard>>>,
    clients: Vec<(String, async_nats::Client)>,
    _listening: JoinSet<()>,
}

const PASSWORD: &str = "the-password-of-a-witness";

/// What a witness says to itself, to know that it heard everything before.
const SENTINEL: &str = "sentinel";

/// A body by which an attempt of a user is known again.
pub fn mark(user: &User, number: usize) -> Bytes {
    format!("attempt {} {number}", user.name).into()
}

pub fn number(body: &[u8], user: &User) -> Option<usize> {
    let rest = std::str::from_utf8(body).ok()?.strip_prefix("attempt ")?;
    rest.strip_prefix(user.name.as_str())?.trim_start().parse().ok()
}

pub fn account_of(user: &User) -> String {
    match user.role.account() {
        Account::Rig => "RIG".to_owned(),
        Account::Edge => format!("EDGE-{}", user.name),
        Account::Guest => format!("GUEST-{}", user.name),
        Account::Sys => "SYS".to_owned(),
    }
}

/// The rendered configuration, with a witness beside the users of each account.
fn with_witnesses(conf: &str) -> (String, Vec<String>) {
    let (mut accounts, mut lines) = (Vec::new(), Vec::new());
    for line in conf.lines() {
        let name = line.strip_prefix("  ").and_then(|rest| rest.strip_suffix(" {"));
        if let Some(name) = name.filter(|name| !name.starts_with(' ')) {
            accounts.push(name.to_owned());
        }
        lines.push(line.to_owned());
        if let (true, Some(account)) = (line.starts_with("    users: ["), accounts.last()) {
            lines.push(format!(
                "      {{ user: \"witness-{account}\", password: \"{PASSWORD}\", permissions: {{ publish: {{ allow: [\"{SENTINEL}\"] }} }} }},"
            ));
        }
    }
    (lines.join("\n"), accounts)
}

impl Witnesses {
    /// A channel with a witness in each account, and answers from every service.
    pub async fn channel(users: Vec<User>) -> (Channel, Self) {
        // What is flushed is tried elsewhere; here it would only take its time.
        let conf = channel::conf(&users).replace("sync_interval: always, ", "");
        let (conf, accounts) = with_witnesses(&conf);
        let channel = Channel::of(&conf, users).await;
        stream::apply(&channel.js(), &Overrides::default()).await.unwrap();
        for user in &channel.users {
            stream::add_durable(&channel.js(), &user.role, &user.name).await.unwrap();
        }
        let witnesses = Self::listen(&channel, &accounts).await;
        (channel, witnesses)
    }

    async fn listen(channel: &Channel, accounts: &[String]) -> Self {
        let heard = Arc::new(Mutex::new(Vec::new()));
        let (mut listening, mut clients) = (JoinSet::new(), Vec::new());
        for account in accounts {
            let options = ConnectOptions::with_user_and_password(format!("witness-{account}"), PASSWORD.to_owned());
            let options = options.subscription_capacity(1 << 20);
            let client = options.connect(channel.nats.client_address().to_string()).await.unwrap();
            let mut everything = client.subscribe(">").await.unwrap();
            let (account, heard) = (account.clone(), Arc::clone(&heard));
            clients.push((account.clone(), client));
            listening.spawn(async move {
                while let Some(message) = everything.next().await {
                    let (account, subject) = (account.clone(), message.subject.to_string());
                    heard.lock().unwrap().push(Heard { account, subject, body: message.payload });
                }
            });
        }
        for user in &channel.users {
            for service in user.role.grants(&user.name).serves {
                listening.spawn(answer(channel.connect(user.name.as_str()).await, service));
            }
        }
        let witnesses = Self { heard, clients, _listening: listening };
        witnesses.catch_up().await;
        witnesses
    }

    /// Waits until every witness has heard what the server had for it so far.
    pub async fn catch_up(&self) {
        for (account, client) in &self.clients {
            let hears = || self.heard.lock().unwrap().iter().filter(|heard| heard.is_sentinel_of(account)).count();
            let before = hears();
            client.publish(SENTINEL, Bytes::new()).await.unwrap();
            until(&format!("the witness in {account} has caught up"), || async { hears() > before }).await;
        }
    }

    /// What was heard since this was asked last.
    pub async fn take(&self) -> Vec<Heard> {
        self.catch_up().await;
        let mut heard = std::mem::take(&mut *self.heard.lock().unwrap());
        heard.retain(|heard| heard.subject != SENTINEL);
        heard
    }
}

impl Heard {
    fn is_sentinel_of(&self, account: &str) -> bool {
        self.account == account && self.subject == SENTINEL
    }
}

async fn answer(connection: Connection, service: String) {
    let mut requests = connection.client().subscribe(service).await.unwrap();
    while let Some(request) = requests.next().await {
        if let Some(reply) = request.reply {
            connection.client().publish(reply, "answered".into()).await.unwrap();
        }
    }
}
