//! Numbers that nobody sends on purpose: every function of word of mouth and of winning back answers or refuses,
//! and never with a number that is none.

use std::num::NonZeroU64;

use tillit::Result;
use tillit::journey::{CustomerIndex, Event, Fact, JourneyLogBuilder};
use tillit::measure::{Currency, ExpectedMoney, Merge, Probability, Timestamp, Zone};
use tillit::win_back::network::{NetworkDetractor, NetworkWinBack};
use tillit::win_back::{Budget as WinBackBudget, Stakes, WinBackCase, WinBackRanking};
use tillit::word_of_mouth::network::{
    Attempts, Budget, Cascade, EdgeList, Effort, Ids, Method, Network, Opinion, Person, Search,
    SignedCascade,
};
use tillit::word_of_mouth::{
    Audience, BreakEven, Generations, LossLaw, LostLaw, Portfolio, PortfolioLaw, Reach,
    RetellerReach, Simulation, Sway, Talk, Teller, TellerGroup,
};

const HOSTILE: [f64; 17] = [
    f64::NAN,
    f64::INFINITY,
    f64::NEG_INFINITY,
    0.0,
    -0.0,
    -1.0,
    5e-324,
    -5e-324,
    1e-300,
    1e-12,
    0.5,
    1.0,
    1e9,
    1e110,
    1e200,
    1e308,
    -1e308,
];

const LEVELS: [f64; 6] = [0.0, 5e-324, 1e-17, 0.5, 1.0 - 1e-16, 1.0];

fn euro() -> Currency {
    Currency::new("EUR").unwrap()
}

fn money(amount: f64) -> Result<ExpectedMoney> {
    ExpectedMoney::new(amount, euro())
}

fn probability(value: f64) -> Probability {
    Probability::new(value).unwrap()
}

#[track_caller]
fn number(value: f64) {
    assert!(!value.is_nan());
    // Nothing is nothing: an empty sum must not print as −0.
    assert!(value != 0.0 || value.is_sign_positive(), "-0.0");
}

#[track_caller]
fn not_nan(value: f64) {
    assert!(!value.is_nan());
}

/// The amounts that a hearer, the acquisition cost and the customer may have.
fn talks() -> Vec<Talk> {
    let sways = [
        Sway::losing(probability(0.05)),
        Sway::losing(Probability::ONE),
        Sway::losing(probability(5e-324)),
        Sway::new(probability(0.5), probability(0.25), probability(0.25)).unwrap(),
        Sway::NONE,
    ];
    let mut talks = Vec::new();
    for hearer in HOSTILE.into_iter().filter_map(|amount| money(amount).ok()) {
        for saved in [0.0, 5e-324, 1e200, 1e308] {
            let sway = sways[talks.len() % sways.len()];
            let talk = Talk::new(hearer, sway, sway, Sway::NONE)
                .and_then(|talk| talk.with_acquisition_cost(money(saved)?));
            talks.extend(talk);
        }
    }
    assert!(talks.len() > 20);
    talks
}

fn reaches() -> Vec<Reach> {
    let mut reaches = vec![
        Reach::NOBODY,
        Reach::DISSATISFIED,
        Reach::exactly(u32::MAX),
        Reach::law(vec![1.0]).unwrap(),
        Reach::law(vec![0.0, 1.0]).unwrap(),
        Reach::observed(&[0, 1_000_000]).unwrap(),
    ];
    reaches.extend(
        HOSTILE
            .into_iter()
            .filter_map(|mean| Reach::poisson(mean).ok()),
    );
    reaches.extend(
        HOSTILE
            .into_iter()
            .filter_map(|mean| Reach::mean_of(mean).ok()),
    );
    reaches.extend([
        Reach::uniform(0, 1_000_000).unwrap(),
        Reach::uniform(u32::MAX - 1, u32::MAX).unwrap(),
    ]);
    assert!(Reach::uniform(0, u32::MAX).is_err() && Reach::uniform(1, 0).is_err());
    assert!(Reach::law(vec![]).is_err() && Reach::observed(&[]).is_err());
    assert!(Reach::observed(&[u32::MAX]).is_err());
    for bad in HOSTILE {
        let law = Reach::law(vec![bad, 0.5]);
        assert_eq!(law.is_ok(), (bad - 0.5).abs() < 0.1);
    }
    for reach in &reaches {
        not_nan(reach.mean());
        reach.variance().into_iter().for_each(not_nan);
    }
    reaches
}

