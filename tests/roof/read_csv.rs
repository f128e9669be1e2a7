//! Tables into journey logs: every rule of the mapping and of the reader, on small tables and on real files.
#![cfg(feature = "csv")]

use std::io::Write;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;
use tillit::Error;
use tillit::journey::FactKind::{Feedback, FeedbackAsked, Purchase, Refund};
use tillit::journey::{Dimension, Due, Fact, FactKind, Initiator};
use tillit::measure::Timestamp;
use tillit::read::{BadRow, Mapping, Progress, ReadOptions, Reading, read_csv, read_csv_file};

use crate::mappings::ORDERS;
use crate::story::{facts, story};

const HEADER: &str = "order,who,place,ordered,paid\n";

fn mapping(text: &str) -> Mapping {
    Mapping::from_toml(text).unwrap()
}

fn read(mapping_text: &str, table: impl AsRef<[u8]>) -> Result<Reading, Error> {
    read_csv(table.as_ref(), &mapping(mapping_text), ReadOptions::new())
}

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

fn bad(reading: &Reading) -> Vec<String> {
    assert_eq!(
        reading.rows_in(),
        reading.rows_kept() + reading.bad_rows().len() as u64
    );
    reading.bad_rows().iter().map(ToString::to_string).collect()
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

/// One row through one fact, its columns being those of the row.
fn one(fact: &str, header: &str, row: &str) -> Reading {
    let text =
        format!("zone = \"+01:00\"\ncurrency = \"EUR\"\ncustomer = \"who\"\n[[fact]]\n{fact}");
    read(&text, format!("who,{header}\nada,{row}\n")).unwrap()
}

#[test]
fn a_table_reads_the_same_however_it_is_written() {
    let table = format!(
        "{HEADER}1,ada,north,2019-03-01 09:30,12.50\n2,bob,\"Über, all\",2019-03-02 10:00:05,7\n"
    );
    let plain = story(read(ORDERS, &table).unwrap().log());
    assert_eq!(
        plain,
        [
            "ada 2019-03-01T08:30:00Z Some(\"1\") None Purchase(Money { minor: 1250, currency: Currency { code: [69, 85, 82], minor_digits: 2 } })",
            "bob 2019-03-02T09:00:05Z Some(\"2\") None Purchase(Money { minor: 700, currency: Currency { code: [69, 85, 82], minor_digits: 2 } })",
        ]
    );
    let mut two_members = gzip(&table.as_bytes()[..40]);
    two_members.extend(gzip(&table.as_bytes()[40..]));
    let shuffled = "paid\tspare\tordered\twho\torder\tplace\n12.50\tx\t2019-03-01 09:30\tada\t1\tnorth\n\
                    7\ty\t2019-03-02 10:00:05\tbob\t2\tÜber, all\n";
    for (way, bytes) in [
        ("byte order mark", format!("\u{feff}{table}").into_bytes()),
        ("carriage returns", table.replace('\n', "\r\n").into_bytes()),
        ("blank lines", table.replace('\n', "\n\r\n\n").into_bytes()),
        ("no last line feed", table.trim_end().as_bytes().to_vec()),
        ("gzip", gzip(table.as_bytes())),
        ("gzip in two members", two_members),
        (
            "shuffled, with tabs and a spare column",
            shuffled.as_bytes().to_vec(),
        ),
        (
            "blanks around cells",
            table.replace("1,ada", " 1 ,\tada ").into_bytes(),
        ),
        (
            "semicolons",
            table
                .replace(',', ";")
                .replace("Über;", "Über,")
                .into_bytes(),
        ),
        (
            "bars",
            table
                .replace(',', "|")
                .replace("Über|", "Über,")
                .into_bytes(),
        ),
    ] {
        let reading = read(ORDERS, bytes).unwrap();
        assert_eq!(story(reading.log()), plain, "{way}");
        assert_eq!((reading.rows_in(), reading.rows_kept()), (2, 2), "{way}");
        let region = reading.log().segmentation("region").unwrap();
        assert_eq!(region.labels().len(), 2, "{way}");
        assert_eq!(&*region.labels()[1], "Über, all", "{way}");
    }
}

#[test]
fn the_delimiter_is_the_one_that_finds_the_mapping_columns() {
    let table = "order;who;place;ordered;paid;a,b,c,d,e,f,g\n1;ada;north;2019-03-01;1;x\n";
    assert_eq!(read(ORDERS, table).unwrap().delimiter(), ';');
    let stated = ORDERS.replace(
        "[segments]",
        "[format]\ndelimiter = \":\"\nquote = \"'\"\n[segments]",
    );
    let table = "order:who:place:ordered:paid\n1:ada:'a:b':'2019-03-01 09:30':1\n";
    let reading = read(&stated, table).unwrap();
    assert_eq!(reading.delimiter(), ':');
    assert_eq!(&*reading.log().segmentations()[0].labels()[0], "a:b");
    assert!(!reading.is_compressed());
}

#[test]
fn lines_stay_right_across_quoted_line_breaks_blank_lines_and_carriage_returns() {
    let rows = "1,ada,\"two\nlines\",2019-03-01,1\n\n2,ada,x,never,1\n\n\n3,ada,\"a\n\nb\",2019-03-01,none\n4,ada,x,2019-03-01,";
    for table in [
        format!("{HEADER}{rows}"),
        format!("{HEADER}{rows}\n"),
        format!("{HEADER}{rows}").replace('\n', "\r\n"),
    ] {
        let reading = read(ORDERS, table).unwrap();
        let lines: Vec<u64> = reading.bad_rows().iter().map(BadRow::line).collect();
        assert_eq!(lines, [5, 8, 11]);
        assert_eq!(reading.rows_in(), 4);
    }
}

#[test]
fn bad_rows_say_line_column_value_and_reason() {
    let mut table = format!("{HEADER}1,ada,north,2019-03-01,1\n").into_bytes();
    for row in [
        &b",ada,north,2019-03-01,1"[..],
        b"3,,north,2019-03-01,1",
        b"4,ada,north,2019-02-30,1",
        b"5,ada,north,yesterday,1",
        b"6,ada,north,2019-03-01,1.005",
        b"7,ada,north,2019-03-01,99999999999999999999",
        b"8,ada,north,2019-03-01,",
        b"9,ada,n\xffrth,2019-03-01,1",
        b"10,ada,north,2019-03-01",
        b"11,ada,north,2019-03-01,1,2",
        b"1,bob,north,2019-03-01,1",
        b"1,ada,north,2019-03-01,1",
    ] {
        table.extend_from_slice(row);
        table.push(b'\n');
    }
    let reading = read(ORDERS, table).unwrap();
    let not_a_time = "not understood as a time: expected YYYY-MM-DD, YYYY-MM-DD HH:MM[:SS[.fraction]] with or without \
                      an offset, or one of the mapping's time patterns";
    assert_eq!(
        bad(&reading),
        [
            "line 3, order: empty, but every row needs it",
            "line 4, who: empty, but every row needs it",
            "line 5, ordered \"2019-02-30\": no such date or time of day",
            &format!("line 6, ordered \"yesterday\": {not_a_time}"),
            "line 7, paid \"1.005\": not an amount of EUR with at most 2 decimals",
            "line 8, paid \"99999999999999999999\": an amount too large to book",
            "line 9, paid: no amount",
            "line 10, place \"n\u{fffd}rth\": not UTF-8",
            "line 11, paid: the row has 4 fields, but the header has 5",
            "line 12: the row has 6 fields, but the header has 5",
            "line 13, order \"1\": the case belongs to another customer in an earlier row",
            "line 14: repeats an earlier row in every cell",
        ]
    );
    assert_eq!((reading.rows_kept(), reading.repeated_rows()), (1, 1));
    // What was reported left nothing behind, not even names.
    assert_eq!(
        (
            reading.log().events(),
            reading.log().customers(),
            reading.log().cases()
        ),
        (1, 1, 1)
    );
    let row = &reading.bad_rows()[2];
    assert_eq!(
        (row.line(), row.column(), row.value()),
        (5, "ordered", "2019-02-30")
    );
    assert_eq!(row.reason(), "no such date or time of day");
}

#[test]
fn a_bad_cell_keeps_the_whole_row_out() {
    let two_facts = format!(
        "{ORDERS}[[fact]]\nkind = \"feedback\"\nat = \"ordered\"\nrating = \"place\"\nscale = [1, 5]\n"
    );
    let reading = read(
        &two_facts,
        format!("{HEADER}1,ada,5,2019-03-01,1\n2,bob,6,2019-03-01,1\n"),
    )
    .unwrap();
    assert_eq!(
        bad(&reading),
        ["line 3, place \"6\": not on a scale from 1 to 5"]
    );
    assert_eq!((reading.log().events(), reading.log().customers()), (2, 1));
}

#[test]
fn an_open_quote_is_reported_and_not_taken_for_a_cell() {
    let mapping = ORDERS.replace("[segments]\nregion = \"place\"\n", "");
    let table = "order,who,ordered,paid,note\n1,ada,2019-03-01,1,fine\n2,ada,2019-03-01,1,\"oh\n3,ada,2019-03-01,1,lost\n";
    let reading = read(&mapping, table).unwrap();
    assert_eq!(
        bad(&reading),
        [
            "line 3, note \"oh\\n3,ada,2019-03-01,1,lost\\n\": a quote is left open, so the rest of the file lies in this cell"
        ]
    );
    let closed = "order,who,ordered,paid,note\n1,ada,2019-03-01,1,\"two\nlines\"\r\n";
    assert_eq!(read(&mapping, closed).unwrap().rows_kept(), 1);
}

#[test]
fn repeated_rows_are_reported_where_there_is_a_case_and_kept_where_there_is_none() {
    let table = format!(
        "{HEADER}1,ada,north,2019-03-01,1\n1,ada,north,2019-03-01,1\n1,ada,north,2019-03-01,2\n"
    );
    let counts = |text: &str| {
        let reading = read(text, &table).unwrap();
        (
            reading.rows_kept(),
            reading.repeated_rows(),
            reading.log().events(),
            reading.log().cases(),
        )
    };
    let without_case = ORDERS.replace("case = \"order\"\n", "");
    assert_eq!(counts(ORDERS), (2, 1, 2, 1));
    assert_eq!(
        counts(&format!("repeated_rows = \"keep\"\n{ORDERS}")),
        (3, 1, 3, 1)
    );
    assert_eq!(counts(&without_case), (3, 1, 3, 3));
    assert_eq!(
        counts(&format!("repeated_rows = \"report\"\n{without_case}")),
        (2, 1, 2, 2)
    );
    let reading = read(&without_case, &table).unwrap();
    let case = reading
        .log()
        .whole()
        .journeys()
        .next()
        .unwrap()
        .events()
        .last()
        .unwrap()
        .case();
    assert_eq!(reading.log().case_key(case.unwrap()), "row 3");
}

#[test]
fn empty_times_mean_it_did_not_happen_unless_the_mapping_requires_it() {
    let table = format!("{HEADER}1,ada,north,,1\n2,bob,south,2019-03-01,1\n");
    let reading = read(ORDERS, &table).unwrap();
    assert_eq!((reading.rows_kept(), reading.rows_without_facts()), (2, 1));
    assert_eq!((reading.log().customers(), reading.log().cases()), (1, 1));
    let reading = read(&format!("{ORDERS}required = true\n"), &table).unwrap();
    assert_eq!(
        bad(&reading),
        ["line 2, ordered: empty, but the mapping requires this fact"]
    );
}

#[test]
fn purchases_and_refunds_follow_the_sign_and_the_status() {
    let fact = "kind = \"purchase\"\nat = \"t\"\namount = \"paid\"\ncancelled = { status = [\"canceled\", \"void\"] }\nmissing_amount = \"0\"";
    let minor = |row: &str| -> Vec<(FactKind, i64)> {
        facts(one(fact, "t,paid,status", row).log())
            .iter()
            .map(|fact| match fact {
                Fact::Purchase(money) | Fact::Refund(money) => (fact.kind(), money.minor()),
                _ => unreachable!(),
            })
            .collect()
    };
    assert_eq!(minor("2019-03-01,3.10,ok"), [(Purchase, 310)]);
    assert_eq!(minor("2019-03-01,-3.10,ok"), [(Refund, 310)]);
    assert_eq!(
        minor("2019-03-01,3.10,void"),
        [(Purchase, 310), (Refund, 310)]
    );
    assert_eq!(minor("2019-03-01,-3.10,void"), [(Refund, 310)]);
    // That the order was cancelled is a fact even where nothing was paid.
    assert_eq!(minor("2019-03-01,,void"), [(Purchase, 0), (Refund, 0)]);

    let fact = "kind = \"refund\"\nat = \"t\"\namount = \"price\"\nquantity = \"pieces\"";
    let back = |row: &str| one(fact, "t,price,pieces", row);
    assert!(
        matches!(facts(back("2019-03-01,1.50,-3").log())[..], [Fact::Refund(money)] if money.minor() == 450)
    );
    assert!(
        matches!(facts(back("2019-03-01,1.50,3").log())[..], [Fact::Refund(money)] if money.minor() == 450)
    );
    assert_eq!(back("2019-03-01,1.50,0").rows_without_facts(), 1);
    let text = format!("zone = \"UTC\"\ncurrency = \"EUR\"\ncustomer = \"who\"\n[[fact]]\n{fact}");
    let table = "who,t,price,pieces\na,2019-03-01,1,1\na,2019-03-01,1,1.5\na,2019-03-01,9000000000000,9000000\na,2019-03-01,1,\n";
    assert_eq!(
        bad(&read(&text, table).unwrap()),
        [
            "line 3, pieces \"1.5\": not a whole number of pieces",
            "line 4, pieces \"9000000\": price times quantity is too large",
            "line 5, pieces: empty, but every row needs it",
        ]
    );
}

#[test]
fn numbers_may_be_written_with_a_comma_and_separators() {
    let text = format!(
        "{}\n",
        ORDERS.replace(
            "[segments]",
            "[format]\ndecimal = \",\"\nthousands = \".\"\n[segments]"
        )
    );
    let table = "order;who;place;ordered;paid\n1;ada;x;2019-03-01;1.234,56\n";
    assert!(
        matches!(facts(read(&text, table).unwrap().log())[..], [Fact::Purchase(money)] if money.minor() == 123_456)
    );
    let text = text.replace("thousands = \".\"\n", "");
    let table = "order;who;place;ordered;paid\n1;ada;x;2019-03-01;1,5\n2;ada;x;2019-03-01;1.5\n";
    assert_eq!(
        bad(&read(&text, table).unwrap()),
        ["line 3, paid \"1.5\": not an amount of EUR with at most 2 decimals"]
    );
}

#[test]
fn promises_are_made_due_and_ended_as_the_mapping_says() {
    let fact = "kind = \"promise\"\nname = \"delivery\"\nmade = \"made\"\ndue = \"due\"\nfulfilled = \"done\"\n\
        broken = { status = \"lost\" }\nwaived = { status = \"moved\" }\nwaived_at = \"moved_at\"\nmaker_column = \"seller\"\n\
        dimension = \"integrity\"\nstake = 2.5\ntouchpoint = \"door\"\nrenegotiated_at = \"called\"\nrenegotiated_due = \"new_due\"";
    let header = "made,due,done,status,moved_at,seller,called,new_due";
    let told = |row: &str| story(one(fact, header, row).log());
    let reading = one(
        fact,
        header,
        "2019-03-01 09:00,2019-03-08,2019-03-08,lost,,tom,,",
    );
    let [
        Fact::PromiseMade(promise),
        Fact::PromiseFulfilled { promise: name },
    ] = facts(reading.log())[..]
    else {
        panic!("a promise and its fulfilment, which beats the status")
    };
    assert_eq!(
        (promise.name, promise.maker, promise.dimension, name),
        ("delivery", "tom", Dimension::Integrity, "delivery")
    );
    assert!((promise.stake - 2.5).abs() < f64::EPSILON);
    let Some(Due::Day(day)) = promise.due else {
        panic!("a day")
    };
    assert_eq!(day.to_string(), "2019-03-08");

    let ends = |row: &str| told(row).last().unwrap().clone();
    let tail = "Some(\"row 1\") Some(\"door\") ";
    assert_eq!(
        ends("2019-03-01 09:00,2019-03-08,,lost,,tom,,"),
        format!(
            "ada 2019-03-08T22:59:59.999999Z {tail}PromiseBroken {{ promise: \"delivery\", deception: false }}"
        )
    );
    assert_eq!(
        ends("2019-03-01 09:00,2019-02-01,,lost,,tom,,"),
        format!(
            "ada 2019-03-01T08:00:00Z {tail}PromiseBroken {{ promise: \"delivery\", deception: false }}"
        ),
        "a day before the promise was made"
    );
    assert_eq!(
        ends("2019-03-01 09:00,2019-03-08 12:00,,moved,2019-03-05 10:00,tom,,"),
        format!("ada 2019-03-05T09:00:00Z {tail}PromiseWaived {{ promise: \"delivery\" }}")
    );
    assert_eq!(
        ends("2019-03-01 09:00,2019-03-08 12:00,,moved,,tom,,"),
        format!("ada 2019-03-08T11:00:00Z {tail}PromiseWaived {{ promise: \"delivery\" }}")
    );
    assert_eq!(
        ends("2019-03-01 09:00,2019-03-08,,lost,,,2019-03-05,2019-03-20"),
        format!(
            "ada 2019-03-20T22:59:59.999999Z {tail}PromiseBroken {{ promise: \"delivery\", deception: false }}"
        )
    );
    assert!(
        told("2019-03-01 09:00,2019-03-08,,,,,2019-03-05,2019-03-20")[1]
            .contains("PromiseRenegotiated")
    );
    assert!(
        ends("2019-03-01 09:00,,,open,2019-03-05,tom,,").contains("due: None"),
        "waived needs the values too"
    );
    assert_eq!(
        told(",2019-03-08,2019-03-08,,,tom,,"),
        [""; 0],
        "never made"
    );
}

#[test]
fn due_days_count_calendar_days_in_the_zone() {
    let fact = "kind = \"promise\"\nname = \"answer\"\nmade = \"made\"\ndue_days = 30\nmaker = \"desk\"\nbroken_at = \"gave_up\"\ndeception = true";
    let reading = one(fact, "made,gave_up", "2019-01-31T23:30:00Z,2019-04-01");
    let [
        Fact::PromiseMade(promise),
        Fact::PromiseBroken {
            deception: true, ..
        },
    ] = facts(reading.log())[..]
    else {
        panic!("made and broken")
    };
    let Some(Due::Day(day)) = promise.due else {
        panic!("a day")
    };
    assert_eq!(
        day.to_string(),
        "2019-03-03",
        "30 days after 1 February, which it was at +01:00"
    );
}

#[test]
fn feedback_has_a_scale_blanks_and_the_moment_of_asking() {
    let fact = "kind = \"feedback\"\nat = \"answered\"\nasked = \"asked\"\nrating = \"stars\"\nscale = [1, 5]\nblank = [11, 99]";
    let kinds = |row: &str| -> Vec<FactKind> {
        facts(one(fact, "asked,answered,stars", row).log())
            .iter()
            .map(Fact::kind)
            .collect()
    };
    assert_eq!(
        kinds("2019-03-01,2019-03-02,4.5"),
        [FeedbackAsked, Feedback]
    );
    assert_eq!(kinds("2019-03-01,2019-03-02,99"), [FeedbackAsked]);
    assert_eq!(kinds("2019-03-01,,4"), [FeedbackAsked]);
    assert_eq!(kinds(",2019-03-02,"), []);
    let text = format!("zone = \"UTC\"\ncustomer = \"who\"\n[[fact]]\n{fact}");
    let table = "who,asked,answered,stars\na,,2019-03-02,1\na,,2019-03-02,NaN\na,,2019-03-02,inf\na,,2019-03-02,good\n";
    assert_eq!(
        bad(&read(&text, table).unwrap()),
        [
            "line 3, stars \"NaN\": not on a scale from 1 to 5",
            "line 4, stars \"inf\": not on a scale from 1 to 5",
            "line 5, stars \"good\": not a number",
        ]
    );
}

#[test]
fn the_other_kinds_become_their_facts() {
    let fact = |text: &str, header: &str, row: &str| {
        let reading = one(text, header, row);
        format!("{:?}", facts(reading.log()))
    };
    for (kind, expected) in [
        ("visit", "[Visit]"),
        ("recommendation", "[Recommendation]"),
        ("case_closed", "[CaseClosed]"),
    ] {
        assert_eq!(
            fact(&format!("kind = \"{kind}\"\nat = \"t\""), "t", "2019-03-01"),
            expected
        );
    }
    assert!(
        fact(
            "kind = \"expectation\"\nat = \"t\"\nrating = \"e\"\nscale = [0, 10]",
            "t,e",
            "2019-03-01,7"
        )
        .starts_with("[ExpectationStated(Rating { value: 7.0")
    );
    assert_eq!(
        fact(
            "kind = \"need_known\"\nat = \"t\"\nneed = \"ramp\"",
            "t",
            "2019-03-01"
        ),
        "[NeedKnown(\"ramp\")]"
    );
    assert_eq!(
        fact(
            "kind = \"need_asked\"\nat = \"t\"\nneed_column = \"n\"",
            "t,n",
            "2019-03-01,ramp"
        ),
        "[NeedAsked(\"ramp\")]"
    );
    let reading = one(
        "kind = \"contact\"\nat = \"t\"\nby = \"customer\"\nasked = true\nreason_column = \"why\"\npassed_to = \"importer\"",
        "t,why",
        "2019-03-01,no answer",
    );
    let [Fact::Contact(contact)] = facts(reading.log())[..] else {
        panic!("a contact")
    };
    assert_eq!((contact.by, contact.asked), (Initiator::Customer, true));
    assert_eq!(
        (contact.reason, contact.passed_to),
        (Some("no answer"), Some("importer"))
    );
}

#[test]
fn conditions_choose_the_rows_in_which_a_fact_holds() {
    let visits = |condition: &str, row: &str| {
        one(
            &format!("kind = \"visit\"\nat = \"t\"\ntouchpoint_column = \"a\"\n{condition}"),
            "t,a,b",
            row,
        )
        .log()
        .events()
    };
    for (condition, row, events) in [
        ("when = { a = [\"x\", \"y\"] }", "2019-03-01,y,", 1),
        ("when = { a = [\"x\", \"y\"] }", "2019-03-01,z,", 0),
        ("when = { a = \"x\", b = 1 }", "2019-03-01,x,1", 1),
        ("when = { a = \"x\", b = 1 }", "2019-03-01,x,2", 0),
        ("when = { a = \"\" }", "2019-03-01,,", 1),
        ("unless = { a = \"x\", b = true }", "2019-03-01,x,true", 0),
        ("unless = { a = \"x\", b = true }", "2019-03-01,x,false", 1),
        (
            "unless = [{ a = \"x\" }, { b = \"y\" }]",
            "2019-03-01,z,y",
            0,
        ),
        (
            "unless = [{ a = \"x\" }, { b = \"y\" }]",
            "2019-03-01,z,z",
            1,
        ),
    ] {
        assert_eq!(visits(condition, row), events, "{condition} on {row}");
    }
}

#[test]
fn times_are_read_by_iso_forms_then_by_the_mapping_patterns() {
    let text = "zone = \"+01:00\"\ncustomer = \"who\"\n[format]\ntime = [\"%d.%m.%Y %H:%M\", \"%d.%m.%Y\", \"%d/%b/%Y:%H:%M:%S %z\", \"%s\"]\n\
                missing = [\"0000-00-00\", \"NULL\"]\n[[fact]]\nkind = \"visit\"\nat = \"t\"\n";
    let table = "who,t\na,2024-04-01T08:00:00Z\nb,01.04.2024 09:00\nc,01.04.2024\nd,01/Apr/2024:10:00:00 +0200\ne,1711958400\n\
                 f,2024-04-01\ng,0000-00-00\nh,NULL\ni,31.04.2024\nj,99999999999999999999\nk,0000-01-01\nl,9999-12-31\n\
                 m,2024-04-01 09:00:00.123456789\n";
    let reading = read(text, table).unwrap();
    let moments: Vec<String> = story(reading.log())
        .iter()
        .map(|line| line.split(" Some").next().unwrap().to_owned())
        .collect();
    assert_eq!(
        moments,
        [
            "a 2024-04-01T08:00:00Z",
            "b 2024-04-01T08:00:00Z",
            "c 2024-03-31T23:00:00Z",
            "d 2024-04-01T08:00:00Z",
            "e 2024-04-01T08:00:00Z",
            "f 2024-03-31T23:00:00Z",
            "k -0001-12-31T23:00:00Z",
            "l 9999-12-30T23:00:00Z",
            "m 2024-04-01T08:00:00.123456Z",
        ]
    );
    assert_eq!(reading.rows_without_facts(), 2);
    assert_eq!(
        reading
            .bad_rows()
            .iter()
            .map(BadRow::line)
            .collect::<Vec<_>>(),
        [10, 11]
    );
}

#[cfg(feature = "time-zones")]
#[test]
fn readings_that_the_clock_showed_twice_or_never_are_counted() {
    let text = "zone = \"Europe/Berlin\"\ncustomer = \"who\"\n[[fact]]\nkind = \"visit\"\nat = \"t\"\n\
                [segments]\nmonth = { month_of = \"t\" }\nyear = { year_of = \"t\" }\n";
    let table = "who,t\na,2019-10-27 02:30\nb,2019-03-31 02:30\nc,2019-12-31T23:30:00Z\nd,2019-10-27T02:30:00+02:00\n";
    let reading = read(text, table).unwrap();
    assert_eq!(
        (reading.ambiguous_times(), reading.nonexistent_times()),
        (1, 1)
    );
    let log = reading.log();
    let labels = |name: &str| -> Vec<String> {
        log.segmentation(name)
            .unwrap()
            .labels()
            .iter()
            .map(ToString::to_string)
            .collect()
    };
    assert_eq!(labels("month"), ["2019-10", "2019-03", "2020-01"]);
    assert_eq!(labels("year"), ["2019", "2020"]);
    assert_eq!(log.span().unwrap().1, at("2019-12-31T23:30:00Z"));
}

#[test]
fn progress_counts_rows_and_bytes_of_the_source() {
    let table = gzip(format!("{HEADER}{}", "1,ada,x,2019-03-01,1\n".repeat(10)).as_bytes());
    let size = table.len() as u64;
    let mut seen: Vec<(u64, u64)> = Vec::new();
    let mut tell = |progress: Progress| seen.push((progress.rows, progress.bytes_read));
    let options = ReadOptions::new().with_progress(4, &mut tell);
    let reading = read_csv(&table[..], &mapping(ORDERS), options).unwrap();
    assert_eq!(seen, [(4, size), (8, size), (10, size)]);
    assert_eq!(reading.bytes_read(), size);
    assert!(reading.is_compressed());
}

#[test]
fn a_table_that_cannot_be_read_gives_one_sentence() {
    let message = |table: &[u8]| read(ORDERS, table).unwrap_err().to_string();
    let whole = gzip(format!("{HEADER}{}", "1,ada,x,2019-03-01,1\n".repeat(3)).as_bytes());
    let nowhere = Path::new("no such folder/orders.csv");
    assert!(matches!(read(ORDERS, b""), Err(Error::Empty { .. })));
    assert_eq!(
        message(b""),
        "the table is empty: give a table with a header row and at least one row below it"
    );
    assert_eq!(message(b"\xef\xbb\xbf\n\r\n"), message(b""));
    assert_eq!(
        message(HEADER.as_bytes()),
        "the table below its header is empty: give at least one row"
    );
    assert_eq!(
        message(b"order,who,place,ordered,price\n"),
        "the mapping's fact 1 (purchase): amount names column \"paid\", but the table has: order, who, place, ordered, price"
    );
    assert_eq!(
        message(b"order,who,place,ordered,paid,who\n"),
        "the table's header contradicts itself: column \"who\" stands there twice, as number 2 and as number 6"
    );
    assert_eq!(
        message(b"\xff\xfeo\0r\0"),
        "the table cannot be read at line 1: it is written in UTF-16; save it as UTF-8"
    );
    assert_eq!(
        message(&whole[..whole.len() - 12]),
        "the table cannot be read at line 1: the file ends in the middle: it is cut off"
    );
    assert!(matches!(
        read(ORDERS, [0x1f, 0x8b, 8, 0, 1, 2, 3]),
        Err(Error::Read { .. })
    ));
    assert_eq!(
        message(format!("{HEADER}1,ada,x,never,1\n2,ada,x,2019-03-01,\n").as_bytes()).replace("not understood as a time: expected YYYY-MM-DD, YYYY-MM-DD HH:MM[:SS[.fraction]] with or without an offset, or one of the mapping's time patterns", "…"),
        "readable rows in the table: found 0, need at least 1; all 2 rows are bad, the first of them: \
         line 2, ordered \"never\": …; line 3, paid: no amount"
    );
    let no_zone = read(
        &ORDERS.replace("zone = \"+01:00\"\n", ""),
        format!("{HEADER}1,ada,x,2019-03-01,1\n"),
    )
    .unwrap_err();
    assert_eq!(
        no_zone.to_string(),
        "the mapping's zone is missing, but column \"ordered\" holds \"2019-03-01\", a time without an offset: \
         say where its clock hangs, such as zone = \"Europe/Stockholm\""
    );
    let with_offset = format!("{HEADER}1,ada,x,2019-03-01T09:00Z,1\n");
    assert_eq!(
        read(&ORDERS.replace("zone = \"+01:00\"\n", ""), with_offset)
            .unwrap()
            .rows_kept(),
        1
    );
    let missing = read_csv_file(nowhere, &mapping(ORDERS), ReadOptions::new()).unwrap_err();
    assert!(
        missing
            .to_string()
            .starts_with("no such folder/orders.csv cannot be read: "),
        "{missing}"
    );
    let missing = Mapping::from_file(nowhere).unwrap_err();
    assert!(matches!(missing, Error::Read { line: None, .. }));
}

#[test]
fn a_gzip_cut_late_names_the_line_it_was_cut_in() {
    let rows = (0..60_000_u64)
        .map(|row| {
            format!(
                "{row},c{},x,2019-03-01,{}\n",
                row.wrapping_mul(2_654_435_761) % 99_991,
                row % 977
            )
        })
        .collect::<Vec<_>>()
        .concat();
    let whole = gzip(format!("{HEADER}{rows}").as_bytes());
    let error = read(ORDERS, &whole[..whole.len() / 2]).unwrap_err();
    let Error::Read {
        line: Some(line), ..
    } = &error
    else {
        panic!("{error}")
    };
    assert!((10_000..50_000).contains(line), "{error}");
    let mut broken = whole.clone();
    let middle = broken.len() / 2;
    broken[middle..middle + 64].fill(0xff);
    assert!(matches!(
        read(ORDERS, &broken),
        Err(Error::Read {
            line: Some(2..),
            ..
        })
    ));
}

#[test]
fn an_endless_row_is_refused_before_it_fills_the_memory() {
    let endless = std::io::Read::chain(
        &b"order,who,place,ordered,paid\n1,\"ada"[..],
        std::io::repeat(b'x'),
    );
    let error = read_csv(
        endless,
        &mapping(ORDERS),
        ReadOptions::new().with_name("pipe"),
    )
    .unwrap_err();
    assert_eq!(
        error.to_string(),
        "pipe cannot be read at line 2: the row is longer than 16 MiB: a quote may be left open"
    );
}

#[test]
fn long_cells_wide_tables_and_many_labels_take_linear_time() {
    let start = std::time::Instant::now();
    let many = (0..100_000)
        .map(|row| format!("{row},c{row},label {row},2019-03-01,1\n"))
        .collect::<Vec<_>>()
        .concat();
    let reading = read(ORDERS, format!("{HEADER}{many}")).unwrap();
    assert_eq!(
        reading.log().segmentation("region").unwrap().labels().len(),
        100_000
    );

    let wide = 50_000;
    let spare = (0..wide)
        .map(|column| format!(",spare{column}"))
        .collect::<Vec<_>>()
        .concat();
    let table = format!(
        "order,who,place,ordered,paid{spare}\n1,a,b,2019-03-01,1{}\n2,a,b,2019-03-01,1\n",
        ",".repeat(wide)
    );
    let reading = read(ORDERS, table).unwrap();
    assert_eq!(
        bad(&reading),
        ["line 3, spare0: the row has 5 fields, but the header has 50005"]
    );
    let error = read(
        "customer = \"nobody\"\n[[fact]]\nkind = \"visit\"\nat = \"t\"",
        format!("who{spare}\n"),
    )
    .unwrap_err();
    assert!(
        error.to_string().ends_with("spare38 and 49961 more"),
        "{error}"
    );

    let long = "y".repeat(4_000_000);
    let reading = read(
        ORDERS,
        format!("{HEADER}1,ada,{long},2019-03-01,1\n2,ada,x,{long},1\n"),
    )
    .unwrap();
    assert_eq!(reading.bad_rows()[0].value().chars().count(), 101);
    // A generous limit: quadratic work on any of these takes minutes.
    assert!(start.elapsed().as_secs() < 30, "{:?}", start.elapsed());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn every_row_of_any_bytes_is_kept_or_reported(
        bytes in proptest::collection::vec(
            prop_oneof![Just(b','), Just(b'"'), Just(b'\n'), Just(b'\r'), Just(b'1'), Just(b'-'), any::<u8>()], 0..400),
        compressed in any::<bool>(),
    ) {
        let mut table = b"who,order,place,ordered,paid\na,0,x,2019-03-01,1\n".to_vec();
        table.extend_from_slice(&bytes);
        let table = if compressed { gzip(&table) } else { table };
        let reading = read(ORDERS, &table).unwrap();
        prop_assert_eq!(reading.rows_in(), reading.rows_kept() + reading.bad_rows().len() as u64);
        prop_assert!(reading.rows_kept() >= 1);
        prop_assert!(reading.bad_rows().iter().all(|row| row.line() >= 3));
        prop_assert!(reading.bad_rows().is_sorted_by_key(BadRow::line));
    }

    #[test]
    fn any_bytes_at_all_end_in_a_reading_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = read(ORDERS, &bytes);
        let mut pretending = vec![0x1f, 0x8b];
        pretending.extend_from_slice(&bytes);
        let _ = read(ORDERS, &pretending);
    }

    #[test]
    fn any_time_cell_is_read_or_reported(cell in "[0-9]{1,20}|[0-9]{4}-[0-9]{2}-[0-9]{2}([ T][0-9:.]{0,20}([+-][0-9:]{2,5})?)?|[^,\"\\n\\r]{0,30}") {
        let text = "zone = \"-03:00\"\ncustomer = \"who\"\n[format]\ntime = [\"%Y/%m/%d\", \"%s\", \"%d.%m.%Y\"]\n[[fact]]\nkind = \"visit\"\nat = \"t\"\n";
        let reading = read(text, format!("who,t\nada,2019-01-01\nbob,{cell}\n")).unwrap();
        prop_assert_eq!(reading.rows_in(), reading.rows_kept() + reading.bad_rows().len() as u64);
    }
}

#[test]
fn column_names_are_those_of_the_header_however_it_is_written() {
    let folder = std::env::temp_dir().join(format!("tillit-{}-column-names", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let names = |bytes: &[u8]| {
        let file = folder.join("table.csv");
        std::fs::write(&file, bytes).unwrap();
        tillit::read::csv_column_names(&file)
    };
    let expected = ["who", "when, roughly", "paid"];
    assert_eq!(
        names(b"who,\"when, roughly\", paid \n1,2,3\n").unwrap(),
        expected
    );
    assert_eq!(
        names("\u{feff}who;when, roughly;paid\n".as_bytes()).unwrap(),
        expected
    );
    assert_eq!(names(b"\nwho\twhen, roughly\tpaid\n").unwrap(), expected);
    assert!(matches!(names(b"\n\n"), Err(tillit::Error::Empty { .. })));
    assert!(matches!(
        names(&[0xff, 0xfe, b'a', 0]),
        Err(tillit::Error::Read { .. })
    ));
    let missing = tillit::read::csv_column_names(folder.join("no such file"));
    assert!(matches!(
        missing,
        Err(tillit::Error::Read { line: None, .. })
    ));
    std::fs::remove_dir_all(&folder).unwrap();
}
