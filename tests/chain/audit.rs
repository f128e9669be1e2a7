//! The whole chain on small logs: what it leaves out and why, what adds up, and what it refuses.

#![cfg(feature = "serde")]

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use tillit::audit::{Assumptions, Audit, AuditOptions, Required};
use tillit::journey::{Due, Event, Fact, JourneyLog, JourneyLogBuilder, Promise};
use tillit::measure::{Currency, Money, Probability, RatingScale, Timestamp, Zone};

fn day(number: u64) -> NaiveDate {
    NaiveDate::from_ymd_opt(2024, 1, 1).unwrap() + Days::new(number)
}

fn noon(number: u64) -> Timestamp {
    Zone::UTC
        .start_of(day(number))
        .after(tillit::measure::Span::from_days(0.5).unwrap())
}

fn paid(minor: i64, code: &str) -> Fact<'static> {
    Fact::Purchase(Money::from_minor(minor, Currency::new(code).unwrap()))
}

fn rated(stars: f64) -> Fact<'static> {
    Fact::Feedback(RatingScale::ONE_TO_FIVE.rate(stars).unwrap())
}

fn log_of(facts: &[(&str, u64, Fact<'_>)]) -> JourneyLog {
    let mut builder = JourneyLogBuilder::new(Zone::UTC);
    for &(customer, day, fact) in facts {
        builder.push(Event::new(customer, noon(day), fact)).unwrap();
    }
    builder.build()
}

/// 120 customers in 30 regions of different size and two halves; each fourth delivery is late and rated 1, one in
/// eleven is still open. Keys of customers and cases are such as nobody should find on a page.
fn shop() -> JourneyLog {
    let mut builder = JourneyLogBuilder::new(Zone::UTC);
    for number in 0..120_u64 {
        let customer = format!("person{number}@example.org");
        let case = format!("secret-order-{number}");
        let ordered = number % 60;
        let promised = Promise::named("delivery").due(Due::Day(day(ordered + 7)));
        let late = number % 4 == 0;
        let mut facts = vec![
            (ordered, paid(1_000 + i64::try_from(number).unwrap(), "EUR")),
            (ordered, Fact::PromiseMade(promised)),
        ];
        if number % 11 != 0 {
            let delivered = ordered + if late { 10 } else { 5 };
            facts.push((
                delivered,
                Fact::PromiseFulfilled {
                    promise: "delivery",
                },
            ));
            facts.push((delivered + 1, rated(if late { 1.0 } else { 5.0 })));
        }
        for (day, fact) in facts {
            builder
                .push(Event::new(&customer, noon(day), fact).in_case(&case))
                .unwrap();
        }
        let half = if number < 60 { "first" } else { "second" };
        // Region 0 has one case, region 1 two and so on, as far as the cases go; the last few lie in no region.
        let region = (0..30).find(|region| number < (region + 1) * (region + 2) / 2);
        builder.segment(&customer, &case, "half", half).unwrap();
        if let Some(region) = region.filter(|_| number < 115) {
            builder
                .segment(&customer, &case, "region", &format!("region {region}"))
                .unwrap();
        }
    }
    builder.build()
}

fn share(value: f64) -> Probability {
    Probability::new(value).unwrap()
}

fn assumptions() -> Assumptions {
    Assumptions::new(Required {
        contribution_margin: share(0.5),
        hearer_lost: share(0.1),
        leaves_if_disappointed: share(0.6),
        leaves_if_recovered: share(0.2),
        attempt_success: share(0.5),
        attempt_cost: 0.25,
    })
    .unwrap()
}

fn options(rows: usize) -> AuditOptions {
    let mut options = AuditOptions::default();
    options.rows = rows;
    options.least_rows_per_segment = 1;
    options.assumptions = Some(assumptions());
    options
}

fn says(audit: &Audit, words: &str) -> bool {
    audit.silences.iter().any(|silence| silence.contains(words))
}

#[test]
fn what_the_log_does_not_hold_is_absent_and_the_silence_says_so() {
    let log = log_of(&[("ada", 0, Fact::Visit)]);
    let audit = Audit::of(log.as_of_last_day(), &AuditOptions::default()).unwrap();
    assert!(audit.money.is_none() && audit.score.is_none() && audit.trust.is_none());
    assert!(audit.promises.is_empty() && audit.rfm.is_none() && audit.worth.is_none());
    for words in [
        "no ratings",
        "no promises",
        "no purchases",
        "no assumptions",
    ] {
        assert!(says(&audit, words), "{words:?}: {:?}", audit.silences);
    }
}

#[test]
fn a_log_that_holds_everything_is_silent_about_nothing() {
    let audit = Audit::of(shop().as_of_last_day(), &options(20)).unwrap();
    assert_eq!(audit.silences, Vec::<String>::new());
    assert!(audit.word_of_mouth.is_some() && audit.win_back.is_some());
}

#[test]
fn without_assumptions_there_is_no_word_of_mouth_and_the_reason_is_given() {
    let audit = Audit::of(shop().as_of_last_day(), &AuditOptions::default()).unwrap();
    assert!(audit.word_of_mouth.is_none() && audit.win_back.is_none());
    assert!(says(&audit, "no assumptions were stated"));
    assert!(audit.worth.is_some(), "worth needs no assumption");
}

#[test]
fn with_money_alone_nobody_is_called_disappointed() {
    let log = log_of(&[("ada", 0, paid(100, "EUR")), ("ben", 9, paid(300, "EUR"))]);
    let audit = Audit::of(log.as_of_last_day(), &options(20)).unwrap();
    assert!(audit.word_of_mouth.is_none() && audit.win_back.is_none());
    assert!(
        says(&audit, "Whom to win back first"),
        "{:?}",
        audit.silences
    );
}

#[test]
fn with_refunds_alone_no_number_is_missing() {
    let back = Fact::Refund(Money::from_minor(500, Currency::new("EUR").unwrap()));
    let log = log_of(&[("ada", 0, back), ("ben", 3, Fact::Visit)]);
    let audit = Audit::of(log.as_of_last_day(), &options(20)).unwrap();
    let money = audit.money.unwrap();
    assert!((money.paid_total_net_of_refunds + 5.0).abs() < 1e-9);
    assert!(money.paid_mean.is_finite() && money.paid_median.is_finite());
}

#[test]
fn groups_add_up_to_the_whole_however_few_are_shown() {
    let log = shop();
    let view = log.as_of_last_day();
    for rows in [1, 5, 30] {
        let audit = Audit::of(view, &options(rows)).unwrap();
        for groups in audit.counts.segments.values() {
            let shown: u64 = groups.cases.values().sum();
            assert!(groups.cases.len() <= rows);
            assert_eq!(shown + groups.other + groups.none, audit.counts.cases);
        }
        assert_eq!(audit.counts.segments["region"].none, 5);
        let promise = &audit.promises[0];
        for groups in promise.by_segment.values() {
            assert_eq!(groups.iter().map(|row| row.made).sum::<u64>(), promise.made);
            assert_eq!(
                groups.iter().map(|row| row.fulfilled).sum::<u64>(),
                promise.fulfilled
            );
        }
        assert_eq!(promise.states.values().sum::<u64>(), promise.made);
        let win_back = audit.win_back.unwrap();
        for groups in win_back.by_segment.values() {
            let disappointed: u64 = groups.iter().map(|row| row.customers).sum();
            assert_eq!(disappointed, win_back.disappointed);
        }
        let at_stake: BTreeMap<&str, f64> = win_back
            .by_segment
            .iter()
            .map(|(name, groups)| {
                let sum = groups.iter().map(|row| row.own_value + row.word_of_mouth);
                (name.as_str(), sum.sum())
            })
            .collect();
        assert!((at_stake["half"] - at_stake["region"]).abs() < 1e-9);
        assert!(at_stake["half"] > 0.0);
    }
}

#[test]
fn an_earlier_view_sees_less_and_nothing_of_what_came_later() {
    let log = shop();
    let late = Audit::of(log.as_of_last_day(), &options(20)).unwrap();
    let early = Audit::of(log.as_of_day(day(20)), &options(20)).unwrap();
    assert_eq!(early.as_of, day(20));
    // Days 0 to 20, two customers each.
    assert_eq!(early.counts.customers, 42);
    assert_eq!(early.counts.cases, 42);
    assert!(early.counts.facts < late.counts.facts);
    assert!(early.counts.ties < late.counts.ties);
    assert_eq!(early.promises[0].made, 42);
    assert!(early.score.unwrap().n < late.score.unwrap().n);
    assert!(early.money.unwrap().paid_total < late.money.unwrap().paid_total);

    let nothing = Audit::of(log.as_of_day(day(0) - Days::new(1)), &options(20)).unwrap_err();
    assert!(nothing.to_string().contains("2023-12-31"), "{nothing}");
}

#[test]
fn the_end_of_time_is_no_day_for_an_audit() {
    let refused = Audit::of(shop().whole(), &options(20)).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "moment of the audit is inf, but must be a definite day: take a view as of one"
    );
}

#[test]
fn two_currencies_are_not_added_up() {
    let log = log_of(&[("ada", 0, paid(100, "EUR")), ("ben", 1, paid(100, "SEK"))]);
    let refused = Audit::of(log.as_of_last_day(), &AuditOptions::default()).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "EUR and SEK cannot be combined: convert one of them first"
    );
}

