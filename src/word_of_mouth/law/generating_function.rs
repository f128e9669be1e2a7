//! From generating functions to probabilities: by power series where little is enough, else on roots of unity.

use std::f64::consts::TAU;

use crate::error::Result;
use crate::numeric::{Complex, fill_column, fourier_transform};

use super::branching::{Branching, Counting, Place};
use super::count_law::CountLaw;

/// What may lie outside the range computed, on either side.
const OUTSIDE: f64 = 1e-17;
/// Longest range computed.
const LONGEST: f64 = 2_097_152.0;
/// Most multiplications of a power series: it keeps small probabilities to the last digit, but costs length².
const SERIES_WORK: f64 = 3e8;
/// Terms that cost nothing: few enough to give them beyond the range too.
const FEWEST_TERMS: usize = 64;
/// Most complex multiplications on roots of unity: some seconds.
const FOURIER_WORK: f64 = 4e9;

/// Evaluations that finding the range takes, about.
const RANGE_EVALUATIONS: f64 = 660.0;

/// Tellers who are alike, and their number.
pub(super) type Tellers<'a> = (Branching<'a>, u64);

/// The law of what is counted over all tellers, each given with his counting, independent of each other; `None` if
/// that would take too long.
///
/// The range is chosen by Chernoff's bound, P(X ≥ n) ≤ G(e^t) e^(−tn) for all t > 0 and likewise below, such that at
/// most 1e-17 lies beyond either end. One teller's law over a short range comes from the generating function as a
/// power series, where nothing cancels. Else G is evaluated on the N-th roots of unity and transformed back, which folds
/// what lies outside the range into it (the aliasing, stated as `outside`); the stated rounding is a first-order bound:
/// what each evaluation of G(z) − 1 and its logarithm may err by, and the transform.
pub(super) fn count_law(parts: &[(Tellers<'_>, Counting)]) -> Result<Option<CountLaw>> {
    let work: f64 = parts.iter().map(|((teller, _), _)| teller.work()).sum();
    if work * RANGE_EVALUATIONS > FOURIER_WORK {
        return Ok(None);
    }
    let Some((lowest, highest)) = range(parts) else {
        return Ok(None);
    };
    let length = highest - lowest + 1.0;
    if length > LONGEST {
        return Ok(None);
    }
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "lengths up to two million; ends of the range below 2^53"
    )]
    let (length, lowest) = (length as usize, lowest as i64);
    let outside = 2.0 * OUTSIDE;
    if let [((teller, 1), counting)] = parts {
        let up_only = counting.down == 0.0;
        // A series begins at 0.
        let terms = if up_only { highest } else { -(lowest as f64) } + 1.0;
        let affordable = terms * terms * teller.work() <= SERIES_WORK;
        if affordable && (up_only || counting.up == 0.0) {
            #[allow(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "short"
            )]
            let terms = terms as usize;
            let mut series = teller.series(terms.max(FEWEST_TERMS), counting.up + counting.down);
            let last = series.iter().rposition(|&p| p > 0.0).unwrap_or(0);
            series.truncate(last + 1);
            let rounding = 4.0 * f64::EPSILON * teller.work();
            let law = CountLaw::new(0, series, outside, rounding);
            return Ok(Some(if up_only { law } else { law.mirrored() }));
        }
    }
    let length = length.next_power_of_two();
    if work * length as f64 > FOURIER_WORK {
        return Ok(None);
    }
    on_roots_of_unity(parts, lowest, length, outside).map(Some)
}

/// ln G(z) over all tellers, and by how much rounding may change it, in units of the rounding of one operation.
fn log(parts: &[(Tellers<'_>, Counting)], place: Place) -> (Complex, f64) {
    let mut sum = (Complex::ZERO, 0.0);
    for ((teller, count), counting) in parts {
        let deviation = teller.deviation(place, *counting);
        let count = *count as f64;
        let steps = 8.0 + 4.0 * f64::from(teller.depth().min(100));
        let one = deviation + Complex::ONE;
        // The relative error of G − 1, carried through the logarithm; where G vanishes the logarithm does not count.
        let error = deviation.size() / one.size().max(f64::MIN_POSITIVE);
        sum.0 = sum.0 + deviation.ln_1p().scaled(count);
        sum.1 += count * steps * error;
    }
    sum
}

fn on_roots_of_unity(
    parts: &[(Tellers<'_>, Counting)],
    lowest: i64,
    length: usize,
    outside: f64,
) -> Result<CountLaw> {
    let root = |k: usize| TAU * (k as f64 / length as f64);
    let half = fill_column(length / 2 + 1, |k| {
        let (log, operations) = log(parts, Place::on_the_circle(root(k)));
        let value = log.exp();
        let error = value.size() * f64::EPSILON * (4.0 + operations);
        Ok((value, error.min(2.0)))
    })?;
    let mut values: Vec<Complex> = (0..length)
        .map(|k| {
            if k <= length / 2 {
                half[k].0
            } else {
                half[length - k].0.conjugate()
            }
        })
        .collect();
    let share = |sum: f64| 2.0 * sum / length as f64;
    let evaluated = share(half.iter().map(|(_, error)| error).sum());
    let size = share(half.iter().map(|(value, _)| value.size()).sum());
    let stages = f64::from(length.trailing_zeros());
    fourier_transform(&mut values);
    // The lowest number stands where its remainder modulo N is.
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_possible_wrap,
        clippy::cast_sign_loss,
        reason = "a length up to two million, and a remainder from 0 to that"
    )]
    let first = lowest.rem_euclid(length as i64) as usize;
    values.rotate_left(first);
    let probabilities = values.iter().map(|value| value.re / length as f64);
    Ok(CountLaw::new(
        lowest,
        probabilities.collect(),
        outside,
        evaluated + 4.0 * f64::EPSILON * stages * size,
    ))
}

/// The range beyond which at most [`OUTSIDE`] lies on either side, within what is possible at all. `None` if it has no
/// end that can be written.
fn range(parts: &[(Tellers<'_>, Counting)]) -> Option<(f64, f64)> {
    let most = |counts: &dyn Fn(&Counting) -> bool| -> f64 {
        parts
            .iter()
            .filter(|(_, counting)| counts(counting))
            .map(|((teller, count), _)| {
                teller.most_hearers().unwrap_or(f64::INFINITY) * *count as f64
            })
            .sum()
    };
    let mut highest = most(&|counting| counting.up > 0.0);
    let mut lowest = -most(&|counting| counting.down > 0.0);
    let room = -OUTSIDE.ln();
    let mut t = 1e-8;
    while t < 100.0 {
        let (above, _) = log(parts, Place::real(t));
        let (below, _) = log(parts, Place::real(-t));
        // Written so that what is not a number changes nothing.
        let high = ((above.re + room) / t).ceil();
        if high < highest {
            highest = high;
        }
        let low = (-(below.re + room) / t).floor();
        if low > lowest && reliable(parts, -t) {
            lowest = low;
        }
        t *= 1.15;
    }
    (highest < 9e15 && lowest > -9e15).then_some((lowest, highest.max(lowest)))
}

/// Whether ln G(e^t) still has digits: not where G has all but vanished.
fn reliable(parts: &[(Tellers<'_>, Counting)], t: f64) -> bool {
    parts
        .iter()
        .all(|((teller, _), counting)| teller.deviation(Place::real(t), *counting).re > -0.99)
}
