//! Whom first: the ranking against exhaustive search, and what it must never do.

use proptest::prelude::*;
use tillit::journey::{
    Contact, CustomerIndex, Due, Event, Fact, JourneyLogBuilder, Justice, Promise,
};
use tillit::measure::{
    Currency, ExpectedMoney, Probability, RatingScale, Sentiment, SentimentRule, Span, Timestamp,
    Zone,
};
use tillit::promise::PromiseLedger;
use tillit::win_back::{Budget, Disappointment, Reason, Stakes, WinBackCase, WinBackRanking};

fn customers(count: usize) -> Vec<CustomerIndex> {
    let mut builder = JourneyLogBuilder::new(Zone::UTC);
    for customer in 0..count {
        builder
            .push(Event::new(
                &customer.to_string(),
                Timestamp::from_micros(0),
                Fact::Visit,
            ))
            .unwrap();
    }
    builder.build().customer_indices().collect()
}

fn money(amount: f64, code: &str) -> ExpectedMoney {
    ExpectedMoney::new(amount, Currency::new(code).unwrap()).unwrap()
}

fn stakes(own: f64, talk: f64, success: f64, cost: f64) -> Stakes {
    Stakes {
        own_value: money(own, "EUR"),
        leaves_if_nothing_is_done: Probability::new(0.6).unwrap(),
        leaves_if_recovered: Probability::new(0.1).unwrap(),
        word_of_mouth_if_nothing_is_done: money(talk, "EUR"),
        word_of_mouth_if_recovered: money(-0.25 * talk, "EUR"),
        success: Probability::new(success).unwrap(),
        cost: money(cost, "EUR"),
    }
}

fn cases(rows: &[(f64, f64, f64, f64)]) -> Vec<WinBackCase> {
    customers(rows.len())
        .into_iter()
        .zip(rows)
        .map(|(customer, &(own, talk, success, cost))| {
            WinBackCase::new(customer, None, stakes(own, talk, success, cost), vec![]).unwrap()
        })
        .collect()
}

#[test]
fn the_net_gain_is_success_times_what_is_regained_minus_the_cost() {
    let case = &cases(&[(1_000.0, 200.0, 0.5, 30.0)])[0];
    assert!((case.own_value_regained() - 500.0).abs() < 1e-9);
    assert!((case.word_of_mouth_avoided() - 250.0).abs() < 1e-9);
    assert!((case.net_gain() - (0.5 * 750.0 - 30.0)).abs() < 1e-9);
}

#[test]
fn a_case_that_does_not_pay_for_itself_is_listed_but_not_chosen() {
    let ranking = WinBackRanking::weigh(
        cases(&[(10.0, 0.0, 0.1, 50.0), (900.0, 0.0, 0.5, 50.0)]),
        Budget::Unlimited,
    )
    .unwrap();
    assert_eq!(ranking.cases().len(), 2);
    assert_eq!(ranking.chosen().count(), 1);
    assert!(ranking.cases()[0].chosen && ranking.cases()[1].net_gain < 0.0);
    assert!((ranking.spent() - 50.0).abs() < 1e-12);
}

#[test]
fn costs_that_add_up_to_the_budget_fit_it() {
    // In binary, 0.1 + 0.1 + 0.1 exceeds 0.3.
    let cases = cases(&[(10.0, 0.0, 1.0, 0.1); 3]);
    let budget = Budget::Money(money(0.3, "EUR"));
    let ranking = WinBackRanking::weigh(cases, budget).unwrap();
    assert_eq!(ranking.chosen().count(), 3);
}

#[test]
fn currencies_never_mix() {
    let customer = customers(1)[0];
    let mut mixed = stakes(1.0, 1.0, 0.5, 1.0);
    mixed.cost = money(1.0, "SEK");
    assert!(WinBackCase::new(customer, None, mixed, vec![]).is_err());
    let kronor = Budget::Money(money(10.0, "SEK"));
    assert!(WinBackRanking::weigh(cases(&[(1.0, 1.0, 0.5, 1.0)]), kronor).is_err());
}

#[test]
fn no_cases_make_an_empty_ranking() {
    let ranking = WinBackRanking::weigh(vec![], Budget::Attempts(3)).unwrap();
    assert_eq!((ranking.cases().len(), ranking.currency()), (0, None));
    assert!((ranking.certificate().share() - 1.0).abs() < 1e-15);
}

#[test]
fn reasons_read_as_words() {
    let overdue = Reason::Overdue {
        promise: "delivery".into(),
        days: 1,
    };
    assert_eq!(
        overdue.to_string(),
        "delivery overdue by 1 day and still open"
    );
    let valuable = Reason::Valuable {
        above: Probability::new(0.043).unwrap(),
    };
    assert_eq!(
        valuable.to_string(),
        "among the 5 % most valuable customers"
    );
}

/// Best net gain of any subset within the budget.
fn exhaustive(cases: &[WinBackCase], limit: f64) -> f64 {
    (0..1_u32 << cases.len())
        .map(|subset| {
            let chosen = cases
                .iter()
                .enumerate()
                .filter(|(place, _)| subset >> place & 1 == 1);
            chosen.fold((0.0, 0.0), |(cost, gain), (_, case)| {
                (cost + case.cost(), gain + case.net_gain())
            })
        })
        .filter(|&(cost, _)| cost <= limit)
        .map(|(_, gain)| gain)
        .fold(0.0, f64::max)
}

fn day(day: i64) -> Timestamp {
    Timestamp::from_micros(day * 86_400_000_000)
}

