//! Fitting and predicting on customers simulated from the BG/NBD fit to CDNOW.
//!
//! The shape follows that data set: rates and probabilities to leave as fitted there, first purchases spread over a
//! quarter, times in whole days, which is what makes distinct histories few. Seeded, so every run sees the same customers.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use tillit::measure::{DiscountRate, Span, TimeUnit};
use tillit::value::{
    BgNbd, FittedBgNbd, FittedPurchaseModel, Horizon, PurchaseHistories, PurchaseModel,
};

/// The generator `SplitMix64`.
struct Random(u64);

impl Random {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^= bits >> 31;
        ((bits >> 11) as f64 + 0.5) / 9_007_199_254_740_992.0
    }

    fn normal(&mut self) -> f64 {
        let radius = (-2.0 * self.uniform().ln()).sqrt();
        radius * (std::f64::consts::TAU * self.uniform()).cos()
    }

    /// Marsaglia and Tsang 2000.
    fn gamma(&mut self, shape: f64) -> f64 {
        if shape < 1.0 {
            let boost = self.uniform().powf(1.0 / shape);
            return boost * self.gamma(shape + 1.0);
        }
        let d = shape - 1.0 / 3.0;
        let c = 1.0 / (9.0 * d).sqrt();
        loop {
            let normal = self.normal();
            let v = (1.0 + c * normal).powi(3);
            if v > 0.0 && self.uniform().ln() < 0.5 * normal * normal + d * (1.0 - v + v.ln()) {
                return d * v;
            }
        }
    }
}

fn customers(count: usize) -> PurchaseHistories {
    let mut random = Random(1997);
    let (mut x, mut t_x, mut t) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..count {
        let observed = (27.0 * 7.0 + 84.0 * random.uniform()).floor();
        let rate = random.gamma(0.2426) / (4.4135 * 7.0);
        let (leave, stay) = (random.gamma(0.7929), random.gamma(2.4258));
        let leaving = leave / (leave + stay);
        let (mut repeats, mut clock, mut last) = (0, 0.0, 0.0);
        loop {
            clock += -random.uniform().ln() / rate;
            let day = f64::ceil(clock);
            if day > observed {
                break;
            }
            if day > last {
                repeats += 1;
                last = day;
            }
            if random.uniform() < leaving {
                break;
            }
        }
        x.push(repeats);
        t_x.push(last / 7.0);
        t.push(observed / 7.0);
    }
    PurchaseHistories::from_columns(TimeUnit::Week, x, t_x, t).unwrap()
}

fn lifetime_value(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("lifetime_value");
    for count in [2_357, 100_000] {
        let histories = customers(count);
        group.sample_size(10);
        group.bench_function(format!("fit_bg_nbd/{count}"), |bencher| {
            bencher.iter(|| BgNbd::default().fit(black_box(&histories)).unwrap());
        });
    }
    let histories = customers(10_000);
    let model =
        FittedBgNbd::from_parameters(0.2426, 4.4136, 0.7929, 2.4259, TimeUnit::Week).unwrap();
    let ahead = Span::new(39.0, TimeUnit::Week).unwrap();
    group.bench_function("expected_purchases/10000", |bencher| {
        bencher.iter(|| {
            model
                .expected_purchases_column(black_box(&histories), ahead)
                .unwrap()
        });
    });
    let few = customers(100);
    let rate = DiscountRate::annual(0.15).unwrap();
    group.bench_function("residual_purchases/100", |bencher| {
        bencher.iter(|| {
            model
                .discounted_purchases_column(black_box(&few), rate, Horizon::Unlimited)
                .unwrap()
        });
    });
    group.finish();
}

criterion_group!(benches, lifetime_value);
criterion_main!(benches);
