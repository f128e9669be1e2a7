//! What customers said.

use std::collections::BTreeMap;

use crate::error::Result;
use crate::journey::{AsOf, Fact, FactKind};
use crate::measure::{Estimate, Interval, Probability, RatingScale, SentimentRule};
use crate::survey::{AnswerDelay, FeedbackSummary, SentimentTally};

/// Ratings, on the scale that most of them use.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct ScoreFinding {
    /// Lowest and highest answer of the scale.
    pub scale: RatingScale,
    /// Which of its answers count as detractor and promoter.
    pub rule: SentimentRule,
    /// Cases with an answer.
    pub n: u64,
    /// Answers on other scales, left out here.
    pub on_other_scales: u64,
    /// Cases asked.
    pub asked: u64,
    /// Answered share of all cases.
    pub response_share_of_cases: Option<f64>,
    /// Answered share of the cases asked.
    pub response_share_of_asked: Option<f64>,
    /// Answers by rating.
    pub counts: BTreeMap<String, u64>,
    /// Mean rating with its interval.
    pub mean: Estimate,
    /// Standard deviation of the ratings.
    pub sd: Option<f64>,
    /// Share of the two best answers.
    pub top2_share: Option<f64>,
    /// Share of the two worst answers.
    pub bottom2_share: Option<f64>,
    /// Days from question to answer, median.
    pub answer_delay_days_median: Option<f64>,
    /// Promoters minus detractors.
    pub nps_like: NetPromoterFinding,
}

/// A net promoter score with its counts and interval, in points from −100 to 100.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct NetPromoterFinding {
    /// Answers.
    pub n: u64,
    /// Promoters.
    pub promoters: u64,
    /// Passives.
    pub passives: u64,
    /// Detractors.
    pub detractors: u64,
    /// 100 × (promoters − detractors) / n.
    pub nps_like: Option<f64>,
    /// Interval of the score from −1 to 1.
    pub interval: Option<Interval>,
}

impl NetPromoterFinding {
    pub(super) fn of(tally: SentimentTally, level: Probability) -> Result<Self> {
        let interval = match tally.answered() {
            0 => None,
            _ => tally.estimate(level)?.interval().cloned(),
        };
        Ok(Self {
            n: tally.answered(),
            promoters: tally.promoters(),
            passives: tally.passives(),
            detractors: tally.detractors(),
            nps_like: tally.points(),
            interval,
        })
    }
}

impl ScoreFinding {
    /// `None` without ratings.
    pub(super) fn of(
        view: AsOf<'_>,
        rule: SentimentRule,
        level: Probability,
    ) -> Result<Option<Self>> {
        let summary = FeedbackSummary::of(view, rule)?;
        let ratings = summary.ratings();
        if ratings.answered() == 0 {
            return Ok(None);
        }
        let response = summary.response();
        Ok(Some(Self {
            scale: rule.scale(),
            rule,
            n: ratings.answered(),
            on_other_scales: summary.on_other_scales(),
            asked: response.asked(),
            response_share_of_cases: response.of_cases().value(),
            response_share_of_asked: response.of_asked().value(),
            counts: ratings
                .distribution()
                .iter()
                .map(|(rating, count)| (rating.to_string(), *count))
                .collect(),
            mean: ratings.estimate(level)?,
            sd: ratings.standard_deviation(),
            top2_share: ratings.top_two().value(),
            bottom2_share: ratings.bottom_two().value(),
            answer_delay_days_median: AnswerDelay::of(view).median(),
            nps_like: NetPromoterFinding::of(summary.sentiment(), level)?,
        }))
    }
}

/// The scale on which most ratings were given; `None` without ratings. Equal counts: the one seen first.
pub(super) fn commonest_scale(view: AsOf<'_>) -> Option<RatingScale> {
    let mut scales: Vec<(RatingScale, u64)> = Vec::new();
    for journey in view.journeys() {
        for event in journey
            .events()
            .filter(|event| event.kind() == FactKind::Feedback)
        {
            let Fact::Feedback(rating) = event.fact() else {
                continue;
            };
            match scales
                .iter_mut()
                .find(|(scale, _)| *scale == rating.scale())
            {
                Some((_, count)) => *count += 1,
                None => scales.push((rating.scale(), 1)),
            }
        }
    }
    let most = scales.iter().map(|&(_, count)| count).max()?;
    scales
        .into_iter()
        .find(|&(_, count)| count == most)
        .map(|(scale, _)| scale)
}
