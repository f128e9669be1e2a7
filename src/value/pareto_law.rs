//! The mathematics of the Pareto/NBD.
//!
//! Customers buy at rate λ ~ Γ(r, α) and leave at rate μ ~ Γ(s, β), at any moment. The odds of having left are an integral
//! of a positive function over the silence since the last purchase; it takes the place of the difference of two
//! hypergeometric functions in the paper, which cancels, overflows, and changes its form where α = β.

use std::ops::Range;

use crate::numeric::{
    Derivatives, RisingFactorial, SymmetricMatrix, fill_column, gauss_legendre_panels,
    ln_gamma_ratio, ln_one_plus_exp, sum_in_chunks,
};

use super::futures::DistinctPairs;
use super::pareto_silence::{FULL, Jet, Silences, settled};
use super::pareto_staying::ParetoStaying;
use super::patterns::PurchasePatterns;
use super::purchase_law::PurchaseLaw;

/// The four parameters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct ParetoLaw {
    pub(super) r: f64,
    pub(super) alpha: f64,
    pub(super) s: f64,
    pub(super) beta: f64,
}

impl PurchaseLaw for ParetoLaw {
    type Staying = ParetoStaying;

    fn log_likelihood(&self, x: u32, t_x: f64, t: f64) -> f64 {
        let count = f64::from(x);
        ln_gamma_ratio(self.r, count)
            - self.r * (t / self.alpha).ln_1p()
            - count * (self.alpha + t).ln()
            - self.s * (t / self.beta).ln_1p()
            + ln_one_plus_exp(self.ln_odds_gone(x, t_x, t))
    }

    fn ln_probability_alive(&self, x: u32, t_x: f64, t: f64) -> f64 {
        -ln_one_plus_exp(self.ln_odds_gone(x, t_x, t))
    }

    fn staying(&self, x: u32, t: f64) -> ParetoStaying {
        ParetoStaying {
            shape: self.r + f64::from(x),
            rate: self.alpha + t,
            leave_shape: self.s,
            leave_rate: self.beta + t,
        }
    }

    fn probabilities_alive(&self, x: &[u32], t_x: &[f64], t: &[f64]) -> Option<Vec<f64>> {
        /// With fewer rows hardly any two share a time.
        const WORTH_SHARING: usize = 64;
        if x.len() < WORTH_SHARING {
            return None;
        }
        let mut distinct = DistinctPairs::default();
        let places: Vec<(u32, u32)> = (0..x.len())
            .map(|row| {
                (
                    distinct.place(x[row], t_x[row]),
                    distinct.place(x[row], t[row]),
                )
            })
            .collect();
        let silences = Silences::of(&distinct);
        let left: Vec<Jet<1>> = silences.under(self);
        fill_column(x.len(), |row| {
            let (since_last, since_end) = places[row];
            let ([settled], exponent) = settled(
                self,
                x[row],
                t_x[row],
                t[row],
                &left[silences.place(since_last)],
                &left[silences.place(since_end)],
            );
            Ok(((-exponent).exp() / settled).min(1.0))
        })
        .ok()
    }
}

/// The distinct (x, time) of some patterns and where each pattern finds its own.
#[derive(Debug)]
pub(super) struct SharedSilences {
    silences: Silences,
    since_last: Vec<usize>,
    since_end: Vec<usize>,
}

impl SharedSilences {
    pub(super) fn of(patterns: &PurchasePatterns) -> Self {
        let mut distinct = DistinctPairs::default();
        let mut places_of = |times: &[f64]| -> Vec<u32> {
            patterns
                .x
                .iter()
                .zip(times)
                .map(|(&x, &time)| distinct.place(x, time))
                .collect()
        };
        let (last, end) = (places_of(&patterns.t_x), places_of(&patterns.t));
        let silences = Silences::of(&distinct);
        let ranked = |places: Vec<u32>| places.into_iter().map(|p| silences.place(p)).collect();
        let (since_last, since_end) = (ranked(last), ranked(end));
        Self {
            silences,
            since_last,
            since_end,
        }
    }
}

