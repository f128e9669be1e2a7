//! One order for all sizes of a budget, and where another choice of the same price is better.

use super::choice::{Choice, rate};
use super::family::Family;
use super::silence::{ALL_CHOICES, avoided_by_each};

/// An order of candidates in which each beginning is a choice.
pub(super) struct Order {
    pub(super) sequence: Vec<u32>,
    /// After the first k: another choice that costs no more and is worth more, if one was found.
    pub(super) others: Vec<Option<Vec<bool>>>,
    pub(super) all_tried: bool,
}

/// The best of three orders (greedy forward, greedy backward, falling shares) by what they are worth on average over
/// the budget, and for each of its beginnings the best other choice that swaps, the other orders or, up to 20 candidates,
/// a trial of all choices find.
pub(super) fn best_order(family: &Family, costs: &[f64], shares: &[f64]) -> Order {
    let mut sequences = [
        forward(family, costs),
        backward(family, costs),
        by_shares(costs, shares),
    ];
    let mut best = 0;
    let mut most = -1.0;
    for (place, sequence) in sequences.iter().enumerate() {
        let average = on_average(family, costs, sequence);
        if average > most * (1.0 + 1e-12) {
            (best, most) = (place, average);
        }
    }
    sequences.swap(0, best);
    let [sequence, rivals @ ..] = sequences;
    let all_tried = family.candidates() <= ALL_CHOICES;
    let others = if all_tried {
        better_of_all(family, costs, &sequence)
    } else {
        better_found(family, costs, &sequence, &rivals)
    };
    Order {
        sequence,
        others,
        all_tried,
    }
}

fn forward(family: &Family, costs: &[f64]) -> Vec<u32> {
    let shares = family.worths(true);
    let mut choice = Choice::nobody(family, costs, f64::INFINITY);
    let mut sequence = Vec::with_capacity(costs.len());
    while let Some(next) = choice.next(&shares) {
        choice.add(next);
        sequence.push(next);
    }
    // Whoever is worth nothing comes last.
    sequence.extend(
        (0_u32..)
            .zip(choice.chosen())
            .filter_map(|(c, &chosen)| (!chosen).then_some(c)),
    );
    sequence
}

fn backward(family: &Family, costs: &[f64]) -> Vec<u32> {
    let mut choice = Choice::everybody(family, costs, f64::INFINITY);
    let mut sequence = Vec::with_capacity(costs.len());
    while let Some(least) = choice.least() {
        choice.drop(least);
        sequence.push(least);
    }
    sequence.reverse();
    sequence
}

fn by_shares(costs: &[f64], shares: &[f64]) -> Vec<u32> {
    let height = |c: u32| rate(shares[c as usize], costs[c as usize]);
    let mut sequence: Vec<u32> = (0..).take(costs.len()).collect();
    sequence.sort_by(|&a, &b| height(b).total_cmp(&height(a)).then(a.cmp(&b)));
    sequence
}

/// What the beginnings of an order are worth, each weighed with the cost of the next step.
fn on_average(family: &Family, costs: &[f64], sequence: &[u32]) -> f64 {
    let mut choice = Choice::nobody(family, costs, f64::INFINITY);
    let (mut saved, mut sum) = (0.0, 0.0);
    for &candidate in sequence {
        sum += saved * costs[candidate as usize];
        saved += choice.gain(candidate);
        choice.add(candidate);
    }
    sum
}

/// Enough to be more than rounding.
fn is_more(worth: f64, than: f64) -> bool {
    worth > than * (1.0 + 1e-9)
}

/// The best choice at each price, all being tried.
fn better_of_all(family: &Family, costs: &[f64], sequence: &[u32]) -> Vec<Option<Vec<bool>>> {
    let avoided = avoided_by_each(family);
    let mut prices = vec![0.0; avoided.len()];
    for mask in 1..prices.len() {
        prices[mask] = prices[mask & (mask - 1)] + costs[mask.trailing_zeros() as usize];
    }
    let (mut own, mut limit) = (0_usize, 0.0);
    let mut others = Vec::with_capacity(sequence.len());
    for &candidate in sequence {
        own |= 1 << candidate;
        limit += costs[candidate as usize];
        let mut best = own;
        for (mask, &worth) in avoided.iter().enumerate() {
            if prices[mask] <= limit * (1.0 + 1e-12) && is_more(worth, avoided[best]) {
                best = mask;
            }
        }
        let bits = (0..costs.len()).map(|c| best >> c & 1 == 1);
        others.push((best != own).then(|| bits.collect()));
    }
    others
}

/// Beginnings of the rivals and one round of swaps from the best of them.
fn better_found(
    family: &Family,
    costs: &[f64],
    sequence: &[u32],
    rivals: &[Vec<u32>],
) -> Vec<Option<Vec<bool>>> {
    let mut own = Trial::new(family, costs);
    let mut trials: Vec<(Trial<'_>, &[u32])> = rivals
        .iter()
        .map(|rival| (Trial::new(family, costs), rival.as_slice()))
        .collect();
    let mut limit = 0.0;
    let mut others = Vec::with_capacity(sequence.len());
    for &candidate in sequence {
        limit += costs[candidate as usize];
        own.choice.allow(costs[candidate as usize]);
        own.add(candidate);
        let mut best = &own;
        for (trial, rest) in &mut trials {
            trial.choice.allow(costs[candidate as usize]);
            while let [next, later @ ..] = *rest {
                if trial.spent + costs[*next as usize] > limit * (1.0 + 1e-12) {
                    break;
                }
                trial.add(*next);
                *rest = later;
            }
        }
        for (trial, _) in &trials {
            if is_more(trial.worth, best.worth) {
                best = trial;
            }
        }
        let mut swapped = best.choice.clone();
        let improved = swapped.swap_once();
        let worth = if improved { swapped.avoided() } else { 0.0 };
        let other = if is_more(worth, best.worth) {
            Some(swapped.chosen().to_vec())
        } else if is_more(best.worth, own.worth) {
            Some(best.choice.chosen().to_vec())
        } else {
            None
        };
        others.push(other);
    }
    others
}

/// A choice with what it costs and what it is worth.
struct Trial<'a> {
    choice: Choice<'a>,
    costs: &'a [f64],
    spent: f64,
    worth: f64,
}

impl<'a> Trial<'a> {
    fn new(family: &'a Family, costs: &'a [f64]) -> Self {
        Self {
            choice: Choice::nobody(family, costs, 0.0),
            costs,
            spent: 0.0,
            worth: 0.0,
        }
    }

    fn add(&mut self, candidate: u32) {
        self.worth += self.choice.gain(candidate);
        self.spent += self.costs[candidate as usize];
        self.choice.add(candidate);
    }
}
