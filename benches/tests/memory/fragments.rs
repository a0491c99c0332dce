//! Fragments that never make a message, or make a very long one (FRAG-17, FRAG-18, S-13).

use super::Flooded;

/// Piece `index` of `count`, from a client of the peer's.
fn piece(sender: u32, index: usize, count: usize, piece: &str) -> Vec<u8> {
    format!("?OTR|{sender:08x}|00000b0b,{index:05},{count:05},{piece},").into_bytes()
}

#[test]
fn s_13_a_million_fragments_hold_no_more_than_eight_messages() {
    let mut flooded = Flooded::new(|_| {});
    flooded.hear((0..1_000_000_u32).map(|n| piece(0x1000 + n, 1, 2, "piece")));
    assert_eq!(flooded.bob.session.instances().count(), 2, "FRAG-18: no slots");
}

/// Each as long as it may be, and from another client, so that as many are kept as ever are.
#[test]
fn s_13_long_fragments_fill_their_buffers_and_nothing_else() {
    let mut flooded = Flooded::new(|config| config.max_reassembled_size = 100_000);
    let [half, rest] = [50_001, 49_999].map(|length| "a".repeat(length));
    let kept =
        flooded.hear((0..200).flat_map(|n| [piece(0x1000 + n, 1, 3, &half), piece(0x1000 + n, 2, 3, &rest)]));
    assert!(kept.kept >= 8 * 100_000, "otherwise this shows nothing: {kept:?}");
    // One byte more is too long, and what was there goes.
    let kept =
        flooded.hear((0..200).flat_map(|n| [piece(0x1000 + n, 3, 3, "a"), piece(0x1000 + n, 1, 3, "a")]));
    assert!(kept.peak < 64 * 1024 + 200, "{kept:?}");
}

/// As many pieces as a message can have, ever again; no piece moves what came before often.
#[test]
fn s_13_messages_of_65535_pieces_are_read_and_kept_no_longer() {
    let mut flooded = Flooded::new(|_| {});
    let all = (1..=65_535).map(|index| piece(0x1000, index, 65_535, "abcd"));
    let without_the_last = (1..65_535).map(|index| piece(0x1000, index, 65_535, "abcd"));
    let held = flooded.hear(without_the_last.chain(all));
    assert!(held.kept < 64 * 1024, "{held:?}");
}

#[test]
fn s_13_empty_pieces_and_pieces_out_of_order_are_not_kept() {
    let mut flooded = Flooded::new(|_| {});
    let bad = |n: usize| match n % 4 {
        0 => piece(0x1000, 1, 2, ""),
        1 => piece(0x1000, n % 65_536, 65_535, "piece"),
        2 => piece(0x1000, 2, 1, "piece"),
        _ => piece(0x1000, 65_536, 65_536, "piece"),
    };
    // Piece 1 of a message would be kept.
    let held = flooded.hear((2..200_000).map(bad));
    assert!(held.kept < 1024, "{held:?}");
}

/// Of version 2 there is one buffer.
#[test]
fn frag_13_version_2_has_a_single_buffer() {
    let mut flooded = Flooded::new(|config| config.policy = otr_protocol::Policy::MANUAL);
    let half = "a".repeat(200_000);
    let held = flooded.hear((0..100).map(|_| format!("?OTR,1,3,{half},").into_bytes()));
    assert!(held.kept < 300_000, "{held:?}");
}
