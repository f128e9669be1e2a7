//! The laws of the constant-size purchase state: it says what the list of all days says, however the data were cut, or
//! refuses by name.

use proptest::prelude::*;
use tillit::Error;
use tillit::measure::{Currency, Merge, TimeUnit};
use tillit::value::{BgNbd, FittedPurchaseModel, PurchaseDays, PurchaseModel, PurchaseTallies};

/// Customer, day, minor units.
type Booking = (u32, i32, i64);

const CALIBRATION_END: i32 = 60;
const HOLDOUT_END: i32 = 90;

fn euro() -> Currency {
    Currency::new("EUR").unwrap()
}

fn empty() -> PurchaseTallies {
    PurchaseTallies::split(euro(), CALIBRATION_END, HOLDOUT_END).unwrap()
}

fn tallied<'a>(bookings: impl IntoIterator<Item = &'a Booking>) -> Result<PurchaseTallies, Error> {
    let mut tallies = empty();
    for &(customer, day, minor) in bookings {
        tallies.push(customer, day, minor)?;
    }
    Ok(tallies)
}

fn listed<'a>(bookings: impl IntoIterator<Item = &'a Booking>) -> PurchaseDays {
    let mut days = PurchaseDays::new(euro());
    for &(customer, day, minor) in bookings {
        days.push(customer, day, minor);
    }
    days
}

/// The most purchase days, counted down from the highest stand, that refunds ever reached, over the customers before and
/// after the end of calibration: told by a plain stack of days, so that it can say when tallies may refuse.
fn deepest_reach(bookings: &[Booking]) -> usize {
    let mut deepest = 0;
    let mut in_order: Vec<Booking> = bookings
        .iter()
        .copied()
        .filter(|&(_, day, _)| day <= HOLDOUT_END)
        .collect();
    in_order.sort_by_key(|&(customer, day, _)| (customer, day));
    let parts = in_order.chunk_by(|left, right| {
        left.0 == right.0 && (left.1 > CALIBRATION_END) == (right.1 > CALIBRATION_END)
    });
    for part in parts {
        let mut stack: Vec<i64> = Vec::new();
        let mut highest = 0;
        for of_day in part.chunk_by(|left, right| left.1 == right.1) {
            let bought: Vec<i64> = of_day.iter().map(|b| b.2).filter(|&m| m >= 0).collect();
            if !bought.is_empty() {
                stack.push(bought.iter().sum());
                highest = highest.max(stack.len());
            }
            let mut owed: i64 = of_day.iter().map(|b| b.2).filter(|&m| m < 0).sum();
            while owed < 0 && !stack.is_empty() {
                deepest = deepest.max(highest + 1 - stack.len());
                owed += stack.pop().unwrap();
                if owed > 0 {
                    stack.push(owed);
                }
            }
        }
    }
    deepest
}

fn sorted(mut bookings: Vec<Booking>) -> Vec<Booking> {
    bookings.sort_by_key(|booking| booking.1);
    bookings
}

fn bookings(refunds_up_to: i64, most: usize) -> impl Strategy<Value = Vec<Booking>> {
    prop::collection::vec((0_u32..8, 0_i32..100, -refunds_up_to..900_i64), 0..most).prop_map(sorted)
}

