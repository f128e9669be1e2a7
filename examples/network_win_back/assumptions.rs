//! What is assumed, and how it is said on the command line.

use std::env;
use std::path::PathBuf;

use tillit::measure::Currency;
use tillit::report::Unit;

use crate::Outcome;

const OPTIONS: [&str; 8] = [
    "detractors",
    "attention",
    "lost",
    "stays",
    "success",
    "cost",
    "currency",
    "seed",
];

pub(crate) struct Assumptions {
    pub(crate) file: Option<PathBuf>,
    pub(crate) detractors: usize,
    pub(crate) attention: f64,
    pub(crate) lost: f64,
    pub(crate) stays: f64,
    pub(crate) success: f64,
    pub(crate) cost: f64,
    pub(crate) currency: Currency,
    pub(crate) seed: u64,
}

impl Assumptions {
    pub(crate) fn from_arguments() -> Outcome<Self> {
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
            let Some(option) = argument.strip_prefix('-') else {
                if let Some(first) = &it.file {
                    let first = first.display();
                    return Err(format!("one file is enough: {first} or {argument}").into());
                }
                it.file = Some(argument.into());
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
                "currency" => {
                    it.currency =
                        Currency::new(&value).map_err(|error| format!("--currency: {error}"))?;
                }
                _ => it.seed = whole()?,
            }
        }
        if !(1..=2_000).contains(&it.detractors) {
            return Err("--detractors takes a number from 1 to 2000".into());
        }
        Ok(it)
    }

    pub(crate) fn money(&self, amount: f64) -> String {
        Unit::whole_money(self.currency).write(amount)
    }
}
