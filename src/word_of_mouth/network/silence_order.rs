//! Whom to win back first, second, third: one order for every size of the budget, with what each beginning saves.

#[cfg(feature = "serde")]
use crate::error::Error;
use crate::error::Result;
#[cfg(feature = "serde")]
use crate::measure::stored::{require_finite, require_standard_error};

use super::attempts::Attempts;
use super::budget::fractional_best;
use super::cascade::Cascade;
use super::graph::Person;
use super::order::best_order;
use super::reach;
use super::saved::{curves, fresh_blocks, harm, mean, spared_by};
use super::search::Search;
use super::shares::level_shares;
use super::silence::{ALL_CHOICES, avoided_by_each, checked_gains, share};

/// Detractors in the order in which to win them back, so that least ill word is heard and most own value stays, with the value
/// saved by each beginning.
///
/// Because a hearer is spared only if *everyone* he would hear from is won back, the best ten need not contain the best five: no
/// single order is best for every size ([`SilenceStep::other_choice`] names a better one where one was found), and
/// [`SilenceStep::at_most`] is the bound that no choice of that price exceeds. The order is the best of greedy forward, greedy backward
/// and falling level shares, in the sense of value saved on average over the budget (convention). All values are those of independent worlds.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct SilenceOrder {
    /// First to win back first.
    pub steps: Vec<SilenceStep>,
    /// What the word of all detractors costs if nobody is won back; a detractor's own value is not in it.
    pub harm: f64,
    /// Its standard error.
    pub harm_standard_error: f64,
    /// Worlds in which the values were found; the order was chosen in others.
    pub worlds: u64,
    /// Whether all choices were tried for each size, so that no other was better in the worlds of the choice.
    pub all_choices_tried: bool,
}

#[cfg(feature = "serde")]
crate::measure::stored::loads_checked! {
    SilenceOrder {
        steps: Vec<SilenceStep>,
        harm: f64,
        harm_standard_error: f64,
        worlds: u64,
        all_choices_tried: bool,
    }
    if |order: &Self| {
        require_finite([("harm", order.harm)])?;
        require_standard_error(order.harm_standard_error)?;
        require_distinct(order.persons())
    }
}

/// One place of a [`SilenceOrder`].
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct SilenceStep {
    /// Whom to win back at this place.
    pub person: Person,
    /// What this detractor's word would cost if no other spoke: an upper bound on what silencing them ever adds.
    pub single_impact: f64,
    /// Value that this attempt adds to those before it: word no longer heard and own value, times success.
    pub added: f64,
    /// Value saved by this attempt and all before it.
    pub saved: f64,
    /// Its standard error.
    pub standard_error: f64,
    /// No choice that costs no more saves more than this in the worlds of the values. Their mean is known with the standard error
    /// above, and the best over a sample is on average at least the true best.
    pub at_most: f64,
    /// Cost of this attempt and all before it: their number where no costs were given.
    pub cost: f64,
    /// A choice that costs no more and saved more in the worlds of the choice; `None` where none was found.
    pub other_choice: Option<OtherChoice>,
}

#[cfg(feature = "serde")]
crate::measure::stored::loads_checked! {
    SilenceStep {
        person: Person,
        single_impact: f64,
        added: f64,
        saved: f64,
        standard_error: f64,
        at_most: f64,
        cost: f64,
        other_choice: Option<OtherChoice>,
    }
    if |step: &Self| {
        let Self { single_impact, added, saved, at_most, cost, .. } = *step;
        require_finite([("single impact", single_impact), ("added value", added), ("saved value", saved)])?;
        Error::unless(at_most >= saved, "bound on the value saved", at_most, "not lie below the value saved")?;
        Error::unless(cost >= 0.0 && cost.is_finite(), "cost", cost, "be finite and not negative")?;
        require_standard_error(step.standard_error)
    }
}

/// A choice beside an order that is better at its price, but leaves the order.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct OtherChoice {
    /// Whom to win back, in the order of the attempts' rows.
    pub won_back: Vec<Person>,
    /// Value saved, in independent worlds.
    pub saved: f64,
    /// How much more than the order saves at this place; below 0 if the advantage did not last in independent worlds.
    pub ahead: f64,
    /// Standard error of that difference.
    pub ahead_standard_error: f64,
}

#[cfg(feature = "serde")]
crate::measure::stored::loads_checked! {
    OtherChoice { won_back: Vec<Person>, saved: f64, ahead: f64, ahead_standard_error: f64 }
    if |choice: &Self| {
        require_finite([("saved value", choice.saved), ("advantage", choice.ahead)])?;
        require_standard_error(choice.ahead_standard_error)?;
        require_distinct(choice.won_back.clone())
    }
}

/// Nobody is won back twice.
#[cfg(feature = "serde")]
pub(super) fn require_distinct(mut persons: Vec<Person>) -> Result<()> {
    persons.sort_unstable();
    match persons.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(Error::Contradiction {
            what: "an order of persons".into(),
            reason: format!("person {} is won back twice", pair[0]),
        }),
        None => Ok(()),
    }
}

impl SilenceStep {
    /// Value saved as a share of the bound, from 0 to 1: no choice at this price saves more than the saved value divided by this.
    #[must_use]
    pub fn certificate(&self) -> f64 {
        share(self.saved, self.at_most)
    }
}

impl SilenceOrder {
    /// The persons in order.
    #[must_use]
    pub fn persons(&self) -> Vec<Person> {
        self.steps.iter().map(|step| step.person).collect()
    }
}