fn fit_bits(tallies: &PurchaseTallies) -> Vec<u64> {
    let summary = tallies.summarise(TimeUnit::Week).unwrap();
    let model = BgNbd::default().fit(summary.histories()).unwrap();
    let report = model.report().unwrap();
    let parameters = report.parameters().iter();
    parameters
        .flat_map(|p| {
            [
                p.value().to_bits(),
                p.standard_error().unwrap_or(0.0).to_bits(),
            ]
        })
        .chain([report.log_likelihood().to_bits()])
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn tallies_say_what_the_list_of_all_days_says_or_refuse_where_refunds_reach_too_deep(
        bookings in bookings(700, 90),
    ) {
        let reach = deepest_reach(&bookings);
        match tallied(&bookings).and_then(|tallies| Ok((tallies.summarise(TimeUnit::Week)?, tallies.holdout()?))) {
            Ok((summary, holdout)) => {
                // Nobody asks what those did in the holdout who had not bought before it.
                let known: Vec<u32> = (0..summary.histories().len())
                    .filter_map(|row| summary.histories().customer(row))
                    .collect();
                let asked: Vec<Booking> = bookings
                    .iter()
                    .copied()
                    .filter(|&(customer, day, _)| day <= CALIBRATION_END || known.contains(&customer))
                    .collect();
                prop_assert!(deepest_reach(&asked) <= 3);
                prop_assert_eq!(summary, listed(&bookings).summarise(CALIBRATION_END, TimeUnit::Week).unwrap());
                let tallies = tallied(&bookings).unwrap();
                let histories = listed(&bookings).summarise(CALIBRATION_END, TimeUnit::Week).unwrap();
                let later = listed(bookings.iter().filter(|b| b.1 > CALIBRATION_END));
                let later = later.summarise(HOLDOUT_END, TimeUnit::Week).unwrap();
                let mut spend = holdout.spend().unwrap();
                for row in 0..histories.histories().len() {
                    let customer = histories.histories().customer(row).unwrap();
                    let found = (0..later.histories().len()).find(|&at| later.histories().customer(at) == Some(customer));
                    let (count, money) = found.map_or((0, 0), |at| {
                        (later.histories().repeat_purchases()[at] + 1, later.total_spend().nth(at).unwrap().minor())
                    });
                    prop_assert_eq!(holdout.purchases()[row], count);
                    prop_assert_eq!(spend.next().unwrap().minor(), money);
                }
                let sums = tallies.repeat_spend().unwrap();
                let totals: i64 = sums.iter().map(|sum| sum.total().minor()).sum();
                let (_, means) = histories.histories().mean_repeat_spend().unwrap();
                let expected: f64 = means.iter().zip(histories.histories().repeat_purchases())
                    .map(|(mean, &count)| mean * f64::from(count) * 100.0).sum();
                prop_assert!((totals as f64 - expected).abs() < 1e-6 * (1.0 + expected));
            }
            Err(Error::NeedsAllDays { .. }) => prop_assert!(reach > 3, "reach {reach}"),
            Err(other) => return Err(TestCaseError::fail(other.to_string())),
        }
    }

    #[test]
    fn any_cut_by_day_and_any_order_of_neighbours_gives_the_same_bits_or_the_same_refusal(
        bookings in bookings(700, 90),
        cuts in prop::collection::btree_set(0_i32..100, 0..6),
        order in prop::collection::vec(0_usize..100, 6),
    ) {
        let whole = tallied(&bookings).and_then(|whole| whole.summarise(TimeUnit::Week).and(whole.holdout()).map(|_| whole));
        let mut bounds: Vec<i32> = cuts.into_iter().collect();
        bounds.insert(0, i32::MIN);
        bounds.push(i32::MAX);
        let pieces: Result<Vec<PurchaseTallies>, Error> = bounds
            .windows(2)
            .map(|pair| tallied(bookings.iter().filter(|b| pair[0] <= b.1 && b.1 < pair[1])))
            .collect();
        let merged = pieces.and_then(|mut pieces| {
            let mut order = order.into_iter();
            while pieces.len() > 1 {
                let at = order.next().unwrap_or(0) % (pieces.len() - 1);
                let later = pieces.remove(at + 1);
                // Either may be merged into the other.
                if at % 2 == 0 {
                    pieces[at].merge(&later)?;
                } else {
                    let mut later = later;
                    later.merge(&pieces[at])?;
                    pieces[at] = later;
                }
            }
            let merged = pieces.remove(0);
            merged.summarise(TimeUnit::Week).and(merged.holdout()).map(|_| merged)
        });
        match (whole, merged) {
            (Ok(whole), Ok(merged)) => prop_assert_eq!(whole, merged),
            (Err(Error::NeedsAllDays { .. }), Err(Error::NeedsAllDays { .. })) => {}
            (whole, merged) => return Err(TestCaseError::fail(format!("{whole:?} but {merged:?}"))),
        }
    }

    #[test]
    fn any_cut_by_customer_gives_the_same_bits(
        bookings in bookings(200, 90),
        piece_of in prop::collection::vec(0_usize..3, 8),
    ) {
        if let Ok(whole) = tallied(&bookings) {
            let mut pieces = [0, 1, 2].map(|piece| {
                tallied(bookings.iter().filter(|b| piece_of[b.0 as usize] == piece)).unwrap()
            });
            let [a, b, c] = &mut pieces;
            c.merge(a).unwrap();
            c.merge(b).unwrap();
            prop_assert_eq!(&*c, &whole);
        }
    }
}

