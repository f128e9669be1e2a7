//! The one door by which pieces of an aggregate become the whole.

use crate::error::Result;

/// An aggregate that can be built over pieces and put together again.
///
/// The law: building over pieces and merging gives what one pass over everything gives. Exactly where the state is
/// counts, instants or minor currency units; to 1e-12 relative where it is floating point.
pub trait Merge {
    /// Takes `other` into `self`.
    ///
    /// # Errors
    /// When the two cannot be put together: different currencies, scales or options, or pieces whose state is too small
    /// to be merged exactly. `self` is then unchanged.
    fn merge(&mut self, other: &Self) -> Result<()>;
}
