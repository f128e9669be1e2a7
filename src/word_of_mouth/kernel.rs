//! The hot loop: the closed form over columns, with the instructions of the CPU at hand.
//!
//! Every operation is an IEEE addition, multiplication, division or selection, never fused, and row i always goes to
//! lane i mod 8 of the sum. So SSE2, AVX2, AVX-512 and WebAssembly give the same bits.
//!
//! The formula as it is written is `Talk::impact_of`; tests hold this loop against it.

use fearless_simd::prelude::*;
use fearless_simd::{Level, dispatch};

/// Coefficients of one sweep, one entry per class where they depend on it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Coefficients<T> {
    /// Mean direct hearers of an ordinary customer.
    pub(super) reach: [T; 4],
    /// Probability that the customer leaves.
    pub(super) own_loss: [T; 4],
    /// Cost per distinct hearer; with a market multiplied by −M.
    pub(super) cost: [T; 4],
    pub(super) growth: Growth<T>,
    /// ln(1 − 1/M), if there is a market.
    pub(super) miss_log: Option<T>,
}

/// How contacts follow from direct hearers.
#[derive(Clone, Copy, Debug)]
pub(super) enum Growth<T> {
    /// The same factor for everybody.
    Factor(T),
    /// 1 + x + … + x^(G−1) with x = `passed_on` × direct hearers.
    Finite { passed_on: T, generations: u32 },
    /// 1 / (1 − x); the caller has seen to x < 1.
    Endless { passed_on: T },
}

/// What the loop needs to know of a floating-point type.
#[allow(unnameable_types, reason = "seals the public trait Precision")]
pub trait Lane: SimdFloatElement + Into<f64> + Send + Sync + 'static {
    /// Vectors per quarter of a block; a block is one full vector of class codes.
    #[doc(hidden)]
    const PER_QUARTER: usize;
    /// 1/2!, 1/3!, … of the series of exp(r) − 1; |r| ≤ ln 2 / 2 leaves an error below the type's last bit.
    #[doc(hidden)]
    const SERIES: &'static [Self];
    #[doc(hidden)]
    const LOG2_E: Self;
    /// ln 2 in two parts, the first short enough that whole multiples are exact.
    #[doc(hidden)]
    const LN_2: [Self; 2];
    /// Adding this rounds to a whole number and leaves it, with the exponent's bias, in the lowest bits.
    #[doc(hidden)]
    const ROUND: Self;
    #[doc(hidden)]
    const MANTISSA_BITS: u32;
    /// exp of this is nothing beside 1.
    #[doc(hidden)]
    const FLOOR: Self;
    #[doc(hidden)]
    const ZERO: Self;
    #[doc(hidden)]
    const LARGEST: Self;

    /// The nearest number of this type.
    #[doc(hidden)]
    fn nearest(value: f64) -> Self;

    /// Masks of the vectors of one quarter.
    #[doc(hidden)]
    #[allow(
        clippy::type_complexity,
        reason = "three masks for each of two vectors"
    )]
    fn masks<S: Simd>(quarter: [S::mask32s; 3])
    -> [[<Self::Native<S> as SimdBase<S>>::Mask; 3]; 2];

    /// The vector in `f64`, in row order, handed to `add` piece by piece.
    #[doc(hidden)]
    fn widened<S: Simd>(vector: Self::Native<S>, add: impl FnMut(S::f64s));
}

