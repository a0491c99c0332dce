//! Folders of users: a profile, and files.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use super::Terminal;

/// A folder of a user, which is removed at the end.
pub(crate) struct Folder(tempfile::TempDir);

impl Folder {
    /// Without a key.
    pub(crate) fn empty() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// With one of three keys, which are made once: they take long to make.
    pub(crate) fn with_key(number: usize) -> Self {
        static KEYS: OnceLock<[Vec<u8>; 3]> = OnceLock::new();
        let keys = KEYS.get_or_init(|| {
            [(); 3].map(|()| {
                let folder = Self::empty();
                assert!(folder.otr(&["keys", "generate"]).0);
                fs::read(folder.path("profile/otr.private_key")).unwrap()
            })
        });
        let folder = Self::empty();
        fs::create_dir(folder.path("profile")).unwrap();
        let file = folder.path("profile/otr.private_key");
        fs::write(&file, &keys[number]).unwrap();
        fs::set_permissions(file, fs::Permissions::from_mode(0o600)).unwrap();
        folder
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Runs another command on the profile: whether it went well, and what it printed.
    pub(crate) fn otr(&self, arguments: &[&str]) -> (bool, String) {
        let output = self.command().args(arguments).arg("--profile").arg("profile").output().unwrap();
        (output.status.success(), String::from_utf8(output.stdout).unwrap())
    }

    /// `otr chat` in a terminal.
    pub(crate) fn chat(&self, arguments: &[&str]) -> Terminal {
        self.chat_with(&[], arguments)
    }

    /// The same, with environment variables.
    pub(crate) fn chat_with(&self, variables: &[(&str, &str)], arguments: &[&str]) -> Terminal {
        let arguments = [&["chat", "--profile", "profile"], arguments].concat();
        Terminal::run(self.0.path(), variables, &arguments)
    }

    /// The program, in this folder.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_otr"));
        command.current_dir(self.0.path());
        command
    }

    /// What files there are in the folder for downloads.
    pub(crate) fn downloads(&self) -> Vec<String> {
        let Ok(files) = fs::read_dir(self.path("otr-downloads")) else { return Vec::new() };
        files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect()
    }
}
