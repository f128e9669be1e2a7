//! What must hold of word of mouth on any network.

use proptest::prelude::*;
use tillit::Error;
use tillit::measure::Probability;
use tillit::word_of_mouth::network::{
    Budget, Cascade, EdgeList, Effort, Ids, Method, Network, Opinion, Person, Search, SignedCascade,
};

use crate::threads::in_threads;

fn chance(value: f64) -> Probability {
    Probability::new(value).unwrap()
}

/// Up to seven persons, up to ten arcs with probabilities among which 0 and 1 are common.
fn small() -> impl Strategy<Value = (Network, Vec<f64>, Vec<f64>)> {
    let one = prop_oneof![Just(0.0), Just(1.0), Just(0.5), 0.0..1.0_f64];
    (3_u32..7).prop_flat_map(move |persons| {
        let arcs = prop::collection::vec((0..persons, 0..persons, one.clone()), 0..10);
        let values = prop::collection::vec(0.0..5.0_f64, persons as usize);
        (arcs, values).prop_map(move |(mut arcs, values)| {
            arcs.retain(|&(tail, head, _)| tail != head);
            arcs.sort_by_key(|&(tail, head, _)| (tail, head));
            let network = Network::from_arcs(persons, arcs.iter().map(|&(u, v, _)| (u, v)));
            let chances = arcs.into_iter().map(|(_, _, p)| p).collect();
            (network.unwrap(), chances, values)
        })
    })
}

fn subset(mask: u32, of: &[Person]) -> Vec<Person> {
    let kept = of.iter().enumerate().filter(|(i, _)| mask >> i & 1 == 1);
    kept.map(|(_, &person)| person).collect()
}

