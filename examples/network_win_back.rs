//! Whom to win back first, when customers listen to each other?
//!
//! ```text
//! cargo run --release --example network_win_back
//! cargo run --release --example network_win_back -- trust.txt.gz --detractors 80 --success 0.7
//! ```
//!
//! The file names one arc per line, `truster trustee sign`, gzip or plain: who trusts whom, and whether it is trust (above 0)
//! or distrust; without a third column all is trust. Word travels the other way, from the trusted to those who trust them. Without a file the
//! trust network of a consumer-review site is taken if it lies at `../shared/data/soc-sign-epinions.txt.gz`,
//! else one is made. The page goes to `target/tillit/network_win_back.html`.
//!
//! | option | default | meaning |
//! | --- | --- | --- |
//! | `--detractors` | 100 | how many are dissatisfied: drawn by seed, each person's chance in proportion to the number of hearers |
//! | `--attention` | 0.5 | how many of the voices a person trusts are listened to on average, however many there are |
//! | `--lost` | 0.05 | a hearer of the ill word is lost with this probability |
//! | `--stays` | 0.4 | what winning a detractor back adds to the probability that they stay |
//! | `--success` | 1 | an attempt to win back succeeds with this probability |
//! | `--cost` | 60 | an attempt costs this much |
//! | `--currency` | EUR | of all amounts |
//! | `--seed` | 7 | of the made network, the values, the detractors and the worlds |
//!
//! All defaults are conventions of this example. What customers are worth is drawn by seed: half of them more than 200, some of them very much
//! more (log-normal, σ = 1).

use std::collections::HashSet;
use std::error::Error;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs};

use flate2::read::MultiGzDecoder;
use tillit::measure::{Currency, ExpectedMoney, Probability};
use tillit::report::{
    Axis, Cell, Column, KeyFigure, Line, LineChart, Picture, Report, Section, Table, Tone, Unit,
    grouped,
};
use tillit::win_back::Budget;
use tillit::win_back::network::{NetworkDetractor, NetworkWinBack, PlanStep, SilencePlan};
use tillit::word_of_mouth::network::{
    Cascade, EdgeList, Effort, Network, Person, SavedCurve, Search,
};

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Persons of the made network.
const MADE: u32 = 6_000;
/// Shuffles whose mean stands for "in no particular order".
const SHUFFLES: usize = 16;
/// Worlds in which the order is chosen, and as many others in which values are found.
const WORLDS: u64 = 1_024;
/// Who is named.
const NAMED: usize = 10;

/// Random numbers by `SplitMix64` (Steele, Lea & Flood 2014).
struct Chance(u64);

impl Chance {
    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    /// Above 0, at most 1.
    fn share(&mut self) -> f64 {
        ((self.bits() >> 11) + 1) as f64 / (1_u64 << 53) as f64
    }

    /// One of `0..count`.
    fn below(&mut self, count: usize) -> usize {
        #[allow(clippy::cast_possible_truncation)] // Below a number of things in memory.
        let place = ((u128::from(self.bits()) * count as u128) >> 64) as usize;
        place
    }

    fn normal(&mut self) -> f64 {
        let angle = std::f64::consts::TAU * self.share();
        (-2.0 * self.share().ln()).sqrt() * angle.cos()
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        for place in (1..items.len()).rev() {
            items.swap(place, self.below(place + 1));
        }
    }
}

struct Assumptions {
    file: Option<PathBuf>,
    detractors: usize,
    attention: f64,
    lost: f64,
    stays: f64,
    success: f64,
    cost: f64,
    currency: Currency,
    seed: u64,
}

