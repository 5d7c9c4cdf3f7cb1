//! Expressions.

/// A resolved expression.
#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    /// A number.
    Int(i128),
    /// A text.
    Text(String),
    /// A slot of this table.
    Slot(usize),
    /// A parameter.
    Param(usize),
    /// A slot of a structure (its table, the slot), or of each of a list.
    Member(Box<Expr>, usize, usize),
    /// An element.
    Index(Box<Expr>, Box<Expr>),
    /// `!a`.
    Not(Box<Expr>),
    /// `-a`.
    Negate(Box<Expr>),
    /// `a op b`, the operator as written.
    Binary(&'static str, Box<Expr>, Box<Expr>),
    /// `c ? a : b`.
    Choose(Box<Expr>, Box<Expr>, Box<Expr>),
    /// `a ?? b`.
    Default(Box<Expr>, Box<Expr>),
    /// Quotient rounded up.
    CeilDiv(Box<Expr>, Box<Expr>),
    /// Bits to number so many things.
    CeilLog2(Box<Expr>),
    /// The smaller.
    Min(Box<Expr>, Box<Expr>),
    /// The greater.
    Max(Box<Expr>, Box<Expr>),
    /// Index of a value, or -1.
    Find(Box<Expr>, Box<Expr>),
    /// Number of elements.
    Count(Box<Expr>),
    /// The Length of the box.
    Length,
    /// The bits left in the box.
    Remaining,
}

impl Expr {
    /// The operands, for passes that look at every node.
    pub fn operands(&self) -> Vec<&Expr> {
        match self {
            Expr::Int(_) | Expr::Text(_) | Expr::Slot(_) | Expr::Param(_) | Expr::Length | Expr::Remaining => vec![],
            Expr::Member(a, ..) | Expr::Not(a) | Expr::Negate(a) | Expr::CeilLog2(a) | Expr::Count(a) => vec![a],
            Expr::Index(a, b) | Expr::Binary(_, a, b) | Expr::Default(a, b) | Expr::CeilDiv(a, b) | Expr::Min(a, b) | Expr::Max(a, b) | Expr::Find(a, b) => {
                vec![a, b]
            }
            Expr::Choose(a, b, c) => vec![a, b, c],
        }
    }

    /// Whether this or an operand satisfies the test.
    pub fn any(&self, test: &dyn Fn(&Expr) -> bool) -> bool {
        test(self) || self.operands().into_iter().any(|operand| operand.any(test))
    }
}
