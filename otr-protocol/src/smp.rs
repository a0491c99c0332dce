//! The Socialist Millionaires' Protocol: two people find out whether they know the same secret, and nothing else
//! (SMP-*).
//!
//! ```text
//!    initiator                                  responder
//!
//!    EXPECT1                                    EXPECT1
//!     │ start()        ── SMP 1 ──────────────▶  │ asks the user
//!    EXPECT2                                    EXPECT1, asked
//!     │                                          │ respond()
//!     │                ◀────────────── SMP 2 ──  │
//!    EXPECT4           ── SMP 3 ──────────────▶ EXPECT3
//!     │                                          │ result
//!     │ result         ◀────────────── SMP 4 ── EXPECT1
//!    EXPECT1
//! ```
//!
//! Anything else aborts the run. An abort is never answered (SMP-21), and a message is only worked on in the state
//! that expects it (SMP-28). A state owns the exponents of its run; leaving it drops them, hence wipes them (SMP-29).

mod bases;
mod hidden;
mod messages;
mod proofs;

use otr_traits::{Backend, Base, Element, Exponent, Hash, ModExpExt, Prepared, Result, SmpExponent};

use bases::{Bases, SharedBase};
use hidden::{Hidden, Hiding};
use messages::{Message, Smp1, Smp2, Smp3, Smp4};
use proofs::{EqualLogs, Log, draw, power};
use zeroize::Zeroize;

use crate::wire::{Malformed, Tlv};
use crate::{Fingerprint, SessionId};

/// The state of a run in one slot.
#[derive(Debug, Default)]
pub(crate) enum Smp {
    /// EXPECT1: no run.
    #[default]
    Idle,
    /// EXPECT1, and the user has been asked.
    Asked(Box<Asked>),
    /// EXPECT2: we have started.
    Started(Box<Started>),
    /// EXPECT3: we have answered.
    Answered(Box<Answered>),
    /// EXPECT4: we have shown our half of the comparison.
    Compared(Box<Compared>),
}

#[derive(Debug)]
pub(crate) struct Asked {
    message: Smp1,
    with_question: bool,
    /// What has been computed of the answer while the user was typing.
    answer: Option<Answer>,
}

/// An answer, but for the secret.
#[derive(Debug)]
struct Answer {
    bases: Bases,
    g2b: Element,
    g2b_proof: Log,
    g3b: Element,
    g3b_proof: Log,
    hiding: Hiding,
}

#[derive(Debug)]
pub(crate) struct Started {
    a2: Exponent,
    a3: Exponent,
    secret: Exponent,
}

#[derive(Debug)]
pub(crate) struct Answered {
    bases: Bases,
    pb: Element,
    qb: Element,
    with_question: bool,
}

#[derive(Debug)]
pub(crate) struct Compared {
    g3: SharedBase,
    pa: Element,
    pb: Element,
    /// Qa/Qb.
    quotient: Prepared,
}

/// What both sides put into the secret besides what the user typed (SMP-02).
pub(crate) struct Context {
    pub(crate) ours: Fingerprint,
    pub(crate) theirs: Fingerprint,
    pub(crate) session_id: SessionId,
}

/// What a message led to.
#[derive(Debug)]
pub(crate) enum Step {
    /// The user is to be asked for the secret.
    Asked { question: Option<Vec<u8>> },
    /// An answer goes back; the run goes on.
    Progress { reply: Record },
    /// The run is over. `says_who`: whether it says anything about the peer's fingerprint. Answering a question that
    /// the peer chose does not (SMP-25).
    Finished { reply: Option<Record>, equal: bool, says_who: bool },
    /// The message does not hold: a value out of range, or a proof that is wrong (SMP-16).
    Cheated,
    /// A message that the state does not expect, or one that does not parse (SMP-20).
    Unexpected,
    /// The peer has aborted; `active`: a run was under way.
    Aborted { active: bool },
}

/// A TLV to be sent. It may contain the user's question, so it is wiped when dropped.
#[derive(Debug)]
pub(crate) struct Record {
    pub(crate) kind: u16,
    pub(crate) value: Vec<u8>,
}

impl Record {
    pub(crate) const ABORT: Self = Self { kind: Tlv::SMP_ABORT, value: Vec::new() };
}

impl Drop for Record {
    fn drop(&mut self) {
        self.value.zeroize();
    }
}

impl Smp {
    /// Starts a run, whatever was going on before (SMP-10).
    pub(crate) fn start(
        backend: &impl Backend,
        context: &Context,
        secret: &[u8],
        question: Option<&[u8]>,
    ) -> Result<(Self, Record)> {
        let secret = context.combine(backend, context.ours, context.theirs, secret)?;
        let (a2, a3) = (draw(backend, SmpExponent::A2)?, draw(backend, SmpExponent::A3)?);
        let message = Smp1 {
            g2a: backend.pow_g(&a2)?,
            g2a_proof: Log::prove(backend, 1, SmpExponent::R2, &a2)?,
            g3a: backend.pow_g(&a3)?,
            g3a_proof: Log::prove(backend, 2, SmpExponent::R3, &a3)?,
        };
        let record = match question {
            Some(question) => {
                Record { kind: Tlv::SMP_1Q, value: [question, &[0], &message.encode()].concat() }
            }
            None => Record { kind: Tlv::SMP_1, value: message.encode() },
        };
        Ok((Self::Started(Box::new(Started { a2, a3, secret })), record))
    }

