//! What the conductor is asked: answered by the leader alone, from what is stored.

use std::{collections::BTreeMap, sync::Arc};

use bus::{
    Sequenced,
    ask::Which,
    catalogue::agent::Fence,
    connect::Connection,
    number::PullKey,
    publish::{Options, Publisher},
    service::{self, Question, Questions, run, why},
};
use serde::{Serialize, de::DeserializeOwned};
use tokio::{sync::watch, task::JoinSet};

use super::{
    Error,
    health::Report,
    keep::{self, Held},
    past,
};
use crate::machine::{self, Record, Rules, State, run::Next};

/// The questions that are answered from the state.
pub(super) struct Asked {
    connection: Connection,
    publisher: Publisher,
    runs: Questions,
    saves: Questions,
    loads: Questions,
    parks: Questions,
    whys: Questions,
    /// What takes longer than a look at the state: nobody waits with deciding for it.
    tasks: JoinSet<()>,
}

impl Asked {
    /// Begins to answer. Who leads is told by a task of its own, since whoever is busy leads all the same; and the past is
    /// folded by another, one question after the other, since it takes long.
    pub(super) async fn open<R>(
        connection: &Connection,
        rules: &Arc<Rules>,
        read: R,
        report: watch::Receiver<Report>,
    ) -> Result<Self, Error>
    where
        R: Fn(&Sequenced) -> Record + Clone + Send + Sync + 'static,
    {
        let leader = service::serve(connection, run::SERVICE, Some(run::LEADER)).await?;
        let pasts = service::serve(connection, why::SERVICE, Some(why::PAST)).await?;
        let mut tasks = JoinSet::new();
        tasks.spawn(tell_who_leads(leader, report));
        tasks.spawn(tell_the_past(connection.clone(), Arc::clone(rules), read, pasts));
        let of_runs = |verb| service::serve(connection, run::SERVICE, Some(verb));
        Ok(Self {
            connection: connection.clone(),
            publisher: Publisher::start(connection, Options::default()),
            runs: of_runs(run::NEXT).await?,
            saves: of_runs(run::SAVE).await?,
            loads: of_runs(run::LOAD).await?,
            parks: of_runs(run::PARK).await?,
            whys: service::serve(connection, why::SERVICE, None).await?,
            tasks,
        })
    }

    /// The next question. May be dropped while it waits.
    pub(super) async fn next(&mut self) -> Result<Question, Error> {
        let question = tokio::select! {
            question = self.runs.next() => question,
            question = self.saves.next() => question,
            question = self.loads.next() => question,
            question = self.parks.next() => question,
            question = self.whys.next() => question,
        };
        question.ok_or(Error::Closed)
    }

    /// Answers, or has it answered: what is not known from the state alone.
    pub(super) async fn answer(&mut self, known: &Known<'_>, question: Question) {
        while self.tasks.try_join_next().is_some() {}
        let kept = match question.verb().as_deref() {
            Some(run::SAVE) => known.save(&question).map(Keeping::Save),
            Some(run::LOAD) => known.load(&question).map(Keeping::Load),
            Some(run::PARK) => known.park(&question).map(|(agent, park)| Keeping::Park(agent, park)),
            _ => return known.answer(question).await,
        };
        match kept {
            Ok(keeping) => {
                let (connection, publisher) = (self.connection.clone(), self.publisher.clone());
                self.tasks.spawn(async move { keeping.carry_out(&connection, &publisher, question).await });
            }
            Err(error) => question.refuse(error).await,
        }
    }
}

/// What is done beside deciding, for an agent that may ask for it.
enum Keeping {
    Save((Held, run::Save)),
    Load(Held),
    Park(String, run::Park),
}

impl Keeping {
    async fn carry_out(self, connection: &Connection, publisher: &Publisher, question: Question) {
        let done = match self {
            Self::Save((held, save)) => keep::save(connection, held, save).await.map(|()| None),
            Self::Load(held) => keep::load(connection, held).await.map(Some),
            Self::Park(agent, park) => keep::park(connection, publisher, &agent, park).await.map(|()| None),
        };
        match done {
            Ok(Some(kept)) => question.answer(kept).await,
            Ok(None) => question.answer(run::Done { done: true }).await,
            Err(error) => question.refuse(error).await,
        }
    }
}

async fn tell_who_leads(mut questions: Questions, report: watch::Receiver<Report>) {
    while let Some(question) = questions.next().await {
        let Report { term, through, .. } = *report.borrow();
        question.answer(run::Leader { term, through, process: std::process::id() }).await;
    }
}

async fn tell_the_past<R>(connection: Connection, rules: Arc<Rules>, read: R, mut questions: Questions)
where
    R: Fn(&Sequenced) -> Record + Clone + Send + Sync + 'static,
{
    while let Some(question) = questions.next().await {
        let answer = match asked::<why::Ask>(&question) {
            Ok(asked) => match past::known_at(&connection, (*rules).clone(), read.clone(), asked.at).await {
                Ok(past::Known { state, last, through, .. }) => {
                    Known { state: &state, rules: &rules, through, as_of: last }.why(&asked)
                }
                Err(error) => Err(format!("LOG cannot be read as it was: {error}")),
            },
            Err(error) => Err(error),
        };
        match answer {
            Ok(answer) => question.answer(answer).await,
            Err(error) => question.refuse(error).await,
        }
    }
}

