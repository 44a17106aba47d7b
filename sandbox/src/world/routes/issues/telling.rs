//! What happens to an issue is told, and kept in its history.

use crate::world::{
    call::Call,
    event::Payload,
    history::What,
    id::{AccountId, LabelId, Number},
    refusal::Refusal,
    render,
    state::State,
};

/// An issue that begins with labels and assignees tells of each of them, as on GitHub.
pub(in crate::world::routes) fn tell_new(call: &mut Call<'_>, number: Number) -> Result<(), Refusal> {
    tell(call, "opened", number)?;
    let issue = call.repository()?.issues.get(number).ok_or_else(Refusal::not_found)?;
    let (labels, assignees, milestone) = (issue.labels.clone(), issue.assignees.clone(), issue.milestone);
    for label in labels {
        tell_label(call, "labeled", number, label)?;
    }
    for person in assignees {
        tell_assignee(call, "assigned", number, person)?;
    }
    match milestone {
        Some(milestone) => tell_milestone(call, "milestoned", number, milestone),
        None => Ok(()),
    }
}

/// Keeps in an issue's history what happened to it.
pub(in crate::world::routes) fn note(call: &mut Call<'_>, number: Number, what: What) -> Result<(), Refusal> {
    let (repository, by, app) = (call.repository_id()?, call.actor()?, call.app());
    call.state.note((repository, number), by, app, what);
    Ok(())
}

/// Tells that something happened to an issue; `fields` adds what is the action's own. What happens to a pull request is
/// told as the pull request's.
pub(in crate::world::routes) fn emit(
    call: &mut Call<'_>,
    action: &'static str,
    number: Number,
    fields: impl Fn(&State, &mut Payload),
) -> Result<(), Refusal> {
    if call.repository()?.pulls.get(number).is_some() {
        let event = call.event("pull_request", action)?;
        call.state.tell_pull(event, number, fields);
        return Ok(());
    }
    let event = call.event("issues", action)?;
    call.state.emit(event, |state, payload| {
        let Some(repository) = state.repositories.get(event.repository) else { return };
        if let Some(issue) = repository.issues.get(number) {
            payload.field("issue", &render::issue::Issue::of(state, repository, issue));
        }
        fields(state, payload);
    });
    Ok(())
}

/// The same, where the action has nothing of its own.
pub(in crate::world::routes) fn tell(call: &mut Call<'_>, action: &'static str, number: Number) -> Result<(), Refusal> {
    emit(call, action, number, |_, _| {})
}

/// Tells that an issue got or lost a label.
pub(in crate::world::routes) fn tell_label(
    call: &mut Call<'_>,
    action: &'static str,
    number: Number,
    label: LabelId,
) -> Result<(), Refusal> {
    let repository = call.repository_id()?;
    if let Some(label) = call.repository()?.issues.labels.get(&label) {
        let (name, color, on) = (label.name.clone(), label.color.clone(), action == "labeled");
        note(call, number, What::Label { on, name, color })?;
    }
    emit(call, action, number, |state, payload| {
        let Some(repository) = state.repositories.get(repository) else { return };
        if let Some(label) = repository.issues.labels.get(&label) {
            payload.field("label", &render::label::Label::of(state, repository, label));
        }
    })
}

pub(in crate::world::routes) fn tell_assignee(
    call: &mut Call<'_>,
    action: &'static str,
    number: Number,
    person: AccountId,
) -> Result<(), Refusal> {
    note(call, number, What::Assignee { on: action == "assigned", person })?;
    emit(call, action, number, |state, payload| {
        if let Some(person) = render::user::of(state, person) {
            payload.field("assignee", person);
        }
    })
}

/// Tells that an issue came to a milestone or left it.
pub(in crate::world::routes) fn tell_milestone(
    call: &mut Call<'_>,
    action: &'static str,
    number: Number,
    milestone: Number,
) -> Result<(), Refusal> {
    let repository = call.repository_id()?;
    let title = call.repository()?.issues.milestones.get(&milestone).map(|milestone| milestone.title.clone());
    note(call, number, What::Milestone { on: action == "milestoned", title: title.unwrap_or_default() })?;
    emit(call, action, number, |state, payload| {
        let Some(repository) = state.repositories.get(repository) else { return };
        if let Some(milestone) = repository.issues.milestones.get(&milestone) {
            payload.field("milestone", &render::milestone::Milestone::of(state, repository, milestone));
        }
    })
}