impl Assumptions {
    fn from_arguments() -> Outcome<Self> {
        let mut it = Self {
            file: None,
            detractors: 100,
            attention: 0.5,
            lost: 0.05,
            stays: 0.4,
            success: 1.0,
            cost: 60.0,
            currency: Currency::new("EUR")?,
            seed: 7,
        };
        let mut arguments = env::args().skip(1);
        while let Some(argument) = arguments.next() {
            let Some(option) = argument.strip_prefix("--") else {
                if let Some(first) = &it.file {
                    let first = first.display();
                    return Err(format!("one file is enough: {first} or {argument}").into());
                }
                it.file = Some(argument.into());
                continue;
            };
            let value = arguments
                .next()
                .ok_or(format!("--{option} needs a value"))?;
            let number = |low: f64, high: f64| match value.parse::<f64>() {
                Ok(number) if (low..=high).contains(&number) => Ok(number),
                _ => Err(format!(
                    "--{option} takes a number from {low} to {high}, not {value:?}"
                )),
            };
            let whole = || {
                let refused = |_| format!("--{option} takes a whole number, not {value:?}");
                value.parse::<u64>().map_err(refused)
            };
            match option {
                "detractors" => it.detractors = usize::try_from(whole()?)?,
                "attention" => it.attention = number(0.0, 10.0)?,
                "lost" => it.lost = number(0.0, 1.0)?,
                "stays" => it.stays = number(0.0, 1.0)?,
                "success" => it.success = number(0.0, 1.0)?,
                "cost" => it.cost = number(0.0, 1e9)?,
                "currency" => it.currency = Currency::new(&value)?,
                "seed" => it.seed = whole()?,
                _ => return Err(format!("there is no option --{option}").into()),
            }
        }
        if !(1..=2_000).contains(&it.detractors) {
            return Err("--detractors takes a number from 1 to 2000".into());
        }
        Ok(it)
    }

    fn money(&self, amount: f64) -> String {
        Unit::whole_money(self.currency).write(amount)
    }
}

/// A network with words about where it comes from.
struct Trust {
    network: Network,
    title: String,
    origin: String,
    distrust: usize,
}

impl Trust {
    fn find(it: &Assumptions) -> Outcome<Self> {
        let at_hand =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/soc-sign-epinions.txt.gz");
        match &it.file {
            Some(file) => {
                Self::read(file).map_err(|error| format!("{}: {error}", file.display()).into())
            }
            None if at_hand.exists() => Self::read(&at_hand),
            None => Self::made(it.seed),
        }
    }

    /// Keeps trust and leaves distrust out: nobody is moved by whom they distrust.
    fn read(file: &Path) -> Outcome<Self> {
        let mut reader = BufReader::new(File::open(file)?);
        let packed = reader.fill_buf()?.starts_with(&[0x1f, 0x8b]);
        let mut text = String::new();
        if packed {
            MultiGzDecoder::new(reader).read_to_string(&mut text)?;
        } else {
            reader.read_to_string(&mut text)?;
        }
        let (mut kept, mut distrust) = (String::with_capacity(text.len()), 0);
        for (number, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let mut fields = line.split([' ', ',', '\t', ';']).filter(|f| !f.is_empty());
            let (Some(truster), Some(trustee)) = (fields.next(), fields.next()) else {
                return Err(
                    format!("line {}: two persons expected, not {line:?}", number + 1).into(),
                );
            };
            let sign = match fields.next().map(str::parse::<f64>) {
                None => 1.0,
                Some(Ok(sign)) if sign.is_finite() => sign,
                Some(_) => {
                    return Err(format!(
                        "line {}: a number expected as sign in {line:?}",
                        number + 1
                    )
                    .into());
                }
            };
            if sign > 0.0 {
                writeln!(kept, "{truster} {trustee}")?;
            } else {
                distrust += 1;
            }
        }
        let name = file
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        Ok(Self {
            network: EdgeList::new().reversed().merging().read(kept.as_bytes())?,
            title: name.clone(),
            origin: format!("read from {name}"),
            distrust,
        })
    }

