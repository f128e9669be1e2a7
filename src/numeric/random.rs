//! Random numbers that depend on nothing but a seed, a stream number and how many were drawn before.
//!
//! The generator is Philox4x32-10: a keyed bijection of a 128-bit counter (Salmon, Moraes, Dror & Shaw 2011,
//! "Parallel random numbers: as easy as 1, 2, 3", SC '11). Streams with different numbers never overlap, so each
//! customer or each chunk of a simulation can have its own, and the result does not depend on who runs when.

use statrs::function::gamma::ln_gamma;

const MULTIPLIERS: [u32; 2] = [0xD251_1F53, 0xCD9E_8D57];
/// Golden ratio and √3 − 1 as fractions of 2³².
const KEY_STEPS: [u32; 2] = [0x9E37_79B9, 0xBB67_AE85];
const ROUNDS: usize = 10;

/// Philox4x32-10 of one counter under one key.
fn philox(mut counter: [u32; 4], mut key: [u32; 2]) -> [u32; 4] {
    let product = |factor: u32, word: u32| {
        let wide = u64::from(factor) * u64::from(word);
        (high_half(wide), low_half(wide))
    };
    for _ in 0..ROUNDS {
        let (high_0, low_0) = product(MULTIPLIERS[0], counter[0]);
        let (high_1, low_1) = product(MULTIPLIERS[1], counter[2]);
        counter = [
            high_1 ^ counter[1] ^ key[0],
            low_1,
            high_0 ^ counter[3] ^ key[1],
            low_0,
        ];
        key[0] = key[0].wrapping_add(KEY_STEPS[0]);
        key[1] = key[1].wrapping_add(KEY_STEPS[1]);
    }
    counter
}

#[allow(clippy::cast_possible_truncation)] // The low half is what is asked for.
fn low_half(wide: u64) -> u32 {
    wide as u32
}

fn high_half(wide: u64) -> u32 {
    low_half(wide >> 32)
}

/// One stream of random numbers.
///
/// Parameters of the distributions are the caller's to check: shapes, means and rates are positive and finite,
/// probabilities lie above 0 and at most at 1.
#[derive(Clone, Debug)]
pub(crate) struct RandomStream {
    key: [u32; 2],
    stream: u64,
    blocks_drawn: u64,
    /// The second half of the block drawn last.
    kept: Option<u64>,
    /// The second of a pair of normal deviates.
    kept_normal: Option<f64>,
}

impl RandomStream {
    /// The stream with number `stream` among those of `seed`.
    pub(crate) fn new(seed: u64, stream: u64) -> Self {
        Self {
            key: [low_half(seed), high_half(seed)],
            stream,
            blocks_drawn: 0,
            kept: None,
            kept_normal: None,
        }
    }

    /// 64 random bits.
    pub(crate) fn bits(&mut self) -> u64 {
        if let Some(bits) = self.kept.take() {
            return bits;
        }
        let counter = [
            low_half(self.blocks_drawn),
            high_half(self.blocks_drawn),
            low_half(self.stream),
            high_half(self.stream),
        ];
        self.blocks_drawn = self.blocks_drawn.wrapping_add(1);
        let [a, b, c, d] = philox(counter, self.key).map(u64::from);
        self.kept = Some(d << 32 | c);
        b << 32 | a
    }

    /// Uniform on the open interval from 0 to 1: a multiple of 2⁻⁵³, never 0 and never 1, so that its logarithm and
    /// that of its complement exist.
    pub(crate) fn uniform(&mut self) -> f64 {
        loop {
            let steps = self.bits() >> 11;
            if steps > 0 {
                return steps as f64 / (1_u64 << 53) as f64;
            }
        }
    }

    /// True with probability `probability`.
    pub(crate) fn chance(&mut self, probability: f64) -> bool {
        self.uniform() < probability
    }

    /// A whole number from 0 to `n` − 1, each equally likely; 0 for `n` = 0.
    ///
    /// Multiplication with rejection (Lemire 2019, "Fast random integer generation in an interval", algorithm 5).
    pub(crate) fn below(&mut self, n: u64) -> u64 {
        if n == 0 {
            return 0;
        }
        let too_low = n.wrapping_neg() % n;
        loop {
            let wide = u128::from(self.bits()) * u128::from(n);
            #[allow(clippy::cast_possible_truncation)] // The two halves are what is asked for.
            let (high, low) = ((wide >> 64) as u64, wide as u64);
            if low >= too_low {
                return high;
            }
        }
    }

