//! Published and high-precision values of the models that count periods: renewals (sBG, `BdW`) and discrete opportunities
//! to buy (BG/BB).
//!
//! `TILLIT_REFERENCE` names another folder with files of the same names; data files that they name are looked for in
//! `TILLIT_DATA`, then in `../shared/data`.

use std::path::PathBuf;

use serde_json::Value;
use tillit::Error;
use tillit::measure::{DiscountRate, Probability, Span, TimeUnit};
use tillit::value::{
    BetaDiscreteWeibull, BgBb, ContractModel, FitReport, FittedBetaDiscreteWeibull, FittedBgBb,
    FittedContractModel, FittedPurchaseModel, FittedShiftedBetaGeometric, Horizon,
    PurchaseHistories, PurchaseHistory, PurchaseModel, PurchaseOpportunities, ShiftedBetaGeometric,
    Tenures,
};

/// The case file called `name`; `None` with a note if another folder is named that lacks it.
fn reference(name: &str) -> Option<Value> {
    let other = std::env::var_os("TILLIT_REFERENCE").map(PathBuf::from);
    let elsewhere = other.is_some();
    let own = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/reference");
    let path = other.unwrap_or(own).join(name);
    match std::fs::read_to_string(&path) {
        Ok(text) => Some(serde_json::from_str(&text).unwrap()),
        Err(_) if elsewhere => {
            println!("skipped: {} is not there", path.display());
            None
        }
        Err(cause) => panic!("{}: {cause}", path.display()),
    }
}

/// The text of a data file; `None` with a note if it is not there.
fn data(name: &str) -> Option<String> {
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    let named = std::env::var_os("TILLIT_DATA").map(PathBuf::from);
    let text = [named, Some(beside)]
        .iter()
        .flatten()
        .find_map(|folder| std::fs::read_to_string(folder.join(name)).ok());
    if text.is_none() {
        println!(
            "skipped: {name} is not there (it is not part of the published package; name its folder in TILLIT_DATA)"
        );
    }
    text
}

/// The cases of single customers, and those with hard parameters and arguments made afterwards.
fn single_cases() -> Vec<Value> {
    ["clv_cases.json", "clv_hard_cases.json"]
        .into_iter()
        .filter_map(reference)
        .flat_map(|file| file["cases"].as_array().unwrap().clone())
        .collect()
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap()
}

fn whole(value: &Value) -> u32 {
    u32::try_from(value.as_u64().unwrap()).unwrap()
}

fn year() -> Span {
    Span::new(1.0, TimeUnit::Year).unwrap()
}

#[derive(Default)]
struct Tally {
    passed: usize,
    failed: Vec<String>,
}

impl Tally {
    fn check(&mut self, what: &str, found: f64, expected: f64, allowed: f64) {
        if (found - expected).abs() <= allowed {
            self.passed += 1;
        } else {
            self.failed.push(format!(
                "{what}: {found} instead of {expected}, allowed {allowed:e}"
            ));
        }
    }

    /// One output of a case; null stands for a value outside 1e-300..1e300 or for none.
    fn check_output(
        &mut self,
        case: &Value,
        output: &str,
        found: &Result<f64, Error>,
        expected: &Value,
    ) {
        let what = format!("{} {output}", case["id"]);
        match (found, expected.as_f64()) {
            (Ok(found), Some(expected)) => {
                self.check(&what, *found, expected, allowed(case, output, expected));
            }
            (Ok(found), None) if found.abs() < 1e-299 || found.abs() > 1e299 => self.passed += 1,
            (Err(_), None) => self.passed += 1,
            _ => self
                .failed
                .push(format!("{what}: {found:?} instead of {expected}")),
        }
    }

    fn judge(self, what: &str) {
        println!(
            "{what}: {} passed, {} failed",
            self.passed,
            self.failed.len()
        );
        assert!(self.failed.is_empty(), "{:#?}", self.failed);
        assert!(self.passed > 0, "no case of {what} was there");
    }
}