/// Each customer's story as (day, fact), looked at on day 100 for the last 60 days.
fn disappointed(
    stories: &[(&str, &[(i64, Fact<'_>)])],
) -> Vec<(String, Vec<String>, Option<Sentiment>)> {
    let mut builder = JourneyLogBuilder::new(Zone::UTC);
    for (customer, story) in stories {
        for (on, fact) in *story {
            builder
                .push(Event::new(customer, day(*on), *fact).in_case(customer))
                .unwrap();
        }
    }
    let log = builder.build();
    let view = log.as_of(day(100));
    let rule = Some(SentimentRule::standard(RatingScale::ONE_TO_FIVE));
    let within = Span::from_days(60.0).unwrap();
    Disappointment::find(view, &PromiseLedger::of(view), rule, within)
        .unwrap()
        .into_iter()
        .map(|found| {
            let reasons = found.reasons.iter().map(ToString::to_string).collect();
            (
                log.customer_key(found.customer).to_owned(),
                reasons,
                found.sentiment,
            )
        })
        .collect()
}

#[test]
fn the_disappointed_are_those_let_down_lately_and_not_content_since() {
    let promised =
        |due: i64| Fact::PromiseMade(Promise::named("delivery").due(Due::Moment(day(due))));
    let rated = |stars: f64| Fact::Feedback(RatingScale::ONE_TO_FIVE.rate(stars).unwrap());
    let out_of_ten = Fact::Feedback(RatingScale::ZERO_TO_TEN.rate(10.0).unwrap());
    let done = Fact::PromiseFulfilled {
        promise: "delivery",
    };
    let broken = Fact::PromiseBroken {
        promise: "delivery",
        deception: false,
    };
    let recovery = Fact::Recovery {
        promise: "delivery",
        justice: Justice {
            distributive: Probability::ONE,
            procedural: Probability::ONE,
            interactional: Probability::ONE,
        },
    };
    let found = disappointed(&[
        (
            "in time",
            &[(60, promised(70)), (69, done), (71, rated(5.0))],
        ),
        (
            "late and cross",
            &[(60, promised(70)), (73, done), (74, rated(1.0))],
        ),
        (
            "late and content",
            &[(60, promised(70)), (73, done), (74, rated(5.0))],
        ),
        ("late and silent", &[(60, promised(70)), (73, done)]),
        (
            "happy, then late",
            &[(65, rated(5.0)), (66, promised(70)), (73, done)],
        ),
        (
            "late, content on another scale",
            &[(60, promised(70)), (73, done), (74, out_of_ten)],
        ),
        (
            "late long ago",
            &[(0, promised(10)), (13, done), (14, rated(1.0))],
        ),
        (
            "still waiting",
            &[(60, promised(90)), (95, Fact::Contact(Contact::chasing()))],
        ),
        ("not due yet", &[(60, promised(190))]),
        ("broken", &[(60, promised(90)), (80, broken)]),
        (
            "broken and put right",
            &[(60, promised(90)), (80, broken), (85, recovery)],
        ),
        ("only cross", &[(80, rated(3.0))]),
        ("cross tomorrow", &[(101, rated(1.0))]),
    ]);
    let told = |customer: &str, reasons: &[&str], sentiment| {
        (
            customer.to_owned(),
            reasons.iter().map(|&reason| reason.to_owned()).collect(),
            sentiment,
        )
    };
    let cross = Some(Sentiment::Detractor);
    assert_eq!(
        found,
        vec![
            told(
                "late and cross",
                &["delivery 3 days late", "rated 1 of 5"],
                cross
            ),
            told("late and silent", &["delivery 3 days late"], None),
            told("happy, then late", &["delivery 3 days late"], None),
            told(
                "late, content on another scale",
                &["delivery 3 days late"],
                None
            ),
            told(
                "still waiting",
                &[
                    "delivery overdue by 10 days and still open",
                    "had to ask once"
                ],
                None
            ),
            told("broken", &["delivery will not happen"], None),
            told("only cross", &["rated 3 of 5"], cross),
        ]
    );
}

proptest! {
    #[test]
    fn the_choice_stays_within_the_budget_and_the_certificate_holds(
        rows in proptest::collection::vec((-200.0..2_000.0, -50.0..500.0, 0.0..1.0, 0.0..100.0), 0..9),
        limit in 0.0..300.0,
    ) {
        let cases = cases(&rows);
        let best = exhaustive(&cases, limit);
        let ranking = WinBackRanking::weigh(cases, Budget::Money(money(limit, "EUR"))).unwrap();
        let certificate = ranking.certificate();
        prop_assert!(ranking.spent() <= limit + 1e-9);
        prop_assert!(certificate.chosen <= best + 1e-9);
        prop_assert!(certificate.upper_bound >= best - 1e-9, "bound {} best {best}", certificate.upper_bound);
        prop_assert!(certificate.chosen >= best / 2.0 - 1e-9);
    }

    #[test]
    fn attempts_are_chosen_best_first(
        rows in proptest::collection::vec((-200.0..2_000.0, -50.0..500.0, 0.0..1.0, 0.0..100.0), 0..12),
        limit in 0_usize..14,
    ) {
        let cases = cases(&rows);
        let mut gains: Vec<f64> = cases.iter().map(WinBackCase::net_gain).filter(|&gain| gain > 0.0).collect();
        gains.sort_by(|left, right| right.total_cmp(left));
        let best: f64 = gains.iter().take(limit).sum();
        let ranking = WinBackRanking::weigh(cases, Budget::Attempts(limit)).unwrap();
        prop_assert!((ranking.certificate().chosen - best).abs() <= 1e-9 * best.max(1.0));
        prop_assert!(ranking.chosen().count() <= limit);
    }
}