    /// Exponential with mean 1, by inversion.
    pub(crate) fn exponential(&mut self) -> f64 {
        -self.uniform().ln()
    }

    /// Normal with mean 0 and variance 1, by Marsaglia's polar method (Marsaglia & Bray 1964).
    pub(crate) fn normal(&mut self) -> f64 {
        if let Some(normal) = self.kept_normal.take() {
            return normal;
        }
        loop {
            let x = 2.0 * self.uniform() - 1.0;
            let y = 2.0 * self.uniform() - 1.0;
            let square = x * x + y * y;
            if square > 0.0 && square < 1.0 {
                let stretch = (-2.0 * square.ln() / square).sqrt();
                self.kept_normal = Some(y * stretch);
                return x * stretch;
            }
        }
    }

    /// Gamma with this shape and scale 1 (mean and variance are the shape).
    pub(crate) fn gamma(&mut self, shape: f64) -> f64 {
        self.ln_gamma_deviate(shape).exp()
    }

    /// Logarithm of a gamma deviate, which stays finite where the deviate itself falls below the smallest number.
    ///
    /// Squeeze and rejection for shapes from 1 on, a power of a uniform deviate below (Marsaglia & Tsang 2000, "A simple
    /// method for generating gamma variables", sections 2 and 6).
    fn ln_gamma_deviate(&mut self, shape: f64) -> f64 {
        debug_assert!(shape > 0.0 && shape.is_finite());
        if shape < 1.0 {
            return self.ln_gamma_deviate(shape + 1.0) + self.uniform().ln() / shape;
        }
        let d = shape - 1.0 / 3.0;
        let c = 1.0 / (9.0 * d).sqrt();
        loop {
            let x = self.normal();
            let base = 1.0 + c * x;
            if base > 0.0 {
                let v = base * base * base;
                let u = self.uniform();
                if u < 1.0 - 0.0331 * x.powi(4) || u.ln() < 0.5 * x * x + d * (1.0 - v + v.ln()) {
                    return (d * v).ln();
                }
            }
        }
    }

    /// Beta: X / (X + Y) of two gamma deviates, in logarithms so that small shapes do not end as 0 / 0. The
    /// ends 0 and 1 are reached where the true number lies closer to them than any other that can be written.
    pub(crate) fn beta(&mut self, first: f64, second: f64) -> f64 {
        let x = self.ln_gamma_deviate(first);
        let y = self.ln_gamma_deviate(second);
        1.0 / (1.0 + (y - x).exp())
    }

    /// Poisson with this mean (0 for a mean of 0), exact for every mean.
    ///
    /// Below 10 by multiplying uniforms (Knuth, volume 2, section 3.4.1), from there on by transformed rejection (Hörmann
    /// 1993, "The transformed rejection method for generating Poisson random variables", algorithm PTRS).
    pub(crate) fn poisson(&mut self, mean: f64) -> u64 {
        debug_assert!(mean >= 0.0 && mean.is_finite());
        if mean < 10.0 {
            let limit = (-mean).exp();
            let mut product = self.uniform();
            let mut count = 0;
            while product > limit {
                product *= self.uniform();
                count += 1;
            }
            return count;
        }
        let b = 0.931 + 2.53 * mean.sqrt();
        let a = -0.059 + 0.024_83 * b;
        let inverse_alpha = 1.1239 + 1.1328 / (b - 3.4);
        let v_r = 0.9277 - 3.6224 / (b - 2.0);
        loop {
            let u = self.uniform() - 0.5;
            let v = self.uniform();
            let us = 0.5 - u.abs();
            let k = ((2.0 * a / us + b) * u + mean + 0.43).floor();
            if (us >= 0.07 && v <= v_r)
                || (k >= 0.0
                    && (us >= 0.013 || v <= us)
                    && (v * inverse_alpha / (a / (us * us) + b)).ln()
                        <= k * mean.ln() - mean - ln_gamma(k + 1.0))
            {
                return whole(k);
            }
        }
    }

    /// Failures before the first success, by inversion: mean (1 − p) / p.
    pub(crate) fn geometric(&mut self, success: f64) -> u64 {
        debug_assert!(success > 0.0 && success <= 1.0);
        whole((self.uniform().ln() / (-success).ln_1p()).floor())
    }
}

/// The cast saturates at both ends, as wanted.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn whole(count: f64) -> u64 {
    count as u64
}

