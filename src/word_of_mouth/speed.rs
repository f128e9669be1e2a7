//! How fast the room is on the machine at hand, as ratios to that machine's memory and to one thread.
//!
//! An ignored test, because forcing an instruction set is not public: it prints one table, in about a minute, with
//! `cargo test --release --lib word_of_mouth::speed -- --ignored --nocapture`. `TILLIT_SPEED_ROWS` sets the customers
//! (10 million). Each time is the shortest of several in turn, by the clock on the wall: it wants a quiet machine.
#![cfg(feature = "parallel")]

use std::hint::black_box;
use std::time::Instant;

use fearless_simd::Level;
use rayon::prelude::*;

use super::chunk::CHUNK;
use super::coefficients::coefficients;
use super::kernel;
use super::network::{Budget, Cascade, Effort, Network, Person, Search};
use super::{
    Audience, Generations, PortfolioLaw, Precision, Simulation, Sway, Talk, Teller, TellerGroup,
};
use crate::measure::{Currency, ExpectedMoney, Probability};

/// Repetitions of which the shortest counts.
const REPETITIONS: usize = 5;

fn seconds(mut work: impl FnMut() + Send) -> f64 {
    let mut shortest = f64::INFINITY;
    for _ in 0..REPETITIONS {
        let started = Instant::now();
        work();
        shortest = shortest.min(started.elapsed().as_secs_f64());
    }
    shortest
}

/// On one and on two threads.
fn on_threads(mut work: impl FnMut() + Send) -> [f64; 2] {
    [1, 2].map(|threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
        pool.build().unwrap().install(|| seconds(&mut work))
    })
}

fn probability(value: f64) -> Probability {
    Probability::new(value).unwrap()
}

