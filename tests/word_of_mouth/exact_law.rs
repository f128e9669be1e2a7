//! Laws of the exact law: it agrees with the closed form and with playing it out, and more talk loses more.

use std::collections::BTreeMap;

use proptest::prelude::*;
use tillit::Error;
use tillit::measure::{Currency, ExpectedMoney, Probability};
use tillit::word_of_mouth::{
    Audience, BreakEven, Generations, LawMethod, LossLaw, LostLaw, PortfolioLaw, Reach,
    RetellerReach, Simulation, Sway, Talk, Teller, TellerGroup,
};

fn euro(amount: f64) -> ExpectedMoney {
    ExpectedMoney::new(amount, Currency::new("EUR").unwrap()).unwrap()
}

fn probability(value: f64) -> Probability {
    Probability::new(value).unwrap()
}

fn losing(lost: f64) -> Talk {
    Talk::new(
        euro(1200.0),
        Sway::losing(probability(lost)),
        Sway::winning(probability(0.02)),
        Sway::winning(probability(0.03)),
    )
    .unwrap()
}

fn near(left: f64, right: f64, relative: f64) -> bool {
    (left - right).abs() <= relative * left.abs().max(right.abs())
}

/// Talks of every kind: laws of reach, retelling, decay, endless or not, retellers of their own.
fn talks() -> Vec<Talk> {
    let skewed = Reach::law(vec![0.5, 0.2, 0.1, 0.0, 0.0, 0.0, 0.2]).unwrap();
    let passing = |lost: f64, retelling: f64, decay: f64, generations| {
        losing(lost).with_retelling(probability(retelling), probability(decay), generations)
    };
    let three = Generations::finite(3).unwrap();
    vec![
        losing(0.05),
        losing(1.0).with_reach(Teller::Detractor, skewed.clone()),
        losing(0.3).with_reach(Teller::Detractor, Reach::poisson(7.5).unwrap()),
        passing(0.05, 0.05, 1.0, three),
        passing(0.4, 0.2, 0.7, three),
        passing(0.05, 0.06, 1.0, Generations::ENDLESS),
        passing(0.1, 0.1, 0.6, Generations::ENDLESS)
            .with_reteller_reach(RetellerReach::Stated(skewed)),
        passing(0.2, 0.3, 1.0, Generations::ENDLESS)
            .with_reteller_reach(RetellerReach::Stated(Reach::poisson(2.0).unwrap())),
    ]
}

#[test]
fn the_closed_form_is_the_mean_of_the_law() {
    for talk in talks() {
        let lost = LostLaw::of(&talk, Teller::Detractor).unwrap();
        let loss = LossLaw::of(&talk, Teller::Detractor).unwrap();
        let closed = talk.impact_of(Teller::Detractor, 0.0, 1.0).unwrap();
        assert!(near(
            loss.mean().unwrap().amount(),
            closed.word_of_mouth(),
            1e-12
        ));
        let (fewest, probabilities) = lost.probabilities().unwrap();
        let moment = |around: f64, power: i32| -> f64 {
            (fewest..)
                .zip(probabilities)
                .map(|(k, p)| (k as f64 - around).powi(power) * p)
                .sum()
        };
        // What each probability may err by, all on the same side.
        let allowed = |around: f64, power: i32| -> f64 {
            let sizes = (fewest..).zip(probabilities);
            let sum: f64 = sizes
                .map(|(k, _)| (k as f64 - around).abs().powi(power))
                .sum();
            lost.error_bound() * sum + 1e-12 * (1.0 + lost.variance().powi(power))
        };
        let mean = lost.mean();
        let third = lost.skewness() * lost.variance().powf(1.5);
        for (around, power, expected) in [
            (0.0, 0, 1.0),
            (0.0, 1, mean),
            (mean, 2, lost.variance()),
            (mean, 3, third),
        ] {
            let found = moment(around, power);
            assert!(
                (found - expected).abs() <= allowed(around, power),
                "moment {power}: {found} {expected} {talk:?}"
            );
            assert!((found - expected).abs() <= 1e-7 * (1.0 + expected.abs()));
        }
        assert!(near(
            lost.none_lost().value() + lost.at_least_one().value(),
            1.0,
            1e-13
        ));
        assert!(lost.error_bound() < 1e-10, "{}", lost.error_bound());
    }
}

