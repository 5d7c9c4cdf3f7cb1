//! Files over a real network, by the examples of the library.

use mpegg::file::File;
use mpegg::source::Bytes;
use mpegg_tests::carrying::{boxes, file_of, packets, units};
use mpegg_tests::inputs::here;
use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// An example of the library, built from the sources as they are.
fn example(name: &str) -> PathBuf {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    let folder = BUILT.get_or_init(|| {
        // target/<profile>/deps/<test>
        let test = std::env::current_exe().unwrap();
        let profile = test.ancestors().nth(2).unwrap().to_owned();
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["build", "--quiet", "-p", "mpegg", "--example", "send", "--example", "receive", "--target-dir"]).arg(profile.parent().unwrap());
        if profile.ends_with("release") {
            cargo.arg("--release");
        }
        assert!(cargo.current_dir(env!("CARGO_MANIFEST_DIR")).status().unwrap().success(), "the examples cannot be built");
        profile.join("examples")
    });
    folder.join(name).with_extension(std::env::consts::EXE_EXTENSION)
}

/// Sends the sample, receives it, gives the file and what the receiver says.
fn send(network: &str, options: &[&str], mode: &str) -> (Vec<u8>, String) {
    let folder = tempfile::tempdir().unwrap();
    let made = folder.path().join("made.mgg");
    let arguments = [network, "127.0.0.1:0", made.to_str().unwrap(), "--mode", mode];
    let mut receiver = Command::new(example("receive")).args(arguments).stdout(Stdio::piped()).spawn().unwrap();
    let mut told = BufReader::new(receiver.stdout.take().unwrap());
    let mut address = String::new();
    told.read_line(&mut address).unwrap();
    let sample = here("../samples/sample.mgg");
    let sent = Command::new(example("send")).args([network, sample.to_str().unwrap(), address.trim()]).args(options).output().unwrap();
    assert!(sent.status.success(), "{}", String::from_utf8_lossy(&sent.stderr));
    let mut said = String::new();
    told.read_to_string(&mut said).unwrap();
    assert!(receiver.wait().unwrap().success(), "{said}");
    (std::fs::read(made).unwrap(), said)
}

#[test]
fn over_tcp() {
    let sample = std::fs::read(here("../samples/sample.mgg")).unwrap();
    for mode in ["auc", "dsc"] {
        let (made, _) = send("tcp", &[], mode);
        let stream = packets(&sample, &Default::default()).unwrap().concat();
        let options = mpegg::transport::DemuxOptions { descriptor_streams: mode == "dsc", ..Default::default() };
        assert!(made == file_of(&stream, 100, &options).unwrap().0, "{mode}");
    }
}

#[test]
fn over_udp_with_losses() {
    let sample = std::fs::read(here("../samples/sample.mgg")).unwrap();
    let before = File::new(Bytes(&sample)).unwrap();
    let (made, said) = send("udp", &["--lose", "12"], "auc");
    let after = File::new(Bytes(&made)).unwrap();
    boxes(&after).unwrap();
    assert!(said.contains("missing"), "{said}");
    let mut came = 0;
    for group in after.groups().unwrap() {
        for dataset in group.datasets().unwrap() {
            // What came is what was sent.
            let id = (group.header().unwrap().dataset_group_id, dataset.header().unwrap().dataset_id);
            let sent = units(&before.dataset(id).unwrap()).unwrap();
            let units = units(&dataset).unwrap_or_default();
            assert!(units.iter().all(|unit| sent.iter().any(|other| unit.same_blocks(other))));
            came += units.len();
        }
    }
    assert!(came > 0);
}
