//! One end of a profile interval, which may be open.

/// One end of a [`ProfileInterval`](crate::value::ProfileInterval).
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum ProfileLimit {
    /// The parameter at which the likelihood has fallen to the limit.
    At(f64),
    /// The likelihood does not fall that far, out to a millionth or a million times the fitted value (or to the end of the
    /// parameter's range): the data do not bound the parameter on this side.
    Open,
}

impl ProfileLimit {
    /// The limit, `None` if it is open.
    #[must_use]
    pub fn value(self) -> Option<f64> {
        match self {
            Self::At(value) => Some(value),
            Self::Open => None,
        }
    }
}
