//! The report as its readers get it: well-formed, self-contained, finite, inside its frame, and the same in Markdown.
#![cfg(feature = "report")]

use chrono::{Days, NaiveDate};
use proptest::prelude::*;
use tillit::measure::{Currency, Estimate, Interval, Probability};
use tillit::report::{
    AreaChart, Axis, Bar, BarChart, Cell, Chart, Column, Course, CourseChart, FittedLine, HeatMap,
    Histogram, IntervalChart, IntervalPoint, KeyFigure, Line, LineChart, Picture, RankedCase,
    RankedCases, Report, Section, Series, Table, Timeline, TimelineEntry, Tone, Unit, mask,
};

const NASTY: &str = "<script>alert(\"x\")</script> & 'quotes' | *bold* _so_ \\ `code`";

fn day(offset: u64) -> NaiveDate {
    NaiveDate::from_ymd_opt(2018, 1, 1).unwrap() + Days::new(offset)
}

fn euro() -> Unit {
    Unit::money(Currency::new("EUR").unwrap())
}

/// Walks through all tags: each end tag must close the last open one. Returns the names of the elements met.
fn elements_of(markup: &str) -> Vec<String> {
    let void = ["meta", "br", "hr"];
    let (mut open, mut met) = (Vec::new(), Vec::new());
    let mut rest = markup;
    while let Some(start) = rest.find('<') {
        assert!(
            !rest[..start].contains('>'),
            "stray > in {:?}",
            &rest[..start]
        );
        let end = start + rest[start..].find('>').expect("every tag is closed");
        let tag = &rest[start + 1..end];
        rest = &rest[end + 1..];
        assert_eq!(
            tag.matches('"').count() % 2,
            0,
            "unbalanced quotes in <{tag}>"
        );
        if tag.starts_with("!doctype") {
            continue;
        }
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(
                open.pop().as_deref(),
                Some(name),
                "</{name}> closes nothing"
            );
            continue;
        }
        let name = tag.split([' ', '/']).next().unwrap().to_owned();
        met.push(name.clone());
        if name == "style" {
            rest = &rest[rest.find("</style>").unwrap()..];
        }
        if !tag.ends_with('/') && !void.contains(&name.as_str()) {
            open.push(name);
        }
    }
    assert!(open.is_empty(), "left open: {open:?}");
    met
}

/// The values of an attribute, wherever it stands.
fn attributes<'a>(markup: &'a str, name: &str) -> Vec<&'a str> {
    let opening = format!(" {name}=\"");
    markup
        .match_indices(&opening)
        .map(|(at, _)| markup[at + opening.len()..].split('"').next().unwrap())
        .collect()
}

fn numbers<'a>(markup: &'a str, name: &'a str) -> impl Iterator<Item = f64> + 'a {
    attributes(markup, name).into_iter().map(move |text| {
        let number: f64 = text
            .parse()
            .unwrap_or_else(|_| panic!("{name}={text:?} is no number"));
        assert!(number.is_finite(), "{name}={text:?}");
        number
    })
}

/// Every mark of a picture lies inside its view box, and every number in it is finite.
fn assert_sound(picture: &Picture) {
    for svg in picture.to_svg("p") {
        elements_of(&svg);
        assert!(
            svg.contains("role=\"img\"") && svg.contains("<desc id=") && svg.contains("<title id=")
        );
        for word in ["NaN", "inf\"", "inf,", "inf "] {
            assert!(!svg.contains(word), "{word} in {svg}");
        }
        let view: Vec<f64> = attributes(&svg, "viewBox")[0]
            .split(' ')
            .map(|number| number.parse().unwrap())
            .collect();
        let (width, height) = (view[2], view[3]);
        assert!(width > 0.0 && height > 0.0);
        let marks = match svg.find("</defs>") {
            Some(at) => &svg[at..],
            None => &svg[..],
        };
        let inside = |x: f64, y: f64| {
            (-0.02..=width + 0.02).contains(&x) && (-0.02..=height + 0.02).contains(&y)
        };
        for (x, y) in [("x", "y"), ("x1", "y1"), ("x2", "y2"), ("cx", "cy")] {
            let ys: Vec<f64> = numbers(marks, y).collect();
            let xs: Vec<f64> = numbers(marks, x).collect();
            assert_eq!(xs.len(), ys.len());
            for (x, y) in xs.into_iter().zip(ys) {
                assert!(inside(x, y), "({x}, {y}) lies outside {width} × {height}");
            }
        }
        for rect in marks.split("<rect ").skip(1) {
            let one = |name: &str| numbers(rect, name).next().unwrap();
            let (x, y, w, h) = (one("x"), one("y"), one("width"), one("height"));
            assert!(w >= 0.0 && h >= 0.0 && inside(x + w, y + h));
        }
        for corners in attributes(marks, "points") {
            for corner in corners.split(' ') {
                let (x, y) = corner.split_once(',').unwrap();
                assert!(inside(x.parse().unwrap(), y.parse().unwrap()), "{corner}");
            }
        }
    }
}

