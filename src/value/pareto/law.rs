//! The mathematics of the Pareto/NBD.
//!
//! Customers buy at rate λ ~ Γ(r, α) and leave at rate μ ~ Γ(s, β), at any moment. The odds of having left are an integral
//! of a positive function over the silence since the last purchase; it takes the place of the difference of two
//! hypergeometric functions in the paper, which cancels, overflows, and changes its form where α = β.

use std::ops::Range;

use crate::numeric::{
    Derivatives, RisingFactorial, SymmetricMatrix, column_of, gauss_legendre_panels,
    ln_gamma_ratio, ln_one_plus_exp, sum_in_chunks,
};

use crate::value::law::PurchaseLaw;
#[cfg(feature = "serde")]
use crate::value::law::require_positive;
use crate::value::observed::distinct::{bits, distinct};
use crate::value::observed::patterns::PurchasePatterns;
use crate::value::pareto::silence::{Decay, FULL, Jet, Moment, Silences, settled};
use crate::value::pareto::staying::ParetoStaying;

/// The four parameters.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub(in crate::value) struct ParetoLaw {
    pub(in crate::value) r: f64,
    pub(in crate::value) alpha: f64,
    pub(in crate::value) s: f64,
    pub(in crate::value) beta: f64,
}

#[cfg(feature = "serde")]
crate::measure::stored::loads_checked! {
    ParetoLaw { r: f64, alpha: f64, s: f64, beta: f64 }
    if |law: &Self| require_positive([("r", law.r), ("alpha", law.alpha), ("s", law.s), ("beta", law.beta)])
}

impl PurchaseLaw for ParetoLaw {
    type Staying = ParetoStaying;

    fn logarithms(&self) -> Vec<f64> {
        [self.r, self.alpha, self.s, self.beta]
            .map(f64::ln)
            .to_vec()
    }

    fn at_logarithms(&self, logarithms: &[f64]) -> Self {
        Self {
            r: logarithms[0].exp(),
            alpha: logarithms[1].exp(),
            s: logarithms[2].exp(),
            beta: logarithms[3].exp(),
        }
    }

    fn log_likelihood(&self, x: u32, t_x: f64, t: f64) -> f64 {
        if x == 0 {
            // Not to have bought again is next to certain for someone observed briefly: take the chance of the contrary.
            let bought = first_to_happen((self.r, self.alpha), (self.s, self.beta), t);
            if bought < 0.5 {
                return (-bought).ln_1p();
            }
        }
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

    fn probabilities_alive(&self, x: &[u32], t_x: &[f64], t: &[f64]) -> Vec<f64> {
        /// Bounds what is held beside the column; by far enough for rows to share their times where they are days.
        const ROWS_AT_A_TIME: usize = 1 << 19;
        let mut column = Vec::with_capacity(x.len());
        for begin in (0..x.len()).step_by(ROWS_AT_A_TIME) {
            let rows = begin..x.len().min(begin + ROWS_AT_A_TIME);
            column.extend(self.probabilities_alive_together(
                &x[rows.clone()],
                &t_x[rows.clone()],
                &t[rows],
            ));
        }
        column
    }
}

/// The distinct (x, time) of some histories, and where each history finds its own.
#[derive(Debug)]
pub(in crate::value) struct SharedSilences {
    silences: Silences,
    /// First those of the last purchases, then those of the ends of observation.
    places: Vec<u32>,
    rank: Vec<u32>,
}

impl SharedSilences {
    pub(in crate::value) fn of(patterns: &PurchasePatterns) -> Self {
        Self::among(patterns.len(), |index| {
            let (t_x, t) = (patterns.t_x(index), patterns.t(index));
            (patterns.x[index], bits(t_x), bits(t))
        })
    }

    /// Of so many histories, from x and the bits of `t_x` and T.
    fn among(rows: usize, history: impl Fn(usize) -> (u32, u64, u64) + Sync) -> Self {
        let (pairs, places) = distinct(2 * rows, |place| {
            let (x, t_x, t) = history(if place < rows { place } else { place - rows });
            (x, if place < rows { t_x } else { t })
        });
        let (silences, rank) = Silences::of(pairs);
        Self {
            silences,
            places,
            rank,
        }
    }