#[test]
fn playing_it_out_gives_the_law_within_its_standard_error() {
    for talk in talks() {
        for (teller, connectedness, customers) in [
            (Teller::Detractor, 1.0, 1),
            (Teller::Detractor, 0.7, 2),
            (Teller::Promoter, 2.3, 3),
        ] {
            let groups = [
                TellerGroup::new(
                    customers,
                    connectedness,
                    talk.reach(teller).clone(),
                    talk.sway(teller),
                )
                .unwrap(),
                TellerGroup::of(&talk, Teller::RecoveredDetractor, 1),
            ];
            if talk.generations().count().is_none() && connectedness > 2.0 {
                // Twice as connected tellers like the teller would talk without end.
                continue;
            }
            let law = PortfolioLaw::of_groups(&talk, &groups).unwrap();
            let played = Simulation::run(&talk, &groups, 20_000, 11).unwrap();
            let within = |estimate: &tillit::measure::Estimate, truth: f64| {
                let error = estimate.standard_error().unwrap();
                assert!(
                    (estimate.value() - truth).abs() <= 4.0 * error + 1e-12,
                    "{estimate} but {truth}"
                );
            };
            within(played.lost(), law.lost().mean());
            within(played.nobody_lost(), law.lost().none_lost().value());
            let money = law.word_of_mouth();
            within(played.word_of_mouth(), money.mean().unwrap().amount());
            let spread = law.lost().variance();
            assert!((played.variance_of_lost() - spread).abs() <= 0.1 * spread + 1e-12);
        }
    }
}

#[test]
fn a_portfolio_of_one_is_the_single_law_and_roots_of_unity_agree_with_the_power_series() {
    for talk in talks() {
        let single = LostLaw::of(&talk, Teller::Detractor).unwrap();
        let one = [TellerGroup::of(&talk, Teller::Detractor, 1)];
        assert_eq!(
            PortfolioLaw::of_groups(&talk, &one).unwrap().lost(),
            &single
        );
        // Three tellers by convolution of the single law, against three tellers on roots of unity.
        let three = [TellerGroup::of(&talk, Teller::Detractor, 3)];
        let three = PortfolioLaw::of_groups(&talk, &three).unwrap();
        let (_, p) = single.probabilities().unwrap();
        let mut convolved = vec![1.0];
        for _ in 0..3 {
            let mut next = vec![0.0; convolved.len() + p.len()];
            for (i, a) in convolved.iter().enumerate() {
                for (j, b) in p.iter().enumerate() {
                    next[i + j] += a * b;
                }
            }
            convolved = next;
        }
        let bound = three.lost().error_bound();
        assert!(bound < 1e-11);
        for (k, expected) in (0..).zip(convolved) {
            let found = three.lost().probability(k).unwrap();
            assert!(
                (found - expected).abs() <= bound + 1e-16,
                "{k}: {found} {expected}"
            );
        }
    }
}

/// The sum over n detractors who each lose a Poisson number is Poisson, known to every digit.
#[test]
fn a_million_tellers_keep_the_digits_that_the_bound_promises() {
    let talk = losing(0.5).with_reach(Teller::Detractor, Reach::poisson(2.0).unwrap());
    let many = [TellerGroup::of(&talk, Teller::Detractor, 1_000_000)];
    let law = PortfolioLaw::of_groups(&talk, &many).unwrap();
    let lost = law.lost();
    assert_eq!(lost.method(), LawMethod::GeneratingFunction);
    assert!(lost.error_bound() < 1e-11, "{}", lost.error_bound());
    // Stirling's series for the probability of the mean of a Poisson law.
    let n = 1e6_f64;
    let peak = (-1.0 / (12.0 * n)).exp() / (2.0 * std::f64::consts::PI * n).sqrt();
    let found = lost.probability(1_000_000).unwrap();
    assert!((found - peak).abs() <= lost.error_bound(), "{found} {peak}");
    assert!((lost.expected_shortfall(probability(0.5)).unwrap() - n - 797.88).abs() < 1.0);
}

