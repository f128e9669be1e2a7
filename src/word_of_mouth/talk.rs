//! The assumptions about talk, and the closed form as it is written.

use std::num::NonZeroU64;

use crate::error::{Error, Result};
use crate::measure::{Currency, ExpectedMoney, Probability};

use super::impact::CustomerImpact;
use super::product::Product;
use super::{Reach, Sway, Teller};

/// How often news is passed on: 1 means direct hearers only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "Option<u32>", into = "Option<u32>")
)]
pub struct Generations(Option<u32>);

impl Generations {
    /// Direct hearers only.
    pub const DIRECT: Self = Self(Some(1));
    /// Without end. Needs fewer than one further teller per teller, or a market and the [`super::Portfolio`].
    pub const ENDLESS: Self = Self(None);

    /// So many generations of hearers.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless `count` is 1 to 1000.
    pub fn finite(count: u32) -> Result<Self> {
        Error::unless(
            (1..=1000).contains(&count),
            "number of generations",
            f64::from(count),
            "lie within 1 to 1000",
        )?;
        Ok(Self(Some(count)))
    }

    /// Their number, `None` if endless.
    #[must_use]
    pub fn count(self) -> Option<u32> {
        self.0
    }
}

impl TryFrom<Option<u32>> for Generations {
    type Error = Error;

    fn try_from(count: Option<u32>) -> Result<Self> {
        count.map_or(Ok(Self::ENDLESS), Self::finite)
    }
}

impl From<Generations> for Option<u32> {
    fn from(generations: Generations) -> Self {
        generations.0
    }
}

/// How many persons a hearer tells who passes the news on.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum RetellerReach {
    /// As many as the customer who told him (birds of a feather).
    LikeTheTeller,
    /// As this law says, whoever told him.
    Stated(Reach),
}

/// Everything that is assumed about talk and its effect.
///
/// | assumption | default | range | source |
/// | --- | --- | --- | --- |
/// | value of a hearer | none: must be said | any | |
/// | probability that a hearer is lost or won | none: must be said | [`Sway`] | [`Sway::from_shift`] derives it |
/// | reach of a detractor | 9–15 persons | [`Reach`] | convention, see [`Reach::DISSATISFIED`] |
/// | reach of the recovered and of promoters | 4–6 persons | [`Reach`] | convention, see [`Reach::RECOVERED`] |
/// | reach of passives | nobody | [`Reach`] | convention |
/// | probability that a hearer retells | 0 | 0–1 | convention: direct hearers are what the reach was measured on |
/// | decay of the effect per generation | 1 (none) | 0–1 | convention |
/// | generations | 1 | 1–1000 or endless | convention |
/// | reach of a reteller | like the teller | [`RetellerReach`] | convention |
/// | probability that the customer himself leaves | 0: talk alone is counted | 0–1 | convention |
/// | acquisition cost saved for who comes anyway | 0 | at least 0 | convention; Kumar et al. 2007 |
/// | market | unlimited | at least 1 person | convention |
///
/// ```
/// use tillit::measure::{Currency, ExpectedMoney, Probability};
/// use tillit::word_of_mouth::{Sway, Talk, Teller};
///
/// let hearer = ExpectedMoney::new(1200.0, Currency::new("EUR")?)?;
/// let talk = Talk::new(hearer, Sway::losing(Probability::new(0.05)?), Sway::NONE, Sway::NONE)?;
/// // Twelve hearers on average, of whom one in twenty is lost:
/// let one = talk.impact_of(Teller::Detractor, 2500.0, 1.0)?;
/// assert!((one.word_of_mouth() - 720.0).abs() < 1e-9);
/// # Ok::<(), tillit::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "Assumptions", into = "Assumptions")
)]
pub struct Talk {
    assumptions: Assumptions,
}

#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
struct Assumptions {
    hearer_value: ExpectedMoney,
    sway: [Sway; 4],
    reach: [Reach; 4],
    retelling: Probability,
    decay: Probability,
    generations: Generations,
    reteller_reach: RetellerReach,
    own_loss: [Probability; 4],
    acquisition_cost: ExpectedMoney,
    market: Option<NonZeroU64>,
}

impl TryFrom<Assumptions> for Talk {
    type Error = Error;

    fn try_from(assumptions: Assumptions) -> Result<Self> {
        let saved = assumptions.acquisition_cost;
        Error::unless(
            saved.amount() >= 0.0,
            "acquisition cost saved",
            saved.amount(),
            "be at least 0",
        )?;
        saved.plus(assumptions.hearer_value)?;
        Ok(Self { assumptions })
    }
}

impl From<Talk> for Assumptions {
    fn from(talk: Talk) -> Self {
        talk.assumptions
    }
}

