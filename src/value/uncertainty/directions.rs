//! The independent directions in which a fit may lie beside the truth.

use crate::error::{Error, Result};
use crate::numeric::SymmetricMatrix;

use crate::value::ParametricModel;

/// Length of a difference to each side, in standard errors.
///
/// A standard error is of the order 0.001 to 1 in the coordinates and answers have 13 digits: what the third derivative
/// adds is of the order `STEP`² / 6 and rounding of the order 1e-13 / (0.001 `STEP`), so the slopes are right to about
/// 1e-6 of their value or better.
pub(in crate::value) const STEP: f64 = 2e-3;

/// The axes of the confidence ellipsoid, each one standard error long: a step of z₁, z₂, … along them with standard normal
/// z has the covariance of the estimates.
///
/// # Errors
/// [`Error::CannotTell`] without a covariance.
pub(in crate::value) fn directions<Model: ParametricModel>(model: &Model) -> Result<Vec<Vec<f64>>> {
    let size = model.coordinates().len();
    let covariance = model
        .covariance()
        .filter(|cells| cells.len() == size * size)
        .ok_or_else(|| Error::CannotTell {
            question: "how certain the answer is".into(),
            reason:
                "the parameters have no covariance, because they were given or the likelihood does not curve \
                     down in every direction (the report of the fit names the limit): fit the model to data that fix all \
                     of them, or bootstrap"
                    .into(),
        })?;
    let mut matrix = SymmetricMatrix::zero(size);
    for row in 0..size {
        for column in row..size {
            matrix.set(row, column, covariance[row * size + column]);
        }
    }
    Ok(matrix
        .eigen()
        .into_iter()
        .map(|(variance, axis)| {
            let length = variance.max(0.0).sqrt();
            axis.into_iter().map(|part| length * part).collect()
        })
        .collect())
}

/// The model at its coordinates plus `share` times `direction`.
pub(in crate::value) fn moved<Model: ParametricModel>(
    model: &Model,
    direction: &[f64],
    share: f64,
) -> Result<Model> {
    let coordinates: Vec<f64> = model
        .coordinates()
        .iter()
        .zip(direction)
        .map(|(coordinate, part)| coordinate + share * part)
        .collect();
    model.at_coordinates(&coordinates)
}

/// The slope of a quantity between two values a distance of 2 [`STEP`] apart. Where both are infinite alike, at the edge
/// of a scale, nothing moves.
pub(in crate::value) fn slope(plus: f64, minus: f64) -> f64 {
    if plus.total_cmp(&minus).is_eq() {
        0.0
    } else {
        (plus - minus) / (2.0 * STEP)
    }
}
