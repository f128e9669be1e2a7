//! Data from which customers can be drawn anew, and models that can be fitted to what was drawn.

use crate::error::Result;

use crate::value::{
    BetaDiscreteWeibull, BgBb, BgNbd, ContractModel, FittedBetaDiscreteWeibull, FittedBgBb,
    FittedBgNbd, FittedFrequencySpend, FittedGGompertzNbd, FittedGammaGamma, FittedMbgNbd,
    FittedNbd, FittedParetoNbd, FittedShiftedBetaGeometric, FrequencySpend, GGompertzNbd,
    GammaGamma, MbgNbd, Nbd, ParetoNbd, PurchaseHistories, PurchaseModel, PurchaseOpportunities,
    ShiftedBetaGeometric, Tenure, Tenures,
};

/// Customers in records, each with how many of them are alike.
pub trait Resampled: Sized + Sync {
    /// Customers behind each record, in an order of its own that is always the same.
    fn customers_per_record(&self) -> Vec<u64>;

    /// The same records with other numbers of customers; there are as many as [`Self::customers_per_record`] gives.
    ///
    /// # Errors
    /// Those of building the data.
    fn with_customers_per_record(&self, customers: &[u64]) -> Result<Self>;
}

impl Resampled for PurchaseHistories {
    fn customers_per_record(&self) -> Vec<u64> {
        vec![1; self.len()]
    }

    fn with_customers_per_record(&self, customers: &[u64]) -> Result<Self> {
        let repeated = |row: usize| {
            // A weight is a number of rows drawn, which fits into memory.
            std::iter::repeat_n(row, usize::try_from(customers[row]).unwrap_or(usize::MAX))
        };
        let rows: Vec<usize> = (0..customers.len()).flat_map(repeated).collect();
        let times = |column: &[f64]| rows.iter().map(|&row| column[row]).collect::<Vec<f64>>();
        let counts = self.repeat_purchases();
        let drawn = Self::from_columns(
            self.unit(),
            rows.iter().map(|&row| counts[row]).collect(),
            times(self.active_for()),
            times(self.observed_for()),
        )?;
        match self.mean_repeat_spend() {
            Some((currency, means)) => drawn.with_mean_repeat_spend(currency, times(means)),
            None => Ok(drawn),
        }
    }
}

impl Resampled for PurchaseOpportunities {
    fn customers_per_record(&self) -> Vec<u64> {
        self.by_use().values().copied().collect()
    }

    fn with_customers_per_record(&self, customers: &[u64]) -> Result<Self> {
        let mut drawn = Self::new();
        for (record, &customers) in self.by_use().keys().zip(customers) {
            drawn.record_many(record.x, record.t_x, record.n, customers)?;
        }
        Ok(drawn)
    }
}

impl Resampled for Tenures {
    fn customers_per_record(&self) -> Vec<u64> {
        self.by_renewals()
            .values()
            .flat_map(|count| [count.ended, count.running])
            .collect()
    }

    fn with_customers_per_record(&self, customers: &[u64]) -> Result<Self> {
        let mut drawn = Self::new(self.period())?;
        for (&renewals, pair) in self.by_renewals().keys().zip(customers.chunks_exact(2)) {
            drawn.record_many(Tenure::Ended(renewals), pair[0])?;
            drawn.record_many(Tenure::Running(renewals), pair[1])?;
        }
        Ok(drawn)
    }
}

/// A model that can be fitted again and again, each time from near an earlier fit.
///
/// A pair of such models is one too, fitted to the same customers: purchases and spend together for lifetime value.
pub trait RefittedModel: Sized + Sync {
    /// What it is fitted to.
    type Data: Resampled;
    /// What fitting gives.
    type Fitted: Send + Sync;

    /// Fits to `data`, from `near` if given.
    ///
    /// # Errors
    /// Those of the model's fit.
    fn refit(&self, data: &Self::Data, near: Option<&Self::Fitted>) -> Result<Self::Fitted>;
}

macro_rules! refitted {
    ($($model:ty, $data:ty, $fitted:ty, $fit:ident;)*) => {$(
        impl RefittedModel for $model {
            type Data = $data;
            type Fitted = $fitted;

            fn refit(&self, data: &$data, near: Option<&$fitted>) -> Result<$fitted> {
                match near {
                    Some(near) => self.clone().starting_at(near).$fit(data),
                    None => self.$fit(data),
                }
            }
        }
    )*};
}

refitted! {
    BgNbd, PurchaseHistories, FittedBgNbd, fit;
    MbgNbd, PurchaseHistories, FittedMbgNbd, fit;
    ParetoNbd, PurchaseHistories, FittedParetoNbd, fit;
    GGompertzNbd, PurchaseHistories, FittedGGompertzNbd, fit;
    Nbd, PurchaseHistories, FittedNbd, fit;
    GammaGamma, PurchaseHistories, FittedGammaGamma, fit;
    FrequencySpend, PurchaseHistories, FittedFrequencySpend, fit;
    BgBb, PurchaseOpportunities, FittedBgBb, fit_opportunities;
    ShiftedBetaGeometric, Tenures, FittedShiftedBetaGeometric, fit;
    BetaDiscreteWeibull, Tenures, FittedBetaDiscreteWeibull, fit;
}

impl<First, Second> RefittedModel for (First, Second)
where
    First: RefittedModel,
    Second: RefittedModel<Data = First::Data>,
{
    type Data = First::Data;
    type Fitted = (First::Fitted, Second::Fitted);

    fn refit(&self, data: &Self::Data, near: Option<&Self::Fitted>) -> Result<Self::Fitted> {
        Ok((
            self.0.refit(data, near.map(|near| &near.0))?,
            self.1.refit(data, near.map(|near| &near.1))?,
        ))
    }
}
