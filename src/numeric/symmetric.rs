//! Small dense symmetric matrices: a handful of parameters, so plain loops.

/// A symmetric matrix, stored in full.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SymmetricMatrix {
    size: usize,
    cells: Vec<f64>,
}

impl SymmetricMatrix {
    /// All zeros.
    pub(crate) fn zero(size: usize) -> Self {
        Self {
            size,
            cells: vec![0.0; size * size],
        }
    }

    /// From its upper triangle, row by row.
    pub(crate) fn from_upper(size: usize, upper: &[f64]) -> Self {
        let mut matrix = Self::zero(size);
        let mut cells = upper.iter();
        for row in 0..size {
            for column in row..size {
                matrix.set(row, column, cells.next().copied().unwrap_or_default());
            }
        }
        matrix
    }

    pub(crate) fn size(&self) -> usize {
        self.size
    }

    pub(crate) fn get(&self, row: usize, column: usize) -> f64 {
        self.cells[row * self.size + column]
    }

    /// Sets a cell and its mirror image.
    pub(crate) fn set(&mut self, row: usize, column: usize, value: f64) {
        self.cells[row * self.size + column] = value;
        self.cells[column * self.size + row] = value;
    }

    /// The negative of the rows and columns in `kept`.
    pub(crate) fn negated_part(&self, kept: &[usize]) -> Self {
        let mut part = Self::zero(kept.len());
        for (row, &from_row) in kept.iter().enumerate() {
            for (column, &from_column) in kept.iter().enumerate().skip(row) {
                part.set(row, column, -self.get(from_row, from_column));
            }
        }
        part
    }

    /// v′ M v.
    pub(crate) fn quadratic_form(&self, v: &[f64]) -> f64 {
        let mut sum = 0.0;
        for row in 0..self.size {
            for column in 0..self.size {
                sum += v[row] * self.get(row, column) * v[column];
            }
        }
        sum
    }

    /// The inverse by Cholesky's factors; `None` unless positive definite within rounding.
    pub(crate) fn positive_definite_inverse(&self) -> Option<Self> {
        let n = self.size;
        let mut lower = vec![0.0; n * n];
        for row in 0..n {
            for column in 0..=row {
                let inner: f64 = (0..column)
                    .map(|k| lower[row * n + k] * lower[column * n + k])
                    .sum();
                let rest = self.get(row, column) - inner;
                if row == column {
                    // What is left of the diagonal must stand out of the rounding of what was taken away.
                    let standing_out = rest > 1e-14 * self.get(row, row).abs();
                    if !standing_out {
                        return None;
                    }
                    lower[row * n + row] = rest.sqrt();
                } else {
                    lower[row * n + column] = rest / lower[column * n + column];
                }
            }
        }
        // Columns of the inverse of the factor, then inverse = L⁻ᵀ L⁻¹.
        let mut inverse_lower = vec![0.0; n * n];
        for column in 0..n {
            for row in column..n {
                let unit = if row == column { 1.0 } else { 0.0 };
                let inner: f64 = (column..row)
                    .map(|k| lower[row * n + k] * inverse_lower[k * n + column])
                    .sum();
                inverse_lower[row * n + column] = (unit - inner) / lower[row * n + row];
            }
        }
        let mut inverse = Self::zero(n);
        for row in 0..n {
            for column in row..n {
                let cell = (column..n)
                    .map(|k| inverse_lower[k * n + row] * inverse_lower[k * n + column])
                    .sum();
                inverse.set(row, column, cell);
            }
        }
        Some(inverse)
    }

    /// Largest over smallest eigenvalue; infinite unless the smallest lies above 0.
    pub(crate) fn condition(&self) -> f64 {
        let eigen = self.eigen();
        match (eigen.first(), eigen.last()) {
            (Some(&(smallest, _)), Some(&(largest, _))) if smallest > 0.0 => largest / smallest,
            (Some(_), Some(_)) => f64::INFINITY,
            _ => 1.0,
        }
    }

