//! What a person's hearing of it is about worth: weights of a control that takes most of the noise out of a cascade.
//!
//! Each time an arc is tried, (outcome − probability) has mean 0 whatever happened before. Weighing these innovations with what a
//! success is about worth and subtracting their sum from the simulated value leaves the mean as it is, exactly, for any weights
//! fixed beforehand, and takes out all noise that the weights explain (a martingale control variate; Glasserman 2003, "Monte
//! Carlo methods in financial engineering", section 4.1). The exact treatment of the first hop is its simplest case.

use super::cascade::Cascade;
use super::graph::Person;

/// Sweeps over all arcs that are always allowed.
const SWEEPS: usize = 30;
/// Sweeps until a word that goes a long way has been followed to its end; beyond the first as long as the work is no more than this
/// many visits of every person and arc. Where it is not followed, weights pile up in dense parts that it hardly reaches.
const MOST_SWEEPS: usize = 1000;
const MOST_VISITS: usize = 100;

/// For each person the expected further value of reaching them, 0 for the tellers.
///
/// Chance of hearing anyway by mean field, q ← 1 − Π(1 − p q), then backwards D ← value + Σ p (1 − q) D; the weight is (1 − q) D.
pub(super) fn weights(cascade: &Cascade<'_>, tellers: &[Person], values: &[f64]) -> Vec<f64> {
    let network = cascade.network();
    let persons = network.persons();
    let mut is_teller = vec![false; persons];
    for &teller in tellers {
        is_teller[teller as usize] = true;
    }
    let mut hears: Vec<f64> = is_teller.iter().map(|&t| f64::from(u8::from(t))).collect();
    let mut visits = 0;
    for sweep in 0..MOST_SWEEPS {
        if sweep >= SWEEPS && visits > MOST_VISITS * (persons + network.arcs()) {
            break;
        }
        visits += persons;
        let mut misses = vec![1.0; persons];
        for person in (0..).take(persons) {
            let chance = hears[person as usize];
            if chance > 0.0 {
                visits += network.arcs_of(person).len();
                for arc in network.arcs_of(person) {
                    misses[network.heads()[arc] as usize] *= 1.0 - cascade.chance(arc) * chance;
                }
            }
        }
        let mut moved = 0.0;
        let mut total = 0.0;
        for person in 0..persons {
            let chance = if is_teller[person] {
                1.0
            } else {
                1.0 - misses[person]
            };
            moved += (chance - hears[person]).abs();
            total += chance;
            hears[person] = chance;
        }
        if moved <= 1e-3 * total {
            break;
        }
    }
    // Nobody's hearing is worth more than everybody's.
    let everybody: f64 = values.iter().map(|value| value.abs()).sum();
    let mut worth = values.to_vec();
    for _ in 0..SWEEPS {
        let mut moved = 0.0;
        let mut total = 0.0;
        for person in (0..).take(persons) {
            let mut next = values[person as usize];
            for arc in network.arcs_of(person) {
                let head = network.heads()[arc] as usize;
                next += cascade.chance(arc) * (1.0 - hears[head]) * worth[head];
            }
            next = next.clamp(-everybody, everybody);
            moved += (next - worth[person as usize]).abs();
            total += next.abs();
            worth[person as usize] = next;
        }
        if moved <= 1e-3 * total {
            break;
        }
    }
    for person in 0..persons {
        worth[person] *= 1.0 - hears[person];
    }
    worth
}
