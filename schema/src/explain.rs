//! What the numbers of diagnostics mean, with examples.

/// The explanation of a diagnostic, by its number: `MG021`.
pub fn explain(code: &str) -> Option<&'static str> {
    CODES
        .iter()
        .find(|(found, ..)| *found == code)
        .map(|(.., text)| *text)
}

/// All diagnostics: number, title, and an explanation with a bad and a good example.
pub const CODES: &[(&str, &str, &str)] = &[
    (
        "MG001",
        "lexical error",
        r##"The text does not lex: a character, literal or comment that the language does not have. Names are ASCII letters, digits and
`_`; texts stand in double quotes; comments start with `//`.

Bad:

    version_number  u(8) $

Good:

    version_number  u(8)
"##,
    ),
    (
        "MG002",
        "unexpected token",
        r##"Something else was expected at this place. Rows end with their line; an expression goes on where a line starts or ends with
an operator. `??` beside another operator needs parentheses, so that nobody has to guess which one comes first.

Bad:

    let n = first ?? 0 + 1

Good:

    let n = (first ?? 0) + 1
"##,
    ),
    (
        "MG003",
        "nesting too deep",
        r##"Brackets, blocks and operators nest at most 64 deep; so does an expression, a chain of `else if` and a chain of `? :`. Name
parts of a long expression with `let`, and move inner rows into a `struct`.

Good:

    let part = a + b
    let sum = part + c
"##,
    ),
    (
        "MG004",
        "bad number",
        r##"Numbers are decimal or hexadecimal, may contain `_`, have no suffix and no fraction, and are at most 2^64 - 1.

Bad:

    let limit = 10.5

Good:

    let limit = 0x10_0000
"##,
    ),
    (
        "MG005",
        "bad attribute",
        r##"An attribute that does not exist, stands at the wrong place or is given twice. Items have `#[clause = "...", table = N]`, rows
have `#[form(name)]` and `#[columns]`; `///` stands in front of items and codes.

Bad:

    #[section = "6.4"]
    struct point { x u(8) }

Good:

    #[clause = "6.4", table = 3]
    struct point { x u(8) }
"##,
    ),
    (
        "MG006",
        "unknown row or item",
        r##"A row starts with a name or with `if`, `for`, `while`, `let`, `remark`, `require` or `where`; an item with `box`, `container`,
`struct`, `process`, `enum`, `fn`, `const`, `foreign` or `hierarchy`.

Bad:

    x u(8);

Good:

    x u(8)
"##,
    ),
    (
        "MG007",
        "missing closing brace or end of file",
        r##"A bracket is not closed, is closed by a bracket of another kind, or the file ends in the middle of an item.

Bad:

    struct point {
        x  u(8)

Good:

    struct point {
        x  u(8)
    }
"##,
    ),
    (
        "MG010",
        "duplicate item name",
        r##"Two items have one name. Tables, enums, functions, constants and foreign values share their names.

Bad:

    struct point { x u(8) }
    struct point { y u(8) }

Good:

    struct point { x u(8) }
    struct vector { y u(8) }
"##,
    ),
    (
        "MG011",
        "unknown name",
        r##"The name is no field or `let` above this row, no parameter, loop variable, constant, code or function. A field is known from its
row on, not before.

Bad:

    for (i = 0; i < n; i++) {
        x[i]  u(8)
    }
    n  u(8)

Good:

    n  u(8)
    for (i = 0; i < n; i++) {
        x[i]  u(8)
    }
"##,
    ),
    (
        "MG012",
        "unknown type, table or key",
        r##"The type of a row is `u(n)`, `f(n)`, `c(n)`, `st(v)`, `bytes(..)`, the key of a box or the name of a structure. `sizeof` takes a
structure whose size is the same everywhere.

Bad:

    header  hdrr

Good:

    header  dthd(file)
"##,
    ),
    (
        "MG013",
        "name defined twice",
        r##"A name may occur in several branches, but only once on every path through the table, and with one type. `reserved` and
`reserved_flag` are exempt.

Bad:

    x  u(8)
    x  u(16)

Good:

    if (wide) {
        x  u(16)
    } else {
        x  u(8)
    }
"##,
    ),
    (
        "MG014",
        "name may be absent on this path",
        r##"The field exists on some paths to this row only. Say with `??` what holds where it is absent, or use it under the condition
under which it exists.

Bad:

    if (flag) {
        count_of_x  u(8)
    }
    let n = count_of_x

Good:

    if (flag) {
        count_of_x  u(8)
    }
    let n = count_of_x ?? 0
"##,
    ),
    (
        "MG015",
        "wrong number of arguments",
        r##"A table or function takes as many arguments as it has parameters.

Bad:

    fn half(a) = a / 2
    const N = half(4, 2)

Good:

    fn half(a) = a / 2
    const N = half(4)
"##,
    ),
    (
        "MG016",
        "unknown enum",
        r##"`as NAME` names the code table of a field; there is no such `enum`. Other meanings are `as bytes`, `as checksum`,
`as letters(alphabet)`.

Bad:

    kind  u(4) as data_clas

Good:

    kind  u(4) as data_class
"##,
    ),
    (
        "MG017",
        "subscript is not a loop variable or a number",
        r##"The subscripts of a field say in which round of which loop it stands: the variables of the loops around it, or numbers.

Bad:

    for (i = 0; i < n; i++) {
        x[i + 1]  u(8)
    }

Good:

    for (i = 0; i < n; i++) {
        x[i]  u(8)
    }
"##,
    ),
    (
        "MG018",
        "unknown form",
        r##"`#[form(name)]` names one of the `forms(..)` behind the parameters of the table.

Bad:

    box b "boxb" forms(printed, found) {
        #[form(other)] x  u(8)
    }

Good:

    box b "boxb" forms(printed, found) {
        #[form(found)] x  u(8)
    }
"##,
    ),
    (
        "MG020",
        "width may be over 64 bits",
        r##"The width of a number is at most 64 bits on every path. Bound it with `require`, or say that the field is a string of bits.

Bad:

    size  u(8)
    x     u(size)

Good:

    size  u(8)
    require size <= 64
    x     u(size)
"##,
    ),
    (
        "MG021",
        "width may be negative",
        r##"The width of a field or its number of bytes may be less than 0 for some values above. Exclude them with `require`, or bound a `let`
by a range.

Bad:

    size       u(8)
    payload()  bytes(size - 5)

Good:

    size       u(8)
    require size >= 5
    payload()  bytes(size - 5)
"##,
    ),
    (
        "MG022",
        "arithmetic may overflow",
        r##"A value may leave the range in which numbers are kept, or the range of the parameter that it is passed to. Bound its parts with
`require` or with the range of a `let`.

Bad:

    a  u(64)
    let n = a * a

Good:

    a  u(64)
    require a <= 0xFFFF_FFFF
    let n = a * a
"##,
    ),
    (
        "MG023",
        "division by zero possible",
        r##"The divisor of `/` or `%` may be 0. `require` that it is not.

Bad:

    rate  u(8)
    let n = 100 / rate

Good:

    rate  u(8)
    require rate >= 1
    let n = 100 / rate
"##,
    ),
    (
        "MG024",
        "shift too large",
        r##"The distance of `<<` or `>>` may be negative or greater than the bits of a number. Bound it with `require`.

Bad:

    size  u(32)
    let n = 1 << size

Good:

    size  u(32)
    require size <= 31
    let n = 1 << size
"##,
    ),
    (
        "MG025",
        "loop may take no bits and its count is not bounded",
        r##"A round of this loop may take no bits while nothing bounds the number of rounds: a few bytes of input could keep a reader busy
without end. Bound the count, or let every round take a bit.

Bad:

    n  u(64)
    for (i = 0; i < n; i++) {
        if (flag) {
            x[i]  u(8)
        }
    }

Good:

    n  u(64)
    require n <= 1000
    for (i = 0; i < n; i++) {
        if (flag) {
            x[i]  u(8)
        }
    }
"##,
    ),
    (
        "MG026",
        "recursion",
        r##"A structure contains itself, or a function calls itself. Neither would have an end; a list of nodes says the same.

Bad:

    struct node {
        left  node
    }

Good:

    struct tree {
        n            u(8)
        for (i = 0; i < n; i++) {
            node[i]  leaf
        }
    }
    struct leaf {
        x  u(8)
    }
"##,
    ),
    (
        "MG027",
        "loop body with several fields needs a name",
        r##"A round of this loop has several fields, so an element of the list is a structure, and that needs a name: in front of the brace.

Bad:

    for (i = 0; i < n; i++) {
        x[i]  u(8)
        y[i]  u(8)
    }

Good:

    for (i = 0; i < n; i++) points {
        x[i]  u(8)
        y[i]  u(8)
    }
"##,
    ),
    (
        "MG028",
        "unused parameter",
        r##"No row uses this parameter. Remove it, so that the table depends on nothing that it does not need.

Bad:

    struct point (file: file_header) {
        x  u(8)
    }

Good:

    struct point {
        x  u(8)
    }
"##,
    ),
    (
        "MG029",
        "a text is only compared",
        r##"A text is compared with a text by `==` or `!=`; nothing else is done with it.

Bad:

    let n = brand + 1

Good:

    let n = brand == "MPEG-G" ? 1 : 0
"##,
    ),
    (
        "MG030",
        "value of the wrong kind",
        r##"A number, a structure or a list is wanted here and the value is something else: operators take numbers, `.` a structure, `[i]` and
`Find` a list, and an argument is of the kind of its parameter.

Bad:

    let n = header + 1

Good:

    let n = header.num_rows + 1
"##,
    ),
    (
        "MG031",
        "this cannot be assigned",
        r##"Only a `let` with a range and the elements of an array of fields without bits can be assigned; what stands in the bits is
never changed.

Bad:

    let k = 0
    k = k + 1

Good:

    let k: 0..=255 = 0
    k = k + 1
"##,
    ),
    (
        "MG032",
        "bytes(..) is not last",
        r##"`bytes(..)` takes everything up to the end of the box, so no row with bits can follow it.

Bad:

    value()  bytes(..)
    x        u(8)

Good:

    x        u(8)
    value()  bytes(..)
"##,
    ),
    (
        "MG033",
        "count of something that is not an array",
        r##"`count(a)` takes an array; behind `=` it takes an array of this table, which gets its number of elements from there.

Bad:

    n  u(8) = count(m)
    m  u(8)

Good:

    n         u(8) = count(x)
    for (i = 0; i < n; i++) {
        x[i]  u(8)
    }
"##,
    ),
    (
        "MG034",
        "codes overlap or exceed the width",
        r##"The codes of an `enum` ascend, each stands once, and all fit the width.

Bad:

    enum colour : u(2) {
        0 = red
        0 = green
        4 = blue
    }

Good:

    enum colour : u(2) {
        0 = red
        1 = green
        2..=3 reserved
    }
"##,
    ),
    (
        "MG035",
        "container rows out of order",
        r##"In a container the fields come first, then the children, then blocks without a key.

Bad:

    container c "cont" {
        child  dthd
        x      u(8)
    }

Good:

    container c "cont" {
        x      u(8)
        child  dthd
    }
"##,
    ),
    (
        "MG036",
        "hierarchy and containers disagree",
        r##"The `hierarchy` (Table 10) and the rows of the containers must tell the same: which box stands in which, and in which scope.
Correct the one that differs from the printed tables.

Bad:

    hierarchy {
        dgcn "6.4.2" file *
        dghd "6.4.2.2" *
    }

Good:

    hierarchy {
        dgcn "6.4.2" file * {
            dghd "6.4.2.2" *
        }
    }
"##,
    ),
    (
        "MG037",
        "missing clause",
        r##"Every table says where it is printed.

Bad:

    struct point {
        x  u(8)
    }

Good:

    #[clause = "6.5.4"]
    struct point {
        x  u(8)
    }
"##,
    ),
    (
        "MG038",
        "key is not four ASCII characters",
        r##"The key of a box is four printable ASCII characters.

Bad:

    box header "head1" {
        x  u(8)
    }

Good:

    box header "head" {
        x  u(8)
    }
"##,
    ),
    (
        "MG039",
        "duplicate key",
        r##"Two tables have the same key; a reader could not tell them apart.

Bad:

    box a "same" { x u(8) }
    box b "same" { y u(8) }

Good:

    box a "boxa" { x u(8) }
    box b "boxb" { y u(8) }
"##,
    ),
    (
        "MG040",
        "foreign value is not declared",
        r##"A row with `()` behind its name is a value that another part defines; `foreign NAME "part"` declares which part.

Bad:

    struct point {
        value()  bytes(..)
    }

Good:

    foreign value "ISO/IEC 23092-3"
    struct point {
        value()  bytes(..)
    }
"##,
    ),
    (
        "MG041",
        "constant expected",
        r##"The value must be known when the schema is compiled: numbers, constants, and operators and functions of them. This holds for the
width of an `enum`, the length of `c(n)` and for ranges.

Bad:

    n    u(8)
    tag  c(n)

Good:

    tag  c(4)
"##,
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::parse;

    /// An example as a file: rows stand in a structure.
    fn codes_of(example: &str) -> Vec<&'static str> {
        let items = [
            "box",
            "struct",
            "container",
            "enum",
            "fn",
            "foreign",
            "hierarchy",
            "#[clause",
            "#[section",
        ];
        let text: String = example
            .lines()
            .map(|line| format!("{}\n", line.strip_prefix("    ").unwrap_or(line)))
            .collect();
        let text = if items
            .iter()
            .any(|item| text.starts_with(&format!("{item} ")))
        {
            text
        } else {
            format!("struct example {{\n{text}}}\n")
        };
        parse(0, &text).1.iter().map(|found| found.code).collect()
    }

    #[test]
    fn codes_ascend_and_are_found() {
        assert!(CODES.is_sorted_by(|a, b| a.0 < b.0));
        for (code, _, text) in CODES {
            assert_eq!(explain(code), Some(*text));
        }
        assert_eq!(explain("MG999"), None);
    }

    #[test]
    fn examples_parse_or_fail_as_told() {
        for (code, _, text) in CODES {
            let (rest, good) = text.split_once("Good:\n\n").unwrap_or_default();
            assert_eq!(codes_of(good), Vec::<&str>::new(), "{code}");
            if let Some((_, bad)) = rest.split_once("Bad:\n\n") {
                let found = codes_of(bad);
                if *code < "MG010" {
                    assert_eq!(found, [*code]);
                } else {
                    assert!(found.is_empty(), "{code}");
                }
            }
        }
    }
}
