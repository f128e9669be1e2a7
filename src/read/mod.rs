//! From a wide table to a journey log: a mapping says in TOML what each column means, a reader streams the rows.

mod amount;
mod column_names;
mod columns;
mod condition;
mod contact;
mod csv;
mod feedback;
mod format;
mod mapping;
mod moment;
mod need;
mod promise;
mod purchase;
mod reading;
mod row;
mod rule;
mod section;
mod segment;
mod table;
mod total;
mod wording;

pub use column_names::csv_column_names;
pub use csv::{Progress, ReadOptions, read_csv, read_csv_file};
pub use mapping::Mapping;
pub use reading::{BadRow, Reading};
