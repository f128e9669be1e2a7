//! Whom to win back on a network: what must hold of every plan.

use proptest::prelude::*;
use tillit::Error;
use tillit::measure::{Currency, ExpectedMoney, Probability};
use tillit::win_back::network::{NetworkDetractor, NetworkWinBack, SilencePlan};
use tillit::win_back::{Budget, Stakes};
use tillit::word_of_mouth::network::{
    Attempts, Cascade, EdgeList, Effort, Network, Person, Search, SilenceOrder,
};

use crate::threads::in_threads;

fn euro() -> Currency {
    Currency::new("EUR").unwrap()
}

fn money(amount: f64) -> ExpectedMoney {
    ExpectedMoney::new(amount, euro()).unwrap()
}

fn chance(value: f64) -> Probability {
    Probability::new(value).unwrap()
}

fn few_worlds() -> Search {
    Search::new(5)
        .with_worlds(256)
        .with_validation(Effort::worlds(6, 512))
}

/// `detractors` persons who each reach some of `hearers`, surely or with the stated probabilities; values of the hearers.
fn two_rows(
    detractors: u32,
    hearers: u32,
    chances: impl Strategy<Value = f64> + Clone,
) -> impl Strategy<Value = (Network, Vec<f64>, Vec<f64>)> {
    let arc = (0..detractors, 0..hearers, chances);
    let arcs = prop::collection::vec(arc, 1..(3 * hearers as usize));
    let values = prop::collection::vec(0.0..9.0_f64, hearers as usize);
    (arcs, values).prop_map(move |(mut arcs, values)| {
        arcs.sort_by_key(|&(tail, head, _)| (tail, head));
        arcs.dedup_by_key(|&mut (tail, head, _)| (tail, head));
        let ends = arcs
            .iter()
            .map(|&(tail, head, _)| (tail, detractors + head));
        let network = Network::from_arcs(detractors + hearers, ends).unwrap();
        let mut all = vec![0.0; detractors as usize];
        all.extend(values);
        (network, arcs.into_iter().map(|arc| arc.2).collect(), all)
    })
}

/// Value saved by a choice where all arcs carry and attempts succeed independently, own values included.
fn saved_by(network: &Network, values: &[f64], success: &[f64], own: &[f64], mask: u32) -> f64 {
    let mut spared = vec![1.0; values.len()];
    let mut heard = vec![false; values.len()];
    let mut sum = 0.0;
    for detractor in (0_u32..).take(success.len()) {
        let chosen = mask >> detractor & 1 == 1;
        let row = detractor as usize;
        if chosen {
            sum += success[row] * own[row];
        }
        for &hearer in network.hearers(detractor) {
            heard[hearer as usize] = true;
            spared[hearer as usize] *= if chosen { success[row] } else { 0.0 };
        }
    }
    let hearers = (0..values.len()).filter(|&person| heard[person]);
    sum + hearers
        .map(|person| spared[person] * values[person])
        .sum::<f64>()
}

fn mask_of(persons: &[Person]) -> u32 {
    persons.iter().fold(0, |mask, person| mask | 1 << person)
}

