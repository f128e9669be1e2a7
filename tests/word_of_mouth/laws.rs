//! Laws of word of mouth: what must hold whatever the assumptions, and what must be refused.

#![allow(
    clippy::float_cmp,
    reason = "exact zeros and exact products are the point"
)]

use proptest::prelude::*;
use tillit::Error;
use tillit::measure::{Currency, ExpectedMoney, Merge, Probability, Sentiment};
use tillit::word_of_mouth::{
    Audience, BreakEven, Generations, Portfolio, Reach, RetellerReach, Sway, Talk, Teller,
    TellerGroup,
};

fn currency() -> Currency {
    Currency::new("EUR").unwrap()
}

fn euro(amount: f64) -> ExpectedMoney {
    ExpectedMoney::new(amount, currency()).unwrap()
}

fn probability(value: f64) -> Probability {
    Probability::new(value).unwrap()
}

/// A talk with losses, gains, retelling and a market.
fn talk() -> Talk {
    Talk::new(
        euro(1200.0),
        Sway::losing(probability(0.05)),
        Sway::winning(probability(0.02)),
        Sway::winning(probability(0.03)),
    )
    .unwrap()
    .with_own_loss(Teller::Detractor, probability(0.6))
    .with_retelling(
        probability(0.05),
        probability(0.8),
        Generations::finite(4).unwrap(),
    )
    .with_market(100_000.try_into().unwrap())
}

struct Columns {
    tellers: Vec<u8>,
    values: Vec<f64>,
    connectedness: Vec<f64>,
}

impl Columns {
    /// Rows by a fixed rule: all classes, values from -100 to 9 900, connectedness from 0 to 2.
    fn new(rows: usize) -> Self {
        let mixed = |row: usize, salt: u64| {
            let z = (row as u64 + 1 + salt).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            (z ^ (z >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9) >> 40
        };
        Self {
            tellers: (0..rows).map(|row| (mixed(row, 0) % 4) as u8).collect(),
            values: (0..rows)
                .map(|row| (mixed(row, 77) % 10_000) as f64 - 100.0)
                .collect(),
            connectedness: (0..rows)
                .map(|row| (mixed(row, 991) % 2_000) as f64 / 1_000.0)
                .collect(),
        }
    }

    fn audience(&self) -> Audience<'_> {
        self.part(0..self.tellers.len())
    }

    fn part(&self, rows: std::ops::Range<usize>) -> Audience<'_> {
        Audience::new(
            currency(),
            &self.tellers[rows.clone()],
            &self.values[rows.clone()],
            &self.connectedness[rows],
        )
        .unwrap()
    }
}

fn near(left: f64, right: f64, relative: f64) -> bool {
    (left - right).abs() <= relative * left.abs().max(right.abs())
}

