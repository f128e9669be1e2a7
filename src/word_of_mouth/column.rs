//! The closed form over whole columns, row by row and added up.

use fearless_simd::Level;

use crate::error::{Error, Result};
use crate::measure::ExpectedMoney;

use super::chunk::{CHUNK, each_chunk, each_chunk_of};
use super::coefficients::{Coefficients, Growth, coefficients};
use super::impact::{ClassImpact, DetractorImpact};
use super::kernel::{self, Rows};
use super::product::Product;
use super::{Audience, Precision, Talk, Teller};

impl<T: Precision> Audience<'_, T> {
    /// Impact of each customer into `out`, in major units, losses positive; returns the total.
    ///
    /// Runs on the threads of the caller's rayon pool, if the feature `parallel` is on; the bits do not depend on how
    /// many there are. After an error `out` holds nothing of use.
    ///
    /// # Errors
    /// [`Error::UnequalLengths`]; [`Error::MixedCurrencies`]; [`Error::NeedsMarket`] naming the first customer whose
    /// retelling without end does not die out; [`Error::BadColumnValue`] naming the first impact that does not fit the
    /// column's type; [`Error::Overflow`] if only the total does not fit.
    pub fn impact_into(&self, talk: &Talk, out: &mut [T]) -> Result<ExpectedMoney> {
        let coefficients = coefficients::<T>(talk)?;
        self.same_currency(talk)?;
        self.fill_with(&coefficients, out)
    }

    /// The total of [`Audience::impact_into`], to the bit, without the column.
    ///
    /// # Errors
    /// As [`Audience::impact_into`].
    pub fn total(&self, talk: &Talk) -> Result<ExpectedMoney> {
        self.same_currency(talk)?;
        let coefficients = coefficients::<T>(talk)?;
        let level = Level::new();
        let sums = each_chunk(self.len().div_ceil(CHUNK), |chunk| {
            let rows = self.chunk(chunk);
            dies_out(&coefficients, rows, chunk * CHUNK)?;
            let sum = kernel::sum(level, &coefficients, rows);
            if !sum.is_finite() {
                let mut column = vec![T::ZERO; rows.tellers.len()];
                kernel::fill(level, &coefficients, rows, &mut column);
                all_finite(&column, chunk * CHUNK)?;
            }
            Ok(sum)
        });
        self.added_up(sums)
    }

    /// Totals by class, own loss and word of mouth apart.
    ///
    /// # Errors
    /// As [`Audience::impact_into`].
    pub fn impact(&self, talk: &Talk) -> Result<DetractorImpact> {
        self.same_currency(talk)?;
        self.impact_with(talk, &coefficients(talk)?)
    }

    /// As [`Audience::impact`], the word of mouth by these coefficients.
    pub(super) fn impact_with(
        &self,
        talk: &Talk,
        coefficients: &Coefficients<T>,
    ) -> Result<DetractorImpact> {
        let talk_alone = Coefficients {
            own_loss: [T::ZERO; 4],
            ..*coefficients
        };
        let level = Level::new();
        let parts = each_chunk(self.len().div_ceil(CHUNK), |chunk| {
            let rows = self.chunk(chunk);
            dies_out(&talk_alone, rows, chunk * CHUNK)?;
            let mut column = vec![T::ZERO; rows.tellers.len()];
            let sum = kernel::fill(level, &talk_alone, rows, &mut column);
            if !sum.is_finite() {
                all_finite(&column, chunk * CHUNK)?;
            }
            let mut classes = [ClassImpact::default(); 4];
            for ((&teller, &value), &word_of_mouth) in
                rows.tellers.iter().zip(rows.lifetime_values).zip(&column)
            {
                let class = &mut classes[usize::from(teller & 3)];
                class.customers += 1;
                class.own_loss += value.into();
                class.word_of_mouth += word_of_mouth.into();
            }
            Ok(classes)
        });
        let mut classes = [ClassImpact::default(); 4];
        for part in parts {
            for (class, part) in classes.iter_mut().zip(part?) {
                class.customers += part.customers;
                class.own_loss += part.own_loss;
                class.word_of_mouth += part.word_of_mouth;
            }
        }
        for (class, teller) in classes.iter_mut().zip(Teller::ALL) {
            class.own_loss *= talk.own_loss(teller).value();
        }
        DetractorImpact::new(self.currency(), classes)
    }

    /// As [`Audience::impact_into`] with these coefficients.
    pub(super) fn fill_with(
        &self,
        coefficients: &Coefficients<T>,
        out: &mut [T],
    ) -> Result<ExpectedMoney> {
        self.same_length("output", out.len())?;
        let sums = self.fill_chunks(coefficients, 0, out);
        self.added_up(sums)
    }

    pub(super) fn fill_chunks(
        &self,
        coefficients: &Coefficients<T>,
        first_chunk: usize,
        out: &mut [T],
    ) -> Vec<Result<f64>> {
        let level = Level::new();
        each_chunk_of(out, |chunk, out| {
            let chunk = first_chunk + chunk;
            let rows = self.chunk(chunk);
            dies_out(coefficients, rows, chunk * CHUNK)?;
            let sum = kernel::fill(level, coefficients, rows, out);
            if !sum.is_finite() {
                all_finite(out, chunk * CHUNK)?;
            }
            Ok(sum)
        })
    }

    pub(super) fn chunk(&self, chunk: usize) -> Rows<'_, T> {
        let here = chunk * CHUNK..((chunk + 1) * CHUNK).min(self.len());
        Rows {
            tellers: &self.tellers()[here.clone()],
            lifetime_values: &self.lifetime_values()[here.clone()],
            connectedness: &self.connectedness()[here],
        }
    }

    fn added_up(&self, sums: Vec<Result<f64>>) -> Result<ExpectedMoney> {
        let mut total = 0.0;
        for sum in sums {
            total += sum?;
        }
        if total.is_finite() {
            ExpectedMoney::new(total, self.currency())
        } else {
            Err(Error::Overflow {
                what: "the total impact".into(),
            })
        }
    }

    pub(super) fn same_length(&self, right: &'static str, right_len: usize) -> Result<()> {
        if right_len == self.len() {
            Ok(())
        } else {
            Err(Error::UnequalLengths {
                left: "teller",
                left_len: self.len(),
                right,
                right_len,
            })
        }
    }

    pub(super) fn same_currency(&self, talk: &Talk) -> Result<()> {
        if self.currency() == talk.currency() {
            Ok(())
        } else {
            Err(Error::MixedCurrencies {
                left: self.currency().to_string(),
                right: talk.currency().to_string(),
            })
        }
    }
}
/// Refuses endless retelling that grows, naming the row.
fn dies_out<T: Precision>(
    coefficients: &Coefficients<T>,
    rows: Rows<'_, T>,
    first_row: usize,
) -> Result<()> {
    let Growth::Endless { passed_on, rest } = coefficients.growth else {
        return Ok(());
    };
    let growth = |(&teller, &connectedness): (&u8, &T)| {
        coefficients.reach[usize::from(teller & 3)] * connectedness * passed_on
    };
    let (one, nearly) = (T::from(1_u8), T::nearest(1.0 - 1e-5));
    let short_of_one = |(&teller, &connectedness): (&u8, &T)| {
        let reach = coefficients.reach[usize::from(teller & 3)];
        let passed_on = Product {
            nearest: passed_on.into(),
            rest: rest.into(),
        };
        Product::of(reach.into(), connectedness.into())
            .times(passed_on)
            .short_of_one()
    };
    let mut pairs = rows.tellers.iter().zip(rows.connectedness);
    let goes_on = |pair| {
        let growth = growth(pair);
        growth >= one || (growth >= nearly && short_of_one(pair) < T::SHORTEST)
    };
    match pairs.position(goes_on) {
        None => Ok(()),
        Some(row) => Err(Error::NeedsMarket {
            growth: growth((&rows.tellers[row], &rows.connectedness[row])).into(),
            row: Some(first_row + row),
        }),
    }
}

