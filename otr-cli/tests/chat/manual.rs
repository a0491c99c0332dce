//! What is made from the definition of the arguments.

use std::fs;

use crate::support::Folder;

#[test]
fn there_is_a_manual_page_for_every_command() {
    let folder = Folder::empty();
    let made = folder.command().args(["man", "pages"]).output().unwrap();
    assert!(made.status.success());
    for (page, words) in [
        ("otr.1", "otr\\-chat(1)"),
        ("otr-chat.1", "\\-\\-allow\\-plaintext"),
        ("otr-keys-trust.1", "fingerprint"),
        ("otr-pipe.1", "smp_start"),
    ] {
        let text = fs::read_to_string(folder.path("pages").join(page)).unwrap();
        assert!(text.contains(".TH ") && text.contains(words), "{page}");
    }
    let first = folder.command().arg("man").output().unwrap();
    assert_eq!(first.stdout, fs::read(folder.path("pages/otr.1")).unwrap());
}

#[test]
fn every_shell_can_complete_arguments() {
    let folder = Folder::empty();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let output = folder.command().args(["completions", shell]).output().unwrap();
        let script = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success() && script.contains("allow-plaintext"), "{shell}");
    }
    let script = folder.command().args(["completions", "bash"]).output().unwrap().stdout;
    fs::write(folder.path("otr.bash"), script).unwrap();
    assert!(
        std::process::Command::new("bash").arg("-n").arg(folder.path("otr.bash")).status().unwrap().success()
    );
}

#[test]
fn the_help_tells_the_states_and_the_page_of_the_documentation_all_commands() {
    let output = Folder::empty().command().args(["chat", "--help"]).output().unwrap();
    let help = String::from_utf8(output.stdout).unwrap();
    for words in
        ["plaintext", "encrypted, unverified", "encrypted, verified", "finished", "NO_COLOR", "--plain"]
    {
        assert!(help.contains(words), "{words}");
    }
    for command in [
        "/otr",
        "/end",
        "/smp",
        "/answer",
        "/abort",
        "/fingerprint",
        "/trust",
        "/file",
        "/accept",
        "/decline",
        "/cancel",
        "/help",
        "/quit",
    ] {
        assert!(include_str!("../../../docs/chat.md").contains(&format!("`{command}")), "{command}");
    }
}
