//! Quantiles of counted values.

/// The quantile at `share` (0 to 1) of values in ascending order, each with how often it occurs: linear interpolation
/// between order statistics, type 7 of Hyndman & Fan (1996). `None` without values.
pub(crate) fn quantile(counted: &[(f64, u64)], share: f64) -> Option<f64> {
    let count: u64 = counted.iter().map(|&(_, times)| times).sum();
    let last = count.checked_sub(1)?;
    let place = share.clamp(0.0, 1.0) * last as f64;
    let below = place.floor();
    // A whole number from 0 to count - 1.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let rank = below as u64;
    let low = at_rank(counted, rank)?;
    let high = at_rank(counted, (rank + 1).min(last))?;
    Some(low + (place - below) * (high - low))
}

/// The value at `rank`, counted from 0.
fn at_rank(counted: &[(f64, u64)], rank: u64) -> Option<f64> {
    let mut passed = 0;
    counted.iter().find_map(|&(value, times)| {
        passed += times;
        (rank < passed).then_some(value)
    })
}

#[cfg(test)]
mod tests {
    use super::quantile;

    #[test]
    fn quantiles_interpolate_between_order_statistics() {
        let counted = [(1.0, 2), (3.0, 1), (10.0, 1)];
        assert_eq!(quantile(&counted, 0.0), Some(1.0));
        assert_eq!(quantile(&counted, 0.5), Some(2.0));
        assert_eq!(quantile(&counted, 1.0), Some(10.0));
        assert_eq!(quantile(&[], 0.5), None);
    }
}
