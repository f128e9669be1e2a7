//! The mathematics of the GGompertz/NBD.
//!
//! Customers buy at rate λ ~ Γ(r, α) and leave by a Gompertz law of scale b whose second parameter differs as Γ(s, β), so
//! that S(u) = (β / (β − 1 + e^(b u)))^s. The odds of having left are one integral of a positive function over the silence
//! since the last purchase, taken as a ratio to "still there".

use crate::error::Result;
use crate::numeric::{ln_gamma_ratio, ln_one_plus_exp};

use crate::value::gompertz::leaving::Leaving;
use crate::value::gompertz::staying::GompertzStaying;
use crate::value::law::{PurchaseLaw, require_positive};

/// The five parameters.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub(in crate::value) struct GompertzLaw {
    pub(in crate::value) r: f64,
    pub(in crate::value) alpha: f64,
    pub(in crate::value) b: f64,
    pub(in crate::value) s: f64,
    pub(in crate::value) beta: f64,
}

#[cfg(feature = "serde")]
crate::measure::stored::loads_checked! {
    GompertzLaw { r: f64, alpha: f64, b: f64, s: f64, beta: f64 }
    if |law: &Self| law.require_sound()
}

impl GompertzLaw {
    /// Refuses parameters that are not positive and finite, or a curve of leaving that is not.
    pub(in crate::value) fn require_sound(&self) -> Result<()> {
        let Self {
            r,
            alpha,
            b,
            s,
            beta,
        } = *self;
        require_positive([
            ("r", r),
            ("alpha", alpha),
            ("b", b),
            ("s", s),
            ("beta", beta),
            ("s × b", s * b),
            ("beta / b", beta / b),
        ])
    }
}

impl PurchaseLaw for GompertzLaw {
    type Staying = GompertzStaying;

    fn logarithms(&self) -> Vec<f64> {
        [self.r, self.alpha, self.b, self.s, self.beta]
            .map(f64::ln)
            .to_vec()
    }

    fn at_logarithms(&self, logarithms: &[f64]) -> Self {
        Self {
            r: logarithms[0].exp(),
            alpha: logarithms[1].exp(),
            b: logarithms[2].exp(),
            s: logarithms[3].exp(),
            beta: logarithms[4].exp(),
        }
    }

    fn log_likelihood(&self, x: u32, t_x: f64, t: f64) -> f64 {
        let leaving = self.leaving();
        if x == 0 {
            // Not to have bought again is next to certain for someone observed briefly: take the chance of the contrary.
            let (shape, rate) = (self.r, self.alpha);
            let bought = leaving.first_to_happen(t, (shape, rate), |v| shape / (rate + v));
            if bought < 0.5 {
                return (-bought).ln_1p();
            }
        }
        let count = f64::from(x);
        let (ln_there, ln_left) = self.silence(x, t_x, t);
        let (larger, smaller) = if ln_there > ln_left {
            (ln_there, ln_left)
        } else {
            (ln_left, ln_there)
        };
        ln_gamma_ratio(self.r, count)
            - self.r * (t_x / self.alpha).ln_1p()
            - count * (self.alpha + t_x).ln()
            + leaving.ln_survival(t_x)
            + larger
            + ln_one_plus_exp(smaller - larger)
    }

    fn ln_probability_alive(&self, x: u32, t_x: f64, t: f64) -> f64 {
        let (ln_there, ln_left) = self.silence(x, t_x, t);
        -ln_one_plus_exp(ln_left - ln_there)
    }

    fn staying(&self, x: u32, t: f64) -> GompertzStaying {
        GompertzStaying {
            shape: self.r + f64::from(x),
            rate: self.alpha + t,
            leaving: self.leaving().after(t),
        }
    }
}

impl GompertzLaw {
    /// How a customer who has just come leaves.
    pub(super) fn leaving(&self) -> Leaving {
        Leaving {
            b: self.b,
            s: self.s,
            scale: self.beta / self.b,
        }
    }