/// Customers enough for a fit, some with refunds.
fn many() -> Vec<Booking> {
    let mut seed = 1_u64;
    let mut next = |below: u64| {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % below
    };
    let mut bookings = Vec::new();
    for customer in 0..400 {
        let keen = 2 + next(9) * next(9);
        let loyal = 2 + next(12);
        let mut day = i32::try_from(next(20)).unwrap();
        while day <= HOLDOUT_END && next(loyal) > 0 {
            let minor = i64::try_from(500 + next(5_000)).unwrap();
            bookings.push((customer, day, minor));
            match next(12) {
                0 => bookings.push((customer, day + 1, -minor)),
                1 => bookings.push((customer, day, 100)),
                _ => {}
            }
            day += i32::try_from(1 + next(keen)).unwrap();
        }
    }
    sorted(bookings)
}

#[test]
fn a_model_fitted_to_merged_pieces_has_the_same_bits() {
    let bookings = many();
    let whole = fit_bits(&tallied(&bookings).unwrap());
    let by_list = listed(&bookings)
        .summarise(CALIBRATION_END, TimeUnit::Week)
        .unwrap();
    let model = BgNbd::default().fit(by_list.histories()).unwrap();
    assert_eq!(
        whole[0],
        model.report().unwrap().parameters()[0].value().to_bits()
    );
    let mut by_day = tallied(bookings.iter().filter(|b| b.1 >= 33)).unwrap();
    by_day
        .merge(&tallied(bookings.iter().filter(|b| b.1 < 33)).unwrap())
        .unwrap();
    assert_eq!(fit_bits(&by_day), whole);
    let mut by_customer = tallied(bookings.iter().filter(|b| b.0 % 2 == 1)).unwrap();
    by_customer
        .merge(&tallied(bookings.iter().filter(|b| b.0 % 2 == 0)).unwrap())
        .unwrap();
    assert_eq!(fit_bits(&by_customer), whole);
    let regular =
        |tallies: &PurchaseTallies| tallies.regularity().unwrap().shape().value().to_bits();
    assert_eq!(regular(&by_day), regular(&by_customer));
}

#[test]
fn customers_may_come_in_any_order() {
    let (ahead, behind) = (many(), {
        let mut bookings = many();
        bookings.sort_by_key(|&(customer, day, _)| (u32::MAX - customer, day));
        bookings
    });
    assert_eq!(tallied(&ahead).unwrap(), tallied(&behind).unwrap());
}