impl Lane for f64 {
    const PER_QUARTER: usize = 2;
    const SERIES: &'static [Self] = &[
        1.0 / 2.0,
        1.0 / 6.0,
        1.0 / 24.0,
        1.0 / 120.0,
        1.0 / 720.0,
        1.0 / 5040.0,
        1.0 / 40_320.0,
        1.0 / 362_880.0,
        1.0 / 3_628_800.0,
        1.0 / 39_916_800.0,
        1.0 / 479_001_600.0,
        1.0 / 6_227_020_800.0,
    ];
    const LOG2_E: Self = std::f64::consts::LOG2_E;
    const LN_2: [Self; 2] = [
        f64::from_bits(0x3FE6_2E42_FEE0_0000),
        f64::from_bits(0x3DEA_39EF_3579_3C76),
    ];
    const ROUND: Self = 6_755_399_441_055_744.0 + 1023.0;
    const MANTISSA_BITS: u32 = 52;
    const FLOOR: Self = -50.0;
    const ZERO: Self = 0.0;
    const LARGEST: Self = Self::MAX;

    fn nearest(value: f64) -> Self {
        value
    }

    #[inline(always)]
    fn masks<S: Simd>(quarter: [S::mask32s; 3]) -> [[S::mask64s; 3]; 2] {
        let [first, second, third] = quarter.map(MaskWiden::widen);
        [[first.0, second.0, third.0], [first.1, second.1, third.1]]
    }

    #[inline(always)]
    fn widened<S: Simd>(vector: S::f64s, mut add: impl FnMut(S::f64s)) {
        add(vector);
    }
}

