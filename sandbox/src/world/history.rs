//! What happened to an issue or pull request, kept in order: the lists of events, and the timeline.

use super::{
    id::{AccountId, AppId, EventId, Number, RepositoryId},
    issue::Reason,
    lock::LockReason,
    moment::Moment,
    state::State,
};

/// An issue or pull request anywhere.
pub(crate) type Place = (RepositoryId, Number);

/// Something that happened.
#[derive(Clone, Debug)]
pub(crate) struct Happening {
    pub(crate) id: EventId,
    pub(crate) by: AccountId,
    pub(crate) app: Option<AppId>,
    pub(crate) at: Moment,
    pub(crate) what: What,
}

/// What happened.
#[derive(Clone, Debug)]
pub(crate) enum What {
    Label {
        on: bool,
        name: String,
        color: String,
    },
    Assignee {
        on: bool,
        person: AccountId,
    },
    Milestone {
        on: bool,
        title: String,
    },
    Renamed {
        from: String,
        to: String,
    },
    Locked(Option<LockReason>),
    Unlocked,
    Closed(Option<Reason>),
    Reopened,
    /// Another one names it. On the timeline only.
    Referenced(Place),
}

impl State {
    /// Keeps with each issue that an issue's own text names that it is named there.
    pub(crate) fn refer(&mut self, from: Place, by: AccountId) {
        let text = self.issue(from).and_then(|(_, issue)| issue.body.clone());
        self.refer_in(from, &text.unwrap_or_default(), by);
    }

    /// The same for a text in its conversation.
    pub(crate) fn refer_in(&mut self, from: Place, text: &str, by: AccountId) {
        for number in named(text).filter(|number| *number != from.1) {
            let to = (from.0, number);
            let told = self.issue(to).map(|(at, _)| at.issues.history.get(&number).is_some_and(|all| tells(all, from)));
            if told == Some(false) {
                self.note(to, by, None, What::Referenced(from));
            }
        }
    }

    pub(crate) fn note(&mut self, (repository, number): Place, by: AccountId, app: Option<AppId>, what: What) {
        let (id, at) = (EventId(self.draw.id()), self.now);
        if let Some(repository) = self.repositories.get_mut(repository) {
            repository.issues.history.entry(number).or_default().push(Happening { id, by, app, at, what });
        }
    }
}

fn tells(history: &[Happening], from: Place) -> bool {
    history.iter().any(|happening| matches!(happening.what, What::Referenced(place) if place == from))
}

/// Each `#7` of a text.
fn named(text: &str) -> impl Iterator<Item = Number> {
    let words =
        text.split(|letter: char| letter.is_whitespace() || matches!(letter, ',' | '.' | '(' | ')' | ':' | ';'));
    words.filter_map(|word| word.strip_prefix('#')?.parse().ok())
}
