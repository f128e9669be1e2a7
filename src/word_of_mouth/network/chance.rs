//! Coins that depend on nothing but what they decide: (seed, world, arc), in any order and on any thread.
//!
//! The generator in the room `numeric` (ten rounds of Philox) is built for streams; a cascade asks for a few bits at a time
//! at millions of places, and there a permutation of 64 bits is enough: `SplitMix64`, a Weyl sequence through Stafford's
//! mixer 13 (Steele, Lea & Flood 2014, "Fast splittable pseudorandom number generators", OOPSLA). Keys are chained through
//! the mixer, so that neighbouring seeds, worlds and arcs start at unrelated places of the sequence.

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
pub(super) fn key_of_arc(key: u64, arc: usize) -> u64 {
    mixed(key.wrapping_add((arc as u64 + 1).wrapping_mul(0xd134_2543_de82_ef95)))
}

/// The number at `place` (from 0) of the sequence that begins at `key`.
#[inline(always)]
pub(super) fn bits(key: u64, place: u64) -> u64 {
    mixed(key.wrapping_add((place + 1).wrapping_mul(STEP)))
}

/// The same as a number from 0 (excluded) to 1 (included), 53 bits.
#[inline(always)]
pub(super) fn uniform(key: u64, place: u64) -> f64 {
    ((bits(key, place) >> 11) + 1) as f64 * (1.0 / (1_u64 << 53) as f64)
}

/// A probability as a whole number of 2⁻⁶⁴; certainty is the largest number, which no other probability reaches.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // Saturates at both ends, as wanted.
pub(super) fn threshold(probability: f64) -> u64 {
    (probability * 18_446_744_073_709_551_616.0) as u64
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
