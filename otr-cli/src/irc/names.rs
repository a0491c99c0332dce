//! Who is meant by a name.

/// What the server says about names on its network.
#[derive(Debug, Default)]
pub(super) struct Network {
    mapping: Option<Mapping>,
    /// The most bytes of a nick, if the server says so.
    pub(super) nick_length: usize,
}

/// Which letters are equal: what the server announces as CASEMAPPING.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Mapping {
    Ascii,
    /// The default; `{|}~` are the small letters of `[\]^`.
    #[default]
    Rfc1459,
    /// Without `~` and `^`.
    StrictRfc1459,
}

/// Whom a text is addressed to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// The local user who takes commands.
    Otr,
    /// A channel, everybody on some servers, or a module of a bouncer: nobody with whom there could be a conversation.
    Many,
    /// One person, by nick.
    Person,
    /// One person, by something else, or by a name that cannot be one.
    Unclear,
}

impl Network {
    /// Takes over what the server supports (numeric 005). `is_settled` says that there are conversations already: which
    /// names are the same must not change under them.
    pub(super) fn learn(&mut self, tokens: &[Vec<u8>], is_settled: bool) {
        const LONGEST: usize = 64;
        for token in tokens {
            let token = String::from_utf8_lossy(token);
            match token.split_once('=') {
                Some(("CASEMAPPING", name)) if self.mapping.is_none() && !is_settled => {
                    self.mapping = Some(Mapping::of(name));
                }
                Some(("NICKLEN", length)) => {
                    self.nick_length = length.parse::<usize>().unwrap_or_default().min(LONGEST);
                }
                _ => {}
            }
        }
    }

    /// The one spelling of a nick: a name in another spelling is the same conversation (S-53).
    pub(super) fn canonical(&self, nick: &[u8]) -> Vec<u8> {
        let mapping = self.mapping.unwrap_or_default();
        nick.iter().map(|byte| mapping.lower(*byte)).collect()
    }
}

impl Mapping {
    fn of(name: &str) -> Self {
        match name {
            "ascii" => Self::Ascii,
            "strict-rfc1459" | "rfc1459-strict" => Self::StrictRfc1459,
            _ => Self::Rfc1459,
        }
    }

    fn lower(self, byte: u8) -> u8 {
        match (self, byte) {
            (Self::Rfc1459 | Self::StrictRfc1459, b'[' | b'\\' | b']') | (Self::Rfc1459, b'^') => byte + 32,
            _ => byte.to_ascii_lowercase(),
        }
    }
}

/// What a target is. The server is not asked what its channels look like: it could have a nick pass for one.
pub(super) fn target(name: &[u8]) -> Target {
    let is_status = |byte: &u8| b"~&@%+!".contains(byte);
    let bare = name.iter().position(|byte| !is_status(byte)).and_then(|start| name.get(start..));
    match name {
        _ if is_otr(name) => Target::Otr,
        [b'#' | b'&' | b'!' | b'+' | b'$', ..] => Target::Many,
        _ if bare.is_some_and(|bare| bare.starts_with(b"#")) => Target::Many,
        [b'*', module @ ..] if is_nick(module) => Target::Many,
        _ if is_nick(name) => Target::Person,
        _ => Target::Unclear,
    }
}

/// Whether this is the local user, whom nobody else may pose as.
pub(super) fn is_otr(nick: &[u8]) -> bool {
    nick.eq_ignore_ascii_case(b"*otr")
}

/// Whether somebody can be called that.
pub(super) fn is_nick(name: &[u8]) -> bool {
    const LONGEST: usize = 64;
    let is_odd = |byte: &u8| byte.is_ascii_control() || b" ,*?!@%".contains(byte);
    !name.is_empty() && name.len() <= LONGEST && !name.starts_with(b":") && !name.iter().any(is_odd)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(tokens: &[&str]) -> Network {
        let mut network = Network::default();
        let tokens: Vec<_> = tokens.iter().map(|token| token.as_bytes().to_vec()).collect();
        network.learn(&tokens, false);
        network
    }

    #[test]
    fn s_53_names_are_compared_as_the_server_does() {
        assert_eq!(network(&[]).canonical(b"Bob[\\]^"), b"bob{|}~");
        assert_eq!(network(&["CASEMAPPING=rfc1459"]).canonical(b"Bob[\\]^"), b"bob{|}~");
        assert_eq!(network(&["CASEMAPPING=strict-rfc1459"]).canonical(b"Bob[\\]^"), b"bob{|}^");
        assert_eq!(network(&["NICKLEN=9", "CASEMAPPING=ascii"]).canonical(b"Bob[\\]^"), b"bob[\\]^");
    }

    #[test]
    fn s_53_names_do_not_become_others_under_a_conversation() {
        let mut network = network(&["CASEMAPPING=rfc1459"]);
        network.learn(&[b"CASEMAPPING=ascii".to_vec()], false);
        assert_eq!(network.canonical(b"["), b"{");
        let mut late = Network::default();
        late.learn(&[b"CASEMAPPING=ascii".to_vec(), b"NICKLEN=30".to_vec()], true);
        assert_eq!((late.canonical(b"["), late.nick_length), (b"{".to_vec(), 30));
    }

    #[test]
    fn a_person_is_told_from_a_channel() {
        for (name, expected) in [
            ("bob", Target::Person),
            ("b{o}b-|", Target::Person),
            ("*OTR", Target::Otr),
            ("#rust", Target::Many),
            ("@#rust", Target::Many),
            ("@+#rust", Target::Many),
            ("$*.org", Target::Many),
            ("bob!b@h", Target::Unclear),
            ("bob@irc.example.org", Target::Unclear),
            ("@bob", Target::Unclear),
            ("", Target::Unclear),
            ("*status", Target::Many),
            ("*", Target::Unclear),
        ] {
            assert_eq!(target(name.as_bytes()), expected, "{name}");
        }
    }
}
