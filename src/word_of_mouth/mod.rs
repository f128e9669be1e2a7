//! What do detractors cost? Who hears of it, how many of them turn away, and what that is worth.

pub mod network;
