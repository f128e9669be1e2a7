//! How large a number is, as a unit in which others like it are near 1.

/// The largest power of two not above the positive `size`; 1 for zero and what is no number. Dividing by it costs no digits.
pub(crate) fn power_of_two_below(size: f64) -> f64 {
    const EXPONENT: u64 = 0x7ff0_0000_0000_0000;
    if size > 0.0 && size.is_finite() {
        f64::from_bits(size.to_bits() & EXPONENT).max(f64::MIN_POSITIVE)
    } else {
        1.0
    }
}

#[cfg(test)]
mod tests {
    use super::power_of_two_below;

    #[test]
    fn every_size_has_its_power() {
        for (size, power) in [
            (1.0, 1.0),
            (7.9, 4.0),
            (0.3, 0.25),
            (1e-320, f64::MIN_POSITIVE),
            (0.0, 1.0),
            (f64::INFINITY, 1.0),
            (f64::NAN, 1.0),
        ] {
            assert_eq!(
                power_of_two_below(size).to_bits(),
                f64::to_bits(power),
                "{size}"
            );
        }
        assert!(f64::MAX / power_of_two_below(f64::MAX) < 2.0);
    }
}
