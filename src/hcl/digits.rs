//! Decimal digits of binary numbers, exact or as few as are needed, as Go's `math/big` prints them.

use num_bigint::BigUint;

/// `0.d1d2d3… · 10^point`; no digits for zero.
pub(super) struct Digits {
    digits: Vec<u8>,
    point: i64,
}

impl Digits {
    /// All digits of `mantissa · 2^exponent`.
    pub(super) fn exact(mantissa: &BigUint, exponent: i64) -> Self {
        let power = u32::try_from(exponent.unsigned_abs()).unwrap_or(u32::MAX);
        let (value, after) = if exponent >= 0 {
            (mantissa << power, 0)
        } else {
            (mantissa * BigUint::from(5_u8).pow(power), i64::from(power))
        };
        let text = value.to_string().into_bytes();
        let point = i64::try_from(text.len()).unwrap_or(i64::MAX) - after;
        Digits {
            digits: text,
            point,
        }
        .trimmed()
    }

    /// The fewest digits that round to `mantissa · 2^exponent`, whose last bit is half a unit of its precision.
    ///
    /// Go's `roundShortest`: digits are kept until they tell the number from the middle to its neighbours.
    pub(super) fn shortest(mantissa: &BigUint, exponent: i64) -> Self {
        let mut exact = Digits::exact(mantissa, exponent);
        let lower = Digits::exact(&(mantissa - 1_u8), exponent);
        let upper = Digits::exact(&(mantissa + 1_u8), exponent);
        // The neighbours may have another number of digits before the point: align them.
        let digit = |of: &Digits, at: usize| {
            let at = i64::try_from(at).unwrap_or(i64::MAX) + of.point - exact.point;
            usize::try_from(at)
                .ok()
                .and_then(|at| of.digits.get(at).copied())
                .unwrap_or(b'0')
        };
        let inclusive = !mantissa.bit(1);
        for at in 0..exact.digits.len() {
            let own = exact.digits.get(at).copied().unwrap_or(b'0');
            let (low, up) = (digit(&lower, at), digit(&upper, at));
            let down = low != own || inclusive && at + 1 == lower.digits.len();
            let over = own != up && (inclusive || own + 1 < up || at + 1 < upper.digits.len());
            match (down, over) {
                (true, true) => exact.round(at + 1),
                (true, false) => exact.cut(at + 1),
                (false, true) => exact.round_up(at + 1),
                (false, false) => continue,
            }
            break;
        }
        exact
    }

    /// Rounds to so many digits, ties to even.
    fn round(&mut self, keep: usize) {
        let Some(&next) = self.digits.get(keep) else {
            return;
        };
        let tie = next == b'5' && keep + 1 == self.digits.len();
        let odd = keep
            .checked_sub(1)
            .and_then(|last| self.digits.get(last))
            .is_some_and(|digit| digit % 2 == 1);
        if if tie { odd } else { next >= b'5' } {
            self.round_up(keep);
        } else {
            self.cut(keep);
        }
    }

    fn cut(&mut self, keep: usize) {
        self.digits.truncate(keep);
        *self = Digits {
            digits: std::mem::take(&mut self.digits),
            point: self.point,
        }
        .trimmed();
    }

    fn round_up(&mut self, keep: usize) {
        if keep >= self.digits.len() {
            return;
        }
        self.digits.truncate(keep);
        while self.digits.last() == Some(&b'9') {
            self.digits.pop();
        }
        if let Some(last) = self.digits.last_mut() {
            *last += 1;
        } else {
            self.digits.push(b'1');
            self.point += 1;
        }
    }

    fn trimmed(mut self) -> Self {
        while self.digits.last() == Some(&b'0') {
            self.digits.pop();
        }
        if self.digits.is_empty() {
            self.point = 0;
        }
        self
    }

    /// The digit at a place counted from the first one; zero outside.
    fn digit(&self, at: i64) -> char {
        let digit = usize::try_from(at).ok().and_then(|at| self.digits.get(at));
        digit.map_or('0', |&digit| char::from(digit))
    }

    fn range(&self, from: i64, to: i64) -> String {
        (from..to).map(|at| self.digit(at)).collect()
    }

    fn whole(&self) -> String {
        if self.point <= 0 {
            return "0".to_owned();
        }
        self.range(0, self.point)
    }

    fn count(&self) -> i64 {
        i64::try_from(self.digits.len()).unwrap_or(i64::MAX)
    }

    /// Without an exponent, with as many digits as there are.
    pub(super) fn plain(&self) -> String {
        if self.count() <= self.point {
            return self.whole();
        }
        let part = self.range(self.point, self.count());
        format!("{}.{part}", self.whole())
    }

    /// With so many digits after the point: `%.2f`.
    pub(super) fn fixed(mut self, after: usize) -> String {
        let after = i64::try_from(after).unwrap_or(i64::MAX);
        if let Ok(keep) = usize::try_from(self.point + after) {
            self.round(keep);
        } else {
            self.digits.clear();
            self.point = 0;
        }
        if after == 0 {
            return self.whole();
        }
        let part = self.range(self.point, self.point + after);
        format!("{}.{part}", self.whole())
    }

    /// With an exponent, and with so many digits after the point or as many as there are: `%.2e`.
    pub(super) fn scientific(mut self, after: Option<usize>) -> String {
        if let Some(after) = after {
            self.round(after + 1);
        }
        let after = after.map_or(self.count() - 1, |after| i64::try_from(after).unwrap_or(0));
        let part = self.range(1, 1 + after);
        let dot = if part.is_empty() { "" } else { "." };
        let power = if self.digits.is_empty() {
            0
        } else {
            self.point - 1
        };
        let sign = if power < 0 { '-' } else { '+' };
        format!("{}{dot}{part}e{sign}{:02}", self.digit(0), power.abs())
    }

    /// The shorter of the two forms: `%g`.
    pub(super) fn general(mut self, digits: Option<usize>) -> String {
        let mut limit = 6;
        if let Some(digits) = digits {
            let digits = digits.max(1);
            self.round(digits);
            limit = i64::try_from(digits).unwrap_or(i64::MAX);
            if limit > self.count() && self.count() >= self.point {
                limit = self.count();
            }
        }
        let power = self.point - 1;
        if !self.digits.is_empty() && (power < -4 || power >= limit) {
            self.scientific(None)
        } else {
            self.plain()
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::hcl::number::Number;

    #[test]
    fn forms_are_those_of_go() {
        let number = |text: &str| Number::parse(text).unwrap();
        assert_eq!(number("3.14159").exact_digits().fixed(2), "3.14");
        assert_eq!(number("0.5").exact_digits().fixed(0), "0");
        assert_eq!(number("1.5").exact_digits().fixed(0), "2");
        assert_eq!(number("9.99").exact_digits().fixed(1), "10.0");
        assert_eq!(number("0.004").exact_digits().fixed(2), "0.00");
        assert_eq!(number("0.996").exact_digits().fixed(2), "1.00");
        assert_eq!(
            number("12345.678").exact_digits().scientific(Some(6)),
            "1.234568e+04"
        );
        assert_eq!(number("1e10").digits().general(None), "1e+10");
        assert_eq!(number("100000").digits().general(None), "100000");
        assert_eq!(number("0.00001").digits().general(None), "1e-05");
        assert_eq!(number("0").digits().general(None), "0");
        assert_eq!(number("0").digits().plain(), "0");
        assert_eq!(number("0.05").digits().plain(), "0.05");
    }
}
