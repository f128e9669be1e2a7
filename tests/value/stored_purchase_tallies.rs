//! Purchase tallies are stored and come back, and what no bookings could have led to does not come back.
#![cfg(feature = "serde")]

use proptest::prelude::*;
use serde_json::{Value, json};
use tillit::measure::{Currency, Span, TimeUnit};
use tillit::value::{Holdout, PurchaseTallies};

fn of(bookings: &[(u32, i32, i64)]) -> PurchaseTallies {
    let mut tallies = PurchaseTallies::split(Currency::new("EUR").unwrap(), 60, 90).unwrap();
    for &(customer, day, minor) in bookings {
        // What reaches too deep is refused and leaves the tallies as they were.
        let _ = tallies.push(customer, day, minor);
    }
    tallies
}

fn restored(stored: &Value) -> Result<PurchaseTallies, String> {
    serde_json::from_str(&stored.to_string()).map_err(|error| error.to_string())
}

proptest! {
    #[test]
    fn every_state_comes_back_as_it_was_stored(
        mut bookings in prop::collection::vec((0_u32..4, 0_i32..100, -500_i64..900), 0..80),
    ) {
        bookings.sort_by_key(|booking| booking.1);
        let tallies = of(&bookings);
        let text = serde_json::to_string(&tallies).unwrap();
        prop_assert_eq!(serde_json::from_str::<PurchaseTallies>(&text).unwrap(), tallies);
    }
}

#[test]
fn a_state_that_no_bookings_lead_to_does_not_come_back() {
    let days = [3, 5, 9, 14, 22, 30, 41];
    let mut bookings: Vec<(u32, i32, i64)> =
        days.map(|day| (7, day, 100 + i64::from(day))).to_vec();
    bookings.extend([(8, 2, -50), (8, 4, 900), (8, 70, 300)]);
    let stored = serde_json::to_value(of(&bookings)).unwrap();
    assert!(restored(&stored).is_ok());
    let hostile = [
        ("/customers/0/0", json!(9)),
        ("/customers/1/0", json!(7)),
        ("/customers/0/1/settled/days", json!(0)),
        ("/customers/0/1/settled/days", json!(2)),
        ("/customers/0/1/settled/first", json!(2)),
        ("/customers/0/1/settled/first", json!(6)),
        ("/customers/0/1/settled/latest/2", json!(4)),
        ("/customers/0/1/settled/first_minor", json!(-1)),
        ("/customers/0/1/settled/repeat_minor", json!(-1)),
        ("/customers/0/1/settled/repeat_minor", json!(1_000_000)),
        ("/customers/0/1/settled/squares", json!(1)),
        ("/customers/0/1/settled/free", json!(40)),
        ("/customers/0/1/settled/ln_minor", json!(i64::MAX)),
        ("/customers/0/1/settled/ln_gaps", json!(-1)),
        ("/customers/0/1/settled/ln_gaps", json!(i64::MAX)),
        ("/customers/0/1/days/0", json!(400)),
        ("/customers/0/1/minors/0", json!(-4)),
        ("/customers/0/1/kept", json!(2)),
        ("/customers/0/1/kept", json!(200)),
        ("/customers/0/1/peak", json!(0)),
        ("/customers/0/1/peak", json!(200)),
        ("/customers/0/1/begins", json!(4)),
        ("/customers/0/1/begins", json!(99)),
        ("/customers/0/1/open/day", json!(30)),
        ("/customers/0/1/open/day", json!(61)),
        ("/customers/0/1/open/purchases", json!(-1)),
        ("/customers/0/1/open/purchases", Value::Null),
        ("/customers/0/1/open/refunds", json!(1)),
        ("/customers/1/1/owed/0", json!(1)),
        ("/customers/1/1/owed/3", json!(-1)),
        ("/later/0/1/open/day", json!(91)),
        ("/holdout_end", json!(60)),
        ("/holdout_end", Value::Null),
        ("/currency", json!("eur")),
    ];
    for (place, value) in hostile {
        let mut changed = stored.clone();
        let cell = changed
            .pointer_mut(place)
            .unwrap_or_else(|| panic!("no {place} in {stored}"));
        assert_ne!(*cell, value, "{place}");
        *cell = value.clone();
        assert!(restored(&changed).is_err(), "{place} = {value}");
    }
}

#[test]
fn a_holdout_is_checked_when_it_comes_back() {
    let span = Span::new(39.0, TimeUnit::Week).unwrap();
    let euro = Currency::new("EUR").unwrap();
    let holdout = Holdout::new(span, vec![1, 0])
        .unwrap()
        .with_spend(euro, vec![250, 0])
        .unwrap();
    let stored = serde_json::to_value(&holdout).unwrap();
    assert_eq!(
        serde_json::from_value::<Holdout>(stored.clone()).unwrap(),
        holdout
    );
    for (place, value) in [
        ("/span", json!(0.0)),
        ("/span", json!(-1.0)),
        ("/purchases", json!([1])),
    ] {
        let mut changed = stored.clone();
        *changed.pointer_mut(place).unwrap() = value;
        assert!(
            serde_json::from_value::<Holdout>(changed).is_err(),
            "{place}"
        );
    }
}