#[test]
fn what_a_tally_cannot_follow_is_refused_with_customer_and_remedy_and_changes_nothing() {
    let refused = |outcome: Result<(), Error>| {
        let error = outcome.unwrap_err();
        assert!(
            matches!(error, Error::NeedsAllDays { customer: 7, .. }),
            "{error}"
        );
        assert!(error.to_string().contains("PurchaseDays"), "{error}");
    };
    // Days that go back.
    let mut tallies = tallied(&[(7, 10, 100), (7, 20, 100)]).unwrap();
    let before = tallies.clone();
    refused(tallies.push(7, 19, 100));
    // Pieces that interleave, share a day, or come into a hole.
    refused(tallies.merge(&tallied(&[(6, 1, 5), (7, 15, 100), (7, 30, 100)]).unwrap()));
    refused(tallies.merge(&tallied(&[(7, 20, 100)]).unwrap()));
    refused(tallies.merge(&tallied(&[(7, 15, 100)]).unwrap()));
    assert_eq!(tallies, before);
    // A refund that undoes four days, at once and across a cut.
    let five: Vec<Booking> = (0..5).map(|day| (7, day, 100)).collect();
    let mut tallies = tallied(&five).unwrap();
    tallies.push(7, 9, -301).unwrap();
    refused(tallies.summarise(TimeUnit::Day).map(|_| ()));
    refused(
        tallied(&five)
            .unwrap()
            .merge(&tallied(&[(7, 9, -301), (7, 11, 1)]).unwrap()),
    );
    let mut tallies = tallied(&five).unwrap();
    tallies.push(7, 9, -300).unwrap();
    assert_eq!(tallies.summarise(TimeUnit::Day).unwrap().void_days(), 3);
}

#[test]
fn pieces_of_different_make_do_not_merge() {
    let mut tallies = empty();
    let krona = PurchaseTallies::split(Currency::new("SEK").unwrap(), CALIBRATION_END, HOLDOUT_END);
    assert!(matches!(
        tallies.merge(&krona.unwrap()),
        Err(Error::MixedCurrencies { .. })
    ));
    for other in [
        PurchaseTallies::new(euro(), CALIBRATION_END),
        PurchaseTallies::split(euro(), 59, 90).unwrap(),
    ] {
        assert!(matches!(
            tallies.merge(&other),
            Err(Error::Contradiction { .. })
        ));
    }
    assert!(matches!(
        PurchaseTallies::split(euro(), 9, 9),
        Err(Error::OutOfRange { .. })
    ));
    assert!(matches!(
        PurchaseTallies::new(euro(), 9).holdout(),
        Err(Error::Empty { .. })
    ));
}

#[test]
fn sums_beyond_their_type_are_refused() {
    let huge = i64::MAX - 1;
    let mut tallies = tallied(&[(0, 1, huge)]).unwrap();
    assert!(matches!(
        tallies.push(0, 1, huge),
        Err(Error::Overflow { .. })
    ));
    let mut tallies = tallied(&[(0, 1, huge), (0, 2, huge), (0, 3, huge)]).unwrap();
    assert!(matches!(
        tallies.summarise(TimeUnit::Day),
        Err(Error::Overflow { .. })
    ));
    tallies.push(1, i32::MIN, 5).unwrap();
    let mut wide = PurchaseTallies::new(euro(), i32::MAX);
    for day in [i32::MIN, 0, i32::MAX] {
        wide.push(0, day, 5).unwrap();
    }
    let summary = wide.summarise(TimeUnit::Day).unwrap();
    assert_eq!(summary.histories().active_for(), [4_294_967_295.0]);
}

#[test]
fn single_amounts_leave_their_sums() {
    let mut tallies = PurchaseTallies::new(euro(), 100);
    for (day, minor) in [
        (1, 9_999),
        (2, 1_000),
        (3, 0),
        (4, 2_500),
        (4, -500),
        (9, 400),
        (10, 123),
        (11, -123),
    ] {
        tallies.push(5, day, minor).unwrap();
    }
    let [sums] = tallies.repeat_spend().unwrap().try_into().unwrap();
    assert_eq!((sums.purchases(), sums.total().minor()), (3, 3_400));
    assert_eq!(sums.sum_of_squares_minor(), 1_000_000 + 4_000_000 + 160_000);
    let logarithms = (10.0_f64 * 20.0 * 4.0).ln();
    assert!((sums.sum_of_logarithms() - logarithms).abs() < 1e-11);
}