fn allowed(case: &Value, output: &str, expected: f64) -> f64 {
    if let Some(absolute) = case["tolerance"]["absolute"].as_f64() {
        return absolute;
    }
    let relative = case["cond"][output]
        .as_f64()
        .map_or(1e-12, |cond| (8.0 * cond * 2.2e-16).max(1e-12));
    if expected == 0.0 {
        1e-12
    } else {
        relative * expected.abs()
    }
}

fn contract_model(case: &Value) -> Option<Box<dyn FittedContractModel>> {
    let parameter = |name: &str| number(&case["params"][name]);
    let (alpha, beta) = (&case["params"]["alpha"], &case["params"]["beta"]);
    match case["model"].as_str().unwrap() {
        "sbg" => Some(Box::new(
            FittedShiftedBetaGeometric::from_parameters(number(alpha), number(beta), year())
                .unwrap(),
        )),
        "bdw" => Some(Box::new(
            FittedBetaDiscreteWeibull::from_parameters(
                number(alpha),
                number(beta),
                parameter("c"),
                year(),
            )
            .unwrap(),
        )),
        _ => None,
    }
}

/// The file counts decisions t = 1, 2, …; the models count renewals so far.
fn contract_output(
    model: &dyn FittedContractModel,
    output: &str,
    inputs: &Value,
) -> Result<f64, Error> {
    let t = whole(&inputs["t"]);
    let rate = DiscountRate::effective(number(&inputs["d"]), TimeUnit::Year).unwrap();
    match output {
        "survival" => model.survival(t).map(Probability::value),
        "ln_survival" => Ok(model.ln_survival(t)),
        "pmf" => model
            .probability_of_leaving_after(t - 1)
            .map(Probability::value),
        "retention" => model.retention(t - 1).map(Probability::value),
        "derl" => model.expected_renewals(t - 1, rate, Horizon::Unlimited),
        "del" => model.expected_payments_of_new_customer(rate, Horizon::Unlimited),
        _ => panic!("unknown output {output}"),
    }
}

#[test]
fn every_case_of_renewals_comes_out_within_its_tolerance() {
    let cases = single_cases();
    if cases.is_empty() {
        return;
    }
    let mut tally = Tally::default();
    for case in &cases {
        let Some(model) = contract_model(case) else {
            continue;
        };
        for (output, expected) in case["outputs"].as_object().unwrap() {
            let found = contract_output(model.as_ref(), output, &case["inputs"]);
            tally.check_output(case, output, &found, expected);
        }
    }
    tally.judge("sBG and BdW");
}

fn check_fit(tally: &mut Tally, what: &str, fit: &Value, report: &FitReport) {
    let log_likelihood = number(&fit["log_likelihood"]);
    tally.check(
        &format!("{what} log-likelihood"),
        report.log_likelihood(),
        log_likelihood,
        1e-9 * log_likelihood.abs(),
    );
    for parameter in report.parameters() {
        let expected = number(&fit["params"][parameter.name()]);
        tally.check(
            &format!("{what} {}", parameter.name()),
            parameter.value(),
            expected,
            1e-8 * expected,
        );
        let expected = number(&fit["std_errors"][parameter.name()]);
        tally.check(
            &format!("{what} standard error of {}", parameter.name()),
            parameter.standard_error().unwrap_or(f64::NAN),
            expected,
            1e-6 * expected,
        );
    }
}

/// Numbers from 0 to 1 from a counter (`SplitMix64`), so that the starts are the same everywhere.
fn uniform(counter: &mut u64) -> f64 {
    *counter = counter.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut bits = *counter;
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^= bits >> 31;
    (bits >> 11) as f64 / 9_007_199_254_740_992.0
}