    /// Persons arrive one by one. Each trusts a few of those who are there (three, five, seldom dozens): half the time somebody
    /// whom one of the trusted trusts, else in proportion to how many trust them already, and one in five is trusted back.
    fn made(seed: u64) -> Outcome<Self> {
        let mut chance = Chance(seed);
        let mut trusts: Vec<Vec<Person>> = vec![Vec::new()];
        // Each person once, and once more for each who trusts them.
        let mut known: Vec<Person> = vec![0];
        let mut text = String::new();
        for newcomer in 1..MADE {
            trusts.push(Vec::new());
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            // A small number above 0.
            let wanted = (3.0 / chance.share().powf(0.6)).min(60.0) as usize;
            for _ in 0..wanted {
                let friends = &trusts[newcomer as usize];
                let through = friends.get(chance.below(friends.len().max(1)));
                let of_friend = through.map(|&friend| &trusts[friend as usize]);
                let trustee = match of_friend.filter(|of| !of.is_empty()) {
                    Some(of) if chance.share() < 0.5 => of[chance.below(of.len())],
                    _ => known[chance.below(known.len())],
                };
                if trustee == newcomer || trusts[newcomer as usize].contains(&trustee) {
                    continue;
                }
                trusts[newcomer as usize].push(trustee);
                known.push(trustee);
                writeln!(text, "{newcomer} {trustee}")?;
                if chance.share() < 0.2 {
                    trusts[trustee as usize].push(newcomer);
                    known.push(newcomer);
                    writeln!(text, "{trustee} {newcomer}")?;
                }
            }
            known.push(newcomer);
        }
        Ok(Self {
            network: EdgeList::new().reversed().merging().read(text.as_bytes())?,
            title: "A made trust network".into(),
            origin: format!(
                "made with seed {seed}: newcomers trust whom their friends trust or whom many trust already, so that few are heard by very many"
            ),
            distrust: 0,
        })
    }

    fn size(&self) -> String {
        let network = &self.network;
        let widest = network.most_connected(1);
        let widest = widest
            .first()
            .map_or(0, |&person| network.hearers(person).len());
        format!(
            "{} persons, {} arcs along which word travels, the best heard has {} hearers",
            whole(network.persons()),
            whole(network.arcs()),
            whole(widest)
        )
    }

    fn left_out(&self) -> String {
        format!(
            "Left out: {} arcs of distrust, {} of persons to themselves, {} named twice.",
            whole(self.distrust),
            self.network.self_loops_dropped(),
            self.network.arcs_merged()
        )
    }
}

/// Each person listens to `attention` of the voices they trust on average: each of d voices with probability attention / d.
fn listening(network: &Network, attention: f64) -> Vec<f64> {
    let persons = (0..).take(network.persons());
    let heads = persons.flat_map(|person: Person| network.hearers(person));
    heads
        .map(|&head| (attention / f64::from(network.arcs_in()[head as usize])).min(1.0))
        .collect()
}

/// So many different persons, by their number of hearers.
fn draw_detractors(network: &Network, count: usize, chance: &mut Chance) -> Outcome<Vec<Person>> {
    let mut tickets: Vec<Person> = Vec::with_capacity(network.arcs());
    for person in (0..).take(network.persons()) {
        tickets.extend(std::iter::repeat_n(person, network.hearers(person).len()));
    }
    chance.shuffle(&mut tickets);
    let mut seen = HashSet::new();
    tickets.retain(|&person| seen.insert(person));
    tickets.truncate(count);
    if tickets.is_empty() {
        return Err("nobody trusts anybody in this network, so no word travels".into());
    }
    Ok(tickets)
}

/// The answer with what it is compared with.
struct Answer<'a> {
    it: &'a Assumptions,
    trust: &'a Trust,
    plan: SilencePlan,
    /// Our order, most hearers first, highest own value first, in no particular order.
    curves: Vec<SavedCurve>,
}

const RULES: [&str; 3] = [
    "most hearers first",
    "highest own value first",
    "in no particular order",
];

