//! The likelihood of spend that moves with the number of purchases.

use crate::numeric::{Derivatives, SymmetricMatrix};

use crate::value::spend::spenders::Spenders;

/// Doublings that lead from one purchase to those of a customer with `x` repeat purchases.
pub(super) fn doublings(x: u32) -> f64 {
    (f64::from(x) + 1.0).log2()
}

/// Log-likelihood with its derivatives in ln p, ln q, ln v and the logarithm of the factor per doubling.
pub(in crate::value) fn derivatives(spenders: &Spenders, point: &[f64]) -> Derivatives {
    let (p, q) = (point[0].exp(), point[1].exp());
    let scale = |x: u32| (point[2] + point[3] * doublings(x)).exp();
    let mut value = spenders.constant();
    let mut gradient = vec![0.0; 4];
    let mut upper = [0.0; 10];
    spenders.each_group(
        |x| [p, q, scale(x)],
        |x, group| {
            let [part, of_p, of_q, of_v, pp, pq, pv, qq, qv, vv] = group;
            let (v, g) = (scale(x), doublings(x));
            let (slope_p, slope_q, slope_v) = (p * of_p, q * of_q, v * of_v);
            let bend_v = v * v * vv + slope_v;
            value += part;
            for (sum, slope) in gradient
                .iter_mut()
                .zip([slope_p, slope_q, slope_v, g * slope_v])
            {
                *sum += slope;
            }
            let bends = [
                p * p * pp + slope_p,
                p * q * pq,
                p * v * pv,
                g * p * v * pv,
                q * q * qq + slope_q,
                q * v * qv,
                g * q * v * qv,
                bend_v,
                g * bend_v,
                g * g * bend_v,
            ];
            for (sum, bend) in upper.iter_mut().zip(bends) {
                *sum += bend;
            }
        },
    );
    Derivatives {
        value,
        gradient,
        hessian: SymmetricMatrix::from_upper(4, &upper),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::derivatives;
    use crate::value::spend::spenders::Spenders;

    proptest! {
        #[test]
        fn derivatives_agree_with_differences(logs in prop::array::uniform4(-0.5..1.0_f64)) {
            let counts = [1, 1, 2, 7, 0, 300, 2];
            let means = [11.77, 11.77, 22.35, 73.74, 0.0, 35.0, 1e4];
            let spenders = Spenders::of(&counts, &means);
            let exact = derivatives(&spenders, &logs);
            for row in 0..4 {
                let h = 5e-3;
                let difference = |part: &dyn Fn(&[f64]) -> f64| {
                    let at = |k: f64| {
                        let mut moved = logs;
                        moved[row] += k * h;
                        part(&moved)
                    };
                    (45.0 * (at(1.0) - at(-1.0)) - 9.0 * (at(2.0) - at(-2.0)) + at(3.0) - at(-3.0)) / (60.0 * h)
                };
                let slope = difference(&|point| derivatives(&spenders, point).value);
                prop_assert!((exact.gradient[row] - slope).abs() <= 1e-7 * (exact.gradient[row].abs() + 100.0));
                for column in 0..4 {
                    let bend = difference(&|point| derivatives(&spenders, point).gradient[column]);
                    let found = exact.hessian.get(row, column);
                    prop_assert!((found - bend).abs() <= 1e-7 * (found.abs() + 100.0), "{row} {column}: {found} {bend}");
                }
            }
        }
    }
}
