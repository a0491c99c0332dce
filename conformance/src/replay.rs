//! Carrying out recorded conversations.
//!
//! One party is under test at a time. It starts with what the recorded party had, does what that one did, and
//! receives what the recorded *other* party sent, never what our own other half would have sent. After each step
//! everything that shows is compared: what was [sent], what was [told] to the application, the [state] of each
//! slot, and the keys that were used. With every random value given, what is sent must be equal to the byte: that is how
//! the messages of a key exchange are tested (AKE-02, AKE-04), their MACs included (CONST-09).

mod arrivals;
mod counters;
mod deviations;
mod difference;
mod mac_keys;
mod memory;
mod message;
mod obligations;
mod party;
mod policy;
mod runs;
mod sent;
mod state;
mod told;

use std::collections::BTreeSet;

use otr_protocol::wire::{Kind, Text};
use otr_protocol::{Event, Policy, Problem};
use otr_traits::Backend;

use crate::anatomy::Anatomy;
use crate::scripted::Log;
use crate::transcript::{Damaged, Decoded, Incoming, Operation, Step, Transcript};
use crate::{Case, Deviation, Unusable, Vectors, workers};
use arrivals::{Arrival, Arrivals};
use counters::Counters;
use difference::{About, Difference};
use mac_keys::MacKeys;
use memory::Memory;
use message::Witness;
use obligations::Obligations;
use party::{Observed, Party};
use runs::Runs;
use sent::{Expected, Pair, Sort};
pub(crate) use state::Slot;

/// One case for each party under test of each conversation, several at a time.
pub(crate) fn cases(backend: &dyn Backend, vectors: &Vectors) -> Result<Vec<Case>, Unusable> {
    let names: Vec<_> = vectors.conversations().collect();
    let cases = workers::map(&names, |name| cases_of(backend, vectors, name));
    Ok(cases.into_iter().collect::<Result<Vec<_>, _>>()?.concat())
}

/// The cases of one conversation.
fn cases_of(backend: &dyn Backend, vectors: &Vectors, name: &str) -> Result<Vec<Case>, Unusable> {
    let transcript = vectors.transcript(name)?;
    let acts = |role: &str| transcript.steps.iter().any(|step| step.actor == role);
    let roles = transcript.parties.iter().filter(|(role, party)| party.is_under_test && acts(role));
    let mut cases = Vec::new();
    for (role, _) in roles {
        let correspondents = transcript.correspondents(role);
        let case = |transcript: &Transcript, id| Replay::new(backend, transcript, role)?.run(id);
        let done = if correspondents.len() < 2 {
            case(&transcript, format!("{name}/{role}")).map(|case| vec![case])
        } else {
            // A session is with one correspondent.
            let with = |other: &str| case(&transcript.between(role, other), format!("{name}/{role}/{other}"));
            correspondents.into_iter().map(with).collect()
        };
        cases.extend(done.map_err(|damaged| Unusable::new(name, damaged))?);
    }
    if cases.is_empty() {
        return Err(Unusable::new(name, "no step of a party that can be put under test"));
    }
    Ok(cases)
}

/// Everything that a rule about one step can ask for.
struct Scene<'a> {
    operation: Operation<'a>,
    /// The text that arrived, if one did.
    text: &'a [u8],
    /// The text that it completes, if it is the last piece of one; else the same.
    whole: Vec<u8>,
    /// The message that the text carries or completes, taken apart.
    message: Option<Anatomy>,
    /// The same as an independent program saw it, if it was recorded.
    decoded: Option<Decoded>,
    /// What the recorded party sent, and what came of the step with us.
    expected: Vec<Expected>,
    observed: Observed,
    /// What each text is that we have sent.
    sorts: Vec<Sort>,
    policy: Policy,
    /// What happened before the step.
    memory: Memory,
    /// The slots in which the recorded party compares secrets, and we do not any more.
    lost_runs: BTreeSet<u32>,
    /// Our slots before and after the step, and the recorded party's.
    before: Vec<Slot>,
    after: Vec<Slot>,
    recorded_before: Vec<Slot>,
    recorded_after: Vec<Slot>,
}

/// One conversation with one party under test.
struct Replay<'a> {
    transcript: &'a Transcript,
    role: &'a str,
    arrivals: Arrivals,
    witness: Witness<'a>,
    party: Party<'a>,
    mac_keys: MacKeys,
    counters: Counters,
    runs: Runs,
    memory: Memory,
    obligations: Obligations,
    /// The keys that the recorded party has used so far. It derives them earlier than we do.
    keys: BTreeSet<&'a [u8]>,
    /// Whether the keys are recorded at all.
    has_keys: bool,
    /// The slots of the recorded party, as of its last step.
    recorded: Vec<Slot>,
    /// Differences of state that a rule has explained and that have stayed the same ever since.
    lasting: Vec<(Difference, Deviation)>,
}