impl ParetoLaw {
    /// Logarithm of s ∫ over u from `t_x` to T of ((α + T)/(α + u))^(r + x) ((β + T)/(β + u))^s du / (β + u).
    fn ln_odds_gone(&self, x: u32, t_x: f64, t: f64) -> f64 {
        let shape = self.r + f64::from(x);
        let (alpha, beta) = (self.alpha + t_x, self.beta + t_x);
        let ratio = alpha / beta;
        // With y = ln((α + u) / (α + t_x)), all relative to t_x so that nothing overflows.
        let length = ((t - t_x) / alpha).ln_1p();
        let rate = (shape - 1.0).abs() + (self.s + 1.0) * ratio;
        let left = gauss_legendre_panels(length, rate, |y| {
            ((1.0 - shape) * y - (self.s + 1.0) * (ratio * y.exp_m1()).ln_1p()).exp()
        });
        let silence = shape * length + self.s * ((t - t_x) / beta).ln_1p();
        silence + (self.s * ratio * left).ln()
    }

    /// Log-likelihood of all `patterns` with its derivatives in r, α, s, β.
    pub(super) fn derivatives(
        &self,
        patterns: &PurchasePatterns,
        shared: &SharedSilences,
    ) -> Derivatives {
        let left: Vec<Jet<FULL>> = shared.silences.under(self);
        let mut sums = sum_in_chunks(patterns.len(), |range| {
            self.sums_over_patterns(patterns, shared, &left, range)
        });
        let mut of_r = RisingFactorial::new(self.r);
        for &(x, customers) in &patterns.counts {
            of_r.advance_to(x);
            sums[0] += customers * of_r.ln();
            sums[1] += customers * of_r.first();
            sums[5] += customers * of_r.second();
        }
        Derivatives {
            value: sums[0],
            gradient: sums[1..5].to_vec(),
            hessian: SymmetricMatrix::from_upper(4, &sums[5..]),
        }
    }

    /// (α / (α + t_x))^r (α + t_x)^(−x) (β / (β + t_x))^s times what [`settled`] gives.
    fn sums_over_patterns(
        &self,
        patterns: &PurchasePatterns,
        shared: &SharedSilences,
        left: &[Jet<FULL>],
        range: Range<usize>,
    ) -> Jet<FULL> {
        let Self { r, alpha, s, beta } = *self;
        let (inverse_alpha, inverse_beta) = (1.0 / alpha, 1.0 / beta);
        let mut sums = [0.0; FULL];
        for index in range {
            let (x, t_x, t) = (patterns.x[index], patterns.t_x[index], patterns.t[index]);
            let (settled, _) = settled(
                self,
                x,
                t_x,
                t,
                &left[shared.since_last[index]],
                &left[shared.since_end[index]],
            );
            let inverse = 1.0 / settled[0];
            let mut terms = settled.map(|part| part * inverse);
            let slope = [terms[1], terms[2], terms[3], terms[4]];
            let mut cell = 5;
            for row in 0..4 {
                for column in row..4 {
                    terms[cell] -= slope[row] * slope[column];
                    cell += 1;
                }
            }
            terms[0] = settled[0].ln();
            if x > 0 {
                let count = f64::from(x);
                let (later_alpha, later_beta) = (1.0 / (alpha + t_x), 1.0 / (beta + t_x));
                let ln_alpha = (t_x * inverse_alpha).ln_1p();
                let ln_beta = (t_x * inverse_beta).ln_1p();
                let by_alpha = t_x * inverse_alpha * later_alpha;
                let by_beta = t_x * inverse_beta * later_beta;
                terms[0] -= r * ln_alpha + count * (alpha + t_x).ln() + s * ln_beta;
                terms[1] -= ln_alpha;
                terms[2] += r * by_alpha - count * later_alpha;
                terms[3] -= ln_beta;
                terms[4] += s * by_beta;
                terms[6] += by_alpha;
                terms[9] +=
                    (r + count) * later_alpha * later_alpha - r * inverse_alpha * inverse_alpha;
                terms[13] += by_beta;
                terms[14] += s * (later_beta * later_beta - inverse_beta * inverse_beta);
            }
            let customers = patterns.customers[index];
            for (sum, term) in sums.iter_mut().zip(terms) {
                *sum += customers * term;
            }
        }
        sums
    }
}
