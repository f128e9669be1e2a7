//! Mathematics without customers: special functions, quadrature, a maximiser, random streams, sums with fixed bits.

mod association;
mod column;
mod exponential_integral;
mod fisher_exact;
mod gamma;
mod line;
mod log_space;
mod maximum;
#[cfg(test)]
mod published;
mod quadrature;
mod quantile;
pub(crate) mod random;
mod rising_factorial;
mod sum;
mod symmetric;

pub(crate) use association::associate;
pub(crate) use column::fill_column;
pub(crate) use exponential_integral::scaled_exponential_integral;
pub(crate) use fisher_exact::fisher_exact_two_sided;
pub(crate) use gamma::{digamma, ln_gamma, ln_gamma_one_plus, ln_gamma_ratio, trigamma};
pub(crate) use line::fit_line;
pub(crate) use log_space::ln_one_plus_exp;
pub(crate) use maximum::{Derivatives, Maximum, maximise};
pub(crate) use quadrature::{
    GAUSS_LEGENDRE_4, GAUSS_LEGENDRE_6, GAUSS_LEGENDRE_12, beta_expectation, gauss_legendre,
    gauss_legendre_adaptive, gauss_legendre_panels,
};
pub(crate) use quantile::quantile;
pub(crate) use rising_factorial::RisingFactorial;
pub(crate) use sum::sum_in_chunks;
pub(crate) use symmetric::SymmetricMatrix;