impl<'a> Answer<'a> {
    fn of(
        it: &'a Assumptions,
        trust: &'a Trust,
        question: &'a NetworkWinBack<'a>,
    ) -> Outcome<Self> {
        let fresh = Effort::worlds(!it.seed, WORLDS);
        let search = Search::new(it.seed)
            .with_worlds(WORLDS)
            .with_validation(fresh);
        let plan = question.silence(&search)?;
        let network = &trust.network;
        let persons = question.attempts().detractors();
        let ours = plan
            .steps()
            .iter()
            .filter_map(|step| network.find(&step.id))
            .collect();
        let mut by_hearers = persons.to_vec();
        by_hearers
            .sort_by_key(|&person| (std::cmp::Reverse(network.hearers(person).len()), person));
        let mut rows: Vec<usize> = (0..persons.len()).collect();
        let own = |row: usize| question.detractors()[row].own_value();
        rows.sort_by(|&a, &b| own(b).total_cmp(&own(a)).then(a.cmp(&b)));
        let by_value = rows.iter().map(|&row| persons[row]).collect();
        let mut orders = vec![ours, by_hearers, by_value];
        let mut chance = Chance(it.seed ^ 0x5417_7135);
        for _ in 0..SHUFFLES {
            let mut order = persons.to_vec();
            chance.shuffle(&mut order);
            orders.push(order);
        }
        let mut curves = question.saved_along(&orders, &fresh)?;
        // The mean of the shuffles takes the place of the first of them.
        let shuffled = curves.split_off(4);
        for curve in &shuffled {
            for (sum, saved) in curves[3].saved.iter_mut().zip(&curve.saved) {
                *sum += saved;
            }
        }
        for sum in &mut curves[3].saved {
            *sum /= SHUFFLES as f64;
        }
        Ok(Self {
            it,
            trust,
            plan,
            curves,
        })
    }

    fn first(&self) -> &[PlanStep] {
        &self.plan.steps()[..NAMED.min(self.plan.steps().len())]
    }

    /// How many pay for themselves.
    fn paying(&self) -> Outcome<usize> {
        Ok(self.plan.within(Budget::Unlimited)?)
    }

    /// Everything that can be saved: all won back.
    fn whole(&self) -> f64 {
        self.plan.steps().last().map_or(0.0, |step| step.saved)
    }

    fn headline(&self) -> Outcome<String> {
        let paying = self.paying()?;
        let last = self.first().last().ok_or("there are no detractors")?;
        let first = self.first().len();
        let mut words = format!(
            "{} the right {first} of {} saves {}, {} of all there is to save",
            if self.it.success < 1.0 {
                "Trying to win back"
            } else {
                "Winning back"
            },
            self.plan.steps().len(),
            self.it.money(last.saved),
            percent(last.saved / self.whole()),
        );
        let rival = self.best_rival(first);
        write!(
            words,
            "; choosing {} saves {}.",
            [
                "those with most hearers",
                "the most valuable",
                "without a rule"
            ][rival - 1],
            self.it.money(self.curves[rival].saved[first])
        )?;
        if let Some(step) = paying.checked_sub(1).map(|place| &self.plan.steps()[place]) {
            let net = self.it.money(step.net());
            write!(
                words,
                " The first {paying} pay for themselves: {net} after costs."
            )?;
        }
        Ok(words)
    }

    /// The rule of thumb that saves most with the first `count`.
    fn best_rival(&self, count: usize) -> usize {
        let saved = |rule: &usize| self.curves[*rule].saved[count];
        let best = (1..self.curves.len()).max_by(|a, b| saved(a).total_cmp(&saved(b)));
        best.unwrap_or(1)
    }

    fn certificate(&self) -> Option<String> {
        let step = self.first().last()?;
        let count = self.first().len();
        let mut words = format!(
            "In these worlds no choice of {count} saves more than {}, so this one {}.",
            self.it.money(step.at_most),
            how_good(step.certificate())
        );
        let lowest = self
            .plan
            .steps()
            .iter()
            .map(PlanStep::certificate)
            .fold(1.0, f64::min);
        let _ = write!(
            words,
            " Over all sizes it is never below {}.",
            percent_down(lowest)
        );
        let better = self
            .plan
            .steps()
            .iter()
            .enumerate()
            .filter_map(|(place, step)| {
                let other = step.other.as_ref()?;
                (other.ahead > 2.0 * other.ahead_standard_error).then_some((place + 1, other))
            });
        let better: Vec<_> = better.collect();
        match better.iter().max_by(|a, b| a.1.ahead.total_cmp(&b.1.ahead)) {
            Some((count, other)) => {
                let _ = write!(
                    words,
                    " One order cannot be best for every budget: at {} sizes another choice was found that saves more, at most {} ± {} more ({count} won back).",
                    better.len(),
                    self.it.money(other.ahead),
                    self.it.money(other.ahead_standard_error)
                );
            }
            None => words.push_str(" No better choice was found at any size."),
        }
        Some(words)
    }

