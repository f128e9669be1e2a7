//! The law of what many tellers cost together, independent of each other.

use std::collections::BTreeMap;

#[cfg(feature = "serde")]
use crate::error::Error;
use crate::error::Result;
use crate::measure::Currency;
use crate::numeric::Cumulants;

use super::super::{Audience, Precision, Talk, Teller, TellerGroup};
use super::branching::{Branching, Counting, Steps, shares};
use super::count_law::CountLaw;
use super::generating_function::{Tellers, count_law};
use super::loss_law::LossLaw;
use super::lost_law::LostLaw;
use super::shape::Shape;

/// How many hearers a whole body of customers loses, and what that costs, as a law.
///
/// Customers are independent of each other: no shared market, no shared news. In a market both break: hearers overlap, so
/// the true mean is that of [`super::super::Portfolio`] and lower, and one customer's talk takes hearers from
/// another's, so the variance is lower too; news that makes many talk at once raises it instead. Read the law as that of
/// talk far from saturation.
///
/// The law is exact (the product of the tellers' generating functions), also where the value of a hearer and the acquisition cost
/// saved are different amounts: money is counted in the largest unit of which both are whole multiples. It is approximate where there is
/// no such unit above a millionth of either amount, or where the range in units or the number of different tellers is so large
/// that it would take many seconds, and says so by [`LostLaw::method`] and [`LostLaw::error_bound`]. So is
/// [`PortfolioLaw::total`] where it is uncertain who leaves.
///
/// ```
/// use tillit::measure::{Currency, ExpectedMoney, Probability};
/// use tillit::word_of_mouth::{PortfolioLaw, Sway, Talk, Teller, TellerGroup};
///
/// let hearer = ExpectedMoney::new(1200.0, Currency::new("EUR")?)?;
/// let talk = Talk::new(hearer, Sway::losing(Probability::new(0.05)?), Sway::NONE, Sway::NONE)?;
/// let many = PortfolioLaw::of_groups(&talk, &[TellerGroup::of(&talk, Teller::Detractor, 1_000)])?;
/// assert!((many.lost().mean() - 600.0).abs() < 1e-9);
/// assert_eq!(many.lost().quantile(Probability::new(0.95)?)?, 640);
/// # Ok::<(), tillit::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "Parts", into = "Parts")
)]
pub struct PortfolioLaw {
    lost: LostLaw,
    word_of_mouth: LossLaw,
    total: LossLaw,
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
struct Parts {
    lost: LostLaw,
    word_of_mouth: LossLaw,
    total: LossLaw,
}

#[cfg(feature = "serde")]
impl TryFrom<Parts> for PortfolioLaw {
    type Error = Error;

    fn try_from(parts: Parts) -> Result<Self> {
        let (left, right) = (parts.word_of_mouth.currency(), parts.total.currency());
        if left != right {
            return Err(Error::MixedCurrencies {
                left: left.to_string(),
                right: right.to_string(),
            });
        }
        Ok(Self {
            lost: parts.lost,
            word_of_mouth: parts.word_of_mouth,
            total: parts.total,
        })
    }
}

#[cfg(feature = "serde")]
impl From<PortfolioLaw> for Parts {
    fn from(law: PortfolioLaw) -> Self {
        Self {
            lost: law.lost,
            word_of_mouth: law.word_of_mouth,
            total: law.total,
        }
    }
}

impl PortfolioLaw {
    /// The groups together; each of a group's customers is taken to have the group's connectedness. Their own leaving is
    /// not counted, as groups do not say what they are worth.
    ///
    /// # Errors
    /// As [`LostLaw::of`]; [`crate::Error::Overflow`] if the third power of what is lost is no number.
    pub fn of_groups(talk: &Talk, groups: &[TellerGroup]) -> Result<Self> {
        Self::of_crowd(&Crowd::of_groups(talk, groups)?)
    }

    /// A checked audience; customers of one class and connectedness are taken together. Their own leaving is counted in
    /// [`PortfolioLaw::total`].
    ///
    /// # Errors
    /// As [`PortfolioLaw::of_groups`], and [`crate::Error::MixedCurrencies`].
    pub fn of_audience<T: Precision>(talk: &Talk, audience: &Audience<'_, T>) -> Result<Self> {
        audience.same_currency(talk)?;
        Self::of_crowd(&Crowd::of_audience(talk, audience)?)
    }

