//! The audit of 27,540 real orders against facts that two other programs computed (`endtoend_facts.json`).
//!
//! The orders may not be shipped: they are looked for in `TILLIT_DATA`, then in `../shared/data`; without them the test
//! says so and asserts nothing.
#![cfg(feature = "csv")]

use std::path::{Path, PathBuf};

use serde_json::Value;
use tillit::audit::Audit;
use tillit::read::{Mapping, ReadOptions, read_csv_file};

fn folder(variable: &str, usual: &str) -> PathBuf {
    std::env::var_os(variable).map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join(usual),
        PathBuf::from,
    )
}

/// Where a fact lies in the facts file, and where in the audit.
const FACTS: &[(&str, &str)] = &[
    ("counts.orders", "counts.cases"),
    ("counts.customers", "counts.customers"),
    ("counts.sellers", "counts.segments.seller.groups"),
    ("counts.status", "counts.segments.status.cases"),
    ("counts.first_purchase", "counts.first_purchase"),
    ("counts.last_purchase", "counts.last_purchase"),
    ("counts.missing.approved_at", "source.missing.approved_at"),
    (
        "counts.missing.handed_to_carrier_at",
        "source.missing.handed_to_carrier_at",
    ),
    ("counts.missing.ship_by_at", "source.missing.ship_by_at"),
    ("counts.missing.delivered_at", "source.missing.delivered_at"),
    ("counts.missing.seller_id", "source.missing.seller_id"),
    (
        "counts.missing.product_category",
        "source.missing.product_category",
    ),
    ("counts.missing.items_value", "source.missing.items_value"),
    (
        "counts.missing.freight_value",
        "source.missing.freight_value",
    ),
    ("counts.missing.review_score", "source.missing.review_score"),
    (
        "counts.missing.review_asked_date",
        "source.missing.review_asked_date",
    ),
    (
        "counts.missing.review_answered_at",
        "source.missing.review_answered_at",
    ),
    ("counts.missing.has_comment", "source.missing.has_comment"),
    ("money.paid_total", "money.paid_total"),
    (
        "money.paid_total_excluding_canceled_unavailable",
        "money.paid_total_net_of_refunds",
    ),
    ("money.paid_mean", "money.paid_mean"),
    ("money.paid_median", "money.paid_median"),
    ("money.items_total", "source.totals.items"),
    ("money.freight_total", "source.totals.freight"),
    (
        "money.revenue_per_customer_mean",
        "money.revenue_per_customer_mean",
    ),
    ("money.payment_type", "counts.segments.payment.cases"),
    ("promise_delivery.delivered", "promises.0.fulfilled"),
    ("promise_delivery.late_calendar", "promises.0.late_calendar"),
    (
        "promise_delivery.late_share_calendar",
        "promises.0.late_share_calendar.value",
    ),
    (
        "promise_delivery.late_timestamp",
        "promises.0.late_timestamp",
    ),
    (
        "promise_delivery.late_share_timestamp",
        "promises.0.late_share_timestamp.value",
    ),
    (
        "promise_delivery.on_the_promised_day",
        "promises.0.on_the_promised_day",
    ),
    ("promise_delivery.gap_days", "promises.0.gap_days"),
    (
        "promise_delivery.mean_gap_when_late",
        "promises.0.mean_gap_when_late",
    ),
    (
        "promise_delivery.median_gap_when_late",
        "promises.0.median_gap_when_late",
    ),
    (
        "promise_delivery.days_purchase_to_delivery_mean",
        "promises.0.days_made_to_fulfilled_mean",
    ),
    (
        "promise_delivery.days_purchase_to_promise_mean",
        "promises.0.days_made_to_due_mean",
    ),
    ("promise_ship_by.n", "promises.1.fulfilled"),
    ("promise_ship_by.late", "promises.1.late_timestamp"),
    (
        "promise_ship_by.late_share",
        "promises.1.late_share_timestamp.value",
    ),
    ("score.n", "score.n"),
    (
        "score.response_share_of_orders",
        "score.response_share_of_cases",
    ),
    ("score.counts", "score.counts"),
    ("score.mean", "score.mean.value"),
    ("score.sd", "score.sd"),
    ("score.top2_share", "score.top2_share"),
    ("score.bottom2_share", "score.bottom2_share"),
    (
        "score.answer_delay_days_median",
        "score.answer_delay_days_median",
    ),
    ("score.nps_like.n", "score.nps_like.n"),
    ("score.nps_like.promoters", "score.nps_like.promoters"),
    ("score.nps_like.passives", "score.nps_like.passives"),
    ("score.nps_like.detractors", "score.nps_like.detractors"),
    ("score.nps_like.nps_like", "score.nps_like.nps_like"),
    (
        "score_on_time_vs_late_calendar.n_on_time",
        "promises.0.score_on_time_vs_late_calendar.n_on_time",
    ),
    (
        "score_on_time_vs_late_calendar.n_late",
        "promises.0.score_on_time_vs_late_calendar.n_late",
    ),
    (
        "score_on_time_vs_late_calendar.mean_on_time",
        "promises.0.score_on_time_vs_late_calendar.mean_on_time.value",
    ),
    (
        "score_on_time_vs_late_calendar.mean_late",
        "promises.0.score_on_time_vs_late_calendar.mean_late.value",
    ),
    (
        "score_on_time_vs_late_calendar.difference",
        "promises.0.score_on_time_vs_late_calendar.difference.value",
    ),
    (
        "score_on_time_vs_late_calendar.welch_t",
        "promises.0.score_on_time_vs_late_calendar.welch_t",
    ),
    (
        "score_on_time_vs_late_calendar.welch_df",
        "promises.0.score_on_time_vs_late_calendar.welch_df",
    ),
    (
        "score_on_time_vs_late_calendar.cohen_d_pooled",
        "promises.0.score_on_time_vs_late_calendar.cohen_d_pooled",
    ),
    (
        "score_on_time_vs_late_calendar.nps_like_on_time",
        "promises.0.score_on_time_vs_late_calendar.nps_like_on_time.nps_like",
    ),
    (
        "score_on_time_vs_late_calendar.nps_like_late",
        "promises.0.score_on_time_vs_late_calendar.nps_like_late.nps_like",
    ),
    (
        "score_on_time_vs_late_timestamp.n_on_time",
        "promises.0.score_on_time_vs_late_timestamp.n_on_time",
    ),
    (
        "score_on_time_vs_late_timestamp.n_late",
        "promises.0.score_on_time_vs_late_timestamp.n_late",
    ),
    (
        "score_on_time_vs_late_timestamp.mean_on_time",
        "promises.0.score_on_time_vs_late_timestamp.mean_on_time.value",
    ),
    (
        "score_on_time_vs_late_timestamp.mean_late",
        "promises.0.score_on_time_vs_late_timestamp.mean_late.value",
    ),
    (
        "score_on_time_vs_late_timestamp.difference",
        "promises.0.score_on_time_vs_late_timestamp.difference.value",
    ),
    (
        "score_on_time_vs_late_timestamp.welch_t",
        "promises.0.score_on_time_vs_late_timestamp.welch_t",
    ),
    (
        "score_on_time_vs_late_timestamp.welch_df",
        "promises.0.score_on_time_vs_late_timestamp.welch_df",
    ),
    (
        "score_on_time_vs_late_timestamp.cohen_d_pooled",
        "promises.0.score_on_time_vs_late_timestamp.cohen_d_pooled",
    ),
    ("gap_vs_score.n", "promises.0.gap_vs_score.count"),
    ("gap_vs_score.pearson", "promises.0.gap_vs_score.pearson"),
    ("gap_vs_score.spearman", "promises.0.gap_vs_score.spearman"),
    (
        "gap_vs_score.kendall_tau_b",
        "promises.0.gap_vs_score.kendall_tau_b",
    ),
    (
        "asymmetry.early_or_on_day.n",
        "promises.0.asymmetry.early_or_on_day.n",
    ),
    (
        "asymmetry.early_or_on_day.slope_per_day",
        "promises.0.asymmetry.early_or_on_day.slope_per_day.value",
    ),
    (
        "asymmetry.early_or_on_day.intercept",
        "promises.0.asymmetry.early_or_on_day.intercept",
    ),
    (
        "asymmetry.early_or_on_day.r",
        "promises.0.asymmetry.early_or_on_day.r",
    ),
    (
        "asymmetry.late_1_to_10_days.n",
        "promises.0.asymmetry.late_near.n",
    ),
    (
        "asymmetry.late_1_to_10_days.slope_per_day",
        "promises.0.asymmetry.late_near.slope_per_day.value",
    ),
    (
        "asymmetry.late_1_to_10_days.intercept",
        "promises.0.asymmetry.late_near.intercept",
    ),
    (
        "asymmetry.late_1_to_10_days.r",
        "promises.0.asymmetry.late_near.r",
    ),
    ("asymmetry.late_all.n", "promises.0.asymmetry.late_all.n"),
    (
        "asymmetry.late_all.slope_per_day",
        "promises.0.asymmetry.late_all.slope_per_day.value",
    ),
    (
        "asymmetry.late_all.intercept",
        "promises.0.asymmetry.late_all.intercept",
    ),
    ("asymmetry.late_all.r", "promises.0.asymmetry.late_all.r"),
    (
        "score_not_delivered.n",
        "promises.0.score_not_fulfilled.observations",
    ),
    (
        "score_not_delivered.mean",
        "promises.0.score_not_fulfilled.value",
    ),
    (
        "asked_before_delivery.n",
        "promises.0.asked_before_fulfilled.0",
    ),
    (
        "asked_before_delivery.of_late",
        "promises.0.asked_before_fulfilled.1",
    ),
    ("orders_per_customer", "counts.cases_per_customer"),
    ("rfm.n", "rfm.n"),
    ("rfm.observation_end", "rfm.observation_end"),
    ("rfm.purchase_days", "rfm.purchase_days"),
    ("rfm.x_counts", "rfm.x_counts"),
    ("rfm.mean_x", "rfm.mean_x"),
    ("rfm.repeaters", "rfm.repeaters"),
    ("rfm.share_repeaters", "rfm.share_repeaters"),
    ("rfm.mean_t_x", "rfm.mean_t_x"),
    ("rfm.mean_t_x_repeaters", "rfm.mean_t_x_repeaters"),
    ("rfm.mean_T", "rfm.mean_T"),
    ("rfm.var_x", "rfm.var_x"),
    (
        "rfm.mean_spend_per_purchase_day",
        "rfm.mean_spend_per_purchase_day",
    ),
    (
        "rfm.mean_repeat_spend_repeaters",
        "rfm.mean_repeat_spend_repeaters",
    ),
    ("rfm.median_days_to_second", "rfm.median_days_to_second"),
    ("rfm.total_spend", "rfm.total_spend"),
    (
        "repeat_after_first_delivery.on_time.n",
        "promises.0.return_after_first.on_time.observations",
    ),
    (
        "repeat_after_first_delivery.on_time.repeat",
        "promises.0.return_after_first.on_time_repeat",
    ),
    (
        "repeat_after_first_delivery.on_time.rate",
        "promises.0.return_after_first.on_time.value",
    ),
    (
        "repeat_after_first_delivery.late.n",
        "promises.0.return_after_first.late.observations",
    ),
    (
        "repeat_after_first_delivery.late.repeat",
        "promises.0.return_after_first.late_repeat",
    ),
    (
        "repeat_after_first_delivery.late.rate",
        "promises.0.return_after_first.late.value",
    ),
    (
        "repeat_after_first_delivery.by_score.1.n",
        "promises.0.return_after_first.by_score.1.0",
    ),
    (
        "repeat_after_first_delivery.by_score.1.repeat",
        "promises.0.return_after_first.by_score.1.1",
    ),
    (
        "repeat_after_first_delivery.by_score.5.n",
        "promises.0.return_after_first.by_score.5.0",
    ),
    (
        "repeat_after_first_delivery.by_score.5.repeat",
        "promises.0.return_after_first.by_score.5.1",
    ),
    (
        "repeat_after_first_delivery.fisher_exact_two_sided_p",
        "promises.0.return_after_first.fisher_exact_two_sided_p",
    ),
];

