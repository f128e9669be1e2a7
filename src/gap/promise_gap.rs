//! What was promised, what was done, and what the customer said of it.

use std::collections::BTreeMap;

use chrono::NaiveTime;

use crate::error::{Error, Result};
use crate::journey::{AsOf, Due};
use crate::measure::{Merge, Money, Proportion, SentimentRule, Zone};
use crate::promise::{HowClosed, LatenessRule, PromiseLedger, PromiseRecord};

use super::gap_distribution::GapDistribution;
use super::outcome::{Outcome, Ratings};
use super::paid::Paid;
use super::voice::Voice;
use super::wall_clock_time::WallClockTime;

/// One promise over many cases: how early or late it was carried out, joined to the last rating that each case gave.
///
/// Gaps are calendar days of the log's zone, negative when early. The state is a table of counts, one cell for every
/// gap, lateness and rating that occurred, so pieces merge exactly and every figure is the figure of the whole.
///
/// What goes together need not be cause and effect: cases that run late may differ in other ways too.
///
/// ```
/// use chrono::NaiveDate;
/// use tillit::gap::PromiseGap;
/// use tillit::journey::{Due, Event, Fact, JourneyLogBuilder, Promise};
/// use tillit::measure::{RatingScale, SentimentRule, Timestamp, Zone};
/// use tillit::promise::{LatenessRule, PromiseLedger};
///
/// let stars = RatingScale::ONE_TO_FIVE;
/// let at = Timestamp::parse;
/// let mut builder = JourneyLogBuilder::new(Zone::UTC);
/// for (order, arrived, rating) in [("1", "2019-03-08", 5.0), ("2", "2019-03-10", 4.0), ("3", "2019-03-14", 1.0)] {
///     let due = Due::Day(NaiveDate::from_ymd_opt(2019, 3, 10).unwrap_or_default());
///     let arrived = at(&format!("{arrived}T15:00:00Z"))?;
///     let facts = [
///         (at("2019-03-01T12:00:00Z")?, Fact::PromiseMade(Promise::named("delivery").due(due))),
///         (arrived, Fact::PromiseFulfilled { promise: "delivery" }),
///         (arrived, Fact::Feedback(stars.rate(rating)?)),
///     ];
///     for (moment, fact) in facts {
///         builder.push(Event::new(order, moment, fact).in_case(order))?;
///     }
/// }
/// let log = builder.build();
/// let view = log.whole();
///
/// let gap = PromiseGap::of(view, &PromiseLedger::of(view), "delivery", SentimentRule::standard(stars))?;
/// assert_eq!(gap.late(LatenessRule::EndOfDay).value(), Some(1.0 / 3.0));
/// assert_eq!(gap.gap_days().earliest(), Some(-2.0));
/// assert_eq!(gap.scores_when(true, LatenessRule::EndOfDay).mean(), Some(1.0));
/// # Ok::<(), tillit::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct PromiseGap {
    promise: String,
    pub(super) rule: SentimentRule,
    /// In order of gap, then lateness.
    pub(super) outcomes: Vec<Outcome>,
    pub(super) without_deadline: Ratings,
    pub(super) not_fulfilled: Ratings,
    pub(super) waived: Ratings,
    made_to_fulfilled: WallClockTime,
    made_to_due: WallClockTime,
    asked_before: AskedBefore,
    on_other_scales: u64,
    paid: Paid,
}

/// Rated and fulfilled cases by whether the question came on a day before the fulfilment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
struct AskedBefore {
    all: u64,
    late: u64,
}

impl PromiseGap {
    /// The promise called `promise` over all cases of `view`. `ledger` must be the ledger of the same view; ratings on
    /// another scale than `rule`'s are counted apart.
    ///
    /// # Errors
    /// [`Error::Contradiction`] if the ledger was read as of another moment or the view is of another zone,
    /// [`Error::Overflow`] if sums of money do not fit.
    pub fn of(
        view: AsOf<'_>,
        ledger: &PromiseLedger,
        promise: &str,
        rule: SentimentRule,
    ) -> Result<Self> {
        let mut groups = Self::grouped(view, ledger, promise, rule, |_| ())?;
        Ok(groups
            .remove(&())
            .unwrap_or_else(|| Self::empty(promise, rule)))
    }

    /// No case yet.
    #[must_use]
    pub fn empty(promise: &str, rule: SentimentRule) -> Self {
        let none = Ratings::none(rule.scale());
        Self {
            promise: promise.to_owned(),
            rule,
            outcomes: Vec::new(),
            without_deadline: none.clone(),
            not_fulfilled: none.clone(),
            waived: none,
            made_to_fulfilled: WallClockTime::default(),
            made_to_due: WallClockTime::default(),
            asked_before: AskedBefore::default(),
            on_other_scales: 0,
            paid: Paid::default(),
        }
    }