#[test]
fn losses_and_gains_in_one_portfolio_add_as_independent_numbers() {
    let talk = losing(0.05);
    let of = |teller, customers| [TellerGroup::of(&talk, teller, customers)];
    let law = |groups: &[TellerGroup]| PortfolioLaw::of_groups(&talk, groups).unwrap();
    let (ill, well) = (
        law(&of(Teller::Detractor, 20)),
        law(&of(Teller::Promoter, 80)),
    );
    let both = law(&[of(Teller::Detractor, 20), of(Teller::Promoter, 80)].concat());
    let (ill, well) = (ill.word_of_mouth(), well.word_of_mouth());
    let both = both.word_of_mouth();
    let mean = |law: &LossLaw| law.mean().unwrap().amount();
    assert!(mean(well) < 0.0);
    assert!((mean(both) - mean(ill) - mean(well)).abs() < 1e-9);
    assert!(near(
        both.variance(),
        ill.variance() + well.variance(),
        1e-12
    ));
    let listed: Vec<(f64, f64)> = both.probabilities().unwrap().collect();
    let total: f64 = listed.iter().map(|(loss, p)| loss * p).sum();
    assert!((total - mean(both)).abs() < 1e-7, "{total}");
    assert!(listed.windows(2).all(|pair| pair[0].0 < pair[1].0));
    for level in [0.05, 0.5, 0.95] {
        let level = probability(level);
        let at_risk = both.value_at_risk(level).unwrap();
        assert!(both.at_least(at_risk).value() >= 1.0 - level.value() - 1e-12);
        assert!(both.expected_shortfall(level).unwrap().amount() >= at_risk.amount());
    }
    let differing = both.variance_if_hearers_differ(euro(300.0));
    // 12 hearers lost and 12 won on average.
    assert!(near(differing - both.variance(), 24.0 * 90_000.0, 1e-12));
}

/// Amounts in cents with their probabilities.
type Enumerated = BTreeMap<i64, f64>;

fn sum_of(left: &Enumerated, right: &Enumerated) -> Enumerated {
    let mut sum = Enumerated::new();
    for (a, p) in left {
        for (b, q) in right {
            *sum.entry(a + b).or_insert(0.0) += p * q;
        }
    }
    sum
}

/// So many of `each`, as `reach` says.
fn told(reach: &[f64], each: &Enumerated) -> Enumerated {
    let (mut all, mut so_many) = (Enumerated::new(), Enumerated::from([(0, 1.0)]));
    for p in reach {
        for (amount, q) in &so_many {
            *all.entry(*amount).or_insert(0.0) += p * q;
        }
        so_many = sum_of(&so_many, each);
    }
    all
}

/// Two generations, outcome by outcome.
fn enumerated(reach: &[f64], outcomes: &[(i64, f64)], retelling: f64, decay: f64) -> Enumerated {
    let own = |left: f64| {
        let swayed: f64 = outcomes.iter().map(|(_, p)| p * left).sum();
        let mut law = Enumerated::from([(0, 1.0 - swayed)]);
        for (amount, p) in outcomes {
            *law.entry(*amount).or_insert(0.0) += p * left;
        }
        law
    };
    let mut onward = told(reach, &own(decay));
    for p in onward.values_mut() {
        *p *= retelling;
    }
    *onward.entry(0).or_insert(0.0) += 1.0 - retelling;
    told(reach, &sum_of(&own(1.0), &onward))
}