/// Any answer.
#[derive(Serialize)]
#[serde(untagged)]
enum Answer {
    Next(run::Next),
    Why(why::Why),
    Inbox(why::Inbox),
    Queue(why::Queue),
    Counts(why::Counts),
}

fn asked<Q: DeserializeOwned>(question: &Question) -> Result<Q, String> {
    question.open().map_err(|error| format!("the question cannot be read: {error}"))
}

/// Who asks, as the server says.
fn agent(question: &Question) -> Result<String, String> {
    let asker = question.asker();
    asker.ok_or_else(|| "an agent asks this with its own credential: the server says who it is".to_owned())
}

/// What is known, with the position up to which it is.
pub(super) struct Known<'a> {
    pub(super) state: &'a State,
    pub(super) rules: &'a Rules,
    pub(super) through: u64,
    /// The last number of LOG that it is the state as of: what was said to that position stands in LOG by then.
    pub(super) as_of: u64,
}

impl Known<'_> {
    pub(super) async fn answer(&self, question: Question) {
        let answer = match question.verb().as_deref() {
            Some(run::NEXT) => self.next(&question),
            Some(why::ITEM) => asked(&question).and_then(|asked| self.why(&asked)),
            Some(why::PAST) => return,
            Some(why::INBOX) => {
                Ok(Answer::Inbox(why::Inbox { waiting: machine::inbox(self.state), as_of: self.as_of }))
            }
            Some(why::QUEUE) => {
                Ok(Answer::Queue(why::Queue { waiting: machine::queue(self.state), as_of: self.as_of }))
            }
            Some(why::COUNTS) => Ok(Answer::Counts(self.counts())),
            verb => Err(format!("the conductor is not asked for `{}`", verb.unwrap_or_default())),
        };
        match answer {
            Ok(answer) => question.answer(answer).await,
            Err(error) => question.refuse(error).await,
        }
    }

    fn next(&self, question: &Question) -> Result<Answer, String> {
        let run::Ask { fence, after } = asked(question)?;
        Ok(Answer::Next(match machine::run::next(self.state, self.rules, &agent(question)?, fence, after) {
            Next::Go(say) => run::Next::Go { say },
            Next::Ask => run::Next::Ask,
            Next::Stop(reason) => run::Next::Stop { reason },
        }))
    }

    fn save(&self, question: &Question) -> Result<(Held, run::Save), String> {
        let save: run::Save = asked(question)?;
        Ok((self.held(question, save.fence)?, save))
    }

    fn load(&self, question: &Question) -> Result<Held, String> {
        let run::Load { fence } = asked(question)?;
        self.held(question, fence)
    }

    fn held(&self, question: &Question, fence: Fence) -> Result<Held, String> {
        let held = machine::run::held(self.state, &agent(question)?, fence);
        let (item, task) = held.ok_or("this work is no longer yours")?;
        Ok(Held { item, task: task.clone(), generation: fence.generation })
    }

    /// Whoever is an agent may hand in an offer: it could acknowledge it unread as well.
    fn park(&self, question: &Question) -> Result<(String, run::Park), String> {
        let agent = agent(question)?;
        if !self.state.agents.is_known(&agent) {
            return Err(format!("{agent} is no agent that was heard of"));
        }
        Ok((agent, asked(question)?))
    }

    fn why(&self, why::Ask { repository, number, at: _ }: &why::Ask) -> Result<Answer, String> {
        let which = Which { repository: repository.clone(), issue: Some(*number) };
        let key = machine::find(self.state, self.rules, &which, None)?;
        let item = self.state.items.get(&key);
        let course = item.map(|item| &item.course);
        let ended = self.state.ended.get(&key);
        let stands = course.map(|course| course.standing.name());
        let Some(standing) = stands.or_else(|| ended.map(|ended| ended.end.name())) else {
            return Err(format!("{} was never taken up", self.state.name_of(key)));
        };
        let pull = course.map_or_else(|| ended.and_then(|ended| ended.pull), |course| course.pull);
        let known = pull.and_then(|pull| self.state.pulls.get(&PullKey { repository: key.repository, pull }));
        let gates = machine::gates(self.state, self.rules, key).into_iter();
        Ok(Answer::Why(why::Why {
            repository: self
                .state
                .repositories
                .get(&key.repository)
                .map(|known| known.name.clone())
                .unwrap_or_default(),
            number: key.issue,
            title: item.map(|item| item.issue.title.clone()),
            standing: standing.to_owned(),
            lines: machine::why(self.state, self.rules, key),
            pull,
            head: known.map(|pull| pull.head),
            gates: gates.map(|(name, shut)| why::Gate { name: name.to_owned(), shut }).collect(),
            as_of: self.as_of,
        }))
    }

    fn counts(&self) -> why::Counts {
        let mut items = BTreeMap::<String, usize>::new();
        let ended = self.state.ended.values().map(|ended| ended.end.name());
        for name in self.state.items.values().map(|item| item.course.standing.name()).chain(ended) {
            *items.entry(name.to_owned()).or_default() += 1;
        }
        why::Counts { items, commands: self.state.outbox.len(), through: self.through }
    }
}
