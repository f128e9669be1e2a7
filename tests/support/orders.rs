//! The orders file as a log, for tests.

use std::io::Read;
use std::path::PathBuf;

use chrono::{NaiveDate, NaiveDateTime};
use serde_json::Value;
use tillit::journey::{Due, Event, Fact, JourneyLog, JourneyLogBuilder, Promise};
use tillit::measure::{Currency, Money, RatingScale, Timestamp, Zone};

/// A file beside the clone; `None`, and a printed reason, if it is not there.
pub(crate) fn beside(folder: &str, name: &str) -> Option<PathBuf> {
    let variable = if folder == "data" {
        "TILLIT_DATA"
    } else {
        "TILLIT_REFERENCE"
    };
    let path = std::env::var_os(variable)
        .map_or_else(
            || {
                PathBuf::from(env!("CARGO_MANIFEST_DIR"))
                    .join("../shared")
                    .join(folder)
            },
            PathBuf::from,
        )
        .join(name);
    if path.exists() {
        return Some(path);
    }
    println!("skipped: {} is not there", path.display());
    None
}

/// The reference facts of the orders file.
pub(crate) fn order_facts() -> Option<Value> {
    let text = std::fs::read_to_string(beside("reference", "endtoend_facts.json")?)
        .expect("the facts can be read");
    Some(serde_json::from_str(&text).expect("the facts are JSON"))
}

/// The rows of the orders file, with the columns' names first.
pub(crate) fn order_rows() -> Option<Vec<Vec<String>>> {
    let file = std::fs::File::open(beside("data", "endtoend-orders.csv.gz")?)
        .expect("the orders can be opened");
    let mut text = String::new();
    flate2::read::GzDecoder::new(file)
        .read_to_string(&mut text)
        .expect("the orders are gzip");
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(text.as_bytes());
    Some(
        reader
            .records()
            .map(|record| {
                record
                    .expect("a row")
                    .iter()
                    .map(str::to_owned)
                    .collect::<Vec<_>>()
            })
            .collect(),
    )
}

fn moment(text: &str, zone: Zone) -> Option<Timestamp> {
    (!text.is_empty()).then(|| {
        let reading = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").expect("a time");
        zone.local(reading).timestamp()
    })
}

fn date(text: &str) -> Option<NaiveDate> {
    (!text.is_empty()).then(|| text.parse().expect("a date"))
}

/// The orders as a log, in the order in which `rows` gives them (the names of the columns first).
pub(crate) fn order_log(rows: &[Vec<String>]) -> JourneyLog {
    let zone = Zone::named("America/Sao_Paulo").expect("a zone");
    let real = Currency::new("BRL").expect("a currency");
    let column = |name: &str| {
        rows[0]
            .iter()
            .position(|known| known == name)
            .unwrap_or_else(|| panic!("no column {name}"))
    };
    let names = [
        "order_id",
        "customer",
        "purchased_at",
        "paid_value",
        "status",
        "promised_date",
        "delivered_at",
        "ship_by_at",
        "handed_to_carrier_at",
        "review_asked_date",
        "review_answered_at",
        "review_score",
        "customer_state",
        "product_category",
    ]
    .map(column);
    let moment = |text: &str| moment(text, zone);
    let mut builder = JourneyLogBuilder::new(zone);
    for row in &rows[1..] {
        let [
            order,
            customer,
            purchased,
            paid,
            status,
            promised,
            delivered,
            ship_by,
            handed,
            asked,
            answered,
            score,
            state,
            category,
        ] = names.map(|place| row[place].as_str());
        let purchased = moment(purchased).expect("every order was placed");
        let mut push = |at: Timestamp, fact: Fact<'_>| {
            builder
                .push(Event::new(customer, at, fact).in_case(order))
                .expect("the orders file is clean");
        };
        if !paid.is_empty() {
            let paid = Money::parse(paid, real).expect("an amount");
            push(purchased, Fact::Purchase(paid));
            if matches!(status, "canceled" | "unavailable") && paid.minor() > 0 {
                push(purchased, Fact::Refund(paid));
            }
        }
        let due = Due::Day(date(promised).expect("every order was promised"));
        push(
            purchased,
            Fact::PromiseMade(Promise::named("delivery").due(due)),
        );
        if let Some(at) = moment(delivered) {
            push(
                at,
                Fact::PromiseFulfilled {
                    promise: "delivery",
                },
            );
        }
        if let Some(ship_by) = moment(ship_by) {
            let promise = Promise::named("ship by").due(Due::Moment(ship_by));
            push(purchased, Fact::PromiseMade(promise));
            if let Some(at) = moment(handed) {
                // In 48 orders the carrier's clock shows minutes before the shop's; a promise cannot be kept before it
                // is made.
                let at = at.max(purchased);
                push(at, Fact::PromiseFulfilled { promise: "ship by" });
            }
        }
        if let Some(date) = date(asked) {
            push(zone.start_of(date), Fact::FeedbackAsked);
        }
        if let (Some(at), false) = (moment(answered), score.is_empty()) {
            let rating = RatingScale::ONE_TO_FIVE
                .rate(score.parse().expect("a score"))
                .expect("a score on the scale");
            push(at, Fact::Feedback(rating));
        }
        for (segmentation, label) in [("state", state), ("category", category)] {
            if !label.is_empty() {
                builder
                    .segment(customer, order, segmentation, label)
                    .expect("a segment");
            }
        }
    }
    builder.build()
}