#[test]
fn acquisition_cost_saved_is_counted_exactly_beside_the_value_of_hearers() {
    let reach = [0.2, 0.3, 0.5];
    for (value, saved, shares) in [
        (1200.0, 45.5, [0.2, 0.1, 0.15]),
        (1200.0, 80.0, [0.0, 0.3, 0.4]),
        (19.99, 19.99, [0.1, 0.2, 0.3]),
        (0.0, 30.0, [0.1, 0.2, 0.3]),
        (100.0, 250.0, [0.3, 0.0, 0.3]),
        (120.0, 1e-9, [0.3, 0.1, 0.0]),
    ] {
        let [lost, won, anyway] = shares.map(probability);
        let sway = Sway::new(lost, won, anyway).unwrap();
        let talk = Talk::new(euro(value), sway, Sway::NONE, Sway::NONE)
            .unwrap()
            .with_reach(Teller::Detractor, Reach::law(reach.to_vec()).unwrap())
            .with_retelling(
                probability(0.4),
                probability(0.5),
                Generations::finite(2).unwrap(),
            )
            .with_acquisition_cost(euro(saved))
            .unwrap();
        #[allow(clippy::cast_possible_truncation)]
        let cents = |amount: f64| (amount * 100.0).round() as i64;
        let outcomes = [
            (cents(value), shares[0]),
            (-cents(value), shares[1]),
            (-cents(saved), shares[2]),
        ];
        let one = enumerated(&reach, &outcomes, 0.4, 0.5);
        for (tellers, law) in [(1, one.clone()), (3, sum_of(&sum_of(&one, &one), &one))] {
            let group = [TellerGroup::of(&talk, Teller::Detractor, tellers)];
            let found = PortfolioLaw::of_groups(&talk, &group).unwrap();
            let found = found.word_of_mouth();
            assert_eq!(found.method(), LawMethod::GeneratingFunction);
            assert!(found.error_bound() < 1e-11);
            let mut listed = Enumerated::new();
            for (amount, p) in found.probabilities().unwrap() {
                *listed.entry(cents(amount)).or_insert(0.0) += p;
            }
            for amount in listed.keys().chain(law.keys()) {
                let at = |law: &Enumerated| law.get(amount).copied().unwrap_or(0.0);
                assert!(
                    (at(&listed) - at(&law)).abs() <= found.error_bound() + 1e-15,
                    "{amount}: {} {}",
                    at(&listed),
                    at(&law)
                );
            }
            let mean: f64 = law.iter().map(|(a, p)| *a as f64 * p).sum();
            assert!((found.mean().unwrap().amount() * 100.0 - mean).abs() < 1e-7);
            // Beyond the last loss but for 5 % and 1 %, from the list of outcomes.
            for level in [0.95, 0.99] {
                let mut below = 0.0;
                let quantile = law.iter().find(|(_, p)| {
                    below += **p;
                    below >= level - 1e-12
                });
                let at_risk = found.value_at_risk(probability(level)).unwrap().amount();
                assert_eq!(cents(at_risk), *quantile.unwrap().0, "{value} {saved}");
            }
        }
    }
}

#[test]
fn where_amounts_have_no_common_unit_the_error_is_bounded_and_shrinks() {
    let sway = Sway::new(probability(0.05), probability(0.02), probability(0.03)).unwrap();
    let talk = Talk::new(euro(1200.0), sway, Sway::NONE, Sway::NONE)
        .unwrap()
        .with_acquisition_cost(euro(100.0 * std::f64::consts::SQRT_2))
        .unwrap();
    let bound = |tellers| {
        let group = [TellerGroup::of(&talk, Teller::Detractor, tellers)];
        let law = PortfolioLaw::of_groups(&talk, &group).unwrap();
        assert_eq!(law.word_of_mouth().method(), LawMethod::CornishFisher);
        law.word_of_mouth().error_bound()
    };
    let (some, many) = (bound(10_000), bound(1_000_000));
    assert!(some < 0.1 && near(some, 10.0 * many, 1e-9), "{some} {many}");
}

#[test]
fn certain_leaving_shifts_the_law_and_uncertain_leaving_spreads_it() {
    let codes = [0, 0, 3];
    let audience = Audience::new(
        Currency::new("EUR").unwrap(),
        &codes,
        &[500.0, 700.0, 100.0],
        &[1.0, 1.5, 1.0],
    )
    .unwrap();
    let leaving = |p: f64| {
        let talk = losing(0.05).with_own_loss(Teller::Detractor, probability(p));
        let closed = audience.impact(&talk).unwrap().total().unwrap().amount();
        let law = PortfolioLaw::of_audience(&talk, &audience).unwrap();
        assert!(near(law.total().mean().unwrap().amount(), closed, 1e-12));
        law
    };
    let (stays, goes, may_go) = (leaving(0.0), leaving(1.0), leaving(0.5));
    let at = |law: &LossLaw| law.value_at_risk(probability(0.9)).unwrap().amount();
    assert_eq!(stays.total(), stays.word_of_mouth());
    assert!(near(at(goes.total()), at(stays.total()) + 1200.0, 1e-12));
    assert_eq!(may_go.total().method(), LawMethod::CornishFisher);
    let spread = 0.25 * (500.0_f64.powi(2) + 700.0_f64.powi(2));
    assert!(near(
        may_go.total().variance(),
        stays.total().variance() + spread,
        1e-12
    ));
}

