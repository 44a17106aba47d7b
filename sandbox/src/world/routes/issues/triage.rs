//! Labels, assignees, milestone and standing of an issue or pull request change.

use std::collections::BTreeSet;

use super::{
    LabelName, Said,
    telling::{emit, note, tell, tell_assignee, tell_label, tell_milestone},
};
use crate::world::{
    account::Kind,
    before::{Before, replaced},
    call::Call,
    history::What,
    id::{AccountId, LabelId, Number},
    issue::{Issue, Label, Reason, Standing},
    refusal::{Code, Refusal},
    render,
};

/// Whether somebody may be assigned here: whoever has a role of their own.
pub(in crate::world::routes) fn is_assignable(call: &Call<'_>, person: AccountId) -> Result<bool, Refusal> {
    let repository = call.repository()?;
    let known = call.state.accounts.get(person).is_some_and(|account| account.kind != Kind::Organization);
    Ok(known && (person == repository.owner || repository.collaborators.contains_key(&person)))
}

pub(in crate::world::routes) fn assignable(call: &Call<'_>, logins: &[String]) -> Result<BTreeSet<AccountId>, Refusal> {
    let mut people = BTreeSet::new();
    for login in logins {
        let person = call.state.accounts.named(login).map(|account| account.id);
        let person = person.ok_or_else(|| Refusal::invalid("Issue", "assignees", Code::Invalid))?;
        if !is_assignable(call, person)? {
            return Err(Refusal::invalid("Issue", "assignees", Code::Invalid));
        }
        people.insert(person);
    }
    Ok(people)
}

/// The labels of these names. GitHub makes a label that is not there.
pub(in crate::world::routes) fn labels_named(
    call: &mut Call<'_>,
    names: &[LabelName],
) -> Result<BTreeSet<LabelId>, Refusal> {
    let mut ids = BTreeSet::new();
    for name in names {
        let known = call.repository()?.issues.label(name.name()).map(|label| label.id);
        ids.insert(match known {
            Some(id) => id,
            None => new_label(call, name.name())?,
        });
    }
    Ok(ids)
}

fn new_label(call: &mut Call<'_>, name: &str) -> Result<LabelId, Refusal> {
    let id = LabelId(call.state.draw.id());
    let (name, color) = (name.to_owned(), "ededed".to_owned());
    add_label(call, Label { id, name, color, description: None, is_default: false })?;
    Ok(id)
}

pub(in crate::world::routes) fn add_label(call: &mut Call<'_>, label: Label) -> Result<(), Refusal> {
    let id = label.id;
    call.repository_mut()?.issues.labels.insert(id, label);
    let event = call.event("label", "created")?;
    call.state.emit(event, |state, payload| {
        let Some(repository) = state.repositories.get(event.repository) else { return };
        if let Some(label) = repository.issues.labels.get(&id) {
            payload.field("label", &render::label::Label::of(state, repository, label));
        }
    });
    Ok(())
}

/// The milestone, if there is one of this number.
pub(in crate::world::routes) fn milestone_named(call: &Call<'_>, number: Number) -> Result<Number, Refusal> {
    let known = call.repository()?.issues.milestones.contains_key(&number);
    known.then_some(number).ok_or_else(|| Refusal::invalid("Issue", "milestone", Code::Invalid))
}

pub(in crate::world::routes) fn issue_mut<'a>(
    call: &'a mut Call<'_>,
    number: Number,
) -> Result<&'a mut Issue, Refusal> {
    let now = call.state.now;
    let repository = call.repository_mut()?;
    repository.touch(now);
    let issue = repository.issues.issues.get_mut(&number).ok_or_else(Refusal::not_found)?;
    issue.updated_at = now;
    Ok(issue)
}

#[derive(Default, serde::Serialize)]
struct Changes {
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<Before<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<Before<String>>,
}

pub(in crate::world::routes) fn edit(
    call: &mut Call<'_>,
    number: Number,
    title: Option<String>,
    body: Option<Option<String>>,
) -> Result<(), Refusal> {
    let issue = issue_mut(call, number)?;
    let title = replaced(&mut issue.title, title);
    let body = replaced(&mut issue.body, body).map(Before::or_default);
    if title.is_none() && body.is_none() {
        return Ok(());
    }
    if let Some(Before { from }) = &title {
        let to = named_again(call, number)?;
        note(call, number, What::Renamed { from: from.clone(), to })?;
    }
    let changes = Changes { title, body };
    emit(call, "edited", number, |_, payload| payload.field("changes", &changes))
}

fn named_again(call: &Call<'_>, number: Number) -> Result<String, Refusal> {
    call.repository()?.issues.get(number).map(|issue| issue.title.clone()).ok_or_else(Refusal::not_found)
}

/// Gives an issue exactly these labels, and tells of each that came or went.
pub(in crate::world::routes) fn set_labels(
    call: &mut Call<'_>,
    number: Number,
    labels: BTreeSet<LabelId>,
) -> Result<(), Refusal> {
    let before = std::mem::replace(&mut issue_mut(call, number)?.labels, labels.clone());
    for gone in before.difference(&labels) {
        tell_label(call, "unlabeled", number, *gone)?;
    }
    for new in labels.difference(&before) {
        tell_label(call, "labeled", number, *new)?;
    }
    Ok(())
}

/// Gives an issue exactly these assignees, and tells of each that came or went.
pub(in crate::world::routes) fn set_assignees(
    call: &mut Call<'_>,
    number: Number,
    people: BTreeSet<AccountId>,
) -> Result<(), Refusal> {
    let before = std::mem::replace(&mut issue_mut(call, number)?.assignees, people.clone());
    for gone in before.difference(&people) {
        tell_assignee(call, "unassigned", number, *gone)?;
    }
    for new in people.difference(&before) {
        tell_assignee(call, "assigned", number, *new)?;
    }
    Ok(())
}

/// Puts an issue into a milestone, or into none, and tells of it.
pub(in crate::world::routes) fn set_milestone(
    call: &mut Call<'_>,
    number: Number,
    milestone: Option<Number>,
) -> Result<(), Refusal> {
    let before = std::mem::replace(&mut issue_mut(call, number)?.milestone, milestone);
    if before == milestone {
        return Ok(());
    }
    if let Some(before) = before {
        tell_milestone(call, "demilestoned", number, before)?;
    }
    milestone.map_or(Ok(()), |milestone| tell_milestone(call, "milestoned", number, milestone))
}

/// Opens or closes an issue. One that is closed already may be closed for another reason.
pub(in crate::world::routes) fn set_standing(
    call: &mut Call<'_>,
    number: Number,
    open: bool,
    said: Option<Said>,
) -> Result<(), Refusal> {
    let (by, at) = (call.actor()?, call.state.now);
    let issue = issue_mut(call, number)?;
    let reason = match (issue.standing, said) {
        (Standing::Closed { reason, .. }, None) => reason,
        (_, said) => said.map_or(Reason::Completed, Said::closed),
    };
    let same = match issue.standing {
        Standing::Open { .. } => open,
        Standing::Closed { reason: before, .. } => !open && before == reason,
    };
    if same {
        return Ok(());
    }
    issue.standing = if open { Standing::Open { reopened: true } } else { Standing::Closed { at, by, reason } };
    note(call, number, if open { What::Reopened } else { What::Closed(Some(reason)) })?;
    tell(call, if open { "reopened" } else { "closed" }, number)
}
