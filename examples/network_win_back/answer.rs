//! The order in which to win back, with its certificate, beside rules of thumb.

use std::fmt::Write as _;

use tillit::report::grouped;
use tillit::win_back::Budget;
use tillit::win_back::network::{NetworkWinBack, PlanStep, SilencePlan};
use tillit::word_of_mouth::network::{Effort, SavedCurve, Search};

use crate::Outcome;
use crate::assumptions::Assumptions;
use crate::chance::Chance;
use crate::trust::Trust;
use crate::words::{how_good, percent, percent_down, whole};

/// Shuffles whose mean stands for "in no particular order".
const SHUFFLES: usize = 16;
/// Worlds in which the order is chosen, and as many others in which values are found.
pub(crate) const WORLDS: u64 = 1_024;
/// Who is named.
const NAMED: usize = 10;

/// The answer with what it is compared with.
pub(crate) struct Answer<'a> {
    pub(crate) it: &'a Assumptions,
    pub(crate) trust: &'a Trust,
    pub(crate) plan: SilencePlan,
    /// Our order, most hearers first, highest own value first, in no particular order.
    pub(crate) curves: Vec<SavedCurve>,
}

pub(crate) const RULES: [&str; 3] = [
    "most hearers first",
    "highest own value first",
    "in no particular order",
];

impl<'a> Answer<'a> {
    pub(crate) fn of(
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

    pub(crate) fn first(&self) -> &[PlanStep] {
        &self.plan.steps()[..NAMED.min(self.plan.steps().len())]
    }

    /// How many pay for themselves.
    pub(crate) fn paying(&self) -> Outcome<usize> {
        Ok(self.plan.within(Budget::Unlimited)?)
    }

    /// Everything that can be saved: all won back.
    pub(crate) fn whole(&self) -> f64 {
        self.plan.steps().last().map_or(0.0, |step| step.saved)
    }

    pub(crate) fn headline(&self) -> Outcome<String> {
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
            let found = self.plan.for_budget(Budget::Unlimited)?;
            write!(
                words,
                " The first {paying} pay for themselves: {} after costs, where no choice at all brings more than {}.",
                self.it.money(step.net()),
                self.it.money(found.net_at_most)
            )?;
        }
        Ok(words)
    }

    /// The rule of thumb that saves most with the first `count`.
    pub(crate) fn best_rival(&self, count: usize) -> usize {
        let saved = |rule: &usize| self.curves[*rule].saved[count];
        let best = (1..self.curves.len()).max_by(|a, b| saved(a).total_cmp(&saved(b)));
        best.unwrap_or(1)
    }

    pub(crate) fn certificate(&self) -> Option<String> {
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

    pub(crate) fn sizes(&self) -> Vec<usize> {
        let all = self.plan.steps().len();
        let mut sizes: Vec<usize> = [1, 5, 10, 20, 50, 100, 200, 500]
            .into_iter()
            .filter(|&k| k < all)
            .collect();
        sizes.push(all);
        sizes
    }

    pub(crate) fn print(&self) -> Outcome<()> {
        let (it, plan) = (self.it, &self.plan);
        say!("{}\n", self.headline()?);
        say!(
            "the network      {} ({})",
            self.trust.size(),
            self.trust.origin
        );
        say!("                 {}", self.trust.left_out());
        let error = plan.harm_estimate().standard_error().unwrap_or(0.0);
        say!(
            "nobody won back  {} detractors' word costs {} ± {} (standard error, {} worlds)\n",
            plan.steps().len(),
            it.money(plan.harm()?.amount()),
            it.money(error),
            whole(usize::try_from(plan.worlds())?)
        );
        say!("whom to win back first");
        say!(
            "{:>5}  {:12}{:>10}{:>20}{:>16}{:>18}{:>9}",
            "",
            "customer",
            "hearers",
            "their word alone",
            "adds",
            "saved so far",
            "±"
        );
        for (place, step) in (1..).zip(self.first()) {
            say!(
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
            say!("\n{words}");
        }
        say!(
            "\n{:>9}{:>16}{:>16}{:>24}{:>26}{:>28}",
            "won back",
            "at most",
            "this order",
            RULES[0],
            RULES[1],
            RULES[2]
        );
        for count in self.sizes() {
            let saved = |rule: usize| it.money(self.curves[rule].saved[count]);
            let bound = it.money(plan.steps()[count - 1].at_most);
            say!(
                "{count:>9}{bound:>16}{:>16}{:>24}{:>26}{:>28}",
                saved(0),
                saved(1),
                saved(2),
                saved(3)
            );
        }
        Ok(())
    }

    pub(crate) fn hearers(&self, step: &PlanStep) -> usize {
        let network = &self.trust.network;
        network
            .find(&step.id)
            .map_or(0, |person| network.hearers(person).len())
    }
}
