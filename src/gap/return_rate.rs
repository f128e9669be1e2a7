//! Do they come back after the first time?

use chrono::{Days, NaiveDate};

use crate::error::{Error, Result};
use crate::journey::{AsOf, CaseIndex, Fact, Journey};
use crate::measure::{
    Currency, Estimate, Interval, Merge, Probability, Proportion, ProportionMethod, Rating,
    RatingScale,
};
use crate::numeric::fisher_exact_two_sided;
use crate::promise::{LatenessRule, PromiseLedger, PromiseRecord};

use super::promise_gap::same_view;

/// Customers by how their first fulfilled promise went and whether they came back.
///
/// For each customer the first promise that was carried out counts (in order of making), if it was made at least
/// `follow_up_days` whole days before the last day observed. The customer came back if money was spent on any later day
/// up to that day: purchases minus refunds of the same day above 0, so that an order cancelled at once is no return.
///
/// Association only: customers served late differ in other ways too, and a first time in the log need not be the first
/// ever ([`CAUTION`](Self::CAUTION)).
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct ReturnRate {
    promise: String,
    scale: RatingScale,
    observed_until: NaiveDate,
    follow_up_days: u32,
    on_time: Proportion,
    late: Proportion,
    /// By rating of the first time, in ascending order.
    by_score: Vec<(f64, Proportion)>,
    unrated: Proportion,
}

/// Return in time against return late.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ReturnContrast {
    on_time: Estimate,
    late: Estimate,
    difference: Estimate,
    p_value: f64,
}

impl ReturnContrast {
    /// Share that came back after being served in time, with its Wilson interval.
    #[must_use]
    pub fn on_time(&self) -> &Estimate {
        &self.on_time
    }

    /// Share that came back after being served late, with its Wilson interval.
    #[must_use]
    pub fn late(&self) -> &Estimate {
        &self.late
    }

    /// In time minus late, with the interval that follows from the two Wilson intervals (Newcombe 1998, method 10).
    #[must_use]
    pub fn difference(&self) -> &Estimate {
        &self.difference
    }

    /// Fisher's exact probability, two-sided, of a table no likelier than this one if lateness made no difference.
    #[must_use]
    pub fn p_value(&self) -> f64 {
        self.p_value
    }
}

impl ReturnRate {
    /// What must be said beside these numbers.
    pub const CAUTION: &'static str = "association only: customers served late differ in other ways too, \
         late returns are few, and the first case in the log need not be the first ever";

    /// Half a year and a day of whole days in which every customer could have come back (convention).
    pub const DEFAULT_FOLLOW_UP_DAYS: u32 = 184;

    /// Return after the first fulfilment of the promise called `promise`, observed to the end of the day
    /// `observed_until`. `ledger` must be the ledger of the same view. Ratings on another scale than `scale` count as
    /// none.
    ///
    /// # Errors
    /// [`Error::Contradiction`] if the ledger was read as of another moment or the view knows nothing of the last day,
    /// [`Error::OutOfRange`] if the follow-up reaches back beyond the calendar.
    pub fn of(
        view: AsOf<'_>,
        ledger: &PromiseLedger,
        promise: &str,
        scale: RatingScale,
        observed_until: NaiveDate,
        follow_up_days: u32,
    ) -> Result<Self> {
        same_view(view, ledger)?;
        if observed_until > view.date() {
            return Err(Error::Contradiction {
                what: "the question who comes back".into(),
                reason: format!(
                    "it is to be observed until {observed_until}, but the view ends on {}",
                    view.date()
                ),
            });
        }
        let Some(made_by) = observed_until.checked_sub_days(Days::new(u64::from(follow_up_days)))
        else {
            return Err(Error::OutOfRange {
                what: "follow-up".into(),
                found: f64::from(follow_up_days),
                allowed: "lie within the calendar, in days before the view's".into(),
            });
        };
        let mut rate = Self {
            promise: promise.to_owned(),
            scale,
            observed_until,
            follow_up_days,
            on_time: Proportion::default(),
            late: Proportion::default(),
            by_score: Vec::new(),
            unrated: Proportion::default(),
        };
        let mut customer = None;
        for record in ledger.named(promise) {
            if customer == Some(record.customer()) {
                continue;
            }
            let Some(late) = record.is_late(LatenessRule::EndOfDay, view.zone()) else {
                continue;
            };
            customer = Some(record.customer());
            let first_day = view.zone().date_of(record.made());
            if first_day <= made_by {
                let journey = view.journey(record.customer());
                rate.record(
                    record,
                    late,
                    &journey,
                    came_back(&journey, first_day, observed_until),
                );
            }
        }
        Ok(rate)
    }

    fn record(
        &mut self,
        record: &PromiseRecord,
        late: bool,
        journey: &Journey<'_>,
        came_back: bool,
    ) {
        let side = if late {
            &mut self.late
        } else {
            &mut self.on_time
        };
        side.record(came_back);
        let rating = last_rating(journey, record.case())
            .filter(|rating| rating.scale() == self.scale)
            .map(Rating::value);
        match rating {
            Some(value) => self.of_score(value).record(came_back),
            None => self.unrated.record(came_back),
        }
    }

