//! Many worlds at once: one bit per world, 256 worlds per block.

use super::cascade::Cascade;
use super::chance;
use super::graph::Person;

/// Words of 64 worlds in a block: eight were not faster in all, and take twice the memory.
pub(super) const WORDS: usize = 4;
/// Worlds in a block.
pub(super) const WORLDS: u64 = 64 * WORDS as u64;

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
struct Line {
    reached: [u64; WORDS],
    pending: [u64; WORDS],
}

/// Working memory of one thread.
#[derive(Debug)]
pub(super) struct Lanes {
    lines: Vec<Line>,
    queue: std::collections::VecDeque<Person>,
    touched: Vec<Person>,
}

impl Lanes {
    pub(super) fn new(persons: usize) -> Self {
        let empty = Line {
            reached: [0; WORDS],
            pending: [0; WORDS],
        };
        Self {
            lines: vec![empty; persons],
            queue: std::collections::VecDeque::new(),
            touched: Vec::new(),
        }
    }

    /// Value summed over the worlds of each word of one block, the weighed innovations taken out.
    #[allow(clippy::inline_always)] // Or it is not compiled for the instruction set that the caller chose.
    #[inline(always)]
    pub(super) fn run(&mut self, plan: &LanePlan<'_>, block: u64) -> [f64; WORDS] {
        let network = plan.cascade.network();
        let world_key = chance::key(plan.seed, block);
        for &teller in plan.tellers {
            let line = &mut self.lines[teller as usize];
            line.reached = [!0; WORDS];
            line.pending = [!0; WORDS];
            self.queue.push_back(teller);
            self.touched.push(teller);
        }
        let mut total = [plan.tellers_value * 64.0; WORDS];
        while let Some(teller) = self.queue.pop_front() {
            let from = std::mem::replace(&mut self.lines[teller as usize].pending, [0; WORDS]);
            for arc in network.arcs_of(teller) {
                let arc_line = &plan.arcs[arc];
                let line = &mut self.lines[arc_line.head as usize];
                let mut open = [0; WORDS];
                let mut any = 0;
                for w in 0..WORDS {
                    open[w] = from[w] & !line.reached[w];
                    any |= open[w];
                }
                if any == 0 {
                    continue;
                }
                for w in 0..WORDS {
                    total[w] += arc_line.control * f64::from(open[w].count_ones());
                }
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
        for &person in &self.touched {
            let line = &mut self.lines[person as usize];
            for (total, word) in total.iter_mut().zip(line.reached) {
                *total += plan.rest[person as usize] * f64::from(word.count_ones());
            }
            line.reached = [0; WORDS];
        }
        self.touched.clear();
        total
    }
}

#[cfg(test)]
mod tests {
    use super::{ArcLine, Line};

    #[test]
    fn arcs_and_persons_take_the_memory_that_the_documentation_of_cascades_says() {
        assert_eq!(size_of::<ArcLine>(), 24);
        assert_eq!(size_of::<Line>(), 64);
    }
}
