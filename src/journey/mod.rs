//! What happened? Events of customers, checked and sorted once, kept in columns.

mod builder;
mod case;
mod event;
mod fact;
mod log;
mod mask;
mod names;
mod promise;
mod view;

pub use builder::JourneyLogBuilder;
pub use case::{CaseIndex, Segmentation};
pub use event::Event;
pub use fact::{Contact, Fact, FactKind, Initiator, Justice};
pub use log::{CustomerIndex, JourneyLog};
pub use mask::mask;
pub use promise::{Dimension, Due, Promise};
pub use view::{AsOf, Journey, LoggedEvent};
