//! What data do to the purchase and spend models when they are wrong, empty, extreme or all alike: a typed error or a
//! right answer, never a number that is not one.

use tillit::Error;
use tillit::measure::{Currency, DiscountRate, ExpectedMoney, Probability, Span, TimeUnit};
use tillit::value::{
    BetaDiscreteWeibull, BgBb, BgNbd, ContractModel, CovariateModel, Covariates,
    FittedBetaDiscreteWeibull, FittedBgBb, FittedBgNbd, FittedContractModel, FittedGGompertzNbd,
    FittedGammaGamma, FittedMbgNbd, FittedNbd, FittedParetoNbd, FittedPurchaseModel,
    FittedShiftedBetaGeometric, FittedSpendModel, GGompertzNbd, GammaGamma, Horizon, MbgNbd, Nbd,
    ParetoNbd, PurchaseHistories, PurchaseHistory, PurchaseModel, PurchaseOpportunities,
    PurchaseTallies, ShiftedBetaGeometric, Tenure, Tenures,
};

const WEEK: TimeUnit = TimeUnit::Week;

fn week() -> Span {
    Span::new(1.0, WEEK).unwrap()
}

fn models() -> Vec<Box<dyn FittedPurchaseModel>> {
    vec![
        Box::new(FittedBgNbd::from_parameters(0.24, 4.4, 0.79, 2.4, WEEK).unwrap()),
        Box::new(FittedMbgNbd::from_parameters(0.5, 6.2, 0.9, 1.6, WEEK).unwrap()),
        Box::new(FittedParetoNbd::from_parameters(0.55, 10.6, 0.6, 11.7, WEEK).unwrap()),
        Box::new(FittedNbd::from_parameters(0.4, 12.0, WEEK).unwrap()),
        Box::new(FittedGGompertzNbd::from_parameters(0.55, 10.6, 0.04, 0.6, 0.9, WEEK).unwrap()),
        Box::new(
            FittedBgBb::from_parameters(1.2, 0.75, 0.66, 2.8, Span::new(1.0, WEEK).unwrap())
                .unwrap(),
        ),
    ]
}

fn boxed<M>(model: &M, histories: &PurchaseHistories) -> Fitted
where
    M: PurchaseModel,
    M::Fitted: 'static,
{
    model
        .fit(histories)
        .map(|fitted| Box::new(fitted) as Box<dyn FittedPurchaseModel>)
}

type Fitted = Result<Box<dyn FittedPurchaseModel>, Error>;

/// Each model's name and what it makes of the histories.
fn fits(histories: &PurchaseHistories) -> Vec<(&'static str, Fitted)> {
    vec![
        ("BG/NBD", boxed(&BgNbd::default(), histories)),
        ("MBG/NBD", boxed(&MbgNbd::default(), histories)),
        ("Pareto/NBD", boxed(&ParetoNbd::default(), histories)),
        ("NBD", boxed(&Nbd::default(), histories)),
        ("GGompertz/NBD", boxed(&GGompertzNbd::default(), histories)),
        (
            "BG/BB",
            boxed(
                &BgBb::default().with_period(Span::new(1.0, WEEK).unwrap()),
                histories,
            ),
        ),
    ]
}

fn columns(rows: &[(u32, f64, f64)]) -> Result<PurchaseHistories, Error> {
    PurchaseHistories::from_columns(
        WEEK,
        rows.iter().map(|row| row.0).collect(),
        rows.iter().map(|row| row.1).collect(),
        rows.iter().map(|row| row.2).collect(),
    )
}

fn is_honest(error: &Error) -> bool {
    matches!(
        error,
        Error::TooFew { .. }
            | Error::CannotTell { .. }
            | Error::Empty { .. }
            | Error::DidNotConverge { .. }
            | Error::OutOfRange { .. }
            | Error::BadColumnValue { .. }
    )
}

