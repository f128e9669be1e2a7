//! What do detractors cost? The answer in money, how far chance may move it, and which assumption matters most.
//!
//! ```text
//! cargo run --example what_detractors_cost
//! cargo run --example what_detractors_cost -- customers.csv --currency SEK --hearer 30000 --lost 0.05 --saving 20000
//! ```
//!
//! Without a file: the refused warranty repair, one customer against one lost reader. The table needs the columns
//! `sentiment` (detractor, recovered, passive, promoter) and `lifetime_value` (major units), and may have
//! `connectedness` (1 is ordinary; empty counts as 1). The page goes to `target/tillit/what_detractors_cost.html`.
//!
//! | option | default | meaning |
//! | --- | --- | --- |
//! | `--currency` | EUR | of all amounts |
//! | `--hearer` | 3000 | what a hearer is worth |
//! | `--lost` | 0.05 | a hearer of a detractor is lost with this probability |
//! | `--won` | 0.02 | a hearer of a recovered customer or a promoter is won |
//! | `--retells` | 0.05 | a hearer tells others, as many as he was among, once more |
//! | `--leaves` | 0.6 | a detractor leaves himself |
//! | `--saving` | 2000 | what refusing one detractor saves |
//!
//! All defaults are conventions of this example; how many a customer tells is the library's (9–15 and 4–6).

use std::error::Error;
use std::io::{self, Write as _};
use std::path::Path;
use std::process::ExitCode;
use std::{env, fs};

use tillit::measure::{Currency, ExpectedMoney, Probability};
use tillit::report::{
    Axis, Bar, BarChart, Cell, Column, Histogram, KeyFigure, Picture, Report, Section, Table, Tone,
    Unit,
};
use tillit::word_of_mouth::{
    Audience, BreakEven, DetractorImpact, Generations, LawMethod, LossLaw, PortfolioLaw, Reach,
    Sway, Talk, Teller,
};

const OPTIONS: [&str; 7] = [
    "currency", "hearer", "lost", "won", "retells", "leaves", "saving",
];

/// Prints a line. Who reads it may stop early (`what_detractors_cost | head`): the page is written all the same.
macro_rules! say {
    ($($words:tt)*) => {
        writeln!(io::stdout(), $($words)*).ok()
    };
}

type Outcome<T> = Result<T, Box<dyn Error>>;

/// The highest connectedness whose law the library gives.
const WIDEST: f64 = 1e6;
/// More than any customer, hearer or repair is worth: beyond this somebody's finger slipped.
const MOST_MONEY: f64 = 1e12;
/// Bad rows that are told one by one.
const MOST_NAMED: usize = 20;

#[derive(Clone, Debug)]
struct Assumptions {
    currency: Currency,
    hearer: f64,
    lost: f64,
    won: f64,
    retells: f64,
    leaves: f64,
    saving: f64,
    reach: Reach,
}

impl Assumptions {
    fn talk(&self) -> tillit::Result<Talk> {
        let won = Sway::winning(Probability::new(self.won)?);
        let lost = Sway::losing(Probability::new(self.lost)?);
        let hearer = ExpectedMoney::new(self.hearer, self.currency)?;
        Ok(Talk::new(hearer, lost, won, won)?
            .with_reach(Teller::Detractor, self.reach.clone())
            .with_own_loss(Teller::Detractor, Probability::new(self.leaves)?)
            .with_retelling(
                Probability::new(self.retells)?,
                Probability::ONE,
                Generations::finite(2)?,
            ))
    }
}

struct Customers {
    tellers: Vec<u8>,
    lifetime_values: Vec<f64>,
    connectedness: Vec<f64>,
}

impl Customers {
    /// The customer of the warranty story; what he is worth is this example's figure, not the story's.
    fn of_the_story() -> Self {
        Self {
            tellers: vec![Teller::Detractor.code()],
            lifetime_values: vec![6_000.0],
            connectedness: vec![1.0],
        }
    }

