//! How much may be asked: so many requests an hour, and so many that make something.

use std::{collections::BTreeMap, time::Duration};

use super::{
    World,
    id::{AccountId, AppId, InstallationId},
    moment::Moment,
    state::State,
    token::Principal,
};

/// How much may be asked. The default is GitHub's.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Of a person or an App as itself, an hour.
    pub person: u64,
    /// Of an installation, an hour; each repository beyond twenty adds fifty, up to two and a half times this.
    pub installation: u64,
    /// Of all who do not say who they are, an hour.
    pub anonymous: u64,
    /// Searches of anyone who says who, a minute; of the others a third.
    pub searches: u64,
    /// Requests that make something, a minute.
    pub made_in_a_minute: u64,
    /// Requests that make something, an hour.
    pub made_in_an_hour: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            person: 5_000,
            installation: 5_000,
            anonymous: 60,
            searches: 30,
            made_in_a_minute: 80,
            made_in_an_hour: 500,
        }
    }
}

impl Limits {
    /// None that anyone reaches.
    pub const NONE: Self = Self {
        person: u64::MAX >> 8,
        installation: u64::MAX >> 8,
        anonymous: u64::MAX >> 8,
        searches: u64::MAX >> 8,
        made_in_a_minute: u64::MAX >> 8,
        made_in_an_hour: u64::MAX >> 8,
    };
}

/// Whose requests are counted together.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Who {
    Anonymous,
    Person(AccountId),
    App(AppId),
    Installation(InstallationId),
}

impl From<&Principal> for Who {
    fn from(principal: &Principal) -> Self {
        match principal {
            Principal::Anonymous => Self::Anonymous,
            Principal::Person(person) => Self::Person(*person),
            Principal::App(app) => Self::App(*app),
            Principal::Installation(grant) => Self::Installation(grant.installation),
        }
    }
}

/// What is counted apart.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Resource {
    Core,
    Search,
}

impl Resource {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Core => "core",
            Self::Search => "search",
        }
    }

    const fn window(self) -> Duration {
        match self {
            Self::Core => Duration::from_secs(3600),
            Self::Search => Duration::from_secs(60),
        }
    }
}

/// A stretch of time in which requests are counted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Window {
    pub(crate) limit: u64,
    pub(crate) used: u64,
    pub(crate) reset: Moment,
}

impl Window {
    pub(crate) const fn remaining(&self) -> u64 {
        self.limit.saturating_sub(self.used)
    }
}

/// What was asked so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Usage {
    pub(crate) limits: Limits,
    asked: BTreeMap<(Who, Resource), Window>,
    made: BTreeMap<Who, [Window; 2]>,
}

impl State {
    /// The window in which a request would be counted.
    pub(crate) fn window(&self, who: Who, resource: Resource) -> Window {
        let known = self.usage.asked.get(&(who, resource)).filter(|window| self.now < window.reset);
        known.copied().unwrap_or_else(|| Window {
            limit: self.limit(who, resource),
            used: 0,
            reset: self.now.after(resource.window()),
        })
    }

    /// Counts a request; returns the window in which it stands.
    pub(crate) fn count(&mut self, who: Who, resource: Resource) -> Window {
        let mut window = self.window(who, resource);
        window.used += 1;
        self.usage.asked.insert((who, resource), window);
        window
    }

    fn limit(&self, who: Who, resource: Resource) -> u64 {
        let limits = &self.usage.limits;
        match (resource, who) {
            (Resource::Search, Who::Anonymous) => limits.searches / 3,
            (Resource::Search, _) => limits.searches,
            (Resource::Core, Who::Anonymous) => limits.anonymous,
            (Resource::Core, Who::Person(_) | Who::App(_)) => limits.person,
            (Resource::Core, Who::Installation(id)) => self.of_installation(id, limits.installation),
        }
    }

    fn of_installation(&self, id: InstallationId, least: u64) -> u64 {
        let reached = self
            .apps
            .installations
            .get(&id)
            .map_or(0, |there| self.repositories.of(there.account).filter(|at| there.holds(at)).count());
        let further = u64::try_from(reached.saturating_sub(20)).unwrap_or(u64::MAX).saturating_mul(50);
        least.saturating_add(further).min(least.saturating_mul(5) / 2)
    }

    /// How many seconds to wait before something may be made again; none if it may be now.
    pub(crate) fn too_much_made(&self, who: Who) -> Option<i64> {
        let full = |window: &&Window| self.now < window.reset && window.remaining() == 0;
        let reset = self.usage.made.get(&who)?.iter().filter(full).map(|window| window.reset).max()?;
        Some((reset.seconds() - self.now.seconds()).max(1))
    }

    /// Counts something that was made.
    pub(crate) fn count_made(&mut self, who: Who) {
        let now = self.now;
        let Limits { made_in_a_minute, made_in_an_hour, .. } = self.usage.limits;
        let begun = [(made_in_a_minute, 60), (made_in_an_hour, 3600)].map(|(limit, seconds)| Window {
            limit,
            used: 0,
            reset: now.after(Duration::from_secs(seconds)),
        });
        let windows = self.usage.made.entry(who).or_insert(begun);
        for (window, fresh) in windows.iter_mut().zip(begun) {
            if window.reset <= now {
                *window = fresh;
            }
            window.used += 1;
        }
    }
}

impl World {
    /// Sets how much may be asked from now on; what was asked so far is forgotten.
    pub fn limit(&mut self, limits: Limits) {
        self.state.usage = Usage { limits, ..Usage::default() };
    }
}
