//! The law of the money lost.

use crate::error::{Error, Result};
use crate::measure::{Currency, Estimate, ExpectedMoney, Interval, Probability};
use crate::numeric::Cumulants;

use super::super::{Talk, Teller, TellerGroup};
use super::portfolio_law::Crowd;
use super::shape::{LawMethod, Shape};

/// How much money is lost, with what probability. Losses are positive, gains negative, as everywhere in this room; a
/// high quantile is a bad case.
///
/// ```
/// use tillit::measure::{Currency, ExpectedMoney, Probability};
/// use tillit::word_of_mouth::{LossLaw, Sway, Talk, Teller};
///
/// let one_in_twelve = Sway::losing(Probability::new(1.0 / 12.0)?);
/// let hearer = ExpectedMoney::new(1200.0, Currency::new("EUR")?)?;
/// let talk = Talk::new(hearer, one_in_twelve, Sway::NONE, Sway::NONE)?;
/// let loss = LossLaw::of(&talk, Teller::Detractor)?;
/// assert!((loss.mean()?.amount() - 1200.0).abs() < 1e-9);
/// assert_eq!(loss.value_at_risk(Probability::new(0.95)?)?.amount(), 3600.0);
/// # Ok::<(), tillit::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "Parts", into = "Parts")
)]
pub struct LossLaw {
    shape: Shape,
    currency: Currency,
    /// Bound of the sum of the tellers' third absolute central moments.
    thirds: f64,
    /// Mean number lost or won.
    swayed: f64,
    tellers: u64,
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
struct Parts {
    loss: Shape,
    currency: Currency,
    third_absolute_moments: f64,
    lost_or_won: f64,
    tellers: u64,
}

#[cfg(feature = "serde")]
impl TryFrom<Parts> for LossLaw {
    type Error = Error;

    fn try_from(parts: Parts) -> Result<Self> {
        for (what, value) in [
            ("third absolute moments", parts.third_absolute_moments),
            ("mean number lost or won", parts.lost_or_won),
        ] {
            Error::unless(
                (0.0..=f64::MAX).contains(&value),
                what,
                value,
                "be finite and at least 0",
            )?;
        }
        Ok(Self::new(
            parts.loss,
            parts.currency,
            parts.third_absolute_moments,
            parts.lost_or_won,
            parts.tellers,
        ))
    }
}

#[cfg(feature = "serde")]
impl From<LossLaw> for Parts {
    fn from(law: LossLaw) -> Self {
        Self {
            loss: law.shape,
            currency: law.currency,
            third_absolute_moments: law.thirds,
            lost_or_won: law.swayed,
            tellers: law.tellers,
        }
    }
}

impl LossLaw {
    /// What the talk of one ordinarily connected `teller` costs, each hearer being worth the same.
    ///
    /// # Errors
    /// As [`super::LostLaw::of`].
    pub fn of(talk: &Talk, teller: Teller) -> Result<Self> {
        Crowd::of_groups(talk, &[TellerGroup::of(talk, teller, 1)])?.word_of_mouth()
    }

    pub(super) fn new(
        shape: Shape,
        currency: Currency,
        thirds: f64,
        swayed: f64,
        tellers: u64,
    ) -> Self {
        Self {
            shape,
            currency,
            thirds,
            swayed,
            tellers,
        }
    }

    /// With an independent loss on top, whose third absolute central moments add up to `thirds`.
    pub(super) fn and(&self, other: Cumulants, thirds: f64) -> Self {
        let thirds = self.thirds + thirds;
        Self {
            shape: self.shape.and(other, thirds),
            thirds,
            ..self.clone()
        }
    }

    /// Refuses amounts so large that their moments are no numbers.
    pub(super) fn checked(self) -> Result<Self> {
        let Cumulants {
            mean,
            variance,
            third,
        } = self.shape.cumulants;
        if [mean, variance, third, self.thirds]
            .iter()
            .all(|moment| moment.is_finite())
        {
            return Ok(self);
        }
        Err(Error::Overflow {
            what: "the third power of what is lost".into(),
        })
    }

    /// Mean; the closed form without a market.
    ///
    /// # Errors
    /// [`crate::Error::OutOfRange`] if it is not finite.
    pub fn mean(&self) -> Result<ExpectedMoney> {
        self.money(self.shape.cumulants.mean)
    }

