use super::*;

/// A folder that is removed at the end of a test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("otr-store-{}-{name}", process::id()));
        fs::create_dir(&path).unwrap();
        Self(path)
    }

    fn files(&self) -> Vec<String> {
        let name = |entry: io::Result<fs::DirEntry>| entry.unwrap().file_name().into_string().unwrap();
        let mut names: Vec<_> = fs::read_dir(&self.0).unwrap().map(name).collect();
        names.sort();
        names
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).unwrap();
    }
}

#[test]
fn file_05_a_file_is_created_once_and_then_only_replaced() {
    let folder = Folder::new("create");
    let path = folder.0.join("file");
    assert_eq!(replace(&path, b"early").unwrap_err().kind(), io::ErrorKind::NotFound);
    create(&path, b"first").unwrap();
    assert_eq!(create(&path, b"second").unwrap_err().kind(), io::ErrorKind::AlreadyExists);
    assert_eq!(read(&path).unwrap().bytes.as_slice(), b"first");
    replace(&path, b"third").unwrap();
    assert_eq!(read(&path).unwrap().bytes.as_slice(), b"third");
    assert_eq!(folder.files(), ["file"]);
}

#[test]
fn file_05_a_failure_leaves_the_old_file_and_no_other() {
    let folder = Folder::new("failure");
    let path = folder.0.join("file");
    create(&path, b"old").unwrap();
    let half = |file: &mut File| {
        file.write_all(b"ne")?;
        assert_eq!(folder.files().len(), 2);
        Err(io::ErrorKind::StorageFull.into())
    };
    assert_eq!(replace_by(&path, half).unwrap_err().kind(), io::ErrorKind::StorageFull);
    assert_eq!(read(&path).unwrap().bytes.as_slice(), b"old");
    assert_eq!(folder.files(), ["file"]);

    // A folder cannot be replaced by a file: here it is the rename that fails.
    fs::create_dir(folder.0.join("folder")).unwrap();
    replace(&folder.0.join("folder"), b"new").unwrap_err();
    assert_eq!(folder.files(), ["file", "folder"]);
}

#[test]
fn file_05_a_file_that_cannot_be_created_is_not_there() {
    let folder = Folder::new("nothing");
    let too_much = vec![0; MAX_FILE_SIZE + 1];
    let error = create(&folder.0.join("file"), &too_much).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::FileTooLarge);
    let error = create(&folder.0.join("missing").join("file"), b"new").unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::NotFound);
    assert!(folder.files().is_empty());
}

/// Where no file can have two names, as on FAT.
#[test]
fn file_05_a_name_is_claimed_from_nobody() {
    let folder = Folder::new("claim");
    let [new, taken] = ["new", "taken"].map(|name| folder.0.join(name));
    fs::write(&taken, b"taken").unwrap();
    let (temporary, mut file) = create_temporary(&folder.0).unwrap();
    file.write_all(b"written").unwrap();
    assert_eq!(claim(&temporary, &taken).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
    claim(&temporary, &new).unwrap();
    assert_eq!(folder.files(), ["new", "taken"]);
    assert_eq!(
        [fs::read(&new).unwrap(), fs::read(&taken).unwrap()],
        [b"written".to_vec(), b"taken".to_vec()]
    );
    let (temporary, _) = create_temporary(&folder.0).unwrap();
    fs::remove_file(&temporary).unwrap();
    claim(&temporary, &folder.0.join("other")).unwrap_err();
    assert_eq!(folder.files(), ["new", "taken"]);
}

#[test]
fn what_a_killed_program_left_is_passed_over() {
    let folder = Folder::new("left");
    let left = format!(".otr-{}-0.tmp", process::id());
    fs::write(folder.0.join(&left), b"left").unwrap();
    create(&folder.0.join("file"), b"new").unwrap();
    assert_eq!(folder.files(), [left.as_str(), "file"]);
    assert_eq!(fs::read(folder.0.join(&left)).unwrap(), b"left");
}

#[test]
fn file_04_at_most_1_mib_is_read_and_the_buffer_never_moves() {
    let folder = Folder::new("large");
    let path = folder.0.join("file");
    create(&path, &vec![7; MAX_FILE_SIZE]).unwrap();
    let contents = read(&path).unwrap();
    assert_eq!(contents.bytes.len(), MAX_FILE_SIZE);
    assert_eq!(contents.bytes.capacity(), MAX_FILE_SIZE + 1);
    fs::write(&path, vec![7; MAX_FILE_SIZE + 1]).unwrap();
    assert_eq!(read(&path).err().unwrap().kind(), io::ErrorKind::FileTooLarge);
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn file_05_files_are_for_their_owner_only_even_while_they_are_written() {
        let folder = Folder::new("mode");
        let path = folder.0.join("file");
        create(&path, b"new").unwrap();
        assert_eq!(mode(&path), 0o600);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        let look = |file: &mut File| {
            assert_eq!(file.metadata()?.permissions().mode() & 0o777, 0o600);
            Ok(())
        };
        replace_by(&path, look).unwrap();
        assert_eq!(mode(&path), 0o600);
    }

    #[test]
    fn s_49_a_file_that_others_have_access_to_is_reported() {
        let folder = Folder::new("exposure");
        let path = folder.0.join("file");
        create(&path, b"new").unwrap();
        assert_eq!(read(&path).unwrap().exposure, None);
        for bad in [0o644, 0o640, 0o604, 0o620] {
            fs::set_permissions(&path, fs::Permissions::from_mode(bad)).unwrap();
            assert_eq!(read(&path).unwrap().exposure.unwrap().mode(), bad);
        }
        let warning = read(&path).unwrap().exposure.unwrap().to_string();
        assert_eq!(warning, "others have access to this file (mode 0620); take it away with chmod 600");
    }

    #[test]
    fn a_symbolic_link_stays_and_what_it_leads_to_is_replaced() {
        let folder = Folder::new("link");
        let (path, link) = (folder.0.join("file"), folder.0.join("link"));
        symlink(&path, &link).unwrap();
        assert_eq!(create(&link, b"new").unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        create(&path, b"old").unwrap();
        replace(&link, b"new").unwrap();
        assert_eq!(fs::read_link(&link).unwrap(), path);
        assert_eq!(fs::read(&path).unwrap(), b"new");
    }

    /// A folder in which nothing can be made, not even by root.
    #[cfg(target_os = "linux")]
    #[test]
    fn file_05_where_no_temporary_file_can_be_made_nothing_is_replaced_or_removed() {
        let folder = Folder::new("read-only");
        let link = folder.0.join("link");
        symlink("/proc/self/limits", &link).unwrap();
        let before = fs::read(&link).unwrap();
        replace(&link, b"new").unwrap_err();
        store(&link, b"new").unwrap_err();
        remove(&link).unwrap_err();
        assert_eq!(fs::read(&link).unwrap(), before);
        assert_eq!(folder.files(), ["link"]);
    }
}