impl Talk {
    /// The assumptions that must be said: what a hearer is worth, and what hearing does to him when a detractor, a
    /// recovered detractor or a promoter talks. Everything else starts at its default (see the table above).
    ///
    /// # Errors
    /// [`Error::OutOfRange`] if amounts are so large that their sum is not finite.
    pub fn new(
        hearer_value: ExpectedMoney,
        detractor: Sway,
        recovered: Sway,
        promoter: Sway,
    ) -> Result<Self> {
        Self::try_from(Assumptions {
            hearer_value,
            sway: [detractor, recovered, Sway::NONE, promoter],
            reach: [
                Reach::DISSATISFIED,
                Reach::RECOVERED,
                Reach::NOBODY,
                Reach::RECOVERED,
            ],
            retelling: Probability::ZERO,
            decay: Probability::ONE,
            generations: Generations::DIRECT,
            reteller_reach: RetellerReach::LikeTheTeller,
            own_loss: [Probability::ZERO; 4],
            acquisition_cost: ExpectedMoney::new(0.0, hearer_value.currency())?,
            market: None,
        })
    }

    /// Replaces what hearing this class does to a hearer.
    #[must_use]
    pub fn with_sway(mut self, teller: Teller, sway: Sway) -> Self {
        self.assumptions.sway[teller.index()] = sway;
        self
    }

    /// Replaces how many persons this class tells.
    #[must_use]
    pub fn with_reach(mut self, teller: Teller, reach: Reach) -> Self {
        self.assumptions.reach[teller.index()] = reach;
        self
    }

    /// Probability that a customer of this class leaves.
    #[must_use]
    pub fn with_own_loss(mut self, teller: Teller, probability: Probability) -> Self {
        self.assumptions.own_loss[teller.index()] = probability;
        self
    }

    /// Hearers pass the news on with probability `retelling`, for so many `generations`, the effect of each further
    /// generation being multiplied by `decay`.
    #[must_use]
    pub fn with_retelling(
        mut self,
        retelling: Probability,
        decay: Probability,
        generations: Generations,
    ) -> Self {
        self.assumptions.retelling = retelling;
        self.assumptions.decay = decay;
        self.assumptions.generations = generations;
        self
    }

    /// How many persons a reteller tells.
    #[must_use]
    pub fn with_reteller_reach(mut self, reach: RetellerReach) -> Self {
        self.assumptions.reteller_reach = reach;
        self
    }

    /// Cost of acquiring a customer, saved for each who comes by word of mouth and would have come anyway.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] if it is negative, [`Error::MixedCurrencies`] if it is not in the hearer's currency.
    pub fn with_acquisition_cost(mut self, saved: ExpectedMoney) -> Result<Self> {
        self.assumptions.acquisition_cost = saved;
        Self::try_from(self.assumptions)
    }

    /// Persons who can hear at all, customers included: contacts then fall on some of them more than once. The closed
    /// form of a customer or a column counts what each would reach alone; the [`super::Portfolio`] lets all talk in one
    /// market, and refuses one that has fewer persons than it has customers.
    #[must_use]
    pub fn with_market(mut self, persons: NonZeroU64) -> Self {
        self.assumptions.market = Some(persons);
        self
    }

    /// The same talk among more persons than can ever hear it.
    #[must_use]
    pub fn without_market(mut self) -> Self {
        self.assumptions.market = None;
        self
    }

    /// Currency of all amounts.
    #[must_use]
    pub fn currency(&self) -> Currency {
        self.assumptions.hearer_value.currency()
    }

    /// What a hearer is worth.
    #[must_use]
    pub fn hearer_value(&self) -> ExpectedMoney {
        self.assumptions.hearer_value
    }

    /// What hearing this class does to a hearer.
    #[must_use]
    pub fn sway(&self, teller: Teller) -> Sway {
        self.assumptions.sway[teller.index()]
    }

    /// How many persons this class tells.
    #[must_use]
    pub fn reach(&self, teller: Teller) -> &Reach {
        &self.assumptions.reach[teller.index()]
    }

    /// Probability that a customer of this class leaves.
    #[must_use]
    pub fn own_loss(&self, teller: Teller) -> Probability {
        self.assumptions.own_loss[teller.index()]
    }

    /// Probability that a hearer retells.
    #[must_use]
    pub fn retelling(&self) -> Probability {
        self.assumptions.retelling
    }

    /// Factor on the effect of each further generation.
    #[must_use]
    pub fn decay(&self) -> Probability {
        self.assumptions.decay
    }

    /// Generations of hearers.
    #[must_use]
    pub fn generations(&self) -> Generations {
        self.assumptions.generations
    }

