//! What goes where in a restored LOG.

use bus::{
    lineage::{Lineage, Segment},
    read::Position,
    stream::{Epoch, Resume, Taken},
};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use time::OffsetDateTime;

use super::Error;
use crate::{
    headers,
    place::{Place, bigint, number},
    projector::epochs::{Epochs, Life, lives},
};

/// What a restoration does. Written down before LOG is touched, so that one that was cut off goes on with the same.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Plan {
    /// The life that begins.
    pub(super) epoch: Epoch,
    pub(super) contents: Contents,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(super) struct Contents {
    /// Which records of which former lives have which numbers.
    pub(super) lineage: Lineage,
    /// Numbers, first and last inclusive, whose records the rows lack.
    pub(super) gaps: Vec<(u64, u64)>,
    /// When it was begun: the time of the records that stand for lost ones.
    #[serde(with = "time::serde::rfc3339")]
    pub(super) begun_at: OffsetDateTime,
}

impl Plan {
    /// All records that rows have, from number `from` on, in a new life.
    pub(super) async fn make(
        rows: &mut PgConnection,
        from: Option<u64>,
        begun_at: OffsetDateTime,
    ) -> Result<Self, Error> {
        let lives = lives(rows).await?.into_iter();
        let mut segments = numbered(lives, from.unwrap_or_default());
        if segments.is_empty() {
            return Err(Error::NoRows);
        }
        let mut gaps = join(&mut segments);
        let lineage = Lineage::new(segments);
        gaps.extend(missing(rows, &lineage).await?);
        gaps.sort_unstable();
        Ok(Self { epoch: Epoch::new(), contents: Contents { lineage, gaps, begun_at } })
    }

    /// The one that was begun and is not done.
    pub(super) async fn begun(rows: &mut PgConnection) -> Result<Option<Self>, Error> {
        let row = sqlx::query!("SELECT epoch, plan FROM restoration").fetch_optional(rows).await?;
        row.map(|row| Ok(Self { epoch: Epoch::from(row.epoch), contents: serde_json::from_str(&row.plan)? }))
            .transpose()
    }

    /// Writes it down.
    pub(super) async fn write(&self, rows: &mut PgConnection) -> Result<(), Error> {
        let contents = serde_json::to_string(&self.contents)?;
        sqlx::query!(
            "INSERT INTO restoration (epoch, plan) VALUES ($1, $2)
            ON CONFLICT (one) DO UPDATE SET epoch = excluded.epoch, plan = excluded.plan",
            self.epoch.as_str(),
            contents,
        )
        .execute(rows)
        .await?;
        Ok(())
    }

    /// It is done.
    pub(super) async fn forget(rows: &mut PgConnection) -> Result<(), Error> {
        sqlx::query!("DELETE FROM restoration").execute(rows).await?;
        Ok(())
    }

    pub(super) fn first(&self) -> u64 {
        self.contents.lineage.segments().first().map_or(1, |segment| segment.at)
    }

    /// The last number that is put back.
    pub(super) fn through(&self) -> u64 {
        self.contents.lineage.through()
    }

    /// The number of a record that rows have at this place; nothing where it is not put back.
    pub(super) fn number_of(&self, epochs: &Epochs, place: Place) -> Option<u64> {
        let position = Position { epoch: epochs.epoch(place.epoch)?.clone(), sequence: number(place.sequence) };
        let number = self.contents.lineage.number_of(&position)?;
        (self.contents.lineage.origin(number)? == position).then_some(number)
    }

    /// The place before the record of this number.
    pub(super) fn before(&self, epochs: &Epochs, number: u64) -> Option<Place> {
        let origin = self.contents.lineage.origin(number)?;
        Some(Place { epoch: epochs.ordinal(&origin.epoch), sequence: bigint(origin.sequence) - 1 })
    }
}

/// Each record keeps its number, unless an earlier life has it already: then its life follows that one.
fn numbered(lives: impl Iterator<Item = Life>, from: u64) -> Vec<Segment> {
    let mut segments = Vec::new();
    let mut last_number = 0;
    for Life { epoch, first, last } in lives {
        let mut segment = Segment { epoch, first, last, at: first.max(last_number + 1), restored: true };
        last_number = segment.through();
        if from > last_number {
            continue;
        }
        let left_out = from.saturating_sub(segment.at);
        segment.first += left_out;
        segment.at += left_out;
        segments.push(segment);
    }
    segments
}

