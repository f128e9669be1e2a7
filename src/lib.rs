//! Tillit: customer-experience analytics.
#![cfg_attr(docsrs, feature(doc_cfg))]
#![warn(missing_docs)]
#![cfg_attr(
    not(test),
    warn(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::print_stdout,
        clippy::print_stderr
    )
)]

mod error;
pub mod gap;
pub mod journey;
pub mod measure;
mod numeric;
pub mod promise;
pub mod win_back;
pub mod guide;
mod numeric;
pub mod simulate;
#[cfg(feature = "report")]
pub mod report;
pub mod value;
pub mod word_of_mouth;
pub mod survey;

pub use error::{Error, Result};