impl Cascade<'_> {
    /// In which order to win detractors back, so that the value saved is high for every size of the budget.
    ///
    /// With costs the order goes by value per cost. The order is chosen in `search.worlds()` worlds, all values come from the worlds of
    /// the search's validation.
    ///
    /// ```
    /// use tillit::measure::Probability;
    /// use tillit::word_of_mouth::network::{Attempts, Cascade, Network, Search};
    ///
    /// // 0 and 1 both reach 3, a valuable hearer; 2 alone reaches 4.
    /// let network = Network::from_arcs(5, [(0, 3), (1, 3), (2, 4)])?;
    /// let cascade = Cascade::uniform(&network, Probability::ONE);
    /// let values = [0.0, 0.0, 0.0, 10.0, 3.0];
    /// let order = cascade.silence_order(&Attempts::new(vec![0, 1, 2])?, &values, &Search::new(1))?;
    /// let saved: Vec<f64> = order.steps.iter().map(|step| step.saved).collect();
    /// assert_eq!(order.persons(), [1, 0, 2]);
    /// assert_eq!(saved, [0.0, 10.0, 13.0]);
    /// // A single attempt is better spent on the one who shares no hearer.
    /// let other = order.steps[0].other_choice.as_ref().map(|other| other.won_back.clone());
    /// assert_eq!(other, Some(vec![2]));
    /// # Ok::<(), tillit::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`silence`](Self::silence).
    pub fn silence_order(
        &self,
        attempts: &Attempts,
        values: &[f64],
        search: &Search,
    ) -> Result<SilenceOrder> {
        search.check()?;
        attempts.check(self.network())?;
        checked_gains(self, values)?;
        let detractors = attempts.detractors();
        let costs = attempts.costs_or_ones();
        let drawn = reach::family(self, detractors, values, search.seed(), search.worlds());
        let expected = attempts.expected(&drawn);
        drop(drawn);
        let order = best_order(&expected, &costs, &level_shares(&expected, &costs));
        drop(expected);

        let blocks = fresh_blocks(self, attempts, values, &search.validation());
        let harm = harm(&blocks);
        let worlds = blocks.len() as u64 * reach::WORLDS;
        let curve = curves(attempts, std::slice::from_ref(&order.sequence), &blocks).remove(0);
        let others = other_choices(attempts, &order.others, &order.sequence, &blocks);
        let fresh = reach::joined(detractors.len(), blocks);
        let single = fresh.worths(false);
        let expected = attempts.expected(&fresh);
        let total = expected.total();
        let shares = level_shares(&expected, &costs);
        let even = expected.worths(true);
        let exact = (order.all_tried && attempts.costs().is_none())
            .then(|| best_by_size(&avoided_by_each(&expected)));
        let mut steps = Vec::with_capacity(detractors.len());
        let mut cost = 0.0;
        for (place, (&row, other_choice)) in order.sequence.iter().zip(others).enumerate() {
            let row = row as usize;
            cost += costs[row];
            let saved = curve.saved[place + 1];
            let mut at_most = fractional_best(&shares, &costs, cost)
                .min(fractional_best(&even, &costs, cost))
                .min(total);
            if let Some(best) = exact.as_ref().and_then(|exact| exact.get(place + 1)) {
                at_most = at_most.min(*best);
            }
            steps.push(SilenceStep {
                person: detractors[row],
                single_impact: single[row],
                added: saved - curve.saved[place],
                saved,
                standard_error: curve.standard_errors[place + 1],
                // The same sum in another order of addition may fall a hair short.
                at_most: at_most.max(saved),
                cost,
                other_choice,
            });
        }
        Ok(SilenceOrder {
            steps,
            harm: harm.value,
            harm_standard_error: harm.error,
            worlds,
            all_choices_tried: order.all_tried,
        })
    }
}

/// The other choices with their values in these worlds.
fn other_choices(
    attempts: &Attempts,
    others: &[Option<Vec<bool>>],
    sequence: &[u32],
    blocks: &[reach::Block],
) -> Vec<Option<OtherChoice>> {
    let own = attempts.own_values_regained();
    let mut here = vec![false; sequence.len()];
    let mut pairs = Vec::new();
    for (&row, other) in sequence.iter().zip(others) {
        here[row as usize] = true;
        if let Some(other) = other {
            pairs.push(other.clone());
            pairs.push(here.clone());
        }
    }
    let spared = spared_by(attempts, &pairs, blocks);
    let own_of = |choice: &[bool]| -> f64 {
        let chosen = choice.iter().zip(&own).filter(|(chosen, _)| **chosen);
        chosen.map(|(_, own)| own).sum()
    };
    let mut found = pairs.chunks(2).zip(spared.chunks(2));
    let mut answers = Vec::with_capacity(others.len());
    for other in others {
        let answer = other.as_ref().and_then(|_| found.next());
        answers.push(answer.map(|(choices, spared)| {
            let apart: Vec<f64> = spared[0]
                .iter()
                .zip(&spared[1])
                .map(|(a, b)| a - b)
                .collect();
            let apart = mean(&apart);
            let members = attempts.detractors().iter().zip(&choices[0]);
            OtherChoice {
                won_back: members.filter(|(_, c)| **c).map(|(&p, _)| p).collect(),
                saved: mean(&spared[0]).value + own_of(&choices[0]),
                ahead: apart.value + own_of(&choices[0]) - own_of(&choices[1]),
                ahead_standard_error: apart.error,
            }
        }));
    }
    answers
}

/// The best that a choice of 0, 1, 2, … avoids, from what each choice avoids.
fn best_by_size(avoided: &[f64]) -> Vec<f64> {
    let mut best = vec![0.0_f64; ALL_CHOICES + 1];
    for (mask, &worth) in avoided.iter().enumerate() {
        let size = mask.count_ones() as usize;
        best[size] = best[size].max(worth);
    }
    best
}
