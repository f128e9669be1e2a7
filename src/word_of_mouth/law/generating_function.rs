//! From generating functions to probabilities: by power series where little is enough, else on roots of unity.

use crate::error::Result;
use crate::numeric::{Complex, fill_column, fill_costly_column, fourier_transform};

use super::branching::{Branching, Counting, Place, Steps};
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

/// Roots at which all tellers have to be evaluated before what they bring about is [`GONE`], about: a number with standard deviation
/// s, whose range is 18 s, needs the share 9 / s of its tellers on average.
const PRESENT: f64 = 256.0;

/// Evaluations that finding the range takes, about: four at each place.
const RANGE_EVALUATIONS: f64 = 4.0 * (COARSE + 2 * FINE) as f64;
/// Places from 1e-8 to 100, each twice the last, at which Chernoff's bound is taken first.
const COARSE: usize = 34;
/// Places within a factor of 2 around the best of them; between two of these the bound moves by less than a thousandth.
const FINE: usize = 16;
/// Rows whose evaluation takes so many multiplications are worth a thread each.
const COSTLY: f64 = 5e3;
/// Where |G(z)| has fallen to e to this power, further tellers can only make less of it.
const GONE: f64 = -100.0;

/// Tellers who are alike, and their number.
pub(super) type Tellers<'a> = (Branching<'a>, u64);