    fn read(file: &str) -> Outcome<Self> {
        let unreadable = |error: csv::Error| format!("{file} cannot be read: {error}");
        let mut table = csv::ReaderBuilder::new()
            .flexible(true)
            .from_path(file)
            .map_err(unreadable)?;
        let heads: Vec<String> = table
            .headers()
            .map_err(unreadable)?
            .iter()
            // Some programs put a mark of byte order in front of a table.
            .map(|head| head.trim_start_matches('\u{feff}').trim().to_owned())
            .collect();
        if heads.iter().all(String::is_empty) {
            return Err(format!(
                "{file} is empty: its first line must name the columns sentiment and lifetime_value"
            )
            .into());
        }
        let place = |name: &str| heads.iter().position(|head| head == name);
        let needed = |name: &str| {
            let there = heads.join(", ");
            place(name).ok_or(format!(
                "{file} has no column {name}; its first line names: {there}"
            ))
        };
        let (sentiment, value) = (needed("sentiment")?, needed("lifetime_value")?);
        let connected = place("connectedness");
        let mut all = Self {
            tellers: Vec::new(),
            lifetime_values: Vec::new(),
            connectedness: Vec::new(),
        };
        let mut bad = Vec::new();
        for row in table.records() {
            let row = row.map_err(unreadable)?;
            let line = row.position().map_or(0, csv::Position::line);
            match Self::customer(&row, heads.len(), [Some(sentiment), Some(value), connected]) {
                Ok((teller, amount, weight)) => {
                    all.tellers.push(teller.code());
                    all.lifetime_values.push(amount);
                    all.connectedness.push(weight);
                }
                Err(reason) => bad.push(format!("line {line}: {reason}")),
            }
        }
        if bad.is_empty() && all.tellers.is_empty() {
            Err(format!("{file} has no customers below its first line").into())
        } else if bad.is_empty() {
            Ok(all)
        } else {
            let all = bad.len();
            if all > MOST_NAMED {
                bad.truncate(MOST_NAMED);
                bad.push(format!("\u{2026} and {} more", all - MOST_NAMED));
            }
            let words = format!("{all} bad rows in {file}\n{}", bad.join("\n"));
            Err(words.into())
        }
    }

    /// Class, lifetime value and connectedness of a row, or what is wrong with it.
    fn customer(
        row: &csv::StringRecord,
        width: usize,
        [sentiment, value, connected]: [Option<usize>; 3],
    ) -> Result<(Teller, f64, f64), String> {
        if row.len() != width {
            return Err(format!(
                "{} fields, but the first line has {width}",
                row.len()
            ));
        }
        let field = |place: Option<usize>| {
            place
                .and_then(|place| row.get(place))
                .unwrap_or_default()
                .trim()
        };
        let teller = match field(sentiment).to_ascii_lowercase().as_str() {
            "detractor" => Teller::Detractor,
            "recovered" | "recovered detractor" => Teller::RecoveredDetractor,
            "passive" => Teller::Passive,
            "promoter" => Teller::Promoter,
            other => {
                return Err(format!(
                    "sentiment {other:?} is none of detractor, recovered, passive, promoter"
                ));
            }
        };
        let number = |name: &str, text: &str, range: std::ops::RangeInclusive<f64>| {
            let found = text.parse().ok().filter(|number| range.contains(number));
            let refused = || {
                let (low, high) = (range.start(), range.end());
                format!("{name} {text:?} is no number from {low:e} to {high:e}")
            };
            found.ok_or_else(refused)
        };
        let amount = number("lifetime_value", field(value), -MOST_MONEY..=MOST_MONEY)?;
        let weight = match field(connected) {
            "" => 1.0,
            text => number("connectedness", text, 0.0..=WIDEST)?,
        };
        Ok((teller, amount, weight))
    }

    fn audience(&self, currency: Currency) -> tillit::Result<Audience<'_>> {
        Audience::new(
            currency,
            &self.tellers,
            &self.lifetime_values,
            &self.connectedness,
        )
    }
}

