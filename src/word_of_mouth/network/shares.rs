//! Each hearer's loss divided among those who would bring it about, so that no choice can be worth more than its shares.

use super::choice::rate;
use super::family::Family;

/// Rounds over all sets; each makes the bound sharper, and it holds after any number of them.
const ROUNDS: usize = 24;

/// Shares of the candidates, as level per cost as can be.
///
/// However the weight of a set is divided among its members, a choice that contains the whole set contains all its shares: the
/// shares of a choice add up to at least what it is worth. Even shares are one division; the one with the least sum of
/// squares gives the sharpest bound of this kind for every size at once, the least concave function above the best of
/// each size (the base of least norm: Fujishige 1980, "Lexicographically optimal base of a polymatroid with respect to a weight
/// vector", Mathematics of Operations Research 5). It is approached here set by set: a set's weight flows to those of
/// its members who stand lowest, as water would.
pub(super) fn level_shares(family: &Family, costs: &[f64]) -> Vec<f64> {
    let mut parts = Vec::new();
    for set in (0..).take(family.sets()) {
        let size = family.members(set).len();
        parts.extend(std::iter::repeat_n(family.weight(set) / size as f64, size));
    }
    let mut shares = family.worths(true);
    let mut order = Vec::new();
    for _ in 0..ROUNDS {
        let mut moved = 0.0;
        let mut start = 0;
        for set in (0..).take(family.sets()) {
            let members = family.members(set);
            let row = start..start + members.len();
            start = row.end;
            if members.len() < 2 {
                continue;
            }
            for (&member, part) in members.iter().zip(&parts[row.clone()]) {
                shares[member as usize] -= part;
            }
            order.clear();
            order.extend_from_slice(members);
            let height = |m: u32| rate(shares[m as usize].max(0.0), costs[m as usize]);
            order.sort_by(|&a, &b| height(a).total_cmp(&height(b)).then(a.cmp(&b)));
            let level = water_level(&order, &shares, costs, family.weight(set));
            for (&member, part) in members.iter().zip(&mut parts[row]) {
                let member = member as usize;
                let new = match level {
                    Some(level) => (level * costs[member] - shares[member]).max(0.0),
                    None => family.weight(set) / members.len() as f64,
                };
                moved += (new - *part).abs();
                *part = new;
                shares[member] += new;
            }
        }
        if moved <= 1e-6 * family.total() {
            break;
        }
    }
    // Sums of many small changes are rounded; the parts themselves are not.
    shares.fill(0.0);
    let mut parts = parts.into_iter();
    for set in (0..).take(family.sets()) {
        for (&member, part) in family.members(set).iter().zip(&mut parts) {
            shares[member as usize] += part;
        }
    }
    shares
}

/// How high `weight` fills the members, lowest first; `None` where all of them cost nothing.
fn water_level(order: &[u32], shares: &[f64], costs: &[f64], weight: f64) -> Option<f64> {
    let (mut cost, mut held) = (0.0, weight);
    let mut level = None;
    for &member in order {
        let member = member as usize;
        if costs[member] <= 0.0 {
            continue;
        }
        if level.is_some_and(|level| shares[member] / costs[member] >= level) {
            break;
        }
        cost += costs[member];
        held += shares[member];
        level = Some(held / cost);
    }
    level
}

#[cfg(test)]
mod tests {
    use super::level_shares;
    use crate::word_of_mouth::network::budget::fractional_best;
    use crate::word_of_mouth::network::family::Family;

    #[test]
    fn shares_level_out_and_add_up() {
        // Two who share a large weight, one of whom has something of their own.
        let family = Family::new(2, vec![0, 2, 3], vec![0, 1, 0], vec![10.0, 2.0]);
        let shares = level_shares(&family, &[1.0, 1.0]);
        assert!((shares[0] - 6.0).abs() < 1e-9 && (shares[1] - 6.0).abs() < 1e-9);
        // One who stands far above keeps what is their own and leaves the rest.
        let family = Family::new(2, vec![0, 2, 3], vec![0, 1, 0], vec![10.0, 50.0]);
        let shares = level_shares(&family, &[1.0, 1.0]);
        assert!((shares[0] - 50.0).abs() < 1e-9 && (shares[1] - 10.0).abs() < 1e-9);
        // Twice the cost takes twice the share.
        let family = Family::new(2, vec![0, 2], vec![0, 1], vec![9.0]);
        let shares = level_shares(&family, &[1.0, 2.0]);
        assert!((shares[0] - 3.0).abs() < 1e-9 && (shares[1] - 6.0).abs() < 1e-9);
    }

    #[test]
    fn costs_of_nothing_do_no_harm() {
        let family = Family::new(2, vec![0, 2, 4], vec![0, 1, 0, 1], vec![4.0, 2.0]);
        for costs in [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0]] {
            let shares = level_shares(&family, &costs);
            assert!((shares.iter().sum::<f64>() - 6.0).abs() < 1e-12);
            assert!((fractional_best(&shares, &costs, 2.0) - 6.0).abs() < 1e-12);
        }
    }
}