/// Everybody of a co-author-like network of 400 persons: a ring with chords, both ways.
fn middling() -> Network {
    let arcs = (0..400_u32).flat_map(|i| {
        let chord = (i * i + 17 * i + 5) % 400;
        [
            (i, (i + 1) % 400),
            ((i + 1) % 400, i),
            (i, chord),
            (chord, i),
        ]
    });
    Network::from_arcs(400, arcs).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn silence_is_supermodular_and_conversion_submodular((network, chances, values) in small()) {
        let cascade = Cascade::own(&network, chances).unwrap();
        let detractors = [0, 1, 2];
        let impact: Vec<f64> = (0..8)
            .map(|mask| cascade.exact(&subset(mask, &detractors), &values).unwrap().mean)
            .collect();
        let silence = |mask: usize| impact[7] - impact[7 ^ mask];
        for small in 0..8 {
            for large in (0..8).filter(|large| large & small == small) {
                for one in (0..3).map(|i| 1 << i).filter(|one| large & one == 0) {
                    let covers = |mask: usize| impact[mask | one] - impact[mask];
                    prop_assert!(covers(small) >= covers(large) - 1e-9);
                    let spares = |mask: usize| silence(mask | one) - silence(mask);
                    prop_assert!(spares(small) <= spares(large) + 1e-9);
                }
            }
        }
    }

    #[test]
    fn simulation_agrees_with_enumeration((network, chances, values) in small(), seed: u64) {
        let cascade = Cascade::own(&network, chances).unwrap();
        let exact = cascade.exact(&[0, 1], &values).unwrap();
        for effort in [Effort::worlds(seed, 4096), Effort::worlds(seed, 4096).without_control()] {
            let drawn = cascade.expected_loss(&[0, 1], &values, &effort).unwrap();
            // Few blocks tell the error only roughly, and 96 trials are many: the true error with room.
            let allowed = 6.0 * (exact.variance / 4096.0).sqrt().max(drawn.standard_error) + 1e-9;
            prop_assert!((drawn.value - exact.mean).abs() <= allowed, "{drawn:?} {exact:?}");
        }
    }

    #[test]
    fn the_bounds_of_silence_hold_and_all_choices_are_tried((network, chances, values) in small()) {
        let cascade = Cascade::own(&network, chances).unwrap();
        let detractors = [0, 1, 2];
        let search = Search::new(11).with_worlds(4096);
        let found = cascade.silence(&detractors, &values, &Budget::persons(2), &search).unwrap();
        prop_assert!(found.all_choices_tried && found.won_back.len() <= 2);
        prop_assert!(found.sampled <= found.at_most_by_single_impacts + 1e-9);
        prop_assert!(found.sampled <= found.at_most_by_shares + 1e-9);
        prop_assert!(found.sampled >= found.at_least_by_exclusive_impacts - 1e-9);
        let all = cascade.exact(&detractors, &values).unwrap();
        let best = (0..8_u32)
            .filter(|mask| mask.count_ones() <= 2)
            .map(|mask| all.mean - cascade.exact(&subset(7 ^ mask, &detractors), &values).unwrap().mean)
            .fold(0.0, f64::max);
        let rest: Vec<Person> = detractors.into_iter().filter(|d| !found.won_back.contains(d)).collect();
        let reached = all.mean - cascade.exact(&rest, &values).unwrap().mean;
        // Eight standard errors of a number that is 0 or everything with equal chance.
        let noise = values.iter().sum::<f64>() * 8.0 * 0.5 / 64.0 + 1e-9;
        prop_assert!(reached >= best - noise, "{reached} {best} {noise}");
        prop_assert!((found.sampled - reached).abs() <= noise);
    }

    #[test]
    fn conversion_keeps_its_promise((network, chances, values) in small()) {
        prop_assume!(values.iter().any(|&value| value > 0.0));
        let cascade = Cascade::own(&network, chances).unwrap();
        let everybody: Vec<Person> = (0_u32..).take(network.persons()).collect();
        let best = (0..1_u32 << everybody.len())
            .filter(|mask| mask.count_ones() <= 2)
            .map(|mask| cascade.exact(&subset(mask, &everybody), &values).unwrap().mean)
            .fold(0.0, f64::max);
        for candidates in [&everybody[..], &[]] {
            let found = cascade
                .convert(candidates, &values, &Budget::persons(2), &Search::new(3))
                .unwrap();
            let value = cascade.exact(&found.won_back, &values).unwrap().mean;
            let promise = 1.0 - (-1.0_f64).exp();
            prop_assert!(value >= (promise - 0.1) * best - 1e-9, "{value} {best}");
            prop_assert!(found.at_most >= best * 0.9);
            if let Some(at_least) = found.at_least {
                prop_assert!(at_least <= value + 1e-9 && found.at_most >= best - 1e-9);
            }
        }
    }

    #[test]
    fn good_and_ill_word_together_are_the_plain_cascade((network, chances, _) in small(), quality in 0.0..=1.0_f64) {
        let cascade = Cascade::own(&network, chances).unwrap();
        let plain = cascade.exact(&[0, 1], &vec![1.0; network.persons()]).unwrap();
        let signed = SignedCascade::new(cascade, chance(quality));
        let (good, ill) = signed.exact(&[(0, Opinion::ByQuality), (1, Opinion::Ill)]).unwrap();
        for person in 0..network.persons() {
            prop_assert!((good[person] + ill[person] - plain.hears[person]).abs() < 1e-12);
        }
    }
}

#[test]
fn a_cascade_on_a_tree_is_the_branching_process() {
    // Three hearers each, four generations: 1 + 3p + (3p)² + (3p)³ + (3p)⁴.
    let persons = 1 + 3 + 9 + 27 + 81;
    let arcs = (1..persons).map(|person| ((person - 1) / 3, person));
    let tree = Network::from_arcs(persons, arcs).unwrap();
    for p in [0.05, 0.3, 0.7, 1.0] {
        let growth: f64 = 3.0 * p;
        let mean: f64 = (0..=4).map(|generation| growth.powi(generation)).sum();
        let cascade = Cascade::uniform(&tree, chance(p));
        for method in [Method::Skips, Method::Lanes] {
            for worlds in [2048, 16_384] {
                let effort = Effort::worlds(1, worlds)
                    .with_method(method)
                    .without_control();
                let drawn = cascade.spread(&[0], &effort).unwrap();
                assert!(
                    (drawn.value - mean).abs() <= 4.0 * drawn.standard_error + 1e-9,
                    "{p} {drawn:?} {mean}"
                );
                // On a tree the control knows the worth of each hearer exactly, so nothing is left to chance.
                let drawn = cascade
                    .spread(&[0], &Effort::worlds(1, worlds).with_method(method))
                    .unwrap();
                assert!(
                    (drawn.value - mean).abs() <= 0.02 * mean,
                    "{p} {drawn:?} {mean}"
                );
            }
        }
    }
}

