//! What every purchase model and every model of renewals must answer, against oracles that know nothing of their formulas:
//! each customer's own rates are integrated over by plain sums on a grid.

use proptest::prelude::*;
use tillit::Error;
use tillit::measure::{DiscountRate, Merge, Probability, Span, TimeUnit};
use tillit::value::{
    BetaDiscreteWeibull, BgBb, ContractModel, FittedBetaDiscreteWeibull, FittedBgBb, FittedBgNbd,
    FittedContractModel, FittedMbgNbd, FittedNbd, FittedParetoNbd, FittedPurchaseModel,
    FittedShiftedBetaGeometric, Horizon, PurchaseHistories, PurchaseHistory, PurchaseModel,
    PurchaseOpportunities, ShiftedBetaGeometric, Tenure, Tenures,
};

use crate::chance::Chance;

const WEEK: TimeUnit = TimeUnit::Week;

fn weeks(count: f64) -> Span {
    Span::new(count, WEEK).unwrap()
}

/// Knots of ln λ or of the log-odds of p; the trapezoidal rule on them is exact to rounding for the densities below.
fn knots() -> impl Iterator<Item = f64> {
    const STEP: f64 = 0.2;
    (-350..=250).map(|knot| STEP * f64::from(knot))
}

/// A rate with the logarithm of its gamma density in ln λ, not normalised.
fn gamma_knots(shape: f64, rate: f64) -> Vec<(f64, f64)> {
    let peak = shape * (shape / rate).ln() - shape;
    knots()
        .map(|u| (u.exp(), (shape * u - rate * u.exp() - peak).exp()))
        .filter(|&(_, weight)| weight > 0.0)
        .collect()
}

/// A probability with its complement and the weight of its beta density in the log-odds, not normalised.
fn beta_knots(a: f64, b: f64) -> Vec<((f64, f64), f64)> {
    let density = |p: f64, q: f64| a * p.ln() + b * q.ln();
    let peak = density(a / (a + b), b / (a + b));
    knots()
        .map(|w| (1.0 / (1.0 + (-w).exp()), 1.0 / (1.0 + w.exp())))
        .map(|(p, q)| ((p, q), (density(p, q) - peak).exp()))
        .filter(|&(_, weight)| weight > 0.0)
        .collect()
}

/// What one customer with known rates does.
trait Individual {
    /// Likelihood of the history together with being there still, and with having left.
    fn likelihoods(&self, x: u32, t_x: f64, t: f64) -> (f64, f64);
    /// Of one who is there: expected purchases, probability of being there, of n purchases, and what is still to come at
    /// the discount rate delta within a horizon.
    fn expected(&self, from: f64, until: f64) -> f64;
    fn stays(&self, t: f64) -> f64;
    fn probability(&self, n: u32, t: f64) -> f64;
    fn discounted(&self, delta: f64, until: Option<f64>) -> f64;
    /// Probability of being there right after the first purchase.
    fn starts(&self) -> f64 {
        1.0
    }
}

fn poisson(n: u32, mean: f64) -> f64 {
    (1..=n).fold((-mean).exp(), |term, k| term * mean / f64::from(k))
}

fn poisson_from(n: u32, mean: f64) -> f64 {
    1.0 - (0..n).map(|k| poisson(k, mean)).sum::<f64>()
}

struct Buyer {
    rate: f64,
}

impl Individual for Buyer {
    fn likelihoods(&self, x: u32, _: f64, t: f64) -> (f64, f64) {
        (self.rate.powf(f64::from(x)) * (-self.rate * t).exp(), 0.0)
    }
    fn expected(&self, from: f64, until: f64) -> f64 {
        self.rate * (until - from)
    }
    fn stays(&self, _: f64) -> f64 {
        1.0
    }
    fn probability(&self, n: u32, t: f64) -> f64 {
        poisson(n, self.rate * t)
    }
    fn discounted(&self, delta: f64, until: Option<f64>) -> f64 {
        until.map_or(self.rate / delta, |h| {
            self.rate * -(-delta * h).exp_m1() / delta
        })
    }
}