fn all_charts() -> Vec<Chart> {
    let mut charts = most_charts();
    charts.extend(course_charts());
    charts
}

fn most_charts() -> Vec<Chart> {
    let score = Axis::new("Mean score", Unit::plain(2))
        .with_range(1.0, 5.0)
        .unwrap();
    let point = |x: f64, y: f64, n| {
        IntervalPoint::new(NASTY, x, y, n)
            .unwrap()
            .with_interval(y - 0.2, y + 0.2)
            .unwrap()
    };
    let points = vec![
        point(-11.0, 4.3, 10_079),
        point(0.0, 4.05, 357),
        point(4.0, 2.5, 382),
    ];
    let gap = Axis::new("Days after the promised day", Unit::days(0));
    vec![
        IntervalChart::over_numbers(gap, score.clone(), points.clone())
            .unwrap()
            .with_divide(0.0, "earlier", "later")
            .unwrap()
            .with_line(FittedLine::new(NASTY, 1.0, 30.0, 3.62, -0.243).unwrap())
            .into(),
        IntervalChart::over_categories(NASTY, score, points)
            .unwrap()
            .connected()
            .into(),
        AreaChart::new(
            Axis::new(NASTY, Unit::count()),
            vec![day(0), day(31), day(59)],
            vec![
                Series::of_counts(NASTY, &[1, 5, 9]).with_tone(Tone::Good),
                Series::of_counts("late", &[0, 1, 2]).with_tone(Tone::Caution),
                Series::of_counts("open", &[3, 2, 4]),
            ],
        )
        .unwrap()
        .into(),
        BarChart::new(
            NASTY,
            Axis::new("Value at stake", euro()),
            vec![
                Bar::new(NASTY.repeat(4), 4200.0).unwrap().with_note(NASTY),
                Bar::new("loss", -77.5)
                    .unwrap()
                    .with_interval(-100.0, 3.0)
                    .unwrap(),
            ],
        )
        .unwrap()
        .into(),
        RankedCases::new(
            euro(),
            vec![
                RankedCase::new(mask("7"), -5.0, 90.0, 12.0)
                    .unwrap()
                    .with_reason(NASTY),
            ],
        )
        .unwrap()
        .into(),
        Histogram::new(
            Axis::new("Days", Unit::days(0)),
            NASTY,
            vec![0.0, 1.0, 7.0],
            vec![3, 12],
        )
        .unwrap()
        .with_mark(2.5, NASTY)
        .unwrap()
        .into(),
        HeatMap::new(
            "Recency",
            vec![NASTY.into(), "b".into()],
            "Frequency",
            vec!["1".into(), NASTY.into()],
            Unit::count(),
            vec![vec![Some(3.0), None], vec![Some(-1.0), Some(2e6)]],
        )
        .unwrap()
        .into(),
        Timeline::new(vec![
            TimelineEntry::event(NASTY, day(3)),
            TimelineEntry::span("answer", day(0), day(119))
                .unwrap()
                .with_state(NASTY, Tone::Bad),
        ])
        .unwrap()
        .with_mark(day(42), NASTY)
        .into(),
    ]
}

