//! The data tier is one Redis with an append-only file.

mod a_start;
mod killed;
