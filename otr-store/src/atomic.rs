//! Reading and writing whole files, as carefully as secrets need it (FILE-05, S-49).
//!
//! What is written appears under its name complete or not at all: it goes to a temporary file in the same folder,
//! which nobody else can open, is forced to the disk, and is then given the name. If that fails, the temporary
//! file is removed and whatever had the name has it still. If the program is killed in between, a file
//! `.otr-….tmp` may stay behind; where the system knows no second names for a file, so may an empty one that was to be new.
//!
//! Outside Unix there are no modes: who can open a file is up to the folder it is in.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::{fmt, process};

use zeroize::Zeroizing;

use crate::MAX_FILE_SIZE;

/// A file's content. It cannot be printed.
pub struct Contents {
    /// The bytes, wiped when dropped.
    pub bytes: Zeroizing<Vec<u8>>,
    /// A warning if others than the owner have access to the file.
    pub exposure: Option<Exposure>,
}

/// The mode of a file to which others than its owner have access: a warning, to be shown after the file's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exposure(u32);

impl Exposure {
    /// The permission bits, as in 0o644.
    #[must_use]
    pub fn mode(self) -> u32 {
        self.0
    }
}

impl fmt::Display for Exposure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "others have access to this file (mode {:04o}); take it away with chmod 600", self.0)
    }
}

/// Reads a file of at most [`MAX_FILE_SIZE`] bytes.
///
/// # Errors
/// The system's, or [`io::ErrorKind::FileTooLarge`].
pub fn read(path: &Path) -> io::Result<Contents> {
    let file = File::open(path)?;
    let exposure = exposure(&file)?;
    // Room for the largest file and the byte that would be too many: the buffer never moves, leaving no copy.
    let mut bytes = Zeroizing::new(Vec::with_capacity(MAX_FILE_SIZE + 1));
    file.take(MAX_FILE_SIZE as u64 + 1).read_to_end(&mut bytes)?;
    check_size(&bytes)?;
    Ok(Contents { bytes, exposure })
}

/// Reads a file as [`read`] does; one that does not exist is empty.
///
/// # Errors
/// The system's, or [`io::ErrorKind::FileTooLarge`].
pub fn read_or_empty(path: &Path) -> io::Result<Zeroizing<Vec<u8>>> {
    match read(path) {
        Ok(contents) => Ok(contents.bytes),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Zeroizing::default()),
        Err(error) => Err(error),
    }
}

/// Holds off all others who want to change a file: as long as it lives, [`lock`] waits.
#[derive(Debug)]
#[must_use]
pub struct Lock {
    _folder: File,
}

/// Waits until nobody else changes the file, or any other in its folder. It holds between programs that use this crate,
/// and between threads; libotr asks nobody. It ends with the program, however that ends. Whoever holds it and asks for another
/// one in the same folder waits for ever.
///
/// # Errors
/// The system's: the folder does not exist or cannot be locked.
pub fn lock(path: &Path) -> io::Result<Lock> {
    // Not the file itself: replacing it takes the lock from whoever comes next. Nor a file for the purpose: it would
    // stay behind.
    let path = fs::canonicalize(path).unwrap_or_else(|_| target(path));
    let folder = open_to_lock(folder(&path))?;
    folder.lock()?;
    Ok(Lock { _folder: folder })
}

#[cfg(unix)]
fn open_to_lock(folder: &Path) -> io::Result<File> {
    File::open(folder)
}

/// Outside Unix a folder cannot be locked, so an empty file in it stands for it.
#[cfg(not(unix))]
fn open_to_lock(folder: &Path) -> io::Result<File> {
    OpenOptions::new().create(true).write(true).truncate(false).open(folder.join(".otr.lock"))
}

/// Creates a file with mode 0600, or replaces one. If `path` is a symbolic link, that is the file it leads to, even where there is
/// none any more.
///
/// # Errors
/// As [`create`] and [`replace`].
pub fn store(path: &Path, bytes: &[u8]) -> io::Result<()> {
    match replace(path, bytes) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => create(&target(path), bytes),
        result => result,
    }
}

