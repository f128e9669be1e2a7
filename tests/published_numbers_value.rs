//! Published and high-precision values of the purchase and spend models.
//!
//! `TILLIT_REFERENCE` names another folder with files of the same names; data files that they name are looked for in
//! `TILLIT_DATA`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::Value;
use tillit::Error;
use tillit::measure::{Currency, DiscountRate, ExpectedMoney, Probability, Span, TimeUnit};
use tillit::value::{
    BgNbd, FitReport, FitWarning, FittedBgNbd, FittedGGompertzNbd, FittedGammaGamma, FittedMbgNbd,
    FittedParetoNbd, FittedPurchaseModel, FittedSpendModel, FrequencySpend, GGompertzNbd,
    GammaGamma, Horizon, LifetimeValues, MbgNbd, Nbd, ParetoNbd, PurchaseAmounts, PurchaseDays,
    PurchaseHistories, PurchaseHistory, PurchaseModel, SpendIndependenceTest, SpendVerdict,
    Valuation,
};

/// Models that are held to their values in `published_numbers_contract.rs`.
const COUNT_PERIODS: [&str; 3] = ["sbg", "bdw", "bg_bb"];

fn own_folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/reference")
}

/// The case file called `name`; `None` with a note if another folder is named that lacks it.
fn reference(name: &str) -> Option<Value> {
    let other = std::env::var_os("TILLIT_REFERENCE").map(PathBuf::from);
    let elsewhere = other.is_some();
    let path = other.unwrap_or_else(own_folder).join(name);
    match std::fs::read_to_string(&path) {
        Ok(text) => Some(serde_json::from_str(&text).unwrap()),
        Err(_) if elsewhere => {
            println!("skipped: {} is not there", path.display());
            None
        }
        Err(cause) => panic!("{}: {cause}", path.display()),
    }
}

/// The cases of single customers, and those with hard parameters and arguments made afterwards.
fn single_cases() -> Vec<Value> {
    ["clv_cases.json", "clv_hard_cases.json"]
        .into_iter()
        .filter_map(reference)
        .flat_map(|file| file["cases"].as_array().unwrap().clone())
        .collect()
}

/// The text of a data file; `None` with a note if it is not there.
fn data(name: &str) -> Option<String> {
    let folders = [
        std::env::var_os("TILLIT_DATA").map(PathBuf::from),
        Some(own_folder()),
    ];
    let text = folders
        .iter()
        .flatten()
        .find_map(|folder| std::fs::read_to_string(folder.join(name)).ok());
    if text.is_none() {
        println!("skipped: {name} is not there (it is not part of the published package)");
    }
    text
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap()
}

fn whole(value: &Value) -> u32 {
    u32::try_from(value.as_u64().unwrap()).unwrap()
}

fn dollar() -> Currency {
    Currency::new("USD").unwrap()
}

fn days(count: &Value) -> Span {
    Span::from_days(number(count)).unwrap()
}

#[derive(Default)]
struct Tally {
    passed: usize,
    failed: Vec<String>,
}

impl Tally {
    fn check(&mut self, what: &str, found: &Result<f64, Error>, expected: &Value, allowed: f64) {
        match (found, expected.as_f64()) {
            (Ok(found), Some(expected)) if (found - expected).abs() <= allowed => self.passed += 1,
            // No value within 1e-300..1e300: an error, zero or infinity, never NaN nor an ordinary number.
            (Ok(found), None) if found.abs() < 1e-299 || found.abs() > 1e299 => self.passed += 1,
            (Err(_), None) => self.passed += 1,
            _ => self.failed.push(format!(
                "{what}: {found:?} instead of {expected}, allowed {allowed:e}"
            )),
        }
    }
}

fn print_and_judge(tallies: &BTreeMap<String, Tally>) {
    let mut failures = Vec::new();
    for (model, tally) in tallies {
        println!(
            "{model}: {} passed, {} failed",
            tally.passed,
            tally.failed.len()
        );
        failures.extend(&tally.failed);
    }
    assert!(failures.is_empty(), "{failures:#?}");
}

fn history(inputs: &Value) -> Option<PurchaseHistory> {
    if inputs["T"].is_null() {
        return None;
    }
    Some(
        PurchaseHistory::new(
            whole(&inputs["x"]),
            number(&inputs["t_x"]),
            number(&inputs["T"]),
            TimeUnit::Day,
        )
        .unwrap(),
    )
}

