//! Who could have told a given hearer: random reverse reachable sets.

use std::collections::BTreeMap;

use super::cascade::{Cascade, in_blocks};
use super::chance;
use super::graph::Person;

/// Hearers in a block.
const BLOCK: u64 = 2048;

/// Up to this many steps on average a jump is found by stepping; beyond, its logarithm is cheaper.
const STEPS: f64 = 16.0;

/// The network seen from the hearers: rows of eight bytes and few rules, so that both stay in the fast caches.
#[derive(Debug)]
pub(super) struct Reverse {
    rows: Vec<Row>,
    tails: Vec<Person>,
    rules: Vec<Rule>,
    /// Threshold of "none of j arcs succeeds", by j from 0, one stretch for each rule.
    silent: Vec<u64>,
    /// Threshold of each arc, where some row has arcs that differ.
    thresholds: Vec<u64>,
}

/// The arcs that lead to one person, up to where the next row starts.
#[derive(Clone, Copy, Debug)]
struct Row {
    start: u32,
    rule: u32,
}

/// Rows whose arcs differ have no rule: each arc has its coin.
const NO_RULE: u32 = u32::MAX;

/// How to jump among arcs with one probability.
#[derive(Clone, Copy, Debug)]
struct Rule {
    /// Where the thresholds of this probability begin.
    silent: u32,
    /// 1 / ln(1 − p), or 0 where jumps are found by stepping.
    per_log: f64,
}

/// Sets of two and more; a set of the hearer alone tells nothing that was not known.
#[derive(Debug, Default)]
pub(super) struct ReverseSets {
    pub(super) starts: Vec<usize>,
    pub(super) members: Vec<Person>,
    pub(super) hearers: Vec<Person>,
}

/// Working memory of one thread.
struct Seen {
    stamp: u32,
    seen: Vec<u32>,
}

impl Reverse {
    pub(super) fn new(cascade: &Cascade<'_>) -> Self {
        let network = cascade.network();
        let tails_by_arc = network.tails();
        let mut rows = Vec::with_capacity(network.persons() + 1);
        let mut start = 0;
        for &arcs in network.arcs_in().iter().chain(&[0]) {
            rows.push(Row {
                start,
                rule: NO_RULE,
            });
            start += arcs;
        }
        let mut next: Vec<u32> = rows.iter().map(|row| row.start).collect();
        let mut tails = vec![0; network.arcs()];
        let mut chances = vec![0.0; network.arcs()];
        for (arc, &head) in network.heads().iter().enumerate() {
            let at = &mut next[head as usize];
            tails[*at as usize] = tails_by_arc[arc];
            chances[*at as usize] = cascade.chance(arc);
            *at += 1;
        }
        // For each probability that a whole row shares: the longest such row, then its rule.
        let shared = |row: usize| {
            let own = &chances[rows[row].start as usize..rows[row + 1].start as usize];
            let first = own.first().copied().unwrap_or(0.0);
            #[allow(clippy::float_cmp)] // Jumping needs the very same probability.
            let equal = own.iter().all(|&chance| chance == first);
            equal.then_some((first.to_bits(), own.len()))
        };
        let shared: Vec<_> = (0..network.persons()).map(shared).collect();
        let mut longest = BTreeMap::new();
        for &(bits, arcs) in shared.iter().flatten() {
            let most = longest.entry(bits).or_insert(arcs);
            *most = arcs.max(*most);
        }
        let mut rules = Vec::with_capacity(longest.len());
        let mut silent = Vec::new();
        let mut rule_of = BTreeMap::new();
        for (number, (bits, arcs)) in (0..).zip(longest) {
            let chance = f64::from_bits(bits);
            let log = (-chance).ln_1p();
            rule_of.insert(bits, number);
            rules.push(Rule {
                #[allow(clippy::cast_possible_truncation)] // No longer than arcs and persons.
                silent: silent.len() as u32,
                per_log: if chance * STEPS < 1.0 { 1.0 / log } else { 0.0 },
            });
            silent.push(u64::MAX);
            silent.extend((1..=arcs).map(|j| chance::threshold((j as f64 * log).exp())));
        }
        for (row, shared) in rows.iter_mut().zip(&shared) {
            if let Some((bits, _)) = shared {
                row.rule = rule_of[bits];
            }
        }
        let thresholds = if shared.iter().all(Option::is_some) {
            Vec::new()
        } else {
            chances.into_iter().map(chance::threshold).collect()
        };
        Self {
            rows,
            tails,
            rules,
            silent,
            thresholds,
        }
    }

