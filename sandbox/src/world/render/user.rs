//! `simple-user`.

use std::sync::Arc;

use serde::{Serialize, Serializer, ser::SerializeMap};
use serde_json::value::RawValue;

use crate::world::{
    account::{Account, Kind},
    id::AccountId,
    state::{Addresses, State},
};

/// What comes after an account's address in the API.
const URLS: [(&str, &str); 9] = [
    ("followers_url", "/followers"),
    ("following_url", "/following{/other_user}"),
    ("gists_url", "/gists{/gist_id}"),
    ("starred_url", "/starred{/owner}{/repo}"),
    ("subscriptions_url", "/subscriptions"),
    ("organizations_url", "/orgs"),
    ("repos_url", "/repos"),
    ("events_url", "/events{/privacy}"),
    ("received_events_url", "/received_events"),
];

struct Simple<'a> {
    addresses: &'a Addresses,
    id: AccountId,
    login: &'a str,
    kind: Kind,
    site_admin: bool,
    /// In some webhooks GitHub leaves out how much of the account is shown.
    has_view: bool,
}

impl Serialize for Simple<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        let Addresses { api, html } = self.addresses;
        let url = format!("{api}/users/{}", self.login);
        map.serialize_entry("login", self.login)?;
        map.serialize_entry("id", &self.id)?;
        map.serialize_entry("node_id", &format!("U_{:x}", self.id.0))?;
        map.serialize_entry("avatar_url", &format!("{html}/avatars/{}", self.id))?;
        map.serialize_entry("gravatar_id", "")?;
        map.serialize_entry("url", &url)?;
        map.serialize_entry("html_url", &page(html, self.login, self.kind))?;
        for (name, end) in URLS {
            map.serialize_entry(name, &format!("{url}{end}"))?;
        }
        map.serialize_entry("type", &format!("{:?}", self.kind))?;
        if self.has_view {
            map.serialize_entry("user_view_type", "public")?;
        }
        map.serialize_entry("site_admin", &self.site_admin)?;
        map.end()
    }
}

fn page(html: &str, login: &str, kind: Kind) -> String {
    match (kind, login.strip_suffix("[bot]")) {
        (Kind::Bot, Some(slug)) => format!("{html}/apps/{slug}"),
        _ => format!("{html}/{login}"),
    }
}

/// An account as it stands inside other things.
pub(crate) fn fragment(addresses: &Addresses, id: AccountId, login: &str, kind: Kind, admin: bool) -> Arc<RawValue> {
    // GitHub's descriptions of webhooks list it for some people and forbid it for others.
    raw(&Simple { addresses, id, login, kind, site_admin: admin, has_view: false })
}

/// The JSON of something of ours, to stand inside other JSON.
pub(crate) fn raw<T: Serialize>(value: &T) -> Arc<RawValue> {
    // Our own structs have string keys and finite numbers.
    serde_json::value::to_raw_value(value).map_or_else(|_| Arc::from(RawValue::NULL.to_owned()), Arc::from)
}

/// An account inside other things; GitHub's `null` where it is gone.
pub(crate) fn of(state: &State, account: AccountId) -> Option<&RawValue> {
    state.accounts.get(account).map(|account| &*account.fragment)
}

/// An account in those webhooks that say less of it.
pub(crate) fn without_view(state: &State, account: &Account) -> Arc<RawValue> {
    let Account { id, login, kind, site_admin, .. } = account;
    raw(&Simple { addresses: &state.addresses, id: *id, login, kind: *kind, site_admin: *site_admin, has_view: false })
}

/// An account with further fields beside its own.
#[derive(Serialize)]
pub(crate) struct With<'a, T: Serialize> {
    #[serde(flatten)]
    simple: Whole<'a>,
    #[serde(flatten)]
    further: T,
}

impl<'a, T: Serialize> With<'a, T> {
    pub(crate) fn of(state: &'a State, account: &'a Account, further: T) -> Self {
        let Account { id, login, kind, site_admin, .. } = account;
        let addresses = &state.addresses;
        let simple = Simple { addresses, id: *id, login, kind: *kind, site_admin: *site_admin, has_view: true };
        Self { simple: Whole(simple), further }
    }
}

/// `public-user`: an account by itself.
#[derive(Serialize)]
pub(crate) struct Public<'a> {
    #[serde(flatten)]
    simple: Whole<'a>,
    name: Option<&'a str>,
    company: Option<&'a str>,
    blog: Option<&'a str>,
    location: Option<&'a str>,
    email: Option<&'a str>,
    hireable: Option<bool>,
    bio: Option<&'a str>,
    public_repos: usize,
    public_gists: usize,
    followers: usize,
    following: usize,
    created_at: crate::world::moment::Moment,
    updated_at: crate::world::moment::Moment,
}

struct Whole<'a>(Simple<'a>);

impl Serialize for Whole<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'a> Public<'a> {
    pub(crate) fn of(state: &'a State, account: &'a Account) -> Self {
        let Account { id, login, kind, name, email, created_at, site_admin, fragment: _ } = account;
        let simple = Simple {
            addresses: &state.addresses,
            id: *id,
            login,
            kind: *kind,
            site_admin: *site_admin,
            has_view: true,
        };
        let repositories = state.repositories.iter().filter(|there| there.owner == *id && !there.private);
        Self {
            simple: Whole(simple),
            name: name.as_deref(),
            company: None,
            blog: None,
            location: None,
            email: email.as_deref(),
            hireable: None,
            bio: None,
            public_repos: repositories.count(),
            public_gists: 0,
            followers: 0,
            following: 0,
            created_at: *created_at,
            updated_at: *created_at,
        }
    }
}