#[test]
fn every_fit_of_renewals_comes_out_from_every_start() {
    let Some(file) = reference("clv_fits.json") else {
        return;
    };
    let mut counter = 2007;
    let mut tally = Tally::default();
    for fit in file["fits"].as_array().unwrap() {
        let model = fit["model"].as_str().unwrap();
        if fit["dataset"]["kind"] != "survivors" || !["sbg", "bdw"].contains(&model) {
            continue;
        }
        let survivors: Vec<u64> = fit["dataset"]["per_period_from_zero"]
            .as_array()
            .unwrap()
            .iter()
            .map(|count| count.as_u64().unwrap())
            .collect();
        let tenures = Tenures::from_survivors(year(), &survivors).unwrap();
        for trial in 0..=1000 {
            // Every parameter from a thousandth to a thousand times 1, c from a tenth to ten.
            let [alpha, beta] = [(); 2].map(|()| (13.8 * (uniform(&mut counter) - 0.5)).exp());
            let c = (4.6 * (uniform(&mut counter) - 0.5)).exp();
            let what = format!("{model} {} from {alpha} {beta} {c}", fit["data"]);
            let report = if model == "sbg" {
                let mut task = ShiftedBetaGeometric::default();
                if trial > 0 {
                    let start =
                        FittedShiftedBetaGeometric::from_parameters(alpha, beta, year()).unwrap();
                    task = task.starting_at(&start);
                }
                task.fit(&tenures).map(|fitted| fitted.report().cloned())
            } else {
                let mut task = BetaDiscreteWeibull::default();
                if trial > 0 {
                    let start =
                        FittedBetaDiscreteWeibull::from_parameters(alpha, beta, c, year()).unwrap();
                    task = task.starting_at(&start);
                }
                task.fit(&tenures).map(|fitted| fitted.report().cloned())
            };
            match report {
                Ok(Some(report)) => {
                    if trial == 0 {
                        println!("{report}");
                    }
                    check_fit(&mut tally, &what, fit, &report);
                }
                other => tally.failed.push(format!("{what}: {other:?}")),
            }
        }
    }
    tally.judge("fits of sBG and BdW");
}

fn percent(value: Probability) -> f64 {
    100.0 * value.value()
}

/// High End, fitted to four renewals: the forecasts of the two models as others printed them (foretell and retenmod).
#[test]
fn four_renewals_give_the_published_parameters_and_forecasts() {
    let tenures = Tenures::from_survivors(year(), &[1000, 869, 743, 653, 593]).unwrap();
    let sbg = ShiftedBetaGeometric::default().fit(&tenures).unwrap();
    let bdw = BetaDiscreteWeibull::default().fit(&tenures).unwrap();
    let mut tally = Tally::default();
    // Printed to seven digits by searches that stop at about the fourth.
    for (found, expected) in [
        (sbg.alpha(), 1.281_009),
        (sbg.beta(), 7.790_563),
        (bdw.alpha(), 0.259_354_9),
        (bdw.beta(), 1.722_694_8),
        (bdw.c(), 1.584_268_8),
    ] {
        tally.check("parameter", found, expected, 2e-3 * expected);
    }
    let printed: [(&dyn FittedContractModel, [f64; 6]); 2] = [
        (
            &sbg,
            [
                53.443_03, 48.577_83, 44.448_95, 40.906_08, 37.836_58, 35.154_53,
            ],
        ),
        (
            &bdw,
            [
                54.661_94, 51.037_76, 48.105_26, 45.669_63, 43.604_44, 41.823_91,
            ],
        ),
    ];
    for (model, shares) in printed {
        for (renewals, share) in (5..).zip(shares) {
            let found = percent(model.survival(renewals).unwrap());
            tally.check(model.name(), found, share, 2e-3);
        }
    }
    tally.judge("forecasts from four renewals");
}

