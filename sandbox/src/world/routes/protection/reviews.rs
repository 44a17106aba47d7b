//! The reviews that a protection requires.

use http::StatusCode;
use serde::Deserialize;

use crate::world::{
    answer::{self, Answer},
    call::Call,
    protection::RequiredReviews,
    refusal::{Refusal, Stop},
    render,
};

/// GitHub asks for six reviews at most.
const MOST: usize = 6;

pub(super) fn lawful(reviews: RequiredReviews) -> Result<RequiredReviews, Refusal> {
    match reviews.required_approving_review_count {
        0..=MOST => Ok(reviews),
        _ => Err(Refusal::unprocessable("Invalid request.\n\nThe number of required reviews is between 0 and 6.")),
    }
}

fn not_enabled() -> Refusal {
    Refusal::new(StatusCode::NOT_FOUND, "Pull request review protection is not enabled")
}

pub(super) fn get(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let required = super::named(call)?.reviews.ok_or_else(not_enabled)?;
    Ok(answer::ok(&render::protection::Reviews::of(&super::url(call)?, required)))
}

#[derive(Deserialize)]
struct Change {
    dismiss_stale_reviews: Option<bool>,
    require_code_owner_reviews: Option<bool>,
    required_approving_review_count: Option<usize>,
    require_last_push_approval: Option<bool>,
}

pub(super) fn update(call: &mut Call<'_>) -> Result<Answer, Stop> {
    let change: Change = call.body()?;
    let known = super::named(call)?.reviews.unwrap_or_default();
    let changed = lawful(RequiredReviews {
        dismiss_stale_reviews: change.dismiss_stale_reviews.unwrap_or(known.dismiss_stale_reviews),
        require_code_owner_reviews: change.require_code_owner_reviews.unwrap_or(known.require_code_owner_reviews),
        required_approving_review_count: change
            .required_approving_review_count
            .unwrap_or(known.required_approving_review_count),
        require_last_push_approval: change.require_last_push_approval.unwrap_or(known.require_last_push_approval),
    })?;
    super::named_mut(call)?.reviews = Some(changed);
    get(call)
}

pub(super) fn delete(call: &mut Call<'_>) -> Result<Answer, Stop> {
    super::named_mut(call)?.reviews.take().ok_or_else(not_enabled)?;
    Ok(answer::no_content())
}
