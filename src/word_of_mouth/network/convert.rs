//! Whose good word, once they are won back, reaches most.

use crate::error::{Error, Result};
#[cfg(feature = "serde")]
use crate::measure::stored::require_finite;

use super::budget::Budget;
use super::cascade::Cascade;
use super::chance;
use super::effort::Spread;
use super::family::{Cover, Family};
use super::graph::Person;
use super::reach;
use super::reverse::{Reverse, ReverseSets};
use super::search::Search;
use super::silence::{checked_gains, share};
#[cfg(feature = "serde")]
use super::silence_order::require_distinct;

/// Up to this many candidates are compared forward, in common worlds.
const FORWARD: usize = 512;
/// Fewest reverse sets to begin with, a convention: with fewer the search seldom ends, and its rounds have costs of their own.
const FEWEST_SETS: u64 = 1 << 16;
/// Doublings after which the search ends in any case.
const ROUNDS: u32 = 20;

/// A choice of customers whose good word covers most value, with its certificate.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Conversion {
    /// Whom to win back, in the order chosen.
    pub won_back: Vec<Person>,
    /// Value covered in the worlds in which the choice was made: flattering.
    pub sampled: f64,
    /// Value covered in other worlds; the one to report.
    pub validated: Spread,
    /// With the stated probability the choice covers at least this; `None` where candidates were compared in common worlds.
    pub at_least: Option<f64>,
    /// With the stated probability no choice within the budget covers more than this (in the worlds of the choice, where candidates
    /// were compared in common worlds).
    pub at_most: f64,
    /// Probability with which both bounds hold.
    pub confidence: Option<f64>,
    /// Reverse sets, or common worlds, drawn for the choice.
    pub samples: u64,
}

#[cfg(feature = "serde")]
crate::measure::stored::loads_checked! {
    Conversion {
        won_back: Vec<Person>,
        sampled: f64,
        validated: Spread,
        at_least: Option<f64>,
        at_most: f64,
        confidence: Option<f64>,
        samples: u64,
    }
    if |choice: &Self| {
        let at_least = choice.at_least.unwrap_or(0.0);
        require_finite([("sampled value", choice.sampled), ("lower bound", at_least), ("upper bound", choice.at_most)])?;
        let confidence = choice.confidence.unwrap_or(1.0);
        let within = (0.0..=1.0).contains(&confidence);
        Error::unless(within, "confidence", confidence, "lie within 0 to 1")?;
        require_distinct(choice.won_back.clone())
    }
}

impl Conversion {
    /// The choice covers at least this share of what the best choice would cover.
    #[must_use]
    pub fn certificate(&self) -> f64 {
        share(self.at_least.unwrap_or(self.sampled), self.at_most)
    }
}