#[test]
fn ratings_on_a_rarer_scale_are_counted_and_left_out() {
    let out_of_ten = Fact::Feedback(RatingScale::ZERO_TO_TEN.rate(2.0).unwrap());
    let log = log_of(&[
        ("ada", 0, paid(100, "EUR")),
        ("ada", 1, rated(1.0)),
        ("ben", 1, rated(5.0)),
        ("cyd", 2, out_of_ten),
    ]);
    let audit = Audit::of(log.as_of_last_day(), &options(20)).unwrap();
    let score = audit.score.unwrap();
    assert_eq!((score.n, score.on_other_scales), (2, 1));
    assert_eq!(audit.win_back.unwrap().disappointed, 1);
}

#[test]
fn customers_and_cases_appear_under_pseudonyms_only() {
    let audit = Audit::of(shop().as_of_last_day(), &options(200)).unwrap();
    assert!(audit.win_back.as_ref().unwrap().first.len() > 20);
    let written = serde_json::to_string(&audit).unwrap();
    for key in ["example.org", "person", "secret-order"] {
        assert!(!written.contains(key), "{key}");
    }
    assert!(written.contains("\"customer\":\"c-"));
}

#[test]
fn the_same_log_gives_the_same_numbers() {
    let written = || {
        let audit = Audit::of(shop().as_of_last_day(), &options(20)).unwrap();
        serde_json::to_string(&audit).unwrap()
    };
    assert_eq!(written(), written());
}

