//! Every kind of expression.

use super::*;
use crate::ErrorKind;
use crate::table::{Binary, Param, ParamKind, Unary};
use crate::walk::eval::At;
use crate::walk::frame::{Args, Frame};

static SET: Table = table(None, "parameter_set", &[kept("id"), kept("list")], &[]);

static HOST: Table = Table {
    params: &[
        Param { name: "set", kind: ParamKind::One(&SET) },
        Param { name: "sets", kind: ParamKind::Many(&SET) },
        Param { name: "groups", kind: ParamKind::Grouped(&SET) },
        Param { name: "mode", kind: ParamKind::Number(0, 1) },
    ],
    ..table(None, "host", &[kept("five"), kept("text"), kept("rows"), kept("nothing"), kept("bytes")], &[])
};

const FIVE: Expr = Expr::Slot(0);
const TEXT: Expr = Expr::Slot(1);
const ROWS: Expr = Expr::Slot(2);
const NOTHING: Expr = Expr::Slot(3);

fn set(id: i128) -> Value {
    let list = Value::from(vec![Value::Int(id), Value::Int(id + 1)]);
    Value::from(Record { table: &SET, form: 0, slots: vec![Value::Int(id), list] })
}

struct Sets;

impl Scope for Sets {
    fn one(&self, _: &'static Table) -> Result<Value> {
        Ok(set(1))
    }

    fn many(&self, _: &'static Table) -> Result<Value> {
        Ok(Value::from(vec![set(10), set(20)]))
    }

    fn grouped(&self, _: &'static Table) -> Result<Value> {
        Ok(Value::from(vec![Value::from(vec![]), Value::from(vec![set(30), set(40)])]))
    }

    fn number(&self, _: &str) -> Option<i128> {
        None
    }
}

fn eval(expr: &'static Expr) -> Result<i128> {
    let mut frame = Frame::new(&HOST, Args::Scope(&Sets), Some(40), 0);
    let row = |numbers: &[i128]| Value::from(numbers.iter().copied().map(Value::Int).collect::<Vec<_>>());
    let rows = Value::from(vec![row(&[1, 2]), Value::Absent, row(&[3])]);
    let values = [Value::Int(5), Value::from("1900"), rows, Value::Absent, Value::from("0a0b0c")];
    for (slot, value) in (0..).zip(values) {
        frame.set(slot, &[], value, &mut 100).unwrap();
    }
    At { frame: &frame, position: 77, remaining: Some(9) }.number(expr)
}

macro_rules! gives {
    ($($expr:expr => $expected:expr),* $(,)?) => {$({
        static EXPR: Expr = $expr;
        assert_eq!(eval(&EXPR).unwrap(), $expected, "{EXPR:?}");
    })*};
}

macro_rules! fails {
    ($($expr:expr => $kind:pat, $message:expr);* $(;)?) => {$({
        static EXPR: Expr = $expr;
        let error = eval(&EXPR).unwrap_err();
        assert!(matches!(error.kind(), $kind), "{error}");
        assert_eq!((error.message().as_str(), error.position()), ($message, Some(77)));
    })*};
}

const fn int(number: i128) -> Expr {
    Expr::Int(number)
}