proptest! {
    #[test]
    fn more_reach_and_more_loss_never_cost_less(
        reach in 0.0..200.0_f64,
        more in 0.0..50.0_f64,
        lost in 0.0..0.9_f64,
        retelling in 0.0..0.2_f64,
        generations in 1..12_u32,
        market in 1..1_000_000_u64,
    ) {
        let cost = |reach: f64, lost: f64| {
            Talk::new(euro(100.0), Sway::losing(probability(lost)), Sway::NONE, Sway::NONE)
                .unwrap()
                .with_reach(Teller::Detractor, Reach::mean_of(reach).unwrap())
                .with_retelling(probability(retelling), probability(0.9), Generations::finite(generations).unwrap())
                .with_market(market.try_into().unwrap())
                .impact_of(Teller::Detractor, 0.0, 1.0)
                .unwrap()
                .impact()
        };
        prop_assert!(cost(reach + more, lost) >= cost(reach, lost) * (1.0 - 1e-14));
        prop_assert!(cost(reach, lost + 0.1) >= cost(reach, lost));
        prop_assert!(cost(reach, lost) <= 100.0 * lost * market as f64 * (1.0 + 1e-14));
    }

    #[test]
    fn who_reaches_nobody_costs_only_himself(value in -1e6..1e6_f64, leaves in 0.0..1.0_f64, code in 0..4_u8) {
        let teller = Teller::from_code(code).unwrap();
        let talk = talk().with_reach(teller, Reach::NOBODY).with_own_loss(teller, probability(leaves));
        prop_assert_eq!(talk.impact_of(teller, value, 3.0).unwrap().impact(), leaves * value);
        let audience = talk.impact_of(teller, value, 0.0).unwrap();
        prop_assert_eq!(audience.word_of_mouth(), 0.0);
    }

    #[test]
    fn merging_audiences_adds(rows in 0..5_000_usize, share in 0.0..1.0_f64) {
        let columns = Columns::new(rows);
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let cut = (rows as f64 * share) as usize;
        let whole = columns.audience().impact(&talk()).unwrap();
        let mut merged = columns.part(0..cut).impact(&talk()).unwrap();
        merged.merge(&columns.part(cut..rows).impact(&talk()).unwrap()).unwrap();
        prop_assert_eq!(merged.customers(), whole.customers());
        for teller in Teller::ALL {
            prop_assert!(near(merged.of(teller).own_loss(), whole.of(teller).own_loss(), 1e-12));
            prop_assert!(near(merged.of(teller).word_of_mouth(), whole.of(teller).word_of_mouth(), 1e-12));
        }
    }

    #[test]
    fn segments_and_classes_and_the_column_tell_the_same(rows in 1..40_000_usize) {
        let columns = Columns::new(rows);
        let audience = columns.audience();
        let mut column = vec![0.0; rows];
        let total = audience.impact_into(&talk(), &mut column).unwrap().amount();
        let size: f64 = column.iter().map(|y| y.abs()).sum();
        prop_assert!((column.iter().sum::<f64>() - total).abs() <= 1e-12 * size);
        let segments: Vec<u32> = columns.tellers.iter().map(|&code| u32::from(code)).collect();
        let by_segment = audience.by_segment(&talk(), &segments, 4).unwrap();
        let by_class = audience.impact(&talk()).unwrap();
        for (teller, segment) in Teller::ALL.into_iter().zip(&by_segment) {
            prop_assert!((segment.amount() - by_class.of(teller).impact()).abs() <= 1e-12 * size);
        }
        prop_assert!((by_class.total().unwrap().amount() - total).abs() <= 1e-12 * size);
    }

    #[test]
    fn shares_of_a_market_add_up_to_what_is_reached(
        retelling in 0.0..0.5_f64,
        market in 2_000..1_000_000_u64,
        endless in any::<bool>(),
    ) {
        let generations = if endless { Generations::ENDLESS } else { Generations::finite(3).unwrap() };
        let talk = talk()
            .with_retelling(probability(retelling), probability(0.9), generations)
            .with_reteller_reach(RetellerReach::Stated(Reach::RECOVERED))
            .with_market(market.try_into().unwrap());
        let columns = Columns::new(2_000);
        let portfolio = Portfolio::of_audience(&talk, &columns.audience()).unwrap();
        prop_assert!(portfolio.reached() <= market as f64);
        let mut column = vec![0.0; 2_000];
        let total = portfolio.impact_into(&talk, &columns.audience(), &mut column).unwrap().amount();
        let by_class = portfolio.impact(&talk, &columns.audience()).unwrap();
        let size: f64 = column.iter().map(|y| y.abs()).sum();
        prop_assert!((by_class.total().unwrap().amount() - total).abs() <= 1e-12 * size);
        let word_of_mouth = portfolio.word_of_mouth().unwrap().amount();
        prop_assert!((by_class.word_of_mouth().unwrap().amount() - word_of_mouth).abs() <= 1e-12 * size);
        // Parts of the audience, each with its share of what all reach together, merge to the whole.
        let mut merged = portfolio.impact(&talk, &columns.part(0..700)).unwrap();
        merged.merge(&portfolio.impact(&talk, &columns.part(700..2_000)).unwrap()).unwrap();
        prop_assert_eq!(merged.customers(), 2_000);
        for teller in Teller::ALL {
            prop_assert!(near(merged.of(teller).word_of_mouth(), by_class.of(teller).word_of_mouth(), 1e-12));
        }
    }
}