#[test]
fn the_closed_form_answers_or_refuses() {
    assert!(Generations::finite(0).is_err() && Generations::finite(1001).is_err());
    for shift in HOSTILE {
        let swayed = Sway::from_shift(Probability::HALF, shift);
        assert_eq!(swayed.is_ok(), (-1.0..=1.0).contains(&shift));
    }
    assert!(Sway::new(Probability::ONE, probability(1e-9), Probability::ZERO).is_err());
    let mut answered = 0;
    for talk in talks() {
        for reach in reaches() {
            for (market, generations) in [
                (None, Generations::DIRECT),
                (NonZeroU64::new(1), Generations::ENDLESS),
                (
                    NonZeroU64::new(u64::MAX),
                    Generations::finite(1000).unwrap(),
                ),
            ] {
                let mut talk = talk
                    .clone()
                    .with_reach(Teller::Detractor, reach.clone())
                    .with_own_loss(Teller::Detractor, Probability::HALF)
                    .with_retelling(Probability::HALF, Probability::ONE, generations);
                if let Some(market) = market {
                    talk = talk.with_market(market);
                }
                for amount in HOSTILE {
                    for one in [
                        talk.impact_of(Teller::Detractor, amount, 1.0),
                        talk.impact_of(Teller::Detractor, 1.0, amount),
                    ]
                    .into_iter()
                    .flatten()
                    {
                        not_nan(one.direct_hearers());
                        not_nan(one.growth());
                        not_nan(one.contacts());
                        not_nan(one.distinct_hearers());
                        assert!(one.impact().is_finite());
                        answered += 1;
                    }
                    let saving = money(amount);
                    let refusal = saving.and_then(|s| BreakEven::of(&talk, Teller::Detractor, s));
                    if let Ok(refusal) = refusal {
                        if let Some(p) = refusal.loss_probability() {
                            not_nan(p.value());
                        }
                        // Playing it through takes longer, and does not depend on the amount.
                        if (amount - 1e9).abs() < 1.0
                            && talk.reach(Teller::Detractor).mean() < 100.0
                        {
                            for level in LEVELS.map(probability) {
                                let _ = refusal.loss_probability_for(level);
                            }
                            let _ = (refusal.at_least_one_lost(), refusal.refusing_costs_more());
                        }
                    }
                }
            }
        }
    }
    assert!(answered > 1000);
}

#[test]
fn columns_answer_or_refuse_and_name_the_row() {
    let codes = [0_u8, 1, 2, 3, 9];
    for talk in talks() {
        for amount in HOSTILE {
            for connected in HOSTILE {
                for code in codes {
                    let (codes, values, connectedness) =
                        ([0, code], [1.0, amount], [1.0, connected]);
                    let Ok(audience) = Audience::new(euro(), &codes, &values, &connectedness)
                    else {
                        continue;
                    };
                    let mut column = [0.0; 2];
                    if let Ok(total) = audience.impact_into(&talk, &mut column) {
                        assert!(total.amount().is_finite());
                        assert!(column.iter().all(|impact| impact.is_finite()));
                    }
                    if let Ok(total) = audience.total(&talk) {
                        assert!(total.amount().is_finite());
                    }
                    if let Ok(mut impact) = audience.impact(&talk) {
                        let same = impact;
                        let merged = impact.merge(&same);
                        not_nan(
                            merged.map_or(0.0, |()| {
                                impact.total().map_or(0.0, ExpectedMoney::amount)
                            }),
                        );
                        assert!(impact.to_string().len() < 300, "{impact}");
                    }
                    for segment in [0, 1, u32::MAX] {
                        let sums = audience.by_segment(&talk, &[0, segment], 1);
                        assert!(segment == 0 || sums.is_err());
                    }
                    if let Ok(portfolio) = Portfolio::of_audience(&talk, &audience) {
                        not_nan(portfolio.reached());
                        let _ = portfolio.impact(&talk, &audience).map(|impact| {
                            not_nan(impact.word_of_mouth().map_or(0.0, ExpectedMoney::amount));
                        });
                    }
                }
            }
        }
    }
    let audience = Audience::<f64>::new(euro(), &[], &[], &[]).unwrap();
    let talk = &talks()[0];
    assert_eq!(audience.by_segment(talk, &[], 0).unwrap(), []);
    number(audience.total(talk).unwrap().amount());
    number(audience.impact(talk).unwrap().total().unwrap().amount());
}

