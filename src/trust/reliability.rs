//! How likely the next promise is kept: by a party, in a segment.

use std::collections::BTreeMap;

use crate::error::{Error, Result};
use crate::journey::Segmentation;
use crate::measure::{Estimate, Interval, Merge, Probability, Timestamp, Zone};
use crate::promise::{Closing, HowClosed, PromiseLedger, PromiseRecord, PromiseState};

use super::account::worth;
use super::{Evidence, HalfLife, Opinion, Posterior, Prior, Weight};

/// Where the base rate comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum BaseRate {
    /// Stated by the caller: the share that comparable parties keep.
    Given(Probability),
    /// Estimated from the parties at hand, see [`base_rate_of`].
    #[default]
    Estimated,
}

/// How reliability is read. Every promise weighs its stake, kept or broken; no path terms.
///
/// | name | default | meaning | range | source |
/// |---|---|---|---|---|
/// | prior weight | 2 | how many promises the base rate is worth | above 0 | Jøsang & Ismail 2002 |
/// | base rate | estimated | share kept before anything is known of the party | 0 to 1 | empirical Bayes |
/// | half-life of good | 730 days | decay of kept promises | above 0 | convention for durable goods |
/// | half-life of bad | 1460 days | decay of broken promises | above 0 | direction Grégoire et al. 2009, size convention |
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct ReliabilityRules {
    prior_weight: Weight,
    base_rate: BaseRate,
    half_life_of_good: HalfLife,
    half_life_of_bad: HalfLife,
}

impl Default for ReliabilityRules {
    fn default() -> Self {
        Self {
            prior_weight: Weight::TWO,
            base_rate: BaseRate::Estimated,
            half_life_of_good: HalfLife::TWO_YEARS,
            half_life_of_bad: HalfLife::FOUR_YEARS,
        }
    }
}

impl ReliabilityRules {
    /// With another weight of the base rate.
    #[must_use]
    pub fn with_prior_weight(self, prior_weight: Weight) -> Self {
        Self {
            prior_weight,
            ..self
        }
    }

    /// With another source of the base rate.
    #[must_use]
    pub fn with_base_rate(self, base_rate: BaseRate) -> Self {
        Self { base_rate, ..self }
    }

    /// With other half-lives of kept and of broken promises.
    #[must_use]
    pub fn with_half_lives(self, of_good: HalfLife, of_bad: HalfLife) -> Self {
        Self {
            half_life_of_good: of_good,
            half_life_of_bad: of_bad,
            ..self
        }
    }
}

/// Promises of one party or segment as evidence at a moment: what was kept, what was not, and provisionally what is
/// overdue. Pieces merge.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct KeepingEvidence {
    at: Timestamp,
    half_life_of_good: HalfLife,
    half_life_of_bad: HalfLife,
    recorded: Evidence,
    provisional: Weight,
    promises: usize,
}

impl KeepingEvidence {
    /// No promises yet, as seen at `at`.
    #[must_use]
    pub fn new(at: Timestamp, rules: &ReliabilityRules) -> Self {
        Self {
            at,
            half_life_of_good: rules.half_life_of_good,
            half_life_of_bad: rules.half_life_of_bad,
            recorded: Evidence::default(),
            provisional: Weight::ZERO,
            promises: 0,
        }
    }

    /// Takes a promise into account as it stood at the moment of this evidence. Kept: its stake for. Late: split into
    /// for and against by how late. Broken: against, never forgotten if it was deception. Overdue and open: against,
    /// growing with the days, gone when it closes. Pending and waived: nothing.
    pub fn add(&mut self, record: &PromiseRecord, zone: Zone) {
        let Closing { how, at: closed } = record.closing().unwrap_or(Closing {
            how: HowClosed::Waived,
            at: self.at,
        });
        let days = self.at.days_since(closed);
        let good = record.stake() * self.half_life_of_good.left_after(days);
        let bad = record.stake() * self.half_life_of_bad.left_after(days);
        let (positive, negative, provisional) = match record.state_at(self.at, zone) {
            PromiseState::Kept { .. } => (good, 0.0, 0.0),
            PromiseState::Late { .. } => {
                let worth = worth(record.made(), record.keeps_until(), closed);
                (good * worth, bad * (1.0 - worth), 0.0)
            }
            PromiseState::Broken if how == (HowClosed::Broken { deception: true }) => {
                (0.0, record.stake(), 0.0)
            }
            PromiseState::Broken => (0.0, bad, 0.0),
            PromiseState::BrokenStillOpen { .. } => {
                let due = record
                    .due_at(self.at)
                    .map_or(self.at, |due| due.last_moment(zone));
                let worth = worth(record.made(), due, self.at);
                (0.0, 0.0, record.stake() * (1.0 - worth))
            }
            PromiseState::NotStarted | PromiseState::Pending { .. } | PromiseState::Waived => {
                return;
            }
        };
        self.recorded = Evidence::sound(
            self.recorded.positive() + positive,
            self.recorded.negative() + negative,
        );
        self.provisional = Weight::sound(self.provisional.value() + provisional);
        self.promises += 1;
    }