fn at<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    path.split('.').try_fold(value, |value, step| match value {
        Value::Array(items) => items.get(step.parse::<usize>().ok()?),
        other => other.get(step),
    })
}

/// A number, also one that is written with its currency.
fn number(value: &Value) -> Option<f64> {
    value
        .as_f64()
        .or_else(|| value.as_str()?.split_whitespace().next()?.parse().ok())
}

/// The facts are rounded to six decimals. Maps are compared key by key.
fn agree(fact: &Value, found: &Value) -> bool {
    match fact {
        Value::Object(parts) => parts
            .iter()
            .all(|(key, part)| found.get(key).is_some_and(|found| agree(part, found))),
        Value::Number(_) => match (fact.as_f64(), number(found)) {
            (Some(fact), Some(found)) => (fact - found).abs() <= 0.500_001e-6,
            _ => false,
        },
        text => text == found,
    }
}

#[test]
fn the_audit_of_real_orders_reproduces_the_published_facts() {
    let orders = folder("TILLIT_DATA", "../shared/data").join("endtoend-orders.csv.gz");
    let facts = folder("TILLIT_REFERENCE", "../shared/reference").join("endtoend_facts.json");
    if !orders.exists() || !facts.exists() {
        println!(
            "skipped: {} or {} is not here",
            orders.display(),
            facts.display()
        );
        return;
    }
    let mapping =
        Mapping::from_file(Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/data/olist.toml"))
            .unwrap();
    let reading = read_csv_file(&orders, &mapping, ReadOptions::new()).unwrap();
    assert_eq!((reading.rows_in(), reading.rows_kept()), (27_540, 27_540));
    let audit = Audit::of(reading.log().as_of_last_day(), &mapping.audit_options()).unwrap();
    let audit = serde_json::to_value(audit.with_source(reading.source(&mapping))).unwrap();
    let facts: Value = serde_json::from_str(&std::fs::read_to_string(facts).unwrap()).unwrap();
    assert_eq!(at(&audit, "promises.0.promise").unwrap(), "delivery");
    assert_eq!(at(&audit, "promises.1.promise").unwrap(), "ship_by");

    let wrong: Vec<String> = FACTS
        .iter()
        .filter_map(|(fact_path, found_path)| {
            let fact = at(&facts, fact_path).unwrap_or_else(|| panic!("no fact {fact_path}"));
            let found = at(&audit, found_path).unwrap_or(&Value::Null);
            (!agree(fact, found)).then(|| format!("{fact_path}: {fact} but found {found}"))
        })
        .collect();
    assert!(
        wrong.is_empty(),
        "{} of {} facts differ:\n{}",
        wrong.len(),
        FACTS.len(),
        wrong.join("\n")
    );

    buckets_agree(&facts, &audit);
    months_agree(&facts, &audit);
    assert!(
        audit["worth"]["model_refused"]
            .as_str()
            .unwrap()
            .contains("BG/NBD"),
        "1 % repeaters carry no model"
    );
}

fn buckets_agree(facts: &Value, audit: &Value) {
    let buckets = audit["promises"][0]["score_by_gap_bucket"]
        .as_array()
        .unwrap();
    let facts = facts["score_by_gap_bucket"].as_object().unwrap();
    assert_eq!(buckets.len(), facts.len());
    for bucket in buckets {
        let fact = &facts[bucket["bucket"].as_str().unwrap()];
        assert!(agree(&fact["n"], &bucket["n"]), "{bucket} {fact}");
        assert!(
            agree(&fact["mean"], &bucket["mean"]["value"]),
            "{bucket} {fact}"
        );
        assert!(
            agree(&fact["share_1"], &bucket["share_worst"]),
            "{bucket} {fact}"
        );
        assert!(
            agree(&fact["share_5"], &bucket["share_best"]),
            "{bucket} {fact}"
        );
    }
}

fn months_agree(facts: &Value, audit: &Value) {
    let months = audit["promises"][0]["by_month"].as_array().unwrap();
    for (month, fact) in facts["by_purchase_month"].as_object().unwrap() {
        let found = months
            .iter()
            .find(|row| row["label"] == month.as_str())
            .unwrap();
        assert!(
            agree(&fact["delivered"], &found["fulfilled"]),
            "{month} {found} {fact}"
        );
        assert!(
            agree(&fact["late_share"], &found["late_share"]["value"]),
            "{month} {found} {fact}"
        );
        assert!(
            agree(&fact["mean_gap"], &found["mean_gap"]),
            "{month} {found} {fact}"
        );
        assert!(
            agree(&fact["mean_score"], &found["mean_score"]["value"]),
            "{month} {found} {fact}"
        );
    }
}
