//! The largest value of a smooth function of a few coordinates within bounds: trust-region Newton.
//!
//! The second derivatives are given, so the step inside the trust region is found exactly from their eigenvalues (Moré
//! and Sorensen 1983); on a plateau or saddle it follows the direction of largest upward curvature to the region's edge.
//! A coordinate that lies on its bound and is pushed outward rests until it is pulled back.

use super::SymmetricMatrix;

/// A function's value, gradient and second derivatives at a point.
#[derive(Clone, Debug)]
pub(crate) struct Derivatives {
    pub(crate) value: f64,
    pub(crate) gradient: Vec<f64>,
    pub(crate) hessian: SymmetricMatrix,
}

/// Where the search ended.
#[derive(Clone, Debug)]
pub(crate) struct Maximum {
    pub(crate) point: Vec<f64>,
    pub(crate) derivatives: Derivatives,
    pub(crate) iterations: usize,
    /// Whether each coordinate rests on a bound.
    pub(crate) at_bound: Vec<bool>,
    /// Whether the gradient vanishes and the function curves down in every direction that is free.
    pub(crate) converged: bool,
}

const MOST_ITERATIONS: usize = 300;
const FIRST_RADIUS: f64 = 1.0;
const LARGEST_RADIUS: f64 = 4.0;
const SMALLEST_RADIUS: f64 = 1e-12;
/// Differences of the function below this share of its value are rounding.
const ROUNDING: f64 = 1e-14;
/// A Newton step shorter than this ends the search; the next one would be far below the last digit.
const LAST_STEP: f64 = 1e-9;

/// Climbs from `start` to the next maximum of `function` within `bounds`.
pub(crate) fn maximise(
    start: &[f64],
    bounds: &[(f64, f64)],
    mut function: impl FnMut(&[f64]) -> Derivatives,
) -> Maximum {
    let inside = |point: &mut [f64]| {
        for (coordinate, &(low, high)) in point.iter_mut().zip(bounds) {
            *coordinate = coordinate.clamp(low, high);
        }
    };
    let mut point = start.to_vec();
    inside(&mut point);
    let mut here = function(&point);
    let mut radius = FIRST_RADIUS;
    let mut iterations = 0;
    let mut converged = false;
    while iterations < MOST_ITERATIONS && radius > SMALLEST_RADIUS && here.value.is_finite() {
        iterations += 1;
        let free = free_coordinates(&point, bounds, &here.gradient);
        if free.is_empty() {
            converged = true;
            break;
        }
        let (step, is_newton) = trusted_step(&here, &free, radius);
        let mut target = point.clone();
        for (&index, length) in free.iter().zip(&step) {
            target[index] += length;
        }
        inside(&mut target);
        let moved: Vec<f64> = target
            .iter()
            .zip(&point)
            .map(|(to, from)| to - from)
            .collect();
        let length = moved.iter().map(|part| part * part).sum::<f64>().sqrt();
        if length == 0.0 {
            converged = is_newton;
            break;
        }
        let slope: f64 = moved.iter().zip(&here.gradient).map(|(m, g)| m * g).sum();
        let promised = slope + 0.5 * here.hessian.quadratic_form(&moved);
        let there = function(&target);
        let gained = there.value - here.value;
        let rounding = ROUNDING * (1.0 + here.value.abs());
        // Where the promise drowns in rounding, values cannot judge a step; the exact derivatives can.
        let drowned = promised.abs() <= 100.0 * rounding && gained.abs() <= 200.0 * rounding;
        let kept =
            there.value.is_finite() && (drowned || (gained > 0.0 && gained >= 1e-4 * promised));
        if kept {
            point = target;
            here = there;
            if is_newton && length < LAST_STEP {
                converged = true;
                break;
            }
            if drowned || gained > 0.75 * promised {
                radius = radius.max(2.0 * length).min(LARGEST_RADIUS);
            } else if gained < 0.25 * promised {
                radius = 0.5 * length;
            }
        } else {
            radius = 0.25 * length;
        }
    }
    let free = free_coordinates(&point, bounds, &here.gradient);
    let at_bound = point
        .iter()
        .zip(bounds)
        .map(|(&coordinate, &(low, high))| coordinate <= low || coordinate >= high)
        .collect();
    converged &= here
        .hessian
        .negated_part(&free)
        .positive_definite_inverse()
        .is_some();
    Maximum {
        point,
        derivatives: here,
        iterations,
        at_bound,
        converged,
    }
}

