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

pub mod audit;
mod error;
pub mod gap;
pub mod guide;
pub mod journey;
pub mod measure;
mod numeric;
pub mod promise;
#[cfg(feature = "csv")]
pub mod read;
#[cfg(feature = "report")]
pub mod report;
pub mod simulate;
pub mod survey;
pub mod trust;
pub mod value;
pub mod win_back;
pub mod word_of_mouth;

pub use error::{Error, Result};

/// The README's example, compiled and run.
#[cfg(all(doctest, feature = "csv", feature = "report"))]
#[doc = include_str!("../README.md")]
struct Readme;