/// The twelve known renewals of the High End cohort: the mean absolute errors of the forecasts.
#[test]
fn the_weibull_forecast_is_six_times_closer_on_the_high_end_cohort() {
    let tenures = Tenures::from_survivors(year(), &[1000, 869, 743, 653, 593]).unwrap();
    let actual = [55.1, 51.7, 49.1, 46.8, 44.5, 42.7, 40.9, 39.4];
    let error = |model: &dyn FittedContractModel| {
        let sum: f64 = (5..)
            .zip(&actual[..6])
            .map(|(renewals, share)| (percent(model.survival(renewals).unwrap()) - share).abs())
            .sum();
        sum / 6.0
    };
    let sbg = error(&ShiftedBetaGeometric::default().fit(&tenures).unwrap());
    let bdw = error(&BetaDiscreteWeibull::default().fit(&tenures).unwrap());
    assert_eq!(format!("{sbg:.1} {bdw:.1}"), "4.9 0.8");
}

fn years(count: &Value) -> Span {
    Span::new(number(count), TimeUnit::Year).unwrap()
}

fn opportunity_output(model: &FittedBgBb, output: &str, inputs: &Value) -> Result<f64, Error> {
    let history = || {
        PurchaseHistory::new(
            whole(&inputs["x"]),
            number(&inputs["t_x"]),
            number(&inputs["n"]),
            TimeUnit::Year,
        )
        .unwrap()
    };
    match output {
        "log_likelihood" => model.log_likelihood(&history()),
        "p_alive_at_n" => model.probability_alive(&history()).map(Probability::value),
        "ln_p_alive_at_n" => model.ln_probability_alive(&history()),
        "p_alive_at_n_plus_1" => model
            .probability_alive_at_next_opportunity(&history())
            .map(Probability::value),
        "cet" => model.expected_purchases(&history(), years(&inputs["m"])),
        "expected_new_n" => model.expected_purchases_of_new_customer(years(&inputs["n"])),
        "pmf_new" => model
            .probability_of_purchases_of_new_customer(whole(&inputs["k"]), years(&inputs["n"]))
            .map(Probability::value),
        "dert" => {
            let rate = DiscountRate::effective(number(&inputs["d"]), TimeUnit::Year).unwrap();
            model.discounted_purchases(&history(), rate, Horizon::Unlimited)
        }
        _ => panic!("unknown output {output}"),
    }
}

#[test]
fn every_case_of_opportunities_comes_out_within_its_tolerance() {
    let cases = single_cases();
    if cases.is_empty() {
        return;
    }
    let mut tally = Tally::default();
    for case in &cases {
        if case["model"] != "bg_bb" {
            continue;
        }
        let parameter = |name: &str| number(&case["params"][name]);
        let model = FittedBgBb::from_parameters(
            parameter("alpha"),
            parameter("beta"),
            parameter("gamma"),
            parameter("delta"),
            year(),
        )
        .unwrap();
        for (output, expected) in case["outputs"].as_object().unwrap() {
            let found = opportunity_output(&model, output, &case["inputs"]);
            tally.check_output(case, output, &found, expected);
        }
    }
    tally.judge("BG/BB");
}

/// Columns x, `t_x`, n and the number of customers.
fn opportunities(text: &str) -> Vec<[u32; 4]> {
    text.lines()
        .skip(1)
        .map(|line| {
            let cells: Vec<u32> = line.split(',').map(|cell| cell.parse().unwrap()).collect();
            cells.try_into().unwrap()
        })
        .collect()
}

