//! Customers who came back and spent, as the Gamma–Gamma model sees them.

use crate::numeric::{
    Derivatives, SymmetricMatrix, digamma, ln_gamma, ln_gamma_ratio, sum_in_chunks, trigamma,
};

/// Customers with repeat purchases, grouped by their number x; within a group ascending by mean spend.
pub(in crate::value) struct Spenders {
    customers: usize,
    /// x and the end of its rows in the columns below.
    groups: Vec<(u32, usize)>,
    /// Distinct x times mean spend.
    amounts: Vec<f64>,
    weights: Vec<f64>,
    /// Σ of ln(mean spend), the part of the likelihood without parameters.
    sum_of_ln_means: f64,
}

impl Spenders {
    pub(in crate::value) fn of(repeat_purchases: &[u32], means: &[f64]) -> Self {
        let mut rows: Vec<(u32, u64)> = repeat_purchases
            .iter()
            .zip(means)
            .filter(|&(&x, &mean)| x > 0 && mean > 0.0)
            .map(|(&x, &mean)| (x, mean.to_bits()))
            .collect();
        rows.sort_unstable();
        let mut spenders = Self {
            customers: rows.len(),
            groups: Vec::new(),
            amounts: Vec::new(),
            weights: Vec::new(),
            sum_of_ln_means: 0.0,
        };
        for alike in rows.chunk_by(|left, right| left == right) {
            let (x, mean) = (alike[0].0, f64::from_bits(alike[0].1));
            let customers = alike.len() as f64;
            spenders.amounts.push(f64::from(x) * mean);
            spenders.weights.push(customers);
            spenders.sum_of_ln_means += customers * mean.ln();
            let end = spenders.amounts.len();
            match spenders.groups.last_mut() {
                Some((last, group_end)) if *last == x => *group_end = end,
                _ => spenders.groups.push((x, end)),
            }
        }
        spenders
    }

    pub(in crate::value) fn customers(&self) -> usize {
        self.customers
    }

    /// Number of distinct pairs of x and mean spend.
    pub(in crate::value) fn distinct(&self) -> usize {
        self.amounts.len()
    }

    /// Number of distinct x.
    pub(in crate::value) fn distinct_counts(&self) -> usize {
        self.groups.len()
    }

    /// Mean of the customers' mean spends.
    pub(in crate::value) fn mean(&self) -> f64 {
        let mut sum = 0.0;
        let mut begin = 0;
        for &(x, end) in &self.groups {
            for row in begin..end {
                sum += self.weights[row] * self.amounts[row] / f64::from(x);
            }
            begin = end;
        }
        sum / self.customers as f64
    }

    /// Log-likelihood with its derivatives in p, q, v.
    pub(in crate::value) fn derivatives(&self, parameters: [f64; 3]) -> Derivatives {
        let mut sums = [0.0; 10];
        self.each_group(
            |_| parameters,
            |_, group| {
                for (sum, part) in sums.iter_mut().zip(group) {
                    *sum += part;
                }
            },
        );
        Derivatives {
            value: sums[0] - self.sum_of_ln_means,
            gradient: sums[1..4].to_vec(),
            hessian: SymmetricMatrix::from_upper(3, &sums[4..]),
        }
    }

    /// The part of the log-likelihood in which no parameter occurs.
    pub(in crate::value) fn constant(&self) -> f64 {
        -self.sum_of_ln_means
    }

