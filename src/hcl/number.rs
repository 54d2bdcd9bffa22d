//! Terraform's numbers: binary floating point of 512 bits, printed with the fewest digits that tell them apart.
//!
//! cty keeps every number as Go's `big.Float` of 512 bits, rounded to the nearest even; that is why `0.1 + 0.2` prints as `0.3` and
//! `1 / 3` with 155 digits. The value is `mantissa · 2^exponent`.

use std::cmp::Ordering;

use num_bigint::BigUint;

use super::digits::Digits;

/// The bits of a mantissa.
pub(super) const BITS: u64 = 512;

/// The largest power of two or of ten that is worked with: some 30,000 decimal digits, where Terraform has no limit but memory.
const REACH: i64 = 100_000;

/// A number of Terraform.
#[derive(Clone, Debug)]
pub struct Number {
    negative: bool,
    /// Odd, or zero.
    mantissa: BigUint,
    exponent: i64,
}

impl Number {
    /// Zero.
    pub fn zero() -> Self {
        Number {
            negative: false,
            mantissa: BigUint::ZERO,
            exponent: 0,
        }
    }

    /// Reads a decimal number: `-1.5e3`. `None` where the text is none, or is out of reach.
    pub fn parse(text: &str) -> Option<Self> {
        let (negative, text) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (digits, power) = match text.split_once(['e', 'E']) {
            Some((digits, power)) => (digits, power.parse::<i64>().ok()?),
            None => (text, 0),
        };
        let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
        let all: String = whole.chars().chain(part.chars()).collect();
        if all.is_empty() || !all.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let power = power.checked_sub(i64::try_from(part.len()).ok()?)?;
        if power.abs() > REACH || all.len() > usize::try_from(REACH).unwrap_or_default() {
            return None;
        }
        let value = BigUint::parse_bytes(all.as_bytes(), 10)?;
        let ten = BigUint::from(10_u8).pow(u32::try_from(power.unsigned_abs()).ok()?);
        if power >= 0 {
            Some(Number::rounded(negative, value * ten, 0, false))
        } else {
            Number::ratio(negative, &value, &ten, 0)
        }
    }

    /// Reads an integer in a base from 2 to 62, as `parseint` does.
    pub fn parse_radix(text: &str, base: u32) -> Option<Self> {
        let (negative, text) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let mut value = BigUint::ZERO;
        if text.is_empty() || text.len() > usize::try_from(REACH).unwrap_or_default() {
            return None;
        }
        for letter in text.chars() {
            let digit = match letter {
                '0'..='9' => u32::from(letter) - u32::from('0'),
                'a'..='z' => u32::from(letter) - u32::from('a') + 10,
                'A'..='Z' if base <= 36 => u32::from(letter) - u32::from('A') + 10,
                'A'..='Z' => u32::from(letter) - u32::from('A') + 36,
                _ => return None,
            };
            if digit >= base {
                return None;
            }
            value = value * base + digit;
        }
        Some(Number::rounded(negative, value, 0, false))
    }

    /// A whole number.
    pub fn from_usize(value: usize) -> Self {
        Number::rounded(false, BigUint::from(value), 0, false)
    }

    /// The number that a float prints as; `None` for infinities.
    pub fn from_f64(value: f64) -> Option<Self> {
        value
            .is_finite()
            .then(|| Number::parse(&format!("{value:e}")))?
    }

    /// The nearest float.
    pub fn to_f64(&self) -> f64 {
        self.to_string().parse().unwrap_or(f64::NAN)
    }

    /// The number as an integer that fits, where it is one.
    pub fn to_i64(&self) -> Option<i64> {
        if !self.is_whole() {
            return None;
        }
        self.to_string()
            .parse()
            .ok()
            .or(self.is_zero().then_some(0))
    }

    /// The number as an index, where it is whole and not negative.
    pub fn to_usize(&self) -> Option<usize> {
        usize::try_from(self.to_i64()?).ok()
    }

    /// True for zero and negative zero.
    pub fn is_zero(&self) -> bool {
        self.mantissa == BigUint::ZERO
    }

    /// True below zero.
    pub fn is_negative(&self) -> bool {
        self.negative && !self.is_zero()
    }

    /// True without a fraction.
    pub fn is_whole(&self) -> bool {
        self.is_zero() || self.exponent >= 0
    }

    /// The number without its sign.
    #[must_use]
    pub fn abs(mut self) -> Self {
        self.negative = false;
        self
    }

