use std::collections::BTreeSet;

use serde_json::Value;

use super::*;

/// The bytes that a string of the test data stands for: one for each character.
fn bytes(text: &Value) -> Vec<u8> {
    text.as_str().unwrap().chars().map(|char| u8::try_from(u32::from(char)).unwrap()).collect()
}

fn recorded() -> Value {
    serde_json::from_str(include_str!("../../tests/data/sexp.json")).unwrap()
}

/// All members of the outermost list of `text`, or the first fault.
fn read(text: &[u8]) -> Result<Vec<Node<'_>>, Fault> {
    Reader::new(text).unwrap().collect()
}

/// What the only member of the list `(text)` stands for.
fn read_one(text: &[u8]) -> Option<Vec<u8>> {
    let text = [b"(", text, b")"].concat();
    let nodes = read(&text).ok()?;
    assert_eq!(nodes.len(), 1, "{}", text.escape_ascii());
    Some(nodes[0].bytes().ok()?.to_vec())
}

fn fault(text: &[u8]) -> (usize, usize, Syntax) {
    let error = |fault: Fault| (fault.position.line, fault.position.column, fault.syntax);
    let nodes = match read(text) {
        Err(fault) => return error(fault),
        Ok(nodes) => nodes,
    };
    error(nodes.iter().find_map(|node| node.bytes().err()).expect("a fault"))
}

