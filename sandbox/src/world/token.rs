//! Who asks: tokens, and the principals behind them.

use std::{borrow::Cow, collections::BTreeMap, sync::Arc};

use base64::{Engine, prelude::BASE64_STANDARD};
use http::{HeaderMap, StatusCode, header::AUTHORIZATION};
use jsonwebtoken::{Algorithm, Validation};
use serde::Deserialize;

use super::{
    app::{App, Selection},
    id::{AccountId, AppId, InstallationId},
    moment::Moment,
    permission::Permissions,
    refusal::Refusal,
    state::State,
};

/// Who asks.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Principal {
    /// Nobody said who.
    Anonymous,
    /// A person with a token of their own.
    Person(AccountId),
    /// An App as itself, by a JSON Web Token.
    App(AppId),
    /// An App where it is installed.
    Installation(Arc<Grant>),
}

/// What an installation's token may do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Grant {
    pub(crate) installation: InstallationId,
    pub(crate) bot: AccountId,
    pub(crate) permissions: Permissions,
    pub(crate) repositories: Selection,
}

/// A token and what it stands for.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub(crate) principal: Principal,
    pub(crate) expires_at: Option<Moment>,
}

/// All tokens.
pub(crate) type Tokens = BTreeMap<String, Token>;

/// What an App says of itself.
#[derive(Deserialize)]
struct Claims {
    #[serde(deserialize_with = "issuer")]
    iss: String,
    iat: i64,
    exp: i64,
}

/// A JSON Web Token lives ten minutes at most.
const LONGEST: i64 = 600;
/// Clocks differ by this many seconds.
const DRIFT: i64 = 60;

/// Who asks, by the request's headers.
pub(crate) fn authenticate(state: &State, headers: &HeaderMap) -> Result<Principal, Refusal> {
    given(headers)?.map_or(Ok(Principal::Anonymous), |token| principal(state, &token))
}

/// The token that comes with a request.
pub(crate) fn given(headers: &HeaderMap) -> Result<Option<Cow<'_, str>>, Refusal> {
    let Some(given) = headers.get(AUTHORIZATION) else { return Ok(None) };
    let given = given.to_str().map_err(|_| Refusal::bad_credentials())?;
    let (scheme, value) = given.split_once(' ').ok_or_else(Refusal::bad_credentials)?;
    if scheme.eq_ignore_ascii_case("bearer") || scheme.eq_ignore_ascii_case("token") {
        return Ok(Some(Cow::Borrowed(value.trim())));
    }
    let basic = scheme.eq_ignore_ascii_case("basic").then(|| password(value)).flatten();
    basic.map(|token| Some(Cow::Owned(token))).ok_or_else(Refusal::bad_credentials)
}

/// Whom a token stands for.
pub(crate) fn principal(state: &State, token: &str) -> Result<Principal, Refusal> {
    if token.matches('.').count() == 2 {
        return app(state, token).map(|app| Principal::App(app.id));
    }
    let known = state.tokens.get(token).ok_or_else(Refusal::bad_credentials)?;
    if known.expires_at.is_some_and(|end| end <= state.now) {
        return Err(Refusal::bad_credentials());
    }
    match &known.principal {
        Principal::Installation(grant) if state.apps.is_suspended(grant.installation) => Err(suspended()),
        principal => Ok(principal.clone()),
    }
}

pub(crate) fn suspended() -> Refusal {
    Refusal::forbidden("This installation has been suspended")
}

fn password(basic: &str) -> Option<String> {
    let plain = String::from_utf8(BASE64_STANDARD.decode(basic.trim()).ok()?).ok()?;
    plain.split_once(':').map(|(_, password)| password.to_owned())
}

fn app<'a>(state: &'a State, token: &str) -> Result<&'a App, Refusal> {
    let unverified = jsonwebtoken::dangerous::insecure_decode::<Claims>(token)
        .map_err(|_| Refusal::new(StatusCode::UNAUTHORIZED, "A JSON web token could not be decoded"))?;
    let app = state
        .apps
        .issued_by(&unverified.claims.iss)
        .ok_or_else(|| Refusal::new(StatusCode::NOT_FOUND, "Integration not found"))?;
    let mut validation = Validation::new(Algorithm::RS256);
    // The world has its own time.
    validation.validate_exp = false;
    validation.required_spec_claims.clear();
    let claims = jsonwebtoken::decode::<Claims>(token, &app.key, &validation)
        .map_err(|_| unauthorized("A JSON web token could not be decoded"))?
        .claims;
    in_time(&claims, state.now.seconds()).map(|()| app)
}

fn in_time(claims: &Claims, now: i64) -> Result<(), Refusal> {
    if claims.exp <= now {
        return Err(unauthorized(
            "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires",
        ));
    }
    if claims.exp > now + LONGEST + DRIFT {
        return Err(unauthorized("'Expiration time' claim ('exp') is too far in the future"));
    }
    if claims.iat > now + DRIFT {
        return Err(unauthorized(
            "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued",
        ));
    }
    Ok(())
}

fn unauthorized(message: &str) -> Refusal {
    Refusal::new(StatusCode::UNAUTHORIZED, message)
}

/// A number or a text.
fn issuer<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Issuer {
        Number(u64),
        Text(String),
    }
    Ok(match Issuer::deserialize(deserializer)? {
        Issuer::Number(number) => number.to_string(),
        Issuer::Text(text) => text,
    })
}