/// `None` for an output that no model gives yet.
fn purchase_output(
    model: &dyn FittedPurchaseModel,
    output: &str,
    inputs: &Value,
) -> Option<Result<f64, Error>> {
    let history = history(inputs);
    let rate = inputs["delta"]
        .as_f64()
        .map(|delta| DiscountRate::continuous(delta, TimeUnit::Day).unwrap());
    let now = Span::from_days(0.0).unwrap();
    let within = |key: &str| Horizon::Within(days(&inputs[key]));
    Some(match (output, history) {
        ("log_likelihood", Some(history)) => model.log_likelihood(&history),
        ("p_alive", Some(history)) => model.probability_alive(&history).map(Probability::value),
        ("ln_p_alive", Some(history)) => model.ln_probability_alive(&history),
        ("cet", Some(history)) => model.expected_purchases(&history, days(&inputs["t"])),
        ("cet_given_alive", Some(history)) => {
            model.expected_purchases_if_alive(&history, now, days(&inputs["t"]))
        }
        ("expected_new", _) => model.expected_purchases_of_new_customer(days(&inputs["t"])),
        ("dert", Some(history)) => model.discounted_purchases(&history, rate?, Horizon::Unlimited),
        ("dert_given_alive", Some(history)) => {
            model.discounted_purchases_if_alive(&history, rate?, Horizon::Unlimited)
        }
        ("det_h", Some(history)) => model.discounted_purchases(&history, rate?, within("h")),
        ("det_t", Some(history)) => model.discounted_purchases(&history, rate?, within("t")),
        ("pmf_new", _) => model
            .probability_of_purchases_of_new_customer(whole(&inputs["n"]), days(&inputs["t"]))
            .map(Probability::value),
        ("pmf_conditional", Some(history)) => model
            .probability_of_purchases(&history, whole(&inputs["n"]), days(&inputs["t"]))
            .map(Probability::value),
        _ => return None,
    })
}

fn spend_output(
    model: &FittedGammaGamma,
    output: &str,
    inputs: &Value,
) -> Option<Result<f64, Error>> {
    let count = whole(&inputs["x"]);
    let active_for = if count == 0 { 0.0 } else { 1.0 };
    let mut history = PurchaseHistory::new(count, active_for, 2.0, TimeUnit::Day).unwrap();
    if count > 0 {
        let mean = ExpectedMoney::new(number(&inputs["m"]), dollar()).unwrap();
        history = history.with_mean_repeat_spend(mean).unwrap();
    }
    Some(match output {
        "log_likelihood" => model.log_likelihood(&history),
        "expected_value" => model
            .expected_mean_spend(&history)
            .map(ExpectedMoney::amount),
        "posterior_sd_of_mean" => model.deviation_of_mean(&history).map(ExpectedMoney::amount),
        "population_mean" => model.population_mean().map(ExpectedMoney::amount),
        _ => return None,
    })
}

/// The names of the parameters in the order of the constructors, for models with four.
fn parameter_names(model: &str) -> Option<[&'static str; 4]> {
    match model {
        "bg_nbd" | "mbg_nbd" => Some(["r", "alpha", "a", "b"]),
        "pareto_nbd" => Some(["r", "alpha", "s", "beta"]),
        _ => None,
    }
}

fn known(
    model: &str,
    [first, second, third, fourth]: [f64; 4],
    unit: TimeUnit,
) -> Box<dyn FittedPurchaseModel> {
    match model {
        "bg_nbd" => {
            Box::new(FittedBgNbd::from_parameters(first, second, third, fourth, unit).unwrap())
        }
        "mbg_nbd" => {
            Box::new(FittedMbgNbd::from_parameters(first, second, third, fourth, unit).unwrap())
        }
        _ => {
            Box::new(FittedParetoNbd::from_parameters(first, second, third, fourth, unit).unwrap())
        }
    }
}

fn purchase_model(case: &Value) -> Option<Box<dyn FittedPurchaseModel>> {
    let model = case["model"].as_str().unwrap();
    if model == "ggompertz_nbd" {
        let [r, alpha, b, s, beta] =
            ["r", "alpha", "b", "s", "beta"].map(|name| number(&case["params"][name]));
        let fitted = FittedGGompertzNbd::from_parameters(r, alpha, b, s, beta, TimeUnit::Day);
        return Some(Box::new(fitted.unwrap()));
    }
    let names = parameter_names(model)?;
    let parameters = names.map(|name| number(&case["params"][name]));
    Some(known(model, parameters, TimeUnit::Day))
}