/// Every answer about the history, each finite or a typed error; P(alive) and probabilities within 0 to 1.
fn answers_are_sound(model: &dyn FittedPurchaseModel, history: &PurchaseHistory) {
    let name = model.name();
    let spans = [0.0, 1e-9, 1.0, 39.0, 1e6].map(|weeks| Span::new(weeks, WEEK).unwrap());
    let rates = [0.0, 0.15, 1e3].map(|rate| DiscountRate::annual(rate).unwrap());
    let finite = |what: &str, answer: Result<f64, Error>, least: f64, most: f64| match answer {
        Ok(number) => assert!(
            number.is_finite() && number >= least && number <= most,
            "{name}: {what} of {history:?} is {number}"
        ),
        Err(error) => assert!(is_honest(&error), "{name}: {what}: {error}"),
    };
    let (none, any) = (0.0, f64::INFINITY);
    finite("likelihood", model.log_likelihood(history), -any, any);
    finite("ln alive", model.ln_probability_alive(history), -any, 0.0);
    let alive = model.probability_alive(history).map(Probability::value);
    finite("alive", alive, 0.0, 1.0);
    for within in spans {
        finite(
            "expected",
            model.expected_purchases(history, within),
            none,
            any,
        );
        for count in [0, 1, 100] {
            let probability = model.probability_of_purchases(history, count, within);
            finite("count", probability.map(Probability::value), 0.0, 1.0);
        }
        for rate in rates {
            let horizon = Horizon::Within(within);
            finite(
                "value",
                model.discounted_purchases(history, rate, horizon),
                none,
                any,
            );
        }
    }
    for rate in rates {
        finite(
            "residual",
            model.discounted_purchases(history, rate, Horizon::Unlimited),
            none,
            any,
        );
    }
}

#[test]
fn times_that_contradict_the_count_are_refused_with_their_row() {
    let (nan, infinite) = (f64::NAN, f64::INFINITY);
    for (bad, column) in [
        ((1, 0.0, 9.0), "active_for"),
        ((3, 9.5, 9.0), "active_for"),
        ((0, 1.0, 9.0), "active_for"),
        ((1, -1.0, 9.0), "active_for"),
        ((1, nan, 9.0), "active_for"),
        ((1, infinite, infinite), "observed_for"),
        ((0, 0.0, -1.0), "observed_for"),
        ((0, 0.0, nan), "observed_for"),
        ((1, 1.0, infinite), "observed_for"),
    ] {
        let refused = columns(&[(0, 0.0, 9.0), bad]).unwrap_err();
        assert!(
            matches!(&refused, Error::BadColumnValue { column: found, row: 1, .. } if found == column),
            "{bad:?}: {refused}"
        );
        assert!(matches!(
            PurchaseHistory::new(bad.0, bad.1, bad.2, WEEK),
            Err(Error::OutOfRange { .. })
        ));
    }
    assert!(matches!(
        PurchaseHistories::from_columns(WEEK, vec![1], vec![], vec![2.0]),
        Err(Error::UnequalLengths { .. })
    ));
}

#[test]
fn spend_that_cannot_be_is_refused() {
    let dollar = Currency::new("USD").unwrap();
    let histories = columns(&[(2, 4.0, 9.0), (0, 0.0, 9.0)]).unwrap();
    for means in [
        [-1.0, 0.0],
        [f64::NAN, 0.0],
        [f64::INFINITY, 0.0],
        [5.0, 5.0],
    ] {
        let refused = histories
            .clone()
            .with_mean_repeat_spend(dollar, means.to_vec());
        assert!(
            matches!(refused, Err(Error::BadColumnValue { .. })),
            "{means:?}"
        );
    }
    let short = histories.clone().with_mean_repeat_spend(dollar, vec![5.0]);
    assert!(matches!(short, Err(Error::UnequalLengths { .. })));
    assert!(matches!(
        GammaGamma::default().fit(&histories),
        Err(Error::Empty { .. })
    ));
    let alike = columns(&[(2, 4.0, 9.0); 50])
        .unwrap()
        .with_mean_repeat_spend(dollar, vec![5.0; 50]);
    assert!(matches!(
        GammaGamma::default().fit(&alike.unwrap()),
        Err(Error::CannotTell { .. })
    ));
    let free = columns(&[(2, 4.0, 9.0); 50])
        .unwrap()
        .with_mean_repeat_spend(dollar, vec![0.0; 50]);
    assert!(matches!(
        GammaGamma::default().fit(&free.unwrap()),
        Err(Error::TooFew { .. })
    ));
    let model = FittedGammaGamma::from_parameters(6.25, 3.74, 15.44, dollar).unwrap();
    let unknown = PurchaseHistory::new(2, 4.0, 9.0, WEEK).unwrap();
    assert!(matches!(
        model.expected_mean_spend(&unknown),
        Err(Error::Empty { .. })
    ));
    let euro = ExpectedMoney::new(5.0, Currency::new("EUR").unwrap()).unwrap();
    let foreign = unknown.with_mean_repeat_spend(euro).unwrap();
    assert!(matches!(
        model.expected_mean_spend(&foreign),
        Err(Error::MixedCurrencies { .. })
    ));
}

