use async_nats::HeaderMap;

/// The header in which the server says where it took a record over from. Nobody else can write it (10227).
const TAKEN_FROM: &str = "Nats-Stream-Source";

/// How far LOG took another stream over.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Taken {
    /// The other stream.
    pub stream: String,
    /// The number there of the record that was taken over.
    pub sequence: u64,
}

impl Taken {
    /// Where the record with these headers was taken over from; nothing where it was published into LOG itself.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Option<Self> {
        let mut parts = headers.get(TAKEN_FROM)?.as_str().split(' ');
        let (stream, sequence) = (parts.next()?.to_owned(), parts.next()?.parse().ok()?);
        Some(Self { stream, sequence })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_servers_header_is_read() {
        let mut headers = HeaderMap::new();
        assert_eq!(Taken::of(&headers), None);
        headers.insert(TAKEN_FROM, "CLOCK 4 rig.due.* rig.evt.due.$1 rig.due.deadline UNM8kM7R");
        assert_eq!(Taken::of(&headers), Some(Taken { stream: "CLOCK".to_owned(), sequence: 4 }));
    }
}
