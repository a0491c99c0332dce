//! Commands: one JSON object a line.

use data_encoding::BASE64;
use otr_protocol::{InstanceTag, Instant, Recipient};
use serde_json::{Map, Value};

use super::input::MAX_LINE;

/// A line that makes sense.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Request {
    /// The command's name, for complaints.
    pub(super) name: String,
    pub(super) command: Command,
    /// The time that the driver says it is.
    pub(super) now: Option<Instant>,
    /// What the driver calls the command.
    pub(super) id: Option<String>,
}

/// What the driver wants done.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Command {
    /// This arrived from the peer.
    Receive(Vec<u8>),
    Send(Vec<u8>, Recipient),
    Start,
    /// With one instance, or all.
    End(Option<Recipient>),
    /// A comparison of secrets: ours, and a question if there is one.
    SmpStart(String, Option<String>, Recipient),
    SmpAnswer(String, Recipient),
    SmpAbort(Recipient),
    /// What for, and more about it.
    ExtraKey(u32, Vec<u8>, Recipient),
    Tick,
}

/// Why a line is not carried out.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    /// The command's name, if the line got as far as having one.
    pub(super) command: Option<String>,
    pub(super) message: String,
    /// What the driver calls the command, if the line got as far as saying so.
    pub(super) id: Option<String>,
}

impl Refusal {
    pub(super) fn too_long(number: u64) -> Self {
        Self::of_line(format!("line {number} has more than {MAX_LINE} bytes"))
    }

    /// Of a line of which nothing is known.
    fn of_line(message: String) -> Self {
        Self { command: None, message, id: None }
    }
}

/// Reads a line; `number` counts from 1, for complaints.
pub(super) fn parse(number: u64, line: &[u8]) -> Result<Request, Refusal> {
    let mut fields = Fields::parse(number, line).map_err(Refusal::of_line)?;
    let id = fields.string("id").map_err(Refusal::of_line)?;
    let name = match fields.string("cmd") {
        Ok(Some(name)) => name,
        Ok(None) => return Err(Refusal { command: None, message: "\"cmd\" is missing".into(), id }),
        Err(message) => return Err(Refusal { command: None, message, id }),
    };
    match fields.command(&name) {
        Ok((command, now)) => Ok(Request { name, command, now, id }),
        Err(message) => Err(Refusal { command: Some(name), message, id }),
    }
}

/// An instance tag: 8 hexadecimal digits, with or without `0x`.
pub(super) fn tag(text: &str) -> Result<InstanceTag, String> {
    let digits = text.strip_prefix("0x").unwrap_or(text);
    // `from_str_radix` would take a sign.
    let is_tag = digits.len() == 8 && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    let tag = is_tag.then(|| u32::from_str_radix(digits, 16).ok()).flatten();
    tag.map(InstanceTag::new).ok_or_else(|| "an instance tag has 8 hexadecimal digits".into())
}

/// The tag of a client: not one of the small ones, which are nobody's.
pub(super) fn client_tag(text: &str) -> Result<InstanceTag, String> {
    let tag = tag(text)?;
    if tag.is_valid() { Ok(tag) } else { Err("an instance tag is at least 0x00000100".into()) }
}

/// For complaints.
const COMMANDS: &str = "receive, send, start, end, smp_start, smp_answer, smp_abort, extra_key and tick";

/// The fields of a line that have not been looked at yet.
struct Fields(Map<String, Value>);

impl Fields {
    fn parse(number: u64, line: &[u8]) -> Result<Self, String> {
        let line = core::str::from_utf8(line)
            .map_err(|error| format!("line {number} is not UTF-8 after byte {}", error.valid_up_to()))?;
        match serde_json::from_str(line) {
            Ok(Value::Object(fields)) => Ok(Self(fields)),
            Ok(_) => Err(format!("line {number} is not a JSON object")),
            Err(error) => {
                // Its own "line 1" would mislead.
                let (text, column) = (error.to_string(), error.column());
                let what = text.split(" at line ").next().unwrap_or_default();
                Err(format!("line {number} is not JSON: {what} at column {column}"))
            }
        }
    }

