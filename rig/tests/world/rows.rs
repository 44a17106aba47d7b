//! The rows, as PostgreSQL has them.

use sqlx::{ConnectOptions as _, PgConnection, Row as _, postgres::PgConnectOptions};

use super::{Rig, until};

/// One row of the table `log`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LogRow {
    pub sequence: u64,
    pub id: Option<uuid::Uuid>,
    pub subject: String,
    pub body: Vec<u8>,
    pub refused: Option<String>,
}

impl Rig {
    /// A connection to its PostgreSQL.
    pub async fn postgres(&self) -> PgConnection {
        let options: PgConnectOptions = self.line("postgres_url").parse().unwrap();
        options.connect().await.unwrap()
    }

    /// Every row of the table `log`, in order.
    pub async fn rows(&self) -> Vec<LogRow> {
        let rows = sqlx::query(
            "SELECT sequence, id, subject, refused, coalesce(body_bytes, convert_to(body, 'UTF8')) AS body \
             FROM log ORDER BY epoch, sequence",
        )
        .fetch_all(&mut self.postgres().await)
        .await
        .unwrap();
        rows.into_iter()
            .map(|row| LogRow {
                sequence: u64::try_from(row.get::<i64, _>("sequence")).unwrap(),
                id: row.get("id"),
                subject: row.get("subject"),
                body: row.get("body"),
                refused: row.get("refused"),
            })
            .collect()
    }

    /// Waits until every record that LOG holds now is a row.
    pub async fn caught_up(&self) -> Vec<LogRow> {
        let last = self.last().await;
        until("every record to be a row", async || {
            let rows = self.rows().await;
            (last == 0 || rows.last().is_some_and(|row| row.sequence >= last)).then_some(rows)
        })
        .await
    }
}