    fn sizes(&self) -> Vec<usize> {
        let all = self.plan.steps().len();
        let mut sizes: Vec<usize> = [1, 5, 10, 20, 50, 100, 200, 500]
            .into_iter()
            .filter(|&k| k < all)
            .collect();
        sizes.push(all);
        sizes
    }

    fn print(&self) -> Outcome<()> {
        let (it, plan) = (self.it, &self.plan);
        println!("{}\n", self.headline()?);
        println!(
            "the network      {} ({})",
            self.trust.size(),
            self.trust.origin
        );
        println!("                 {}", self.trust.left_out());
        let error = plan.harm_estimate().standard_error().unwrap_or(0.0);
        println!(
            "nobody won back  {} detractors' word costs {} ± {} (standard error, {} worlds)\n",
            plan.steps().len(),
            it.money(plan.harm()?.amount()),
            it.money(error),
            whole(usize::try_from(plan.worlds())?)
        );
        println!("whom to win back first");
        println!(
            "{:>5}  {:12}{:>10}{:>20}{:>16}{:>18}{:>9}",
            "", "customer", "hearers", "their word alone", "adds", "saved so far", "±"
        );
        for (place, step) in (1..).zip(self.first()) {
            println!(
                "{place:>4}.  {:12}{:>10}{:>20}{:>16}{:>18}{:>9}",
                step.id,
                whole(self.hearers(step)),
                it.money(step.single_impact),
                it.money(step.added),
                it.money(step.saved),
                grouped(step.standard_error, 0)
            );
        }
        if let Some(words) = self.certificate() {
            println!("\n{words}");
        }
        println!(
            "\n{:>9}{:>16}{:>16}{:>24}{:>26}{:>28}",
            "won back", "at most", "this order", RULES[0], RULES[1], RULES[2]
        );
        for count in self.sizes() {
            let saved = |rule: usize| it.money(self.curves[rule].saved[count]);
            let bound = it.money(plan.steps()[count - 1].at_most);
            println!(
                "{count:>9}{bound:>16}{:>16}{:>24}{:>26}{:>28}",
                saved(0),
                saved(1),
                saved(2),
                saved(3)
            );
        }
        Ok(())
    }

    fn hearers(&self, step: &PlanStep) -> usize {
        let network = &self.trust.network;
        network
            .find(&step.id)
            .map_or(0, |person| network.hearers(person).len())
    }

    fn picture(&self) -> Outcome<Picture> {
        let (steps, unit) = (self.plan.steps(), Unit::whole_money(self.it.currency));
        let place = |count: usize| count as f64;
        let line = |curve: &SavedCurve| -> Vec<(f64, f64)> {
            let saved = curve.saved.iter().enumerate();
            saved.map(|(count, &saved)| (place(count), saved)).collect()
        };
        let ours = &self.curves[0];
        let doubt = ours.saved.iter().zip(&ours.standard_errors);
        let band = doubt
            .map(|(saved, error)| (saved - 1.96 * error, saved + 1.96 * error))
            .collect();
        let mut bound = vec![(0.0, 0.0)];
        bound.extend(
            (1..)
                .zip(steps)
                .map(|(count, step)| (place(count), step.at_most)),
        );
        let mut lines = vec![
            Line::new("this order", line(ours))?.with_band(band)?.main(),
            Line::new("no choice can save more", bound)?.limit(),
        ];
        for (rule, curve) in RULES.iter().zip(&self.curves[1..]) {
            lines.push(Line::new(*rule, line(curve))?);
        }
        let mut chart = LineChart::new(
            Axis::new("Customers won back", Unit::count()),
            Axis::new("Value saved", unit),
            lines,
        )?;
        let paying = self.paying()?;
        if paying > 0 && paying < steps.len() {
            chart = chart.with_mark(
                place(paying),
                format!("the first {paying} pay for themselves"),
            )?;
        }
        let first = self.first().len();
        let rival = self.best_rival(first);
        Ok(Picture::new(
            "Value saved against number of customers won back",
            format!(
                "With {first} won back this order saves {}, \u{201c}{}\u{201d} saves {}; all {} together {}. The shade is the 95% band of chance.",
                unit.write(ours.saved[first]),
                RULES[rival - 1],
                unit.write(self.curves[rival].saved[first]),
                steps.len(),
                unit.write(self.whole())
            ),
            chart,
        ))
    }

