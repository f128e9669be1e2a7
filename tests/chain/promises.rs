//! Laws of the promise ledger: nothing of the future is seen, nothing is lost, and the sweep says what each state says.

use std::num::NonZeroU32;

use chrono::{Days, NaiveDate};
use proptest::prelude::*;
use tillit::Error;
use tillit::journey::{Due, Event, Fact, JourneyLog, JourneyLogBuilder, Promise};
use tillit::measure::{Merge, Timestamp, Zone};
use tillit::promise::{
    Activities, LatenessRule, LeadTime, PromiseLedger, PromiseRecord, PromiseStage, PromiseState,
    PromiseTally,
};

const NAMES: [&str; 3] = ["answer", "delivery", "refund"];
const MAKERS: [&str; 2] = ["shop", ""];
const HOUR: i64 = 3_600_000_000;

fn first_day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2019, 3, 25).unwrap()
}

fn day(number: u64) -> NaiveDate {
    first_day().checked_add_days(Days::new(number)).unwrap()
}

fn at_hour(hour: i64) -> Timestamp {
    Timestamp::from_micros(Zone::UTC.start_of(first_day()).micros() + hour * HOUR)
}

/// A zone whose clock is put forward within the days of these tests, where the build knows it.
fn zone() -> Zone {
    Zone::named("Europe/Berlin").unwrap_or(Zone::UTC)
}

#[derive(Clone, Debug)]
struct Happening {
    hour: i64,
    customer: usize,
    name: usize,
    what: u8,
    due: Option<(bool, i64)>,
}

fn happenings() -> impl Strategy<Value = Vec<Happening>> {
    let due = proptest::option::of((any::<bool>(), 0_i64..600));
    proptest::collection::vec(
        (0_i64..480, 0_usize..3, 0_usize..3, 0_u8..8, due).prop_map(
            |(hour, customer, name, what, due)| Happening {
                hour,
                customer,
                name,
                what,
                due,
            },
        ),
        1..60,
    )
}

fn log_of(story: &[Happening]) -> JourneyLog {
    let mut builder = JourneyLogBuilder::new(zone());
    for happening in story {
        let promise = NAMES[happening.name];
        let due = happening.due.map(|(by_day, hour)| {
            if by_day {
                Due::Day(zone().date_of(at_hour(hour)))
            } else {
                Due::Moment(at_hour(hour))
            }
        });
        let fact = match happening.what {
            0..=3 => Fact::PromiseMade(Promise {
                due,
                ..Promise::named(promise).by(MAKERS[happening.customer % 2])
            }),
            4 => Fact::PromiseRenegotiated { promise, due },
            5 => Fact::PromiseBroken {
                promise,
                deception: false,
            },
            6 => Fact::PromiseWaived { promise },
            _ => Fact::PromiseFulfilled { promise },
        };
        let customer = ["ada", "bob", "eve"][happening.customer];
        builder
            .push(Event::new(customer, at_hour(happening.hour), fact))
            .unwrap();
    }
    log_of_last_hour(builder)
}

/// A last visit makes every story end on the same day.
fn log_of_last_hour(mut builder: JourneyLogBuilder) -> JourneyLog {
    builder
        .push(Event::new("ada", at_hour(700), Fact::Visit))
        .unwrap();
    builder.build()
}