#[test]
fn values_of_expressions() {
    gives! {
        Expr::Unary(Unary::Not, &FIVE) => 0,
        Expr::Unary(Unary::Negate, &FIVE) => -5,
        Expr::Binary(Binary::And, &int(0), &NOTHING) => 0,
        Expr::Binary(Binary::Or, &FIVE, &NOTHING) => 1,
        Expr::Binary(Binary::BitAnd, &FIVE, &int(4)) => 4,
        Expr::Binary(Binary::BitOr, &FIVE, &int(2)) => 7,
        Expr::Binary(Binary::Remainder, &FIVE, &int(3)) => 2,
        Expr::Binary(Binary::LessOrEqual, &FIVE, &int(5)) => 1,
        Expr::Binary(Binary::Equal, &TEXT, &Expr::Text("1900")) => 1,
        Expr::Binary(Binary::NotEqual, &Expr::Text("2000"), &TEXT) => 1,
        Expr::Choose(&int(0), &NOTHING, &FIVE) => 5,
        Expr::Default(&NOTHING, &FIVE) => 5,
        Expr::Default(&Expr::Index(&Expr::Index(&ROWS, &int(1)), &int(0)), &int(8)) => 8,
        Expr::Default(&Expr::Index(&Expr::Index(&ROWS, &int(0)), &int(7)), &int(9)) => 9,
        Expr::CeilDiv(&FIVE, &int(2)) => 3,
        Expr::CeilLog2(&FIVE) => 3,
        Expr::Min(&FIVE, &int(2)) => 2,
        Expr::Max(&FIVE, &int(2)) => 5,
        Expr::Length => 40,
        Expr::Remaining => 9,
        Expr::Count(&ROWS) => 3,
        Expr::Count(&NOTHING) => 0,
        Expr::Count(&Expr::Slot(4)) => 3,
        Expr::Count(&Expr::Param(1)) => 2,
        Expr::Count(&Expr::Member(&Expr::Param(1), 0)) => 2,
        Expr::Count(&Expr::Member(&Expr::Param(0), 1)) => 2,
        Expr::Find(&ROWS, &int(3)) => 2,
        Expr::Find(&ROWS, &int(4)) => -1,
        Expr::Find(&NOTHING, &int(4)) => -1,
        Expr::Find(&Expr::Member(&Expr::Param(1), 0), &int(20)) => 1,
        Expr::Find(&Expr::Member(&Expr::Param(1), 1), &int(21)) => 1,
        Expr::Find(&Expr::Member(&Expr::Param(0), 1), &int(2)) => 1,
        Expr::Find(&Expr::Member(&Expr::Param(2), 0), &int(40)) => 1,
        Expr::Member(&Expr::Param(0), 0) => 1,
        Expr::Index(&Expr::Member(&Expr::Param(0), 1), &int(1)) => 2,
        Expr::Index(&Expr::Member(&Expr::Param(1), 0), &int(1)) => 20,
        Expr::Index(&Expr::Index(&Expr::Member(&Expr::Param(2), 0), &int(1)), &int(1)) => 40,
        Expr::Member(&Expr::Index(&Expr::Index(&Expr::Param(2), &int(1)), &int(0)), 0) => 30,
        Expr::Default(&Expr::Member(&Expr::Param(3), 0), &int(6)) => 6,
    }
}

#[test]
fn expressions_without_a_value() {
    fails! {
        NOTHING => ErrorKind::Malformed, "nothing is absent";
        TEXT => ErrorKind::Malformed, "text is not a number";
        Expr::Param(3) => ErrorKind::CrossReference, "mode is absent";
        Expr::Param(9) => ErrorKind::Unsupported, "the description has no parameter 9";
        Expr::Index(&ROWS, &int(-1)) => ErrorKind::CrossReference, "rows[-1] is behind the end of rows (3 elements)";
        Expr::Index(&NOTHING, &int(0)) => ErrorKind::CrossReference, "nothing[0] is behind the end of nothing (0 elements)";
        Expr::Index(&Expr::Member(&Expr::Param(1), 0), &int(2)) =>
            ErrorKind::CrossReference, "sets.id[2] is behind the end of sets.id (2 elements)";
        Expr::Index(&FIVE, &int(0)) => ErrorKind::Malformed, "five is not an array";
        Expr::Member(&FIVE, 0) => ErrorKind::Malformed, "a member of something that is no structure";
        Expr::Count(&FIVE) => ErrorKind::Malformed, "five is not an array";
        Expr::Binary(Binary::Less, &FIVE, &TEXT) => ErrorKind::Malformed, "five and text cannot be compared";
        Expr::Binary(Binary::Divide, &FIVE, &int(0)) => ErrorKind::Malformed, "a division by zero";
        Expr::CeilDiv(&FIVE, &int(0)) => ErrorKind::Malformed, "a division by zero";
        Expr::Binary(Binary::Add, &int(i128::MAX), &FIVE) => ErrorKind::Malformed, "a number too great to compute with";
        Expr::Unary(Unary::Negate, &int(i128::MIN)) => ErrorKind::Malformed, "a number too great to compute with";
    }
}

#[test]
fn arrays_of_values_are_limited() {
    let mut frame = Frame::new(&HOST, Args::Scope(&Sets), None, 0);
    let mut room = 10;
    frame.set(0, &[4], Value::Int(1), &mut room).unwrap();
    frame.set(0, &[2], Value::Int(1), &mut room).unwrap();
    assert_eq!(room, 5);
    assert_eq!(frame.set(0, &[u64::MAX], Value::Int(1), &mut room).unwrap_err().kind(), ErrorKind::Limit);
    assert_eq!(frame.set(0, &[3, 5], Value::Int(1), &mut room).unwrap_err().kind(), ErrorKind::Limit);
}
