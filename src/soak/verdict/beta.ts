/**
 * The regularised incomplete beta function I_x(a, b), for a and b above 0: by its continued fraction (Numerical Recipes, 6.4), with an error below 1e-10.
 * Binomial and Student's distributions are made of it.
 */
export function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0
  if (x >= 1) return 1
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x))
  // It converges fast on one side only, and the other side follows from it.
  return x < (a + 1) / (a + b + 2) ? (front * fraction(x, a, b)) / a : 1 - (front * fraction(1 - x, b, a)) / b
}

/** Lentz's way to a continued fraction. */
function fraction(x: number, a: number, b: number): number {
  const apart = (value: number) => (Math.abs(value) < 1e-300 ? 1e-300 : value)
  let c = 1
  let d = 1 / apart(1 - ((a + b) * x) / (a + 1))
  let result = d
  const advance = (term: number) => {
    d = 1 / apart(1 + term * d)
    c = apart(1 + term / c)
    result *= c * d
    return Math.abs(c * d - 1)
  }
  for (let m = 1; m < 10_000; m++) {
    advance((m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m)))
    if (advance((-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1))) < 1e-12) break
  }
  return result
}

const lanczos = [
  676.5203681218851, -1259.1392167224028, 771.3234287776531, -176.6150291621406, 12.507343278686905,
  -0.13857109526572012, 9.984369578019572e-6, 1.5056327351493116e-7,
]

/** Lanczos (1964), for arguments above 0. */
function logGamma(value: number): number {
  if (value < 1) return logGamma(value + 1) - Math.log(value)
  const x = value - 1
  const sum = lanczos.reduce((total, term, i) => total + term / (x + i + 1), 0.9999999999998099)
  const t = x + 7.5
  return 0.5 * Math.log(2 * Math.PI) + (x + 0.5) * Math.log(t) - t + Math.log(sum)
}
