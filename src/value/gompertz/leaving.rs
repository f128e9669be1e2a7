//! When a GGompertz/NBD customer leaves.

use crate::numeric::gauss_legendre;

/// S(u) = (B / (B + φ(u)))^s with φ(u) = (e^(b u) − 1) / b and B = β / b.
///
/// With B for β the limit b → 0 is no exception: φ(u) → u, which is the Pareto/NBD. Of someone who has stayed until T the
/// same holds with B e^(−b T) + (1 − e^(−b T)) / b, a sum of positive terms.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::value) struct Leaving {
    pub(in crate::value) b: f64,
    pub(in crate::value) s: f64,
    pub(in crate::value) scale: f64,
}

/// Of ∫₀^1 `t^k` e^(−z (1 − t)) dt for k = 0, 1, 2: the first is (1 − e^(−z)) / z, the others come with its derivatives in z.
#[inline]
pub(super) fn scaled_moments(z: f64, decay: f64) -> [f64; 3] {
    /// Below, the differences of the closed forms would cancel.
    const SERIES_UP_TO: f64 = 1.0;
    /// Terms of Σ (−z)^k 2 / (k + 3)! up to z = 1.
    const TERMS: u32 = 15;
    if z > SERIES_UP_TO {
        let zeroth = (1.0 - decay) / z;
        let first = (1.0 - zeroth) / z;
        return [zeroth, first, (1.0 - 2.0 * first) / z];
    }
    let mut second = 1.0;
    for k in (1..=TERMS).rev() {
        second = 1.0 - z * second / f64::from(k + 3);
    }
    second /= 3.0;
    let first = 0.5 * (1.0 - z * second);
    [1.0 - z * first, first, second]
}

/// (1 − e^(−b u)) / b, which is u where b is small.
fn faded(b: f64, u: f64) -> f64 {
    let z = b * u;
    if z < 1e-300 { u } else { -(-z).exp_m1() / b }
}

/// A rate of purchases Γ(shape, rate) that runs beside the leaving.
pub(super) type Buying = (f64, f64);

impl Leaving {
    /// Of someone who has stayed for `t`.
    pub(super) fn after(&self, t: f64) -> Self {
        Self {
            scale: self.inverse_hazard(t),
            ..*self
        }
    }

    /// (B + φ(u)) e^(−b u), which is s over the rate of leaving at u.
    #[inline]
    pub(super) fn inverse_hazard(&self, u: f64) -> f64 {
        self.scale * (-self.b * u).exp() + faded(self.b, u)
    }

    /// The rate of leaving at u.
    #[inline]
    pub(super) fn hazard(&self, u: f64) -> f64 {
        self.s / self.inverse_hazard(u)
    }

    /// ln S(u).
    #[inline]
    pub(super) fn ln_survival(&self, u: f64) -> f64 {
        -self.s * self.ln_growth(u)
    }

    /// ln((B + φ(u)) / B).
    #[inline]
    fn ln_growth(&self, u: f64) -> f64 {
        /// From here on e^(b u) is better kept as an exponent.
        const LARGE: f64 = 30.0;
        let z = self.b * u;
        if z < LARGE {
            let grown = if z < 1e-300 { u } else { z.exp_m1() / self.b };
            (grown / self.scale).ln_1p()
        } else {
            z + (self.inverse_hazard(u) / self.scale).ln()
        }
    }

    /// From when on the rate of leaving is s b to the last digit.
    pub(super) fn settled_from(&self) -> f64 {
        /// −ln of a share that no longer counts.
        const SHARE: f64 = 41.5;
        let from_one = (self.b * self.scale - 1.0).abs();
        ((from_one.ln() + SHARE) / self.b).max(0.0)
    }

    /// How long a panel from `v` may be so that 24 points give all digits: short against the distance to the integrand's
    /// singularities, and without too large a fall or rise.
    pub(super) fn panel(&self, v: f64, buying: Buying, delta: f64, settled: bool) -> f64 {
        /// A factor e^8 within a panel costs no digit.
        const EXPONENT: f64 = 8.0;
        /// e to the largest b w while the rate of leaving still grows.
        const GROWTH: f64 = 7.4;
        let (shape, rate) = buying;
        let purchases = shape / (rate + v);
        let branch = if shape > 0.0 {
            2.0 * (rate + v)
        } else {
            f64::MAX
        };
        let b = self.b;
        if settled {
            return branch.min(EXPONENT / (purchases + self.s * b + delta));
        }
        let per_shape = 1.0 / self.inverse_hazard(v);
        if per_shape >= b {
            // β ≤ 1: the rate of leaving falls, and the singularity lies behind.
            let beta = (b * self.scale).min(1.0);
            let behind = if beta < 1e-300 {
                self.scale
            } else {
                -(-beta).ln_1p() / b
            };
            let falling = (self.s + 1.0) * per_shape;
            branch
                .min(2.0 * (v + behind))
                .min(EXPONENT / (purchases + falling + delta))
        } else {
            let rising = (self.s + 1.0) * b.min(GROWTH * per_shape);
            branch
                .min(2.0 / b)
                .min(EXPONENT / (purchases + rising + b + delta))
        }
    }

    /// Chance that within `t` what happens at rate `event`(v) at v comes first, before a purchase at rate `buying` (if
    /// any) and before leaving: ∫₀^t `event`(v) (A / (A + v))^R S(v) dv, R and A being `buying`.
    ///
    /// `event` must be smooth where the others are.
    pub(super) fn first_to_happen(
        &self,
        t: f64,
        buying: Buying,
        event: impl Fn(f64) -> f64,
    ) -> f64 {
        let (shape, rate) = buying;
        let ln_neither = |v: f64| self.ln_survival(v) - shape * (v / rate).ln_1p();
        let settled_from = self.settled_from();
        let (mut sum, mut from) = (0.0, 0.0);
        while from < t {
            let settled = from >= settled_from;
            let width = self.panel(from, buying, 0.0, settled);
            // A last bit that would be left over joins the panel before it.
            let to = if from + 1.25 * width >= t {
                t
            } else {
                from + width
            };
            sum += gauss_legendre(from, to, |v| event(v) * ln_neither(v).exp());
            // At most this is still to come: both the event and the others end the wait.
            if to <= from || ln_neither(to).exp() <= NEGLIGIBLE * sum {
                break;
            }
            from = to;
        }
        sum
    }

    /// ∫₀^t e^(−δ v) S(v) dv; `t` may be infinite.
    pub(super) fn discounted_stay(&self, delta: f64, t: f64) -> f64 {
        let settled_from = self.settled_from();
        let end = t.min(settled_from);
        let (mut sum, mut from) = (0.0, 0.0);
        let value = |v: f64| (self.ln_survival(v) - delta * v).exp();
        while from < end {
            let width = self.panel(from, (0.0, 1.0), delta, false);
            let to = if from + 1.25 * width >= end {
                end
            } else {
                from + width
            };
            sum += gauss_legendre(from, to, value);
            let slowest = self.s * self.b.min(1.0 / self.inverse_hazard(to)) + delta;
            if to <= from || value(to) <= NEGLIGIBLE * sum * slowest {
                return sum;
            }
            from = to;
        }
        if t <= settled_from {
            return sum;
        }
        // From here on S falls as e^(−s b v).
        let decay = self.s * self.b + delta;
        let rest = -(-decay * (t - settled_from)).exp_m1() / decay;
        sum + value(settled_from) * rest
    }
}

/// What is still to come counts no more below this share.
const NEGLIGIBLE: f64 = 1e-18;
