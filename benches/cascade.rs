//! Cascades and win-back on a network shaped like a co-author graph: 15,000 persons, 60,000 arcs, few with very many.
//!
//! Reach concentrates on hubs in such networks, which decides how much work worlds share; a person's number of arcs
//! falls as the square root of their rank here. The naive competitor is one scalar breadth-first world at a time.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use tillit::measure::Probability;
use tillit::word_of_mouth::network::{Budget, Cascade, Effort, Method, Network, Person, Search};

const PERSONS: u32 = 15_000;
const EDGES: u32 = 30_000;

/// `SplitMix64`, enough for an input.
fn random(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

fn share(state: &mut u64) -> f64 {
    (random(state) >> 11) as f64 / (1_u64 << 53) as f64
}

fn network() -> Network {
    let mut state = 1;
    // The square of a uniform number: density falls as the inverse square root.
    let mut person = || {
        let place = share(&mut state).powi(2) * f64::from(PERSONS);
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let person = place as Person;
        person
    };
    let arcs: Vec<_> = (0..EDGES)
        .map(|_| (person(), person()))
        .flat_map(|(a, b)| [(a, b), (b, a)])
        .collect();
    Network::from_arcs(PERSONS, arcs).expect("persons lie below their number")
}

fn naive(network: &Network, chance: f64, tellers: &[Person], worlds: u32) -> f64 {
    let mut state = 7;
    let mut total = 0;
    for _ in 0..worlds {
        let mut reached = vec![false; network.persons()];
        let mut stack = tellers.to_vec();
        for &teller in tellers {
            reached[teller as usize] = true;
        }
        while let Some(teller) = stack.pop() {
            total += 1;
            for &hearer in network.hearers(teller) {
                if !reached[hearer as usize] && share(&mut state) < chance {
                    reached[hearer as usize] = true;
                    stack.push(hearer);
                }
            }
        }
    }
    f64::from(total) / f64::from(worlds)
}

fn cascades(criterion: &mut Criterion) {
    let network = network();
    let tellers = network.most_connected(50);
    let ones = vec![1.0; network.persons()];
    let mut group = criterion.benchmark_group("cascade");
    group.sample_size(10);
    for p in [0.01, 0.1] {
        let chance = Probability::new(p).expect("a probability");
        let cascade = Cascade::uniform(&network, chance);
        for method in [Method::Skips, Method::Lanes] {
            let effort = Effort::worlds(1, 16_384).with_method(method);
            group.bench_function(format!("p {p}, 16384 worlds, {method:?}"), |b| {
                b.iter(|| cascade.spread(black_box(&tellers), &effort));
            });
        }
        group.bench_function(format!("p {p}, 256 worlds, naive"), |b| {
            b.iter(|| naive(&network, p, black_box(&tellers), 256));
        });
        let effort = Effort::relative_standard_error(1, 0.001).expect("a share");
        group.bench_function(format!("p {p}, to 0.1 %"), |b| {
            b.iter(|| cascade.spread(black_box(&tellers), &effort));
        });
    }
    let weighted = Cascade::weighted(&network);
    let effort = Effort::worlds(1, 16_384);
    group.bench_function("weighted, 16384 worlds", |b| {
        b.iter(|| weighted.spread(black_box(&tellers), &effort));
    });
    let fifty = Budget::persons(50);
    group.bench_function("weighted, convert 50 of all", |b| {
        b.iter(|| weighted.convert(&[], black_box(&ones), &fifty, &Search::new(1)));
    });
    let ten = Budget::persons(10);
    group.bench_function("weighted, silence 10 of 50", |b| {
        b.iter(|| weighted.silence(black_box(&tellers), &ones, &ten, &Search::new(1)));
    });
    group.finish();
}

criterion_group!(benches, cascades);
criterion_main!(benches);
