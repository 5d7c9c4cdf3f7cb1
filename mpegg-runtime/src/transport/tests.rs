use super::*;
use crate::error::{Error, ErrorKind};

/// A header of four bytes: stream, marker, sequence number, size.
#[derive(Clone, Debug)]
struct Code;

impl HeaderCode for Code {
    const BYTES: usize = 4;
    const LARGEST: u16 = 200;
    const STREAMS: u16 = 128;

    fn read(bytes: &[u8], position: u64) -> Result<Header> {
        let [sid, marker, sequence_number, size] = bytes.try_into().unwrap();
        if size < 4 {
            return Err(Error::malformed(position + 24, "a packet shorter than its header"));
        }
        Ok(Header { sid: sid.into(), marker: marker == 1, sequence_number, size: size.into() })
    }

    fn write(header: &Header, out: &mut Vec<u8>) -> Result<()> {
        out.extend([header.sid as u8, header.marker.into(), header.sequence_number, header.size as u8]);
        Ok(())
    }
}

fn boxed(key: &[u8; 4], value: &[u8]) -> Vec<u8> {
    [key.as_slice(), &(12 + value.len() as u64).to_be_bytes(), value].concat()
}

/// The packets of boxes of streams, packet by packet.
fn packets(size: u16, boxes: &[(u16, Vec<u8>)]) -> Vec<Vec<u8>> {
    let mut packetizer = Packetizer::<Code>::new(size).unwrap();
    let mut all = vec![];
    for (sid, bytes) in boxes {
        for packet in packetizer.packets(*sid, bytes).unwrap() {
            let mut out = vec![];
            Code::write(&packet.header, &mut out).unwrap();
            out.extend(packet.payload);
            assert_eq!(out.len(), usize::from(packet.header.size));
            all.push(out);
        }
    }
    all
}

#[derive(Debug, Default, PartialEq)]
struct Found {
    boxes: Vec<(u16, Vec<u8>)>,
    ends: Vec<u16>,
    losses: Vec<Loss>,
}

impl Found {
    fn kinds(&self) -> Vec<LossKind> {
        self.losses.iter().map(|loss| loss.kind).collect()
    }
}

/// What is found where the bytes come in chunks of a size.
fn found(bytes: &[u8], chunk: usize) -> Found {
    let mut demultiplexer = Demultiplexer::<Code>::new();
    for sid in 1..5 {
        demultiplexer.announce(sid, *b"abcd");
    }
    demultiplexer.announce(1, *b"efgh");
    let mut found = Found::default();
    let mut open = vec![None; 128];
    for mut chunk in bytes.chunks(chunk) {
        while let Some(event) = demultiplexer.next(&mut chunk).unwrap() {
            match event {
                Event::Piece { sid, bytes: piece, first, last, offset } => {
                    assert_eq!(piece, &bytes[offset as usize..][..piece.len()]);
                    let open: &mut Option<Vec<u8>> = &mut open[usize::from(sid)];
                    assert_eq!(first, open.is_none());
                    open.get_or_insert_default().extend(piece);
                    if last {
                        found.boxes.push((sid, open.take().unwrap()));
                    }
                }
                Event::End { sid, .. } => found.ends.push(sid),
                Event::Dropped { sid } => assert!(open[usize::from(sid)].take().is_some()),
                Event::Loss(loss) => {
                    if let Some(sid) = loss.sid.filter(|_| loss.dropped) {
                        open[usize::from(sid)] = None;
                    }
                    found.losses.push(loss);
                }
            }
        }
    }
    assert_eq!(demultiplexer.position(), bytes.len() as u64);
    while let Some(loss) = demultiplexer.finish() {
        found.losses.push(loss);
    }
    let dropped = found.losses.iter().filter(|loss| loss.dropped).count() as u64;
    assert_eq!(demultiplexer.statistics().map(|(_, statistics)| statistics.dropped).sum::<u64>(), dropped);
    assert_eq!(demultiplexer.statistics().map(|(_, statistics)| statistics.boxes).sum::<u64>(), found.boxes.len() as u64);
    found
}

