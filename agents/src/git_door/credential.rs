use std::{fmt, sync::Arc};

use base64::{Engine, engine::general_purpose::STANDARD};
use futures::future::BoxFuture;

/// What a role proves itself with. Its debug form does not tell it.
#[derive(Clone)]
pub enum Credential {
    /// A token that stays.
    Token(Secret),
    /// A token that is made when it is wanted: an App's installation token.
    Minted(Mint),
}

/// Makes a token for a repository, as `acme/hello.site`, or says why there is none now.
pub type Mint = Arc<dyn Fn(String, Wanted) -> BoxFuture<'static, Result<Secret, String>> + Send + Sync>;

/// Which token is wanted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Wanted {
    /// One that should still count.
    Any,
    /// Another than before: that one no longer counts.
    Another,
}

/// A token. Its debug form does not tell it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// This token.
    #[must_use]
    pub const fn new(token: String) -> Self {
        Self(token)
    }

    /// The token itself, for a header.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }

    /// The header that git sends.
    pub(super) fn header(&self) -> String {
        format!("Authorization: Basic {}", STANDARD.encode(format!("x-access-token:{}", self.0)))
    }
}

impl Credential {
    /// The token for a repository, for now.
    pub(crate) async fn on(&self, repository: &str) -> Result<Secret, String> {
        match self {
            Self::Token(secret) => Ok(secret.clone()),
            Self::Minted(mint) => mint(repository.to_owned(), Wanted::Any).await,
        }
    }

    /// Another token, where GitHub no longer takes that one: a token may die before its time.
    pub(crate) async fn another_on(&self, repository: &str) -> Result<Secret, String> {
        match self {
            Self::Token(_) => Err("GitHub refuses the token that was given; give another".to_owned()),
            Self::Minted(mint) => mint(repository.to_owned(), Wanted::Another).await,
        }
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Token(_) => "Token",
            Self::Minted(_) => "Minted",
        })
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}
