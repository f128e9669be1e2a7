//! All tellers in one market: who is reached is shared, so impacts do not simply add up.

use std::num::NonZeroU64;

use crate::error::{Error, Result};
use crate::measure::{Currency, ExpectedMoney};

use super::coefficients::{Coefficients, Growth, rounded};
use super::impact::DetractorImpact;
use super::product::Product;
use super::talk::generations_sum;
use super::{Audience, Generations, Precision, Reach, Sway, Talk, Teller};

/// A number of customers who talk alike.
#[derive(Clone, Debug, PartialEq)]
pub struct TellerGroup {
    customers: u64,
    connectedness: f64,
    reach: Reach,
    sway: Sway,
}

impl TellerGroup {
    /// `customers` of mean connectedness `connectedness` (1 is ordinary), with this reach and effect.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless connectedness is finite and at least 0.
    pub fn new(customers: u64, connectedness: f64, reach: Reach, sway: Sway) -> Result<Self> {
        Error::unless(
            (0.0..=f64::MAX).contains(&connectedness),
            "connectedness",
            connectedness,
            "be finite and at least 0",
        )?;
        Ok(Self {
            customers,
            connectedness,
            reach,
            sway,
        })
    }

    /// Ordinarily connected customers of one class, as `talk` describes it.
    #[must_use]
    pub fn of(talk: &Talk, teller: Teller, customers: u64) -> Self {
        Self {
            customers,
            connectedness: 1.0,
            reach: talk.reach(teller).clone(),
            sway: talk.sway(teller),
        }
    }

    /// Number of customers.
    #[must_use]
    pub fn customers(&self) -> u64 {
        self.customers
    }

    /// Their connectedness.
    #[must_use]
    pub fn connectedness(&self) -> f64 {
        self.connectedness
    }

    /// How many persons an ordinarily connected one of them tells.
    #[must_use]
    pub fn reach(&self) -> &Reach {
        &self.reach
    }

    /// What hearing them does to a hearer.
    #[must_use]
    pub fn sway(&self) -> Sway {
        self.sway
    }

    fn first_contacts(&self) -> f64 {
        self.customers as f64 * self.connectedness * self.reach.mean()
    }
}

/// How far the word of all tellers together gets in one market, and what that costs.
///
/// With A first contacts in a market of M persons and R further tellers per person reached, the share z reached within
/// one more generation is 1 − exp(−(A/M + R z)) (mean field); without end z is its fixed point, which is finite for
/// R ≥ 1 too. What is lost is shared out by first contacts, so parts add up to the total.
///
/// ```
/// use std::num::NonZeroU64;
/// use tillit::measure::{Currency, ExpectedMoney, Probability};
/// use tillit::word_of_mouth::{
///     Generations, Portfolio, Reach, RetellerReach, Sway, Talk, Teller, TellerGroup,
/// };
///
/// let talk = Talk::new(
///     ExpectedMoney::new(1200.0, Currency::new("EUR")?)?,
///     Sway::losing(Probability::new(0.05)?),
///     Sway::NONE,
///     Sway::NONE,
/// )?
/// .with_retelling(Probability::new(0.125)?, Probability::ONE, Generations::ENDLESS)
/// .with_reteller_reach(RetellerReach::Stated(Reach::DISSATISFIED))
/// .with_market(NonZeroU64::new(1_000_000).unwrap());
/// let one_teller = Portfolio::of_groups(&talk, &[TellerGroup::of(&talk, Teller::Detractor, 1)])?;
/// // Each person reached tells 1.5 others, so one teller can reach more than half of a million:
/// assert!((one_teller.reached() - 582_825.02).abs() < 0.01);
/// # Ok::<(), tillit::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Portfolio {
    currency: Currency,
    first_contacts: f64,
    reproduction: f64,
    reached: f64,
    reached_share: Option<f64>,
    word_of_mouth_by_group: Vec<f64>,
}

impl Portfolio {
    /// The groups together in `talk`'s market, or in an unlimited one.
    ///
    /// # Errors
    /// [`Error::MarketTooSmall`] if the groups have more customers than the market has persons; [`Error::NeedsMarket`]
    /// if talk without end grows and no market is stated; [`Error::CannotTell`] if hearers retell but their reach is
    /// that of whoever told them, which a shared market does not define; [`Error::Overflow`].
    pub fn of_groups(talk: &Talk, groups: &[TellerGroup]) -> Result<Self> {
        let customers = groups.iter().map(TellerGroup::customers);
        room_for(talk, customers.fold(0, u64::saturating_add))?;
        let contacts: Vec<f64> = groups.iter().map(TellerGroup::first_contacts).collect();
        let costs = groups.iter().map(|group| {
            group.sway.cost_per_hearer(
                talk.hearer_value().amount(),
                talk.acquisition_cost().amount(),
            )
        });
        Self::solve(talk, &contacts, costs)
    }

