//! Runs one job of the race against other tools and prints its lines: `race JOB DIR`.
//!
//! Each repetition prints `job,n,wall_seconds,cpu_seconds,peak_mib,answer`. The input is read, and the threads are
//! started, before the clock is. `RACE_THREADS` says how many threads may be used (1 if it says nothing).

use std::error::Error;
use std::fs;
use std::path::Path;
use std::time::Instant;

use tillit::measure::{Currency, DiscountRate, ExpectedMoney, Probability, Span, TimeUnit};
use tillit::value::{
    BgNbd, FitReport, FittedBgNbd, FittedGammaGamma, FittedParameter, FittedParetoNbd,
    FittedPurchaseModel, GammaGamma, LifetimeValues, ParetoNbd, PurchaseHistories, PurchaseModel,
    Valuation,
};
use tillit::word_of_mouth::network::{
    Budget, Cascade, EdgeList, Effort, Ids, Network, Person, Search,
};
use tillit::word_of_mouth::{Audience, Generations, Precision, Reach, Sway, Talk, Teller};

type Outcome<T> = Result<T, Box<dyn Error>>;

/// A job prints its lines itself, through [`Job::repeat`].
type Run = fn(&Job<'_>) -> Outcome<()>;

/// Each job by name.
const JOBS: &[(&str, Run)] = &[
    ("wom_closed_form_10m_f64", |job| {
        closed_form(job, f64::from_le_bytes)
    }),
    ("wom_closed_form_10m_f32", |job| {
        closed_form(job, f32::from_le_bytes)
    }),
    ("wom_cascade_nethept_p01", |job| {
        cascade(job, |network| {
            Ok(Cascade::uniform(network, Probability::new(0.01)?))
        })
    }),
    ("wom_cascade_nethept_p1", |job| {
        cascade(job, |network| {
            Ok(Cascade::uniform(network, Probability::new(0.1)?))
        })
    }),
    ("wom_cascade_nethept_wc", |job| {
        cascade(job, |network| Ok(Cascade::weighted(network)))
    }),
    ("wom_convert_nethept_wc", convert),
    ("clv_fit_bg_nbd_cdnow", |job| {
        fit(job, "cdnow.csv", |histories| {
            Ok(BgNbd::default().fit(histories)?.report().cloned())
        })
    }),
    ("clv_fit_bg_nbd_100k", |job| {
        fit(job, "customers_100k.csv", |histories| {
            Ok(BgNbd::default().fit(histories)?.report().cloned())
        })
    }),
    ("clv_fit_pareto_nbd_cdnow", |job| {
        fit(job, "cdnow.csv", |histories| {
            Ok(ParetoNbd::default().fit(histories)?.report().cloned())
        })
    }),
    ("clv_fit_pareto_nbd_100k", |job| {
        fit(job, "customers_100k.csv", |histories| {
            Ok(ParetoNbd::default().fit(histories)?.report().cloned())
        })
    }),
    ("clv_fit_gamma_gamma_cdnow", |job| {
        fit(job, "cdnow.csv", |histories| {
            Ok(GammaGamma::default().fit(histories)?.report().cloned())
        })
    }),
    ("clv_predict_1m", |job| predict(job, &bg_nbd()?)),
    ("clv_predict_pareto_1m", |job| {
        let week = TimeUnit::Week;
        predict(
            job,
            &FittedParetoNbd::from_parameters(0.5532, 10.5776, 0.6062, 11.6671, week)?,
        )
    }),
    ("clv_value_12m_1m", value_of_a_year),
];

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [name, folder] = arguments.as_slice() else {
        let names: Vec<&str> = JOBS.iter().map(|(name, _)| *name).collect();
        return Err(format!("usage: race JOB DIR, JOB one of {}", names.join(", ")).into());
    };
    let (name, run) = JOBS
        .iter()
        .find(|(job, _)| job == name)
        .ok_or_else(|| format!("no job is called {name:?}"))?;
    let job = Job {
        name,
        folder: Path::new(folder),
    };
    on_threads(threads()?, || run(&job))
}

/// One job of the race and where its input lies.
struct Job<'a> {
    name: &'a str,
    folder: &'a Path,
}

impl Job<'_> {
    fn read(&self, file: &str) -> Outcome<Vec<u8>> {
        let path = self.folder.join(file);
        fs::read(&path).map_err(|e| format!("{}: {e}", path.display()).into())
    }

    /// Runs `work` at least five times and for about a second, and prints one line per run.
    fn repeat<State>(
        &self,
        items: usize,
        state: &mut State,
        work: impl Fn(&mut State) -> Outcome<()>,
        answer: impl Fn(&State) -> String,
    ) -> Outcome<()> {
        let started = Instant::now();
        let mut runs = 0;
        while runs < 5 || (started.elapsed().as_secs_f64() < 1.0 && runs < 30) {
            let (cpu, wall) = (cpu_seconds()?, Instant::now());
            work(state)?;
            let (wall, cpu) = (wall.elapsed().as_secs_f64(), cpu_seconds()? - cpu);
            println!(
                "{},{items},{wall:.9},{cpu:.9},{:.1},{}",
                self.name,
                peak_mib()?,
                answer(state)
            );
            runs += 1;
        }
        Ok(())
    }
}

