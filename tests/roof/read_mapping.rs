//! Mappings: what they tell, and what is said about wrong ones.
#![cfg(feature = "csv")]

use tillit::Error;
use tillit::measure::RatingScale;
use tillit::read::Mapping;

use crate::mappings::ORDERS;
#[cfg(feature = "time-zones")]
use crate::mappings::shipped;

fn mapping(text: &str) -> Mapping {
    Mapping::from_toml(text).unwrap()
}

fn refused(mapping_text: &str) -> String {
    Mapping::from_toml(mapping_text).unwrap_err().to_string()
}

#[test]
fn a_mapping_tells_what_a_report_needs() {
    let full = mapping(&format!(
        "title = \"T\"\nobserved_until = 2018-08-31\nfollow_up_days = 90\n{ORDERS}[[fact]]\nkind = \"feedback\"\nat = \"ordered\"\nrating = \"r\"\nscale = [0, 10]\n[[fact]]\nkind = \"promise\"\nname = \"p\"\nmade = \"ordered\"\n"
    ));
    assert_eq!(
        (full.title(), full.customer(), full.case()),
        ("T", "who", Some("order"))
    );
    assert_eq!(full.zone().unwrap().to_string(), "+01:00");
    assert_eq!(full.currency().unwrap().code(), "EUR");
    assert_eq!(full.observed_until().unwrap().to_string(), "2018-08-31");
    assert_eq!(full.follow_up_days(), 90);
    assert_eq!(full.segments().collect::<Vec<_>>(), ["region"]);
    assert_eq!(full.promises().collect::<Vec<_>>(), ["p"]);
    assert_eq!(
        full.feedback_scales().collect::<Vec<_>>(),
        [RatingScale::ZERO_TO_TEN]
    );
    assert!(full.reads_money());
    let bare = mapping(
        "customer = \"who\"\nobserved_until = \"2018-08-31\"\n[[fact]]\nkind = \"visit\"\nat = \"t\"\n",
    );
    assert_eq!(
        (bare.title(), bare.case(), bare.follow_up_days()),
        ("", None, 184)
    );
    assert!(bare.zone().is_none() && bare.currency().is_none() && !bare.reads_money());
}

