//! One possible future of a customer, drawn at random from what a model believes.

use crate::error::Result;
use crate::measure::{Currency, Span};
use crate::numeric::random::RandomStream;

use crate::value::beta_bernoulli::law::BetaBernoulli;
use crate::value::beta_geometric::staying::BetaStaying;
use crate::value::gompertz::staying::GompertzStaying;
use crate::value::law::{KnownLaw, PurchaseLaw};
use crate::value::nbd::NbdCustomer;
use crate::value::observed::opportunities::UseRecord;
use crate::value::pareto::staying::ParetoStaying;
use crate::value::{
    FittedBgBb, FittedFrequencySpend, FittedGammaGamma, FittedPurchaseModel, FittedSpendModel,
    FixedSpend, ParametricModel, PurchaseHistory,
};

/// A purchase model that can play through the future of a customer.
pub trait SimulatedModel: FittedPurchaseModel + ParametricModel {
    /// When, counted from the end of observation, the customer buys until `until`, in one future: first whether the
    /// customer is still there, then the own rates from what the history tells of them, then the purchases. The same
    /// `seed` and `stream` give the same future; different streams are independent.
    ///
    /// # Errors
    /// As [`FittedPurchaseModel::log_likelihood`].
    fn simulated_purchases(
        &self,
        history: &PurchaseHistory,
        until: Span,
        seed: u64,
        stream: u64,
    ) -> Result<Vec<Span>>;
}

/// A spend model that can play through the purchases of a customer.
pub trait SimulatedSpend: FittedSpendModel + ParametricModel {
    /// The currency of all amounts.
    fn currency_of_spend(&self) -> Currency;

    /// What the customer spends at the next `count` purchases in one future, in major units: first the own mean from what
    /// the history tells of it, then each purchase. Streams as in [`SimulatedModel::simulated_purchases`].
    ///
    /// # Errors
    /// Those of [`FittedSpendModel::expected_mean_spend`] about the history itself.
    fn simulated_spend(
        &self,
        history: &PurchaseHistory,
        count: usize,
        seed: u64,
        stream: u64,
    ) -> Result<Vec<f64>>;
}

/// A customer who has not left, in times of the law's unit.
pub(in crate::value) trait SimulatedCustomer {
    fn purchases(&self, random: &mut RandomStream, until: f64) -> Vec<f64>;
}

/// Purchases at `rate` until `until`, each the last one with probability `leave`.
fn purchases_at(random: &mut RandomStream, rate: f64, leave: f64, until: f64) -> Vec<f64> {
    let mut moments = Vec::new();
    let mut now = 0.0;
    loop {
        now += random.exponential() / rate;
        // A rate that underflows to 0 never buys.
        if now > until || now.is_nan() {
            return moments;
        }
        moments.push(now);
        if leave > 0.0 && random.chance(leave) {
            return moments;
        }
    }
}

impl SimulatedCustomer for BetaStaying {
    fn purchases(&self, random: &mut RandomStream, until: f64) -> Vec<f64> {
        let rate = random.gamma(self.shape) / self.rate;
        let leave = random.beta(self.leave, self.stay);
        purchases_at(random, rate, leave, until)
    }
}

impl SimulatedCustomer for ParetoStaying {
    fn purchases(&self, random: &mut RandomStream, until: f64) -> Vec<f64> {
        let rate = random.gamma(self.shape) / self.rate;
        let leaving = random.gamma(self.leave_shape) / self.leave_rate;
        let stays = random.exponential() / leaving;
        purchases_at(random, rate, 0.0, until.min(stays))
    }
}

impl SimulatedCustomer for GompertzStaying {
    /// The survival ((B + φ(u)) / B)^(−s), φ(u) = (e^(b u) − 1) / b, is a Γ(s) mixture of exponential ones in φ(u) / B.
    fn purchases(&self, random: &mut RandomStream, until: f64) -> Vec<f64> {
        let rate = random.gamma(self.shape) / self.rate;
        let leaving = random.gamma(self.leaving.s) / self.leaving.scale;
        let grown = random.exponential() / leaving;
        let growth = self.leaving.b * grown;
        let stays = if growth > f64::MIN_POSITIVE {
            growth.ln_1p() / self.leaving.b
        } else {
            grown
        };
        purchases_at(random, rate, 0.0, until.min(stays))
    }
}