    /// Evidence for and against, overdue promises included.
    #[must_use]
    pub fn evidence(&self) -> Evidence {
        Evidence::sound(
            self.recorded.positive(),
            self.recorded.negative() + self.provisional.value(),
        )
    }

    /// The part of the evidence against that comes from promises overdue and open.
    #[must_use]
    pub fn provisional(&self) -> f64 {
        self.provisional.value()
    }

    /// Promises behind it: kept, late, broken, overdue.
    #[must_use]
    pub fn promises(&self) -> usize {
        self.promises
    }

    /// The reliability that follows from `prior`.
    #[must_use]
    pub fn reliability(&self, prior: Prior) -> Reliability {
        Reliability {
            posterior: self.evidence().from_prior(prior),
            promises: self.promises,
        }
    }
}

impl Merge for KeepingEvidence {
    fn merge(&mut self, other: &Self) -> Result<()> {
        let same = (self.at, self.half_life_of_good, self.half_life_of_bad)
            == (other.at, other.half_life_of_good, other.half_life_of_bad);
        if !same {
            return Err(Error::Contradiction {
                what: "evidence to be merged".into(),
                reason: "its pieces are seen at different moments or forgotten at different speed"
                    .into(),
            });
        }
        let provisional = Weight::new(self.provisional.value() + other.provisional.value())?;
        self.recorded.merge(&other.recorded)?;
        self.provisional = provisional;
        self.promises += other.promises;
        Ok(())
    }
}

/// The probability that a party keeps its next promise, as far as its past tells. Not how it feels to a customer: that
/// is [`FeltTrust`](super::FeltTrust).
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Reliability {
    posterior: Posterior,
    promises: usize,
}

impl Reliability {
    /// The level of a band unless another is asked for: 0.90 (convention).
    pub const BAND: f64 = 0.90;

    /// The probability, from 0 to 1.
    #[must_use]
    pub fn value(&self) -> f64 {
        self.posterior.expected()
    }

    /// The probability with its standard error and the band that holds a share of `level`.
    ///
    /// # Errors
    /// None in practice.
    pub fn estimate(&self, level: Probability) -> Result<Estimate> {
        self.posterior.estimate(level, self.promises)
    }

    /// The band that holds a share of `level`.
    ///
    /// # Errors
    /// None in practice.
    pub fn band(&self, level: Probability) -> Result<Interval> {
        self.posterior.band(level)
    }

    /// The same as an opinion, with what is not known.
    #[must_use]
    pub fn opinion(&self) -> Opinion {
        self.posterior.opinion()
    }

    /// Evidence and prior.
    #[must_use]
    pub fn posterior(&self) -> Posterior {
        self.posterior
    }

    /// Promises behind it.
    #[must_use]
    pub fn promises(&self) -> usize {
        self.promises
    }
}

/// The reliability of several parties of the same kind, and the base rate they share.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Reliabilities<K: Ord> {
    base_rate: Probability,
    parties: BTreeMap<K, Reliability>,
}

impl<K: Ord> Reliabilities<K> {
    /// The base rate: given, or estimated from these parties.
    #[must_use]
    pub fn base_rate(&self) -> Probability {
        self.base_rate
    }

    /// The parties in order.
    #[must_use]
    pub fn parties(&self) -> &BTreeMap<K, Reliability> {
        &self.parties
    }

    /// Groups the promises of `ledger` by whatever `key` says and reads the reliability of each group at `at`. Groups
    /// without a promise that is kept, late, broken or overdue are there too: they have the base rate.
    ///
    /// # Errors
    /// [`Error::CannotTell`] if `at` lies after the ledger's moment, or if the base rate is to be estimated and cannot be
    /// (see [`base_rate_of`]).
    pub fn by(
        ledger: &PromiseLedger,
        at: Timestamp,
        rules: &ReliabilityRules,
        key: impl Fn(&PromiseRecord) -> K,
    ) -> Result<Self> {
        let mut groups = BTreeMap::new();
        for (record, state) in ledger.states_at(at)? {
            if state != PromiseState::NotStarted {
                groups
                    .entry(key(record))
                    .or_insert_with(|| KeepingEvidence::new(at, rules))
                    .add(record, ledger.zone());
            }
        }
        Self::from_evidence(groups, rules)
    }

