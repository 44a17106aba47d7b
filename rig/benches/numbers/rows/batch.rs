//! Rows of our tables, inserted as PostgreSQL takes them fastest: one statement a table, arrays unnested.

use sqlx::{Connection, FromRow, PgConnection};
use time::OffsetDateTime;
use uuid::Uuid;

#[derive(Default)]
pub struct Batch {
    pub log: Vec<Log>,
    pub words: Vec<Words>,
    pub deliveries: Vec<Delivery>,
}

#[derive(FromRow)]
pub struct Log {
    epoch: i16,
    pub sequence: i64,
    stored_at: OffsetDateTime,
    nanos: i16,
    id: Option<Uuid>,
    #[sqlx(rename = "type")]
    type_name: Option<String>,
    pub subject: String,
    headers: Option<String>,
    pub body: Option<String>,
    body_bytes: Option<Vec<u8>>,
    refused: Option<String>,
}

#[derive(FromRow)]
pub struct Words {
    epoch: i16,
    pub sequence: i64,
    stored_at: OffsetDateTime,
    said_at: OffsetDateTime,
    id: Uuid,
    speaker: String,
    room: String,
    who: String,
    door: Option<String>,
    say: String,
}

#[derive(FromRow)]
pub struct Delivery {
    epoch: i16,
    pub sequence: i64,
    stored_at: OffsetDateTime,
    id: Uuid,
    guid: String,
    hook: Option<String>,
    event: String,
    action: Option<String>,
    repository: Option<String>,
    repository_id: Option<i64>,
}

/// A column of rows.
fn column<'a, R, V>(rows: &'a [R], of: impl Fn(&'a R) -> V) -> Vec<V> {
    rows.iter().map(of).collect()
}

impl Batch {
    /// Inserts them in one transaction.
    pub async fn insert(&self, connection: &mut PgConnection) {
        let mut transaction = connection.begin().await.unwrap();
        insert_log(&mut transaction, &self.log).await;
        if !self.words.is_empty() {
            insert_words(&mut transaction, &self.words).await;
        }
        if !self.deliveries.is_empty() {
            insert_deliveries(&mut transaction, &self.deliveries).await;
        }
        transaction.commit().await.unwrap();
    }
}

async fn insert_log(connection: &mut PgConnection, rows: &[Log]) {
    let text = "INSERT INTO log
            (epoch, sequence, stored_at, nanos, id, type, subject, headers, body, body_bytes, refused)
        SELECT * FROM UNNEST(
            $1::smallint[], $2::bigint[], $3::timestamptz[], $4::smallint[], $5::uuid[], $6::text[],
            $7::text[], $8::text[], $9::text[], $10::bytea[], $11::text[])";
    sqlx::query(text)
        .bind(column(rows, |row| row.epoch))
        .bind(column(rows, |row| row.sequence))
        .bind(column(rows, |row| row.stored_at))
        .bind(column(rows, |row| row.nanos))
        .bind(column(rows, |row| row.id))
        .bind(column(rows, |row| row.type_name.as_deref()))
        .bind(column(rows, |row| row.subject.as_str()))
        .bind(column(rows, |row| row.headers.as_deref()))
        .bind(column(rows, |row| row.body.as_deref()))
        .bind(column(rows, |row| row.body_bytes.as_deref()))
        .bind(column(rows, |row| row.refused.as_deref()))
        .execute(connection)
        .await
        .unwrap();
}

async fn insert_words(connection: &mut PgConnection, rows: &[Words]) {
    let text = "INSERT INTO chat_message
            (epoch, sequence, stored_at, said_at, id, speaker, room, who, door, say)
        SELECT * FROM UNNEST(
            $1::smallint[], $2::bigint[], $3::timestamptz[], $4::timestamptz[], $5::uuid[],
            $6::text[], $7::text[], $8::text[], $9::text[], $10::text[])";
    sqlx::query(text)
        .bind(column(rows, |row| row.epoch))
        .bind(column(rows, |row| row.sequence))
        .bind(column(rows, |row| row.stored_at))
        .bind(column(rows, |row| row.said_at))
        .bind(column(rows, |row| row.id))
        .bind(column(rows, |row| row.speaker.as_str()))
        .bind(column(rows, |row| row.room.as_str()))
        .bind(column(rows, |row| row.who.as_str()))
        .bind(column(rows, |row| row.door.as_deref()))
        .bind(column(rows, |row| row.say.as_str()))
        .execute(connection)
        .await
        .unwrap();
}

async fn insert_deliveries(connection: &mut PgConnection, rows: &[Delivery]) {
    let text = "INSERT INTO github_delivery
            (epoch, sequence, stored_at, id, guid, hook, event, action, repository, repository_id)
        SELECT * FROM UNNEST(
            $1::smallint[], $2::bigint[], $3::timestamptz[], $4::uuid[], $5::text[], $6::text[],
            $7::text[], $8::text[], $9::text[], $10::bigint[])";
    sqlx::query(text)
        .bind(column(rows, |row| row.epoch))
        .bind(column(rows, |row| row.sequence))
        .bind(column(rows, |row| row.stored_at))
        .bind(column(rows, |row| row.id))
        .bind(column(rows, |row| row.guid.as_str()))
        .bind(column(rows, |row| row.hook.as_deref()))
        .bind(column(rows, |row| row.event.as_str()))
        .bind(column(rows, |row| row.action.as_deref()))
        .bind(column(rows, |row| row.repository.as_deref()))
        .bind(column(rows, |row| row.repository_id))
        .execute(connection)
        .await
        .unwrap();
}
