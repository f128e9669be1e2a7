//! Mathematics without customers.

mod association;
mod fisher_exact;
mod line;
mod quantile;

pub(crate) use association::associate;
pub(crate) use fisher_exact::fisher_exact_two_sided;
pub(crate) use line::fit_line;
pub(crate) use quantile::quantile;