    /// The same for each group of promises, in one pass.
    pub(super) fn grouped<K: Ord>(
        view: AsOf<'_>,
        ledger: &PromiseLedger,
        promise: &str,
        rule: SentimentRule,
        group: impl Fn(&PromiseRecord) -> K,
    ) -> Result<BTreeMap<K, Self>> {
        same_view(view, ledger)?;
        let mut groups = BTreeMap::new();
        let mut said = BTreeMap::new();
        let mut customer = None;
        for record in ledger.named(promise) {
            if customer != Some(record.customer()) {
                customer = Some(record.customer());
                said = Voice::by_case(&view.journey(record.customer()));
            }
            // Taken away, so that a promise made again in the same case does not count its money twice.
            let paid = said
                .get_mut(&record.case())
                .map(|said| std::mem::take(&mut said.paid))
                .unwrap_or_default();
            let said = said.get(&record.case()).cloned().unwrap_or_default();
            groups
                .entry(group(record))
                .or_insert_with(|| Self::empty(promise, rule))
                .record(record, &Voice { paid, ..said }, view.zone())?;
        }
        Ok(groups)
    }

    fn record(&mut self, record: &PromiseRecord, said: &Voice, zone: Zone) -> Result<()> {
        for &money in &said.paid {
            self.paid.add(money)?;
        }
        let rating = said.rating.filter(|rating| {
            let fits = rating.scale() == self.rule.scale();
            self.on_other_scales += u64::from(!fits);
            fits
        });
        let made = zone.wall_clock(record.made());
        match record.due() {
            Some(Due::Day(date)) => self.made_to_due.record(made, date.and_time(NaiveTime::MIN)),
            Some(Due::Moment(moment)) => {
                self.made_to_due.record(made, zone.wall_clock(moment));
            }
            None => {}
        }
        let Some(fulfilled) = record.fulfilled() else {
            let waived = record
                .closing()
                .is_some_and(|closing| closing.how == HowClosed::Waived);
            return if waived {
                self.waived.record(rating)
            } else {
                self.not_fulfilled.record(rating)
            };
        };
        let reading = zone.wall_clock(fulfilled);
        self.made_to_fulfilled.record(made, reading);
        let (Some(days), Some(late)) = (
            record.gap_days(zone),
            record.is_late(LatenessRule::EndOfDay, zone),
        ) else {
            return self.without_deadline.record(rating);
        };
        // The rules can only differ on the promised day itself, and time zones are slow to ask.
        let late_by_start_of_day = if days == 0 {
            record.is_late(LatenessRule::StartOfDay, zone) == Some(true)
        } else {
            late
        };
        let asked_before = said
            .asked
            .is_some_and(|asked| asked < fulfilled && zone.date_of(asked) < reading.date());
        if rating.is_some() && asked_before {
            self.asked_before.all += 1;
            self.asked_before.late += u64::from(late);
        }
        self.outcome((days, late, late_by_start_of_day))
            .record(rating)
    }

    fn outcome(&mut self, key: (i64, bool, bool)) -> &mut Ratings {
        let place = match self.outcomes.binary_search_by_key(&key, Outcome::key) {
            Ok(place) => place,
            Err(place) => {
                let (days, late, late_by_start_of_day) = key;
                self.outcomes.insert(
                    place,
                    Outcome {
                        days,
                        late,
                        late_by_start_of_day,
                        ratings: Ratings::none(self.rule.scale()),
                    },
                );
                place
            }
        };
        &mut self.outcomes[place].ratings
    }

    /// Name of the promise.
    #[must_use]
    pub fn promise(&self) -> &str {
        &self.promise
    }

    /// The rule that reads the ratings.
    #[must_use]
    pub fn rule(&self) -> SentimentRule {
        self.rule
    }

    /// How often the promise was made.
    #[must_use]
    pub fn made(&self) -> u64 {
        self.fulfilled()
            .saturating_add(self.without_deadline.cases())
            .saturating_add(self.not_fulfilled.cases())
            .saturating_add(self.waived.cases())
    }

    /// How often it was carried out and had a deadline to compare with.
    #[must_use]
    pub fn fulfilled(&self) -> u64 {
        self.outcomes
            .iter()
            .map(|outcome| outcome.ratings.cases())
            .sum()
    }

    /// How often it was carried out without ever having had a deadline.
    #[must_use]
    pub fn fulfilled_without_deadline(&self) -> u64 {
        self.without_deadline.cases()
    }

