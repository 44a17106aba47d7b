//! One run: from the claim of an offer to the claim of its end.

use std::{path::Path, pin::pin};

use bus::{
    catalogue::{
        agent::{Failure, Outcome, Remark, Verdict},
        cmd::Offer,
        trace,
        work::Task,
    },
    commit::Oid,
    connect::Connection,
    publish,
};
use futures::future::{self, Either, select};
use time::OffsetDateTime;
use tokio::time::Instant;

use super::{
    Agent,
    claims::Claims,
    end::{End, moment_of_verdict},
    heard::Heard,
    lease::Lease,
    notes::Notes,
    trace::Traces,
};
use crate::{
    api::Api,
    brain::{Answer, Assignment, Brain, Desk},
    character::{Moment, tidy},
    context::Context,
    git_door::{Door, Way},
    place::{NoPlace, Place},
    workspace::Tree,
};

/// What becomes of the offer.
pub(super) enum Conclusion {
    /// Its end is stored.
    Ended,
    /// Its end is stored, and the brain takes no more before then.
    Saturated(OffsetDateTime),
    /// It comes again.
    Unfinished(String),
}

pub(super) struct Run<'a> {
    pub(super) connection: &'a Connection,
    pub(super) agent: &'a Agent,
    pub(super) brain: &'a Brain,
    pub(super) traces: &'a Traces,
    pub(super) claims: Claims<'a>,
    pub(super) offer: &'a Offer,
}

/// What a run begins with.
struct Ready {
    context: Context,
    tree: Tree,
}

/// What a run works with.
struct Bench<'a> {
    door: &'a Door<'a>,
    mirror: &'a Path,
    tree: &'a Tree,
}

