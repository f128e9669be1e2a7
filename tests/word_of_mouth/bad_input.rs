//! What the word-of-mouth room refuses, each with its place: columns, probabilities, networks, ids.

use tillit::Error;
use tillit::measure::{Currency, ExpectedMoney, Probability};
use tillit::word_of_mouth::network::{
    Attempts, Budget, Cascade, EdgeList, Effort, Ids, Method, Network, Opinion, Search,
    SignedCascade,
};
use tillit::word_of_mouth::{
    Audience, Generations, Portfolio, Reach, RetellerReach, Sway, Talk, Teller, TellerGroup,
};

fn euro() -> Currency {
    Currency::new("EUR").unwrap()
}

fn talk() -> Talk {
    let hearer = ExpectedMoney::new(100.0, euro()).unwrap();
    let lost = Sway::losing(Probability::new(0.1).unwrap());
    Talk::new(hearer, lost, Sway::NONE, Sway::NONE).unwrap()
}

#[test]
fn a_bad_number_in_a_column_is_named_with_its_row() {
    for rows in [1_usize, 7, 64, 1000] {
        let tellers = vec![Teller::Detractor.code(); rows];
        for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let mut column = vec![1.0; rows];
            column[rows - 1] = bad;
            let ones = vec![1.0; rows];
            for (values, connected) in [(&column, &ones), (&ones, &column)] {
                let audience = Audience::new(euro(), &tellers, values, connected);
                match audience.and_then(|audience| audience.total(&talk())) {
                    Err(Error::BadColumnValue { row, .. }) => assert_eq!(row, rows - 1),
                    other => panic!("{rows} {bad}: {other:?}"),
                }
            }
        }
    }
    let connected = Audience::new(euro(), &[0, 0], &[1.0; 2], &[1.0, -1.0]);
    assert!(matches!(
        connected.and_then(|audience| audience.total(&talk())),
        Err(Error::BadColumnValue { row: 1, .. })
    ));
}

/// That nobody is told does not make a sum without end finite; one customer and a column say the same.
#[test]
fn endless_talk_that_grows_is_refused_for_who_tells_nobody_too() {
    let one = Probability::ONE;
    let growing = talk()
        .with_retelling(one, one, Generations::ENDLESS)
        .with_reteller_reach(RetellerReach::Stated(Reach::exactly(1)));
    for connected in [0.0, 1.0] {
        assert!(matches!(
            growing.impact_of(Teller::Detractor, 1.0, connected),
            Err(Error::NeedsMarket { row: None, .. })
        ));
        let (tellers, values, connected) = ([0], [1.0], [connected]);
        let audience = Audience::new(euro(), &tellers, &values, &connected).unwrap();
        assert!(matches!(
            audience.total(&growing),
            Err(Error::NeedsMarket { row: None, .. })
        ));
    }
}

#[test]
fn columns_of_unequal_length_are_refused() {
    for lengths in [[1, 2, 2], [2, 1, 2], [2, 2, 1]] {
        let audience = Audience::<f64>::new(
            euro(),
            &[0; 2][..lengths[0]],
            &[1.0; 2][..lengths[1]],
            &[1.0; 2][..lengths[2]],
        );
        assert!(
            matches!(audience, Err(Error::UnequalLengths { .. })),
            "{lengths:?}"
        );
    }
    let audience = Audience::<f64>::new(euro(), &[0; 2], &[1.0; 2], &[1.0; 2]).unwrap();
    let mut short = [0.0; 1];
    assert!(matches!(
        audience.impact_into(&talk(), &mut short),
        Err(Error::UnequalLengths { .. })
    ));
}

#[test]
fn shares_outside_0_to_1_are_refused() {
    for bad in [-1e-9, 1.0 + 1e-9, f64::NAN, f64::INFINITY] {
        assert!(matches!(
            Probability::new(bad),
            Err(Error::OutOfRange { .. })
        ));
        assert!(matches!(
            Reach::law(vec![0.5, bad]),
            Err(Error::BadColumnValue { row: 1, .. })
        ));
        let pair = Network::from_arcs(2, [(0, 1)]).unwrap();
        assert!(matches!(
            Cascade::own(&pair, vec![bad]),
            Err(Error::BadColumnValue { row: 0, .. })
        ));
    }
    for bad in [-1.0, f64::NAN, f64::INFINITY] {
        assert!(Reach::poisson(bad).is_err() && Reach::mean_of(bad).is_err());
    }
}

