//! The hot loop: the closed form over columns, with the instructions of the CPU at hand.
//!
//! Every operation is an IEEE addition, multiplication, division or selection, never fused, and row i always goes to
//! lane i mod 8 of the sum. So SSE2, AVX2, AVX-512 and WebAssembly give the same bits.
//!
//! The formula as it is written is `Talk::impact_of`; tests hold this loop against it.

#![allow(
    clippy::inline_always,
    reason = "only inlined code is compiled for the instruction set that `dispatch!` has chosen"
)]

use std::hint::black_box;

use fearless_simd::prelude::*;
use fearless_simd::{Level, dispatch};

use super::coefficients::{Coefficients, Growth};
use super::lane::Lane;

/// Three columns of equal length.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rows<'a, T> {
    pub(super) tellers: &'a [u8],
    pub(super) lifetime_values: &'a [T],
    pub(super) connectedness: &'a [T],
}

/// Impact of each row into `out`; returns the sum.
pub(super) fn fill<T: Lane>(
    level: Level,
    coefficients: &Coefficients<T>,
    rows: Rows<'_, T>,
    out: &mut [T],
) -> f64 {
    if coefficients.miss_log.is_some() {
        dispatch!(level, simd => sweep::<_, T, true, true>(simd, coefficients, rows, out))
    } else {
        dispatch!(level, simd => sweep::<_, T, false, true>(simd, coefficients, rows, out))
    }
}

/// Sum of the impacts alone, bit for bit the sum that [`fill`] returns.
pub(super) fn sum<T: Lane>(level: Level, coefficients: &Coefficients<T>, rows: Rows<'_, T>) -> f64 {
    if coefficients.miss_log.is_some() {
        dispatch!(level, simd => sweep::<_, T, true, false>(simd, coefficients, rows, &mut []))
    } else {
        dispatch!(level, simd => sweep::<_, T, false, false>(simd, coefficients, rows, &mut []))
    }
}

/// Lanes of the sum.
const LANES: usize = 8;
/// Most rows in a block: the widest vector of class codes.
const WIDEST: usize = 64;

#[inline(always)]
fn sweep<S: Simd, T: Lane, const MARKET: bool, const STORE: bool>(
    simd: S,
    coefficients: &Coefficients<T>,
    rows: Rows<'_, T>,
    out: &mut [T],
) -> f64 {
    let block = S::u8s::LEN;
    let mut sum = LaneSum {
        lanes: [S::f64s::splat(simd, 0.0); 4],
        next: 0,
    };
    let mut last = Padded {
        tellers: [0_u8; WIDEST],
        lifetime_values: [T::ZERO; WIDEST],
        connectedness: [T::ZERO; WIDEST],
        out: [T::ZERO; WIDEST],
    };
    let len = rows.tellers.len();
    for at in (0..len).step_by(block) {
        let rest = len - at;
        let (part, target) = if rest >= block {
            let here = at..at + block;
            let part = Rows {
                tellers: &rows.tellers[here.clone()],
                lifetime_values: &rows.lifetime_values[here.clone()],
                connectedness: &rows.connectedness[here.clone()],
            };
            (part, if STORE { &mut out[here] } else { &mut [] })
        } else {
            last.tellers[..rest].copy_from_slice(&rows.tellers[at..]);
            last.lifetime_values[..rest].copy_from_slice(&rows.lifetime_values[at..]);
            last.connectedness[..rest].copy_from_slice(&rows.connectedness[at..]);
            let part = Rows {
                tellers: &last.tellers[..block],
                lifetime_values: &last.lifetime_values[..block],
                connectedness: &last.connectedness[..block],
            };
            (part, &mut last.out[..block])
        };
        sweep_block::<S, T, MARKET, STORE>(simd, coefficients, part, target, &mut sum);
    }
    if STORE {
        let rest = len % block;
        out[len - rest..].copy_from_slice(&last.out[..rest]);
    }
    sum.total()
}

