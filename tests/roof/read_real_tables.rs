//! Real tables through mappings; skipped with a note where the files are not there.
#![cfg(feature = "csv")]

use std::path::{Path, PathBuf};

use tillit::journey::{Fact, FactKind, JourneyLog};
use tillit::read::{BadRow, Mapping, ReadOptions, read_csv_file};

#[cfg(feature = "time-zones")]
use crate::mappings::shipped;
use crate::story::{facts, story};

fn mapping(text: &str) -> Mapping {
    Mapping::from_toml(text).unwrap()
}

/// Where data files lie that are not ours to ship; says so when they are not there.
fn data(name: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("TILLIT_DATA").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data"),
        PathBuf::from,
    );
    let path = folder.join(name);
    let there = path.exists();
    if !there {
        println!(
            "skipped: {} is not there; set TILLIT_DATA to the folder that has it",
            path.display()
        );
    }
    there.then_some(path)
}

#[test]
fn no_row_of_the_dirty_table_is_lost() {
    let Some(path) = data("journey_dirty.csv") else {
        return;
    };
    let text = "zone = \"+01:00\"\ncustomer = \"case_id\"\n[format]\ntime = [\"%d.%m.%Y %H:%M\"]\n\
                [[fact]]\nkind = \"visit\"\nat = \"timestamp\"\ntouchpoint_column = \"activity\"\nrequired = true\n";
    let reading = read_csv_file(&path, &mapping(text), ReadOptions::new()).unwrap();
    assert_eq!((reading.rows_in(), reading.delimiter()), (15, ';'));
    // Data row n stands on line n + 1: an impossible date, an empty one, no case, seconds since 1970, a field short.
    let lines: Vec<u64> = reading.bad_rows().iter().map(BadRow::line).collect();
    assert_eq!(lines, [6, 7, 8, 9, 14]);
    assert_eq!((reading.rows_kept(), reading.repeated_rows()), (10, 1));
    let story = story(reading.log());
    for expected in [
        "A 2024-03-31T03:30:00Z Some(\"row 4\") Some(\"deliver\") Visit",
        "C 2024-04-02T08:00:00Z Some(\"row 9\") Some(\"deliver; late\") Visit",
        "D 2024-04-03T08:00:00Z Some(\"row 10\") None Visit",
        "E 2024-04-03T08:00:00.123456Z Some(\"row 11\") Some(\"order\") Visit",
        "G 2024-04-04T08:00:00Z Some(\"row 14\") Some(\"bestätigt ✓\") Visit",
        "H 9999-12-31T23:59:59Z Some(\"row 15\") Some(\"order\") Visit",
    ] {
        assert!(
            story.iter().any(|line| line == expected),
            "{expected} in {story:#?}"
        );
    }
    let with_seconds = text.replace("[\"%d.%m.%Y %H:%M\"]", "[\"%d.%m.%Y %H:%M\", \"%s\"]");
    let reading = read_csv_file(&path, &mapping(&with_seconds), ReadOptions::new()).unwrap();
    assert_eq!(reading.rows_kept(), 11);
}

/// Money in minor units: bought, and given back.
fn money(log: &JourneyLog) -> (i64, i64) {
    facts(log)
        .iter()
        .fold((0, 0), |(bought, back), fact| match fact {
            Fact::Purchase(money) => (bought + money.minor(), back),
            Fact::Refund(money) => (bought, back + money.minor()),
            _ => (bought, back),
        })
}

fn fulfilled(log: &JourneyLog, name: &str) -> usize {
    facts(log)
        .iter()
        .filter(|fact| matches!(fact, Fact::PromiseFulfilled { promise } if *promise == name))
        .count()
}

#[cfg(feature = "time-zones")]
#[test]
fn the_orders_file_gives_its_published_counts() {
    let Some(path) = data("endtoend-orders.csv.gz") else {
        return;
    };
    let reading = read_csv_file(&path, &shipped("olist.toml"), ReadOptions::new()).unwrap();
    let log = reading.log();
    assert_eq!((reading.rows_in(), reading.rows_kept()), (27_540, 27_540));
    assert_eq!((log.customers(), log.cases()), (27_149, 27_540));
    let (bought, back) = money(log);
    assert_eq!((bought, bought - back), (444_978_803, 438_195_403));
    let ratings = facts(log)
        .iter()
        .filter(|fact| fact.kind() == FactKind::Feedback)
        .count();
    assert_eq!(ratings, 27_338);
    assert_eq!(fulfilled(log, "delivery"), 26_764);
    assert_eq!(fulfilled(log, "ship_by"), 27_065);
    assert_eq!(log.segmentation("seller").unwrap().labels().len(), 2_298);
}

#[cfg(feature = "time-zones")]
#[test]
fn a_second_orders_file_reads_with_the_same_mapping() {
    let Some(path) = data("more/orders_b.csv.gz") else {
        return;
    };
    let reading = read_csv_file(&path, &shipped("olist.toml"), ReadOptions::new()).unwrap();
    assert_eq!((reading.rows_in(), reading.rows_kept()), (9_185, 9_185));
    assert_eq!(
        (reading.log().customers(), reading.log().cases()),
        (9_062, 9_185)
    );
}

#[cfg(feature = "time-zones")]
#[test]
fn invoices_without_promises_and_scores_are_read() {
    let Some(path) = data("more/retail-invoices.csv.gz") else {
        return;
    };
    let reading =
        read_csv_file(&path, &shipped("retail-invoices.toml"), ReadOptions::new()).unwrap();
    let log = reading.log();
    assert_eq!(
        (reading.rows_in(), reading.rows_kept(), log.customers()),
        (44_751, 44_751, 5_942)
    );
    let kinds = |kind| facts(log).iter().filter(|fact| fact.kind() == kind).count();
    assert_eq!(
        (kinds(FactKind::Purchase), kinds(FactKind::Refund)),
        (36_857, 7_894)
    );
}

#[cfg(feature = "time-zones")]
#[test]
fn requests_without_scores_and_money_are_read() {
    let Some(path) = data("more/service-requests-311.csv.gz") else {
        return;
    };
    let reading =
        read_csv_file(&path, &shipped("service-requests.toml"), ReadOptions::new()).unwrap();
    let log = reading.log();
    assert_eq!(
        (reading.rows_in(), reading.rows_kept(), log.customers()),
        (10_000, 10_000, 10_000)
    );
    // Requests with a day that are nobody else's: 9,337 closed, 153 open.
    assert_eq!(fulfilled(log, "service"), 9_337);
    let made = facts(log)
        .iter()
        .filter(|fact| fact.kind() == FactKind::PromiseMade)
        .count();
    assert_eq!(made, 9_337 + 153);
}
