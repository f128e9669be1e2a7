//! How far counted points lie from their middle.

/// Means, and sums of squares and products about them, of points `(x, y, times)`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Scatter {
    /// Points.
    pub(crate) count: u64,
    pub(crate) x_mean: f64,
    pub(crate) y_mean: f64,
    pub(crate) xx: f64,
    pub(crate) xy: f64,
    pub(crate) yy: f64,
}

impl Scatter {
    /// In two passes, so that nothing cancels. Means of no points are NaN.
    pub(crate) fn of(points: &[(f64, f64, u64)]) -> Self {
        let count: u64 = points.iter().map(|&(.., times)| times).sum();
        let mean = |part: fn(&(f64, f64, u64)) -> f64| {
            points
                .iter()
                .map(|point| part(point) * point.2 as f64)
                .sum::<f64>()
                / count as f64
        };
        let (x_mean, y_mean) = (mean(|point| point.0), mean(|point| point.1));
        let (mut xx, mut xy, mut yy) = (0.0, 0.0, 0.0);
        for &(x, y, times) in points {
            let (dx, dy, weight) = (x - x_mean, y - y_mean, times as f64);
            xx += weight * dx * dx;
            xy += weight * dx * dy;
            yy += weight * dy * dy;
        }
        Self {
            count,
            x_mean,
            y_mean,
            xx,
            xy,
            yy,
        }
    }

    /// Pearson's correlation; NaN unless both columns vary.
    pub(crate) fn correlation(&self) -> f64 {
        (self.xy / (self.xx * self.yy).sqrt()).clamp(-1.0, 1.0)
    }
}
