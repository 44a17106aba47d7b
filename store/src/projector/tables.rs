//! All tables: the one list of them.

use sqlx::PgConnection;

use super::{
    chat_message, dead,
    fold::{Derived, Folded},
    github_delivery, log,
};

/// The tables that are made from `log`, and the versions of what makes them.
pub(crate) const DERIVED: [(&str, i32); 3] =
    [("chat_message", chat_message::VERSION), ("dead", dead::VERSION), ("github_delivery", github_delivery::VERSION)];

/// Whether rows may be there already.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Mode {
    /// They cannot: all of them come after every row there is. Without a look for each of them it is an eighth faster.
    Fresh,
    /// They can, and are then left as they are.
    Again,
}

/// Writes the rows of these records: one statement a table.
pub(crate) async fn insert(connection: &mut PgConnection, records: &[Folded], mode: Mode) -> sqlx::Result<()> {
    let rows: Vec<_> = records.iter().map(|record| &record.log).collect();
    log::insert(connection, &rows, mode).await?;
    insert_derived(connection, records, mode).await
}

/// Writes the rows of these records in all tables but `log`.
pub(crate) async fn insert_derived(connection: &mut PgConnection, records: &[Folded], mode: Mode) -> sqlx::Result<()> {
    let (mut chat, mut github, mut facts) = (Vec::new(), Vec::new(), Vec::new());
    for derived in records.iter().filter_map(|record| record.derived.as_ref()) {
        match derived {
            Derived::ChatMessage(row) => chat.push(row),
            Derived::GithubDelivery(row) => github.push(row),
            Derived::Dead(fact) => facts.push(fact),
        }
    }
    chat_message::insert(connection, &chat, mode).await?;
    github_delivery::insert(connection, &github, mode).await?;
    dead::insert(connection, &facts).await
}

/// Empties all tables but `log`. Who reads meanwhile sees them as they were, until this is committed.
pub(crate) async fn delete_derived(connection: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query!("DELETE FROM chat_message").execute(&mut *connection).await?;
    sqlx::query!("DELETE FROM github_delivery").execute(&mut *connection).await?;
    sqlx::query!("DELETE FROM dead").execute(&mut *connection).await?;
    Ok(())
}

/// Empties all tables.
pub(crate) async fn truncate(connection: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query!("TRUNCATE epoch, log, chat_message, github_delivery, dead").execute(connection).await?;
    Ok(())
}
