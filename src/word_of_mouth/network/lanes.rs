//! Many worlds at once: one bit per world, up to a few hundred worlds per block.
//!
//! Memory: 24 bytes per arc, 8 per person and, for each thread, 64 (256 worlds per block) or 16 (64 worlds) per person.

use super::cascade::Cascade;
use super::chance;
use super::graph::Person;

/// What the kernel needs of an arc, in one place.
#[derive(Clone, Copy, Debug)]
pub(super) struct ArcLine {
    threshold: u64,
    /// Probability times the weight of the head in the control.
    control: f64,
    head: Person,
}

/// A cascade prepared for one set of tellers.
#[derive(Debug)]
pub(super) struct LanePlan<'a> {
    cascade: &'a Cascade<'a>,
    tellers: &'a [Person],
    arcs: Vec<ArcLine>,
    /// Value less control weight of each person.
    rest: Vec<f64>,
    tellers_value: f64,
    seed: u64,
}

impl<'a> LanePlan<'a> {
    pub(super) fn new(
        cascade: &'a Cascade<'a>,
        tellers: &'a [Person],
        values: &[f64],
        control: &[f64],
        seed: u64,
    ) -> Self {
        let network = cascade.network();
        let arcs = network
            .heads()
            .iter()
            .enumerate()
            .map(|(arc, &head)| ArcLine {
                threshold: cascade.threshold(arc),
                control: cascade.chance(arc) * control[head as usize],
                head,
            })
            .collect();
        let mut rest: Vec<f64> = values.iter().zip(control).map(|(v, c)| v - c).collect();
        let mut tellers_value = 0.0;
        for &teller in tellers {
            tellers_value += values[teller as usize];
            rest[teller as usize] = 0.0;
        }
        Self {
            cascade,
            tellers,
            arcs,
            rest,
            tellers_value,
            seed: chance::mixed(seed),
        }
    }
}

/// One person's worlds.
#[derive(Clone, Copy, Debug)]
struct Line<const W: usize> {
    reached: [u64; W],
    pending: [u64; W],
}

/// Working memory of one thread.
#[derive(Debug)]
pub(super) struct Lanes<const W: usize> {
    lines: Vec<Line<W>>,
    queue: std::collections::VecDeque<Person>,
    touched: Vec<Person>,
}

impl<const W: usize> Lanes<W> {
    /// Worlds in a block.
    pub(super) const WORLDS: u64 = 64 * W as u64;

    pub(super) fn new(persons: usize) -> Self {
        let empty = Line {
            reached: [0; W],
            pending: [0; W],
        };
        Self {
            lines: vec![empty; persons],
            queue: std::collections::VecDeque::new(),
            touched: Vec::new(),
        }
    }

    /// Value summed over the worlds of one block, the weighed innovations taken out.
    #[allow(clippy::inline_always)] // Or it is not compiled for the instruction set that the caller chose.
    #[inline(always)]
    pub(super) fn run(&mut self, plan: &LanePlan<'_>, block: u64) -> f64 {
        let network = plan.cascade.network();
        let world_key = chance::key(plan.seed, block);
        for &teller in plan.tellers {
            let line = &mut self.lines[teller as usize];
            line.reached = [!0; W];
            line.pending = [!0; W];
            self.queue.push_back(teller);
            self.touched.push(teller);
        }
        let mut expected = 0.0;
        while let Some(teller) = self.queue.pop_front() {
            let from = std::mem::replace(&mut self.lines[teller as usize].pending, [0; W]);
            for arc in network.arcs_of(teller) {
                let arc_line = &plan.arcs[arc];
                let line = &mut self.lines[arc_line.head as usize];
                let mut open = [0; W];
                let mut any = 0;
                let mut count = 0;
                for w in 0..W {
                    open[w] = from[w] & !line.reached[w];
                    any |= open[w];
                    count += open[w].count_ones();
                }
                if any == 0 {
                    continue;
                }
                expected += arc_line.control * f64::from(count);
                let falls = chance::coins(
                    &open,
                    arc_line.threshold,
                    chance::key_of_arc(world_key, arc as u64),
                );
                let mut was_pending = 0;
                let mut was_reached = 0;
                let mut new = 0;
                for (w, fallen) in falls.into_iter().enumerate() {
                    was_pending |= line.pending[w];
                    was_reached |= line.reached[w];
                    new |= fallen;
                    line.pending[w] |= fallen;
                    line.reached[w] |= fallen;
                }
                if new != 0 {
                    if was_pending == 0 {
                        self.queue.push_back(arc_line.head);
                    }
                    if was_reached == 0 {
                        self.touched.push(arc_line.head);
                    }
                }
            }
        }
        let mut controlled = plan.tellers_value * Self::WORLDS as f64 + expected;
        for &person in &self.touched {
            let line = &mut self.lines[person as usize];
            let count: u32 = line.reached.iter().map(|word| word.count_ones()).sum();
            controlled += plan.rest[person as usize] * f64::from(count);
            line.reached = [0; W];
        }
        self.touched.clear();
        controlled
    }
}
