//! Forecasts of the CDNOW sample held against its holdout: 39 weeks to fit, 39 weeks to be judged by.
//!
//! The published figures come from fits to the published summary, whose weeks are rounded to two decimals; from exact
//! days they agree to the digits that are compared here.

use std::path::PathBuf;

use chrono::{Datelike, NaiveDate};
use tillit::measure::{Currency, Span, TimeUnit};
use tillit::value::{
    BgNbd, FittedBgNbd, FittedPurchaseModel, FrequencyGroup, Holdout, HoldoutAccuracy, MbgNbd,
    ParetoNbd, PurchaseCalendar, PurchaseDays, PurchaseHistories, PurchaseModel, PurchaseSummary,
    TrackedPeriod, Tracking,
};

fn day(text: &str) -> i32 {
    NaiveDate::parse_from_str(text, "%Y-%m-%d")
        .unwrap()
        .num_days_from_ce()
}

/// The text of a data file; `None` with a note where the data are not part of the package.
fn data(name: &str) -> Option<String> {
    let own = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/reference");
    let folders = [
        std::env::var_os("TILLIT_DATA").map(PathBuf::from),
        Some(own),
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

/// Histories, holdout and calendar of the sample, from its transactions.
fn cdnow() -> Option<(PurchaseSummary, Holdout, PurchaseCalendar)> {
    let text = data("cdnow_sample_transactions.csv")?;
    let mut days = PurchaseDays::new(Currency::new("USD").unwrap());
    for line in text.lines().skip(1) {
        let fields: Vec<&str> = line.split(',').collect();
        let (dollars, cents) = fields[4].split_once('.').unwrap_or((fields[4], ""));
        let minor: i64 = format!("{dollars}{cents:0<2}").parse().unwrap();
        days.push(fields[1].parse().unwrap(), day(fields[2]), minor);
    }
    Some(
        days.split(day("1997-09-30"), day("1998-06-30"), TimeUnit::Week)
            .unwrap(),
    )
}

/// The published summary, in weeks with two decimals, and its holdout.
fn published_summary() -> Option<(PurchaseHistories, Holdout)> {
    let text = data("cdnow_summary.csv")?;
    let (mut counts, mut active, mut observed, mut held_out) = (vec![], vec![], vec![], vec![]);
    for line in text.lines().skip(1) {
        let fields: Vec<&str> = line.split(',').collect();
        counts.push(fields[1].parse().unwrap());
        active.push(fields[2].parse().unwrap());
        observed.push(fields[3].parse().unwrap());
        held_out.push(fields[8].parse().unwrap());
    }
    let week = TimeUnit::Week;
    let histories = PurchaseHistories::from_columns(week, counts, active, observed).unwrap();
    let holdout = Holdout::new(Span::new(39.0, week).unwrap(), held_out).unwrap();
    Some((histories, holdout))
}

fn models(histories: &PurchaseHistories) -> [Box<dyn FittedPurchaseModel>; 3] {
    [
        Box::new(BgNbd::default().fit(histories).unwrap()),
        Box::new(MbgNbd::default().fit(histories).unwrap()),
        Box::new(ParetoNbd::default().fit(histories).unwrap()),
    ]
}

fn near(what: &str, found: f64, published: f64, digits: i32) {
    let allowed = 0.5 * 10_f64.powi(-digits) * 1.001;
    assert!(
        (found - published).abs() <= allowed,
        "{what}: {found} instead of {published}"
    );
}

/// Total of the expectations, correlation, mean absolute error, root mean squared error, mean P(alive).
const PUBLISHED: [(&str, [f64; 5]); 3] = [
    ("BG/NBD", [1653.42, 0.6256, 0.7855, 1.6080, 0.8134]),
    ("MBG/NBD", [1576.74, 0.6272, 0.7648, 1.6072, 0.4487]),
    ("Pareto/NBD", [1665.53, 0.6302, 0.7545, 1.6029, 0.4463]),
];

#[test]
fn the_holdout_errors_of_three_models_come_out_as_published() {
    let Some((histories, holdout)) = published_summary() else {
        return;
    };
    assert_eq!(holdout.total(), 1882);
    for (model, (name, published)) in models(&histories).iter().zip(PUBLISHED) {
        let accuracy = HoldoutAccuracy::of(model.as_ref(), &histories, &holdout).unwrap();
        let [total, correlation, absolute, root, alive] = published;
        assert_eq!(accuracy.forecast(), name);
        assert_eq!(
            (accuracy.customers(), accuracy.actual_total()),
            (2357, 1882)
        );
        near(name, accuracy.expected_total(), total, 2);
        near(name, accuracy.correlation().unwrap(), correlation, 4);
        near(name, accuracy.mean_absolute_error(), absolute, 4);
        near(name, accuracy.root_mean_squared_error(), root, 4);
        let column = model.probability_alive_column(&histories).unwrap();
        near(name, column.iter().sum::<f64>() / 2357.0, alive, 4);
    }
}

#[test]
fn exact_days_change_the_published_errors_in_the_last_digits_only() {
    let Some((summary, holdout, _)) = cdnow() else {
        return;
    };
    assert_eq!(holdout.total(), 1882);
    assert_eq!(holdout.span(), Span::from_days(273.0).unwrap());
    for (model, (name, published)) in models(summary.histories()).iter().zip(PUBLISHED) {
        let accuracy = HoldoutAccuracy::of(model.as_ref(), summary.histories(), &holdout).unwrap();
        assert!(
            (accuracy.expected_total() - published[0]).abs() < 0.03,
            "{name}"
        );
        near(name, accuracy.correlation().unwrap(), published[1], 3);
        near(name, accuracy.mean_absolute_error(), published[2], 3);
        near(name, accuracy.root_mean_squared_error(), published[3], 3);
    }
}

#[test]
fn every_model_beats_the_own_past_rate() {
    let Some((summary, holdout, _)) = cdnow() else {
        return;
    };
    let naive = HoldoutAccuracy::of_past_rates(summary.histories(), &holdout).unwrap();
    near(
        "root mean squared error",
        naive.root_mean_squared_error(),
        2.2119,
        4,
    );
    assert_eq!(naive.log_likelihood(), None);
    for model in models(summary.histories()) {
        let accuracy = HoldoutAccuracy::of(model.as_ref(), summary.histories(), &holdout).unwrap();
        assert!(accuracy.root_mean_squared_error() < 0.75 * naive.root_mean_squared_error());
        assert!(accuracy.mean_absolute_error() < 0.8 * naive.mean_absolute_error());
        assert!(accuracy.correlation() > naive.correlation());
    }
}

#[test]
fn the_groups_by_frequency_hold_everyone_once() {
    let Some((summary, holdout, _)) = cdnow() else {
        return;
    };
    for model in models(summary.histories()) {
        let accuracy = HoldoutAccuracy::of(model.as_ref(), summary.histories(), &holdout).unwrap();
        let groups = accuracy.by_frequency();
        let customers: Vec<usize> = groups.iter().map(FrequencyGroup::customers).collect();
        assert_eq!(customers, [1411, 439, 214, 100, 62, 38, 29, 64]);
        let actual: Vec<u64> = groups.iter().map(FrequencyGroup::actual).collect();
        assert_eq!(actual, [334, 306, 298, 156, 157, 112, 112, 407]);
        let expected: f64 = groups.iter().map(FrequencyGroup::expected).sum();
        assert!((expected - accuracy.expected_total()).abs() < 1e-9);
        assert!(groups[7].and_more() && !groups[6].and_more());
        // More purchases in the past, more in the future: on average that is what happened and what is forecast.
        let rising = |mean: fn(&FrequencyGroup) -> Option<f64>| {
            groups
                .windows(2)
                .all(|pair| mean(&pair[0]) < mean(&pair[1]))
        };
        assert!(rising(FrequencyGroup::mean_expected));
        assert!(rising(FrequencyGroup::mean_actual));
    }
}

/// The sum over the customers, one expectation each.
fn expected_one_by_one(
    calendar: &PurchaseCalendar,
    model: &dyn FittedPurchaseModel,
    until: i32,
) -> f64 {
    let mut sum = 0.0;
    for &(beginning, customers) in calendar.beginners() {
        if beginning <= until {
            let since = Span::from_days(f64::from(until - beginning)).unwrap();
            let each = model.expected_purchases_of_new_customer(since).unwrap();
            sum += f64::from(customers) * each;
        }
    }
    sum
}

#[test]
fn the_tracked_weeks_add_up_to_what_came_and_to_what_was_expected() {
    let Some((summary, holdout, calendar)) = cdnow() else {
        return;
    };
    let week = Span::new(1.0, TimeUnit::Week).unwrap();
    for model in models(summary.histories()) {
        let tracking = Tracking::of(&calendar, model.as_ref(), week).unwrap();
        assert_eq!(
            (tracking.calibration().len(), tracking.holdout().len()),
            (39, 39)
        );
        assert!(tracking.periods().iter().all(|period| period.days() == 7));
        let came: u64 = tracking.holdout().iter().map(TrackedPeriod::actual).sum();
        assert_eq!(came, holdout.total());
        let repeats: u64 = summary
            .histories()
            .repeat_purchases()
            .iter()
            .copied()
            .map(u64::from)
            .sum();
        let expected = tracking.cumulative_expected();
        let actual = tracking.cumulative_actual();
        assert_eq!((actual[38], actual[77]), (repeats, repeats + came));
        for (index, period) in tracking.periods().iter().enumerate() {
            let single = expected_one_by_one(&calendar, model.as_ref(), period.last_day());
            assert!(
                (expected[index] - single).abs() <= 1e-10 * single.max(1.0),
                "{index}"
            );
        }
        // Figure 3 of Fader, Hardie and Lee (2005): the forecast of the whole stays within a few per cent.
        let largest = tracking.largest_cumulative_error().unwrap();
        assert!(largest < 0.08, "{} strays by {largest}", model.name());
    }
}

#[test]
fn the_boundary_ends_a_period_whatever_the_length() {
    let Some((summary, _, calendar)) = cdnow() else {
        return;
    };
    let model = BgNbd::default().fit(summary.histories()).unwrap();
    for (length, first, last) in [(1.0, 1, 1), (10.0, 3, 3), (30.0, 3, 3), (400.0, 273, 273)] {
        let tracking = Tracking::of(&calendar, &model, Span::from_days(length).unwrap()).unwrap();
        let periods = tracking.periods();
        assert_eq!(
            tracking.calibration().last().unwrap().last_day(),
            day("1997-09-30")
        );
        assert_eq!(periods.last().unwrap().last_day(), day("1998-06-30"));
        assert_eq!(
            (periods[0].days(), periods[periods.len() - 1].days()),
            (first, last)
        );
        let days: u32 = periods.iter().map(TrackedPeriod::days).sum();
        assert_eq!(days, 546);
        assert_eq!(*tracking.cumulative_actual().last().unwrap(), 4339);
    }
    for wrong in [0.0, 0.5, 1.5] {
        assert!(Tracking::of(&calendar, &model, Span::from_days(wrong).unwrap()).is_err());
    }
}

#[test]
fn what_does_not_fit_together_is_refused() {
    let week = TimeUnit::Week;
    let span = Span::new(39.0, week).unwrap();
    let model = FittedBgNbd::from_parameters(0.243, 4.414, 0.793, 2.426, week).unwrap();
    let histories = PurchaseHistories::from_columns(week, vec![1], vec![2.0], vec![10.0]).unwrap();
    let nobody = PurchaseHistories::from_columns(week, vec![], vec![], vec![]).unwrap();
    let two = Holdout::new(span, vec![1, 0]).unwrap();
    let none = Holdout::new(span, vec![]).unwrap();
    assert!(HoldoutAccuracy::of(&model, &histories, &two).is_err());
    assert!(HoldoutAccuracy::of(&model, &nobody, &none).is_err());
    assert!(HoldoutAccuracy::of_past_rates(&histories, &two).is_err());
    assert!(Holdout::new(Span::from_days(0.0).unwrap(), vec![1]).is_err());
    let euro = Currency::new("EUR").unwrap();
    assert!(two.with_spend(euro, vec![5]).is_err());
    let mut days = PurchaseDays::new(euro);
    days.push(0, 10, 100);
    assert!(days.split(20, 20, week).is_err());
    assert!(days.split(5, 20, week).is_err());
    assert!(days.split(10, 20, week).is_ok());
}

#[test]
fn a_holdout_beyond_all_probability_has_no_likelihood_but_an_error() {
    let week = TimeUnit::Week;
    let model = FittedBgNbd::from_parameters(0.243, 4.414, 0.793, 2.426, week).unwrap();
    let histories = PurchaseHistories::from_columns(week, vec![0], vec![0.0], vec![1e4]).unwrap();
    let holdout = Holdout::new(Span::new(1e-3, week).unwrap(), vec![4_000]).unwrap();
    let accuracy = HoldoutAccuracy::of(&model, &histories, &holdout).unwrap();
    assert_eq!(accuracy.log_likelihood(), None);
    assert_eq!(accuracy.correlation(), None);
    near(
        "mean absolute error",
        accuracy.mean_absolute_error(),
        4_000.0,
        3,
    );
}