/// A last block, filled up with rows of nobody worth nothing: they add zeros.
struct Padded<T> {
    tellers: [u8; WIDEST],
    lifetime_values: [T; WIDEST],
    connectedness: [T; WIDEST],
    out: [T; WIDEST],
}

/// The sum in eight lanes, in as many vectors as that takes.
struct LaneSum<S: Simd> {
    lanes: [S::f64s; 4],
    next: usize,
}

impl<S: Simd> LaneSum<S> {
    #[inline(always)]
    fn add(&mut self, vector: S::f64s) {
        self.lanes[self.next] += vector;
        self.next = (self.next + 1) % (LANES / S::f64s::LEN);
    }

    #[inline(always)]
    fn total(&self) -> f64 {
        let mut total = 0.0;
        for lane in &self.lanes[..LANES / S::f64s::LEN] {
            for &value in lane.as_slice() {
                total += value;
            }
        }
        total
    }
}

#[inline(always)]
fn sweep_block<S: Simd, T: Lane, const MARKET: bool, const STORE: bool>(
    simd: S,
    coefficients: &Coefficients<T>,
    rows: Rows<'_, T>,
    out: &mut [T],
    sum: &mut LaneSum<S>,
) {
    let tellers = S::u8s::from_slice(simd, rows.tellers);
    let bits = [quarters(simd, tellers, 1), quarters(simd, tellers, 2)];
    sweep_group::<S, T, MARKET, STORE>(simd, coefficients, &bits, rows, 0, out, sum);
    if T::GROUPS == 2 {
        sweep_group::<S, T, MARKET, STORE>(simd, coefficients, &bits, rows, 1, out, sum);
    }
}

/// Where a block of codes has this bit, as four masks over 32-bit lanes.
#[inline(always)]
fn quarters<S: Simd>(simd: S, codes: S::u8s, bit: u8) -> [S::mask32s; 4] {
    let (low, high) = if S::u8s::LEN == WIDEST {
        // Here masks are bits in one register, and the compiler cuts 64 of them apart through memory, with a stall.
        let (low, high) = codes.widen();
        let bit = S::u16s::splat(simd, bit.into());
        ((low & bit).simd_eq(bit), (high & bit).simd_eq(bit))
    } else {
        let bit = S::u8s::splat(simd, bit);
        (codes & bit).simd_eq(bit).widen()
    };
    let ((first, second), (third, fourth)) = (low.widen(), high.widen());
    [first, second, third, fourth]
}

/// Four vectors side by side, step by step, so that none waits for its own last step.
#[inline(always)]
fn sweep_group<S: Simd, T: Lane, const MARKET: bool, const STORE: bool>(
    simd: S,
    coefficients: &Coefficients<T>,
    bits: &[[S::mask32s; 4]; 2],
    rows: Rows<'_, T>,
    group: usize,
    out: &mut [T],
    sum: &mut LaneSum<S>,
) {
    let width = T::Native::<S>::LEN;
    let bits = [T::masks::<S>(bits[0], group), T::masks::<S>(bits[1], group)];
    let zero = T::Native::<S>::splat(simd, T::ZERO);
    let (mut direct, mut own_loss, mut cost) = ([zero; 4], [zero; 4], [zero; 4]);
    for i in 0..4 {
        let from = (4 * group + i) * width;
        let bits = [bits[0][i], bits[1][i]];
        let connectedness =
            T::Native::<S>::from_slice(simd, &rows.connectedness[from..from + width]);
        let lifetime_value =
            T::Native::<S>::from_slice(simd, &rows.lifetime_values[from..from + width]);
        direct[i] = by_class::<S, T>(simd, bits, coefficients.reach) * connectedness;
        own_loss[i] = by_class::<S, T>(simd, bits, coefficients.own_loss) * lifetime_value;
        cost[i] = by_class::<S, T>(simd, bits, coefficients.cost);
    }
    let connectedness = &rows.connectedness[4 * group * width..4 * (group + 1) * width];
    let factors = Factors {
        bits,
        reach: coefficients.reach,
        connectedness,
    };
    let mut effect = contacts::<S, T>(simd, coefficients.growth, direct, &factors);
    if MARKET {
        // The cost carries −M, so that −M (exp(h ln(1 − 1/M)) − 1) needs no further factor.
        let miss_log = coefficients.miss_log.unwrap_or(T::ZERO);
        for vector in &mut effect {
            *vector *= miss_log;
        }
        effect = exp_minus_one::<S, T>(simd, effect);
    }
    for i in 0..4 {
        let from = (4 * group + i) * width;
        let impact = own_loss[i] + cost[i] * effect[i];
        if STORE {
            impact.store_slice(&mut out[from..from + width]);
        }
        T::widened::<S>(
            impact,
            #[inline(always)]
            |piece| sum.add(piece),
        );
    }
}

