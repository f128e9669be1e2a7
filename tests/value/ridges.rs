//! Fits in which single parameters are not known: kept where forecasts are, refused with the limit and a way out where not.

use tillit::Error;
use tillit::measure::{Probability, Span, TimeUnit};
use tillit::value::{
    BgNbd, Bootstrap, FitWarning, FittedPurchaseModel, GGompertzNbd, MbgNbd, ParameterInterval,
    ParametricModel, ParetoNbd, ProfileInterval, ProfileLimit, PurchaseHistories, PurchaseModel,
    Quantity,
};

/// `SplitMix64`, to 53 bits.
struct Draws(u64);

impl Draws {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// People asked once a year who give at most once a year, seen as purchases over six years: too regular for purchases at
/// random, which the models answer by rates that are all alike.
fn donors(seed: u64, people: u32, (p, q): (f64, f64), leaving: f64) -> PurchaseHistories {
    let mut draws = Draws(seed);
    let (mut gifts, mut last_gift) = (Vec::new(), Vec::new());
    for _ in 0..people {
        // Kumaraswamy's distribution: like a beta, drawn by its inverse.
        let gives = (1.0 - (1.0 - draws.uniform()).powf(1.0 / q)).powf(1.0 / p);
        let leaves = 3.0 * leaving * draws.uniform().powi(2);
        let (mut count, mut last) = (0, 0.0);
        for year in 1..=6 {
            if draws.uniform() < leaves {
                break;
            }
            if draws.uniform() < gives {
                count += 1;
                last = f64::from(year);
            }
        }
        gifts.push(count);
        last_gift.push(last);
    }
    let observed = vec![6.0; people as usize];
    PurchaseHistories::from_columns(TimeUnit::Year, gifts, last_gift, observed).unwrap()
}

fn level() -> Probability {
    Probability::new(0.9).unwrap()
}

fn years(count: f64) -> Span {
    Span::new(count, TimeUnit::Year).unwrap()
}

#[test]
fn a_ridge_is_kept_with_a_warning_and_its_intervals_hold() {
    let donors = donors(16, 4000, (1.5, 1.0), 0.3);
    let fitted = ParetoNbd::default().fit(&donors).unwrap();
    let report = fitted.report().unwrap();
    let r = &report.parameters()[0];
    assert!(r.standard_error().unwrap() > r.value(), "{report}");
    let told = report.warnings().iter().find_map(|warning| match warning {
        FitWarning::KnownOnlyTogether {
            parameters,
            forecast_error,
        } => Some((parameters.join(" "), *forecast_error)),
        _ => None,
    });
    let (names, forecast_error) = told.unwrap();
    assert_eq!(names, "r alpha");
    assert!(
        forecast_error > 0.01 && forecast_error < 0.1,
        "{forecast_error}"
    );
    let words = report.to_string();
    assert!(words.contains("known only together"), "{words}");
    assert!(
        words.contains("r, alpha → ∞ fits nearly as well"),
        "{words}"
    );
    // The shape has a lower limit and no upper one; forecasts are as sure as was said.
    let shape = ProfileInterval::of(&fitted, &donors, "r", level()).unwrap();
    assert!(shape.low().value().unwrap() > 5.0, "{shape:?}");
    assert_eq!(shape.high(), ProfileLimit::Open);
    let forecast =
        |model: &_| FittedPurchaseModel::expected_purchases_of_new_customer(model, years(6.0));
    let by_slopes = ParameterInterval::of(&fitted, level(), Quantity::Positive, forecast).unwrap();
    let relative = by_slopes.standard_error() / by_slopes.value();
    assert!(
        relative < 1.2 * forecast_error,
        "{relative} {forecast_error}"
    );
    let drawn = Bootstrap::new(5, 40)
        .of(&ParetoNbd::default(), &donors, forecast)
        .unwrap();
    let spread = drawn.interval(level()).unwrap();
    assert!(spread.contains(by_slopes.value()), "{spread:?}");
    assert!(spread.high() / spread.low() < 1.2, "{spread:?}");
}

#[test]
fn in_the_limit_of_equal_rates_other_parameters_have_profiles_and_answers_typed_errors() {
    let donors = donors(15, 2000, (1.3, 0.9), 0.2);
    let fitted = ParetoNbd::default().fit(&donors).unwrap();
    let report = fitted.report().unwrap();
    assert!(
        report.warnings().contains(&FitWarning::EqualRates),
        "{report}"
    );
    assert!(
        report.to_string().contains("(no standard error)"),
        "{report}"
    );
    assert!(fitted.covariance().is_none());
    let s = ProfileInterval::of(&fitted, &donors, "s", level()).unwrap();
    let error = report.parameters()[2].standard_error().unwrap();
    let (low, high) = (s.low().value().unwrap(), s.high().value().unwrap());
    assert!(low < s.value() && s.value() < high, "{s:?}");
    assert!(
        (high - low) / error > 2.0 && (high - low) / error < 5.0,
        "{s:?} {error}"
    );
    let refused = ParameterInterval::of(&fitted, level(), Quantity::Positive, |model| {
        model.expected_purchases_of_new_customer(years(6.0))
    });
    assert!(
        matches!(refused, Err(Error::CannotTell { .. })),
        "{refused:?}"
    );
}

#[test]
fn an_edge_is_refused_by_the_name_of_its_limit_with_a_way_out() {
    let donors = donors(2, 8000, (1.0, 1.0), 0.25);
    let words = |refused: Error| {
        assert!(matches!(refused, Error::CannotTell { .. }), "{refused}");
        refused.to_string()
    };
    let pareto = words(ParetoNbd::default().fit(&donors).unwrap_err());
    assert!(
        pareto.contains("s, beta → 0") && pareto.contains("use the MBG/NBD"),
        "{pareto}"
    );
    let bg = words(BgNbd::default().fit(&donors).unwrap_err());
    assert!(
        bg.contains("a, b → 0") && bg.contains("use the MBG/NBD"),
        "{bg}"
    );
    let gompertz = words(GGompertzNbd::default().fit(&donors).unwrap_err());
    assert!(gompertz.contains("s, beta → 0"), "{gompertz}");
    // The way out is one.
    assert!(MbgNbd::default().fit(&donors).is_ok());
}

#[test]
fn where_one_in_a_hundred_came_back_a_small_doubt_is_no_knowledge() {
    let rows: [(u32, u32, f64, f64); 7] = [
        (20_000, 0, 0.0, 150.0),
        (6_565, 0, 0.0, 400.0),
        (200, 1, 70.0, 300.0),
        (46, 1, 200.0, 310.0),
        (11, 2, 120.0, 350.0),
        (1, 3, 200.0, 400.0),
        (1, 4, 220.0, 410.0),
    ];
    let shop = PurchaseHistories::from_patterns(
        TimeUnit::Day,
        &rows.map(|row| row.1),
        &rows.map(|row| row.2),
        &rows.map(|row| row.3),
        &rows.map(|row| row.0),
    )
    .unwrap();
    for refused in [
        BgNbd::default().fit(&shop).err(),
        ParetoNbd::default().fit(&shop).err(),
        GGompertzNbd::default().fit(&shop).err(),
    ] {
        let refused = refused.unwrap();
        assert!(
            matches!(refused, Error::TooFew { .. } | Error::CannotTell { .. }),
            "{refused}"
        );
    }
}