    /// How often it was not carried out, or not yet.
    #[must_use]
    pub fn not_fulfilled(&self) -> u64 {
        self.not_fulfilled.cases()
    }

    /// How often its reason fell away.
    #[must_use]
    pub fn waived(&self) -> u64 {
        self.waived.cases()
    }

    /// Of those carried out, how many late.
    #[must_use]
    pub fn late(&self, rule: LatenessRule) -> Proportion {
        let mut late = Proportion::default();
        for outcome in &self.outcomes {
            late.record_times(outcome.is_late(rule), outcome.ratings.cases());
        }
        late
    }

    /// How many were carried out on the very day that was promised.
    #[must_use]
    pub fn on_the_promised_day(&self) -> u64 {
        self.outcomes
            .iter()
            .filter(|outcome| outcome.days == 0)
            .map(|outcome| outcome.ratings.cases())
            .sum()
    }

    /// The gaps of all that were carried out.
    #[must_use]
    pub fn gap_days(&self) -> GapDistribution {
        self.gaps(|_| true)
    }

    /// The gaps of the late ones.
    #[must_use]
    pub fn gap_days_when_late(&self, rule: LatenessRule) -> GapDistribution {
        self.gaps(|outcome| outcome.is_late(rule))
    }

    fn gaps(&self, wanted: impl Fn(&Outcome) -> bool) -> GapDistribution {
        GapDistribution::of(
            self.outcomes
                .iter()
                .filter(|outcome| wanted(outcome))
                .map(|outcome| (outcome.days, outcome.ratings.cases())),
        )
    }

    /// Mean days from making to carrying out, by the clock on the wall: a day with a change of summer time counts as
    /// one. `None` if nothing was carried out.
    #[must_use]
    pub fn mean_days_to_fulfilment(&self) -> Option<f64> {
        self.made_to_fulfilled.mean_days()
    }

    /// Mean days from making to the deadline of all promises that have one, carried out or not, by the clock on the
    /// wall; a deadline given as a day is taken at its beginning. `None` without deadlines.
    #[must_use]
    pub fn mean_days_to_deadline(&self) -> Option<f64> {
        self.made_to_due.mean_days()
    }

    /// Last ratings on another scale than the rule's; they are in none of the scores.
    #[must_use]
    pub fn on_other_scales(&self) -> u64 {
        self.on_other_scales
    }

    /// Of the rated cases that were carried out, how many were asked on a day before that: their rating answers the
    /// waiting, not the fulfilment.
    #[must_use]
    pub fn asked_before_fulfilment(&self) -> u64 {
        self.asked_before.all
    }

    /// Of [those](Self::asked_before_fulfilment), how many turned out late.
    #[must_use]
    pub fn asked_before_fulfilment_and_late(&self) -> u64 {
        self.asked_before.late
    }

    /// What the cases paid, refunds not deducted, one amount for each currency.
    #[must_use]
    pub fn paid(&self) -> &[Money] {
        self.paid.amounts()
    }
}

/// A ledger of another view would be joined to the wrong ratings.
pub(super) fn same_view(view: AsOf<'_>, ledger: &PromiseLedger) -> Result<()> {
    if ledger.moment() == view.moment() && ledger.zone() == view.zone() {
        return Ok(());
    }
    Err(Error::Contradiction {
        what: "the question about a promise".into(),
        reason: format!(
            "the ledger was read as of {}, the view is as of {}",
            ledger.moment(),
            view.moment()
        ),
    })
}

impl Merge for PromiseGap {
    /// Pieces must hold different promises made; they must agree in the promise's name and the rule.
    fn merge(&mut self, other: &Self) -> Result<()> {
        if self.promise != other.promise || self.rule != other.rule {
            return Err(Error::Contradiction {
                what: "a merge of promise gaps".into(),
                reason: format!(
                    "one is about {:?}, the other about {:?}, or their rules differ",
                    self.promise, other.promise
                ),
            });
        }
        let mut merged = self.clone();
        for outcome in &other.outcomes {
            merged.outcome(outcome.key()).merge(&outcome.ratings)?;
        }
        merged.without_deadline.merge(&other.without_deadline)?;
        merged.not_fulfilled.merge(&other.not_fulfilled)?;
        merged.waived.merge(&other.waived)?;
        merged.made_to_fulfilled = merged.made_to_fulfilled.plus(other.made_to_fulfilled);
        merged.made_to_due = merged.made_to_due.plus(other.made_to_due);
        merged.asked_before.all += other.asked_before.all;
        merged.asked_before.late += other.asked_before.late;
        merged.on_other_scales += other.on_other_scales;
        merged.paid.merge(&other.paid)?;
        *self = merged;
        Ok(())
    }
}
