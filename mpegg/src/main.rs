//! The command `mpegg`.

#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    mpegg::cli::main()
}