/// The report on a fit from the default start or from `start`.
fn fit_of(
    model: &str,
    start: Option<[f64; 4]>,
    histories: &PurchaseHistories,
) -> Result<FitReport, Error> {
    let week = TimeUnit::Week;
    let report = match (model, start) {
        ("bg_nbd", None) => BgNbd::default().fit(histories)?.report().cloned(),
        ("bg_nbd", Some([r, alpha, a, b])) => {
            let start = FittedBgNbd::from_parameters(r, alpha, a, b, week)?;
            let model = BgNbd::default().starting_at(&start);
            model.fit(histories)?.report().cloned()
        }
        ("mbg_nbd", None) => MbgNbd::default().fit(histories)?.report().cloned(),
        ("mbg_nbd", Some([r, alpha, a, b])) => {
            let start = FittedMbgNbd::from_parameters(r, alpha, a, b, week)?;
            let model = MbgNbd::default().starting_at(&start);
            model.fit(histories)?.report().cloned()
        }
        ("pareto_nbd", None) => ParetoNbd::default().fit(histories)?.report().cloned(),
        ("pareto_nbd", Some([r, alpha, s, beta])) => {
            let start = FittedParetoNbd::from_parameters(r, alpha, s, beta, week)?;
            let model = ParetoNbd::default().starting_at(&start);
            model.fit(histories)?.report().cloned()
        }
        ("ggompertz_nbd", None) => GGompertzNbd::default().fit(histories)?.report().cloned(),
        ("nbd", None) => Nbd::default().fit(histories)?.report().cloned(),
        ("gamma_gamma", None) => GammaGamma::default().fit(histories)?.report().cloned(),
        ("gamma_gamma", Some([p, q, v, _])) => {
            let start = FittedGammaGamma::from_parameters(p, q, v, dollar())?;
            let model = GammaGamma::default().starting_at(&start);
            model.fit(histories)?.report().cloned()
        }
        _ => panic!("a fit of unknown model {model}"),
    };
    Ok(report.unwrap())
}

/// Fitted from a thousand starts too.
const FITTED: [&str; 4] = ["bg_nbd", "mbg_nbd", "pareto_nbd", "gamma_gamma"];

#[test]
fn every_case_comes_out_within_its_tolerance() {
    let mut tallies: BTreeMap<String, Tally> = BTreeMap::new();
    for case in &single_cases() {
        let model = case["model"].as_str().unwrap();
        if model == "special" {
            // Not public; read by the unit tests of the special functions.
            continue;
        }
        if COUNT_PERIODS.contains(&model) {
            continue;
        }
        let tally = tallies.entry(model.to_owned()).or_default();
        let spend = (model == "gamma_gamma").then(|| {
            let parameter = |name: &str| number(&case["params"][name]);
            FittedGammaGamma::from_parameters(
                parameter("p"),
                parameter("q"),
                parameter("v"),
                dollar(),
            )
            .unwrap()
        });
        let purchases = purchase_model(case);
        for (output, expected) in case["outputs"].as_object().unwrap() {
            let inputs = &case["inputs"];
            let found = match (&spend, &purchases) {
                (Some(spend), _) => spend_output(spend, output, inputs),
                (_, Some(purchases)) => purchase_output(purchases.as_ref(), output, inputs),
                _ => None,
            };
            let what = format!("{} {output}", case["id"]);
            let Some(found) = found else {
                tally.failed.push(format!("{what}: no model answers this"));
                continue;
            };
            if expected.as_f64().is_some_and(|value| value < 0.0) && output == "expected_value" {
                // The file: a negative expectation must be reported as undefined.
                match found {
                    Err(Error::CannotTell { .. }) => tally.passed += 1,
                    other => tally
                        .failed
                        .push(format!("{what}: {other:?} instead of a refusal")),
                }
                continue;
            }
            let value = expected.as_f64().unwrap_or(0.0);
            let relative = case["cond"][output.as_str()]
                .as_f64()
                .map_or(1e-12, |cond| (8.0 * cond * 2.2e-16).max(1e-12));
            let allowed = match case["tolerance"]["absolute"].as_f64() {
                Some(absolute) => absolute,
                None if value == 0.0 => 1e-12,
                None => relative * value.abs(),
            };
            tally.check(&what, &found, expected, allowed);
        }
    }
    print_and_judge(&tallies);
}