    /// A checked audience together in `talk`'s market; the groups are the four classes in the order of their codes.
    ///
    /// # Errors
    /// As [`Portfolio::of_groups`], and [`Error::MixedCurrencies`].
    pub fn of_audience<T: Precision>(talk: &Talk, audience: &Audience<'_, T>) -> Result<Self> {
        audience.same_currency(talk)?;
        room_for(talk, audience.len() as u64)?;
        let connectedness = audience.connectedness_by_class();
        let contacts: Vec<f64> = Teller::ALL
            .iter()
            .zip(connectedness)
            .map(|(&teller, sum)| talk.reach(teller).mean() * sum)
            .collect();
        let costs = Teller::ALL.map(|teller| talk.cost_per_hearer(teller));
        Self::solve(talk, &contacts, costs.into_iter())
    }

    /// Each customer's share into `out`: own loss plus his part of the word of mouth; returns the total.
    ///
    /// # Errors
    /// As [`Audience::impact_into`], and [`Error::MarketTooSmall`].
    pub fn impact_into<T: Precision>(
        &self,
        talk: &Talk,
        audience: &Audience<'_, T>,
        out: &mut [T],
    ) -> Result<ExpectedMoney> {
        audience.same_currency(talk)?;
        room_for(talk, audience.len() as u64)?;
        audience.fill_with(&self.shared_out(talk)?, out)
    }

    /// Totals by class: own loss, and each class's part of the word of mouth.
    ///
    /// # Errors
    /// As [`Audience::impact`], and [`Error::MarketTooSmall`].
    pub fn impact<T: Precision>(
        &self,
        talk: &Talk,
        audience: &Audience<'_, T>,
    ) -> Result<DetractorImpact> {
        audience.same_currency(talk)?;
        room_for(talk, audience.len() as u64)?;
        audience.impact_with(talk, &self.shared_out(talk)?)
    }

    /// Contacts that the tellers make themselves, A.
    #[must_use]
    pub fn first_contacts(&self) -> f64 {
        self.first_contacts
    }

    /// Further tellers per person reached, decay included, R.
    #[must_use]
    pub fn reproduction(&self) -> f64 {
        self.reproduction
    }

    /// Persons reached (effective contacts where the market is unlimited).
    #[must_use]
    pub fn reached(&self) -> f64 {
        self.reached
    }

    /// Share of the market reached, 0 to 1; `None` where the market is unlimited.
    #[must_use]
    pub fn reached_share(&self) -> Option<f64> {
        self.reached_share
    }

    /// Word of mouth of each group in major units, gains negative.
    #[must_use]
    pub fn word_of_mouth_by_group(&self) -> &[f64] {
        &self.word_of_mouth_by_group
    }

    /// Word of mouth of all groups; a net gain is negative.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] if the sum is not finite.
    pub fn word_of_mouth(&self) -> Result<ExpectedMoney> {
        // The empty sum is −0, which would print as such.
        let sum = 0.0 + self.word_of_mouth_by_group.iter().sum::<f64>();
        ExpectedMoney::new(sum, self.currency)
    }

    fn solve(talk: &Talk, contacts: &[f64], costs: impl Iterator<Item = f64>) -> Result<Self> {
        let first_contacts = 0.0 + contacts.iter().sum::<f64>();
        let retold = talk.passed_on().nearest > 0.0 && talk.generations() != Generations::DIRECT;
        let reproduction = match (talk.reteller_mean(), retold) {
            (Some(mean), _) => talk.passed_on().times(mean.into()),
            (None, false) => Product::ZERO,
            (None, true) => {
                return Err(Error::CannotTell {
                    question: "how far word spreads in a shared market".into(),
                    reason: "a reteller's reach is said to be that of whoever told him, but in a shared market \
                             several did: state the reteller's reach"
                        .into(),
                });
            }
        };
        let (reached, reached_share) = match talk.market() {
            _ if first_contacts == 0.0 => (0.0, talk.market().map(|_| 0.0)),
            None => (
                first_contacts * generations_sum(reproduction, talk.generations(), None)?,
                None,
            ),
            Some(market) => {
                let market = market.get() as f64;
                let share =
                    reached_share(first_contacts / market, reproduction, talk.generations());
                (market * share, Some(share))
            }
        };
        let word_of_mouth_by_group: Vec<f64> = contacts
            .iter()
            .zip(costs)
            .map(|(contacts, cost)| {
                if *contacts == 0.0 {
                    0.0
                } else {
                    cost * reached * (contacts / first_contacts)
                }
            })
            .collect();
        if !word_of_mouth_by_group.iter().sum::<f64>().is_finite() {
            return Err(Error::Overflow {
                what: "the word of mouth of all tellers".into(),
            });
        }
        Ok(Self {
            currency: talk.currency(),
            first_contacts,
            reproduction: reproduction.nearest,
            reached,
            reached_share,
            word_of_mouth_by_group,
        })
    }