/// The entry of each row's class, whose code is two bits.
#[inline(always)]
fn by_class<S: Simd, T: Lane>(
    simd: S,
    bits: [<T::Native<S> as SimdBase<S>>::Mask; 2],
    table: [T; 4],
) -> T::Native<S> {
    let entry = [
        T::Native::<S>::splat(simd, table[0]),
        T::Native::<S>::splat(simd, table[1]),
        T::Native::<S>::splat(simd, table[2]),
        T::Native::<S>::splat(simd, table[3]),
    ];
    let below_two = bits[0].select(entry[1], entry[0]);
    let from_two = bits[0].select(entry[3], entry[2]);
    bits[1].select(from_two, below_two)
}

/// What direct hearers are the product of.
struct Factors<'a, S: Simd, T: Lane> {
    bits: [[<T::Native<S> as SimdBase<S>>::Mask; 4]; 2],
    reach: [T; 4],
    connectedness: &'a [T],
}

/// Contacts that follow from direct hearers.
#[inline(always)]
fn contacts<S: Simd, T: Lane>(
    simd: S,
    growth: Growth<T>,
    direct: [T::Native<S>; 4],
    factors: &Factors<'_, S, T>,
) -> [T::Native<S>; 4] {
    let one = T::Native::<S>::splat(simd, T::from(1_u8));
    let mut contacts = direct;
    match growth {
        Growth::Factor(factor) => {
            for vector in &mut contacts {
                *vector *= factor;
            }
        }
        Growth::Finite {
            passed_on,
            generations,
        } => {
            // Doubling: S(2n) = S(n) (1 + x^n) and S(n + 1) = 1 + x S(n); all terms positive, so nothing cancels.
            let mut x = direct;
            for vector in &mut x {
                *vector *= passed_on;
            }
            let (mut sum, mut power) = ([one; 4], x);
            for bit in (0..generations.checked_ilog2().unwrap_or(0)).rev() {
                for i in 0..4 {
                    sum[i] += sum[i] * power[i];
                    power[i] *= power[i];
                }
                if generations >> bit & 1 == 1 {
                    for i in 0..4 {
                        sum[i] = one + x[i] * sum[i];
                        power[i] *= x[i];
                    }
                }
            }
            for i in 0..4 {
                contacts[i] = direct[i] * sum[i];
            }
        }
        Growth::Endless { passed_on, rest } => {
            // 1 − x with what the roundings of x left out: next to x = 1 nothing else would be right.
            let passed_on = T::Native::<S>::splat(simd, passed_on);
            let width = T::Native::<S>::LEN;
            for i in 0..4 {
                let bits = [factors.bits[0][i], factors.bits[1][i]];
                let reach = by_class::<S, T>(simd, bits, factors.reach);
                let connectedness = &factors.connectedness[i * width..(i + 1) * width];
                let connectedness = T::Native::<S>::from_slice(simd, connectedness);
                let x = direct[i] * passed_on;
                let left_out = rounded_off::<S, T>(direct[i], passed_on, x)
                    + (rounded_off::<S, T>(reach, connectedness, direct[i]) * passed_on
                        + direct[i] * rest);
                contacts[i] = direct[i] / ((one - x) - left_out);
            }
        }
    }
    contacts
}