#[test]
fn nobody_reaches_nobody_without_a_sign() {
    let talk = Talk::new(money(5.0).unwrap(), Sway::NONE, Sway::NONE, Sway::NONE).unwrap();
    let audience = Audience::<f64>::new(euro(), &[], &[], &[]).unwrap();
    for portfolio in [
        Portfolio::of_groups(&talk, &[]).unwrap(),
        Portfolio::of_audience(&talk, &audience).unwrap(),
    ] {
        for nothing in [
            portfolio.first_contacts(),
            portfolio.reached(),
            portfolio.word_of_mouth().unwrap().amount(),
            portfolio.reproduction(),
        ] {
            number(nothing);
        }
        assert!(!format!("{portfolio:?}").contains("-0.0"));
    }
    for law in [
        PortfolioLaw::of_groups(&talk, &[]).unwrap(),
        PortfolioLaw::of_audience(&talk, &audience).unwrap(),
    ] {
        assert!(!format!("{law:?}").contains("-0.0"), "{law:?}");
        number(law.total().mean().unwrap().amount());
        number(law.lost().at_least_one().value());
    }
    let ranking = WinBackRanking::weigh(Vec::new(), WinBackBudget::Unlimited).unwrap();
    number(ranking.spent());
    number(ranking.certificate().chosen);
    let alone = Network::from_arcs(2, []).unwrap();
    let cascade = Cascade::uniform(&alone, Probability::HALF);
    let nothing = [0.0; 2];
    let silence = cascade
        .silence(&[0], &nothing, &Budget::persons(0), &Search::new(1))
        .unwrap();
    assert!(!format!("{silence:?}").contains("-0.0"), "{silence:?}");
    let order = cascade
        .silence_order(&Attempts::new(vec![0]).unwrap(), &nothing, &Search::new(1))
        .unwrap();
    assert!(!format!("{order:?}").contains("-0.0"), "{order:?}");
    for method in [Method::Skips, Method::Lanes] {
        let effort = Effort::worlds(1, 64).with_method(method);
        let spread = cascade.spread(&[], &effort).unwrap();
        assert!(!format!("{spread:?}").contains("-0.0"), "{spread:?}");
    }
}

fn judge(lost: &LostLaw) {
    for value in [
        lost.mean(),
        lost.variance(),
        lost.skewness(),
        lost.error_bound(),
    ] {
        not_nan(value);
    }
    lost.mean_hearers().into_iter().for_each(not_nan);
    lost.variance_of_hearers().into_iter().for_each(not_nan);
    for level in LEVELS.map(probability) {
        let _ = lost.quantile(level);
        lost.expected_shortfall(level).into_iter().for_each(not_nan);
    }
    for count in [0, 1, 2, 1 << 53, u64::MAX] {
        not_nan(lost.at_least(count).value());
        lost.probability(count).into_iter().for_each(not_nan);
    }
}

fn judge_money(loss: &LossLaw) {
    for value in [loss.variance(), loss.skewness(), loss.error_bound()] {
        not_nan(value);
    }
    for level in LEVELS.map(probability) {
        let _ = (loss.value_at_risk(level), loss.expected_shortfall(level));
        let _ = (loss.value_at_risk_bounds(level), loss.estimate(level));
    }
    for amount in HOSTILE.into_iter().filter_map(|amount| money(amount).ok()) {
        not_nan(loss.at_least(amount).value());
        assert!(loss.variance_if_hearers_differ(amount) >= 0.0);
    }
}

