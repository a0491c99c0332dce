//! The four messages of the protocol: the values of TLVs 2 to 5 and 7 (SMP-04, SMP-05).

// S-15: no length wraps, on 32 bits either. The tests do as they please.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::cast_possible_truncation))]

use otr_traits::group::is_square;
use otr_traits::{Element, Exponent};

use super::proofs::{Coordinates, EqualLogs, Log};
use crate::wire::{Malformed, Reader, Writer};

/// SMP message 1: the initiator's halves of the two bases.
#[derive(Debug)]
pub(super) struct Smp1 {
    pub(super) g2a: Element,
    pub(super) g2a_proof: Log,
    pub(super) g3a: Element,
    pub(super) g3a_proof: Log,
}

/// SMP message 2: the responder's halves, and their secret, hidden.
#[derive(Debug)]
pub(super) struct Smp2 {
    pub(super) g2b: Element,
    pub(super) g2b_proof: Log,
    pub(super) g3b: Element,
    pub(super) g3b_proof: Log,
    pub(super) pb: Element,
    pub(super) qb: Element,
    pub(super) proof: Coordinates,
}

/// SMP message 3: the initiator's secret, hidden, and their half of the comparison.
#[derive(Debug)]
pub(super) struct Smp3 {
    pub(super) pa: Element,
    pub(super) qa: Element,
    pub(super) proof: Coordinates,
    pub(super) ra: Element,
    pub(super) ra_proof: EqualLogs,
}

/// SMP message 4: the responder's half of the comparison.
#[derive(Debug)]
pub(super) struct Smp4 {
    pub(super) rb: Element,
    pub(super) rb_proof: EqualLogs,
}

/// A message: an INT that counts its MPIs, then the MPIs.
pub(super) trait Message: Sized {
    /// How many MPIs.
    const COUNT: u32;

    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed>;
    fn write(&self, writer: &mut Writer);

    /// Parses the value of a TLV. All group elements and exponents in it are sound (CONST-02, CONST-03), which
    /// costs next to nothing and comes before any power.
    fn decode(value: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(value);
        if reader.int()? != Self::COUNT {
            return Err(Malformed);
        }
        let message = Self::read(&mut reader)?;
        reader.finish()?;
        Ok(message)
    }

    fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::default();
        writer.int(Self::COUNT);
        self.write(&mut writer);
        writer.into_vec()
    }
}

impl Message for Smp1 {
    const COUNT: u32 = 6;

    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(Self {
            g2a: element(reader)?,
            g2a_proof: Log::read(reader)?,
            g3a: element(reader)?,
            g3a_proof: Log::read(reader)?,
        })
    }

    fn write(&self, writer: &mut Writer) {
        self.g2a_proof.write(writer.element(&self.g2a));
        self.g3a_proof.write(writer.element(&self.g3a));
    }
}

impl Message for Smp2 {
    const COUNT: u32 = 11;

    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(Self {
            g2b: element(reader)?,
            g2b_proof: Log::read(reader)?,
            g3b: element(reader)?,
            g3b_proof: Log::read(reader)?,
            pb: element(reader)?,
            qb: element(reader)?,
            proof: Coordinates::read(reader)?,
        })
    }

    fn write(&self, writer: &mut Writer) {
        self.g2b_proof.write(writer.element(&self.g2b));
        self.g3b_proof.write(writer.element(&self.g3b));
        self.proof.write(writer.element(&self.pb).element(&self.qb));
    }
}

impl Message for Smp3 {
    const COUNT: u32 = 8;

    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(Self {
            pa: element(reader)?,
            qa: element(reader)?,
            proof: Coordinates::read(reader)?,
            ra: element(reader)?,
            ra_proof: EqualLogs::read(reader)?,
        })
    }

    fn write(&self, writer: &mut Writer) {
        self.proof.write(writer.element(&self.pa).element(&self.qa));
        self.ra_proof.write(writer.element(&self.ra));
    }
}

impl Message for Smp4 {
    const COUNT: u32 = 3;

    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(Self { rb: element(reader)?, rb_proof: EqualLogs::read(reader)? })
    }

    fn write(&self, writer: &mut Writer) {
        self.rb_proof.write(writer.element(&self.rb));
    }
}

impl Log {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(Self { c: challenge(reader)?, d: exponent(reader)? })
    }

    fn write(&self, writer: &mut Writer) {
        writer.mpi(self.c.expose()).mpi(self.d.expose());
    }
}

impl Coordinates {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(Self { c: challenge(reader)?, d5: exponent(reader)?, d6: exponent(reader)? })
    }

    fn write(&self, writer: &mut Writer) {
        writer.mpi(self.c.expose()).mpi(self.d5.expose()).mpi(self.d6.expose());
    }
}

impl EqualLogs {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(Self { c: challenge(reader)?, d: exponent(reader)? })
    }

    fn write(&self, writer: &mut Writer) {
        writer.mpi(self.c.expose()).mpi(self.d.expose());
    }
}

/// In range, and a square as all honest values are: a proof about a non-square holds half of the time, and our answer would
/// tell whether our exponents are even, that of the compared secret among them (CONST-02).
fn element(reader: &mut Reader<'_>) -> Result<Element, Malformed> {
    let is_sound = |element: &Element| element.is_in_range() && is_square(element);
    reader.element().ok().filter(is_sound).ok_or(Malformed)
}

fn exponent(reader: &mut Reader<'_>) -> Result<Exponent, Malformed> {
    reader.exponent().ok().filter(Exponent::is_in_range).ok_or(Malformed)
}

/// A challenge is a hash of 256 bits; a longer number can be none, and is refused before it costs anything
/// (SMP-14).
fn challenge(reader: &mut Reader<'_>) -> Result<Exponent, Malformed> {
    Exponent::from_be_bytes(&reader.padded_mpi::<32>()?).ok_or(Malformed)
}
