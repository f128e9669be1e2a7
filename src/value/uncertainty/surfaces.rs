//! The likelihood of data as a function of a model's coordinates.

use crate::error::{Error, Result};
use crate::numeric::Derivatives;

use crate::value::beta_bernoulli::law::BetaBernoulli;
use crate::value::beta_geometric::law::BetaGeometric;
use crate::value::contract::beta_weibull::BetaWeibull;
use crate::value::fit::in_logarithms;
use crate::value::gompertz::law::GompertzLaw;
use crate::value::law::{KnownLaw, PurchaseLaw};
use crate::value::nbd::NbdLaw;
use crate::value::observed::patterns::PurchasePatterns;
use crate::value::pareto::law::{ParetoLaw, SharedSilences};
use crate::value::spend::frequency_likelihood;
use crate::value::spend::spenders::Spenders;
use crate::value::{
    FitReport, FittedBetaDiscreteWeibull, FittedBgBb, FittedContractModel, FittedFrequencySpend,
    FittedGammaGamma, FittedPurchaseModel, FittedShiftedBetaGeometric, ParametricModel,
    PurchaseHistories, PurchaseOpportunities, Tenures,
};

/// A model with the derivatives of its log-likelihood at hand.
pub(in crate::value) trait LikelihoodSurface: ParametricModel {
    /// What it is fitted to.
    type Data;
    /// The same, alike rows counted once.
    type Compressed;

    fn how_it_was_fitted(&self) -> Option<&FitReport>;

    fn compressed(data: &Self::Data) -> Result<Self::Compressed>;

    /// Log-likelihood with its derivatives in the coordinates, where the model stands.
    fn likelihood(&self, data: &Self::Compressed) -> Derivatives;
}

/// A law with the derivatives of its log-likelihood in its parameters at hand.
pub(in crate::value) trait SurfaceLaw: PurchaseLaw {
    /// Patterns and what many of them share.
    type Compressed;

    fn compressed(patterns: PurchasePatterns) -> Self::Compressed;

    fn in_parameters(&self, data: &Self::Compressed) -> Derivatives;
}

impl SurfaceLaw for BetaGeometric {
    type Compressed = PurchasePatterns;

    fn compressed(patterns: PurchasePatterns) -> PurchasePatterns {
        patterns
    }

    fn in_parameters(&self, data: &PurchasePatterns) -> Derivatives {
        self.derivatives(data)
    }
}

impl SurfaceLaw for GompertzLaw {
    type Compressed = PurchasePatterns;

    fn compressed(patterns: PurchasePatterns) -> PurchasePatterns {
        patterns
    }

    fn in_parameters(&self, data: &PurchasePatterns) -> Derivatives {
        self.derivatives_in_beta(data)
    }
}

impl SurfaceLaw for NbdLaw {
    type Compressed = PurchasePatterns;

    fn compressed(patterns: PurchasePatterns) -> PurchasePatterns {
        patterns
    }

    fn in_parameters(&self, data: &PurchasePatterns) -> Derivatives {
        self.derivatives(data)
    }
}

impl SurfaceLaw for ParetoLaw {
    type Compressed = (PurchasePatterns, SharedSilences);

    fn compressed(patterns: PurchasePatterns) -> Self::Compressed {
        let shared = SharedSilences::of(&patterns);
        (patterns, shared)
    }

    fn in_parameters(&self, (patterns, shared): &Self::Compressed) -> Derivatives {
        self.derivatives(patterns, shared)
    }
}

fn parameters(model: &impl ParametricModel) -> Vec<f64> {
    model.coordinates().iter().map(|c| c.exp()).collect()
}

impl<Model: KnownLaw> LikelihoodSurface for Model
where
    Model::Law: SurfaceLaw,
{
    type Data = PurchaseHistories;
    type Compressed = <Model::Law as SurfaceLaw>::Compressed;

    fn how_it_was_fitted(&self) -> Option<&FitReport> {
        self.known().report.as_ref()
    }

    fn compressed(histories: &PurchaseHistories) -> Result<Self::Compressed> {
        Ok(Model::Law::compressed(PurchasePatterns::of(histories)))
    }

    fn likelihood(&self, data: &Self::Compressed) -> Derivatives {
        in_logarithms(&parameters(self), &self.known().law.in_parameters(data))
    }
}

impl LikelihoodSurface for FittedBgBb {
    type Data = PurchaseOpportunities;
    type Compressed = PurchaseOpportunities;

    fn how_it_was_fitted(&self) -> Option<&FitReport> {
        self.report()
    }

    fn compressed(purchases: &PurchaseOpportunities) -> Result<PurchaseOpportunities> {
        Ok(purchases.clone())
    }

    fn likelihood(&self, purchases: &PurchaseOpportunities) -> Derivatives {
        let law = BetaBernoulli {
            alpha: self.alpha(),
            beta: self.beta(),
            gamma: self.gamma(),
            delta: self.delta(),
        };
        in_logarithms(&parameters(self), &law.derivatives(purchases))
    }
}

impl LikelihoodSurface for FittedShiftedBetaGeometric {
    type Data = Tenures;
    type Compressed = Tenures;

    fn how_it_was_fitted(&self) -> Option<&FitReport> {
        self.report()
    }

    fn compressed(tenures: &Tenures) -> Result<Tenures> {
        Ok(tenures.clone())
    }

    fn likelihood(&self, tenures: &Tenures) -> Derivatives {
        let law = BetaWeibull {
            alpha: self.alpha(),
            beta: self.beta(),
            c: 1.0,
        };
        in_logarithms(&parameters(self), &law.derivatives(tenures, false))
    }
}

impl LikelihoodSurface for FittedBetaDiscreteWeibull {
    type Data = Tenures;
    type Compressed = Tenures;

    fn how_it_was_fitted(&self) -> Option<&FitReport> {
        self.report()
    }

    fn compressed(tenures: &Tenures) -> Result<Tenures> {
        Ok(tenures.clone())
    }

    fn likelihood(&self, tenures: &Tenures) -> Derivatives {
        let law = BetaWeibull {
            alpha: self.alpha(),
            beta: self.beta(),
            c: self.c(),
        };
        in_logarithms(&parameters(self), &law.derivatives(tenures, true))
    }
}

fn spenders(histories: &PurchaseHistories) -> Result<Spenders> {
    let (_, means) = histories.mean_repeat_spend().ok_or(Error::Empty {
        what: "the column of mean repeat spend".into(),
        remedy: "give it with with_mean_repeat_spend".into(),
    })?;
    Ok(Spenders::of(histories.repeat_purchases(), means))
}

impl LikelihoodSurface for FittedFrequencySpend {
    type Data = PurchaseHistories;
    type Compressed = Spenders;

    fn how_it_was_fitted(&self) -> Option<&FitReport> {
        self.report()
    }

    fn compressed(histories: &PurchaseHistories) -> Result<Spenders> {
        spenders(histories)
    }

    fn likelihood(&self, spenders: &Spenders) -> Derivatives {
        frequency_likelihood::derivatives(spenders, &self.coordinates())
    }
}

impl LikelihoodSurface for FittedGammaGamma {
    type Data = PurchaseHistories;
    type Compressed = Spenders;

    fn how_it_was_fitted(&self) -> Option<&FitReport> {
        self.report()
    }

    fn compressed(histories: &PurchaseHistories) -> Result<Spenders> {
        spenders(histories)
    }

    fn likelihood(&self, spenders: &Spenders) -> Derivatives {
        let at = [self.p(), self.q(), self.v()];
        in_logarithms(&at, &spenders.derivatives(at))
    }
}