/// Rows of a CSV file as texts by column name.
fn rows(text: &str) -> Vec<BTreeMap<&str, &str>> {
    let mut lines = text.lines();
    let names: Vec<&str> = lines.next().unwrap().split(',').collect();
    lines
        .map(|line| names.iter().copied().zip(line.split(',')).collect())
        .collect()
}

fn parsed(row: &BTreeMap<&str, &str>, column: &str) -> f64 {
    row[column].parse().unwrap()
}

/// Days since 1970 of a date such as 1997-01-31 (the proleptic Gregorian calendar).
fn day_number(date: &str) -> i32 {
    let parts: Vec<i32> = date
        .split(['-', ' '])
        .take(3)
        .map(|part| part.parse().unwrap())
        .collect();
    let (year, month, day) = (parts[0], parts[1], parts[2]);
    let shifted = if month <= 2 { year - 1 } else { year };
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400 + day_of_year - 719_468
}

fn minor(amount: &str) -> i64 {
    tillit::measure::Money::parse(amount, dollar())
        .unwrap()
        .minor()
}

/// The histories that a fit of the reference file was made on; `None` if the file is not there.
fn dataset(fit: &Value) -> Option<PurchaseHistories> {
    let source = &fit["dataset"];
    let text = data(source["file"].as_str()?)?;
    let rows = rows(&text);
    let column = |key: &str| -> Vec<f64> {
        let name = source[key].as_str().unwrap();
        rows.iter().map(|row| parsed(row, name)).collect()
    };
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let counts = |key: &str| -> Vec<u32> { column(key).iter().map(|&x| x as u32).collect() };
    match source["kind"].as_str().unwrap() {
        "summary_csv" => {
            let divisor = number(&source["divide_time_by"]);
            let times = |key: &str| column(key).iter().map(|time| time / divisor).collect();
            Some(
                PurchaseHistories::from_columns(
                    TimeUnit::Week,
                    counts("repeat_purchases"),
                    times("active_for"),
                    times("observed_for"),
                )
                .unwrap(),
            )
        }
        "spend_summary_csv" => {
            let counts = counts("transactions");
            let active_for = counts
                .iter()
                .map(|&x| if x > 0 { 1.0 } else { 0.0 })
                .collect();
            let observed_for = vec![1.0; counts.len()];
            Some(
                PurchaseHistories::from_columns(TimeUnit::Week, counts, active_for, observed_for)
                    .unwrap()
                    .with_mean_repeat_spend(dollar(), column("mean_spend"))
                    .unwrap(),
            )
        }
        "transactions_csv" => Some(from_transactions(source, &text)),
        "patterns_csv" => Some(from_patterns(&text)),
        other => panic!("a data set of unknown kind {other}"),
    }
}

/// One row per pattern: purchases, time of the last one, time observed and, last, the number of such customers.
fn from_patterns(text: &str) -> PurchaseHistories {
    let (mut counts, mut active_for, mut observed_for) = (Vec::new(), Vec::new(), Vec::new());
    for line in text.lines().skip(1) {
        let cells: Vec<u32> = line.split(',').map(|cell| cell.parse().unwrap()).collect();
        let [count, last, seen, customers] = cells.try_into().unwrap();
        for _ in 0..customers {
            counts.push(count);
            active_for.push(f64::from(last));
            observed_for.push(f64::from(seen));
        }
    }
    PurchaseHistories::from_columns(TimeUnit::Week, counts, active_for, observed_for).unwrap()
}

/// One row per transaction; the column names and the end of observation stand in the reference file.
fn from_transactions(source: &Value, text: &str) -> PurchaseHistories {
    let name = |keys: [&str; 2]| keys.iter().find_map(|key| source[*key].as_str());
    let customer = name(["customer", "id"]).unwrap();
    let date = name(["date", "day"]).unwrap();
    let end = day_number(name(["observation_end", "calibration_end"]).unwrap());
    let amount = name(["amount", "spend"]);
    let mut indices: BTreeMap<String, u32> = BTreeMap::new();
    let mut purchases = PurchaseDays::new(dollar());
    for row in rows(text) {
        let next = u32::try_from(indices.len()).unwrap();
        let index = *indices.entry(row[customer].to_owned()).or_insert(next);
        purchases.push(
            index,
            day_number(row[date]),
            amount.map_or(0, |amount| minor(row[amount])),
        );
    }
    purchases
        .summarise(end, TimeUnit::Week)
        .unwrap()
        .histories()
        .clone()
}

