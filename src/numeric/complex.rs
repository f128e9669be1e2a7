//! Complex numbers, with what is needed to stay accurate next to 1.

use std::ops::{Add, Mul};

/// A complex number.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Complex {
    pub(crate) re: f64,
    pub(crate) im: f64,
}

impl Complex {
    pub(crate) const ZERO: Self = Self { re: 0.0, im: 0.0 };
    pub(crate) const ONE: Self = Self { re: 1.0, im: 0.0 };

    pub(crate) fn new(re: f64, im: f64) -> Self {
        Self { re, im }
    }

    /// e^(i angle).
    pub(crate) fn on_the_circle(angle: f64) -> Self {
        let (im, re) = angle.sin_cos();
        Self { re, im }
    }

    pub(crate) fn conjugate(self) -> Self {
        Self::new(self.re, -self.im)
    }

    pub(crate) fn scaled(self, factor: f64) -> Self {
        Self::new(factor * self.re, factor * self.im)
    }

    pub(crate) fn size(self) -> f64 {
        self.re.hypot(self.im)
    }

    /// e^z.
    pub(crate) fn exp(self) -> Self {
        Self::on_the_circle(self.im).scaled(self.re.exp())
    }

    /// e^z − 1, all digits kept for small z.
    pub(crate) fn exp_m1(self) -> Self {
        let half = (0.5 * self.im).sin();
        let stretched = self.re.exp_m1();
        Self::new(
            stretched * self.im.cos() - 2.0 * half * half,
            (stretched + 1.0) * self.im.sin(),
        )
    }

    /// ln(1 + z), all digits kept for small z.
    pub(crate) fn ln_1p(self) -> Self {
        Self::new(
            0.5 * (self.re * (2.0 + self.re) + self.im * self.im).ln_1p(),
            self.im.atan2(1.0 + self.re),
        )
    }

    /// (1 + z)(1 + other) − 1.
    pub(crate) fn compounded(self, other: Self) -> Self {
        self + other + self * other
    }

    /// (1 + z)^power − 1 by repeated squaring.
    pub(crate) fn compounded_times(self, mut power: u64) -> Self {
        let (mut result, mut square) = (Self::ZERO, self);
        while power > 0 {
            if power & 1 == 1 {
                result = result.compounded(square);
            }
            power >>= 1;
            if power > 0 {
                square = square.compounded(square);
            }
        }
        result
    }
}

impl Add for Complex {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self::new(self.re + other.re, self.im + other.im)
    }
}

impl Mul for Complex {
    type Output = Self;

    fn mul(self, other: Self) -> Self {
        Self::new(
            self.re * other.re - self.im * other.im,
            self.re * other.im + self.im * other.re,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::Complex;

    #[test]
    fn deviations_from_one_keep_their_digits() {
        let tiny = Complex::new(-3e-20, 4e-18);
        for (found, expected) in [
            (tiny.exp_m1(), tiny),
            (tiny.ln_1p(), tiny),
            (tiny.compounded_times(1_000_003), tiny.scaled(1_000_003.0)),
        ] {
            assert!((found.im / expected.im - 1.0).abs() < 1e-12, "{found:?}");
        }
        let z = Complex::new(-0.3, 0.8);
        let around = z.ln_1p().scaled(5.0).exp_m1();
        let powered = z.compounded_times(5);
        assert!((around + powered.scaled(-1.0)).size() < 1e-14);
        assert!((z.exp() + z.exp_m1().scaled(-1.0) + Complex::new(-1.0, 0.0)).size() < 1e-15);
    }
}
