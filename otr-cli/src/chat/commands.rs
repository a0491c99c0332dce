//! What the user types: commands, and texts for the peer.

use std::path::PathBuf;

use zeroize::Zeroizing;

/// A line of the user.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Typed {
    /// For the peer.
    Text(String),
    Command(Command),
}

/// What is to be done.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Command {
    Otr,
    End,
    /// With the question, if there is one.
    Smp(Option<String>),
    /// With the answer, if it is typed at once.
    Answer(Option<Secret>),
    Abort,
    Fingerprint,
    Trust,
    File(PathBuf),
    Accept,
    Decline,
    Cancel,
    Help,
    Quit,
}

/// What secrets are compared by: wiped, never printed.
#[derive(PartialEq, Eq)]
pub(crate) struct Secret(pub(crate) Zeroizing<String>);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// Name, arguments, and what it does.
const COMMANDS: [(&str, &str, &str); 13] = [
    ("/otr", "", "start an encrypted session, or refresh its keys"),
    ("/end", "", "end the encrypted session"),
    ("/smp", "[QUESTION]", "find out whether it is them: compare a secret that both know"),
    ("/answer", "", "answer their question; what you type is not shown and not kept"),
    ("/abort", "", "stop the comparison"),
    ("/fingerprint", "", "show both fingerprints, ours as a QR code too"),
    ("/trust", "", "mark their fingerprint as verified, after you compared it"),
    ("/file", "PATH", "send a file, encrypted with the extra key of this session"),
    ("/accept", "", "take the file that they offer"),
    ("/decline", "", "do not take the file, or no more of it"),
    ("/cancel", "", "stop sending the file"),
    ("/help", "", "show this"),
    ("/quit", "", "end the session and the program"),
];

/// Reads a line. A text that begins with a slash is written with two.
///
/// # Errors
/// A command that there is not, or not so: in words. It must not be sent as a text.
pub(crate) fn parse(line: &str) -> Result<Typed, String> {
    let Some(rest) = line.strip_prefix('/') else { return Ok(Typed::Text(line.to_owned())) };
    if rest.starts_with('/') {
        return Ok(Typed::Text(rest.to_owned()));
    }
    let (name, argument) = line.split_once(' ').unwrap_or((line, ""));
    let argument = argument.trim();
    let some = (!argument.is_empty()).then(|| argument.to_owned());
    let command = match name {
        "/smp" => Command::Smp(some),
        "/answer" => Command::Answer(some.map(|answer| Secret(Zeroizing::new(answer)))),
        "/file" => Command::File(some.ok_or("/file needs the path of a file, as in /file photo.jpg")?.into()),
        _ => {
            let command = match name {
                "/otr" => Command::Otr,
                "/end" => Command::End,
                "/abort" => Command::Abort,
                "/fingerprint" => Command::Fingerprint,
                "/trust" => Command::Trust,
                "/accept" => Command::Accept,
                "/decline" => Command::Decline,
                "/cancel" => Command::Cancel,
                "/help" => Command::Help,
                "/quit" => Command::Quit,
                _ => {
                    return Err(format!(
                        "there is no command {name}; /help shows them, and //… sends a text with a slash"
                    ));
                }
            };
            if some.is_some() {
                return Err(format!("{name} takes nothing after it"));
            }
            command
        }
    };
    Ok(Typed::Command(command))
}

/// Whether a line may contain a secret, so that it is kept nowhere.
pub(crate) fn is_secret(line: &str) -> bool {
    line.trim_start().starts_with("/answer")
}

/// The commands, one a line, for `/help`.
pub(crate) fn help() -> Vec<String> {
    COMMANDS
        .iter()
        .map(|(name, arguments, what)| {
            let usage = [*name, *arguments].join(" ");
            format!("{usage:<17} {what}")
        })
        .collect()
}

/// What the line can become: commands, or the paths of files.
pub(crate) fn completions(line: &str) -> Vec<String> {
    if let Some(path) = line.strip_prefix("/file ") {
        return paths(path).into_iter().map(|path| format!("/file {path}")).collect();
    }
    if !line.starts_with('/') {
        return Vec::new();
    }
    let begins = COMMANDS.iter().filter(|(name, ..)| name.starts_with(line));
    begins
        .map(
            |(name, arguments, _)| if arguments.is_empty() { (*name).to_owned() } else { format!("{name} ") },
        )
        .collect()
}