/// One assumption, moved to either end of what one may believe.
struct Swing {
    name: &'static str,
    words: [String; 2],
    impact: [f64; 2],
}

fn swings(base: &Assumptions, customers: &Customers) -> Outcome<Vec<Swing>> {
    let percent = |share: f64| Unit::percent(0).write(share);
    let money = |amount: f64| Unit::whole_money(base.currency).write(amount);
    let mut swings = Vec::new();
    let mut add = |name, words: [String; 2], ends: [Assumptions; 2]| -> Outcome<()> {
        let mut impact = [0.0; 2];
        for (impact, end) in impact.iter_mut().zip(&ends) {
            let audience = customers.audience(end.currency)?;
            *impact = audience.total(&end.talk()?)?.amount();
        }
        swings.push(Swing {
            name,
            words,
            impact,
        });
        Ok(())
    };
    let moved = |change: &dyn Fn(&mut Assumptions, f64), ends: [f64; 2]| {
        ends.map(|end| {
            let mut changed = base.clone();
            change(&mut changed, end);
            changed
        })
    };
    let around = |share: f64| [0.2 * share, (2.0 * share).min(1.0)];
    let ends = around(base.lost);
    add(
        "a hearer is lost",
        ends.map(percent),
        moved(&|it, end| it.lost = end, ends),
    )?;
    let ends = [0.5 * base.hearer, 1.5 * base.hearer];
    add(
        "value of a hearer",
        ends.map(money),
        moved(&|it, end| it.hearer = end, ends),
    )?;
    let ends = [0.0, (2.0 * base.retells).min(1.0)];
    add(
        "a hearer tells others",
        ends.map(percent),
        moved(&|it, end| it.retells = end, ends),
    )?;
    let ends = [0.5 * base.leaves, 0.5 * (1.0 + base.leaves)];
    add(
        "the detractor leaves",
        ends.map(percent),
        moved(&|it, end| it.leaves = end, ends),
    )?;
    let told = [9, 15].map(|persons| Assumptions {
        reach: Reach::exactly(persons),
        ..base.clone()
    });
    add("persons a detractor tells", ["9".into(), "15".into()], told)?;
    let spread = around(base.won);
    let gainers = [Teller::RecoveredDetractor.code(), Teller::Promoter.code()];
    if customers.tellers.iter().any(|code| gainers.contains(code)) {
        add(
            "a hearer is won",
            spread.map(percent),
            moved(&|it, end| it.won = end, spread),
        )?;
    }
    let size = |swing: &Swing| (swing.impact[1] - swing.impact[0]).abs();
    swings.sort_by(|a, b| size(b).total_cmp(&size(a)));
    Ok(swings)
}

fn tornado(swings: &[Swing], base: f64, currency: Currency) -> Outcome<Picture> {
    let mut bars = Vec::new();
    for swing in swings {
        for (words, impact) in swing.words.iter().zip(swing.impact) {
            let change = impact - base;
            let tone = if change > 0.0 { Tone::Bad } else { Tone::Good };
            bars.push(Bar::new(format!("{}: {words}", swing.name), change)?.with_tone(tone));
        }
    }
    let axis = Axis::new("Change of the expected loss", Unit::whole_money(currency));
    let first = &swings[0];
    Ok(Picture::new(
        "Which assumption matters most",
        format!(
            "Each assumption alone moved to a low and a high value, the others held. The widest is \u{201c}{}\u{201d}, from {} to {}.",
            first.name, first.words[0], first.words[1]
        ),
        BarChart::new("Assumption", axis, bars)?,
    ))
}

