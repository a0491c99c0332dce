//! Welch's t-test.

/// By how many standard errors the means of two samples differ; their variances may, too. 0 if a sample has fewer than two
/// numbers, or nothing varies.
pub(super) fn t(a: &[f64], b: &[f64]) -> f64 {
    let ((mean_a, error_a), (mean_b, error_b)) = (mean_and_error(a), mean_and_error(b));
    let error = (error_a + error_b).sqrt();
    if error > 0.0 { (mean_a - mean_b) / error } else { 0.0 }
}

/// The mean, and the square of its standard error.
fn mean_and_error(sample: &[f64]) -> (f64, f64) {
    let n = sample.len() as f64;
    let mean = sample.iter().sum::<f64>() / n;
    let squares: f64 = sample.iter().map(|x| (x - mean).powi(2)).sum();
    (mean, squares / (n * (n - 1.0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t_is_what_the_formula_gives_by_hand() {
        // Means 2 and 5, variances 1 and 4: (2 − 5) / √(1/3 + 4/3).
        let t = t(&[1.0, 2.0, 3.0], &[3.0, 5.0, 7.0]);
        assert!((t + 3.0 / (5.0_f64 / 3.0).sqrt()).abs() < 1e-12, "{t}");
    }

    #[test]
    fn t_of_too_little_or_of_what_is_all_the_same_is_0() {
        for sample in [&[][..], &[1.0], &[2.0, 2.0]] {
            assert_eq!(t(sample, &[2.0, 2.0]), 0.0);
        }
    }
}
