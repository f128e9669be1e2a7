//! Laws of trust: the palindrome, the order that matters and the order that does not, and pieces that merge.

use proptest::prelude::*;
use tillit::Error;
use tillit::journey::{
    Contact, Dimension, Due, Event, Fact, JourneyLog, JourneyLogBuilder, Promise,
};
use tillit::measure::{Merge, Probability, Span, Timestamp, Zone};
use tillit::promise::PromiseLedger;
use tillit::trust::{
    BaseRate, Evidence, EvidenceAccount, EvidenceRules, FeltTrust, HalfLife, KeepingEvidence,
    Opinion, Prior, Reliabilities, ReliabilityRules, Weight, asymmetry, base_rate_of, mutual,
};

fn share(value: f64) -> Probability {
    Probability::new(value).unwrap()
}

fn day(number: i64) -> Timestamp {
    Timestamp::from_micros(number * 86_400_000_000)
}

fn close(left: f64, right: f64) -> bool {
    (left - right).abs() <= 1e-12 * left.abs().max(right.abs()).max(1.0)
}

fn opinions() -> impl Strategy<Value = Opinion> {
    (0.0..50.0_f64, 0.0..50.0_f64, 0.0..=1.0_f64).prop_map(|(positive, negative, base_rate)| {
        let prior = Prior::new(Weight::new(2.0).unwrap(), share(base_rate)).unwrap();
        Opinion::from_evidence(Evidence::new(positive, negative).unwrap(), prior)
    })
}

/// One promise after another: days to the deadline, days to the end, how it ends, of which dimension, how heavy.
type Ending = (i64, i64, u8, u8, f64);

fn endings() -> impl Strategy<Value = Vec<Ending>> {
    proptest::collection::vec(
        (1_i64..40, 0_i64..90, 0_u8..5, 0_u8..3, 0.1..3.0_f64),
        1..25,
    )
}

const NAMES: [&str; 4] = ["answer", "delivery", "refund", "repair"];
const MAKERS: [&str; 4] = ["shop", "carrier", "bank", "workshop"];

fn dimension(number: u8) -> Dimension {
    [
        Dimension::Ability,
        Dimension::Benevolence,
        Dimension::Integrity,
    ][usize::from(number)]
}

/// Each promise in a case of its own, so that none renegotiates another.
fn log_of(endings: &[Ending]) -> JourneyLog {
    let mut builder = JourneyLogBuilder::new(Zone::UTC);
    for (place, &(promised, taken, how, side, stake)) in endings.iter().enumerate() {
        let made = 7 * i64::try_from(place).unwrap();
        let promise = NAMES[place % 4];
        let case = format!("case {place}");
        let terms = Promise::named(promise)
            .by(MAKERS[place % 4])
            .due(Due::Moment(day(made + promised)))
            .speaking_to(dimension(side))
            .weighing(stake);
        let mut push = |at, fact| {
            builder
                .push(Event::new("ada", day(at), fact).in_case(&case))
                .unwrap();
        };
        push(made, Fact::PromiseMade(terms));
        match how {
            0 | 1 => push(made + taken, Fact::PromiseFulfilled { promise }),
            2 => push(
                made + taken,
                Fact::PromiseBroken {
                    promise,
                    deception: side == 2,
                },
            ),
            3 => push(made + taken, Fact::PromiseWaived { promise }),
            _ => {}
        }
    }
    builder.build()
}

