//! What the conductor is asked: answered by the leader alone, from what is stored.

use std::collections::BTreeMap;

use bus::{
    connect::Connection,
    number::ItemKey,
    service::{self, Question, Questions, run, why},
};
use serde::{Serialize, de::DeserializeOwned};
use tokio::{sync::watch, task::JoinSet};

use super::{Error, health::Report};
use crate::machine::{self, Rules, State, run::Next};

/// The questions that are answered from the state.
pub(super) struct Asked {
    runs: Questions,
    whys: Questions,
    _leader: JoinSet<()>,
}

impl Asked {
    /// Begins to answer: who leads, by a task of its own, since whoever is busy leads all the same.
    pub(super) async fn open(connection: &Connection, report: watch::Receiver<Report>) -> Result<Self, Error> {
        let leader = service::serve(connection, run::SERVICE, Some(run::LEADER)).await?;
        let mut task = JoinSet::new();
        task.spawn(tell_who_leads(leader, report));
        Ok(Self {
            runs: service::serve(connection, run::SERVICE, Some(run::NEXT)).await?,
            whys: service::serve(connection, why::SERVICE, None).await?,
            _leader: task,
        })
    }

    /// The next question. May be dropped while it waits.
    pub(super) async fn next(&mut self) -> Result<Question, Error> {
        let question = tokio::select! {
            question = self.runs.next() => question,
            question = self.whys.next() => question,
        };
        question.ok_or(Error::Closed)
    }
}

async fn tell_who_leads(mut questions: Questions, report: watch::Receiver<Report>) {
    while let Some(question) = questions.next().await {
        let Report { term, through, .. } = *report.borrow();
        question.answer(run::Leader { term, through }).await;
    }
}

/// Any answer.
#[derive(Serialize)]
#[serde(untagged)]
enum Answer {
    Next(run::Next),
    Why(why::Why),
    Counts(why::Counts),
}

fn asked<Q: DeserializeOwned>(question: &Question) -> Result<Q, String> {
    question.open().map_err(|error| format!("the question cannot be read: {error}"))
}

/// What is known, with the position up to which it is.
pub(super) struct Known<'a> {
    pub(super) state: &'a State,
    pub(super) rules: &'a Rules,
    pub(super) through: u64,
}

impl Known<'_> {
    pub(super) async fn answer(&self, question: Question) {
        let answer = match question.verb().as_deref() {
            Some(run::NEXT) => asked(&question).and_then(|asked| self.next(question.asker().as_deref(), asked)),
            Some(why::ITEM) => asked(&question).and_then(|asked| self.why(&asked)),
            Some(why::COUNTS) => Ok(Answer::Counts(self.counts())),
            verb => Err(format!("the conductor is not asked for `{}`", verb.unwrap_or_default())),
        };
        match answer {
            Ok(answer) => question.answer(answer).await,
            Err(error) => question.refuse(error).await,
        }
    }

    fn next(&self, asker: Option<&str>, run::Ask { fence }: run::Ask) -> Result<Answer, String> {
        let agent = asker.ok_or("an agent asks this with its own credential: the server says who it is")?;
        Ok(Answer::Next(match machine::run::next(self.state, agent, fence) {
            Next::Go => run::Next::Go,
            Next::Ask => run::Next::Ask,
            Next::Stop(reason) => run::Next::Stop { reason },
        }))
    }

    fn why(&self, why::Ask { repository, number }: &why::Ask) -> Result<Answer, String> {
        let (id, _) =
            self.state.repository_named(repository).ok_or_else(|| format!("{repository} is not looked after here"))?;
        let key = ItemKey { repository: id, issue: *number };
        if !self.state.items.contains_key(&key) && !self.state.ended.contains_key(&key) {
            return Err(format!("{repository}{number} was never taken up"));
        }
        Ok(Answer::Why(why::Why { lines: machine::why(self.state, self.rules, key), through: self.through }))
    }

    fn counts(&self) -> why::Counts {
        let mut items = BTreeMap::<String, usize>::new();
        let ended = self.state.ended.values().map(|ended| ended.standing.name());
        for name in self.state.items.values().map(|item| item.course.standing.name()).chain(ended) {
            *items.entry(name.to_owned()).or_default() += 1;
        }
        why::Counts { items, commands: self.state.outbox.len(), through: self.through }
    }
}
