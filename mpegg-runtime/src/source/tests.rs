use super::*;
use crate::error::ErrorKind;

fn check(source: &dyn Source, bytes: &[u8]) {
    assert_eq!(source.len(), bytes.len() as u64);
    for start in 0..=bytes.len() {
        for end in start..=bytes.len() {
            let mut buffer = vec![0; end - start];
            source.read_at(start as u64, &mut buffer).unwrap();
            assert_eq!(buffer, &bytes[start..end]);
            if let Some(slice) = source.slice(start as u64, (end - start) as u64) {
                assert_eq!(slice, &bytes[start..end]);
            }
        }
    }
    let error = source.read_at(bytes.len() as u64 - 1, &mut [0; 4]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Truncated { missing_bits: 24 });
    assert!(source.read_at(u64::MAX, &mut [0; 4]).is_err());
    assert!(source.slice(u64::MAX, 4).is_none());
    assert!(source.slice(0, bytes.len() as u64 + 1).is_none());
}

#[test]
fn every_source_reads_the_same() {
    let bytes: Vec<u8> = (0..20).collect();
    let path = std::env::temp_dir().join(format!("mpegg-runtime-source-{}", std::process::id()));
    std::fs::write(&path, &bytes).unwrap();
    check(&Bytes(bytes.as_slice()), &bytes);
    check(&Bytes(bytes.clone()), &bytes);
    check(&FileSource::open(&path).unwrap(), &bytes);
    check(&MappedFile::open(&path).unwrap(), &bytes);
    check(&Counting::new(Bytes(&bytes)), &bytes);
    std::fs::write(&path, b"").unwrap();
    assert!(MappedFile::open(&path).unwrap().is_empty());
    std::fs::remove_file(&path).unwrap();
    assert_eq!(FileSource::open(&path).unwrap_err().kind(), ErrorKind::Io);
}

#[test]
fn pieces_in_their_order() {
    let bytes: Vec<u8> = (0..20).collect();
    let ranges = [(10, 3), (13, 2), (0, 0), (2, 4), (19, 1)];
    let pieces = Pieces::new(Bytes(&bytes), ranges).unwrap();
    check(&pieces, &[10, 11, 12, 13, 14, 2, 3, 4, 5, 19]);
    assert_eq!(pieces.fragments().len(), 3);
    assert_eq!(pieces.locate(4), Some(14));
    assert_eq!(pieces.locate(5), Some(2));
    assert_eq!(pieces.locate(9), Some(19));
    assert_eq!(pieces.locate(10), None);
    assert_eq!(pieces.slice(1, 4), Some([11, 12, 13, 14].as_slice()));
    assert_eq!(pieces.slice(1, 5), None);
    assert!(Pieces::new(Bytes(&bytes), [(19, 2)]).is_err());
}

#[test]
fn what_is_read_is_counted() {
    let source = Counting::new(Bytes(vec![0; 100]));
    source.read_at(0, &mut [0; 12]).unwrap();
    source.read_at(50, &mut [0; 30]).unwrap();
    assert_eq!((source.bytes(), source.reads()), (42, 2));
}

#[test]
fn reading_ahead_reads_the_same() {
    let bytes: Vec<u8> = (0..5000u32).flat_map(u32::to_be_bytes).collect();
    let source = ReadAhead::new(Counting::new(Bytes(&bytes)));
    let mut buffer = [0; 7];
    for at in (0..bytes.len() - 7).step_by(5) {
        source.read_at(at as u64, &mut buffer).unwrap();
        assert_eq!(buffer, bytes[at..at + 7]);
    }
    assert!(source.inner().reads() < 20, "{} reads", source.inner().reads());
    for at in [19_990u64, 3, 12_000, 4, 700] {
        source.read_at(at, &mut buffer).unwrap();
        assert_eq!(buffer, bytes[at as usize..at as usize + 7]);
    }
    let mut all = vec![0; bytes.len()];
    source.read_at(0, &mut all).unwrap();
    assert_eq!(all, bytes);
    assert!(source.read_at(bytes.len() as u64 - 3, &mut buffer).is_err());
}
