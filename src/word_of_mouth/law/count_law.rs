//! Probabilities of whole numbers, and what one asks of them.

/// Rounding that may lie between a cumulative probability and the level it reaches.
const SLACK: f64 = 1e-13;

/// The law of a whole number, on a range outside of which nearly nothing lies.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct CountLaw {
    lowest: i64,
    probabilities: Vec<f64>,
    /// Probability that may lie outside the range, or be folded into it.
    pub(super) outside: f64,
    /// What rounding may do to one probability.
    pub(super) rounding: f64,
}

impl CountLaw {
    /// `probabilities` belong to `lowest`, `lowest` + 1, …; they are not empty.
    pub(super) fn new(
        lowest: i64,
        mut probabilities: Vec<f64>,
        outside: f64,
        rounding: f64,
    ) -> Self {
        for p in &mut probabilities {
            *p = p.clamp(0.0, 1.0);
        }
        Self {
            lowest,
            probabilities,
            outside,
            rounding,
        }
    }

    pub(super) fn lowest(&self) -> i64 {
        self.lowest
    }

    pub(super) fn probabilities(&self) -> &[f64] {
        &self.probabilities
    }

    /// Every number in the range with its probability, ascending.
    pub(super) fn each(&self) -> impl Iterator<Item = (i64, f64)> {
        (self.lowest..).zip(self.probabilities.iter().copied())
    }

    /// The law of minus this number.
    pub(super) fn mirrored(mut self) -> Self {
        self.lowest = -self.highest();
        self.probabilities.reverse();
        self
    }

    /// The same law with these probabilities of 0, 1, …, which are known better; it then begins at 0 or below.
    pub(super) fn with_head(mut self, head: &[f64]) -> Self {
        if let Ok(missing) = usize::try_from(self.lowest) {
            let zeros = std::iter::repeat_n(0.0, missing);
            self.probabilities.splice(0..0, zeros);
            self.lowest = 0;
        }
        let place = self.place(0).unwrap_or(self.probabilities.len());
        for (p, &known) in self.probabilities.iter_mut().skip(place).zip(head) {
            *p = known.clamp(0.0, 1.0);
        }
        self
    }

    fn highest(&self) -> i64 {
        self.each().last().map_or(self.lowest, |(count, _)| count)
    }

    pub(super) fn probability(&self, count: i64) -> f64 {
        self.place(count)
            .and_then(|place| self.probabilities.get(place))
            .map_or(0.0, |&p| p)
    }

    /// P(number ≥ count), added up from the small end.
    pub(super) fn at_least(&self, count: i64) -> f64 {
        let Some(from) = self.place(count) else {
            return 1.0;
        };
        let above: f64 = self.probabilities.iter().skip(from).rev().sum();
        above.min(1.0)
    }

    /// The smallest number that is not exceeded with probability `level`.
    pub(super) fn quantile(&self, level: f64) -> i64 {
        let mut below = 0.0;
        for (count, p) in self.each() {
            below += p;
            if below >= level - SLACK {
                return count;
            }
        }
        self.highest()
    }

    /// The mean of the worst `1 − level` share of cases, the largest numbers being the worst (Acerbi & Tasche, Journal
    /// of Banking & Finance 26, 2002, definition 2.6).
    pub(super) fn expected_shortfall(&self, level: f64) -> f64 {
        let quantile = self.quantile(level);
        let worse: f64 = self
            .each()
            .filter(|&(count, _)| count > quantile)
            .map(|(count, p)| (count - quantile) as f64 * p)
            .sum();
        quantile as f64 + worse / (1.0 - level)
    }

    fn place(&self, count: i64) -> Option<usize> {
        usize::try_from(count.checked_sub(self.lowest)?).ok()
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "small binary fractions are exact")]
mod tests {
    use super::CountLaw;

    #[test]
    fn quantiles_and_shortfall_are_those_of_the_definition() {
        let law = CountLaw::new(-1, vec![0.25, 0.5, 0.125, 0.125], 0.0, 0.0);
        assert_eq!(law.quantile(0.25), -1);
        assert_eq!(law.quantile(0.26), 0);
        assert_eq!(law.quantile(0.75), 0);
        assert_eq!(law.quantile(0.9), 2);
        // The worst quarter: half of it 2, half of it 1.
        assert_eq!(law.expected_shortfall(0.75), 1.5);
        // The worst half: a quarter of it 2, a quarter 1, and the rest 0.
        assert_eq!(law.expected_shortfall(0.5), 0.75);
        assert_eq!(law.at_least(0), 0.75);
        assert_eq!(law.at_least(-5), 1.0);
        assert_eq!(law.at_least(9), 0.0);
        let gains = law.clone().mirrored();
        assert_eq!(gains.lowest(), -2);
        assert_eq!(gains.probability(1), 0.25);
        assert_eq!(gains.mirrored(), law);
    }
}