    /// The sum.
    pub fn add(&self, other: &Number) -> Option<Self> {
        let exponent = match (self.is_zero(), other.is_zero()) {
            (true, _) if !other.is_zero() => return Some(other.clone()),
            (_, true) => return Some(self.clone()),
            _ => self.exponent.min(other.exponent),
        };
        let scaled = |number: &Number| Some(&number.mantissa << shift(number.exponent - exponent)?);
        let (left, right) = (scaled(self)?, scaled(other)?);
        let (negative, sum) = if self.negative == other.negative {
            (self.negative, left + right)
        } else if left >= right {
            (self.negative && left != right, left - right)
        } else {
            (other.negative, right - left)
        };
        Number::rounded(negative, sum, exponent, false).within()
    }

    /// The difference.
    pub fn sub(&self, other: &Number) -> Option<Self> {
        self.add(&other.negated())
    }

    /// The product.
    pub fn mul(&self, other: &Number) -> Option<Self> {
        let mantissa = &self.mantissa * &other.mantissa;
        let negative = self.negative != other.negative;
        Number::rounded(negative, mantissa, self.exponent + other.exponent, false).within()
    }

    /// The quotient; `None` for a division by zero.
    pub fn div(&self, other: &Number) -> Option<Self> {
        if other.is_zero() {
            return None;
        }
        let negative = self.negative != other.negative;
        let exponent = self.exponent - other.exponent;
        Number::ratio(negative, &self.mantissa, &other.mantissa, exponent)?.within()
    }

    /// What is left of a division that is cut towards zero; `None` for a division by zero.
    pub fn rem(&self, other: &Number) -> Option<Self> {
        let times = self.div(other)?.truncated();
        self.sub(&times.mul(other)?)
    }

    /// The number with the other sign.
    #[must_use]
    pub fn negated(&self) -> Self {
        Number {
            negative: !self.negative,
            ..self.clone()
        }
    }

    /// The number cut towards zero.
    #[must_use]
    pub fn truncated(&self) -> Self {
        if self.is_whole() {
            return self.clone();
        }
        let mantissa = &self.mantissa >> shift(-self.exponent).unwrap_or(u64::MAX);
        let negative = self.negative && mantissa != BigUint::ZERO;
        Number::rounded(negative, mantissa, 0, false)
    }

    /// The largest whole number that is not above.
    #[must_use]
    pub fn floor(&self) -> Self {
        if self.negative && !self.is_whole() {
            let up = self.truncated();
            return up.sub(&Number::from_usize(1)).unwrap_or(up);
        }
        self.truncated()
    }

    /// The smallest whole number that is not below.
    #[must_use]
    pub fn ceil(&self) -> Self {
        self.negated().floor().negated().plain_zero()
    }

    /// The digits of the exact value, for formats with a given precision.
    pub(super) fn exact_digits(&self) -> Digits {
        Digits::exact(&self.mantissa, self.exponent)
    }

    /// The fewest digits that tell the number from its neighbours.
    pub(super) fn digits(&self) -> Digits {
        if self.is_zero() {
            return Digits::exact(&self.mantissa, 0);
        }
        let wider = BITS + 1 - self.mantissa.bits();
        let exponent = self.exponent - i64::try_from(wider).unwrap_or(0);
        Digits::shortest(&(&self.mantissa << wider), exponent)
    }

    /// True with a minus sign, which zero may have too.
    pub(super) fn has_sign(&self) -> bool {
        self.negative
    }

    /// The digits of a whole number without its sign in another base.
    pub(super) fn radix(&self, base: u32) -> String {
        let whole = &self.mantissa << shift(self.exponent).unwrap_or(0);
        whole.to_str_radix(base)
    }

    fn plain_zero(mut self) -> Self {
        self.negative &= !self.is_zero();
        self
    }

    fn within(self) -> Option<Self> {
        (self.exponent.abs() < 4 * REACH).then_some(self)
    }

    /// `over / under · 2^exponent`, rounded.
    fn ratio(negative: bool, over: &BigUint, under: &BigUint, exponent: i64) -> Option<Self> {
        let extra = (BITS + 2 + under.bits()).saturating_sub(over.bits());
        let scaled = over << extra;
        let quotient = &scaled / under;
        let rest = &quotient * under != scaled;
        let exponent = exponent.checked_sub(i64::try_from(extra).ok()?)?;
        Some(Number::rounded(negative, quotient, exponent, rest))
    }

