//! What is known of customers beside their purchases.

use crate::error::{Error, Result};

/// Named columns with one number per customer, fixed over the time observed: broken promises, mean gap, trust, channel.
///
/// Rows are the customers of the purchase histories in the same order. Columns are taken as they are: a coefficient is per
/// unit of its column.
///
/// ```
/// use tillit::value::Covariates;
///
/// let drivers = Covariates::of(3)
///     .with_column("late deliveries", vec![0.0, 2.0, 1.0])?
///     .with_levels("channel", &["shop", "app", "web"], "shop")?;
/// assert_eq!(drivers.names().collect::<Vec<_>>(), ["late deliveries", "channel = app", "channel = web"]);
/// assert_eq!(drivers.column("channel = app").unwrap(), [0.0, 1.0, 0.0]);
/// # Ok::<(), tillit::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "Parts", into = "Parts")
)]
pub struct Covariates {
    customers: usize,
    columns: Vec<(String, Vec<f64>)>,
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
struct Parts {
    customers: usize,
    columns: Vec<(String, Vec<f64>)>,
}

#[cfg(feature = "serde")]
impl TryFrom<Parts> for Covariates {
    type Error = Error;

    fn try_from(parts: Parts) -> Result<Self> {
        parts
            .columns
            .into_iter()
            .try_fold(Self::of(parts.customers), |covariates, (name, values)| {
                covariates.with_column(name, values)
            })
    }
}

#[cfg(feature = "serde")]
impl From<Covariates> for Parts {
    fn from(covariates: Covariates) -> Self {
        Self {
            customers: covariates.customers,
            columns: covariates.columns,
        }
    }
}

impl Covariates {
    /// No columns yet, for this many customers.
    #[must_use]
    pub fn of(customers: usize) -> Self {
        Self {
            customers,
            columns: Vec::new(),
        }
    }

    /// The same with one more column.
    ///
    /// # Errors
    /// [`Error::UnequalLengths`]; [`Error::BadColumnValue`] naming the first row that is not finite;
    /// [`Error::Contradiction`] for a name that is empty or taken.
    pub fn with_column(mut self, name: impl Into<String>, values: Vec<f64>) -> Result<Self> {
        let name = name.into();
        if values.len() != self.customers {
            return Err(Error::UnequalLengths {
                left: "the table of customers",
                left_len: self.customers,
                right: "the covariate",
                right_len: values.len(),
            });
        }
        if name.is_empty() || self.column(&name).is_some() {
            return Err(Error::Contradiction {
                what: "the table of covariates".into(),
                reason: format!("the name {name:?} is empty or used twice"),
            });
        }
        if let Some(row) = values.iter().position(|value| !value.is_finite()) {
            return Err(Error::BadColumnValue {
                found: values[row],
                column: name.into(),
                row,
                allowed: "be finite".into(),
            });
        }
        self.columns.push((name, values));
        Ok(self)
    }

    /// The same with a column of 0 and 1 for every level but `base`, named "name = level", in the order of the levels'
    /// names. A coefficient compares its level with `base`.
    ///
    /// # Errors
    /// [`Error::InvalidText`] if no customer has the level `base`; else as [`Self::with_column`].
    pub fn with_levels<Level: AsRef<str>>(
        mut self,
        name: &str,
        levels: &[Level],
        base: &str,
    ) -> Result<Self> {
        let mut distinct: Vec<&str> = levels.iter().map(AsRef::as_ref).collect();
        distinct.sort_unstable();
        distinct.dedup();
        if !distinct.contains(&base) {
            return Err(Error::InvalidText {
                what: format!("base level of {name}").into(),
                found: base.to_owned(),
                expected: format!("one of the levels: {}", distinct.join(", ")).into(),
            });
        }
        for level in distinct.into_iter().filter(|&level| level != base) {
            let column = levels
                .iter()
                .map(|other| if other.as_ref() == level { 1.0 } else { 0.0 });
            self = self.with_column(format!("{name} = {level}"), column.collect())?;
        }
        Ok(self)
    }

    /// Number of customers.
    #[must_use]
    pub fn len(&self) -> usize {
        self.customers
    }

    /// Whether there are no customers.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.customers == 0
    }

    /// The columns' names, in the order given.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|(name, _)| name.as_str())
    }

    /// A column by its name.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&[f64]> {
        self.columns
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, values)| values.as_slice())
    }

    /// A column by its name, or the names there are.
    pub(super) fn require(&self, name: &str) -> Result<&[f64]> {
        self.column(name).ok_or_else(|| Error::InvalidText {
            what: "covariate".into(),
            found: name.to_owned(),
            expected: format!(
                "one of the columns: {}",
                self.names().collect::<Vec<_>>().join(", ")
            )
            .into(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Covariates;
    use crate::Error;

    #[test]
    fn bad_columns_are_refused_by_name_and_row() {
        let table = Covariates::of(2)
            .with_column("gap", vec![1.0, 2.0])
            .unwrap();
        assert!(matches!(
            table.clone().with_column("trust", vec![1.0]),
            Err(Error::UnequalLengths {
                left_len: 2,
                right_len: 1,
                ..
            })
        ));
        let missing = table.clone().with_column("trust", vec![1.0, f64::NAN]);
        let message = missing.unwrap_err().to_string();
        assert!(
            message.contains("trust") && message.contains("row 1"),
            "{message}"
        );
        assert!(matches!(
            table.clone().with_column("gap", vec![1.0, 3.0]),
            Err(Error::Contradiction { .. })
        ));
        let refused = table
            .with_levels("channel", &["app", "web"], "shop")
            .unwrap_err();
        assert!(refused.to_string().contains("app, web"), "{refused}");
    }
}
