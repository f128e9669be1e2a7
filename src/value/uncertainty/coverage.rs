//! Whether intervals hold the truth as often as they say, on data drawn from known parameters.

use crate::error::Result;
use crate::measure::{DiscountRate, Probability, Span, TimeUnit};
use crate::numeric::fill_costly_column;

use crate::value::uncertainty::profile::Profile;
use crate::value::uncertainty::profile_interval::surface;
use crate::value::uncertainty::simulated::{beta_geometric, pareto, with_spend};
use crate::value::uncertainty::surfaces::LikelihoodSurface;
use crate::value::{
    BgNbd, FittedBgNbd, FittedGammaGamma, FittedMbgNbd, FittedParetoNbd, FittedPurchaseModel,
    GammaGamma, Horizon, MbgNbd, ParameterInterval, ParameterIntervals, ParametricModel, ParetoNbd,
    PurchaseHistories, PurchaseHistory, PurchaseModel, Quantity,
};

const DATA_SETS: usize = 1_000;
const LEVEL: f64 = 0.9;
/// z of 90 %.
const CRITICAL: f64 = 1.644_853_626_951_472_7;
/// Three binomial standard errors of a share of 0.9 in 1,000.
const ALLOWED: f64 = 0.0285;

type Answer<'a, Model> = (
    &'a str,
    Quantity,
    &'a (dyn Fn(&Model) -> Result<f64> + Sync),
);