#[test]
fn a_market_smaller_than_the_audience_is_refused_where_all_talk_in_it() {
    let codes = [Teller::Detractor.code(), Teller::Passive.code(), 0];
    let audience = Audience::new(euro(), &codes, &[1.0; 3], &[1.0; 3]).unwrap();
    let market = |persons: u64| talk().with_market(persons.try_into().unwrap());
    for persons in [1, 2] {
        let small = market(persons);
        let refused = |result: Result<(), Error>| {
            assert!(
                matches!(result, Err(Error::MarketTooSmall { market, customers: 3 }) if market == persons),
                "{result:?}"
            );
        };
        refused(Portfolio::of_audience(&small, &audience).map(drop));
        let group = |customers| TellerGroup::of(&small, Teller::Detractor, customers);
        refused(Portfolio::of_groups(&small, &[group(3)]).map(drop));
        refused(Portfolio::of_groups(&small, &[group(1), group(2)]).map(drop));
        let wide = Portfolio::of_audience(&market(3), &audience).unwrap();
        refused(wide.impact(&small, &audience).map(drop));
        let mut column = [0.0; 3];
        refused(wide.impact_into(&small, &audience, &mut column).map(drop));
        // Alone, each customer has the whole market to himself.
        let alone = audience.impact_into(&small, &mut column).unwrap().amount();
        let one = small.impact_of(Teller::Detractor, 1.0, 1.0).unwrap();
        assert!(one.distinct_hearers() <= persons as f64);
        assert!((alone - 2.0 * one.impact()).abs() <= 1e-12 * alone);
    }
    // The sum of the groups does not run over.
    let most = TellerGroup::of(&talk(), Teller::Detractor, u64::MAX);
    assert!(matches!(
        Portfolio::of_groups(&market(5), &[most.clone(), most]),
        Err(Error::MarketTooSmall { market: 5, .. })
    ));
}

#[test]
fn a_market_as_small_as_the_audience_is_never_overfull() {
    for persons in [1_u64, 3, 10] {
        let small = talk().with_market(persons.try_into().unwrap());
        let group = TellerGroup::of(&small, Teller::Detractor, persons);
        let portfolio = Portfolio::of_groups(&small, &[group]).unwrap();
        assert!(portfolio.reached() <= persons as f64);
        let cost = portfolio.word_of_mouth().unwrap().amount();
        assert!(cost > 0.0 && cost <= 0.1 * 100.0 * persons as f64 * (1.0 + 1e-12));
    }
}

#[test]
fn networks_without_persons_and_ids_out_of_range_are_refused() {
    assert!(matches!(
        Network::from_arcs(0, []),
        Err(Error::Empty { .. })
    ));
    assert!(matches!(
        EdgeList::new().read(&b""[..]),
        Err(Error::Empty { .. })
    ));
    assert!(matches!(
        Network::from_arcs(3, [(0, 1), (1, 2), (3, 0)]),
        Err(Error::BadColumnValue { row: 2, .. })
    ));
    assert!(matches!(
        Network::from_arcs(3, [(0, u32::MAX)]),
        Err(Error::BadColumnValue { row: 0, .. })
    ));
    // Persons without arcs are persons all the same, and hear nothing.
    let alone = Network::from_arcs(3, []).unwrap();
    let cascade = Cascade::weighted(&alone);
    let effort = Effort::worlds(1, 64);
    assert!((cascade.spread(&[1], &effort).unwrap().value - 1.0).abs() < 1e-12);
    assert!(matches!(
        cascade.spread(&[0, 1, 3], &effort),
        Err(Error::BadColumnValue { row: 2, .. })
    ));
    let signed = SignedCascade::new(cascade, Probability::HALF);
    assert!(signed.spread(&[(3, Opinion::Ill)], &effort).is_err());
    assert_eq!(
        (alone.hearers(3), alone.id(3), alone.find("3")),
        (&[][..], None, None)
    );
}

