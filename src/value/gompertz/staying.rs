//! The future of a GGompertz/NBD customer who has not left.

use crate::error::Result;
use crate::numeric::{gauss_legendre_adaptive, ln_ways};

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

    fn probability_of_staying(&self, t: f64) -> Option<f64> {
        Some(self.leaving.ln_survival(t).exp())
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

#[cfg(test)]
mod tests {
    use crate::value::gompertz::law::GompertzLaw;
    use crate::value::law::{PurchaseLaw, StayingCustomer};

    /// Random parameters near every limit, with values from integration in ball arithmetic (Arb, 160 bits). In each row:
    /// r, α, b, s, β; x, `t_x`, T; horizon, discount rate, number of purchases; log-likelihood, ln P(alive), expected
    /// purchases and discounted purchases within the horizon if alive, probability of that number of purchases.
    const TABLE: &str = "
        0.348018 1.11193 0.0727666 0.0771709 1.39164 7 37.084512 37.0877 116.433 0.00307086 0 -20.61571377136587 -1.7447729344249262e-05 16.468724243475243 14.113966974004349 0.0319792398161089
        1.09726 13.1847 0.0836599 0.0690976 39.6399 20 14.692414 14.6983 5.30266 0.00027419 2 -24.70791071567872 -2.772264836448032e-06 4.006438733469429 4.00352907567201 0.15127719663165246
        0.383539 0.660614 1.76895e-08 0.123757 8.42669e-08 7 5.7419275 43.309 0.761966 0.000204803 0 -12.04242437460211 -9.869520628751806 0.1278273723233174 0.12781740215952536 0.9999938430697689
        11.9573 27.7639 0.0103713 4.54159 360547 3 26.846697 26.8602 115.429 0.00044269 300 -12.414391603719977 -2.3348853246417507e-09 31.606551968256664 30.812602013602394 9.418326980688192e-35
        0.378254 6.45015 0.460891 1.93602 0.0101773 7 4804.4433 4808.05 13692.2 0.0134851 2 -4351.268365316847 -3.2221182748386115 0.0017174904479210292 0.001691920719624875 1.326785017031444e-07
        856.539 647.084 6.21707e-05 31.4035 1.71106e-05 1 2.2243944 2.22634 60.1097 0.00225227 1 -71.95307306145088 -0.02446677181397757 0.10865586873129275 0.10863505446290489 0.0857665391985854
        1.06523 50.9708 2.24471e-05 1.91631 0.000314856 1 1.5462018 4.74321 8.53153 0.000142352 5 -4.231723970417561 -0.3783362654660202 0.2206427224784742 0.2205247516701502 7.688781329751259e-05
        1.05008 36.0358 0.0330057 42.0535 10614.2 3 203.66806 203.748 105.189 0.000157525 2 -19.7123627824188 -0.008069084715680495 0.13415746053853905 0.13401446548634047 0.012521170108458641
        0.00053694 64.9497 0.00706461 0.0002237 2.388e-05 3 2.4368127 2.43881 53.2069 0.0302563 5 -19.468589463457164 -1.8461471223439297e-07 2.3678339280254357 1.1768895775632295 0.06123718465702476
        9.88549 1.58594 0.00549227 0.372843 0.0216552 6000 24.834244 24.8365 1.66699 0.00115701 2 26593.265780162328 -4.1233650235837155e-05 374.8523651131636 374.49247124082535 6.146258424842488e-05
        0.30107 14.0559 0.00318871 15.5167 25.8815 1 12024.747 12036.6 1540.15 0.016837 0 -557.1098427282237 -0.5867774792001377 0.002182104727284487 0.0016280829341679686 0.9987911530562479
        0.0256874 7.57452 0.021396 0.0069681 0.00352054 0 0 125.711 16.5475 0.000169691 0 -0.07098243236082523 -0.06029920234119475 0.0031849275886022916 0.003180462140239067 0.9971776516197972
        55.1222 278.813 0.351604 0.00104685 0.743929 0 0 46.4631 0.000102774 0.000177071 5 -6.076047766373615 -2.4375169094362468 1.7416369895137517e-05 1.7416369736663402e-05 1.3922738319804927e-27
        4.52906 7.00194 2.41422 0.432603 5.58487 2 2.0541149 3.18077 107.764 0.000122187 0 -4.187476904852076 -1.508328972270524 0.614325601316356 0.6142537242537255 0.9186756152374199
        15.3206 0.963 0.611726 0.173238 0.267003 3 122.92317 122.969 6.67159 0.000961827 1 -93.75991989332239 -0.004873261820942828 0.7070775361138345 0.7050780486635364 0.2954613299228567
        7.12907 10.4956 0.00976117 0.681738 1.24229 500 91.109581 91.1183 175.16 0.0383241 2 315.3436395880117 -5.393251074695431e-05 530.9869972129577 112.16404544583936 0.0012111988197794756
    ";

    #[test]
    fn nasty_parameters_give_the_values_of_ball_arithmetic() {
        let mut rows = 0;
        for line in TABLE.lines().filter(|line| !line.trim().is_empty()) {
            let row: Vec<f64> = line
                .split_whitespace()
                .map(|cell| cell.parse().unwrap())
                .collect();
            let law = GompertzLaw {
                r: row[0],
                alpha: row[1],
                b: row[2],
                s: row[3],
                beta: row[4],
            };
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // Counts.
            let (x, n) = (row[5] as u32, row[10] as u32);
            let (t_x, t, horizon) = (row[6], row[7], row[8]);
            let staying = law.staying(x, t);
            let ln_alive = law.ln_probability_alive(x, t_x, t);
            let gone = if n == 0 { -ln_alive.exp_m1() } else { 0.0 };
            let chance = ln_alive.exp() * staying.probability_of_purchases(n, horizon);
            let discounted = staying.discounted_purchases(row[9], Some(horizon));
            let found = [
                law.log_likelihood(x, t_x, t),
                ln_alive,
                staying.expected_purchases(0.0, horizon),
                discounted.unwrap(),
                gone + chance,
            ];
            for (found, expected) in found.iter().zip(&row[11..]) {
                let error = (found / expected - 1.0).abs();
                assert!(error < 1e-12, "{found} {expected}: {line}");
            }
            rows += 1;
        }
        assert_eq!(rows, 16);
    }
}