#[test]
fn the_approximation_lies_as_near_the_exact_law_as_it_says() {
    // Saving a cent of acquisition per referral makes the step uneven, and nothing else.
    let exact = losing(0.05);
    let approximate = exact
        .clone()
        .with_sway(
            Teller::Detractor,
            Sway::new(probability(0.05), Probability::ZERO, probability(1e-9)).unwrap(),
        )
        .with_acquisition_cost(euro(0.01))
        .unwrap();
    let law = |talk: &Talk| {
        let groups = [TellerGroup::of(talk, Teller::Detractor, 2_000)];
        PortfolioLaw::of_groups(talk, &groups)
            .unwrap()
            .word_of_mouth()
            .clone()
    };
    let (exact, approximate) = (law(&exact), law(&approximate));
    assert_eq!(approximate.method(), LawMethod::CornishFisher);
    for level in [0.01, 0.05, 0.5, 0.95, 0.99] {
        let level = probability(level);
        let at = |law: &LossLaw| law.value_at_risk(level).unwrap().amount();
        assert!(
            (at(&exact) - at(&approximate)).abs() <= 1200.0,
            "within one hearer"
        );
        let beyond = |law: &LossLaw| law.expected_shortfall(level).unwrap().amount();
        assert!((beyond(&exact) - beyond(&approximate)).abs() <= 600.0);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn more_reach_and_more_loss_lose_stochastically_more(
        most in 1..12_u32,
        lost in 0.01..0.8_f64,
        retelling in 0.0..0.15_f64,
        customers in 1..4_u64,
    ) {
        let law = |most: u32, lost: f64, retelling: f64| {
            let talk = losing(lost)
                .with_reach(Teller::Detractor, Reach::uniform(1, most).unwrap())
                .with_retelling(probability(retelling), probability(0.9), Generations::finite(3).unwrap());
            let groups = [TellerGroup::of(&talk, Teller::Detractor, customers)];
            PortfolioLaw::of_groups(&talk, &groups).unwrap().lost().clone()
        };
        let base = law(most, lost, retelling);
        let mut last = 0;
        for level in [0.001, 0.1, 0.3, 0.5, 0.7, 0.9, 0.999] {
            let quantile = base.quantile(probability(level)).unwrap();
            prop_assert!(quantile >= last);
            prop_assert!(base.expected_shortfall(probability(level)).unwrap() >= quantile as f64 - 1e-9);
            last = quantile;
        }
        for more in [law(most + 2, lost, retelling), law(most, lost + 0.1, retelling), law(most, lost, retelling + 0.05)] {
            for count in 0..40 {
                prop_assert!(more.at_least(count).value() >= base.at_least(count).value() - 1e-12);
            }
        }
    }

    #[test]
    fn the_break_even_probability_for_a_chance_gives_that_chance(chance in 0.0..0.99_f64, retelling in 0.0..0.2_f64) {
        let passing = |lost| losing(lost).with_retelling(
            probability(retelling), Probability::ONE, Generations::finite(3).unwrap());
        let talk = passing(0.05);
        let even = BreakEven::of(&talk, Teller::Detractor, euro(900.0)).unwrap();
        let lost = even.loss_probability_for(probability(chance)).unwrap().unwrap();
        let there = passing(lost.value());
        let back = LostLaw::of(&there, Teller::Detractor).unwrap().at_least_one().value();
        prop_assert!((back - chance).abs() < 1e-12, "{} {}", back, chance);
        prop_assert!(near(even.refusing_costs_more().unwrap().value(), even.at_least_one_lost().unwrap().value(), 1e-15));
    }
}

#[cfg(feature = "parallel")]
#[test]
fn one_two_and_eight_threads_give_the_same_bits() {
    let talk = talks().swap_remove(5);
    let groups = [
        TellerGroup::of(&talk, Teller::Detractor, 30_000),
        TellerGroup::of(&talk, Teller::Promoter, 50_000),
    ];
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| {
            let few = [TellerGroup::of(&talk, Teller::Detractor, 2)];
            let played = Simulation::run(&talk, &few, 9_000, 3).unwrap();
            (PortfolioLaw::of_groups(&talk, &groups).unwrap(), played)
        })
    };
    let one = on(1);
    assert_eq!(one, on(2));
    assert_eq!(one, on(8));
}