impl<'a> Replay<'a> {
    fn new(backend: &'a dyn Backend, transcript: &'a Transcript, role: &'a str) -> Result<Self, Damaged> {
        let parties = &transcript.parties;
        let recorded = parties.get(role).ok_or_else(|| Damaged(format!("no party {role:?}")))?;
        Ok(Self {
            transcript,
            role,
            arrivals: Arrivals::new(transcript.steps.iter().flat_map(sent::expected)),
            witness: Witness { backend, key: recorded.dsa.public()? },
            party: Party::new(backend, transcript, role, recorded)?,
            mac_keys: MacKeys::default(),
            counters: Counters::default(),
            runs: Runs::default(),
            memory: Memory::default(),
            obligations: Obligations::default(),
            keys: BTreeSet::new(),
            has_keys: transcript.steps.iter().any(|step| step.actor == role && step.keys_used.is_some()),
            recorded: Vec::new(),
            lasting: Vec::new(),
        })
    }

    /// Carries out the steps of the party until one differs: what follows would only repeat it.
    fn run(mut self, id: String) -> Result<Case, Damaged> {
        let mut case = Case::new(id);
        // The last step in which the two were together for certain, and why they may not be after it.
        let mut strayed = None;
        let (transcript, role) = (self.transcript, self.role);
        for step in transcript.steps.iter().filter(|step| step.actor == role) {
            let scene = self.carry_out(step)?;
            let differences = self.compare(step, &scene)?;
            self.lasting.retain(|(lasting, _)| differences.contains(lasting));
            let (mut applied, mut unexplained) = (BTreeSet::new(), Vec::new());
            for difference in differences {
                if self.lasting.iter().any(|(lasting, _)| *lasting == difference) {
                    continue;
                }
                match deviations::explain(&scene, &difference) {
                    Some(deviation) => {
                        applied.insert(deviation);
                        if difference.about.is_state() {
                            self.lasting.push((difference, deviation));
                        }
                    }
                    None => unexplained.push(difference),
                }
            }
            // What one of the two has given up and the other has not, only the other goes on with.
            if unexplained.iter().any(|difference| difference.about.is_of_exchange()) {
                let waiting = self.lasting.iter().find(|(lasting, _)| scene.goes_on_with(&lasting.about));
                strayed = strayed.or(waiting.map(|(_, deviation)| (step.n, *deviation)));
            }
            let parted = deviations::parted(&scene).map(|deviation| (step.n, deviation));
            let is_wrong = |difference: &Difference| matches!(difference.about, About::Obligation(_));
            let may_stop = !unexplained.iter().any(is_wrong);
            if may_stop && (parted.is_some() || strayed.is_some() && !unexplained.is_empty()) {
                case.stopped = parted.or(strayed);
                parted.iter().for_each(|(_, deviation)| case.deviates(*deviation));
                break;
            }
            let strays = applied.iter().copied().find(|deviation| deviations::strays(*deviation));
            strayed = strayed.or(strays.map(|deviation| (step.n, deviation)));
            applied.into_iter().for_each(|deviation| case.deviates(deviation));
            if !unexplained.is_empty() {
                case.failures
                    .extend(unexplained.into_iter().map(|difference| difference.into_failure(step.n)));
                break;
            }
        }
        Ok(case)
    }

