//! The rising factorial b (b + 1) … (b + n − 1) for growing n, with its derivatives.

use super::{digamma, ln_gamma_ratio, trigamma};

/// The logarithm of a rising factorial and its first two derivatives in the base, advanced from one n to a larger one.
///
/// Sums of single terms keep all digits where differences of digamma functions would cancel (large bases).
#[derive(Clone, Copy, Debug)]
pub(crate) struct RisingFactorial {
    base: f64,
    reached: u32,
    ln: f64,
    first: f64,
    second: f64,
}

impl RisingFactorial {
    /// The empty product over `base` > 0.
    pub(crate) fn new(base: f64) -> Self {
        Self {
            base,
            reached: 0,
            ln: 0.0,
            first: 0.0,
            second: 0.0,
        }
    }

    /// Multiplies on up to n = `count`, which must not be smaller than before.
    pub(crate) fn advance_to(&mut self, count: u32) {
        /// Further than this the special functions are cheaper than the terms, and large enough not to cancel.
        const LONGEST_WALK: u32 = 256;
        /// Factors multiplied before a logarithm is taken; eight doubles below 1e38 cannot overflow.
        const BLOCK: u32 = 8;
        if count - self.reached > LONGEST_WALK {
            let from = self.base + f64::from(self.reached);
            let to = self.base + f64::from(count);
            self.ln += ln_gamma_ratio(from, f64::from(count - self.reached));
            self.first += digamma(to) - digamma(from);
            self.second += trigamma(to) - trigamma(from);
            self.reached = count;
            return;
        }
        while self.reached < count {
            let block = BLOCK.min(count - self.reached);
            let mut product = 1.0;
            for index in self.reached..self.reached + block {
                let factor = self.base + f64::from(index);
                let inverse = 1.0 / factor;
                product *= factor;
                self.first += inverse;
                self.second -= inverse * inverse;
            }
            self.ln += product.ln();
            self.reached += block;
        }
    }

    /// ln Γ(b + n) − ln Γ(b).
    pub(crate) fn ln(&self) -> f64 {
        self.ln
    }

    /// Derivative of [`Self::ln`] in b.
    pub(crate) fn first(&self) -> f64 {
        self.first
    }

    /// Second derivative of [`Self::ln`] in b.
    pub(crate) fn second(&self) -> f64 {
        self.second
    }
}

#[cfg(test)]
mod tests {
    use super::RisingFactorial;
    use crate::numeric::{digamma, ln_gamma_ratio, trigamma};

    #[test]
    fn walking_and_jumping_agree() {
        for base in [1e-3, 0.7, 12.0, 4e4] {
            let mut walked = RisingFactorial::new(base);
            for count in [0, 1, 5, 40, 200, 900] {
                walked.advance_to(count);
                let n = f64::from(count);
                let ln = ln_gamma_ratio(base, n);
                assert!((walked.ln() - ln).abs() <= 1e-13 * (1.0 + ln.abs()));
                let first = digamma(base + n) - digamma(base);
                assert!((walked.first() - first).abs() <= 1e-12 * (1.0 + first.abs()));
                let second = trigamma(base + n) - trigamma(base);
                assert!((walked.second() - second).abs() <= 1e-12 * (1.0 + second.abs()));
            }
        }
    }
}
