//! Trust between two: the same whichever of them is named first.

use super::Opinion;

/// What two parties have in common when each has an opinion of the other.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct MutualTrust {
    value: f64,
    both: Opinion,
}

/// Mutual trust: the geometric mean of what each thinks of the other (convention), so that it is low as soon as one of
/// them does not trust. `mutual(a, b) == mutual(b, a)`, to the bit.
///
/// ```
/// use tillit::trust::{Opinion, asymmetry, mutual};
///
/// let customer = Opinion::new(0.7, 0.1, 0.2, 0.5)?;
/// let company = Opinion::new(0.3, 0.5, 0.2, 0.5)?;
/// assert_eq!(mutual(customer, company), mutual(company, customer));
/// assert!((mutual(customer, company).value() - 0.32_f64.sqrt()).abs() < 1e-15);
/// assert!((asymmetry(customer, company) - 0.4).abs() < 1e-15);
/// # Ok::<(), tillit::Error>(())
/// ```
#[must_use]
pub fn mutual(a_of_b: Opinion, b_of_a: Opinion) -> MutualTrust {
    MutualTrust {
        value: (a_of_b.projected() * b_of_a.projected()).sqrt(),
        both: a_of_b.and(b_of_a),
    }
}

/// By how much the first trusts more than is returned, from −1 to 1: the part of a relationship that does change when
/// it is read from the other end.
#[must_use]
pub fn asymmetry(a_of_b: Opinion, b_of_a: Opinion) -> f64 {
    a_of_b.projected() - b_of_a.projected()
}

impl MutualTrust {
    /// The geometric mean, from 0 to 1.
    #[must_use]
    pub fn value(&self) -> f64 {
        self.value
    }

    /// The opinion that both trust, taken as independent.
    #[must_use]
    pub fn both(&self) -> Opinion {
        self.both
    }
}
