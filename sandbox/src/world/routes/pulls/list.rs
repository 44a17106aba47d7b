//! Which pull requests there are.

use serde::Deserialize;

use crate::world::{
    answer::Answer,
    call::Call,
    page::Page,
    pull::Whole,
    refusal::{Refusal, Stop},
    render::pull::Simple,
    repository::Repository,
};

/// Which pull requests are asked for.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Filter {
    state: Which,
    /// `owner:branch`.
    head: Option<String>,
    base: Option<String>,
    sort: Sort,
    direction: Option<Direction>,
}

#[derive(Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Which {
    #[default]
    Open,
    Closed,
    All,
}

#[derive(Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Sort {
    #[default]
    Created,
    Updated,
    Popularity,
    LongRunning,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Direction {
    Asc,
    Desc,
}

pub(super) fn list(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let filter: Filter = call.query()?;
    let mut fitting: Vec<_> =
        candidates(call, &filter)?.into_iter().filter(|whole| fits(call, *whole, &filter)).collect();
    match filter.sort {
        Sort::Created | Sort::LongRunning => {}
        Sort::Updated => fitting.sort_by_key(|whole| whole.issue.updated_at),
        Sort::Popularity => fitting.sort_by_key(|whole| whole.issue.comments),
    }
    let usual = if filter.sort == Sort::Created { Direction::Desc } else { Direction::Asc };
    if filter.direction.unwrap_or(usual) == Direction::Desc {
        fitting.reverse();
    }
    Ok(Page::of(call, fitting.into_iter())?.answer(|whole| Simple::of(call.state, whole)))
}

/// All, or those that are open, in the order in which they were opened.
fn candidates<'a>(call: &'a Call<'_>, filter: &Filter) -> Result<Vec<Whole<'a>>, Refusal> {
    let repository = call.repository()?;
    if filter.state != Which::Open {
        return Ok(all(repository).collect());
    }
    let mut numbers = call.state.open_pulls.of_repository(repository.id);
    numbers.sort_unstable();
    Ok(numbers.into_iter().filter_map(|number| repository.pull(number)).collect())
}

fn all(repository: &Repository) -> impl Iterator<Item = Whole<'_>> {
    repository.pulls.pulls.keys().filter_map(|number| repository.pull(*number))
}

fn fits(call: &Call<'_>, whole: Whole<'_>, filter: &Filter) -> bool {
    let standing = match filter.state {
        Which::All => true,
        Which::Open => whole.issue.is_open(),
        Which::Closed => !whole.issue.is_open(),
    };
    // GitHub passes over a head that does not name its owner.
    let head = filter.head.as_deref().and_then(|head| head.split_once(':')).is_none_or(|(owner, branch)| {
        whole.pull.head.branch == branch && call.state.login(whole.pull.head.owner).eq_ignore_ascii_case(owner)
    });
    let base = filter.base.as_deref().is_none_or(|base| whole.pull.base.branch == base);
    standing && head && base
}

/// The pull requests that a commit belongs to: the open ones that bring it and the one by which it was merged.
pub(super) fn of_commit(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let repository = call.repository()?;
    let sha = call.commit_of_sha(call.text("commit_sha")?)?;
    let holds = |whole: &Whole<'_>| {
        let merged = whole.pull.merge.is_some_and(|merge| merge.commit == sha);
        let brings = || {
            let objects = &call.state.objects;
            objects.is_ancestor(sha, whole.pull.head.sha) && !objects.is_ancestor(sha, whole.pull.base.sha)
        };
        merged || brings()
    };
    let fitting: Vec<_> = all(repository).filter(holds).collect();
    Ok(Page::of(call, fitting.into_iter())?.answer(|whole| Simple::of(call.state, whole)))
}
