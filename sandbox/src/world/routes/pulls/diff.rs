//! What a pull request changes.

use http::{HeaderValue, StatusCode};

use super::named;
use crate::{
    object::unified,
    world::{
        answer::{self, Answer},
        call::Call,
        page::Page,
        refusal::Stop,
        render::file::File,
    },
};

const DIFF: HeaderValue = HeaderValue::from_static("application/vnd.github.diff; charset=utf-8");
const PATCH: HeaderValue = HeaderValue::from_static("application/vnd.github.patch; charset=utf-8");
/// GitHub tells no more files than these.
const MOST: usize = 3000;

pub(super) fn files(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let whole = named(call)?;
    let page = Page::of(call, call.state.files_of(whole.pull).into_iter().take(MOST))?;
    Ok(page.answer(|change| File::of(call.state, whole.repository, whole.pull.head.sha, change)))
}

pub(super) fn diff(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let text = unified(&call.state.files_of(named(call)?.pull));
    Ok(answer::of(StatusCode::OK, text.into(), DIFF))
}

pub(super) fn patch(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let commits = call.state.commits_of(named(call)?.pull);
    let text = call.state.objects.format_patches(&commits);
    Ok(answer::of(StatusCode::OK, text.into(), PATCH))
}