/// The law in at most some forty classes of whole steps, as so many of 10,000 cases.
fn distribution(law: &LossLaw, step: f64, at_risk: f64) -> Outcome<Picture> {
    let level = |share| Probability::new(share);
    let low = law.value_at_risk(level(0.000_1)?)?.amount();
    let high = law.value_at_risk(level(0.999_9)?)?.amount();
    let width = step * ((high - low) / step / 40.0).ceil().max(1.0);
    let classes = ((high - low) / width).floor() + 1.0;
    let mut edges = vec![low - 0.5 * step];
    let mut counts = Vec::new();
    let mut place = 1.0;
    while place <= classes {
        let (from, to) = (edges[edges.len() - 1], low - 0.5 * step + place * width);
        let reach = |loss| ExpectedMoney::new(loss, law.currency()).map(|loss| law.at_least(loss));
        let share = reach(from)?.value() - reach(to)?.value();
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        counts.push((10_000.0 * share).round().max(0.0) as usize);
        edges.push(to);
        place += 1.0;
    }
    let unit = Unit::whole_money(law.currency());
    let mean = law.mean()?.amount();
    let chart = Histogram::new(
        Axis::new("Cost of the talk", unit),
        "Of 10,000 cases",
        edges,
        counts,
    )?
    .with_mark(mean, "mean")?
    .with_mark(at_risk, "value at risk, 95%")?;
    Ok(Picture::new(
        "What the talk may cost",
        format!(
            "On average {}; {} is exceeded in at most one case of twenty.",
            unit.write(mean),
            unit.write(at_risk)
        ),
        chart,
    ))
}

/// Everything the page and the screen show.
struct Answer {
    it: Assumptions,
    impact: DetractorImpact,
    laws: PortfolioLaw,
    swings: Vec<Swing>,
    at_risk: f64,
    shortfall: f64,
    interval: String,
    /// One ordinary detractor: lost hearers that make refusing him a loss, and the probability of that.
    refusal: (u64, f64),
    /// One ordinary detractor: probability that at least one hearer is lost.
    one_lost: f64,
    break_even: Option<Probability>,
    even_chance: Option<Probability>,
}

impl Answer {
    fn of(it: Assumptions, customers: &Customers) -> Outcome<Self> {
        let talk = it.talk()?;
        let audience = customers.audience(it.currency)?;
        let laws = PortfolioLaw::of_audience(&talk, &audience)?;
        let level = Probability::new(0.95)?;
        let law = laws.word_of_mouth();
        let estimate = law.estimate(level)?;
        let range = estimate.interval().ok_or("an interval was asked for")?;
        let saving = ExpectedMoney::new(it.saving, it.currency)?;
        let refusal = BreakEven::of(&talk, Teller::Detractor, saving)?;
        Ok(Self {
            impact: audience.impact(&talk)?,
            at_risk: law.value_at_risk(level)?.amount(),
            shortfall: law.expected_shortfall(level)?.amount(),
            interval: Unit::whole_money(it.currency).write_interval(range.low(), range.high()),
            refusal: (refusal.hearers(), refusal.refusing_costs_more()?.value()),
            one_lost: refusal.at_least_one_lost()?.value(),
            break_even: refusal.loss_probability(),
            even_chance: refusal.loss_probability_for(Probability::new(0.5)?)?,
            swings: swings(&it, customers)?,
            laws,
            it,
        })
    }

    fn money(&self, amount: f64) -> String {
        Unit::whole_money(self.it.currency).write(amount)
    }

    fn headline(&self) -> String {
        format!(
            "With probability {} a detractor's talk costs at least the {} that refusing him saves.",
            share(self.refusal.1),
            self.money(self.it.saving),
        )
    }

    fn print(&self) -> Outcome<()> {
        let lost = self.laws.lost();
        let word = self.impact.word_of_mouth()?.amount();
        say!("{}\n\n{}\n", self.headline(), self.impact);
        let rows = [
            ("cost of the talk", self.money(word)),
            ("  in 95 of 100 cases", self.interval.clone()),
            ("  value at risk, 95%", self.money(self.at_risk)),
            ("  expected shortfall, 95%", self.money(self.shortfall)),
            ("hearers lost on average", format!("{:.2}", lost.mean())),
            ("at least one lost", share(lost.at_least_one().value())),
            (
                "one ordinary detractor, refused to save",
                self.money(self.it.saving),
            ),
            (
                "  lost hearers that make it a loss",
                self.refusal.0.to_string(),
            ),
            ("  probability of that", share(self.refusal.1)),
            (
                "  break-even probability per hearer",
                chance(self.break_even),
            ),
            ("  for an even chance of one lost", chance(self.even_chance)),
        ];
        for (label, value) in rows {
            say!("{label:42}{value}");
        }
        let total = self.impact.total()?.amount();
        say!("\nwhich assumption moves the {} most", self.money(total));
        for swing in &self.swings {
            let [low, high] = swing.impact.map(|impact| self.money(impact));
            let words = swing.words.join(" to ");
            say!("  {:26}{words:26}{low} to {high}", swing.name);
        }
        Ok(())
    }