#[test]
fn no_customers_and_one_customer_are_too_few() {
    for rows in [vec![], vec![(0, 0.0, 9.0)], vec![(7, 8.0, 9.0)]] {
        let histories = columns(&rows).unwrap();
        for (name, fit) in fits(&histories) {
            let error = fit
                .err()
                .unwrap_or_else(|| panic!("{name} was fitted to {rows:?}"));
            assert!(
                matches!(error, Error::TooFew { .. } | Error::Empty { .. }),
                "{name}: {error}"
            );
        }
        for model in models() {
            assert_eq!(
                model.probability_alive_column(&histories).unwrap().len(),
                rows.len()
            );
        }
    }
    let tallies = PurchaseTallies::new(Currency::new("EUR").unwrap(), 9);
    assert!(tallies.summarise(WEEK).unwrap().histories().is_empty());
    assert!(matches!(tallies.regularity(), Err(Error::TooFew { .. })));
}

#[test]
fn customers_who_all_bought_once_carry_no_model() {
    let rows: Vec<_> = (0..500)
        .map(|row| (0, 0.0, f64::from(10 + row % 40)))
        .collect();
    for (name, fit) in fits(&columns(&rows).unwrap()) {
        let error = fit.err().unwrap_or_else(|| panic!("{name} was fitted"));
        assert!(
            matches!(error, Error::TooFew { .. } | Error::CannotTell { .. }),
            "{name}: {error}"
        );
    }
}

#[test]
fn customers_who_are_all_alike_are_refused_or_fitted_with_sound_answers() {
    for row in [
        (3, 20.0, 30.0),
        (1, 30.0, 30.0),
        (1, 1.0, 1.0),
        (30, 30.0, 30.0),
    ] {
        let histories = columns(&[row; 300]).unwrap();
        for (name, fit) in fits(&histories) {
            match fit {
                Ok(model) => answers_are_sound(model.as_ref(), &histories.get(0).unwrap()),
                Err(error) => assert!(is_honest(&error), "{name} on {row:?}: {error}"),
            }
        }
    }
}

#[test]
fn purchases_in_the_thousands_have_sound_answers() {
    for (count, last, observed) in [
        (1_000, 38.0, 38.86),
        (5_000, 38.86, 38.86),
        (5_000, 1e-3, 5_000.0),
        (100_000, 100_000.0, 100_000.0),
        (u32::MAX, 1.0, 1e9),
        (1, f64::MIN_POSITIVE, 38.86),
        (1, 1.0, 1.0),
        (0, 0.0, 0.0),
        (0, 0.0, 1e300),
    ] {
        let history = PurchaseHistory::new(count, last, observed, WEEK).unwrap();
        for model in models() {
            answers_are_sound(model.as_ref(), &history);
        }
    }
}