    /// Variance, in squared major units.
    #[must_use]
    pub fn variance(&self) -> f64 {
        self.shape.cumulants.variance
    }

    /// Its skewness, 0 where nothing varies.
    #[must_use]
    pub fn skewness(&self) -> f64 {
        self.shape.cumulants.skewness()
    }

    /// Variance if hearers differ in value, independently, with this standard deviation around their mean value: the
    /// mean number lost and won times its square comes on top, E(L) Var(V) + E(V)² Var(L).
    #[must_use]
    pub fn variance_if_hearers_differ(&self, standard_deviation: ExpectedMoney) -> f64 {
        let spread = standard_deviation.amount();
        self.shape.cumulants.variance + self.swayed * spread * spread
    }

    /// Standard deviation.
    ///
    /// # Errors
    /// [`crate::Error::OutOfRange`] if it is not finite.
    pub fn standard_deviation(&self) -> Result<ExpectedMoney> {
        self.money(self.shape.cumulants.variance.sqrt())
    }

    /// The loss that is not exceeded with probability `level`: the `level` quantile, as [`super::LostLaw::quantile`].
    ///
    /// # Errors
    /// [`crate::Error::OutOfRange`] unless the level lies strictly between 0 and 1.
    pub fn value_at_risk(&self, level: Probability) -> Result<ExpectedMoney> {
        self.money(self.shape.quantile(level)?)
    }

    /// Between what the true value at risk lies: twice the answer for the exact law. For the approximate law what Berry and Esseen's
    /// bound leaves open, or Cantelli's inequality where that is sharper; it holds whatever the law is, so it is wide for few tellers.
    ///
    /// # Errors
    /// As [`LossLaw::value_at_risk`].
    pub fn value_at_risk_bounds(&self, level: Probability) -> Result<[ExpectedMoney; 2]> {
        let [low, high] = self.shape.quantile_bounds(level)?;
        Ok([self.money(low)?, self.money(high)?])
    }

    /// Mean loss in the worst 1 − `level` share of cases.
    ///
    /// # Errors
    /// As [`LossLaw::value_at_risk`].
    pub fn expected_shortfall(&self, level: Probability) -> Result<ExpectedMoney> {
        self.money(self.shape.expected_shortfall(level)?)
    }

    /// Probability that the loss is so large or larger, up to [`LossLaw::error_bound`].
    #[must_use]
    pub fn at_least(&self, loss: ExpectedMoney) -> Probability {
        Probability::new(self.shape.at_least(loss.amount())).unwrap_or(Probability::ONE)
    }

    /// The mean, and the central interval in which the loss itself falls with probability `level`: chance, not doubt about
    /// the assumptions.
    ///
    /// # Errors
    /// As [`LossLaw::value_at_risk`].
    pub fn estimate(&self, level: Probability) -> Result<Estimate> {
        let tail = 0.5 * (1.0 - level.value());
        let low = self.shape.quantile(Probability::new(tail)?)?;
        let high = self.shape.quantile(Probability::new(1.0 - tail)?)?;
        let method = match self.method() {
            LawMethod::GeneratingFunction => "exact law of word of mouth",
            LawMethod::CornishFisher => "Cornish–Fisher",
        };
        let tellers = usize::try_from(self.tellers).unwrap_or(usize::MAX);
        Ok(Estimate::new(self.shape.cumulants.mean, tellers)
            .with_interval(Interval::new(low, high, level, method)?))
    }

    /// Every loss with its probability, in ascending order; `None` if the law is approximate.
    #[must_use]
    pub fn probabilities(&self) -> Option<impl Iterator<Item = (f64, f64)>> {
        let counts = self.shape.counts()?;
        let (unit, shift) = self.shape.unit_and_shift();
        Some(
            counts
                .each()
                .map(move |(count, p)| (shift + unit * count as f64, p)),
        )
    }

    /// Currency of all amounts.
    #[must_use]
    pub fn currency(&self) -> Currency {
        self.currency
    }

    /// How it was computed.
    #[must_use]
    pub fn method(&self) -> LawMethod {
        self.shape.method()
    }

    /// As [`super::LostLaw::error_bound`].
    #[must_use]
    pub fn error_bound(&self) -> f64 {
        self.shape.error_bound()
    }

    fn money(&self, amount: f64) -> Result<ExpectedMoney> {
        ExpectedMoney::new(amount, self.currency)
    }
}
