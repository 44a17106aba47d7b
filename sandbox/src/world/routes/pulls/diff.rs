//! What a pull request changes.

use super::named;
use crate::{
    object::unified,
    world::{
        answer::Answer,
        call::Call,
        media::Media,
        page::Page,
        refusal::Stop,
        render::{commit::Commit, file::File},
    },
};

/// GitHub tells no more files than these.
const MOST: usize = 3000;
/// And no more commits than these.
const MOST_COMMITS: usize = 250;

pub(super) fn files(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let whole = named(call)?;
    let page = Page::of(call, call.state.files_of(whole.pull).into_iter().take(MOST))?;
    Ok(page.answer(|change| File::of(call.state, whole.repository, whole.pull.head.sha, change)))
}

pub(super) fn commits(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let whole = named(call)?;
    let page = Page::of(call, call.state.commits_of(whole.pull).into_iter().take(MOST_COMMITS))?;
    Ok(page.answer(|oid| Commit::of(call.state, whole.repository, oid)))
}

pub(super) fn diff(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let text = unified(&call.state.files_of(named(call)?.pull));
    Ok(Media::Diff.answer(text))
}

pub(super) fn patch(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let commits = call.state.commits_of(named(call)?.pull);
    let text = call.state.objects.format_patches(&commits);
    Ok(Media::Patch.answer(text))
}
