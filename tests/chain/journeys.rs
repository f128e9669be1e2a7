//! What goes into a log comes out of it, in order, and nothing of the future is seen.

use chrono::NaiveDate;
use proptest::prelude::*;
use tillit::journey::{
    Contact, Dimension, Due, Event, Fact, JourneyLog, JourneyLogBuilder, Justice, LoggedEvent,
    Promise,
};
use tillit::measure::{Currency, Money, Probability, RatingScale, Timestamp, Zone};

fn at(day: i64) -> Timestamp {
    Timestamp::from_micros(day * 86_400_000_000)
}

/// One event of every kind, with every form that its content can take.
fn one_of_each() -> Vec<Fact<'static>> {
    let rating = RatingScale::ONE_TO_SEVEN.rate(3.0).unwrap();
    let share = |value| Probability::new(value).unwrap();
    let justice = Justice {
        distributive: share(1.0 / 3.0),
        procedural: share(0.0),
        interactional: share(1.0),
    };
    let money = Money::from_minor(-12_345, Currency::new("JPY").unwrap());
    let refund = Money::from_minor(7, Currency::new("EUR").unwrap());
    let day = Due::Day(NaiveDate::from_ymd_opt(2019, 2, 18).unwrap());
    let moment = Due::Moment(Timestamp::from_micros(-1));
    let warranty = Promise::named("warranty")
        .by("importer")
        .speaking_to(Dimension::Integrity);
    vec![
        Fact::Visit,
        Fact::ExpectationStated(rating),
        Fact::FeedbackAsked,
        Fact::Feedback(RatingScale::ZERO_TO_TEN.rate(0.0).unwrap()),
        Fact::PromiseMade(warranty),
        Fact::PromiseMade(warranty.due(day).weighing(0.25)),
        Fact::PromiseMade(Promise::named("answer").due(moment)),
        Fact::PromiseRenegotiated {
            promise: "answer",
            due: Some(day),
        },
        Fact::PromiseRenegotiated {
            promise: "answer",
            due: None,
        },
        Fact::PromiseFulfilled { promise: "answer" },
        Fact::PromiseBroken {
            promise: "warranty",
            deception: true,
        },
        Fact::PromiseBroken {
            promise: "warranty",
            deception: false,
        },
        Fact::PromiseWaived {
            promise: "warranty",
        },
        Fact::Contact(Contact::unasked()),
        Fact::Contact(Contact::chasing()),
        Fact::Contact(Contact::answer().because("too old").passing_to("workshop")),
        Fact::NeedKnown("charging"),
        Fact::NeedAsked("charging"),
        Fact::Recovery {
            promise: "warranty",
            justice,
        },
        Fact::Purchase(money),
        Fact::Refund(refund),
        Fact::Recommendation,
        Fact::CaseClosed,
    ]
}

fn facts_of(log: &JourneyLog) -> Vec<Fact<'_>> {
    log.whole()
        .journeys()
        .flat_map(|journey| journey.events())
        .map(LoggedEvent::fact)
        .collect()
}

#[test]
fn every_fact_comes_out_as_it_went_in() {
    let facts = one_of_each();
    let mut builder = JourneyLogBuilder::new(Zone::UTC);
    for fact in &facts {
        builder
            .push(
                Event::new("ada", at(0), *fact)
                    .in_case("7")
                    .at_touchpoint("desk"),
            )
            .unwrap();
    }
    let log = builder.build();
    assert_eq!(facts_of(&log), facts);
    assert_eq!(log.ties(), facts.len() - 1);
    let events = log
        .whole()
        .journeys()
        .next()
        .unwrap()
        .events()
        .collect::<Vec<_>>();
    assert!(
        events
            .iter()
            .all(|event| event.touchpoint() == Some("desk"))
    );
    assert!(
        events
            .iter()
            .all(|event| log.case_key(event.case().unwrap()) == "7")
    );
    assert!(
        events
            .iter()
            .all(|event| event.kind() == event.fact().kind())
    );
}

