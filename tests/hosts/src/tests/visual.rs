//! Every surface looks as it did: pictures of each in each engine, compared with those in `tests/pictures/<engine>`.
//!
//! A picture is of a frame of the page (so that a phone is one in every engine), in fixed fonts that the setup installs, scaled down to a
//! quarter by averaging: what a machine's own smoothing of letters changes is mostly gone then, what a reader would see is not. Stated
//! tolerance: the channels differ by at most [`MEAN`] of 255 on average, and at most [`SHARE`] of the pixels by more than [`FAR`].
//! `cargo xtask baselines` makes the pictures anew: look at them before they are committed. What was seen of a test that fails is in
//! `target/pictures/<engine>`.

use super::tests;
use crate::engine::ALL;
use crate::page::{Page, seed_with_all};
use crate::reader::{AT_REST, Reader};
use anyhow::{Context as _, Result, bail};
use serde_json::Value;
use std::io::Cursor;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

tests! {
    looks_as_before_overlay: ALL, Ordinary;
    looks_as_before_inline: ALL, Ordinary;
    looks_as_before_notice: ALL, Ordinary;
    looks_as_before_newsletter: ALL, Ordinary;
    looks_as_before_register: ALL, Ordinary;
}

/// Whether the pictures are made anew instead of compared.
pub(crate) static MAKE_ANEW: AtomicBool = AtomicBool::new(false);

/// How much the channels may differ on average, of 255.
const MEAN: f64 = 1.5;
/// What share of the pixels may differ by more than [`FAR`].
const SHARE: f64 = 0.01;
/// How much a channel of such a pixel may differ, of 255.
const FAR: u8 = 40;
/// How many pixels of the screen make one of the picture, in each direction.
const SCALE: usize = 4;

