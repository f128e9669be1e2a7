//! What needs what: activities with lead times, scheduled forwards and backwards.

use std::collections::HashMap;
use std::fmt;

use crate::error::{Error, Result};

/// How long something takes, in whole calendar days. Working days and elapsed hours are other types.
///
/// ```
/// use tillit::promise::LeadTime;
///
/// assert_eq!(LeadTime::weeks(14).days(), 98);
/// assert_eq!(LeadTime::weeks(14).to_string(), "14 weeks");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum LeadTime {
    /// Calendar days.
    Days(u32),
    /// Weeks of seven calendar days.
    Weeks(u32),
}

impl LeadTime {
    /// Nothing: done as soon as begun.
    pub const NONE: Self = Self::Days(0);

    /// `count` calendar days.
    #[must_use]
    pub const fn of_days(count: u32) -> Self {
        Self::Days(count)
    }

    /// `count` weeks.
    #[must_use]
    pub const fn weeks(count: u32) -> Self {
        Self::Weeks(count)
    }

    /// Length in calendar days.
    #[must_use]
    pub fn days(self) -> i64 {
        match self {
            Self::Days(count) => i64::from(count),
            Self::Weeks(count) => 7 * i64::from(count),
        }
    }
}

impl fmt::Display for LeadTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (count, unit) = match *self {
            Self::Days(count) => (count, "day"),
            Self::Weeks(count) => (count, "week"),
        };
        let plural = if count == 1 { "" } else { "s" };
        write!(f, "{count} {unit}{plural}")
    }
}

#[derive(Clone, Debug)]
struct Activity {
    name: Box<str>,
    takes: LeadTime,
    after: Vec<usize>,
}

/// Activities, what each needs first, and how long each takes: a network without circles (Kelley & Walker 1959).
///
/// ```
/// use tillit::promise::{Activities, LeadTime};
///
/// let order = Activities::builder()
///     .activity("credit check", LeadTime::of_days(10), &[])
///     .activity("build the car", LeadTime::of_days(120), &["credit check"])
///     .activity("wall-box", LeadTime::weeks(14), &["credit check"])
///     .activity("delivery", LeadTime::NONE, &["build the car", "wall-box"])
///     .build()?;
/// let schedule = order.schedule();
/// assert_eq!(schedule.end(), 130);
/// assert_eq!(schedule.of("wall-box").map(|plan| (plan.latest_start, plan.float)), Some((32, 22)));
/// # Ok::<(), tillit::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Activities {
    nodes: Vec<Activity>,
    numbers: HashMap<Box<str>, usize>,
    /// Each activity after all that it needs.
    order: Vec<usize>,
}

/// Collects [`Activities`] in any order.
#[derive(Clone, Debug, Default)]
pub struct ActivitiesBuilder {
    given: Vec<(Box<str>, LeadTime, Vec<Box<str>>)>,
}

impl ActivitiesBuilder {
    /// An activity that takes `takes` and can begin once all of `after` are done.
    #[must_use]
    pub fn activity(mut self, name: &str, takes: LeadTime, after: &[&str]) -> Self {
        let after = after.iter().map(|&name| name.into()).collect();
        self.given.push((name.into(), takes, after));
        self
    }

    /// Checks the network.
    ///
    /// # Errors
    /// [`Error::Contradiction`] if a name is given twice or if activities wait for each other in a circle, which is
    /// named; [`Error::InvalidText`] if an activity comes after an unknown one.
    pub fn build(self) -> Result<Activities> {
        let mut numbers = HashMap::new();
        for (number, (name, ..)) in self.given.iter().enumerate() {
            if numbers.insert(name.clone(), number).is_some() {
                return Err(Error::Contradiction {
                    what: "the list of activities".into(),
                    reason: format!("{name:?} is given twice"),
                });
            }
        }
        let mut activities = Vec::with_capacity(self.given.len());
        for (name, takes, before) in self.given {
            let after = before
                .iter()
                .map(|needed| {
                    numbers
                        .get(needed)
                        .copied()
                        .ok_or_else(|| Error::InvalidText {
                            what: "activity".into(),
                            found: needed.to_string(),
                            expected: format!(
                                "the name of an activity, because {name:?} comes after it"
                            )
                            .into(),
                        })
                })
                .collect::<Result<Vec<_>>>()?;
            activities.push(Activity { name, takes, after });
        }
        let order = in_order(&activities)?;
        Ok(Activities {
            nodes: activities,
            numbers,
            order,
        })
    }
}

impl Activities {
    /// Starts an empty network.
    #[must_use]
    pub fn builder() -> ActivitiesBuilder {
        ActivitiesBuilder::default()
    }

    /// Earliest and latest days, counted from day 0, when everything ends as early as it can.
    #[must_use]
    pub fn schedule(&self) -> Schedule {
        self.pass(None)
    }

    /// Earliest and latest days, counted from day 0, when everything must be done by day `end`. Floats are negative
    /// where that cannot be.
    #[must_use]
    pub fn schedule_ending(&self, end: i64) -> Schedule {
        self.pass(Some(end))
    }

