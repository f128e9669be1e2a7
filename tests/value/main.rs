//! What a customer is worth: laws, oracles, hostile data and stored states of the models.

mod bad_input;
mod chance;
mod covariates;
mod holdout;
mod laws;
mod purchase_regularity;
mod purchase_tallies;
mod ridges;
mod spend_laws;
mod stored_answers;
mod stored_models;
mod stored_purchase_tallies;
mod stored_settings;