#[test]
fn what_no_law_is_known_for_is_refused_with_the_remedy() {
    let refused = |talk: &Talk| match LostLaw::of(talk, Teller::Detractor) {
        Err(error @ (Error::CannotTell { .. } | Error::NeedsMarket { .. })) => error.to_string(),
        other => panic!("{other:?}"),
    };
    let mean_alone = losing(0.1).with_reach(Teller::Detractor, Reach::mean_of(12.0).unwrap());
    assert!(refused(&mean_alone).contains("reach of the teller"));
    let endless = |retelling: f64| {
        losing(0.1).with_retelling(
            probability(retelling),
            Probability::ONE,
            Generations::ENDLESS,
        )
    };
    let retellers =
        endless(0.05).with_reteller_reach(RetellerReach::Stated(Reach::mean_of(3.0).unwrap()));
    assert!(refused(&retellers).contains("reach of a reteller"));
    assert!(refused(&endless(0.2)).contains("unbounded"));
    assert!(refused(&endless(1.0 / 12.001)).contains("number of generations"));
    let market = losing(0.1).with_market(1_000.try_into().unwrap());
    assert!(refused(&market).contains("without_market"));
    assert!(LostLaw::of(&market.without_market(), Teller::Detractor).is_ok());
    let law = LostLaw::of(&losing(0.1), Teller::Detractor).unwrap();
    for level in [Probability::ZERO, Probability::ONE] {
        assert!(matches!(law.quantile(level), Err(Error::OutOfRange { .. })));
        assert!(law.expected_shortfall(level).is_err());
    }
    let one = [TellerGroup::of(&losing(0.1), Teller::Detractor, 1)];
    assert!(matches!(
        Simulation::run(&losing(0.1), &one, 1, 1),
        Err(Error::TooFew { .. })
    ));
    let crowd = [TellerGroup::of(
        &losing(0.1),
        Teller::Detractor,
        1_000_000_000,
    )];
    assert!(matches!(
        Simulation::run(&losing(0.1), &crowd, 100, 1),
        Err(Error::CannotTell { .. })
    ));
}

#[test]
fn who_tells_nobody_loses_nobody() {
    let silent = losing(0.5).with_reach(Teller::Detractor, Reach::NOBODY);
    for talk in [silent, losing(0.0)] {
        let law = LostLaw::of(&talk, Teller::Detractor).unwrap();
        assert_eq!(law.none_lost(), Probability::ONE);
        assert_eq!(law.at_least_one(), Probability::ZERO);
        assert_eq!(law.quantile(probability(0.99)).unwrap(), 0);
        let loss = LossLaw::of(&talk, Teller::Detractor).unwrap();
        assert!(loss.mean().unwrap().amount().abs() < 1e-300);
        assert_eq!(loss.at_least(euro(1.0)), Probability::ZERO);
    }
    let none = PortfolioLaw::of_groups(&losing(0.1), &[]).unwrap();
    assert_eq!(none.lost().none_lost(), Probability::ONE);
}

