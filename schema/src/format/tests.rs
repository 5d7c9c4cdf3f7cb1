//! What the formatter changes and what it keeps.

use super::format;
use crate::parse::parse;

/// The tree of a text, without places.
fn tree(text: &str) -> String {
    let (file, diagnostics) = parse(0, text);
    assert_eq!(diagnostics, []);
    let mut tree = String::new();
    for part in format!("{file:?}").split("Span { file: 0, bytes: ") {
        let digits = |char: char| char.is_ascii_digit() || char == '.';
        tree.push_str(part.trim_start_matches(digits));
    }
    tree
}

fn check(text: &str) -> String {
    let formatted = format(text).unwrap_or_else(|found| format!("{found:?}"));
    assert_eq!(tree(text), tree(&formatted), "{formatted}");
    assert_eq!(format(&formatted).as_deref(), Ok(formatted.as_str()));
    formatted
}

#[test]
fn real_files_keep_their_tree() {
    for (name, text) in crate::parse::tests::files() {
        let formatted = check(&text);
        let squeezed: Vec<&str> = text.lines().map(str::trim).collect();
        assert_eq!(check(&squeezed.join("\n")), formatted, "{name}");
        check(&text.replace('\n', "\r\n"));
    }
}

#[test]
fn rows_get_lines_and_columns() {
    let text = "\u{feff}// top\n\n\n/// Doc.\n#[clause=\"6.4\",table=3] box b \"boxb\"(n:0..=-1+2,s:set[],t:set[][])forms(a,b){x u(8) #[form(a)]y[ 1 ]\
        u( n+1 )as colour=count(z)// why\nif(!n){long_name st(v)<=260}else if(n==-1){}\n\n\nelse{let k:0..=9=n ? 1:-n\n}\n}\n\
        struct c(p:0..=1){while(!byte_aligned()){nesting_zero_bit f(1)}/* a */require(p)>0\n\n// last\n}\n\
        enum e:u(2){0=a\"x\",1=b,2..reserved}fn f(a,b)=a<<b\nconst N=f(1,2)/-3";
    let expected = "// top

/// Doc.
#[clause = \"6.4\", table = 3]
box b \"boxb\" (n: 0..=-1 + 2, s: set[], t: set[][]) forms(a, b) {
    x                   u(8)
    #[form(a)] y[1]     u(n + 1) as colour = count(z) // why
    if (!n) {
        long_name       st(v) <= 260
    } else if (n == -1) {} else {
        let k: 0..=9 = n ? 1 : -n
    }
}
struct c (p: 0..=1) {
    while (!byte_aligned()) { nesting_zero_bit f(1) } /* a */
    require (p) > 0

    // last
}
enum e : u(2) {
    0 = a \"x\",
    1 = b,
    2.. reserved
}
fn f(a, b) = a << b
const N = f(1, 2) / -3
";
    assert_eq!(check(text), expected);
}

#[test]
fn comments_stay() {
    let text = "//! file\n/* one */ struct s ( // of\n a: 0..=1, /* b */\n // c\n b: 0..=1 ) // open\n{\n\n // first\n\n x u(8) // x\n // between\n\
        \n while (!byte_aligned()) { // up\n z f(1) }\n where a\n || b // or\n && x == 1 : \"6\" as r\n if (a) { y u(8) } // end\n else { z u(8) }\n}\n/* tail\n * of\n */";
    let expected = "//! file
/* one */
struct s ( // of
    a: 0..=1, /* b */
    // c
    b: 0..=1) // open
{

    // first

    x       u(8) // x
    // between

    while (!byte_aligned()) { // up
        z   f(1)
    }
    where a
        || b // or
        && x == 1 : \"6\" as r
    if (a) {
        y   u(8)
    } // end
    else {
        z   u(8)
    }
}
/* tail
 * of
 */
";
    let found = check(text);
    assert_eq!(found, expected.replace("{\n\n    // first", "{\n    // first"));
}

#[test]
fn signs_and_hierarchy() {
    let text = "hierarchy{dgcn \"6.4.2\" file*{dghd \"1\"+ rfgn \"2\" # {labl \"3\"}}}struct s{a[ ] b ?\nv() bytes( .. )\n\
        c k( a.b [1], -x )or offs\nd k deferred if(a&&!b)\nremark \"r\"\nn[i]=n[i-1]-(-1)+a %b\n}foreign v \"ISO\"";
    let expected = "hierarchy {
    dgcn \"6.4.2\" file * {
        dghd \"1\" +
        rfgn \"2\" # {
            labl \"3\"
        }
    }
}
struct s {
    a[]     b ?
    v()     bytes(..)
    c       k(a.b[1], -x) or offs
    d       k deferred if (a && !b)
    remark \"r\"
    n[i] = n[i - 1] - (-1) + a % b
}
foreign v \"ISO\"
";
    assert_eq!(check(text), expected);
}

#[test]
fn refuses_what_does_not_parse() {
    assert!(format("box {").is_err());
    assert!(format("box a \"boxa\" { x u(8; }").is_err());
    assert!(format("#![doc = \"a\"] const A = 1").is_err());
    assert_eq!(format(" \n\n").as_deref(), Ok(""));
    assert_eq!(format("// only").as_deref(), Ok("// only\n"));
}