impl Run<'_> {
    /// Dropped, it leaves no process and no folder.
    pub(super) async fn perform(&self) -> Conclusion {
        let (fence, every) = (self.offer.fence, self.agent.pace.next);
        let lease = Lease { connection: self.connection, fence, every, heard: Heard::default() };
        let place = Place::of(self.offer);
        // What only reads and makes a tree is begun at once; nobody sees anything of it before the work is granted.
        let (taken, ready) = (pin!(self.taken(&lease)), pin!(self.ready(&place, &lease)));
        let ready = match select(taken, ready).await {
            Either::Left((Err(conclusion), _)) => return conclusion,
            Either::Left((Ok(()), ready)) => Either::Left(ready),
            Either::Right((ready, taken)) => match taken.await {
                Err(conclusion) => return conclusion,
                Ok(()) => Either::Right(future::ready(ready)),
            },
        };
        let notes = Notes::new(self.connection, fence);
        let end = tokio::select! {
            end = self.work(ready, &place, &lease, &notes) => end.unwrap_or_else(|end| end),
            halt = lease.lost() => halt.into(),
        };
        self.conclude(end, &notes).await
    }

    /// Claims the offer, and waits for the word to go on.
    async fn taken(&self, lease: &Lease<'_>) -> Result<(), Conclusion> {
        if let Err(error) = self.claims.claimed(self.offer).await {
            return Err(Conclusion::Unfinished(error.to_string()));
        }
        lease.granted().await.map_err(|halt| {
            tracing::info!(reason = halt.0, run = %self.offer.fence.run, "an offer is another's, or of the past");
            Conclusion::Ended
        })
    }

    async fn conclude(&self, end: End, notes: &Notes<'_>) -> Conclusion {
        // Before the claim: once it is decided the work is nobody's, and nothing is kept of it any more.
        match &end {
            End::Failed(Failure::Stopped, _) => {}
            End::Failed(Failure::Incomplete | Failure::Saturated { .. }, _) => notes.hands_on().await,
            End::Failed(..) | End::Left { .. } | End::GaveUp(_) => notes.forgets().await,
        }
        let saturated = match &end {
            End::Failed(Failure::Saturated { until }, _) => Some(*until),
            End::Failed(..) | End::Left { .. } | End::GaveUp(_) => None,
        };
        match (end.claim(&self.claims, self.offer).await, saturated) {
            (Err(error @ publish::Error::Unreachable(_)), _) => Conclusion::Unfinished(error.to_string()),
            (Err(error), _) => Conclusion::Unfinished(format!("the end of a run could not be claimed: {error}")),
            (Ok(()), Some(until)) => Conclusion::Saturated(until),
            (Ok(()), None) => Conclusion::Ended,
        }
    }

    async fn ready(&self, place: &Result<Place, NoPlace>, lease: &Lease<'_>) -> Result<Ready, End> {
        let Agent { character: _, workspace, github, pace: _ } = self.agent;
        let place = place.as_ref().map_err(End::broken)?;
        let api = Api { client: &github.client, address: &github.api, credential: &github.credential };
        let door = self.door(place, lease);
        let context = async { api.context(place, self.offer.item.number.0, &self.offer.task).await.map_err(End::from) };
        let tree = async { workspace.tree(self.offer, place, &door, &api).await.map_err(End::from) };
        let (context, tree) = tokio::try_join!(context, tree)?;
        Ok(Ready { context, tree })
    }

    const fn door<'r>(&'r self, place: &'r Place, lease: &'r Lease<'r>) -> Door<'r> {
        let Agent { character: _, workspace, github, pace: _ } = self.agent;
        let (host, credential) = (github.host.as_str(), &github.credential);
        Door { git: &workspace.git, host, credential, place, fence: self.offer.fence, lease }
    }

    async fn work(
        &self,
        ready: impl Future<Output = Result<Ready, End>>,
        place: &Result<Place, NoPlace>,
        lease: &Lease<'_>,
        notes: &Notes<'_>,
    ) -> Result<End, End> {
        let (ready, ()) = tokio::join!(ready, notes.recall());
        let Ready { context, tree } = ready?;
        let door = self.door(place.as_ref().map_err(End::broken)?, lease);
        let bench = Bench { door: &door, mirror: &tree.mirror, tree: &tree };
        let mut assignment = self.assignment(context, &tree);
        assignment.turn = notes.taken();
        lease.heard.stand_in(tree.words());
        let (began, limits, claims) = (Instant::now(), self.agent.character.limits, &self.claims);
        while assignment.turn < limits.turns {
            assignment.turn += 1;
            lease.granted().await?;
            (assignment.said, assignment.state) = (lease.heard.all(), notes.brain());
            notes.begins(assignment.turn).await;
            let desk = Desk::new(&assignment, &tree, claims, notes, limits, began);
            match self.turn(&desk).await {
                Answer::More => self.keep(&bench).await?,
                answer => return self.end(answer, &bench).await,
            }
        }
        self.end(Answer::Incomplete, &bench).await
    }

    /// One turn, recorded.
    async fn turn(&self, desk: &Desk<'_>) -> Answer {
        let (agent, brain, turn) = (self.agent.character.name.as_str(), self.brain.name(), desk.assignment.turn);
        self.traces.record(agent, self.offer, turn, brain, None);
        let began = Instant::now();
        let answer = self.brain.turn(desk).await;
        let took = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        let end = trace::End { outcome: answer.name().to_owned(), took, said: desk.notes.said(), talk: desk.talk() };
        self.traces.record(agent, self.offer, turn, brain, Some(end));
        answer
    }

    fn assignment(&self, context: Context, tree: &Tree) -> Assignment {
        let Offer { say: _, fence: _, item, task, attempt, branch, base, pull } = self.offer;
        Assignment {
            persona: self.agent.character.persona.clone(),
            repository: item.repository.clone(),
            number: item.number,
            title: item.title.clone(),
            context,
            task: task.clone(),
            attempt: *attempt,
            turn: 0,
            said: Vec::new(),
            state: serde_json::Value::Null,
            branch: branch.clone(),
            base: base.clone(),
            base_commit: tree.base,
            pull: *pull,
        }
    }

    /// What a brain says, held against what is there.
    async fn end(&self, answer: Answer, bench: &Bench<'_>) -> Result<End, End> {
        Ok(match answer {
            Answer::Done { say, title, body } => self.done(say, title, body, bench).await?,
            Answer::Judged { verdict, say, body, remarks } => self.judged(verdict, say, body, remarks),
            Answer::Incomplete | Answer::More => {
                self.keep(bench).await?;
                End::Failed(Failure::Incomplete, String::new())
            }
            Answer::Saturated { until, why } => {
                self.keep(bench).await?;
                End::Failed(Failure::Saturated { until }, why)
            }
            Answer::GaveUp { say } => End::GaveUp(say),
            Answer::Broken { error } => End::broken(error),
            Answer::Nothing => End::nothing(),
        })
    }

    /// Commits and pushes what there is, done or not. A reviewer's tree is nobody's.
    async fn keep(&self, bench: &Bench<'_>) -> Result<(), End> {
        let task = &self.offer.task;
        if matches!(task, Task::Review { .. }) || bench.tree.is_amid_rebase() {
            return Ok(());
        }
        bench.tree.commit_all(&format!("WIP: {}", tidy(&self.offer.item.title))).await?;
        if bench.tree.head().await? != bench.tree.start {
            bench.door.push(bench.mirror, bench.tree, way(task)).await?;
        }
        Ok(())
    }

    async fn done(
        &self,
        words: String,
        title: Option<String>,
        body: Option<String>,
        bench: &Bench<'_>,
    ) -> Result<End, End> {
        let Bench { door, mirror, tree } = bench;
        let task = &self.offer.task;
        let title = line(title.as_deref().unwrap_or(&self.offer.item.title));
        if !tree.is_amid_rebase() {
            tree.commit_all(&title).await?;
        }
        if !self.is_there(tree, tree.head().await?).await? {
            return Ok(End::nothing());
        }
        let head = door.push(mirror, tree, way(task)).await?;
        let moment = if matches!(task, Task::Build) { Moment::Pushed } else { Moment::Mended };
        let body = self.closing(body.unwrap_or_else(|| words.clone()));
        let (words, change) = (tidy(&words), tree.change().await?);
        Ok(End::Left { moment, words, change, outcome: Outcome::Pushed { head, title, body } })
    }

    /// Whether this head is what the task was for.
    async fn is_there(&self, tree: &Tree, head: Oid) -> Result<bool, End> {
        Ok(match &self.offer.task {
            Task::Build => tree.differs(tree.base, head).await? && !tree.within(head, tree.base).await?,
            Task::Fix { head: before } | Task::Mend { head: before, .. } => {
                *before != head && !tree.within(head, *before).await?
            }
            Task::Rebase { head: before } => *before != head && tree.within(tree.base, head).await?,
            Task::Review { .. } => false,
        })
    }

    fn judged(&self, verdict: Verdict, words: String, body: String, remarks: Vec<Remark>) -> End {
        let Task::Review { head, .. } = self.offer.task else { return End::nothing() };
        let body = if body.trim().is_empty() { words.clone() } else { body };
        if verdict != Verdict::Approved && body.trim().is_empty() && remarks.is_empty() {
            return End::nothing();
        }
        let outcome = Outcome::Judged { head, verdict, body, remarks };
        End::Left { moment: moment_of_verdict(verdict), words: tidy(&words), change: String::new(), outcome }
    }

    fn closing(&self, body: String) -> String {
        let closes = format!("Closes {}", self.offer.item.number);
        if body.contains(&closes) { body } else { format!("{}\n\n{closes}", body.trim()).trim().to_owned() }
    }
}

/// Only what a rebase made replaces what was there.
const fn way(task: &Task) -> Way {
    match task {
        Task::Rebase { .. } => Way::Anew,
        Task::Build | Task::Fix { .. } | Task::Mend { .. } | Task::Review { .. } => Way::Forward,
    }
}

/// A title: one line, not too long.
fn line(text: &str) -> String {
    tidy(text).replace('\n', " ").chars().take(200).collect()
}
