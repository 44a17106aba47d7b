use bus::catalogue::{
    agent::{Remark, Verdict},
    work::Task,
};
use serde::Deserialize;

use super::{
    super::{Answer, Assignment, Desk},
    stage::{self, Trouble},
};
use crate::character::duration;

/// What is played for one title and one kind of task.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Act {
    /// The title; nothing for any.
    title: Option<String>,
    task: Kind,
    /// Which review it is; nothing for any.
    round: Option<u8>,
    steps: Vec<Step>,
}

/// The kinds of tasks.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    Build,
    Fix,
    Mend,
    Rebase,
    Review,
}

/// What is done.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Step {
    /// Says it.
    Say(String),
    /// Waits so long.
    Wait(String),
    /// Writes a file.
    Write { path: String, text: String },
    /// Adds to the end of a file, each time it is played.
    Append { path: String, text: String },
    /// Writes a part of a file anew.
    Replace { path: String, find: String, with: String },
    /// Commits everything.
    Commit(String),
    /// Judges.
    Judge {
        verdict: Verdict,
        say: String,
        #[serde(default)]
        remarks: Vec<Remark>,
    },
}

impl Kind {
    pub(super) const fn of(task: &Task) -> Self {
        match task {
            Task::Build => Self::Build,
            Task::Fix { .. } => Self::Fix,
            Task::Mend { .. } => Self::Mend,
            Task::Rebase { .. } => Self::Rebase,
            Task::Review { .. } => Self::Review,
        }
    }
}

impl Act {
    pub(super) fn is_for(&self, assignment: &Assignment, kind: Kind) -> bool {
        let round = match &assignment.task {
            Task::Review { round, .. } => Some(*round),
            Task::Build | Task::Fix { .. } | Task::Mend { .. } | Task::Rebase { .. } => None,
        };
        let title = self.title.as_ref().is_none_or(|title| title.eq_ignore_ascii_case(assignment.title.trim()));
        self.task == kind && title && (self.round.is_none() || self.round == round)
    }

    /// Whether one of its commits has this subject.
    pub(super) fn commits(&self, subject: &str) -> bool {
        self.steps.iter().any(|step| matches!(step, Step::Commit(message) if message.lines().next() == Some(subject)))
    }

    pub(super) async fn play(&self, desk: &Desk<'_>) -> Result<Answer, Trouble> {
        let mut last = "rehearsed".to_owned();
        for step in &self.steps {
            match step {
                Step::Say(words) => desk.say(words).await,
                Step::Wait(length) => tokio::time::sleep(duration(length).map_err(Trouble::Wait)?).await,
                Step::Write { path, text } => stage::write(desk.tree, path, text)?,
                Step::Append { path, text } => stage::append(desk.tree, path, text)?,
                Step::Replace { path, find, with } => stage::replace(desk.tree, path, find, with)?,
                Step::Commit(message) => {
                    desk.tree.commit_all(message).await?;
                    message.lines().next().unwrap_or_default().clone_into(&mut last);
                }
                Step::Judge { verdict, say, remarks } => {
                    return Ok(Answer::Judged {
                        verdict: *verdict,
                        say: say.clone(),
                        body: format!("{say}\n\nThis is a rehearsal from a playbook, not a judgement."),
                        remarks: remarks.clone(),
                    });
                }
            }
        }
        let body = "This is a rehearsal from a playbook: nobody thought about it.".to_owned();
        Ok(Answer::Done { say: last, title: None, body: Some(body) })
    }
}
