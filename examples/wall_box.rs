//! The wall-box: a voucher that came three weeks before the car, for a box that takes fourteen weeks.
//!
//! `cargo run --example wall_box` prints what the library could have said on the day of the order, and what happened.
//! Persons and dates are made up to fit a true story.

use chrono::{NaiveDate, NaiveTime};
use tillit::Result;
use tillit::journey::{Contact, Due, Event, Fact, JourneyLog, JourneyLogBuilder, Promise};
use tillit::measure::{RatingScale, Timestamp, Zone};
use tillit::promise::{
    Activities, LeadTime, PromiseLedger, RightMoment, Silence, latest_right_moment,
};

const CHARGING: &str = "charging at home when the car comes";

fn main() -> Result<()> {
    let order = date(2020, 12, 3);
    let delivery = date(2021, 6, 1);
    let voucher_sent = date(2021, 5, 11);

    let moment = voucher_must_leave(delivery)?;
    println!("The wall-box\n============\n");
    println!("{order}  The car is ordered, for delivery on {delivery}. Said on that very day:");
    println!("            {moment}.");
    println!(
        "            That leaves {} days to send it.\n",
        moment.slack_days(order)
    );

    let Some(ready) = moment.ready_on(voucher_sent) else {
        return Ok(());
    };
    let log = what_happened(order, voucher_sent, delivery, ready)?;
    println!("What was done, and how the promise of {CHARGING} stood:\n");
    tell_days(
        &log,
        &[
            (
                order,
                "ordered; a home wall-box is offered and bought along",
            ),
            (
                date(2021, 1, 2),
                "nothing has come; the customer has to ask and learns the rule",
            ),
            (
                moment.day(),
                "the last right moment to send the voucher; it is not sent",
            ),
            (
                voucher_sent,
                "the voucher comes, valid for one model that takes 14 weeks",
            ),
            (
                delivery,
                "the car is handed over; the only survey asks about this day",
            ),
            (
                date(2021, 7, 1),
                "the car is driven, but not charged at home",
            ),
            (ready, "the wall-box works"),
        ],
    )?;

    println!("\nThe account");
    println!(
        "  slack of the voucher   {:>5} days",
        moment.slack_days(voucher_sent)
    );
    println!(
        "  days without charging  {:>5}",
        moment.days_without(voucher_sent)
    );
    for customer in log.customer_indices() {
        let silence = Silence::towards(customer, log.as_of(noon(ready)));
        println!(
            "  longest silence        {:>5} days",
            silence.longest_days().unwrap_or(0)
        );
        println!("  times having to ask    {:>5}", silence.chasing_contacts());
    }
    println!(
        "  sent on {}, the box would have worked on {}, with {} days without charging",
        moment.day(),
        moment.anchor_day(),
        moment.days_without(moment.day()),
    );
    Ok(())
}

/// What charging at home needs, and by when that has to begin.
fn voucher_must_leave(delivery: NaiveDate) -> Result<RightMoment> {
    let needs = Activities::builder()
        .activity("the voucher must leave", LeadTime::NONE, &[])
        .activity(
            "the wall-box",
            LeadTime::weeks(14),
            &["the voucher must leave"],
        )
        .activity("installation", LeadTime::NONE, &["the wall-box"])
        .activity("delivery of the car", LeadTime::NONE, &["installation"])
        .build()?;
    latest_right_moment(
        &needs,
        "the voucher must leave",
        "delivery of the car",
        delivery,
    )
}

fn what_happened(
    order: NaiveDate,
    voucher_sent: NaiveDate,
    delivery: NaiveDate,
    ready: NaiveDate,
) -> Result<JourneyLog> {
    let charging = Promise::named(CHARGING)
        .by("car maker")
        .due(Due::Day(delivery));
    let car = Promise::named("car")
        .by("car maker")
        .due(Due::Day(delivery));
    let asked = date(2021, 1, 2);
    let rule = Contact::answer().because("the code comes once the leasing company has confirmed");
    let facts = [
        (order, "online order", Fact::PromiseMade(car)),
        (order, "online order", Fact::PromiseMade(charging)),
        (asked, "hotline", Fact::Contact(Contact::chasing())),
        (
            asked,
            "hotline",
            Fact::Contact(rule.passing_to("leasing company")),
        ),
        (voucher_sent, "voucher", Fact::Contact(Contact::unasked())),
        (
            delivery,
            "pick-up",
            Fact::PromiseFulfilled { promise: "car" },
        ),
        (delivery, "pick-up", Fact::FeedbackAsked),
        (
            delivery,
            "pick-up",
            Fact::Feedback(RatingScale::ONE_TO_FIVE.rate(4.0)?),
        ),
        (
            ready,
            "wall-box",
            Fact::PromiseFulfilled { promise: CHARGING },
        ),
    ];
    let mut builder = JourneyLogBuilder::new(Zone::UTC);
    for (day, touchpoint, fact) in facts {
        builder.push(Event::new("customer", noon(day), fact).at_touchpoint(touchpoint))?;
    }
    Ok(builder.build())
}

/// Each day with what happened and how the promise stood, from what was known on that day.
fn tell_days(log: &JourneyLog, days: &[(NaiveDate, &str)]) -> Result<()> {
    for (day, event) in days {
        let ledger = PromiseLedger::of(log.as_of(log.zone().end_of(*day)));
        for record in ledger.named(CHARGING) {
            println!(
                "{day}  {event}\n            {}",
                ledger.state_on(record, *day)?
            );
        }
    }
    Ok(())
}

fn date(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).expect("a day in the calendar")
}

fn noon(day: NaiveDate) -> Timestamp {
    let noon = NaiveTime::from_hms_opt(12, 0, 0).expect("a time of day");
    day.and_time(noon).and_utc().into()
}
