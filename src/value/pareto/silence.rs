//! How likely a Pareto/NBD customer is to have left unnoticed, for many histories at once.
//!
//! Of a customer with x repeat purchases who was there at time y, J(y) is the chance to leave before buying again, and no
//! later than the last time in question. Then e^(−f) (1 − J(T)) + J(`t_x`) weighs "still there at T, or not" against
//! "gone since `t_x`", where e^(−f) is the chance of buying nothing and staying from `t_x` to T. J obeys
//! J(y) = ∫ over y..y′ + e^(−f) J(y′), so one short integral per distinct (x, time) serves every pair (`t_x`, T); every
//! term is positive, and the one subtraction is from 1. All derivatives in r, α, s, β obey the same equation.

use crate::numeric::{GAUSS_LEGENDRE_4, GAUSS_LEGENDRE_6, GAUSS_LEGENDRE_12, column_of};

use crate::value::observed::patterns::sort;
use crate::value::pareto::law::ParetoLaw;

/// A value, its 4 first and 10 second derivatives (upper triangle) in r, α, s, β; or with N = 1 the value alone.
pub(in crate::value) type Jet<const N: usize> = [f64; N];

/// Value and derivatives.
pub(in crate::value) const FULL: usize = 15;

/// What a time y means under a law: ln(1 + y/α), 1 / (α + y), ln(1 + y/β), 1 / (β + y).
#[derive(Clone, Copy, Debug)]
pub(in crate::value) struct Moment {
    pub(in crate::value) ln_alpha: f64,
    pub(in crate::value) inverse_alpha: f64,
    pub(in crate::value) ln_beta: f64,
    pub(in crate::value) inverse_beta: f64,
}

impl Moment {
    pub(in crate::value) fn new(law: &ParetoLaw, time: f64) -> Self {
        Self {
            ln_alpha: (time / law.alpha).ln_1p(),
            inverse_alpha: 1.0 / (law.alpha + time),
            ln_beta: (time / law.beta).ln_1p(),
            inverse_beta: 1.0 / (law.beta + time),
        }
    }
}

/// f(y, y′) = (r + x) ln((α + y′) / (α + y)) + s ln((β + y′) / (β + y)) with its derivatives.
#[derive(Clone, Copy, Debug)]
pub(in crate::value) struct Decay {
    pub(in crate::value) exponent: f64,
    first: [f64; 4],
    r_alpha: f64,
    alpha_alpha: f64,
    s_beta: f64,
    beta_beta: f64,
}

impl Decay {
    /// From y to `ahead` later.
    #[inline]
    pub(in crate::value) fn new(law: &ParetoLaw, x: f64, from: f64, ahead: f64) -> Self {
        let (alpha, beta) = (law.alpha + from, law.beta + from);
        let inverse = (1.0 / alpha, 1.0 / beta);
        let later = (1.0 / (alpha + ahead), 1.0 / (beta + ahead));
        let no_purchase = (ahead * inverse.0).ln_1p();
        let no_leaving = (ahead * inverse.1).ln_1p();
        Self::of_parts(law, x, ahead, inverse, later, (no_purchase, no_leaving))
    }

    /// From one moment to another, `ahead` later, with the digits that differences of logarithms leave: enough in a sum
    /// of log-likelihoods.
    #[inline]
    pub(in crate::value) fn between(
        law: &ParetoLaw,
        x: f64,
        (from, to): (&Moment, &Moment),
        ahead: f64,
    ) -> Self {
        let inverse = (from.inverse_alpha, from.inverse_beta);
        let later = (to.inverse_alpha, to.inverse_beta);
        let logs = (to.ln_alpha - from.ln_alpha, to.ln_beta - from.ln_beta);
        Self::of_parts(law, x, ahead, inverse, later, logs)
    }