proptest! {
    #[test]
    fn trust_between_two_reads_the_same_from_both_ends(there in opinions(), back in opinions()) {
        let both = mutual(there, back);
        prop_assert_eq!(both, mutual(back, there));
        prop_assert_eq!(asymmetry(there, back).to_bits(), (0.0 - asymmetry(back, there)).to_bits());
        let [belief, disbelief, uncertainty, base_rate] = both.both().into();
        prop_assert!(Opinion::new(belief.min(1.0), disbelief.min(1.0), uncertainty.min(1.0), base_rate).is_ok());
        prop_assert!(close(both.both().projected(), there.projected() * back.projected()));
    }

    #[test]
    fn an_opinion_and_its_evidence_are_the_same_thing(opinion in opinions()) {
        let weight = Weight::new(2.0).unwrap();
        let prior = Prior::new(weight, share(opinion.base_rate())).unwrap();
        let back = Opinion::from_evidence(opinion.evidence(weight).unwrap(), prior);
        prop_assert!(close(back.belief(), opinion.belief()) && close(back.uncertainty(), opinion.uncertainty()));
    }

    #[test]
    fn pooled_evidence_equals_the_account_of_each_promise_in_turn(endings in endings(), today in 0_i64..400) {
        let log = log_of(&endings);
        let ledger = PromiseLedger::of(log.whole());
        let mut pooled = KeepingEvidence::new(day(today), &ReliabilityRules::default());
        for record in ledger.records() {
            pooled.add(record, ledger.zone());
        }
        for ada in log.customer_indices() {
            let path =
                FeltTrust::path(ada, log.whole(), &EvidenceRules::reliability(), &[day(today)]).unwrap();
            let reading = path[0].reading();
            let replayed = reading.posterior().evidence();
            prop_assert!(close(pooled.evidence().positive(), replayed.positive()));
            prop_assert!(close(pooled.evidence().negative(), replayed.negative()));
            prop_assert!(close(pooled.provisional(), reading.provisional()));
        }
    }

    #[test]
    fn pieces_of_evidence_merge_to_the_whole(endings in endings(), cut in 0_usize..25, today in 0_i64..400) {
        let log = log_of(&endings);
        let ledger = PromiseLedger::of(log.whole());
        let rules = ReliabilityRules::default();
        let of = |range: &[tillit::promise::PromiseRecord]| {
            let mut evidence = KeepingEvidence::new(day(today), &rules);
            for record in range {
                evidence.add(record, ledger.zone());
            }
            evidence
        };
        let (left, right) = ledger.records().split_at(cut.min(ledger.records().len()));
        let mut merged = of(left);
        merged.merge(&of(right)).unwrap();
        let whole = of(ledger.records());
        prop_assert_eq!(merged.promises(), whole.promises());
        prop_assert!(close(merged.evidence().positive(), whole.evidence().positive()));
        prop_assert!(close(merged.evidence().negative(), whole.evidence().negative()));
        let before = merged;
        prop_assert!(merged.merge(&KeepingEvidence::new(day(today + 1), &rules)).is_err());
        prop_assert_eq!(merged, before);
    }

    #[test]
    fn without_decay_and_path_terms_the_order_of_closed_promises_does_not_matter(endings in endings()) {
        let closed: Vec<Ending> = endings.into_iter().filter(|ending| ending.2 != 4).collect();
        let mut reversed = closed.clone();
        reversed.reverse();
        let rules = EvidenceRules::felt()
            .with_half_lives(HalfLife::ENDLESS, HalfLife::ENDLESS)
            .with_bitterness(Weight::ZERO)
            .with_old_evidence_discount(Probability::ZERO);
        let told = |endings: &[Ending]| {
            let log = log_of(endings);
            let ada = log.customer_indices().next();
            ada.map(|ada| FeltTrust::path(ada, log.whole(), &rules, &[day(1000)]).unwrap()[0].value())
        };
        match (told(&closed), told(&reversed)) {
            (Some(forward), Some(backward)) => prop_assert!(close(forward, backward)),
            (forward, backward) => prop_assert_eq!(forward, backward),
        }
    }

    #[test]
    fn a_path_of_readings_equals_one_reading_at_each_moment(endings in endings()) {
        let log = log_of(&endings);
        let rules = EvidenceRules::felt();
        let moments: Vec<Timestamp> = (0..40).map(|step| day(7 * step)).collect();
        for ada in log.customer_indices() {
            let path = FeltTrust::path(ada, log.whole(), &rules, &moments).unwrap();
            for (felt, &moment) in path.iter().zip(&moments) {
                prop_assert_eq!(*felt, FeltTrust::of(ada, log.as_of(moment), &rules).unwrap());
            }
        }
    }

    #[test]
    fn the_band_holds_its_share_and_encloses_more_at_a_higher_level(
        positive in 0.0..2000.0_f64, negative in 0.0..2000.0_f64, rate in 0.01..0.99_f64,
    ) {
        let prior = Prior::new(Weight::new(2.0).unwrap(), share(rate)).unwrap();
        let posterior = Evidence::new(positive, negative).unwrap().from_prior(prior);
        let (alpha, beta) = posterior.shapes();
        let band = posterior.band(share(0.9)).unwrap();
        let mass = |x: f64| statrs::function::beta::beta_reg(alpha, beta, x);
        prop_assert!((mass(band.high()) - mass(band.low()) - 0.9).abs() < 1e-9);
        let wider = posterior.band(share(0.95)).unwrap();
        prop_assert!(wider.low() <= band.low() && band.high() <= wider.high());
    }
}

#[test]
fn the_more_reliable_of_two_parties_reads_higher_and_a_stranger_has_the_base_rate() {
    let mut builder = JourneyLogBuilder::new(Zone::UTC);
    let mut tell = |case: &str, maker, made, closed: Option<i64>| {
        let promise = Promise::named("delivery")
            .by(maker)
            .due(Due::Moment(day(made + 10)));
        builder
            .push(Event::new(case, day(made), Fact::PromiseMade(promise)))
            .unwrap();
        if let Some(closed) = closed {
            let fact = Fact::PromiseFulfilled {
                promise: "delivery",
            };
            builder.push(Event::new(case, day(closed), fact)).unwrap();
        }
    };
    for number in 0..20 {
        tell(&format!("good {number}"), "good", number, Some(number + 5));
        let late = if number % 2 == 0 { 5 } else { 40 };
        tell(
            &format!("fair {number}"),
            "fair",
            number,
            Some(number + late),
        );
    }
    tell("new 0", "new", 95, None);
    let log = builder.build();
    let ledger = PromiseLedger::of(log.as_of(day(100)));
    let by_maker =
        Reliabilities::by_maker(&ledger, day(100), &ReliabilityRules::default()).unwrap();
    let [good, fair, new] = ["good", "fair", "new"].map(|name| by_maker.parties()[name]);
    assert!(good.value() > fair.value());
    assert_eq!((good.promises(), new.promises()), (20, 0));
    assert!(close(new.value(), by_maker.base_rate().value()));
    assert!(good.value() > by_maker.base_rate().value());
    let width = |party: tillit::trust::Reliability| {
        let band = party.band(share(0.9)).unwrap();
        band.high() - band.low()
    };
    assert!(width(new) > width(good));

    let given = ReliabilityRules::default().with_base_rate(BaseRate::Given(share(0.25)));
    let stranger = Reliabilities::by_maker(&ledger, day(100), &given)
        .unwrap()
        .parties()["new"];
    assert!(close(stranger.value(), 0.25));
}

