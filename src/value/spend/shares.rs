//! How a customer's total splits into single purchases.

use std::collections::BTreeMap;

use crate::numeric::{digamma, ln_gamma, trigamma};

use crate::value::spend::amounts::PurchaseAmounts;

/// How each customer's total splits into single purchases: as Dirichlet(p, …, p), whatever the customer's mean. The
/// likelihood of single purchases is that of the means times this.
#[derive(Clone, Debug)]
pub(in crate::value) struct Shares {
    /// Numbers of purchases from 2 on, with the customers who have so many.
    customers_by_count: Vec<(u32, f64)>,
    purchases: f64,
    /// Σ of ln(amount / total).
    sum_of_logarithms: f64,
    /// The part without parameters: from totals and shares to amounts.
    constant: f64,
}

impl Shares {
    pub(in crate::value) fn of(amounts: &PurchaseAmounts) -> Self {
        let mut by_count: BTreeMap<u32, f64> = BTreeMap::new();
        let (mut purchases, mut sum_of_logarithms, mut constant) = (0.0, 0.0, 0.0);
        for (count, total, logarithms) in amounts.sums() {
            let ln_total = total.ln();
            let n = f64::from(count);
            constant -= (n - 1.0) * ln_total + n.ln();
            if count < 2 {
                continue;
            }
            *by_count.entry(count).or_default() += 1.0;
            purchases += n;
            sum_of_logarithms += logarithms - n * ln_total;
        }
        Self {
            customers_by_count: by_count.into_iter().collect(),
            purchases,
            sum_of_logarithms,
            constant,
        }
    }

    /// Customers with more than one purchase: the only ones who show how single purchases vary.
    pub(in crate::value) fn customers(&self) -> f64 {
        self.customers_by_count
            .iter()
            .map(|&(_, customers)| customers)
            .sum()
    }

    /// Log-likelihood with its first and second derivative in p.
    pub(in crate::value) fn derivatives(&self, p: f64) -> [f64; 3] {
        let mut sums = [
            self.constant - self.purchases * ln_gamma(p) + (p - 1.0) * self.sum_of_logarithms,
            self.sum_of_logarithms - self.purchases * digamma(p),
            -self.purchases * trigamma(p),
        ];
        for &(count, customers) in &self.customers_by_count {
            let n = f64::from(count);
            sums[0] += customers * ln_gamma(p * n);
            sums[1] += customers * n * digamma(p * n);
            sums[2] += customers * n * n * trigamma(p * n);
        }
        sums
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Shares;
    use crate::value::spend::amounts::tests::{euro, simulated, summarised};
    use crate::value::{FittedGammaGamma, PurchaseAmounts};

    proptest! {
        #[test]
        fn the_likelihood_of_shares_and_means_is_that_of_single_purchases(
            logs in prop::array::uniform3(-1.0..2.0_f64),
        ) {
            let (whose, rows) = simulated(30, [3.0, 4.0, 20.0], 8);
            let amounts = PurchaseAmounts::from_purchases(euro(), &whose, &rows).unwrap();
            let [p, q, v] = logs.map(f64::exp);
            let model = FittedGammaGamma::from_parameters(p, q, v, euro()).unwrap();
            let direct: f64 = amounts.sums().map(|(count, total, logarithms)| {
                model.log_likelihood_of_purchases(count, total, logarithms).unwrap()
            }).sum();
            let means: f64 = summarised(&amounts).iter().map(|history| model.log_likelihood(&history).unwrap()).sum();
            let shares = Shares::of(&amounts);
            let [value, slope, bend] = shares.derivatives(p);
            prop_assert!((value + means - direct).abs() <= 1e-11 * direct.abs().max(100.0));
            let h = 2e-3 * p;
            let at = |k: f64| shares.derivatives(p + k * h);
            let difference = |part: usize| {
                let pair = |k: f64| at(k)[part] - at(-k)[part];
                (45.0 * pair(1.0) - 9.0 * pair(2.0) + pair(3.0)) / (60.0 * h)
            };
            prop_assert!((difference(0) - slope).abs() <= 1e-7 * (slope.abs() + 10.0 / p));
            prop_assert!((difference(1) - bend).abs() <= 1e-7 * (bend.abs() + 10.0 / p / p));
        }
    }
}
