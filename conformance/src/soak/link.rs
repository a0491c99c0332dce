//! A TCP connection over the loopback interface, both of whose ends are here.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::time::Duration;

/// Two sockets that are connected with each other. A frame is the number of a conversation and the length of a text, four bytes
/// each, and the text.
pub(super) struct Link {
    sockets: [TcpStream; 2],
    frame: Vec<u8>,
}

impl Link {
    pub(super) fn new() -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let one = TcpStream::connect(listener.local_addr()?)?;
        let (other, from) = listener.accept()?;
        if from != one.local_addr()? {
            return Err(io::Error::other("somebody else connected"));
        }
        for socket in [&one, &other] {
            socket.set_nodelay(true)?;
            // Nothing is lost on this interface: whatever does not arrive soon never will.
            socket.set_read_timeout(Some(Duration::from_secs(60)))?;
            socket.set_write_timeout(Some(Duration::from_secs(60)))?;
        }
        Ok(Self { sockets: [one, other], frame: Vec::new() })
    }

    /// Sends a text to one end, and reads what arrives there.
    pub(super) fn carry(&mut self, to: usize, conversation: u32, text: &[u8]) -> io::Result<&[u8]> {
        let length = u32::try_from(text.len()).map_err(io::Error::other)?;
        let head = [conversation.to_be_bytes(), length.to_be_bytes()].concat();
        let [one, other] = &mut self.sockets;
        let (from, to) = if to == 0 { (other, one) } else { (one, other) };
        self.frame.clear();
        self.frame.extend_from_slice(&head);
        self.frame.extend_from_slice(text);
        from.write_all(&self.frame)?;
        let mut arrived = [0; 8];
        to.read_exact(&mut arrived)?;
        if arrived != *head {
            return Err(io::Error::other("the frame of another conversation arrived"));
        }
        self.frame.clear();
        to.take(length.into()).read_to_end(&mut self.frame)?;
        Ok(&self.frame)
    }
}
