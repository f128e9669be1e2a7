//! The likelihood along one coordinate, the others following.

use crate::error::{Error, Result};
use crate::numeric::{Derivatives, Maximum, maximise};

use crate::value::FitReport;

/// The log-likelihood maximised over all coordinates but one.
pub(in crate::value) struct Profile<Likelihood> {
    likelihood: Likelihood,
    index: usize,
    peak: Vec<f64>,
    highest: f64,
    /// Distance at which the likelihood is expected to have fallen by ½.
    scale: f64,
    /// Coordinates that lie in a limit of the model and stay there.
    resting: Vec<usize>,
}

/// The coordinates without a standard error in a fit that lies in a limit; none in any other.
fn limits_of(report: &FitReport) -> Vec<usize> {
    let parameters = report.parameters().iter().enumerate();
    parameters
        .filter(|_| report.covariance().is_none())
        .filter_map(|(place, parameter)| parameter.standard_error().is_none().then_some(place))
        .collect()
}

/// What may rest of these: all choices, the smaller ones first; of many only single ones and all.
fn fewest_first(limits: &[usize]) -> Vec<Vec<usize>> {
    /// No model without covariates has more.
    const MOST: usize = 5;
    if limits.len() > MOST {
        let each = limits.iter().map(|&place| vec![place]);
        return each.chain([limits.to_vec()]).collect();
    }
    let chosen = |choice: usize| {
        let places = limits.iter().enumerate();
        places
            .filter(|&(bit, _)| choice & (1 << bit) != 0)
            .map(|(_, &place)| place)
            .collect()
    };
    let mut choices: Vec<Vec<usize>> = (1..1 << limits.len()).map(chosen).collect();
    choices.sort_by_key(Vec::len);
    choices
}

/// The fit stands this near, in coordinates, to the peak of its own data.
pub(in crate::value) const NEAR: f64 = 1e-3;

/// How far the search follows the coordinates, both those held and those free: a factor of a million.
const FURTHEST: f64 = 13.8;

impl<Likelihood: Fn(&[f64]) -> Derivatives> Profile<Likelihood> {
    /// Of the coordinate at `index`, from the fit that ended at `start` with this `report`. `likelihood` gives the
    /// log-likelihood with its derivatives in the coordinates, −∞ outside their range.
    ///
    /// # Errors
    /// [`Error::Contradiction`] if the likelihood has its peak elsewhere.
    pub(in crate::value) fn of(
        likelihood: Likelihood,
        start: &[f64],
        report: Option<&FitReport>,
        index: usize,
    ) -> Result<Self> {
        /// Where the likelihood does not curve down.
        const USUAL_SCALE: f64 = 0.5;
        let mut profile = Self {
            likelihood,
            index,
            peak: start.to_vec(),
            highest: f64::NAN,
            scale: USUAL_SCALE,
            resting: Vec::new(),
        };
        let all: Vec<usize> = (0..start.len()).collect();
        let near = |profile: &Self| {
            let bounds = all.iter().map(|&place| {
                let room = if profile.resting.contains(&place) {
                    0.0
                } else {
                    NEAR
                };
                (start[place] - room, start[place] + room)
            });
            let bounds: Vec<(f64, f64)> = bounds.collect();
            let end = maximise(start, &bounds, |point| (profile.likelihood)(point));
            let moving: Vec<usize> = (all.iter().copied())
                .filter(|place| !profile.resting.contains(place))
                .collect();
            let curvature = end.derivatives.hessian.negated_part(&moving);
            let leaves = moving.iter().any(|&place| end.at_bound[place]);
            let errors = curvature.positive_definite_inverse().map(|covariance| {
                let place = moving.iter().position(|&place| place == index);
                place.map_or(USUAL_SCALE, |place| covariance.get(place, place).sqrt())
            });
            (end, errors, leaves)
        };
        let (mut end, mut error, mut leaves) = near(&profile);
        // In a limit of the model some coordinates rest where the search was stopped: as few of them as give a peak, as of two
        // that grow together one.
        let limits = report.map_or_else(Vec::new, limits_of);
        for resting in fewest_first(&limits) {
            if error.is_some() && !leaves {
                break;
            }
            profile.resting = resting;
            (end, error, leaves) = near(&profile);
        }
        // On a ridge without curvature the end of the search says nothing.
        if error.is_some() && leaves {
            return Err(Error::Contradiction {
                what: "the fitted model and the data".into(),
                reason: "the likelihood of these data has its peak elsewhere: give the data that the model was fitted \
                         to, in the same unit"
                    .into(),
            });
        }
        // The parameter asked for is followed away from its limit.
        if limits.contains(&index) {
            profile.resting.clear();
        }
        profile.highest = end.derivatives.value;
        if let Some(error) = error {
            profile.peak = end.point;
            profile.scale = error;
        }
        Ok(profile)
    }

