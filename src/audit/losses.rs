//! What the disappointed cost by leaving and by talking.

use std::num::NonZeroU64;

use crate::error::Result;
use crate::journey::{AsOf, Fact};
use crate::measure::{Currency, ExpectedMoney, Probability, Sentiment, SentimentRule};
use crate::word_of_mouth::{
    Audience, DetractorImpact, Generations, Portfolio, Reach, RetellerReach, Sway, Talk, Teller,
};

use super::{Assumptions, WorthFinding};

/// Hearers tell on for this many generations if they tell on at all (convention; the first holds most of the harm).
const GENERATIONS: u32 = 4;

/// What word of mouth does, under the assumptions stated.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct TalkFinding {
    /// Currency of the amounts.
    pub currency: Currency,
    /// Value of a hearer.
    pub hearer_value: f64,
    /// Customers whose last rating is known.
    pub customers: u64,
    /// Detractors among them.
    pub detractors: u64,
    /// Expected loss of detractors' own value.
    pub detractors_own_loss: f64,
    /// Expected cost of what detractors say.
    pub detractors_word_of_mouth: f64,
    /// Promoters among them.
    pub promoters: u64,
    /// What promoters say; a gain is negative.
    pub promoters_word_of_mouth: f64,
    /// Everything together; a gain is negative.
    pub total: f64,
    /// Cost of one detractor's talk.
    pub per_detractor: f64,
    /// Share of the market that hears something, if a market is stated.
    pub reached_share: Option<f64>,
}

/// The assumptions as talk, in the currency of the customers' values; `contribution` is what a customer has brought so
/// far on average, the value of a hearer unless another is stated.
pub(super) fn talk(
    assumptions: &Assumptions,
    worth: &WorthFinding,
    contribution: f64,
) -> Result<Talk> {
    let hearer_value = assumptions.hearer_value.unwrap_or(contribution.max(0.0));
    let good_word = Sway::winning(assumptions.hearer_won);
    let mut talk = Talk::new(
        ExpectedMoney::new(hearer_value, worth.currency)?,
        Sway::losing(assumptions.hearer_lost),
        good_word,
        good_word,
    )?
    .with_own_loss(Teller::Detractor, assumptions.leaves_if_disappointed)
    .with_own_loss(Teller::RecoveredDetractor, assumptions.leaves_if_recovered);
    if assumptions.retelling > Probability::ZERO {
        // A shared market needs one reach for all who retell; news worth retelling is mostly bad news.
        talk = talk
            .with_retelling(
                assumptions.retelling,
                Probability::ONE,
                Generations::finite(GENERATIONS)?,
            )
            .with_reteller_reach(RetellerReach::Stated(Reach::DISSATISFIED));
    }
    // The number was checked to be finite and at least 1; the cast saturates.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    if let Some(market) = assumptions
        .market
        .and_then(|persons| NonZeroU64::new(persons as u64))
    {
        talk = talk.with_market(market);
    }
    Ok(talk)
}

/// The sentiment behind each customer's last rating, in order of customers; `None` without one.
pub(super) fn sentiments(view: AsOf<'_>, rule: SentimentRule) -> Vec<Option<Sentiment>> {
    let mut sentiments = vec![None; view.log().customers()];
    for journey in view.journeys() {
        sentiments[journey.customer().index()] =
            journey.events().rev().find_map(|event| match event.fact() {
                Fact::Feedback(rating) => rule.of(rating).ok(),
                _ => None,
            });
    }
    sentiments
}

impl TalkFinding {
    /// `None` if nobody has given a rating.
    pub(super) fn of(
        sentiments: &[Option<Sentiment>],
        worth: &WorthFinding,
        talk: &Talk,
    ) -> Result<Option<Self>> {
        let rated: Vec<(Sentiment, f64)> = sentiments
            .iter()
            .zip(&worth.by_customer)
            .filter_map(|(sentiment, &value)| sentiment.map(|sentiment| (sentiment, value)))
            .collect();
        if rated.is_empty() {
            return Ok(None);
        }
        let (sentiments, values): (Vec<Sentiment>, Vec<f64>) = rated.into_iter().unzip();
        let audience = Audience::from_sentiments(worth.currency, &sentiments, &values)?;
        let (impact, reached_share): (DetractorImpact, Option<f64>) = if talk.market().is_some() {
            let portfolio = Portfolio::of_audience(talk, &audience)?;
            (
                portfolio.impact(talk, &audience)?,
                portfolio.reached_share(),
            )
        } else {
            (audience.impact(talk)?, None)
        };
        let (bad, good) = (impact.of(Teller::Detractor), impact.of(Teller::Promoter));
        Ok(Some(Self {
            currency: worth.currency,
            hearer_value: talk.hearer_value().amount(),
            customers: impact.customers(),
            detractors: bad.customers(),
            detractors_own_loss: bad.own_loss(),
            detractors_word_of_mouth: bad.word_of_mouth(),
            promoters: good.customers(),
            promoters_word_of_mouth: good.word_of_mouth(),
            total: impact.total()?.amount(),
            per_detractor: talk.impact_of(Teller::Detractor, 0.0, 1.0)?.word_of_mouth(),
            reached_share,
        }))
    }
}
