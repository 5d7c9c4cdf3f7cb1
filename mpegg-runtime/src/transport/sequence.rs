//! The sequence numbers of a stream.

/// How far back a packet counts as one that comes twice or late; beyond that many packets are missing.
const BACK: u8 = 32;

/// What a sequence number says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// It is the next one.
    Next,
    /// So many are missing before it.
    Gap(u8),
    /// It was there a moment ago.
    Duplicate,
    /// It was missing a moment ago.
    Late,
}

/// Which numbers came. They start anywhere.
#[derive(Clone, Debug, Default)]
pub(super) struct Sequence {
    next: Option<u8>,
    /// The numbers before the next one, the lowest bit is the last of them: those that came.
    came: u32,
}

impl Sequence {
    /// Takes the number of a packet.
    pub fn take(&mut self, number: u8) -> Order {
        let ahead = number.wrapping_sub(self.next.unwrap_or(number));
        let back = ahead.wrapping_neg();
        if ahead > 0 && back <= BACK {
            let bit = 1u32 << (u32::from(back.saturating_sub(1)) % 32);
            let order = if self.came & bit != 0 { Order::Duplicate } else { Order::Late };
            self.came |= bit;
            return order;
        }
        self.next = Some(number.wrapping_add(1));
        self.came = self.came.checked_shl(u32::from(ahead).saturating_add(1)).unwrap_or(0) | 1;
        if ahead == 0 { Order::Next } else { Order::Gap(ahead) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_start_anywhere_and_wrap() {
        let mut sequence = Sequence::default();
        for number in 0..600u32 {
            assert_eq!(sequence.take((number + 200) as u8), Order::Next);
        }
    }

    #[test]
    fn what_is_behind_came_or_did_not() {
        let mut sequence = Sequence::default();
        assert_eq!(sequence.take(250), Order::Next);
        assert_eq!(sequence.take(250), Order::Duplicate);
        assert_eq!(sequence.take(2), Order::Gap(7));
        assert_eq!(sequence.take(0), Order::Late);
        assert_eq!(sequence.take(0), Order::Duplicate);
        assert_eq!(sequence.take(250), Order::Duplicate);
        assert_eq!(sequence.take(3), Order::Next);
        assert_eq!(sequence.take(2), Order::Duplicate);
        // Too far back: most of a round is missing.
        assert_eq!(sequence.take(227), Order::Gap(223));
        assert_eq!(sequence.take(226), Order::Late);
    }
}
