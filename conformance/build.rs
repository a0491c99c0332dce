//! Lists the files of `vectors/`, so that the library carries them: whoever tests a backend need not have the
//! sources at hand.

use std::error::Error;
use std::fmt::Write as _;
use std::{env, fs, path::PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("vectors");
    let mut files = Vec::new();
    for entry in fs::read_dir(&folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "gz") {
            files.push(path);
        }
    }
    files.sort();

    let mut list = String::from("&[\n");
    for path in files {
        let name = path.file_name().unwrap_or_default();
        writeln!(list, "    ({name:?}, include_bytes!({path:?})),")?;
    }
    list.push(']');
    fs::write(PathBuf::from(env::var("OUT_DIR")?).join("vectors.rs"), list)?;
    println!("cargo::rerun-if-changed=vectors");
    Ok(())
}