    fn who_first(&self) -> Outcome<Table> {
        let unit = Unit::whole_money(self.it.currency);
        let rows = (1..).zip(self.first()).map(|(place, step)| {
            vec![
                Cell::count(place),
                step.id.as_str().into(),
                Cell::count(self.hearers(step)),
                Cell::Number(step.single_impact, unit),
                Cell::Number(step.added, unit),
                Cell::Number(step.saved, unit),
                Cell::Number(step.standard_error, unit),
                Cell::Number(step.certificate(), Unit::percent(1)),
            ]
        });
        let mut columns = vec![Column::number("Place"), Column::text("Customer")];
        columns.extend(
            [
                "Hearers",
                "Their word alone",
                "Adds",
                "Saved so far",
                "± standard error",
                "At least this share of the best",
            ]
            .map(Column::number),
        );
        Ok(Table::new(
            "Whom to win back first",
            columns,
            rows.collect(),
        )?)
    }

    fn comparison(&self) -> Outcome<Table> {
        let unit = Unit::whole_money(self.it.currency);
        let rows = self.sizes().into_iter().map(|count| {
            let mut row = vec![
                Cell::count(count),
                Cell::Number(self.plan.steps()[count - 1].at_most, unit),
            ];
            row.extend(
                self.curves
                    .iter()
                    .map(|curve| Cell::Number(curve.saved[count], unit)),
            );
            row
        });
        let mut columns = vec![
            Column::number("Won back"),
            Column::number("No choice saves more than"),
            Column::number("This order"),
        ];
        columns.extend(RULES.map(Column::number));
        Ok(Table::new(
            "Against rules of thumb",
            columns,
            rows.collect(),
        )?)
    }