    fn pass(&self, end: Option<i64>) -> Schedule {
        let count = self.nodes.len();
        let takes = |number: usize| self.nodes[number].takes.days();
        let mut early = vec![0_i64; count];
        for &number in &self.order {
            early[number] = self.nodes[number]
                .after
                .iter()
                .map(|&needed| early[needed] + takes(needed))
                .max()
                .unwrap_or(0);
        }
        let possible = (0..count)
            .map(|number| early[number] + takes(number))
            .max()
            .unwrap_or(0);
        let mut late_end = vec![end.unwrap_or(possible); count];
        for &number in self.order.iter().rev() {
            let start = late_end[number] - takes(number);
            for &needed in &self.nodes[number].after {
                late_end[needed] = late_end[needed].min(start);
            }
        }
        let plan = |number: usize| Plan {
            earliest_start: early[number],
            earliest_end: early[number] + takes(number),
            latest_start: late_end[number] - takes(number),
            latest_end: late_end[number],
            float: late_end[number] - takes(number) - early[number],
            critical: false,
        };
        let mut plans: Vec<Plan> = (0..count).map(plan).collect();
        let least = plans.iter().map(|plan| plan.float).min();
        for plan in &mut plans {
            plan.critical = Some(plan.float) == least;
        }
        Schedule {
            plans: self
                .nodes
                .iter()
                .map(|activity| activity.name.clone())
                .zip(plans)
                .collect(),
            end: possible,
        }
    }

    /// The longest chain of activities from the start of `from` to the start of `to`, `to` itself left out.
    pub(super) fn longest_chain(&self, from: &str, to: &str) -> Result<Vec<(&str, LeadTime)>> {
        let first = self.number_of(from)?;
        let last = self.number_of(to)?;
        // Days from the start of `from` to the start of each activity that waits for it, and through which one.
        let mut reached: Vec<Option<(i64, usize)>> = vec![None; self.nodes.len()];
        reached[first] = Some((0, first));
        for &number in &self.order {
            for &needed in &self.nodes[number].after {
                if let Some((days, _)) = reached[needed] {
                    let days = days + self.nodes[needed].takes.days();
                    if reached[number].is_none_or(|(known, _)| days > known) {
                        reached[number] = Some((days, needed));
                    }
                }
            }
        }
        let mut chain = Vec::new();
        let mut number = last;
        while number != first {
            let Some((_, needed)) = reached[number] else {
                return Err(Error::CannotTell {
                    question: format!("the latest right moment of {from:?}").into(),
                    reason: format!("{to:?} does not wait for it").into(),
                });
            };
            let activity = &self.nodes[needed];
            chain.push((&*activity.name, activity.takes));
            number = needed;
        }
        chain.reverse();
        Ok(chain)
    }

    fn number_of(&self, name: &str) -> Result<usize> {
        self.numbers
            .get(name)
            .copied()
            .ok_or_else(|| Error::InvalidText {
                what: "activity".into(),
                found: name.into(),
                expected: "the name of an activity in the network".into(),
            })
    }
}

/// When one activity can and must happen, in days from day 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Plan {
    /// The first day on which it can begin.
    pub earliest_start: i64,
    /// The first day on which it can be done.
    pub earliest_end: i64,
    /// The last day on which it may begin.
    pub latest_start: i64,
    /// The last day on which it may be done.
    pub latest_end: i64,
    /// By how many days it can be put off without moving the end; negative if the end cannot be met.
    pub float: i64,
    /// Whether nothing has less float.
    pub critical: bool,
}

/// Earliest and latest days of all activities.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    plans: Vec<(Box<str>, Plan)>,
    end: i64,
}

impl Schedule {
    /// The day on which everything can be done at the earliest.
    #[must_use]
    pub fn end(&self) -> i64 {
        self.end
    }

    /// The plan of one activity; `None` if there is none of that name.
    #[must_use]
    pub fn of(&self, name: &str) -> Option<Plan> {
        self.plans
            .iter()
            .find(|(known, _)| &**known == name)
            .map(|&(_, plan)| plan)
    }

    /// All plans by name, in the order in which the activities were given.
    #[must_use]
    pub fn plans(&self) -> impl ExactSizeIterator<Item = (&str, Plan)> {
        self.plans.iter().map(|(name, plan)| (&**name, *plan))
    }
}

/// Every activity after all that it needs, or the circle that forbids it.
fn in_order(activities: &[Activity]) -> Result<Vec<usize>> {
    let mut waits_for: Vec<usize> = activities.iter().map(|a| a.after.len()).collect();
    let mut followers = vec![Vec::new(); activities.len()];
    for (number, activity) in activities.iter().enumerate() {
        for &needed in &activity.after {
            followers[needed].push(number);
        }
    }
    let mut order: Vec<usize> = (0..activities.len())
        .filter(|&number| waits_for[number] == 0)
        .collect();
    let mut next = 0;
    while let Some(&number) = order.get(next) {
        next += 1;
        for &follower in &followers[number] {
            waits_for[follower] -= 1;
            if waits_for[follower] == 0 {
                order.push(follower);
            }
        }
    }
    match (0..activities.len()).find(|&number| waits_for[number] > 0) {
        None => Ok(order),
        Some(stuck) => Err(Error::Contradiction {
            what: "the network of activities".into(),
            reason: circle_through(activities, &waits_for, stuck),
        }),
    }
}

/// Walks from a stuck activity to one it waits for, and on, until one comes up again.
fn circle_through(activities: &[Activity], waits_for: &[usize], stuck: usize) -> String {
    let mut path = vec![stuck];
    let mut here = stuck;
    // A stuck activity always waits for another stuck one, so the walk ends only at a repetition.
    while let Some(&needed) = activities[here]
        .after
        .iter()
        .find(|&&needed| waits_for[needed] > 0)
    {
        if let Some(first) = path.iter().position(|&seen| seen == needed) {
            path.drain(..first);
            path.push(needed);
            break;
        }
        path.push(needed);
        here = needed;
    }
    let names: Vec<String> = path
        .iter()
        .map(|&number| format!("{:?}", activities[number].name))
        .collect();
    names.join(" waits for ")
}