/// Prints a row for each parameter (from the standard error on the logarithm, and from the profile) and each answer (by
/// the delta method); gives the rows with their coverage.
fn cover<Model: LikelihoodSurface<Data = PurchaseHistories> + Sync>(
    truth: &Model,
    draw_and_fit: impl Fn(u64) -> Result<(PurchaseHistories, Model)> + Sync,
    answers: &[Answer<'_, Model>],
) -> Vec<(String, f64)> {
    let coordinates = truth.coordinates();
    let size = coordinates.len();
    let level = Probability::new(LEVEL).unwrap();
    let one = |seed: u64| -> Result<(Vec<String>, Vec<bool>)> {
        let (histories, fitted) = draw_and_fit(seed)?;
        let mut held = Vec::new();
        let covariance = fitted.covariance().unwrap().to_vec();
        let at = fitted.coordinates();
        let compressed = Model::compressed(&histories)?;
        for (index, &coordinate) in coordinates.iter().enumerate() {
            let error = covariance[index * size + index].sqrt();
            held.push((at[index] - coordinate).abs() <= CRITICAL * error);
        }
        for (index, &coordinate) in coordinates.iter().enumerate() {
            let likelihood = surface(&fitted, &compressed);
            let profile = Profile::of(likelihood, &at, fitted.how_it_was_fitted(), index)?;
            let fallen = profile.fall(coordinate, &at)?;
            held.push(fallen.is_some_and(|(root, _)| root <= CRITICAL));
        }
        for (_, quantity, answer) in answers {
            let interval = ParameterInterval::of(&fitted, level, *quantity, answer)?;
            let true_value = quantity.value(answer(truth)?);
            held.push(interval.interval().contains(true_value));
        }
        let report = fitted.how_it_was_fitted().unwrap();
        let names = report.parameters().iter().map(|p| p.name().to_owned());
        Ok((names.collect(), held))
    };
    let outcomes = fill_costly_column(DATA_SETS, |number| {
        Ok(one(number as u64).map_err(|e| e.to_string()))
    })
    .unwrap();
    let fitted: Vec<_> = outcomes
        .iter()
        .filter_map(|outcome| outcome.as_ref().ok())
        .collect();
    let refused = DATA_SETS - fitted.len();
    if let Some(reason) = outcomes.iter().find_map(|outcome| outcome.as_ref().err()) {
        println!("| {refused} refused, the first because {reason} | | |");
    }
    assert!(
        refused <= DATA_SETS / 20,
        "{refused} of {DATA_SETS} refused"
    );
    let share = |column: usize| {
        fitted.iter().filter(|(_, held)| held[column]).count() as f64 / fitted.len() as f64
    };
    let mut rows = Vec::new();
    for (index, name) in fitted[0].0.iter().enumerate() {
        let (wald, profile) = (share(index), share(size + index));
        println!("| {name} | {:.1} | {:.1} |", 100.0 * wald, 100.0 * profile);
        rows.push((format!("{name} by standard error"), wald));
        rows.push((format!("{name} by profile"), profile));
    }
    for (index, (name, ..)) in answers.iter().enumerate() {
        let delta = share(2 * size + index);
        println!("| {name} | {:.1} | |", 100.0 * delta);
        rows.push(((*name).to_owned(), delta));
    }
    rows
}

/// Rows that do not cover what they should.
fn off_the_level(model: &str, rows: Vec<(String, f64)>) -> Vec<String> {
    rows.into_iter()
        .filter(|(_, share)| (share - LEVEL).abs() > ALLOWED)
        .map(|(row, _)| format!("{model}: {row}"))
        .collect()
}

fn customer() -> PurchaseHistory {
    PurchaseHistory::new(2, 30.43, 38.86, TimeUnit::Week).unwrap()
}

fn weeks() -> Span {
    Span::new(39.0, TimeUnit::Week).unwrap()
}

fn header(model: &str) {
    println!("\n{model}, {DATA_SETS} data sets: per cent of 90 % intervals that hold the truth");
    println!("| | standard error | profile |\n|---|---|---|");
}

#[test]
#[ignore = "a minute: 1,000 fits each of four models"]
fn intervals_hold_the_truth_as_often_as_they_say() {
    let week = TimeUnit::Week;
    let parameters = [0.243, 4.414, 0.793, 2.426];
    let [r, alpha, a, b] = parameters;
    header("BG/NBD, 2,000 customers");
    let rows = cover(
        &FittedBgNbd::from_parameters(r, alpha, a, b, week).unwrap(),
        |seed| {
            let histories = beta_geometric(2_000, parameters, false, seed);
            let fitted = BgNbd::default().fit(&histories)?;
            Ok((histories, fitted))
        },
        &[
            ("P(alive)", Quantity::LnShare, &|m| {
                m.ln_probability_alive(&customer())
            }),
            ("expected purchases", Quantity::Positive, &|m| {
                m.expected_purchases(&customer(), weeks())
            }),
            ("of a new customer", Quantity::Positive, &|m| {
                m.expected_purchases_of_new_customer(weeks())
            }),
        ],
    );
    let mut off = off_the_level("BG/NBD", rows);

    let parameters = [0.525, 6.183, 0.891, 1.614];
    let [r, alpha, a, b] = parameters;
    header("MBG/NBD, 2,000 customers");
    let rows = cover(
        &FittedMbgNbd::from_parameters(r, alpha, a, b, week).unwrap(),
        |seed| {
            let histories = beta_geometric(2_000, parameters, true, seed);
            let fitted = MbgNbd::default().fit(&histories)?;
            Ok((histories, fitted))
        },
        &[
            ("P(alive)", Quantity::LnShare, &|m| {
                m.ln_probability_alive(&customer())
            }),
            ("expected purchases", Quantity::Positive, &|m| {
                m.expected_purchases(&customer(), weeks())
            }),
        ],
    );
    off.extend(off_the_level("MBG/NBD", rows));

    let parameters = [0.553, 10.578, 0.606, 11.669];
    let [r, alpha, s, beta] = parameters;
    header("Pareto/NBD, 2,000 customers");
    let rows = cover(
        &FittedParetoNbd::from_parameters(r, alpha, s, beta, week).unwrap(),
        |seed| {
            let histories = pareto(2_000, parameters, seed);
            let fitted = ParetoNbd::default().fit(&histories)?;
            Ok((histories, fitted))
        },
        &[
            ("P(alive)", Quantity::LnShare, &|m| {
                m.ln_probability_alive(&customer())
            }),
            ("expected purchases", Quantity::Positive, &|m| {
                m.expected_purchases(&customer(), weeks())
            }),
        ],
    );
    off.extend(off_the_level("Pareto/NBD", rows));

    let parameters = [6.25, 3.74, 15.44];
    let [p, q, v] = parameters;
    header("Gamma–Gamma, 1,000 customers, some 450 with a repeat purchase");
    let dollar = crate::measure::Currency::new("USD").unwrap();
    let rows = cover(
        &FittedGammaGamma::from_parameters(p, q, v, dollar).unwrap(),
        |seed| {
            let drawn = beta_geometric(1_000, [0.243, 4.414, 0.793, 2.426], false, seed);
            let histories = with_spend(drawn, parameters, seed);
            let fitted = GammaGamma::default().fit(&histories)?;
            Ok((histories, fitted))
        },
        &[("mean spend", Quantity::Positive, &|m| {
            Ok(m.population_mean()?.amount())
        })],
    );
    off.extend(off_the_level("Gamma–Gamma", rows));
    // Standard errors on the logarithm are not enough there; the profile of both parameters is.
    let known = [
        "MBG/NBD: r by standard error",
        "Gamma–Gamma: v by standard error",
    ];
    assert_eq!(off, known);
}

/// How long intervals for a million customers take beside the plain column, on the threads there are.
#[test]
#[ignore = "half a minute: a million customers"]
fn columns_of_intervals_for_a_million_customers_take_seconds() {
    let drawn = beta_geometric(1_000_000, [0.243, 4.414, 0.793, 2.426], false, 9);
    // Recorded by day, as shops do.
    let days =
        |times: &[f64]| -> Vec<f64> { times.iter().map(|t| (7.0 * t).ceil() / 7.0).collect() };
    let histories = PurchaseHistories::from_columns(
        TimeUnit::Week,
        drawn.repeat_purchases().to_vec(),
        days(drawn.active_for()),
        days(drawn.observed_for()),
    )
    .unwrap();
    let level = Probability::new(LEVEL).unwrap();
    let fitted = BgNbd::default().fit(&histories).unwrap();
    speed("BG/NBD", &fitted, &histories, level);
    let fitted = ParetoNbd::default().fit(&histories).unwrap();
    speed("Pareto/NBD", &fitted, &histories, level);
}

fn speed<Model: ParametricModel + FittedPurchaseModel>(
    name: &str,
    model: &Model,
    histories: &PurchaseHistories,
    level: Probability,
) {
    let timed = |what: &str, work: &dyn Fn() -> usize| {
        let begin = std::time::Instant::now();
        let rows = work();
        println!(
            "{name} {what}: {:.2} s for {rows} rows",
            begin.elapsed().as_secs_f64()
        );
    };
    let rate = DiscountRate::annual(0.1).unwrap();
    timed("expected purchases, plain", &|| {
        model
            .expected_purchases_column(histories, weeks())
            .unwrap()
            .len()
    });
    timed("expected purchases, intervals", &|| {
        ParameterIntervals::expected_purchases(model, histories, weeks(), level)
            .unwrap()
            .len()
    });
    timed("P(alive), intervals", &|| {
        ParameterIntervals::probability_alive(model, histories, level)
            .unwrap()
            .len()
    });
    timed("discounted purchases, intervals", &|| {
        ParameterIntervals::discounted_purchases(model, histories, rate, Horizon::Unlimited, level)
            .unwrap()
            .len()
    });
}