    /// How many hearers are lost.
    #[must_use]
    pub fn lost(&self) -> &LostLaw {
        &self.lost
    }

    /// What talk costs.
    #[must_use]
    pub fn word_of_mouth(&self) -> &LossLaw {
        &self.word_of_mouth
    }

    /// What talk and the tellers' own leaving cost together.
    ///
    /// Exact where everybody leaves or stays for certain: then it is the law of the talk, moved. As soon as it is uncertain who
    /// leaves it is approximate ([`super::LawMethod::CornishFisher`]), for lifetime values have no common unit: mean, variance
    /// and skewness stay exact, probabilities err by at most [`LossLaw::error_bound`], and the true value at risk
    /// lies within [`LossLaw::value_at_risk_bounds`]. The error falls with the root of the number of tellers, and is large
    /// while a few of them hold most of the value.
    ///
    /// ```
    /// use tillit::measure::{Currency, ExpectedMoney, Probability};
    /// use tillit::word_of_mouth::{Audience, PortfolioLaw, Sway, Talk, Teller};
    ///
    /// let euro = Currency::new("EUR")?;
    /// let lost = Sway::losing(Probability::new(0.05)?);
    /// let talk = Talk::new(ExpectedMoney::new(1200.0, euro)?, lost, Sway::NONE, Sway::NONE)?
    ///     .with_own_loss(Teller::Detractor, Probability::new(0.4)?);
    /// let (codes, values) = (vec![Teller::Detractor.code(); 5_000], vec![900.0; 5_000]);
    /// let audience = Audience::new(euro, &codes, &values, &[1.0; 5_000])?;
    /// let law = PortfolioLaw::of_audience(&talk, &audience)?;
    /// let level = Probability::new(0.95)?;
    /// let at_risk = law.total().value_at_risk(level)?.amount();
    /// let [low, high] = law.total().value_at_risk_bounds(level)?.map(|money| money.amount());
    /// assert!(low <= at_risk && at_risk <= high && (high - low) / at_risk < 0.03);
    /// # Ok::<(), tillit::Error>(())
    /// ```
    #[must_use]
    pub fn total(&self) -> &LossLaw {
        &self.total
    }

    fn of_crowd(crowd: &Crowd<'_>) -> Result<Self> {
        #[cfg(feature = "parallel")]
        let (lost, word_of_mouth) = rayon::join(|| crowd.lost(), || crowd.word_of_mouth());
        #[cfg(not(feature = "parallel"))]
        let (lost, word_of_mouth) = (crowd.lost(), crowd.word_of_mouth());
        let word_of_mouth = word_of_mouth?;
        Ok(Self {
            lost: lost?,
            total: crowd.total(&word_of_mouth).checked()?,
            word_of_mouth,
        })
    }
}

/// Tellers taken together, and what they lose themselves.
pub(super) struct Crowd<'a> {
    tellers: Vec<Tellers<'a>>,
    currency: Currency,
    hearer_value: f64,
    acquisition_cost: f64,
    /// Cumulants of the tellers' own loss, and the sum of its third absolute central moments.
    own: (Cumulants, f64),
}

impl<'a> Crowd<'a> {
    pub(super) fn of_groups(talk: &'a Talk, groups: &'a [TellerGroup]) -> Result<Self> {
        let tellers = groups
            .iter()
            .filter(|group| group.customers() > 0)
            .map(|group| {
                let teller =
                    Branching::new(talk, group.reach(), group.connectedness(), group.sway())?;
                Ok((teller, group.customers()))
            })
            .collect::<Result<_>>()?;
        Ok(Self::new(talk, tellers, (Cumulants::default(), 0.0)))
    }