    fn carry_out(&mut self, step: &'a Step) -> Result<Scene<'a>, Damaged> {
        let operation = step.operation()?;
        let text = match operation {
            Operation::Receive(Incoming::Injected(text)) => text,
            Operation::Receive(Incoming::Recorded(id)) => {
                let emitted = self.transcript.emitted(id);
                let emitted = emitted.ok_or_else(|| Damaged(format!("step {}: no message {id}", step.n)))?;
                emitted.wire.as_str()
            }
            _ => "",
        };
        let text = text.as_bytes();
        let Arrival { whole, message, decoded } = self.arrivals.take(text);
        let recorded_before = self.recorded.clone();
        if let Some(state) = &step.state {
            self.recorded = state.iter().map(Slot::recorded).collect();
        }
        let before = self.party.slots();
        self.memory.begin(step.time, &operation);
        let expected = sent::expected(step);
        let sender = message.as_ref().map(Anatomy::sender);
        let receiver = sent::receiver(&expected);
        let observed = self.party.carry_out(step, operation, (text, sender), receiver)?;
        let sort = |sent: &sent::Sent| sent.sort(self.witness.backend, &observed.log.keys);
        let mut scene = Scene {
            operation,
            text,
            whole,
            message,
            decoded,
            sorts: observed.sent.iter().map(sort).collect(),
            observed,
            expected,
            policy: self.party.policy(),
            memory: self.memory.clone(),
            lost_runs: BTreeSet::new(),
            before,
            after: self.party.slots(),
            recorded_before,
            recorded_after: self.recorded.clone(),
        };
        let told = told::recorded(step, &scene);
        scene.lost_runs = self.runs.lost(&scene, &told);
        self.runs.after(&scene, &told);
        Ok(scene)
    }

    /// All that differs after a step (REPLAY 6, 7).
    fn compare(&mut self, step: &'a Step, scene: &Scene<'_>) -> Result<Vec<Difference>, Damaged> {
        self.mac_keys.received(scene)?;
        self.counters.begin(scene, &told::recorded(step, scene));
        let mut differences = self.compare_sent(scene)?;
        differences.extend(told::compare(step, scene));
        if step.state.is_some() {
            differences.extend(state::compare(&scene.recorded_after, &scene.after));
        }
        differences.extend(self.drawn_and_used(step, &scene.observed.log));
        differences.extend(self.obligations.broken(scene));
        self.memory.end(scene, &differences);
        Ok(differences)
    }

    /// What was sent, text by text in order (REPLAY 5, 6).
    fn compare_sent(&mut self, scene: &Scene<'_>) -> Result<Vec<Difference>, Damaged> {
        let recorded: Vec<_> = scene.expected.iter().map(|expected| (expected.sort(), expected)).collect();
        let ours: Vec<_> = scene.sorts.iter().cloned().zip(&scene.observed.sent).collect();
        let mut differences = Vec::new();
        for pair in sent::pair(&recorded, &ours) {
            match pair {
                Pair::Both(expected, ours) => {
                    let message = Anatomy::of_text(&ours.text);
                    let ahead = message.map_or(0, |message| self.counters.both_sent(scene, &message));
                    differences.extend(message::compare(&self.witness, expected, ours, ahead)?);
                    differences.extend(self.mac_keys.sent(scene, expected, ours)?);
                }
                Pair::NotSent(sort, expected) => {
                    if let Some(message) = Anatomy::of_text(&expected.sent.text) {
                        self.counters.not_sent(scene, &message);
                    }
                    self.mac_keys.not_sent(expected)?;
                    let text = format!("{}: {}", expected.id, expected.sent.text.escape_ascii());
                    differences.push(Difference::new(About::NotSent(sort.clone()), text, "nothing"));
                }
                Pair::SentToo(sort, ours) => {
                    if let Some(message) = Anatomy::of_text(&ours.text) {
                        self.counters.sent_too(scene, &message);
                    }
                    differences.extend(self.mac_keys.sent_too(scene, ours));
                    let text = ours.text.escape_ascii().to_string();
                    differences.push(Difference::new(About::SentToo(sort.clone()), "no such message", text));
                }
            }
        }
        Ok(differences)
    }

    /// Keys that the recorded party has not used up to now, and draws that nothing was left for (REPLAY 4, 7).
    fn drawn_and_used(&mut self, step: &'a Step, log: &Log) -> Vec<Difference> {
        self.keys.extend(step.keys_used.iter().flatten().map(|key| key.hex.0.as_slice()));
        let is_strange = |key: &&Vec<u8>| self.has_keys && !self.keys.contains(key.as_slice());
        let strangers = log.keys.iter().filter(is_strange);
        let strangers = strangers.map(|key| {
            Difference::new(About::Key, "one that the recorded party has used", crate::hex::show(key))
        });
        let exhausted = log.exhausted.iter().map(|purpose| {
            Difference::new(
                About::Randomness,
                "a value from the recording",
                format!("none left for {purpose}"),
            )
        });
        strangers.chain(exhausted).collect()
    }
}

impl Scene<'_> {
    /// Whether we have told the application of such a problem.
    fn has_told_problem(&self, problem: Problem) -> bool {
        self.observed
            .events
            .iter()
            .any(|event| matches!(event, Event::Problem { kind, .. } if *kind == problem))
    }

    /// Whether the step may go on with the key exchange of a slot whose states differ. What arrives goes on with that of its
    /// sender's slot; a D-H Key also with that of the base slot, which does not know yet who will answer.
    fn goes_on_with(&self, about: &About) -> bool {
        match (about, &self.message) {
            (About::AuthState(tag), Some(message)) => {
                *tag == message.sender() || *tag == 0 && message.kind == Kind::DhKey
            }
            // What cannot be read goes on with nothing; a query or the user may.
            (About::AuthState(_), None) => !matches!(Text::classify(&self.whole, false), Text::Encoded(..)),
            _ => false,
        }
    }

    /// Our slot of a tag, before the step.
    fn was(&self, tag: u32) -> Slot {
        state::slot(&self.before, tag)
    }

    /// Our slot of a tag, after it.
    fn is(&self, tag: u32) -> Slot {
        state::slot(&self.after, tag)
    }

    /// The recorded party's slot of a tag, before the step.
    fn was_recorded(&self, tag: u32) -> Slot {
        state::slot(&self.recorded_before, tag)
    }

    /// The recorded party's slot of a tag, after it.
    fn is_recorded(&self, tag: u32) -> Slot {
        state::slot(&self.recorded_after, tag)
    }
}
