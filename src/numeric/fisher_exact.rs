//! Fisher's exact test of a two by two table.

use statrs::function::gamma::ln_gamma;

/// Tables at most this much likelier than the observed one, relatively, count as equally likely.
const TIE: f64 = 1e-7;

/// Two-sided p value of the table with rows `(hits, misses)`: the probability, margins given, of all tables that are
/// no likelier than the observed one (Fisher 1935; the rule for two sides that R and `SciPy` use). In log space, so
/// that large counts do not underflow. 1 if a margin is empty.
pub(crate) fn fisher_exact_two_sided(first: (u64, u64), second: (u64, u64)) -> f64 {
    let (row, other_row) = (first.0 + first.1, second.0 + second.1);
    let hits = first.0 + second.0;
    let ln_ways = |of: u64, chosen: u64| {
        ln_gamma(of as f64 + 1.0)
            - ln_gamma(chosen as f64 + 1.0)
            - ln_gamma((of - chosen) as f64 + 1.0)
    };
    let ln_all = ln_ways(row + other_row, hits);
    let ln_probability =
        |in_first: u64| ln_ways(row, in_first) + ln_ways(other_row, hits - in_first) - ln_all;
    let observed = ln_probability(first.0) + TIE;
    let fewest = hits.saturating_sub(other_row);
    let most = hits.min(row);
    let p: f64 = (fewest..=most)
        .map(ln_probability)
        .filter(|&ln| ln <= observed)
        .map(f64::exp)
        .sum();
    p.min(1.0)
}

#[cfg(test)]
mod tests {
    use super::fisher_exact_two_sided;

    #[test]
    fn the_lady_tasting_tea_is_not_convincing_with_one_mistake() {
        // Fisher 1935: three of four right, p = 34 / 70.
        let p = fisher_exact_two_sided((3, 1), (1, 3));
        assert!((p - 34.0 / 70.0).abs() < 1e-12);
        assert!((fisher_exact_two_sided((4, 0), (0, 4)) - 2.0 / 70.0).abs() < 1e-12);
        assert!((fisher_exact_two_sided((0, 5), (0, 9)) - 1.0).abs() < 1e-12);
        assert!((fisher_exact_two_sided((0, 0), (3, 9)) - 1.0).abs() < 1e-12);
    }
}
