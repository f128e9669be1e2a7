//! What goes in and what comes out: tables and mappings, the report, and the examples as programs.

#[cfg(all(feature = "csv", feature = "report"))]
#[path = "../support/example.rs"]
mod example;
#[cfg(feature = "csv")]
#[path = "../support/story.rs"]
mod story;

mod audit_command;
mod example_commands;
#[cfg(feature = "csv")]
mod mappings;
mod orders_facts;
mod read_csv;
mod read_mapping;
mod read_real_tables;
mod report;