#[test]
fn a_horizon_of_nothing_is_worth_nothing_and_an_endless_one_is_finite_or_refused() {
    let nothing = Span::from_days(0.0).unwrap();
    let history = PurchaseHistory::new(2, 30.0, 39.0, WEEK).unwrap();
    let rate = DiscountRate::annual(0.15).unwrap();
    for model in models() {
        let name = model.name();
        let zero = |answer: Result<f64, Error>| assert!(answer.unwrap().abs() < 1e-300, "{name}");
        zero(model.expected_purchases(&history, nothing));
        zero(model.expected_purchases_of_new_customer(nothing));
        zero(model.discounted_purchases(&history, rate, Horizon::Within(nothing)));
        let none = model
            .probability_of_purchases(&history, 0, nothing)
            .unwrap();
        assert!((none.value() - 1.0).abs() < 1e-12, "{name}: {none:?}");
        let backwards = Span::new(1.0, WEEK).unwrap();
        zero(model.expected_purchases_between(&history, backwards, nothing));
        let long = Horizon::Within(Span::new(1e7, WEEK).unwrap());
        let endless = model
            .discounted_purchases(&history, rate, Horizon::Unlimited)
            .unwrap();
        let long = model.discounted_purchases(&history, rate, long).unwrap();
        assert!(
            (endless - long).abs() <= 1e-9 * endless,
            "{name}: {endless} {long}"
        );
    }
    for refused in [f64::INFINITY, f64::NAN, -1.0] {
        assert!(matches!(
            Span::new(refused, WEEK),
            Err(Error::OutOfRange { .. })
        ));
    }
    // Without discounting and without end, customers who never leave buy without end.
    let stays = FittedNbd::from_parameters(0.4, 12.0, WEEK).unwrap();
    let refused = stays.discounted_purchases(&history, DiscountRate::NONE, Horizon::Unlimited);
    assert!(matches!(refused, Err(Error::CannotTell { .. })));
    for bad in [f64::NAN, f64::INFINITY, -1.5] {
        assert!(matches!(
            DiscountRate::annual(bad),
            Err(Error::OutOfRange { .. })
        ));
    }
}

#[test]
fn units_of_time_cannot_be_mixed_up() {
    let in_weeks = PurchaseHistory::new(2, 30.0, 39.0, WEEK).unwrap();
    let in_days = PurchaseHistory::new(2, 210.0, 273.0, TimeUnit::Day).unwrap();
    for model in models() {
        let days = Span::new(70.0, TimeUnit::Day).unwrap();
        let weeks = Span::new(10.0, WEEK).unwrap();
        let close = |left: f64, right: f64| {
            assert!(
                (left - right).abs() <= 1e-12 * right.abs(),
                "{}",
                model.name()
            );
        };
        close(
            model.expected_purchases(&in_days, days).unwrap(),
            model.expected_purchases(&in_weeks, weeks).unwrap(),
        );
        close(
            model.ln_probability_alive(&in_days).unwrap(),
            model.ln_probability_alive(&in_weeks).unwrap(),
        );
    }
    // The same fit in another unit is the same forecast.
    let rows: Vec<(u32, f64, f64)> = (0..600_u32)
        .map(|row| {
            let count = (row % 11) * (row % 5) * (row % 3) / 4;
            let last = if count == 0 {
                0.0
            } else {
                f64::from(1 + row * row % 25)
            };
            (count, last, f64::from(27 + row % 9))
        })
        .collect();
    let weekly = columns(&rows).unwrap();
    let daily = PurchaseHistories::from_columns(
        TimeUnit::Day,
        rows.iter().map(|row| row.0).collect(),
        rows.iter().map(|row| 7.0 * row.1).collect(),
        rows.iter().map(|row| 7.0 * row.2).collect(),
    )
    .unwrap();
    let of_weeks = Nbd::default().fit(&weekly).unwrap();
    let of_days = Nbd::default().fit(&daily).unwrap();
    assert_eq!(of_days.unit(), TimeUnit::Day);
    assert!((of_days.alpha() / of_weeks.alpha() / 7.0 - 1.0).abs() < 1e-6);
    let ahead = Span::new(39.0, WEEK).unwrap();
    let by_weeks = of_weeks.expected_purchases(&in_weeks, ahead).unwrap();
    let by_days = of_days.expected_purchases(&in_weeks, ahead).unwrap();
    assert!((by_weeks / by_days - 1.0).abs() < 1e-6);
}

