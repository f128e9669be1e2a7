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
pub mod journey;
pub mod measure;
pub mod win_back;
pub mod word_of_mouth;

pub use error::{Error, Result};
