//! Two commits side by side.

use http::Method;

use crate::{
    object::{FileChange, Oid, unified},
    world::{
        answer::{self, Answer},
        call::Call,
        media::Media,
        page::Page,
        permission::Permission,
        refusal::{Refusal, Stop},
        render::{
            comparison::{Compared, Comparison},
            file::File,
        },
        repository::{Found, Repository},
        router::{Route, read, route},
    },
};

pub(super) const ROUTES: &[Route] =
    &[route(Method::GET, "/repos/{owner}/{repo}/compare/{basehead}", read(Permission::Contents), get)];

/// GitHub shows this many commits where no page is asked for, and this many files at all.
const COMMITS: usize = 250;
const FILES: usize = 300;

fn get(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let repository = call.repository()?;
    let compared = compared(call, repository)?;
    let media = call.media();
    match media {
        Media::Diff => return Ok(media.answer(unified(&changes(call, &compared)))),
        Media::Patch => {
            let commits = call.state.objects.between(compared.base, compared.head);
            return Ok(media.answer(call.state.objects.format_patches(&commits)));
        }
        Media::Json | Media::Raw | Media::Object | Media::Sha => {}
    }
    let (commits, is_first) = commits(call, &compared)?;
    let files = is_first.then(|| files(call, repository, &compared));
    let shown = Comparison::of(call.state, repository, &compared, &commits, files).ok_or_else(Refusal::not_found)?;
    Ok(answer::ok(&shown))
}

fn compared(call: &Call<'_>, repository: &Repository) -> Result<Compared, Refusal> {
    let asked = call.text("basehead")?;
    let (base, head) = asked.split_once("...").ok_or_else(Refusal::not_found)?;
    let base = side(call, repository, base).ok_or_else(Refusal::not_found)?;
    let head = side(call, repository, head).ok_or_else(Refusal::not_found)?;
    let (asked, merge_base) = (asked.to_owned(), call.state.objects.merge_base(base, head));
    let merge_base = merge_base.ok_or_else(|| {
        let message = format!("No common ancestor between {}.", asked.replacen("...", " and ", 1));
        Refusal::new(http::StatusCode::NOT_FOUND, message)
    })?;
    Ok(Compared { base, head, merge_base, asked })
}

/// `branch`, `owner:branch` or `owner:repository:branch`, all of one network of forks.
fn side(call: &Call<'_>, repository: &Repository, name: &str) -> Option<Oid> {
    let mut parts = name.splitn(3, ':');
    let (first, second, third) = (parts.next()?, parts.next(), parts.next());
    let there = match (second, third) {
        (None, _) => return call.state.committed(repository, first),
        (Some(_), None) => network(call, repository, first)?,
        (Some(named), Some(_)) => {
            let (Found::Here(id) | Found::Moved(id)) = call.state.find(first, named)?;
            let there = call.state.repositories.get(id)?;
            Some(there).filter(|there| there.network == repository.network)?
        }
    };
    let there = Some(there).filter(|there| call.state.sees(&call.who, there))?;
    call.state.committed(there, third.or(second)?)
}

fn network<'a>(call: &'a Call<'_>, repository: &'a Repository, owner: &str) -> Option<&'a Repository> {
    let owner = call.state.accounts.named(owner)?.id;
    if owner == repository.owner {
        return Some(repository);
    }
    call.state.repositories.of(owner).find(|there| there.network == repository.network)
}

/// The commits that are shown, and whether they are the first ones.
fn commits(call: &Call<'_>, compared: &Compared) -> Result<(Vec<Oid>, bool), Refusal> {
    let all = call.state.objects.between(compared.base, compared.head);
    let query = call.request.uri().query().unwrap_or_default();
    if !query.contains("page=") {
        return Ok((all.into_iter().take(COMMITS).collect(), true));
    }
    let first = all.first().copied();
    let page = Page::of(call, all.into_iter())?;
    let is_first = page.items.first().copied() == first;
    Ok((page.items, is_first))
}

fn changes(call: &Call<'_>, compared: &Compared) -> Vec<FileChange> {
    let objects = &call.state.objects;
    let [before, after] = [compared.merge_base, compared.head]
        .map(|commit| objects.commit(commit).map_or(Oid::EMPTY_TREE, |commit| commit.tree));
    objects.diff(before, after)
}

fn files(call: &Call<'_>, repository: &Repository, compared: &Compared) -> Vec<File> {
    let changes = changes(call, compared).into_iter().take(FILES);
    changes.map(|change| File::of(call.state, repository, compared.head, change)).collect()
}
