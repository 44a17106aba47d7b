//! What the machine says to a record: transitions of items, and orders.

use bus::{
    catalogue::work::{About, Course, Kind, Standing, Transition},
    commit::Oid,
    number::ItemKey,
};

use super::{fact::Fact, matter::Matter, order::Order};

/// One thing that the machine says.
#[derive(Clone, PartialEq, Debug)]
pub enum Output {
    /// An item went on.
    Moved(ItemKey, Kind, Box<Transition>),
    /// A command.
    Ordered(Order),
}

impl Output {
    /// What is known once it is said.
    #[must_use]
    pub fn fact(&self) -> Fact {
        match self {
            Self::Moved(key, _, transition) => Fact::Moved(*key, transition.clone()),
            Self::Ordered(order) => Fact::Ordered(order.clone()),
        }
    }
}

/// A transition that is being put together: it begins as the item is.
#[derive(Debug)]
pub(super) struct Step {
    key: ItemKey,
    kind: Kind,
    transition: Box<Transition>,
}

impl Step {
    pub(super) fn of(matter: Matter<'_>, kind: Kind, say: impl Into<String>) -> Self {
        let Matter { state, key, item, .. } = matter;
        let repository = state.repositories.get(&key.repository).map_or_else(String::new, |known| known.name.clone());
        let name = item.course.standing.name().to_owned();
        let about =
            About { repository_id: key.repository, repository, number: key.issue, title: item.issue.title.clone() };
        let transition = Transition {
            say: say.into(),
            item: about,
            before: name.clone(),
            after: name,
            actor: None,
            commit: None,
            url: None,
            course: item.course.clone(),
        };
        Self { key, kind, transition: Box::new(transition) }
    }

    pub(super) fn to(mut self, standing: Standing) -> Self {
        standing.name().clone_into(&mut self.transition.after);
        self.transition.course.standing = standing;
        self
    }

    pub(super) fn by(mut self, actor: &str) -> Self {
        self.transition.actor = Some(actor.to_owned());
        self
    }

    pub(super) fn at(mut self, commit: Oid) -> Self {
        self.transition.commit = Some(commit);
        self
    }

    pub(super) fn seen_at(mut self, url: Option<String>) -> Self {
        self.transition.url = url;
        self
    }

    /// Changes what the item cost so far, or what carries it.
    pub(super) fn with(mut self, change: impl FnOnce(&mut Course)) -> Self {
        change(&mut self.transition.course);
        self
    }

    pub(super) fn done(self) -> Output {
        Output::Moved(self.key, self.kind, self.transition)
    }
}
