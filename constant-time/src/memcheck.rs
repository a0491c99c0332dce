//! What memcheck, valgrind's checker of memory, is asked to do: its client requests.
//!
//! Memcheck knows of every bit, in memory and in registers, whether it is defined, follows that through all arithmetic, and
//! reports each jump and each address that depends on a bit which is not. It is made to find memory that nobody has
//! written; here it is told that secrets are such memory. To the program they remain the bytes that they are.
#![expect(
    unsafe_code,
    reason = "a client request is a sequence of instructions; no crate speaks it without a C library"
)]

/// Whether memcheck watches. If not, nothing here does anything.
#[must_use]
pub fn is_watching() -> bool {
    request([RUNNING_ON_VALGRIND, 0, 0, 0, 0, 0]) != 0
}

/// From here on every bit of `bytes` is secret.
pub fn conceal(bytes: &[u8]) {
    request([MAKE_MEM_UNDEFINED, address(bytes), bytes.len() as u64, 0, 0, 0]);
}

/// From here on `bytes` are public.
pub fn reveal(bytes: &[u8]) {
    request([MAKE_MEM_DEFINED, address(bytes), bytes.len() as u64, 0, 0, 0]);
}

/// Whether any bit of `bytes` depends on a secret.
#[must_use]
pub fn is_secret(bytes: &[u8]) -> bool {
    let undefined = vec![0_u8; bytes.len()];
    request([GET_VBITS, address(bytes), address(&undefined), bytes.len() as u64, 0, 0]);
    std::hint::black_box(undefined).iter().any(|bits| *bits != 0)
}

const RUNNING_ON_VALGRIND: u64 = 0x1001;
const MAKE_MEM_UNDEFINED: u64 = MEMCHECK + 1;
const MAKE_MEM_DEFINED: u64 = MEMCHECK + 2;
const GET_VBITS: u64 = MEMCHECK + 8;

/// Memcheck's own requests begin here.
const MEMCHECK: u64 = (b'M' as u64) << 24 | (b'C' as u64) << 16;

fn address(bytes: &[u8]) -> u64 {
    bytes.as_ptr().expose_provenance() as u64
}

/// A request: its number and what goes with it. The answer is valgrind's, or 0 if it is not there.
#[cfg(target_arch = "x86_64")]
fn request(request: [u64; 6]) -> u64 {
    let mut answer = 0_u64;
    // SAFETY: the rotations add up to 128 bits and leave rdi as it was; the exchange does nothing. Valgrind takes the
    // sequence for the request in rax. Only GET_VBITS writes, and its buffer is as long as it says.
    unsafe {
        core::arch::asm!(
            "rol rdi, 3",
            "rol rdi, 13",
            "rol rdi, 61",
            "rol rdi, 51",
            "xchg rbx, rbx",
            in("rax") request.as_ptr(),
            inout("rdx") answer,
            options(nostack),
        );
    }
    answer
}

/// The sequence differs from processor to processor; here is only the one.
#[cfg(not(target_arch = "x86_64"))]
fn request(_: [u64; 6]) -> u64 {
    0
}
