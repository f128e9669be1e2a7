//! Which answers make a detractor, a passive, a promoter.

use crate::error::{Error, Result};

use super::{Rating, RatingScale};

/// What a customer is likely to say about us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum Sentiment {
    /// Likely to speak ill.
    Detractor,
    /// Likely to say nothing.
    Passive,
    /// Likely to speak well.
    Promoter,
}

/// The rule that turns a [`Rating`] into a [`Sentiment`]: two limits on one scale, both replaceable.
///
/// ```
/// use tillit::measure::{RatingScale, Sentiment, SentimentRule};
///
/// let rule = SentimentRule::standard(RatingScale::ZERO_TO_TEN);
/// assert_eq!(rule.of(RatingScale::ZERO_TO_TEN.rate(6.0)?)?, Sentiment::Detractor);
/// assert_eq!(rule.of(RatingScale::ZERO_TO_TEN.rate(9.0)?)?, Sentiment::Promoter);
/// # Ok::<(), tillit::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "Limits", into = "Limits"))]
pub struct SentimentRule {
    scale: RatingScale,
    detractor_up_to: f64,
    promoter_from: f64,
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
struct Limits {
    scale: RatingScale,
    detractor_up_to: f64,
    promoter_from: f64,
}

#[cfg(feature = "serde")]
impl TryFrom<Limits> for SentimentRule {
    type Error = Error;

    fn try_from(limits: Limits) -> Result<Self> {
        Self::new(limits.scale, limits.detractor_up_to, limits.promoter_from)
    }
}

#[cfg(feature = "serde")]
impl From<SentimentRule> for Limits {
    fn from(rule: SentimentRule) -> Self {
        Self {
            scale: rule.scale,
            detractor_up_to: rule.detractor_up_to,
            promoter_from: rule.promoter_from,
        }
    }
}

impl SentimentRule {
    /// The customary rule of a scale.
    ///
    /// | scale | detractor | promoter | source |
    /// | --- | --- | --- | --- |
    /// | 0–10 | 0–6 | 9–10 | Reichheld 2003 |
    /// | 1–5 | 1–3 | 5 | convention |
    /// | 1–7 | 1–4 | 6–7 | convention |
    /// | other | lowest 60 % of the scale | highest 15 % | convention, near the share of the 0–10 rule |
    #[must_use]
    pub fn standard(scale: RatingScale) -> Self {
        let (detractor_up_to, promoter_from) = if scale == RatingScale::ZERO_TO_TEN {
            (6.0, 9.0)
        } else if scale == RatingScale::ONE_TO_FIVE {
            (3.0, 5.0)
        } else if scale == RatingScale::ONE_TO_SEVEN {
            (4.0, 6.0)
        } else {
            let width = scale.highest() - scale.lowest();
            (scale.lowest() + 0.6 * width, scale.lowest() + 0.85 * width)
        };
        Self {
            scale,
            detractor_up_to,
            promoter_from,
        }
    }

    /// A rule of one's own: ratings up to `detractor_up_to` are detractors, from `promoter_from` on promoters.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless `lowest <= detractor_up_to < promoter_from <= highest`.
    pub fn new(scale: RatingScale, detractor_up_to: f64, promoter_from: f64) -> Result<Self> {
        Error::unless(
            (scale.lowest()..=scale.highest()).contains(&detractor_up_to),
            "highest detractor rating",
            detractor_up_to,
            "lie on the scale",
        )?;
        Error::unless(
            promoter_from > detractor_up_to && promoter_from <= scale.highest(),
            "lowest promoter rating",
            promoter_from,
            "lie on the scale, above the highest detractor rating",
        )?;
        Ok(Self {
            scale,
            detractor_up_to,
            promoter_from,
        })
    }

    /// The scale that this rule reads.
    #[must_use]
    pub fn scale(self) -> RatingScale {
        self.scale
    }

    /// The sentiment behind a rating.
    ///
    /// # Errors
    /// [`Error::MixedScales`] if the rating was given on another scale.
    pub fn of(self, rating: Rating) -> Result<Sentiment> {
        if rating.scale() != self.scale {
            return Err(Error::MixedScales {
                left: self.scale.to_string(),
                right: rating.scale().to_string(),
            });
        }
        Ok(if rating.value() <= self.detractor_up_to {
            Sentiment::Detractor
        } else if rating.value() >= self.promoter_from {
            Sentiment::Promoter
        } else {
            Sentiment::Passive
        })
    }
}