fn course_charts() -> [Chart; 2] {
    [
        CourseChart::over_days(
            Axis::new("Purchases", Unit::count()),
            vec![day(0), day(7), day(14)],
            vec![
                Course::new("came", vec![0.0, 3.0, 9.0])
                    .unwrap()
                    .as_reference(),
                Course::new("expected", vec![0.0, 4.0, 8.9]).unwrap(),
                Course::new("naive", vec![0.0, 5.0, 9.1]).unwrap(),
            ],
        )
        .unwrap()
        .with_boundary(1, NASTY, "forecast")
        .into(),
        CourseChart::over_categories(
            NASTY,
            vec![NASTY.into(), "7 and more".into()],
            Axis::new(NASTY, Unit::plain(1)),
            vec![Course::new(NASTY, vec![-2.0, 1e6]).unwrap()],
        )
        .unwrap()
        .into(),
    ]
}

fn whole_report() -> Report {
    let mut section = Section::new(NASTY).with_paragraph(NASTY).with_key_figure(
        KeyFigure::new(NASTY, "6.81%")
            .with_tone(Tone::Bad)
            .with_help(NASTY),
    );
    for chart in all_charts() {
        section = section.with_picture(Picture::new(NASTY, NASTY, chart));
    }
    let table = Table::new(
        NASTY,
        vec![Column::text(NASTY), Column::number("Orders")],
        vec![
            vec![NASTY.into(), 27_540.into()],
            vec![Cell::Missing, Cell::Missing],
        ],
    )
    .unwrap()
    .with_other(vec!["others".into(), 3.into()])
    .unwrap()
    .with_total(vec!["all".into(), 27_543.into()])
    .unwrap();
    Report::new(NASTY)
        .with_subtitle(NASTY)
        .with_as_of("As of 31 Aug 2018")
        .with_headline(NASTY)
        .with_key_figure(KeyFigure::new("Mean score", "4.29"))
        .with_section(
            section
                .with_table(table.clone())
                .with_table(table.folded())
                .with_note(NASTY),
        )
        .with_section(Section::new("Empty").with_picture(Picture::without_data("Talk", NASTY)))
        .with_colophon(NASTY)
}

#[test]
fn the_page_is_well_formed_and_runs_no_script() {
    let html = whole_report().to_html();
    let elements = elements_of(&html);
    for name in [
        "script",
        "link",
        "img",
        "iframe",
        "object",
        "image",
        "use",
        "foreignObject",
    ] {
        assert!(
            !elements.iter().any(|element| element == name),
            "<{name}> in the page"
        );
    }
    assert_eq!(elements.iter().filter(|name| *name == "h1").count(), 1);
    let mut ids = attributes(&html, "id");
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), count, "an id stands twice");
    for target in attributes(&html, "href") {
        assert!(
            ids.binary_search(&&target[1..]).is_ok(),
            "{target} leads nowhere"
        );
    }
    for named in attributes(&html, "aria-labelledby") {
        assert!(named.split(' ').all(|id| ids.binary_search(&id).is_ok()));
    }
}

#[test]
fn the_page_loads_nothing_from_anywhere() {
    let html = whole_report().to_html();
    for load in [
        "http://",
        "https://",
        "src=",
        "@import",
        "//cdn",
        "data:image",
        "NaN",
    ] {
        assert!(!html.contains(load), "{load} in the page");
    }
    assert!(
        html.match_indices("url(")
            .all(|(at, _)| html[at..].starts_with("url(#"))
    );
}

#[test]
fn every_picture_has_a_title_a_description_and_its_numbers() {
    let charts = all_charts();
    let count = charts.len();
    for chart in charts {
        let picture = Picture::new("Seen", "Said", chart);
        assert!(!picture.table().unwrap().rows().is_empty());
        assert_sound(&picture);
    }
    let html = whole_report().to_html();
    assert_eq!(
        html.matches("<summary>The numbers</summary>").count(),
        count
    );
    assert_eq!(html.matches("<svg ").count(), 2 * (count + 1));
    assert_eq!(html.matches("<desc ").count(), 2 * (count + 1));
}