fn check_fit(tally: &mut Tally, what: &str, fit: &Value, report: &FitReport) {
    let log_likelihood = number(&fit["log_likelihood"]);
    tally.check(
        &format!("{what} log-likelihood"),
        &Ok(report.log_likelihood()),
        &fit["log_likelihood"],
        1e-9 * log_likelihood.abs(),
    );
    for parameter in report.parameters() {
        let expected = &fit["params"][parameter.name()];
        tally.check(
            &format!("{what} {}", parameter.name()),
            &Ok(parameter.value()),
            expected,
            1e-8 * number(expected),
        );
        let expected = &fit["std_errors"][parameter.name()];
        tally.check(
            &format!("{what} standard error of {}", parameter.name()),
            &Ok(parameter.standard_error().unwrap_or(f64::NAN)),
            expected,
            1e-6 * number(expected),
        );
    }
}

#[test]
fn every_fit_comes_out_with_its_standard_errors() {
    let Some(file) = reference("clv_fits.json") else {
        return;
    };
    let mut tallies: BTreeMap<String, Tally> = BTreeMap::new();
    for fit in file["fits"].as_array().unwrap() {
        let model = fit["model"].as_str().unwrap();
        if COUNT_PERIODS.contains(&model) {
            continue;
        }
        // Data that are not there are skipped with the note of `data`; a model that is not known is a failure.
        let Some(histories) = dataset(fit) else {
            continue;
        };
        let tally = tallies.entry(model.to_owned()).or_default();
        match fit_of(model, None, &histories) {
            Ok(report) => {
                check_fit(tally, model, fit, &report);
                println!("{report}");
            }
            Err(error) => tally.failed.push(format!("{model}: {error}")),
        }
    }
    print_and_judge(&tallies);
}