/// The law of what is counted over all tellers, each given with his counting, independent of each other, in steps of so
/// many units; `None` if that would take too long.
///
/// The range is chosen by Chernoff's bound, P(X ≥ n) ≤ G(e^t) e^(−tn) for all t > 0 and likewise below, such that at
/// most 1e-17 lies beyond either end. One teller's law over a short range comes from the generating function as a
/// power series, where nothing cancels. Else G is evaluated on the N-th roots of unity and transformed back, which folds
/// what lies outside the range into it (the aliasing, stated as `outside`); the stated rounding is a first-order bound:
/// what each evaluation of G(z) − 1 and its logarithm may err by, and the transform.
pub(super) fn count_law(
    parts: &[(Tellers<'_>, Counting)],
    steps: Steps,
) -> Result<Option<CountLaw>> {
    let work: f64 = parts.iter().map(|((teller, _), _)| teller.work()).sum();
    if work * RANGE_EVALUATIONS > FOURIER_WORK {
        return Ok(None);
    }
    if let [((teller, 1), counting)] = parts
        && let Some(law) = series_law(teller, *counting, steps)
    {
        return Ok(Some(law));
    }
    let Some((lowest, highest)) = range(parts, steps) else {
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
    let length = length.next_power_of_two();
    // A sum of many is gone at most roots; a long step brings it back that often.
    let longest = steps.map(i64::abs).into_iter().max().unwrap_or(1) as f64;
    if work * (length as f64).min(PRESENT * longest) > FOURIER_WORK {
        return Ok(None);
    }
    let law = on_roots_of_unity(parts, steps, lowest, length)?;
    Ok(Some(match parts {
        [((teller, 1), counting)] => with_exact_head(law, teller, *counting, steps),
        _ => law,
    }))
}

/// What one teller's talk counts for.
#[derive(Clone, Debug)]
struct OneWay {
    /// Units and the probability of counting for so many.
    outcomes: Vec<(usize, f64)>,
    downwards: bool,
}

/// All steps that occur, if they go one way.
fn one_way(counting: Counting, steps: Steps) -> Option<OneWay> {
    let counted = || steps.into_iter().zip(counting).filter(|&(_, p)| p > 0.0);
    let downwards = counted().any(|(step, _)| step < 0);
    if downwards && counted().any(|(step, _)| step > 0) {
        return None;
    }
    let units = |step: i64| usize::try_from(step.unsigned_abs()).unwrap_or(usize::MAX);
    let outcomes = counted().map(|(step, chance)| (units(step), chance));
    Some(OneWay {
        outcomes: outcomes.collect(),
        downwards,
    })
}

/// On roots of unity all probabilities err by as much; a power series gives the first ones, among them that of nothing at all,
/// to their own last digits.
fn with_exact_head(
    law: CountLaw,
    teller: &Branching<'_>,
    counting: Counting,
    steps: Steps,
) -> CountLaw {
    let terms = FEWEST_TERMS as f64;
    let far = law.lowest().unsigned_abs() as f64 > LONGEST;
    let Some(way) = one_way(counting, steps) else {
        return law;
    };
    if far || terms * terms * teller.work() > SERIES_WORK {
        return law;
    }
    let head = teller.series(FEWEST_TERMS, &way.outcomes);
    if way.downwards {
        law.mirrored().with_head(&head).mirrored()
    } else {
        law.with_head(&head)
    }
}

/// One teller's law as a power series; `None` if steps go both ways or the series would be long.
fn series_law(teller: &Branching<'_>, counting: Counting, steps: Steps) -> Option<CountLaw> {
    let way = one_way(counting, steps)?;
    let units = steps.map(i64::saturating_abs);
    let longest = way.outcomes.iter().map(|&(units, _)| units).max()?;
    let possible = teller.most_hearers().unwrap_or(f64::INFINITY) * longest as f64;
    // A short series is given whole, so that its end need not be looked for.
    let highest = if possible < FEWEST_TERMS as f64 {
        possible
    } else {
        upper_end(teller, counting, units).min(possible)
    };
    // A series begins at 0.
    let terms = highest.max(0.0) + 1.0;
    let affordable = terms * terms * teller.work() <= SERIES_WORK;
    if !affordable {
        return None;
    }
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "short"
    )]
    let terms = terms as usize;
    let mut series = teller.series(terms.max(FEWEST_TERMS), &way.outcomes);
    let last = series.iter().rposition(|&p| p > 0.0).unwrap_or(0);
    series.truncate(last + 1);
    let rounding = 4.0 * f64::EPSILON * teller.work();
    let law = CountLaw::new(0, series, 2.0 * OUTSIDE, rounding);
    Some(if way.downwards { law.mirrored() } else { law })
}

/// A number beyond which at most [`OUTSIDE`] lies, for one teller and steps upwards: Chernoff's bound (ln G(e^t) + room) / t is
/// quasi-convex in t as ln G(e^t) is convex and 0 at t = 0, so that a walk downhill finds the best place. Any place gives
/// a bound, and one within the terms that cost nothing is good enough. Infinite if no place gives one.
fn upper_end(teller: &Branching<'_>, counting: Counting, units: Steps) -> f64 {
    let longest = units.into_iter().max().unwrap_or(1).max(1) as f64;
    let room = -OUTSIDE.ln();
    // What is not a number is no bound.
    let bound = |t: f64| {
        let above = teller.deviation(Place::real(t, units), counting).re;
        let end = ((above.ln_1p() + room) / t).ceil();
        if end.is_nan() { f64::INFINITY } else { end }
    };
    let enough = (FEWEST_TERMS - 1) as f64;
    let mut place = 1.0 / longest;
    let mut best = bound(place);
    // First by factors of 2 as far as they lead, then by finer ones to both sides.
    for factor in [0.5, 2.0] {
        let least = 1e-8 / longest;
        while best > enough && place > least {
            let next = bound(place * factor);
            // Far out nothing is a bound, further in something is.
            let still_none = factor < 1.0 && next == f64::INFINITY;
            if next >= best && !still_none {
                break;
            }
            (place, best) = (place * factor, next);
        }
    }
    for exponent in [0.5_f64, 0.25, 0.125] {
        for factor in [exponent.exp2(), (-exponent).exp2()] {
            if best > enough {
                let next = bound(place * factor);
                if next < best {
                    (place, best) = (place * factor, next);
                }
            }
        }
    }
    best
}

/// Values of `row` for 0..`length`, each row evaluating the generating function.
fn column<T: Send>(
    parts: &[(Tellers<'_>, Counting)],
    length: usize,
    row: impl Fn(usize) -> Result<T> + Sync,
) -> Result<Vec<T>> {
    let work: f64 = parts.iter().map(|((teller, _), _)| teller.work()).sum();
    if work >= COSTLY {
        fill_costly_column(length, row)
    } else {
        fill_column(length, row)
    }
}

/// ln G(z) over all tellers, and by how much rounding may change it, in units of the rounding of one operation; breaks off
/// where its real part falls below `gone`.
fn log(parts: &[(Tellers<'_>, Counting)], place: Place, gone: f64) -> (Complex, f64) {
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
        if sum.0.re < gone {
            break;
        }
    }
    sum
}

fn on_roots_of_unity(
    parts: &[(Tellers<'_>, Counting)],
    steps: Steps,
    lowest: i64,
    length: usize,
) -> Result<CountLaw> {
    let half = column(parts, length / 2 + 1, |k| {
        // On the circle no |G| exceeds 1, so that what is gone stays gone.
        let (log, operations) = log(parts, Place::on_the_circle(k, length, steps), GONE);
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
        2.0 * OUTSIDE,
        evaluated + 4.0 * f64::EPSILON * stages * size,
    ))
}

/// The range beyond which at most [`OUTSIDE`] lies on either side, within what is possible at all. `None` if it has no
/// end that can be written.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    reason = "a few dozen places"
)]
fn range(parts: &[(Tellers<'_>, Counting)], steps: Steps) -> Option<(f64, f64)> {
    // The longest step in this direction that some hearer takes, by as many hearers as there can be.
    let most = |direction: i64| -> f64 {
        parts
            .iter()
            .map(|((teller, count), counting)| {
                let longest = steps
                    .into_iter()
                    .zip(*counting)
                    .filter(|&(_, chance)| chance > 0.0)
                    .map(|(step, _)| (direction * step).max(0))
                    .max()
                    .unwrap_or(0);
                if longest == 0 {
                    return 0.0;
                }
                let hearers = teller.most_hearers().unwrap_or(f64::INFINITY);
                hearers * longest as f64 * *count as f64
            })
            .sum()
    };
    let (mut highest, mut lowest) = (most(1), -most(-1));
    let longest = steps.map(i64::abs).into_iter().max().unwrap_or(1).max(1) as f64;
    let room = -OUTSIDE.ln();
    // Any place gives a bound. What is not a number, or has no digits left, gives none.
    let bounds = |t: f64| {
        let there = Place::real(-t, steps);
        let (above, _) = log(parts, Place::real(t, steps), f64::NEG_INFINITY);
        let high = ((above.re + room) / t).ceil();
        let low = if reliable(parts, there) {
            let (below, _) = log(parts, there, f64::NEG_INFINITY);
            (-(below.re + room) / t).floor()
        } else {
            f64::NAN
        };
        (high, low)
    };
    let coarse = |k: usize| 1e-8 / longest * 2.0_f64.powi(k as i32);
    let found = column(parts, COARSE, |k| Ok(bounds(coarse(k)))).ok()?;
    let mut best = [0, 0];
    for (k, &(high, low)) in found.iter().enumerate() {
        if high < found[best[0]].0 || found[best[0]].0.is_nan() {
            best[0] = k;
        }
        if low > found[best[1]].1 || found[best[1]].1.is_nan() {
            best[1] = k;
        }
    }
    let fine = |i: usize| {
        let around = (i % FINE) as f64 / FINE as f64 * 2.0 - 1.0;
        coarse(best[i / FINE]) * around.exp2()
    };
    let refined = column(parts, 2 * FINE, |i| Ok(bounds(fine(i)))).ok()?;
    for (high, low) in found.into_iter().chain(refined) {
        if high < highest {
            highest = high;
        }
        if low > lowest {
            lowest = low;
        }
    }
    (highest < 9e15 && lowest > -9e15).then_some((lowest, highest.max(lowest)))
}

/// Whether ln G(z) still has digits: not where G has all but vanished.
fn reliable(parts: &[(Tellers<'_>, Counting)], place: Place) -> bool {
    parts
        .iter()
        .all(|((teller, _), counting)| teller.deviation(place, *counting).re > -0.99)
}
