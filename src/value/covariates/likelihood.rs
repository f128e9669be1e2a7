//! The likelihood over all cells, with its derivatives by the chain rule.
//!
//! In a cell the logarithm of parameter j is the baseline's plus Σ over the processes of d(process, j) η(process), with
//! η = Σ γ z. So derivatives in a coefficient are those in the logarithms of the parameters, summed along the process's
//! direction d and times z.

use std::ops::Range;

use crate::numeric::{Derivatives, SymmetricMatrix, sum_rows};

use super::cells::Cells;
use super::target::DrivenLaw;

/// A process with the coefficients that belong to it.
#[derive(Clone, Debug)]
pub(super) struct Channel {
    pub(super) direction: &'static [f64],
    /// Which coefficients.
    pub(super) coefficients: Range<usize>,
}

/// What is to be maximised over baseline logarithms and standardised coefficients.
pub(super) struct Likelihood<'a, Law: DrivenLaw> {
    pub(super) cells: &'a Cells<Law::Sample>,
    pub(super) channels: Vec<Channel>,
    /// The column of each coefficient.
    pub(super) columns: Vec<usize>,
    /// Factor of the square of each coefficient in the penalty.
    pub(super) penalties: Vec<f64>,
}

impl<Law: DrivenLaw> Likelihood<'_, Law> {
    /// Number of baseline parameters.
    fn baseline() -> usize {
        Law::PARAMETERS.len()
    }

    pub(super) fn size(&self) -> usize {
        Self::baseline() + self.columns.len()
    }

    /// Σ penalty × γ².
    pub(super) fn penalty(&self, point: &[f64]) -> f64 {
        let coefficients = &point[Self::baseline()..];
        let squares = coefficients.iter().zip(&self.penalties);
        squares.map(|(gamma, factor)| factor * gamma * gamma).sum()
    }

    /// Penalised log-likelihood with its derivatives.
    pub(super) fn derivatives(&self, point: &[f64]) -> Derivatives {
        /// Cells per chunk; fixed, because the chunks decide the order of additions.
        const CHUNK: usize = 256;
        let (size, baseline) = (self.size(), Self::baseline());
        let width = 1 + size + size * size;
        let sums = sum_rows(self.cells.members.len(), CHUNK, width, |range, sums| {
            for cell in range {
                self.add_cell(point, cell, sums);
            }
        });
        let mut hessian = SymmetricMatrix::zero(size);
        for row in 0..size {
            for column in row..size {
                hessian.set(row, column, sums[1 + size + row * size + column]);
            }
        }
        let mut gradient = sums[1..=size].to_vec();
        for (index, factor) in self.penalties.iter().enumerate() {
            let place = baseline + index;
            gradient[place] -= 2.0 * factor * point[place];
            hessian.set(place, place, hessian.get(place, place) - 2.0 * factor);
        }
        Derivatives {
            value: sums[0] - self.penalty(point),
            gradient,
            hessian,
        }
    }

    /// Adds value, gradient and upper triangle of second derivatives of one cell.
    fn add_cell(&self, point: &[f64], cell: usize, sums: &mut [f64]) {
        let (size, baseline) = (self.size(), Self::baseline());
        let cell = &self.cells.members[cell];
        let covariate = |coefficient: usize| cell.standard[self.columns[coefficient]];
        let mut logarithms = point[..baseline].to_vec();
        for channel in &self.channels {
            let range = channel.coefficients.clone();
            let eta: f64 = range.map(|k| point[baseline + k] * covariate(k)).sum();
            for (logarithm, along) in logarithms.iter_mut().zip(channel.direction) {
                *logarithm += along * eta;
            }
        }
        let own = Law::derivatives_in_logarithms(&logarithms, &cell.sample);
        sums[0] += own.value;
        let (gradient, hessian) = sums[1..].split_at_mut(size);
        for row in 0..baseline {
            gradient[row] += own.gradient[row];
            for column in row..baseline {
                hessian[row * size + column] += own.hessian.get(row, column);
            }
        }
        for (index, channel) in self.channels.iter().enumerate() {
            let along = |of: &dyn Fn(usize) -> f64| -> f64 {
                let parts = channel.direction.iter().enumerate();
                parts.map(|(parameter, d)| d * of(parameter)).sum()
            };
            let slope = along(&|parameter| own.gradient[parameter]);
            let bend: Vec<f64> = (0..baseline)
                .map(|row| along(&|parameter| own.hessian.get(row, parameter)))
                .collect();
            for k in channel.coefficients.clone() {
                let z = covariate(k);
                gradient[baseline + k] += z * slope;
                for (row, part) in bend.iter().enumerate() {
                    hessian[row * size + baseline + k] += z * part;
                }
            }
            for earlier in &self.channels[..=index] {
                let both: f64 = earlier
                    .direction
                    .iter()
                    .zip(&bend)
                    .map(|(d, b)| d * b)
                    .sum();
                for l in earlier.coefficients.clone() {
                    for k in channel.coefficients.clone().filter(|&k| k >= l) {
                        hessian[(baseline + l) * size + baseline + k] +=
                            both * covariate(l) * covariate(k);
                    }
                }
            }
        }
    }
}
