//! Mathematics without customers: special functions, quadrature, a maximiser, random streams, sums with fixed bits.

mod association;
mod beta_ratio;
mod column;
mod complex;
mod cumulants;
mod exponential_integral;
mod fisher_exact;
mod fourier;
mod gamma;
mod gamma_average;
mod incomplete_beta;
mod incomplete_gamma;
mod line;
mod log_space;
mod magnitude;
mod maximum;
pub(crate) mod power_series;
#[cfg(test)]
mod published;
mod quadrature;
mod quantile;
pub(crate) mod random;
mod rising_factorial;
mod scatter;
mod sum;
mod symmetric;

pub(crate) use association::associate;
pub(crate) use beta_ratio::{digamma_step, ln_beta_ratio, trigamma_drop};
pub(crate) use column::{column_of, fill_cells, fill_column, fill_costly_column};
pub(crate) use complex::Complex;
pub(crate) use cumulants::Cumulants;
pub(crate) use exponential_integral::scaled_exponential_integral;
pub(crate) use fisher_exact::fisher_exact_two_sided;
pub(crate) use fourier::fourier_transform;
pub(crate) use gamma::{digamma, ln_gamma, ln_gamma_one_plus, ln_gamma_ratio, ln_ways, trigamma};
pub(crate) use gamma_average::gamma_nodes;
pub(crate) use incomplete_beta::{incomplete_beta, ln_beta_factor};
pub(crate) use incomplete_gamma::{gamma_quantile, incomplete_gamma};
pub(crate) use line::fit_line;
pub(crate) use log_space::ln_one_plus_exp;
pub(crate) use magnitude::power_of_two_below;
pub(crate) use maximum::{Derivatives, Maximum, maximise};
pub(crate) use quadrature::{
    GAUSS_LEGENDRE_4, GAUSS_LEGENDRE_6, GAUSS_LEGENDRE_12, beta_expectation, gauss_legendre,
    gauss_legendre_adaptive, gauss_legendre_panels,
};
pub(crate) use quantile::quantile;
pub(crate) use rising_factorial::RisingFactorial;
pub(crate) use scatter::Scatter;
pub(crate) use sum::{sum_in_chunks, sum_rows};
pub(crate) use symmetric::SymmetricMatrix;