/// The Pareto/NBD is a limit of the GGompertz/NBD, and on CDNOW the most likely one (others find b = 1.1e-6).
#[test]
fn the_ggompertz_nbd_is_never_worse_than_the_pareto_nbd_and_says_where_it_is_the_same() {
    let Some(file) = reference("clv_fits.json") else {
        return;
    };
    for fit in file["fits"].as_array().unwrap() {
        if fit["model"] != "pareto_nbd" {
            continue;
        }
        let Some(histories) = dataset(fit) else {
            continue;
        };
        let fitted = GGompertzNbd::default().fit(&histories).unwrap();
        let report = fitted.report().unwrap();
        println!("{report}");
        let gained = report.log_likelihood() - number(&fit["log_likelihood"]);
        assert!(gained > -1e-5, "{gained}");
        let limit = report.warnings().iter().find_map(|warning| match warning {
            FitWarning::ParetoSuffices { beta } => Some(*beta),
            _ => None,
        });
        if fit["dataset"]["file"] == "cdnow_summary.csv" {
            assert!(limit.is_some());
        }
        if let Some(beta) = limit {
            assert!(gained < 1e-5, "{gained}");
            for (found, name) in [
                (fitted.r(), "r"),
                (fitted.alpha(), "alpha"),
                (fitted.s(), "s"),
                (beta, "beta"),
            ] {
                let expected = number(&fit["params"][name]);
                assert!(
                    (found / expected - 1.0).abs() < 1e-5,
                    "{name} {found} {expected}"
                );
            }
        }
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
fn every_one_of_a_thousand_starts_leads_to_the_same_optimum() {
    let Some(file) = reference("clv_fits.json") else {
        return;
    };
    let fits = file["fits"].as_array().unwrap();
    let from_everywhere = &|seed: u64, fit: &Value| {
        let model = fit["model"].as_str().unwrap();
        let mut tally = Tally::default();
        let histories = FITTED.contains(&model).then(|| dataset(fit)).flatten();
        let Some(histories) = histories else {
            return tally;
        };
        let mut counter = 2005 + seed;
        for _ in 0..1000 {
            // Every parameter from a thousandth to a thousand times 1.
            let start = [(); 4].map(|()| (13.8 * (uniform(&mut counter) - 0.5)).exp());
            let what = format!("{model} from {start:?}");
            match fit_of(model, Some(start), &histories) {
                Ok(report) => check_fit(&mut tally, &what, fit, &report),
                Err(error) => tally.failed.push(format!("{what}: {error}")),
            }
        }
        tally
    };
    std::thread::scope(|scope| {
        let searches: Vec<_> = (0..)
            .zip(fits)
            .map(|(seed, fit)| scope.spawn(move || from_everywhere(seed, fit)))
            .collect();
        for (search, fit) in searches.into_iter().zip(fits) {
            let tally = search.join().unwrap();
            println!("{}: {} numbers came out", fit["model"], tally.passed);
            assert!(
                tally.failed.is_empty(),
                "{} failed, first {:?}",
                tally.failed.len(),
                tally.failed.first()
            );
        }
    });
}

#[test]
fn predictions_for_cdnow_customers_come_out() {
    let Some(file) = reference("clv_cdnow_predictions.json") else {
        return;
    };
    let parameters = |model: &str| -> Vec<f64> {
        file["params"][model]
            .as_array()
            .unwrap()
            .iter()
            .map(number)
            .collect()
    };
    let p = parameters("gamma_gamma");
    let spend = FittedGammaGamma::from_parameters(p[0], p[1], p[2], dollar()).unwrap();
    let month = Span::new(4.345, TimeUnit::Week).unwrap();
    let monthly = Valuation::AtPeriodEnds {
        rate: DiscountRate::continuous(1.01_f64.ln() / 4.345, TimeUnit::Week).unwrap(),
        period: month,
        periods: 12,
    };
    let week = |count: f64| Span::new(count, TimeUnit::Week).unwrap();
    let rate = DiscountRate::continuous(0.0027, TimeUnit::Week).unwrap();
    let continuous = |horizon: Horizon| Valuation::Continuous { rate, horizon };
    let year = Horizon::Within(week(52.0));
    let mut tallies: BTreeMap<String, Tally> = BTreeMap::new();
    for customer in file["customers"].as_array().unwrap() {
        let inputs = &customer["inputs"];
        let histories = PurchaseHistories::from_columns(
            TimeUnit::Week,
            vec![whole(&inputs["x"])],
            vec![number(&inputs["t_x"])],
            vec![number(&inputs["T"])],
        )
        .unwrap()
        .with_mean_repeat_spend(dollar(), vec![number(&inputs["m"])])
        .unwrap();
        let history = histories.get(0).unwrap();
        for (model, outputs) in customer["outputs"].as_object().unwrap() {
            let tally = tallies.entry(model.clone()).or_default();
            if model == "expected_value" {
                let found = spend
                    .expected_mean_spend(&history)
                    .map(ExpectedMoney::amount);
                tally.check("expected_value", &found, outputs, 1e-12 * number(outputs));
                continue;
            }
            let four = <[f64; 4]>::try_from(parameters(model)).unwrap();
            let fitted = known(model, four, TimeUnit::Week);
            let fitted = fitted.as_ref();
            let value = |valuation: Valuation| {
                LifetimeValues::of(&histories, fitted, &spend, Probability::ONE, valuation)
                    .map(|values| values.amounts()[0])
            };
            for (output, expected) in outputs.as_object().unwrap() {
                let what = format!("customer {} {model} {output}", customer["id"]);
                let found = match output.as_str() {
                    "p_alive" => fitted.probability_alive(&history).map(Probability::value),
                    "cet_39" => fitted.expected_purchases(&history, week(39.0)),
                    "dert" => fitted.discounted_purchases(&history, rate, Horizon::Unlimited),
                    "det_52" => fitted.discounted_purchases(&history, rate, year),
                    "clv_12_months_discrete" => value(monthly),
                    "clv_infinite" => value(continuous(Horizon::Unlimited)),
                    "clv_52_continuous" => value(continuous(year)),
                    _ => {
                        tally.failed.push(format!("{what}: no model answers this"));
                        continue;
                    }
                };
                tally.check(&what, &found, expected, 1e-11 * number(expected));
            }
        }
    }
    print_and_judge(&tallies);
}

/// The spend of the CDNOW customers: the published correlation .114 (Fader and Hardie 2013), the verdict on it, the extended
/// model, and the fit to single purchases.
#[test]
fn spend_and_purchases_of_cdnow_customers_go_together_as_published() {
    let (Some(transactions), Some(summary)) = (
        data("cdnow_sample_transactions.csv"),
        data("cdnow_summary.csv"),
    ) else {
        return;
    };
    let published = rows(&summary);
    let column =
        |name: &str| -> Vec<f64> { published.iter().map(|row| parsed(row, name)).collect() };
    let counts: Vec<u32> = published
        .iter()
        .map(|row| row["x"].parse().unwrap())
        .collect();
    let histories = PurchaseHistories::from_columns(
        TimeUnit::Day,
        counts,
        column("t_x_days"),
        column("T_days"),
    )
    .unwrap()
    .with_mean_repeat_spend(dollar(), column("zbar"))
    .unwrap();
    let found = SpendIndependenceTest::default().run(&histories).unwrap();
    println!("{found}");
    assert_eq!(format!("{:.3}", found.pearson().value()), "0.114");
    // One customer of very large purchases makes half of it; the ranks go together without that customer too.
    assert_eq!(found.verdict(), SpendVerdict::Undecided);
    let independent = GammaGamma::default().fit(&histories).unwrap();
    let extended = FrequencySpend::default().fit(&histories).unwrap();
    println!("{}", extended.report().unwrap());
    let ratio = extended.likelihood_ratio().unwrap();
    println!(
        "likelihood ratio {ratio:.3}, p {:?}",
        extended.independence_p_value()
    );
    assert!(ratio >= 0.0);

    // Single purchases of the calibration period after each customer's first day.
    let mut first: BTreeMap<u32, i32> = BTreeMap::new();
    let mut days: BTreeMap<(u32, i32), f64> = BTreeMap::new();
    for row in rows(&transactions) {
        let (customer, day) = (row["sample_id"].parse().unwrap(), day_number(row["date"]));
        if day > day_number("1997-09-30") {
            continue;
        }
        let earliest = first.entry(customer).or_insert(day);
        *earliest = day.min(*earliest);
        *days.entry((customer, day)).or_default() += parsed(&row, "dollars");
    }
    let repeats = days
        .iter()
        .filter(|((customer, day), _)| *day > first[customer]);
    let (whose, amounts): (Vec<u32>, Vec<f64>) = repeats
        .map(|(&(customer, _), &amount)| (customer, amount))
        .unzip();
    let amounts = PurchaseAmounts::from_purchases(dollar(), &whose, &amounts).unwrap();
    let single = GammaGamma::default().fit_purchases(&amounts).unwrap();
    println!(
        "{}\n{}",
        independent.report().unwrap(),
        single.report().unwrap()
    );
    let errors = |model: &FittedGammaGamma| {
        let report = model.report().unwrap();
        report.parameters()[0].standard_error().unwrap() / model.p()
    };
    assert!(errors(&single) < 0.5 * errors(&independent));
}

#[test]
fn the_cdnow_summary_follows_from_its_transactions() {
    let (Some(transactions), Some(summary)) = (
        data("cdnow_sample_transactions.csv"),
        data("cdnow_summary.csv"),
    ) else {
        return;
    };
    let mut purchases = PurchaseDays::new(dollar());
    for row in rows(&transactions) {
        let customer: u32 = row["sample_id"].parse().unwrap();
        purchases.push(customer, day_number(row["date"]), minor(row["dollars"]));
    }
    let made = purchases
        .summarise(day_number("1997-09-30"), TimeUnit::Day)
        .unwrap();
    let histories = made.histories();
    let published = rows(&summary);
    assert_eq!(histories.len(), published.len());
    for (index, row) in published.iter().enumerate() {
        let history = histories.get(index).unwrap();
        assert_eq!(histories.customer(index).unwrap().to_string(), row["id"]);
        assert_eq!(history.repeat_purchases().to_string(), row["x"]);
        assert_eq!(
            history.active_for(TimeUnit::Day).to_string(),
            row["t_x_days"]
        );
        assert_eq!(
            history.observed_for(TimeUnit::Day).to_string(),
            row["T_days"]
        );
        // The published mean is rounded to whole cents.
        let mean = history.mean_repeat_spend().unwrap().amount();
        assert!(
            (mean - parsed(row, "zbar")).abs() < 0.0051,
            "{index} {mean} {row:?}"
        );
    }
}