    fn of_audience<T: Precision>(talk: &'a Talk, audience: &Audience<'_, T>) -> Result<Self> {
        let mut alike = BTreeMap::new();
        let (mut own, mut thirds) = (Cumulants::default(), 0.0);
        let rows = audience.tellers().iter().zip(audience.connectedness());
        for ((&code, &connectedness), &value) in rows.zip(audience.lifetime_values()) {
            let teller = Teller::from_code(code)?;
            let connectedness: f64 = connectedness.into();
            // Numbers of at least 0 are in the order of their bits.
            *alike.entry((code, connectedness.to_bits())).or_insert(0) += 1;
            let leaves = talk.own_loss(teller).value();
            if leaves > 0.0 {
                let loss = Cumulants::of_outcomes(&[(value.into(), leaves)]);
                own = own.plus(loss);
                thirds += third_absolute_of_two(value.into(), leaves);
            }
        }
        let tellers = alike
            .into_iter()
            .map(|((code, bits), count)| {
                let teller = Teller::from_code(code)?;
                let (reach, sway) = (talk.reach(teller), talk.sway(teller));
                let branching = Branching::new(talk, reach, f64::from_bits(bits), sway)?;
                Ok((branching, count))
            })
            .collect::<Result<_>>()?;
        Ok(Self::new(talk, tellers, (own, thirds)))
    }

    fn new(talk: &Talk, tellers: Vec<Tellers<'a>>, own: (Cumulants, f64)) -> Self {
        Self {
            tellers,
            currency: talk.currency(),
            hearer_value: talk.hearer_value().amount(),
            acquisition_cost: talk.acquisition_cost().amount(),
            own,
        }
    }

    pub(super) fn lost(&self) -> Result<LostLaw> {
        let lost = |teller: &Branching<'_>| [teller.sway().lost().value(), 0.0, 0.0];
        let (cumulants, thirds) =
            self.sum(|teller| teller.cumulants(&[(1.0, teller.sway().lost().value())]));
        let shape = match self.counts(lost, [1, 0, 0])? {
            Some(counts) => Shape::exact(cumulants, counts, 1.0, 0.0),
            None => Shape::smooth(cumulants, thirds),
        };
        let hearers = self
            .tellers
            .iter()
            .map(|(teller, count)| Some(teller.hearers()?.times(*count as f64)))
            .try_fold(Cumulants::default(), |sum, one| Some(sum.plus(one?)));
        let nobody: f64 = self
            .tellers
            .iter()
            .map(|(teller, count)| {
                let at_least_one = teller.at_least_one(teller.sway().lost().value());
                *count as f64 * (-at_least_one).ln_1p()
            })
            .sum();
        Ok(LostLaw::new(shape, hearers, -nobody.exp_m1()))
    }

