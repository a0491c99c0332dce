//! The system's allocator, which keeps what is given back to it.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::marker::PhantomData;
use std::ptr;

/// The system's allocator, watched. It is once it is a program's `#[global_allocator]`.
///
/// A block that is to grow is always copied to a new one, as an allocator may do at any time.
pub struct Watched;

/// Watches the blocks that this thread allocates, as long as it lives.
pub struct Watch {
    ledger: *mut Ledger,
    end_of_stack: Option<usize>,
    this_thread: PhantomData<*mut ()>,
}

/// The content of a block of memory.
pub type Block = Vec<u8>;

#[derive(Default)]
struct Ledger {
    /// The length of each block in use, by its address.
    in_use: BTreeMap<usize, usize>,
    /// What the others had in them when they were given back.
    freed: Vec<Block>,
}

thread_local! {
    static LEDGER: Cell<*mut Ledger> = const { Cell::new(ptr::null_mut()) };
    static ASIDE: Cell<bool> = const { Cell::new(false) };
}

impl Watch {
    /// Begins to watch. One thread has one watch at a time.
    #[must_use]
    pub fn begin() -> Self {
        assert!(LEDGER.get().is_null(), "this thread is being watched");
        let end_of_stack = end_of_stack();
        let ledger = Box::into_raw(Box::new(Ledger::default()));
        LEDGER.set(ledger);
        Self { ledger, end_of_stack, this_thread: PhantomData }
    }

    /// What was in the blocks that were given back.
    #[must_use]
    pub fn freed(&self) -> Vec<Block> {
        aside(|| self.ledger().freed.clone())
    }

    /// What is in the blocks that are in use.
    #[must_use]
    pub fn in_use(&self) -> Vec<Block> {
        aside(|| {
            self.ledger()
                .in_use
                .iter()
                .map(|(address, length)| read(*address as *const u8, *length))
                .collect()
        })
    }

    /// What is on the stack of this thread below this call: left there by what has returned.
    #[must_use]
    pub fn stack(&self) -> Block {
        let here = here();
        aside(|| {
            self.end_of_stack.map(|end| read(end as *const u8, here.saturating_sub(end))).unwrap_or_default()
        })
    }

    #[expect(unsafe_code, reason = "the allocator and the watch share the ledger")]
    fn ledger(&self) -> &Ledger {
        // SAFETY: made in `begin`, dropped in `drop`; only this thread uses it, and the allocator does not while
        // something is done aside.
        unsafe { &*self.ledger }
    }
}

impl Drop for Watch {
    #[expect(unsafe_code, reason = "the allocator and the watch share the ledger")]
    fn drop(&mut self) {
        LEDGER.set(ptr::null_mut());
        // SAFETY: made in `begin` by `Box::into_raw`, and nobody has it any more.
        drop(unsafe { Box::from_raw(self.ledger) });
    }
}

/// Where the stack of this thread may grow to: the lowest address of its mapping. Nothing where the system does not tell.
fn end_of_stack() -> Option<usize> {
    let here = here();
    let maps = std::fs::read_to_string("/proc/self/maps").ok()?;
    maps.lines().find_map(|line| {
        let (start, rest) = line.split_once('-')?;
        let (end, _) = rest.split_once(' ')?;
        let [start, end] = [start, end].map(|number| usize::from_str_radix(number, 16));
        start.ok().filter(|start| (*start..end.unwrap_or(0)).contains(&here))
    })
}

/// Where on the stack we are.
#[inline(never)]
fn here() -> usize {
    let mark = 0_u8;
    ptr::from_ref(&mark) as usize
}

/// Does something that is not watched: what it allocates is not in use, what it gives back is not kept.
pub fn aside<T>(work: impl FnOnce() -> T) -> T {
    let was_aside = ASIDE.replace(true);
    let result = work();
    ASIDE.set(was_aside);
    result
}

/// Enters something in the ledger, if there is one; that is done aside.
#[expect(unsafe_code, reason = "the allocator and the watch share the ledger")]
fn enter(entry: impl FnOnce(&mut Ledger, bool)) {
    let ledger = LEDGER.replace(ptr::null_mut());
    if !ledger.is_null() {
        // SAFETY: the watch lives, and as long as the ledger is taken away, nobody else has it: see `Watch::ledger`.
        entry(unsafe { &mut *ledger }, ASIDE.get());
        LEDGER.set(ledger);
    }
}

/// A copy of a block.
#[expect(unsafe_code, reason = "whatever is in the block is to be seen")]
fn read(start: *const u8, length: usize) -> Block {
    // SAFETY: the block is in use, or part of the stack, and so long. All of it was zero before anybody wrote to it.
    (0..length).map(|at| unsafe { start.add(at).read_volatile() }).collect()
}

// SAFETY: all blocks are the system allocator's. What was zeroed need not have been, and `realloc` is the trait's own.
#[expect(unsafe_code, reason = "an allocator cannot be written without")]
unsafe impl GlobalAlloc for Watched {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // Zeroed: what somebody else has left there is not of this block.
        // SAFETY: the caller keeps the contract, which is the same.
        let start = unsafe { System.alloc_zeroed(layout) };
        enter(|ledger, is_aside| {
            if !is_aside && !start.is_null() {
                ledger.in_use.insert(start as usize, layout.size());
            }
        });
        start
    }

    unsafe fn dealloc(&self, start: *mut u8, layout: Layout) {
        enter(|ledger, is_aside| {
            if let Some(length) = ledger.in_use.remove(&(start as usize))
                && !is_aside
            {
                let block = read(start, length);
                if block.iter().any(|byte| *byte != 0) {
                    ledger.freed.push(block);
                }
            }
        });
        // SAFETY: as above.
        unsafe { System.dealloc(start, layout) }
    }
}
