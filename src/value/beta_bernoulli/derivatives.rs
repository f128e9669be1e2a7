//! The log-likelihood of the BG/BB model with its derivatives.

use crate::numeric::{Derivatives, RisingFactorial, SymmetricMatrix};

use crate::value::PurchaseOpportunities;
use crate::value::beta_bernoulli::law::BetaBernoulli;
use crate::value::observed::opportunities::UseRecord;

impl BetaBernoulli {
    /// Log-likelihood of all `purchases` with its derivatives in α, β, γ, δ.
    pub(in crate::value) fn derivatives(&self, purchases: &PurchaseOpportunities) -> Derivatives {
        let most = purchases.by_use().keys().map(|record| record.n).max();
        let steps = Steps::new(self, most.unwrap_or(0));
        let mut total = Derivatives {
            value: 0.0,
            gradient: vec![0.0; 4],
            hessian: SymmetricMatrix::zero(4),
        };
        for (&record, &customers) in purchases.by_use() {
            steps.add(record, customers as f64, &mut total);
        }
        total
    }
}

/// ln of the rising factorial of a base, and its first and second derivative, for 0, 1, 2, … factors.
type Rising = Vec<[f64; 3]>;

fn rising(base: f64, most: u32) -> Rising {
    let mut factorial = RisingFactorial::new(base);
    (0..=most)
        .map(|count| {
            factorial.advance_to(count);
            [factorial.ln(), factorial.first(), factorial.second()]
        })
        .collect()
}

/// Everything of which the terms of the likelihood are made.
struct Steps {
    gamma: f64,
    of_alpha: Rising,
    of_beta: Rising,
    of_alpha_beta: Rising,
    of_delta: Rising,
    of_gamma_delta: Rising,
}

/// Rows and columns of the ten cells of the upper triangle.
const CELLS: [(usize, usize); 10] = [
    (0, 0),
    (0, 1),
    (0, 2),
    (0, 3),
    (1, 1),
    (1, 2),
    (1, 3),
    (2, 2),
    (2, 3),
    (3, 3),
];

impl Steps {
    fn new(law: &BetaBernoulli, most: u32) -> Self {
        Self {
            gamma: law.gamma,
            of_alpha: rising(law.alpha, most),
            of_beta: rising(law.beta, most),
            of_alpha_beta: rising(law.alpha + law.beta, most),
            of_delta: rising(law.delta, most),
            of_gamma_delta: rising(law.gamma + law.delta, most),
        }
    }

    /// The logarithm of one term with its derivatives: seen to stay up to opportunity `at`, then gone or not.
    fn term(&self, x: usize, at: usize, then_gone: bool) -> (f64, [f64; 4], [f64; 10]) {
        let (a, b, ab) = (
            self.of_alpha[x],
            self.of_beta[at - x],
            self.of_alpha_beta[at],
        );
        let (d, gd) = (
            self.of_delta[at],
            self.of_gamma_delta[at + usize::from(then_gone)],
        );
        let inverse = if then_gone { 1.0 / self.gamma } else { 0.0 };
        let ln_leave = if then_gone { self.gamma.ln() } else { 0.0 };
        (
            a[0] + b[0] - ab[0] + ln_leave + d[0] - gd[0],
            [a[1] - ab[1], b[1] - ab[1], inverse - gd[1], d[1] - gd[1]],
            [
                a[2] - ab[2],
                -ab[2],
                0.0,
                0.0,
                b[2] - ab[2],
                0.0,
                0.0,
                -inverse * inverse - gd[2],
                -gd[2],
                d[2] - gd[2],
            ],
        )
    }

    fn add(&self, record: UseRecord, customers: f64, total: &mut Derivatives) {
        let (x, t_x, n) = (record.x as usize, record.t_x as usize, record.n as usize);
        let alive = self.term(x, n, false);
        let gone = |at: usize| self.term(x, at, true);
        // Times of leaving get less likely the later, so one of these two is the largest term.
        let largest = if t_x < n {
            alive.0.max(gone(t_x).0)
        } else {
            alive.0
        };
        let mut sum = 0.0;
        let mut first = [0.0; 4];
        let mut second = [0.0; 10];
        for (ln, slopes, bends) in std::iter::once(alive).chain((t_x..n).map(gone)) {
            let weight = (ln - largest).exp();
            sum += weight;
            for (into, slope) in first.iter_mut().zip(slopes) {
                *into += weight * slope;
            }
            for (cell, (row, column)) in CELLS.into_iter().enumerate() {
                second[cell] += weight * (bends[cell] + slopes[row] * slopes[column]);
            }
        }
        total.value += customers * (largest + sum.ln());
        for (into, slope) in total.gradient.iter_mut().zip(first) {
            *into += customers * slope / sum;
        }
        for (cell, (row, column)) in CELLS.into_iter().enumerate() {
            let bend = second[cell] / sum - first[row] / sum * (first[column] / sum);
            let before = total.hessian.get(row, column);
            total.hessian.set(row, column, before + customers * bend);
        }
    }
}
