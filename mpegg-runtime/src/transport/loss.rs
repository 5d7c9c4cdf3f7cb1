//! What is lost on the way, and how often.

/// Something is wrong with the packets of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Loss {
    /// The stream; unknown where not even the header of a packet is complete.
    pub sid: Option<u16>,
    /// The byte of the input at which it shows.
    pub offset: u64,
    /// What it is.
    pub kind: LossKind,
    /// Whether it ends a box of the stream: what was lent of it, if anything, is worth nothing.
    pub dropped: bool,
}

/// What can be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LossKind {
    /// A gap in the sequence numbers: so many packets are missing, or 256 more, or 512.
    Gap {
        /// How many.
        missing: u8,
    },
    /// A box has all of its bytes, or the input ends, but no packet said that it was the last one.
    MissingMarker,
    /// A sequence number that was there a moment ago.
    Duplicate,
    /// A sequence number that was missing a moment ago.
    Late,
    /// A stream that nobody announced.
    Unknown,
    /// The packets make no box: another key than the stream carries, or a Length that is not their bytes.
    NoBox,
    /// The input, or a datagram of it, ends inside a packet.
    Cut {
        /// Bytes of the packet that are not there.
        missing: u16,
    },
}

/// What came in a stream and what did not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Packets, those that were of no use too.
    pub packets: u64,
    /// Bytes of these packets.
    pub bytes: u64,
    /// Boxes that were complete.
    pub boxes: u64,
    /// Boxes that were begun and dropped.
    pub dropped: u64,
    /// Gaps in the sequence numbers.
    pub gaps: u64,
    /// Packets that are missing in these gaps.
    pub missing: u64,
    /// Boxes without a last packet.
    pub missing_markers: u64,
    /// Packets that came twice.
    pub duplicates: u64,
    /// Packets that came too late.
    pub late: u64,
    /// Packets of a stream that nobody announced.
    pub unknown: u64,
    /// Boxes whose Key or Length did not fit.
    pub no_boxes: u64,
    /// Packets that were cut.
    pub cut: u64,
}

impl Statistics {
    /// Whether nothing was lost or wrong.
    pub fn is_clean(&self) -> bool {
        let Statistics { packets, bytes, boxes, .. } = *self;
        *self == Statistics { packets, bytes, boxes, ..Statistics::default() }
    }

    /// Counts a loss.
    pub(super) fn count(&mut self, loss: &Loss) {
        let counter = match loss.kind {
            LossKind::Gap { missing } => {
                self.missing = self.missing.saturating_add(u64::from(missing));
                &mut self.gaps
            }
            LossKind::MissingMarker => &mut self.missing_markers,
            LossKind::Duplicate => &mut self.duplicates,
            LossKind::Late => &mut self.late,
            LossKind::Unknown => &mut self.unknown,
            LossKind::NoBox => &mut self.no_boxes,
            LossKind::Cut { .. } => &mut self.cut,
        };
        *counter = counter.saturating_add(1);
        self.dropped = self.dropped.saturating_add(u64::from(loss.dropped));
    }
}