    /// How many persons a reteller tells.
    #[must_use]
    pub fn reteller_reach(&self) -> &RetellerReach {
        &self.assumptions.reteller_reach
    }

    /// Cost of acquiring a customer.
    #[must_use]
    pub fn acquisition_cost(&self) -> ExpectedMoney {
        self.assumptions.acquisition_cost
    }

    /// Persons who can hear, `None` if unlimited.
    #[must_use]
    pub fn market(&self) -> Option<NonZeroU64> {
        self.assumptions.market
    }

    /// The closed form for one customer, step by step. The column functions of [`super::Audience`] give the same to
    /// 1e-12; this is the formula as it is written, one customer at a time:
    ///
    /// direct hearers a = reach × connectedness; growth x = retelling × decay × reach of a reteller (or a);
    /// contacts h = a (1 + x + … + x^(G−1)), or a / (1 − x) without end; distinct hearers D = h, or with a market of
    /// M persons M (1 − (1 − 1/M)^h); impact = P(leaves) × lifetime value + cost per hearer × D.
    ///
    /// `lifetime_value` in major units of [`Talk::currency`]; `connectedness` 1 for an ordinary customer.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless both numbers are finite, connectedness is at least 0 and the impact is finite;
    /// [`Error::NeedsMarket`] if retelling without end does not die out.
    pub fn impact_of(
        &self,
        teller: Teller,
        lifetime_value: f64,
        connectedness: f64,
    ) -> Result<CustomerImpact> {
        Error::unless(
            lifetime_value.is_finite(),
            "lifetime value",
            lifetime_value,
            "be finite",
        )?;
        Error::unless(
            (0.0..=f64::MAX).contains(&connectedness),
            "connectedness",
            connectedness,
            "be finite and at least 0",
        )?;
        let it = &self.assumptions;
        let direct = Product::of(it.reach[teller.index()].mean(), connectedness);
        let growth = match self.passed_on() {
            // Nobody passes it on, however many heard.
            Product { nearest: 0.0, .. } => Product::ZERO,
            passed_on => passed_on.times(self.reteller_mean().map_or(direct, Product::from)),
        };
        let contacts = direct.nearest * generations_sum(growth, it.generations, None)?;
        let distinct_hearers = match it.market {
            None => contacts,
            Some(_) if contacts == 0.0 => 0.0,
            Some(market) => {
                let market = market.get() as f64;
                -market * (contacts * miss_log(market)).exp_m1()
            }
        };
        let own_loss = it.own_loss[teller.index()].value() * lifetime_value;
        let word_of_mouth = self.cost_per_hearer(teller) * distinct_hearers;
        let impact = own_loss + word_of_mouth;
        Error::unless(impact.is_finite(), "impact", impact, "be finite")?;
        Ok(CustomerImpact {
            direct_hearers: direct.nearest,
            growth: growth.nearest,
            contacts,
            distinct_hearers,
            own_loss,
            word_of_mouth,
        })
    }

    /// Expected cost of one hearer of this class, gains negative.
    pub(super) fn cost_per_hearer(&self, teller: Teller) -> f64 {
        self.assumptions.sway[teller.index()].cost_per_hearer(
            self.assumptions.hearer_value.amount(),
            self.assumptions.acquisition_cost.amount(),
        )
    }

    /// Probability that a hearer retells, times the decay.
    pub(super) fn passed_on(&self) -> Product {
        let it = &self.assumptions;
        Product::of(it.retelling.value(), it.decay.value())
    }

    /// Mean reach of a reteller, `None` if it is the teller's own.
    pub(super) fn reteller_mean(&self) -> Option<f64> {
        match &self.assumptions.reteller_reach {
            RetellerReach::LikeTheTeller => None,
            RetellerReach::Stated(reach) => Some(reach.mean()),
        }
    }
}

/// ln(1 − 1/M), kept finite for a market of one person.
pub(super) fn miss_log(market: f64) -> f64 {
    (-1.0 / market).ln_1p().max(-f64::MAX)
}

/// 1 + x + … + x^(G−1) by Horner's rule, or 1 / (1 − x) without end. At most the largest finite number, so that nobody
/// told times an overflowing sum stays nobody.
pub(super) fn generations_sum(
    growth: Product,
    generations: Generations,
    row: Option<usize>,
) -> Result<f64> {
    match generations.count() {
        Some(count) => {
            let sum = (1..count).fold(1.0, |sum, _| 1.0 + growth.nearest * sum);
            Ok(sum.min(f64::MAX))
        }
        None if growth.nearest < 1.0 && growth.short_of_one() > 0.0 => {
            Ok(1.0 / growth.short_of_one())
        }
        None => Err(Error::NeedsMarket {
            growth: growth.nearest,
            row,
        }),
    }
}