/// The same in chunks of any size.
fn found_in_any(bytes: &[u8]) -> Found {
    let whole = found(bytes, bytes.len().max(1));
    for chunk in 1..40 {
        let other = found(bytes, chunk);
        assert_eq!(other, whole, "chunks of {chunk}");
    }
    whole
}

fn four() -> Vec<(u16, Vec<u8>)> {
    vec![(1, boxed(b"efgh", b"")), (2, boxed(b"abcd", &[7; 30])), (2, boxed(b"abcd", &[8; 50])), (1, boxed(b"abcd", &[9; 5]))]
}

#[test]
fn boxes_come_as_they_went() {
    for size in [5, 6, 16, 17, 24, 200] {
        let stream = packets(size, &four()).concat();
        assert_eq!(found_in_any(&stream), Found { boxes: four(), ..Found::default() }, "packets of {size}");
    }
    assert_eq!(Packetizer::<Code>::new(4).unwrap_err().kind(), ErrorKind::Limit);
    assert_eq!(Packetizer::<Code>::new(201).unwrap_err().kind(), ErrorKind::Limit);
    let packetizer = Packetizer::<Code>::new(5).unwrap();
    assert!(packetizer.begin(128, 12).is_err());
    assert!(packetizer.begin(1, 0).is_err());
}

#[test]
fn streams_are_interleaved() {
    let all = packets(10, &four());
    let mut by_stream = [1, 2].map(|sid| all.iter().filter(|packet| packet[0] == sid).cloned().collect::<Vec<_>>().into_iter());
    let mut mixed = vec![];
    for turn in 0.. {
        match by_stream[turn % 2].next().or_else(|| by_stream[(turn + 1) % 2].next()) {
            Some(packet) => mixed.push(packet),
            None => break,
        }
    }
    let mut found = found_in_any(&mixed.concat());
    found.boxes.sort_by_key(|(sid, _)| *sid);
    let mut wanted = four();
    wanted.sort_by_key(|(sid, _)| *sid);
    assert_eq!(found, Found { boxes: wanted, ..Found::default() });
}

/// A packet of two in a row is lost, whichever: the others make the other boxes.
#[test]
fn one_packet_less() {
    let all = packets(10, &four());
    for lost in 0..all.len() {
        let mut some = all.clone();
        let gone = some.remove(lost);
        let found = found_in_any(&some.concat());
        let later = some[lost..].iter().any(|packet| packet[0] == gone[0]);
        let first = !some[..lost].iter().any(|packet| packet[0] == gone[0]);
        assert_eq!(found.boxes.len(), 3, "packet {lost}");
        assert!(found.boxes.iter().all(|one| four().contains(one)), "packet {lost}");
        match found.kinds()[..] {
            [LossKind::Gap { missing: 1 }] => assert!(later && !first),
            // Sequence numbers start anywhere: what is missing is the beginning of a box.
            [LossKind::NoBox] => assert!(later && first),
            [LossKind::MissingMarker] => assert!(!later),
            ref other => panic!("packet {lost}: {other:?}"),
        }
    }
}

#[test]
fn many_packets_less() {
    let boxes: Vec<(u16, Vec<u8>)> = (0..40u8).map(|number| (1, boxed(b"abcd", &vec![number; 5 + usize::from(number)]))).collect();
    let all = packets(7, &boxes);
    for (from, count) in [(0, 1), (10, 20), (50, 100), (3, 223), (30, 256)] {
        let mut some = all.clone();
        some.drain(from..from + count);
        let found = found_in_any(&some.concat());
        assert!(!found.losses.is_empty() && found.boxes.iter().all(|one| boxes.contains(one)), "{from} {count}");
    }
}

#[test]
fn strays() {
    let all = packets(10, &four());
    for number in 0..all.len() {
        let mut twice = all.clone();
        twice.insert(number, all[number].clone());
        let found = found_in_any(&twice.concat());
        assert_eq!((found.kinds(), found.boxes), (vec![LossKind::Duplicate], four()));
    }
    let mut late = all.clone();
    late.swap(4, 5);
    let found = found_in_any(&late.concat());
    assert_eq!(found.kinds(), [LossKind::Gap { missing: 1 }, LossKind::Late]);
    assert_eq!(found.boxes.len(), 3);
}

