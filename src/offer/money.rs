//! Money in exact decimal arithmetic: a whole number of a currency's smallest units. No floating point anywhere.

use crate::text::scan::{is_one_of, join, trim};
use crate::text::{in_base, number};

/// A currency: its ISO 4217 code, three capital letters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Currency(String);

impl Currency {
    /// The currency where none is set.
    #[must_use]
    pub fn dollar() -> Currency {
        Currency("USD".to_owned())
    }

    /// The currency of this code, in either case; `None` where it is not three ASCII letters.
    #[must_use]
    pub fn parse(code: &str) -> Option<Currency> {
        let code = trim(code);
        let mut rest = code.as_bytes();
        while let [letter, after @ ..] = rest {
            if !letter.is_ascii_alphabetic() {
                return None;
            }
            rest = after;
        }
        if code.len() != 3 {
            return None;
        }
        let mut code = code.to_owned();
        code.make_ascii_uppercase();
        Some(Currency(code))
    }

    /// The ISO 4217 code.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.0
    }

    /// How many decimals its amounts have.
    #[must_use]
    pub fn decimals(&self) -> u8 {
        // Those whose smallest unit is not a hundredth (ISO 4217, table A.1).
        if is_one_of(&self.0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF") {
            0
        } else if is_one_of(&self.0, "BHD IQD JOD KWD LYD OMR TND") {
            3
        } else if is_one_of(&self.0, "CLF UYW") {
            4
        } else {
            2
        }
    }
}

/// A sum of money in a currency's smallest units (cents, yen, fils). Which currency it is, its owner knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Amount(i64);

/// Why a text is not an amount of a currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AmountError {
    /// Not plain digits with at most one point.
    NotANumber,
    /// More decimals than the currency has.
    TooManyDecimals,
    /// A billion or more.
    TooLarge,
}

impl Amount {
    /// Reads plain decimal digits: `19.90`, `19.9`, `19`.
    ///
    /// # Errors
    /// Anything else, more decimals than `decimals` (zeros aside), and a billion or more.
    pub fn parse(text: &str, decimals: u8) -> Result<Amount, AmountError> {
        let mut value = 0_i64;
        // How many decimals are still to come.
        let mut left = decimals;
        let mut in_decimals = false;
        let mut digit_before = false;
        let mut error = None;
        let mut rest = text.as_bytes();
        while let [byte, after @ ..] = rest {
            rest = after;
            if *byte == b'.' && digit_before && !in_decimals {
                in_decimals = true;
                digit_before = false;
                continue;
            }
            if !byte.is_ascii_digit() {
                return Err(AmountError::NotANumber);
            }
            digit_before = true;
            let digit = byte.wrapping_sub(b'0');
            if in_decimals {
                if left == 0 {
                    if digit > 0 {
                        error = Some(AmountError::TooManyDecimals);
                    }
                    continue;
                }
                left = left.wrapping_sub(1);
            }
            // What does not fit is too large already.
            value = value.wrapping_mul(10).wrapping_add(i64::from(digit));
            if !in_decimals && value > 999_999_999 {
                error = Some(AmountError::TooLarge);
            }
        }
        if !digit_before {
            return Err(AmountError::NotANumber);
        }
        if let Some(error) = error {
            return Err(error);
        }
        while left > 0 {
            value = value.wrapping_mul(10);
            left = left.wrapping_sub(1);
        }
        Ok(Amount(value))
    }

    /// This amount `times` over; `times` is at most the months of 999 years, so that the sum fits.
    #[must_use]
    pub fn times(self, times: u32) -> Amount {
        Amount(self.0.wrapping_mul(i64::from(times)))
    }

    /// One of so many equal parts, rounded up; `parts` is not 0.
    #[must_use]
    pub fn part(self, parts: u32) -> Amount {
        let parts = i64::from(parts);
        Amount(self.0.saturating_add(parts.wrapping_sub(1)).checked_div(parts).unwrap_or(self.0))
    }

