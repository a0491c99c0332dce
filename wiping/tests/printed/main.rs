//! Nothing secret is printed (S-48).

#[cfg(test)]
mod conversation;
#[cfg(test)]
mod types;