struct Mortal {
    rate: f64,
    death: f64,
}

impl Individual for Mortal {
    fn likelihoods(&self, x: u32, t_x: f64, t: f64) -> (f64, f64) {
        let both = self.rate + self.death;
        let bought = self.rate.powf(f64::from(x));
        let gone = (-both * t_x).exp() * -(-both * (t - t_x)).exp_m1();
        (
            bought * (-both * t).exp(),
            bought * self.death / both * gone,
        )
    }
    fn expected(&self, from: f64, until: f64) -> f64 {
        self.rate / self.death
            * (-self.death * from).exp()
            * -(-self.death * (until - from)).exp_m1()
    }
    fn stays(&self, t: f64) -> f64 {
        (-self.death * t).exp()
    }
    fn probability(&self, n: u32, t: f64) -> f64 {
        let both = self.rate + self.death;
        let share = (self.rate / both).powf(f64::from(n)) * self.death / both;
        self.stays(t) * poisson(n, self.rate * t) + share * poisson_from(n + 1, both * t)
    }
    fn discounted(&self, delta: f64, until: Option<f64>) -> f64 {
        let both = self.death + delta;
        self.rate / both * until.map_or(1.0, |h| -(-both * h).exp_m1())
    }
}

/// Leaves with probability `leave` after a purchase; after the first one too if `at_once`.
struct Quitter {
    rate: f64,
    leave: f64,
    stay: f64,
    at_once: bool,
}

impl Individual for Quitter {
    fn likelihoods(&self, x: u32, t_x: f64, t: f64) -> (f64, f64) {
        let chances = f64::from(x + u32::from(self.at_once));
        let bought = self.rate.powf(f64::from(x));
        let here = self.stay.powf(chances) * bought * (-self.rate * t).exp();
        let gone = if chances > 0.0 {
            self.leave * self.stay.powf(chances - 1.0) * bought * (-self.rate * t_x).exp()
        } else {
            0.0
        };
        (here, gone)
    }
    fn expected(&self, from: f64, until: f64) -> f64 {
        let exit = self.rate * self.leave;
        (-exit * from).exp() * -(-exit * (until - from)).exp_m1() / self.leave
    }
    fn stays(&self, t: f64) -> f64 {
        (-self.rate * self.leave * t).exp()
    }
    fn probability(&self, n: u32, t: f64) -> f64 {
        let mean = self.rate * t;
        if n == 0 {
            return (-mean).exp();
        }
        let before = self.stay.powf(f64::from(n) - 1.0);
        before * (self.stay * poisson(n, mean) + self.leave * poisson_from(n, mean))
    }
    fn discounted(&self, delta: f64, until: Option<f64>) -> f64 {
        let both = self.rate * self.leave + delta;
        self.rate / both * until.map_or(1.0, |h| -(-both * h).exp_m1())
    }
    fn starts(&self) -> f64 {
        if self.at_once { self.stay } else { 1.0 }
    }
}

/// A population on a grid.
type Population = Vec<(Box<dyn Individual>, f64)>;

fn population(model: usize, [r, alpha, s, beta]: [f64; 4]) -> Population {
    let mut all: Population = Vec::new();
    for (rate, weight) in gamma_knots(r, alpha) {
        match model {
            0 => all.push((Box::new(Buyer { rate }), weight)),
            1 => {
                for (death, other) in gamma_knots(s, beta) {
                    all.push((Box::new(Mortal { rate, death }), weight * other));
                }
            }
            _ => {
                for ((leave, stay), other) in beta_knots(s, beta) {
                    let quitter = Quitter {
                        rate,
                        leave,
                        stay,
                        at_once: model == 3,
                    };
                    all.push((Box::new(quitter), weight * other));
                }
            }
        }
    }
    all
}