    /// Appends to `set` those who reach `hearer`, the hearer first; ends early, with true, once `found` holds of one.
    fn grow(
        &self,
        memory: &mut Seen,
        hearer: Person,
        key: u64,
        set: &mut Vec<Person>,
        found: impl Fn(Person) -> bool,
    ) -> bool {
        memory.stamp = memory.stamp.wrapping_add(1);
        if memory.stamp == 0 {
            memory.seen.fill(0);
            memory.stamp = 1;
        }
        let mut done = set.len();
        // The order of growth is fixed, so that coins can be taken one after the other.
        let mut place = 0;
        memory.seen[hearer as usize] = memory.stamp;
        set.push(hearer);
        if found(hearer) {
            return true;
        }
        while let Some(&person) = set.get(done) {
            done += 1;
            let row = self.rows[person as usize];
            let arcs = row.start as usize..self.rows[person as usize + 1].start as usize;
            let tails = &self.tails[arcs.clone()];
            let mut next = 0;
            while let Some(left) = tails.get(next..).filter(|left| !left.is_empty()) {
                let bits = chance::bits(key, place);
                place += 1;
                next += match self.rules.get(row.rule as usize) {
                    Some(rule) => self.jump(*rule, left.len(), bits),
                    None if chance::falls(self.thresholds[arcs.start + next], bits) => 0,
                    None => {
                        next += 1;
                        continue;
                    }
                };
                let Some(&teller) = tails.get(next) else {
                    break;
                };
                next += 1;
                if memory.seen[teller as usize] != memory.stamp {
                    memory.seen[teller as usize] = memory.stamp;
                    set.push(teller);
                    if found(teller) {
                        return true;
                    }
                }
            }
        }
        false
    }

    /// How many of the `left` arcs fail before the first succeeds; `left` if none does. One number decides both:
    /// U < (1 − p)^j if the first j fail.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // A jump is at least 0 and saturates.
    fn jump(&self, rule: Rule, left: usize, bits: u64) -> usize {
        let silent = &self.silent[rule.silent as usize..];
        if chance::falls(silent[left], bits) {
            return left;
        }
        if rule.per_log != 0.0 {
            let jump = (chance::unit(bits).ln() * rule.per_log) as usize;
            return jump.min(left - 1);
        }
        let mut jump = 0;
        while bits < silent[jump + 1] {
            jump += 1;
        }
        jump
    }

    /// One set for each hearer in each of these passes, those of the hearer alone left out.
    pub(super) fn sets(&self, seed: u64, passes: std::ops::Range<u64>, into: &mut ReverseSets) {
        if into.starts.is_empty() {
            into.starts.push(0);
        }
        let pieces = self.in_passes(passes, |memory, hearer, key, piece: &mut ReverseSets| {
            let before = piece.members.len();
            self.grow(
                memory,
                hearer,
                chance::key(seed, key),
                &mut piece.members,
                |_| false,
            );
            if piece.members.len() - before > 1 {
                piece.starts.push(piece.members.len());
                piece.hearers.push(hearer);
            } else {
                piece.members.truncate(before);
            }
        });
        for piece in pieces {
            let base = into.members.len();
            into.starts
                .extend(piece.starts.iter().map(|end| base + end));
            into.members.extend_from_slice(&piece.members);
            into.hearers.extend_from_slice(&piece.hearers);
        }
    }

    /// Value of the hearers whom the tellers reach, summed over these passes.
    pub(super) fn covered(
        &self,
        seed: u64,
        passes: std::ops::Range<u64>,
        is_teller: &[bool],
        values: &[f64],
    ) -> f64 {
        let pieces = self.in_passes(
            passes,
            |memory, hearer, key, sum: &mut (f64, Vec<Person>)| {
                sum.1.clear();
                let found = |person: Person| is_teller[person as usize];
                if self.grow(memory, hearer, chance::key(seed, key), &mut sum.1, found) {
                    sum.0 += values[hearer as usize];
                }
            },
        );
        pieces.into_iter().map(|(sum, _)| sum).sum()
    }

    /// Goes through all hearers in each pass, in blocks.
    fn in_passes<R: Default + Send>(
        &self,
        passes: std::ops::Range<u64>,
        run: impl Fn(&mut Seen, Person, u64, &mut R) + Send + Sync,
    ) -> Vec<R> {
        let persons = self.rows.len() as u64 - 1;
        let blocks = persons.div_ceil(BLOCK);
        in_blocks(
            passes.start * blocks..passes.end * blocks,
            || Seen {
                stamp: 0,
                seen: vec![0; self.rows.len()],
            },
            |memory, block| {
                let mut result = R::default();
                let (pass, first) = (block / blocks, block % blocks * BLOCK);
                for hearer in first..(first + BLOCK).min(persons) {
                    #[allow(clippy::cast_possible_truncation)] // Persons are numbered in 32 bits.
                    run(
                        memory,
                        hearer as Person,
                        pass * persons + hearer,
                        &mut result,
                    );
                }
                result
            },
        )
    }
}