impl Lane for f32 {
    const PER_QUARTER: usize = 1;
    const SERIES: &'static [Self] = &[
        1.0 / 2.0,
        1.0 / 6.0,
        1.0 / 24.0,
        1.0 / 120.0,
        1.0 / 720.0,
        1.0 / 5040.0,
    ];
    const LOG2_E: Self = std::f32::consts::LOG2_E;
    const LN_2: [Self; 2] = [f32::from_bits(0x3F31_7200), f32::from_bits(0x35BF_BE8E)];
    const ROUND: Self = 12_582_912.0 + 127.0;
    const MANTISSA_BITS: u32 = 23;
    const FLOOR: Self = -50.0;
    const ZERO: Self = 0.0;
    const LARGEST: Self = Self::MAX;

    #[allow(
        clippy::cast_possible_truncation,
        reason = "rounding to f32 is what is asked for"
    )]
    fn nearest(value: f64) -> Self {
        value as f32
    }

    #[inline(always)]
    fn masks<S: Simd>(quarter: [S::mask32s; 3]) -> [[S::mask32s; 3]; 2] {
        [quarter, quarter]
    }

    #[inline(always)]
    fn widened<S: Simd>(vector: S::f32s, mut add: impl FnMut(S::f64s)) {
        let (low, high) = vector.widen();
        add(low);
        add(high);
    }
}

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
    let whole = rows.tellers.len() / block * block;
    for at in (0..whole).step_by(block) {
        let here = at..at + block;
        let part = Rows {
            tellers: &rows.tellers[here.clone()],
            lifetime_values: &rows.lifetime_values[here.clone()],
            connectedness: &rows.connectedness[here.clone()],
        };
        let target = if STORE { &mut out[here] } else { &mut [][..] };
        sweep_block::<S, T, MARKET, STORE>(simd, coefficients, part, target, &mut sum);
    }
    let rest = rows.tellers.len() - whole;
    if rest > 0 {
        // Rows of nobody worth nothing fill the last block; they add zeros.
        let mut tellers = [0_u8; WIDEST];
        let mut lifetime_values = [T::ZERO; WIDEST];
        let mut connectedness = [T::ZERO; WIDEST];
        let mut target = [T::ZERO; WIDEST];
        tellers[..rest].copy_from_slice(&rows.tellers[whole..]);
        lifetime_values[..rest].copy_from_slice(&rows.lifetime_values[whole..]);
        connectedness[..rest].copy_from_slice(&rows.connectedness[whole..]);
        let part = Rows {
            tellers: &tellers[..block],
            lifetime_values: &lifetime_values[..block],
            connectedness: &connectedness[..block],
        };
        sweep_block::<S, T, MARKET, STORE>(
            simd,
            coefficients,
            part,
            &mut target[..block],
            &mut sum,
        );
        if STORE {
            out[whole..].copy_from_slice(&target[..rest]);
        }
    }
    sum.total()
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
    let width = T::Native::<S>::LEN;
    let tellers = S::u8s::from_slice(simd, rows.tellers);
    let of_class = [1_u8, 2, 3].map(
        #[inline(always)]
        |code| quarters::<S>(tellers.simd_eq(S::u8s::splat(simd, code))),
    );
    for quarter in 0..4 {
        let masks = T::masks::<S>([
            of_class[0][quarter],
            of_class[1][quarter],
            of_class[2][quarter],
        ]);
        for (vector, &is) in masks.iter().take(T::PER_QUARTER).enumerate() {
            let from = (quarter * T::PER_QUARTER + vector) * width;
            let impact = impact::<S, T, MARKET>(
                simd,
                coefficients,
                is,
                T::Native::<S>::from_slice(simd, &rows.lifetime_values[from..from + width]),
                T::Native::<S>::from_slice(simd, &rows.connectedness[from..from + width]),
            );
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
}

/// One mask over a block of codes as four masks over 32-bit lanes.
#[inline(always)]
fn quarters<S: Simd>(mask: S::mask8s) -> [S::mask32s; 4] {
    let (low, high) = mask.widen();
    let ((first, second), (third, fourth)) = (low.widen(), high.widen());
    [first, second, third, fourth]
}

#[inline(always)]
fn splat<S: Simd, T: Lane>(simd: S, value: T) -> T::Native<S> {
    T::Native::<S>::splat(simd, value)
}

/// The entry of each row's class.
#[inline(always)]
fn by_class<S: Simd, T: Lane>(
    simd: S,
    is: [<T::Native<S> as SimdBase<S>>::Mask; 3],
    table: [T; 4],
) -> T::Native<S> {
    let table = table.map(
        #[inline(always)]
        |entry| splat::<S, T>(simd, entry),
    );
    let up_to_one = is[0].select(table[1], table[0]);
    let up_to_two = is[1].select(table[2], up_to_one);
    is[2].select(table[3], up_to_two)
}

#[inline(always)]
fn impact<S: Simd, T: Lane, const MARKET: bool>(
    simd: S,
    coefficients: &Coefficients<T>,
    is: [<T::Native<S> as SimdBase<S>>::Mask; 3],
    lifetime_value: T::Native<S>,
    connectedness: T::Native<S>,
) -> T::Native<S> {
    let one = splat::<S, T>(simd, T::from(1_u8));
    let direct = by_class::<S, T>(simd, is, coefficients.reach) * connectedness;
    let contacts = match coefficients.growth {
        Growth::Factor(factor) => direct * factor,
        Growth::Finite {
            passed_on,
            generations,
        } => {
            // Doubling: S(2n) = S(n) (1 + x^n) and S(n + 1) = 1 + x S(n); all terms positive, so nothing cancels.
            let growth = direct * passed_on;
            let (mut sum, mut power) = (one, growth);
            let below_top = generations.checked_ilog2().unwrap_or(0);
            for bit in (0..below_top).rev() {
                sum += sum * power;
                power *= power;
                if generations >> bit & 1 == 1 {
                    sum = one + growth * sum;
                    power *= growth;
                }
            }
            direct * sum
        }
        Growth::Endless { passed_on } => direct / (one - direct * passed_on),
    };
    // With a market the cost carries −M, so that −M (exp(h ln(1 − 1/M)) − 1) needs no further factor.
    let effect = match coefficients.miss_log {
        Some(miss_log) if MARKET => exp_minus_one::<S, T>(simd, contacts * miss_log),
        _ => contacts,
    };
    by_class::<S, T>(simd, is, coefficients.own_loss) * lifetime_value
        + by_class::<S, T>(simd, is, coefficients.cost) * effect
}

/// exp(z) − 1 for z ≤ 0, relative error of a few last bits also near 0: z = n ln 2 + r, series in r, 2^n by exponent.
#[inline(always)]
fn exp_minus_one<S: Simd, T: Lane>(simd: S, z: T::Native<S>) -> T::Native<S> {
    let z = z.max(T::FLOOR);
    let rounded = z * T::LOG2_E + T::ROUND;
    let n = rounded - T::ROUND;
    let r = (z - n * T::LN_2[0]) - n * T::LN_2[1];
    let mut series = splat::<S, T>(simd, T::SERIES[T::SERIES.len() - 1]);
    for &term in T::SERIES.iter().rev().skip(1) {
        series = series * r + term;
    }
    let power_of_two = T::Native::<S>::from_bits(rounded.to_bits() << T::MANTISSA_BITS);
    (r + r * r * series) * power_of_two + (power_of_two - T::from(1_u8))
}