/// Numbers between two lives count as the earlier one's: their records are lost.
fn join(segments: &mut [Segment]) -> Vec<(u64, u64)> {
    let mut gaps = Vec::new();
    for n in 1..segments.len() {
        let (last, next) = (segments[n - 1].through(), segments[n].at);
        if last + 1 < next {
            gaps.push((last + 1, next - 1));
            segments[n - 1].last += next - 1 - last;
        }
    }
    gaps
}

/// Numbers within a life that no row has.
async fn missing(rows: &mut PgConnection, lineage: &Lineage) -> Result<Vec<(u64, u64)>, Error> {
    let missing = sqlx::query!(
        r#"SELECT id, before + 1 AS "first!", sequence - 1 AS "last!" FROM (
            SELECT epoch, sequence, lag(sequence) OVER (PARTITION BY epoch ORDER BY sequence) AS before FROM log
        ) AS pairs JOIN epoch ON ordinal = pairs.epoch
        WHERE sequence > before + 1"#
    )
    .fetch_all(rows)
    .await?;
    let numbers = |epoch: String, first, last| {
        let segment = lineage.segments().iter().find(|segment| segment.epoch.as_str() == epoch)?;
        let (first, last) = (number(first).max(segment.first), number(last));
        (first <= last).then(|| (segment.at + (first - segment.first), segment.at + (last - segment.first)))
    };
    Ok(missing.into_iter().filter_map(|gap| numbers(gap.id, gap.first, gap.last)).collect())
}

/// How far the rows hold what LOG takes over from other streams.
pub(super) async fn taken_over(rows: &mut PgConnection) -> Result<Vec<Resume>, Error> {
    let mut resume = Vec::new();
    for stream in ["VOICE", "CLOCK"] {
        let row = sqlx::query!(
            r#"SELECT headers AS "headers!", stored_at FROM log
            WHERE headers LIKE '%"Nats-Stream-Source":["' || $1 || ' %'
            ORDER BY epoch DESC, sequence DESC LIMIT 1"#,
            stream,
        )
        .fetch_optional(&mut *rows)
        .await?;
        let taken = row.and_then(|row| Some((Taken::of(&headers::from_json(Some(&row.headers)))?, row.stored_at)));
        resume.extend(taken.map(|(taken, stored_at)| Resume { taken, stored_at }));
    }
    Ok(resume)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn life((name, first, last): &(&str, u64, u64)) -> Life {
        Life { epoch: Epoch::from((*name).to_owned()), first: *first, last: *last }
    }

    fn lives(of: &[(&str, u64, u64)], from: u64) -> Vec<(String, u64, u64, u64)> {
        let segments = numbered(of.iter().map(life), from).into_iter();
        segments.map(|segment| (segment.epoch.to_string(), segment.first, segment.last, segment.at)).collect()
    }

    fn at(name: &str, first: u64, last: u64, at: u64) -> (String, u64, u64, u64) {
        (name.to_owned(), first, last, at)
    }

    #[test]
    fn old_numbers_are_kept_and_a_life_that_counted_anew_follows() {
        assert_eq!(lives(&[("a", 5, 1000)], 0), [at("a", 5, 1000, 5)]);
        assert_eq!(lives(&[("a", 1, 1000), ("b", 1, 20)], 0), [at("a", 1, 1000, 1), at("b", 1, 20, 1001)]);
        // The second restoration of these numbers as the first one did.
        let third = [("a", 1, 1000), ("b", 1, 20), ("c", 1021, 1500)];
        assert_eq!(lives(&third, 0)[1..], [at("b", 1, 20, 1001), at("c", 1021, 1500, 1021)]);
    }

    #[test]
    fn numbers_between_two_lives_are_lost_ones_of_the_earlier() {
        let mut segments = numbered([("a", 1, 10), ("b", 15, 20)].iter().map(life), 0);
        assert_eq!(join(&mut segments), [(11, 14)]);
        assert_eq!((segments[0].through(), segments[1].at), (14, 15));
    }

    #[test]
    fn what_is_left_in_rows_alone_is_the_oldest() {
        let of = [("a", 1, 1000), ("b", 1, 20)];
        assert_eq!(lives(&of, 400), [at("a", 400, 1000, 400), at("b", 1, 20, 1001)]);
        assert_eq!(lives(&of, 1001), [at("b", 1, 20, 1001)]);
        assert_eq!(lives(&of, 1005), [at("b", 5, 20, 1005)]);
    }
}