fn free_coordinates(point: &[f64], bounds: &[(f64, f64)], gradient: &[f64]) -> Vec<usize> {
    (0..point.len())
        .filter(|&index| {
            let (low, high) = bounds[index];
            let resting = (point[index] <= low && gradient[index] <= 0.0)
                || (point[index] >= high && gradient[index] >= 0.0);
            !resting
        })
        .collect()
}

/// The step over the `free` coordinates that gains most in the quadratic model within `radius`, and whether it is
/// Newton's full step.
fn trusted_step(here: &Derivatives, free: &[usize], radius: f64) -> (Vec<f64>, bool) {
    let curvature = here.hessian.negated_part(free).eigen();
    let slopes: Vec<f64> = curvature
        .iter()
        .map(|(_, direction)| {
            free.iter()
                .zip(direction)
                .map(|(&index, part)| here.gradient[index] * part)
                .sum()
        })
        .collect();
    let length_at = |shift: f64| {
        curvature
            .iter()
            .zip(&slopes)
            .map(|((eigenvalue, _), slope)| {
                let along = slope / (eigenvalue + shift);
                along * along
            })
            .sum::<f64>()
            .sqrt()
    };
    let lowest = curvature.first().map_or(0.0, |pair| pair.0);
    let highest = curvature.last().map_or(0.0, |pair| pair.0);
    let scale = highest.abs().max(lowest.abs()).max(f64::MIN_POSITIVE);
    let curves_down = lowest > 1e-13 * scale;
    let is_newton = curves_down && length_at(0.0) <= radius;
    let mut shift = 0.0;
    if !is_newton {
        // Bisection on a logarithmic scale between the shift that makes the model concave and one that is surely
        // long enough; a few digits suffice for the edge of a region that is itself a guess.
        let base = (-lowest).max(0.0);
        let slope_norm = slopes.iter().map(|slope| slope * slope).sum::<f64>().sqrt();
        let mut low = 1e-13 * scale;
        let mut high = (2.0 * slope_norm / radius).max(2.0 * low);
        for _ in 0..60 {
            let middle = (low * high).sqrt();
            if length_at(base + middle) > radius {
                low = middle;
            } else {
                high = middle;
            }
            if high < 1.001 * low {
                break;
            }
        }
        shift = base + high;
    }
    let mut along: Vec<f64> = curvature
        .iter()
        .zip(&slopes)
        .map(|((eigenvalue, _), slope)| slope / (eigenvalue + shift))
        .collect();
    if !is_newton && !curves_down {
        // Nothing pulls towards the most upward direction (a saddle): go there as far as the region allows.
        let rest: f64 = along.iter().skip(1).map(|part| part * part).sum();
        let room = (radius * radius - rest).max(0.0).sqrt();
        if let Some(first) = along.first_mut()
            && first.abs() < 0.9 * room
        {
            *first = room.copysign(if *first == 0.0 { 1.0 } else { *first });
        }
    }
    let mut step = vec![0.0; free.len()];
    for ((_, direction), part) in curvature.iter().zip(&along) {
        for (cell, unit) in step.iter_mut().zip(direction) {
            *cell += part * unit;
        }
    }
    (step, is_newton)
}

#[cfg(test)]
mod tests {
    use super::{Derivatives, maximise};
    use crate::numeric::SymmetricMatrix;

    /// The negative of Rosenbrock's valley, whose maximum 0 lies at (1, 1).
    fn valley(point: &[f64]) -> Derivatives {
        let (x, y) = (point[0], point[1]);
        let bend = y - x * x;
        Derivatives {
            value: -(1.0 - x) * (1.0 - x) - 100.0 * bend * bend,
            gradient: vec![2.0 * (1.0 - x) + 400.0 * x * bend, -200.0 * bend],
            hessian: SymmetricMatrix::from_upper(
                2,
                &[-2.0 + 400.0 * bend - 800.0 * x * x, 400.0 * x, -200.0],
            ),
        }
    }

    #[test]
    fn the_curved_valley_is_climbed_from_everywhere() {
        for start in [
            [-1.2, 1.0],
            [0.0, 0.0],
            [3.0, -8.0],
            [-9.0, 9.0],
            [0.0, 0.005],
        ] {
            let top = maximise(&start, &[(-10.0, 10.0); 2], valley);
            assert!(top.converged, "{start:?} {top:?}");
            assert!(top.point.iter().all(|c| (c - 1.0).abs() < 1e-12), "{top:?}");
        }
    }

    #[test]
    fn a_maximum_on_the_bound_is_found_and_named() {
        let top = maximise(&[-1.0, 0.2], &[(-2.0, 0.5), (-2.0, 2.0)], valley);
        assert!(top.converged);
        assert_eq!(top.at_bound, [true, false]);
        assert!((top.point[1] - 0.25).abs() < 1e-12);
    }
}
