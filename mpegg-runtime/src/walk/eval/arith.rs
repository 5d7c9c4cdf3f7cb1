//! Arithmetic that says when it overflows.

use crate::table::Binary;

/// `a operator b` for the operators that compute with numbers; `None` where the result does not fit.
pub(super) fn compute(operator: Binary, a: i128, b: i128) -> Option<i128> {
    match operator {
        Binary::Add => a.checked_add(b),
        Binary::Subtract => a.checked_sub(b),
        Binary::Multiply => a.checked_mul(b),
        Binary::Divide => a.checked_div(b),
        Binary::Remainder => a.checked_rem(b),
        Binary::ShiftLeft => match u32::try_from(b).ok()? {
            0 => Some(a),
            by @ 1..=126 => a.checked_mul(1i128.checked_shl(by)?),
            _ => None,
        },
        Binary::ShiftRight => a.checked_shr(u32::try_from(b).ok()?.min(127)),
        Binary::BitAnd => Some(a & b),
        Binary::BitOr => Some(a | b),
        Binary::Less | Binary::LessOrEqual | Binary::Greater | Binary::GreaterOrEqual | Binary::Equal | Binary::NotEqual | Binary::And | Binary::Or => None,
    }
}

/// The operator as the schema writes it.
pub(super) fn symbol(operator: Binary) -> &'static str {
    match operator {
        Binary::Add => "+",
        Binary::Subtract => "-",
        Binary::Multiply => "*",
        Binary::Divide => "/",
        Binary::Remainder => "%",
        Binary::ShiftLeft => "<<",
        Binary::ShiftRight => ">>",
        Binary::BitAnd => "&",
        Binary::BitOr => "|",
        Binary::Less => "<",
        Binary::LessOrEqual => "<=",
        Binary::Greater => ">",
        Binary::GreaterOrEqual => ">=",
        Binary::Equal => "==",
        Binary::NotEqual => "!=",
        Binary::And => "&&",
        Binary::Or => "||",
    }
}

/// The smallest integer not under a / b; b is not 0.
pub(super) fn ceil_div(a: i128, b: i128) -> Option<i128> {
    let quotient = a.checked_div(b)?;
    let exact = a.checked_rem(b)? == 0;
    if exact || (a < 0) != (b < 0) { Some(quotient) } else { quotient.checked_add(1) }
}

/// The smallest e with 2^e >= a; 0 for a <= 1.
pub(super) fn ceil_log2(a: i128) -> i128 {
    if a <= 1 {
        return 0;
    }
    i128::from(128u32.saturating_sub(a.saturating_sub(1).leading_zeros()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_up() {
        for (a, b, expected) in [(7, 2, 4), (8, 2, 4), (-7, 2, -3), (7, -2, -3), (-7, -2, 4), (0, 5, 0)] {
            assert_eq!(ceil_div(a, b), Some(expected), "{a} / {b}");
        }
        for (a, expected) in [(-3, 0), (0, 0), (1, 0), (2, 1), (3, 2), (4, 2), (5, 3), (i128::MAX, 127)] {
            assert_eq!(ceil_log2(a), expected, "{a}");
        }
    }

    #[test]
    fn overflow_is_told() {
        assert_eq!(compute(Binary::Add, i128::MAX, 1), None);
        assert_eq!(compute(Binary::Subtract, i128::MIN, 1), None);
        assert_eq!(compute(Binary::Multiply, i128::MAX, 2), None);
        assert_eq!(compute(Binary::Divide, i128::MIN, -1), None);
        assert_eq!(compute(Binary::ShiftLeft, 1, 126), Some(1 << 126));
        assert_eq!(compute(Binary::ShiftLeft, 1, 127), None);
        assert_eq!(compute(Binary::ShiftLeft, 1, -1), None);
        assert_eq!(compute(Binary::ShiftRight, -8, 1), Some(-4));
        assert_eq!(compute(Binary::ShiftRight, 8, 1000), Some(0));
        assert_eq!(compute(Binary::Remainder, -7, 2), Some(-1));
    }
}
