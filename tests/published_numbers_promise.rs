//! The numbers of the reference file for promises, silence and the latest right moment.

use std::path::{Path, PathBuf};

use chrono::{NaiveDate, NaiveTime};
use serde_json::Value;
use tillit::journey::{Contact, Due, Event, Fact, JourneyLog, JourneyLogBuilder, Promise};
use tillit::measure::{Timestamp, Zone};
use tillit::promise::{
    Activities, LeadTime, PromiseLedger, PromiseState, Silence, latest_right_moment,
};

/// The blueprint section; `None` (with a note) if another folder is given that does not hold the file.
fn journey_cases() -> Option<Value> {
    let folder = std::env::var_os("TILLIT_REFERENCE").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference"),
        PathBuf::from,
    );
    let file = folder.join("journey_cases.json");
    if !file.exists() {
        let others = std::fs::read_dir(&folder).map_or(0, Iterator::count);
        assert!(others > 0, "{} holds no reference file", folder.display());
        println!("journey_cases.json: not in {}, skipped", folder.display());
        return None;
    }
    Some(serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap())
}

fn date(value: &Value) -> NaiveDate {
    value.as_str().unwrap().parse().unwrap()
}

fn noon(day: NaiveDate) -> Timestamp {
    day.and_time(NaiveTime::from_hms_opt(12, 0, 0).unwrap())
        .and_utc()
        .into()
}