    fn report(&self) -> Outcome<Report> {
        let (it, plan) = (self.it, &self.plan);
        let paying = self.paying()?;
        let last = self.first().last().ok_or("there are no detractors")?;
        let harm = plan.harm_estimate();
        let mut report = Report::new("Whom to win back first")
            .with_subtitle(format!("{}: {}", self.trust.title, self.trust.size()))
            .with_headline(self.headline()?)
            .with_key_figure(
                KeyFigure::new("Lost if nobody is won back", it.money(harm.value()))
                    .with_doubt(format!(
                        "standard error {}, {} worlds",
                        it.money(harm.standard_error().unwrap_or(0.0)),
                        whole(harm.observations())
                    ))
                    .with_help(format!(
                        "What the word of {} detractors costs; their own leaving comes on top.",
                        plan.steps().len()
                    ))
                    .with_tone(Tone::Bad),
            )
            .with_key_figure(
                KeyFigure::new(
                    format!("Saved by the first {}", self.first().len()),
                    it.money(last.saved),
                )
                .with_doubt(format!("standard error {}", it.money(last.standard_error)))
                .with_help(format!(
                    "{} by word not spoken, {} by their own staying.",
                    it.money(last.word_of_mouth_avoided),
                    it.money(last.own_value_regained)
                ))
                .with_tone(Tone::Good),
            )
            .with_key_figure(
                KeyFigure::new(
                    "At least this share of the best",
                    percent_down(last.certificate()),
                )
                .with_help(format!(
                    "No choice of {} saves more than {}.",
                    self.first().len(),
                    it.money(last.at_most)
                )),
            );
        if let Some(step) = paying.checked_sub(1).map(|place| &plan.steps()[place]) {
            report = report.with_key_figure(
                KeyFigure::new(
                    "Pay for themselves",
                    format!("{paying} of {}", plan.steps().len()),
                )
                .with_help(format!(
                    "They cost {} and save {}.",
                    it.money(step.cost),
                    it.money(step.saved)
                )),
            );
        }
        let saved = Section::new("What each further one saves")
            .with_picture(self.picture()?)
            .with_paragraph(self.certificate().unwrap_or_default())
            .with_note("A hearer is spared only when everyone they would hear from is won back. So the last voice that reaches many is worth more than the first, and no single order is best for every budget.")
            .with_table(self.comparison()?);
        let who = Section::new("Who comes first")
            .with_table(self.who_first()?)
            .with_note("“Their word alone” is what this one would cost if no other spoke. “Adds” is what winning them back adds to those before: word no longer heard and own value.");
        let how = Section::new("What was assumed")
            .with_paragraph(format!(
                "The network was {}. {} {} detractors were drawn by seed, each person's chance in proportion to the number of hearers.",
                self.trust.origin,
                self.trust.left_out(),
                plan.steps().len()
            ))
            .with_paragraph(format!(
                "A person listens to {} of the voices they trust on average, however many these are, and passes on what they heard in the same way. A hearer is lost with probability {}. Customers' values are drawn by seed. Winning a detractor back succeeds with probability {}, costs {} and adds {} to the probability of staying.",
                it.attention,
                percent(it.lost),
                percent(it.success),
                it.money(it.cost),
                percent(it.stays)
            ));
        Ok(report
            .with_section(saved)
            .with_section(who)
            .with_section(how)
            .with_colophon(format!(
                "Independent cascade (Kempe, Kleinberg & Tardos 2003); order chosen in {WORLDS} worlds, all values from {} others, seed {}.",
                whole(usize::try_from(plan.worlds())?),
                it.seed
            )))
    }
}

fn whole(count: usize) -> String {
    Unit::count().write(count as f64)
}

fn percent(share: f64) -> String {
    Unit::percent(0).write(share)
}

fn how_good(certificate: f64) -> String {
    if certificate > 1.0 - 1e-9 {
        "is proven best".into()
    } else {
        format!("reaches at least {} of the best", percent_down(certificate))
    }
}

/// A promise is never rounded up, the last digits of a sum apart.
fn percent_down(share: f64) -> String {
    Unit::percent(1).write(((share + 1e-9) * 1000.0).floor() / 1000.0)
}

fn run() -> Outcome<()> {
    let it = Assumptions::from_arguments()?;
    let trust = Trust::find(&it)?;
    let network = &trust.network;
    let mut chance = Chance(it.seed ^ 0x7a1e);
    let worth: Vec<f64> = (0..network.persons())
        .map(|_| 200.0 * chance.normal().exp())
        .collect();
    let mut detractors = Vec::new();
    for person in draw_detractors(network, it.detractors, &mut chance)? {
        let id = network.id(person).ok_or("a person without an id")?;
        let own = ExpectedMoney::new(it.stays * worth[person as usize], it.currency)?;
        let cost = ExpectedMoney::new(it.cost, it.currency)?;
        let detractor = NetworkDetractor::new(id, it.currency)
            .with_own_value(own)?
            .with_success(Probability::new(it.success)?)
            .with_cost(cost)?;
        detractors.push(detractor);
    }
    let losses = worth.iter().map(|worth| it.lost * worth).collect();
    let cascade = Cascade::own(network, listening(network, it.attention))?;
    let question = NetworkWinBack::new(cascade, it.currency, losses, detractors)?;
    let answer = Answer::of(&it, &trust, &question)?;
    answer.print()?;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/tillit");
    fs::create_dir_all(&folder)?;
    fs::write(
        folder.join("network_win_back.html"),
        answer.report()?.to_html(),
    )?;
    println!("\nwritten: target/tillit/network_win_back.html");
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