    /// What is left of this amount after `other`, if anything is.
    #[must_use]
    pub fn beyond(self, other: Amount) -> Option<Amount> {
        let rest = self.0.saturating_sub(other.0);
        (rest > 0).then_some(Amount(rest))
    }

    /// The amount in plain decimal digits with all the currency's decimals, as `Intl` reads it exactly: `19.90`.
    #[must_use]
    pub fn plain(self, decimals: u8) -> String {
        if decimals == 0 {
            return number(self.0);
        }
        let mut unit = 1_u64;
        for _ in 0..decimals {
            unit = unit.wrapping_mul(10);
        }
        let units = self.0.unsigned_abs();
        let whole = units.checked_div(unit).unwrap_or(0);
        // A one before the decimals keeps their zeros.
        let decimals = in_base(units.wrapping_sub(whole.wrapping_mul(unit)).wrapping_add(unit), 10);
        join(&[&in_base(whole, 10), ".", decimals.get(1..).unwrap_or("")])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn currencies_have_their_own_number_of_decimals() {
        let decimals = |code| Currency::parse(code).map(|currency| currency.decimals());
        assert_eq!(decimals("USD"), Some(2));
        assert_eq!(decimals("jpy"), Some(0));
        assert_eq!(decimals(" KWD "), Some(3));
        assert_eq!(decimals("CLF"), Some(4));
        for bad in ["", "US", "USDX", "U$D", "ÜSD"] {
            assert_eq!(Currency::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn amounts_are_exact() {
        let plain = |text, decimals| Amount::parse(text, decimals).map(|amount| amount.plain(decimals));
        assert_eq!(plain("2.90", 2), Ok("2.90".into()));
        assert_eq!(plain("2.9", 2), Ok("2.90".into()));
        assert_eq!(plain("0.05", 2), Ok("0.05".into()));
        assert_eq!(plain("19", 2), Ok("19.00".into()));
        assert_eq!(plain("1200", 0), Ok("1200".into()));
        assert_eq!(plain("1200.00", 0), Ok("1200".into()));
        assert_eq!(plain("1.250", 3), Ok("1.250".into()));
        assert_eq!(plain("0", 2), Ok("0.00".into()));
        for bad in ["", ".", ".5", "5.", "2,90", "-1", "+1", "1e3", " 1", "1.2.3", "٣", "NaN"] {
            assert_eq!(plain(bad, 2), Err(AmountError::NotANumber), "{bad}");
        }
        assert_eq!(plain("1.999", 2), Err(AmountError::TooManyDecimals));
        assert_eq!(plain("1200.5", 0), Err(AmountError::TooManyDecimals));
        assert_eq!(plain("1000000000", 2), Err(AmountError::TooLarge));
        assert_eq!(plain("999999999.9999", 4), Ok("999999999.9999".into()));
    }

    #[test]
    fn twelve_times_290_less_1990_is_1490() {
        let amount = |text| Amount::parse(text, 2).expect("an amount");
        let saving = amount("2.90").times(12).beyond(amount("19.90"));
        assert_eq!(saving.map(|saving| saving.plain(2)).as_deref(), Some("14.90"));
        assert_eq!(amount("1.00").beyond(amount("1.00")), None);
    }

    proptest! {
        #[test]
        fn an_amount_is_read_back_from_its_plain_digits(units in 0..999_999_999_i64, decimals in 0..5_u8) {
            let amount = Amount(units);
            prop_assert_eq!(Amount::parse(&amount.plain(decimals), decimals), Ok(amount));
        }

        #[test]
        fn a_saving_and_its_price_make_the_whole(a in 0..9_999_999_i64, b in 0..9_999_999_i64, times in 1..400_u32) {
            let whole = Amount(a).times(times);
            match whole.beyond(Amount(b)) {
                Some(Amount(saving)) => prop_assert_eq!(saving + b, a * i64::from(times)),
                None => prop_assert!(b >= a * i64::from(times)),
            }
        }

        #[test]
        fn no_text_panics(text in ".{0,30}", decimals in 0..5_u8) {
            let _ = Amount::parse(&text, decimals);
        }
    }
}