/// Impact of each customer into a column, and the total; the parameters are those of the race's rules.
fn closed_form<T: Precision + std::fmt::Display, const BYTES: usize>(
    job: &Job<'_>,
    decode: fn([u8; BYTES]) -> T,
) -> Outcome<()> {
    const SHOWN_ROW: usize = 1_234_567;
    let column = |name: &str| -> Outcome<Vec<T>> {
        let bytes = job.read(&format!("portfolio.{name}.f{}", 8 * BYTES))?;
        Ok(bytes.as_chunks().0.iter().map(|&b| decode(b)).collect())
    };
    let euro = Currency::new("EUR")?;
    let probability = Probability::new;
    let talk = Talk::new(
        ExpectedMoney::new(1200.0, euro)?,
        Sway::losing(probability(0.05)?),
        Sway::winning(probability(0.02)?),
        Sway::winning(probability(0.03)?),
    )?
    .with_reach(Teller::Detractor, Reach::uniform(9, 15)?)
    .with_own_loss(Teller::Detractor, probability(0.6)?)
    .with_own_loss(Teller::RecoveredDetractor, probability(0.05)?)
    .with_own_loss(Teller::Passive, probability(0.1)?)
    .with_retelling(
        probability(0.05)?,
        probability(0.8)?,
        Generations::finite(4)?,
    )
    .with_market(1_000_000.try_into()?);

    let (tellers, values, connectedness) = (
        job.read("portfolio.class.u8")?,
        column("clv")?,
        column("conn")?,
    );
    let audience = Audience::new(euro, &tellers, &values, &connectedness)?;
    let mut column_and_total = (vec![T::from(1_u8); audience.len()], 0.0);
    job.repeat(
        audience.len(),
        &mut column_and_total,
        |(impacts, total)| {
            *total = audience.impact_into(&talk, impacts)?.amount();
            Ok(())
        },
        |(impacts, total)| {
            let row = |row: usize| -> f64 { impacts[row].into() };
            format!("{total};{};{}", row(SHOWN_ROW), row(impacts.len() - 1))
        },
    )
}

/// Mean number of persons whom the seeds reach in the co-author network, and its standard error.
fn cascade(job: &Job<'_>, rule: fn(&Network) -> Outcome<Cascade<'_>>) -> Outcome<()> {
    const REPETITIONS: u64 = 3;
    const WORLDS: u64 = 1 << 16;
    let edges = EdgeList::new().with_ids(Ids::NumbersBelow(15_233));
    let network = edges.open(job.folder.join("nethept.arcs.txt"))?;
    let seeds = String::from_utf8(job.read("nethept.seeds.txt")?)?;
    let tellers: Vec<Person> = seeds.lines().map(str::parse).collect::<Result<_, _>>()?;
    let cascade = rule(&network)?;
    for seed in 0..REPETITIONS {
        let (cpu, wall) = (cpu_seconds()?, Instant::now());
        let spread = cascade.spread(&tellers, &Effort::worlds(seed, WORLDS))?;
        let (wall, cpu) = (wall.elapsed().as_secs_f64(), cpu_seconds()? - cpu);
        println!(
            "{},{},{wall:.9},{cpu:.9},{:.1},{};{}",
            job.name,
            spread.worlds,
            peak_mib()?,
            spread.value,
            spread.standard_error,
        );
    }
    Ok(())
}

/// Fifty persons whose good word reaches most, weighted cascade, by ten search seeds: the choice with its own validation
/// is timed, then checked by a longer independent simulation.
fn convert(job: &Job<'_>) -> Outcome<()> {
    const CHOSEN: u32 = 50;
    let edges = EdgeList::new().with_ids(Ids::NumbersBelow(15_233));
    let network = edges.open(job.folder.join("nethept.arcs.txt"))?;
    let ones = vec![1.0; network.persons()];
    let cascade = Cascade::weighted(&network);
    for seed in 0..10 {
        let (cpu, wall) = (cpu_seconds()?, Instant::now());
        let found = cascade.convert(&[], &ones, &Budget::persons(CHOSEN), &Search::new(seed))?;
        let (wall, cpu) = (wall.elapsed().as_secs_f64(), cpu_seconds()? - cpu);
        let check = cascade.spread(&found.won_back, &Effort::worlds(1_000_000 + seed, 1 << 15))?;
        println!(
            "{},{CHOSEN},{wall:.9},{cpu:.9},{:.1},{};{}",
            job.name,
            peak_mib()?,
            check.value,
            check.standard_error,
        );
    }
    Ok(())
}

/// The purchase histories of a file with the columns x, `t_x`, T, monetary; times in weeks.
fn histories(job: &Job<'_>, file: &str) -> Outcome<PurchaseHistories> {
    let text = String::from_utf8(job.read(file)?)?;
    let (mut x, mut t_x, mut t, mut spend) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for line in text.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let [count, last, end, mean] = cells.as_slice() else {
            return Err(format!("not four columns: {line}").into());
        };
        let (count, last): (u32, f64) = (count.parse()?, last.parse()?);
        // Times on a grid of days put some repeat purchases on the first day; they came just after the first.
        let last = if count > 0 {
            last.max(f64::MIN_POSITIVE)
        } else {
            last
        };
        x.push(count);
        t_x.push(last);
        t.push(end.parse()?);
        spend.push(mean.parse()?);
    }
    Ok(PurchaseHistories::from_columns(TimeUnit::Week, x, t_x, t)?
        .with_mean_repeat_spend(Currency::new("USD")?, spend)?)
}

