//! Coins that depend on nothing but what they decide: (seed, world, arc), in any order and on any thread.
//!
//! The generator in the room `numeric` (ten rounds of Philox) is built for streams; a cascade asks for a few bits at a time
//! at millions of places, and there a permutation of 64 bits is enough: `SplitMix64`, a Weyl sequence through Stafford's
//! mixer 13 (Steele, Lea & Flood 2014, "Fast splittable pseudorandom number generators", OOPSLA). Keys are chained through
//! the mixer, so that neighbouring seeds, worlds and arcs start at unrelated places of the sequence.

// Without it these few instructions are not compiled for the instruction set that the caller's kernel was chosen for.
#![allow(clippy::inline_always)]

/// 2⁶⁴ divided by the golden ratio, odd: the step of the Weyl sequence.
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

/// Stafford's mixer 13: a permutation of 64 bits in which each input bit flips each output bit half of the time.
#[inline(always)]
pub(super) fn mixed(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

/// Where the sequence of `item` (a world, an arc, a person) within `key` begins.
#[inline(always)]
pub(super) fn key(key: u64, item: u64) -> u64 {
    mixed(key ^ mixed(item.wrapping_add(STEP)))
}

/// The cheaper form for the innermost loop: `key` has been mixed, `item` is a small number.
#[inline(always)]
pub(super) fn key_of_arc(key: u64, arc: u64) -> u64 {
    mixed(key.wrapping_add((arc + 1).wrapping_mul(0xd134_2543_de82_ef95)))
}

/// The number at `place` (from 0) of the sequence that begins at `key`.
#[inline(always)]
pub(super) fn bits(key: u64, place: u64) -> u64 {
    mixed(key.wrapping_add((place + 1).wrapping_mul(STEP)))
}

/// The same as a number from 0 (excluded) to 1 (included), 53 bits.
#[inline(always)]
pub(super) fn uniform(key: u64, place: u64) -> f64 {
    unit(bits(key, place))
}

/// 64 random bits as a number from 0 (excluded) to 1 (included), 53 bits.
#[inline(always)]
pub(super) fn unit(bits: u64) -> f64 {
    ((bits >> 11) + 1) as f64 * (1.0 / (1_u64 << 53) as f64)
}

/// A probability as a whole number of 2⁻⁶⁴; certainty is the largest number, which no other probability reaches.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // Saturates at both ends, as wanted.
pub(super) fn threshold(probability: f64) -> u64 {
    (probability * 2.0_f64.powi(64)) as u64
}

/// True with the probability of this threshold.
#[inline(always)]
pub(super) fn falls(threshold: u64, bits: u64) -> bool {
    bits < threshold || threshold == u64::MAX
}

/// One coin for each lane of `open`: the lanes on which the arc carries the word.
///
/// Bit by bit of the threshold, from the highest, for the lanes still undecided: about log₂ of their number plus one random
/// words instead of 64. A lane's answer depends on the key and the lane alone, not on which others are open.
#[inline(always)]
pub(super) fn coins<const W: usize>(open: &[u64; W], threshold: u64, key: u64) -> [u64; W] {
    if threshold == u64::MAX {
        return *open;
    }
    let mut undecided = *open;
    let mut falls = [0_u64; W];
    let mut left = threshold;
    let mut place = key;
    while left != 0 {
        // All ones where the threshold's bit is one.
        let one = (left >> 63).wrapping_neg();
        let mut any = 0;
        for w in 0..W {
            let random = mixed(place.wrapping_add((w as u64 + 1).wrapping_mul(STEP)));
            falls[w] |= undecided[w] & !random & one;
            undecided[w] &= random ^ !one;
            any |= undecided[w];
        }
        if any == 0 {
            break;
        }
        place = place.wrapping_add((W as u64).wrapping_mul(STEP));
        left <<= 1;
    }
    falls
}

#[cfg(test)]
mod tests {
    use super::{bits, coins, falls, key, key_of_arc, mixed, threshold, uniform};

    /// The first numbers of the sequence that begins at 1234567, as the authors' C program prints them.
    #[test]
    fn the_sequence_is_the_published_one() {
        let published = [
            6_457_827_717_110_365_317,
            3_203_168_211_198_807_973,
            9_817_491_932_198_370_423,
            4_593_380_528_125_082_431,
            16_408_922_859_458_223_821,
        ];
        for (place, number) in (0..).zip(published) {
            assert_eq!(bits(1_234_567, place), number);
        }
    }

    /// Chi-square of bytes over neighbouring arcs, worlds and seeds: 255 degrees of freedom, six standard deviations.
    fn assert_uniform(name: &str, draw: impl Fn(u64) -> u64) {
        const DRAWS: u64 = 1 << 16;
        for shift in (0..64).step_by(8) {
            let mut counts = [0_u32; 256];
            for i in 0..DRAWS {
                counts[(draw(i) >> shift & 255) as usize] += 1;
            }
            let expected = DRAWS as f64 / 256.0;
            let squares = counts
                .iter()
                .map(|&count| (f64::from(count) - expected).powi(2));
            let chi = squares.sum::<f64>() / expected;
            let deviation = (2.0 * 255.0_f64).sqrt();
            assert!(
                (chi - 255.0).abs() < 6.0 * deviation,
                "{name} byte {shift}: {chi}"
            );
        }
        // Neighbours differ in half of the bits: 64 × 2¹⁶ coins, six standard deviations.
        let flips: u32 = (0..DRAWS)
            .map(|i| (draw(i) ^ draw(i + 1)).count_ones())
            .sum();
        let (mean, deviation) = (32.0 * DRAWS as f64, (16.0 * DRAWS as f64).sqrt());
        assert!(
            (f64::from(flips) - mean).abs() < 6.0 * deviation,
            "{name}: {flips}"
        );
    }

    #[test]
    fn coins_of_neighbouring_arcs_worlds_and_seeds_are_uniform_and_unrelated() {
        let world = |seed, world| key(mixed(seed), world);
        assert_uniform("arcs", |arc| key_of_arc(world(1, 1), arc));
        assert_uniform("worlds", |number| key_of_arc(world(1, number), 5));
        assert_uniform("seeds", |seed| key_of_arc(world(seed, 3), 5));
        assert_uniform("places", |place| bits(key_of_arc(world(1, 1), 1), place));
        assert_uniform("arcs at place 9", |arc| {
            bits(key_of_arc(world(1, 1), arc), 9)
        });
    }

    #[test]
    fn uniform_numbers_are_never_0_and_fill_the_interval() {
        let mean = (0..40_000).map(|place| uniform(1, place)).sum::<f64>() / 40_000.0;
        assert!((mean - 0.5).abs() < 4.0 / (12.0_f64 * 40_000.0).sqrt());
        assert!((0..40_000).all(|place| uniform(2, place) > 0.0 && uniform(2, place) <= 1.0));
    }

    #[test]
    fn coins_in_lanes_fall_with_their_probability_whichever_lanes_are_open() {
        for p in [0.0, 1e-3, 0.01, 0.1, 1.0 / 3.0, 0.5, 0.75, 0.999, 1.0] {
            let limit = threshold(p);
            let mut count = 0;
            for arc in 0..400 {
                let key = key_of_arc(7, arc);
                let all = coins(&[!0; 8], limit, key);
                let some = [0x00ff_0f0f_1234_5678; 8];
                let part = coins(&some, limit, key);
                for w in 0..8 {
                    assert_eq!(part[w], all[w] & some[w]);
                    count += all[w].count_ones();
                }
            }
            let n = 400.0 * 512.0;
            let deviation = (n * p * (1.0 - p)).sqrt();
            assert!(
                (f64::from(count) - n * p).abs() <= 4.5 * deviation,
                "{p}: {count}"
            );
        }
        assert!(falls(threshold(1.0), u64::MAX) && !falls(threshold(0.0), 0));
        assert!(threshold(1.0_f64.next_down()) < u64::MAX);
    }
}