proptest! {
    #[test]
    fn the_sweep_over_days_says_what_each_state_says(story in happenings(), step in 1_u32..9) {
        let log = log_of(&story);
        let ledger = PromiseLedger::of(log.whole());
        let sweep = ledger.states_over_time(NonZeroU32::new(step).unwrap()).unwrap();
        prop_assert_eq!(sweep.tallies().is_empty(), ledger.records().is_empty());
        for (day, tally) in sweep.tallies() {
            prop_assert_eq!(*tally, ledger.tally_on(*day).unwrap(), "on {}", day);
            prop_assert_eq!(tally.total(), ledger.records().len() as u64);
        }
        if let Some((last, _)) = sweep.tallies().last() {
            prop_assert_eq!(*last, zone().date_of(at_hour(700)));
        }
    }

    #[test]
    fn a_ledger_read_on_a_day_and_one_read_later_agree_on_that_day(story in happenings(), hour in 0_i64..700) {
        let log = log_of(&story);
        let moment = at_hour(hour);
        let then = PromiseLedger::of(log.as_of(moment));
        let later = PromiseLedger::of(log.whole());
        let known = |ledger: &PromiseLedger| {
            ledger
                .states_at(moment)
                .unwrap()
                .filter(|(_, state)| *state != PromiseState::NotStarted)
                .map(|(record, state)| (record.customer(), record.made(), ledger.name_of(record).to_owned(), state))
                .collect::<Vec<_>>()
        };
        prop_assert_eq!(known(&then), known(&later));
    }

    #[test]
    fn what_is_decided_is_never_open_again(story in happenings()) {
        let log = log_of(&story);
        let ledger = PromiseLedger::of(log.whole());
        for record in ledger.records() {
            let mut before = PromiseState::NotStarted;
            for hour in 0..700 {
                let now = record.state_at(at_hour(hour), ledger.zone());
                match before.stage() {
                    PromiseStage::NotStarted => {}
                    PromiseStage::Pending => prop_assert_ne!(now, PromiseState::NotStarted),
                    PromiseStage::BrokenStillOpen => prop_assert!(
                        !matches!(now.stage(), PromiseStage::Pending | PromiseStage::Kept | PromiseStage::NotStarted),
                        "{} after {}", now, before
                    ),
                    _ => prop_assert_eq!(now, before),
                }
                before = now;
            }
        }
    }

    #[test]
    fn tallies_of_groups_sum_to_the_tally_of_all(story in happenings(), today in 0_u64..29) {
        let log = log_of(&story);
        let ledger = PromiseLedger::of(log.whole());
        let whole = ledger.tally_on(day(today)).unwrap();
        let merged = |tallies: Vec<PromiseTally>| {
            let mut sum = PromiseTally::default();
            for tally in &tallies {
                sum.merge(tally).unwrap();
            }
            sum
        };
        prop_assert_eq!(merged(ledger.tally_by_name(day(today)).unwrap().into_values().collect()), whole);
        prop_assert_eq!(merged(ledger.tally_by_maker(day(today)).unwrap().into_values().collect()), whole);
        prop_assert_eq!(
            merged(ledger.tally_by(day(today), PromiseRecord::customer).unwrap().into_values().collect()),
            whole
        );
    }
}