#[test]
fn one_two_and_eight_threads_give_the_same_bits() {
    let network = middling();
    let values: Vec<f64> = (0..400).map(|i| f64::from(i % 7) * 0.3).collect();
    let answer = || {
        let equal = Cascade::uniform(&network, chance(0.15));
        let weighted = Cascade::weighted(&network);
        let tellers: Vec<Person> = (0..40).map(|i| i * 10).collect();
        let spreads = [Effort::worlds(2, 3000), Effort::worlds(2, 20_000)]
            .map(|effort| equal.expected_loss(&tellers, &values, &effort).unwrap());
        let skips = Effort::worlds(2, 3000).with_method(Method::Skips);
        let skips = equal
            .difference(&tellers, &tellers[1..], &values, &skips)
            .unwrap();
        let search = Search::new(4);
        let silence = weighted
            .silence(&tellers, &values, &Budget::persons(9), &search)
            .unwrap();
        let few = weighted
            .convert(&tellers, &values, &Budget::persons(9), &search)
            .unwrap();
        let all = weighted
            .convert(&[], &values, &Budget::persons(9), &search)
            .unwrap();
        let signed = SignedCascade::new(weighted.clone(), chance(0.8));
        let signed = signed
            .spread(&[(3, Opinion::ByQuality)], &Effort::worlds(1, 5000))
            .unwrap();
        // Debug shows every digit that is needed to tell two numbers apart.
        format!("{spreads:?} {skips:?} {silence:?} {few:?} {all:?} {signed:?}")
    };
    let first = in_threads(1, &answer);
    assert_eq!(first, in_threads(2, &answer));
    assert_eq!(first, in_threads(8, &answer));
}

#[test]
fn common_worlds_take_the_noise_out_of_a_comparison() {
    let network = middling();
    let cascade = Cascade::uniform(&network, chance(0.2));
    let tellers: Vec<Person> = (0..20).map(|i| i * 20).collect();
    let effort = Effort::worlds(9, 20_000).without_control();
    let ones = vec![1.0; 400];
    let both = cascade.spread(&tellers, &effort).unwrap();
    let less = cascade.spread(&tellers[1..], &effort).unwrap();
    let difference = cascade
        .difference(&tellers, &tellers[1..], &ones, &effort)
        .unwrap();
    assert!((difference.value - (both.value - less.value)).abs() < 1e-9);
    assert!(difference.standard_error < 0.5 * both.standard_error);
}

#[test]
fn the_control_changes_the_noise_and_not_the_mean() {
    let network = middling();
    let tellers: Vec<Person> = (0..20).map(|i| i * 20).collect();
    for p in [0.02, 0.2] {
        let cascade = Cascade::uniform(&network, chance(p));
        for method in [Method::Skips, Method::Lanes] {
            let effort = Effort::worlds(9, 40_000).with_method(method);
            let with = cascade.spread(&tellers, &effort).unwrap();
            let without = cascade.spread(&tellers, &effort.without_control()).unwrap();
            let apart = (with.value - without.value).abs()
                / with.standard_error.hypot(without.standard_error);
            assert!(apart < 4.0, "{with:?} {without:?}");
            assert!(
                with.standard_error < 0.8 * without.standard_error,
                "{with:?} {without:?}"
            );
        }
    }
}

