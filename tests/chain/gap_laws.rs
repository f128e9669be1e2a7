//! What must hold for every log: segments add up, order of arrival does not matter, pieces merge into the whole.

use chrono::{Days, NaiveDate};
use proptest::prelude::*;
use tillit::gap::{ExpectationTable, GapBreakdown, GapLimits, PromiseGap, ReturnRate};
use tillit::journey::{Due, Event, Fact, JourneyLog, JourneyLogBuilder, Promise};
use tillit::measure::{
    Currency, Merge, Money, Probability, RatingScale, SentimentRule, Span, Timestamp, Zone,
};
use tillit::promise::{LatenessRule, PromiseLedger};
use tillit::survey::FeedbackSummary;

const STARS: RatingScale = RatingScale::ONE_TO_FIVE;

/// One order: customer, day bought, days to the deadline, days to delivery (never, if none), stars, region, asked.
type Order = (u8, u16, u8, Option<u8>, Option<u8>, u8, bool);

fn orders() -> impl Strategy<Value = Vec<Order>> {
    prop::collection::vec(
        (
            0..6_u8,
            0..300_u16,
            1..20_u8,
            prop::option::weighted(0.9, 0..40_u8),
            prop::option::weighted(0.8, 1..=5_u8),
            0..4_u8,
            any::<bool>(),
        ),
        1..60,
    )
}

fn rule() -> SentimentRule {
    SentimentRule::standard(STARS)
}

/// The orders as a log. Every order's key is its place in the list, so subsets can be logged alone.
fn log_of<'a>(orders: impl Iterator<Item = (usize, &'a Order)>) -> JourneyLog {
    let mut builder = JourneyLogBuilder::new(Zone::UTC);
    let start = Timestamp::parse("2019-01-01T08:00:00Z").unwrap();
    let first_day = NaiveDate::from_ymd_opt(2019, 1, 1).unwrap();
    let euro = Currency::new("EUR").unwrap();
    for (key, &(customer, bought, window, taken, stars, region, asked)) in orders {
        let (customer, case) = (format!("c{customer}"), format!("o{key}"));
        let after = |days: u64| start.after(Span::from_days(days as f64).unwrap());
        let bought = u64::from(bought);
        let due = Due::Day(first_day + Days::new(bought + u64::from(window)));
        let mut push = |at: Timestamp, fact: Fact<'_>| {
            let event = Event::new(&customer, at, fact);
            builder
                .push(event.in_case(&case).at_touchpoint("delivery"))
                .unwrap();
        };
        push(
            after(bought),
            Fact::Purchase(Money::from_minor(1_000, euro)),
        );
        push(
            after(bought),
            Fact::PromiseMade(Promise::named("delivery").due(due)),
        );
        push(
            after(bought),
            Fact::ExpectationStated(STARS.rate(4.0).unwrap()),
        );
        if let Some(taken) = taken {
            let at = after(bought + u64::from(taken));
            push(
                at,
                Fact::PromiseFulfilled {
                    promise: "delivery",
                },
            );
        }
        if asked {
            push(after(bought + 15), Fact::FeedbackAsked);
        }
        if let Some(stars) = stars {
            push(
                after(bought + 16),
                Fact::Feedback(STARS.rate(f64::from(stars)).unwrap()),
            );
        }
        if region > 0 {
            builder
                .segment(
                    &customer,
                    &case,
                    "region",
                    ["", "north", "south", "west"][region as usize],
                )
                .unwrap();
        }
    }
    builder.build()
}

fn gap_of(log: &JourneyLog) -> PromiseGap {
    let view = log.whole();
    PromiseGap::of(view, &PromiseLedger::of(view), "delivery", rule()).unwrap()
}

fn return_of(log: &JourneyLog) -> ReturnRate {
    let view = log.whole();
    let last_day = NaiveDate::from_ymd_opt(2019, 12, 31).unwrap();
    ReturnRate::of(
        view,
        &PromiseLedger::of(view),
        "delivery",
        STARS,
        last_day,
        90,
    )
    .unwrap()
}