fn assert_never_falls(order: &SilenceOrder) {
    let mut before = 0.0;
    for step in &order.steps {
        assert!(
            step.added >= -1e-9 && step.saved >= before - 1e-9,
            "{step:?}"
        );
        assert!((step.saved - before - step.added).abs() < 1e-9);
        assert!(step.saved <= step.at_most + 1e-9);
        assert!((0.0..=1.0).contains(&step.certificate()));
        before = step.saved;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn the_curve_never_falls_and_all_won_back_save_the_whole_harm(
        (network, chances, values) in two_rows(6, 12, 0.0..=1.0_f64),
    ) {
        let cascade = Cascade::own(&network, chances).unwrap();
        let attempts = Attempts::new((0..6).collect()).unwrap();
        let order = cascade.silence_order(&attempts, &values, &few_worlds()).unwrap();
        assert_never_falls(&order);
        let last = order.steps.last().unwrap();
        prop_assert!((last.saved - order.harm).abs() < 1e-9 * (1.0 + order.harm));
        prop_assert!(last.certificate() > 1.0 - 1e-9);
        let mut persons = order.persons();
        persons.sort_unstable();
        prop_assert_eq!(persons, (0..6).collect::<Vec<Person>>());
        for step in &order.steps {
            prop_assert!(step.added <= step.single_impact + 1e-9, "{:?}", step);
        }
        // What all of them cost agrees with enumeration.
        let exact = cascade.exact(&(0..6).collect::<Vec<_>>(), &values);
        if let Ok(exact) = exact {
            let allowed = 6.0 * (exact.variance / 512.0).sqrt() + 1e-9;
            prop_assert!((order.harm - exact.mean).abs() <= allowed);
        }
    }

    #[test]
    fn up_to_twenty_all_choices_are_tried_and_none_is_better_than_said(
        (network, chances, values) in two_rows(7, 9, Just(1.0)),
        success in prop::collection::vec(prop_oneof![Just(1.0), 0.0..=1.0_f64], 7),
        own in prop::collection::vec(prop_oneof![Just(0.0), 0.0..9.0_f64], 7),
    ) {
        let cascade = Cascade::own(&network, chances).unwrap();
        let attempts = Attempts::new((0..7).collect()).unwrap()
            .with_success(&success.iter().map(|&p| chance(p)).collect::<Vec<_>>()).unwrap()
            .with_own_values(own.clone()).unwrap();
        let order = cascade.silence_order(&attempts, &values, &few_worlds()).unwrap();
        prop_assert!(order.all_choices_tried);
        assert_never_falls(&order);
        for (count, step) in (1..).zip(&order.steps) {
            let here = mask_of(&order.persons()[..count]);
            let worth = |mask| saved_by(&network, &values, &success, &own, mask);
            prop_assert!((step.saved - worth(here)).abs() < 1e-9);
            let best = (0..1_u32 << 7)
                .filter(|mask| mask.count_ones() as usize <= count)
                .map(worth)
                .fold(0.0, f64::max);
            prop_assert!((step.at_most - best).abs() < 1e-9, "{} {}", step.at_most, best);
            // Both the order and the best are known, and told apart where they differ.
            match &step.other_choice {
                Some(other) => {
                    prop_assert!(other.won_back.len() <= count);
                    prop_assert!((other.saved - best).abs() < 1e-9 && other.ahead > 0.0);
                    prop_assert!((worth(mask_of(&other.won_back)) - other.saved).abs() < 1e-9);
                }
                None => prop_assert!((step.saved - best).abs() < 1e-6 * (1.0 + best)),
            }
        }
    }

    #[test]
    fn beyond_twenty_the_bound_holds_for_every_choice_of_few_and_of_nearly_all(
        (network, chances, values) in two_rows(22, 30, Just(1.0)),
    ) {
        let cascade = Cascade::own(&network, chances).unwrap();
        let attempts = Attempts::new((0..22).collect()).unwrap();
        let order = cascade.silence_order(&attempts, &values, &few_worlds()).unwrap();
        prop_assert!(!order.all_choices_tried);
        assert_never_falls(&order);
        let (success, own) = (vec![1.0; 22], vec![0.0; 22]);
        let worth = |mask: u32| saved_by(&network, &values, &success, &own, mask);
        let all = (1 << 22) - 1;
        let mut best = [0.0_f64; 23];
        let mut note = |mask: u32| {
            for mask in [mask, all ^ mask] {
                let size = mask.count_ones() as usize;
                best[size] = best[size].max(worth(mask));
            }
        };
        for first in 0..22 {
            for second in first..22 {
                for third in second..22 {
                    note(1 << first | 1 << second | 1 << third);
                }
            }
        }
        for (count, step) in (1..).zip(&order.steps) {
            prop_assert!(step.at_most >= best[count] - 1e-9, "{count} {} {}", step.at_most, best[count]);
            if let Some(other) = &step.other_choice {
                prop_assert_eq!(other.won_back.len(), count);
                let again = worth(mask_of(&other.won_back));
                prop_assert!((other.saved - again).abs() < 1e-9 && other.saved <= step.at_most + 1e-9);
                prop_assert!((other.ahead - (other.saved - step.saved)).abs() < 1e-9);
            }
        }
        // One alone is found exactly: the order's first or the other choice.
        let first = &order.steps[0];
        let found = first.other_choice.as_ref().map_or(first.saved, |other| other.saved);
        prop_assert!((found - best[1]).abs() < 1e-9);
    }

    #[test]
    fn with_costs_the_bound_holds_for_every_choice_of_that_price(
        (network, chances, values) in two_rows(6, 8, Just(1.0)),
        costs in prop::collection::vec(prop_oneof![Just(0.0), 0.5..9.0_f64], 6),
    ) {
        let cascade = Cascade::own(&network, chances).unwrap();
        let attempts = Attempts::new((0..6).collect()).unwrap().with_costs(costs.clone()).unwrap();
        let order = cascade.silence_order(&attempts, &values, &few_worlds()).unwrap();
        assert_never_falls(&order);
        let (success, own) = ([1.0; 6], [0.0; 6]);
        let price = |mask: u32| (0..6).filter(|c| mask >> c & 1 == 1).map(|c| costs[c]).sum::<f64>();
        let mut spent = 0.0;
        for step in &order.steps {
            spent += costs[step.person as usize];
            prop_assert!((step.cost - spent).abs() < 1e-9);
            for mask in (0..64).filter(|&mask| price(mask) <= spent) {
                let worth = saved_by(&network, &values, &success, &own, mask);
                prop_assert!(worth <= step.at_most + 1e-9, "{mask} {worth} {step:?}");
            }
            if let Some(other) = &step.other_choice {
                prop_assert!(price(mask_of(&other.won_back)) <= spent * (1.0 + 1e-9));
            }
        }
    }

    #[test]
    fn conversion_counts_success_and_own_value(
        (network, chances, values) in two_rows(5, 7, Just(1.0)),
        success in prop::collection::vec(0.0..=1.0_f64, 5),
        own in prop::collection::vec(0.0..9.0_f64, 5),
    ) {
        let cascade = Cascade::own(&network, chances).unwrap();
        let probabilities: Vec<_> = success.iter().map(|&p| chance(p)).collect();
        let attempts = Attempts::new((0..5).collect()).unwrap()
            .with_success(&probabilities).unwrap()
            .with_own_values(own.clone()).unwrap();
        let covered = |mask: u32| -> f64 {
            let mut missed = vec![1.0; values.len()];
            let mut sum = 0.0;
            for detractor in (0_u32..5).filter(|d| mask >> d & 1 == 1) {
                sum += success[detractor as usize] * own[detractor as usize];
                for &hearer in network.hearers(detractor) {
                    missed[hearer as usize] *= 1.0 - success[detractor as usize];
                }
            }
            sum + missed.iter().zip(&values).map(|(missed, value)| (1.0 - missed) * value).sum::<f64>()
        };
        let best = (0..32).filter(|mask: &u32| mask.count_ones() <= 2).map(covered).fold(0.0, f64::max);
        prop_assume!(best > 0.1);
        let found = cascade.convert_attempts(&attempts, &values, 2.0, &Search::new(3)).unwrap();
        let reached = covered(mask_of(&found.won_back));
        // Greedy keeps 1 − 1/e of the best in its own worlds; these have noise of their own.
        prop_assert!(reached >= 0.58 * best, "{reached} {best}");
        let allowed = 6.0 * found.validated.standard_error + 1e-9;
        prop_assert!((found.validated.value - reached).abs() <= allowed.max(0.05 * reached), "{found:?} {reached}");
    }
}

/// A ring with chords, both ways; 40 of its 400 persons are detractors.
fn middling() -> (Network, Vec<f64>) {
    let arcs = (0..400_u32).flat_map(|i| {
        let chord = (i * i + 17 * i + 5) % 400;
        [
            (i, (i + 1) % 400),
            ((i + 1) % 400, i),
            (i, chord),
            (chord, i),
        ]
    });
    let losses = (0..400).map(|i| f64::from(i % 7) * 3.0).collect();
    (Network::from_arcs(400, arcs).unwrap(), losses)
}

fn question<'n>(network: &'n Network, losses: &[f64], cost: f64) -> NetworkWinBack<'n> {
    let detractors = (0..40).map(|i: u32| {
        let own = f64::from(i * i % 11);
        NetworkDetractor::new((10 * i).to_string(), euro())
            .with_own_value(money(own))
            .unwrap()
            .with_success(chance(0.9))
            .with_cost(money(cost))
            .unwrap()
    });
    let cascade = Cascade::uniform(network, chance(0.15));
    NetworkWinBack::new(cascade, euro(), losses.to_vec(), detractors.collect()).unwrap()
}

