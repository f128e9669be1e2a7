//! Averages over a gamma distribution of functions that rise from 0 and level off.

use super::incomplete_gamma::{excess, largest_term};

/// Nodes and weights for E[x / (x + c)] and its like, x ~ Γ(`shape`, 1), where c is at least `smallest`: the trapezoidal rule in
/// ln x, whose error falls exponentially with the inverse step. The transform of the density is Γ(shape + iτ), and the step
/// is such that this lies below 1e-15 of Γ(shape) at τ = 2π / step.
pub(crate) fn gamma_nodes(shape: f64, smallest: f64) -> Vec<(f64, f64)> {
    /// Terms below e^−41 of the largest one are left out.
    const NEGLIGIBLE: f64 = 41.0;
    let step = 2.0 * std::f64::consts::PI / (72.0 * (shape + 1.0) + 640.0).sqrt();
    let density_at_mean = step * shape * largest_term(shape, shape);
    // Logarithm of what x / (x + c) adds to the fall towards 0, at most.
    let rise = (smallest / shape).ln();
    let fall = |w: f64| shape * excess(w.exp_m1(), w) + (rise - w).max(0.0) - rise.max(0.0);
    let mut nodes = vec![(shape, density_at_mean)];
    for sign in [1.0, -1.0] {
        let mut index = 1.0;
        loop {
            let w = sign * index * step;
            if fall(w) > NEGLIGIBLE {
                break;
            }
            let weight = density_at_mean * (-shape * excess(w.exp_m1(), w)).exp();
            nodes.push((shape * w.exp(), weight));
            index += 1.0;
        }
    }
    nodes
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::gamma_nodes;
    use crate::numeric::scaled_exponential_integral;

    proptest! {
        #[test]
        fn averages_of_levelling_functions_come_out(ln_shape in -5.0..9.0_f64, ln_c in -20.0..12.0_f64, above in 0.0..6.0_f64) {
            let (shape, smallest) = (ln_shape.exp(), ln_c.exp());
            let c = smallest * above.exp();
            let nodes = gamma_nodes(shape, smallest);
            let found: f64 = nodes.iter().map(|(x, weight)| weight * x / (x + c)).sum();
            // E[x / (x + c)] = shape e^c E_(shape + 1)(c).
            let exact = shape * scaled_exponential_integral(shape + 1.0, c);
            prop_assert!((found / exact - 1.0).abs() < 3e-14, "{found} {exact} {}", nodes.len());
        }
    }
}
