//! Runs one job of the race against other tools and prints its lines: `race JOB DIR`.
//!
//! Each repetition prints `job,n,wall_seconds,cpu_seconds,peak_mib,answer`. The input is read, and the threads are
//! started, before the clock is. `RACE_THREADS` says how many threads may be used (1 if it says nothing).

use std::error::Error;
use std::fs;
use std::path::Path;
use std::time::Instant;

use tillit::measure::{Currency, ExpectedMoney, Probability};
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
