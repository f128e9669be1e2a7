//! What the hot loop needs to know of `f64` and `f32`.

#![allow(
    clippy::inline_always,
    reason = "only inlined code is compiled for the instruction set that `dispatch!` has chosen"
)]

use fearless_simd::prelude::*;

/// What the loop needs to know of a floating-point type.
#[allow(unnameable_types, reason = "seals the public trait Precision")]
pub trait Lane: SimdFloatElement + Into<f64> + Send + Sync + 'static {
    /// Groups of four vectors per block; a block is one full vector of class codes.
    #[doc(hidden)]
    const GROUPS: usize;
    /// Coefficients from r² on of the polynomial nearest to exp(r) − 1 − r over |r| ≤ ln 2 / 2 (Remez exchange with 60
    /// digits, error weighed by |r| + 0.02): relative error of exp(r) − 1 below 2.5e-17 in `f64`, 2.5e-8 in `f32`.
    #[doc(hidden)]
    const EXPONENTIAL: &'static [Self];
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
    /// Half of the significant bits: what is left without them has few enough for exact products.
    #[doc(hidden)]
    const LOWER_HALF: u32;
    /// What must be left between growth and 1, so that the rounding of its last digits cannot turn its sign.
    #[doc(hidden)]
    const SHORTEST: f64;
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

    /// A mask over a block of codes, given over 32-bit lanes, as the masks of the four vectors of one group.
    #[doc(hidden)]
    fn masks<S: Simd>(
        quarters: [S::mask32s; 4],
        group: usize,
    ) -> [<Self::Native<S> as SimdBase<S>>::Mask; 4];

    /// The vector in `f64`, in row order, handed to `add` piece by piece.
    #[doc(hidden)]
    fn widened<S: Simd>(vector: Self::Native<S>, add: impl FnMut(S::f64s));
}

impl Lane for f64 {
    const GROUPS: usize = 2;
    const EXPONENTIAL: &'static [Self] = &[
        0.500_000_000_000_000_4,
        0.166_666_666_666_666_85,
        0.041_666_666_666_582_06,
        0.008_333_333_333_315_634,
        0.001_388_888_893_017_134_2,
        0.000_198_412_699_009_527_5,
        2.480_150_669_088_344e-5,
        2.755_722_966_989_78e-6,
        2.762_554_555_393_93e-7,
        2.511_396_812_332_558_7e-8,
    ];
    const LOG2_E: Self = std::f64::consts::LOG2_E;
    const LN_2: [Self; 2] = [
        f64::from_bits(0x3FE6_2E42_FEE0_0000),
        f64::from_bits(0x3DEA_39EF_3579_3C76),
    ];
    const ROUND: Self = 6_755_399_441_055_744.0 + 1023.0;
    const MANTISSA_BITS: u32 = 52;
    const LOWER_HALF: u32 = 27;
    const SHORTEST: f64 = 1e-30;
    const FLOOR: Self = -50.0;
    const ZERO: Self = 0.0;
    const LARGEST: Self = Self::MAX;

    fn nearest(value: f64) -> Self {
        value
    }

    #[inline(always)]
    fn masks<S: Simd>(quarters: [S::mask32s; 4], group: usize) -> [S::mask64s; 4] {
        let (first, second) = quarters[2 * group].widen();
        let (third, fourth) = quarters[2 * group + 1].widen();
        [first, second, third, fourth]
    }

    #[inline(always)]
    fn widened<S: Simd>(vector: S::f64s, mut add: impl FnMut(S::f64s)) {
        add(vector);
    }
}

impl Lane for f32 {
    const GROUPS: usize = 1;
    const EXPONENTIAL: &'static [Self] = &[
        0.5,
        0.166_665_45,
        0.041_666_29,
        0.008_366_347,
        0.001_394_600_5,
    ];
    const LOG2_E: Self = std::f32::consts::LOG2_E;
    const LN_2: [Self; 2] = [f32::from_bits(0x3F31_7200), f32::from_bits(0x35BF_BE8E)];
    const ROUND: Self = 12_582_912.0 + 127.0;
    const MANTISSA_BITS: u32 = 23;
    const LOWER_HALF: u32 = 12;
    const SHORTEST: f64 = 1e-12;
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
    fn masks<S: Simd>(quarters: [S::mask32s; 4], _group: usize) -> [S::mask32s; 4] {
        quarters
    }

    #[inline(always)]
    fn widened<S: Simd>(vector: S::f32s, mut add: impl FnMut(S::f64s)) {
        let (low, high) = vector.widen();
        add(low);
        add(high);
    }
}