#[test]
fn ids_beyond_32_bits_are_refused_where_persons_are_numbers_and_kept_where_they_are_names() {
    let large = "4294967296 1\n";
    let numbers = EdgeList::new().with_ids(Ids::NumbersBelow(u32::MAX));
    match numbers.read(large.as_bytes()) {
        Err(Error::Read { line, .. }) => assert_eq!(line, Some(1)),
        other => panic!("{other:?}"),
    }
    let names = EdgeList::new().read(large.as_bytes()).unwrap();
    assert_eq!((names.persons(), names.find("4294967296")), (2, Some(0)));
}

#[test]
fn values_whose_sum_does_not_fit_are_refused_before_any_world_is_drawn() {
    let pair = Network::from_arcs(2, [(0, 1)]).unwrap();
    let cascade = Cascade::uniform(&pair, Probability::HALF);
    let effort = Effort::worlds(1, 64);
    for values in [[1e308, 1e308], [1e308, -1e308], [1e160, 0.0]] {
        assert!(matches!(
            cascade.expected_loss(&[0], &values, &effort),
            Err(Error::Overflow { .. })
        ));
    }
    assert!(cascade.expected_loss(&[0], &[1e150, 1.0], &effort).is_ok());
}

#[test]
fn a_budget_for_nobody_wins_nobody_back_without_a_search() {
    let pair = Network::from_arcs(2, [(0, 1)]).unwrap();
    let cascade = Cascade::uniform(&pair, Probability::HALF);
    let dear = Budget::money(vec![5.0, 7.0], 4.0).unwrap();
    for budget in [Budget::persons(0), dear] {
        let found = cascade
            .convert(&[], &[1.0; 2], &budget, &Search::new(1))
            .unwrap();
        assert!(found.won_back.is_empty());
        assert_eq!((found.at_most, found.samples), (0.0, 0));
        assert!(found.certificate() >= 0.0);
    }
}

#[test]
fn a_mark_of_byte_order_belongs_to_no_person() {
    let network = EdgeList::new()
        .read("\u{feff}a b\nb a\n".as_bytes())
        .unwrap();
    assert_eq!((network.persons(), network.find("a")), (2, Some(0)));
}

#[test]
fn a_column_of_an_edge_list_that_nobody_asked_for_is_named_and_never_dropped_unseen() {
    let refused = |list: &EdgeList, text: &str| match list.read(text.as_bytes()) {
        Err(error @ Error::Read { .. }) => error.to_string(),
        other => panic!("{text:?}: {other:?}"),
    };
    let (plain, weighted) = (EdgeList::new(), EdgeList::new().weighted());
    for text in [
        "a,b\na,b,0.25\n",
        "a b\na b 0.25\n",
        "a\tb\na , b , 0.25\n",
        "a,b,\na,b,0.25,\n",
    ] {
        let message = refused(&plain, text);
        for word in [
            "line 2",
            "column 3",
            "0.25",
            "weighted",
            "ignoring_further_columns",
        ] {
            assert!(message.contains(word), "{text:?}: {message}");
        }
        let ignored = plain
            .clone()
            .ignoring_further_columns()
            .read(text.as_bytes());
        assert_eq!(ignored.unwrap().arcs(), 2);
    }
    let message = refused(&weighted, "# u,v,w,t\na,b,1,1289241911\n");
    for word in [
        "line 2",
        "column 4",
        "1289241911",
        "ignoring_further_columns",
    ] {
        assert!(message.contains(word), "{message}");
    }
    let rated = weighted
        .clone()
        .ignoring_further_columns()
        .read("a,b,1,1289\n".as_bytes());
    assert_eq!(rated.unwrap().weights(), Some(&[1.0][..]));
    // What is empty is not there, and the column after it does not take its place.
    assert!(refused(&weighted, "a,b,,5\n").contains("number as weight"));
    assert!(refused(&plain, "a,,b\n").contains("two persons"));
    assert!(refused(&plain, ",a,b\n").contains("two persons"));
    assert_eq!(plain.read("a,b,,\n".as_bytes()).unwrap().arcs(), 1);
}

