//! Laws of word of mouth are stored and come back to the bit, and what no constructor would make does not come back.
#![cfg(feature = "serde")]

use tillit::measure::{Currency, ExpectedMoney, Probability};
use tillit::word_of_mouth::{
    Audience, LossLaw, LostLaw, PortfolioLaw, Simulation, Sway, Talk, Teller, TellerGroup,
};

fn talk() -> Talk {
    let probability = |value| Probability::new(value).unwrap();
    let hearer = ExpectedMoney::new(1200.0, Currency::new("EUR").unwrap()).unwrap();
    Talk::new(
        hearer,
        Sway::losing(probability(0.05)),
        Sway::winning(probability(0.02)),
        Sway::winning(probability(0.03)),
    )
    .unwrap()
    .with_own_loss(Teller::Detractor, probability(0.6))
}

#[track_caller]
fn comes_back<T>(law: &T) -> serde_json::Value
where
    T: serde::Serialize + serde::de::DeserializeOwned + PartialEq + std::fmt::Debug,
{
    let text = serde_json::to_string(law).unwrap();
    assert_eq!(&serde_json::from_str::<T>(&text).unwrap(), law);
    serde_json::from_str(&text).unwrap()
}

#[test]
fn laws_come_back_as_they_were_stored() {
    let talk = talk();
    comes_back(&LostLaw::of(&talk, Teller::Detractor).unwrap());
    comes_back(&LossLaw::of(&talk, Teller::Promoter).unwrap());
    let groups = [
        TellerGroup::of(&talk, Teller::Detractor, 300),
        TellerGroup::of(&talk, Teller::Promoter, 500),
    ];
    comes_back(&PortfolioLaw::of_groups(&talk, &groups).unwrap());
    let (codes, values, connectedness) = ([0, 0, 3], [500.0, 700.0, 100.0], [1.0, 1.5, 0.0]);
    let euro = Currency::new("EUR").unwrap();
    let audience = Audience::new(euro, &codes, &values, &connectedness).unwrap();
    let with_own_loss = PortfolioLaw::of_audience(&talk, &audience).unwrap();
    let stored = comes_back(&with_own_loss);
    assert_eq!(stored["total"]["loss"]["method"], "cornish_fisher");
    let played = Simulation::run(&talk, &groups[..1], 500, 3).unwrap();
    comes_back(&played);
}

/// The stored form is a promise: what an earlier version wrote is read.
#[test]
fn the_stored_form_is_the_promised_one() {
    let text = r#"{"lost":{"mean":0.25,"variance":0.1875,"third_central_moment":0.09375,
        "method":"generating_function","unit":1.0,"shift":0.0,"lowest":0,"probabilities":[0.75,0.25],
        "outside":2e-17,"rounding":1e-16},"hearers":[1.0,0.0,0.0],"at_least_one":0.25}"#;
    let law: LostLaw = serde_json::from_str(text).unwrap();
    assert_eq!(law.probability(1), Some(0.25));
    assert_eq!(law.mean_hearers(), Some(1.0));
    let text = r#"{"loss":{"mean":10.0,"variance":4.0,"third_central_moment":0.0,
        "method":"cornish_fisher","error":0.01},"currency":"EUR","third_absolute_moments":3.0,
        "lost_or_won":1.0,"tellers":7}"#;
    let law: LossLaw = serde_json::from_str(text).unwrap();
    assert!((law.mean().unwrap().amount() - 10.0).abs() < 1e-12);
}

#[test]
fn what_no_constructor_would_make_does_not_come_back() {
    let law = LostLaw::of(&talk(), Teller::Detractor).unwrap();
    let stored = serde_json::to_value(&law).unwrap();
    let refused = |change: &dyn Fn(&mut serde_json::Value)| {
        let mut changed = stored.clone();
        change(&mut changed);
        serde_json::from_value::<LostLaw>(changed).is_err()
    };
    assert!(!refused(&|_| ()));
    assert!(refused(&|v| v["lost"]["mean"] = 0.7.into()));
    assert!(refused(&|v| v["lost"]["variance"] = (-1.0).into()));
    assert!(refused(&|v| v["lost"]["unit"] = 2.0.into()));
    assert!(refused(&|v| v["lost"]["lowest"] = (-1).into()));
    assert!(refused(&|v| v["lost"]["probabilities"][0] = 0.9.into()));
    assert!(refused(&|v| v["lost"]["probabilities"][0] = 1.5.into()));
    assert!(refused(
        &|v| v["lost"]["probabilities"] = serde_json::json!([])
    ));
    assert!(refused(&|v| v["lost"]["method"] = "guess".into()));
    assert!(refused(&|v| v["hearers"][1] = (-1.0).into()));
    assert!(refused(&|v| v["at_least_one"] = 1.5.into()));

    let groups = [TellerGroup::of(&talk(), Teller::Detractor, 3)];
    let mut portfolio =
        serde_json::to_value(PortfolioLaw::of_groups(&talk(), &groups).unwrap()).unwrap();
    portfolio["total"]["currency"] = "SEK".into();
    assert!(serde_json::from_value::<PortfolioLaw>(portfolio).is_err());
    let mut played =
        serde_json::to_value(Simulation::run(&talk(), &groups, 500, 3).unwrap()).unwrap();
    played["nobody_lost"]["value"] = 1.5.into();
    assert!(serde_json::from_value::<Simulation>(played).is_err());
}
