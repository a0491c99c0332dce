//! libotr, by way of `shim/libotr.c`: safe to call, whatever the text.
#![expect(unsafe_code, reason = "libotr is written in C")]

use core::ffi::{CStr, c_char, c_int, c_uint, c_void};
use std::sync::Once;

/// What libotr found: a number and bytes, as often as the shim has something.
type Found = Vec<(u32, Vec<u8>)>;

type Callback = extern "C" fn(*mut c_void, c_uint, *const c_void, usize);

unsafe extern "C" {
    fn shim_init();
    fn shim_type(text: *const c_char) -> c_int;
    fn shim_query_version(text: *const c_char, policy: c_uint) -> c_uint;
    fn shim_tag_version(text: *const c_char, policy: c_uint, from: *mut usize, to: *mut usize) -> c_uint;
    fn shim_dearmor(text: *const c_char, found: Callback, closure: *mut c_void);
    fn shim_records(bytes: *const u8, length: usize, found: Callback, closure: *mut c_void);
    fn shim_context(state: *mut *mut c_void) -> *mut c_void;
    fn shim_free(state: *mut c_void);
    fn shim_accumulate(context: *mut c_void, text: *const c_char, found: Callback, closure: *mut c_void);
    fn shim_fingerprints(file: *const c_void, length: usize, found: Callback, closure: *mut c_void);
    fn shim_instance_tag(
        file: *const c_void,
        length: usize,
        account: *const c_char,
        protocol: *const c_char,
    ) -> c_uint;
}

/// The types of a text, by the number that the shim gives them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Type {
    Plain,
    Tagged,
    Query,
    DhCommit,
    DhKey,
    RevealSignature,
    Signature,
    Data,
    Error,
    Version1,
    Unknown,
}

pub(crate) fn message_type(text: &CStr) -> Type {
    use Type::*;
    // SAFETY: a string that ends with a zero byte, which is read only.
    let number = unsafe { shim_type(text.as_ptr()) };
    let types =
        [Plain, Tagged, Query, DhCommit, DhKey, RevealSignature, Signature, Data, Error, Version1, Unknown];
    types[usize::try_from(number).unwrap()]
}

/// The best version of a query that a policy allows, or 0.
pub(crate) fn query_version(text: &CStr, policy: u8) -> u32 {
    // SAFETY: as above.
    unsafe { shim_query_version(text.as_ptr(), policy.into()) }
}

/// The best version of a whitespace tag, or 0, and where the tag stands.
pub(crate) fn tag_version(text: &CStr, policy: u8) -> (u32, usize, usize) {
    let (mut from, mut to) = (0, 0);
    // SAFETY: as above; the numbers outlive the call.
    let version = unsafe { shim_tag_version(text.as_ptr(), policy.into(), &raw mut from, &raw mut to) };
    (version, from, to)
}

/// The message in a text in armour.
pub(crate) fn dearmor(text: &CStr) -> Option<Vec<u8>> {
    // SAFETY: as above; the closure is what `note` expects.
    let found = collect(|found| unsafe { shim_dearmor(text.as_ptr(), note, found) });
    found.into_iter().next().map(|(_, bytes)| bytes)
}

/// The records that follow the text of a Data message: types and values.
pub(crate) fn records(bytes: &[u8]) -> Found {
    // SAFETY: as many bytes as there are.
    collect(|found| unsafe { shim_records(bytes.as_ptr(), bytes.len(), note, found) })
}

/// The records of a fingerprint file: user, account, protocol, fingerprint and trust of each.
pub(crate) fn fingerprints(file: &[u8]) -> Vec<[Vec<u8>; 5]> {
    // SAFETY: as above.
    let found = collect(|found| unsafe { shim_fingerprints(file.as_ptr().cast(), file.len(), note, found) });
    let records = found.chunks_exact(5);
    records.map(|record| core::array::from_fn(|field| record[field].1.clone())).collect()
}

/// The tag of an account in a file of instance tags, or 0.
pub(crate) fn instance_tag(file: &[u8], account: &CStr, protocol: &CStr) -> u32 {
    // SAFETY: as above.
    unsafe { shim_instance_tag(file.as_ptr().cast(), file.len(), account.as_ptr(), protocol.as_ptr()) }
}

/// Puts fragments of one sender together.
pub(crate) struct Reassembler {
    state: *mut c_void,
    context: *mut c_void,
}

impl Reassembler {
    pub(crate) fn new() -> Self {
        static START: Once = Once::new();
        let mut state = core::ptr::null_mut();
        // SAFETY: libotr wants to be initialized once; the context lives as long as the state, which `drop` frees.
        let context = unsafe {
            START.call_once(|| shim_init());
            shim_context(&raw mut state)
        };
        Self { state, context }
    }

    /// The message that is complete with this fragment.
    pub(crate) fn accept(&mut self, text: &CStr) -> Option<Vec<u8>> {
        // SAFETY: as above.
        let found = collect(|found| unsafe { shim_accumulate(self.context, text.as_ptr(), note, found) });
        found.into_iter().next().map(|(_, message)| message)
    }
}

impl Drop for Reassembler {
    fn drop(&mut self) {
        // SAFETY: made by `shim_context`, freed here only.
        unsafe { shim_free(self.state) }
    }
}

/// What `call` finds by way of [`note`].
fn collect(call: impl FnOnce(*mut c_void)) -> Found {
    let mut found = Found::new();
    call((&raw mut found).cast());
    found
}

/// Copies what was found.
extern "C" fn note(closure: *mut c_void, number: c_uint, bytes: *const c_void, length: usize) {
    // SAFETY: `collect` made the closure, and nothing else uses it during the call.
    let found = unsafe { &mut *closure.cast::<Found>() };
    let bytes = match length {
        0 => Vec::new(),
        // SAFETY: the shim gives as many bytes as it says.
        _ => unsafe { core::slice::from_raw_parts(bytes.cast::<u8>(), length) }.to_vec(),
    };
    found.push((number, bytes));
}