#[test]
fn every_fit_of_opportunities_comes_out_from_every_start() {
    let Some(file) = reference("clv_fits.json") else {
        return;
    };
    let mut counter = 2010;
    for fit in file["fits"].as_array().unwrap() {
        if fit["model"] != "bg_bb" {
            continue;
        }
        assert_eq!(fit["dataset"]["kind"], "patterns_csv");
        let Some(text) = data(fit["dataset"]["file"].as_str().unwrap()) else {
            continue;
        };
        let mut purchases = PurchaseOpportunities::new();
        let (mut x, mut t_x, mut n) = (Vec::new(), Vec::new(), Vec::new());
        for [count, last, seen, customers] in opportunities(&text) {
            purchases
                .record_many(count, last, seen, u64::from(customers))
                .unwrap();
            for _ in 0..customers {
                x.push(count);
                t_x.push(f64::from(last));
                n.push(f64::from(seen));
            }
        }
        let mut tally = Tally::default();
        for trial in 0..=1000 {
            // Every parameter from a thousandth to a thousand times 1.
            let [a, b, c, d] = [(); 4].map(|()| (13.8 * (uniform(&mut counter) - 0.5)).exp());
            let what = format!("bg_bb from {a} {b} {c} {d}");
            let mut task = BgBb::default();
            if trial > 0 {
                task = task.starting_at(&FittedBgBb::from_parameters(a, b, c, d, year()).unwrap());
            }
            match task.fit_opportunities(&purchases) {
                Ok(fitted) => {
                    let report = fitted.report().unwrap();
                    if trial == 0 {
                        println!("{report}");
                    }
                    check_fit(&mut tally, &what, fit, report);
                }
                Err(error) => tally.failed.push(format!("{what}: {error}")),
            }
        }
        let histories = PurchaseHistories::from_columns(TimeUnit::Year, x, t_x, n).unwrap();
        let single = BgBb::default().fit(&histories).unwrap();
        assert_eq!(
            single,
            BgBb::default().fit_opportunities(&purchases).unwrap()
        );
        tally.judge("fits of BG/BB");
    }
}

/// The paper's and its note's printed values: P(alive) of three donors, and the expected gifts of a new one.
#[test]
fn the_published_answers_on_donations_come_out() {
    let model = FittedBgBb::from_parameters(1.204, 0.750, 0.657, 2.783, year()).unwrap();
    let shown: Vec<String> = [(0, 0.0), (2, 4.0), (6, 6.0)]
        .map(|(x, t_x)| {
            let donor = PurchaseHistory::new(x, t_x, 6.0, TimeUnit::Year).unwrap();
            let alive = model.probability_alive_at_next_opportunity(&donor).unwrap();
            format!("{:.2}", alive.value())
        })
        .to_vec();
    assert_eq!(shown, ["0.11", "0.59", "0.93"]);
    let printed = [
        0.4985, 0.9233, 1.2969, 1.6323, 1.9381, 2.2202, 2.4826, 2.7285, 2.9603, 3.1798, 3.3887,
    ];
    let sharper = FittedBgBb::from_parameters(1.2035, 0.7497, 0.6567, 2.7834, year()).unwrap();
    for (seen, printed) in (1..).zip(printed) {
        let ahead = Span::new(f64::from(seen), TimeUnit::Year).unwrap();
        let found = sharper.expected_purchases_of_new_customer(ahead).unwrap();
        assert!(
            (found - printed).abs() < 1e-4,
            "{seen}: {found} instead of {printed}"
        );
    }
}

#[cfg(feature = "serde")]
#[test]
fn stored_models_come_back_and_broken_ones_do_not() {
    let tenures = Tenures::from_survivors(year(), &[1000, 869, 743, 653, 593]).unwrap();
    let bdw = BetaDiscreteWeibull::default().fit(&tenures).unwrap();
    let text = serde_json::to_string(&bdw).unwrap();
    let back: FittedBetaDiscreteWeibull = serde_json::from_str(&text).unwrap();
    assert_eq!(back, bdw);
    let sbg = FittedShiftedBetaGeometric::from_parameters(0.7, 1.2, year()).unwrap();
    let text = serde_json::to_string(&sbg).unwrap();
    assert_eq!(
        serde_json::from_str::<FittedShiftedBetaGeometric>(&text).unwrap(),
        sbg
    );
    assert!(
        serde_json::from_str::<FittedShiftedBetaGeometric>(&text.replace("0.7", "-0.7")).is_err()
    );
    let bg_bb = FittedBgBb::from_parameters(1.2, 0.75, 0.66, 2.78, year()).unwrap();
    let text = serde_json::to_string(&bg_bb).unwrap();
    assert_eq!(serde_json::from_str::<FittedBgBb>(&text).unwrap(), bg_bb);
    assert!(serde_json::from_str::<FittedBgBb>(&text.replace("0.66", "0.0")).is_err());
}
