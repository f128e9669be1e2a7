//! The future of a GGompertz/NBD customer who has not left.

use crate::error::Result;
use crate::numeric::{gauss_legendre_adaptive, ln_gamma, ln_gamma_ratio};

use crate::value::gompertz::leaving::Leaving;
use crate::value::law::StayingCustomer;

/// A customer who has not left: purchases come at rate λ ~ Γ(shape, rate), leaving by `leaving`, both from now on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::value) struct GompertzStaying {
    pub(in crate::value) shape: f64,
    pub(in crate::value) rate: f64,
    pub(in crate::value) leaving: Leaving,
}

impl StayingCustomer for GompertzStaying {
    /// E[λ] ∫ P(still there at u) du. The paper's closed form takes the survival at T for that until T; this does not.
    fn expected_purchases(&self, from: f64, until: f64) -> f64 {
        let there = self.leaving.ln_survival(from).exp();
        let stay = self.leaving.after(from).discounted_stay(0.0, until - from);
        self.shape / self.rate * there * stay
    }

    /// Those who stay for all of `t`, and those who buy `n` times and then leave within it.
    fn probability_of_purchases(&self, n: u32, t: f64) -> f64 {
        let Self {
            shape,
            rate,
            leaving,
        } = *self;
        let count = f64::from(n);
        if t == 0.0 {
            return if n == 0 { 1.0 } else { 0.0 };
        }
        let ln_ways = ln_ways(shape, count);
        // The logarithm of P(n purchases in u) times P(still there at u).
        let ln_staying = |u: f64| {
            let bought = if n == 0 {
                0.0
            } else {
                count * (rate / u).ln_1p()
            };
            ln_ways - shape * (u / rate).ln_1p() - bought + leaving.ln_survival(u)
        };
        // With y = ln(1 + u / A).
        let left = gauss_legendre_adaptive((t / rate).ln_1p(), |y| {
            let u = rate * y.exp_m1();
            ln_staying(u).exp() * leaving.hazard(u) * (rate + u)
        });
        ln_staying(t).exp() + left
    }

    /// Finite even without a discount and a horizon: in the long run the rate of leaving is s b for everyone.
    fn discounted_purchases(&self, delta: f64, horizon: Option<f64>) -> Result<f64> {
        let until = horizon.unwrap_or(f64::INFINITY);
        Ok(self.shape / self.rate * self.leaving.discounted_stay(delta, until))
    }
}

/// ln Γ(R + n) − ln Γ(R) − ln n!, with the two large ones of the three taken as a ratio.
fn ln_ways(shape: f64, count: f64) -> f64 {
    if shape > count + 1.0 {
        ln_gamma_ratio(shape, count) - ln_gamma(count + 1.0)
    } else if shape > 1.0 {
        ln_gamma_ratio(count + 1.0, shape - 1.0) - ln_gamma(shape)
    } else {
        -ln_gamma_ratio(count + shape, 1.0 - shape) - ln_gamma(shape)
    }
}
