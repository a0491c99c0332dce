//! Nothing secret is printed (S-48).

mod conversation;
mod types;