/// Names the first impact that overflowed.
fn all_finite<T: Precision>(column: &[T], first_row: usize) -> Result<()> {
    match column.iter().position(|&impact| !impact.into().is_finite()) {
        None => Ok(()),
        Some(row) => Err(Error::BadColumnValue {
            column: "impact".into(),
            row: first_row + row,
            found: column[row].into(),
            allowed: "be finite: the value, the connectedness or the growth is too large".into(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use fearless_simd::Level;

    use super::super::coefficients::coefficients;
    use super::super::kernel;
    use crate::measure::{Currency, ExpectedMoney, Probability};
    use crate::word_of_mouth::{
        Audience, Generations, Precision, Reach, RetellerReach, Sway, Talk, Teller,
    };

    /// Talks that take every way through the kernel.
    fn talks() -> Vec<Talk> {
        let p = |value: f64| Probability::new(value).unwrap();
        let euro = Currency::new("EUR").unwrap();
        let base = Talk::new(
            ExpectedMoney::new(830.0, euro).unwrap(),
            Sway::losing(p(0.07)),
            Sway::new(p(0.01), p(0.02), p(0.03)).unwrap(),
            Sway::winning(p(0.04)),
        )
        .unwrap()
        .with_acquisition_cost(ExpectedMoney::new(55.0, euro).unwrap())
        .unwrap()
        .with_own_loss(Teller::Detractor, p(0.45))
        .with_own_loss(Teller::RecoveredDetractor, p(0.07))
        .with_own_loss(Teller::Passive, p(0.11))
        .with_reach(Teller::Passive, Reach::poisson(0.7).unwrap());
        let mut talks = Vec::new();
        for (retelling, generations) in [
            (0.0, Generations::DIRECT),
            (0.1, Generations::finite(2).unwrap()),
            (0.03, Generations::finite(3).unwrap()),
            (0.2, Generations::finite(7).unwrap()),
            (1.0 / 12.0, Generations::finite(40).unwrap()),
            (1e-4, Generations::ENDLESS),
        ] {
            let retelling_talk = base
                .clone()
                .with_retelling(p(retelling), p(0.9), generations);
            let stated = retelling_talk
                .clone()
                .with_reteller_reach(RetellerReach::Stated(Reach::mean_of(3.5).unwrap()));
            for talk in [retelling_talk, stated] {
                talks.push(talk.clone());
                for market in [1_u64, 13, 50_000, 1_000_000_000] {
                    talks.push(talk.clone().with_market(market.try_into().unwrap()));
                }
            }
        }
        talks
    }

    /// Columns with ordinary and hostile values in turn.
    fn columns<T: Precision>(rows: usize, tiny: f64, huge: f64) -> (Vec<u8>, Vec<T>, Vec<T>) {
        let values = [
            2500.0,
            0.0,
            -40.0,
            tiny,
            -tiny,
            huge,
            -huge,
            1.0 / 3.0,
            -0.0,
        ];
        // Forty generations at growth 600 still fit f64, at growth 6 f32.
        let most = if T::BITS == 64 { 640.0 } else { 6.4 };
        let connectedness = [1.0, 0.0, tiny, 0.3, most, 1.7, most / 23.0];
        let code = |row: usize| u8::try_from((row * 7 + row / 5) % 4).unwrap();
        (
            (0..rows).map(code).collect(),
            (0..rows)
                .map(|row| T::nearest(values[row % values.len()]))
                .collect(),
            (0..rows)
                .map(|row| T::nearest(connectedness[row % connectedness.len()]))
                .collect(),
        )
    }

    /// Largest error relative to the size of the parts, and the column with its total.
    fn against_the_formula<T: Precision>(talk: &Talk, audience: &Audience<'_, T>) -> f64 {
        let mut out = vec![T::nearest(f64::NAN); audience.len()];
        let total = audience.impact_into(talk, &mut out).unwrap().amount();
        assert_eq!(
            total.to_bits(),
            audience.total(talk).unwrap().amount().to_bits(),
            "the total alone has other bits"
        );
        let (mut worst, mut expected, mut size) = (0.0_f64, 0.0, 1e-300);
        for (row, &found) in out.iter().enumerate() {
            let one = talk
                .impact_of(
                    Teller::from_code(audience.tellers()[row]).unwrap(),
                    audience.lifetime_values()[row].into(),
                    audience.connectedness()[row].into(),
                )
                .unwrap();
            let parts = one.own_loss().abs() + one.word_of_mouth().abs();
            // One unit in the last place of the smallest normal number is as good as nothing.
            let error = (found.into() - one.impact()).abs() - f64::MIN_POSITIVE;
            if error > 0.0 {
                worst = worst.max(error / parts);
            }
            expected += one.impact();
            size += parts;
        }
        worst.max((total - expected).abs() / size)
    }

    #[test]
    fn the_kernel_equals_the_formula_for_all_short_lengths_and_hostile_values() {
        let euro = Currency::new("EUR").unwrap();
        let (tellers, values, connectedness) = columns::<f64>(300, 1e-300, 1e200);
        let (_, values_32, connectedness_32) = columns::<f32>(300, 1e-30, 1e30);
        for talk in talks() {
            for rows in 0..=300 {
                let audience = Audience::new(
                    euro,
                    &tellers[..rows],
                    &values[..rows],
                    &connectedness[..rows],
                )
                .unwrap();
                let error = against_the_formula(&talk, &audience);
                assert!(error <= 1e-12, "f64, {rows} rows: {error:e} for {talk:?}");
                if rows % 7 == 0 {
                    let audience = Audience::new(
                        euro,
                        &tellers[..rows],
                        &values_32[..rows],
                        &connectedness_32[..rows],
                    )
                    .unwrap();
                    let single = against_the_formula(&talk, &audience);
                    // 40 generations at growth about 1 multiply the rounding of x forty times over.
                    let allowed = if talk.generations() == Generations::finite(40).unwrap() {
                        3e-5
                    } else {
                        3e-6
                    };
                    assert!(
                        single <= allowed,
                        "f32, {rows} rows: {single:e} for {talk:?}"
                    );
                }
            }
        }
    }

    /// Beside the columns only the sums of chunks are kept.
    #[test]
    fn the_closed_form_takes_the_memory_that_the_documentation_of_audiences_says() {
        let row = |float: usize| size_of::<u8>() + 2 * float;
        assert_eq!((row(size_of::<f64>()), row(size_of::<f32>())), (17, 9));
        let sums = size_of::<crate::error::Result<f64>>() as f64 / super::CHUNK as f64;
        assert!(sums <= 0.01, "{sums}");
    }

    fn levels() -> Vec<(&'static str, Level)> {
        let best = Level::new();
        let mut levels = vec![("best", best), ("baseline", Level::baseline())];
        #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
        {
            levels.extend(best.as_sse2().map(|l| ("sse2", Level::Sse2(l))));
            levels.extend(best.as_sse4_2().map(|l| ("sse4.2", Level::Sse4_2(l))));
            levels.extend(best.as_avx2().map(|l| ("avx2", Level::Avx2(l))));
            levels.extend(best.as_avx512().map(|l| ("avx512", Level::Avx512(l))));
        }
        levels
    }

    fn same_bits_at_every_level<T: Precision>(tiny: f64, huge: f64) {
        let euro = Currency::new("EUR").unwrap();
        for rows in [0, 1, 15, 16, 17, 64, 257, 3001] {
            let (tellers, values, connectedness) = columns::<T>(rows, tiny, huge);
            let audience = Audience::new(euro, &tellers, &values, &connectedness).unwrap();
            for talk in talks() {
                let coefficients = coefficients::<T>(&talk).unwrap();
                let chunk = audience.chunk(0);
                let run = |level: Level| {
                    let mut out = vec![T::ZERO; rows];
                    let sum = kernel::fill(level, &coefficients, chunk, &mut out);
                    assert_eq!(
                        sum.to_bits(),
                        kernel::sum(level, &coefficients, chunk).to_bits()
                    );
                    let bits: Vec<u64> = out
                        .iter()
                        .map(|&y| Into::<f64>::into(y).to_bits())
                        .collect();
                    (sum.to_bits(), bits)
                };
                let expected = run(Level::baseline());
                for (name, level) in levels() {
                    assert_eq!(run(level), expected, "{name}, {rows} rows, {talk:?}");
                }
            }
        }
    }

    #[test]
    fn every_instruction_set_of_this_machine_gives_the_same_bits() {
        same_bits_at_every_level::<f64>(1e-300, 1e200);
        same_bits_at_every_level::<f32>(1e-30, 1e30);
    }
}