fn fitted(model: usize, [r, alpha, s, beta]: [f64; 4]) -> Box<dyn FittedPurchaseModel> {
    match model {
        0 => Box::new(FittedNbd::from_parameters(r, alpha, WEEK).unwrap()),
        1 => Box::new(FittedParetoNbd::from_parameters(r, alpha, s, beta, WEEK).unwrap()),
        2 => Box::new(FittedBgNbd::from_parameters(r, alpha, s, beta, WEEK).unwrap()),
        _ => Box::new(FittedMbgNbd::from_parameters(r, alpha, s, beta, WEEK).unwrap()),
    }
}

/// Parameters that differ from the second on by the model: rates of leaving around one in forty weeks, probabilities as
/// they are.
fn parameters(model: usize, logs: [f64; 4]) -> [f64; 4] {
    let [r, alpha, s, beta] = logs.map(f64::exp);
    match model {
        1 => [r, 10.0 * alpha, s, 30.0 * beta],
        _ => [r, 10.0 * alpha, s, 2.0 * beta],
    }
}

fn close(found: f64, expected: f64, what: &str) -> Result<(), TestCaseError> {
    let gap = (found - expected).abs();
    prop_assert!(
        gap <= 1e-9 * expected.abs().max(1e-6),
        "{what}: {found} instead of {expected}"
    );
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn every_answer_is_the_average_over_the_customers_it_could_be(
        model in 0_usize..4,
        logs in prop::array::uniform4(-0.3..1.0_f64),
        x in 0_u32..12,
        (observed, share) in (5.0..60.0_f64, 0.05..1.0_f64),
        (from, ahead) in (0.0..40.0_f64, 0.5..60.0_f64),
        (count, rate) in (0_u32..5, 0.001..0.05_f64),
    ) {
        let known = parameters(model, logs);
        let (all, fitted) = (population(model, known), fitted(model, known));
        let t_x = if x == 0 { 0.0 } else { share * observed };
        let history = PurchaseHistory::new(x, t_x, observed, WEEK).unwrap();
        let (mut prior, mut here, mut gone) = (0.0, 0.0, 0.0);
        let mut posterior: Vec<f64> = Vec::with_capacity(all.len());
        for (individual, weight) in &all {
            let (stays, left) = individual.likelihoods(x, t_x, observed);
            prior += weight;
            here += weight * stays;
            gone += weight * left;
            posterior.push(weight * stays);
        }
        let if_alive = |answer: &dyn Fn(&dyn Individual) -> f64| {
            all.iter().zip(&posterior).map(|((one, _), weight)| weight * answer(one.as_ref())).sum::<f64>() / here
        };
        let of_new = |answer: &dyn Fn(&dyn Individual) -> f64| {
            all.iter().map(|(one, weight)| weight * answer(one.as_ref())).sum::<f64>() / prior
        };
        let name = fitted.name();
        let alive = here / (here + gone);
        close(fitted.log_likelihood(&history).unwrap(), ((here + gone) / prior).ln(), &format!("{name} likelihood"))?;
        close(fitted.probability_alive(&history).unwrap().value(), alive, &format!("{name} P(alive)"))?;

        let (begin, end) = (weeks(from), weeks(from + ahead));
        let between = if_alive(&|one| one.expected(from, from + ahead));
        close(fitted.expected_purchases_if_alive(&history, begin, end).unwrap(), between, &format!("{name} between"))?;
        close(fitted.expected_purchases_between(&history, begin, end).unwrap(), alive * between, name)?;
        let later = if_alive(&|one| one.stays(ahead));
        close(fitted.probability_alive_after(&history, weeks(ahead)).unwrap().value(), alive * later, &format!("{name} survival"))?;
        let exactly = if_alive(&|one| one.probability(count, ahead));
        let gone_now = if count == 0 { 1.0 - alive } else { 0.0 };
        close(fitted.probability_of_purchases(&history, count, weeks(ahead)).unwrap().value(),
            gone_now + alive * exactly, &format!("{name} P({count})"))?;

        let delta = DiscountRate::continuous(rate, WEEK).unwrap();
        let until = if_alive(&|one| one.discounted(rate, Some(ahead)));
        close(fitted.discounted_purchases_if_alive(&history, delta, Horizon::Within(weeks(ahead))).unwrap(), until,
            &format!("{name} discounted"))?;
        let forever = if_alive(&|one| one.discounted(rate, None));
        close(fitted.discounted_purchases(&history, delta, Horizon::Unlimited).unwrap(), alive * forever,
            &format!("{name} discounted for ever"))?;
        let plain = fitted.discounted_purchases_if_alive(&history, DiscountRate::NONE, Horizon::Within(weeks(ahead)));
        close(plain.unwrap(), if_alive(&|one| one.expected(0.0, ahead)), &format!("{name} undiscounted"))?;
        let residual = fitted.discounted_purchases_if_alive(&history, DiscountRate::NONE, Horizon::Unlimited);
        if model == 0 || known[2] <= 1.0 {
            prop_assert!(matches!(residual, Err(Error::CannotTell { .. })), "{name}: {residual:?}");
        } else if known[2] > 1.6 {
            close(residual.unwrap(), if_alive(&|one| one.discounted(0.0, None)), &format!("{name} residual"))?;
        }

        let new = of_new(&|one| one.starts() * one.expected(0.0, ahead));
        close(fitted.expected_purchases_of_new_customer(weeks(ahead)).unwrap(), new, &format!("{name} new"))?;
        let new = of_new(&|one| one.starts() * one.stays(ahead));
        close(fitted.survival_of_new_customer(weeks(ahead)).unwrap().value(), new, &format!("{name} survival of new"))?;
        let nothing = |one: &dyn Individual| if count == 0 { 1.0 - one.starts() } else { 0.0 };
        let new = of_new(&|one| nothing(one) + one.starts() * one.probability(count, ahead));
        close(fitted.probability_of_purchases_of_new_customer(count, weeks(ahead)).unwrap().value(), new,
            &format!("{name} P({count}) of new"))?;
    }

    #[test]
    fn probabilities_of_all_numbers_of_purchases_make_one_and_average_to_the_expectation(
        model in 0_usize..4,
        logs in prop::array::uniform4(-0.3..1.0_f64),
        x in 0_u32..8,
        ahead in 0.5..25.0_f64,
    ) {
        let fitted = fitted(model, parameters(model, logs));
        let t_x = if x == 0 { 0.0 } else { 20.0 };
        let history = PurchaseHistory::new(x, t_x, 30.0, WEEK).unwrap();
        for new in [false, true] {
            let (mut total, mut mean) = (0.0, 0.0);
            for count in 0..1200 {
                let probability = if new {
                    fitted.probability_of_purchases_of_new_customer(count, weeks(ahead))
                } else {
                    fitted.probability_of_purchases(&history, count, weeks(ahead))
                };
                let probability = probability.unwrap().value();
                total += probability;
                mean += f64::from(count) * probability;
                if count > 50 && probability < 1e-17 {
                    break;
                }
            }
            let expected = if new {
                fitted.expected_purchases_of_new_customer(weeks(ahead))
            } else {
                fitted.expected_purchases(&history, weeks(ahead))
            };
            prop_assert!((total - 1.0).abs() < 1e-11, "{}: {total}", fitted.name());
            close(mean, expected.unwrap(), fitted.name())?;
        }
    }

    #[test]
    fn discrete_opportunities_are_averages_over_coins(
        logs in prop::array::uniform4(-0.3..1.0_f64),
        (n, ahead, skip) in (1_u32..12, 1_u32..10, 0_u32..6),
        (x_share, last_share) in (0.0..1.0_f64, 0.0..1.0_f64),
        rate in 0.01..0.3_f64,
    ) {
        let [a, b, c, d] = logs.map(f64::exp);
        let year = Span::new(1.0, TimeUnit::Year).unwrap();
        let model = FittedBgBb::from_parameters(a, b, c, d, year).unwrap();
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let (x, last) = {
            let last = (last_share * f64::from(n + 1)) as u32;
            let x = if last == 0 { 0 } else { 1 + (x_share * f64::from(last)) as u32 };
            (x, last)
        };
        let history = PurchaseHistory::new(x, f64::from(last), f64::from(n), TimeUnit::Year).unwrap();
        let (buys, leaves) = (beta_knots(a, b), beta_knots(c, d));
        let (mut prior, mut here, mut gone) = (0.0, 0.0, 0.0);
        // Expected purchases after `skip` more opportunities, discounted, still there then, of a new customer.
        let mut sums = [0.0; 4];
        let discount = (-rate).exp();
        for &((p, not_p), weight) in &buys {
            for &((leave, stay), other) in &leaves {
                let weight = weight * other;
                let bought = p.powf(f64::from(x));
                let there = weight * bought * not_p.powf(f64::from(n - x)) * stay.powf(f64::from(n));
                prior += weight;
                here += there;
                for seen in last..n {
                    gone += weight * bought * not_p.powf(f64::from(seen - x)) * leave * stay.powf(f64::from(seen));
                }
                let many = |from: u32, until: u32| -> f64 {
                    (from + 1..=until).map(|j| p * stay.powf(f64::from(j))).sum()
                };
                sums[0] += there * many(skip, skip + ahead);
                sums[1] += there * p * stay * discount / (1.0 - stay * discount);
                sums[2] += there * stay.powf(f64::from(ahead));
                sums[3] += weight * many(0, ahead);
            }
        }
        let alive = here / (here + gone);
        let years = |count: u32| Span::new(f64::from(count), TimeUnit::Year).unwrap();
        close(model.log_likelihood(&history).unwrap(), ((here + gone) / prior).ln(), "likelihood")?;
        close(model.probability_alive(&history).unwrap().value(), alive, "P(alive)")?;
        let between = model.expected_purchases_between(&history, years(skip), years(skip + ahead)).unwrap();
        close(between, alive * sums[0] / here, "between")?;
        let rate = DiscountRate::continuous(rate, TimeUnit::Year).unwrap();
        let forever = model.discounted_purchases(&history, rate, Horizon::Unlimited).unwrap();
        close(forever, alive * sums[1] / here, "discounted for ever")?;
        let survival = model.probability_alive_after(&history, years(ahead)).unwrap().value();
        close(survival, alive * sums[2] / here, "survival")?;
        close(model.expected_purchases_of_new_customer(years(ahead)).unwrap(), sums[3] / prior, "new")?;
        let plain = model.discounted_purchases(&history, DiscountRate::NONE, Horizon::Within(years(ahead))).unwrap();
        close(plain, model.expected_purchases(&history, years(ahead)).unwrap(), "undiscounted")?;
        let (mut total, mut mean) = (0.0, 0.0);
        for count in 0..=ahead {
            let probability = model.probability_of_purchases(&history, count, years(ahead)).unwrap().value();
            total += probability;
            mean += f64::from(count) * probability;
        }
        close(total, 1.0, "probabilities")?;
        close(mean, plain, "mean of probabilities")?;
    }

    #[test]
    fn renewals_are_averages_over_customers_who_leave_with_their_own_probability(
        (ln_a, ln_b, c) in (-0.3..1.0_f64, 0.0..2.0_f64, 0.5..2.0_f64),
        (renewals, more) in (0_u32..10, 1_u32..20),
        rate in 0.02..0.3_f64,
    ) {
        let (a, b) = (ln_a.exp(), ln_b.exp());
        let year = Span::new(1.0, TimeUnit::Year).unwrap();
        let sbg = FittedShiftedBetaGeometric::from_parameters(a, b, year).unwrap();
        let bdw = FittedBetaDiscreteWeibull::from_parameters(a, b, c, year).unwrap();
        let discount = DiscountRate::continuous(rate, TimeUnit::Year).unwrap();
        let models: [(&dyn FittedContractModel, f64); 2] = [(&sbg, 1.0), (&bdw, c)];
        for (model, c) in models {
            let knots = beta_knots(a, b);
            let prior: f64 = knots.iter().map(|knot| knot.1).sum();
            let survival = |t: u32| {
                let power = f64::from(t).powf(c);
                knots.iter().map(|((_, stay), weight)| weight * stay.powf(power)).sum::<f64>() / prior
            };
            let name = model.name();
            close(model.survival(renewals).unwrap().value(), survival(renewals), name)?;
            close(model.retention(renewals).unwrap().value(), survival(renewals + 1) / survival(renewals), name)?;
            close(model.ln_survival_from(renewals, more), (survival(renewals + more) / survival(renewals)).ln(), name)?;
            close(model.probability_of_leaving_after(renewals).unwrap().value(),
                survival(renewals) - survival(renewals + 1), name)?;
            let payment = |k: u32| (-rate * f64::from(k)).exp() * survival(renewals + k + 1) / survival(renewals);
            let within = Horizon::Within(Span::new(f64::from(more), TimeUnit::Year).unwrap());
            let plain: f64 = (0..more).map(|k| survival(renewals + k + 1) / survival(renewals)).sum();
            close(model.expected_renewals(renewals, DiscountRate::NONE, within).unwrap(), plain, name)?;
            let finite: f64 = (0..more).map(payment).sum();
            close(model.expected_renewals(renewals, discount, within).unwrap(), finite, name)?;
            let payments = 1.0 + (-rate).exp() * model.expected_renewals(0, discount, Horizon::Unlimited).unwrap();
            close(model.expected_payments_of_new_customer(discount, Horizon::Unlimited).unwrap(), payments, name)?;
            if rate > 0.15 {
                let forever: f64 = (0..200).map(payment).sum();
                close(model.expected_renewals(renewals, discount, Horizon::Unlimited).unwrap(), forever, name)?;
            }
        }
    }
}

