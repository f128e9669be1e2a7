//! One world at a time, jumping from one arc that carries the word to the next: the work is per success, not per arc.

use super::cascade::Cascade;
use super::chance;
use super::graph::Person;

/// A cascade with one probability for all arcs, prepared for one set of tellers.
#[derive(Debug)]
pub(super) struct SkipPlan<'a> {
    cascade: &'a Cascade<'a>,
    tellers: &'a [Person],
    values: &'a [f64],
    control: Vec<f64>,
    /// Expected control weight of each person's successes.
    expected: Vec<f64>,
    /// Threshold of "none of d arcs succeeds", by d up to the longest row.
    silent: Vec<u64>,
    /// 1 / ln(1 − p); 0 for p = 1, where every arc succeeds.
    per_log: f64,
    seed: u64,
}

/// Sum and sum of squares over the worlds of a block.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct SkipTotal {
    pub(super) sum: f64,
    pub(super) squares: f64,
}

impl<'a> SkipPlan<'a> {
    pub(super) fn new(
        cascade: &'a Cascade<'a>,
        chance: f64,
        tellers: &'a [Person],
        values: &'a [f64],
        mut control: Vec<f64>,
        seed: u64,
    ) -> Self {
        let network = cascade.network();
        for &teller in tellers {
            control[teller as usize] = 0.0;
        }
        let mut longest = 0;
        let expected = (0..)
            .take(network.persons())
            .map(|person| {
                let hearers = network.hearers(person);
                longest = longest.max(hearers.len());
                let sum: f64 = hearers.iter().map(|&h| control[h as usize]).sum();
                chance * sum
            })
            .collect();
        let silent = (0..=longest)
            .map(|arcs| chance::threshold(arcs_silent(chance, arcs)))
            .collect();
        Self {
            cascade,
            tellers,
            values,
            control,
            expected,
            silent,
            per_log: if chance < 1.0 {
                1.0 / (-chance).ln_1p()
            } else {
                0.0
            },
            seed: chance::mixed(seed),
        }
    }
}

/// Probability that none of `arcs` arcs succeeds.
fn arcs_silent(chance: f64, arcs: usize) -> f64 {
    (arcs as f64 * (-chance).ln_1p()).exp()
}

/// Working memory of one thread.
#[derive(Debug)]
pub(super) struct Skips {
    /// The number of the last world in which each person was reached.
    reached_in: Vec<u32>,
    world: u32,
    stack: Vec<Person>,
}

impl Skips {
    /// Worlds in a block.
    pub(super) const WORLDS: u64 = 64;

    pub(super) fn new(persons: usize) -> Self {
        Self {
            reached_in: vec![0; persons],
            world: 0,
            stack: Vec::new(),
        }
    }

    /// Runs the worlds of one block; the sides' values are added up with their signs, world by world.
    pub(super) fn run(
        &mut self,
        sides: &[(f64, SkipPlan<'_>)],
        block: u64,
        centre: f64,
    ) -> SkipTotal {
        let mut total = SkipTotal::default();
        for world in block * Self::WORLDS..(block + 1) * Self::WORLDS {
            let mut value = -centre;
            for (sign, plan) in sides {
                value += sign * self.world(plan, chance::key(plan.seed, world));
            }
            total.sum += value;
            total.squares += value * value;
        }
        total
    }

    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // A gap is at least 0 and saturates.
    fn world(&mut self, plan: &SkipPlan<'_>, world_key: u64) -> f64 {
        self.world = self.world.wrapping_add(1);
        if self.world == 0 {
            self.reached_in.fill(0);
            self.world = 1;
        }
        for &teller in plan.tellers {
            self.reached_in[teller as usize] = self.world;
            self.stack.push(teller);
        }
        let mut value = 0.0;
        while let Some(teller) = self.stack.pop() {
            value += plan.values[teller as usize] + plan.expected[teller as usize];
            let hearers = plan.cascade.network().hearers(teller);
            let key = chance::key_of_arc(world_key, u64::from(teller));
            // One number decides whether any arc succeeds and, if so, which is the first: U ≥ (1 − p)^d, gap = ln U / ln(1 − p).
            let first = chance::bits(key, 0);
            let silent = plan.silent[hearers.len()];
            if silent == u64::MAX || first < silent {
                continue;
            }
            let mut next = (chance::uniform(key, 0).ln() * plan.per_log) as usize;
            let mut place = 1;
            while next < hearers.len() {
                let hearer = hearers[next];
                value -= plan.control[hearer as usize];
                if self.reached_in[hearer as usize] != self.world {
                    self.reached_in[hearer as usize] = self.world;
                    self.stack.push(hearer);
                }
                let gap = (chance::uniform(key, place).ln() * plan.per_log) as usize;
                next = next.saturating_add(gap).saturating_add(1);
                place += 1;
            }
        }
        value
    }
}