    /// For each x in ascending order, under the p, q, v that `parameters` gives for it: x, and the log-likelihood of its
    /// customers less the constant, with 3 first and 6 second derivatives (upper triangle) in p, q, v.
    pub(in crate::value) fn each_group(
        &self,
        parameters: impl Fn(u32) -> [f64; 3],
        mut take: impl FnMut(u32, [f64; 10]),
    ) {
        let mut begin = 0;
        for &(x, end) in &self.groups {
            let count = f64::from(x);
            let [p, q, v] = parameters(x);
            let (digamma_q, trigamma_q, ln_gamma_q) = (digamma(q), trigamma(q), ln_gamma(q));
            // Weights, Σ ln(v + amount) − ln v, Σ ln(v + amount) − ln amount, Σ 1/(v + amount), Σ 1/(v + amount)².
            let [customers, above_v, above_amount, inverse, square] =
                sum_in_chunks(end - begin, |range| {
                    let mut sums = [0.0; 5];
                    for row in range.start + begin..range.end + begin {
                        let (amount, weight) = (self.amounts[row], self.weights[row]);
                        let one_over = 1.0 / (v + amount);
                        sums[0] += weight;
                        sums[1] += weight * (amount / v).ln_1p();
                        sums[2] += weight * (v / amount).ln_1p();
                        sums[3] += weight * one_over;
                        sums[4] += weight * one_over * one_over;
                    }
                    sums
                });
            begin = end;
            let shape = p * count;
            let total = shape + q;
            let (digamma_total, trigamma_total) = (digamma(total), trigamma(total));
            let value = customers * (ln_gamma_ratio(shape, q) - ln_gamma_q)
                - q * above_v
                - shape * above_amount;
            take(
                x,
                [
                    value,
                    count * (customers * (digamma_total - digamma(shape)) - above_amount),
                    customers * (digamma_total - digamma_q) - above_v,
                    customers * q / v - total * inverse,
                    customers * count * count * (trigamma_total - trigamma(shape)),
                    customers * count * trigamma_total,
                    -count * inverse,
                    customers * (trigamma_total - trigamma_q),
                    customers / v - inverse,
                    total * square - customers * q / (v * v),
                ],
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Spenders;
    use crate::measure::{Currency, ExpectedMoney, TimeUnit};
    use crate::value::{FittedGammaGamma, PurchaseHistory};

    proptest! {
        #[test]
        fn derivatives_agree_with_differences(logs in prop::array::uniform3(-0.5..2.0_f64)) {
            let counts = [1, 1, 2, 7, 0, 300, 2];
            let means = [11.77, 11.77, 22.35, 73.74, 0.0, 35.0, 1e4];
            let spenders = Spenders::of(&counts, &means);
            let parameters = logs.map(f64::exp);
            let exact = spenders.derivatives(parameters);
            let dollar = Currency::new("USD").unwrap();
            let [p, q, v] = parameters;
            let model = FittedGammaGamma::from_parameters(p, q, v, dollar).unwrap();
            let direct: f64 = counts.iter().zip(means).filter(|&(&x, _)| x > 0)
                .map(|(&x, mean)| model.log_likelihood(
                    &PurchaseHistory::new(x, 1.0, 2.0, TimeUnit::Week).unwrap()
                        .with_mean_repeat_spend(ExpectedMoney::new(mean, dollar).unwrap()).unwrap()).unwrap())
                .sum();
            prop_assert!((exact.value - direct).abs() <= 1e-12 * direct.abs());
            for row in 0..3 {
                let h = 5e-3 * parameters[row];
                let at = |k: f64| {
                    let mut moved = parameters;
                    moved[row] += k * h;
                    spenders.derivatives(moved)
                };
                let difference = |part: &dyn Fn(f64) -> f64| {
                    (45.0 * (part(1.0) - part(-1.0)) - 9.0 * (part(2.0) - part(-2.0)) + part(3.0) - part(-3.0)) / (60.0 * h)
                };
                let slope = difference(&|k| at(k).value);
                prop_assert!((exact.gradient[row] - slope).abs() <= 1e-6 * (exact.gradient[row].abs() + 10.0 / parameters[row]));
                for column in 0..3 {
                    let bend = difference(&|k| at(k).gradient[column]);
                    let scale = exact.hessian.get(row, column).abs() + 10.0 / (parameters[row] * parameters[column]);
                    prop_assert!((exact.hessian.get(row, column) - bend).abs() <= 1e-6 * scale, "{row} {column}");
                }
            }
        }
    }
}
