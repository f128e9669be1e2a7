//! The spend models far from everyday numbers: against mpmath, and laws that must hold to the last bit.

use tillit::Error;
use tillit::measure::{Currency, ExpectedMoney, Probability, TimeUnit};
use tillit::value::{
    FittedFrequencySpend, FittedGammaGamma, FittedSpendModel, PurchaseAmounts, PurchaseHistories,
    PurchaseHistory, SpendIndependenceTest,
};

fn dollar() -> Currency {
    Currency::new("USD").unwrap()
}

fn customer(count: u32, mean: f64) -> PurchaseHistory {
    if count == 0 {
        return PurchaseHistory::new(0, 0.0, 2.0, TimeUnit::Week).unwrap();
    }
    PurchaseHistory::new(count, 1.0, 2.0, TimeUnit::Week)
        .unwrap()
        .with_mean_repeat_spend(ExpectedMoney::new(mean, dollar()).unwrap())
        .unwrap()
}

/// p, q, v, x, mean, and by mpmath with 60 digits: log-likelihood, expected mean spend, posterior deviation.
type Row = (
    f64,
    f64,
    f64,
    u32,
    f64,
    Option<f64>,
    Option<f64>,
    Option<f64>,
);

#[allow(clippy::excessive_precision, clippy::unreadable_literal)]
const ROWS: [Row; 20] = [
    (
        0.0335065961213,
        2.77745561579,
        1.5261550365e-06,
        30,
        0.0242118405473,
        Some(-31.558183386136037),
        Some(0.008746235209811574),
        Some(0.006550699605228262),
    ),
    (
        6.1982545319e-08,
        0.135552691049,
        0.0192707948303,
        7,
        4577.38965803,
        Some(-25.021041406049246),
        None,
        None,
    ),
    (
        515.861484582,
        0.0320157542313,
        3.01923301065,
        7,
        307.182933803,
        Some(-14.166127670187938),
        Some(307.6967349660051),
        Some(5.121836277958125),
    ),
    (
        0.00560414549261,
        0.0557359878536,
        0.449833518705,
        7,
        0.00408855634797,
        Some(1.6177820682538262),
        None,
        None,
    ),
    (
        1.15324360659e-06,
        48.1093810306,
        135.46721524,
        30,
        2094.68402671,
        Some(-313.3959316461114),
        Some(0.0015416590204047934),
        Some(0.00022703536883203736),
    ),
    (
        4130.12336339,
        4.4839355191,
        0.082342709083,
        2,
        673188.967645,
        Some(-49.886488508634315),
        Some(672905.1966745112),
        Some(7402.7329729626135),
    ),
    (
        0.0245909790631,
        0.0439264106184,
        12403488.4679,
        500,
        39900.6179486,
        Some(-19.5739139780717),
        Some(70163.36287253047),
        Some(21820.384185680625),
    ),
    (
        8484.71157454,
        17.1649884392,
        1.35389696162,
        1,
        0.0103262903736,
        Some(-41307.74095928727),
        Some(1.3616290897406151),
        Some(0.014769048329298906),
    ),
    (
        49.6988015866,
        151.71055293,
        2.22195452774,
        1,
        1.89644307502,
        Some(-19.37123186369902),
        Some(1.0213067439291843),
        Some(0.07232416624974426),
    ),
    (
        0.0421460487891,
        0.00458586170609,
        287053.29067,
        1,
        17949.2629604,
        Some(-15.402728648156529),
        None,
        None,
    ),
    (
        0.486010412177,
        0.0134385726241,
        0.00187122166909,
        5000,
        1571363.90301,
        Some(-18.85531439373311),
        Some(1572002.1101791093),
        Some(31902.368384958387),
    ),
    (
        0.0276129889884,
        0.675551843036,
        5760.17482194,
        1,
        61220.9771961,
        Some(-16.290842972024446),
        None,
        None,
    ),
    (
        1e-12,
        1e-08,
        15.0,
        4000000000,
        35.0,
        Some(-21.976031534942056),
        None,
        None,
    ),
    (
        6.25,
        1e-08,
        15.0,
        4000000000,
        35.0,
        Some(-24.65460021824472),
        Some(35.00000000515),
        Some(0.0002213594362532124),
    ),
    (
        1.0,
        1.0000000000000002,
        15.0,
        1,
        30.0,
        Some(-4.90527477843843),
        Some(44.99999999999999),
        Some(3019898879.9999995),
    ),
    (
        1e-12,
        1.000000000001,
        15.0,
        1,
        30.0,
        Some(-32.13083078626032),
        Some(22.498999912902825),
        None,
    ),
    (
        0.001,
        1.3,
        15.0,
        4000000000,
        35.0,
        Some(-13.529170855979533),
        Some(34.999997378750194),
        Some(0.017500000220625183),
    ),
    (
        1.0,
        2.000000000001,
        15.0,
        4000000000,
        35.0,
        Some(-5.678515210777846),
        Some(34.999999995),
        Some(0.0005533985904504095),
    ),
    (
        0.001,
        1000.0,
        15.0,
        4000000000,
        35.0,
        Some(-13663.70447471833),
        Some(34.99126093633115),
        Some(0.01749344829659504),
    ),
    (
        6.25,
        1000000.0,
        15.0,
        1,
        30.0,
        Some(-1098537.0966690106),
        Some(0.00028124852344525193),
        Some(2.8124792579404463e-07),
    ),
];

