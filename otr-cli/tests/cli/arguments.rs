//! Arguments, exit codes and closed streams.

use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;

use crate::driver::{key_file, otr, run};

#[test]
fn a_start_that_fails_says_why_and_exits_with_2() {
    let key = key_file();
    for (arguments, says) in [
        (&["pipe", "--backend", "abacus"][..], "rustcrypto"),
        (&["pipe", "--key", "no/such/file"], "no/such/file"),
        (&["pipe", "--key", key, "--account", "nobody"], "nobody"),
        (&["pipe", "--account", "nobody"], "--key"),
        (&["pipe", "--instance-tag", "abcd"], "8 hexadecimal digits"),
        (&["pipe", "--instance-tag", "0x000000ff"], "0x00000100"),
        (&["pipe", "--allow", "v4"], "v2, v3"),
        (&["pipe", "--max-size", "many"], "--max-size"),
        (&["pipe", "--key", key, "--max-size", "20"], "at least 38"),
        (&["pipe", "--send-interval", "soon"], "soon"),
        (&["pipe", "--heartbeat", "soon"], "--heartbeat"),
        (&["pipe", "--padding", "70000"], "--padding"),
        (&["demo", "--fragment-size", "20"], "at least 38"),
        (&["fly"], "fly"),
        (&[], "Usage"),
    ] {
        let (code, out, complaints) = run(arguments);
        assert_eq!((code, out.as_str()), (2, ""), "{arguments:?}: {complaints}");
        assert!(complaints.contains(says), "{arguments:?}: {complaints}");
    }
}

#[cfg(feature = "openssl")]
#[test]
fn a_backend_is_chosen_at_run_time() {
    for name in ["rustcrypto", "openssl"] {
        let pipe = crate::driver::Pipe::start(&["--backend", name]);
        assert_eq!(pipe.ready["backend"], name);
    }
    let made = |name| run(&["fingerprint", "--backend", name, key_file()]);
    assert_eq!(made("rustcrypto"), made("openssl"));
    // More backends change nothing for those who do not ask.
    assert_eq!(crate::driver::Pipe::start(&[]).ready["backend"], "rustcrypto");
}

#[test]
fn help_is_there_for_every_command() {
    for command in ["demo", "fingerprint", "keygen", "pipe"] {
        let (code, general, _) = run(&["--help"]);
        assert_eq!(code, 0);
        assert!(general.contains(command), "{general}");
        let (code, help, _) = run(&[command, "--help"]);
        assert_eq!(code, 0);
        assert!(help.contains("Usage: otr") && help.contains("--help"), "{help}");
    }
    assert!(run(&["--version"]).1.starts_with("otr "));
}

#[test]
fn a_pipe_whose_reader_is_gone_ends_quietly() {
    let mut child = otr(&["pipe", "--key", key_file()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    stdout.read_line(&mut String::new()).unwrap();
    drop(stdout);
    // Kept open: it is not the end of the input that ends the program. More than one line, because a program that
    // another test is just starting holds the other end of the pipe for a moment longer.
    let mut stdin = child.stdin.take().unwrap();
    let status = (0..1000).find_map(|_| {
        stdin.write_all(b"{\"cmd\":\"start\"}\n").ok();
        std::thread::sleep(std::time::Duration::from_millis(10));
        child.try_wait().unwrap()
    });
    let status = status.expect("a program that goes on without a reader");
    let mut complaints = String::new();
    std::io::Read::read_to_string(&mut child.stderr.take().unwrap(), &mut complaints).unwrap();
    assert_eq!((status.code(), complaints.as_str()), (Some(0), ""));
}

/// The log is off unless it is asked for, goes to standard error only, and shows no text.
#[test]
fn the_log_says_what_happens_but_not_what_is_said() {
    let log = |arguments: &[&str]| {
        let mut command = otr(&["pipe", "--key", key_file()]);
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(b"{\"cmd\":\"send\",\"text\":\"kettledrum\"}\n").unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(String::from_utf8(output.stdout).unwrap().contains("kettledrum"));
        String::from_utf8(output.stderr).unwrap()
    };
    assert_eq!(log(&[]), "");
    let told = log(&["--log", "debug"]);
    assert!(told.contains("sends Plain, 10 bytes") && !told.contains("kettledrum"), "{told}");
    let (code, _, complaints) = run(&["--log", "loud", "pipe"]);
    assert_eq!(code, 2);
    assert!(complaints.contains("loud"), "{complaints}");
}
