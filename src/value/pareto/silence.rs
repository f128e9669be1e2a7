//! How likely a Pareto/NBD customer is to have left unnoticed, for many histories at once.
//!
//! Of a customer with x repeat purchases who was there at time y, J(y) is the chance to leave before buying again, and no
//! later than the last time in question. Then e^(−f) (1 − J(T)) + J(`t_x`) weighs "still there at T, or not" against
//! "gone since `t_x`", where e^(−f) is the chance of buying nothing and staying from `t_x` to T. J obeys
//! J(y) = ∫ over y..y′ + e^(−f) J(y′), so one short integral per distinct (x, time) serves every pair (`t_x`, T); every
//! term is positive, and the one subtraction is from 1. All derivatives in r, α, s, β obey the same equation.

use crate::numeric::{GAUSS_LEGENDRE_4, GAUSS_LEGENDRE_6, GAUSS_LEGENDRE_12, fill_column};

use crate::value::observed::futures::DistinctPairs;
use crate::value::pareto::law::ParetoLaw;

/// A value, its 4 first and 10 second derivatives (upper triangle) in r, α, s, β; or with N = 1 the value alone.
pub(in crate::value) type Jet<const N: usize> = [f64; N];

/// Value and derivatives.
pub(in crate::value) const FULL: usize = 15;

/// f(y, y′) = (r + x) ln((α + y′) / (α + y)) + s ln((β + y′) / (β + y)) with its derivatives.
#[derive(Clone, Copy, Debug)]
struct Decay {
    exponent: f64,
    first: [f64; 4],
    r_alpha: f64,
    alpha_alpha: f64,
    s_beta: f64,
    beta_beta: f64,
}

impl Decay {
    #[inline]
    fn new(law: &ParetoLaw, x: f64, from: f64, ahead: f64) -> Self {
        let shape = law.r + x;
        let (alpha, beta) = (law.alpha + from, law.beta + from);
        let (inverse_alpha, inverse_beta) = (1.0 / alpha, 1.0 / beta);
        let (later_alpha, later_beta) = (1.0 / (alpha + ahead), 1.0 / (beta + ahead));
        let no_purchase = (ahead * inverse_alpha).ln_1p();
        let no_leaving = (ahead * inverse_beta).ln_1p();
        let by_alpha = ahead * inverse_alpha * later_alpha;
        let by_beta = ahead * inverse_beta * later_beta;
        Self {
            exponent: shape * no_purchase + law.s * no_leaving,
            first: [no_purchase, -shape * by_alpha, no_leaving, -law.s * by_beta],
            r_alpha: -by_alpha,
            alpha_alpha: shape * by_alpha * (inverse_alpha + later_alpha),
            s_beta: -by_beta,
            beta_beta: law.s * by_beta * (inverse_beta + later_beta),
        }
    }

    /// e^(−f) times a jet.
    #[inline]
    fn times<const N: usize>(&self, jet: &Jet<N>) -> Jet<N> {
        let factor = (-self.exponent).exp();
        let mut full = [0.0; FULL];
        for (cell, part) in full.iter_mut().zip(jet) {
            *cell = *part;
        }
        let f = self.first;
        let mut product = [0.0; FULL];
        product[0] = full[0];
        let mut cell = 5;
        for row in 0..4 {
            product[1 + row] = full[1 + row] - f[row] * full[0];
            for column in row..4 {
                product[cell] = full[cell] - f[row] * full[1 + column] - f[column] * full[1 + row]
                    + f[row] * f[column] * full[0];
                cell += 1;
            }
        }
        product[6] -= self.r_alpha * full[0];
        product[9] -= self.alpha_alpha * full[0];
        product[13] -= self.s_beta * full[0];
        product[14] -= self.beta_beta * full[0];
        let mut result = [0.0; N];
        for (cell, part) in result.iter_mut().zip(product) {
            *cell = factor * part;
        }
        result
    }
}

/// Distinct (x, time) in ascending order with the J of each.
#[derive(Debug)]
pub(in crate::value) struct Silences {
    /// Place in ascending order of each pair in the order of [`DistinctPairs`].
    place: Vec<u32>,
    x: Vec<u32>,
    time: Vec<f64>,
}

impl Silences {
    pub(in crate::value) fn of(distinct: &DistinctPairs) -> Self {
        let pairs = &distinct.pairs;
        // Times are not negative, so their bits sort as they do.
        let mut order: Vec<(u32, u64, u32)> = (0_u32..)
            .zip(pairs)
            .map(|(index, &(x, time))| (x, time.to_bits(), index))
            .collect();
        order.sort_unstable();
        let mut place = vec![0; pairs.len()];
        for (rank, &(_, _, index)) in (0_u32..).zip(&order) {
            place[index as usize] = rank;
        }
        Self {
            place,
            x: order.iter().map(|key| key.0).collect(),
            time: order.iter().map(|key| f64::from_bits(key.1)).collect(),
        }
    }

