//! Candidates for the large prime of a DSA key, without those that a small prime divides (KEY-08).

/// Which of the numbers p₀ + 2qk, k = 0, 1, 2 …, have no factor below 2^14: what a backend tries for p. All have q as a
/// factor of p − 1 if p₀ is 1 mod 2q.
///
/// Testing a number of 1024 bits for primality takes a power; this leaves one candidate in eight. Its time depends on the
/// numbers, which become public.
pub struct Sieve {
    /// Whether a small prime divides the k-th number.
    composite: Vec<bool>,
    next: usize,
}

impl Sieve {
    /// How many numbers are looked at: enough that one is prime but for 3 times in 1,000.
    pub const LENGTH: u32 = 2048;

    /// Sieves the numbers from p₀, which is odd, in steps of 2q; both big-endian.
    #[must_use]
    pub fn new(p0: &[u8; 128], q: &[u8; 20]) -> Self {
        let mut composite = vec![false; Self::LENGTH as usize];
        for prime in small_primes() {
            let step = 2 * remainder(q, prime) % prime;
            // q itself is larger than any of these, and prime: it divides none of them.
            let Some(inverse) = inverse(step, prime) else { continue };
            let first = (prime - remainder(p0, prime)) % prime * inverse % prime;
            for hit in composite.iter_mut().skip(first as usize).step_by(prime as usize) {
                *hit = true;
            }
        }
        Self { composite, next: 0 }
    }
}

impl core::fmt::Debug for Sieve {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Sieve({} of {})", self.next, self.composite.len())
    }
}

/// The remaining values of k, in order.
impl Iterator for Sieve {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        let rest = self.composite.get(self.next..)?;
        let k = self.next + rest.iter().position(|composite| !composite)?;
        self.next = k + 1;
        u32::try_from(k).ok()
    }
}

/// The odd primes below 2^14, by the sieve of Eratosthenes.
fn small_primes() -> impl Iterator<Item = u32> {
    const BELOW: usize = 1 << 14;
    let mut composite = vec![false; BELOW];
    for factor in (3..128).step_by(2) {
        for multiple in composite.iter_mut().skip(factor * factor).step_by(2 * factor) {
            *multiple = true;
        }
    }
    (3..BELOW as u32).step_by(2).filter(move |n| composite.get(*n as usize) == Some(&false))
}

/// A big-endian number modulo a small one, below 2^14.
fn remainder(number: &[u8], modulus: u32) -> u32 {
    number.iter().fold(0, |rest, byte| (rest << 8 | u32::from(*byte)) % modulus)
}

/// 1/n modulo a prime; none for 0.
fn inverse(n: u32, prime: u32) -> Option<u32> {
    let (mut power, mut exponent, mut inverse) = (n % prime, prime - 2, 1);
    if power == 0 {
        return None;
    }
    // n^(prime - 2), by squaring.
    while exponent > 0 {
        if exponent & 1 == 1 {
            inverse = inverse * power % prime;
        }
        power = power * power % prime;
        exponent >>= 1;
    }
    Some(inverse)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_small_primes_are_those_of_trial_division() {
        let by_division = |n: &u32| (2..*n).take_while(|d| d * d <= *n).all(|d| !n.is_multiple_of(d));
        assert!(small_primes().eq((3..1 << 14).filter(by_division)));
        assert_eq!(small_primes().count(), 1899);
    }

    #[test]
    fn key_08_a_number_is_left_out_if_and_only_if_a_small_prime_divides_it() {
        let (mut p0, mut q) = ([0x5a; 128], [0; 20]);
        p0[127] = 0x5b;
        // 2^159 + 299 is prime.
        q[0] = 0x80;
        (q[18], q[19]) = (1, 43);
        let left: Vec<_> = Sieve::new(&p0, &q).collect();
        for k in 0..Sieve::LENGTH {
            let divides = |prime: &u32| {
                (u64::from(remainder(&p0, *prime)) + 2 * u64::from(k) * u64::from(remainder(&q, *prime)))
                    % u64::from(*prime)
                    == 0
            };
            assert_eq!(left.contains(&k), !small_primes().any(|prime| divides(&prime)), "{k}");
        }
        // By Mertens' theorem 11.6 % of odd numbers have no factor below 2^14.
        assert!((180..300).contains(&left.len()), "{}", left.len());
    }
}