#[cfg(test)]
mod tests {
    use statrs::function::{beta::beta_reg, erf::erf, gamma::gamma_lr};

    use super::{RandomStream, philox, whole};

    /// The three vectors that Random123 ships for philox4x32 with 10 rounds (`tests/kat_vectors`), repeated in
    /// TensorFlow's tests of its Philox generator.
    #[test]
    fn philox_gives_the_published_answers() {
        for (counter, key, answer) in [
            (
                [0; 4],
                [0; 2],
                [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8],
            ),
            (
                [u32::MAX; 4],
                [u32::MAX; 2],
                [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd],
            ),
            (
                [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344],
                [0xa409_3822, 0x299f_31d0],
                [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1],
            ),
        ] {
            assert_eq!(philox(counter, key), answer);
        }
        let mut first = RandomStream::new(0, 0);
        assert_eq!(first.bits(), 0xe169_c58d_6627_e8d5);
        assert_eq!(first.bits(), 0x9b00_dbd8_bc57_ac4c);
    }

    #[test]
    fn streams_are_repeatable_and_different() {
        let draw = |seed, stream| {
            let mut random = RandomStream::new(seed, stream);
            [random.bits(), random.bits(), random.bits()]
        };
        assert_eq!(draw(7, 9), draw(7, 9));
        assert_ne!(draw(7, 9), draw(7, 10));
        assert_ne!(draw(7, 9), draw(8, 9));
        assert_ne!(draw(7, 1 << 32), draw(7, 0));
        assert_ne!(draw(1 << 32, 7), draw(0, 7));
    }

    const DRAWS: usize = 40_000;

    fn sample(stream: u64, mut draw: impl FnMut(&mut RandomStream) -> f64) -> Vec<f64> {
        let mut random = RandomStream::new(20_250_301, stream);
        (0..DRAWS).map(|_| draw(&mut random)).collect()
    }

    /// The largest distance between the sample's distribution and the true one exceeds 1.95 / √n in one of a thousand
    /// samples (Kolmogorov); the seeds are fixed, so a pass stays a pass.
    fn assert_distribution(name: &str, mut values: Vec<f64>, below: impl Fn(f64) -> f64) {
        values.sort_unstable_by(f64::total_cmp);
        let n = values.len() as f64;
        let distance = values
            .iter()
            .enumerate()
            .map(|(i, &x)| {
                let p = below(x);
                (p - i as f64 / n).abs().max((p - (i + 1) as f64 / n).abs())
            })
            .fold(0.0, f64::max);
        assert!(distance < 1.95 / n.sqrt(), "{name}: {distance}");
    }

    /// Each value's count lies within 4.5 standard errors of its expectation (both tails together 7e-6 each, a few hundred
    /// cells); cells with fewer than 20 expected are pooled by the mean and variance test below.
    fn assert_counts(name: &str, values: &[f64], probability: impl Fn(u64) -> f64) {
        let n = values.len() as f64;
        let highest = values.iter().copied().fold(0.0, f64::max);
        for k in 0..=whole(highest) {
            let expected = n * probability(k);
            if expected >= 20.0 {
                let found = values.iter().filter(|&&x| whole(x) == k).count() as f64;
                let error = (expected * (1.0 - probability(k))).sqrt();
                assert!(
                    (found - expected).abs() < 4.5 * error,
                    "{name} {k}: {found}, not {expected} ± {error}"
                );
            }
        }
    }

    /// Mean within 4 standard errors, variance within 4 of its own (from the sample's fourth moment).
    fn assert_moments(name: &str, values: &[f64], mean: f64, variance: f64) {
        let n = values.len() as f64;
        let found = values.iter().sum::<f64>() / n;
        assert!(
            (found - mean).abs() < 4.0 * (variance / n).sqrt(),
            "{name}: mean {found}, not {mean}"
        );
        let squares: Vec<f64> = values.iter().map(|x| (x - mean).powi(2)).collect();
        let spread = squares.iter().sum::<f64>() / n;
        let fourth = squares.iter().map(|s| (s - spread).powi(2)).sum::<f64>() / n;
        assert!(
            (spread - variance).abs() < 4.0 * (fourth / n).sqrt(),
            "{name}: variance {spread}, not {variance}"
        );
    }

