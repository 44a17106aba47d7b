//! What people say, who they are, and when it was.

use maud::{Markup, html};

use super::address::encoded;
use crate::{
    object::Signature,
    world::{AccountId, Moment, state::State},
};

/// No page shows more of one text than this, in bytes.
pub(super) const MOST: usize = 512 << 10;

/// A text with its line breaks and nothing else: no word of it is markup.
pub(super) fn said(text: &str) -> Markup {
    let (shown, left) = cut(text, MOST);
    html! {
        div.text dir="auto" { (shown) }
        @if left > 0 { (not_shown(left, "character")) }
    }
}

/// As much of a text as has so many bytes, and how many characters are left.
pub(super) fn cut(text: &str, most: usize) -> (&str, usize) {
    let (shown, left) = text.split_at(text.floor_char_boundary(most));
    (shown, left.chars().count())
}

pub(super) fn not_shown(count: usize, what: &str) -> Markup {
    html! { p.left { (count) " more " (plural(count, what)) @if count == 1 { " is" } @else { " are" } " not shown." } }
}

/// `1 file`, `2 files`.
pub(super) fn counted(count: usize, what: &str) -> String {
    format!("{count} {}", plural(count, what))
}

fn plural(count: usize, what: &str) -> String {
    match (count, what.strip_suffix('y')) {
        (1, _) => what.to_owned(),
        (_, Some(stem)) => format!("{stem}ies"),
        (_, None) if what.ends_with("ch") => format!("{what}es"),
        (_, None) => format!("{what}s"),
    }
}

/// A mark that the word beside it says too.
pub(super) fn mark(mark: &str) -> Markup {
    html! { span aria-hidden="true" { (mark) } " " }
}

pub(super) fn who(state: &State, account: AccountId) -> Markup {
    let login = state.login(account);
    html! {
        a.who href=(home_of(login)) {
            img src=(format!("/avatars/{account}")) alt="" width="20" height="20";
            " " bdi { (login) }
        }
    }
}

/// The address of an account's page.
pub(super) fn home_of(login: &str) -> String {
    match login.strip_suffix("[bot]") {
        Some(slug) => format!("/apps/{}", encoded(slug)),
        None => format!("/{}", encoded(login)),
    }
}

/// Who a commit says it is of: an account where the address is one's.
pub(super) fn author(state: &State, signature: &Signature) -> Markup {
    match state.accounts.of_email(&signature.email) {
        Some(account) => who(state, account.id),
        None => html! { bdi { (signature.name) } },
    }
}

pub(super) fn when(at: Moment) -> Markup {
    let exact = at.to_string();
    let minute = exact.get(..16).unwrap_or(&exact).replace('T', " ");
    html! { time datetime=(exact) title=(exact) { (minute) " UTC" } }
}

/// How long it took: `59 s`, `1 min 0 s`.
pub(super) fn span(from: Moment, to: Moment) -> String {
    let seconds = to.millis().saturating_sub(from.millis()).max(0) / 1000;
    match seconds / 60 {
        0 => format!("{seconds} s"),
        minutes => format!("{minutes} min {} s", seconds % 60),
    }
}

pub(super) fn signed(signature: &Signature) -> Markup {
    when(Moment::from_millis(signature.seconds.saturating_mul(1000)))
}

/// A link that somebody gave: one that does not lead to the web stays text.
pub(super) fn link(address: &str, words: &str) -> Markup {
    let is_web = address.starts_with("https://") || address.starts_with("http://");
    html! {
        @if is_web { a href=(address) rel="noreferrer nofollow" { (words) } } @else { (words) ": " bdi { (address) } }
    }
}

/// GitHub's word for something of ours, as a reader reads it.
pub(super) fn word<T: serde::Serialize>(value: &T) -> String {
    let word = serde_json::to_value(value).unwrap_or_default();
    word.as_str().unwrap_or_default().replace('_', " ")
}

/// Lines of a file or a patch.
pub(super) fn code(text: &str) -> Markup {
    let (shown, left) = cut(text, MOST);
    html! {
        div.text.code { (shown) }
        @if left > 0 { (not_shown(left, "character")) }
    }
}
