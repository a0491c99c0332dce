//! Single inputs with known answers. Each corpus has a file here of its name.

pub(crate) mod base64;
pub(crate) mod classify;
pub(crate) mod files;
pub(crate) mod fragments;
pub(crate) mod matrix;
pub(crate) mod recorded;
pub(crate) mod tlv;
pub(crate) mod units;