#[test]
fn customers_with_different_numbers_of_opportunities_show_the_planted_parameters() {
    let truth = [1.2, 0.75, 0.66, 2.78];
    let mut random = Chance(2010);
    let mut purchases = PurchaseOpportunities::new();
    for customer in 0..30_000_u32 {
        let opportunities = 2 + customer % 9;
        let (buys, leaves) = (
            random.beta(truth[0], truth[1]),
            random.beta(truth[2], truth[3]),
        );
        let (mut count, mut last) = (0, 0);
        for seen in 1..=opportunities {
            if random.uniform() < leaves {
                break;
            }
            if random.uniform() < buys {
                (count, last) = (count + 1, seen);
            }
        }
        purchases.record(count, last, opportunities).unwrap();
    }
    let fitted = BgBb::default().fit_opportunities(&purchases).unwrap();
    let report = fitted.report().unwrap();
    println!("{report}");
    for (parameter, truth) in report.parameters().iter().zip(truth) {
        let error = parameter.standard_error().unwrap();
        assert!(
            (parameter.value() - truth).abs() < 3.0 * error,
            "{parameter:?} {truth}"
        );
    }
}

#[test]
fn single_durations_and_cohort_tables_of_different_ages_give_the_same_fit() {
    let year = Span::new(1.0, TimeUnit::Year).unwrap();
    let cohorts = [
        vec![500, 410, 352, 310, 281],
        vec![800, 655, 560],
        vec![900, 738],
    ];
    let mut table = Tenures::new(year).unwrap();
    let (mut renewals, mut ended) = (Vec::new(), Vec::new());
    for survivors in &cohorts {
        table
            .merge(&Tenures::from_survivors(year, survivors).unwrap())
            .unwrap();
        let last = survivors.len() - 1;
        for (made, pair) in (0_u32..).zip(survivors.windows(2)) {
            for _ in pair[1]..pair[0] {
                renewals.push(made);
                ended.push(true);
            }
        }
        for _ in 0..survivors[last] {
            renewals.push(u32::try_from(last).unwrap());
            ended.push(false);
        }
    }
    let single = Tenures::from_columns(year, &renewals, &ended).unwrap();
    assert_eq!(single, table);
    let sbg = ShiftedBetaGeometric::default().fit(&single).unwrap();
    assert_eq!(sbg, ShiftedBetaGeometric::default().fit(&table).unwrap());
    let bdw = BetaDiscreteWeibull::default().fit(&single).unwrap();
    assert_eq!(bdw, BetaDiscreteWeibull::default().fit(&table).unwrap());
    let models: [&dyn FittedContractModel; 2] = [&sbg, &bdw];
    for model in models {
        let sum: f64 = renewals
            .iter()
            .zip(&ended)
            .map(|(&made, &gone)| {
                model.log_likelihood(if gone {
                    Tenure::Ended(made)
                } else {
                    Tenure::Running(made)
                })
            })
            .sum();
        let reported = model.report().unwrap().log_likelihood();
        assert!((sum / reported - 1.0).abs() < 1e-12, "{}", model.name());
    }
}

