//! `docs/backend-guide.md` and the example are the same code: what a reader types in is what is compiled and tested here.

#[test]
fn the_guide_shows_the_example_word_for_word() {
    let (guide, example) =
        (include_str!("../../docs/backend-guide.md"), include_str!("../examples/num_bigint.rs"));
    let blocks: Vec<_> =
        guide.split("```rust\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    // The last one is for a program that uses it.
    assert_eq!(blocks.len(), 3);
    for block in blocks.iter().take(2) {
        assert!(example.contains(block), "{block}");
    }
}