/// `SplitMix64` as a number from 0 to 1.
fn random(state: &mut u64) -> f64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let z = (*state ^ (*state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
}

fn direct() -> Talk {
    let hearer = ExpectedMoney::new(1200.0, Currency::new("EUR").unwrap()).unwrap();
    let won = |p| Sway::winning(probability(p));
    Talk::new(
        hearer,
        Sway::losing(probability(0.05)),
        won(0.02),
        won(0.03),
    )
    .unwrap()
    .with_own_loss(Teller::Detractor, probability(0.6))
    .with_own_loss(Teller::Passive, probability(0.1))
}

/// Four generations in a market of a million.
fn retold() -> Talk {
    let four = Generations::finite(4).unwrap();
    direct()
        .with_retelling(probability(0.05), probability(0.8), four)
        .with_market(1_000_000.try_into().unwrap())
}

/// Reads columns at the speed of memory: nothing but an addition per entry.
fn read<T: Precision>(audience: &Audience<'_, T>, chunk: usize) -> u64 {
    let rows = audience.chunk(chunk);
    let (words, rest) = rows.tellers.as_chunks();
    let mut sum = rest.len() as u64;
    for &word in words {
        sum = sum.wrapping_add(u64::from_le_bytes(word));
    }
    let zero = T::ZERO;
    for column in [rows.lifetime_values, rows.connectedness] {
        // A comparison: sums of floats would wait for each other.
        let above: u32 = column.iter().map(|&value| u32::from(value > zero)).sum();
        sum = sum.wrapping_add(u64::from(above));
    }
    sum
}

fn line(what: &str, nanoseconds: f64, bytes: f64, against: &str) {
    let rate = bytes / nanoseconds;
    println!("| {what} | {nanoseconds:.3} ns | {rate:.1} GB/s | {against} |");
}

fn columns<T: Precision>(name: &str, rows: usize) {
    let mut state = 1;
    let (mut tellers, mut values, mut connectedness) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..rows {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        tellers.push((random(&mut state) * 4.0) as u8);
        values.push(T::nearest(10.0 * 1000_f64.powf(random(&mut state))));
        connectedness.push(T::nearest(0.25 + 1.5 * random(&mut state)));
    }
    let euro = Currency::new("EUR").unwrap();
    let audience = Audience::new(euro, &tellers, &values, &connectedness).unwrap();
    let chunks = rows.div_ceil(CHUNK);
    let mut out = vec![T::nearest(1.0); rows];
    let size = size_of::<T>() as f64;
    let (bytes_in, bytes_all) = (1.0 + 2.0 * size, 1.0 + 3.0 * size);
    let per_row = |seconds: [f64; 2]| seconds.map(|s| s * 1e9 / rows as f64);

    let reading = per_row(on_threads(|| {
        let sums = (0..chunks).into_par_iter().map(|c| read(&audience, c));
        black_box(sums.reduce(|| 0, u64::wrapping_add));
    }));
    let copying = per_row(on_threads(|| {
        let parts = out.par_chunks_mut(CHUNK).enumerate();
        let sums = parts.map(|(c, out)| {
            out.copy_from_slice(audience.chunk(c).lifetime_values);
            read(&audience, c)
        });
        black_box(sums.reduce(|| 0, u64::wrapping_add));
    }));
    for (threads, (read, copied)) in (1..).zip(reading.into_iter().zip(copying)) {
        let what = |what: &str| format!("{name} {what}, {threads} thread(s)");
        line(&what("reading alone"), read, bytes_in, "");
        line(&what("reading and writing alone"), copied, bytes_all, "");
    }
    for (how, talk) in [("direct", direct()), ("retold, market", retold())] {
        let total = per_row(on_threads(|| {
            black_box(audience.total(&talk).unwrap());
        }));
        let column = per_row(on_threads(|| {
            black_box(audience.impact_into(&talk, &mut out).unwrap());
        }));
        for threads in [1, 2] {
            let i = threads - 1;
            let share =
                |stream: f64, own: f64| format!("{:.0} % of streaming", 100.0 * stream / own);
            let what = |what: &str| format!("{name} {how}, {what}, {threads} thread(s)");
            line(
                &what("total"),
                total[i],
                bytes_in,
                &share(reading[i], total[i]),
            );
            line(
                &what("column"),
                column[i],
                bytes_all,
                &share(copying[i], column[i]),
            );
        }
        println!(
            "| {name} {how}, two threads | | | total {:.2}, column {:.2} times one thread |",
            total[0] / total[1],
            column[0] / column[1]
        );
    }
    let coefficients = coefficients::<T>(&retold()).unwrap();
    for (level_name, level) in levels() {
        let column = seconds(|| {
            for (c, out) in out.chunks_mut(CHUNK).enumerate() {
                black_box(kernel::fill(level, &coefficients, audience.chunk(c), out));
            }
        });
        let total = seconds(|| {
            for c in 0..chunks {
                black_box(kernel::sum(level, &coefficients, audience.chunk(c)));
            }
        });
        let [column, total] = per_row([column, total]);
        let what = |what: &str| format!("{name} retold, market, {what}, {level_name}");
        line(&what("total"), total, bytes_in, "");
        line(&what("column"), column, bytes_all, "");
    }
}

fn levels() -> Vec<(&'static str, Level)> {
    let best = Level::new();
    let mut levels = vec![("baseline", Level::baseline())];
    #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
    {
        levels.extend(best.as_sse2().map(|l| ("SSE2", Level::Sse2(l))));
        levels.extend(best.as_avx2().map(|l| ("AVX2", Level::Avx2(l))));
        levels.extend(best.as_avx512().map(|l| ("AVX-512", Level::Avx512(l))));
    }
    levels.push(("best", best));
    levels
}

/// A network like that of the bench `cascade`.
fn network() -> Network {
    const PERSONS: u32 = 15_000;
    let mut state = 1;
    let mut person = || {
        let place = random(&mut state).powi(2) * f64::from(PERSONS);
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let person = place as Person;
        person
    };
    let arcs: Vec<_> = (0..30_000)
        .map(|_| (person(), person()))
        .flat_map(|(a, b)| [(a, b), (b, a)])
        .collect();
    Network::from_arcs(PERSONS, arcs).unwrap()
}

fn threads(what: &str, work: impl FnMut() + Send) {
    let [one, two] = on_threads(work);
    println!(
        "| {what} | {:.2} ms | {:.2} ms on two threads | {:.2} times one thread |",
        one * 1e3,
        two * 1e3,
        one / two
    );
}

#[test]
#[ignore = "prints a table of speeds"]
fn the_table_of_speeds() {
    let rows = std::env::var("TILLIT_SPEED_ROWS").map_or(10_000_000, |text| text.parse().unwrap());
    println!("| what | per customer, or in all | rate | against |\n| --- | --- | --- | --- |");
    columns::<f64>("f64", rows);
    columns::<f32>("f32", rows);

    let network = network();
    let tellers = network.most_connected(50);
    let effort = Effort::worlds(1, 16_384);
    for (name, cascade) in [
        ("p 0.01", Cascade::uniform(&network, probability(0.01))),
        ("p 0.1", Cascade::uniform(&network, probability(0.1))),
        ("weighted", Cascade::weighted(&network)),
    ] {
        threads(&format!("cascade {name}, 16384 worlds"), || {
            black_box(cascade.spread(&tellers, &effort).unwrap());
        });
    }
    let weighted = Cascade::weighted(&network);
    let (ones, fifty) = (vec![1.0; network.persons()], Budget::persons(50));
    threads("convert 50 of all, weighted", || {
        let found = weighted.convert(&[], &ones, &fifty, &Search::new(1));
        black_box(found.unwrap());
    });

    let talk = retold().without_market();
    let mut state = 3;
    let group = |customers, teller, connectedness| {
        let (reach, sway) = (talk.reach(teller).clone(), talk.sway(teller));
        TellerGroup::new(customers, connectedness, reach, sway).unwrap()
    };
    let different: Vec<_> = (0..3_000)
        .map(|i| {
            let teller = [Teller::Detractor, Teller::Promoter][i % 2];
            group(1, teller, 0.25 + 1.5 * random(&mut state))
        })
        .collect();
    threads("exact law of 3000 different tellers", || {
        black_box(PortfolioLaw::of_groups(&talk, &different).unwrap());
    });
    let alike = [group(1_000_000, Teller::Detractor, 1.0)];
    threads("exact law of a million tellers alike", || {
        black_box(PortfolioLaw::of_groups(&talk, &alike).unwrap());
    });
    threads("simulation of 100 tellers, 20000 worlds", || {
        let played = Simulation::run(&talk, &[group(100, Teller::Detractor, 1.0)], 20_000, 1);
        black_box(played.unwrap());
    });
}
