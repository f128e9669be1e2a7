//! A model as a point among its possible parameters.

use crate::error::{Error, Result};

/// A model with parameters that can be moved: what intervals, profiles and the bootstrap work on.
///
/// Coordinates are the parameters as the search for the most likely ones sees them: a positive parameter by its natural
/// logarithm, a coefficient as it is. They come in the order of the model's report.
pub trait ParametricModel: Sized {
    /// Where the model stands.
    fn coordinates(&self) -> Vec<f64>;

    /// The same model at other `coordinates`, without a report.
    ///
    /// # Errors
    /// [`Error::UnequalLengths`](crate::Error::UnequalLengths) for another number of coordinates;
    /// [`Error::OutOfRange`](crate::Error::OutOfRange) where a parameter is not positive and finite.
    fn at_coordinates(&self, coordinates: &[f64]) -> Result<Self>;

    /// Covariance of the coordinates' estimates, row by row: the inverse of the observed information. `None` where the
    /// parameters were given or the likelihood does not curve down in every direction.
    fn covariance(&self) -> Option<&[f64]>;
}

/// The parameters at these logarithms, checked to be as many as `expected` and positive and finite.
pub(super) fn exponentials(expected: usize, logarithms: &[f64]) -> Result<Vec<f64>> {
    if logarithms.len() != expected {
        return Err(Error::UnequalLengths {
            left: "the model's coordinates",
            left_len: expected,
            right: "the coordinates given",
            right_len: logarithms.len(),
        });
    }
    logarithms
        .iter()
        .map(|logarithm| {
            let parameter = logarithm.exp();
            Error::unless(
                parameter > 0.0 && parameter.is_finite(),
                "parameter",
                parameter,
                "be positive and finite",
            )?;
            Ok(parameter)
        })
        .collect()
}