#[test]
fn money_adds_up_and_a_budget_is_kept() {
    let (network, losses) = middling();
    let question = question(&network, &losses, 4.0);
    let plan = question.silence(&few_worlds()).unwrap();
    assert_eq!(plan.steps().len(), 40);
    assert_eq!(plan.currency(), euro());
    let (mut added, mut own) = (0.0, 0.0);
    for (count, step) in (1_u32..).zip(plan.steps()) {
        added += step.added;
        let row: u32 = step.id.parse::<u32>().unwrap() / 10;
        own += 0.9 * f64::from(row * row % 11);
        assert!((step.saved - added).abs() < 1e-9);
        assert!((step.own_value_regained - own).abs() < 1e-9);
        let parts = step.own_value_regained + step.word_of_mouth_avoided;
        assert!((step.saved - parts).abs() < 1e-12);
        assert!((step.cost - 4.0 * f64::from(count)).abs() < 1e-9);
        assert!((step.net() - (step.saved - step.cost)).abs() < 1e-12);
        assert!(step.standard_error > 0.0 && step.standard_error < 0.1 * step.saved);
    }
    // Attempts that may fail cannot save all of the harm.
    let whole = plan.steps().last().unwrap();
    assert!(whole.word_of_mouth_avoided < plan.harm().unwrap().amount());

    let net = |count: usize| count.checked_sub(1).map_or(0.0, |k| plan.steps()[k].net());
    let free = plan.within(Budget::Unlimited).unwrap();
    assert!((0..=40).all(|count| net(count) <= net(free)));
    let ten = plan.within(Budget::Attempts(10)).unwrap();
    assert!(ten <= 10 && (0..=10).all(|count| net(count) <= net(ten)));
    let spent = plan.within(Budget::Money(money(30.0))).unwrap();
    assert!(spent > 0 && spent <= 7 && plan.steps()[spent - 1].cost <= 30.0);
    assert_eq!(plan.within(Budget::Attempts(0)).unwrap(), 0);
    let crowns = ExpectedMoney::new(1.0, Currency::new("SEK").unwrap()).unwrap();
    assert!(matches!(
        plan.within(Budget::Money(crowns)),
        Err(Error::MixedCurrencies { .. })
    ));
}