    /// Everything but the name. No field may be left: a misspelt one must not be ignored.
    fn command(&mut self, name: &str) -> Result<(Command, Option<Instant>), String> {
        let command = match name {
            "receive" => Command::Receive(self.text()?),
            "send" => Command::Send(self.text()?, self.best()?),
            "start" => Command::Start,
            "end" => Command::End(self.recipient()?),
            "smp_start" => {
                Command::SmpStart(self.required("secret")?, self.string("question")?, self.best()?)
            }
            "smp_answer" => Command::SmpAnswer(self.required("secret")?, self.best()?),
            "smp_abort" => Command::SmpAbort(self.best()?),
            "extra_key" => Command::ExtraKey(
                self.number("use")?,
                self.bytes("data", "data_bytes")?.unwrap_or_default(),
                self.best()?,
            ),
            "tick" => Command::Tick,
            _ => return Err(format!("no such command; there are {COMMANDS}")),
        };
        let now = self.now()?;
        match self.0.keys().next() {
            Some(left) => Err(format!("{name} has no field {left:?}")),
            None => Ok((command, now)),
        }
    }

    /// `"text"`, or in its place `"bytes"` in base64.
    fn text(&mut self) -> Result<Vec<u8>, String> {
        let text = self.bytes("text", "bytes")?;
        text.ok_or_else(|| "\"text\" is missing (or \"bytes\", in base64)".into())
    }

    /// A text, or in its place another field in base64.
    fn bytes(&mut self, text: &str, bytes: &str) -> Result<Option<Vec<u8>>, String> {
        match (self.string(text)?, self.string(bytes)?) {
            (Some(text), None) => Ok(Some(text.into_bytes())),
            (None, Some(base64)) => {
                let decoded = BASE64.decode(base64.as_bytes());
                decoded.map(Some).map_err(|error| format!("{bytes:?} is not base64: {error}"))
            }
            (None, None) => Ok(None),
            (Some(_), Some(_)) => Err(format!("{text:?} and {bytes:?} exclude each other")),
        }
    }

    fn required(&mut self, name: &str) -> Result<String, String> {
        self.string(name)?.ok_or_else(|| format!("{name:?} is missing"))
    }

    fn number(&mut self, name: &str) -> Result<u32, String> {
        let number = self.0.remove(name).ok_or_else(|| format!("{name:?} is missing"))?;
        let number = number.as_u64().and_then(|number| u32::try_from(number).ok());
        number.ok_or_else(|| format!("{name:?} must be a whole number from 0 to 4294967295"))
    }

    fn best(&mut self) -> Result<Recipient, String> {
        Ok(self.recipient()?.unwrap_or(Recipient::Best))
    }

    fn recipient(&mut self) -> Result<Option<Recipient>, String> {
        let to = match self.string("instance")?.as_deref() {
            None => return Ok(None),
            Some("best") => Recipient::Best,
            Some("recent") => Recipient::Recent,
            Some(other) => Recipient::Instance(tag(other).map_err(|_| {
                "\"instance\" is \"best\", \"recent\" or a tag such as \"0x0000abcd\"".to_owned()
            })?),
        };
        Ok(Some(to))
    }

    fn now(&mut self) -> Result<Option<Instant>, String> {
        let Some(now) = self.0.remove("now") else { return Ok(None) };
        let millis = now.as_u64().ok_or("\"now\" must be a whole number of milliseconds")?;
        Ok(Some(Instant::from_millis(millis)))
    }

