//! OpenSSL with the allocator of this program.

use std::alloc::{Layout, alloc, dealloc};
use std::ffi::{c_char, c_int, c_void};
use std::ptr;
use std::sync::Once;

type Malloc = extern "C" fn(usize, *const c_char, c_int) -> *mut c_void;
type Realloc = extern "C" fn(*mut c_void, usize, *const c_char, c_int) -> *mut c_void;
type Free = extern "C" fn(*mut c_void, *const c_char, c_int);

#[expect(unsafe_code, reason = "the function is OpenSSL's")]
unsafe extern "C" {
    fn CRYPTO_set_mem_functions(malloc: Malloc, realloc: Realloc, free: Free) -> c_int;
}

/// Has to come before anything is asked of OpenSSL.
pub(crate) fn use_rust_allocator() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // SAFETY: the functions are what malloc(3) says, and live as long as the program.
        #[expect(unsafe_code, reason = "the function is OpenSSL's")]
        let done = unsafe { CRYPTO_set_mem_functions(malloc, realloc, free) };
        assert_eq!(done, 1, "OpenSSL has allocated memory by itself");
    });
}

/// What precedes a block: its length, which the allocator wants to know again. So wide that the block is aligned.
const HEADER: usize = 16;

extern "C" fn malloc(length: usize, _: *const c_char, _: c_int) -> *mut c_void {
    match layout(length) {
        Some(layout) if length > 0 => begin(layout, length),
        _ => ptr::null_mut(),
    }
}

#[expect(unsafe_code, reason = "the blocks are untyped memory")]
fn begin(layout: Layout, length: usize) -> *mut c_void {
    // SAFETY: the layout has at least the length of the header, which fits in front and is aligned.
    unsafe {
        let start = alloc(layout);
        if start.is_null() {
            return ptr::null_mut();
        }
        start.cast::<usize>().write(length);
        start.add(HEADER).cast()
    }
}

#[expect(unsafe_code, reason = "the blocks are untyped memory")]
extern "C" fn realloc(block: *mut c_void, length: usize, file: *const c_char, line: c_int) -> *mut c_void {
    if block.is_null() {
        return malloc(length, file, line);
    }
    let new = malloc(length, file, line);
    if !new.is_null() {
        // SAFETY: both blocks come of `malloc`, they do not overlap, and both have so many bytes.
        unsafe { ptr::copy_nonoverlapping(block.cast::<u8>(), new.cast(), length_of(block).min(length)) };
    }
    if !new.is_null() || length == 0 {
        free(block, file, line);
    }
    new
}

#[expect(unsafe_code, reason = "the blocks are untyped memory")]
extern "C" fn free(block: *mut c_void, _: *const c_char, _: c_int) {
    if block.is_null() {
        return;
    }
    if let Some(layout) = layout(length_of(block)) {
        // SAFETY: the block comes of `malloc`, with this layout, and begins after its header.
        unsafe { dealloc(block.cast::<u8>().sub(HEADER), layout) };
    }
}

fn layout(length: usize) -> Option<Layout> {
    Layout::from_size_align(length.checked_add(HEADER)?, HEADER).ok()
}

#[expect(unsafe_code, reason = "the blocks are untyped memory")]
fn length_of(block: *mut c_void) -> usize {
    // SAFETY: the block comes of `malloc`, which has written its header.
    unsafe { block.cast::<u8>().sub(HEADER).cast::<usize>().read() }
}
