//! The page, parsed as a browser parses it (html5ever), with what its tag, its head and its scripts say.

use super::report::{Report, Topic};
use super::served::Source;
use crate::Failure;
use encoding_rs::{Encoding, WINDOWS_1252};
use scraper::{ElementRef, Html, Selector};
use url::Url;

/// How far into a page its charset is looked for, in bytes (HTML, 'prescan').
const PRESCAN: usize = 1024;

/// The page.
pub(super) struct Page {
    document: Html,
    /// Where it stands.
    pub(super) address: Url,
    /// Whether that is known, or made up for a file.
    pub(super) is_known: bool,
    /// What its links are relative to.
    pub(super) base: Url,
    /// The policies of its answer's header.
    pub(super) policies: Vec<String>,
}

/// The script tag.
#[derive(Clone, Debug, Default)]
pub(super) struct Tag {
    /// Its attributes, by their names in lower case.
    pub(super) attributes: Vec<(String, String)>,
    /// Its `src` as it is written.
    pub(super) src: String,
    /// The same, absolute.
    pub(super) address: Option<Url>,
}

impl Tag {
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

impl Page {
    /// Parses it.
    ///
    /// # Errors
    /// If it is no page.
    pub(super) fn read(source: &Source) -> Result<Page, Failure> {
        let answer = source.page();
        if let Some(kind) = &answer.kind
            && !kind.to_ascii_lowercase().contains("html")
        {
            return Err(format!("{}: no page, but {kind:?}", source.name()));
        }
        let document = Html::parse_document(&decoded(&answer.bytes, answer.kind.as_deref()));
        let mut page = Page {
            document,
            address: source.address.clone(),
            is_known: source.is_known,
            base: source.address.clone(),
            policies: answer.header("content-security-policy").map(str::to_owned).collect(),
        };
        if let Some(base) = page.first("base[href]").and_then(|base| page.base.join(base.attr("href")?).ok())
        {
            page.base = base;
        }
        Ok(page)
    }

    /// The elements of a selector; `None` where it is none.
    pub(super) fn all(&self, selector: &str) -> Option<Vec<ElementRef<'_>>> {
        Selector::parse(selector).ok().map(|selector| self.document.select(&selector).collect())
    }

