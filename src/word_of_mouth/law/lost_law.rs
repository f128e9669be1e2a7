//! The law of the number of hearers lost.

#[cfg(feature = "serde")]
use crate::error::Error;
use crate::error::Result;
use crate::measure::Probability;
use crate::numeric::Cumulants;

use super::super::{Talk, Teller, TellerGroup};
use super::portfolio_law::Crowd;
use super::shape::{LawMethod, Shape};

/// How many hearers are lost: not on average only, but with what probability how many.
///
/// Each hearer is lost on his own, and tells others on his own; each is another person (no market). For one teller the
/// law is that of a branching process, exactly; for many it is the sum of independent ones.
///
/// ```
/// use tillit::measure::{Currency, ExpectedMoney, Probability};
/// use tillit::word_of_mouth::{LostLaw, Sway, Talk, Teller};
///
/// let one_in_twelve = Sway::losing(Probability::new(1.0 / 12.0)?);
/// let hearer = ExpectedMoney::new(1200.0, Currency::new("EUR")?)?;
/// let talk = Talk::new(hearer, one_in_twelve, Sway::NONE, Sway::NONE)?;
/// let lost = LostLaw::of(&talk, Teller::Detractor)?;
/// assert!((lost.mean() - 1.0).abs() < 1e-12);
/// assert!((lost.at_least_one().value() - 0.6426).abs() < 1e-4);
/// assert_eq!(lost.quantile(Probability::new(0.95)?)?, 3);
/// # Ok::<(), tillit::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "Parts", into = "Parts")
)]
pub struct LostLaw {
    shape: Shape,
    hearers: Option<Cumulants>,
    at_least_one: f64,
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
struct Parts {
    lost: Shape,
    /// Mean, variance and third central moment.
    hearers: Option<[f64; 3]>,
    at_least_one: Probability,
}

#[cfg(feature = "serde")]
impl TryFrom<Parts> for LostLaw {
    type Error = Error;

    fn try_from(parts: Parts) -> Result<Self> {
        let (unit, shift) = parts.lost.unit_and_shift();
        if let Some(counts) = parts.lost.counts() {
            Error::unless(
                counts.lowest() >= 0 && shift == 0.0,
                "fewest lost",
                shift + unit * counts.lowest() as f64,
                "be a count",
            )?;
            #[allow(clippy::float_cmp, reason = "a count is stored with exactly 1")]
            Error::unless(unit == 1.0, "unit of a count", unit, "be 1")?;
        }
        if let Some([mean, variance, third]) = parts.hearers {
            Error::unless(
                mean >= 0.0 && variance >= 0.0 && third.abs() < f64::INFINITY,
                "mean of hearers",
                mean,
                "be at least 0, with a variance of at least 0 and a finite third moment",
            )?;
        }
        let hearers = |[mean, variance, third]: [f64; 3]| Cumulants::new(mean, variance, third);
        Ok(Self::new(
            parts.lost,
            parts.hearers.map(hearers),
            parts.at_least_one.value(),
        ))
    }
}

#[cfg(feature = "serde")]
impl From<LostLaw> for Parts {
    fn from(law: LostLaw) -> Self {
        Self {
            at_least_one: law.at_least_one(),
            hearers: law.hearers.map(|all| [all.mean, all.variance, all.third]),
            lost: law.shape,
        }
    }
}

impl LostLaw {
    /// What one ordinarily connected `teller` loses.
    ///
    /// # Errors
    /// [`crate::Error::CannotTell`] if a reach is stated by its mean alone, if a market is stated, or if endless talk
    /// hardly dies out; [`crate::Error::NeedsMarket`] if it does not.
    pub fn of(talk: &Talk, teller: Teller) -> Result<Self> {
        Crowd::of_groups(talk, &[TellerGroup::of(talk, teller, 1)])?.lost()
    }

    pub(super) fn new(shape: Shape, hearers: Option<Cumulants>, at_least_one: f64) -> Self {
        Self {
            shape,
            hearers,
            at_least_one: at_least_one.clamp(0.0, 1.0),
        }
    }

    /// Mean number lost.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.shape.cumulants.mean
    }

    /// Its variance.
    #[must_use]
    pub fn variance(&self) -> f64 {
        self.shape.cumulants.variance
    }

    /// Its skewness: third central moment over the variance to the power 3/2, 0 where nothing varies.
    #[must_use]
    pub fn skewness(&self) -> f64 {
        self.shape.cumulants.skewness()
    }

    /// Mean number of hearers over all generations, lost or not, decay of the effect left aside; `None` if there is no
    /// end of them.
    #[must_use]
    pub fn mean_hearers(&self) -> Option<f64> {
        self.hearers.map(|hearers| hearers.mean)
    }

    /// Variance of the number of hearers; `None` if there is no end of them.
    #[must_use]
    pub fn variance_of_hearers(&self) -> Option<f64> {
        self.hearers.map(|hearers| hearers.variance)
    }

    /// Probability that nobody is lost.
    #[must_use]
    pub fn none_lost(&self) -> Probability {
        let none = self.shape.counts().map(|counts| counts.probability(0));
        Probability::new(none.unwrap_or(1.0 - self.at_least_one)).unwrap_or(Probability::ZERO)
    }

    /// Probability that at least one is lost, exact also where it is tiny and also for the approximate law.
    #[must_use]
    pub fn at_least_one(&self) -> Probability {
        Probability::new(self.at_least_one).unwrap_or(Probability::ONE)
    }

    /// Probability that so many or more are lost.
    #[must_use]
    pub fn at_least(&self, count: u64) -> Probability {
        match count {
            0 => Probability::ONE,
            1 => self.at_least_one(),
            _ => Probability::new(self.shape.at_least(count as f64)).unwrap_or(Probability::ONE),
        }
    }