    fn string(&mut self, name: &str) -> Result<Option<String>, String> {
        match self.0.remove(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(format!("{name:?} must be a string")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(line: &str) -> (Option<String>, String) {
        let Refusal { command, message, .. } = parse(7, line.as_bytes()).unwrap_err();
        (command, message)
    }

    #[test]
    fn text_comes_as_text_or_in_base64() {
        let request = |line: &str| parse(1, line.as_bytes()).unwrap().command;
        assert_eq!(request(r#"{"cmd":"receive","text":"ä"}"#), Command::Receive("ä".into()));
        assert_eq!(request(r#"{"cmd":"receive","bytes":"/w=="}"#), Command::Receive(vec![0xff]));
        assert_eq!(
            request(r#"{"cmd":"send","bytes":"","instance":"recent"}"#),
            Command::Send(vec![], Recipient::Recent)
        );
    }

    #[test]
    fn tags_have_eight_digits_with_or_without_prefix() {
        for good in ["0x0000abcd", "0000abcd", "0000ABCD", "0x0000AbCd"] {
            assert_eq!(client_tag(good), Ok(InstanceTag::new(0xabcd)), "{good}");
        }
        for bad in ["", "abcd", "0x", "0xabcd", "+000abcd", "0000abcg", "00000abcd", "0x0x00abcd", " 000abcd"]
        {
            assert!(tag(bad).is_err(), "{bad}");
        }
        assert_eq!(tag("0x00000000"), Ok(InstanceTag::BASE));
        assert!(client_tag("0x000000ff").is_err());
        assert!(client_tag("0x00000100").is_ok());
    }

    #[test]
    fn what_is_wrong_with_a_line_is_said() {
        for (line, command, says) in [
            ("nonsense", None, "line 7 is not JSON: expected ident at column 2"),
            ("", None, "line 7 is not JSON: EOF while parsing a value at column 0"),
            (r#"["cmd"]"#, None, "line 7 is not a JSON object"),
            ("{}", None, "\"cmd\" is missing"),
            (r#"{"cmd":1}"#, None, "\"cmd\" must be a string"),
            (
                r#"{"cmd":"fly"}"#,
                Some("fly"),
                "no such command; there are receive, send, start, end, smp_start, smp_answer, smp_abort, extra_key and tick",
            ),
            (r#"{"cmd":"send"}"#, Some("send"), "\"text\" is missing (or \"bytes\", in base64)"),
            (r#"{"cmd":"send","text":1}"#, Some("send"), "\"text\" must be a string"),
            (
                r#"{"cmd":"send","text":"","bytes":""}"#,
                Some("send"),
                "\"text\" and \"bytes\" exclude each other",
            ),
            (
                r#"{"cmd":"receive","bytes":"!"}"#,
                Some("receive"),
                "\"bytes\" is not base64: invalid length at 0",
            ),
            (
                r#"{"cmd":"end","instance":"7"}"#,
                Some("end"),
                "\"instance\" is \"best\", \"recent\" or a tag such as \"0x0000abcd\"",
            ),
            (r#"{"cmd":"start","text":"x"}"#, Some("start"), "start has no field \"text\""),
            (r#"{"cmd":"smp_start"}"#, Some("smp_start"), "\"secret\" is missing"),
            (r#"{"cmd":"extra_key"}"#, Some("extra_key"), "\"use\" is missing"),
            (
                r#"{"cmd":"extra_key","use":4294967296}"#,
                Some("extra_key"),
                "\"use\" must be a whole number from 0 to 4294967295",
            ),
            (
                r#"{"cmd":"extra_key","use":1,"data_bytes":"!"}"#,
                Some("extra_key"),
                "\"data_bytes\" is not base64: invalid length at 0",
            ),
            (r#"{"cmd":"tick","now":-1}"#, Some("tick"), "\"now\" must be a whole number of milliseconds"),
        ] {
            assert_eq!(refusal(line), (command.map(str::to_owned), says.to_owned()), "{line}");
        }
    }

    #[test]
    fn a_line_that_is_not_utf_8_is_refused() {
        let refused = parse(2, b"{\"cmd\":\"\xff\"}").unwrap_err();
        assert_eq!(refused.message, "line 2 is not UTF-8 after byte 8");
    }
}
