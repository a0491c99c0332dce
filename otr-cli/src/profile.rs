//! A profile: a folder with libotr's three files, which other programs can share.

pub(crate) mod commands;

use std::path::{Path, PathBuf};

use otr_store::atomic::Exposure;
use otr_store::private_key::{self, PrivateKeys};
use otr_store::{Error, fingerprints, instance_tags};

use crate::backend::Shared;
use crate::failure::{Failure, warn};

/// The option `--profile`.
#[derive(clap::Args)]
pub(crate) struct ProfileChoice {
    /// The folder with otr.private_key, otr.fingerprints and otr.instance_tags, as libotr has them
    /// [default: otr in the XDG data directory, as in ~/.local/share/otr]
    #[arg(long = "profile", value_name = "DIR", global = true)]
    profile: Option<PathBuf>,
}

impl ProfileChoice {
    /// The profile asked for, or the user's own.
    pub(crate) fn chosen(self) -> Result<Profile, Failure> {
        self.profile.or_else(default_folder).map(Profile).ok_or_else(|| {
            Failure::Start(
                "there is no home directory to keep the profile in; name one with --profile".into(),
            )
        })
    }
}

/// `$XDG_DATA_HOME/otr`, where the variable is set as it should be.
fn default_folder() -> Option<PathBuf> {
    let data = std::env::var_os("XDG_DATA_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    let data = data.or_else(|| std::env::home_dir().map(|home| home.join(".local/share")))?;
    Some(data.join("otr"))
}

/// A profile. The folder need not exist.
pub(crate) struct Profile(PathBuf);

impl Profile {
    /// The file of private keys.
    pub(crate) fn private_keys(&self) -> PathBuf {
        self.0.join("otr.private_key")
    }

    /// The file of fingerprints.
    pub(crate) fn fingerprints(&self) -> PathBuf {
        self.0.join("otr.fingerprints")
    }

    /// The file of instance tags.
    pub(crate) fn instance_tags(&self) -> PathBuf {
        self.0.join("otr.instance_tags")
    }

    /// Makes the folder, for its owner only.
    pub(crate) fn create(&self) -> Result<(), Failure> {
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        let explain =
            |error| Failure::Start(format!("{}: cannot make the folder: {error}", self.0.display()));
        builder.create(&self.0).map_err(explain)
    }

    /// The private keys, with a warning about what is wrong with the file; none if there is none.
    pub(crate) fn load_keys(&self, backend: &Shared) -> Result<PrivateKeys, Failure> {
        let path = self.private_keys();
        match load_keys(&path, backend) {
            Err(Error::Io { cause, .. }) if cause.kind() == std::io::ErrorKind::NotFound => {
                Ok(PrivateKeys::default())
            }
            result => result.map_err(Failure::start),
        }
    }

    /// The fingerprints, with a warning about lines that cannot be read.
    pub(crate) fn load_fingerprints(&self) -> Result<fingerprints::Fingerprints, Failure> {
        let path = self.fingerprints();
        let loaded = fingerprints::load(&path).map_err(Failure::start)?;
        warn_of(&path, loaded.damaged());
        Ok(loaded)
    }

    /// The instance tags, with a warning about lines that cannot be read.
    pub(crate) fn load_instance_tags(&self) -> Result<instance_tags::InstanceTags, Failure> {
        let path = self.instance_tags();
        let loaded = instance_tags::load(&path).map_err(Failure::start)?;
        warn_of(&path, loaded.damaged());
        Ok(loaded)
    }
}

/// Private keys of a file, with a warning about what is wrong with it.
pub(crate) fn load_keys(path: &Path, backend: &Shared) -> Result<PrivateKeys, Error> {
    let private_key::Loaded { keys, exposure } = private_key::load(path, backend)?;
    warn_of(path, &keys.damaged);
    warn_of_exposure(path, exposure);
    Ok(keys)
}

/// A warning if others have access to a file of secrets (S-49).
fn warn_of_exposure(path: &Path, exposure: Option<Exposure>) {
    if let Some(exposure) = exposure {
        warn(format_args!("{}: {exposure}", path.display()));
    }
}

fn warn_of(path: &Path, damaged: &[otr_store::Damage]) {
    for damage in damaged {
        warn(format_args!("{}: {damage}", path.display()));
    }
}
