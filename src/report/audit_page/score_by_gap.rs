//! The picture of the score by the gap.

use crate::audit::{BucketFinding, PromiseFinding, SlopeFinding};
use crate::error::Result;
use crate::report::{Axis, FittedLine, IntervalChart, IntervalPoint, Picture, Unit};

pub(super) fn score_by_gap(promise: &PromiseFinding) -> Result<Picture> {
    let title = format!("Score by gap between “{}” and its day", promise.promise);
    let points = promise
        .score_by_gap_bucket
        .iter()
        .filter_map(|bucket| Some((bucket, bucket.mean.as_ref()?)))
        .map(|(bucket, mean)| IntervalPoint::of(bucket_label(&bucket.bucket), middle(bucket), mean))
        .collect::<Result<Vec<_>>>()?;
    if points.is_empty() {
        return Ok(Picture::without_data(
            title,
            "No case was both carried out and scored.",
        ));
    }
    let mut chart = IntervalChart::over_numbers(
        Axis::new("Days after the promised day", Unit::days(1)),
        Axis::new("Mean score", Unit::plain(2)),
        points,
    )?
    .with_divide(0.0, "← earlier than promised", "later than promised →")?;
    let slope = &promise.asymmetry;
    let line = |name: &str, fit: &SlopeFinding, from: f64, to: f64| {
        FittedLine::new(
            format!(
                "{name}: {} per day",
                Unit::plain(3).write(fit.slope_per_day.value())
            ),
            from,
            to,
            fit.intercept,
            fit.slope_per_day.value(),
        )
    };
    if let Some(early) = &slope.early_or_on_day {
        chart = chart.with_line(line("early", early, -25.0, 0.0)?);
    }
    if let Some(late) = &slope.late_near {
        chart = chart.with_line(line("late", late, 1.0, f64::from(slope.near_days))?);
    }
    Ok(Picture::new(
        title,
        "Mean score with its interval for each bucket of the gap in days, and the two fitted slopes: one while early, one \
         for the first days late.",
        chart,
    ))
}

/// "-21..-15" as "−21 to −15 days", "<=-22" as "up to −22 days".
fn bucket_label(bucket: &str) -> String {
    let words = bucket
        .replace("..", " to ")
        .replace("<=", "up to ")
        .replace(">=", "from ")
        .replace('-', "−");
    let unit = if bucket == "1" { "day" } else { "days" };
    format!("{words} {unit}")
}

/// Where a bucket is drawn: its middle, and a few days beyond the last limit for the open ones.
fn middle(bucket: &BucketFinding) -> f64 {
    const BEYOND: f64 = 4.0;
    let label = bucket.bucket.as_str();
    let number = |text: &str| text.parse::<f64>().unwrap_or_default();
    if let Some(limit) = label.strip_prefix("<=") {
        number(limit) - BEYOND
    } else if let Some(limit) = label.strip_prefix(">=") {
        number(limit) + BEYOND
    } else if let Some((first, last)) = label.split_once("..") {
        f64::midpoint(number(first), number(last))
    } else {
        number(label)
    }
}