/// What all of them begin with.
pub(crate) fn common_start(all: &[String]) -> &str {
    let Some(first) = all.first() else { return "" };
    let common = |other: &String| {
        let same = first.char_indices().zip(other.chars()).find(|((_, a), b)| a != b);
        same.map_or(first.len().min(other.len()), |((place, _), _)| place)
    };
    let length = all.iter().map(common).min().unwrap_or_default();
    first.get(..length).unwrap_or_default()
}

/// The files and folders whose path begins so; the hidden ones only if asked for.
fn paths(start: &str) -> Vec<String> {
    let (folder, name) = match start.rfind('/') {
        Some(slash) => start.split_at(slash + 1),
        None => ("", start),
    };
    let Ok(entries) = std::fs::read_dir(if folder.is_empty() { "." } else { folder }) else {
        return Vec::new();
    };
    let mut found: Vec<_> = entries
        .flatten()
        .filter_map(|entry| {
            let file = entry.file_name().into_string().ok()?;
            let is_asked_for = file.starts_with(name) && file.starts_with('.') == name.starts_with('.');
            let end = if entry.path().is_dir() { "/" } else { "" };
            is_asked_for.then(|| format!("{folder}{file}{end}"))
        })
        .collect();
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_texts_or_commands_and_never_both() {
        let text = |text: &str| Ok(Typed::Text(text.to_owned()));
        assert_eq!(parse("hello /otr"), text("hello /otr"));
        assert_eq!(parse("//otr"), text("/otr"));
        assert_eq!(parse("/otr"), Ok(Typed::Command(Command::Otr)));
        assert_eq!(parse("/smp"), Ok(Typed::Command(Command::Smp(None))));
        let question = Command::Smp(Some("Where did we meet?".into()));
        assert_eq!(parse("/smp  Where did we meet? "), Ok(Typed::Command(question)));
        assert_eq!(parse("/file a b.jpg"), Ok(Typed::Command(Command::File("a b.jpg".into()))));
        for wrong in ["/", "/end now", "/ends", "/OTR", "/file", "/file ", "/otr\u{a0}"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }

    /// S-28.
    #[test]
    fn s_28_an_answer_is_not_printed_and_not_kept() {
        let printed = format!("{:?}", parse("/answer hunter2"));
        assert!(printed.contains("Secret(..)") && !printed.contains("hunter2"), "{printed}");
        assert!(is_secret("/answer hunter2") && is_secret(" /answer") && !is_secret("/smp hunter2?"));
    }

    #[test]
    fn commands_are_completed_as_far_as_is_clear() {
        assert_eq!(completions("/a"), ["/answer ", "/abort", "/accept"].map(|name| name.trim_end()));
        assert_eq!(completions("/smp"), ["/smp "]);
        assert_eq!(completions("hello"), Vec::<String>::new());
        assert_eq!(common_start(&completions("/f")), "/fi");
        assert_eq!(common_start(&completions("/fin")), "/fingerprint");
        assert_eq!(common_start(&completions("/x")), "");
        assert_eq!(common_start(&["ä1".into(), "ä2".into(), "ä".into()]), "ä");
    }

    #[test]
    fn every_command_of_the_help_is_one() {
        for (name, arguments, _) in COMMANDS {
            assert!(parse(&format!("{name} {arguments}")).is_ok(), "{name}");
        }
        assert_eq!(help().len(), COMMANDS.len());
    }

    #[test]
    fn paths_are_completed() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["photo 1.jpg", "photo 2.jpg", ".hidden"] {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        std::fs::create_dir(folder.path().join("folder")).unwrap();
        let start = format!("/file {}/", folder.path().display());
        let ends = |start: &str| -> Vec<String> {
            completions(start)
                .iter()
                .map(|path| path.rsplit_once(['/']).map_or("", |(_, name)| name).to_owned())
                .collect()
        };
        assert_eq!(ends(&format!("{start}ph")), ["photo 1.jpg", "photo 2.jpg"]);
        assert_eq!(completions(&start).len(), 3);
        assert_eq!(completions(&format!("{start}fo")), [format!("{start}folder/")]);
        assert_eq!(ends(&format!("{start}.h")), [".hidden"]);
    }
}