    /// Every first contact reaches the same number of persons.
    fn shared_out<T: Precision>(&self, talk: &Talk) -> Result<Coefficients<T>> {
        let per_contact = if self.first_contacts == 0.0 {
            0.0
        } else {
            self.reached / self.first_contacts
        };
        rounded(&Coefficients {
            reach: Teller::ALL.map(|teller| talk.reach(teller).mean()),
            own_loss: Teller::ALL.map(|teller| talk.own_loss(teller).value()),
            cost: Teller::ALL.map(|teller| talk.cost_per_hearer(teller)),
            growth: Growth::Factor(per_contact),
            miss_log: None,
        })
    }
}

/// A market holds at least the customers who talk in it.
fn room_for(talk: &Talk, customers: u64) -> Result<()> {
    match talk.market().map(NonZeroU64::get) {
        Some(market) if market < customers => Err(Error::MarketTooSmall { market, customers }),
        _ => Ok(()),
    }
}

/// Share z reached: so many steps of z ← 1 − exp(−(a + R z)) from 0, or its fixed point.
///
/// f(z) = z (1 − R) − a + g(a + R z) with g(t) = t + exp(−t) − 1 is that equation without its cancellation. f is convex
/// and positive at 1, so Newton's steps from 1 fall to the one root and never beyond.
fn reached_share(first_contacts: f64, reproduction: Product, generations: Generations) -> f64 {
    let (short_of_one, reproduction) = (reproduction.short_of_one(), reproduction.nearest);
    if let Some(count) = generations.count() {
        return (0..count).fold(0.0, |share, _| {
            -(-(first_contacts + reproduction * share)).exp_m1()
        });
    }
    if reproduction == 0.0 {
        return -(-first_contacts).exp_m1();
    }
    let mut share = if short_of_one > 0.0 {
        (first_contacts / short_of_one).min(1.0)
    } else {
        1.0
    };
    // At a root as small as sqrt(2 a) each step halves the distance: about 540 for the smallest a there is.
    for _ in 0..2000 {
        let heard = first_contacts + reproduction * share;
        let value = share * short_of_one - first_contacts + beyond_linear(heard);
        let slope = short_of_one - reproduction * (-heard).exp_m1();
        let next = share - value / slope;
        if !(next > 0.0 && next < share) {
            break;
        }
        share = next;
    }
    share
}

/// t + exp(−t) − 1, without cancellation for small t.
fn beyond_linear(t: f64) -> f64 {
    if t > 0.5 {
        return t + (-t).exp_m1();
    }
    let (mut sum, mut term) = (0.0, t * t / 2.0);
    for k in 3..20 {
        sum += term;
        term *= -t / f64::from(k);
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::{Generations, Product, reached_share};

    #[test]
    fn the_fixed_point_is_that_of_the_written_equation() {
        for reproduction in [0.0, 1e-9, 0.3, 0.999_999, 1.0, 1.000_001, 1.5, 6.0, 500.0] {
            for first_contacts in [1e-12, 1e-6, 0.01, 0.5, 3.0, 40.0] {
                let z = reached_share(first_contacts, reproduction.into(), Generations::ENDLESS);
                let written = -(-(first_contacts + reproduction * z)).exp_m1();
                assert!(
                    (z - written).abs() <= 4e-16 * z.max(written) / 1e-2,
                    "{reproduction} {first_contacts}: {z} against {written}"
                );
            }
        }
        // R = 1 and a tiny: z = sqrt(2 a) - 2 a/3 + ..., where z - (1 - exp(-(a + z))) alone has lost all digits.
        let z = reached_share(1e-14, 1.0.into(), Generations::ENDLESS);
        assert!(
            (z / (2e-14_f64.sqrt() - 2e-14 / 3.0) - 1.0).abs() < 1e-12,
            "{z}"
        );
    }

    #[test]
    fn next_to_one_the_fixed_point_follows_the_exact_product() {
        // (1 − 2e)(1 + e) is 1 − e − 2e², which is no floating-point number. Where z is small, z s + z²/2 = a.
        let e = 2.0_f64.powi(-30);
        let reproduction = Product::of(1.0 - 2.0 * e, 1.0 + e);
        let (a, s) = (1e-22, e + 2.0 * e * e);
        let expected = 2.0 * a / (s + (s * s + 2.0 * a).sqrt());
        let z = reached_share(a, reproduction, Generations::ENDLESS);
        assert!(
            (z / expected - 1.0).abs() < 1e-12,
            "{z:e}, not {expected:e}"
        );
    }

    #[test]
    fn many_generations_come_to_the_fixed_point() {
        let endless = reached_share(0.002, 0.6.into(), Generations::ENDLESS);
        let many = reached_share(0.002, 0.6.into(), Generations::finite(200).unwrap());
        assert!((many / endless - 1.0).abs() < 1e-14);
        assert!(reached_share(0.002, 0.6.into(), Generations::finite(3).unwrap()) < endless);
    }
}