    /// Rounds to 512 bits, ties to even; `more` where the exact value is a little above.
    fn rounded(negative: bool, value: BigUint, exponent: i64, more: bool) -> Self {
        let (mut mantissa, mut exponent) = (value, exponent);
        let over = mantissa.bits().saturating_sub(BITS);
        if over > 0 {
            let half = mantissa.bit(over - 1);
            let below = more || mantissa.trailing_zeros().is_some_and(|at| at < over - 1);
            let odd = mantissa.bit(over);
            mantissa >>= over;
            exponent += i64::try_from(over).unwrap_or(0);
            if half && (below || odd) {
                mantissa += 1_u8;
            }
        }
        match mantissa.trailing_zeros() {
            Some(zeros) => {
                mantissa >>= zeros;
                exponent += i64::try_from(zeros).unwrap_or(0);
            }
            None => exponent = 0,
        }
        Number {
            negative,
            mantissa,
            exponent,
        }
    }
}

/// A shift to the left, where it is one and within reach.
fn shift(by: i64) -> Option<u64> {
    u64::try_from(by).ok().filter(|&by| by < 1 << 20)
}

impl std::fmt::Display for Number {
    /// The fewest digits, never with an exponent: what Terraform's conversion to a string gives.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sign = if self.negative { "-" } else { "" };
        write!(f, "{sign}{}", self.digits().plain())
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Number {}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.is_negative(), other.is_negative()) {
            (true, false) => return Ordering::Less,
            (false, true) => return Ordering::Greater,
            _ => {}
        }
        let size = self.size(other);
        if self.is_negative() {
            size.reverse()
        } else {
            size
        }
    }
}

impl Number {
    /// Compares without the signs.
    fn size(&self, other: &Number) -> Ordering {
        match (self.is_zero(), other.is_zero()) {
            (true, true) => return Ordering::Equal,
            (true, false) => return Ordering::Less,
            (false, true) => return Ordering::Greater,
            _ => {}
        }
        let top = |number: &Number| number.mantissa.bits().cast_signed() + number.exponent;
        top(self).cmp(&top(other)).then_with(|| {
            let exponent = self.exponent.min(other.exponent);
            let scaled = |number: &Number| {
                &number.mantissa << u64::try_from(number.exponent - exponent).unwrap_or(0)
            };
            scaled(self).cmp(&scaled(other))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Number {
        Number::parse(text).unwrap()
    }

    #[test]
    fn decimals_add_up_as_people_expect() {
        let sum = number("0.1").add(&number("0.2")).unwrap();
        assert_eq!(sum.to_string(), "0.3");
        assert_eq!(number("1e3").to_string(), "1000");
        assert_eq!(number("-0").to_string(), "-0");
        assert_eq!(number("-0"), number("0"));
        assert_eq!(number("1.50").to_string(), "1.5");
        assert_eq!(
            number("1.23456789012345678901234567890").to_string(),
            "1.2345678901234567890123456789"
        );
        assert_eq!(
            number("1").sub(&number("0.75")).unwrap().to_string(),
            "0.25"
        );
    }

    #[test]
    fn a_third_has_as_many_digits_as_in_terraform() {
        let third = number("1").div(&number("3")).unwrap().to_string();
        // 2^-513 is about 3.7e-155: the last digit tells the number from its neighbours.
        assert_eq!(third, format!("0.{}5", "3".repeat(154)));
        assert_eq!(number("1e400").to_string(), format!("1{}", "0".repeat(400)));
        assert!(number("1").div(&number("0")).is_none());
        assert!(Number::parse("1e999999999").is_none());
    }

    #[test]
    fn whole_numbers_round_both_ways() {
        assert_eq!(number("-5.5").floor().to_string(), "-6");
        assert_eq!(number("-5.5").ceil().to_string(), "-5");
        assert_eq!(number("5.5").ceil().to_string(), "6");
        assert_eq!(number("-0.5").ceil().to_string(), "0");
        assert_eq!(number("-7").rem(&number("3")).unwrap().to_string(), "-1");
        assert_eq!(number("12").to_usize(), Some(12));
        assert_eq!(number("1.5").to_i64(), None);
        assert!(number("-2") < number("1.5") && number("1e30") > number("2"));
        assert_eq!(Number::parse_radix("ff", 16), Some(number("255")));
        assert_eq!(Number::parse_radix("8", 8), None);
        assert_eq!(Number::from_f64(0.1).unwrap().to_string(), "0.1");
    }
}
