//! The table. In its patterns `*` is any one token, and `{name}`, `{role}`, `{pool}` are the user's own.

use std::time::Duration;

/// How long a worker may give no sign of work.
const ACK_WAIT: Duration = Duration::from_secs(30);

/// The same for an agent, which gives one every 5 s: until then nobody goes on with what a killed one held.
const AGENT_ACK_WAIT: Duration = Duration::from_secs(15);

/// A side of the wall.
///
/// RIG is one account. Each user of EDGE and GUEST has an account to itself: inside one account a speaker can have the
/// server send to another's inbox.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Account {
    /// JetStream, and those who decide. Every user here can delete LOG, so none leaves the host.
    Rig,
    /// Our doors.
    Edge,
    /// Agents and subscribers.
    Guest,
    /// The server's own.
    Sys,
}

/// One line of the table.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// The role.
    pub role: &'static str,
    /// Where its users stand.
    pub account: Account,
    /// Where it publishes. In RIG this is what the role is for; the server holds only EDGE and GUEST to it.
    pub publish: &'static [&'static str],
    /// Which services it asks.
    pub asks: &'static [&'static str],
    /// Which services it answers.
    pub serves: &'static [&'static str],
    /// What it is delivered.
    pub consumer: Option<Consumer>,
}

/// The consumer of a role.
#[derive(Clone, Copy, Debug)]
pub struct Consumer {
    /// Its name.
    pub name: &'static str,
    /// What it delivers; a subscriber chooses more.
    pub filters: &'static [&'static str],
    /// How long a delivery may stay without a sign of work before it is given to somebody else.
    pub ack_wait: Duration,
    /// How many deliveries may be open at once. One keeps them in order, whatever dies.
    pub max_ack_pending: i64,
    /// How many records one pull may ask for; 0 for any number.
    pub max_batch: i64,
}

const NOBODY: Row = Row { role: "", account: Account::Sys, publish: &[], asks: &[], serves: &[], consumer: None };

pub(super) const CONDUCTOR: Row = Row {
    role: "conductor",
    account: Account::Rig,
    publish: &[
        "rig.evt.work.*.*.*.*",
        "rig.evt.conductor.step",
        "rig.evt.outcome.agent.*",
        "rig.evt.dead.*",
        "rig.cmd.agent.*.*.*",
        "rig.cmd.github.*.*.*",
        "rig.cmd.chat.*.*",
        "rig.cmd.deploy.*.*.*",
        "rig.sched.*.*",
    ],
    asks: &["rig.svc.memory.*"],
    serves: &["rig.svc.run.*", "rig.svc.why.*"],
    ..NOBODY
};

pub(super) const PROJECTOR: Row = Row {
    role: "projector",
    account: Account::Rig,
    publish: &["rig.evt.bus.*"],
    serves: &["rig.svc.status.*"],
    ..NOBODY
};

pub(super) const OPERATOR: Row = Row {
    role: "operator",
    account: Account::Rig,
    publish: &["rig.evt.bus.*", "rig.evt.dead.*", "rig.sched.*.*"],
    asks: &["rig.svc.chat.*", "rig.svc.memory.*", "rig.svc.status.*", "rig.svc.why.*"],
    ..NOBODY
};

pub(super) const INGEST: Row = Row {
    role: "ingest",
    account: Account::Edge,
    publish: &["rig.evt.github.*.*.*"],
    asks: &["rig.svc.status.*"],
    ..NOBODY
};

pub(super) const GITHUB: Row = Row {
    role: "github",
    account: Account::Edge,
    publish: &["rig.evt.github.*.*.*", "rig.evt.outcome.github.*", "rig.evt.dead.door-github"],
    asks: &["rig.svc.status.*"],
    consumer: Some(door("door-github", &["rig.cmd.github.*.*.*"])),
    ..NOBODY
};

pub(super) const CHAT: Row = Row {
    role: "chat",
    account: Account::Edge,
    publish: &["rig.evt.chat.*.operator.*", "rig.evt.outcome.chat.*", "rig.evt.dead.door-chat"],
    asks: &["rig.svc.status.*", "rig.svc.why.*"],
    serves: &["rig.svc.chat.*"],
    consumer: Some(door("door-chat", &["rig.cmd.chat.*.*"])),
};

pub(super) const PROBE: Row = Row {
    role: "probe",
    account: Account::Edge,
    publish: &["rig.evt.deploy.*.*.*", "rig.evt.outcome.deploy.*", "rig.evt.dead.door-deploy"],
    asks: &["rig.svc.status.*"],
    consumer: Some(door("door-deploy", &["rig.cmd.deploy.*.*.*"])),
    ..NOBODY
};

pub(super) const MEMORY: Row = Row {
    role: "memory",
    account: Account::Edge,
    asks: &["rig.svc.status.*"],
    serves: &["rig.svc.memory.*"],
    ..NOBODY
};

pub(super) const DASHBOARD: Row = Row {
    role: "dashboard",
    account: Account::Edge,
    publish: &["rig.evt.chat.*.operator.*"],
    asks: &["rig.svc.memory.*", "rig.svc.status.*", "rig.svc.why.*"],
    ..NOBODY
};

pub(super) const AGENT: Row = Row {
    role: "agent",
    account: Account::Guest,
    publish: &["rig.say.agent.{name}.*", "rig.say.chat.*.{name}", "rig.trace.{name}.*"],
    asks: &["rig.svc.memory.*", "rig.svc.run.*", "rig.svc.status.*", "rig.svc.why.*"],
    // One record a pull: what an agent holds beyond the one it works on, no replica can take.
    consumer: Some(Consumer {
        name: "agent-{role}-{pool}",
        filters: &["rig.cmd.agent.{role}.{pool}.*"],
        ack_wait: AGENT_ACK_WAIT,
        max_ack_pending: 16,
        max_batch: 1,
    }),
    ..NOBODY
};

pub(super) const SUBSCRIBER: Row = Row {
    role: "subscriber",
    account: Account::Guest,
    // Whatever it listens to, it is told what was lost. One open delivery: a program that dies and comes back sees first
    // what it left, and nothing out of order; it waits for that less long than a worker's twin would.
    consumer: Some(Consumer {
        name: "sub-{name}",
        filters: &["rig.evt.bus.gap", "rig.evt.bus.restored"],
        ack_wait: Duration::from_secs(10),
        max_ack_pending: 1,
        max_batch: 0,
    }),
    ..NOBODY
};

pub(super) const SYS: Row = Row { role: "sys", ..NOBODY };

/// Every role, by account.
pub const TABLE: [Row; 12] =
    [CONDUCTOR, PROJECTOR, OPERATOR, INGEST, GITHUB, CHAT, PROBE, MEMORY, DASHBOARD, AGENT, SUBSCRIBER, SYS];

const fn door(name: &'static str, filters: &'static [&'static str]) -> Consumer {
    Consumer { name, filters, ack_wait: ACK_WAIT, max_ack_pending: 64, max_batch: 0 }
}
