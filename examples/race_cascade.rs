//! The cascade jobs of the race: `race_cascade JOB DIR` prints `job,n,wall_seconds,cpu_seconds,peak_mib,answer`, once per
//! repetition.

use std::path::Path;
use std::time::Instant;

use tillit::measure::Probability;
use tillit::word_of_mouth::network::{Cascade, EdgeList, Effort, Ids, Network, Person};

type Failure = Box<dyn std::error::Error>;

const REPETITIONS: u64 = 3;
const WORLDS: u64 = 1 << 16;

fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let (Some(job), Some(folder)) = (arguments.next(), arguments.next()) else {
        return Err("usage: race_cascade JOB DIR".into());
    };
    #[cfg(feature = "parallel")]
    rayon::ThreadPoolBuilder::new()
        .num_threads(std::env::var("RACE_THREADS").map_or(Ok(1), |n| n.parse())?)
        .build_global()?;
    let network = nethept(Path::new(&folder))?;
    let text = std::fs::read_to_string(Path::new(&folder).join("nethept.seeds.txt"))?;
    let tellers: Vec<Person> = text.lines().map(str::parse).collect::<Result<_, _>>()?;
    let cascade = match job.as_str() {
        "wom_cascade_nethept_p01" => Cascade::uniform(&network, Probability::new(0.01)?),
        "wom_cascade_nethept_p1" => Cascade::uniform(&network, Probability::new(0.1)?),
        "wom_cascade_nethept_wc" => Cascade::weighted(&network),
        other => return Err(format!("no such job: {other}").into()),
    };
    for seed in 0..REPETITIONS {
        let (wall, cpu) = (Instant::now(), cpu_seconds());
        let spread = cascade.spread(&tellers, &Effort::worlds(seed, WORLDS))?;
        println!(
            "{job},{},{},{},{},{};{}",
            spread.worlds,
            wall.elapsed().as_secs_f64(),
            cpu_seconds() - cpu,
            peak_mib(),
            spread.value,
            spread.standard_error,
        );
    }
    Ok(())
}

fn nethept(folder: &Path) -> tillit::Result<Network> {
    EdgeList::new()
        .with_ids(Ids::NumbersBelow(15_233))
        .open(folder.join("nethept.arcs.txt"))
}

/// Seconds on a processor, over all threads, where the system tells.
fn cpu_seconds() -> f64 {
    let Ok(tasks) = std::fs::read_dir("/proc/self/task") else {
        return f64::NAN;
    };
    let times = tasks.flatten().filter_map(|task| {
        let text = std::fs::read_to_string(task.path().join("schedstat")).ok()?;
        text.split(' ').next()?.parse::<f64>().ok()
    });
    times.sum::<f64>() * 1e-9
}

/// Highest resident memory in MiB, where the system tells.
fn peak_mib() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
    kib.map_or(f64::NAN, |kib| kib / 1024.0)
}
