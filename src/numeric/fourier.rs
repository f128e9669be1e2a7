//! The discrete Fourier transform for lengths that are powers of two.

use std::f64::consts::TAU;

use super::complex::Complex;

/// Replaces `x` by `X[k] = Σ x[n] e^(−2πi kn/N)`, N a power of two, in O(N log N): Cooley and Tukey (Mathematics of
/// Computation 19, 1965), decimation in time.
///
/// Each root of unity is computed on its own, so that rounding grows with log N only: every `X[k]` errs by at most about
/// 4 ε log₂(N) times the sum of `|x[n]|` (Higham, Accuracy and Stability of Numerical Algorithms, theorem 24.2).
pub(crate) fn fourier_transform(values: &mut [Complex]) {
    let length = values.len();
    debug_assert!(length.is_power_of_two());
    if length < 2 {
        return;
    }
    let shift = usize::BITS - length.trailing_zeros();
    for index in 0..length {
        let mirrored = index.reverse_bits() >> shift;
        if index < mirrored {
            values.swap(index, mirrored);
        }
    }
    let roots: Vec<Complex> = (0..length / 2)
        .map(|k| Complex::on_the_circle(-TAU * (k as f64 / length as f64)))
        .collect();
    let mut half = 1;
    while half < length {
        let stride = length / (2 * half);
        for block in values.chunks_exact_mut(2 * half) {
            let (left, right) = block.split_at_mut(half);
            for ((a, b), root) in left.iter_mut().zip(right).zip(roots.iter().step_by(stride)) {
                let turned = *b * *root;
                *b = *a + turned.scaled(-1.0);
                *a = *a + turned;
            }
        }
        half *= 2;
    }
}

#[cfg(test)]
mod tests {
    use std::f64::consts::TAU;

    use super::{Complex, fourier_transform};

    #[test]
    fn it_is_the_sum_that_defines_it() {
        for length in [1_u32, 2, 4, 8, 64, 256] {
            let values: Vec<Complex> = (0..length)
                .map(|n| Complex::new((f64::from(n) * 1.7).sin(), (f64::from(n * n % 11)).cos()))
                .collect();
            let mut fast = values.clone();
            fourier_transform(&mut fast);
            for (k, found) in (0..length).zip(&fast) {
                let slow = values
                    .iter()
                    .zip(0..length)
                    .map(|(&x, n)| {
                        let turns = f64::from(k * n % length) / f64::from(length);
                        x * Complex::on_the_circle(-TAU * turns)
                    })
                    .fold(Complex::ZERO, |sum, x| sum + x);
                assert!(
                    (*found + slow.scaled(-1.0)).size() < 1e-12,
                    "{length} {k}: {found:?} {slow:?}"
                );
            }
        }
    }
}
