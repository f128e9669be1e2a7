//! What was said at all, at each touchpoint, in each segment.

use std::collections::BTreeMap;

use crate::error::Result;
use crate::journey::{AsOf, CaseIndex, Fact, Segmentation};
use crate::measure::{Merge, Rating, SentimentRule};

use super::{RatingTally, ResponseRate, SentimentTally};

/// Score, sentiment and response of a group of cases.
///
/// Within a case the last answer at each touchpoint counts. What a customer does outside any case counts as one case of
/// its own. Answers on another scale than the rule's are counted apart, never converted.
///
/// ```
/// use tillit::journey::{Event, Fact, JourneyLogBuilder};
/// use tillit::measure::{RatingScale, SentimentRule, Timestamp, Zone};
/// use tillit::survey::FeedbackSummary;
///
/// let stars = RatingScale::ONE_TO_FIVE;
/// let day = Timestamp::parse("2019-03-01T12:00:00Z")?;
/// let mut builder = JourneyLogBuilder::new(Zone::UTC);
/// for (customer, order) in [("ada", "order 1"), ("bo", "order 2"), ("cy", "order 3")] {
///     builder.push(Event::new(customer, day, Fact::Visit).in_case(order))?;
/// }
/// builder.push(Event::new("ada", day, Fact::FeedbackAsked).in_case("order 1"))?;
/// builder.push(Event::new("ada", day, Fact::Feedback(stars.rate(5.0)?)).in_case("order 1"))?;
/// builder.push(Event::new("bo", day, Fact::FeedbackAsked).in_case("order 2"))?;
/// let log = builder.build();
///
/// let said = FeedbackSummary::of(log.whole(), SentimentRule::standard(stars))?;
/// assert_eq!(said.ratings().mean(), Some(5.0));
/// assert_eq!(said.response().of_asked().value(), Some(0.5));
/// assert_eq!(said.response().without_question(), 1);
/// # Ok::<(), tillit::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct FeedbackSummary {
    ratings: RatingTally,
    sentiment: SentimentTally,
    response: ResponseRate,
    on_other_scales: u64,
}

/// What one case left at one touchpoint.
#[derive(Clone, Copy, Debug, Default)]
struct Heard {
    asked: bool,
    answer: Option<Rating>,
}

/// What one case left, by touchpoint.
type Case<'log> = BTreeMap<Option<&'log str>, Heard>;

impl FeedbackSummary {
    /// Nothing heard yet.
    #[must_use]
    pub fn empty(rule: SentimentRule) -> Self {
        Self {
            ratings: RatingTally::new(rule.scale()),
            sentiment: SentimentTally::default(),
            response: ResponseRate::default(),
            on_other_scales: 0,
        }
    }

    /// Of everything in the view. A case has answered if it has answered anywhere.
    ///
    /// # Errors
    /// Passes on errors of the tallies; none arise from a log.
    pub fn of(view: AsOf<'_>, rule: SentimentRule) -> Result<Self> {
        let mut whole = Self::empty(rule);
        each_case(view, |_, case| whole.take_case(case, rule))?;
        Ok(whole)
    }

    /// Of each touchpoint, in order of name, events at no touchpoint first. A case belongs to every touchpoint at which
    /// it has left anything, so ratings add up to those of the whole, cases need not.
    ///
    /// # Errors
    /// As [`of`](Self::of).
    pub fn by_touchpoint(
        view: AsOf<'_>,
        rule: SentimentRule,
    ) -> Result<Vec<(Option<String>, Self)>> {
        let mut touchpoints: BTreeMap<Option<&str>, Self> = BTreeMap::new();
        each_case(view, |_, case| {
            for (&touchpoint, &heard) in case {
                let summary = touchpoints
                    .entry(touchpoint)
                    .or_insert_with(|| Self::empty(rule));
                summary.take_answer(heard, rule)?;
                summary.response.record(heard.asked, heard.answer.is_some());
            }
            Ok(())
        })?;
        Ok(touchpoints
            .into_iter()
            .map(|(touchpoint, summary)| (touchpoint.map(str::to_owned), summary))
            .collect())
    }

    /// Of each segment, in the segmentation's order, cases of no segment last under `None`. They add up to the whole.
    ///
    /// # Errors
    /// As [`of`](Self::of).
    pub fn by_segment(
        view: AsOf<'_>,
        rule: SentimentRule,
        segmentation: &Segmentation,
    ) -> Result<Vec<(Option<String>, Self)>> {
        let labels = segmentation.labels();
        let mut groups = vec![Self::empty(rule); labels.len() + 1];
        each_case(view, |case, heard| {
            let group = case
                .and_then(|case| segmentation.group_of(case))
                .unwrap_or(labels.len());
            groups[group].take_case(heard, rule)
        })?;
        let names = labels
            .iter()
            .map(|label| Some(label.to_string()))
            .chain([None]);
        Ok(names
            .zip(groups)
            .filter(|(_, summary)| summary.response.cases() > 0)
            .collect())
    }

    /// How often each answer was given.
    #[must_use]
    pub fn ratings(&self) -> &RatingTally {
        &self.ratings
    }

    /// Detractors, passives, promoters.
    #[must_use]
    pub fn sentiment(&self) -> SentimentTally {
        self.sentiment
    }

    /// How many were asked and answered.
    #[must_use]
    pub fn response(&self) -> ResponseRate {
        self.response
    }

    /// Answers on other scales than the rule's; they are in none of the scores.
    #[must_use]
    pub fn on_other_scales(&self) -> u64 {
        self.on_other_scales
    }

    fn take_case(&mut self, case: &Case<'_>, rule: SentimentRule) -> Result<()> {
        for &heard in case.values() {
            self.take_answer(heard, rule)?;
        }
        self.response.record(
            case.values().any(|heard| heard.asked),
            case.values().any(|heard| heard.answer.is_some()),
        );
        Ok(())
    }

    fn take_answer(&mut self, heard: Heard, rule: SentimentRule) -> Result<()> {
        match heard.answer {
            None => {}
            Some(answer) if answer.scale() == rule.scale() => {
                self.ratings.record(answer)?;
                self.sentiment.record(rule.of(answer)?);
            }
            Some(_) => self.on_other_scales += 1,
        }
        Ok(())
    }
}

/// Shows every case of the view once, customer by customer, with what it left at each touchpoint.
fn each_case<'log>(
    view: AsOf<'log>,
    mut visit: impl FnMut(Option<CaseIndex>, &Case<'log>) -> Result<()>,
) -> Result<()> {
    for journey in view.journeys() {
        let mut cases: BTreeMap<Option<CaseIndex>, Case<'log>> = BTreeMap::new();
        for event in journey.events() {
            let heard = cases
                .entry(event.case())
                .or_default()
                .entry(event.touchpoint())
                .or_default();
            match event.fact() {
                Fact::FeedbackAsked => heard.asked = true,
                Fact::Feedback(answer) => heard.answer = Some(answer),
                _ => {}
            }
        }
        for (case, heard) in &cases {
            visit(*case, heard)?;
        }
    }
    Ok(())
}

impl Merge for FeedbackSummary {
    /// Pieces must hold different cases: a case split over two pieces would count twice.
    fn merge(&mut self, other: &Self) -> Result<()> {
        let mut merged = self.clone();
        merged.ratings.merge(&other.ratings)?;
        merged.sentiment.merge(&other.sentiment)?;
        merged.response.merge(&other.response)?;
        merged.on_other_scales = merged.on_other_scales.saturating_add(other.on_other_scales);
        *self = merged;
        Ok(())
    }
}