#[test]
fn the_order_saves_more_than_rules_of_thumb_and_the_same_worlds_say_the_same() {
    let (network, losses) = middling();
    let question = question(&network, &losses, 0.0);
    let fresh = Effort::worlds(6, 512);
    let plan = question.silence(&few_worlds()).unwrap();
    let ours: Vec<Person> = plan
        .steps()
        .iter()
        .map(|s| network.find(&s.id).unwrap())
        .collect();
    let plain = question.attempts().detractors().to_vec();
    let curves = question
        .saved_along(&[ours.clone(), plain.clone(), plain[..5].to_vec()], &fresh)
        .unwrap();
    for (step, (saved, error)) in plan.steps().iter().zip(
        curves[0].saved[1..]
            .iter()
            .zip(&curves[0].standard_errors[1..]),
    ) {
        assert_eq!((step.saved, step.standard_error), (*saved, *error));
    }
    assert_eq!(
        (
            curves[0].saved.len(),
            curves[1].saved.len(),
            curves[2].saved.len()
        ),
        (41, 41, 6)
    );
    assert_eq!(curves[1].saved[..6], curves[2].saved[..]);
    assert!(curves[0].saved[0].abs() < 1e-300);
    let mut ahead = 0.0;
    for count in 0..=40 {
        let behind = curves[0].saved[count] - curves[1].saved[count];
        assert!((curves[1].behind_first[count] - behind).abs() < 1e-9);
        // The order was chosen in other worlds, so chance may turn against it, but not far.
        let error = curves[1].behind_first_standard_errors[count];
        assert!(behind >= -3.0 * error - 1e-9, "{count} {behind}");
        ahead += behind;
    }
    assert!(ahead > 0.0);
    // The same worlds take the noise out of a comparison.
    assert!(curves[1].behind_first[10] > 4.0 * curves[1].behind_first_standard_errors[10]);
    // An order of strangers, or of one twice, is refused with its place.
    for order in [vec![0, 1], vec![0, 0]] {
        assert!(matches!(
            question.saved_along(&[order], &fresh),
            Err(Error::BadColumnValue { row: 1, .. })
        ));
    }
    // A wanted standard error is reached.
    let exact = Effort::relative_standard_error(6, 0.002).unwrap();
    let exact = question.saved_along(&[ours], &exact).unwrap().remove(0);
    assert!(exact.standard_errors[40] < 0.004 * exact.saved[40]);
    assert!((exact.saved[40] - curves[0].saved[40]).abs() < 5.0 * curves[0].standard_errors[40]);
}

