//! The command as a process.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

/// The command beside the binary of the tests, built from the sources as they are.
fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        // target/<profile>/deps/<test>
        let test = std::env::current_exe().expect("the test has a path");
        let profile = test.ancestors().nth(2).expect("the folder of the profile").to_owned();
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["build", "--quiet", "-p", "mpegg", "--bin", "mpegg", "--target-dir"]).arg(profile.parent().expect("the target folder"));
        if profile.ends_with("release") {
            cargo.arg("--release");
        }
        assert!(cargo.current_dir(env!("CARGO_MANIFEST_DIR")).status().expect("cargo runs").success(), "the command cannot be built");
        profile.join("mpegg").with_extension(std::env::consts::EXE_EXTENSION)
    })
}

/// Runs the command.
pub fn mpegg<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> Output {
    Command::new(binary()).args(arguments).output().expect("the command runs")
}

/// Its exit code, what it prints and what it says.
pub fn told(output: &Output) -> (Option<i32>, String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}