#[test]
fn the_ends_of_the_future_are_answered() {
    let now = weeks(0.0);
    for model in 0..4 {
        let fitted = fitted(model, [0.5, 8.0, 0.9, 2.0]);
        let history = PurchaseHistory::new(3, 20.0, 30.0, WEEK).unwrap();
        let alive = fitted.probability_alive(&history).unwrap();
        assert_eq!(
            fitted.probability_alive_after(&history, now).unwrap(),
            alive
        );
        assert!(fitted.expected_purchases(&history, now).unwrap() == 0.0);
        assert!(
            fitted
                .expected_purchases_between(&history, weeks(9.0), weeks(4.0))
                .unwrap()
                == 0.0
        );
        assert_eq!(
            fitted.probability_of_purchases(&history, 0, now).unwrap(),
            Probability::ONE
        );
        assert_eq!(
            fitted.probability_of_purchases(&history, 2, now).unwrap(),
            Probability::ZERO
        );
        let rate = DiscountRate::annual(0.1).unwrap();
        let nothing = fitted
            .discounted_purchases(&history, rate, Horizon::Within(now))
            .unwrap();
        assert!(nothing == 0.0, "{}", fitted.name());
        let far = fitted
            .probability_alive_after(&history, weeks(1e9))
            .unwrap()
            .value();
        assert!(
            far.is_finite() && (model == 0 || far < 0.05),
            "{}: {far}",
            fitted.name()
        );
    }
}

#[test]
fn histories_in_other_units_of_time_are_the_same_histories() {
    let in_weeks =
        PurchaseHistories::from_columns(WEEK, vec![3, 0], vec![20.0, 0.0], vec![30.0, 9.0])
            .unwrap();
    let in_days = PurchaseHistories::from_columns(
        TimeUnit::Day,
        vec![3, 0],
        vec![140.0, 0.0],
        vec![210.0, 63.0],
    )
    .unwrap();
    for model in 0..4 {
        let fitted = fitted(model, [0.5, 8.0, 0.9, 2.0]);
        for (week, day) in in_weeks.iter().zip(in_days.iter()) {
            let ahead = Span::from_days(91.0).unwrap();
            let gap = fitted.expected_purchases(&week, ahead).unwrap()
                - fitted.expected_purchases(&day, ahead).unwrap();
            assert!(gap.abs() < 1e-14);
        }
    }
    let too_few = tillit::value::Nbd::default().fit(&in_weeks);
    assert!(matches!(too_few, Err(Error::TooFew { .. })));
}