#[test]
fn text_is_escaped_everywhere() {
    let html = whole_report().to_html();
    assert!(!html.contains("<script") && !html.contains("alert(\""));
    assert!(html.contains("&lt;script&gt;alert(&quot;x&quot;)"));
}

#[test]
fn the_same_report_gives_the_same_bytes() {
    assert_eq!(whole_report().to_html(), whole_report().to_html());
    assert_eq!(whole_report().to_markdown(), whole_report().to_markdown());
}

#[test]
fn markdown_holds_the_same_numbers_in_tables_of_even_rows() {
    let markdown = whole_report().to_markdown();
    assert!(markdown.contains("| Mean score | 4.29 |"));
    assert!(markdown.contains("27,540") && markdown.contains("10,079"));
    assert!(markdown.contains("| others | 3 |") && markdown.contains("| **all** | **27,543** |"));
    let bars = |line: &str| line.replace("\\|", "").matches('|').count();
    let mut before: Option<usize> = None;
    let mut tables = 0;
    for line in markdown.lines() {
        if line.starts_with('|') {
            let count = bars(line);
            tables += usize::from(before.is_none());
            assert_eq!(*before.get_or_insert(count), count, "uneven row {line:?}");
        } else {
            before = None;
        }
    }
    // Two blocks of key figures, the pictures with data, the table twice.
    assert_eq!(tables, 2 + all_charts().len() + 2);
}

#[test]
fn key_figures_say_their_doubt() {
    let level = Probability::new(0.95).unwrap();
    let interval = Interval::new(0.0651, 0.0712, level, "Wilson").unwrap();
    let late = Estimate::new(0.068_077, 26_764).with_interval(interval);
    let figure = KeyFigure::of("Late", &late, Unit::percent(2));
    assert_eq!(figure.value(), "6.81%");
    assert_eq!(figure.doubt(), "95% interval 6.51 to 7.12%, from 26,764");
}

#[test]
fn what_cannot_be_drawn_is_refused() {
    let axis = || Axis::new("y", Unit::plain(1));
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e300] {
        assert!(IntervalPoint::new("a", bad, 0.0, 1).is_err());
        assert!(IntervalPoint::new("a", 0.0, bad, 1).is_err());
        assert!(Bar::new("a", bad).is_err());
        assert!(Bar::new("a", 0.0).unwrap().with_interval(bad, 1.0).is_err());
        assert!(Series::new("a", vec![bad]).is_err());
        assert!(FittedLine::new("a", 0.0, 1.0, 0.0, bad).is_err());
        assert!(RankedCase::new("a", 0.0, bad, 0.0).is_err());
        assert!(Line::new("a", vec![(0.0, bad)]).is_err());
        assert!(Line::new("a", vec![(bad, 0.0)]).is_err());
        let line = || Line::new("a", vec![(0.0, 0.0)]).unwrap();
        assert!(line().with_band(vec![(bad, 1.0)]).is_err());
        let chart = LineChart::new(axis(), axis(), vec![line()]).unwrap();
        assert!(chart.with_mark(bad, "a").is_err());
        assert!(axis().with_range(0.0, bad).is_err());
        assert!(Histogram::new(axis(), "n", vec![0.0, bad], vec![1]).is_err());
    }
    assert!(Series::new("a", vec![-1.0]).is_err());
    assert!(RankedCase::new("a", 0.0, 0.0, -1.0).is_err());
    assert!(BarChart::new("a", axis(), vec![]).is_err());
    assert!(IntervalChart::over_numbers(axis(), axis(), vec![]).is_err());
    assert!(LineChart::new(axis(), axis(), vec![]).is_err());
    assert!(Line::new("a", vec![]).is_err());
    assert!(Line::new("a", vec![(1.0, 0.0), (0.0, 0.0)]).is_err());
    let line = || Line::new("a", vec![(0.0, 0.0)]).unwrap();
    assert!(line().with_band(vec![]).is_err());
    assert!(line().with_band(vec![(1.0, 0.0)]).is_err());
    assert!(Timeline::new(vec![]).is_err());
    assert!(TimelineEntry::span("a", day(2), day(1)).is_err());
    assert!(Histogram::new(axis(), "n", vec![0.0, 1.0], vec![1, 2]).is_err());
    assert!(Histogram::new(axis(), "n", vec![1.0, 0.0], vec![1]).is_err());
    let series = || Series::of_counts("a", &[1, 2]);
    assert!(AreaChart::new(axis(), vec![day(0)], vec![series()]).is_err());
    assert!(AreaChart::new(axis(), vec![day(1), day(1)], vec![series()]).is_err());
    assert!(AreaChart::new(axis(), vec![], vec![]).is_err());
    assert!(Course::new("a", vec![f64::NAN]).is_err());
    let course = || Course::new("a", vec![1.0, 2.0]).unwrap();
    assert!(CourseChart::over_days(axis(), vec![day(0)], vec![course()]).is_err());
    assert!(CourseChart::over_days(axis(), vec![day(1), day(1)], vec![course()]).is_err());
    assert!(CourseChart::over_days(axis(), vec![], vec![]).is_err());
    assert!(CourseChart::over_categories("x", vec![], axis(), vec![]).is_err());
    assert!(Table::new("t", vec![Column::text("a")], vec![vec![]]).is_err());
    assert!(Table::new("t", vec![], vec![]).is_err());
}

