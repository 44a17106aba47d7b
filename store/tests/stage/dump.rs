//! What stands in a database, as text, to be compared.

use bus::Sequenced;
use sqlx::{AssertSqlSafe, PgConnection, Row};
use std::collections::BTreeMap;

/// Tables that records are projected to, with what orders their rows.
pub const TABLES: [(&str, &str); 5] = [
    ("epoch", "ordinal"),
    ("log", "epoch, sequence"),
    ("chat_message", "epoch, sequence"),
    ("github_delivery", "epoch, sequence"),
    ("dead", "epoch, sequence"),
];

/// Every row of every table, as PostgreSQL writes it.
pub async fn dump(sql: &mut PgConnection) -> BTreeMap<&'static str, Vec<String>> {
    let mut dump = BTreeMap::new();
    for (table, order) in TABLES {
        let text = format!("SELECT row_to_json(t)::text AS row FROM {table} t ORDER BY {order}");
        let rows = sqlx::query(AssertSqlSafe(text)).fetch_all(&mut *sql).await.unwrap();
        dump.insert(table, rows.iter().map(|row| row.get("row")).collect());
    }
    dump
}

/// Panics at the first difference rather than printing two databases.
pub fn assert_same(left: &BTreeMap<&str, Vec<String>>, right: &BTreeMap<&str, Vec<String>>) {
    for (table, rows) in left {
        let others = &right[table];
        for (n, (row, other)) in rows.iter().zip(others).enumerate() {
            assert!(row == other, "{table}, row {n}: {row:.600} is not {other:.600}");
        }
        assert_eq!(rows.len(), others.len(), "rows of {table}");
    }
}

/// Compares the rows of `log` with the records of LOG: the same ones, in order, byte for byte.
pub async fn assert_rows_are(sql: &mut PgConnection, records: &[Sequenced]) {
    let rows = sqlx::query(
        "SELECT epoch, sequence, subject, headers, stored_at, nanos,
            coalesce(body_bytes, convert_to(body, 'UTF8')) AS body
        FROM log ORDER BY epoch, sequence",
    )
    .fetch_all(sql)
    .await
    .unwrap();
    for (row, record) in rows.iter().zip(records) {
        let number = record.sequence;
        assert_eq!(row.get::<i64, _>("sequence"), i64::try_from(number).unwrap());
        assert_eq!(row.get::<String, _>("subject"), record.subject, "{number}");
        assert!(row.get::<Vec<u8>, _>("body") == record.body, "body of {number}");
        let stored_at = row.get::<time::OffsetDateTime, _>("stored_at")
            + time::Duration::nanoseconds(row.get::<i16, _>("nanos").into());
        assert_eq!(stored_at, record.stored_at, "{number}");
        let headers: BTreeMap<String, Vec<String>> =
            serde_json::from_str(&row.get::<Option<String>, _>("headers").unwrap_or_else(|| "{}".to_owned())).unwrap();
        assert_eq!(headers, headers_of(record), "{number}");
    }
    // What came into LOG since the records were read follows them.
    let last = records.last().map_or(0, |record| i64::try_from(record.sequence).unwrap());
    let (_, later) = rows.split_at_checked(records.len()).expect("a row for every record");
    assert!(later.iter().all(|row| row.get::<i64, _>("sequence") > last));
}

pub fn headers_of(record: &Sequenced) -> BTreeMap<String, Vec<String>> {
    let headers = record.headers.iter();
    headers
        .map(|(name, values)| (name.to_string(), values.iter().map(|value| value.as_str().to_owned()).collect()))
        .collect()
}
