//! The past, for whoever asks how things stood.

use std::sync::Arc;

use bus::{Sequenced, connect::Connection, read::Start};

use super::{
    Error,
    fold::Fold,
    follow::AT_ONCE,
    input::{Eye, Places},
    log, open,
};
use crate::machine::{Record, Rules, State, Watch};

/// What was known at a moment.
#[derive(Debug)]
pub struct Known {
    /// All of it.
    pub state: State,
    /// The number that LOG ended with.
    pub last: u64,
    /// The last number of LOG that was decided then.
    pub through: u64,
    /// How many records were read for it.
    pub records: u64,
}

/// What was known when LOG ended with this number; when it ends now, where none is given. Decides nothing.
///
/// # Errors
/// When LOG cannot be read.
pub async fn known_at<R: Fn(&Sequenced) -> Record>(
    connection: &Connection,
    rules: Rules,
    read: R,
    number: Option<u64>,
) -> Result<Known, Error> {
    known_under(connection, rules, read, number, &mut ()).await
}

/// The same, and somebody looks on while the past goes by.
///
/// # Errors
/// When LOG cannot be read.
pub async fn known_under<R: Fn(&Sequenced) -> Record>(
    connection: &Connection,
    rules: Rules,
    read: R,
    number: Option<u64>,
    watch: &mut impl Watch,
) -> Result<Known, Error> {
    let state = log(connection).await?;
    let mut reader = open(connection, Start::Sequence(1)).await?;
    let last = number.map_or(state.last, |number| number.min(state.last));
    let places = Arc::new(Places::of(&reader));
    let mut eye = Eye::new(read, Arc::clone(&places), Vec::new());
    let mut fold = Fold::new(Arc::new(rules), places);
    let (mut records, mut taken) = (0, state.first.saturating_sub(1));
    while taken < last {
        for record in reader.next_batch(AT_ONCE).await? {
            taken = record.sequence;
            if taken <= last {
                fold.take_under(eye.see(&record)?, watch);
                records += 1;
            }
        }
    }
    fold.close_under(watch);
    Ok(Known { last, through: fold.through(), state: fold.state, records })
}