#[test]
fn a_budget_of_money_is_kept() {
    let network = middling();
    let cascade = Cascade::uniform(&network, chance(0.1));
    let costs: Vec<f64> = (0..400).map(|i| 1.0 + f64::from(i % 5)).collect();
    let budget = Budget::money(costs.clone(), 20.0).unwrap();
    let detractors: Vec<Person> = (0..50).map(|i| i * 8).collect();
    let ones = vec![1.0; 400];
    let spent = |persons: &[Person]| persons.iter().map(|&p| costs[p as usize]).sum::<f64>();
    let silence = cascade
        .silence(&detractors, &ones, &budget, &Search::new(1))
        .unwrap();
    assert!(spent(&silence.won_back) <= 20.0 && spent(&silence.won_back) > 15.0);
    assert!(silence.certificate() > 0.0 && silence.sharpest_certificate() >= silence.certificate());
    let apart = (silence.sampled - silence.validated.value).abs();
    assert!(apart < 0.1 * silence.sampled, "{silence:?}");
    for candidates in [&detractors[..], &[]] {
        let converted = cascade
            .convert(candidates, &ones, &budget, &Search::new(1))
            .unwrap();
        assert!(spent(&converted.won_back) <= 20.0 && spent(&converted.won_back) > 15.0);
        assert!(converted.certificate() > 0.3 && converted.certificate() <= 1.0);
    }
}

#[test]
fn edge_lists_are_read_in_their_usual_shapes() {
    let text = "# a comment\n\n10,20,0.5\n20 10 1\n10\t20\t0.25\n30 30 1\n";
    let kept = EdgeList::new().weighted().read(text.as_bytes()).unwrap();
    assert_eq!(
        (kept.persons(), kept.arcs(), kept.self_loops_dropped()),
        (3, 3, 1)
    );
    assert_eq!(kept.weights().unwrap(), [0.5, 0.25, 1.0]);
    assert_eq!(
        (kept.find("20"), kept.id(2).as_deref()),
        (Some(1), Some("30"))
    );
    assert_eq!((kept.find("40"), kept.id(3)), (None, None));
    let merged = EdgeList::new()
        .weighted()
        .merging()
        .reversed()
        .read(text.as_bytes())
        .unwrap();
    assert_eq!((merged.arcs(), merged.arcs_merged()), (2, 1));
    assert_eq!(merged.weights().unwrap(), [1.0, 0.75]);
    let numbers = EdgeList::new()
        .with_ids(Ids::NumbersBelow(40))
        .both_ways()
        .ignoring_further_columns()
        .read(text.as_bytes());
    let numbers = numbers.unwrap();
    assert_eq!(
        (numbers.persons(), numbers.arcs(), numbers.find("20")),
        (40, 6, Some(20))
    );
    assert_eq!(numbers.hearers(10), [20, 20, 20]);
}

