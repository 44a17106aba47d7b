//! An App on the stage, and the keys it signs with. They open nothing: no such App is anywhere else.

use std::collections::BTreeSet;

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use sandbox::world::{Access, AppId, Form, InstallationId, NewApp, Permission, Permissions, Target};
use serde_json::{Value, json};

use crate::stage::Stage;

/// Private and public.
pub const ONE: (&str, &str) = (include_str!("keys/one.pem"), include_str!("keys/one.pub.pem"));
pub const TWO: (&str, &str) = (include_str!("keys/two.pem"), include_str!("keys/two.pub.pem"));

/// An App that is installed on acme.
pub struct Played {
    pub app: AppId,
    pub installation: InstallationId,
}

pub fn permissions(given: &[(Permission, Access)]) -> Permissions {
    given.iter().copied().collect()
}

/// An App with a hook, not installed anywhere.
pub fn app(stage: &mut Stage, name: &str, may: &[(Permission, Access)], events: &[&str]) -> AppId {
    let target = Target {
        url: format!("http://127.0.0.1:9/{name}"),
        secret: Some("shh".into()),
        form: Form::Json,
        insecure: false,
    };
    let events: BTreeSet<String> = events.iter().map(ToString::to_string).collect();
    let (owner, permissions) = (stage.acme, permissions(may));
    let new = NewApp { name, owner, permissions, events, hook: Some(target), public_key: ONE.1 };
    stage.world.app(new).unwrap()
}

/// An App that is installed on acme.
pub fn played(stage: &mut Stage, name: &str, may: &[(Permission, Access)], events: &[&str]) -> Played {
    let app = app(stage, name, may, events);
    let installation = stage.world.install(app, stage.acme).unwrap();
    Played { app, installation }
}

/// What an App says of itself: from when, until when, in seconds from now.
pub fn jwt(stage: &Stage, issuer: &Value, (from, until): (i64, i64), key: &str) -> String {
    let now = stage.now.seconds();
    let claims = json!({"iss": issuer, "iat": now + from, "exp": now + until});
    let key = EncodingKey::from_rsa_pem(key.as_bytes()).unwrap();
    jsonwebtoken::encode(&Header::new(Algorithm::RS256), &claims, &key).unwrap()
}

impl Played {
    pub fn jwt(&self, stage: &Stage) -> String {
        jwt(stage, &json!(self.app.0), (-30, 500), ONE.0)
    }

    /// A token, narrowed by the body.
    pub fn token(&self, stage: &mut Stage, body: Value) -> String {
        let jwt = self.jwt(stage);
        let path = format!("/app/installations/{}/access_tokens", self.installation);
        let given = stage.post(&jwt, &path, body).expect(201);
        given["token"].as_str().unwrap().to_owned()
    }
}