    /// From evidence that was gathered elsewhere, for example merged from pieces.
    ///
    /// # Errors
    /// [`Error::CannotTell`] if the base rate is to be estimated and cannot be.
    pub fn from_evidence(
        groups: BTreeMap<K, KeepingEvidence>,
        rules: &ReliabilityRules,
    ) -> Result<Self> {
        let base_rate = match rules.base_rate {
            BaseRate::Given(base_rate) => base_rate,
            BaseRate::Estimated => base_rate_of(groups.values().map(KeepingEvidence::evidence))?,
        };
        let prior = Prior::new(rules.prior_weight, base_rate)?;
        let parties = groups
            .into_iter()
            .map(|(key, evidence)| (key, evidence.reliability(prior)))
            .collect();
        Ok(Self { base_rate, parties })
    }
}

impl<'ledger> Reliabilities<&'ledger str> {
    /// The reliability of each maker of promises; the empty name stands for unknown makers.
    ///
    /// # Errors
    /// As [`by`](Self::by).
    pub fn by_maker(
        ledger: &'ledger PromiseLedger,
        at: Timestamp,
        rules: &ReliabilityRules,
    ) -> Result<Self> {
        let by_number = Reliabilities::by(ledger, at, rules, PromiseRecord::maker_index)?;
        Ok(Self {
            base_rate: by_number.base_rate,
            parties: by_number
                .parties
                .into_iter()
                .filter_map(|(number, party)| Some((ledger.makers().get(number)?.as_ref(), party)))
                .collect(),
        })
    }
}

impl<'log> Reliabilities<Option<&'log str>> {
    /// The reliability towards each segment; `None` holds the promises in no case or in a case without a segment.
    ///
    /// # Errors
    /// As [`by`](Self::by).
    pub fn by_segment(
        ledger: &PromiseLedger,
        at: Timestamp,
        rules: &ReliabilityRules,
        segmentation: &'log Segmentation,
    ) -> Result<Self> {
        Self::by(ledger, at, rules, |record| {
            record.case().and_then(|case| segmentation.label_of(case))
        })
    }
}

/// The base rate of parties of the same kind by empirical Bayes: the mean of their reliabilities by the method of
/// moments with empirical weights (Kleinman 1973, JASA 68:46–54). Where parties differ more than chance makes them, each
/// counts nearly alike, so that one large party does not set the rate alone; where they do not, it is the pooled share.
/// Evidence that has lost weight counts as so much smaller a number of promises.
///
/// # Errors
/// [`Error::CannotTell`] with fewer than two parties that have evidence.
pub fn base_rate_of(parties: impl IntoIterator<Item = Evidence>) -> Result<Probability> {
    /// Rounds of weighting; the weights settle within a few.
    const ROUNDS: usize = 20;
    // Amount of evidence and share of it that is positive.
    let parties: Vec<(f64, f64)> = parties
        .into_iter()
        .map(|party| (party.positive() + party.negative(), party.positive()))
        .filter(|&(amount, _)| amount > 0.0)
        .map(|(amount, positive)| (amount, positive / amount))
        .collect();
    if parties.len() < 2 {
        return Err(Error::CannotTell {
            question: "the base rate of keeping promises".into(),
            reason: format!(
                "{} of the parties has evidence, two are needed: give a base rate",
                parties.len()
            )
            .into(),
        });
    }
    let mut alike = 0.0;
    let mut rate = 0.0;
    for _ in 0..ROUNDS {
        let weigh = |amount: f64| amount / (1.0 + alike * (amount - 1.0));
        let total: f64 = parties.iter().map(|&(amount, _)| weigh(amount)).sum();
        rate = parties
            .iter()
            .map(|&(amount, share)| weigh(amount) * share)
            .sum::<f64>()
            / total;
        let (mut spread, mut by_chance, mut most) = (0.0, 0.0, 0.0);
        for &(amount, share) in &parties {
            let weight = weigh(amount);
            let rest = 1.0 - weight / total;
            spread += weight * (share - rate) * (share - rate);
            by_chance += rest * weight / amount;
            most += rest * weight;
        }
        let variance = rate * (1.0 - rate);
        let room = variance * (most - by_chance);
        // How alike the promises of one party are: 0 if parties differ by chance only, 1 if each always or never keeps.
        alike = if room > 0.0 {
            ((spread - variance * by_chance) / room).clamp(0.0, 1.0)
        } else {
            0.0
        };
    }
    Probability::new(rate.clamp(0.0, 1.0))
}
