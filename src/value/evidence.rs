//! Whether the data can carry a purchase model.

use crate::error::{Error, Result};
use crate::numeric::Maximum;

use super::fit::{Sample, report};
use super::law::{PurchaseLaw, StayingCustomer};
use super::{FitReport, FitWarning, FittedParameter};

const REMEDY: &str = "use the observed contribution per customer";

/// Refuses data without customers or with hardly any repeat buyers.
pub(super) fn require_repeaters(sample: Sample) -> Result<()> {
    /// Convention; with fewer there is no spread of rates to see.
    const FEWEST_REPEATERS: usize = 10;
    if sample.customers == 0 {
        return Err(Error::Empty {
            what: "the purchase histories".into(),
            remedy: "give at least one customer".into(),
        });
    }
    if sample.repeaters < FEWEST_REPEATERS {
        return Err(Error::TooFew {
            what: format!("{} needs customers with a repeat purchase", sample.model).into(),
            found: sample.repeaters,
            needed: FEWEST_REPEATERS,
            remedy: REMEDY.into(),
        });
    }
    Ok(())
}

/// Refuses data in which fewer than 20 purchases (`stays`) followed a chance to leave: ten for each of the two parameters
/// of leaving (Peduzzi et al. 1996).
pub(super) fn require_stays(sample: Sample, stays: usize, chance: &str) -> Result<()> {
    const FEWEST_STAYS: usize = 20;
    if stays < FEWEST_STAYS {
        return Err(Error::TooFew {
            what: format!(
                "{} needs purchases after a {chance} purchase, which show that customers stay ({} of {} customers \
                 have a repeat at all)",
                sample.model, sample.repeaters, sample.customers
            )
            .into(),
            found: stays,
            needed: FEWEST_STAYS,
            remedy: REMEDY.into(),
        });
    }
    Ok(())
}

/// What a fit says beyond its parameters, as a function of its coordinates: the expected purchases of a new customer within
/// some time and within as long again.
pub(super) type Forecasts<'a> = &'a dyn Fn(&[f64]) -> [f64; 2];

/// The forecasts of a law, `span` being the mean time observed.
pub(super) fn forecasts_of<Law: PurchaseLaw>(
    law: &Law,
    span: f64,
) -> impl Fn(&[f64]) -> [f64; 2] + use<'_, Law> {
    move |coordinates| {
        let law = law.at_logarithms(coordinates);
        let new = law.staying(0, 0.0);
        let starting = law.probability_of_starting();
        [(0.0, span), (span, 2.0 * span)]
            .map(|(from, until)| starting * new.expected_purchases(from, until))
    }
}

/// Warns of parameters whose standard error exceeds their value (a 95 % interval that spans a factor of 50), if what they
/// forecast is known all the same: along a ridge of the likelihood single parameters move freely and forecasts hardly.
/// Refuses the fit where the forecasts are not known either and the parameter is one of the first `decisive`.
pub(super) fn require_known(
    sample: Sample,
    report: &mut FitReport,
    end: &Maximum,
    decisive: usize,
    forecasts: Forecasts<'_>,
) -> Result<()> {
    const UNKNOWN: f64 = 1.0;
    let relative = |parameter: &FittedParameter| {
        let error = parameter.standard_error()? / parameter.value();
        (error > UNKNOWN).then_some(error)
    };
    let all = report.parameters().iter().enumerate();
    let unknown: Vec<(usize, String, f64, f64)> = all
        .filter_map(|(index, parameter)| {
            let error = relative(parameter)?;
            let name = parameter.name().to_owned();
            Some((index, name, parameter.value(), error))
        })
        .collect();
    let Some((_, name, value, error)) = unknown.first() else {
        return Ok(());
    };
    let doubt = doubt(end, forecasts);
    if forecasts_are_known(sample, doubt) {
        report.warn(FitWarning::KnownOnlyTogether {
            parameters: unknown.into_iter().map(|(_, name, ..)| name).collect(),
            forecast_error: doubt,
        });
        return Ok(());
    }
    if unknown.iter().all(|&(index, ..)| index >= decisive) {
        return Ok(());
    }
    Err(Error::CannotTell {
        question: "who will buy again".into(),
        reason: format!(
            "{name} = {value:.3} has a standard error of {:.0} % of its value and what a new customer will buy {}, so \
             these {} repeat buyers among {} customers do not fix the model: {REMEDY}",
            100.0 * error,
            if doubt.is_finite() {
                format!("is known to ± {:.0} % only", 100.0 * doubt)
            } else {
                "is not known either".to_owned()
            },
            sample.repeaters,
            sample.customers
        )
        .into(),
    })
}

/// What the end of a search has run into, in a model with two parameters of buying and two of leaving, in this order.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Limits {
    /// All customers buy alike.
    pub(super) equal_rates: bool,
    /// All customers leave alike.
    pub(super) equal_churn: bool,
    /// Hardly anybody leaves.
    pub(super) nobody_leaves: bool,
}

