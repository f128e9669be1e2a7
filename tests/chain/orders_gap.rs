//! Promise and score of 27,540 real orders against the reference facts.
#![cfg(all(feature = "csv", feature = "time-zones"))]

use serde_json::Value;
use tillit::gap::{GapBreakdown, GapLimits, PromiseGap, ReturnRate, WorstBy};
use tillit::journey::JourneyLog;
use tillit::measure::{Merge, Probability, Proportion, RatingScale, SentimentRule};
use tillit::promise::{LatenessRule, PromiseLedger};
use tillit::survey::{AnswerDelay, FeedbackSummary};

use crate::orders::{order_facts, order_log, order_rows};

const STARS: RatingScale = RatingScale::ONE_TO_FIVE;

fn rule() -> SentimentRule {
    SentimentRule::standard(STARS)
}

fn level() -> Probability {
    Probability::new(0.95).unwrap()
}

/// Facts and log, read once for all tests of this file.
fn orders() -> Option<&'static (Value, JourneyLog)> {
    static ORDERS: std::sync::OnceLock<Option<(Value, JourneyLog)>> = std::sync::OnceLock::new();
    ORDERS
        .get_or_init(|| Some((order_facts()?, order_log(&order_rows()?))))
        .as_ref()
}

fn delivery(log: &JourneyLog) -> PromiseGap {
    let view = log.whole();
    PromiseGap::of(view, &PromiseLedger::of(view), "delivery", rule()).unwrap()
}

/// The facts compare the moment of the first purchase with midnight of 2018-03-01, so its last day is 2018-02-28:
/// 184 whole days before the last day observed.
fn returned(log: &JourneyLog) -> ReturnRate {
    let view = log.whole();
    let ledger = PromiseLedger::of(view);
    let last_day = "2018-08-31".parse().unwrap();
    let follow_up = ReturnRate::DEFAULT_FOLLOW_UP_DAYS;
    ReturnRate::of(view, &ledger, "delivery", STARS, last_day, follow_up).unwrap()
}

/// Six decimals, as the facts are rounded.
#[track_caller]
fn same(found: f64, expected: &Value) {
    let expected = expected
        .as_f64()
        .unwrap_or_else(|| panic!("no number among the facts, found {found}"));
    assert!(
        (found - expected).abs() <= 0.500_001e-6,
        "found {found}, expected {expected}"
    );
}

#[track_caller]
fn equal(found: u64, expected: &Value) {
    assert_eq!(Some(found), expected.as_u64());
}

#[test]
fn the_delivery_promise_is_kept_and_missed_as_often_as_the_facts_say() {
    let Some((facts, log)) = orders() else { return };
    let facts = &facts["promise_delivery"];
    let gap = delivery(log);
    let late = gap.late(LatenessRule::EndOfDay);
    let late_naively = gap.late(LatenessRule::StartOfDay);
    equal(gap.fulfilled(), &facts["delivered"]);
    equal(late.successes(), &facts["late_calendar"]);
    same(late.value().unwrap(), &facts["late_share_calendar"]);
    equal(late_naively.successes(), &facts["late_timestamp"]);
    same(
        late_naively.value().unwrap(),
        &facts["late_share_timestamp"],
    );
    equal(gap.on_the_promised_day(), &facts["on_the_promised_day"]);
    let days = gap.gap_days();
    let expected = &facts["gap_days"];
    same(days.moments().mean().unwrap(), &expected["mean"]);
    same(
        days.moments().standard_deviation().unwrap(),
        &expected["sd"],
    );
    same(days.earliest().unwrap(), &expected["min"]);
    same(days.latest().unwrap(), &expected["max"]);
    for (name, share) in [
        ("q05", 0.05),
        ("q25", 0.25),
        ("median", 0.5),
        ("q75", 0.75),
        ("q95", 0.95),
    ] {
        same(days.quantile(share).unwrap(), &expected[name]);
    }
    let late_days = gap.gap_days_when_late(LatenessRule::EndOfDay);
    same(
        late_days.moments().mean().unwrap(),
        &facts["mean_gap_when_late"],
    );
    same(late_days.median().unwrap(), &facts["median_gap_when_late"]);
    same(
        gap.mean_days_to_fulfilment().unwrap(),
        &facts["days_purchase_to_delivery_mean"],
    );
    same(
        gap.mean_days_to_deadline().unwrap(),
        &facts["days_purchase_to_promise_mean"],
    );
}

#[test]
fn the_sellers_promise_to_ship_is_missed_as_often_as_the_facts_say() {
    let Some((facts, log)) = orders() else { return };
    let facts = &facts["promise_ship_by"];
    let view = log.whole();
    let gap = PromiseGap::of(view, &PromiseLedger::of(view), "ship by", rule()).unwrap();
    equal(gap.fulfilled(), &facts["n"]);
    equal(gap.late(LatenessRule::EndOfDay).successes(), &facts["late"]);
    same(
        gap.late(LatenessRule::EndOfDay).value().unwrap(),
        &facts["late_share"],
    );
}

