//! The door through which stored numbers come back.

use crate::error::{Error, Result};

/// Loads a type field by field, as `Serialize` wrote it, and refuses what its check refuses. The check stands after `if` and
/// takes the loaded value by reference; in it `Self` is the type.
///
/// Invariants that only a check can tell (limits in order, columns of one length) hold for what was stored as for what was
/// computed, and the stored form stays that of the fields.
macro_rules! loads_checked {
    (
        $type:ident { $($(#[$meta:meta])* $field:ident: $kind:ty),+ $(,)? } if $check:expr
    ) => {
        const _: () = {
            #[derive(serde::Deserialize)]
            struct Stored {
                $($(#[$meta])* $field: $kind),+
            }

            impl<'de> serde::Deserialize<'de> for $type {
                fn deserialize<Source: serde::Deserializer<'de>>(
                    source: Source,
                ) -> std::result::Result<Self, Source::Error> {
                    let Stored { $($field),+ } = serde::Deserialize::deserialize(source)?;
                    let loaded = Self { $($field),+ };
                    let check: fn(&Self) -> crate::error::Result<()> = $check;
                    check(&loaded).map_err(serde::de::Error::custom)?;
                    Ok(loaded)
                }
            }
        };
    };
}

pub(crate) use loads_checked;

/// A standard error, where there is one, is finite and not negative.
pub(crate) fn require_standard_error(error: impl Into<Option<f64>>) -> Result<()> {
    let error = error.into().unwrap_or(0.0);
    let sound = error >= 0.0 && error.is_finite();
    Error::unless(sound, "standard error", error, "be finite and not negative")
}

/// Each of these numbers is finite.
pub(crate) fn require_finite<const N: usize>(numbers: [(&'static str, f64); N]) -> Result<()> {
    (numbers.into_iter())
        .try_for_each(|(what, number)| Error::unless(number.is_finite(), what, number, "be finite"))
}

/// Every number of a column is sound.
pub(crate) fn require_column(
    column: &'static str,
    numbers: &[f64],
    sound: impl Fn(f64) -> bool,
    allowed: &'static str,
) -> Result<()> {
    match numbers
        .iter()
        .enumerate()
        .find(|&(_, &number)| !sound(number))
    {
        Some((row, &found)) => Err(Error::BadColumnValue {
            column: column.into(),
            row,
            found,
            allowed: allowed.into(),
        }),
        None => Ok(()),
    }
}

/// A number that may be infinite, which some formats cannot write: stored as nothing there, which comes back as `END`.
macro_rules! endless {
    ($name:ident, $end:expr) => {
        pub(crate) mod $name {
            use serde::{Deserialize, Deserializer, Serialize, Serializer};

            // Serde hands over a reference.
            #[allow(clippy::trivially_copy_pass_by_ref)]
            pub(crate) fn serialize<Target: Serializer>(
                number: &f64,
                target: Target,
            ) -> Result<Target::Ok, Target::Error> {
                Some(*number)
                    .filter(|number| *number != $end)
                    .serialize(target)
            }

            pub(crate) fn deserialize<'de, Source: Deserializer<'de>>(
                source: Source,
            ) -> Result<f64, Source::Error> {
                Ok(Option::deserialize(source)?.unwrap_or($end))
            }
        }
    };
}

endless!(without_lower_end, f64::NEG_INFINITY);
endless!(without_upper_end, f64::INFINITY);
