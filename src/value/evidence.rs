//! Whether the data can carry a purchase model.

use crate::error::{Error, Result};

use super::fit::Sample;
use super::{FitReport, FittedParameter};

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

/// Refuses a fit in which some parameter's standard error exceeds its value: a 95 % interval that spans a factor of 50.
pub(super) fn require_known(sample: Sample, report: &FitReport) -> Result<()> {
    require_known_parameters(sample, report.parameters())
}

/// The same for some of the parameters.
pub(super) fn require_known_parameters(
    sample: Sample,
    parameters: &[FittedParameter],
) -> Result<()> {
    const UNKNOWN: f64 = 1.0;
    for parameter in parameters {
        let relative = parameter
            .standard_error()
            .map(|error| error / parameter.value());
        if let Some(relative) = relative.filter(|&relative| relative > UNKNOWN) {
            return Err(Error::CannotTell {
                question: "who will buy again".into(),
                reason: format!(
                    "{} = {:.3} has a standard error of {:.0} % of its value, so these {} repeat buyers among {} customers \
                     do not fix the model: {REMEDY}",
                    parameter.name(),
                    parameter.value(),
                    100.0 * relative,
                    sample.repeaters,
                    sample.customers
                )
                .into(),
            });
        }
    }
    Ok(())
}

/// The refusal where the likelihood keeps growing towards the edge of two parameters of leaving.
pub(super) fn edge_of_leaving(
    question: &'static str,
    first: (&str, f64),
    second: (&str, f64),
) -> Error {
    Error::CannotTell {
        question: question.into(),
        reason: format!(
            "the likelihood keeps growing towards the edge ({} = {:.3e}, {} = {:.3e}): {REMEDY}",
            first.0, first.1, second.0, second.1
        )
        .into(),
    }
}