impl Limits {
    /// The parameters that the data fix.
    pub(super) fn identified(self) -> &'static [usize] {
        match (self.equal_rates, self.nobody_leaves || self.equal_churn) {
            (false, false) => &[0, 1, 2, 3],
            (false, true) => &[0, 1],
            (true, false) => &[2, 3],
            (true, true) => &[],
        }
    }

    /// The report on a fit in these limits, with its warnings; refused where neither parameters nor forecasts are known.
    pub(super) fn report(
        self,
        sample: Sample,
        names: &[&str; 4],
        end: &Maximum,
        forecasts: Forecasts<'_>,
    ) -> Result<FitReport> {
        let mut report = report(sample, names, end, self.identified())?;
        require_known(sample, &mut report, end, names.len(), forecasts)?;
        self.require_forecasts(sample, end, forecasts)?;
        report.warn_of_equal_rates(self.equal_rates);
        for warning in self.of_leaving() {
            report.warn(warning);
        }
        Ok(report)
    }

    /// What to beware of in limits of leaving.
    pub(super) fn of_leaving(self) -> impl Iterator<Item = FitWarning> {
        let alike = self.equal_churn.then_some(FitWarning::EqualChurn);
        let never = self.nobody_leaves.then_some(FitWarning::NobodyLeaves);
        alike.into_iter().chain(never)
    }

    /// Refuses a fit at the edge of leaving alike unless its forecasts are known.
    pub(super) fn require_forecasts(
        self,
        sample: Sample,
        end: &Maximum,
        forecasts: Forecasts<'_>,
    ) -> Result<()> {
        if !self.equal_churn || forecasts_are_known(sample, doubt(end, forecasts)) {
            return Ok(());
        }
        Err(Error::CannotTell {
            question: "who will buy again".into(),
            reason: format!(
                "the likelihood keeps growing as all customers become equally likely to leave, and {} repeat buyers among \
                 {} customers do not tell whether the others have left: {REMEDY}",
                sample.repeaters, sample.customers
            )
            .into(),
        })
    }
}

/// Whether a doubtful fit may be kept for its forecasts. Where nearly nobody comes back, a small doubt only says that nearly
/// nobody will: the few do not tell whether the many have left.
fn forecasts_are_known(sample: Sample, doubt: f64) -> bool {
    /// A standard error of the logarithm beyond which a 95 % interval leaves a factor of two to each side: ln 2 / 1.96.
    /// Convention.
    const LARGEST_DOUBT: f64 = 0.35;
    /// Convention, as for the warning that most bought once.
    const FEWEST_REPEATERS: f64 = 0.05;
    doubt <= LARGEST_DOUBT && sample.repeaters as f64 >= FEWEST_REPEATERS * sample.customers as f64
}

/// The larger relative standard error of the two forecasts, from steps of a whole standard error along the axes of the
/// confidence ellipsoid, so that a forecast which bends along a ridge does not look better known than it is. Coordinates on
/// a bound stay there: only combinations with the free ones are known in such a limit.
fn doubt(end: &Maximum, forecasts: Forecasts<'_>) -> f64 {
    let free: Vec<usize> = (0..end.point.len())
        .filter(|&index| !end.at_bound[index])
        .collect();
    let information = end.derivatives.hessian.negated_part(&free);
    let Some(covariance) = information.positive_definite_inverse() else {
        return f64::INFINITY;
    };
    let logarithms = |point: &[f64]| forecasts(point).map(f64::ln);
    let here = logarithms(&end.point);
    let mut variances = [0.0; 2];
    for (variance, axis) in covariance.eigen() {
        let length = variance.max(0.0).sqrt();
        let beside = [-length, length].map(|length| {
            let mut point = end.point.clone();
            for (&index, part) in free.iter().zip(&axis) {
                point[index] += length * part;
            }
            logarithms(&point)
        });
        for (forecast, sum) in variances.iter_mut().enumerate() {
            let [below, above] = beside.map(|there| (there[forecast] - here[forecast]).abs());
            *sum += below.max(above).powi(2);
        }
    }
    // A forecast that is no number is not known: `max` would drop it.
    if variances.iter().all(|variance| variance.is_finite()) {
        variances[0].max(variances[1]).sqrt()
    } else {
        f64::INFINITY
    }
}

/// The refusal where the likelihood keeps growing towards the edge of two parameters of leaving at which customers differ
/// without measure.
pub(super) fn extremes_of_leaving(
    question: &'static str,
    first: (&str, f64),
    second: (&str, f64),
    limit: &str,
    instead: &str,
) -> Error {
    Error::CannotTell {
        question: question.into(),
        reason: format!(
            "the likelihood keeps growing towards the edge ({} = {:.3e}, {} = {:.3e}), where {limit}: {instead}, or {REMEDY}",
            first.0, first.1, second.0, second.1
        )
        .into(),
    }
}