#[test]
fn bad_input_is_refused_with_its_place() {
    let line = |list: EdgeList, text: &str| match list.read(text.as_bytes()) {
        Err(Error::Read { line, .. }) => line,
        other => panic!("{other:?}"),
    };
    assert_eq!(line(EdgeList::new(), "1 2\n3\n"), Some(2));
    let below = EdgeList::new().with_ids(Ids::NumbersBelow(3));
    assert_eq!(line(below.clone(), "1 2\n\n0 3\n"), Some(3));
    assert_eq!(line(below.clone(), "1 -2\n"), Some(1));
    assert_eq!(line(below.clone(), "0 4294967296\n"), Some(1));
    assert_eq!(line(below, "0 18446744073709551616\n"), Some(1));
    for weight in ["NaN", "inf", "-1", "x", ""] {
        assert_eq!(
            line(EdgeList::new().weighted(), &format!("1 2 {weight}")),
            Some(1)
        );
    }
    assert!(matches!(
        EdgeList::new().read(&b"# nobody\n"[..]),
        Err(Error::Empty { .. })
    ));
    assert!(matches!(
        Network::from_arcs(0, []),
        Err(Error::Empty { .. })
    ));
    assert!(matches!(
        Network::from_arcs(2, [(0, 1), (0, 2)]),
        Err(Error::BadColumnValue { row: 1, .. })
    ));

    let pair = Network::from_arcs(2, [(0, 1)]).unwrap();
    for p in [f64::NAN, -0.1, 1.1] {
        assert!(matches!(
            Cascade::own(&pair, vec![p]),
            Err(Error::BadColumnValue { row: 0, .. })
        ));
    }
    assert!(matches!(
        Cascade::own(&pair, vec![]),
        Err(Error::UnequalLengths { .. })
    ));
    let cascade = Cascade::weighted(&pair);
    let effort = Effort::worlds(1, 1);
    assert!(matches!(
        cascade.spread(&[0, 2], &effort),
        Err(Error::BadColumnValue { row: 1, .. })
    ));
    let nan = [1.0, f64::NAN];
    assert!(matches!(
        cascade.expected_loss(&[0], &nan, &effort),
        Err(Error::BadColumnValue { row: 1, .. })
    ));
    assert!(matches!(
        cascade.expected_loss(&[0], &[1.0], &effort),
        Err(Error::UnequalLengths { .. })
    ));
    let skips = effort.with_method(Method::Skips);
    assert!(matches!(
        cascade.spread(&[0], &skips),
        Err(Error::Contradiction { .. })
    ));
    assert!(Effort::relative_standard_error(1, f64::NAN).is_err());
    let one = Budget::persons(1);
    let search = Search::new(1);
    assert!(matches!(
        cascade.silence(&[0], &[1.0, -1.0], &one, &search),
        Err(Error::BadColumnValue { row: 1, .. })
    ));
    assert!(matches!(
        cascade.silence(&[], &[1.0; 2], &one, &search),
        Err(Error::Empty { .. })
    ));
    assert!(matches!(
        Budget::money(vec![1.0, 0.0], 1.0),
        Err(Error::BadColumnValue { row: 1, .. })
    ));
    assert!(Budget::money(vec![1.0], f64::INFINITY).is_err());
    assert!(search.with_optimism(0.0).is_err() && search.with_slack(f64::NAN).is_err());
    let large = Network::from_arcs(30, (1..30).map(|i| (0, i))).unwrap();
    let half = Cascade::uniform(&large, chance(0.5));
    assert!(matches!(
        half.exact(&[0], &[1.0; 30]),
        Err(Error::OutOfRange { .. })
    ));
    // Nobody tells, nothing happens.
    let silence = half.spread(&[], &Effort::worlds(1, 100)).unwrap();
    assert!(silence.value.abs() < 1e-300);
}

/// The word has to go a long way before it comes to where everybody talks to everybody.
#[test]
fn the_control_adds_no_noise_where_a_crowd_lies_far_away() {
    let (chain, crowd) = (60_u32, 60_u32);
    let way = (1..=chain).map(|person| (person - 1, person));
    let pairs = (chain..chain + crowd).flat_map(|a| (chain..chain + crowd).map(move |b| (a, b)));
    let network = Network::from_arcs(chain + crowd, way.chain(pairs)).unwrap();
    let chances = (0..network.arcs()).map(|arc| if arc < chain as usize { 0.97 } else { 0.06 });
    let cascade = Cascade::own(&network, chances.collect()).unwrap();
    let effort = Effort::worlds(3, 4096);
    let with = cascade.spread(&[0], &effort).unwrap();
    let without = cascade.spread(&[0], &effort.without_control()).unwrap();
    let apart = (with.value - without.value).abs();
    let both = with.standard_error.hypot(without.standard_error);
    println!("{with:?}\n{without:?}");
    assert!(apart <= 5.0 * both, "{with:?} {without:?}");
    assert!(
        with.standard_error <= 2.0 * without.standard_error,
        "{with:?} {without:?}"
    );
}
