//! What the closed form costs per customer: as written, on one thread, on all threads; column with total, and total alone.
//! And what the exact law costs: one detractor against plain convolution, and many different tellers.
//!
//! Inputs are seeded and shaped like a real portfolio where it matters for speed: classes in random order (so that no
//! branch on them could be foreseen), lifetime values spread over three powers of ten as spending is, connectedness
//! between a quarter and seven quarters. The largest input is made only when its benchmark runs; the variable
//! `TILLIT_BENCH_CUSTOMERS` caps the sizes, and CI runs up to 10 000 once with `-- --test`.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use tillit::measure::{Currency, ExpectedMoney, Probability};
use tillit::word_of_mouth::{
    Audience, Generations, LostLaw, PortfolioLaw, Reach, Sway, Talk, Teller,
};

const SIZES: [usize; 5] = [1_000, 10_000, 100_000, 1_000_000, 10_000_000];

struct Columns {
    tellers: Vec<u8>,
    values: Vec<f64>,
    connectedness: Vec<f64>,
}

impl Columns {
    fn new(customers: usize) -> Self {
        let mut state = 0x0074_696C_6C69_7421_u64;
        // Splitmix64: 53 random bits as a number from 0 to 1.
        let mut random = move || {
            state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mut z = state;
            z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            ((z ^ (z >> 31)) >> 11) as f64 / 9_007_199_254_740_992.0
        };
        let mut columns = Self {
            tellers: Vec::with_capacity(customers),
            values: Vec::with_capacity(customers),
            connectedness: Vec::with_capacity(customers),
        };
        for _ in 0..customers {
            let code = match random() {
                share if share < 0.2 => 0,
                share if share < 0.4 => 1,
                share if share < 0.8 => 2,
                _ => 3,
            };
            columns.tellers.push(code);
            columns.values.push(10.0 * 1000_f64.powf(random()));
            columns.connectedness.push(0.25 + 1.5 * random());
        }
        columns
    }
}

fn talk() -> tillit::Result<Talk> {
    let p = Probability::new;
    Ok(Talk::new(
        ExpectedMoney::new(800.0, Currency::new("EUR")?)?,
        Sway::losing(p(0.04)?),
        Sway::winning(p(0.01)?),
        Sway::winning(p(0.02)?),
    )?
    .with_own_loss(Teller::Detractor, p(0.5)?)
    .with_retelling(p(0.06)?, p(0.9)?, Generations::finite(4)?)
    .with_market(std::num::NonZeroU64::MIN.saturating_add(1_999_999)))
}

fn written_out(talk: &Talk, columns: &Columns, out: &mut [f64]) -> tillit::Result<f64> {
    let mut total = 0.0;
    for (row, out) in out.iter_mut().enumerate() {
        let teller = Teller::from_code(columns.tellers[row])?;
        *out = talk
            .impact_of(teller, columns.values[row], columns.connectedness[row])?
            .impact();
        total += *out;
    }
    Ok(total)
}

fn closed_form(criterion: &mut Criterion) {
    let talk = talk().unwrap();
    let test_run = std::env::args().any(|argument| argument == "--test");
    let cap = std::env::var("TILLIT_BENCH_CUSTOMERS")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(if test_run { 10_000 } else { usize::MAX });
    let mut group = criterion.benchmark_group("word_of_mouth");
    for customers in SIZES.into_iter().filter(|&size| size <= cap) {
        group
            .throughput(Throughput::Elements(customers as u64))
            .sample_size(if customers > 100_000 { 10 } else { 50 });
        let columns = std::cell::LazyCell::new(|| Columns::new(customers));
        let mut out = vec![1.0; customers];
        group.bench_function(BenchmarkId::new("naive", customers), |b| {
            b.iter(|| written_out(&talk, black_box(&columns), &mut out).unwrap());
        });
        for (name, threads) in [("one_thread", 1), ("parallel", 0)] {
            #[cfg(feature = "parallel")]
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .unwrap();
            #[cfg(not(feature = "parallel"))]
            if threads != 1 {
                continue;
            }
            let with_pool = |work: &mut (dyn FnMut() + Send)| {
                #[cfg(feature = "parallel")]
                pool.install(work);
                #[cfg(not(feature = "parallel"))]
                work();
            };
            group.bench_function(BenchmarkId::new(format!("{name}/column"), customers), |b| {
                let audience = audience(&columns);
                with_pool(&mut || {
                    b.iter(|| black_box(&audience).impact_into(&talk, &mut out).unwrap());
                });
            });
            group.bench_function(BenchmarkId::new(format!("{name}/total"), customers), |b| {
                let audience = audience(&columns);
                with_pool(&mut || b.iter(|| black_box(&audience).total(&talk).unwrap()));
            });
        }
    }
    group.finish();
}

