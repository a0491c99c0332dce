//! The key exchange.

mod checks;
mod collision;
mod instances;
pub(crate) mod matrix;
mod replay;