#[test]
fn gamma_gamma_answers_are_those_of_sixty_digits_for_tiny_shapes_and_billions_of_purchases() {
    fn close(what: &str, row: &Row, found: Result<f64, Error>, expected: Option<f64>) {
        match (found, expected) {
            (Ok(found), Some(expected)) => assert!(
                (found - expected).abs() <= 1e-12 * expected.abs(),
                "{what} of {row:?}: {found}"
            ),
            (Err(_), None) => {}
            (found, _) => panic!("{what} of {row:?}: {found:?}"),
        }
    }
    for row in &ROWS {
        let &(p, q, v, count, mean, likelihood, expected, deviation) = row;
        let model = FittedGammaGamma::from_parameters(p, q, v, dollar()).unwrap();
        let customer = customer(count, mean);
        let amount = |found: Result<ExpectedMoney, Error>| found.map(ExpectedMoney::amount);
        close(
            "likelihood",
            row,
            model.log_likelihood(&customer),
            likelihood,
        );
        close(
            "mean",
            row,
            amount(model.expected_mean_spend(&customer)),
            expected,
        );
        close(
            "deviation",
            row,
            amount(model.deviation_of_mean(&customer)),
            deviation,
        );
    }
}

#[test]
fn limits_of_the_mean_reach_into_both_tails() {
    let model = FittedGammaGamma::from_parameters(6.25, 3.74, 15.44, dollar()).unwrap();
    // From mpmath, 40 digits.
    for (count, probability, amount) in [
        (0, 1e-300, 0.136_437_661_430_064_33),
        (0, 1e-17, 1.995_731_577_912_169_3),
        (0, 1e-15, 2.220_314_675_933_160_7),
        (0, 0.05, 13.073_791_947_366_92),
        (3, 1e-300, 0.956_212_589_049_443_3),
        (3, 1e-9, 11.870_584_333_544_079),
    ] {
        let limit = Probability::new(probability).unwrap();
        let found = model.quantile_of_mean(&customer(count, 35.0), limit);
        let found = found.unwrap().amount();
        assert!(
            (found / amount - 1.0).abs() < 1e-13,
            "{count} {probability}: {found}"
        );
    }
    let nearly_all = Probability::new(1.0 - 1e-16).unwrap();
    let interval = model.credible_interval_of_mean(&customer(0, 0.0), nearly_all);
    let interval = interval.unwrap();
    assert!(interval.low() > 2.0 && interval.low() < 2.1, "{interval:?}");
    assert!(
        interval.high() > 1e6 && interval.high() < 1.1e6,
        "{interval:?}"
    );
}

#[test]
fn amounts_far_from_the_scale_have_a_likelihood_still() {
    for (v, mean) in [(1e300, 1e-10), (1e-300, 1e10)] {
        let model = FittedGammaGamma::from_parameters(6.0, 4.0, v, dollar()).unwrap();
        let found = model.log_likelihood(&customer(1, mean)).unwrap();
        // Γ(10) / (Γ(6) Γ(4)), and the smaller of amount and v over the larger to the power that is left.
        let distance = (f64::ln(v) - f64::ln(mean)).abs();
        let power = if v > mean { 6.0 } else { 4.0 };
        let expected = 504.0_f64.ln() - power * distance - mean.ln();
        assert!((found / expected - 1.0).abs() < 1e-12, "{found} {expected}");
        let single = model.log_likelihood_of_purchases(1, mean, mean.ln());
        assert!((single.unwrap() / found - 1.0).abs() < 1e-12);
    }
}

#[test]
fn growth_that_leaves_the_numbers_for_frequent_buyers_is_refused() {
    for per_doubling in [1e300, 1e-300, 1e10, 0.0, -1.0, f64::NAN, f64::INFINITY] {
        let refused = FittedFrequencySpend::from_parameters(6.0, 4.0, 15.0, per_doubling, dollar());
        assert!(
            matches!(refused, Err(Error::OutOfRange { .. })),
            "{per_doubling:e}"
        );
    }
    let steep = FittedFrequencySpend::from_parameters(6.0, 4.0, 15.0, 1000.0, dollar()).unwrap();
    let all = customer(u32::MAX, 35.0);
    assert!(steep.log_likelihood(&all).unwrap().is_finite());
    assert!(steep.expected_mean_spend(&all).is_ok());
}

#[test]
fn the_order_of_single_purchases_leaves_no_trace() {
    let whose: Vec<u32> = (0..300).map(|row| row * row % 17).collect();
    let paid: Vec<f64> = (0..300)
        .map(|row| 0.1 + f64::from(row * 7919 % 1009).powi(3))
        .collect();
    let forwards = PurchaseAmounts::from_purchases(dollar(), &whose, &paid).unwrap();
    let (whose, paid): (Vec<u32>, Vec<f64>) = whose.into_iter().zip(paid).rev().unzip();
    let backwards = PurchaseAmounts::from_purchases(dollar(), &whose, &paid).unwrap();
    // To the last bit.
    assert_eq!(forwards, backwards);
}

#[test]
fn the_unit_of_money_does_not_change_the_test_of_independence() {
    let counts: Vec<u32> = (0..60).map(|row| 1 + row * row % 7).collect();
    let of = |unit: f64| {
        let means = (0..60)
            .map(|row| unit * (5.0 + f64::from(row * 31 % 19)))
            .collect();
        let histories = PurchaseHistories::from_columns(
            TimeUnit::Week,
            counts.clone(),
            vec![9.0; 60],
            vec![10.0; 60],
        )
        .unwrap()
        .with_mean_repeat_spend(dollar(), means)
        .unwrap();
        SpendIndependenceTest::default().run(&histories).unwrap()
    };
    for exponent in [-900, -700, 500, 900] {
        assert_eq!(of(2.0_f64.powi(exponent)), of(1.0), "2^{exponent}");
    }
}