#[cfg(feature = "parallel")]
#[test]
fn one_two_and_eight_threads_give_the_same_bits() {
    let columns = Columns::new(300_001);
    let segments: Vec<u32> = (0..300_001).map(|row| row % 17).collect();
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| {
            let audience = columns.audience();
            let mut column = vec![0.0; audience.len()];
            let total = audience.impact_into(&talk(), &mut column).unwrap();
            let alone = audience.total(&talk()).unwrap();
            let by_segment = audience.by_segment(&talk(), &segments, 17).unwrap();
            let by_class = audience.impact(&talk()).unwrap();
            let bits: Vec<u64> = column
                .iter()
                .chain([&total.amount(), &alone.amount()])
                .map(|value| value.to_bits())
                .collect();
            (bits, by_segment, by_class)
        })
    };
    let one = on(1);
    assert_eq!(one, on(2));
    assert_eq!(one, on(8));
}

#[test]
fn a_net_gain_prints_as_a_gain() {
    let gain = Audience::new(currency(), &[3, 3], &[100.0, 200.0], &[1.0, 1.0])
        .unwrap()
        .impact(&talk())
        .unwrap();
    assert!(gain.total().unwrap().amount() < 0.0);
    let printed = gain.to_string();
    assert!(printed.starts_with("gain of 449.2"), "{printed}");
    assert!(printed.contains("2 × promoter: gain of"), "{printed}");
    let loss = Audience::new(currency(), &[0], &[100.0], &[1.0])
        .unwrap()
        .impact(&talk())
        .unwrap();
    assert!(loss.to_string().starts_with("loss of"));
}

#[test]
fn a_survey_and_lifetime_values_are_enough() {
    let sentiments = [
        Sentiment::Detractor,
        Sentiment::Passive,
        Sentiment::Promoter,
    ];
    let audience =
        Audience::from_sentiments(currency(), &sentiments, &[500.0, 400.0, 900.0]).unwrap();
    let impact = audience.impact(&talk()).unwrap();
    assert_eq!(impact.of(Teller::Detractor).customers(), 1);
    assert!(impact.of(Teller::Promoter).word_of_mouth() < 0.0);
    assert_eq!(impact.of(Teller::Passive).impact(), 0.0);
}

#[test]
fn bad_columns_are_refused_by_row() {
    let audience = |tellers: &[u8], values: &[f64], connectedness: &[f64]| {
        Audience::new(currency(), tellers, values, connectedness).map(|_| ())
    };
    let bad_row = |outcome: Result<(), Error>| match outcome {
        Err(Error::BadColumnValue { row, column, .. }) => (column.into_owned(), row),
        other => panic!("{other:?}"),
    };
    let long = |at: usize, bad: f64| {
        let mut column = vec![1.0; 5_000];
        column[at] = bad;
        column
    };
    let (codes, ones) = (vec![0; 5_000], vec![1.0; 5_000]);
    for (at, bad) in [
        (0, f64::NAN),
        (4_999, f64::INFINITY),
        (1_024, f64::NEG_INFINITY),
    ] {
        assert_eq!(
            bad_row(audience(&codes, &long(at, bad), &ones)),
            ("lifetime value".to_owned(), at)
        );
        assert_eq!(
            bad_row(audience(&codes, &ones, &long(at, bad))),
            ("connectedness".to_owned(), at)
        );
    }
    assert_eq!(bad_row(audience(&codes, &ones, &long(3, -0.1))).1, 3);
    assert_eq!(bad_row(audience(&[0, 1, 4], &[1.0; 3], &[1.0; 3])).1, 2);
    assert!(matches!(
        audience(&[0, 1], &[1.0; 3], &[1.0; 2]),
        Err(Error::UnequalLengths { right_len: 3, .. })
    ));
    let columns = Columns::new(10);
    assert!(matches!(
        columns.audience().impact_into(&talk(), &mut [0.0; 9]),
        Err(Error::UnequalLengths { right_len: 9, .. })
    ));
    assert!(matches!(
        columns
            .audience()
            .by_segment(&talk(), &[0, 0, 0, 0, 0, 0, 0, 5, 0, 0], 5),
        Err(Error::BadColumnValue { row: 7, .. })
    ));
}