#[test]
fn the_exact_law_answers_or_refuses() {
    let mut answered = 0;
    for talk in talks() {
        for (lost, loss) in [
            (
                LostLaw::of(&talk, Teller::Detractor),
                LossLaw::of(&talk, Teller::Detractor),
            ),
            (
                LostLaw::of(&talk, Teller::Passive),
                LossLaw::of(&talk, Teller::Passive),
            ),
        ] {
            lost.iter().for_each(judge);
            loss.iter().for_each(judge_money);
            answered += usize::from(loss.is_ok());
        }
        let leaving = talk.with_own_loss(Teller::Detractor, Probability::HALF);
        for amount in HOSTILE {
            let (values, connected) = ([amount; 3], [1.0, 0.0, 1.5]);
            let audience = Audience::new(euro(), &[0, 0, 1], &values, &connected);
            let law = audience.and_then(|audience| PortfolioLaw::of_audience(&leaving, &audience));
            if let Ok(law) = law {
                judge_money(law.total());
            }
        }
        let group = TellerGroup::of(&leaving, Teller::Detractor, 1);
        if let Ok(played) = Simulation::run(&leaving, &[group], 100, 1) {
            assert!(played.mean_loss().amount().is_finite());
            let error = played.word_of_mouth().standard_error().unwrap();
            not_nan(error);
            // Some lose many and some few, so that an error of 0 would be no answer.
            let varies =
                played.word_of_mouth().value().abs() > 1e-150 && played.variance_of_lost() > 0.0;
            assert!(
                !varies || leaving.hearer_value().amount() == 0.0 || error > 0.0,
                "{played:?}"
            );
        }
    }
    assert!(answered > 20);
}

#[test]
fn huge_and_odd_crowds_answer_or_refuse_in_time() {
    let one = Talk::new(
        money(1200.0).unwrap(),
        Sway::losing(probability(0.05)),
        Sway::NONE,
        Sway::NONE,
    )
    .unwrap();
    let endless = |retelling: f64| {
        one.clone().with_retelling(
            probability(retelling),
            Probability::ONE,
            Generations::ENDLESS,
        )
    };
    for talk in [
        one.clone(),
        endless(0.08),
        endless(1.0 / 12.0),
        endless(1.0),
    ] {
        for reach in reaches() {
            for connectedness in [0.0, 5e-324, 0.5, 1e7, 1e308] {
                for customers in [0, 1, 1000, u64::MAX] {
                    let sway = Sway::losing(probability(0.05));
                    let group =
                        TellerGroup::new(customers, connectedness, reach.clone(), sway).unwrap();
                    let groups = [group.clone(), group];
                    if let Ok(portfolio) = Portfolio::of_groups(&talk, &groups) {
                        not_nan(portfolio.reached());
                    }
                    // The widest laws take seconds each, and one as wide stands below.
                    if reach.mean() > 100.0 || connectedness > 1e3 {
                        continue;
                    }
                    if let Ok(law) = PortfolioLaw::of_groups(&talk, &groups) {
                        judge(law.lost());
                        judge_money(law.word_of_mouth());
                    }
                }
            }
        }
    }
    let wide = TellerGroup::new(2, 1e6, Reach::DISSATISFIED, Sway::losing(probability(0.05)));
    judge(
        PortfolioLaw::of_groups(&one, &[wide.unwrap()])
            .unwrap()
            .lost(),
    );
    for bad in [f64::NAN, f64::INFINITY, -1.0, -5e-324] {
        assert!(TellerGroup::new(1, bad, Reach::NOBODY, Sway::NONE).is_err());
    }
    let stated = one.with_retelling(Probability::ONE, Probability::ONE, Generations::ENDLESS);
    for reach in reaches() {
        for market in [1, 2, 1 << 40, u64::MAX] {
            let talk = stated
                .clone()
                .with_reteller_reach(RetellerReach::Stated(reach.clone()))
                .with_market(NonZeroU64::new(market).unwrap());
            let group = TellerGroup::of(&talk, Teller::Detractor, 1);
            if let Ok(portfolio) = Portfolio::of_groups(&talk, &[group]) {
                assert!(portfolio.reached() <= market as f64);
                assert!((0.0..=1.0).contains(&portfolio.reached_share().unwrap()));
            }
        }
    }
}