fn ledger_of(events: &[(i64, Fact<'_>)]) -> PromiseLedger {
    let mut builder = JourneyLogBuilder::new(Zone::UTC);
    for (hour, fact) in events {
        builder
            .push(Event::new("ada", at_hour(*hour), *fact))
            .unwrap();
    }
    PromiseLedger::of(builder.build().whole())
}

const ANSWER: &str = "answer";

fn due_on(number: u64) -> Promise<'static> {
    Promise::named(ANSWER).due(Due::Day(day(number)))
}

#[test]
fn the_end_of_the_due_day_still_keeps_and_its_midnight_shows_the_common_mistake() {
    let kept = Fact::PromiseFulfilled { promise: ANSWER };
    for (hour, gap, late, late_by_midnight) in [
        (47, -1, false, false),
        (48, 0, false, false),
        (49, 0, false, true),
        (71, 0, false, true),
        (72, 1, true, true),
    ] {
        let ledger = ledger_of(&[(0, Fact::PromiseMade(due_on(2))), (hour, kept)]);
        let record = &ledger.records()[0];
        assert_eq!(record.gap_days(Zone::UTC), Some(gap), "hour {hour}");
        let found = [LatenessRule::EndOfDay, LatenessRule::StartOfDay]
            .map(|rule| record.is_late(rule, Zone::UTC));
        assert_eq!(found, [Some(late), Some(late_by_midnight)], "hour {hour}");
    }
}

#[test]
fn the_very_moment_of_the_deadline_keeps_the_promise() {
    let due = Promise::named(ANSWER).due(Due::Moment(at_hour(10)));
    let ledger = ledger_of(&[
        (0, Fact::PromiseMade(due)),
        (10, Fact::PromiseFulfilled { promise: ANSWER }),
    ]);
    let record = &ledger.records()[0];
    assert_eq!(
        ledger.state_at(record, at_hour(10)).unwrap(),
        PromiseState::Kept {
            days_early: Some(0)
        }
    );
}

#[test]
fn a_new_deadline_counts_only_before_the_old_one_has_passed() {
    let moved = |hour| {
        ledger_of(&[
            (0, Fact::PromiseMade(due_on(2))),
            (
                hour,
                Fact::PromiseRenegotiated {
                    promise: ANSWER,
                    due: Some(Due::Day(day(9))),
                },
            ),
        ])
    };
    let in_time = moved(71);
    let record = &in_time.records()[0];
    let on = |number| in_time.state_on(record, day(number)).unwrap();
    assert_eq!(on(1), PromiseState::Pending { days_left: Some(1) });
    assert_eq!(on(2), PromiseState::Pending { days_left: Some(7) });
    assert_eq!(record.first_due(), Some(Due::Day(day(2))));
    assert_eq!(in_time.renegotiated_too_late(), 0);

    let too_late = moved(72);
    let state = too_late.state_on(&too_late.records()[0], day(4)).unwrap();
    assert_eq!(state, PromiseState::BrokenStillOpen { overdue_days: 2 });
    assert_eq!(too_late.renegotiated_too_late(), 1);
}

#[test]
fn what_fits_no_open_promise_is_counted_and_changes_nothing() {
    let kept = Fact::PromiseFulfilled { promise: ANSWER };
    let ledger = ledger_of(&[
        (0, kept),
        (30, Fact::PromiseMade(due_on(2))),
        (31, kept),
        (32, kept),
        (33, Fact::PromiseWaived { promise: "nothing" }),
    ]);
    assert_eq!(ledger.records().len(), 1);
    assert_eq!((ledger.unmatched(), ledger.closed_before_made()), (3, 0));
    assert_eq!(ledger.records()[0].fulfilled(), Some(at_hour(31)));
}

#[test]
fn a_closing_known_by_its_day_only_may_lie_before_the_making_on_that_day() {
    let ledger = ledger_of(&[
        (24, Fact::PromiseFulfilled { promise: ANSWER }),
        (25, Fact::PromiseMade(due_on(2))),
    ]);
    assert_eq!((ledger.unmatched(), ledger.closed_before_made()), (0, 1));
    assert_eq!(ledger.records()[0].gap_days(Zone::UTC), Some(-1));
}

#[test]
fn a_ledger_refuses_days_that_it_cannot_know() {
    let log = log_of_last_hour(JourneyLogBuilder::new(Zone::UTC));
    let ledger = PromiseLedger::of(log.as_of(at_hour(30)));
    assert!(ledger.tally_on(day(1)).is_ok());
    assert!(matches!(
        ledger.tally_on(day(2)),
        Err(Error::CannotTell { .. })
    ));
    assert!(matches!(
        ledger.states_between(day(1), day(0), NonZeroU32::MIN),
        Err(Error::Contradiction { .. })
    ));
    assert!(matches!(
        ledger.overdue_ages_at(at_hour(30)).unwrap().mean(),
        Err(Error::Empty { .. })
    ));
    assert!(ledger.tally_on(day(1)).unwrap().kept_share().is_err());
}

#[test]
fn a_circle_of_activities_is_named() {
    let circle = Activities::builder()
        .activity("voucher", LeadTime::NONE, &["delivery"])
        .activity("wall-box", LeadTime::weeks(14), &["voucher"])
        .activity("delivery", LeadTime::NONE, &["wall-box"])
        .activity("party", LeadTime::NONE, &["delivery"])
        .build()
        .unwrap_err();
    let message = circle.to_string();
    assert!(matches!(circle, Error::Contradiction { .. }), "{message}");
    assert!(
        message
            .contains(r#""voucher" waits for "delivery" waits for "wall-box" waits for "voucher""#),
        "{message}"
    );
    assert!(!message.contains("party"), "{message}");
    let unknown = Activities::builder().activity("box", LeadTime::NONE, &["key"]);
    assert!(matches!(unknown.build(), Err(Error::InvalidText { .. })));
    let twice = Activities::builder()
        .activity("box", LeadTime::NONE, &[])
        .activity("box", LeadTime::NONE, &[]);
    assert!(matches!(twice.build(), Err(Error::Contradiction { .. })));
}