#[test]
fn what_cannot_be_computed_is_refused() {
    let endless = talk().with_retelling(probability(0.5), Probability::ONE, Generations::ENDLESS);
    // Growth is 0.5 × 12 × 0.1 = 0.6, then 0.5 × 12 × 0.2 = 1.2 in row 2.
    let audience = Audience::new(currency(), &[0, 2, 0], &[1.0; 3], &[0.1, 9.0, 0.2]).unwrap();
    for outcome in [
        audience.impact_into(&endless, &mut [0.0; 3]),
        audience.total(&endless),
    ] {
        assert!(matches!(
            outcome,
            Err(Error::NeedsMarket { row: Some(2), .. })
        ));
    }
    assert!(matches!(
        Portfolio::of_audience(&endless, &audience),
        Err(Error::CannotTell { .. })
    ));
    assert!(matches!(
        BreakEven::of(&endless, Teller::Detractor, euro(1.0)),
        Err(Error::NeedsMarket { row: None, .. })
    ));
    let unlimited = Talk::new(
        euro(1e307),
        Sway::losing(Probability::ONE),
        Sway::NONE,
        Sway::NONE,
    )
    .unwrap()
    .with_retelling(
        Probability::ONE,
        Probability::ONE,
        Generations::finite(9).unwrap(),
    );
    assert!(matches!(
        audience.total(&unlimited),
        Err(Error::BadColumnValue { row: 0, .. })
    ));
    let single = Audience::<f32>::new(currency(), &[0], &[1.0], &[1.0]).unwrap();
    assert!(matches!(
        single.total(&unlimited),
        Err(Error::Overflow { .. })
    ));
    let crowns = ExpectedMoney::new(1.0, Currency::new("SEK").unwrap()).unwrap();
    let abroad = Talk::new(crowns, Sway::NONE, Sway::NONE, Sway::NONE).unwrap();
    assert!(matches!(
        audience.total(&abroad),
        Err(Error::MixedCurrencies { .. })
    ));
    assert!(talk().with_acquisition_cost(crowns).is_err());
    assert!(talk().with_acquisition_cost(euro(-1.0)).is_err());
    assert!(Generations::finite(0).is_err());
    assert!(Sway::new(probability(0.5), probability(0.5), probability(0.1)).is_err());
    assert!(TellerGroup::new(1, f64::NAN, Reach::NOBODY, Sway::NONE).is_err());
}

#[test]
fn a_market_of_one_holds_one_person_however_many_tell_him() {
    let tiny = talk().with_market(1.try_into().unwrap());
    for connectedness in [1e-9, 1.0, 1e200] {
        let one = tiny
            .impact_of(Teller::Detractor, 0.0, connectedness)
            .unwrap();
        assert_eq!(one.distinct_hearers(), 1.0);
    }
    assert_eq!(
        tiny.impact_of(Teller::Detractor, 0.0, 0.0)
            .unwrap()
            .distinct_hearers(),
        0.0
    );
}

#[cfg(feature = "serde")]
#[test]
fn assumptions_survive_storage_and_bad_ones_do_not_load() {
    let talk = talk().with_reach(Teller::Passive, Reach::poisson(1.5).unwrap());
    let text = serde_json::to_string(&talk).unwrap();
    assert_eq!(serde_json::from_str::<Talk>(&text).unwrap(), talk);
    let bad = text.replace("\"poisson\":1.5", "\"poisson\":-1.5");
    assert_ne!(bad, text);
    assert!(serde_json::from_str::<Talk>(&bad).is_err());
}