fn log_of<'a>(events: impl IntoIterator<Item = (NaiveDate, Fact<'a>)>) -> JourneyLog {
    let mut builder = JourneyLogBuilder::new(Zone::UTC);
    for (day, fact) in events {
        builder
            .push(Event::new("customer", noon(day), fact))
            .unwrap();
    }
    builder.build()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

#[test]
fn the_latest_right_moment_of_every_wall_box() {
    let Some(cases) = journey_cases() else { return };
    let cases = list(&cases["blueprint"]["wallbox"]);
    assert!(!cases.is_empty());
    for case in cases {
        let count = |key: &str| u32::try_from(case[key].as_u64().unwrap()).unwrap();
        let charging = Activities::builder()
            .activity("voucher", LeadTime::NONE, &[])
            .activity(
                "wall-box",
                LeadTime::weeks(count("lead_time_weeks")),
                &["voucher"],
            )
            .activity(
                "installation",
                LeadTime::of_days(count("install_days")),
                &["wall-box"],
            )
            .activity("delivery", LeadTime::NONE, &["installation"])
            .build()
            .unwrap();
        let delivery = date(&case["car_delivery"]);
        let sent = date(&case["voucher_sent"]);
        let moment = latest_right_moment(&charging, "voucher", "delivery", delivery).unwrap();
        let expected = &case["expected"];
        assert_eq!(
            moment.day(),
            date(&expected["latest_right_moment_to_send_voucher"])
        );
        assert_eq!(moment.slack_days(sent), expected["slack_days_of_actual"]);
        assert_eq!(
            moment.ready_on(sent),
            Some(date(&expected["wallbox_ready"]))
        );
        assert_eq!(moment.days_without(sent), expected["days_without_charging"]);
    }
    println!("wallbox: {} passed, 0 failed", cases.len());
}

#[test]
fn the_state_of_the_rust_warranty_on_every_day_named() {
    let Some(cases) = journey_cases() else { return };
    let case = &cases["blueprint"]["rust_warranty"];
    let made = date(&case["clock_start"]);
    let due = date(&case["promised_window"][1]);
    let log = log_of([
        (
            made,
            Fact::PromiseMade(Promise::named("answer").due(Due::Day(due))),
        ),
        (
            date(&case["fulfilled"]),
            Fact::PromiseFulfilled { promise: "answer" },
        ),
    ]);
    let ledger = PromiseLedger::of(log.whole());
    let record = &ledger.records()[0];
    for state in list(&case["states"]) {
        let day = date(&state["as_of"]);
        let days = |key: &str| state[key].as_i64().unwrap();
        let expected = match state["state"].as_str().unwrap() {
            "not_started" => PromiseState::NotStarted,
            "pending" => PromiseState::Pending {
                days_left: Some(days("days_left")),
            },
            "broken_still_open" => PromiseState::BrokenStillOpen {
                overdue_days: days("overdue_days"),
            },
            "broken_then_fulfilled_late" => PromiseState::Late {
                days_late: days("late_days"),
            },
            other => panic!("no such state: {other}"),
        };
        assert_eq!(ledger.state_on(record, day).unwrap(), expected, "on {day}");
        // The same from a ledger that was read on that very day.
        let then = PromiseLedger::of(log.as_of(Zone::UTC.end_of(day)));
        let seen = then
            .records()
            .first()
            .map_or(PromiseState::NotStarted, |record| {
                then.state_on(record, day).unwrap()
            });
        assert_eq!(seen, expected, "read on {day}");
    }
    let ratio = record.times_as_long(Zone::UTC).unwrap();
    assert!((ratio - case["actual_over_promised_max"].as_f64().unwrap()).abs() < 1e-12);

    let second = &case["second_promise"];
    let log = log_of([
        (
            date(&second["made"]),
            Fact::PromiseMade(Promise::named("word").due(Due::Day(date(&second["due"])))),
        ),
        (
            date(&second["fulfilling_event_by_other"]),
            Fact::PromiseFulfilled { promise: "word" },
        ),
    ]);
    let ledger = PromiseLedger::of(log.whole());
    let expected = &second["expected_if_anyone_may_keep_it"];
    assert_eq!(expected["state"], "broken_then_fulfilled_late");
    assert_eq!(
        ledger
            .state_on(&ledger.records()[0], date(&second["as_of"]))
            .unwrap(),
        PromiseState::Late {
            days_late: expected["late_days"].as_i64().unwrap()
        }
    );
    println!("rust_warranty: states passed; expected_if_promiser_must_keep_it not supported yet");
}

#[test]
fn the_silence_of_the_rust_warranty_and_the_contacts_that_chased_it() {
    let Some(cases) = journey_cases() else { return };
    let case = &cases["blueprint"]["rust_warranty"];
    let unasked = list(&case["unprompted_company_words"]);
    let words = list(&case["company_words"]).iter().map(|day| {
        let contact = if unasked.contains(day) {
            Contact::unasked()
        } else {
            Contact::answer()
        };
        (date(day), Fact::Contact(contact))
    });
    let chasing = list(&case["customer_chasing_contacts"])
        .iter()
        .map(|day| (date(day), Fact::Contact(Contact::chasing())));
    let log = log_of(words.chain(chasing));
    let today = log.as_of(noon(date(&case["as_of"])));
    let silence = Silence::towards(log.customer_indices().next().unwrap(), today);
    let expected = &case["expected_silence"];
    assert_eq!(
        [
            silence.longest_days(),
            silence.longest_unasked_days(),
            silence.running_days()
        ],
        [
            expected["longest_between_company_words_days"].as_i64(),
            expected["longest_between_unprompted_company_words_days"].as_i64(),
            expected["running_silence_days"].as_i64(),
        ]
    );
    assert_eq!(
        silence.chasing_contacts() as u64,
        case["expected_chasing_contacts"]
    );
}

#[test]
fn forward_and_backward_passes_over_every_network() {
    let Some(cases) = journey_cases() else { return };
    let cases = list(&cases["blueprint"]["cpm"]);
    assert!(!cases.is_empty());
    for case in cases {
        let activities = case["activities"].as_object().unwrap();
        let mut builder = Activities::builder();
        for (name, activity) in activities {
            let after: Vec<&str> = list(&activity["after"])
                .iter()
                .map(|name| name.as_str().unwrap())
                .collect();
            let takes = u32::try_from(activity["duration"].as_u64().unwrap()).unwrap();
            builder = builder.activity(name, LeadTime::of_days(takes), &after);
        }
        let network = builder.build().unwrap();
        assert_eq!(network.schedule().end(), case["project_end"]);
        let schedule = network.schedule_ending(case["anchored_at"].as_i64().unwrap());
        for (name, expected) in activities {
            let plan = schedule.of(name).unwrap();
            let found = [
                plan.earliest_start,
                plan.earliest_end,
                plan.latest_start,
                plan.latest_end,
                plan.float,
            ];
            let wanted =
                ["es", "ef", "ls", "lf", "float"].map(|key| expected[key].as_i64().unwrap());
            assert_eq!(found, wanted, "{name}");
            assert_eq!(plan.critical, expected["critical"], "{name}");
        }
    }
    println!("cpm: {} passed, 0 failed", cases.len());
}

#[cfg(all(feature = "csv", feature = "time-zones"))]
mod permits {
    use std::collections::BTreeMap;
    use std::path::PathBuf;

    use serde_json::Value;
    use tillit::journey::{Due, Event, Fact, JourneyLog, JourneyLogBuilder, Promise};
    use tillit::measure::{Probability, Timestamp, Zone};
    use tillit::promise::{Ages, PromiseLedger, PromiseStage, PromiseTally};

    /// One promise for each case: begun, due and ended as three columns say.
    fn log_of(file: PathBuf, due_column: &str) -> JourneyLog {
        let bytes = std::fs::File::open(file).unwrap();
        let mut table = csv::Reader::from_reader(flate2::read::GzDecoder::new(bytes));
        let columns = table.headers().unwrap().clone();
        let place = |name: &str| columns.iter().position(|column| column == name).unwrap();
        let [case, start, due, end] =
            ["case_id", "case_startdate", due_column, "case_enddate"].map(place);
        let mut rows = BTreeMap::new();
        for row in table.records() {
            let row = row.unwrap();
            rows.insert(row[case].to_owned(), row);
        }
        let mut builder = JourneyLogBuilder::new(Zone::named("Europe/Amsterdam").unwrap());
        let at = |text: &str| Timestamp::parse(text).unwrap();
        for (case, row) in &rows {
            let mut promise = Promise::named("decision");
            if !row[due].is_empty() {
                promise = promise.due(Due::Moment(at(&row[due])));
            }
            let mut push = |when, fact| {
                builder.push(Event::new(case, when, fact)).unwrap();
            };
            push(at(&row[start]), Fact::PromiseMade(promise));
            if !row[end].is_empty() {
                push(
                    at(&row[end]),
                    Fact::PromiseFulfilled {
                        promise: "decision",
                    },
                );
            }
        }
        builder.build()
    }

    fn assert_ages(ages: &Ages, expected: &Value) {
        assert_eq!(ages.sorted().len() as u64, expected["n"]);
        let share = |value| Probability::new(value).unwrap();
        for (key, found) in [
            ("min_s", ages.quantile(share(0.0))),
            ("p25_s", ages.quantile(share(0.25))),
            ("median_s", ages.quantile(share(0.5))),
            ("p75_s", ages.quantile(share(0.75))),
            ("p90_s", ages.quantile(share(0.9))),
            ("max_s", ages.quantile(share(1.0))),
            ("mean_s", ages.mean()),
        ] {
            if let Some(wanted) = expected[key].as_f64() {
                let found = found.unwrap().days() * 86_400.0;
                assert!(
                    (found - wanted).abs() < 1e-6 * wanted.max(1.0),
                    "{key}: {found}, not {wanted}"
                );
            }
        }
    }

    #[test]
    fn building_permits_stand_as_counted_on_each_day() {
        let Some(cases) = super::journey_cases() else {
            return;
        };
        let Some(folder) = std::env::var_os("TILLIT_DATA") else {
            println!("permit receipts: TILLIT_DATA is not set, skipped");
            return;
        };
        let permits = &cases["logs"]["permit_receipt"];
        let file = PathBuf::from(folder).join(permits["file"].as_str().unwrap());
        let deadlines = &permits["deadline_promise"];
        for (column, key) in [
            ("case_deadline", "at"),
            ("case_enddate_planned", "planned_promise"),
        ] {
            let expected = if deadlines[key].is_null() {
                &permits[key]
            } else {
                &deadlines[key]
            };
            let log = log_of(file.clone(), column);
            let ledger = PromiseLedger::of(log.whole());
            for expected in super::list(expected) {
                let moment = Timestamp::parse(expected["as_of"].as_str().unwrap()).unwrap();
                let mut tally = PromiseTally::default();
                for (_, state) in ledger.states_at(moment).unwrap() {
                    tally.add(state);
                }
                for (stage, name) in [
                    (PromiseStage::NotStarted, "not_started"),
                    (PromiseStage::Pending, "pending"),
                    (PromiseStage::Kept, "kept"),
                    (PromiseStage::Late, "broken_then_fulfilled_late"),
                    (PromiseStage::BrokenStillOpen, "broken_still_open"),
                ] {
                    let wanted = expected[name].as_u64().unwrap_or(0);
                    assert_eq!(tally.count(stage), wanted, "{column} {name} at {moment}");
                }
                assert_ages(
                    &ledger.lateness_at(moment).unwrap(),
                    &expected["lateness_of_late"],
                );
                assert_ages(
                    &ledger.overdue_ages_at(moment).unwrap(),
                    &expected["overdue_age_of_open"],
                );
            }
        }
    }
}
