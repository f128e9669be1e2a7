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

/// Prints a line. Who reads it may stop early (`network_win_back | head`): the page is written all the same.
macro_rules! say {
    ($($words:tt)*) => {{
        use std::io::Write as _;
        writeln!(std::io::stdout(), $($words)*).ok()
    }};
}

mod answer;
mod assumptions;
mod chance;
mod page;
mod trust;
mod words;

use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::ExitCode;

use tillit::measure::{ExpectedMoney, Probability};
use tillit::win_back::network::{NetworkDetractor, NetworkWinBack};
use tillit::word_of_mouth::network::Cascade;

use answer::Answer;
use assumptions::Assumptions;
use chance::Chance;
use trust::{Trust, draw_detractors, listening};

type Outcome<T> = Result<T, Box<dyn Error>>;

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
    say!("\nwritten: target/tillit/network_win_back.html");
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