#[test]
fn parameters_that_are_none_are_refused() {
    for bad in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let refused = [
            FittedBgNbd::from_parameters(bad, 4.4, 0.79, 2.4, WEEK).err(),
            FittedMbgNbd::from_parameters(0.5, 6.2, bad, 1.6, WEEK).err(),
            FittedParetoNbd::from_parameters(0.55, bad, 0.6, 11.7, WEEK).err(),
            FittedNbd::from_parameters(0.4, bad, WEEK).err(),
            FittedGGompertzNbd::from_parameters(0.55, 10.6, bad, 0.6, 0.9, WEEK).err(),
            FittedShiftedBetaGeometric::from_parameters(bad, 1.2, week()).err(),
            FittedBetaDiscreteWeibull::from_parameters(0.7, 1.2, bad, week()).err(),
            FittedBgBb::from_parameters(1.2, 0.75, bad, 2.8, week()).err(),
            FittedGammaGamma::from_parameters(bad, 3.7, 15.4, Currency::new("USD").unwrap()).err(),
        ];
        for error in refused {
            assert!(
                matches!(error, Some(Error::OutOfRange { .. })),
                "{bad}: {error:?}"
            );
        }
    }
}

/// Fits both contract models and asks each for all it says of the first and of late renewals.
fn contracts_are_sound(tenures: &Tenures) {
    fn sound(model: &dyn FittedContractModel) {
        let name = model.name();
        let share = |what: &str, found: Result<Probability, Error>| match found {
            Ok(share) => assert!((0.0..=1.0).contains(&share.value()), "{name}: {what}"),
            Err(error) => assert!(is_honest(&error), "{name}: {what}: {error}"),
        };
        for renewals in [0, 1, 7, 1_000, u32::MAX - 1] {
            share("survival", model.survival(renewals));
            share("retention", model.retention(renewals));
            share("leaving", model.probability_of_leaving_after(renewals));
            for rate in [0.0, 0.15, 1e3] {
                let rate = DiscountRate::annual(rate).unwrap();
                for horizon in [Horizon::Unlimited, Horizon::Within(week())] {
                    match model.expected_renewals(renewals, rate, horizon) {
                        Ok(value) => assert!(value >= 0.0 && value.is_finite(), "{name}: {value}"),
                        Err(error) => assert!(is_honest(&error), "{name}: {error}"),
                    }
                }
            }
        }
    }
    match ShiftedBetaGeometric::default().fit(tenures) {
        Ok(model) => sound(&model),
        Err(error) => assert!(is_honest(&error), "sBG on {tenures:?}: {error}"),
    }
    match BetaDiscreteWeibull::default().fit(tenures) {
        Ok(model) => sound(&model),
        Err(error) => assert!(is_honest(&error), "BdW on {tenures:?}: {error}"),
    }
}

#[test]
fn cohort_tables_and_durations_that_cannot_be_are_refused_and_the_rest_answered() {
    for impossible in [vec![], vec![743, 869], vec![0, 1]] {
        let refused = Tenures::from_survivors(week(), &impossible);
        assert!(refused.is_err(), "{impossible:?}");
    }
    assert!(Tenures::from_survivors(Span::from_days(0.0).unwrap(), &[9, 5]).is_err());
    assert!(matches!(
        Tenures::from_columns(week(), &[1, 2], &[true]),
        Err(Error::UnequalLengths { .. })
    ));
    let mut full = Tenures::new(week()).unwrap();
    full.record_many(Tenure::Running(3), u64::MAX).unwrap();
    let before = full.clone();
    assert!(matches!(
        full.record(Tenure::Ended(0)),
        Err(Error::Overflow { .. })
    ));
    assert_eq!(full, before);
    for survivors in [
        vec![1000],
        vec![1000, 1000, 1000],
        vec![1000, 0, 0],
        vec![1000, 1, 1, 1],
        vec![1, 1, 0],
        vec![1, 0],
        vec![0],
        vec![
            1_000_000_000_000,
            900_000_000_000,
            870_000_000_000,
            860_000_000_000,
        ],
    ] {
        if let Ok(tenures) = Tenures::from_survivors(week(), &survivors) {
            contracts_are_sound(&tenures);
        }
    }
    contracts_are_sound(&Tenures::new(week()).unwrap());
    for (renewals, ended) in [
        (0, false),
        (0, true),
        (5, true),
        (5, false),
        (4_000_000, true),
    ] {
        let alike = Tenures::from_columns(week(), &[renewals; 300], &[ended; 300]).unwrap();
        contracts_are_sound(&alike);
        let mut mixed = alike;
        mixed.record_many(Tenure::Ended(1), 40).unwrap();
        mixed.record_many(Tenure::Running(9), 40).unwrap();
        contracts_are_sound(&mixed);
    }
}