#[test]
fn one_two_and_eight_threads_give_the_same_bits() {
    let (network, losses) = middling();
    let answer = || {
        let question = question(&network, &losses, 4.0);
        let plan = question.silence(&few_worlds()).unwrap();
        let found = question
            .convert(&losses, Budget::Money(money(30.0)), &Search::new(2))
            .unwrap();
        format!("{plan:?} {found:?}")
    };
    let first = in_threads(1, &answer);
    assert_eq!(first, in_threads(2, &answer));
    assert_eq!(first, in_threads(8, &answer));
}

#[test]
fn conversion_keeps_its_budget_and_names_whom_to_win_back() {
    let (network, gains) = middling();
    let dear = question(&network, &gains, 4.0);
    let search = Search::new(2);
    let found = dear
        .convert(&gains, Budget::Money(money(30.0)), &search)
        .unwrap();
    assert_eq!((found.ids.len(), found.cost), (7, 28.0));
    assert!(
        found
            .ids
            .iter()
            .all(|id| dear.detractors().iter().any(|d| d.id() == id))
    );
    let counted = dear.convert(&gains, Budget::Attempts(7), &search).unwrap();
    assert_eq!((&counted.ids, counted.cost), (&found.ids, 28.0));
    let all = dear.convert(&gains, Budget::Unlimited, &search).unwrap();
    assert!(all.ids.len() > 35);
    assert!(all.gained().unwrap().amount() > found.gained().unwrap().amount());
    assert!(found.conversion.certificate() > 0.63);
    // What costs nothing fits every budget.
    let free = question(&network, &gains, 0.0);
    let found = free
        .convert(&gains, Budget::Money(money(0.0)), &search)
        .unwrap();
    assert_eq!(found.ids.len(), all.ids.len());
    assert!(matches!(
        free.convert(&gains, Budget::Money(money(-1.0)), &search),
        Err(Error::OutOfRange { .. })
    ));
}

#[test]
fn two_who_share_a_hearer_must_both_be_won_back() {
    let text = "ada cy\nbo cy\ndi ed\n";
    let network = EdgeList::new().read(text.as_bytes()).unwrap();
    let losses: Vec<f64> = ["ada", "cy", "bo", "di", "ed"]
        .map(|id| if id == "cy" { 10.0 } else { 3.0 })
        .to_vec();
    let plan = |success: f64| -> SilencePlan {
        let detractors = ["ada", "bo", "di"]
            .map(|id| NetworkDetractor::new(id, euro()).with_success(chance(success)));
        let cascade = Cascade::uniform(&network, Probability::ONE);
        let question =
            NetworkWinBack::new(cascade, euro(), losses.clone(), detractors.to_vec()).unwrap();
        question.silence(&few_worlds()).unwrap()
    };
    let sure = plan(1.0);
    let saved: Vec<f64> = sure.steps().iter().map(|step| step.saved).collect();
    assert_eq!(saved, [0.0, 10.0, 13.0]);
    assert_eq!(sure.steps()[2].id, "di");
    // A single attempt is better spent on di, who shares no hearer; no single order says both.
    let other = sure.steps()[0].other.as_ref().unwrap();
    assert_eq!(
        (other.ids.as_slice(), other.saved),
        (&["di".to_owned()][..], 3.0)
    );
    // Detractors' own column of losses does not count: only cy and ed can be lost.
    assert_eq!(sure.harm().unwrap(), money(13.0));
    // Both attempts must succeed.
    let last = &plan(0.5).steps()[2].clone();
    assert!((last.saved - (0.25 * 10.0 + 0.5 * 3.0)).abs() < 1e-12);
}

