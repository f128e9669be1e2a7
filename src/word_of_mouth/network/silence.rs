//! Whom to win back so that most ill word is never heard.

use crate::error::{Error, Result};
#[cfg(feature = "serde")]
use crate::measure::stored::require_finite;

use super::budget::{Budget, fractional_best, is_within};
use super::cascade::Cascade;
use super::choice::Choice;
use super::effort::{Effort, Spread};
use super::family::Family;
use super::graph::Person;
use super::reach;
use super::search::Search;
#[cfg(feature = "serde")]
use super::silence_order::require_distinct;

/// Up to this many detractors all choices are tried: 2²⁰ sums take a few hundredths of a second.
pub(super) const ALL_CHOICES: usize = 20;

/// A choice of detractors to silence, with its certificate.
///
/// A hearer is spared only if *every* detractor whose word would arrive is won back. The harm avoided is therefore
/// supermodular in the choice, the more are won back the more each further one adds, and no greedy rule has a guarantee. What the answer
/// is worth is told by bounds that hold for every choice: harm avoided is at most the sum of what each would cause alone,
/// and at most the sum of shares when each hearer's loss is divided evenly among those who would bring it about.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Silence {
    /// Whom to win back, ascending.
    pub won_back: Vec<Person>,
    /// Harm avoided in the worlds in which the choice was made.
    pub sampled: f64,
    /// Harm avoided in other worlds; the one to report.
    pub validated: Spread,
    /// Harm of all detractors together, in the worlds of the choice.
    pub harm: f64,
    /// No choice within the budget avoids more: best sum of single impacts, or the whole harm if that is less.
    pub at_most_by_single_impacts: f64,
    /// No choice within the budget avoids more: best sum of even shares.
    pub at_most_by_shares: f64,
    /// At least this much is avoided by each alone, added up: a lower bound on `sampled`.
    pub at_least_by_exclusive_impacts: f64,
    /// Whether all choices were tried, so that none is better in these worlds.
    pub all_choices_tried: bool,
}

#[cfg(feature = "serde")]
crate::measure::stored::loads_checked! {
    Silence {
        won_back: Vec<Person>,
        sampled: f64,
        validated: Spread,
        harm: f64,
        at_most_by_single_impacts: f64,
        at_most_by_shares: f64,
        at_least_by_exclusive_impacts: f64,
        all_choices_tried: bool,
    }
    if |choice: &Self| {
        require_finite([
            ("sampled value", choice.sampled),
            ("harm", choice.harm),
            ("bound by single impacts", choice.at_most_by_single_impacts),
            ("bound by shares", choice.at_most_by_shares),
            ("bound by exclusive impacts", choice.at_least_by_exclusive_impacts),
        ])?;
        require_distinct(choice.won_back.clone())
    }
}

impl Silence {
    /// Harm avoided as a share of the bound by single impacts, from 0 to 1: the choice is at least this good compared with the best, in
    /// the worlds of the choice.
    #[must_use]
    pub fn certificate(&self) -> f64 {
        share(self.sampled, self.at_most_by_single_impacts)
    }

    /// The same against the sharper of the two bounds; 1 where all choices were tried.
    #[must_use]
    pub fn sharpest_certificate(&self) -> f64 {
        if self.all_choices_tried {
            return 1.0;
        }
        share(
            self.sampled,
            self.at_most_by_single_impacts.min(self.at_most_by_shares),
        )
    }
}

pub(super) fn share(part: f64, whole: f64) -> f64 {
    if whole > 0.0 {
        (part / whole).min(1.0)
    } else {
        1.0
    }
}

