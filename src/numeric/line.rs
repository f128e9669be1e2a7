//! A straight line through counted points.

use super::scatter::Scatter;

/// A fitted straight line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Line {
    /// Points.
    pub(crate) count: u64,
    /// Value at 0.
    pub(crate) intercept: f64,
    /// Change per unit.
    pub(crate) slope: f64,
    /// Pearson correlation.
    pub(crate) correlation: f64,
    /// Standard error of the slope, robust to unequal spread (HC3); `None` where a single point decides the slope.
    pub(crate) slope_error: Option<f64>,
}

/// Least squares through points `(x, y, times)`. `None` below three points, or if x or y does not vary.
///
/// The standard error is HC3 (`MacKinnon` & White 1985): a score between fixed ends cannot spread equally everywhere.
pub(crate) fn fit_line(points: &[(f64, f64, u64)]) -> Option<Line> {
    let scatter = Scatter::of(points);
    let Scatter {
        count,
        x_mean,
        y_mean,
        xx,
        xy,
        yy,
    } = scatter;
    if count < 3 {
        return None;
    }
    let n = count as f64;
    if !(xx > 0.0 && yy > 0.0) {
        return None;
    }
    let slope = xy / xx;
    let mut meat = 0.0;
    for &(x, y, times) in points {
        let dx = x - x_mean;
        let left = 1.0 - 1.0 / n - dx * dx / xx;
        let residual = (y - y_mean - slope * dx) / left;
        if times > 0 && left > LEVERAGE_LEFT {
            meat += times as f64 * dx * dx * residual * residual;
        } else if times > 0 {
            meat = f64::NAN;
        }
    }
    let slope_error = meat.sqrt() / xx;
    Some(Line {
        count,
        intercept: y_mean - slope * x_mean,
        slope,
        correlation: scatter.correlation(),
        slope_error: slope_error.is_finite().then_some(slope_error),
    })
}

/// A point that leaves less than this to all others has its residual forced to 0, and nothing can be said about spread.
const LEVERAGE_LEFT: f64 = 1e-9;

#[cfg(test)]
mod tests {
    use super::fit_line;

    #[test]
    fn counted_points_weigh_as_often_as_they_occur() {
        let counted = fit_line(&[(0.0, 1.0, 2), (1.0, 3.0, 1), (2.0, 3.0, 3)]).unwrap();
        let single = fit_line(&[
            (0.0, 1.0, 1),
            (0.0, 1.0, 1),
            (1.0, 3.0, 1),
            (2.0, 3.0, 1),
            (2.0, 3.0, 1),
            (2.0, 3.0, 1),
        ])
        .unwrap();
        assert!((counted.slope - single.slope).abs() < 1e-15);
        assert!((counted.slope_error.unwrap() - single.slope_error.unwrap()).abs() < 1e-15);
    }

    #[test]
    fn robust_error_follows_its_definition() {
        // By hand: x = -1, 0, 1; y = 0, 3, 3; slope 1.5, residuals -.5, 1, -.5, leverages 5/6, 1/3, 5/6.
        let line = fit_line(&[(-1.0, 0.0, 1), (0.0, 3.0, 1), (1.0, 3.0, 1)]).unwrap();
        assert!((line.slope - 1.5).abs() < 1e-15);
        assert!((line.intercept - 2.0).abs() < 1e-15);
        let expected = (2.0 * 9.0_f64).sqrt() / 2.0;
        assert!((line.slope_error.unwrap() - expected).abs() < 1e-12);
    }

    #[test]
    fn a_line_needs_points_that_differ() {
        assert_eq!(fit_line(&[(1.0, 1.0, 5), (1.0, 2.0, 5)]), None);
        assert_eq!(fit_line(&[(1.0, 1.0, 1), (2.0, 2.0, 1)]), None);
        let lever = fit_line(&[(0.0, 1.0, 1), (0.0, 2.0, 1), (9.0, 4.0, 1)]).unwrap();
        assert_eq!(lever.slope_error, None);
    }
}
