//! Tallies are stored and come back, and what no constructor would make does not come back.
#![cfg(feature = "serde")]

use tillit::gap::{GapLimits, ServiceQuality};
use tillit::measure::{Proportion, RatingScale};
use tillit::survey::{RatingTally, SentimentTally};

#[test]
fn tallies_come_back_as_they_were_stored() {
    let scale = RatingScale::ONE_TO_FIVE;
    let mut tally = RatingTally::new(scale);
    for value in [5.0, 1.0, 4.0, 5.0] {
        tally.record(scale.rate(value).unwrap()).unwrap();
    }
    let text = serde_json::to_string(&tally).unwrap();
    assert_eq!(serde_json::from_str::<RatingTally>(&text).unwrap(), tally);

    let sentiment = SentimentTally::new(1, 2, 3);
    let text = serde_json::to_string(&sentiment).unwrap();
    assert_eq!(
        serde_json::from_str::<SentimentTally>(&text).unwrap(),
        sentiment
    );
}

#[test]
fn what_no_constructor_would_make_does_not_come_back() {
    let refused = |text: &str| serde_json::from_str::<RatingTally>(text).is_err();
    assert!(!refused(r#"{"scale":[1,5],"counts":[[5,1],[4,2]]}"#));
    assert!(refused(r#"{"scale":[1,5],"counts":[[6,1]]}"#));
    assert!(refused(
        r#"{"scale":[1,5],"counts":[[5,18446744073709551615],[4,1]]}"#
    ));
    assert!(serde_json::from_str::<Proportion>("[3,2]").is_err());
    assert!(serde_json::from_str::<GapLimits>("[1,1]").is_err());
    assert!(serde_json::from_str::<ServiceQuality>("[]").is_err());
}

#[test]
fn counts_that_were_stored_out_of_order_come_back_in_order() {
    let tally: RatingTally =
        serde_json::from_str(r#"{"scale":[1,5],"counts":[[5,1],[4,2],[5,3]]}"#).unwrap();
    assert_eq!(tally.distribution(), [(4.0, 2), (5.0, 4)]);
}