    /// The smallest number that is not exceeded with probability `level`; a cumulative probability that falls short of
    /// the level by rounding alone (1e-13) counts as reaching it. At 0.95 the value at risk, in customers.
    ///
    /// # Errors
    /// [`crate::Error::OutOfRange`] unless the level lies strictly between 0 and 1.
    pub fn quantile(&self, level: Probability) -> Result<u64> {
        let quantile = self.shape.quantile(level)?;
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a number of persons; the smooth law's quantiles below 0 become 0"
        )]
        let lost = quantile.ceil() as u64;
        Ok(lost)
    }

    /// Mean number lost in the worst 1 − `level` share of cases.
    ///
    /// # Errors
    /// As [`LostLaw::quantile`].
    pub fn expected_shortfall(&self, level: Probability) -> Result<f64> {
        self.shape.expected_shortfall(level)
    }

    /// Probability that exactly so many are lost; `None` if the law is approximate.
    #[must_use]
    pub fn probability(&self, count: u64) -> Option<f64> {
        let counts = self.shape.counts()?;
        Some(i64::try_from(count).map_or(0.0, |count| counts.probability(count)))
    }

    /// The fewest lost that are worth mentioning, and the probabilities of that number, one more, two more, …: nearly
    /// all there is ([`LostLaw::error_bound`] says how nearly). `None` if the law is approximate.
    #[must_use]
    pub fn probabilities(&self) -> Option<(u64, &[f64])> {
        let counts = self.shape.counts()?;
        let fewest = u64::try_from(counts.lowest()).unwrap_or(0);
        Some((fewest, counts.probabilities()))
    }

    /// How it was computed.
    #[must_use]
    pub fn method(&self) -> LawMethod {
        self.shape.method()
    }

    /// For the exact law: by how much one probability may err, through what was cut off or folded in (at most 2e-17) and
    /// through rounding (a first-order bound). For the approximate law: by how much the probability of any number or more
    /// may err, which is what Berry and Esseen's theorem leaves open about the normal law (Shevtsova 2010) and at most its
    /// correction for skewness; 1 if nothing can be said.
    #[must_use]
    pub fn error_bound(&self) -> f64 {
        self.shape.error_bound()
    }
}

#[cfg(test)]
mod tests {
    use super::LostLaw;
    use crate::measure::{Currency, ExpectedMoney, Probability};
    use crate::word_of_mouth::{Generations, Reach, Sway, Talk, Teller};

    fn law(reach: Reach, retelling: f64, generations: Option<u32>, lost: f64) -> LostLaw {
        let p = |value: f64| Probability::new(value).unwrap();
        let value = ExpectedMoney::new(1.0, Currency::new("EUR").unwrap()).unwrap();
        let talk = Talk::new(value, Sway::losing(p(lost)), Sway::NONE, Sway::NONE)
            .unwrap()
            .with_reach(Teller::Detractor, reach)
            .with_retelling(
                p(retelling),
                Probability::ONE,
                Generations::try_from(generations).unwrap(),
            );
        LostLaw::of(&talk, Teller::Detractor).unwrap()
    }

    /// Each tells one other, who passes it on with probability ρ: hearers are geometric, and so are the lost among them.
    #[test]
    fn endless_talk_keeps_the_digits_of_small_probabilities() {
        let (retelling, lost) = (1.0 / 13.0, 0.05_f64);
        let law = law(Reach::exactly(1), retelling, None, lost);
        let rest = 1.0 - retelling * (1.0 - lost);
        let mut expected = (1.0 - retelling) * lost / (rest * rest);
        for count in 1..40 {
            let found = law.probability(count).unwrap();
            assert!(
                (found / expected - 1.0).abs() < 1e-13,
                "{count}: {found:e}, not {expected:e}"
            );
            expected *= retelling * lost / rest;
        }
    }

    /// The generating function at 0 is a number: nothing but additions and products of positive numbers.
    #[test]
    fn a_long_law_keeps_the_digits_of_the_probability_that_nobody_is_lost() {
        for (fewest, most, retelling, generations, lost) in [
            (9, 15, 0.05, 60, 1.0 / 3.0),
            (3, 40, 0.05, 3, 0.9),
            (100, 140, 1.0 / 7.0, 2, 1.0 / 3.0),
            (9, 15, 0.3, 4, 0.99),
        ] {
            let reach = Reach::uniform(fewest, most).unwrap();
            let told = |hearer: f64| {
                let powers = (fewest..=most).map(|n| hearer.powi(i32::try_from(n).unwrap()));
                powers.sum::<f64>() / f64::from(most - fewest + 1)
            };
            let mut hearer = 1.0 - lost;
            for _ in 1..generations {
                hearer = (1.0 - lost) * (1.0 - retelling + retelling * told(hearer));
            }
            let expected = told(hearer);
            let law = law(reach, retelling, Some(generations), lost);
            let found = law.none_lost().value();
            assert!(
                (found / expected - 1.0).abs() < 1e-12,
                "{fewest} to {most}: {found:e}, not {expected:e}"
            );
            assert!(law.probability(1).unwrap() > found);
            // The head fits the rest: together they still have the mean.
            let (first, all) = law.probabilities().unwrap();
            let mean: f64 = (first..).zip(all).map(|(n, p)| n as f64 * p).sum();
            let counts: f64 = (first..).zip(all).map(|(n, _)| n as f64).sum();
            let allowed = law.error_bound() * counts + 1e-12 * law.mean();
            assert!((mean - law.mean()).abs() <= allowed, "{mean}");
        }
    }
}
