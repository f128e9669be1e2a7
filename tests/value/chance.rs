//! Numbers drawn for simulations, the same everywhere.

/// Streams of numbers for simulations (`SplitMix64`, public domain).
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    pub(crate) fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^= bits >> 31;
        ((bits >> 11) as f64 + 0.5) / 9_007_199_254_740_992.0
    }

    pub(crate) fn exponential(&mut self, rate: f64) -> f64 {
        -self.uniform().ln() / rate
    }

    pub(crate) fn normal(&mut self) -> f64 {
        (-2.0 * self.uniform().ln()).sqrt() * (std::f64::consts::TAU * self.uniform()).cos()
    }

    /// Marsaglia and Tsang (2000).
    pub(crate) fn gamma(&mut self, shape: f64, rate: f64) -> f64 {
        if shape < 1.0 {
            let lift = self.uniform().powf(1.0 / shape);
            return lift * self.gamma(shape + 1.0, rate);
        }
        let d = shape - 1.0 / 3.0;
        loop {
            let normal = self.normal();
            let v = (1.0 + normal / (9.0 * d).sqrt()).powi(3);
            if v > 0.0 && self.uniform().ln() < 0.5 * normal * normal + d - d * v + d * v.ln() {
                return d * v / rate;
            }
        }
    }

    /// Beta by Jöhnk's rejection (1964), which serves small parameters.
    pub(crate) fn beta(&mut self, a: f64, b: f64) -> f64 {
        loop {
            let (left, right) = (self.uniform().powf(1.0 / a), self.uniform().powf(1.0 / b));
            if left + right <= 1.0 {
                return left / (left + right);
            }
        }
    }
}