/// Customers whose lifetime value is a whole number of hearers' values: then the total is a count, and its law a convolution.
#[test]
fn where_it_is_uncertain_who_leaves_the_stated_error_holds_against_the_convolution() {
    let talk = losing(0.05).with_own_loss(Teller::Detractor, probability(0.4));
    for customers in [1_usize, 4, 60, 2_000] {
        let codes = vec![Teller::Detractor.code(); customers];
        let hearers_worth = |row: usize| 1 + row % 3;
        let values: Vec<f64> = (0..customers)
            .map(|row| 1200.0 * hearers_worth(row) as f64)
            .collect();
        let connected = vec![1.0; customers];
        let currency = Currency::new("EUR").unwrap();
        let audience = Audience::new(currency, &codes, &values, &connected).unwrap();
        let law = PortfolioLaw::of_audience(&talk, &audience).unwrap();
        assert_eq!(law.total().method(), LawMethod::CornishFisher);

        let mut exact: Vec<f64> = vec![0.0; 1];
        exact[0] = 1.0;
        for row in 0..customers {
            let step = hearers_worth(row);
            let mut next = vec![0.0; exact.len() + step];
            for (count, p) in exact.iter().enumerate() {
                next[count] += 0.6 * p;
                next[count + step] += 0.4 * p;
            }
            exact = next;
        }
        let (fewest, talked) = law.lost().probabilities().unwrap();
        let fewest = usize::try_from(fewest).unwrap();
        let mut both = vec![0.0; exact.len() + fewest + talked.len()];
        for (count, p) in exact.iter().enumerate().filter(|(_, p)| **p > 1e-18) {
            for (more, q) in talked.iter().enumerate() {
                both[count + fewest + more] += p * q;
            }
        }
        let total = law.total();
        let mut beyond = 1.0;
        let mut furthest = 0.0_f64;
        for (count, p) in both.iter().enumerate() {
            let found = total.at_least(euro(1200.0 * count as f64)).value();
            furthest = furthest.max((found - beyond).abs());
            // Between this count and the next one.
            let between = total.at_least(euro(1200.0 * (count as f64 + 1e-6))).value();
            furthest = furthest.max((between - (beyond - p)).abs());
            beyond -= p;
        }
        let stated = total.error_bound();
        println!("{customers}: {furthest:.5} of {stated:.5}");
        assert!(
            furthest <= stated,
            "{customers}: {furthest} beyond {stated}"
        );
        assert!(customers < 2_000 || stated < 0.05, "{stated}");

        for level in [0.01, 0.5, 0.95, 0.99] {
            let mut upto = 0.0;
            let true_value = both.iter().position(|p| {
                upto += p;
                upto >= level - 1e-12
            });
            let true_value = 1200.0 * true_value.unwrap() as f64;
            let bounds = total.value_at_risk_bounds(probability(level)).unwrap();
            let [low, high] = bounds.map(ExpectedMoney::amount);
            assert!(
                low <= true_value && true_value <= high,
                "{level}: {low} {true_value} {high}"
            );
            let width = (high - low) / total.standard_deviation().unwrap().amount();
            // Far out, where the level is less than the error, only Cantelli's inequality is left.
            assert!(
                customers < 2_000 || !(0.1..=0.96).contains(&level) || width < 0.5,
                "{level}: {width}"
            );
        }
    }
    // The exact law is its own bound.
    let exact = LossLaw::of(&talk, Teller::Detractor).unwrap();
    let at_risk = exact.value_at_risk(probability(0.95)).unwrap();
    assert_eq!(
        exact.value_at_risk_bounds(probability(0.95)).unwrap(),
        [at_risk; 2]
    );
}

#[test]
fn amounts_whose_moments_are_no_numbers_are_refused() {
    let huge = Talk::new(
        euro(1e200),
        Sway::losing(probability(0.5)),
        Sway::NONE,
        Sway::NONE,
    )
    .unwrap();
    assert!(matches!(
        LossLaw::of(&huge, Teller::Detractor),
        Err(Error::Overflow { .. })
    ));
    let group = TellerGroup::of(&huge, Teller::Detractor, 1);
    assert!(matches!(
        Simulation::run(&huge, &[group], 100, 1),
        Err(Error::Overflow { .. })
    ));
    let tiny = Talk::new(
        euro(1e-120),
        Sway::losing(probability(0.5)),
        Sway::NONE,
        Sway::NONE,
    )
    .unwrap();
    let ordinary = Talk::new(
        euro(1.0),
        Sway::losing(probability(0.5)),
        Sway::NONE,
        Sway::NONE,
    )
    .unwrap();
    let skewness = |talk: &Talk| LossLaw::of(talk, Teller::Detractor).unwrap().skewness();
    assert!(skewness(&tiny).is_finite() && skewness(&ordinary).is_finite());
}