impl Cascade<'_> {
    /// Whose good word covers most value within the budget: of `candidates`, or of everybody if that list is empty.
    ///
    /// Covered value is submodular in the choice, so greedy choices are good ones (Kempe, Kleinberg & Tardos 2003). Few candidates are
    /// compared in common worlds. Among many the choice is made on reverse reachable sets with the bounds of OPIM-C (Tang, Tang, Xiao &
    /// Yuan 2018, "Online processing algorithms for influence maximization", SIGMOD), with two changes: each hearer is drawn equally often, so that
    /// what everybody covers alone carries no noise, and the number of sets, 65,536 to begin with, doubles until the choice also looks no better
    /// in its own sets than in fresh ones ([`Search::with_optimism`]). Where words seldom travel, that is what keeps
    /// reverse sets from choosing noise; it is direct simulation then, each pass being one world of each hearer.
    ///
    /// With a budget of persons the promise is 1 − 1/e − ε; with costs the better of two greedy choices has half of 1 − 1/e
    /// (Leskovec et al. 2007), and the certificate tells what was reached.
    ///
    /// # Errors
    /// As [`silence`](Self::silence), an empty list apart.
    pub fn convert(
        &self,
        candidates: &[Person],
        values: &[f64],
        budget: &Budget,
        search: &Search,
    ) -> Result<Conversion> {
        search.check()?;
        let network = self.network();
        let candidates = network.checked("candidates", candidates)?;
        checked_gains(self, values)?;
        if candidates.is_empty() || candidates.len() > FORWARD {
            return self.convert_backward(&candidates, values, budget, search);
        }
        let costs = budget.costs_of(&candidates, network.persons())?;
        let family = reach::family(self, &candidates, values, search.seed(), search.worlds());
        let cover = best_cover(&family, &vec![0.0; candidates.len()], &costs, budget);
        let won_back: Vec<Person> = cover
            .chosen
            .iter()
            .map(|&chosen| candidates[chosen as usize])
            .collect();
        Ok(Conversion {
            validated: self.expected_loss(&won_back, values, &search.validation())?,
            won_back,
            sampled: cover.weight,
            at_least: None,
            at_most: cover.at_most,
            confidence: None,
            samples: search.worlds(),
        })
    }

    fn convert_backward(
        &self,
        candidates: &[Person],
        values: &[f64],
        budget: &Budget,
        search: &Search,
    ) -> Result<Conversion> {
        let network = self.network();
        let persons = network.persons();
        let everybody: Vec<Person> = (0..).take(persons).collect();
        let mut costs = budget.costs_of(&everybody, persons)?;
        if !candidates.is_empty() {
            // Whoever is no candidate costs more than there is.
            let mut all = vec![f64::INFINITY; persons];
            for &candidate in candidates {
                all[candidate as usize] = costs[candidate as usize];
            }
            costs = all;
        }
        let highest = values.iter().copied().fold(0.0, f64::max);
        if highest <= 0.0 {
            return Err(Error::Empty {
                what: "the value of the persons".into(),
                remedy: "give at least one person a value above 0".into(),
            });
        }
        if !costs.iter().any(|&cost| cost <= budget.limit()) {
            // No number of sets would make nothing a known share of nothing.
            return Ok(Conversion {
                validated: self.expected_loss(&[], values, &search.validation())?,
                won_back: Vec::new(),
                sampled: 0.0,
                at_least: Some(0.0),
                at_most: 0.0,
                confidence: Some(1.0),
                samples: 0,
            });
        }
        let reverse = Reverse::new(self);
        let seeds = [0, 1].map(|half| chance::key(chance::mixed(search.seed()), half));
        let failure = search.failure(persons);
        // Bernstein's inequality, once for each bound in each round.
        let a = (2.0 * f64::from(ROUNDS)).ln() - failure.ln();
        let promise = 1.0 - (-1.0_f64).exp() - search.slack();
        let mut sets = ReverseSets::default();
        // The first pass tells how large sets are.
        reverse.sets(seeds[0], 0..1, &mut sets);
        let mut done = 1;
        let room = (search.at_most() / 2 / sets.members.len().max(1)) as u64;
        let enough = FEWEST_SETS.div_ceil(persons as u64).next_power_of_two();
        let mut passes = enough.min(room).max(1);
        for round in 1.. {
            reverse.sets(seeds[0], done..passes, &mut sets);
            done = passes;
            let (family, base) = weighed(&sets, values, passes);
            let cover = best_cover(&family, &base, &costs, budget);
            let mut is_teller = vec![false; persons];
            for &chosen in &cover.chosen {
                is_teller[chosen as usize] = true;
            }
            let fresh = reverse.covered(seeds[1], 0..passes, &is_teller, values);
            let per_pass = highest / passes as f64;
            let root = (fresh / highest + 2.0 * a / 9.0).sqrt() - (a / 2.0).sqrt();
            let at_least = ((root.max(0.0).powi(2) - a / 18.0) * per_pass).max(0.0);
            let at_most =
                ((cover.at_most / highest + a / 2.0).sqrt() + (a / 2.0).sqrt()).powi(2) * per_pass;
            let optimism = (cover.weight - fresh) / cover.weight.max(f64::MIN_POSITIVE);
            let good = at_least >= promise * at_most && optimism <= search.optimism();
            if good || round == ROUNDS || sets.members.len() * 2 > search.at_most() {
                return Ok(Conversion {
                    validated: self.expected_loss(&cover.chosen, values, &search.validation())?,
                    won_back: cover.chosen,
                    sampled: cover.weight / passes as f64,
                    at_least: Some(at_least),
                    at_most,
                    confidence: Some(1.0 - failure),
                    samples: passes * persons as u64,
                });
            }
            passes *= 2;
        }
        Err(Error::Overflow {
            what: "the number of rounds".into(),
        })
    }
}

/// The sets with the values of their hearers, and for each person the value of the sets that only they are in.
fn weighed(sets: &ReverseSets, values: &[f64], passes: u64) -> (Family, Vec<f64>) {
    let mut base: Vec<f64> = values.iter().map(|value| value * passes as f64).collect();
    let mut weights = Vec::with_capacity(sets.hearers.len());
    for &hearer in &sets.hearers {
        weights.push(values[hearer as usize]);
        base[hearer as usize] -= values[hearer as usize];
    }
    let family = Family::new(
        values.len(),
        sets.starts.clone(),
        sets.members.clone(),
        weights,
    );
    (family, base)
}

/// With costs the better of greedy by gain and greedy by gain per cost.
fn best_cover(family: &Family, base: &[f64], costs: &[f64], budget: &Budget) -> Cover {
    let by_gain = family.cover(base, costs, budget.limit(), false);
    if budget.counts_persons() {
        return by_gain;
    }
    let by_rate = family.cover(base, costs, budget.limit(), true);
    let at_most = by_gain.at_most.min(by_rate.at_most);
    let better = if by_rate.weight > by_gain.weight {
        by_rate
    } else {
        by_gain
    };
    Cover { at_most, ..better }
}