    /// Whether a run is under way.
    pub(crate) fn is_active(&self) -> bool {
        !matches!(self, Self::Idle)
    }

    /// Computes what the answer needs besides the user's secret, which is nearly all of it. False if nobody asked.
    pub(crate) fn prepare_answer(&mut self, backend: &impl Backend) -> Result<bool> {
        let Self::Asked(asked) = self else { return Ok(false) };
        if asked.answer.is_none() {
            asked.answer = Some(Answer::new(backend, &asked.message)?);
        }
        Ok(true)
    }

    /// Answers with the user's secret; nothing if nobody asked.
    pub(crate) fn respond(
        &mut self,
        backend: &impl Backend,
        context: &Context,
        secret: &[u8],
    ) -> Result<Option<Record>> {
        self.prepare_answer(backend)?;
        let Self::Asked(asked) = self else { return Ok(None) };
        let secret = context.combine(backend, context.theirs, context.ours, secret)?;
        // If the backend fails from here on, the answer is lost, but not the question.
        let Some(answer) = asked.answer.take() else { return Ok(None) };
        let Answer { bases, g2b, g2b_proof, g3b, g3b_proof, hiding } = answer;
        let (pb, qb, proof) = hiding.hide(backend, &bases, &secret)?;
        let message = Smp2 { g2b, g2b_proof, g3b, g3b_proof, pb, qb, proof };
        let record = Record { kind: Tlv::SMP_2, value: message.encode() };
        let Smp2 { pb, qb, .. } = message;
        let with_question = asked.with_question;
        *self = Self::Answered(Box::new(Answered { bases, pb, qb, with_question }));
        Ok(Some(record))
    }

    /// Takes in a TLV of types 2 to 7. Every outcome but [`Step::Asked`] and [`Step::Progress`] ends the run.
    pub(crate) fn receive(&mut self, backend: &impl Backend, tlv: &Tlv<'_>) -> Result<Step> {
        // If the backend fails, the run is over too: the state has been taken out.
        let state = core::mem::take(self);
        let active = state.is_active();
        match (tlv.kind, state) {
            (Tlv::SMP_1 | Tlv::SMP_1Q, Self::Idle | Self::Asked(_)) => self.on_smp1(backend, tlv),
            (Tlv::SMP_2, Self::Started(state)) => match Smp2::decode(tlv.value) {
                Ok(message) => self.on_smp2(backend, *state, message),
                Err(Malformed) => Ok(Step::Cheated),
            },
            (Tlv::SMP_3, Self::Answered(state)) => match Smp3::decode(tlv.value) {
                Ok(message) => on_smp3(backend, *state, &message),
                Err(Malformed) => Ok(Step::Cheated),
            },
            (Tlv::SMP_4, Self::Compared(state)) => match Smp4::decode(tlv.value) {
                Ok(message) => on_smp4(backend, *state, &message),
                Err(Malformed) => Ok(Step::Cheated),
            },
            (Tlv::SMP_ABORT, _) => Ok(Step::Aborted { active }),
            _ => Ok(Step::Unexpected),
        }
    }

    /// SMP-10.
    fn on_smp1(&mut self, backend: &impl Backend, tlv: &Tlv<'_>) -> Result<Step> {
        let (question, value) = match tlv.kind {
            Tlv::SMP_1Q => match tlv.value.iter().position(|byte| *byte == 0) {
                Some(end) => {
                    let (question, rest) = tlv.value.split_at(end);
                    (Some(question.to_vec()), rest.get(1..).unwrap_or_default())
                }
                None => return Ok(Step::Cheated),
            },
            _ => (None, tlv.value),
        };
        let Ok(message) = Smp1::decode(value) else { return Ok(Step::Cheated) };
        if !message.g2a_proof.holds(backend, 1, Base::Element(&message.g2a))?
            || !message.g3a_proof.holds(backend, 2, Base::Element(&message.g3a))?
        {
            return Ok(Step::Cheated);
        }
        *self = Self::Asked(Box::new(Asked { message, with_question: question.is_some(), answer: None }));
        Ok(Step::Asked { question })
    }

