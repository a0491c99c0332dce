//! `seeds FOLDER`: writes inputs to begin with into a folder for each target.

use std::io;
use std::path::Path;

use otr_fuzz::seeds::Seeds;

fn main() -> io::Result<()> {
    let folder = std::env::args_os().nth(1).ok_or_else(|| io::Error::other("usage: seeds FOLDER"))?;
    let vectors = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../conformance/vectors");
    Seeds::from_vectors(&vectors)?.write(Path::new(&folder))
}
