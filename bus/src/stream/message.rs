use async_nats::jetstream::{Context, message::StreamMessage, stream::RawMessage};
use serde::Deserialize;

use super::{Error, api};

/// The server's number for "no such message".
const NO_MESSAGE: u64 = 10037;

#[derive(Deserialize)]
struct Found {
    message: RawMessage,
}

/// The last message of a stream under a subject, which may have stars.
pub(crate) async fn last(js: &Context, stream: &str, subject: &str) -> Result<Option<StreamMessage>, Error> {
    let what = format!("the last message on {subject}");
    let request = serde_json::json!({ "last_by_subj": subject });
    match api::ask::<_, Found>(js, format!("STREAM.MSG.GET.{stream}"), &what, &request).await {
        Ok(found) => found.message.try_into().map(Some).map_err(|source| Error::Unreachable { what, source }),
        Err(Error::Refused { code: NO_MESSAGE, .. }) => Ok(None),
        Err(error) => Err(error),
    }
}
