use super::*;

#[test]
fn a_name_from_elsewhere_is_no_path_and_governs_nothing() {
    for (name, here) in [
        ("photo.jpg", "photo.jpg"),
        ("../../.ssh/authorized_keys", "authorized_keys"),
        ("/etc/passwd", "passwd"),
        (r"C:\Windows\system.ini", "system.ini"),
        (".bashrc", "bashrc"),
        ("..", "file"),
        ("", "file"),
        ("folder/", "file"),
        (" . a.txt. ", "a.txt"),
        ("a\u{1b}[31m\n\0b", "a_[31m__b"),
        ("photo\u{202e}gpj.exe", "photo_gpj.exe"),
        ("a:b|c*?.txt", "a_b_c__.txt"),
        ("größe 日本.txt", "größe 日本.txt"),
    ] {
        assert_eq!(harmless(name), here, "{name:?}");
    }
    assert_eq!(harmless(&"ä".repeat(200)).len(), 150);
}

#[test]
fn nothing_is_overwritten_and_nobody_else_can_read_it() {
    let folder = tempfile::tempdir().unwrap();
    let keep = |name: &str, content: &str| {
        let mut file = NamedTempFile::new_in(folder.path()).unwrap();
        file.write_all(content.as_bytes()).unwrap();
        super::keep(file, name).unwrap()
    };
    let [first, second, third] = ["1", "2", "3"].map(|content| keep("a.b.txt", content));
    assert_eq!(first, folder.path().join("a.b.txt"));
    assert_eq!(second, folder.path().join("a.b (2).txt"));
    assert_eq!(third, folder.path().join("a.b (3).txt"));
    assert_eq!(keep("README", "4"), folder.path().join("README"));
    assert_eq!(keep("README", "5"), folder.path().join("README (2)"));
    assert_eq!(std::fs::read(&first).unwrap(), b"1");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(first).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn progress_is_in_percent() {
    assert_eq!([percent(0, 0), percent(1, 3), percent(3, 3)], [0, 33, 100]);
    assert_eq!(percent(u64::MAX, u64::MAX), 100);
}

#[test]
fn what_is_no_file_is_not_sent_nor_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let refuses = |path: &Path| Source::open(path).err().unwrap().contains("not a file");
    assert!(refuses(folder.path()));
    #[cfg(unix)]
    {
        let pipe = folder.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        assert!(refuses(&pipe));
    }
    assert!(Source::open(&folder.path().join("missing")).err().unwrap().contains("missing"));
}