/// a b less the number it was rounded to (Dekker 1971, with halves cut from the bits, which no size overflows).
#[inline(always)]
fn rounded_off<S: Simd, T: Lane>(
    a: T::Native<S>,
    b: T::Native<S>,
    rounded: T::Native<S>,
) -> T::Native<S> {
    let upper = |v: T::Native<S>| {
        T::Native::<S>::from_bits((v.to_bits() >> T::LOWER_HALF) << T::LOWER_HALF)
    };
    let (upper_a, upper_b) = (upper(a), upper(b));
    let (lower_a, lower_b) = (a - upper_a, b - upper_b);
    let rest = ((rounded - upper_a * upper_b) - lower_a * upper_b) - upper_a * lower_b;
    lower_a * lower_b - rest
}

/// exp(z) − 1 for z ≤ 0, relative error of a few last bits also near 0: z = n ln 2 + r, polynomial in r, 2^n by exponent.
#[inline(always)]
fn exp_minus_one<S: Simd, T: Lane>(simd: S, mut z: [T::Native<S>; 4]) -> [T::Native<S>; 4] {
    let zero = T::Native::<S>::splat(simd, T::ZERO);
    let (mut r, mut square, mut power_of_two) = ([zero; 4], [zero; 4], [zero; 4]);
    for i in 0..4 {
        z[i] = z[i].max(T::FLOOR);
        let rounded = z[i] * T::LOG2_E + T::ROUND;
        let n = rounded - T::ROUND;
        r[i] = (z[i] - n * T::LN_2[0]) - n * T::LN_2[1];
        square[i] = r[i] * r[i];
        power_of_two[i] = T::Native::<S>::from_bits(rounded.to_bits() << T::MANTISSA_BITS);
    }
    // Horner's rule in r² over pairs of terms. The black box keeps it a loop: unrolled, each vector's chain of operations
    // would be laid out behind the other's, further apart than a CPU looks ahead, and all would wait (a third of the time).
    let (pairs, alone) = black_box(T::EXPONENTIAL).as_chunks::<2>();
    let mut polynomial =
        [T::Native::<S>::splat(simd, alone.first().copied().unwrap_or(T::ZERO)); 4];
    for &[even, odd] in pairs.iter().rev() {
        let even = T::Native::<S>::splat(simd, even);
        for i in 0..4 {
            polynomial[i] = polynomial[i] * square[i] + (r[i] * odd + even);
        }
    }
    for i in 0..4 {
        let expm1_of_r = r[i] + square[i] * polynomial[i];
        z[i] = expm1_of_r * power_of_two[i] + (power_of_two[i] - T::from(1_u8));
    }
    z
}

#[cfg(test)]
mod tests {
    use fearless_simd::prelude::*;
    use fearless_simd::{Level, dispatch};

    use super::exp_minus_one;
    use crate::word_of_mouth::lane::Lane;

    /// Largest relative error of the exponential at points from −50 to nearly 0, in units of `unit`.
    fn largest_error<T: Lane>(unit: f64) -> f64 {
        let point = |k: i32| T::nearest(-50.0 * (-f64::from(k) * 1e-3).exp());
        let mut largest = 0.0_f64;
        for k in 0..40_000 {
            let z = point(k);
            let ours = dispatch!(Level::new(), simd => first::<_, T>(simd, z));
            let exact = z.into().exp_m1();
            largest = largest.max(((ours.into() - exact) / exact).abs() / unit);
        }
        largest
    }

    #[inline(always)]
    fn first<S: Simd, T: Lane>(simd: S, z: T) -> T {
        let z = [T::Native::<S>::splat(simd, z); 4];
        exp_minus_one::<S, T>(simd, z)[0].as_slice()[0]
    }

    #[test]
    fn the_exponential_is_right_to_two_last_bits() {
        let double = largest_error::<f64>(f64::EPSILON);
        assert!(double < 2.0, "{double} units of the last place");
        let single = largest_error::<f32>(f32::EPSILON.into());
        assert!(single < 2.0, "{single} units of the last place");
    }
}
