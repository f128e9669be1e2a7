//! Who talks: four classes of customers.

use std::fmt;

use crate::error::{Error, Result};
use crate::measure::Sentiment;

/// The class of a customer as a source of word of mouth.
///
/// | code | class |
/// | --- | --- |
/// | 0 | detractor |
/// | 1 | recovered detractor: was let down, and then helped |
/// | 2 | passive |
/// | 3 | promoter |
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
#[repr(u8)]
pub enum Teller {
    /// Let down, and says so.
    Detractor = 0,
    /// Let down, and then helped.
    RecoveredDetractor = 1,
    /// Says nothing much.
    Passive = 2,
    /// Speaks well.
    Promoter = 3,
}

impl Teller {
    /// All classes, in the order of their codes.
    pub const ALL: [Self; 4] = [
        Self::Detractor,
        Self::RecoveredDetractor,
        Self::Passive,
        Self::Promoter,
    ];

    /// The code by which columns hold this class, 0 to 3.
    #[must_use]
    pub fn code(self) -> u8 {
        self as u8
    }

    /// The class behind a code.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless `code` is 0 to 3.
    pub fn from_code(code: u8) -> Result<Self> {
        Self::ALL
            .get(usize::from(code))
            .copied()
            .ok_or_else(|| Error::OutOfRange {
                what: "teller code".into(),
                found: f64::from(code),
                allowed: "be 0, 1, 2 or 3".into(),
            })
    }

    pub(super) fn index(self) -> usize {
        usize::from(self.code())
    }
}

/// Detractors, passives and promoters as a survey finds them; a survey alone does not tell who was recovered.
impl From<Sentiment> for Teller {
    fn from(sentiment: Sentiment) -> Self {
        match sentiment {
            Sentiment::Detractor => Self::Detractor,
            Sentiment::Passive => Self::Passive,
            Sentiment::Promoter => Self::Promoter,
        }
    }
}

impl fmt::Display for Teller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Detractor => "detractor",
            Self::RecoveredDetractor => "recovered detractor",
            Self::Passive => "passive",
            Self::Promoter => "promoter",
        })
    }
}