/// Creates a file with mode 0600.
///
/// # Errors
/// [`io::ErrorKind::AlreadyExists`] if anything has that name; it is not touched. Otherwise the system's, or
/// [`io::ErrorKind::FileTooLarge`]; there is then no such file, except that forcing the name to the disk is the last step and
/// can fail too.
pub fn create(path: &Path, bytes: &[u8]) -> io::Result<()> {
    check_size(bytes)?;
    let folder = folder(path);
    let (temporary, mut file) = create_temporary(folder)?;
    // A second name for the same file: unlike a rename, this never takes the name from another one.
    let created = file.write_all(bytes).and_then(|()| file.sync_all()).and_then(|()| {
        fs::hard_link(&temporary, path).or_else(|error| match error.kind() {
            io::ErrorKind::PermissionDenied | io::ErrorKind::Unsupported => claim(&temporary, path),
            _ => Err(error),
        })
    });
    // Whether it has the other name by now or not.
    let _ = fs::remove_file(&temporary);
    created?;
    sync_folder(folder)
}

/// Gives a file its name where no file can have two: an empty one takes it first, and stays if the program is killed then.
fn claim(temporary: &Path, path: &Path) -> io::Result<()> {
    drop(create_private(path)?);
    fs::rename(temporary, path).inspect_err(|_| drop(fs::remove_file(path)))
}

/// Replaces a file by one with mode 0600. If `path` is a symbolic link, the file it leads to is replaced: secrets
/// stay on the disk where they were put.
///
/// # Errors
/// [`io::ErrorKind::NotFound`] if there is no file. Otherwise the system's, or [`io::ErrorKind::FileTooLarge`];
/// the file is then as it was, except that forcing the new name to the disk is the last step and can fail too.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    check_size(bytes)?;
    replace_by(path, |file| file.write_all(bytes))
}

/// Removes a file: from the disk too.
///
/// # Errors
/// The system's; the file is then still there, except that forcing its absence to the disk is the last step and can fail
/// too.
pub fn remove(path: &Path) -> io::Result<()> {
    let path = fs::canonicalize(path)?;
    fs::remove_file(&path)?;
    sync_folder(path.parent().unwrap_or(&path))
}

/// The folder that a file is in.
fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn replace_by(path: &Path, write: impl FnOnce(&mut File) -> io::Result<()>) -> io::Result<()> {
    let path = fs::canonicalize(path)?;
    let folder = path.parent().unwrap_or(&path);
    let (temporary, mut file) = create_temporary(folder)?;
    write(&mut file)
        .and_then(|()| file.sync_all())
        .and_then(|()| fs::rename(&temporary, &path))
        .inspect_err(|_| drop(fs::remove_file(&temporary)))?;
    sync_folder(folder)
}

/// Where a symbolic link leads, whether there is anything or not; any other path is its own target.
fn target(path: &Path) -> PathBuf {
    /// As many as Linux follows.
    const LINKS: usize = 40;
    let follow = |path: &PathBuf| Some(path.parent()?.join(fs::read_link(path).ok()?));
    let links = std::iter::successors(Some(path.to_path_buf()), follow).take(LINKS);
    links.last().unwrap_or_default()
}

/// A new file in `folder` under a name that nobody uses. Names of files that a killed program left are passed over.
fn create_temporary(folder: &Path) -> io::Result<(PathBuf, File)> {
    let mut number = 0_u32;
    loop {
        let path = folder.join(format!(".otr-{}-{number}.tmp", process::id()));
        match create_private(&path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
            result => return result.map(|file| (path, file)),
        }
    }
}

/// A new file that only its owner can open.
fn create_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn check_size(bytes: &[u8]) -> io::Result<()> {
    if bytes.len() > MAX_FILE_SIZE {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    Ok(())
}

#[cfg(unix)]
fn exposure(file: &File) -> io::Result<Option<Exposure>> {
    let mode = std::os::unix::fs::MetadataExt::mode(&file.metadata()?) & 0o777;
    Ok((mode & 0o077 != 0).then_some(Exposure(mode)))
}

#[cfg(not(unix))]
fn exposure(_: &File) -> io::Result<Option<Exposure>> {
    Ok(None)
}

/// Forces the names in `folder` to the disk.
#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests;
