//! Scripts in the bytes of an input: what a target does is decoded from them, byte by byte. At the end of the input there
//! are zeros.

use arbitrary::{Arbitrary, Unstructured};

pub(crate) struct Input<'a>(Unstructured<'a>);

impl<'a> Input<'a> {
    pub(crate) fn new(data: &'a [u8]) -> Self {
        Self(Unstructured::new(data))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn byte(&mut self) -> u8 {
        u8::arbitrary(&mut self.0).unwrap_or_default()
    }

    pub(crate) fn flag(&mut self) -> bool {
        self.byte() & 1 == 1
    }

    /// Little-endian, as all integers are that `arbitrary` reads.
    pub(crate) fn short(&mut self) -> u16 {
        u16::arbitrary(&mut self.0).unwrap_or_default()
    }

    pub(crate) fn int(&mut self) -> u32 {
        u32::arbitrary(&mut self.0).unwrap_or_default()
    }

    /// One of these.
    pub(crate) fn choose<T: Copy>(&mut self, from: &[T]) -> T {
        from[usize::from(self.byte()) % from.len()]
    }

    /// A length, and as many bytes, or all that are left.
    pub(crate) fn bytes(&mut self) -> &'a [u8] {
        let length = usize::from(self.short()).min(self.0.len());
        self.0.bytes(length).unwrap_or_default()
    }

    /// All that are left.
    pub(crate) fn rest(&mut self) -> &'a [u8] {
        self.0.bytes(self.0.len()).unwrap_or_default()
    }
}