#[test]
fn opportunities_that_cannot_be_are_refused() {
    let mut seen = PurchaseOpportunities::new();
    for (purchases, last, opportunities) in [(7, 6, 6), (2, 7, 6), (0, 3, 6), (2, 0, 6), (4, 3, 6)]
    {
        let refused = seen.record(purchases, last, opportunities);
        assert!(refused.is_err(), "{purchases} {last} {opportunities}");
    }
    let model = BgBb::default().with_period(week());
    let none = model.fit_opportunities(&seen).unwrap_err();
    assert!(is_honest(&none), "{none}");
    seen.record(2, 4, 6).unwrap();
    let one = model.fit_opportunities(&seen).unwrap_err();
    assert!(is_honest(&one), "{one}");
    for (purchases, last, opportunities) in [(0, 0, 6), (6, 6, 6), (1, 1, 6), (1, 6, 6)] {
        let mut alike = PurchaseOpportunities::new();
        alike
            .record_many(purchases, last, opportunities, 500)
            .unwrap();
        match model.fit_opportunities(&alike) {
            Ok(model) => {
                let [last, seen] = [last, opportunities].map(f64::from);
                let history = PurchaseHistory::new(purchases, last, seen, WEEK).unwrap();
                answers_are_sound(&model, &history);
            }
            Err(error) => assert!(is_honest(&error), "{purchases} {last}: {error}"),
        }
    }
}

#[test]
fn covariates_that_say_nothing_or_are_no_numbers_are_refused_by_column_and_row() {
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let refused = Covariates::of(3)
            .with_column("gap", vec![1.0, bad, 2.0])
            .unwrap_err();
        assert!(
            matches!(&refused, Error::BadColumnValue { column, row: 1, .. } if column == "gap"),
            "{refused}"
        );
    }
    let table = Covariates::of(3)
        .with_column("gap", vec![1.0, 2.0, 3.0])
        .unwrap();
    assert!(table.clone().with_column("gap", vec![3.0; 3]).is_err());
    assert!(table.clone().with_column("", vec![3.0; 3]).is_err());
    assert!(table.with_column("trust", vec![3.0; 2]).is_err());
    // Rates and the odds to leave differ from customer to customer.
    let mut seed = 1_u64;
    let mut wait = || {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        -(((seed >> 33) as f64 + 0.5) / 2_147_483_648.0).ln()
    };
    let rows: Vec<_> = (0..400)
        .map(|_| {
            let (rate, leaving) = (0.2 * (wait() + wait()), 0.02 * (wait() + wait()));
            let end = (wait() / leaving).min(52.0);
            let (mut count, mut last, mut now) = (0, 0.0, wait() / rate);
            while now < end {
                (count, last) = (count + 1, now);
                now += wait() / rate;
            }
            (count, last, 52.0)
        })
        .collect();
    let histories = columns(&rows).unwrap();
    for column in [vec![0.0; 400], vec![-0.0; 400], vec![1e6; 400]] {
        let drivers = Covariates::of(400).with_column("gap", column).unwrap();
        let refused = CovariateModel::new(ParetoNbd::default())
            .fit(&histories, &drivers)
            .unwrap_err();
        assert!(
            matches!(refused, Error::CannotTell { .. }) && refused.to_string().contains("gap"),
            "{refused}"
        );
    }
    let none =
        CovariateModel::new(ParetoNbd::default()).fit(&columns(&[]).unwrap(), &Covariates::of(0));
    assert!(matches!(none, Err(Error::Empty { .. })));
    let one = CovariateModel::new(ParetoNbd::default()).fit(
        &columns(&rows[1..2]).unwrap(),
        &Covariates::of(1).with_column("gap", vec![1.0]).unwrap(),
    );
    assert!(matches!(one, Err(Error::TooFew { .. })));
}
