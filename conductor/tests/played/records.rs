//! Records as the other programs write them.

use bus::{
    Draft, Envelope, RecordId, Sequenced, Subject, Token,
    catalogue::{
        Kind, agent,
        cmd::{Deploy, Github, Say, Verb},
        outcome,
    },
};
use conductor::machine::{Order, Output};
use serde::Serialize;
use time::OffsetDateTime;

pub fn stored(draft: Draft, sequence: u64, stored_at: OffsetDateTime) -> Sequenced {
    let (subject, body) = (draft.subject.to_string(), draft.body);
    Sequenced { sequence, subject, headers: Default::default(), body, stored_at }
}

pub fn draft<D: Serialize>(id: RecordId, kind: Kind, subject: Subject, data: &D) -> Draft {
    let envelope = Envelope::new(id, kind.type_name(), "/rig/test", OffsetDateTime::UNIX_EPOCH, data);
    Draft::new(subject, &envelope).unwrap()
}

pub fn claim<D: Serialize>(id: RecordId, kind: agent::Kind, name: &str, data: &D) -> Draft {
    let subject = Subject::Agent { name: Token::of(name), kind: Token::of(kind.name()) };
    draft(id, Kind::Agent(kind), subject, data)
}

pub fn outcome(verb: Verb, command: RecordId, end: outcome::End) -> Draft {
    let data = outcome::Outcome { say: "done".to_owned(), command, end };
    let subject = Subject::Outcome { door: Token::of("github"), verb: Token::of(verb.name()) };
    draft(command.outcome(), Kind::Outcome(verb), subject, &data)
}

/// What the machine says, as the conductor writes it down.
pub fn said(id: RecordId, output: &Output) -> Draft {
    let (owner, repo) = (Token::of("acme"), Token::of("hello.site"));
    let verb = |verb: Verb| Token::of(verb.name());
    match output {
        Output::Moved(key, kind, transition) => {
            let (number, kind_token) = (Token::of(&key.issue.0.to_string()), Token::of(kind.name()));
            draft(id, Kind::Work(*kind), Subject::Work { owner, repo, number, kind: kind_token }, transition)
        }
        Output::Ordered(Order::Agent { role, pool, offer }) => {
            let (role, pool) = (Token::of(role), Token::of(pool));
            draft(id, Kind::Command(Verb::Offer), Subject::CmdAgent { role, pool, verb: verb(Verb::Offer) }, offer)
        }
        Output::Ordered(Order::Github { repository, order }) => {
            let subject = Subject::CmdGithub { owner, repo, verb: verb(order.verb()) };
            let order = order.as_ref().clone();
            let kind = Kind::Command(order.verb());
            let (say, repository) = (String::new(), (*repository, "acme/hello.site".to_owned()));
            draft(id, kind, subject, &Github { say, repository_id: repository.0, repository: repository.1, order })
        }
        Output::Ordered(Order::Deploy { repository: repository_id, order }) => {
            let subject = Subject::CmdDeploy { owner, repo, verb: verb(order.verb()) };
            let (repository_id, order, repository) = (*repository_id, order.clone(), "acme/hello.site".to_owned());
            let kind = Kind::Command(order.verb());
            draft(
                id,
                kind,
                subject,
                &Deploy { say: String::new(), repository_id, repository, url: String::new(), order },
            )
        }
        Output::Ordered(Order::Say { room, say, push }) => {
            let subject = Subject::CmdChat { room: Token::of(room), verb: verb(Verb::Say) };
            draft(id, Kind::Command(Verb::Say), subject, &Say { say: say.clone(), push: push.clone() })
        }
    }
}
