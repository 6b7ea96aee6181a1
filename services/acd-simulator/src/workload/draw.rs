//! Random times around a mean. Each takes a fixed number of draws, so that other parameters leave
//! the rest of a sequence as it was.

use std::{f64::consts, time::Duration};

use rand::{Rng, rngs::StdRng};

/// Nobody waits or talks for longer than a day.
const LONGEST: f64 = 86_400.0;

fn seconds(value: f64) -> Duration {
    Duration::from_secs_f64(value.clamp(0.0, LONGEST))
}

/// A number above 0, 1 at most: fit for a logarithm.
fn above_zero(rng: &mut StdRng) -> f64 {
    1.0 - rng.random::<f64>()
}

/// Exponentially distributed.
pub(super) fn exponential(rng: &mut StdRng, mean: Duration) -> Duration {
    seconds(-above_zero(rng).ln() * mean.as_secs_f64())
}

/// Log-normally distributed with a standard deviation equal to the mean.
pub(super) fn lognormal(rng: &mut StdRng, mean: Duration) -> Duration {
    // Box and Muller's normal variable.
    let (u, v) = (above_zero(rng), rng.random::<f64>());
    let normal = (-2.0 * u.ln()).sqrt() * (consts::TAU * v).cos();
    // Deviation² = (exp(σ²) − 1) × mean², so σ² = ln 2; mean = exp(μ + σ²/2).
    let variance = consts::LN_2;
    let mu = mean.as_secs_f64().ln() - variance / 2.0;
    seconds((mu + variance.sqrt() * normal).exp())
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    #[test]
    fn mean_and_deviation_are_what_they_say() {
        let mean = Duration::from_millis(2500);
        let mut rng = StdRng::seed_from_u64(7);
        for draw in [exponential, lognormal] {
            let times: Vec<f64> =
                (0..100_000).map(|_| draw(&mut rng, mean).as_secs_f64()).collect();
            let n = 100_000.0;
            let found = times.iter().sum::<f64>() / n;
            let deviation = (times.iter().map(|t| (t - found).powi(2)).sum::<f64>() / n).sqrt();
            assert!((found - 2.5).abs() < 0.05, "mean {found}");
            assert!((deviation - 2.5).abs() < 0.15, "deviation {deviation}");
        }
    }
}
