//! Golden cases of the closed form, of portfolios that share a market, and of the exact law.

use std::error::Error as Refusal;
use std::num::NonZeroU64;

use serde_json::Value;
use tillit::Error;
use tillit::measure::{Currency, ExpectedMoney, Probability};
use tillit::word_of_mouth::{
    Audience, BreakEven, CustomerImpact, Generations, LossLaw, LostLaw, Portfolio, Reach,
    RetellerReach, Sway, Talk, Teller, TellerGroup,
};

#[path = "support/word_of_mouth_case.rs"]
mod word_of_mouth_case;

use word_of_mouth_case::{are_ours, check_each, count, number, numbers};

/// What a case asks for, or why it is refused: by the crate, or by a type that holds no such number.
type Answer<T> = Result<T, Box<dyn Refusal>>;

/// The number of that name, or what its absence means.
fn number_or(fields: &Value, name: &str, otherwise: f64) -> f64 {
    match &fields[name] {
        Value::Null => otherwise,
        value => number(value),
    }
}

fn close(what: &str, found: f64, expected: f64, relative: f64) {
    close_sum(what, found, expected, relative, 0.0);
}

/// Equal up to the stated share, and up to what adding parts of this size rounds off where they cancel.
#[track_caller]
fn close_sum(what: &str, found: f64, expected: f64, relative: f64, parts: f64) {
    assert!(
        (found - expected).abs() <= relative * expected.abs() + 4.0 * f64::EPSILON * parts,
        "{what}: {found} against {expected}"
    );
}

fn euro(amount: f64) -> ExpectedMoney {
    ExpectedMoney::new(amount, Currency::new("EUR").unwrap()).unwrap()
}

/// A share of hearers as the cases write it: lost if positive, won if negative.
fn sway(share: f64) -> Answer<Sway> {
    let size = Probability::new(share.abs())?;
    Ok(if share < 0.0 {
        Sway::winning(size)
    } else {
        Sway::losing(size)
    })
}

fn generations(value: Option<&Value>) -> Answer<Generations> {
    Ok(match value {
        None | Some(Value::Null) => Generations::ENDLESS,
        Some(value) => Generations::finite(count(value).try_into()?)?,
    })
}

/// The assumptions that both kinds of cases share.
fn talk(inputs: &Value, lost: Sway) -> Answer<Talk> {
    let reteller = match &inputs["reteller_reach"] {
        Value::String(name) if name == "like_the_teller" => RetellerReach::LikeTheTeller,
        mean => RetellerReach::Stated(Reach::mean_of(number(mean))?),
    };
    let talk = Talk::new(
        euro(number(&inputs["hearer_value"])),
        lost,
        Sway::NONE,
        Sway::NONE,
    )?
    .with_retelling(
        Probability::new(number_or(inputs, "retelling", 0.0))?,
        Probability::new(number_or(inputs, "decay", 1.0))?,
        generations(inputs.get("generations"))?,
    )
    .with_reteller_reach(reteller);
    Ok(match &inputs["market"] {
        Value::Null => talk,
        persons => talk.with_market(NonZeroU64::try_from(count(persons))?),
    })
}

/// Refused, and for the reason that the case gives.
fn assert_refused<T>(answer: Answer<T>, reason: &str) {
    let Err(refusal) = answer else {
        panic!("not refused: {reason}");
    };
    let refusal = refusal.downcast_ref::<Error>();
    if ["infinite", "growth"]
        .iter()
        .any(|word| reason.contains(word))
    {
        let found = matches!(refusal, Some(Error::NeedsMarket { .. }));
        assert!(found, "{reason}: refused by {refusal:?}");
    } else if reason.contains("market smaller") {
        let found = matches!(refusal, Some(Error::MarketTooSmall { .. }));
        assert!(found, "{reason}: refused by {refusal:?}");
    }
}

/// Goes through the case's outputs; one that nobody reads fails among our own cases, and is named among others.
fn each_output(outputs: &Value, mut check: impl FnMut(&str, &Value) -> bool) {
    for (name, expected) in outputs.as_object().unwrap() {
        if !check(name, expected) {
            assert!(!are_ours(), "the output {name} is not read");
            println!("the output {name} is not read");
        }
    }
}

