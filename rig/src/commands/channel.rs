//! What the channel's errors mean to a command.

use bus::{read, stream};

use crate::exit::{Failure, sentence};

impl From<stream::Error> for Failure {
    fn from(error: stream::Error) -> Self {
        if error.is_passing() { Self::unreachable(sentence(&error)) } else { Self::failed(sentence(&error)) }
    }
}

impl From<read::Error> for Failure {
    fn from(error: read::Error) -> Self {
        match error {
            read::Error::Stream(error) => error.into(),
            read::Error::Filter(_) => Self::usage(error.to_string()),
            read::Error::Epoch { .. } | read::Error::Behind { .. } => {
                Self::failed(error.to_string()).advice("Start the command again: it begins anew.")
            }
        }
    }
}