    fn by_class(&self) -> Outcome<Table> {
        let money = Unit::whole_money(self.it.currency);
        let rows = Teller::ALL
            .into_iter()
            .map(|teller| (teller, self.impact.of(teller)))
            .filter(|(_, class)| class.customers() > 0)
            .map(|(teller, class)| {
                vec![
                    teller.to_string().into(),
                    Cell::Number(class.customers() as f64, Unit::count()),
                    Cell::Number(class.word_of_mouth(), money),
                    Cell::Number(class.own_loss(), money),
                    Cell::Number(class.impact(), money),
                ]
            })
            .collect();
        let columns = ["Customers", "By talk", "By leaving", "Together"].map(Column::number);
        let columns = std::iter::once(Column::text("Class"))
            .chain(columns)
            .collect();
        Ok(Table::new(
            "Expected loss; gains are negative",
            columns,
            rows,
        )?)
    }

    fn report(&self, subtitle: &str) -> Outcome<Report> {
        let (it, lost, law) = (&self.it, self.laws.lost(), self.laws.word_of_mouth());
        let word = self.impact.word_of_mouth()?.amount();
        let own = self.impact.own_loss()?.amount();
        let exact = match law.method() {
            LawMethod::GeneratingFunction => {
                "The law is exact, from its generating function".to_owned()
            }
            _ => format!(
                "The law is approximate (Cornish–Fisher), its probabilities err by at most {}",
                share(law.error_bound())
            ),
        };
        let tone = if word > 0.0 { Tone::Bad } else { Tone::Good };
        let enough = if self.refusal.0 == 1 {
            "one of those who hear of it turns away".to_owned()
        } else {
            format!("{} of those who hear of it turn away", self.refusal.0)
        };
        let refusing = Section::new("When refusing is a loss")
            .with_paragraph(format!(
                "Refusing one detractor saves {}. It is enough that {enough}, each worth {}.",
                self.money(it.saving),
                self.money(it.hearer)
            ))
            .with_key_figure(
                KeyFigure::new("Refusing costs more than it saves", share(self.refusal.1))
                    .with_doubt("probability, talk alone"),
            )
            .with_key_figure(
                KeyFigure::new("Break-even probability", chance(self.break_even)).with_help(
                    "If each hearer is lost with this probability, refusing and helping cost the same on average.",
                ),
            )
            .with_key_figure(
                KeyFigure::new("For an even chance", chance(self.even_chance)).with_help(format!(
                    "If each hearer is lost with this probability, at least one is with 50%. We assume {}, which makes it {}.",
                    share(it.lost),
                    share(self.one_lost)
                )),
            );
        let total = self.impact.total()?.amount();
        Ok(Report::new("What detractors cost")
            .with_subtitle(subtitle)
            .with_headline(self.headline())
            .with_key_figure(
                KeyFigure::new("Cost of the talk", self.money(word))
                    .with_doubt(format!("{} in 95 of 100 cases", self.interval))
                    .with_help("Chance alone; the assumptions are moved below.")
                    .with_tone(tone),
            )
            .with_key_figure(
                KeyFigure::new("Value at risk, 95%", self.money(self.at_risk))
                    .with_doubt(format!("the worst 5% of cases: {} on average", self.money(self.shortfall))),
            )
            .with_key_figure(
                KeyFigure::new("At least one hearer lost", share(lost.at_least_one().value()))
                    .with_doubt(format!("{:.2} lost on average", lost.mean())),
            )
            .with_key_figure(
                KeyFigure::new("Customers' own leaving", self.money(own)).with_doubt("expected, besides the talk"),
            )
            .with_section(refusing)
            .with_section(
                Section::new("What chance may do")
                    .with_picture(distribution(law, it.hearer, self.at_risk)?)
                    .with_note(format!(
                        "{exact}. Hearers decide independently of each other and each is another person: in a small market the talk overlaps and costs less."
                    )),
            )
            .with_section(
                Section::new("What we assume may do more")
                    .with_picture(tornado(&self.swings, total, it.currency)?)
                    .with_note(
                        "No literature gives the probability that a hearer is lost: measure it, or read the break-even probability above.",
                    ),
            )
            .with_section(Section::new("Who costs what").with_table(self.by_class()?))
            .with_colophon(
                "9–15 persons told by the dissatisfied and 4–6 by the satisfied are conventions (TARP); Anderson (1998) finds such figures exaggerated.",
            ))
    }
}