/// One customer alone, and the first, the last and the mean of a column of such customers.
fn one_and_column(inputs: &Value) -> (Answer<CustomerImpact>, Answer<[f64; 3]>) {
    let value = number_or(inputs, "clv", 0.0);
    let connectedness = number_or(inputs, "connectedness", 1.0);
    let talk = || -> Answer<Talk> {
        let own_loss = Probability::new(number_or(inputs, "own_loss_probability", 0.0))?;
        Ok(talk(inputs, sway(number(&inputs["lost_per_hearer"]))?)?
            .with_reach(
                Teller::Detractor,
                Reach::mean_of(number(&inputs["reach_mean"]))?,
            )
            .with_own_loss(Teller::Detractor, own_loss))
    };
    let one = || Ok(talk()?.impact_of(Teller::Detractor, value, connectedness)?);
    let column = || {
        let talk = talk()?;
        let (tellers, values, connectednesses) = ([0; 19], [value; 19], [connectedness; 19]);
        let audience = Audience::new(talk.currency(), &tellers, &values, &connectednesses)?;
        let mut column = [0.0; 19];
        let total = audience.impact_into(&talk, &mut column)?;
        Ok([column[0], column[18], total.amount() / 19.0])
    };
    (one(), column())
}

fn closed_form(case: &Value) {
    let outputs = &case["outputs"];
    let tolerance = number(&case["rel_tol"]);
    let (one, column) = one_and_column(&case["inputs"]);
    if let Some(reason) = outputs.get("error") {
        let reason = reason.as_str().unwrap();
        assert_refused(one, reason);
        assert_refused(column, reason);
        return;
    }
    let (one, column) = (one.unwrap(), column.unwrap());
    let parts = one.own_loss().abs() + one.word_of_mouth().abs();
    each_output(outputs, |name, expected| {
        let expected = number(expected);
        let found = match name {
            "direct_hearers" => one.direct_hearers(),
            "growth" => one.growth(),
            "contacts" => one.contacts(),
            "distinct_hearers" => one.distinct_hearers(),
            "word_of_mouth" => one.word_of_mouth(),
            "impact" => {
                for row in column {
                    close_sum("impact in a column", row, expected, tolerance, parts);
                }
                close_sum(name, one.impact(), expected, tolerance, parts);
                return true;
            }
            _ => return false,
        };
        close(name, found, expected, tolerance);
        true
    });
}

fn portfolio(inputs: &Value) -> Answer<Portfolio> {
    let groups = inputs["tellers"].as_array().unwrap().iter();
    let groups = groups.map(|group| -> Answer<TellerGroup> {
        Ok(TellerGroup::new(
            count(&group["customers"]),
            number_or(group, "connectedness", 1.0),
            Reach::mean_of(number(&group["reach_mean"]))?,
            sway(number(&group["lost_per_hearer"]))?,
        )?)
    });
    let groups = groups.collect::<Answer<Vec<_>>>()?;
    Ok(Portfolio::of_groups(&talk(inputs, Sway::NONE)?, &groups)?)
}

fn portfolio_saturation(case: &Value) {
    let outputs = &case["outputs"];
    let tolerance = number(&case["rel_tol"]);
    let portfolio = portfolio(&case["inputs"]);
    if let Some(reason) = outputs.get("error") {
        return assert_refused(portfolio, reason.as_str().unwrap());
    }
    let portfolio = portfolio.unwrap();
    let by_group = portfolio.word_of_mouth_by_group();
    let parts = by_group.iter().map(|part| part.abs()).sum();
    each_output(outputs, |name, expected| {
        let found = match name {
            "first_contacts" => portfolio.first_contacts(),
            "reproduction" => portfolio.reproduction(),
            "reached" => portfolio.reached(),
            "reached_share" => match (portfolio.reached_share(), expected) {
                (None, Value::Null) => return true,
                (share, _) => share.unwrap(),
            },
            "word_of_mouth" => {
                let found = portfolio.word_of_mouth().unwrap().amount();
                close_sum(name, found, number(expected), tolerance, parts);
                return true;
            }
            "word_of_mouth_by_group" => {
                let expected = numbers(expected);
                assert_eq!(expected.len(), by_group.len());
                for (found, expected) in by_group.iter().zip(expected) {
                    close(name, *found, expected, tolerance);
                }
                return true;
            }
            _ => return false,
        };
        close(name, found, number(expected), tolerance);
        true
    });
}

/// Distinct persons among contacts: one customer, connected so well that he makes them all.
fn saturation_exact(case: &Value) {
    let contacts = number(&case["contacts"]);
    let talk = Talk::new(euro(1.0), Sway::NONE, Sway::NONE, Sway::NONE)
        .unwrap()
        .with_reach(Teller::Detractor, Reach::exactly(1))
        .with_market(NonZeroU64::try_from(count(&case["market"])).unwrap());
    let one = talk.impact_of(Teller::Detractor, 0.0, contacts).unwrap();
    close(
        "distinct",
        one.distinct_hearers(),
        number(&case["distinct"]),
        1e-12,
    );
    let group = TellerGroup::new(1, contacts, Reach::exactly(1), Sway::NONE).unwrap();
    let portfolio = Portfolio::of_groups(&talk, &[group]).unwrap();
    close(
        "poisson_approx",
        portfolio.reached(),
        number(&case["poisson_approx"]),
        1e-12,
    );
}

