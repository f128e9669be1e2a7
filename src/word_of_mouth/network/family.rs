//! Weighted sets of candidates: who can reach the same hearers in the same worlds.

use super::budget::{fractional_best, is_within};

/// A family of sets of candidates (numbered from 0), each with a weight, and the sets of each candidate.
#[derive(Debug)]
pub(super) struct Family {
    starts: Vec<usize>,
    members: Vec<u32>,
    weights: Vec<f64>,
    starts_of: Vec<usize>,
    sets_of: Vec<u32>,
}

/// A choice of candidates that cover, and what is known about it.
#[derive(Debug)]
pub(super) struct Cover {
    /// In the order chosen.
    pub(super) chosen: Vec<u32>,
    /// Weight covered.
    pub(super) weight: f64,
    /// No choice within the budget covers more.
    pub(super) at_most: f64,
}

impl Family {
    /// From sets in rows: set s is `members[starts[s]..starts[s + 1]]`.
    pub(super) fn new(
        candidates: usize,
        starts: Vec<usize>,
        members: Vec<u32>,
        weights: Vec<f64>,
    ) -> Self {
        let mut starts_of = vec![0; candidates + 1];
        for &member in &members {
            starts_of[member as usize + 1] += 1;
        }
        for candidate in 0..candidates {
            starts_of[candidate + 1] += starts_of[candidate];
        }
        let mut next = starts_of.clone();
        let mut sets_of = vec![0; members.len()];
        for (set, row) in (0_u32..).zip(starts.windows(2)) {
            for &member in &members[row[0]..row[1]] {
                sets_of[next[member as usize]] = set;
                next[member as usize] += 1;
            }
        }
        Self {
            starts,
            members,
            weights,
            starts_of,
            sets_of,
        }
    }

    pub(super) fn candidates(&self) -> usize {
        self.starts_of.len() - 1
    }

    pub(super) fn sets(&self) -> usize {
        self.weights.len()
    }

    pub(super) fn weight(&self, set: u32) -> f64 {
        self.weights[set as usize]
    }

    pub(super) fn members(&self, set: u32) -> &[u32] {
        &self.members[self.starts[set as usize]..self.starts[set as usize + 1]]
    }

    pub(super) fn sets_of(&self, candidate: u32) -> &[u32] {
        let candidate = candidate as usize;
        &self.sets_of[self.starts_of[candidate]..self.starts_of[candidate + 1]]
    }

    /// Weight of all sets.
    pub(super) fn total(&self) -> f64 {
        0.0 + self.weights.iter().sum::<f64>()
    }

    /// Weight of each candidate's sets, divided by the set's size where `shared`.
    pub(super) fn worths(&self, shared: bool) -> Vec<f64> {
        let mut worths = vec![0.0; self.candidates()];
        for (set, &weight) in (0_u32..).zip(&self.weights) {
            let members = self.members(set);
            let part = if shared {
                weight / members.len() as f64
            } else {
                weight
            };
            for &member in members {
                worths[member as usize] += part;
            }
        }
        worths
    }

    /// Greedy cover: again and again the candidate who adds most (`per_cost`: most per cost) and is affordable.
    ///
    /// All gains are kept up to date, which chooses as lazy evaluation (CELF, Leskovec et al. 2007) does. `base` is what each
    /// candidate covers that no other can. The bound holds by submodularity: for any choice S the best covers at most what S
    /// covers plus the best sum of further gains within the budget (Tang et al. 2018, "Online processing algorithms for influence
    /// maximization", SIGMOD, section 5.1).
    pub(super) fn cover(&self, base: &[f64], costs: &[f64], limit: f64, per_cost: bool) -> Cover {
        let mut gains = self.worths(false);
        for (gain, base) in gains.iter_mut().zip(base) {
            *gain += base;
        }
        let mut covered = vec![false; self.sets()];
        let mut cover = Cover {
            chosen: Vec::new(),
            weight: 0.0,
            at_most: fractional_best(&gains, costs, limit),
        };
        let mut left = limit;
        let mut next_bound = 1;
        loop {
            let score = |i: usize| {
                if per_cost {
                    gains[i] / costs[i]
                } else {
                    gains[i]
                }
            };
            let best = (0..gains.len())
                .filter(|&i| gains[i] > 0.0 && is_within(costs[i], left))
                .max_by(|&a, &b| score(a).total_cmp(&score(b)).then(b.cmp(&a)));
            if let Some(best) = best {
                left -= costs[best];
                cover.weight += gains[best];
                #[allow(clippy::cast_possible_truncation)] // Candidates are numbered in 32 bits.
                let chosen = best as u32;
                cover.chosen.push(chosen);
                for &set in self.sets_of(chosen) {
                    if !std::mem::replace(&mut covered[set as usize], true) {
                        for &member in self.members(set) {
                            gains[member as usize] -= self.weights[set as usize];
                        }
                    }
                }
                gains[best] = 0.0;
            }
            // The bound costs a sort, and early ones are seldom the sharpest: at 1, 2, 4, … chosen and at the end.
            if best.is_none() || cover.chosen.len() == next_bound {
                next_bound *= 2;
                let bound = cover.weight + fractional_best(&gains, costs, limit);
                cover.at_most = cover.at_most.min(bound);
            }
            if best.is_none() {
                return cover;
            }
        }
    }
}