    pub(super) fn word_of_mouth(&self) -> Result<LossLaw> {
        let amounts = [
            self.hearer_value,
            -self.hearer_value,
            -self.acquisition_cost,
        ];
        let money = |teller: &Branching<'_>| {
            let mut outcomes = [(0.0, 0.0); 3];
            for (outcome, one) in outcomes
                .iter_mut()
                .zip(amounts.into_iter().zip(shares(teller.sway())))
            {
                *outcome = one;
            }
            outcomes
        };
        let (cumulants, _) = self.sum(|teller| teller.cumulants(&money(teller)));
        let occurs = |i: usize| {
            let mut tellers = self.tellers.iter();
            tellers.any(|(teller, _)| shares(teller.sway())[i] > 0.0)
        };
        let occurring = [0, 1, 2].map(|i| if occurs(i) { amounts[i] } else { 0.0 });
        let shape = match unit(occurring) {
            Some((unit, steps)) => self
                .counts(
                    |teller| {
                        let mut counting = shares(teller.sway());
                        for (chance, step) in counting.iter_mut().zip(steps) {
                            if step == 0 {
                                *chance = 0.0;
                            }
                        }
                        counting
                    },
                    steps,
                )?
                .map(|counts| Shape::exact(cumulants, counts, unit, 0.0)),
            None => None,
        };
        // Losses and gains of one teller have a sign each; |x − y|³ ≤ 4 (|x|³ + |y|³) puts their bounds together.
        let thirds = self
            .tellers
            .iter()
            .map(|(teller, count)| {
                let side = |sign: f64| {
                    third_absolute(teller.cumulants(&money(teller).map(|(amount, chance)| {
                        let counted = sign * amount > 0.0;
                        (amount, if counted { chance } else { 0.0 })
                    })))
                };
                let (losses, gains) = (side(1.0), side(-1.0));
                let both = losses > 0.0 && gains > 0.0;
                *count as f64 * (losses + gains) * if both { 4.0 } else { 1.0 }
            })
            .fold(0.0, |sum: f64, one: f64| sum + one);
        let shape = shape.unwrap_or_else(|| Shape::smooth(cumulants, thirds));
        let (swayed, _) = self.sum(|teller| {
            let [lost, won, _] = shares(teller.sway());
            teller.cumulants(&[(1.0, lost + won)])
        });
        let counts = self.tellers.iter().map(|(_, count)| *count);
        let tellers = counts.fold(0, u64::saturating_add);
        LossLaw::new(shape, self.currency, thirds, swayed.mean, tellers).checked()
    }

    /// With the tellers' own loss on top of their word of mouth.
    fn total(&self, word_of_mouth: &LossLaw) -> LossLaw {
        word_of_mouth.and(self.own.0, self.own.1)
    }

    /// The law of a count; `None` if it would take too long.
    fn counts(
        &self,
        counting: impl Fn(&Branching<'_>) -> Counting,
        steps: Steps,
    ) -> Result<Option<CountLaw>> {
        let parts: Vec<(Tellers<'_>, Counting)> = self
            .tellers
            .iter()
            .map(|(teller, count)| ((teller.clone(), *count), counting(teller)))
            .filter(|((teller, _), counting)| {
                counting.iter().any(|&chance| chance > 0.0) && teller.most_hearers() != Some(0.0)
            })
            .collect();
        if parts.is_empty() {
            return Ok(Some(CountLaw::new(0, vec![1.0], 0.0, 0.0)));
        }
        count_law(&parts, steps)
    }

    /// Cumulants over all tellers, and the sum of third absolute central moments where each teller's amount has one sign.
    fn sum(&self, of_one: impl Fn(&Branching<'_>) -> Cumulants) -> (Cumulants, f64) {
        self.tellers
            .iter()
            .fold((Cumulants::default(), 0.0), |(sum, thirds), (teller, n)| {
                let (one, count) = (of_one(teller), *n as f64);
                (
                    sum.plus(one.times(count)),
                    thirds + count * third_absolute(one),
                )
            })
    }
}

/// The largest unit of which all these amounts are whole multiples, up to their own rounding, and the multiples; `None` if some
/// multiple would exceed a million. At most two different sizes occur.
#[allow(
    clippy::cast_possible_truncation,
    reason = "whole numbers up to a million"
)]
fn unit(amounts: [f64; 3]) -> Option<(f64, Steps)> {
    const MOST: f64 = 1e6;
    let mut sizes: Vec<f64> = amounts.map(f64::abs).into_iter().collect();
    sizes.retain(|&size| size > 0.0);
    sizes.sort_by(|a, b| b.total_cmp(a));
    sizes.dedup();
    let (unit, multiples) = match *sizes.as_slice() {
        [] => (0.0, [0.0; 2]),
        [size] => (size, [1.0; 2]),
        [large, small, ..] => {
            // Convergents p / q of the continued fraction of large / small, until one is the ratio to the last digits.
            let ratio = large / small;
            let (mut p, mut q) = ([1.0, ratio.floor()], [0.0, 1.0]);
            let mut rest = ratio - p[1];
            while (ratio * q[1] - p[1]).abs() > 4.0 * f64::EPSILON * p[1] {
                if rest <= 0.0 {
                    return None;
                }
                let whole = (1.0 / rest).floor();
                rest = 1.0 / rest - whole;
                p = [p[1], whole * p[1] + p[0]];
                q = [q[1], whole * q[1] + q[0]];
                if p[1] > MOST {
                    return None;
                }
            }
            if p[1] > MOST {
                return None;
            }
            (large / p[1], [p[1], q[1]])
        }
    };
    let steps = amounts.map(|amount| {
        let multiple = if amount == 0.0 {
            0.0
        } else if amount.abs() >= sizes[0] {
            multiples[0]
        } else {
            multiples[1]
        };
        (multiple * amount.signum()) as i64
    });
    Some((unit, steps))
}

/// E|X − m|³ where X is `value` with probability `p` and else 0.
fn third_absolute_of_two(value: f64, p: f64) -> f64 {
    let rest = 1.0 - p;
    value.abs().powi(3) * p * rest * (p * p + rest * rest)
}

/// Bound of E|X − m|³ for X of one sign: for X ≥ 0 it is E(X − m)³ + 2 E((m − X)³; X < m) ≤ E(X − m)³ + 2 m Var(X).
fn third_absolute(one: Cumulants) -> f64 {
    one.third.abs() + 2.0 * one.mean.abs() * one.variance
}