#[test]
fn a_case_weighed_for_itself_becomes_a_detractor() {
    let stakes = Stakes {
        own_value: money(500.0),
        leaves_if_nothing_is_done: chance(0.8),
        leaves_if_recovered: chance(0.3),
        word_of_mouth_if_nothing_is_done: money(100.0),
        word_of_mouth_if_recovered: money(0.0),
        success: chance(0.6),
        cost: money(40.0),
    };
    let detractor = NetworkDetractor::of("ada", &stakes).unwrap();
    assert!((detractor.own_value() - 250.0).abs() < 1e-9);
    assert_eq!(
        (detractor.success(), detractor.cost(), detractor.id()),
        (chance(0.6), 40.0, "ada")
    );
    let worse = Stakes {
        leaves_if_recovered: chance(0.9),
        ..stakes
    };
    assert!(matches!(
        NetworkDetractor::of("ada", &worse),
        Err(Error::OutOfRange { .. })
    ));
}

#[test]
fn bad_input_is_refused_with_its_place() {
    let network = EdgeList::new().read("ada cy\nbo cy\n".as_bytes()).unwrap();
    let ask = |losses: &[f64], detractors: &[NetworkDetractor]| {
        let cascade = Cascade::weighted(&network);
        NetworkWinBack::new(cascade, euro(), losses.to_vec(), detractors.to_vec())
    };
    let (ada, bo) = (
        NetworkDetractor::new("ada", euro()),
        NetworkDetractor::new("bo", euro()),
    );
    for bad in [f64::NAN, f64::INFINITY, -1.0] {
        assert!(matches!(
            ask(&[0.0, bad, 0.0], std::slice::from_ref(&ada)),
            Err(Error::BadColumnValue { row: 1, .. })
        ));
    }
    assert!(matches!(
        ask(&[0.0; 2], std::slice::from_ref(&ada)),
        Err(Error::UnequalLengths { .. })
    ));
    assert!(matches!(ask(&[0.0; 3], &[]), Err(Error::Empty { .. })));
    assert!(matches!(
        ask(&[0.0; 3], &[ada.clone(), bo.clone(), ada.clone()]),
        Err(Error::BadColumnValue { row: 2, .. })
    ));
    let stranger = NetworkDetractor::new("zoe", euro());
    match ask(&[0.0; 3], &[ada.clone(), stranger]) {
        Err(Error::InvalidText { found, .. }) => assert_eq!(found, "zoe"),
        other => panic!("{other:?}"),
    }
    let crowns = Currency::new("SEK").unwrap();
    assert!(matches!(
        ask(
            &[0.0; 3],
            &[ada.clone(), NetworkDetractor::new("bo", crowns)]
        ),
        Err(Error::MixedCurrencies { .. })
    ));
    let foreign = ExpectedMoney::new(1.0, crowns).unwrap();
    assert!(matches!(
        ada.clone().with_cost(foreign),
        Err(Error::MixedCurrencies { .. })
    ));
    assert!(matches!(
        ada.clone().with_cost(money(-0.01)),
        Err(Error::OutOfRange { .. })
    ));
    assert!(matches!(
        ada.clone().with_own_value(money(-1.0)),
        Err(Error::OutOfRange { .. })
    ));
    let asked = ask(&[0.0, 1.0, 0.0], &[ada, bo]).unwrap();
    let search = few_worlds();
    assert!(matches!(
        asked.convert(&[0.0, f64::NAN, 0.0], Budget::Attempts(1), &search),
        Err(Error::BadColumnValue { row: 1, .. })
    ));
    assert!(matches!(
        asked.convert(&[0.0; 3], Budget::Money(foreign), &search),
        Err(Error::MixedCurrencies { .. })
    ));

    // The columns below the money.
    assert!(matches!(Attempts::new(vec![]), Err(Error::Empty { .. })));
    let two = || Attempts::new(vec![0, 2]).unwrap();
    assert!(matches!(
        two().with_success(&[Probability::ONE]),
        Err(Error::UnequalLengths { .. })
    ));
    for bad in [f64::NAN, f64::INFINITY, -1.0] {
        assert!(matches!(
            two().with_costs(vec![0.0, bad]),
            Err(Error::BadColumnValue { row: 1, .. })
        ));
        assert!(matches!(
            two().with_own_values(vec![0.0, bad]),
            Err(Error::BadColumnValue { row: 1, .. })
        ));
    }
    let cascade = Cascade::weighted(&network);
    let strangers = Attempts::new(vec![0, 3]).unwrap();
    assert!(matches!(
        cascade.silence_order(&strangers, &[1.0; 3], &search),
        Err(Error::BadColumnValue { row: 1, .. })
    ));
    assert!(
        cascade
            .convert_attempts(&two(), &[1.0; 3], f64::NAN, &search)
            .is_err()
    );
    assert!(
        cascade
            .convert_attempts(&two(), &[1.0; 3], -1.0, &search)
            .is_err()
    );
}

