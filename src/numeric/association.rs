//! How two columns go together: linearly, and in rank.

use std::cmp::Ordering;

use super::scatter::Scatter;

/// Three measures of going together, each from −1 to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Association {
    /// Pearson's correlation.
    pub(crate) pearson: f64,
    /// Spearman's: Pearson's of the ranks, ties at their mean rank.
    pub(crate) spearman: f64,
    /// Kendall's tau-b, corrected for ties in both columns.
    pub(crate) kendall_tau_b: f64,
}

/// A column's distinct values with how often each occurs, and each point's place among them.
struct Levels {
    totals: Vec<u64>,
    places: Vec<usize>,
}

/// Association of points `(x, y, times)`; `None` unless both columns vary. O(k log k) for k distinct points.
pub(crate) fn associate(points: &[(f64, f64, u64)]) -> Option<Association> {
    let x_levels = levels(points, |point| point.0);
    let y_levels = levels(points, |point| point.1);
    if x_levels.totals.len() < 2 || y_levels.totals.len() < 2 {
        return None;
    }
    let (x_ranks, y_ranks) = (mean_ranks(&x_levels.totals), mean_ranks(&y_levels.totals));
    let ranked: Vec<(f64, f64, u64)> = points
        .iter()
        .enumerate()
        .map(|(row, point)| {
            (
                x_ranks[x_levels.places[row]],
                y_ranks[y_levels.places[row]],
                point.2,
            )
        })
        .collect();
    Some(Association {
        pearson: Scatter::of(points).correlation(),
        spearman: Scatter::of(&ranked).correlation(),
        kendall_tau_b: kendall_tau_b(points, &x_levels, &y_levels),
    })
}

fn levels(points: &[(f64, f64, u64)], part: fn(&(f64, f64, u64)) -> f64) -> Levels {
    let mut order: Vec<usize> = (0..points.len()).filter(|&row| points[row].2 > 0).collect();
    order.sort_by(|&a, &b| part(&points[a]).total_cmp(&part(&points[b])));
    let mut found = Levels {
        totals: Vec::new(),
        places: vec![0; points.len()],
    };
    let mut last = None;
    for row in order {
        let value = part(&points[row]);
        if last.is_none_or(|last: f64| last.total_cmp(&value) != Ordering::Equal) {
            found.totals.push(0);
            last = Some(value);
        }
        let place = found.totals.len() - 1;
        found.places[row] = place;
        found.totals[place] += points[row].2;
    }
    found
}

/// Mean rank of each level, counted from 1.
fn mean_ranks(totals: &[u64]) -> Vec<f64> {
    let mut passed = 0;
    totals
        .iter()
        .map(|&total| {
            let rank = passed as f64 + 0.5 * (total as f64 + 1.0);
            passed += total;
            rank
        })
        .collect()
}

/// Pairs in order minus pairs out of order, counted with a tree of sums over y while x ascends (Knight 1966 in spirit;
/// the tree is Fenwick's 1994).
fn kendall_tau_b(points: &[(f64, f64, u64)], x: &Levels, y: &Levels) -> f64 {
    let mut by_x: Vec<usize> = (0..points.len()).filter(|&row| points[row].2 > 0).collect();
    by_x.sort_by_key(|&row| (x.places[row], y.places[row]));
    let mut tree = vec![0_u64; y.totals.len() + 1];
    let mut seen = 0_u64;
    let mut balance = 0_i128;
    for group in by_x.chunk_by(|&a, &b| x.places[a] == x.places[b]) {
        for &row in group {
            let times = i128::from(points[row].2);
            let below = sum_below(&tree, y.places[row]);
            let above = seen - sum_below(&tree, y.places[row] + 1);
            balance += times * (i128::from(below) - i128::from(above));
        }
        for &row in group {
            add_at(&mut tree, y.places[row], points[row].2);
            seen += points[row].2;
        }
    }
    let pairs = |count: u64| i128::from(count) * (i128::from(count) - 1) / 2;
    let all = pairs(seen);
    let untied = |levels: &Levels| {
        (all - levels
            .totals
            .iter()
            .map(|&total| pairs(total))
            .sum::<i128>()) as f64
    };
    balance as f64 / (untied(x).sqrt() * untied(y).sqrt())
}

/// Sum over the places below `place`.
fn sum_below(tree: &[u64], place: usize) -> u64 {
    let mut node = place;
    let mut sum = 0;
    while node > 0 {
        sum += tree[node];
        node &= node - 1;
    }
    sum
}

fn add_at(tree: &mut [u64], place: usize, times: u64) {
    let mut node = place + 1;
    while node < tree.len() {
        tree[node] += times;
        node += node & node.wrapping_neg();
    }
}

#[cfg(test)]
mod tests {
    use super::associate;

    /// Tau-b by comparing every pair.
    fn pair_by_pair(points: &[(f64, f64)]) -> f64 {
        let (mut balance, mut untied_x, mut untied_y) = (0.0, 0.0, 0.0);
        for (i, a) in points.iter().enumerate() {
            for b in &points[..i] {
                let (dx, dy) = (a.0 - b.0, a.1 - b.1);
                untied_x += f64::from(u8::from(dx != 0.0));
                untied_y += f64::from(u8::from(dy != 0.0));
                if dx != 0.0 && dy != 0.0 {
                    balance += dx.signum() * dy.signum();
                }
            }
        }
        let untied: f64 = untied_x * untied_y;
        balance / untied.sqrt()
    }

    #[test]
    fn tau_b_agrees_with_comparing_every_pair() {
        let points: Vec<(f64, f64)> = (0..200_u32)
            .map(|i| (f64::from(i * i % 17), f64::from(i * 7 % 5)))
            .collect();
        let counted: Vec<_> = points.iter().map(|&(x, y)| (x, y, 1)).collect();
        let found = associate(&counted).unwrap();
        assert!((found.kendall_tau_b - pair_by_pair(&points)).abs() < 1e-12);
    }

    #[test]
    fn counted_points_weigh_as_often_as_they_occur() {
        let counted = [(1.0, 2.0, 3), (2.0, 2.0, 1), (3.0, 1.0, 2), (3.0, 5.0, 1)];
        let single: Vec<_> = counted
            .iter()
            .flat_map(|&(x, y, times)| (0..times).map(move |_| (x, y, 1)))
            .collect();
        let (counted, single) = (associate(&counted).unwrap(), associate(&single).unwrap());
        assert!((counted.pearson - single.pearson).abs() < 1e-14);
        assert!((counted.spearman - single.spearman).abs() < 1e-14);
        assert!((counted.kendall_tau_b - single.kendall_tau_b).abs() < 1e-14);
    }

    #[test]
    fn a_column_that_does_not_vary_goes_with_nothing() {
        assert_eq!(associate(&[(1.0, 1.0, 4), (1.0, 2.0, 4)]), None);
        assert_eq!(associate(&[]), None);
    }
}