    /// Signed root of twice the fall at `held`, starting the others at `from`; `None` outside the range of the parameter.
    pub(in crate::value) fn fall(
        &self,
        held: f64,
        from: &[f64],
    ) -> Result<Option<(f64, Vec<f64>)>> {
        let mut start = from.to_vec();
        start[self.index] = held;
        let mut bounds: Vec<(f64, f64)> = self
            .peak
            .iter()
            .map(|c| (c - 2.0 * FURTHEST, c + 2.0 * FURTHEST))
            .collect();
        for &place in &self.resting {
            bounds[place] = (self.peak[place], self.peak[place]);
        }
        bounds[self.index] = (held, held);
        if !(self.likelihood)(&start).value.is_finite() {
            return Ok(None);
        }
        let end = maximise(&start, &bounds, |point| (self.likelihood)(point));
        self.require_top(&end)?;
        let fallen = 2.0 * (self.highest - end.derivatives.value);
        Ok(Some((fallen.max(0.0).sqrt(), end.point)))
    }

    /// Refuses the end of a search from which the likelihood still rises noticeably.
    fn require_top(&self, end: &Maximum) -> Result<()> {
        /// Rise per unit of a coordinate that moves no limit by 1e-4 of itself.
        const FLAT: f64 = 1e-4;
        let rises = (0..self.peak.len()).any(|free| {
            free != self.index && !end.at_bound[free] && end.derivatives.gradient[free].abs() > FLAT
        });
        if end.converged || !rises {
            return Ok(());
        }
        Err(Error::DidNotConverge {
            model: "the profile likelihood",
            iterations: end.iterations,
            best_log_likelihood: end.derivatives.value,
        })
    }

    /// The coordinate on this `side` (±1) of the peak at which the root of the fall is `critical`.
    pub(in crate::value) fn limit(&self, critical: f64, side: f64) -> Result<Option<f64>> {
        const MOST_STEPS: usize = 100;
        const ENOUGH: f64 = 1e-7;
        // Distances from the peak, with the root of the fall less what is asked for.
        let mut inner = (0.0, -critical);
        let mut point = self.peak.clone();
        let mut distance = critical * self.scale;
        let mut outer = loop {
            distance = distance.min(FURTHEST);
            let held = self.peak[self.index] + side * distance;
            let Some((root, there)) = self.fall(held, &point)? else {
                return Ok(None);
            };
            point = there;
            if root >= critical {
                break (distance, root - critical);
            }
            if distance >= FURTHEST {
                return Ok(None);
            }
            inner = (distance, root - critical);
            distance *= if root > 0.0 {
                (1.1 * critical / root).clamp(1.2, 2.0)
            } else {
                2.0
            };
        };
        // Bracketed secants; the weight of an end that stays is halved (the Illinois rule), so that both ends move.
        let mut last_side = 0.0;
        for _ in 0..MOST_STEPS {
            let middle = (inner.0 * outer.1 - outer.0 * inner.1) / (outer.1 - inner.1);
            let held = self.peak[self.index] + side * middle;
            let Some((root, there)) = self.fall(held, &point)? else {
                return Ok(None);
            };
            point = there;
            let beyond = root - critical;
            if beyond.abs() < ENOUGH || (outer.0 - inner.0).abs() < 1e-12 {
                return Ok(Some(held));
            }
            if beyond > 0.0 {
                outer = (middle, beyond);
                if last_side > 0.0 {
                    inner.1 *= 0.5;
                }
            } else {
                inner = (middle, beyond);
                if last_side < 0.0 {
                    outer.1 *= 0.5;
                }
            }
            last_side = beyond.signum();
        }
        Ok(Some(
            self.peak[self.index] + side * f64::midpoint(inner.0, outer.0),
        ))
    }
}