/// Nobody hears, nobody is worth anything, nobody is named twice: small cases without a crash.
#[test]
fn nothing_to_lose_is_nothing_saved() {
    let network = Network::from_arcs(3, [(0, 1)]).unwrap();
    let cascade = Cascade::uniform(&network, Probability::ZERO);
    let order = cascade
        .silence_order(
            &Attempts::new(vec![2, 0]).unwrap(),
            &[0.0, 5.0, 0.0],
            &few_worlds(),
        )
        .unwrap();
    assert_eq!(order.steps.len(), 2);
    assert!(
        order
            .steps
            .iter()
            .all(|step| step.saved == 0.0 && step.at_most == 0.0)
    );
    assert!(
        order
            .steps
            .iter()
            .all(|step| step.certificate() > 1.0 - 1e-12)
    );
    assert_eq!((order.harm, order.harm_standard_error), (0.0, 0.0));
}

#[cfg(feature = "serde")]
#[test]
fn attempts_survive_storage_and_bad_ones_do_not_load() {
    let attempts = Attempts::new(vec![3, 1])
        .unwrap()
        .with_success(&[chance(0.5), chance(0.25)])
        .unwrap()
        .with_costs(vec![1.0, 0.0])
        .unwrap();
    let text = serde_json::to_string(&attempts).unwrap();
    assert_eq!(serde_json::from_str::<Attempts>(&text).unwrap(), attempts);
    for (good, bad) in [
        ("[3,1]", "[3,3]"),
        ("0.25", "1.25"),
        ("[1.0,0.0]", "[1.0,-1.0]"),
    ] {
        let bad = text.replace(good, bad);
        assert_ne!(bad, text);
        assert!(serde_json::from_str::<Attempts>(&bad).is_err());
    }
}

