//! The coordinates of the models that do not answer through a purchase law.

use crate::error::Result;

use crate::value::parametric::exponentials;
use crate::value::{
    FittedBetaDiscreteWeibull, FittedBgBb, FittedContractModel, FittedFrequencySpend,
    FittedGammaGamma, FittedPurchaseModel, FittedShiftedBetaGeometric, FixedSpend, ParametricModel,
};

impl ParametricModel for FittedBgBb {
    fn coordinates(&self) -> Vec<f64> {
        [self.alpha(), self.beta(), self.gamma(), self.delta()]
            .map(f64::ln)
            .to_vec()
    }

    fn at_coordinates(&self, coordinates: &[f64]) -> Result<Self> {
        let at = exponentials(4, coordinates)?;
        Self::from_parameters(at[0], at[1], at[2], at[3], self.period())
    }

    fn covariance(&self) -> Option<&[f64]> {
        self.report()?.covariance()
    }
}

impl ParametricModel for FittedShiftedBetaGeometric {
    fn coordinates(&self) -> Vec<f64> {
        [self.alpha(), self.beta()].map(f64::ln).to_vec()
    }

    fn at_coordinates(&self, coordinates: &[f64]) -> Result<Self> {
        let at = exponentials(2, coordinates)?;
        Self::from_parameters(at[0], at[1], self.period())
    }

    fn covariance(&self) -> Option<&[f64]> {
        self.report()?.covariance()
    }
}

impl ParametricModel for FittedBetaDiscreteWeibull {
    fn coordinates(&self) -> Vec<f64> {
        [self.alpha(), self.beta(), self.c()].map(f64::ln).to_vec()
    }

    fn at_coordinates(&self, coordinates: &[f64]) -> Result<Self> {
        let at = exponentials(3, coordinates)?;
        Self::from_parameters(at[0], at[1], at[2], self.period())
    }

    fn covariance(&self) -> Option<&[f64]> {
        self.report()?.covariance()
    }
}

impl ParametricModel for FittedGammaGamma {
    fn coordinates(&self) -> Vec<f64> {
        [self.p(), self.q(), self.v()].map(f64::ln).to_vec()
    }

    fn at_coordinates(&self, coordinates: &[f64]) -> Result<Self> {
        let at = exponentials(3, coordinates)?;
        Self::from_parameters(at[0], at[1], at[2], self.currency())
    }

    fn covariance(&self) -> Option<&[f64]> {
        self.report()?.covariance()
    }
}

impl ParametricModel for FittedFrequencySpend {
    fn coordinates(&self) -> Vec<f64> {
        [self.p(), self.q(), self.v(), self.per_doubling()]
            .map(f64::ln)
            .to_vec()
    }

    fn at_coordinates(&self, coordinates: &[f64]) -> Result<Self> {
        let at = exponentials(4, coordinates)?;
        Self::from_parameters(at[0], at[1], at[2], at[3], self.currency())
    }

    fn covariance(&self) -> Option<&[f64]> {
        self.report()?.covariance()
    }
}

/// A stated spend has no coordinates and brings no doubt of its own.
impl ParametricModel for FixedSpend {
    fn coordinates(&self) -> Vec<f64> {
        Vec::new()
    }

    fn at_coordinates(&self, coordinates: &[f64]) -> Result<Self> {
        exponentials(0, coordinates)?;
        Ok(*self)
    }

    fn covariance(&self) -> Option<&[f64]> {
        Some(&[])
    }
}