#[test]
fn file_03_atoms_are_read_as_libgcrypt_reads_them() {
    // Numbers that do not fit a byte, base64 that is not the only spelling, a zero byte in a token, display hints.
    let refused_here =
        BTreeSet::from([r#""\777""#, r#""\400""#, "|YWxpY2V=|", "|YWxpY2U=x|", "a\0b", "[a]b"]);
    // An empty string in canonical form; a length that begins with 0.
    let taken_here = BTreeSet::from(["0:", "05:alice"]);
    let recorded = recorded();
    let mut seen = BTreeSet::new();
    for case in recorded["read"].as_array().unwrap() {
        let text = case[0].as_str().unwrap();
        let libgcrypt = (!case[1].is_null()).then(|| bytes(&case[1]));
        let ours = read_one(&bytes(&case[0]));
        if refused_here.contains(text) {
            assert!(libgcrypt.is_some() && ours.is_none(), "{text}");
            seen.insert(text);
        } else if taken_here.contains(text) {
            assert!(libgcrypt.is_none() && ours.is_some(), "{text}");
            seen.insert(text);
        } else {
            assert_eq!(ours, libgcrypt, "{text}");
        }
    }
    assert_eq!(seen, &refused_here | &taken_here);
}

#[test]
fn file_03_an_escape_in_hexadecimal_has_two_digits() {
    assert_eq!(read_one(br#""\x4a\x4B""#), Some(b"JK".to_vec()));
    for bad in [r#""\x  ""#, r#""\x4 ""#, r#""\x 4""#, r#""\xg0""#, r#""\x4""#, r#""\x""#] {
        assert_eq!(read_one(bad.as_bytes()), None, "{bad}");
    }
}

#[test]
fn file_02_texts_are_written_as_libgcrypt_writes_them_and_can_be_read() {
    let recorded = recorded();
    for case in recorded["written"].as_array().unwrap() {
        let (text, written) = (bytes(&case[0]), bytes(&case[1]));
        let mut ours = Vec::new();
        write_text(&text, &mut ours);
        assert_eq!(ours.escape_ascii().to_string(), written.escape_ascii().to_string());
        assert!(ours.len() <= longest_text(text.len()));
        assert_eq!(read_one(&ours), Some(text));
    }
}

#[test]
fn file_02_numbers_are_written_in_their_shortest_form_and_never_negative() {
    let written = |number: &[u8]| {
        let mut out = Vec::new();
        write_number(number, &mut out);
        String::from_utf8(out).unwrap()
    };
    assert_eq!(written(&[0x7f, 0xab]), "#7FAB#");
    assert_eq!(written(&[0x80, 0x00]), "#008000#");
    assert_eq!(written(&[0, 0, 0x0c, 0x01]), "#0C01#");
    assert_eq!(written(&[0, 0xff]), "#00FF#");
    assert_eq!(written(b"AAAA"), "#41414141#");
}

#[test]
fn lists_are_nested_and_found_by_name() {
    let nodes = read(b" ( a (b 1:c(d))\n(b e) () ) ").unwrap();
    assert_eq!(nodes.len(), 4);
    assert!(nodes[0].is_atom("a"));
    assert!(nodes[1].is_list("b") && !nodes[1].is_list("c") && !nodes[1].is_atom("b"));
    assert_eq!(nodes[1].members().len(), 3);
    assert!(nodes[1].find("d").is_some());
    assert!(nodes[1].find("c").is_none());
    assert_eq!(nodes[2].position, Position { line: 2, column: 1 });
    assert!(nodes[3].members().is_empty() && !nodes[3].is_list(""));
}

#[test]
fn atoms_need_no_space_between_them() {
    let nodes = read(b"(a\"b\"#63#|ZA==|1:e5:()()\"f)").unwrap();
    let texts: Vec<_> = nodes.iter().map(|node| node.bytes().unwrap().to_vec()).collect();
    assert_eq!(texts, [b"a".as_slice(), b"b", b"c", b"d", b"e", b"()()\"", b"f"]);
}

#[test]
fn file_04_faults_say_where_they_are() {
    assert_eq!(fault(b"(a\n (b"), (2, 2, Syntax::UnclosedList));
    assert_eq!(fault(b"\n\n  (a (b)"), (3, 3, Syntax::UnclosedList));
    assert_eq!(fault(b"(a \"b)\n\n"), (1, 4, Syntax::UnclosedAtom));
    assert_eq!(fault(b"(a #61"), (1, 4, Syntax::UnclosedAtom));
    assert_eq!(fault(b"(a 3:b)"), (1, 4, Syntax::UnclosedAtom));
    assert_eq!(fault(b"(a\n\n;)"), (3, 1, Syntax::Character));
    assert_eq!(fault(b"(a\n  #6g#)"), (2, 3, Syntax::Hex));
    assert_eq!(fault(b"(a #\\#)"), (1, 4, Syntax::Hex));
    assert_eq!(fault(b"(a |!|)"), (1, 4, Syntax::Base64));
    assert_eq!(fault(b"(a \"\\q\")"), (1, 4, Syntax::Escape));
    assert_eq!(fault(b"(a (b))"), (1, 4, Syntax::NotAnAtom));
    assert_eq!(fault(b"(a)\n (b)"), (2, 2, Syntax::TrailingText));
    assert_eq!(fault(b"(a))"), (1, 4, Syntax::TrailingText));
}

#[test]
fn what_stands_before_a_fault_is_read() {
    let nodes: Vec<_> = Reader::new(b"(a (b) & (c))").unwrap().collect();
    assert_eq!(nodes.len(), 3);
    assert!(nodes[0].is_ok() && nodes[1].is_ok());
    assert!(nodes[2].is_err());
}

#[test]
fn file_04_lists_are_at_most_16_deep() {
    let nested = |depth| ["(".repeat(depth), ")".repeat(depth)].concat();
    assert!(read(nested(16).as_bytes()).is_ok());
    assert_eq!(fault(nested(17).as_bytes()), (1, 17, Syntax::TooDeep));
    assert_eq!(fault("(".repeat(1 << 20).as_bytes()), (1, 17, Syntax::TooDeep));
}

#[test]
fn a_text_that_is_no_list_is_not_read() {
    for text in ["", " \n", "a", ")", "; comment\n(a)", "\"(\""] {
        assert!(Reader::new(text.as_bytes()).is_none(), "{text}");
    }
}