/// All arcs carry, so that what a choice saves is known without drawing worlds, and all choices can be tried.
#[test]
fn no_choice_within_a_budget_is_worth_more_than_the_bound_and_the_answer_reaches_the_order() {
    let mut answers = 0;
    for seed in 0..40_u32 {
        let draw = |a: u32, b: u32| {
            let mixed = a.wrapping_add(seed).wrapping_mul(2_654_435_761) ^ b.wrapping_mul(40_503);
            mixed.wrapping_mul(2_246_822_519) >> 16
        };
        let detractors = 4 + seed % 4;
        let hearers = 9;
        let arcs = (0..detractors).flat_map(|d| {
            (0..hearers)
                .filter(move |&h| draw(d + 1, h + 1) % 3 == 0)
                .map(move |h| (d, detractors + h))
        });
        let network = Network::from_arcs(detractors + hearers, arcs).unwrap();
        let losses: Vec<f64> = (0..detractors + hearers)
            .map(|p| f64::from(1 + draw(p + 50, 3) % 40))
            .collect();
        let costs: Vec<f64> = (0..detractors)
            .map(|d| {
                if seed % 3 == 0 {
                    0.0
                } else {
                    f64::from(draw(d + 90, 7) % 25)
                }
            })
            .collect();
        let named: Vec<_> = costs
            .iter()
            .enumerate()
            .map(|(d, &cost)| {
                NetworkDetractor::new(d.to_string(), euro())
                    .with_cost(money(cost))
                    .unwrap()
            })
            .collect();
        let cascade = Cascade::uniform(&network, Probability::ONE);
        let question = NetworkWinBack::new(cascade, euro(), losses, named).unwrap();
        let plan = question.silence(&few_worlds()).unwrap();
        let spared = |mask: u32| -> f64 {
            (detractors..detractors + hearers)
                .filter(|&h| {
                    let mut hears_from = (0..detractors)
                        .filter(|&d| network.hearers(d).contains(&h))
                        .peekable();
                    hears_from.peek().is_some() && hears_from.all(|d| mask >> d & 1 == 1)
                })
                .map(|h| question.losses()[h as usize])
                .sum()
        };
        let price = |mask: u32| -> f64 {
            (0..detractors)
                .filter(|d| mask >> d & 1 == 1)
                .map(|d| costs[d as usize])
                .sum()
        };
        let mut budgets = vec![Budget::Unlimited];
        budgets.extend((0..6).map(Budget::Attempts));
        budgets.extend([0.0, 7.0, 20.0, 41.5, 80.0].map(|limit| Budget::Money(money(limit))));
        for budget in budgets {
            let fits = |mask: u32| match budget {
                Budget::Unlimited => true,
                Budget::Attempts(limit) => mask.count_ones() as usize <= limit,
                Budget::Money(limit) => price(mask) <= limit.amount(),
            };
            let best = (0..1_u32 << detractors)
                .filter(|&mask| fits(mask))
                .map(|mask| spared(mask) - price(mask))
                .fold(0.0, f64::max);
            let found = plan.for_budget(budget).unwrap();
            let mask = found
                .ids
                .iter()
                .map(|id| 1 << id.parse::<u32>().unwrap())
                .sum::<u32>();
            assert!(fits(mask), "{seed} {budget:?}: {found:?}");
            assert!(
                (found.saved - spared(mask)).abs() < 1e-9
                    && (found.cost - price(mask)).abs() < 1e-9
            );
            assert!(
                best <= found.net_at_most + 1e-9,
                "{seed} {budget:?}: {best} {found:?}"
            );
            assert!(found.net() <= best + 1e-9);
            let count = plan.within(budget).unwrap();
            let beginning = count
                .checked_sub(1)
                .map_or(0.0, |last| plan.steps()[last].net());
            assert!(found.net() >= beginning);
            assert!((0.0..=1.0).contains(&found.certificate()));
            answers += usize::from(found.net() >= best - 1e-9);
        }
    }
    // Most answers are the best there is: 40 networks with 12 budgets each.
    assert!(answers > 400, "{answers}");
}

#[test]
fn a_budget_in_another_currency_is_refused() {
    let crowns = ExpectedMoney::new(1.0, Currency::new("SEK").unwrap()).unwrap();
    let (network, losses) = middling();
    let plan = question(&network, &losses, 4.0)
        .silence(&few_worlds())
        .unwrap();
    assert!(matches!(
        plan.for_budget(Budget::Money(crowns)),
        Err(Error::MixedCurrencies { .. })
    ));
}

#[test]
fn who_costs_nothing_is_converted_even_when_the_budget_is_spent() {
    let network = Network::from_arcs(4, [(0, 2), (1, 3)]).unwrap();
    let detractors = [("0", 5.0), ("1", 0.0)].map(|(id, cost)| {
        NetworkDetractor::new(id, euro())
            .with_cost(money(cost))
            .unwrap()
    });
    let cascade = Cascade::uniform(&network, Probability::ONE);
    let question = NetworkWinBack::new(cascade, euro(), vec![1.0; 4], detractors.to_vec()).unwrap();
    let gains = [0.0, 0.0, 9.0, 2.0];
    for (limit, won_back) in [(0.0, vec!["1"]), (5.0, vec!["0", "1"])] {
        let plan = question
            .convert(&gains, Budget::Money(money(limit)), &few_worlds())
            .unwrap();
        let mut ids = plan.ids.clone();
        ids.sort();
        assert_eq!(ids, won_back, "{limit}");
    }
}

#[test]
fn three_times_a_tenth_fits_three_tenths() {
    let network = Network::from_arcs(6, [(0, 3), (1, 4), (2, 5)]).unwrap();
    let cascade = Cascade::uniform(&network, Probability::ONE);
    let budget = tillit::word_of_mouth::network::Budget::money(vec![0.1; 6], 0.3).unwrap();
    let search = few_worlds();
    let silence = cascade
        .silence(&[0, 1, 2], &[1.0; 6], &budget, &search)
        .unwrap();
    assert_eq!(silence.won_back, [0, 1, 2]);
    let converted = cascade
        .convert(&[0, 1, 2], &[1.0; 6], &budget, &search)
        .unwrap();
    assert_eq!(converted.won_back.len(), 3);
}