    /// Where the J of the pair met as number `index` stands.
    pub(in crate::value) fn place(&self, index: u32) -> usize {
        self.place[index as usize] as usize
    }

    /// J at every (x, time) under `law`.
    pub(in crate::value) fn under<const N: usize>(&self, law: &ParetoLaw) -> Vec<Jet<N>> {
        let last = |k: usize| self.x.get(k + 1).is_none_or(|&next| next != self.x[k]);
        let pieces = fill_column(self.x.len(), |k| {
            Ok(if last(k) {
                [0.0; N]
            } else {
                piece(law, f64::from(self.x[k]), self.time[k], self.time[k + 1])
            })
        });
        // The pieces cannot fail.
        let mut jets = pieces.unwrap_or_default();
        for k in (0..jets.len()).rev() {
            if last(k) {
                continue;
            }
            let ahead = self.time[k + 1] - self.time[k];
            let decay = Decay::new(law, f64::from(self.x[k]), self.time[k], ahead);
            let rest = decay.times(&jets[k + 1]);
            for (cell, part) in jets[k].iter_mut().zip(rest) {
                *cell += part;
            }
        }
        jets
    }
}

/// (1 + odds of having left) e^(−f), and f: from the J at `t_x` and at T.
pub(in crate::value) fn settled<const N: usize>(
    law: &ParetoLaw,
    x: u32,
    t_x: f64,
    t: f64,
    since_last: &Jet<N>,
    since_end: &Jet<N>,
) -> (Jet<N>, f64) {
    let decay = Decay::new(law, f64::from(x), t_x, t - t_x);
    let mut there = since_end.map(|part| -part);
    if let Some(value) = there.first_mut() {
        *value += 1.0;
    }
    let mut sum = decay.times(&there);
    for (cell, part) in sum.iter_mut().zip(since_last) {
        *cell += part;
    }
    (sum, decay.exponent)
}

/// ∫ over `from`..`to` of the density of leaving at u while having bought nothing since `from`.
fn piece<const N: usize>(law: &ParetoLaw, x: f64, from: f64, to: f64) -> Jet<N> {
    let (shape, nearest) = (law.r + x, law.alpha.min(law.beta));
    let mut sum = [0.0; N];
    let mut begin = from;
    while begin < to {
        // How near the integrand's pole is and how much it falls decide how many points give all digits (the largest
        // value on Bernstein's ellipse over its axes' sum to the power of twice the number of points).
        let rate = shape / (law.alpha + begin) + (law.s + 1.0) / (law.beta + begin);
        let mut width = to - begin;
        let fits = |width: f64, poles: f64, exponent: f64| {
            width <= poles * (nearest + begin) && width * rate <= exponent
        };
        let before = sum[0];
        if fits(width, 0.015, 0.05) {
            add_panel(law, x, from, begin, width, &GAUSS_LEGENDRE_4, &mut sum);
        } else if fits(width, 0.08, 0.5) {
            add_panel(law, x, from, begin, width, &GAUSS_LEGENDRE_6, &mut sum);
        } else {
            width = width.min(0.5 * (nearest + begin)).min(4.0 / rate);
            add_panel(law, x, from, begin, width, &GAUSS_LEGENDRE_12, &mut sum);
        }
        let next = begin + width;
        if next <= begin || sum[0] - before <= 1e-18 * sum[0] {
            break;
        }
        begin = next;
    }
    sum
}

#[inline]
fn add_panel<const N: usize>(
    law: &ParetoLaw,
    x: f64,
    from: f64,
    begin: f64,
    width: f64,
    rule: &[(f64, f64)],
    sum: &mut Jet<N>,
) {
    let half = 0.5 * width;
    for &(node, weight) in rule {
        for side in [-node, node] {
            let ahead = begin - from + half * (1.0 + side);
            let decay = Decay::new(law, x, from, ahead);
            let inverse = 1.0 / (law.beta + from + ahead);
            let value = half * weight * law.s * inverse * (-decay.exponent).exp();
            let f = decay.first;
            let slope = [-f[0], -f[1], 1.0 / law.s - f[2], -inverse - f[3]];
            let mut terms = [0.0; FULL];
            terms[0] = 1.0;
            let mut cell = 5;
            for row in 0..4 {
                terms[1 + row] = slope[row];
                for column in row..4 {
                    terms[cell] = slope[row] * slope[column];
                    cell += 1;
                }
            }
            terms[6] -= decay.r_alpha;
            terms[9] -= decay.alpha_alpha;
            terms[12] -= 1.0 / (law.s * law.s);
            terms[13] -= decay.s_beta;
            terms[14] += inverse * inverse - decay.beta_beta;
            for (cell, term) in sum.iter_mut().zip(terms) {
                *cell += value * term;
            }
        }
    }
}