    #[test]
    fn uniform_numbers_are_uniform_and_never_at_the_ends() {
        let values = sample(1, RandomStream::uniform);
        assert!(values.iter().all(|&u| u > 0.0 && u < 1.0));
        assert_moments("uniform", &values, 0.5, 1.0 / 12.0);
        assert_distribution("uniform", values, |x| x);
        // The largest 53-bit fraction stays below 1.
        assert!(((1_u64 << 53) - 1) as f64 / ((1_u64 << 53) as f64) < 1.0);
    }

    #[test]
    fn whole_numbers_below_a_limit_are_equally_likely() {
        for n in [2, 3, 7, 10] {
            let values = sample(n, |random| random.below(n) as f64);
            assert!(values.iter().all(|&k| whole(k) < n));
            assert_counts(
                "below",
                &values,
                |k| if k < n { 1.0 / n as f64 } else { 0.0 },
            );
        }
        // With n just above 2⁶³ plain scaling of 64 bits would give half the numbers twice the weight.
        let n = (1_u64 << 63) + 1;
        let shares = sample(11, |random| random.below(n) as f64 / n as f64);
        assert_distribution("below a huge limit", shares, |x| x);
        assert_eq!(RandomStream::new(1, 1).below(0), 0);
        assert_eq!(RandomStream::new(1, 1).below(1), 0);
    }

    #[test]
    fn exponential_and_normal_numbers_follow_their_laws() {
        let values = sample(2, RandomStream::exponential);
        assert_moments("exponential", &values, 1.0, 1.0);
        assert_distribution("exponential", values, |x| -(-x).exp_m1());
        let values = sample(3, RandomStream::normal);
        assert_moments("normal", &values, 0.0, 1.0);
        let pairs = values.chunks_exact(2).map(|pair| pair[0] * pair[1]);
        assert_moments("normal pairs", &pairs.collect::<Vec<_>>(), 0.0, 1.0);
        assert_distribution("normal", values, |x| {
            f64::midpoint(1.0, erf(x / std::f64::consts::SQRT_2))
        });
    }

    #[test]
    fn gamma_and_beta_numbers_follow_their_laws() {
        for (stream, shape) in [(4, 0.05), (5, 0.243), (6, 1.0), (7, 6.25), (8, 400.0)] {
            let values = sample(stream, |random| random.gamma(shape));
            assert_moments("gamma", &values, shape, shape);
            assert_distribution("gamma", values, |x| {
                if x > 0.0 { gamma_lr(shape, x) } else { 0.0 }
            });
        }
        for (stream, a, b) in [
            (9, 0.793, 2.426),
            (10, 0.3, 0.4),
            (11, 5.0, 1.0),
            (12, 30.0, 70.0),
        ] {
            let values = sample(stream, |random| random.beta(a, b));
            assert!(values.iter().all(|p| (0.0..=1.0).contains(p)));
            let total = a + b;
            let variance = a * b / (total * total * (total + 1.0));
            assert_moments("beta", &values, a / total, variance);
            assert_distribution("beta", values, |x| beta_reg(a, b, x));
        }
        // Where both gamma deviates are smaller than any number, their ratio still exists.
        let extreme = sample(22, |random| random.beta(0.001, 0.001));
        assert!(extreme.iter().all(|p| (0.0..=1.0).contains(p)));
        let ones = extreme.iter().filter(|&&p| p > 0.5).count() as f64;
        assert!((ones / DRAWS as f64 - 0.5).abs() < 4.0 * 0.5 / (DRAWS as f64).sqrt());
    }

    #[test]
    fn counts_follow_their_laws_on_both_sides_of_the_change_of_method() {
        for (stream, mean) in [(14, 0.3), (15, 9.99), (16, 10.0), (17, 12.5), (18, 250.0)] {
            let values = sample(stream, |random| random.poisson(mean) as f64);
            assert_moments("poisson", &values, mean, mean);
            assert_counts("poisson", &values, |k| {
                let ln_factorial = statrs::function::factorial::ln_factorial(k);
                (k as f64 * mean.ln() - mean - ln_factorial).exp()
            });
        }
        assert_eq!(RandomStream::new(1, 1).poisson(0.0), 0);
        for (stream, p) in [(19, 0.9), (20, 0.15), (21, 0.001)] {
            let values = sample(stream, |random| random.geometric(p) as f64);
            assert_moments("geometric", &values, (1.0 - p) / p, (1.0 - p) / (p * p));
            assert_counts("geometric", &values, |k| {
                p * (k as f64 * (-p).ln_1p()).exp()
            });
        }
        assert_eq!(RandomStream::new(1, 1).geometric(1.0), 0);
    }
}