    /// The J of history `row` at its last purchase and at the end of observation.
    #[inline]
    fn at<'a, const N: usize>(&self, row: usize, left: &'a [Jet<N>]) -> (&'a Jet<N>, &'a Jet<N>) {
        let rows = self.places.len() / 2;
        let jet = |place: usize| &left[self.rank[self.places[place] as usize] as usize];
        (jet(row), jet(rows + row))
    }
}

impl ParetoLaw {
    /// P(alive) of each row, from integrals that the rows share.
    fn probabilities_alive_together(&self, x: &[u32], t_x: &[f64], t: &[f64]) -> Vec<f64> {
        /// With fewer rows hardly any two share a time.
        const WORTH_SHARING: usize = 64;
        let rows = x.len();
        if rows < WORTH_SHARING {
            return column_of(rows, |row| {
                self.ln_probability_alive(x[row], t_x[row], t[row]).exp()
            });
        }
        let shared = SharedSilences::among(rows, |row| (x[row], bits(t_x[row]), bits(t[row])));
        let left: Vec<Jet<1>> = shared.silences.under(self);
        column_of(rows, |row| {
            let decay = Decay::new(self, f64::from(x[row]), t_x[row], t[row] - t_x[row]);
            let (since_last, since_end) = shared.at(row, &left);
            let [settled] = settled(&decay, since_last, since_end);
            ((-decay.exponent).exp() / settled).min(1.0)
        })
    }

    /// Logarithm of s ∫ over u from `t_x` to T of ((α + T)/(α + u))^(r + x) ((β + T)/(β + u))^s du / (β + u).
    fn ln_odds_gone(&self, x: u32, t_x: f64, t: f64) -> f64 {
        let buying = (self.r + f64::from(x), self.alpha + t_x);
        let leaving = (self.s, self.beta + t_x);
        let silence = t - t_x;
        let without_either =
            buying.0 * (silence / buying.1).ln_1p() + leaving.0 * (silence / leaving.1).ln_1p();
        without_either + first_to_happen(leaving, buying, silence).ln()
    }

    /// Log-likelihood of all `patterns` with its derivatives in r, α, s, β.
    pub(in crate::value) fn derivatives(
        &self,
        patterns: &PurchasePatterns,
        shared: &SharedSilences,
    ) -> Derivatives {
        let left: Vec<Jet<FULL>> = shared.silences.under(self);
        let moment = patterns.by_time(|time| Moment::new(self, time));
        let mut sums = sum_in_chunks(patterns.len(), |range| {
            self.sums_over_patterns(patterns, &moment, |index| shared.at(index, &left), range)
        });
        let ln_alpha = self.alpha.ln();
        let mut of_r = RisingFactorial::new(self.r);
        for &(x, customers) in &patterns.counts {
            of_r.advance_to(x);
            sums[0] += customers * (of_r.ln() - f64::from(x) * ln_alpha);
            sums[1] += customers * of_r.first();
            sums[5] += customers * of_r.second();
        }
        Derivatives {
            value: sums[0],
            gradient: sums[1..5].to_vec(),
            hessian: SymmetricMatrix::from_upper(4, &sums[5..]),
        }
    }

