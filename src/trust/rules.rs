//! How facts become evidence: weights, decay, and where each default comes from.

use crate::error::{Error, Result};
use crate::measure::{Probability, Span};

use super::Prior;

/// A weight: finite, 0 or more.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "f64", into = "f64")
)]
pub struct Weight(f64);

impl Weight {
    /// Nothing.
    pub const ZERO: Self = Self(0.0);
    /// An ordinary promise.
    pub const ONE: Self = Self(1.0);
    pub(super) const TWO: Self = Self(2.0);

    /// Checks that `value` is finite and not negative.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] otherwise.
    pub fn new(value: f64) -> Result<Self> {
        Error::unless(
            value >= 0.0 && value.is_finite(),
            "weight",
            value,
            "be finite and not negative",
        )?;
        Ok(Self(value))
    }

    /// A sum of weights, which is one.
    pub(super) fn sound(value: f64) -> Self {
        Self(value)
    }

    /// The number.
    #[must_use]
    pub fn value(self) -> f64 {
        self.0
    }
}

impl TryFrom<f64> for Weight {
    type Error = Error;

    fn try_from(value: f64) -> Result<Self> {
        Self::new(value)
    }
}

impl From<Weight> for f64 {
    fn from(weight: Weight) -> Self {
        weight.0
    }
}

/// How long evidence takes to lose half of its weight.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "Option<f64>", into = "Option<f64>")
)]
pub struct HalfLife {
    /// Days; infinite if nothing is ever forgotten.
    days: f64,
}

impl HalfLife {
    /// Nothing is ever forgotten.
    pub const ENDLESS: Self = Self {
        days: f64::INFINITY,
    };
    pub(super) const TWO_YEARS: Self = Self { days: 730.0 };
    pub(super) const FOUR_YEARS: Self = Self { days: 1460.0 };

    /// Half is left after `span`.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless `span` is longer than nothing.
    pub fn new(span: Span) -> Result<Self> {
        Error::unless(
            span.days() > 0.0,
            "half-life in days",
            span.days(),
            "be longer than nothing",
        )?;
        Ok(Self { days: span.days() })
    }

    /// What is left of 1 after `days`.
    pub(super) fn left_after(self, days: f64) -> f64 {
        (-days / self.days).exp2()
    }
}

/// From a number of days; `None` is endless.
impl TryFrom<Option<f64>> for HalfLife {
    type Error = Error;

    fn try_from(days: Option<f64>) -> Result<Self> {
        days.map_or(Ok(Self::ENDLESS), |days| Self::new(Span::from_days(days)?))
    }
}

impl From<HalfLife> for Option<f64> {
    fn from(half_life: HalfLife) -> Self {
        half_life.days.is_finite().then_some(half_life.days)
    }
}

/// How facts become evidence. Start from one of the two readings, which must not be mixed:
/// [`reliability`](Self::reliability) for what will be kept, [`felt`](Self::felt) for how it feels to the customer.
///
/// | name | reliability | felt trust | meaning | range | source of felt trust's default |
/// |---|---|---|---|---|---|
/// | prior | weight 2, base rate 1/2 | the same | what is known before any evidence | weight above 0 | Jøsang & Ismail 2002 |
/// | loss | 1 | 2.25 | how much a broken promise weighs against a kept one | 0 or more | Tversky & Kahneman 1992 by analogy: convention |
/// | integrity | 1 | 2 | further factor if honesty was at stake | 0 or more | direction Kim et al. 2004, size convention |
/// | bitterness | 0 | 1 | how much earlier belief makes a betrayal weigh more | 0 or more | direction Grégoire & Fisher 2008, size convention |
/// | old evidence discount | 0 | 1/2 | share of all good evidence that a breach of integrity takes away | 0 to 1 | convention |
/// | half-life of good | 730 days | 730 days | decay of positive evidence | above 0 | convention for durable goods |
/// | half-life of bad | 1460 days | 1460 days | decay of negative evidence | above 0 | direction Grégoire et al. 2009, size convention |
/// | contact | 1/4 | 1/4 | weight of an unasked word, of having to chase, of an unanswered question | 0 or more | convention |
/// | reply within | 14 days | 14 days | when a question is overdue | 0 or more | convention |
/// | recovery cap | 1 | 1 | share of a loss that recoveries can make good | 0 to 1 | de Matos et al. 2007: convention |
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct EvidenceRules {
    pub(super) prior: Prior,
    pub(super) loss: Weight,
    pub(super) integrity: Weight,
    pub(super) bitterness: Weight,
    pub(super) old_evidence_discount: Probability,
    pub(super) half_life_of_good: HalfLife,
    pub(super) half_life_of_bad: HalfLife,
    pub(super) contact: Weight,
    /// Days.
    pub(super) reply_within: f64,
    pub(super) recovery_cap: Probability,
}

impl EvidenceRules {
    /// Every promise weighs what it weighs: the reading that predicts whether the next promise is kept.
    #[must_use]
    pub fn reliability() -> Self {
        Self {
            prior: Prior::default(),
            loss: Weight::ONE,
            integrity: Weight::ONE,
            bitterness: Weight::ZERO,
            old_evidence_discount: Probability::ZERO,
            half_life_of_good: HalfLife::TWO_YEARS,
            half_life_of_bad: HalfLife::FOUR_YEARS,
            contact: Weight(0.25),
            reply_within: 14.0,
            recovery_cap: Probability::ONE,
        }
    }

    /// Losses loom larger, betrayal embitters: the reading from the customer's side. Not a probability of keeping.
    #[must_use]
    pub fn felt() -> Self {
        Self {
            loss: Weight(2.25),
            integrity: Weight::TWO,
            bitterness: Weight::ONE,
            old_evidence_discount: Probability::HALF,
            ..Self::reliability()
        }
    }

    /// The prior.
    #[must_use]
    pub fn prior(&self) -> Prior {
        self.prior
    }

    /// With another prior.
    #[must_use]
    pub fn with_prior(self, prior: Prior) -> Self {
        Self { prior, ..self }
    }

    /// With another weight of a broken promise.
    #[must_use]
    pub fn with_loss(self, loss: Weight) -> Self {
        Self { loss, ..self }
    }

    /// With another factor for integrity.
    #[must_use]
    pub fn with_integrity(self, integrity: Weight) -> Self {
        Self { integrity, ..self }
    }

    /// With another bitterness.
    #[must_use]
    pub fn with_bitterness(self, bitterness: Weight) -> Self {
        Self { bitterness, ..self }
    }

    /// With another discount on old evidence.
    #[must_use]
    pub fn with_old_evidence_discount(self, old_evidence_discount: Probability) -> Self {
        Self {
            old_evidence_discount,
            ..self
        }
    }

    /// With other half-lives of good and of bad evidence.
    #[must_use]
    pub fn with_half_lives(self, of_good: HalfLife, of_bad: HalfLife) -> Self {
        Self {
            half_life_of_good: of_good,
            half_life_of_bad: of_bad,
            ..self
        }
    }

    /// With another weight of contacts.
    #[must_use]
    pub fn with_contact(self, contact: Weight) -> Self {
        Self { contact, ..self }
    }

    /// With another time within which a question is to be answered.
    #[must_use]
    pub fn with_reply_within(self, reply_within: Span) -> Self {
        Self {
            reply_within: reply_within.days(),
            ..self
        }
    }

    /// With another cap on recoveries.
    #[must_use]
    pub fn with_recovery_cap(self, recovery_cap: Probability) -> Self {
        Self {
            recovery_cap,
            ..self
        }
    }
}