/// One way to look at a surface: its name, the frame's size, attributes of its page, and its scheme.
type Look = (&'static str, [usize; 2], &'static str, &'static str);

const LOOKS: [Look; 6] = [
    ("phone-light", [388, 720], "lang=\"en\"", "light"),
    ("phone-dark", [388, 720], "lang=\"en\"", "dark"),
    ("phone-rtl", [388, 720], "lang=\"ar\" dir=\"rtl\"", "light"),
    ("phone-german", [320, 720], "lang=\"de\"", "light"),
    ("desktop-light", [1000, 680], "lang=\"en\"", "light"),
    ("desktop-dark", [1000, 680], "lang=\"en\"", "dark"),
];

async fn looks_as_before_overlay(reader: &mut Reader) -> Result<()> {
    all_looks(reader, "overlay").await
}

async fn looks_as_before_inline(reader: &mut Reader) -> Result<()> {
    all_looks(reader, "inline").await
}

async fn looks_as_before_notice(reader: &mut Reader) -> Result<()> {
    all_looks(reader, "notice").await
}

async fn looks_as_before_newsletter(reader: &mut Reader) -> Result<()> {
    all_looks(reader, "newsletter").await
}

async fn looks_as_before_register(reader: &mut Reader) -> Result<()> {
    all_looks(reader, "register").await
}

async fn all_looks(reader: &mut Reader, surface: &str) -> Result<()> {
    let mut differences = Vec::new();
    for look in LOOKS {
        let name = format!("{surface}-{}.png", look.0);
        let seen = picture(reader, surface, look).await.with_context(|| name.clone())?;
        let file = crate::root().join("tests/pictures").join(reader.engine.to_string()).join(&name);
        if MAKE_ANEW.load(Ordering::Relaxed) {
            seen.write(&file)?;
        } else if let Err(difference) = Picture::read(&file).and_then(|before| before.compare(&seen)) {
            seen.write(&crate::root().join("target/pictures").join(reader.engine.to_string()).join(&name))?;
            differences.push(format!("{name}: {difference:#}"));
        }
    }
    if differences.is_empty() { Ok(()) } else { bail!("{}", differences.join("\n")) }
}

/// Shows a surface in a frame and takes its picture.
async fn picture(
    reader: &mut Reader,
    surface: &str,
    (_, [width, height], html, scheme): Look,
) -> Result<Picture> {
    let tag = seed_with_all(&[
        ("data-preview", surface),
        ("data-allow-frame", ""),
        ("data-limit", "4"),
        ("data-newsletter-url", "/letters"),
        ("data-register-url", "/register"),
    ]);
    let style = format!(
        "<style>:root {{ color-scheme: {scheme}; background: Canvas; color: CanvasText; scrollbar-width: none; \
         --tollgate-serif: 'Liberation Serif', 'DejaVu Serif'; --tollgate-sans: 'Liberation Sans', 'DejaVu Sans' }} \
         body {{ font: 16px/1.5 'Liberation Serif'; margin: 0 auto; max-width: 36em; padding: 8px }} \
         ::-webkit-scrollbar {{ display: none }}</style>"
    );
    reader.site.page(Page::article("first").no_style().before_tag(&style).html_attributes(html).tag(&tag));
    let frame = format!(
        "<iframe src=\"/story/first\" style=\"position: fixed; top: 0; left: 0; z-index: 9; border: 0; width: {width}px; height: {height}px\"></iframe>"
    );
    reader.site.page(Page::plain("/frame").body(&frame));
    reader.window_of(1100, 900).await?;
    reader.open("/frame").await?;
    reader.enter_frame().await?;
    let shown = if ["inline", "notice"].contains(&surface) { surface } else { "overlay" };
    let there = format!(
        "witness.hosts('{shown}').length === 1 && ({shown:?} !== 'overlay' || witness.overlayOpen())"
    );
    reader.wait_for("the surface shows", &there).await?;
    if surface == "inline" {
        reader
            .js::<Value>(
                "witness.hosts('inline')[0].scrollIntoView({ block: 'center', behavior: 'instant' })",
            )
            .await?;
    }
    reader.wait_for("nothing moves", AT_REST).await?;
    reader.wait_for("the letters are there", "document.fonts.status === 'loaded'").await?;
    reader
        .promised("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => done(true), 50))))")
        .await?;
    reader.leave_frame().await?;
    Picture::of_screen(&reader.screenshot().await?, width, height)
}

/// A small picture: three channels a pixel.
struct Picture {
    width: usize,
    height: usize,
    channels: Vec<u8>,
}

impl Picture {
    /// The top left part of a screenshot, scaled down.
    fn of_screen(png: &[u8], width: usize, height: usize) -> Result<Picture> {
        let screen = decode(png)?;
        if screen.width < width || screen.height < height {
            bail!("the window shows only {} by {}", screen.width, screen.height);
        }
        let (columns, rows) = (width / SCALE, height / SCALE);
        let mut channels = Vec::with_capacity(columns * rows * 3);
        for row in 0..rows {
            for column in 0..columns {
                for channel in 0..3 {
                    let mut sum = 0;
                    for y in row * SCALE..(row + 1) * SCALE {
                        for x in column * SCALE..(column + 1) * SCALE {
                            let at = (y * screen.width + x) * 3 + channel;
                            sum += usize::from(screen.channels.get(at).copied().unwrap_or_default());
                        }
                    }
                    channels.push(u8::try_from(sum / (SCALE * SCALE)).unwrap_or(u8::MAX));
                }
            }
        }
        Ok(Picture { width: columns, height: rows, channels })
    }

    fn read(file: &Path) -> Result<Picture> {
        let bytes = std::fs::read(file)
            .with_context(|| format!("no {}: cargo xtask baselines makes it", file.display()))?;
        decode(&bytes)
    }

    fn write(&self, file: &Path) -> Result<()> {
        std::fs::create_dir_all(file.parent().context("a folder")?)?;
        let mut bytes = Vec::new();
        let mut encoder =
            png::Encoder::new(&mut bytes, u32::try_from(self.width)?, u32::try_from(self.height)?);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_compression(png::Compression::High);
        encoder.write_header()?.write_image_data(&self.channels)?;
        std::fs::write(file, bytes).with_context(|| format!("cannot write {}", file.display()))
    }

    fn compare(&self, other: &Picture) -> Result<()> {
        if (self.width, self.height) != (other.width, other.height) {
            bail!("{} by {} before, {} by {} now", self.width, self.height, other.width, other.height);
        }
        let mut sum = 0.0;
        let mut far = 0_usize;
        for (before, now) in self.channels.chunks(3).zip(other.channels.chunks(3)) {
            let most = before.iter().zip(now).map(|(one, two)| one.abs_diff(*two)).max().unwrap_or_default();
            far += usize::from(most > FAR);
            sum += before.iter().zip(now).map(|(one, two)| f64::from(one.abs_diff(*two))).sum::<f64>();
        }
        let mean = sum / self.channels.len() as f64;
        let share = far as f64 / (self.width * self.height) as f64;
        if mean > MEAN || share > SHARE {
            bail!(
                "differs by {mean:.2} of 255 on average (at most {MEAN}), {:.2} % of it by far (at most {} %)",
                share * 100.0,
                SHARE * 100.0
            );
        }
        Ok(())
    }
}

/// A picture without what may be see-through in it.
fn decode(bytes: &[u8]) -> Result<Picture> {
    let mut decoder = png::Decoder::new(Cursor::new(bytes));
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    let mut reader = decoder.read_info()?;
    let mut data = vec![0; reader.output_buffer_size().context("a picture that fits")?];
    let info = reader.next_frame(&mut data)?;
    let step = info.color_type.samples();
    let channels = data.chunks(step).flat_map(|pixel| match pixel {
        [r, g, b, ..] => [*r, *g, *b],
        [grey, ..] => [*grey; 3],
        [] => [0; 3],
    });
    let (width, height) = (info.width as usize, info.height as usize);
    Ok(Picture { width, height, channels: channels.take(width * height * 3).collect() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grey(tone: u8) -> Picture {
        Picture { width: 10, height: 10, channels: vec![tone; 300] }
    }

    #[test]
    fn a_picture_may_differ_a_little_and_not_by_far() {
        assert!(grey(100).compare(&grey(101)).is_ok());
        assert!(grey(100).compare(&grey(102)).is_err(), "all of it, by two");
        let mut spot = grey(100);
        spot.channels[..3].fill(200);
        assert!(grey(100).compare(&spot).is_ok(), "one pixel of a hundred");
        spot.channels[..6].fill(200);
        assert!(grey(100).compare(&spot).is_err(), "two of a hundred");
        let small = Picture { width: 5, height: 20, channels: vec![100; 300] };
        assert!(grey(100).compare(&small).is_err(), "another shape");
    }
}
