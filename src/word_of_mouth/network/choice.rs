//! A choice of candidates while it is being improved, with what each further one would add.

use super::budget::is_within;
use super::family::Family;

/// Rounds of swaps after which the search rests.
const SWAP_ROUNDS: usize = 10;

/// A choice in which a set counts once all its members are chosen.
#[derive(Clone)]
pub(super) struct Choice<'a> {
    family: &'a Family,
    costs: &'a [f64],
    chosen: Vec<bool>,
    /// Budget left.
    left: f64,
    /// For each set how many of its members are not chosen.
    heard_from: Vec<u32>,
    /// For each candidate the weight that choosing adds or, if chosen, that dropping takes away. Kept up to date, so that a
    /// step costs what it changes.
    gains: Vec<f64>,
}

/// Worth per cost; what costs nothing is worth its price beyond measure.
pub(super) fn rate(worth: f64, cost: f64) -> f64 {
    if cost > 0.0 {
        worth / cost
    } else if worth > 0.0 {
        f64::INFINITY
    } else {
        0.0
    }
}

impl<'a> Choice<'a> {
    pub(super) fn nobody(family: &'a Family, costs: &'a [f64], limit: f64) -> Self {
        let mut gains = vec![0.0; costs.len()];
        let mut heard_from = Vec::with_capacity(family.sets());
        for set in (0..).take(family.sets()) {
            let members = family.members(set);
            if let [only] = members {
                gains[*only as usize] += family.weight(set);
            }
            #[allow(clippy::cast_possible_truncation)] // Candidates are numbered in 32 bits.
            heard_from.push(members.len() as u32);
        }
        Self {
            family,
            costs,
            chosen: vec![false; costs.len()],
            left: limit,
            heard_from,
            gains,
        }
    }

    pub(super) fn everybody(family: &'a Family, costs: &'a [f64], limit: f64) -> Self {
        Self {
            family,
            costs,
            chosen: vec![true; costs.len()],
            left: limit - costs.iter().sum::<f64>(),
            heard_from: vec![0; family.sets()],
            gains: family.worths(false),
        }
    }

    /// Who is chosen.
    pub(super) fn chosen(&self) -> &[bool] {
        &self.chosen
    }

    /// Moves the limit of the budget.
    pub(super) fn allow(&mut self, more: f64) {
        self.left += more;
    }

    pub(super) fn avoided(&self) -> f64 {
        let spared = (0..).take(self.family.sets());
        let spared = spared.filter(|&set| self.heard_from[set as usize] == 0);
        0.0 + spared.map(|set| self.family.weight(set)).sum::<f64>()
    }

    /// What choosing `candidate` would add (or, if chosen, what dropping would cost).
    pub(super) fn gain(&self, candidate: u32) -> f64 {
        self.gains[candidate as usize]
    }

    pub(super) fn add(&mut self, candidate: u32) {
        self.chosen[candidate as usize] = true;
        self.left -= self.costs[candidate as usize];
        for &set in self.family.sets_of(candidate) {
            self.heard_from[set as usize] -= 1;
            self.note(set, candidate, self.family.weight(set));
        }
    }

    pub(super) fn drop(&mut self, candidate: u32) {
        self.chosen[candidate as usize] = false;
        self.left += self.costs[candidate as usize];
        for &set in self.family.sets_of(candidate) {
            self.note(set, candidate, -self.family.weight(set));
            self.heard_from[set as usize] += 1;
        }
    }

    /// What the other members gain by a set in which, `candidate` chosen, nobody or one is missing.
    fn note(&mut self, set: u32, candidate: u32, weight: f64) {
        let missing = self.heard_from[set as usize];
        if missing > 1 {
            return;
        }
        for &member in self.family.members(set) {
            if member != candidate && (missing == 0 || !self.chosen[member as usize]) {
                self.gains[member as usize] += weight;
            }
        }
    }

    fn candidates(&self) -> impl Iterator<Item = u32> + use<> {
        (0..).take(self.chosen.len())
    }

    fn affordable(&self, candidate: u32) -> bool {
        !self.chosen[candidate as usize] && is_within(self.costs[candidate as usize], self.left)
    }

    /// Who avoids most per cost; where nobody avoids anything alone, who has the largest share. What costs nothing comes first.
    pub(super) fn next(&self, shares: &[f64]) -> Option<u32> {
        let mut best: Option<((f64, f64), u32)> = None;
        for candidate in self.candidates().filter(|&c| self.affordable(c)) {
            let (gain, share) = (self.gain(candidate), shares[candidate as usize]);
            if gain <= 0.0 && share <= 0.0 {
                continue;
            }
            let cost = self.costs[candidate as usize];
            let score = (rate(gain, cost), rate(share, cost));
            if best.is_none_or(|(found, _)| score > found) {
                best = Some((score, candidate));
            }
        }
        best.map(|(_, candidate)| candidate)
    }

    pub(super) fn add_greedily(&mut self) {
        let shares = self.family.worths(true);
        while let Some(candidate) = self.next(&shares) {
            self.add(candidate);
        }
    }

    /// Who of the chosen is missed least per cost.
    pub(super) fn least(&self) -> Option<u32> {
        let mut least: Option<(f64, u32)> = None;
        for candidate in self.candidates().filter(|&c| self.chosen[c as usize]) {
            let score = rate(self.gain(candidate), self.costs[candidate as usize]);
            if least.is_none_or(|(found, _)| score < found) {
                least = Some((score, candidate));
            }
        }
        least.map(|(_, candidate)| candidate)
    }

    /// Drops who is missed least per cost until the budget suffices.
    pub(super) fn drop_greedily(&mut self) {
        while self.left < -1e-9 {
            let Some(candidate) = self.least() else {
                return;
            };
            self.drop(candidate);
        }
    }

    /// Exchanges one for another as long as that avoids more.
    pub(super) fn swap(&mut self) {
        for _ in 0..SWAP_ROUNDS {
            if !self.swap_once() {
                return;
            }
        }
    }

    /// One round of exchanges; whether any avoided more.
    pub(super) fn swap_once(&mut self) -> bool {
        let mut improved = false;
        for out in self.candidates() {
            if !self.chosen[out as usize] {
                continue;
            }
            let loss = self.gain(out);
            self.drop(out);
            let mut best = (loss, out);
            for into in self.candidates().filter(|&c| self.affordable(c)) {
                let gain = self.gain(into);
                // Rounding must not send two candidates in circles.
                if gain > best.0 * (1.0 + 1e-9) {
                    best = (gain, into);
                }
            }
            self.add(best.1);
            improved |= best.1 != out;
        }
        improved
    }
}