#[test]
fn stated_assumptions_are_read_with_their_defaults_and_checked() {
    const STATED: &str = r#""contribution_margin": 0.5, "hearer_lost": 0.1, "leaves_if_disappointed": 0.6,
        "leaves_if_recovered": 0.2, "attempt_success": 0.5"#;
    let read = |more: &str| serde_json::from_str::<Assumptions>(&format!("{{{STATED}{more}}}"));
    assert_eq!(read(r#", "attempt_cost": 0.25"#).unwrap(), assumptions());
    for (more, words) in [
        ("", "attempt_cost"),
        (
            r#", "attempt_cost": 1, "hearer_losst": 0.1"#,
            "hearer_losst",
        ),
        (r#", "attempt_cost": -1"#, "attempt_cost is -1"),
        (
            r#", "attempt_cost": 1, "hearer_won": 1.5"#,
            "probability is 1.5",
        ),
        (r#", "attempt_cost": 1, "market": 0"#, "market is 0"),
        (
            r#", "attempt_cost": 1, "horizon_days": 0"#,
            "horizon_days is 0",
        ),
        (r#", "attempt_cost": 1, "budget": -5"#, "budget is -5"),
    ] {
        let refused = read(more).unwrap_err().to_string();
        assert!(refused.contains(words), "{words:?} is not in: {refused}");
    }
}