#[test]
fn one_point_and_equal_values_can_be_drawn() {
    let axis = || Axis::new("y", Unit::percent(1));
    for value in [0.0, 1.0, -3.0, 1e15, -1e15, 1e-15] {
        let point = IntervalPoint::new("only", value, value, 0).unwrap();
        for points in [vec![point.clone()], vec![point.clone(), point]] {
            let chart = IntervalChart::over_numbers(axis(), axis(), points.clone()).unwrap();
            assert_sound(&Picture::new("t", "d", chart));
            let chart = IntervalChart::over_categories("x", axis(), points).unwrap();
            assert_sound(&Picture::new("t", "d", chart));
        }
        let bars = vec![Bar::new("only", value).unwrap()];
        assert_sound(&Picture::new(
            "t",
            "d",
            BarChart::new("x", axis(), bars).unwrap(),
        ));
    }
    let still = Series::of_counts("none", &[0]);
    let chart = AreaChart::new(axis(), vec![day(0)], vec![still]).unwrap();
    assert_sound(&Picture::new("t", "d", chart));
    assert_sound(&Picture::without_data("t", "nobody came"));
}

fn drawable() -> impl Strategy<Value = f64> {
    prop_oneof![
        -1e3..1e3_f64,
        -1e14..1e14_f64,
        Just(0.0),
        -1e-9..1e-9_f64,
        (-1e3..1e3_f64).prop_map(f64::round),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn points_bars_and_cases_stay_inside_their_pictures(
        rows in prop::collection::vec(
            (drawable(), drawable(), drawable(), 0_usize..100_000, ".{0,60}"), 1..25),
        slope in -1e6..1e6_f64,
    ) {
        let mut points = Vec::new();
        let mut bars = Vec::new();
        let mut cases = Vec::new();
        for (x, y, other, n, name) in &rows {
            let (low, high) = (y.min(*other), y.max(*other));
            points.push(IntervalPoint::new(name, *x, *y, *n)?.with_interval(low, high)?);
            bars.push(Bar::new(name, *y)?.with_interval(low, high)?.with_note(name));
            cases.push(RankedCase::new(name, *x, *y, other.abs())?.with_reason(name));
        }
        let line = FittedLine::new("fit", -10.0, 10.0, rows[0].1, slope)?;
        let axis = || Axis::new("y", Unit::days(1));
        let charts: [Chart; 4] = [
            IntervalChart::over_numbers(axis(), axis(), points.clone())?
                .with_line(line)
                .with_divide(rows[0].0, "before", "after it")?
                .into(),
            IntervalChart::over_categories("x", axis(), points)?.connected().into(),
            BarChart::new("x", axis(), bars)?.into(),
            RankedCases::new(euro(), cases)?.into(),
        ];
        for chart in charts {
            assert_sound(&Picture::new("t", "d", chart));
        }
    }

    #[test]
    fn areas_sum_to_their_whole_and_stay_inside(
        columns in prop::collection::vec((1_u64..200, 0_usize..5000, 0_usize..50, 0_usize..900), 1..30),
    ) {
        let mut at = 0;
        let days: Vec<NaiveDate> = columns.iter().map(|c| { at += c.0; day(at) }).collect();
        let part = |pick: fn(&(u64, usize, usize, usize)) -> usize| -> Vec<usize> {
            columns.iter().map(pick).collect()
        };
        let chart = AreaChart::new(Axis::new("n", Unit::count()), days, vec![
            Series::of_counts("a", &part(|c| c.1)),
            Series::of_counts("b", &part(|c| c.2)),
            Series::of_counts("c", &part(|c| c.3)),
        ])?;
        let whole: Vec<f64> = columns.iter().map(|c| (c.1 + c.2 + c.3) as f64).collect();
        prop_assert_eq!(chart.totals(), whole);
        assert_sound(&Picture::new("t", "d", chart));
    }

    #[test]
    fn lines_with_bands_stay_inside(
        rows in prop::collection::vec(
            (drawable(), drawable(), drawable(), drawable(), ".{0,60}"), 1..25),
        mark in drawable(),
    ) {
        let mut rows = rows;
        rows.sort_by(|a, b| a.0.total_cmp(&b.0));
        let corners = |pick: fn(&(f64, f64, f64, f64, String)) -> f64| -> Vec<(f64, f64)> {
            rows.iter().map(|row| (row.0, pick(row))).collect()
        };
        let band = rows.iter().map(|row| (row.1.min(row.2), row.1.max(row.2))).collect();
        let chart = LineChart::new(Axis::new("x", Unit::count()), Axis::new("y", Unit::days(1)), vec![
            Line::new(&rows[0].4, corners(|row| row.1))?.with_band(band)?.main(),
            Line::new("limit", corners(|row| row.3))?.limit(),
            Line::new("other", corners(|row| row.2))?,
        ])?
        .with_mark(mark, &rows[0].4)?
        .with_mark(rows[0].0, "a mark")?;
        assert_sound(&Picture::new("t", "d", chart));
    }

    #[test]
    fn histograms_heat_maps_and_timelines_stay_inside(
        classes in prop::collection::vec((1e-3..1e4_f64, 0_usize..100_000), 1..40),
        cells in prop::collection::vec(prop::option::of(drawable()), 12),
        spans in prop::collection::vec((0_u64..900, 0_u64..900, ".{0,50}"), 1..12),
        mark in drawable(),
    ) {
        let mut edges = vec![mark.clamp(-1e6, 1e6)];
        for (width, _) in &classes {
            edges.push(edges[edges.len() - 1] + width);
        }
        let counts = classes.iter().map(|class| class.1).collect();
        let days = Axis::new("days", Unit::days(0));
        let histogram = Histogram::new(days, "n", edges, counts)?.with_mark(mark, "mark")?;
        assert_sound(&Picture::new("t", "d", histogram));

        let names = |n: usize| (0..n).map(|i| format!("class {i}")).collect::<Vec<_>>();
        let cells = cells.chunks(4).map(<[_]>::to_vec).collect();
        let heat = HeatMap::new("r", names(3), "c", names(4), Unit::percent(1), cells)?;
        assert_sound(&Picture::new("t", "d", heat));

        let mut entries = Vec::new();
        for (from, length, name) in &spans {
            entries.push(TimelineEntry::event(name, day(*from)).with_state(name, Tone::Caution));
            let span = TimelineEntry::span(name, day(*from), day(from + length))?;
            entries.push(span.with_state(name, Tone::Bad));
        }
        let timeline = Timeline::new(entries)?.with_mark(day(450), "due");
        assert_sound(&Picture::new("t", "d", timeline));
    }
}