impl SimulatedCustomer for NbdCustomer {
    fn purchases(&self, random: &mut RandomStream, until: f64) -> Vec<f64> {
        let rate = random.gamma(self.shape) / self.rate;
        purchases_at(random, rate, 0.0, until)
    }
}

impl<Model: KnownLaw> SimulatedModel for Model
where
    <Model::Law as PurchaseLaw>::Staying: SimulatedCustomer,
{
    fn simulated_purchases(
        &self,
        history: &PurchaseHistory,
        until: Span,
        seed: u64,
        stream: u64,
    ) -> Result<Vec<Span>> {
        let mut random = RandomStream::new(seed, stream);
        if !random.chance(self.ln_probability_alive(history)?.exp()) {
            return Ok(Vec::new());
        }
        let unit = self.known().unit;
        let observed = history.observed_for(unit);
        let staying = self
            .known()
            .law
            .staying(history.repeat_purchases(), observed);
        staying
            .purchases(&mut random, until.in_units(unit))
            .into_iter()
            .map(|moment| Span::new(moment, unit))
            .collect()
    }
}

impl SimulatedModel for FittedBgBb {
    fn simulated_purchases(
        &self,
        history: &PurchaseHistory,
        until: Span,
        seed: u64,
        stream: u64,
    ) -> Result<Vec<Span>> {
        let mut random = RandomStream::new(seed, stream);
        if !random.chance(self.ln_probability_alive(history)?.exp()) {
            return Ok(Vec::new());
        }
        let law = BetaBernoulli {
            alpha: self.alpha(),
            beta: self.beta(),
            gamma: self.gamma(),
            delta: self.delta(),
        };
        let staying = law.staying(UseRecord::of(history, self.period())?);
        let buy = random.beta(staying.alpha, staying.beta);
        let leave = random.beta(staying.gamma, staying.delta);
        let mut moments = Vec::new();
        for opportunity in 1..=self.opportunities_within(until)? {
            if random.chance(leave) {
                break;
            }
            if random.chance(buy) {
                let days = f64::from(opportunity) * self.period().days();
                moments.push(Span::from_days(days)?);
            }
        }
        Ok(moments)
    }
}

impl SimulatedSpend for FittedGammaGamma {
    fn currency_of_spend(&self) -> Currency {
        self.currency()
    }

    /// The customer's ν given the history is Γ(p x + q, v + x m̄), a purchase given ν is Γ(p, ν).
    fn simulated_spend(
        &self,
        history: &PurchaseHistory,
        count: usize,
        seed: u64,
        stream: u64,
    ) -> Result<Vec<f64>> {
        let mut random = RandomStream::new(seed, stream);
        let (purchases, mean) = self.observed(history)?;
        let shape = self.p() * purchases + self.q();
        let nu = random.gamma(shape) / (self.v() + purchases * mean);
        Ok((0..count).map(|_| random.gamma(self.p()) / nu).collect())
    }
}

/// As Gamma–Gamma for customers with as many purchases; those to come do not make a customer one of another kind.
impl SimulatedSpend for FittedFrequencySpend {
    fn currency_of_spend(&self) -> Currency {
        self.currency()
    }

    fn simulated_spend(
        &self,
        history: &PurchaseHistory,
        count: usize,
        seed: u64,
        stream: u64,
    ) -> Result<Vec<f64>> {
        self.with_purchases(history.repeat_purchases())
            .simulated_spend(history, count, seed, stream)
    }
}

impl SimulatedSpend for FixedSpend {
    fn currency_of_spend(&self) -> Currency {
        self.0.currency()
    }

    fn simulated_spend(
        &self,
        _: &PurchaseHistory,
        count: usize,
        _: u64,
        _: u64,
    ) -> Result<Vec<f64>> {
        Ok(vec![self.0.amount(); count])
    }
}