    /// Eigenvalues, smallest first, each with its eigenvector of length 1, by Jacobi's rotations.
    pub(crate) fn eigen(&self) -> Vec<(f64, Vec<f64>)> {
        /// Jacobi's method converges quadratically; a handful of sweeps suffices at these sizes.
        const MOST_SWEEPS: usize = 40;
        let n = self.size;
        let mut matrix = self.clone();
        let mut vectors = vec![0.0; n * n];
        for i in 0..n {
            vectors[i * n + i] = 1.0;
        }
        for _ in 0..MOST_SWEEPS {
            let mut rotated = false;
            for p in 0..n {
                for q in p + 1..n {
                    rotated |= matrix.rotate_away(p, q, &mut vectors);
                }
            }
            if !rotated {
                break;
            }
        }
        let mut pairs: Vec<(f64, Vec<f64>)> = (0..n)
            .map(|i| {
                (
                    matrix.get(i, i),
                    (0..n).map(|k| vectors[k * n + i]).collect(),
                )
            })
            .collect();
        pairs.sort_by(|left, right| left.0.total_cmp(&right.0));
        pairs
    }

    /// One Jacobi rotation that makes cell (p, q) zero; whether there was anything to do.
    fn rotate_away(&mut self, p: usize, q: usize, vectors: &mut [f64]) -> bool {
        let n = self.size;
        let off = self.get(p, q);
        if off.abs() <= 1e-17 * (self.get(p, p).abs() * self.get(q, q).abs()).sqrt() || off == 0.0 {
            return false;
        }
        let theta = (self.get(q, q) - self.get(p, p)) / (2.0 * off);
        let t = theta.signum() / (theta.abs() + theta.hypot(1.0));
        let t = if theta == 0.0 { 1.0 } else { t };
        let cosine = 1.0 / t.hypot(1.0);
        let sine = t * cosine;
        let (pp, qq) = (self.get(p, p), self.get(q, q));
        for k in 0..n {
            if k != p && k != q {
                let (kp, kq) = (self.get(k, p), self.get(k, q));
                self.set(k, p, cosine * kp - sine * kq);
                self.set(k, q, sine * kp + cosine * kq);
            }
            let (vp, vq) = (vectors[k * n + p], vectors[k * n + q]);
            vectors[k * n + p] = cosine * vp - sine * vq;
            vectors[k * n + q] = sine * vp + cosine * vq;
        }
        self.set(p, p, pp - t * off);
        self.set(q, q, qq + t * off);
        self.set(p, q, 0.0);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::SymmetricMatrix;

    #[test]
    fn the_inverse_undoes_and_the_eigenvectors_rebuild_the_matrix() {
        let matrix =
            SymmetricMatrix::from_upper(4, &[9.0, 2.0, -1.0, 0.5, 7.0, 3.0, 0.1, 5.0, -2.0, 4.0]);
        let inverse = matrix.positive_definite_inverse().unwrap();
        let pairs = matrix.eigen();
        for row in 0..4 {
            for column in 0..4 {
                let product: f64 = (0..4)
                    .map(|k| matrix.get(row, k) * inverse.get(k, column))
                    .sum();
                let unit = if row == column { 1.0 } else { 0.0 };
                assert!((product - unit).abs() < 1e-14);
                let rebuilt: f64 = pairs.iter().map(|(l, v)| l * v[row] * v[column]).sum();
                assert!((rebuilt - matrix.get(row, column)).abs() < 1e-13);
            }
        }
        assert!(pairs.windows(2).all(|pair| pair[0].0 <= pair[1].0));
    }

    #[test]
    fn a_matrix_that_is_flat_or_bends_the_other_way_has_no_finite_condition() {
        let of = |corner| SymmetricMatrix::from_upper(2, &[8.0, 0.0, corner]).condition();
        assert!((of(2.0) - 4.0).abs() < 1e-14);
        assert!(of(0.0).is_infinite() && of(-1.0).is_infinite());
        assert!(of(-1.0) > 0.0);
    }

    #[test]
    fn an_indefinite_matrix_has_no_such_inverse() {
        let saddle = SymmetricMatrix::from_upper(2, &[1.0, 2.0, 1.0]);
        assert!(saddle.positive_definite_inverse().is_none());
        let flat = SymmetricMatrix::from_upper(2, &[1.0, 1.0, 1.0]);
        assert!(flat.positive_definite_inverse().is_none());
    }
}
