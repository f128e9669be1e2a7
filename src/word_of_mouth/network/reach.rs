//! Which of a few tellers reach each hearer, world by world, all with the same coins.

use std::collections::BTreeMap;

use super::cascade::{Cascade, in_blocks};
use super::chance;
use super::family::Family;
use super::graph::Person;

/// Worlds in a block.
pub(super) const WORLDS: u64 = 16;

/// Working memory of one thread: one row per person, one bit per candidate who reached them, then one for each whose word they have
/// not passed on yet; side by side, since both are needed at once and each visit waits for memory.
struct Rows {
    words: usize,
    bits: Vec<u64>,
    touched: Vec<Person>,
    stack: Vec<Person>,
}

/// The sets of candidates (one bit each) whose word arrives at the same hearers, with the sum of these hearers' values over the
/// worlds of one block.
pub(super) type Block = BTreeMap<Vec<u64>, f64>;

/// For each hearer in each world the set of candidates whose word arrives, with the hearer's value; equal sets are put
/// together, and weights are per world.
pub(super) fn family(
    cascade: &Cascade<'_>,
    candidates: &[Person],
    values: &[f64],
    seed: u64,
    worlds: u64,
) -> Family {
    let blocks = worlds.div_ceil(WORLDS).max(1);
    joined(
        candidates.len(),
        blocks_of(cascade, candidates, values, seed, 0..blocks),
    )
}

/// The same block by block.
pub(super) fn blocks_of(
    cascade: &Cascade<'_>,
    candidates: &[Person],
    values: &[f64],
    seed: u64,
    blocks: std::ops::Range<u64>,
) -> Vec<Block> {
    let persons = cascade.network().persons();
    let words = candidates.len().div_ceil(64);
    let seed = chance::mixed(seed);
    in_blocks(
        blocks,
        || Rows {
            words,
            bits: vec![0; 2 * words * persons],
            touched: Vec::new(),
            stack: Vec::new(),
        },
        |rows, block| {
            let mut sets = Block::new();
            for world in block * WORLDS..(block + 1) * WORLDS {
                rows.world(
                    cascade,
                    candidates,
                    values,
                    chance::key(seed, world),
                    &mut sets,
                );
            }
            sets
        },
    )
}

/// Puts equal sets of these blocks together. Blocks are added in their order, so that the sums do not depend on threads.
pub(super) fn joined(candidates: usize, blocks: Vec<Block>) -> Family {
    let per_world = 1.0 / (blocks.len() as u64 * WORLDS) as f64;
    let mut sets = Block::new();
    for block in blocks {
        for (set, weight) in block {
            *sets.entry(set).or_insert(0.0) += weight;
        }
    }
    let mut starts = vec![0];
    let mut members = Vec::new();
    let mut weights = Vec::new();
    for (set, weight) in sets {
        members.extend(members_of(&set));
        starts.push(members.len());
        weights.push(weight * per_world);
    }
    Family::new(candidates, starts, members, weights)
}

/// The candidates of a set, ascending.
pub(super) fn members_of(set: &[u64]) -> impl Iterator<Item = u32> + '_ {
    (0_u32..).step_by(64).zip(set).flat_map(|(base, &word)| {
        (0..64)
            .filter(move |bit| word >> bit & 1 == 1)
            .map(move |bit| base + bit)
    })
}

impl Rows {
    fn world(
        &mut self,
        cascade: &Cascade<'_>,
        candidates: &[Person],
        values: &[f64],
        key: u64,
        sets: &mut Block,
    ) {
        let network = cascade.network();
        let words = self.words;
        for (number, &candidate) in candidates.iter().enumerate() {
            let at = 2 * words * candidate as usize + number / 64;
            self.bits[at] |= 1 << (number % 64);
            self.bits[at + words] |= 1 << (number % 64);
            self.touched.push(candidate);
            self.stack.push(candidate);
        }
        let mut word = vec![0; words];
        while let Some(teller) = self.stack.pop() {
            let at = 2 * words * teller as usize;
            let pending = &mut self.bits[at + words..at + 2 * words];
            word.copy_from_slice(pending);
            pending.fill(0);
            if word.iter().all(|&bits| bits == 0) {
                continue;
            }
            for arc in network.arcs_of(teller) {
                if !chance::falls(cascade.threshold(arc), chance::key_of_arc(key, arc as u64)) {
                    continue;
                }
                let hearer = network.heads()[arc];
                let at = 2 * words * hearer as usize;
                let (reached, pending) = self.bits[at..at + 2 * words].split_at_mut(words);
                let (mut was_reached, mut was_pending, mut new) = (0, 0, 0);
                for ((bits, reached), pending) in word.iter().zip(reached).zip(pending) {
                    let fresh = bits & !*reached;
                    was_reached |= *reached;
                    was_pending |= *pending;
                    new |= fresh;
                    *reached |= fresh;
                    *pending |= fresh;
                }
                if new != 0 {
                    if was_reached == 0 {
                        self.touched.push(hearer);
                    }
                    if was_pending == 0 {
                        self.stack.push(hearer);
                    }
                }
            }
        }
        for &person in &self.touched {
            let at = 2 * words * person as usize;
            let reached = &mut self.bits[at..at + words];
            let value = values[person as usize];
            if value > 0.0 {
                match sets.get_mut(&*reached) {
                    Some(weight) => *weight += value,
                    None => {
                        sets.insert(reached.to_vec(), value);
                    }
                }
            }
            reached.fill(0);
        }
        self.touched.clear();
    }
}
