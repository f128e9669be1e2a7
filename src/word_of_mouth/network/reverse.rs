//! Who could have told a given hearer: random reverse reachable sets.

use super::cascade::{Cascade, in_blocks};
use super::chance;
use super::graph::Person;

/// Hearers in a block.
const BLOCK: u64 = 2048;

/// The network seen from the hearers.
#[derive(Debug)]
pub(super) struct Reverse {
    rows: Vec<Row>,
    tails: Vec<Person>,
    thresholds: Vec<u64>,
}

/// The arcs that lead to one person.
#[derive(Clone, Copy, Debug)]
struct Row {
    start: u32,
    arcs: u32,
    /// Threshold of "no arc succeeds"; 0 where arcs differ, then each has its coin.
    silent: u64,
    /// 1 / ln(1 − p) where all arcs have one p below 1, else 0.
    per_log: f64,
    equal: bool,
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
        let mut rows = Vec::with_capacity(network.persons());
        let mut start = 0;
        for &arcs in network.arcs_in() {
            rows.push(Row {
                start,
                arcs,
                silent: 0,
                per_log: 0.0,
                equal: true,
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
        for row in &mut rows {
            let own = &chances[row.start as usize..(row.start + row.arcs) as usize];
            let first = own.first().copied().unwrap_or(0.0);
            #[allow(clippy::float_cmp)] // Jumping needs the very same probability.
            let equal = own.iter().all(|&chance| chance == first);
            row.equal = equal;
            if equal {
                let log = (-first).ln_1p();
                row.silent = chance::threshold((f64::from(row.arcs) * log).exp());
                row.per_log = if first < 1.0 { 1.0 / log } else { 0.0 };
                if row.arcs == 0 || first <= 0.0 {
                    row.silent = u64::MAX;
                }
            }
        }
        Self {
            rows,
            tails,
            thresholds: chances.into_iter().map(chance::threshold).collect(),
        }
    }

    /// Appends to `set` those who reach `hearer`, the hearer first; ends early, with true, once `found` holds of one.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // A gap is at least 0 and saturates.
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
        memory.seen[hearer as usize] = memory.stamp;
        set.push(hearer);
        if found(hearer) {
            return true;
        }
        while let Some(&person) = set.get(done) {
            done += 1;
            let row = self.rows[person as usize];
            let coins = chance::key_of_arc(key, u64::from(person));
            let first = chance::bits(coins, 0);
            if row.silent == u64::MAX || first < row.silent {
                continue;
            }
            let tails = &self.tails[row.start as usize..(row.start + row.arcs) as usize];
            let mut place = 0;
            let mut next = 0;
            loop {
                if row.equal {
                    next += (chance::uniform(coins, place).ln() * row.per_log) as usize;
                } else {
                    let thresholds = &self.thresholds[row.start as usize..];
                    while next < tails.len()
                        && !chance::falls(thresholds[next], chance::bits(coins, next as u64))
                    {
                        next += 1;
                    }
                }
                place += 1;
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
        let persons = self.rows.len() as u64;
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