proptest! {
    #[test]
    fn segments_add_up_to_the_whole(orders in orders()) {
        let log = log_of(orders.iter().enumerate());
        let view = log.whole();
        let whole = gap_of(&log);
        let said = FeedbackSummary::of(view, rule()).unwrap();
        if let Some(regions) = log.segmentation("region") {
            let ledger = PromiseLedger::of(view);
            let rows = GapBreakdown::by_segment(view, &ledger, "delivery", rule(), regions).unwrap();
            prop_assert_eq!(rows.whole(), &whole);
            let mut sum = FeedbackSummary::empty(rule());
            for (_, part) in FeedbackSummary::by_segment(view, rule(), regions).unwrap() {
                sum.merge(&part).unwrap();
            }
            prop_assert_eq!(&sum, &said);
            let table = ExpectationTable::by_segment(view, regions).unwrap();
            let pairs: u64 = table.rows().iter().map(|row| row.gap().pairs()).sum();
            prop_assert_eq!(pairs, said.ratings().answered());
            prop_assert_eq!(table.whole().pairs(), pairs);
        }
        prop_assert_eq!(said.response().cases(), orders.len() as u64);
        prop_assert_eq!(&whole.scores(), said.ratings());
        prop_assert_eq!(
            whole.fulfilled() + whole.not_fulfilled(),
            orders.len() as u64
        );
        let level = Probability::new(0.9).unwrap();
        let bucketed: u64 = whole
            .by_bucket(&GapLimits::default(), level)
            .unwrap()
            .iter()
            .map(|bucket| bucket.scores().answered())
            .sum();
        prop_assert_eq!(bucketed, whole.scores_fulfilled().answered());
    }

    #[test]
    fn order_of_arrival_changes_nothing(orders in orders()) {
        let forward = log_of(orders.iter().enumerate());
        let mut backward: Vec<_> = orders.iter().enumerate().collect();
        backward.reverse();
        let backward = log_of(backward.into_iter());
        prop_assert_eq!(gap_of(&forward), gap_of(&backward));
        let summary = |log: &JourneyLog| FeedbackSummary::of(log.whole(), rule()).unwrap();
        prop_assert_eq!(summary(&forward), summary(&backward));
    }

    #[test]
    fn pieces_by_customer_merge_into_the_whole(orders in orders(), cut in 0..6_u8) {
        let whole = log_of(orders.iter().enumerate());
        let piece = |below: bool| {
            log_of(orders.iter().enumerate().filter(move |(_, order)| (order.0 < cut) == below))
        };
        let (left, right) = (piece(true), piece(false));
        let mut gap = gap_of(&left);
        gap.merge(&gap_of(&right)).unwrap();
        prop_assert_eq!(gap, gap_of(&whole));
        let mut rate = return_of(&left);
        rate.merge(&return_of(&right)).unwrap();
        prop_assert_eq!(rate, return_of(&whole));
        let table = |log: &JourneyLog| *ExpectationTable::by_touchpoint(log.whole()).unwrap().whole();
        let mut merged = table(&left);
        merged.merge(&table(&right)).unwrap();
        let one_pass = table(&whole);
        prop_assert_eq!(merged.pairs(), one_pass.pairs());
        prop_assert_eq!(merged.asked(), one_pass.asked());
        let level = Probability::new(0.95).unwrap();
        if one_pass.pairs() > 0 {
            let (found, expected) = (merged.gap(level).unwrap(), one_pass.gap(level).unwrap());
            prop_assert!((found.value() - expected.value()).abs() < 1e-12);
        }
    }
}

#[test]
fn a_view_and_the_ledger_of_another_moment_are_not_joined() {
    let orders = [(0, 1, 5, Some(9), Some(2), 1, true)];
    let log = log_of(orders.iter().enumerate());
    let ledger = PromiseLedger::of(log.whole());
    let earlier = log.as_of(Timestamp::parse("2019-01-05T00:00:00Z").unwrap());
    assert!(PromiseGap::of(earlier, &ledger, "delivery", rule()).is_err());
}

#[test]
fn gaps_of_different_promises_do_not_merge() {
    let mut delivery = PromiseGap::empty("delivery", rule());
    let answer = PromiseGap::empty("answer", rule());
    let before = delivery.clone();
    assert!(delivery.merge(&answer).is_err());
    assert_eq!(delivery, before);
}

#[test]
fn a_promise_that_nobody_made_has_no_figures_and_no_panic() {
    let orders = [(0, 1, 5, Some(9), Some(2), 1, true)];
    let log = log_of(orders.iter().enumerate());
    let view = log.whole();
    let gap = PromiseGap::of(view, &PromiseLedger::of(view), "no such promise", rule()).unwrap();
    let level = Probability::new(0.95).unwrap();
    assert_eq!(gap.made(), 0);
    assert_eq!(gap.late(LatenessRule::EndOfDay).value(), None);
    assert_eq!(gap.gap_days().median(), None);
    assert_eq!(gap.association(), None);
    assert_eq!(gap.asymmetry(10).late(), None);
    assert!(gap.contrast(LatenessRule::EndOfDay, level).is_err());
    assert!(
        gap.by_bucket(&GapLimits::default(), level)
            .unwrap()
            .iter()
            .all(|bucket| bucket.mean().is_none())
    );
}