    #[inline]
    fn of_parts(
        law: &ParetoLaw,
        x: f64,
        ahead: f64,
        (inverse_alpha, inverse_beta): (f64, f64),
        (later_alpha, later_beta): (f64, f64),
        (no_purchase, no_leaving): (f64, f64),
    ) -> Self {
        let shape = law.r + x;
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

/// Distinct (x, time) in ascending order, at each of which there is a J.
#[derive(Debug)]
pub(in crate::value) struct Silences {
    x: Vec<u32>,
    time: Vec<f64>,
    /// How many there are of each x in turn.
    runs: Vec<usize>,
}

impl Silences {
    /// The silences of some distinct (x, bits of time), and where the J of each stands.
    pub(in crate::value) fn of(pairs: Vec<(u32, u64)>) -> (Self, Vec<u32>) {
        // Times are not negative, so their bits sort as they do.
        let mut order: Vec<u128> = (0_u32..)
            .zip(&pairs)
            .map(|(index, &(x, time))| {
                u128::from(x) << 96 | u128::from(time) << 32 | u128::from(index)
            })
            .collect();
        // As long as the keys that replace it.
        drop(pairs);
        sort(&mut order);
        let mut silences = Self {
            x: Vec::with_capacity(order.len()),
            time: Vec::with_capacity(order.len()),
            runs: Vec::new(),
        };
        let mut place = vec![0; order.len()];
        for (rank, key) in (0_u32..).zip(&order) {
            let (x, time, index) = unpacked(*key);
            place[index] = rank;
            silences.x.push(x);
            silences.time.push(time);
        }
        let runs = silences.x.chunk_by(|left, right| left == right);
        silences.runs = runs.map(<[_]>::len).collect();
        (silences, place)
    }

    /// J at every (x, time) under `law`.
    pub(in crate::value) fn under<const N: usize>(&self, law: &ParetoLaw) -> Vec<Jet<N>> {
        let last = |k: usize| self.x.get(k + 1).is_none_or(|&next| next != self.x[k]);
        let mut jets = column_of(self.x.len(), |k| {
            if last(k) {
                [0.0; N]
            } else {
                piece(law, f64::from(self.x[k]), self.time[k], self.time[k + 1])
            }
        });
        let mut runs = Vec::with_capacity(self.runs.len());
        let (mut begin, mut rest) = (0, jets.as_mut_slice());
        for &length in &self.runs {
            let (run, others) = rest.split_at_mut(length);
            runs.push((begin, run));
            begin += length;
            rest = others;
        }
        #[cfg(feature = "parallel")]
        {
            use rayon::prelude::*;
            // The runs of small x are long: one at a time.
            runs.into_par_iter()
                .with_max_len(1)
                .for_each(|(begin, run)| self.gather(law, begin, run));
        }
        #[cfg(not(feature = "parallel"))]
        for (begin, run) in runs {
            self.gather(law, begin, run);
        }
        jets
    }

    /// From the pieces between the times of one x, the first of which stands at `begin`, the J of each.
    fn gather<const N: usize>(&self, law: &ParetoLaw, begin: usize, run: &mut [Jet<N>]) {
        let Some((later, earlier)) = run.split_last_mut() else {
            return;
        };
        let mut later = *later;
        for (offset, jet) in earlier.iter_mut().enumerate().rev() {
            let k = begin + offset;
            let ahead = self.time[k + 1] - self.time[k];
            let decay = Decay::new(law, f64::from(self.x[k]), self.time[k], ahead);
            for (cell, part) in jet.iter_mut().zip(decay.times(&later)) {
                *cell += part;
            }
            later = *jet;
        }
    }
}

/// x, time and index of a key.
fn unpacked(key: u128) -> (u32, f64, usize) {
    // Each lies in bits of its own.
    #[allow(clippy::cast_possible_truncation)]
    let (x, time, index) = ((key >> 96) as u32, (key >> 32) as u64, key as u32);
    (x, f64::from_bits(time), index as usize)
}

/// (1 + odds of having left) e^(−f): from f and the J at `t_x` and at T.
#[inline]
pub(in crate::value) fn settled<const N: usize>(
    decay: &Decay,
    since_last: &Jet<N>,
    since_end: &Jet<N>,
) -> Jet<N> {
    let mut there = since_end.map(|part| -part);
    if let Some(value) = there.first_mut() {
        *value += 1.0;
    }
    let mut sum = decay.times(&there);
    for (cell, part) in sum.iter_mut().zip(since_last) {
        *cell += part;
    }
    sum
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
