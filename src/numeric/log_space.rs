//! Sums of numbers that are only known by their logarithms.

/// ln(1 + e^u) without overflow.
pub(crate) fn ln_one_plus_exp(u: f64) -> f64 {
    if u > 0.0 {
        u + (-u).exp().ln_1p()
    } else {
        u.exp().ln_1p()
    }
}

#[cfg(test)]
mod tests {
    use super::ln_one_plus_exp;

    #[test]
    fn neither_end_overflows() {
        assert!((ln_one_plus_exp(0.0) - 2_f64.ln()).abs() < 1e-16);
        assert!((ln_one_plus_exp(800.0) - 800.0).abs() < 1e-12);
        assert!((ln_one_plus_exp(-40.0) / (-40_f64).exp() - 1.0).abs() < 1e-15);
    }
}