    /// The sums of the logarithm of (α / A)^(r + x) (β / B)^s times what [`settled`] gives, with A = α + `t_x` and
    /// B = β + `t_x`; the derivatives in α those of α^(−x) too.
    fn sums_over_patterns<'a>(
        &self,
        patterns: &PurchasePatterns,
        moment: impl Fn(u32) -> Moment,
        left: impl Fn(usize) -> (&'a Jet<FULL>, &'a Jet<FULL>),
        range: Range<usize>,
    ) -> Jet<FULL> {
        let Self { r, alpha, s, beta } = *self;
        let (inverse_alpha, inverse_beta) = (1.0 / alpha, 1.0 / beta);
        let mut sums = [0.0; FULL];
        for index in range {
            let (x, t_x, t) = (patterns.x[index], patterns.t_x(index), patterns.t(index));
            let count = f64::from(x);
            let last = moment(patterns.t_x_place[index]);
            let end = moment(patterns.t_place[index]);
            let decay = Decay::between(self, count, (&last, &end), t - t_x);
            let (since_last, since_end) = left(index);
            let settled = settled(&decay, since_last, since_end);
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
                let (later_alpha, later_beta) = (last.inverse_alpha, last.inverse_beta);
                let (ln_alpha, ln_beta) = (last.ln_alpha, last.ln_beta);
                let by_alpha = t_x * inverse_alpha * later_alpha;
                let by_beta = t_x * inverse_beta * later_beta;
                terms[0] -= (r + count) * ln_alpha + s * ln_beta;
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

/// Chance that of two things, whose rates are Γ(shape, rate), `this` happens within `t` and before the `other`:
/// ∫₀^t s/(B + u) (B / (B + u))^s (A / (A + u))^R du.
fn first_to_happen(this: (f64, f64), other: (f64, f64), t: f64) -> f64 {
    let ((s, beta), (shape, alpha)) = (this, other);
    let ratio = alpha / beta;
    // With y = ln((A + u) / A).
    let rate = (shape - 1.0).abs() + (s + 1.0) * ratio;
    let integral = gauss_legendre_panels((t / alpha).ln_1p(), rate, |y| {
        ((1.0 - shape) * y - (s + 1.0) * (ratio * y.exp_m1()).ln_1p()).exp()
    });
    s * ratio * integral
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{ParetoLaw, SharedSilences};
    use crate::measure::TimeUnit;
    use crate::value::PurchaseHistories;
    use crate::value::law::{PurchaseLaw, StayingCustomer};
    use crate::value::observed::patterns::PurchasePatterns;

    fn patterns() -> PurchasePatterns {
        let histories = PurchaseHistories::from_columns(
            TimeUnit::Week,
            vec![0, 1, 2, 2, 2, 29, 700, 0, 29],
            vec![0.0, 1.71, 30.43, 30.43, 8.0, 38.0, 11.0, 0.0, 12.0],
            vec![38.86, 38.86, 38.86, 38.86, 8.0, 38.86, 12.0, 20.0, 20.0],
        )
        .unwrap();
        PurchasePatterns::of(&histories)
    }

    fn at([r, alpha, s, beta]: [f64; 4]) -> ParetoLaw {
        ParetoLaw { r, alpha, s, beta }
    }

    /// A central difference of sixth order.
    fn difference(function: impl Fn(f64) -> f64, x: f64) -> f64 {
        let h = 5e-3 * x;
        let pair = |k: f64| function(x + k * h) - function(x - k * h);
        (45.0 * pair(1.0) - 9.0 * pair(2.0) + pair(3.0)) / (60.0 * h)
    }

    #[test]
    fn a_column_longer_than_a_block_says_what_single_answers_say() {
        let law = at([0.55, 10.6, 0.61, 11.7]);
        let rows = (1_usize << 19) + 70;
        let week = |row: usize| 20.0 + (row % 97) as f64 / 7.0;
        let x: Vec<u32> = (0..5).cycle().take(rows).collect();
        let t: Vec<f64> = (0..rows).map(week).collect();
        let t_x: Vec<f64> = (0..rows)
            .map(|row| f64::from(x[row]) * 0.2 * t[row])
            .collect();
        let column = law.probabilities_alive(&x, &t_x, &t);
        assert_eq!(column.len(), rows);
        for row in (0..rows).step_by(1_999).chain(rows - 75..rows) {
            let single = law.ln_probability_alive(x[row], t_x[row], t[row]).exp();
            assert!((column[row] / single - 1.0).abs() < 1e-12, "{row}");
        }
    }

    proptest! {
        #[test]
        fn derivatives_agree_with_differences(logs in prop::array::uniform4(-2.0..2.5_f64)) {
            let parameters = logs.map(f64::exp);
            let patterns = patterns();
            let shared = SharedSilences::of(&patterns);
            let exact = at(parameters).derivatives(&patterns, &shared);
            let direct: f64 = (0..patterns.len())
                .map(|i| patterns.customers[i]
                    * at(parameters).log_likelihood(patterns.x[i], patterns.t_x(i), patterns.t(i)))
                .sum();
            prop_assert!((exact.value - direct).abs() <= 1e-12 * direct.abs());
            for row in 0..4 {
                let moved = |value: f64| {
                    let mut parameters = parameters;
                    parameters[row] = value;
                    at(parameters).derivatives(&patterns, &shared)
                };
                let slope = difference(|v| moved(v).value, parameters[row]);
                let scale = exact.gradient[row].abs() + 10.0 / parameters[row];
                prop_assert!((exact.gradient[row] - slope).abs() <= 1e-7 * scale, "{row}: {} {slope}", exact.gradient[row]);
                for column in 0..4 {
                    let bend = difference(|v| moved(v).gradient[column], parameters[row]);
                    let scale = exact.hessian.get(row, column).abs() + 10.0 / (parameters[row] * parameters[column]);
                    prop_assert!((exact.hessian.get(row, column) - bend).abs() <= 1e-7 * scale, "{row} {column}");
                }
            }
        }

        #[test]
        fn shared_and_single_probabilities_agree(
            logs in prop::array::uniform4(-4.0..4.0_f64),
            seeds in prop::collection::vec((0_u32..40, 0_u32..300, 0_u32..60), 64..200),
        ) {
            let law = at(logs.map(f64::exp));
            let x: Vec<u32> = seeds.iter().map(|seed| seed.0 * seed.0).collect();
            let t_x: Vec<f64> = seeds.iter().map(|seed| if seed.0 == 0 { 0.0 } else { f64::from(seed.1) }).collect();
            let t: Vec<f64> = seeds.iter().zip(&t_x).map(|(seed, t_x)| t_x + f64::from(seed.2)).collect();
            let together = law.probabilities_alive(&x, &t_x, &t);
            for (row, shared) in together.iter().enumerate() {
                let single = law.ln_probability_alive(x[row], t_x[row], t[row]).exp();
                // The single one carries the rounding of its logarithm.
                let allowed = 1e-13 * single * (1.0 - single.ln());
                prop_assert!(single < 1e-290 || (shared - single).abs() <= allowed, "{row}: {shared} {single}");
            }
        }

        #[test]
        fn the_probabilities_of_all_numbers_of_purchases_add_up_and_average_to_the_expectation(
            logs in prop::array::uniform4(-1.0..1.0_f64),
            x in 0_u32..20,
            t in 0.1..6.0_f64,
        ) {
            let [r, alpha, s, beta] = logs.map(f64::exp);
            let staying = at([r, 10.0 * alpha, s, 10.0 * beta]).staying(x, 30.0);
            let probabilities: Vec<f64> = (0..300).map(|n| staying.probability_of_purchases(n, t)).collect();
            let total: f64 = probabilities.iter().sum();
            prop_assert!((total - 1.0).abs() < 1e-12, "{total}");
            let mean: f64 = probabilities.iter().zip(0..).map(|(p, n)| p * f64::from(n)).sum();
            prop_assert!((mean / staying.expected_purchases(0.0, t) - 1.0).abs() < 1e-11);
        }

        #[test]
        fn pieces_of_the_future_add_up(
            logs in prop::array::uniform4(-2.0..2.0_f64),
            x in 0_u32..2000,
            ln_t in -6.0..9.0_f64,
            share in 0.0..1.0_f64,
        ) {
            let [r, alpha, s, beta] = logs.map(f64::exp);
            let staying = at([r, 10.0 * alpha, s, 10.0 * beta]).staying(x, 30.0);
            let until = ln_t.exp();
            let whole = staying.expected_purchases(0.0, until);
            let cut = share * until;
            let parts = staying.expected_purchases(0.0, cut) + staying.expected_purchases(cut, until);
            prop_assert!((parts / whole - 1.0).abs() < 1e-12, "{parts} {whole}");
            let barely = staying.discounted_purchases(1e-14, Some(until)).unwrap();
            prop_assert!((barely / whole - 1.0).abs() < 1e-9, "{barely} {whole}");
            let discounted = staying.discounted_purchases(0.01, Some(until)).unwrap();
            prop_assert!(discounted > 0.0 && discounted < whole * (1.0 + 1e-12));
            let forever = staying.discounted_purchases(0.01, None).unwrap();
            prop_assert!(forever >= discounted * (1.0 - 1e-12));
            let nearly_forever = staying.discounted_purchases(0.01, Some(6000.0)).unwrap();
            prop_assert!((nearly_forever / forever - 1.0).abs() < 1e-11, "{nearly_forever} {forever}");
        }
    }
}