#[test]
fn what_does_not_fit_is_refused_and_leaves_the_log_as_it_was() {
    let euro = Currency::new("EUR").unwrap();
    let mut builder = JourneyLogBuilder::new(Zone::UTC);
    builder
        .push(Event::new("ada", at(0), Fact::Visit).in_case("7"))
        .unwrap();
    let refused = [
        Event::new("", at(0), Fact::Visit),
        Event::new("bob", at(0), Fact::Visit).in_case("7"),
        Event::new("ada", at(0), Fact::Refund(Money::from_minor(-1, euro))),
        Event::new(
            "ada",
            at(0),
            Fact::PromiseMade(Promise::named("p").weighing(0.0)),
        ),
        Event::new(
            "ada",
            at(0),
            Fact::PromiseMade(Promise::named("p").weighing(f64::NAN)),
        ),
    ];
    for event in refused {
        let message = builder.push(event).unwrap_err().to_string();
        assert!(message.starts_with("event 1 of customer"), "{message}");
    }
    assert!(builder.segment("bob", "7", "region", "north").is_err());
    assert_eq!(builder.build().events(), 1);
}

#[test]
fn segments_belong_to_cases_and_the_last_word_counts() {
    let mut builder = JourneyLogBuilder::new(Zone::UTC);
    builder.segment("ada", "7", "region", "north").unwrap();
    builder.segment("ada", "7", "region", "south").unwrap();
    builder
        .push(Event::new("ada", at(0), Fact::Visit).in_case("7"))
        .unwrap();
    builder
        .push(Event::new("bob", at(0), Fact::Visit).in_case("8"))
        .unwrap();
    let log = builder.build();
    let region = log.segmentation("region").unwrap();
    let labels = log
        .whole()
        .journeys()
        .flat_map(|journey| journey.events())
        .map(|event| region.label_of(event.case().unwrap()))
        .collect::<Vec<_>>();
    assert_eq!(labels, [Some("south"), None]);
    assert!(log.segmentation("category").is_none());
}

#[test]
fn an_empty_log_has_nothing_in_it() {
    let log = JourneyLogBuilder::default().build();
    assert_eq!(
        (log.events(), log.customers(), log.cases(), log.span()),
        (0, 0, 0, None)
    );
    assert_eq!(log.whole().journeys().count(), 0);
}

proptest! {
    #[test]
    fn a_shuffled_log_without_ties_tells_the_same_story(
        days in proptest::collection::hash_set(-5_000_i64..5_000, 1..60), seed in any::<u64>(),
    ) {
        let mut events: Vec<(i64, String)> =
            days.into_iter().map(|day| (day, format!("customer {}", day.rem_euclid(5)))).collect();
        events.sort_unstable();
        let story = |events: &[(i64, String)]| {
            let mut builder = JourneyLogBuilder::new(Zone::UTC);
            for (day, customer) in events {
                builder.push(Event::new(customer, at(*day), Fact::Visit)).unwrap();
            }
            let log = builder.build();
            let mut told: Vec<(String, Vec<i64>)> = log
                .whole()
                .journeys()
                .map(|j| (j.customer_key().to_owned(), j.events().map(|e| e.at().micros()).collect()))
                .collect();
            told.sort();
            (told, log.ties())
        };
        let in_order = story(&events);
        let mut key = seed;
        events.sort_by_cached_key(|_| {
            key = key.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            key >> 33
        });
        prop_assert_eq!(story(&events), in_order);
    }

    #[test]
    fn a_view_sees_all_of_the_past_and_nothing_of_the_future(
        days in proptest::collection::vec(0_i64..50, 1..80), today in -1_i64..51,
    ) {
        let mut builder = JourneyLogBuilder::new(Zone::UTC);
        for (row, day) in days.iter().enumerate() {
            builder.push(Event::new(["ada", "bob", "eve"][row % 3], at(*day), Fact::Visit)).unwrap();
        }
        let log = builder.build();
        let seen: usize = log.as_of(at(today)).journeys().map(|journey| journey.len()).sum();
        prop_assert_eq!(seen, days.iter().filter(|&&day| day <= today).count());
    }
}
