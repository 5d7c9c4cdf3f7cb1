//! The command as a process.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

/// The command beside the binary of the tests, built from the sources as they are.
fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        // target/<profile>/deps/<test>
        let test = std::env::current_exe().expect("the test has a path");
        let profile = test.ancestors().nth(2).expect("the folder of the profile");
        let binary = profile.join("mpegg").with_extension(std::env::consts::EXE_EXTENSION);
        if !is_fresh(&binary) {
            let mut cargo = Command::new(env!("CARGO"));
            cargo.args(["build", "--quiet", "-p", "mpegg", "--bin", "mpegg", "--target-dir"]).arg(profile.parent().expect("the target folder"));
            if profile.ends_with("release") {
                cargo.arg("--release");
            }
            assert!(cargo.current_dir(env!("CARGO_MANIFEST_DIR")).status().expect("cargo runs").success(), "the command cannot be built");
        }
        binary
    })
}

/// Whether it is newer than the sources that cargo notes beside it. Tests of the whole workspace build it with themselves.
fn is_fresh(binary: &Path) -> bool {
    let changed = |path: &Path| fs::metadata(path).and_then(|found| found.modified()).ok();
    let (Some(built), Ok(noted)) = (changed(binary), fs::read_to_string(binary.with_extension("d"))) else { return false };
    let (_, sources) = noted.split_once(": ").unwrap_or_default();
    !sources.is_empty() && sources.split_whitespace().all(|source| changed(Path::new(source)).is_some_and(|changed| changed <= built))
}

/// Runs the command.
pub fn mpegg<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> Output {
    Command::new(binary()).args(arguments).output().expect("the command runs")
}