#[test]
fn scores_and_response_are_those_of_the_facts() {
    let Some((facts, log)) = orders() else { return };
    let facts = &facts["score"];
    let said = FeedbackSummary::of(log.whole(), rule()).unwrap();
    let ratings = said.ratings();
    equal(ratings.answered(), &facts["n"]);
    same(
        said.response().of_cases().value().unwrap(),
        &facts["response_share_of_orders"],
    );
    assert_eq!(said.response().without_question(), 202);
    for score in 1..=5_u8 {
        equal(
            ratings.count_of(f64::from(score)),
            &facts["counts"][score.to_string()],
        );
    }
    same(ratings.mean().unwrap(), &facts["mean"]);
    same(ratings.standard_deviation().unwrap(), &facts["sd"]);
    same(ratings.top_two().value().unwrap(), &facts["top2_share"]);
    same(
        ratings.bottom_two().value().unwrap(),
        &facts["bottom2_share"],
    );
    let expected = &facts["nps_like"];
    equal(said.sentiment().promoters(), &expected["promoters"]);
    equal(said.sentiment().passives(), &expected["passives"]);
    equal(said.sentiment().detractors(), &expected["detractors"]);
    same(said.sentiment().points().unwrap(), &expected["nps_like"]);
    assert_eq!(&delivery(log).scores(), ratings);
    let delay = AnswerDelay::of(log.whole());
    same(delay.median().unwrap(), &facts["answer_delay_days_median"]);
}

#[test]
fn late_orders_score_lower_by_both_comparisons() {
    let Some((facts, log)) = orders() else { return };
    let gap = delivery(log);
    for (rule, name) in [
        (LatenessRule::EndOfDay, "score_on_time_vs_late_calendar"),
        (LatenessRule::StartOfDay, "score_on_time_vs_late_timestamp"),
    ] {
        let facts = &facts[name];
        let contrast = gap.contrast(rule, level()).unwrap();
        equal(contrast.on_time().answered(), &facts["n_on_time"]);
        equal(contrast.late().answered(), &facts["n_late"]);
        same(contrast.on_time().mean().unwrap(), &facts["mean_on_time"]);
        same(contrast.late().mean().unwrap(), &facts["mean_late"]);
        same(contrast.difference().value(), &facts["difference"]);
        same(contrast.welch_t().unwrap(), &facts["welch_t"]);
        same(contrast.degrees_of_freedom().unwrap(), &facts["welch_df"]);
        same(contrast.cohen_d().unwrap(), &facts["cohen_d_pooled"]);
        if !facts["nps_like_late"].is_null() {
            let points = contrast.on_time_sentiment().points().unwrap();
            same(points, &facts["nps_like_on_time"]);
            let points = contrast.late_sentiment().points().unwrap();
            same(points, &facts["nps_like_late"]);
        }
    }
}

#[test]
fn the_score_falls_with_lateness_and_hardly_with_earliness() {
    let Some((facts, log)) = orders() else { return };
    let gap = delivery(log);
    let association = gap.association().unwrap();
    let expected = &facts["gap_vs_score"];
    equal(association.count, &expected["n"]);
    same(association.pearson, &expected["pearson"]);
    same(association.spearman, &expected["spearman"]);
    same(association.kendall_tau_b, &expected["kendall_tau_b"]);

    let asymmetry = gap.asymmetry(10);
    for (slope, name) in [
        (asymmetry.early_or_on_day(), "early_or_on_day"),
        (asymmetry.late(), "late_all"),
        (asymmetry.late_and_near(), "late_1_to_10_days"),
    ] {
        let (slope, expected) = (slope.unwrap(), &facts["asymmetry"][name]);
        equal(slope.count(), &expected["n"]);
        same(slope.per_day().value(), &expected["slope_per_day"]);
        same(slope.intercept(), &expected["intercept"]);
        same(slope.correlation(), &expected["r"]);
        assert!(slope.per_day().standard_error().unwrap() > 0.0);
    }
}

#[test]
fn scores_by_gap_fall_from_bucket_to_bucket() {
    let Some((facts, log)) = orders() else { return };
    let gap = delivery(log);
    let buckets = gap.by_bucket(&GapLimits::default(), level()).unwrap();
    let expected = facts["score_by_gap_bucket"].as_object().unwrap();
    assert_eq!(buckets.len(), expected.len());
    for bucket in &buckets {
        let expected = &expected[bucket.label()];
        equal(bucket.scores().answered(), &expected["n"]);
        same(bucket.mean().unwrap().value(), &expected["mean"]);
        same(bucket.share_worst().value().unwrap(), &expected["share_1"]);
        same(bucket.share_best().value().unwrap(), &expected["share_5"]);
    }
    let rated: u64 = buckets
        .iter()
        .map(|bucket| bucket.scores().answered())
        .sum();
    assert_eq!(rated, gap.scores_fulfilled().answered());
    let not_delivered = gap.scores_not_fulfilled();
    equal(not_delivered.answered(), &facts["score_not_delivered"]["n"]);
    same(
        not_delivered.mean().unwrap(),
        &facts["score_not_delivered"]["mean"],
    );
    let asked = &facts["asked_before_delivery"];
    equal(gap.asked_before_fulfilment(), &asked["n"]);
    equal(gap.asked_before_fulfilment_and_late(), &asked["of_late"]);
}

