//! Products with what their rounding leaves out: next to growth 1 everything hangs on that.

/// A product of floating-point numbers, taken as they are, to about 32 digits: `nearest + rest`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Product {
    pub(super) nearest: f64,
    pub(super) rest: f64,
}

impl Product {
    pub(super) const ZERO: Self = Self {
        nearest: 0.0,
        rest: 0.0,
    };

    pub(super) fn of(a: f64, b: f64) -> Self {
        Self::from(a).times(b.into())
    }

    pub(super) fn times(self, other: Self) -> Self {
        let nearest = self.nearest * other.nearest;
        // One rounding only: the product less what it was rounded to is a number itself.
        let rounded_off = self.nearest.mul_add(other.nearest, -nearest);
        let crossed = self.nearest * other.rest + self.rest * other.nearest;
        Self {
            nearest,
            rest: rounded_off + crossed,
        }
    }

    /// 1 less the product, to the last digits also where nearly nothing is left.
    pub(super) fn short_of_one(self) -> f64 {
        (1.0 - self.nearest) - self.rest
    }
}

impl From<f64> for Product {
    fn from(nearest: f64) -> Self {
        Self { nearest, rest: 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::Product;
    use crate::Error;
    use crate::measure::{Currency, ExpectedMoney, Probability};
    use crate::word_of_mouth::{Audience, Generations, Reach, RetellerReach, Sway, Talk, Teller};

    fn endless(retelling: f64, reach: f64) -> Talk {
        let euro = Currency::new("EUR").unwrap();
        let value = ExpectedMoney::new(1.0, euro).unwrap();
        Talk::new(
            value,
            Sway::losing(Probability::ONE),
            Sway::NONE,
            Sway::NONE,
        )
        .unwrap()
        .with_reach(Teller::Detractor, Reach::mean_of(reach).unwrap())
        .with_retelling(
            Probability::new(retelling).unwrap(),
            Probability::ONE,
            Generations::ENDLESS,
        )
    }

    /// The growth (1 − 2e)(1 + e) is 1 − e − 2e², which is no floating-point number.
    #[test]
    fn talk_that_hardly_dies_out_reaches_what_the_exact_growth_says() {
        for (exponent, reach) in [(-12, 2.0), (-20, 1.0), (-25, 1.0), (-30, 4.0)] {
            let e = 2.0_f64.powi(exponent);
            let retelling = (1.0 - 2.0 * e) / reach;
            let like_the_teller = endless(retelling, reach * (1.0 + e));
            let stated = endless(retelling, reach).with_reteller_reach(RetellerReach::Stated(
                Reach::mean_of(reach * (1.0 + e)).unwrap(),
            ));
            for (talk, direct) in [(like_the_teller, reach * (1.0 + e)), (stated, reach)] {
                let expected = direct / (e * (1.0 + 2.0 * e));
                let one = talk.impact_of(Teller::Detractor, 0.0, 1.0).unwrap();
                assert!((one.contacts() / expected - 1.0).abs() < 1e-14, "{one:?}");
                let (tellers, values, ones) = ([0; 37], [0.0; 37], [1.0; 37]);
                let euro = talk.currency();
                let audience = Audience::new(euro, &tellers, &values, &ones).unwrap();
                let mut column = [0.0; 37];
                audience.impact_into(&talk, &mut column).unwrap();
                for impact in column {
                    assert!((impact / expected - 1.0).abs() < 1e-14, "{impact}");
                }
            }
        }
    }

    /// In single precision too: there its own numbers are what is multiplied.
    #[test]
    fn single_precision_columns_keep_the_digits_of_single_precision() {
        let e = 2.0_f32.powi(-11);
        let talk = endless((1.0 - 2.0 * e).into(), (1.0 + e).into());
        let (tellers, values, ones) = ([0; 37], [0.0_f32; 37], [1.0_f32; 37]);
        let audience = Audience::new(talk.currency(), &tellers, &values, &ones).unwrap();
        let mut column = [0.0_f32; 37];
        audience.impact_into(&talk, &mut column).unwrap();
        let e = f64::from(e);
        let expected = (1.0 + e) / (e * (1.0 + 2.0 * e));
        for impact in column {
            let error = (f64::from(impact) / expected - 1.0).abs();
            assert!(error < 2e-7, "{impact}");
        }
    }

    /// Rounded, some of these growths are the last number below 1; taken exactly, they are 1 and more.
    #[test]
    fn growth_that_only_rounding_puts_below_one_is_refused_everywhere() {
        let mut below_by_rounding = 0;
        for k in 1..3000 {
            let (reach, connectedness) =
                (1.0 + f64::from(k) / 32768.0, 1.0 + f64::from(k) * 1.23e-4);
            let direct = reach * connectedness;
            for retelling in [1.0 / direct, (1.0 / direct).next_down()] {
                let talk = endless(retelling, reach);
                let exact = Product::of(retelling, 1.0).times(Product::of(reach, connectedness));
                let grows = exact.nearest >= 1.0 || exact.short_of_one() <= 0.0;
                below_by_rounding += i32::from(grows && exact.nearest < 1.0);
                let one = talk.impact_of(Teller::Detractor, 0.0, connectedness);
                assert_eq!(one.is_err(), grows, "{k}");
                let (tellers, values, connected) = ([0; 9], [0.0; 9], [connectedness; 9]);
                let euro = talk.currency();
                let audience = Audience::new(euro, &tellers, &values, &connected).unwrap();
                match audience.impact_into(&talk, &mut [0.0; 9]) {
                    Ok(total) => assert!(!grows && total.amount() > 0.0, "{k}"),
                    Err(error) => assert!(grows && matches!(error, Error::NeedsMarket { .. })),
                }
            }
        }
        assert!(below_by_rounding > 10, "{below_by_rounding}");
    }

    #[test]
    fn what_is_left_of_one_keeps_its_digits() {
        // 2⁻³⁰ ± 2⁻⁵³ apart, written in halves: (1 − e)(1 + e) = 1 − e² is no floating-point number next to 1.
        let e = 2.0_f64.powi(-30);
        let product = Product::of(1.0 - e, 1.0 + e);
        assert!((product.nearest - 1.0).abs() < 1e-300, "{product:?}");
        assert!((product.short_of_one() / (e * e) - 1.0).abs() < 1e-300);
        let square = Product::of(0.5, 1.0 - e).times(Product::of(2.0, 1.0 + e));
        assert!((square.short_of_one() / (e * e) - 1.0).abs() < 1e-300);
    }
}
