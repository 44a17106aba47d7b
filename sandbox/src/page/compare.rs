//! What one commit has that another has not.

use maud::html;

use super::{
    at::At,
    commit, diff,
    frame::{self, Part},
};
use crate::{
    object::{FileChange, Oid, unified},
    world::Answer,
};

/// `base...head`, where the base may be left out and be the default branch; it may end with `.diff` or `.patch`.
pub(super) fn page(at: At<'_>, asked: &str) -> Option<Answer> {
    let text = |form: &str| asked.strip_suffix(form).and_then(|asked| ends(at, asked));
    if let Some((base, head)) = text(".diff") {
        return Some(frame::text(unified(&changes(at, base, head))));
    }
    if let Some((base, head)) = text(".patch") {
        return Some(frame::text(at.state.objects.format_patches(&at.state.objects.between(base, head))));
    }
    let (base, head) = ends(at, asked)?;
    let main = html! {
        h1 { "Comparing " bdi { (asked) } }
        h2 { "Commits" }
        (commit::list(at, &at.state.objects.between(base, head)))
        h2 { "Changes" }
        (diff::of(at, head, &changes(at, base, head)))
    };
    Some(frame::of(at, Part::Code, asked, main))
}

fn ends(at: At<'_>, asked: &str) -> Option<(Oid, Oid)> {
    let (base, head) = asked.split_once("...").unwrap_or((&at.repository.default_branch, asked));
    Some((named(at, base)?, named(at, head)?))
}

/// `name`, or `owner:name` for a fork's; `^` is the first parent of what it follows.
fn named(at: At<'_>, name: &str) -> Option<Oid> {
    if let Some(name) = name.strip_suffix('^') {
        return at.state.objects.commit(named(at, name)?)?.parents.first().copied();
    }
    let Some((owner, name)) = name.split_once(':') else { return at.commit(name) };
    let owner = at.state.accounts.named(owner)?;
    let of_owner = at.state.repositories.of(owner.id).filter(|there| there.network == at.repository.network);
    of_owner.filter_map(|there| At::of(at.state, there.id)).find_map(|there| there.commit(name))
}

/// Since the head left the base.
fn changes(at: At<'_>, base: Oid, head: Oid) -> Vec<FileChange> {
    let left = at.state.objects.merge_base(base, head);
    at.state.objects.diff(left.map_or(Oid::EMPTY_TREE, |left| at.tree(left)), at.tree(head))
}