#[test]
fn a_teller_with_two_opinions_is_refused_by_name() {
    let network = EdgeList::new().read("Ada Bo\nBo Cy\n".as_bytes()).unwrap();
    let cascade = Cascade::uniform(&network, Probability::HALF);
    let signed = SignedCascade::new(cascade, Probability::HALF);
    let effort = Effort::worlds(1, 64);
    for (first, second) in [
        (Opinion::Good, Opinion::Ill),
        (Opinion::Ill, Opinion::Good),
        (Opinion::Ill, Opinion::ByQuality),
    ] {
        let tellers = [(1, first), (0, first), (1, second)];
        for refused in [
            signed.spread(&tellers, &effort).map(drop),
            signed
                .expected_values(&tellers, &[1.0; 3], &[1.0; 3], &effort)
                .map(drop),
            signed.exact(&tellers).map(drop),
        ] {
            match refused {
                Err(error @ Error::Contradiction { .. }) => {
                    let message = error.to_string();
                    for word in ["\"Bo\"", "row 0", "row 2"] {
                        assert!(message.contains(word), "{message}");
                    }
                }
                other => panic!("{other:?}"),
            }
        }
        // The same twice is the same.
        let twice = signed.spread(&[(1, first), (1, first)], &effort).unwrap();
        assert_eq!(twice, signed.spread(&[(1, first)], &effort).unwrap());
    }
}

#[test]
fn an_effort_of_no_worlds_or_of_more_than_memory_holds_is_refused_by_whoever_should_draw_them() {
    let network = Network::from_arcs(3, [(0, 1), (1, 2)]).unwrap();
    let cascade = Cascade::uniform(&network, Probability::HALF);
    let signed = SignedCascade::new(cascade.clone(), Probability::HALF);
    let attempts = Attempts::new(vec![0, 1]).unwrap();
    let (ones, one) = ([1.0; 3], Budget::persons(1));
    let relative = Effort::relative_standard_error(1, 0.1).unwrap();
    let none = [
        Effort::worlds(1, 0),
        Effort::worlds(1, 0).with_method(Method::Lanes),
        Effort::worlds(1, 64).with_at_most(0),
        relative.with_at_most(0),
    ];
    let all_refuse = |effort: Effort, refusal: &dyn Fn(&Error) -> bool| {
        let search = Search::new(1).with_validation(effort);
        for (place, answer) in [
            cascade.spread(&[0], &effort).map(drop),
            cascade.expected_loss(&[0], &ones, &effort).map(drop),
            cascade.difference(&[0], &[1], &ones, &effort).map(drop),
            cascade
                .harm_avoided(&[0, 1], &[1], &ones, &effort)
                .map(drop),
            signed.spread(&[(0, Opinion::Ill)], &effort).map(drop),
            cascade
                .saved_along(&attempts, &[vec![1, 0]], &ones, &effort)
                .map(drop),
            cascade.silence(&[0, 1], &ones, &one, &search).map(drop),
            cascade.silence_order(&attempts, &ones, &search).map(drop),
            cascade.convert(&[0, 1], &ones, &one, &search).map(drop),
            cascade.convert(&[], &ones, &one, &search).map(drop),
            cascade
                .convert_attempts(&attempts, &ones, 1.0, &search)
                .map(drop),
        ]
        .into_iter()
        .enumerate()
        {
            assert!(
                matches!(&answer, Err(error) if refusal(error)),
                "{place} {effort:?}: {answer:?}"
            );
        }
    };
    for effort in none {
        all_refuse(effort, &|error| {
            matches!(
                error,
                Error::TooFew {
                    found: 0,
                    needed: 1,
                    ..
                }
            )
        });
    }
    for effort in [relative, Effort::worlds(1, u64::MAX)] {
        let boundless = effort.with_at_most(u64::MAX);
        all_refuse(boundless, &|error| {
            matches!(error, Error::OutOfRange { .. })
        });
    }
    for (worlds, few) in [(0, true), (u64::MAX, false)] {
        let search = Search::new(1).with_worlds(worlds);
        for answer in [
            cascade.silence(&[0, 1], &ones, &one, &search).map(drop),
            cascade.silence_order(&attempts, &ones, &search).map(drop),
            cascade.convert(&[0, 1], &ones, &one, &search).map(drop),
        ] {
            assert_eq!(
                matches!(answer, Err(Error::TooFew { .. })),
                few,
                "{answer:?}"
            );
            assert!(answer.is_err());
        }
    }
    // One is rounded up to the fewest that tell a standard error.
    let fewest = cascade.spread(&[0], &Effort::worlds(1, 1)).unwrap().worlds;
    assert!(fewest == 1024 || fewest == 2048);
}