#[test]
fn what_is_no_box() {
    let mut unknown = packets(200, &[(9, boxed(b"abcd", b""))]).concat();
    assert_eq!(found_in_any(&unknown).kinds(), [LossKind::Unknown]);
    // Another key; a Length over and under the bytes; no last packet.
    unknown = packets(200, &[(2, boxed(b"efgh", b"")), (2, boxed(b"abcd", b""))]).concat();
    let found = found_in_any(&unknown);
    assert_eq!((found.kinds(), found.boxes.len()), (vec![LossKind::NoBox], 1));
    for length in [0u64, 11, 13, u64::MAX] {
        let head = [b"abcd".as_slice(), &length.to_be_bytes()].concat();
        let found = found_in_any(&packets(200, &[(2, head), (2, boxed(b"abcd", b""))]).concat());
        assert_eq!((found.kinds(), found.boxes.len()), (vec![LossKind::NoBox], 1), "Length {length}");
    }
    let mut all = packets(10, &[(2, boxed(b"abcd", b"1")), (2, boxed(b"abcd", b"2"))]);
    all[2][1] = 0;
    let found = found_in_any(&all.concat());
    assert_eq!((found.kinds(), found.boxes.len()), (vec![LossKind::MissingMarker], 1));
}

#[test]
fn ends() {
    let mut packetizer = Packetizer::<Code>::new(10).unwrap();
    let bytes = boxed(b"abcd", b"12");
    let mut stream = vec![];
    for packet in packetizer.packets(1, &bytes).unwrap() {
        Code::write(&packet.header, &mut stream).unwrap();
        stream.extend(packet.payload);
    }
    Code::write(&packetizer.end(1), &mut stream).unwrap();
    let found = found_in_any(&stream);
    assert_eq!(found, Found { boxes: vec![(1, bytes)], ends: vec![1], losses: vec![] });
    // The last packet of the box is missing.
    stream.drain(20..26);
    assert_eq!(found_in_any(&stream).kinds(), [LossKind::Gap { missing: 1 }]);
}

#[test]
fn datagrams_that_are_cut() {
    let all = packets(10, &four());
    let mut demultiplexer = Demultiplexer::<Code>::new();
    demultiplexer.announce(1, *b"efgh");
    let mut first = &all[0][..7];
    assert!(matches!(demultiplexer.next(&mut first), Ok(Some(Event::Piece { first: true, last: false, .. }))));
    let loss = demultiplexer.end_of_datagram().unwrap();
    assert_eq!((loss.kind, loss.dropped), (LossKind::Cut { missing: 3 }, true));
    let mut second = &all[1][..3];
    assert_eq!(demultiplexer.next(&mut second).unwrap(), None);
    assert_eq!(demultiplexer.end_of_datagram().unwrap().kind, LossKind::Cut { missing: 1 });
    let error = demultiplexer.next(&mut [1, 1, 0, 3].as_slice()).unwrap_err();
    assert_eq!(error.position(), Some(10 * 8 + 24));
}

#[test]
fn boxes_of_streams_that_are_announced_late() {
    let mut demultiplexer = Demultiplexer::<Code>::new();
    demultiplexer.presume(*b"abcd");
    let stream = packets(10, &[(7, boxed(b"abcd", b"1234")), (7, boxed(b"efgh", b"5678")), (7, boxed(b"abcd", b""))]).concat();
    let mut bytes = stream.as_slice();
    let (mut whole, mut losses) = (0, vec![]);
    while let Some(event) = demultiplexer.next(&mut bytes).unwrap() {
        match event {
            Event::Piece { last, .. } => whole += usize::from(last),
            Event::Loss(loss) => losses.push((loss.kind, loss.dropped)),
            other => panic!("{other:?}"),
        }
    }
    // Each packet of another box tells that the stream is unknown.
    assert_eq!((whole, losses), (2, vec![(LossKind::Unknown, false); 3]));
}
