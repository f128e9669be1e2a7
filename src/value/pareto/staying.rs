//! The future of a Pareto/NBD customer who has not left.

use crate::error::{Error, Result};
use crate::numeric::scaled_exponential_integral;
use crate::numeric::{gauss_legendre_adaptive, gauss_legendre_panels, ln_ways};

use crate::value::law::StayingCustomer;

/// A customer who has not left: purchases come at rate λ ~ Γ(shape, rate), leaving at rate μ ~ Γ(`leave_shape`,
/// `leave_rate`).
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::value) struct ParetoStaying {
    pub(in crate::value) shape: f64,
    pub(in crate::value) rate: f64,
    pub(in crate::value) leave_shape: f64,
    pub(in crate::value) leave_rate: f64,
}

impl StayingCustomer for ParetoStaying {
    /// E[λ] ∫ P(still there at u) du, the probability being (B / (B + u))^s.
    fn expected_purchases(&self, from: f64, until: f64) -> f64 {
        let start = self.leave_rate + from;
        let there = (-self.leave_shape * (from / self.leave_rate).ln_1p()).exp();
        self.shape / self.rate * there * start * self.mean_stay(((until - from) / start).ln_1p())
    }

    /// (B / (B + t))^s.
    fn probability_of_staying(&self, t: f64) -> Option<f64> {
        Some((-self.leave_shape * (t / self.leave_rate).ln_1p()).exp())
    }

    /// Those who stay for all of `t`, and those who buy `n` times and then leave within it.
    fn probability_of_purchases(&self, n: u32, t: f64) -> f64 {
        let Self {
            shape,
            rate,
            leave_shape,
            leave_rate,
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
            ln_ways - shape * (u / rate).ln_1p() - bought - leave_shape * (u / leave_rate).ln_1p()
        };
        // With y = ln(1 + u / A).
        let left = gauss_legendre_adaptive((t / rate).ln_1p(), |y| {
            let u = rate * y.exp_m1();
            ln_staying(u).exp() * leave_shape * (rate + u) / (leave_rate + u)
        });
        ln_staying(t).exp() + left
    }

    fn discounted_purchases(&self, delta: f64, horizon: Option<f64>) -> Result<f64> {
        let per_time = self.shape / self.rate;
        match horizon {
            Some(until) if delta == 0.0 => Ok(self.expected_purchases(0.0, until)),
            Some(until) => Ok(per_time * self.discounted_stay(delta, until)),
            None if delta > 0.0 => {
                let z = self.leave_rate * delta;
                let stay = self.leave_rate * scaled_exponential_integral(self.leave_shape, z);
                Ok(per_time * stay)
            }
            // E[λ] E[1/μ].
            None if self.leave_shape > 1.0 => {
                Ok(per_time * self.leave_rate / (self.leave_shape - 1.0))
            }
            None => Err(Error::CannotTell {
                question: "how many purchases are still to come without discounting and without a horizon".into(),
                reason: "with s not above 1 so many customers hardly ever leave that the expectation is infinite; \
                         give a discount rate or a horizon"
                    .into(),
            }),
        }
    }
}

impl ParetoStaying {
    /// ∫₀^`growth` e^((1 − s) y) dy, in which s = 1 is no exception.
    fn mean_stay(&self, growth: f64) -> f64 {
        let epsilon = 1.0 - self.leave_shape;
        if epsilon == 0.0 {
            growth
        } else {
            (epsilon * growth).exp_m1() / epsilon
        }
    }

    /// ∫₀^until e^(−δ u) (1 + u / B)^(−s) du.
    fn discounted_stay(&self, delta: f64, until: f64) -> f64 {
        /// From here on the part behind the horizon is small against the whole, and subtracting it costs nothing.
        const FAR: f64 = 2.0;
        let (s, rate) = (self.leave_shape, self.leave_rate);
        let z = rate * delta;
        let growth = (until / rate).ln_1p();
        if delta * until < FAR {
            // With y = ln(1 + u / B).
            return rate
                * gauss_legendre_panels(growth, (s - 1.0).abs() + z, |y| {
                    ((1.0 - s) * y - z * y.exp_m1()).exp()
                });
        }
        let forever = scaled_exponential_integral(s, z);
        let after = ((1.0 - s) * growth - delta * until).exp();
        rate * (forever - after * scaled_exponential_integral(s, z * (1.0 + until / rate)))
    }
}
