//! Mathematics without customers.

pub(crate) mod random;
