//! Documents about the crate: how it is built, what its words mean, where its formulas come from, what changed.

#[doc = include_str!("architecture.md")]
pub mod architecture {}

#[doc = include_str!("coverage.md")]
pub mod coverage {}

#[doc = include_str!("glossary.md")]
pub mod glossary {}

#[allow(clippy::doc_markdown, reason = "people, not code")]
#[doc = include_str!("sources.md")]
pub mod sources {}

#[doc = include_str!("changelog.md")]
pub mod changelog {}