    pub(super) fn first(&self, selector: &str) -> Option<ElementRef<'_>> {
        self.all(selector)?.into_iter().next()
    }

    pub(super) fn has(&self, selector: &str) -> bool {
        self.first(selector).is_some()
    }

    /// The `content` of each `<meta>` of this name or property.
    pub(super) fn meta(&self, name: &str) -> Vec<&str> {
        let selector = format!("meta[property=\"{name}\"],meta[name=\"{name}\"]");
        self.all(&selector).unwrap_or_default().iter().filter_map(|meta| meta.attr("content")).collect()
    }

    /// The texts of the scripts that hold JSON.
    pub(super) fn scripts(&self, selector: &str) -> Vec<String> {
        let scripts = self.all(&format!("script{selector}")).unwrap_or_default();
        scripts.iter().map(|script| script.text().collect()).collect()
    }

    /// Whether the first script of settings stands behind the tag.
    pub(super) fn has_settings_behind_the_tag(&self) -> bool {
        let scripts = self.all("script").unwrap_or_default();
        let place = |is: &dyn Fn(&ElementRef<'_>) -> bool| scripts.iter().position(is);
        let tag = place(&|script| script.attr("src").is_some_and(is_ours));
        let settings = place(&|script| script.attr("data-tollgate-config").is_some());
        matches!((tag, settings), (Some(tag), Some(settings)) if tag < settings)
    }

    /// The page's language.
    pub(super) fn language(&self) -> &str {
        self.first("html[lang]").and_then(|html| html.attr("lang")).unwrap_or("")
    }

    /// The policies of the head's own `<meta>` elements.
    pub(super) fn own_policies(&self) -> Vec<&str> {
        let metas = self.all("head meta[http-equiv]").unwrap_or_default();
        metas
            .iter()
            .filter(|meta| {
                meta.attr("http-equiv")
                    .is_some_and(|name| name.eq_ignore_ascii_case("content-security-policy"))
            })
            .filter_map(|meta| meta.attr("content"))
            .collect()
    }

    /// Finds the tag, and says what is wrong with how it stands.
    pub(super) fn tag(&self, report: &mut Report) -> Option<Tag> {
        let scripts = self.all("script[src]").unwrap_or_default();
        let tags: Vec<&ElementRef<'_>> =
            scripts.iter().filter(|script| script.attr("src").is_some_and(is_ours)).collect();
        let Some(found) = tags.first() else {
            report.wrong(
                Topic::Tag,
                "no script whose file is called tollgate….js",
                "Put the tag into the page: <script async src=\"/tollgate.js\" …>. Is it added by a script, or bundled? Then it can't be seen here.",
            );
            return None;
        };
        if tags.len() > 1 {
            report.wrong(
                Topic::Tag,
                format!("{} tags", tags.len()),
                "The first that runs is taken, and its settings alone. Leave one.",
            );
        }
        let src = found.attr("src").unwrap_or("").trim().to_owned();
        let attributes =
            found.value().attrs().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let tag = Tag { attributes, address: self.base.join(&src).ok(), src };
        report.fine(Topic::Tag, format!("src=\"{}\"", tag.src));
        if tag.address.is_none() {
            report.wrong(Topic::Tag, format!("src=\"{}\" is no address", tag.src), "");
        }
        let kind = tag.attribute("type").unwrap_or("").trim().to_ascii_lowercase();
        if !matches!(kind.as_str(), "" | "module" | "text/javascript" | "application/javascript") {
            report.wrong(
                Topic::Tag,
                format!("type=\"{kind}\": the browser does not run it"),
                "Leave the type out. (Consent managers write such types, and change them when the reader consents.)",
            );
        }
        let waits = ["async", "defer"].iter().any(|name| tag.attribute(name).is_some()) || kind == "module";
        if !waits
            && tag.attribute("data-hold").is_none()
            && found
                .ancestors()
                .any(|node| node.value().as_element().is_some_and(|element| element.name() == "head"))
        {
            report.note(
                Topic::Tag,
                "in <head> without async: the page waits for it",
                "Add async; or data-hold, if no reader should see the text before it is decided.",
            );
        }
        let is_elsewhere =
            tag.address.as_ref().is_some_and(|address| address.origin() != self.address.origin());
        if is_elsewhere && tag.attribute("integrity").is_some() && tag.attribute("crossorigin").is_none() {
            report.wrong(
                Topic::Tag,
                "integrity without crossorigin, from another origin: the browser refuses the script",
                "Add crossorigin=\"anonymous\", and let the other origin answer Access-Control-Allow-Origin.",
            );
        }
        Some(tag)
    }
}

/// Whether a script is Tollgate's, by its file's name.
pub(super) fn is_ours(src: &str) -> bool {
    let path = src.split(['?', '#']).next().unwrap_or("");
    let file = path.rsplit('/').next().unwrap_or("").trim();
    file.starts_with("tollgate") && file.ends_with(".js")
}

/// A page's bytes as text: by its byte order mark, its header, its own `<meta>`, else as browsers read old pages (HTML, 'determining the
/// character encoding').
fn decoded(bytes: &[u8], kind: Option<&str>) -> String {
    let label = |text: &str| {
        let (_, rest) = text.split_once("charset=")?;
        let rest = rest.trim_start_matches(['"', '\'']);
        let end = rest.find(['"', '\'', ';', ' ', '>', '/']).unwrap_or(rest.len());
        Encoding::for_label(rest.get(..end)?.as_bytes())
    };
    let head = String::from_utf8_lossy(bytes.get(..PRESCAN.min(bytes.len())).unwrap_or_default())
        .to_ascii_lowercase();
    let encoding = kind.and_then(|kind| label(&kind.to_ascii_lowercase())).or_else(|| label(&head));
    // A file that is UTF-8 hardly is anything else.
    let encoding = encoding.unwrap_or(match std::str::from_utf8(bytes) {
        Ok(_) => encoding_rs::UTF_8,
        Err(_) => WINDOWS_1252,
    });
    encoding.decode(bytes).0.into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_read_in_its_charset() {
        assert_eq!(decoded("ä".as_bytes(), None), "ä");
        assert_eq!(decoded(b"\xe4", None), "ä");
        assert_eq!(decoded(b"\xe4", Some("text/html; charset=ISO-8859-1")), "ä");
        assert_eq!(
            decoded(b"\xcf\xf0<meta charset='windows-1251'>", None),
            "Пр<meta charset='windows-1251'>"
        );
        // Its own mark wins.
        assert_eq!(decoded(b"\xef\xbb\xbf\xc3\xa4", Some("text/html; charset=ISO-8859-1")), "ä");
    }
}