impl Cascade<'_> {
    /// Whom of the detractors to win back, so that the ill word of the others costs least.
    ///
    /// The choice is the best of greedy forward, greedy backward and swaps; up to 20 detractors all choices are tried. It is
    /// made in `search.worlds()` worlds and validated in others.
    ///
    /// # Errors
    /// As [`expected_loss`](Self::expected_loss); [`Error::Empty`] without detractors; [`Error::BadColumnValue`] for a negative value, with
    /// which sparing a hearer would do harm; [`Error::UnequalLengths`] for the costs; [`Error::TooFew`] for a search without worlds.
    pub fn silence(
        &self,
        detractors: &[Person],
        values: &[f64],
        budget: &Budget,
        search: &Search,
    ) -> Result<Silence> {
        search.check()?;
        let detractors = self.network().checked("detractors", detractors)?;
        checked_gains(self, values)?;
        if detractors.is_empty() {
            return Err(Error::Empty {
                what: "the list of detractors".into(),
                remedy: "name at least one".into(),
            });
        }
        let costs = budget.costs_of(&detractors, self.network().persons())?;
        let limit = budget.limit();
        let family = reach::family(self, &detractors, values, search.seed(), search.worlds());
        let all_choices_tried = detractors.len() <= ALL_CHOICES;
        let chosen = if all_choices_tried {
            best_of_all(&avoided_by_each(&family), &costs, limit)
        } else {
            let mut forward = Choice::nobody(&family, &costs, limit);
            forward.add_greedily();
            forward.swap();
            let mut backward = Choice::everybody(&family, &costs, limit);
            backward.drop_greedily();
            backward.add_greedily();
            backward.swap();
            if backward.avoided() >= forward.avoided() {
                backward.chosen()
            } else {
                forward.chosen()
            }
            .to_vec()
        };
        let mut choice = Choice::nobody(&family, &costs, limit);
        let mut exclusive = 0.0;
        for candidate in (0..).take(chosen.len()) {
            if chosen[candidate as usize] {
                exclusive += Choice::nobody(&family, &costs, limit).gain(candidate);
                choice.add(candidate);
            }
        }
        let pick = |wanted: bool| -> Vec<Person> {
            let kept = detractors.iter().zip(&chosen);
            kept.filter(|(_, chosen)| **chosen == wanted)
                .map(|(&person, _)| person)
                .collect()
        };
        let (won_back, others) = (pick(true), pick(false));
        let validated = self.difference(&detractors, &others, values, &search.validation())?;
        Ok(Silence {
            won_back,
            sampled: choice.avoided(),
            validated,
            harm: family.total(),
            at_most_by_single_impacts: fractional_best(&family.worths(false), &costs, limit)
                .min(family.total()),
            at_most_by_shares: fractional_best(&family.worths(true), &costs, limit),
            at_least_by_exclusive_impacts: exclusive,
            all_choices_tried,
        })
    }

    /// Harm avoided by winning back `won_back` of the detractors, in common worlds.
    ///
    /// # Errors
    /// As [`expected_loss`](Self::expected_loss).
    pub fn harm_avoided(
        &self,
        detractors: &[Person],
        won_back: &[Person],
        values: &[f64],
        effort: &Effort,
    ) -> Result<Spread> {
        let others: Vec<Person> = detractors
            .iter()
            .copied()
            .filter(|detractor| !won_back.contains(detractor))
            .collect();
        self.difference(detractors, &others, values, effort)
    }
}

/// Refuses negative values.
pub(super) fn checked_gains(cascade: &Cascade<'_>, values: &[f64]) -> Result<()> {
    cascade.network().checked_values(values)?;
    match values.iter().position(|&value| value < 0.0) {
        Some(row) => Err(Error::BadColumnValue {
            column: "values of the persons".into(),
            row,
            found: values[row],
            allowed: "be at least 0 where a choice is to be made".into(),
        }),
        None => Ok(()),
    }
}

/// Harm avoided by every choice, numbered by its members' bits: sums over all subsets by the zeta transform.
pub(super) fn avoided_by_each(family: &Family) -> Vec<f64> {
    let candidates = family.candidates();
    let mut avoided = vec![0.0; 1 << candidates];
    for set in (0..).take(family.sets()) {
        let members = family.members(set).iter();
        avoided[members.fold(0_usize, |mask, member| mask | 1 << member)] += family.weight(set);
    }
    for candidate in 0..candidates {
        for mask in 0..avoided.len() {
            if mask >> candidate & 1 == 1 {
                avoided[mask] += avoided[mask ^ 1 << candidate];
            }
        }
    }
    avoided
}

/// Tries every choice within the budget.
pub(super) fn best_of_all(avoided: &[f64], costs: &[f64], limit: f64) -> Vec<bool> {
    let candidates = costs.len();
    let mut best = 0;
    for mask in 1..avoided.len() {
        // A better choice avoids more, or as much with fewer.
        let better = avoided[mask] > avoided[best];
        if better {
            let cost: f64 = (0..candidates)
                .filter(|c| mask >> c & 1 == 1)
                .map(|c| costs[c])
                .sum();
            if is_within(cost, limit) {
                best = mask;
            }
        }
    }
    (0..candidates)
        .map(|candidate| best >> candidate & 1 == 1)
        .collect()
}
