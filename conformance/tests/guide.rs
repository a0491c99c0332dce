//! `docs/backend-guide.md` and the example are the same code: what a reader types in is what is compiled and tested here.

const GUIDE: &str = include_str!("../../docs/backend-guide.md");
const EXAMPLE: &str = include_str!("../examples/num_bigint.rs");

#[test]
fn the_guide_shows_the_example_word_for_word() {
    let blocks: Vec<_> =
        GUIDE.split("```rust\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    let [backend, tests, usage] = blocks.as_slice() else { panic!("{} blocks of Rust", blocks.len()) };
    // And it shows all of it but the head and `main`, so that nothing is missing when a reader compiles it.
    let (head, rest) = EXAMPLE.split_once(backend).unwrap();
    assert!(head.lines().all(|line| line.is_empty() || line.starts_with("//!")), "{head}");
    let main = rest.strip_suffix(tests).unwrap();
    assert_eq!(main.matches("fn ").count(), 1, "{main}");
    assert!(main.contains("fn main()") && main.contains(usage), "{main}");
}