fn networks() -> Vec<Network> {
    vec![
        Network::from_arcs(1, []).unwrap(),
        Network::from_arcs(2, [(0, 1), (0, 1), (1, 0), (1, 1)]).unwrap(),
        Network::from_arcs(5, [(0, 1), (1, 2), (2, 0), (3, 4), (0, 4), (3, 1)]).unwrap(),
    ]
}

#[test]
fn cascades_answer_or_refuse() {
    for network in networks() {
        let persons = network.persons();
        let mut cascades = vec![Cascade::weighted(&network)];
        for chance in [0.0, 5e-324, 1e-17, 0.5, 1.0 - 1e-16, 1.0] {
            cascades.push(Cascade::uniform(&network, probability(chance)));
            cascades.push(Cascade::own(&network, vec![chance; network.arcs()]).unwrap());
        }
        for bad in HOSTILE {
            let own = Cascade::own(&network, vec![bad; network.arcs()]);
            assert_eq!(
                own.is_ok(),
                network.arcs() == 0 || (0.0..=1.0).contains(&bad)
            );
        }
        assert!(Cascade::own(&network, vec![0.5; network.arcs() + 1]).is_err());
        let everybody: Vec<Person> = (0..).take(persons).collect();
        for cascade in &cascades {
            let signed = SignedCascade::new(cascade.clone(), probability(0.3));
            for tellers in [
                vec![],
                vec![0, 0],
                everybody.clone(),
                vec![u32::MAX],
                vec![5],
            ] {
                let opinions: Vec<_> = tellers
                    .iter()
                    .map(|&person| (person, Opinion::ByQuality))
                    .collect();
                for effort in [
                    Effort::worlds(u64::MAX, 1),
                    Effort::worlds(0, 1).with_method(Method::Skips),
                    Effort::worlds(0, 1)
                        .without_control()
                        .with_method(Method::Lanes),
                    Effort::relative_standard_error(1, 1e-300)
                        .unwrap()
                        .with_at_most(4096),
                ] {
                    for value in HOSTILE {
                        let values = vec![value; persons];
                        if let Ok(spread) = cascade.expected_loss(&tellers, &values, &effort) {
                            not_nan(spread.value);
                            not_nan(spread.standard_error);
                        }
                        if let Ok(exact) = cascade.exact(&tellers, &values) {
                            not_nan(exact.mean);
                            not_nan(exact.variance);
                        }
                        if let Ok(both) =
                            signed.expected_values(&opinions, &values, &values, &effort)
                        {
                            not_nan(both.good.value + both.ill.value);
                            not_nan(both.good.standard_error + both.ill.standard_error);
                        }
                    }
                }
            }
            assert!(
                cascade
                    .expected_loss(&[0], &[], &Effort::worlds(1, 1))
                    .is_err()
            );
        }
    }
}

