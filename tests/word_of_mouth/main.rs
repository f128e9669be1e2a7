//! What detractors cost: laws of the closed form, of its exact law and of the network, hostile input, stored states.

mod bad_input;
mod exact_law;
mod hostile_numbers;
mod laws;
mod network;
mod network_win_back;
mod stored_choices;
mod stored_laws;
mod threads;
