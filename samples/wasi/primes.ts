// In AssemblyScript: how many primes there are below a limit, and the greatest of them. It imports nothing, so any host
// runs it: `tarscli wasm run primes.wasm --invoke count 1000`.

function sieve(limit: i32): StaticArray<bool> {
  const composite = new StaticArray<bool>(limit < 2 ? 2 : limit);
  composite[0] = composite[1] = true;
  for (let factor = 2; factor * factor < limit; factor++) {
    if (!composite[factor]) {
      for (let multiple = factor * factor; multiple < limit; multiple += factor) {
        composite[multiple] = true;
      }
    }
  }

  return composite;
}

export function count(limit: i32): i32 {
  const composite = sieve(limit);
  let found = 0;
  for (let number = 2; number < limit; number++) {
    found += composite[number] ? 0 : 1;
  }

  return found;
}

export function greatest(limit: i32): i32 {
  const composite = sieve(limit);
  for (let number = limit - 1; number > 1; number--) {
    if (!composite[number]) {
      return number;
    }
  }

  return 0;
}

export function mean(limit: i32): f64 {
  const composite = sieve(limit);
  let sum: f64 = 0;
  for (let number = 2; number < limit; number++) {
    sum += composite[number] ? 0.0 : <f64>number;
  }

  return sum / <f64>count(limit);
}
