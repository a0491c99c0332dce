//! The system's allocator, with counts.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The system's allocator, which counts. It does so once it is a program's `#[global_allocator]`.
pub struct Counting;

static LIVE: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    static ALLOCATED: Cell<Allocated> = const { Cell::new(Allocated { times: 0, bytes: 0 }) };
    /// How many bytes this thread holds, and the most it has held. Below 0 if it frees what another one allocated.
    static HELD: Cell<(isize, isize)> = const { Cell::new((0, 0)) };
}

/// What was allocated, whatever has become of it.
#[derive(Clone, Copy, Debug)]
pub struct Allocated {
    /// How often; memory that was made larger counts again.
    pub times: usize,
    /// How many bytes altogether.
    pub bytes: usize,
}

/// What was held, beyond what had been held before.
#[derive(Clone, Copy, Debug)]
pub struct Held {
    /// How many bytes in the end.
    pub kept: usize,
    /// The most bytes at any time. Memory that is made larger counts twice while it is copied.
    pub peak: usize,
}

impl Counting {
    /// How many bytes are allocated at the moment.
    #[must_use]
    pub fn live() -> usize {
        LIVE.load(Ordering::Relaxed)
    }

    /// What `work` allocates in this thread.
    pub fn allocated<T>(work: impl FnOnce() -> T) -> (Allocated, T) {
        let before = ALLOCATED.get();
        let result = work();
        let after = ALLOCATED.get();
        (Allocated { times: after.times - before.times, bytes: after.bytes - before.bytes }, result)
    }

    /// What `work` holds in this thread.
    pub fn held<T>(work: impl FnOnce() -> T) -> (Held, T) {
        let (before, _) = HELD.get();
        HELD.set((before, before));
        let result = work();
        let (kept, peak) = HELD.get();
        let beyond = |bytes: isize| usize::try_from(bytes - before).unwrap_or(0);
        (Held { kept: beyond(kept), peak: beyond(peak) }, result)
    }
}

/// Memory of so many bytes more is held.
fn hold(layout: Layout) {
    let (held, peak) = HELD.get();
    let held = held.wrapping_add_unsigned(layout.size());
    HELD.set((held, peak.max(held)));
}

/// Memory of so many bytes is held no longer.
fn release(layout: Layout) {
    let (held, peak) = HELD.get();
    HELD.set((held.wrapping_sub_unsigned(layout.size()), peak));
}

// SAFETY: all is the system's allocator's; it is counted, no more.
#[expect(unsafe_code, reason = "an allocator cannot be written without")]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        LIVE.fetch_add(layout.size(), Ordering::Relaxed);
        hold(layout);
        let Allocated { times, bytes } = ALLOCATED.get();
        ALLOCATED.set(Allocated { times: times + 1, bytes: bytes + layout.size() });
        // SAFETY: the caller keeps the contract, which is the same.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size(), Ordering::Relaxed);
        release(layout);
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }
}