fn branching_exact(case: &Value) {
    const TOLERANCE: f64 = 1e-12;
    let persons = |value: &Value| u32::try_from(count(value)).unwrap();
    let reach = &case["reach_uniform"];
    let lost = Probability::new(number(&case["lost_prob"])).unwrap();
    let talk = Talk::new(euro(100.0), Sway::losing(lost), Sway::NONE, Sway::NONE)
        .unwrap()
        .with_reach(
            Teller::Detractor,
            Reach::uniform(persons(&reach[0]), persons(&reach[1])).unwrap(),
        )
        .with_retelling(
            Probability::new(number(&case["retell"])).unwrap(),
            Probability::ONE,
            generations(case.get("generations")).unwrap(),
        );
    let law = LostLaw::of(&talk, Teller::Detractor).unwrap();
    let loss = LossLaw::of(&talk, Teller::Detractor).unwrap();
    each_output(case, |name, expected| {
        let found = match name {
            "kind" | "name" | "source" | "rel_tol" | "reach_uniform" | "retell" | "generations"
            | "lost_prob" => return true,
            "R" => talk.retelling().value() * talk.reach(Teller::Detractor).mean(),
            "hearers_mean" => law.mean_hearers().unwrap(),
            "hearers_var" => law.variance_of_hearers().unwrap(),
            "lost_mean" => law.mean(),
            "lost_var" => law.variance(),
            "prob_none_lost" => {
                let some = 1.0 - number(expected);
                close("some", law.at_least_one().value(), some, TOLERANCE);
                law.none_lost().value()
            }
            // Sums over the case's own law in floating-point numbers: as good as their addition and their last term.
            "check_mean" | "check_var" => {
                let mean = name == "check_mean";
                let found = if mean { law.mean() } else { law.variance() };
                close(name, found, number(expected), 1e-9);
                return true;
            }
            "lost_pmf_head" => {
                for (count, expected) in (0..).zip(numbers(expected)) {
                    let found = law.probability(count).unwrap();
                    close(&format!("P({count})"), found, expected, TOLERANCE);
                }
                return true;
            }
            "lost_quantiles" => {
                for (level, expected) in expected.as_object().unwrap() {
                    let level = Probability::new(level.parse().unwrap()).unwrap();
                    let expected = count(expected);
                    assert_eq!(law.quantile(level).unwrap(), expected, "at {level}");
                    let at_risk = loss.value_at_risk(level).unwrap().amount();
                    close("value at risk", at_risk, 100.0 * expected as f64, 1e-15);
                }
                return true;
            }
            _ => return false,
        };
        close(name, found, number(expected), TOLERANCE);
        true
    });
}

#[test]
fn the_closed_form_matches_the_golden_cases() {
    check_each("closed_form", closed_form);
}

#[test]
fn portfolios_that_share_a_market_match_the_golden_cases() {
    check_each("portfolio_saturation", portfolio_saturation);
}

#[test]
fn distinct_hearers_match_the_golden_cases() {
    check_each("saturation_exact", saturation_exact);
}

#[test]
fn the_exact_law_matches_the_golden_cases() {
    check_each("branching_exact", branching_exact);
}

#[test]
fn one_reader_in_twelve_is_lost_with_the_published_probabilities() {
    let one_in_twelve = Sway::losing(Probability::new(1.0 / 12.0).unwrap());
    let talk = Talk::new(euro(1200.0), one_in_twelve, one_in_twelve, Sway::NONE).unwrap();
    for (teller, expected) in [
        (Teller::Detractor, 0.6426),
        (Teller::RecoveredDetractor, 0.3511),
    ] {
        let found = BreakEven::of(&talk, teller, euro(100.0))
            .unwrap()
            .at_least_one_lost()
            .unwrap();
        // Four decimals, the rest cut off.
        assert!(
            (expected..expected + 1e-4).contains(&found.value()),
            "{teller}: {found}"
        );
    }
}

#[test]
fn a_grapevine_of_two_generations_reaches_the_published_numbers() {
    // Timm: the unhappy tells 11, each of whom tells 5, with the teller 67; the happy 5, each of whom 2, with the teller 16
    // (his sum of 15 leaves the teller out).
    for (told, retold, expected) in [(11, 5, 67.0), (5, 2, 16.0)] {
        let talk = Talk::new(euro(1.0), Sway::NONE, Sway::NONE, Sway::NONE)
            .unwrap()
            .with_reach(Teller::Detractor, Reach::exactly(told))
            .with_reteller_reach(RetellerReach::Stated(Reach::exactly(retold)))
            .with_retelling(
                Probability::ONE,
                Probability::ONE,
                Generations::finite(2).unwrap(),
            );
        let one = talk.impact_of(Teller::Detractor, 0.0, 1.0).unwrap();
        close("persons", 1.0 + one.contacts(), expected, 1e-15);
    }
}
