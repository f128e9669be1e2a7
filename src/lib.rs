//! Embeddable customer-experience analytics: from what customers were promised to whom to win back first.
//!
//! *Tillit* is Swedish for trust. The crate takes what happened between customers and a company (purchases, promises,
//! contacts, expectations, feedback) and answers a chain of questions, each with its doubt:
//!
//! > what happened → what were they told → where do we fall short → do they still believe us → what is each customer
//! > worth → what will the disappointed say and cost → whom do we win back first
//!
//! It is pure Rust, one crate, without `unsafe`, clock, network access, global state, logging
//! or panic. The same input gives the same bits on one thread or eight.
//!
//! # The whole chain
//!
//! A mapping says what the columns of a table mean; one call runs the chain; one more makes the page.
//!
//! ```
//! # #[cfg(all(feature = "csv", feature = "report"))] {
//! use tillit::audit::Audit;
//! use tillit::read::{Mapping, ReadOptions, read_csv};
//! use tillit::report::Report;
//!
//! let mapping = Mapping::from_toml(r#"
//!     zone = "UTC"
//!     customer = "who"
//!     fact = [
//!         { kind = "promise", name = "parcel", made = "ordered", due = "promised", fulfilled = "arrived" },
//!         { kind = "feedback", at = "arrived", rating = "stars", scale = [1, 5] },
//!     ]
//! "#)?;
//! let table = "who,ordered,promised,arrived,stars
//!              ada,2019-03-01,2019-03-08,2019-03-07,5
//!              bob,2019-03-02,2019-03-09,2019-03-14,1
//!              cyd,2019-03-04,2019-03-11,,
//!              dan,2019-03-04,2019-03-11,2019-03-11,4
//!              eve,2019-03-05,2019-03-12,2019-03-13,3";
//! let reading = read_csv(table.as_bytes(), &mapping, ReadOptions::new())?;
//! let audit = Audit::of(reading.log().as_of_last_day(), &mapping.audit_options())?;
//! assert_eq!(audit.promises[0].states["late"], 2);
//! assert_eq!(audit.promises[0].states["overdue and open"], 1);
//! let page = Report::of_audit(&audit)?;
//! assert!(page.to_html().contains("parcel"));
//! # }
//! # Ok::<(), tillit::Error>(())
//! ```
//!
//! `cargo run --release --example audit` does the same with a table of yours or a built-in one.
//!
//! # The rooms
//!
//! Each question is a module, called a room; a room needs only what lies below it, so that one can start anywhere. Two
//! columns are enough for [`word_of_mouth`], purchases alone are enough for [`value`].
//!
//! | question | room | start with |
//! |---|---|---|
//! | what happened | [`journey`] | [`JourneyLogBuilder`](journey::JourneyLogBuilder) takes [`Fact`](journey::Fact)s in any order; [`JourneyLog`](journey::JourneyLog) is seen [`AsOf`](journey::AsOf) a moment |
//! | what were they told | [`promise`] | [`PromiseLedger`](promise::PromiseLedger): the state of each promise on any day; [`latest_right_moment`](promise::latest_right_moment): the last day to act |
//! | what do they say | [`survey`] | [`FeedbackSummary`](survey::FeedbackSummary), [`SentimentTally`](survey::SentimentTally) with the net promoter score |
//! | where do we fall short | [`gap`] | [`PromiseGap`](gap::PromiseGap): early, late, and what it did to the score; [`ExpectationGap`](gap::ExpectationGap), [`ServiceQuality`](gap::ServiceQuality) |
//! | do they still believe us | [`trust`] | [`Reliabilities`](trust::Reliabilities): will the next promise be kept; [`FeltTrust`](trust::FeltTrust): how it feels; [`mutual`](trust::mutual()) |
//! | what is a customer worth | [`value`] | [`PurchaseDays`](value::PurchaseDays), [`BgNbd`](value::BgNbd), [`GammaGamma`](value::GammaGamma), [`LifetimeValues`](value::LifetimeValues); [`Contributions`](value::Contributions) where no model can be fitted |
//! | what do detractors cost | [`word_of_mouth`] | [`Talk`](word_of_mouth::Talk) over an [`Audience`](word_of_mouth::Audience); [`Portfolio`](word_of_mouth::Portfolio) in one market; [`Cascade`](word_of_mouth::network::Cascade) on a known network |
//! | whom to win back first | [`win_back`] | [`Disappointment`](win_back::Disappointment)s become [`WinBackCase`](win_back::WinBackCase)s, [`WinBackRanking`](win_back::WinBackRanking) orders them within a budget; [`NetworkWinBack`](win_back::network::NetworkWinBack) where customers listen to each other |
//! | all of it at once | [`audit`] | [`Audit::of`](audit::Audit::of) |
//! | how do tables come in | [`read`] | `Mapping`, `read_csv`, `Reading` with every bad row |
//! | how do answers go out | [`report`] | `Report::of_audit`: one HTML page with pictures, Markdown, a summary for the terminal |
//! | does it find what is there | [`simulate`] | [`Shop`](simulate::Shop): order tables whose truth is known |
//!
//! Below them lies [`measure`]: money, time, ratings, probabilities and estimates that cannot be wrong. What can be refused
//! returns [`Error`]. The [`guide`] tells how the house is [built](guide::architecture), what its [words](guide::glossary)
//! mean, where its [formulas](guide::sources) come from and what has [changed](guide::changelog).
//!
//! # Features
//!
//! All are on by default; the rooms that a feature does not name are always there.
//!
//! | feature | brings |
//! |---|---|
//! | `csv` | the room [`read`]: CSV, gzip too, with a TOML mapping from columns to facts; needs `serde` |
//! | `parallel` | the word-of-mouth kernel, the cascades and the likelihoods on several threads, with the same bits as on one |
//! | `report` | the room [`report`]: one self-contained HTML page with SVG pictures, and the same tables as Markdown |
//! | `serde` | options, results and fitted models can be stored; loading goes through the checking constructors |
//! | `time-zones` | named zones such as `Europe/Stockholm`; without it UTC and fixed offsets |
//!
//! # What is not claimed
//!
//! - What goes together need not be cause and effect: late cases may differ from others in more than lateness.
//! - Nobody can tell from a table how likely a hearer is lost. That probability has no default, and the report
//!   states it next to what rests on it. The customary numbers of hearers (9–15, 4–6) are conventions at the upper end.
//! - Felt trust is a reading with weights of our choosing, not a probability; [reliability](trust::Reliability) is one.
//! - A purchase model is refused where the data cannot carry it. So far there is one for purchases (BG/NBD) and one for
//!   spend (Gamma–Gamma), both for customers who come and go without a contract.
//! - Whom to silence on a network has no guarantee of nearness to the best choice, only a certificate computed for the case.
//! - Pseudonyms in reports keep names off a page; they are no protection against someone who holds the list of customers.
//!
#![cfg_attr(feature = "csv", doc = " [`read`]: mod@read")]
#![cfg_attr(
    not(feature = "csv"),
    doc = " [`read`]: https://docs.rs/tillit/latest/tillit/read/"
)]
#![cfg_attr(feature = "report", doc = " [`report`]: mod@report")]
#![cfg_attr(
    not(feature = "report"),
    doc = " [`report`]: https://docs.rs/tillit/latest/tillit/report/"
)]
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