/// A fit with standard errors; the answer is the log-likelihood and the parameters.
fn fit(
    job: &Job<'_>,
    file: &str,
    fit: fn(&PurchaseHistories) -> Outcome<Option<FitReport>>,
) -> Outcome<()> {
    let histories = histories(job, file)?;
    let mut report = fit(&histories)?.ok_or("a fit has a report")?;
    job.repeat(
        histories.len(),
        &mut report,
        |report| {
            *report = fit(&histories)?.ok_or("a fit has a report")?;
            Ok(())
        },
        |report| {
            let parameters = report.parameters().iter();
            let numbers = std::iter::once(report.log_likelihood());
            let answer: Vec<String> = numbers
                .chain(parameters.map(FittedParameter::value))
                .map(|number| number.to_string())
                .collect();
            answer.join(";")
        },
    )
}

/// The given parameters of the race's rules.
fn bg_nbd() -> Outcome<FittedBgNbd> {
    Ok(FittedBgNbd::from_parameters(
        0.2426,
        4.4136,
        0.7929,
        2.4259,
        TimeUnit::Week,
    )?)
}

/// P(alive) and expected purchases in the next 39 weeks, one column each.
fn predict(job: &Job<'_>, model: &dyn FittedPurchaseModel) -> Outcome<()> {
    let histories = histories(job, "customers_1m.csv")?;
    let ahead = Span::new(39.0, TimeUnit::Week)?;
    let mut columns = (Vec::new(), Vec::new());
    job.repeat(
        histories.len(),
        &mut columns,
        |(alive, purchases)| {
            *alive = model.probability_alive_column(&histories)?;
            *purchases = model.expected_purchases_if_alive_column(&histories, ahead)?;
            for (purchases, alive) in purchases.iter_mut().zip(alive) {
                *purchases *= *alive;
            }
            Ok(())
        },
        |(alive, purchases)| format!("{};{}", mean(alive), mean(purchases)),
    )
}

/// Twelve months of 4.345 weeks, 1 % a month.
fn value_of_a_year(job: &Job<'_>) -> Outcome<()> {
    const MONTH: f64 = 4.345;
    let histories = histories(job, "customers_1m.csv")?;
    let model = bg_nbd()?;
    let spend = FittedGammaGamma::from_parameters(6.25, 3.74, 15.44, Currency::new("USD")?)?;
    let valuation = Valuation::AtPeriodEnds {
        rate: DiscountRate::continuous(1.01_f64.ln() / MONTH, TimeUnit::Week)?,
        period: Span::new(MONTH, TimeUnit::Week)?,
        periods: 12,
    };
    let mut values = None;
    job.repeat(
        histories.len(),
        &mut values,
        |values| {
            let of = LifetimeValues::of(&histories, &model, &spend, Probability::ONE, valuation)?;
            *values = Some(of);
            Ok(())
        },
        |values| {
            let amounts = values.as_ref().map_or(&[][..], LifetimeValues::amounts);
            mean(amounts).to_string()
        },
    )
}

fn mean(numbers: &[f64]) -> f64 {
    numbers.iter().sum::<f64>() / numbers.len() as f64
}

fn threads() -> Outcome<usize> {
    match std::env::var("RACE_THREADS") {
        Ok(text) => Ok(text.parse()?),
        Err(_) => Ok(1),
    }
}

/// Runs `work` in a pool of so many threads; with one, this thread is the pool.
#[cfg(feature = "parallel")]
fn on_threads(threads: usize, work: impl FnOnce() -> Outcome<()>) -> Outcome<()> {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .use_current_thread()
        .build()?;
    let outcome = work();
    drop(pool);
    outcome
}

#[cfg(not(feature = "parallel"))]
fn on_threads(_threads: usize, work: impl FnOnce() -> Outcome<()>) -> Outcome<()> {
    work()
}

/// CPU time of all threads of this process so far.
fn cpu_seconds() -> Outcome<f64> {
    // The kernel brings the figure of the running thread up to date when that thread yields.
    std::thread::yield_now();
    let mut nanoseconds = 0_u64;
    for task in fs::read_dir("/proc/self/task")? {
        let text = fs::read_to_string(task?.path().join("schedstat"))?;
        let first = text.split_whitespace().next().unwrap_or("0");
        nanoseconds += first.parse::<u64>()?;
    }
    Ok(nanoseconds as f64 / 1e9)
}

/// Highest resident memory of this process.
fn peak_mib() -> Outcome<f64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let kib = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .and_then(|rest| rest.split_whitespace().next())
        .ok_or("no VmHWM in /proc/self/status")?;
    Ok(kib.parse::<f64>()? / 1024.0)
}