#[test]
fn the_base_rate_is_the_pooled_share_of_like_parties_and_the_mean_of_unlike_ones() {
    let of = |parties: &[(f64, f64)]| {
        let evidence = parties
            .iter()
            .map(|&(kept, missed)| Evidence::new(kept, missed).unwrap());
        base_rate_of(evidence).map(Probability::value)
    };
    // All as good as chance would have them: pooled, 126 of 180.
    assert!(close(
        of(&[(7.0, 3.0), (70.0, 30.0), (49.0, 21.0)]).unwrap(),
        0.7
    ));
    // One always keeps, one never: each says the same about a third, whatever its size.
    assert!(close(of(&[(1000.0, 0.0), (0.0, 10.0)]).unwrap(), 0.5));
    // Between the two: nearer to the mean of the shares, 0.6, than to the pooled share, 0.892.
    let unlike = of(&[(900.0, 100.0), (3.0, 7.0)]).unwrap();
    assert!((0.6..0.7).contains(&unlike), "{unlike}");
    assert!(close(
        of(&[(3.0, 0.0), (0.5, 0.0), (0.0, 0.0)]).unwrap(),
        1.0
    ));
    assert!(matches!(
        of(&[(3.0, 1.0), (0.0, 0.0)]),
        Err(Error::CannotTell { .. })
    ));
}

#[test]
fn a_question_is_an_implicit_promise_that_asking_again_does_not_extend() {
    let told = |contacts: &[(i64, Contact<'_>)], today| {
        let mut builder = JourneyLogBuilder::new(Zone::UTC);
        for (at, contact) in contacts {
            builder
                .push(Event::new("ada", day(*at), Fact::Contact(*contact)))
                .unwrap();
        }
        let log = builder.build();
        let ada = log.customer_indices().next().unwrap();
        FeltTrust::of(ada, log.as_of(day(today)), &EvidenceRules::felt())
            .unwrap()
            .value()
    };
    let question = Contact {
        by: tillit::journey::Initiator::Customer,
        asked: false,
        reason: None,
        passed_to: None,
    };
    assert!(close(told(&[(0, question)], 14), 0.5));
    assert!(told(&[(0, question)], 30) < 0.5);
    assert!(close(
        told(&[(0, question), (10, question)], 30),
        told(&[(0, question)], 30)
    ));
    assert!(told(&[(0, question), (2, Contact::answer())], 2) > 0.5);
    assert!(told(&[(0, Contact::chasing())], 0) < 0.5);
    assert!(told(&[(0, Contact::unasked())], 0) > 0.5);
}

#[test]
fn recoveries_make_good_at_most_what_was_lost() {
    let mut account = EvidenceAccount::new(EvidenceRules::felt());
    account
        .promise(day(0), "repair", None, Weight::ONE, Dimension::Ability)
        .unwrap();
    account
        .break_promise(day(0), &"repair", None, false)
        .unwrap();
    let positive = |account: &EvidenceAccount<&str>| {
        account
            .reading(day(0))
            .unwrap()
            .posterior()
            .evidence()
            .positive()
    };
    account.recover(day(0), &"repair", share(0.75)).unwrap();
    assert!(close(positive(&account), 0.75 * 2.25));
    account.recover(day(0), &"repair", share(0.75)).unwrap();
    assert!(close(positive(&account), 2.25));
    account.recover(day(0), &"nothing", share(1.0)).unwrap();
    assert!(close(positive(&account), 2.25));
}

#[test]
fn what_cannot_be_is_refused() {
    assert!(Weight::new(f64::NAN).is_err());
    assert!(HalfLife::new(Span::from_days(0.0).unwrap()).is_err());
    assert!(Prior::new(Weight::ZERO, Probability::HALF).is_err());
    assert!(Opinion::new(0.5, 0.5, f64::NAN, 0.5).is_err());
    assert!(Evidence::new(-1.0, 0.0).is_err());
    let certain = Opinion::new(1.0, 0.0, 0.0, 0.5).unwrap();
    assert!(matches!(
        certain.evidence(Weight::ONE),
        Err(Error::CannotTell { .. })
    ));
    let mut account: EvidenceAccount<&str> = EvidenceAccount::new(EvidenceRules::felt());
    account.chase(day(5), Weight::ONE).unwrap();
    assert!(matches!(
        account.chase(day(4), Weight::ONE),
        Err(Error::Contradiction { .. })
    ));
    assert!(account.reading(day(4)).is_err());
}