    /// Of a customer who was there at `t_x`, the logarithms of the chances to buy nothing until T and still to be there, and
    /// to leave until T before buying.
    fn silence(&self, x: u32, t_x: f64, t: f64) -> (f64, f64) {
        let leaving = self.leaving().after(t_x);
        let (shape, rate) = (self.r + f64::from(x), self.alpha + t_x);
        let ahead = t - t_x;
        let there = leaving.ln_survival(ahead) - shape * (ahead / rate).ln_1p();
        let left = leaving.first_to_happen(ahead, (shape, rate), |v| leaving.hazard(v));
        (there, left.ln())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::GompertzLaw;
    use crate::value::law::{PurchaseLaw, StayingCustomer};
    use crate::value::pareto::law::ParetoLaw;

    fn at([r, alpha, b, s, beta]: [f64; 5]) -> GompertzLaw {
        GompertzLaw {
            r,
            alpha,
            b,
            s,
            beta,
        }
    }

    proptest! {
        #[test]
        fn the_limit_of_no_growth_is_the_pareto_nbd(
            logs in prop::array::uniform4(-3.0..3.0_f64),
            x in 0_u32..60,
            share in 0.0..1.0_f64,
        ) {
            let [r, alpha, s, beta] = logs.map(f64::exp);
            let b = 1e-14;
            let law = at([r, alpha, b, s, beta * b]);
            let limit = ParetoLaw { r, alpha, s, beta };
            let (t_x, t) = (if x == 0 { 0.0 } else { 40.0 * share }, 40.0);
            let near = |found: f64, expected: f64| (found - expected).abs() <= 2e-11 * (1e-6 + expected.abs());
            let found = law.ln_probability_alive(x, t_x, t);
            prop_assert!(near(found, limit.ln_probability_alive(x, t_x, t)));
            // A sum of a logarithm per purchase, which may cancel to nearly nothing.
            let (found, expected) = (law.log_likelihood(x, t_x, t), limit.log_likelihood(x, t_x, t));
            prop_assert!((found - expected).abs() <= 2e-11 * (1.0 + f64::from(x) + expected.abs()));
            let (here, there) = (law.staying(x, t), limit.staying(x, t));
            prop_assert!(near(here.expected_purchases(3.0, 50.0), there.expected_purchases(3.0, 50.0)));
            prop_assert!(near(here.probability_of_purchases(2, 9.0), there.probability_of_purchases(2, 9.0)));
            let (found, expected) = (here.discounted_purchases(0.01, None), there.discounted_purchases(0.01, None));
            prop_assert!(near(found.unwrap(), expected.unwrap()));
        }

        #[test]
        fn the_probabilities_of_all_numbers_of_purchases_add_up_and_average_to_the_expectation(
            logs in prop::array::uniform4(-1.0..1.0_f64),
            ln_b in -5.0..0.5_f64,
            x in 0_u32..20,
            t in 0.1..6.0_f64,
        ) {
            let [r, alpha, s, beta] = logs.map(f64::exp);
            let staying = at([r, 10.0 * alpha, ln_b.exp(), s, 10.0 * beta]).staying(x, 30.0);
            let probabilities: Vec<f64> = (0..60).map(|n| staying.probability_of_purchases(n, t)).collect();
            let total: f64 = probabilities.iter().sum();
            prop_assert!((total - 1.0).abs() < 1e-12, "{total}");
            let mean: f64 = probabilities.iter().zip(0..).map(|(p, n)| p * f64::from(n)).sum();
            prop_assert!((mean / staying.expected_purchases(0.0, t) - 1.0).abs() < 1e-11);
        }

        #[test]
        fn pieces_of_the_future_add_up_and_end(
            logs in prop::array::uniform4(-2.0..2.0_f64),
            ln_b in -7.0..1.0_f64,
            x in 0_u32..2000,
            ln_t in -6.0..9.0_f64,
            share in 0.0..1.0_f64,
        ) {
            let [r, alpha, s, beta] = logs.map(f64::exp);
            let staying = at([r, 10.0 * alpha, ln_b.exp(), s, beta]).staying(x, 30.0);
            let until = ln_t.exp();
            let whole = staying.expected_purchases(0.0, until);
            let cut = share * until;
            let parts = staying.expected_purchases(0.0, cut) + staying.expected_purchases(cut, until);
            prop_assert!((parts / whole - 1.0).abs() < 1e-12, "{parts} {whole}");
            let discounted = staying.discounted_purchases(0.01, Some(until)).unwrap();
            prop_assert!(discounted > 0.0 && discounted < whole * (1.0 + 1e-12));
            let forever = staying.discounted_purchases(0.01, None).unwrap();
            prop_assert!(forever >= discounted * (1.0 - 1e-12));
            let nearly_forever = staying.discounted_purchases(0.01, Some(6000.0)).unwrap();
            prop_assert!((nearly_forever / forever - 1.0).abs() < 1e-11, "{nearly_forever} {forever}");
            let undiscounted = staying.discounted_purchases(0.0, None).unwrap();
            prop_assert!(undiscounted.is_finite() && undiscounted >= forever);
        }

        #[test]
        fn hardly_possible_parameters_give_numbers(
            logs in prop::array::uniform5(-45.0..45.0_f64),
            x in prop::sample::select(vec![0_u32, 1, 7, 300, 9000]),
            t in prop::sample::select(vec![1e-6_f64, 0.5, 40.0, 5e4]),
            share in 0.0..=1.0_f64,
        ) {
            let [r, alpha, b, s, beta] = logs.map(f64::exp);
            let law = at([r, alpha, b, s, beta]);
            let t_x = if x == 0 { 0.0 } else { t * share.max(1e-9) };
            let log_likelihood = law.log_likelihood(x, t_x, t);
            prop_assert!(log_likelihood.is_finite(), "{law:?} {log_likelihood}");
            let ln_alive = law.ln_probability_alive(x, t_x, t);
            prop_assert!(ln_alive <= 0.0 && ln_alive.is_finite(), "{law:?} {ln_alive}");
            let staying = law.staying(x, t);
            for value in [
                staying.expected_purchases(0.0, 30.0),
                staying.discounted_purchases(0.0, None).unwrap(),
                staying.discounted_purchases(1e-4, None).unwrap(),
                staying.discounted_purchases(1e-4, Some(20.0)).unwrap(),
            ] {
                prop_assert!(value >= 0.0 && value.is_finite(), "{law:?} {value}");
            }
            let chance = staying.probability_of_purchases(x, 30.0);
            prop_assert!((0.0..=1.0 + 1e-9).contains(&chance), "{law:?} {chance}");
        }
    }
}
