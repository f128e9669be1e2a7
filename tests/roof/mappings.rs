//! Mappings that several tests read by.

#[cfg(feature = "time-zones")]
use std::path::Path;

#[cfg(feature = "time-zones")]
use tillit::read::Mapping;

pub(crate) const ORDERS: &str = r#"
zone = "+01:00"
currency = "EUR"
customer = "who"
case = "order"
[segments]
region = "place"
[[fact]]
kind = "purchase"
at = "ordered"
amount = "paid"
"#;

#[cfg(feature = "time-zones")]
pub(crate) fn shipped(name: &str) -> Mapping {
    Mapping::from_file(
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("examples/data")
            .join(name),
    )
    .unwrap()
}