#[test]
fn choices_on_networks_answer_or_refuse() {
    for network in networks() {
        let persons = network.persons();
        let everybody: Vec<Person> = (0..).take(persons).collect();
        for cascade in [
            Cascade::weighted(&network),
            Cascade::uniform(&network, probability(0.0)),
            Cascade::uniform(&network, probability(1.0)),
        ] {
            for value in HOSTILE {
                let values = vec![value; persons];
                let search = Search::new(1).with_worlds(1);
                let mut budgets = vec![Budget::persons(0), Budget::persons(u32::MAX)];
                for cost in HOSTILE {
                    for limit in [0.0, 5e-324, 1.0, 1e308] {
                        budgets.extend(Budget::money(vec![cost; persons], limit));
                        budgets.extend(Budget::money(vec![cost; persons + 1], limit));
                    }
                }
                for budget in &budgets {
                    for named in [&everybody[..], &[], &[0, 0], &[7]] {
                        if let Ok(silence) = cascade.silence(named, &values, budget, &search) {
                            not_nan(silence.certificate());
                            not_nan(silence.sharpest_certificate());
                            not_nan(silence.validated.value);
                        }
                        // Backward search draws 65,536 sets each time.
                        if named.is_empty() {
                            continue;
                        }
                        if let Ok(found) = cascade.convert(named, &values, budget, &search) {
                            not_nan(found.certificate());
                            not_nan(found.at_most);
                        }
                    }
                }
                if let Ok(found) = cascade.convert(&[], &values, &budgets[1], &search) {
                    not_nan(found.certificate());
                    not_nan(found.at_most);
                }
                for own in HOSTILE {
                    let attempts = Attempts::new(everybody.clone())
                        .and_then(|attempts| attempts.with_own_values(vec![own; persons]))
                        .and_then(|attempts| attempts.with_costs(vec![own; persons]));
                    let Ok(attempts) = attempts else { continue };
                    if let Ok(order) = cascade.silence_order(&attempts, &values, &search) {
                        for step in &order.steps {
                            for value in [
                                step.single_impact,
                                step.added,
                                step.saved,
                                step.at_most,
                                step.certificate(),
                            ] {
                                not_nan(value);
                            }
                        }
                    }
                    let effort = Effort::worlds(1, 1);
                    for orders in [
                        vec![],
                        vec![vec![]],
                        vec![everybody.clone(), vec![], vec![0]],
                    ] {
                        if let Ok(curves) =
                            cascade.saved_along(&attempts, &orders, &values, &effort)
                        {
                            assert_eq!(curves.len(), orders.len());
                            let saved = curves.iter().flat_map(|curve| &curve.saved);
                            saved.for_each(|&saved| not_nan(saved));
                        }
                    }
                    for bad in [vec![0, 0], vec![u32::MAX]] {
                        assert!(
                            cascade
                                .saved_along(&attempts, &[bad], &values, &effort)
                                .is_err()
                        );
                    }
                    for limit in [f64::NAN, -1.0, 0.0, 1.0, 1e308] {
                        let found = cascade.convert_attempts(&attempts, &values, limit, &search);
                        assert!(limit >= 0.0 || found.is_err());
                        if let Ok(found) = found {
                            not_nan(found.certificate());
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn searches_and_questions_about_persons_answer_or_refuse() {
    for network in networks() {
        assert_eq!(network.most_connected(usize::MAX).len(), network.persons());
        assert!(network.hearers(u32::MAX).is_empty() && network.id(u32::MAX).is_none());
        assert!(network.find("").is_none() && network.find("99999999999").is_none());
    }
    let tiny = Search::new(1);
    for bad in [f64::NAN, f64::INFINITY, 0.0, -1.0, 2.0] {
        assert!(tiny.with_slack(bad).is_err() && tiny.with_failure(bad).is_err());
        assert!(tiny.with_optimism(bad).is_err());
        assert!(Effort::relative_standard_error(1, bad).is_err());
    }
    // A probability of failure that no number of sets proves ends all the same.
    let network = networks().remove(2);
    let strict = tiny.with_failure(5e-324).unwrap();
    let found = Cascade::weighted(&network).convert(&[], &[1.0; 5], &Budget::persons(1), &strict);
    assert!(found.unwrap().certificate() > 0.5);
}

#[test]
fn edge_lists_answer_or_refuse() {
    for text in [
        "",
        "\n",
        "#",
        "a",
        "a,",
        ",",
        ",,",
        "a,b",
        "a b c",
        "\u{0}",
        "a\u{a0}b",
        "1 2 1e400",
        "1 2 -0",
        "0 0",
        "1 2 5e-324",
        "18446744073709551615 0",
        "-1 0",
        "0 1\r\n1 0\r\n",
        "\"a b\" c",
    ] {
        for list in [
            EdgeList::new(),
            EdgeList::new().weighted(),
            EdgeList::new()
                .weighted()
                .merging()
                .both_ways()
                .ignoring_further_columns(),
            EdgeList::new().with_ids(Ids::NumbersBelow(0)),
            EdgeList::new().with_ids(Ids::NumbersBelow(3)).reversed(),
        ] {
            if let Ok(network) = list.read(text.as_bytes()) {
                assert!(network.persons() > 0 && network.memory() > 0);
                assert!(
                    network
                        .weights()
                        .is_none_or(|weights| weights.iter().all(|w| w.is_finite())),
                    "{text:?}"
                );
            }
        }
    }
    // Merged weights add up, and must stay numbers.
    let merged = EdgeList::new().weighted().merging();
    assert!(merged.read("a b 1e308\na b 1e308\n".as_bytes()).is_err());
}

fn customer() -> CustomerIndex {
    let mut log = JourneyLogBuilder::new(Zone::UTC);
    log.push(Event::new("0", Timestamp::from_micros(0), Fact::Visit))
        .unwrap();
    log.build().customer_indices().next().unwrap()
}

#[test]
fn cases_and_detractors_answer_or_refuse() {
    let mut cases = Vec::new();
    for own in HOSTILE {
        for talk in HOSTILE {
            for cost in HOSTILE {
                let amounts = (money(own), money(talk), money(-talk), money(cost));
                let (Ok(own_value), Ok(ill), Ok(good), Ok(cost)) = amounts else {
                    continue;
                };
                let stakes = Stakes {
                    own_value,
                    leaves_if_nothing_is_done: Probability::ONE,
                    leaves_if_recovered: Probability::ZERO,
                    word_of_mouth_if_nothing_is_done: ill,
                    word_of_mouth_if_recovered: good,
                    success: probability(0.5),
                    cost,
                };
                if let Ok(detractor) = NetworkDetractor::of("0", &stakes) {
                    assert!(detractor.own_value() >= 0.0 && detractor.cost() >= 0.0);
                }
                if let Ok(case) = WinBackCase::new(customer(), None, stakes, vec![]) {
                    assert!(case.net_gain().is_finite(), "{case:?}");
                    cases.push(case);
                }
            }
        }
    }
    assert!(cases.len() > 100);
    for budget in [
        WinBackBudget::Unlimited,
        WinBackBudget::Attempts(0),
        WinBackBudget::Attempts(usize::MAX),
    ]
    .into_iter()
    .chain(
        HOSTILE
            .into_iter()
            .filter_map(|limit| money(limit).ok())
            .map(WinBackBudget::Money),
    ) {
        let negative = matches!(budget, WinBackBudget::Money(limit) if limit.amount() < 0.0);
        for chosen in [&cases[..], &cases[..1], &[]] {
            match WinBackRanking::weigh(chosen.to_vec(), budget) {
                Ok(ranking) => {
                    assert!(!negative);
                    assert!(ranking.certificate().upper_bound.is_finite());
                    not_nan(ranking.certificate().share());
                }
                Err(_) => assert!(negative || chosen.len() > 1),
            }
        }
    }
}

#[test]
fn winning_back_on_a_network_answers_or_refuses() {
    let network = networks().remove(2);
    for loss in HOSTILE {
        for own in HOSTILE {
            for cost in HOSTILE {
                let detractors: tillit::Result<Vec<_>> = ["0", "3"]
                    .into_iter()
                    .map(|id| {
                        NetworkDetractor::new(id, euro())
                            .with_own_value(money(own)?)?
                            .with_cost(money(cost)?)
                    })
                    .collect();
                let question = detractors.and_then(|detractors| {
                    NetworkWinBack::new(
                        Cascade::weighted(&network),
                        euro(),
                        vec![loss; 5],
                        detractors,
                    )
                });
                let Ok(question) = question else { continue };
                let search = Search::new(1).with_worlds(64);
                let limits = HOSTILE.into_iter().filter_map(|limit| money(limit).ok());
                let budgets: Vec<_> = [WinBackBudget::Unlimited, WinBackBudget::Attempts(1)]
                    .into_iter()
                    .chain(limits.map(WinBackBudget::Money))
                    .collect();
                if let Ok(plan) = question.silence(&search) {
                    for step in plan.steps() {
                        not_nan(step.net());
                        not_nan(step.certificate());
                    }
                    for &budget in &budgets {
                        if let Ok(choice) = plan.for_budget(budget) {
                            number(choice.cost.abs());
                            assert!((0.0..=1.0).contains(&choice.certificate()), "{choice:?}");
                        }
                    }
                }
                for &budget in &budgets[..3] {
                    let found = question.convert(&[loss; 5], budget, &search);
                    if let Ok(plan) = found {
                        not_nan(plan.conversion.certificate());
                    }
                }
            }
        }
    }
}