    /// SMP-11.
    fn on_smp2(&mut self, backend: &impl Backend, state: Started, theirs: Smp2) -> Result<Step> {
        let Started { a2, a3, secret } = state;
        let Smp2 { g2b, g2b_proof, g3b, g3b_proof, pb, qb, proof } = theirs;
        let bases =
            Bases { g2: SharedBase::new(backend, &g2b, a2)?, g3: SharedBase::new(backend, &g3b, a3)? };
        if !g2b_proof.holds(backend, 3, bases.g2.received())?
            || !g3b_proof.holds(backend, 4, bases.g3.received())?
            || !proof.holds(backend, 5, &bases, Hidden { p: &pb, q: &qb })?
        {
            return Ok(Step::Cheated);
        }
        let (pa, qa, proof) = Hiding::new(backend, 6, &bases)?.hide(backend, &bases, &secret)?;
        // Not 1 but with negligible chance; the peer will refuse it then.
        let quotient = quotient(backend, &qa, &qb)?;
        let ra = power(backend, &quotient, bases.g3.ours())?;
        let ra_proof = EqualLogs::prove(backend, 7, &quotient, bases.g3.ours())?;
        let message = Smp3 { pa, qa, proof, ra, ra_proof };
        let reply = Record { kind: Tlv::SMP_3, value: message.encode() };
        *self = Self::Compared(Box::new(Compared { g3: bases.g3, pa: message.pa, pb, quotient }));
        Ok(Step::Progress { reply })
    }
}

impl Answer {
    fn new(backend: &impl Backend, Smp1 { g2a, g3a, .. }: &Smp1) -> Result<Self> {
        let (b2, b3) = (draw(backend, SmpExponent::B2)?, draw(backend, SmpExponent::B3)?);
        let (g2b, g2b_proof) = (backend.pow_g(&b2)?, Log::prove(backend, 3, SmpExponent::R2, &b2)?);
        let (g3b, g3b_proof) = (backend.pow_g(&b3)?, Log::prove(backend, 4, SmpExponent::R3, &b3)?);
        let bases = Bases { g2: SharedBase::new(backend, g2a, b2)?, g3: SharedBase::new(backend, g3a, b3)? };
        let hiding = Hiding::new(backend, 5, &bases)?;
        Ok(Self { bases, g2b, g2b_proof, g3b, g3b_proof, hiding })
    }
}

/// SMP-12, SMP-15, SMP-22: the last message is sent whether or not the secrets match.
fn on_smp3(backend: &impl Backend, state: Answered, theirs: &Smp3) -> Result<Step> {
    let Answered { bases, pb, qb, with_question } = state;
    let Smp3 { pa, qa, proof, ra, ra_proof } = theirs;
    if *pa == pb || *qa == qb || !proof.holds(backend, 6, &bases, Hidden { p: pa, q: qa })? {
        return Ok(Step::Cheated);
    }
    let (g3, quotient) = (bases.g3, quotient(backend, qa, &qb)?);
    if !ra_proof.holds(backend, 7, &quotient, g3.received(), ra)? {
        return Ok(Step::Cheated);
    }
    let rb = power(backend, &quotient, g3.ours())?;
    let rb_proof = EqualLogs::prove(backend, 8, &quotient, g3.ours())?;
    let equal = is_equal(backend, ra, g3.ours(), Quotient { of: pa, by: &pb })?;
    let reply = Some(Record { kind: Tlv::SMP_4, value: Smp4 { rb, rb_proof }.encode() });
    Ok(Step::Finished { reply, equal, says_who: !with_question })
}

/// SMP-13, SMP-15.
fn on_smp4(backend: &impl Backend, state: Compared, Smp4 { rb, rb_proof }: &Smp4) -> Result<Step> {
    let Compared { g3, pa, pb, quotient } = state;
    if !rb_proof.holds(backend, 8, &quotient, g3.received(), rb)? {
        return Ok(Step::Cheated);
    }
    let equal = is_equal(backend, rb, g3.ours(), Quotient { of: &pa, by: &pb })?;
    Ok(Step::Finished { reply: None, equal, says_who: true })
}

/// Qa/Qb, which is raised by both sides.
fn quotient(backend: &impl Backend, qa: &Element, qb: &Element) -> Result<Prepared> {
    /// Our half of the comparison, its proof, and the check of the peer's.
    const USES: u8 = 3;
    backend.prepare(&backend.div(qa, qb)?, USES)
}

/// Pa/Pb, not computed.
struct Quotient<'a> {
    of: &'a Element,
    by: &'a Element,
}

/// Whether Rab = Pa/Pb, in constant time: as Rab · Pb = Pa.
fn is_equal(
    backend: &impl Backend,
    theirs: &Element,
    exponent: &Exponent,
    Quotient { of, by }: Quotient<'_>,
) -> Result<bool> {
    let rab = backend.pow(theirs, exponent)?;
    Ok(backend.mul(&rab, by)? == *of)
}

impl Context {
    fn combine(
        &self,
        hash: &(impl Hash + ?Sized),
        initiator: Fingerprint,
        responder: Fingerprint,
        secret: &[u8],
    ) -> Result<Exponent> {
        let mut digest = otr_traits::Secret::<32>::zeroed();
        let parts =
            [&[1][..], initiator.as_bytes(), responder.as_bytes(), self.session_id.as_bytes(), secret];
        hash.sha256(&parts, digest.expose_mut())?;
        let mut combined = Exponent::zeroed(32);
        combined.expose_mut().copy_from_slice(digest.expose());
        Ok(combined)
    }
}
