//! Backends that fail, at every single call in turn (S-46).

mod calls;
mod draws;
mod talk;