fn share(value: f64) -> String {
    Unit::percent(1).write(value)
}

fn chance(value: Option<Probability>) -> String {
    value.map_or("never".into(), |value| share(value.value()))
}

/// The file, if one was named, and the assumptions.
fn arguments() -> Outcome<(Option<String>, Assumptions)> {
    let mut it = Assumptions {
        currency: Currency::new("EUR")?,
        hearer: 3_000.0,
        lost: 0.05,
        won: 0.02,
        retells: 0.05,
        leaves: 0.6,
        saving: 2_000.0,
        reach: Reach::DISSATISFIED,
    };
    let mut file = None;
    let mut arguments = env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let Some(option) = argument.strip_prefix('-') else {
            if let Some(first) = &file {
                return Err(format!("one file is enough: {first} or {argument}").into());
            }
            file = Some(argument);
            continue;
        };
        let option = option.strip_prefix('-').unwrap_or_default();
        if !OPTIONS.contains(&option) {
            let known = OPTIONS.join(", --");
            return Err(format!("there is no option {argument}; there are --{known}").into());
        }
        let value = arguments
            .next()
            .ok_or(format!("--{option} needs a value"))?;
        let number = |range: std::ops::RangeInclusive<f64>| {
            let found = value
                .parse::<f64>()
                .ok()
                .filter(|number| range.contains(number));
            let (low, high) = (range.start(), range.end());
            found.ok_or(format!(
                "--{option} takes a number from {low} to {high}, not {value:?}"
            ))
        };
        match option {
            "currency" => {
                it.currency =
                    Currency::new(&value).map_err(|error| format!("--currency: {error}"))?;
            }
            // What a lost hearer brings must be something, or no loss of one makes refusing a loss.
            "hearer" => it.hearer = number(0.01..=MOST_MONEY)?,
            "lost" => it.lost = number(0.0..=1.0)?,
            "won" => it.won = number(0.0..=1.0)?,
            "retells" => it.retells = number(0.0..=1.0)?,
            "leaves" => it.leaves = number(0.0..=1.0)?,
            _ => it.saving = number(0.0..=MOST_MONEY)?,
        }
    }
    Ok((file, it))
}

fn run() -> Outcome<()> {
    let (file, it) = arguments()?;
    let customers = match &file {
        Some(file) => Customers::read(file)?,
        None => Customers::of_the_story(),
    };
    let answer = Answer::of(it, &customers)?;
    answer.print()?;
    let subtitle = match &file {
        Some(file) => Path::new(file)
            .file_name()
            .unwrap_or_default()
            .to_string_lossy(),
        None => "A refused warranty repair against one lost reader".into(),
    };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/tillit");
    fs::create_dir_all(&folder)?;
    fs::write(
        folder.join("what_detractors_cost.html"),
        answer.report(&subtitle)?.to_html(),
    )?;
    say!("\nwritten: target/tillit/what_detractors_cost.html");
    Ok(())
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