    fn of_score(&mut self, value: f64) -> &mut Proportion {
        let place = match self
            .by_score
            .binary_search_by(|(known, _)| known.total_cmp(&value))
        {
            Ok(place) => place,
            Err(place) => {
                self.by_score.insert(place, (value, Proportion::default()));
                place
            }
        };
        &mut self.by_score[place].1
    }

    /// The promise.
    #[must_use]
    pub fn promise(&self) -> &str {
        &self.promise
    }

    /// The last day observed.
    #[must_use]
    pub fn observed_until(&self) -> NaiveDate {
        self.observed_until
    }

    /// How many whole days every customer was watched at least.
    #[must_use]
    pub fn follow_up_days(&self) -> u32 {
        self.follow_up_days
    }

    /// Came back, of those served in time.
    #[must_use]
    pub fn on_time(&self) -> Proportion {
        self.on_time
    }

    /// Came back, of those served late.
    #[must_use]
    pub fn late(&self) -> Proportion {
        self.late
    }

    /// Came back, by the last rating of the first time, in ascending order.
    #[must_use]
    pub fn by_score(&self) -> &[(f64, Proportion)] {
        &self.by_score
    }

    /// Came back, of those who gave no rating on the scale.
    #[must_use]
    pub fn unrated(&self) -> Proportion {
        self.unrated
    }

    /// In time against late.
    ///
    /// # Errors
    /// [`Error::Empty`] if either side has no customers, [`Error::OutOfRange`] unless `level` lies strictly between 0
    /// and 1.
    pub fn contrast(&self, level: Probability) -> Result<ReturnContrast> {
        let on_time = self.on_time.estimate(level)?;
        let late = self.late.estimate(level)?;
        let first = self.on_time.interval(ProportionMethod::Wilson, level)?;
        let second = self.late.interval(ProportionMethod::Wilson, level)?;
        let difference = on_time.value() - late.value();
        let below = (on_time.value() - first.low()).hypot(second.high() - late.value());
        let above = (first.high() - on_time.value()).hypot(late.value() - second.low());
        let interval = Interval::new(
            (difference - below).max(-1.0),
            (difference + above).min(1.0),
            level,
            "Newcombe",
        )?;
        let observations = on_time.observations().saturating_add(late.observations());
        let row = |side: Proportion| (side.successes(), side.trials() - side.successes());
        Ok(ReturnContrast {
            on_time,
            late,
            difference: Estimate::new(difference, observations).with_interval(interval),
            p_value: fisher_exact_two_sided(row(self.on_time), row(self.late)),
        })
    }
}

fn last_rating(journey: &Journey<'_>, case: Option<CaseIndex>) -> Option<Rating> {
    journey
        .events()
        .rev()
        .filter(|event| event.case() == case)
        .find_map(|event| match event.fact() {
            Fact::Feedback(rating) => Some(rating),
            _ => None,
        })
}

/// Whether more was spent than refunded, in some currency, on some day after `first_day`, up to `last_day`.
fn came_back(journey: &Journey<'_>, first_day: NaiveDate, last_day: NaiveDate) -> bool {
    let mut day = first_day;
    let mut spent: Vec<(Currency, i128)> = Vec::new();
    for event in journey.events() {
        let (money, sign) = match event.fact() {
            Fact::Purchase(money) => (money, 1),
            Fact::Refund(money) => (money, -1),
            _ => continue,
        };
        let date = event.date();
        if date <= first_day {
            continue;
        }
        if date > last_day {
            break;
        }
        if date != day {
            if spent.iter().any(|&(_, sum)| sum > 0) {
                return true;
            }
            spent.clear();
            day = date;
        }
        let amount = sign * i128::from(money.minor());
        match spent
            .iter_mut()
            .find(|(currency, _)| *currency == money.currency())
        {
            Some((_, sum)) => *sum += amount,
            None => spent.push((money.currency(), amount)),
        }
    }
    spent.iter().any(|&(_, sum)| sum > 0)
}

impl Merge for ReturnRate {
    /// Pieces must hold different customers; they must agree in promise, scale and time watched.
    fn merge(&mut self, other: &Self) -> Result<()> {
        let terms = |rate: &Self| {
            (
                rate.promise.clone(),
                rate.observed_until,
                rate.follow_up_days,
            )
        };
        if terms(self) != terms(other) || self.scale != other.scale {
            return Err(Error::Contradiction {
                what: "a merge of return rates".into(),
                reason: "they differ in promise, scale, last day observed or follow-up".to_owned(),
            });
        }
        let mut merged = self.clone();
        merged.on_time.merge(&other.on_time)?;
        merged.late.merge(&other.late)?;
        merged.unrated.merge(&other.unrated)?;
        for (value, proportion) in &other.by_score {
            merged.of_score(*value).merge(proportion)?;
        }
        *self = merged;
        Ok(())
    }
}
