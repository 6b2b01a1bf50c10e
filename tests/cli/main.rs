//! The command-line tool as its users have it: each command, what goes to which stream, and the exit codes.

mod check;
mod run;
mod tokens;