#[test]
#[allow(clippy::too_many_lines)] // One line per mistake.
fn a_wrong_mapping_names_the_place_and_the_remedy() {
    let with = |fact: &str| format!("currency = \"EUR\"\ncustomer = \"who\"\n[[fact]]\n{fact}\n");
    let visit = "kind = \"visit\"\nat = \"t\"";
    let promise = "kind = \"promise\"\nname = \"delivery\"\nmade = \"t\"";
    let rated = "kind = \"feedback\"\nat = \"t\"\nrating = \"r\"";
    let bought = "kind = \"purchase\"\nat = \"t\"\namount = \"a\"";
    for (text, message) in [
        (String::new(), "customer is missing"),
        (
            "customer = \"who\"".into(),
            "fact is missing: say with [[fact]] what a row tells",
        ),
        (
            "customer = \"who\"\nfact = 3".into(),
            "fact must be written as [[fact]]",
        ),
        (
            "customer = \"who\"\n\nzone = ".into(),
            "line 3 is not TOML: string values must be quoted, expected literal string",
        ),
        (
            "custommer = \"who\"".into(),
            "top level has no key \"custommer\": did you mean \"customer\"?",
        ),
        (
            format!("zone = \"Mars\"\n{}", with(visit)),
            "zone is \"Mars\", but must be UTC, an offset such as +02:00, or an IANA name such as Europe/Stockholm",
        ),
        (
            format!("title = 3\n{}", with(visit)),
            "title must be a text with something in it",
        ),
        (
            with(visit).replace("EUR", "euro"),
            "currency is \"euro\", but must be three capital letters such as EUR",
        ),
        (
            format!("observed_until = \"soon\"\n{}", with(visit)),
            "observed_until must be a date such as 2018-08-31",
        ),
        (
            format!("follow_up_days = 0\n{}", with(visit)),
            "follow_up_days must be a whole number from 1 to 36500",
        ),
        (
            format!("repeated_rows = \"drop\"\n{}", with(visit)),
            "repeated_rows must be \"keep\" or \"report\"",
        ),
        (
            format!("format = 1\n{}", with(visit)),
            "format must be a table [format]",
        ),
        (
            format!("segments = 1\n{}", with(visit)),
            "segments must be a table [segments]",
        ),
        (
            format!("{}[format]\ndelimeter = \";\"", with(visit)),
            "format has no key \"delimeter\": did you mean \"delimiter\"?",
        ),
        (
            format!("{}[format]\ndelimiter = \"::\"", with(visit)),
            "format: delimiter must be a single ASCII character",
        ),
        (
            format!("{}[format]\nthousands = \".\"", with(visit)),
            "format: thousands must differ from the decimal sign",
        ),
        (
            format!("{}[format]\nmissing = [[]]", with(visit)),
            "format: missing must be a text or a list of texts",
        ),
        (
            format!("{}[format]\ntime = [\"%H:%M\"]", with(visit)),
            "format: time holds \"%H:%M\", which does not name a whole date or moment: write patterns such as \"%d.%m.%Y %H:%M\"",
        ),
        (
            format!(
                "{}[segments]\nmonth = {{ month_of = \"t\", year_of = \"t\" }}",
                with(visit)
            ),
            "segments: month must be a column, { month_of = column } or { year_of = column }",
        ),
        (
            with("at = \"t\""),
            "fact 1: kind is missing: known are visit, expectation, feedback, promise, contact, need_known, need_asked, purchase, refund, recommendation, case_closed",
        ),
        (
            with("kind = \"purchace\""),
            "fact 1: kind is \"purchace\", which is no kind: did you mean \"purchase\"?",
        ),
        (with("kind = 1"), "fact 1: kind must be a text"),
        (with("kind = \"visit\""), "fact 1 (visit): at is missing"),
        (
            with(&format!("{visit}\nratign = \"r\"")),
            "fact 1 (visit) has no key \"ratign\": known are kind, touchpoint, touchpoint_column, when, unless, required, at",
        ),
        (
            with(&format!("{visit}\nrequired = 1")),
            "fact 1 (visit): required must be true or false",
        ),
        (
            with(&format!(
                "{visit}\ntouchpoint = \"a\"\ntouchpoint_column = \"b\""
            )),
            "fact 1 (visit): touchpoint stands beside touchpoint_column: keep one of the two",
        ),
        (
            with(&format!("{visit}\nwhen = {{}}")),
            "fact 1 (visit): when must be columns with their values, such as { status = [\"canceled\"] }, or a list of these",
        ),
        (
            with(&format!("{promise}\ndue = \"d\"\ndue_days = 3")),
            "fact 1 (promise \"delivery\"): due stands beside due_days: keep one of the two",
        ),
        (
            with(&format!("{promise}\ndue_days = -3")),
            "fact 1 (promise \"delivery\"): due_days must be a whole number from 0 to 100000",
        ),
        (
            with(&format!("{promise}\ndue = 3")),
            "fact 1 (promise \"delivery\"): due must be a text with something in it",
        ),
        (
            with(&format!("{promise}\ndimension = \"skill\"")),
            "fact 1 (promise \"delivery\"): dimension must be \"ability\", \"benevolence\" or \"integrity\"",
        ),
        (
            with(&format!("{promise}\nstake = nan")),
            "fact 1 (promise \"delivery\"): stake must be finite and above 0",
        ),
        (
            with(&format!("{promise}\nstake = \"big\"")),
            "fact 1 (promise \"delivery\"): stake must be a number",
        ),
        (
            with(&format!("{promise}\nrenegotiated_at = \"x\"")),
            "fact 1 (promise \"delivery\"): renegotiated_at needs renegotiated_due beside it, and the other way round",
        ),
        (
            with(&format!("{promise}\n[[fact]]\n{promise}")),
            "fact 2 (promise \"delivery\"): name is the name of fact 1 already",
        ),
        (
            with(rated),
            "fact 1 (feedback): scale is missing: write scale = [1, 5]",
        ),
        (
            with(&format!("{rated}\nscale = [5, 1]")),
            "fact 1 (feedback): scale must be the lowest and the highest rating, such as [1, 5]",
        ),
        (
            with(&format!("{rated}\nscale = [1, 2, 3]")),
            "fact 1 (feedback): scale must be the lowest and the highest rating, such as [1, 5]",
        ),
        (
            with(&format!("{rated}\nscale = \"1-5\"")),
            "fact 1 (feedback): scale must be a list of numbers",
        ),
        (
            with(bought).replace("currency = \"EUR\"\n", ""),
            "currency is missing, but fact 1 (purchase): amount reads money: say which, such as currency = \"EUR\"",
        ),
        (
            with(&format!("{bought}\nmissing_amount = \"none\"")),
            "fact 1 (purchase): missing_amount must be an amount such as \"0\"",
        ),
        (
            with("kind = \"contact\"\nat = \"t\"\nby = \"dog\""),
            "fact 1 (contact): by must be \"customer\" or \"company\"",
        ),
        (
            with("kind = \"need_known\"\nat = \"t\""),
            "fact 1 (need_known): need is missing: write need or need_column",
        ),
    ] {
        if text.contains("Mars") && cfg!(not(feature = "time-zones")) {
            continue;
        }
        assert_eq!(refused(&text), format!("the mapping's {message}"), "{text}");
        assert!(matches!(
            Mapping::from_toml(&text),
            Err(Error::Mapping { .. })
        ));
    }
}

#[cfg(feature = "time-zones")]
#[test]
fn the_shipped_mappings_are_mappings() {
    assert_eq!(
        shipped("olist.toml").promises().collect::<Vec<_>>(),
        ["delivery", "ship_by"]
    );
    assert_eq!(shipped("retail-invoices.toml").promises().count(), 0);
    assert!(!shipped("service-requests.toml").reads_money());
}
