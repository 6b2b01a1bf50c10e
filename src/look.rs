//! The look a publisher may choose: theme and accent, checked so that no style of theirs breaks ours.

use crate::text::scan::{digits, push_hexadecimal, trim};

/// Light or dark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// As the host page's own `color-scheme` says.
    #[default]
    Auto,
    /// Always light.
    Light,
    /// Always dark.
    Dark,
}

/// How the gate is set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Style {
    /// As a newspaper: headings and benefits in a serif.
    #[default]
    Journal,
    /// As an application: one sans-serif, round corners.
    Plain,
}

/// How a plan is taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PlanStyle {
    /// One is chosen, and one button takes it.
    #[default]
    Choice,
    /// Each has a button of its own.
    Buttons,
}

/// An opaque colour: red, green, blue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colour([u8; 3]);

impl Colour {
    /// Reads `#rgb` or `#rrggbb`, and nothing else: no name, no function, no second declaration (SEC-04).
    #[must_use]
    pub fn parse(text: &str) -> Option<Colour> {
        let code = trim(text).strip_prefix("#")?;
        let mut value = digits(code, 16)?;
        match code.len() {
            // Each digit stands for two.
            3 => value = ((value & 0xf00) << 8 | (value & 0xf0) << 4 | value & 0xf).wrapping_mul(0x11),
            6 => {}
            _ => return None,
        }
        let [_, r, g, b] = value.to_be_bytes();
        Some(Colour([r, g, b]))
    }

    /// The colour as CSS: `#rrggbb`.
    #[must_use]
    pub fn css(self) -> String {
        let mut css = String::from("#");
        let [r, g, b] = self.0;
        push_hexadecimal(&mut css, r);
        push_hexadecimal(&mut css, g);
        push_hexadecimal(&mut css, b);
        css.make_ascii_lowercase();
        css
    }

    /// The colour of a label on this one, black or white, whichever contrasts more: never below 4.5:1 (WCAG 2.2, 1.4.3).
    #[must_use]
    pub fn label(self) -> &'static str {
        // White and black contrast equally at the luminance 0.179, with 4.58:1.
        if self.luminance() > 0.179 { "#000" } else { "#fff" }
    }

    /// Relative luminance, 0 to 1 (WCAG 2.2). The power of 2.4 is replaced by a cubic whose error, below 0.003, moves no
    /// label under 4.5:1 (the test tries all), because `powf` costs more bytes than this file.
    fn luminance(self) -> f32 {
        #[inline(never)]
        fn linear(part: u8) -> f32 {
            let part = f32::from(part) / 255.0;
            part * (part * (part * 0.305_306 + 0.682_171) + 0.012_523)
        }
        let [r, g, b] = self.0;
        0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn sec_04_colours_are_hexadecimal_and_nothing_else() {
        assert_eq!(Colour::parse("#0B5").map(Colour::css).as_deref(), Some("#00bb55"));
        assert_eq!(Colour::parse(" #0b5d5e ").map(Colour::css).as_deref(), Some("#0b5d5e"));
        for bad in [
            "",
            "#",
            "red",
            "#12",
            "#12345",
            "#ggg",
            "#fff;} *{display:none",
            "url(//evil)",
            "rgb(0,0,0)",
            "#０００",
        ] {
            assert_eq!(Colour::parse(bad), None, "{bad}");
        }
    }

    fn contrast(colour: Colour, label: &str) -> f64 {
        let exact = |part: u8| {
            let part = f64::from(part) / 255.0;
            if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        };
        let [r, g, b] = colour.0.map(exact);
        let luminance = 0.2126 * r + 0.7152 * g + 0.0722 * b;
        if label == "#fff" { 1.05 / (luminance + 0.05) } else { (luminance + 0.05) / 0.05 }
    }

    #[test]
    fn a_label_on_any_accent_contrasts_by_4_5() {
        for r in 0..=255 {
            for g in 0..=255 {
                for b in (0..=255).step_by(5) {
                    let colour = Colour([r, g, b]);
                    assert!(contrast(colour, colour.label()) >= 4.5, "{}", colour.css());
                }
            }
        }
    }

    proptest! {
        #[test]
        fn what_is_read_is_written_back(r: u8, g: u8, b: u8) {
            let colour = Colour([r, g, b]);
            prop_assert_eq!(Colour::parse(&colour.css()), Some(colour));
        }

        #[test]
        fn no_text_panics(text in ".{0,12}|#[0-9a-g]{0,7}") {
            let _ = Colour::parse(&text);
        }
    }
}