fn audience(columns: &Columns) -> Audience<'_> {
    let euro = Currency::new("EUR").unwrap();
    Audience::new(
        euro,
        &columns.tellers,
        &columns.values,
        &columns.connectedness,
    )
    .unwrap()
}

/// The law of the number lost by convolution as it is written: `length` probabilities, each generation's hearers told one by one.
fn convolved(
    reach: &[f64],
    lost: f64,
    retelling: f64,
    generations: u32,
    length: usize,
) -> Vec<f64> {
    let sum_of = |left: &[f64], right: &[f64]| {
        let mut sum = vec![0.0; length];
        for (i, a) in left.iter().enumerate() {
            for (j, b) in right.iter().enumerate().take(length - i) {
                sum[i + j] += a * b;
            }
        }
        sum
    };
    let told = |each: &[f64]| {
        let mut all = vec![0.0; length];
        let mut so_many = vec![0.0; length];
        so_many[0] = 1.0;
        for p in reach {
            for (sum, q) in all.iter_mut().zip(&so_many) {
                *sum += p * q;
            }
            so_many = sum_of(&so_many, each);
        }
        all
    };
    let own = [1.0 - lost, lost];
    let mut hearer = sum_of(&own, &[1.0]);
    for _ in 1..generations {
        let mut onward: Vec<f64> = told(&hearer).iter().map(|p| p * retelling).collect();
        onward[0] += 1.0 - retelling;
        hearer = sum_of(&onward, &own);
    }
    told(&hearer)
}

/// Supports of tens, as one detractor has, and of hundreds, as one whom many follow; portfolios of tellers of whom no two are
/// alike, the worst case.
fn exact_law(criterion: &mut Criterion) {
    let talk = talk().unwrap().without_market();
    let mut group = criterion.benchmark_group("exact_law");
    group.sample_size(10);
    for (most, length) in [(15, 40), (150, 200)] {
        let reach = Reach::uniform(9, most).unwrap();
        let told: Vec<f64> = (0..=most)
            .map(|told| {
                if told < 9 {
                    0.0
                } else {
                    1.0 / f64::from(most - 8)
                }
            })
            .collect();
        let one = Probability::ONE;
        let three = Generations::finite(3).unwrap();
        let retelling = Probability::new(0.4 / f64::from(most)).unwrap();
        let talk = talk
            .clone()
            .with_reach(Teller::Detractor, reach)
            .with_retelling(retelling, one, three);
        let lost = talk.sway(Teller::Detractor).lost().value();
        let exact = LostLaw::of(&talk, Teller::Detractor).unwrap();
        let naive = convolved(&told, lost, retelling.value(), 3, length);
        let (fewest, probabilities) = exact.probabilities().unwrap();
        for (p, naive) in probabilities
            .iter()
            .zip(&naive[usize::try_from(fewest).unwrap()..])
        {
            assert!(
                (p - naive).abs() <= 1e-12 + exact.error_bound(),
                "{p} {naive}"
            );
        }
        group.bench_function(BenchmarkId::new("one_detractor/exact", most), |b| {
            b.iter(|| LostLaw::of(black_box(&talk), Teller::Detractor).unwrap());
        });
        group.bench_function(BenchmarkId::new("one_detractor/naive", most), |b| {
            b.iter(|| convolved(black_box(&told), lost, retelling.value(), 3, length));
        });
    }
    let columns = Columns::new(10_000);
    for tellers in [1_000, 3_000, 10_000] {
        let euro = Currency::new("EUR").unwrap();
        let audience = Audience::new(
            euro,
            &columns.tellers[..tellers],
            &columns.values[..tellers],
            &columns.connectedness[..tellers],
        )
        .unwrap();
        group.bench_function(BenchmarkId::new("different_tellers", tellers), |b| {
            b.iter(|| PortfolioLaw::of_audience(&talk, black_box(&audience)).unwrap());
        });
    }
    group.finish();
}

criterion_group!(benches, closed_form, exact_law);
criterion_main!(benches);
