//! Publishing by hand, as any client of the server can: the ceiling that ours is measured against.

use async_nats::{Client, HeaderMap};
use bus::{Draft, RecordId};
use bytes::Bytes;

/// A message as it goes to the server.
#[derive(Clone)]
pub struct Message {
    pub subject: String,
    pub body: Bytes,
}

impl From<&Draft> for Message {
    fn from(draft: &Draft) -> Self {
        Self { subject: draft.subject.to_string(), body: draft.body.clone() }
    }
}

/// Stores these in one flush, all or none; returns once they are flushed.
pub async fn batch(client: &Client, messages: impl ExactSizeIterator<Item = Message>) {
    let (id, last) = (RecordId::new().to_string(), messages.len() - 1);
    for (n, Message { subject, body }) in messages.enumerate() {
        let mut headers = HeaderMap::new();
        headers.insert("Nats-Batch-Id", id.as_str());
        headers.insert("Nats-Batch-Sequence", (n + 1).to_string());
        if n < last {
            client.publish_with_headers(subject, headers, body).await.unwrap();
        } else {
            headers.insert("Nats-Batch-Commit", "1");
            stored(&client.request_with_headers(subject, headers, body).await.unwrap().payload);
        }
    }
}

/// Stores one, and returns once it is flushed.
pub async fn one(client: &Client, Message { subject, body }: Message) {
    stored(&client.request(subject, body).await.unwrap().payload);
}

fn stored(answer: &[u8]) {
    let text = String::from_utf8_lossy(answer);
    assert!(text.contains("\"seq\"") && !text.contains("\"error\""), "{text}");
}
