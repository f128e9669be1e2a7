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

/// The series to a whole power.
pub(crate) fn power(series: &[f64], mut exponent: u64) -> Vec<f64> {
    let mut result = constant(series.len(), 1.0);
    let mut square = series.to_vec();
    while exponent > 0 {
        if exponent & 1 == 1 {
            result = product(&result, &square);
        }
        exponent >>= 1;
        if exponent > 0 {
            square = product(&square, &square);
        }
    }
    result
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
    use super::{compound_poisson, power, product};

    #[test]
    #[allow(clippy::float_cmp, reason = "small binary fractions are exact")]
    fn products_powers_and_exponentials_are_cut_off_behind_the_degree() {
        let coin = [0.5, 0.5, 0.0, 0.0];
        assert_eq!(product(&coin, &coin), [0.25, 0.5, 0.25, 0.0]);
        assert_eq!(power(&coin, 3), [0.125, 0.375, 0.375, 0.125]);
        assert_eq!(power(&coin, 4)[3], 0.25);
        assert_eq!(power(&coin, 0), [1.0, 0.0, 0.0, 0.0]);
        let e = (-2.0_f64).exp();
        let poisson = compound_poisson(2.0, &[0.0, 1.0, 0.0, 0.0]);
        for (found, expected) in poisson.iter().zip([e, 2.0 * e, 2.0 * e, 4.0 / 3.0 * e]) {
            assert!((found - expected).abs() < 1e-16);
        }
    }
}
