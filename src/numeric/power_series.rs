//! Power series cut off behind a degree. Coefficients of probability generating functions are at least 0, so nothing
//! cancels and each keeps its relative accuracy, however small it is.

/// The product, to the degree of the left factor; both have the same number of coefficients.
pub(crate) fn product(left: &[f64], right: &[f64]) -> Vec<f64> {
    let mut out = vec![0.0; left.len()];
    let last = right.iter().rposition(|&b| b != 0.0);
    let Some(last) = last else { return out };
    for (n, &a) in left.iter().enumerate() {
        if a != 0.0 {
            for (sum, &b) in out[n..].iter_mut().zip(&right[..=last]) {
                *sum += a * b;
            }
        }
    }
    out
}

/// series^lowest · Σ over n below `count` of coefficient(n) · series^n. The sum goes by blocks of about √count powers, so that
/// of its products only 2 √count are of series: Paterson and Stockmeyer (SIAM Journal on Computing 2, 1973). Coefficients
/// are at least 0, and so is all that is added.
pub(crate) fn composition(
    count: usize,
    coefficient: impl Fn(usize) -> f64,
    series: &[f64],
    lowest: u64,
) -> Vec<f64> {
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the root of a length"
    )]
    let block = (count as f64).sqrt().ceil().max(1.0) as usize;
    // The powers from 1 on, the last of them leading from block to block.
    let mut powers = vec![series.to_vec()];
    while powers.len() < block {
        let next = powers.last().map(|power| product(power, series));
        powers.extend(next);
    }
    let mut sum = constant(series.len(), 0.0);
    for first in (0..count).step_by(block).rev() {
        if first + block < count
            && let Some(onward) = powers.last()
        {
            sum = product(&sum, onward);
        }
        let within = first..count.min(first + block);
        if let Some(constant) = sum.first_mut() {
            *constant += coefficient(first);
        }
        for (n, power) in within.skip(1).zip(&powers) {
            let factor = coefficient(n);
            if factor != 0.0 {
                for (sum, p) in sum.iter_mut().zip(power) {
                    *sum += factor * p;
                }
            }
        }
    }
    if lowest == 0 {
        return sum;
    }
    product(&power(series, lowest), &sum)
}

/// The series to a whole power.
pub(crate) fn power(series: &[f64], mut exponent: u64) -> Vec<f64> {
    let mut result: Option<Vec<f64>> = None;
    let mut square = series.to_vec();
    while exponent > 0 {
        if exponent & 1 == 1 {
            result = Some(match result {
                None => square.clone(),
                Some(result) => product(&result, &square),
            });
        }
        exponent >>= 1;
        if exponent > 0 {
            square = product(&square, &square);
        }
    }
    result.unwrap_or_else(|| constant(series.len(), 1.0))
}

/// exp(factor · (series − 1)) for a factor of at least 0: q′ = factor · series′ · q, coefficient by coefficient.
pub(crate) fn compound_poisson(factor: f64, series: &[f64]) -> Vec<f64> {
    let mut out = constant(series.len(), 0.0);
    let Some(&first) = series.first() else {
        return out;
    };
    out[0] = (factor * (first - 1.0)).exp();
    for n in 1..out.len() {
        let sum: f64 = (1..=n).map(|k| k as f64 * series[k] * out[n - k]).sum();
        out[n] = factor * sum / n as f64;
    }
    out
}

/// A series that is a number.
pub(crate) fn constant(length: usize, value: f64) -> Vec<f64> {
    let mut series = vec![0.0; length];
    if let Some(first) = series.first_mut() {
        *first = value;
    }
    series
}

#[cfg(test)]
mod tests {
    use super::{composition, compound_poisson, constant, power, product};

    #[test]
    #[allow(clippy::float_cmp, reason = "small binary fractions are exact")]
    fn products_powers_and_exponentials_are_cut_off_behind_the_degree() {
        let coin = [0.5, 0.5, 0.0, 0.0];
        assert_eq!(product(&coin, &coin), [0.25, 0.5, 0.25, 0.0]);
        assert_eq!(power(&coin, 3), [0.125, 0.375, 0.375, 0.125]);
        assert_eq!(power(&coin, 4)[3], 0.25);
        assert_eq!(power(&coin, 0), [1.0, 0.0, 0.0, 0.0]);
        for count in 0..30 {
            let coefficient = |n: usize| (n + 1) as f64;
            let mut expected = constant(4, 0.0);
            for n in 0..count {
                for (sum, p) in expected.iter_mut().zip(power(&coin, n as u64 + 2)) {
                    *sum += coefficient(n) * p;
                }
            }
            // Multiples of 2^-31, and small.
            assert_eq!(composition(count, coefficient, &coin, 2), expected);
        }
        let e = (-2.0_f64).exp();
        let poisson = compound_poisson(2.0, &[0.0, 1.0, 0.0, 0.0]);
        for (found, expected) in poisson.iter().zip([e, 2.0 * e, 2.0 * e, 4.0 / 3.0 * e]) {
            assert!((found - expected).abs() < 1e-16);
        }
    }
}