#[test]
fn who_was_served_late_comes_back_more_rarely() {
    let Some((facts, log)) = orders() else { return };
    let facts = &facts["repeat_after_first_delivery"];
    let rate = returned(log);
    let check = |found: Proportion, expected: &Value| {
        equal(found.trials(), &expected["n"]);
        equal(found.successes(), &expected["repeat"]);
        same(found.value().unwrap(), &expected["rate"]);
    };
    check(rate.on_time(), &facts["on_time"]);
    check(rate.late(), &facts["late"]);
    for (score, proportion) in rate.by_score() {
        check(*proportion, &facts["by_score"][score.to_string()]);
    }
    let contrast = rate.contrast(level()).unwrap();
    same(contrast.p_value(), &facts["fisher_exact_two_sided_p"]);
    assert!(contrast.difference().interval().unwrap().low() > 0.0);
    assert!(contrast.late().interval().unwrap().contains(0.003_799));
}

#[test]
fn months_states_and_categories_add_up_and_match_the_facts() {
    let Some((facts, log)) = orders() else { return };
    let view = log.whole();
    let ledger = PromiseLedger::of(view);
    let whole = delivery(log);

    let months = GapBreakdown::by_month_made(view, &ledger, "delivery", rule()).unwrap();
    let by = |name| {
        let segmentation = log.segmentation(name).unwrap();
        GapBreakdown::by_segment(view, &ledger, "delivery", rule(), segmentation).unwrap()
    };
    let (states, categories) = (by("state"), by("category"));
    for breakdown in [&months, &states, &categories] {
        assert_eq!(breakdown.whole(), &whole, "by {}", breakdown.by());
    }
    for (breakdown, block) in [(&months, "by_purchase_month"), (&states, "by_state_top8")] {
        for (label, expected) in facts[block].as_object().unwrap() {
            let gap = breakdown.row(label).unwrap().gap();
            equal(gap.fulfilled(), &expected["delivered"]);
            same(
                gap.late(LatenessRule::EndOfDay).value().unwrap(),
                &expected["late_share"],
            );
            same(
                gap.gap_days().moments().mean().unwrap(),
                &expected["mean_gap"],
            );
            same(
                gap.scores_fulfilled().mean().unwrap(),
                &expected["mean_score"],
            );
        }
    }
    for (label, expected) in facts["by_category_top8"].as_object().unwrap() {
        let gap = categories.row(label).unwrap().gap();
        equal(gap.made(), &expected["orders"]);
        same(gap.scores().mean().unwrap(), &expected["mean_score"]);
        assert_eq!(gap.paid().len(), 1);
        same(gap.paid()[0].major(), &expected["paid_total"]);
    }
    let worst = months.worst_first(WorstBy::LateShare, 100);
    assert_eq!(worst[0].label(), Some("2018-03"));
    let worst = states.worst_first(WorstBy::MeanScore, 500);
    assert!(worst.iter().all(|row| row.gap().fulfilled() >= 500));
    assert_eq!(worst[0].label(), Some("BA"));
    let total = &facts["money"]["paid_total"];
    same(whole.paid()[0].major(), total);
}

#[test]
fn shuffling_and_splitting_the_rows_changes_nothing() {
    let Some(mut rows) = order_rows() else {
        return;
    };
    let Some((_, log)) = orders() else { return };
    let whole = delivery(log);
    // A fixed permutation: orders by id, which is random.
    rows[1..].sort();
    assert_eq!(delivery(&order_log(&rows)), whole);

    let customer = rows[0].iter().position(|name| name == "customer").unwrap();
    let mut pieces: Vec<Vec<Vec<String>>> = vec![vec![rows[0].clone()]; 3];
    for row in &rows[1..] {
        let piece = row[customer].bytes().map(usize::from).sum::<usize>() % 3;
        pieces[piece].push(row.clone());
    }
    let whole_rate = returned(log);
    let mut merged: Option<(PromiseGap, ReturnRate)> = None;
    for piece in &pieces {
        let log = order_log(piece);
        let piece = (delivery(&log), returned(&log));
        match &mut merged {
            None => merged = Some(piece),
            Some((gap, rate)) => {
                gap.merge(&piece.0).unwrap();
                rate.merge(&piece.1).unwrap();
            }
        }
    }
    assert_eq!(merged.unwrap(), (whole, whole_rate));
}
